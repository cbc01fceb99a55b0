//! The operator with two banks and their data, a fintech, and a user with a browser.

use std::sync::Arc;

use bytes::Bytes;
use http::{Request, Response};
use ingam_access_key::{FintechEntry, FintechRecord, FintechStatus, HttpSignatures, KeySource};
use ingam_contract::{Loopback, TestClock};
use ingam_fintech::{
    AccessId, Authentication, Binding, Fintech, FintechError, Membership, Messages, RequestForm, Wanted,
};
use ingam_jose::{RingProvider, SignatureAlgorithm, Signer as _, SigningKey};
use ingam_keys::{KeyVault, RecordSealer, Records, RotationPolicy, RotationTimes};
use ingam_operator::{
    DataBank, Identity, Operator, OperatorKeys, OperatorParts, PasswordUser, PasswordUsers, Profile, SimpleConsent,
    StoredDirectory,
};
use ingam_ports::{
    AuditSink, BlockList, PortError, RecordError, Risk, RiskDecision, SecurityEvent, Subject, Transport,
};
use ingam_protocol::{ResponseMode, details::AuthorizationDetail};
use ingam_store::{MemoryRateLimiter, MemoryStore, RateLimit, StoreReplayGuard};
use ingam_wire::{BoxFuture, Seconds, SecretBytes, SecretText, UnixTime};

use crate::user_agent::{Landed, UserAgent};

pub(crate) const PROVIDER: RingProvider = RingProvider;
const BASE: &str = "https://bank.example";
pub(crate) const REDIRECT: &str = "https://fintech.example/callback?from=bank";

pub(crate) struct World {
    pub(crate) clock: TestClock,
    pub(crate) fintech: Fintech,
    pub(crate) membership: Membership,
    network: Loopback,
    records: Records,
    operator: Arc<Operator>,
}

/// What is agreed between the two.
pub(crate) struct Setup {
    pub(crate) profile: Profile,
    pub(crate) request: ingam_access_key::RequestForm,
    pub(crate) response: ResponseMode,
    pub(crate) http_signatures: HttpSignatures,
    pub(crate) messages: bool,
}

impl Default for Setup {
    fn default() -> Self {
        Self {
            profile: Profile::fapi2_security(),
            request: ingam_access_key::RequestForm::Pushed,
            response: ResponseMode::Query,
            http_signatures: HttpSignatures::Required,
            messages: true,
        }
    }
}

impl World {
    pub(crate) async fn new(setup: Setup) -> Self {
        let clock = TestClock::default();
        let network = Loopback::new();
        let keys = FintechKeys::new();
        let operator = start_operator(&setup, &clock, &network, keys.entry(&setup)).await;
        let membership = keys.membership(&setup);
        let sealer = RecordSealer::new(Arc::new(PROVIDER), &SecretBytes::new(vec![9; 32]));
        let records = Records::new(Arc::new(MemoryStore::new()), Arc::new(sealer));
        let fintech = node(&records, &clock, &membership, &network);
        Self { clock, fintech, membership, network, records, operator }
    }

    /// Time passes, and the operator does what is due.
    pub(crate) async fn wait(&self, span: Seconds) {
        self.clock.advance(span);
        self.operator.tend().await.unwrap();
    }

    /// The fintech started anew with the membership as it is now.
    pub(crate) fn rejoin(&mut self) {
        self.fintech = node(&self.records, &self.clock, &self.membership, &self.network);
    }

    pub(crate) async fn send(&self, request: Request<Bytes>) -> Response<Bytes> {
        self.network.exchange(request).await.unwrap()
    }

    pub(crate) async fn walk(&self, wanted: Wanted) -> Result<AccessId, FintechError> {
        self.walk_with(wanted, "approve").await
    }

    /// From the wish to the access key, through the operator's pages, pressing `button` on each.
    pub(crate) async fn walk_with(&self, wanted: Wanted, button: &str) -> Result<AccessId, FintechError> {
        let redirect = self.fintech.begin(&self.membership.issuer, "kim".parse().unwrap(), wanted).await?;
        let mut browser = UserAgent::new(Arc::new(self.network.clone()), REDIRECT);
        browser.set_cookie("https://fintech.example", &redirect.cookie.set_cookie());
        let query = browse(&mut browser, &redirect.url, button).await;
        self.fintech.complete(&query, &browser.cookies_of("https://fintech.example")).await
    }

    /// The query with which a browser comes back from `url`.
    #[cfg(feature = "oauth2")]
    pub(crate) async fn browse(&self, url: &str) -> String {
        browse(&mut UserAgent::new(Arc::new(self.network.clone()), REDIRECT), url, "approve").await
    }
}

async fn browse(browser: &mut UserAgent, url: &str, button: &str) -> String {
    let mut landed = browser.open(url).await.unwrap();
    for _ in 0..5 {
        let page = match landed {
            Landed::Home(url) => return url.split_once('?').unwrap().1.to_owned(),
            Landed::Page(page) => page,
        };
        assert!(page.form.is_some(), "{} {}", page.status, page.html);
        let filled = [("username", "alice"), ("password", "correct horse")];
        landed = browser.submit(&page, &filled, button).await.unwrap();
    }
    panic!("the pages do not end");
}

fn node(records: &Records, clock: &TestClock, membership: &Membership, network: &Loopback) -> Fintech {
    let shown = clock.clone();
    Fintech::new(Arc::new(PROVIDER), records.clone(), Arc::new(move || -> UnixTime { shown.now() }))
        .with(membership.clone(), Arc::new(network.clone()))
}

