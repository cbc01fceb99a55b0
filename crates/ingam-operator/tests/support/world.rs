use std::sync::{
    Arc, Mutex,
    atomic::{AtomicBool, Ordering},
};

use bytes::Bytes;
use http::{Method, Request, header};
use ingam_access_key::{FintechRecord, RequestForm};
use ingam_contract::{Events, FailingStore, Loopback, TestClock};
use ingam_jose::{CryptoProvider, KeySet, RingProvider, SignatureAlgorithm};
use ingam_keys::{Algorithm, KeySpec, KeyVault, Purpose, RecordSealer, Records, RotationPolicy, RotationTimes};
use ingam_operator::{
    DataBank, Entrance, Identity, NoBlocks, NoRisk, Operator, OperatorKeys, OperatorParts, Profile, SimpleConsent,
    StoredDirectory,
};
use ingam_ports::{
    AuditSink, Outcome, PeerIdentity, RecordError, Row, RowKey, SecurityEvent, Step, Store, Table, Transport,
};
use ingam_store::{MemoryRateLimiter, MemoryStore, RateLimit, StoreReplayGuard};
use ingam_wire::{BoxFuture, Seconds, SecretBytes, UnixTime};

use super::{Answer, Browser, CALLBACK, CHALLENGE, Fintech, Post, Users, VERIFIER};

pub(crate) const PROVIDER: RingProvider = RingProvider;
pub(crate) const BASE: &str = "https://bank.example";

/// Everything at once.
pub(crate) struct World {
    pub(crate) clock: TestClock,
    pub(crate) memory: Arc<dyn Store>,
    pub(crate) store: Arc<FailingStore>,
    pub(crate) directory: Arc<StoredDirectory>,
    pub(crate) audit: Arc<Events>,
    pub(crate) users: Arc<Users>,
    pub(crate) keys: Arc<OperatorKeys>,
    pub(crate) records: Records,
    pub(crate) parts: OperatorParts,
    pub(crate) operator: Arc<Operator>,
    pub(crate) network: Loopback,
    nonce: Mutex<Option<String>>,
}

/// What a world is made with.
pub(crate) struct Setup {
    pub(crate) profile: Profile,
    pub(crate) parts: Box<dyn FnOnce(&mut OperatorParts)>,
    pub(crate) memory: Option<Arc<dyn Store>>,
    pub(crate) provider: Arc<dyn CryptoProvider>,
}

impl Default for Setup {
    fn default() -> Self {
        Self { profile: Profile::fapi2_security(), parts: Box::new(|_| {}), memory: None, provider: Arc::new(PROVIDER) }
    }
}

impl World {
    pub(crate) async fn new() -> Self {
        Self::with(Setup::default()).await
    }

    pub(crate) async fn under(profile: Profile) -> Self {
        Self::with(Setup { profile, ..Setup::default() }).await
    }

    pub(crate) async fn with(setup: Setup) -> Self {
        let clock = TestClock::default();
        let memory = setup.memory.unwrap_or_else(|| Arc::new(MemoryStore::new()));
        let store = Arc::new(FailingStore::new(memory.clone()));
        let provider = setup.provider;
        let sealer = Arc::new(RecordSealer::new(provider.clone(), &SecretBytes::new(vec![7; 32])));
        let records = Records::new(store.clone(), sealer.clone());
        let keys = Arc::new(OperatorKeys::open(vault(records.clone()), clock.now()).await.unwrap());
        // A key signs only after everybody could have seen it.
        clock.advance(Seconds::new(120));
        keys.refresh(clock.now()).await.unwrap();
        let directory = Arc::new(StoredDirectory::new(records.clone(), provider.clone()));
        let (audit, users) = (Arc::new(Events::default()), Arc::new(Users::default()));
        let shown = clock.clone();
        let mut parts = OperatorParts {
            identity: Identity {
                issuer: BASE.parse().unwrap(),
                resource: BASE.parse().unwrap(),
                mtls_base: Some("https://mtls.bank.example".parse().unwrap()),
                not_before: None,
            },
            profile: setup.profile,
            production: false,
            provider: provider.clone(),
            clock: Arc::new(move || shown.now()),
            store: store.clone(),
            sealer,
            keys: keys.clone(),
            replay: Arc::new(StoreReplayGuard::new(store.clone(), Seconds::new(400))),
            audit: audit.clone(),
            limiter: Arc::new(MemoryRateLimiter::new(RateLimit::new(10_000, Seconds::new(60)))),
            blocks: Arc::new(NoBlocks),
            risk: Arc::new(NoRisk),
            chains: None,
            directory: directory.clone(),
            users: users.clone(),
            consent: Arc::new(SimpleConsent { lasts: Seconds::new(90 * 86_400) }),
            bank: Arc::new(DataBank::load(include_bytes!("../../../../examples/data/bank.json")).unwrap()),
        };
        (setup.parts)(&mut parts);
        let operator = Operator::start(parts.clone()).unwrap();
        let network = Loopback::new();
        network.attach("bank.example", Arc::new(entrance(&operator)));
        let nonce = Mutex::default();
        Self { clock, memory, store, directory, audit, users, keys, records, parts, operator, network, nonce }
    }

