//! An operator with two banks behind it and a fintech in front of it, in memory, with a clock the test moves.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicBool, Ordering},
};

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, header};
use ingam_access_key::{
    FintechEntry, FintechRecord, FintechStatus, KeySource, ProofTarget, challenge_of, make_assertion, make_proof,
    make_verifier,
};
pub(crate) use ingam_contract::certificate;
use ingam_contract::{Events, FailingStore, Loopback, TestClock};
use ingam_jose::{KeySet, RingProvider, SignatureAlgorithm, Signer as _, SigningKey};
use ingam_keys::{KeyVault, Purpose, RecordSealer, Records, RotationPolicy, RotationTimes};
use ingam_operator::{
    DataBank, Entrance, Identity, Operator, OperatorKeys, OperatorParts, PasswordUsers, Profile, SimpleConsent,
    StoredDirectory,
};
use ingam_ports::{BlockList, PeerIdentity, PortError, Risk, RiskDecision, Subject, Transport};
use ingam_protocol::details::AuthorizationDetail;
use ingam_store::{MemoryRateLimiter, MemoryStore, RateLimit, StoreReplayGuard};
use ingam_transaction::{
    policy::{FAPI_2_REQUEST, FAPI_2_RESPONSE},
    request::{self, SentRequest},
    response::{self, VerifiedResponse},
};
use ingam_wire::{BoxFuture, HttpUrl, Seconds, SecretBytes, UnixTime};

pub(crate) const PROVIDER: RingProvider = RingProvider;
pub(crate) const BASE: &str = "https://bank.example";
const REDIRECT: &str = "https://fintech.example/callback";

/// Everything at once.
pub(crate) struct World {
    pub(crate) clock: TestClock,
    pub(crate) store: Arc<FailingStore>,
    pub(crate) directory: Arc<StoredDirectory>,
    pub(crate) audit: Arc<Events>,
    pub(crate) bank: Arc<Wire>,
    pub(crate) blocks: Arc<Switch>,
    pub(crate) risk: Arc<Answering>,
    pub(crate) keys: Arc<OperatorKeys>,
    pub(crate) records: Records,
    pub(crate) entrance: Arc<Entrance>,
    network: Loopback,
}

/// A fintech with its keys.
pub(crate) struct Fintech {
    pub(crate) id: &'static str,
    pub(crate) signing: SigningKey,
    pub(crate) dpop: SigningKey,
    pub(crate) certificate: Option<PeerIdentity>,
}

/// What a world is made with.
pub(crate) struct Setup {
    pub(crate) user: &'static str,
    pub(crate) profile: Profile,
    pub(crate) production: bool,
}

impl Default for Setup {
    fn default() -> Self {
        Self { user: "alice", profile: Profile::fapi2_security(), production: false }
    }
}

impl World {
    pub(crate) async fn new() -> Self {
        Self::with(Setup::default()).await
    }

    pub(crate) async fn with(setup: Setup) -> Self {
        let clock = TestClock::default();
        let now = clock.now();
        let store = Arc::new(FailingStore::new(Arc::new(MemoryStore::new())));
        let provider = Arc::new(PROVIDER);
        let sealer = Arc::new(RecordSealer::new(provider.clone(), &SecretBytes::new(vec![7; 32])));
        let records = Records::new(store.clone(), sealer.clone());
        let keys = Arc::new(OperatorKeys::open(vault(records.clone()), now).await.unwrap());
        // A key signs only after everybody could have seen it.
        clock.advance(Seconds::new(120));
        keys.refresh(clock.now()).await.unwrap();
        let directory = Arc::new(StoredDirectory::new(records.clone(), provider.clone()));
        let (audit, blocks) = (Arc::new(Events::default()), Arc::new(Switch::default()));
        let (risk, bank) = (Arc::new(Answering::default()), Arc::new(Wire::default()));
        let shown = clock.clone();
        let parts = OperatorParts {
            identity: Identity {
                issuer: BASE.parse().unwrap(),
                resource: BASE.parse().unwrap(),
                mtls_base: None,
                not_before: None,
            },
            profile: setup.profile,
            production: setup.production,
            provider: provider.clone(),
            clock: Arc::new(move || shown.now()),
            store: store.clone(),
            sealer,
            keys: keys.clone(),
            replay: Arc::new(StoreReplayGuard::new(store.clone(), Seconds::new(400))),
            audit: audit.clone(),
            limiter: Arc::new(MemoryRateLimiter::new(RateLimit::new(10_000, Seconds::new(60)))),
            blocks: blocks.clone(),
            risk: risk.clone(),
            chains: None,
            directory: directory.clone(),
            users: Arc::new(PasswordUsers::new(vec![], Some(setup.user.parse().unwrap()), provider.clone()).unwrap()),
            consent: Arc::new(SimpleConsent { lasts: Seconds::new(86_400) }),
            bank: bank.clone(),
        };
        let operator = Operator::start(parts).unwrap();
        let entrance = Arc::new(operator.entrance(&BASE.parse().unwrap()).unwrap());
        let network = Loopback::new();
        network.attach("bank.example", entrance.clone());
        Self { clock, store, directory, audit, bank, blocks, risk, keys, records, entrance, network }
    }