/// One key for each purpose.
struct FintechKeys {
    assertions: Arc<SigningKey>,
    objects: Arc<SigningKey>,
    messages: Arc<SigningKey>,
    proofs: Arc<SigningKey>,
}

impl FintechKeys {
    fn new() -> Self {
        let key = || Arc::new(SigningKey::generate(SignatureAlgorithm::Es256, &PROVIDER).unwrap());
        Self { assertions: key(), objects: key(), messages: key(), proofs: key() }
    }

    fn entry(&self, setup: &Setup) -> FintechEntry {
        let registered = [&self.assertions, &self.objects, &self.messages];
        let keys = KeySource::of(registered.map(|key| key.verifying_key().clone()));
        FintechEntry {
            status: FintechStatus::Active,
            request: setup.request,
            response: setup.response,
            redirect_uris: vec![REDIRECT.parse().unwrap()],
            scopes: "openid accounts balances transactions payments".parse().unwrap(),
            authorization_details_types: AuthorizationDetail::TYPES.map(str::to_owned).to_vec(),
            http_signatures: setup.http_signatures,
            ..FintechEntry::new("client-1".parse().unwrap(), "모두의 가계부", "security@fintech.example", keys)
        }
    }

    fn membership(&self, setup: &Setup) -> Membership {
        let signed = setup.request == ingam_access_key::RequestForm::Signed;
        Membership {
            issuer: BASE.parse().unwrap(),
            client_id: "client-1".parse().unwrap(),
            authentication: Authentication::PrivateKeyJwt(self.assertions.clone()),
            binding: Binding::Dpop(self.proofs.clone()),
            request: if signed { RequestForm::Signed(self.objects.clone()) } else { RequestForm::Pushed },
            response: setup.response,
            redirect_uri: REDIRECT.parse().unwrap(),
            resource: BASE.parse().unwrap(),
            messages: if setup.messages { Messages::fapi(self.messages.clone()) } else { Messages::Unsigned },
            use_mtls_endpoint_aliases: false,
        }
    }
}

async fn start_operator(setup: &Setup, clock: &TestClock, network: &Loopback, entry: FintechEntry) -> Arc<Operator> {
    let provider = Arc::new(PROVIDER);
    let store = Arc::new(MemoryStore::new());
    let sealer = Arc::new(RecordSealer::new(provider.clone(), &SecretBytes::new(vec![7; 32])));
    let records = Records::new(store.clone(), sealer.clone());
    let keys = OperatorKeys::open(vault(records.clone()), clock.now()).await.unwrap();
    // A key signs only after everybody could have seen it.
    clock.advance(Seconds::new(120));
    keys.refresh(clock.now()).await.unwrap();
    let directory = StoredDirectory::new(records, provider.clone());
    directory.put(&FintechRecord::new(entry).unwrap(), clock.now()).await.unwrap();
    let alice = PasswordUser::new("alice", &SecretText::new("correct horse".to_owned()), None, &PROVIDER).unwrap();
    let shown = clock.clone();
    let parts = OperatorParts {
        identity: Identity {
            issuer: BASE.parse().unwrap(),
            resource: BASE.parse().unwrap(),
            mtls_base: None,
            not_before: None,
        },
        profile: setup.profile.clone(),
        production: false,
        provider: provider.clone(),
        clock: Arc::new(move || shown.now()),
        store: store.clone(),
        sealer,
        keys: Arc::new(keys),
        replay: Arc::new(StoreReplayGuard::new(store, Seconds::new(400))),
        audit: Arc::new(Nothing),
        limiter: Arc::new(MemoryRateLimiter::new(RateLimit::new(10_000, Seconds::new(60)))),
        blocks: Arc::new(Nothing),
        risk: Arc::new(Nothing),
        chains: None,
        directory: Arc::new(directory),
        users: Arc::new(PasswordUsers::new(vec![alice], None, provider.clone()).unwrap()),
        consent: Arc::new(SimpleConsent { lasts: Seconds::new(86_400) }),
        bank: Arc::new(DataBank::load(include_bytes!("../../../../examples/data/bank.json")).unwrap()),
    };
    let operator = Operator::start(parts).unwrap();
    network.attach("bank.example", Arc::new(operator.entrance(&BASE.parse().unwrap()).unwrap()));
    operator
}

fn vault(records: Records) -> KeyVault {
    let owner = "security@bank.example".parse().unwrap();
    let specs = OperatorKeys::specs(&owner, RotationPolicy::new(RotationTimes::default()).unwrap());
    KeyVault::new(records, ingam_keys::Environment::Test, specs).unwrap()
}

/// No block, no risk, no record.
#[derive(Debug)]
struct Nothing;

impl AuditSink for Nothing {
    fn record(&self, event: SecurityEvent) -> BoxFuture<'_, Result<(), RecordError>> {
        if let ingam_ports::Outcome::Refused(reason) = event.outcome {
            eprintln!("the operator refused: {:?} {reason}", event.kind); // shown when the test fails
        }
        Box::pin(core::future::ready(Ok(())))
    }
}

impl BlockList for Nothing {
    fn blocked<'a>(&'a self, _subject: Subject<'a>, _now: UnixTime) -> BoxFuture<'a, Result<bool, PortError>> {
        Box::pin(core::future::ready(Ok(false)))
    }
}

impl RiskDecision for Nothing {
    fn decide<'a>(&'a self, _subject: Subject<'a>, _now: UnixTime) -> BoxFuture<'a, Result<Risk, PortError>> {
        Box::pin(core::future::ready(Ok(Risk::Allow)))
    }
}
