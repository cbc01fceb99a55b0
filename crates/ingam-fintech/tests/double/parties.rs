//! A fintech, its store and its user, wired to the operator.

use std::sync::{Arc, Mutex};

use ingam_contract::{Loopback, TestClock};
use ingam_fintech::{
    AccessId, Authentication, Binding, Fintech, FintechError, LocalUser, Membership, Messages, Redirect, RequestForm,
    Wanted,
};
use ingam_jose::{RingProvider, SignatureAlgorithm, SigningKey};
use ingam_keys::{RecordSealer, Records};
use ingam_ports::Endpoint;
use ingam_protocol::{Issuer, ResponseMode};
use ingam_store::MemoryStore;
use ingam_wire::{SecretBytes, UnixTime};
use serde_json::{Value, json};

use super::{Double, HOST, MTLS_HOST, State, lies::Lies};

pub(crate) struct World {
    pub(crate) operator: Arc<Double>,
    pub(crate) network: Loopback,
    pub(crate) clock: TestClock,
    pub(crate) store: Arc<MemoryStore>,
    pub(crate) provider: Arc<RingProvider>,
    pub(crate) membership: Membership,
}

pub(crate) fn order() -> Value {
    json!({
        "debtorAccount": "acc-1", "instructedAmount": {"currency": "KRW", "amount": "12000"}, "creditorName": "김철수",
        "creditorAccount": {"bank_code": "097", "number": "123456789012"}
    })
}

impl World {
    /// An operator at `https://op.example/t/x/` and a fintech `c1` that pushes plainly, with DPoP and signed messages.
    pub(crate) fn new() -> Self {
        let provider = Arc::new(RingProvider);
        let clock = TestClock::default();
        let key = |algorithm| Arc::new(SigningKey::generate(algorithm, &*provider).unwrap());
        let (assertion, proof, message, object) = (
            key(SignatureAlgorithm::Es256),
            key(SignatureAlgorithm::EdDsa),
            key(SignatureAlgorithm::Es256),
            key(SignatureAlgorithm::Es256),
        );
        let issuer: Issuer = format!("{HOST}/t/x/").parse().unwrap();
        let fintech = [&assertion, &message, &object].map(|key| key.public().clone()).to_vec();
        let membership = Membership {
            issuer: issuer.clone(),
            client_id: "c1".parse().unwrap(),
            authentication: Authentication::PrivateKeyJwt(assertion),
            binding: Binding::Dpop(proof),
            request: RequestForm::Pushed,
            response: ResponseMode::Query,
            redirect_uri: "https://fintech.example/cb?a=b".parse().unwrap(),
            resource: HOST.parse().unwrap(),
            messages: Messages::fapi(message),
            use_mtls_endpoint_aliases: false,
        };
        let _ = object;
        let signing = |algorithm| SigningKey::generate(algorithm, &*provider).unwrap();
        let operator = Arc::new(Double {
            issuer,
            clock: clock.clone(),
            provider: Arc::clone(&provider),
            key: signing(SignatureAlgorithm::Es256),
            other_key: signing(SignatureAlgorithm::Es256),
            fintech,
            lies: Mutex::new(Lies::default()),
            state: Mutex::new(State::default()),
        });
        let network = Loopback::new();
        let endpoint: Arc<dyn Endpoint> = operator.clone();
        network.attach("op.example", Arc::clone(&endpoint));
        network.attach(MTLS_HOST.strip_prefix("https://").unwrap(), endpoint);
        Self { operator, network, clock, store: Arc::new(MemoryStore::new()), provider, membership }
    }

    pub(crate) fn records(&self) -> Records {
        let master = SecretBytes::new(vec![7; 32]);
        let sealer = RecordSealer::new(self.provider.clone(), &master);
        Records::new(self.store.clone(), Arc::new(sealer))
    }

    /// One node of the fintech; all nodes share the store.
    pub(crate) fn node(&self) -> Fintech {
        let clock = self.clock.clone();
        let clock = Arc::new(move || -> UnixTime { clock.now() });
        Fintech::new(self.provider.clone(), self.records(), clock)
            .with(self.membership.clone(), Arc::new(self.network.clone()))
    }

    pub(crate) async fn begun(&self, node: &Fintech, scope: &str) -> Result<Redirect, FintechError> {
        let wanted = Wanted::scopes(scope.parse().unwrap());
        node.begin(&self.membership.issuer, user(), wanted).await
    }

    /// From the user's wish to the access key.
    pub(crate) async fn walk(&self, node: &Fintech, scope: &str) -> Result<AccessId, FintechError> {
        let redirect = self.begun(node, scope).await?;
        let query = self.operator.authorize(&redirect.url).await;
        node.complete(&query, &cookies(&redirect)).await
    }
}

pub(crate) fn user() -> LocalUser {
    "kim".parse().unwrap()
}

/// The `Cookie` field of the user agent, with another site's cookie beside ours.
pub(crate) fn cookies(redirect: &Redirect) -> String {
    format!("theme=dark; {}={}", redirect.cookie.name(), redirect.cookie.value())
}