    pub(crate) fn now(&self) -> UnixTime {
        self.clock.now()
    }

    pub(crate) async fn fintech(&self, id: &'static str) -> Fintech {
        self.fintech_with(id, |_| {}).await
    }

    /// Registers a fintech whose entry is changed by `change`.
    pub(crate) async fn fintech_with(&self, id: &'static str, change: impl FnOnce(&mut FintechEntry)) -> Fintech {
        let generate = || SigningKey::generate(SignatureAlgorithm::Es256, &PROVIDER).unwrap();
        let fintech = Fintech { id, signing: generate(), dpop: generate(), certificate: None };
        let mut entry = fintech.entry();
        change(&mut entry);
        self.put(entry).await;
        fintech
    }

    pub(crate) async fn put(&self, entry: FintechEntry) {
        self.directory.put(&FintechRecord::new(entry).unwrap(), self.now()).await.unwrap();
    }

    /// The whole of phase A: an access key for `scope`, or for details.
    pub(crate) async fn consent(&self, fintech: &Fintech, scope: &str, details: Option<&str>) -> String {
        let verifier = make_verifier(&PROVIDER).unwrap();
        let challenge = challenge_of(&verifier, &PROVIDER).to_string();
        let mut form = vec![
            ("response_type", "code".to_owned()),
            ("redirect_uri", REDIRECT.to_owned()),
            ("code_challenge", challenge),
            ("code_challenge_method", "S256".to_owned()),
            ("state", "state-1".to_owned()),
        ];
        if !scope.is_empty() {
            form.push(("scope", scope.to_owned()));
        }
        if let Some(details) = details {
            form.push(("authorization_details", details.to_owned()));
        }
        let pushed = self.post_form(fintech, "/par", form).await;
        assert_eq!(pushed.status(), StatusCode::CREATED, "{:?}", pushed.body());
        let request_uri = member(pushed.body(), "request_uri");
        let query = form_urlencoded(&[("client_id", fintech.id), ("request_uri", &request_uri)]);
        let asked = Request::get(format!("{BASE}/authorize?{query}")).body(Bytes::new()).unwrap();
        let answered = self.send(asked).await;
        assert_eq!(answered.status(), StatusCode::SEE_OTHER, "{:?}", answered.body());
        let location = answered.headers()[header::LOCATION].to_str().unwrap();
        let code = location.split(['?', '&']).find_map(|pair| pair.strip_prefix("code=")).unwrap().to_owned();
        let form = vec![
            ("grant_type", "authorization_code".to_owned()),
            ("code", code),
            ("redirect_uri", REDIRECT.to_owned()),
            ("code_verifier", verifier.expose().to_owned()),
        ];
        let token = self.post_form(fintech, "/token", form).await;
        assert_eq!(token.status(), StatusCode::OK, "{:?} {:?}", token.body(), self.last_refusal());
        member(token.body(), "access_token")
    }

    pub(crate) async fn post_form(
        &self,
        fintech: &Fintech,
        path: &str,
        mut form: Vec<(&str, String)>,
    ) -> Response<Bytes> {
        let (id, issuer) = (fintech.id.parse().unwrap(), BASE.parse().unwrap());
        let assertion = make_assertion(&id, &issuer, &fintech.signing, &PROVIDER, self.now()).await.unwrap();
        form.push(("client_id", fintech.id.to_owned()));
        form.push(("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer".to_owned()));
        form.push(("client_assertion", assertion));
        let url: HttpUrl = format!("{BASE}{path}").parse().unwrap();
        let target = ProofTarget { method: &Method::POST, url: &url, access_key: None };
        let proof = make_proof(&fintech.dpop, &PROVIDER, target, None, self.now()).await.unwrap();
        let pairs = form.iter().map(|(name, value)| (*name, value.as_str())).collect::<Vec<_>>();
        let request = Request::post(url.as_str())
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header("dpop", proof)
            .body(form_urlencoded(&pairs).into());
        match &fintech.certificate {
            Some(identity) => self.send_as(request.unwrap(), identity.clone()).await,
            None => self.send(request.unwrap()).await,
        }
    }

    pub(crate) async fn send(&self, request: Request<Bytes>) -> Response<Bytes> {
        self.network.exchange(request).await.unwrap()
    }

    /// The same, from whoever shows a certificate.
    pub(crate) async fn send_as(&self, request: Request<Bytes>, identity: PeerIdentity) -> Response<Bytes> {
        self.network.with_identity(identity).exchange(request).await.unwrap()
    }

    /// A call with proof, not signed.
    pub(crate) async fn call(&self, fintech: &Fintech, token: &str, method: Method, path: &str) -> Request<Bytes> {
        self.call_with(fintech, token, method, path, &[], "").await
    }