    /// A second operator over the same store, as another node would be.
    pub(crate) fn another_node(&self) -> Arc<Operator> {
        Operator::start(self.parts.clone()).unwrap()
    }

    pub(crate) fn now(&self) -> UnixTime {
        self.clock.now()
    }

    /// Seconds go by; what is due in them is done.
    pub(crate) async fn later(&self, seconds: u64) {
        self.clock.advance(Seconds::new(seconds));
        self.operator.tend().await.unwrap();
    }

    pub(crate) async fn fintech(&self, id: &str) -> Fintech {
        self.fintech_with(id, |_| {}).await
    }

    /// Registers a fintech that was changed by `change`.
    pub(crate) async fn fintech_with(&self, id: &str, change: impl FnOnce(&mut Fintech)) -> Fintech {
        self.fintech_of(id, SignatureAlgorithm::Es256, change).await
    }

    pub(crate) async fn fintech_of(
        &self,
        id: &str,
        algorithm: SignatureAlgorithm,
        change: impl FnOnce(&mut Fintech),
    ) -> Fintech {
        let mut fintech = Fintech::new(id, algorithm);
        change(&mut fintech);
        self.register(&fintech).await;
        fintech
    }

    pub(crate) async fn register(&self, fintech: &Fintech) {
        let record = FintechRecord::new(fintech.entry.clone()).unwrap();
        self.directory.put(&record, self.now()).await.unwrap();
    }

    /// The server nonce last handed out, if any was.
    pub(crate) fn nonce(&self) -> Option<String> {
        self.nonce.lock().unwrap().clone()
    }

    pub(crate) async fn send(&self, request: Request<Bytes>) -> Answer {
        self.kept(self.network.exchange(request).await.unwrap().into())
    }

    /// Sends with the fintech's certificate, if it has one.
    pub(crate) async fn send_by(&self, fintech: &Fintech, request: Request<Bytes>) -> Answer {
        match &fintech.certificate {
            Some(shown) => self.send_showing(shown.clone(), request).await,
            None => self.send(request).await,
        }
    }

    pub(crate) async fn send_showing(&self, shown: PeerIdentity, request: Request<Bytes>) -> Answer {
        self.kept(self.network.with_identity(shown).exchange(request).await.unwrap().into())
    }

    fn kept(&self, answer: Answer) -> Answer {
        if let Some(nonce) = answer.header("dpop-nonce") {
            *self.nonce.lock().unwrap() = Some(nonce.to_owned());
        }
        answer
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(Request::get(format!("{BASE}{path}")).body(Bytes::new()).unwrap()).await
    }

    /// A push as it should be; signed where the fintech is registered so or the profile demands it.
    pub(crate) async fn push<'a>(&'a self, fintech: &'a Fintech) -> Post<'a> {
        let form = [
            ("response_type", "code"),
            ("redirect_uri", CALLBACK),
            ("scope", "accounts balances"),
            ("code_challenge", CHALLENGE),
            ("code_challenge_method", "S256"),
            ("state", "state-1"),
        ];
        let post = Post::new(self, fintech, "/par", &form).await;
        let record = FintechRecord::new(fintech.entry.clone()).unwrap();
        match record.request_form(&self.parts.profile.access_key) {
            RequestForm::Pushed => post,
            RequestForm::Signed => post.signed(),
        }
    }