    pub(crate) async fn call_with(
        &self,
        fintech: &Fintech,
        token: &str,
        method: Method,
        path: &str,
        fields: &[(&'static str, &str)],
        body: &str,
    ) -> Request<Bytes> {
        let url: HttpUrl = format!("{BASE}{path}").parse().unwrap();
        let target = ProofTarget { method: &method, url: &url, access_key: Some(token) };
        let proof = make_proof(&fintech.dpop, &PROVIDER, target, None, self.now()).await.unwrap();
        let mut request = Request::builder()
            .method(method)
            .uri(url.as_str())
            .header(header::AUTHORIZATION, format!("DPoP {token}"))
            .header("dpop", proof);
        if !body.is_empty() {
            request = request.header(header::CONTENT_TYPE, "application/json");
        }
        for (name, value) in fields {
            request = request.header(*name, *value);
        }
        request.body(body.to_owned().into()).unwrap()
    }

    /// Signs a call.
    pub(crate) async fn sign(&self, fintech: &Fintech, request: Request<Bytes>) -> (Request<Bytes>, SentRequest) {
        request::sign(request, &fintech.signing, &FAPI_2_REQUEST, &PROVIDER, &PROVIDER, self.now()).await.unwrap()
    }

    /// Signs a call, sends it, and believes the answer only when it is signed and bound to the call.
    pub(crate) async fn exchange(&self, fintech: &Fintech, request: Request<Bytes>) -> VerifiedResponse {
        let (request, sent) = self.sign(fintech, request).await;
        let answer = self.send(request).await;
        self.verify(&sent, answer)
    }

    pub(crate) fn verify(&self, sent: &SentRequest, answer: Response<Bytes>) -> VerifiedResponse {
        response::verify(sent, answer, &self.response_keys(), &FAPI_2_RESPONSE, &PROVIDER, self.now()).unwrap()
    }

    pub(crate) fn response_keys(&self) -> KeySet {
        self.keys.verifying(Purpose::SignResponses, self.now())
    }

    /// The reason of the last refusal on record.
    pub(crate) fn last_refusal(&self) -> Option<&'static str> {
        self.audit.refusals().last().copied()
    }
}

impl Fintech {
    pub(crate) fn entry(&self) -> FintechEntry {
        let keys = KeySource::of([self.signing.verifying_key().clone()]);
        FintechEntry {
            status: FintechStatus::Active,
            redirect_uris: vec![REDIRECT.parse().unwrap()],
            scopes: "accounts balances transactions payments".parse().unwrap(),
            authorization_details_types: AuthorizationDetail::TYPES.map(str::to_owned).to_vec(),
            ..FintechEntry::new(self.id.parse().unwrap(), "모두의 가계부", "security@fintech.example", keys)
        }
    }
}

fn vault(records: Records) -> KeyVault {
    let owner = "security@bank.example".parse().unwrap();
    let specs = OperatorKeys::specs(&owner, RotationPolicy::new(RotationTimes::default()).unwrap());
    KeyVault::new(records, ingam_keys::Environment::Test, specs).unwrap()
}

/// A member of a JSON object.
pub(crate) fn member(body: &[u8], name: &str) -> String {
    json(body)[name].as_str().unwrap_or_else(|| panic!("{name} in {:?}", String::from_utf8_lossy(body))).to_owned()
}

pub(crate) fn json(body: &[u8]) -> serde_json::Value {
    serde_json::from_slice(body).unwrap()
}

fn form_urlencoded(pairs: &[(&str, &str)]) -> String {
    pairs.iter().fold(ingam_wire::form::Form::default(), |form, (name, value)| form.with(name, value)).encode()
}

/// A block list with one switch.
#[derive(Debug, Default)]
pub(crate) struct Switch(pub(crate) AtomicBool);

impl BlockList for Switch {
    fn blocked<'a>(&'a self, subject: Subject<'a>, _now: UnixTime) -> BoxFuture<'a, Result<bool, PortError>> {
        Box::pin(async move { Ok(subject.operation != "consent" && self.0.load(Ordering::SeqCst)) })
    }
}

/// Fraud detection that says what it is told to say.
#[derive(Debug, Default)]
pub(crate) struct Answering(Mutex<Option<Result<Risk, PortError>>>);

impl Answering {
    pub(crate) fn say(&self, answer: Result<Risk, PortError>) {
        *self.0.lock().unwrap() = Some(answer);
    }
}

impl RiskDecision for Answering {
    fn decide<'a>(&'a self, _subject: Subject<'a>, _now: UnixTime) -> BoxFuture<'a, Result<Risk, PortError>> {
        Box::pin(async move { self.0.lock().unwrap().unwrap_or(Ok(Risk::Allow)) })
    }
}

pub(crate) use crate::bank_wire::Wire;

/// One field line, as text.
pub(crate) fn field<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).map(|value: &HeaderValue| value.to_str().unwrap())
}

pub(crate) fn data_banks() -> ingam_operator::Banks {
    DataBank::load(include_bytes!("../../../../examples/data/bank.json")).unwrap()
}