    /// The redemption of `code` as it should be.
    pub(crate) async fn redeem<'a>(&'a self, fintech: &'a Fintech, code: &str) -> Post<'a> {
        let form = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", CALLBACK),
            ("code_verifier", VERIFIER),
        ];
        Post::new(self, fintech, "/token", &form).await
    }

    pub(crate) async fn refresh<'a>(&'a self, fintech: &'a Fintech, token: &str) -> Post<'a> {
        Post::new(self, fintech, "/token", &[("grant_type", "refresh_token"), ("refresh_token", token)]).await
    }

    pub(crate) async fn introspect<'a>(&'a self, caller: &'a Fintech, token: &str) -> Post<'a> {
        Post::new(self, caller, "/introspect", &[("token", token)]).await
    }

    pub(crate) async fn revoke<'a>(&'a self, fintech: &'a Fintech, token: &str) -> Post<'a> {
        Post::new(self, fintech, "/revoke", &[("token", token)]).await
    }

    /// Pushes `post` and lets alice agree to everything; the answer is the redirect.
    pub(crate) async fn agreed(&self, fintech: &Fintech, post: Post<'_>) -> Answer {
        let pushed = post.send().await;
        assert_eq!(pushed.status, 201, "{} {:?}", pushed.text(), self.audit.refusals());
        let mut browser = Browser::default();
        let page = browser.open_pushed(self, fintech.id(), &pushed.member("request_uri")).await;
        assert_eq!(page.status, 200, "{} {:?}", page.text(), self.audit.refusals());
        let landing = browser.approve(self, &page, "alice").await;
        assert_eq!(landing.status, 303, "{} {:?}", landing.text(), self.audit.refusals());
        landing
    }

    /// A code for what `push` asks by default.
    pub(crate) async fn code(&self, fintech: &Fintech) -> String {
        let landing = self.agreed(fintech, self.push(fintech).await).await;
        landing.parameter("code").unwrap()
    }

    /// The whole of phase A.
    pub(crate) async fn tokens(&self, fintech: &Fintech) -> Answer {
        let code = self.code(fintech).await;
        let tokens = self.redeem(fintech, &code).await.send().await;
        assert_eq!(tokens.status, 200, "{} {:?}", tokens.text(), self.audit.refusals());
        tokens
    }

    /// A call of phase B with the fintech's own proof.
    pub(crate) async fn call(&self, fintech: &Fintech, token: &str, path: &str) -> Answer {
        let (scheme, proof) = match fintech.entry.binding {
            ingam_access_key::Binding::Dpop => {
                let nonce = self.nonce();
                let proof =
                    Fintech::proof(&fintech.dpop, &Method::GET, path, Some(token), nonce.as_deref(), self.now()).await;
                ("DPoP", Some(proof))
            }
            ingam_access_key::Binding::Mtls => ("Bearer", None),
        };
        let mut request =
            Request::get(format!("{BASE}{path}")).header(header::AUTHORIZATION, format!("{scheme} {token}"));
        if let Some(proof) = proof {
            request = request.header("dpop", proof);
        }
        self.send_by(fintech, request.body(Bytes::new()).unwrap()).await
    }

    pub(crate) fn verifying(&self, purpose: Purpose) -> KeySet {
        self.keys.verifying(purpose, self.now())
    }

    /// How many rows each table holds, the record of events left out.
    pub(crate) async fn rows(&self) -> Vec<(Table, usize)> {
        let mut counts = Vec::new();
        for table in TABLES {
            counts.push((table, self.rows_of(table).await.len()));
        }
        counts
    }

    pub(crate) async fn rows_of(&self, table: Table) -> Vec<Row> {
        let first = RowKey::new(&[]).unwrap();
        self.memory.list(table, &first, 100_000, self.now()).await.unwrap()
    }
}

/// The tables that a request may write to.
const TABLES: [Table; 9] = [
    Table::PushedRequests,
    Table::Sessions,
    Table::Codes,
    Table::Grants,
    Table::RefreshTokens,
    Table::AccessKeys,
    Table::Claims,
    Table::Fintechs,
    Table::Changes,
];

pub(crate) fn entrance(operator: &Arc<Operator>) -> Entrance {
    operator.entrance(&BASE.parse().unwrap()).unwrap()
}

fn vault(records: Records) -> KeyVault {
    let owner = "security@bank.example".parse().unwrap();
    let specs = OperatorKeys::specs(&owner, RotationPolicy::new(RotationTimes::default()).unwrap());
    KeyVault::new(records, ingam_keys::Environment::Test, specs).unwrap()
}
