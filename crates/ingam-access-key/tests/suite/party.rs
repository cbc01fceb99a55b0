//! The parties of the tests: an operator, two fintechs and a user, with their keys, all in memory.

use std::{
    future::Future,
    pin::pin,
    sync::{Arc, LazyLock},
    task::{Context, Poll, Waker},
};

use http::{HeaderMap, HeaderValue, Method};
use ingam_access_key::*;
use ingam_jose::{CryptoProvider, KeySet, RingProvider, SignatureAlgorithm, Signer, SigningKey};
use ingam_keys::RecordSealer;
use ingam_ports::{Claim, Freshness, PeerIdentity, ReplayGuard, Unclaimed, settle};
use ingam_protocol::{AuthorizationRequest, ClientId, ClientParameters, CodeVerifier, Issuer, Resource, UserId};
use ingam_store::MemoryReplayGuard;
use ingam_wire::{HttpUrl, Seconds, SecretBytes, SecretText, UnixTime, base64url};
use serde_json::{Value, json};

pub(crate) const NOW: UnixTime = UnixTime::from_secs(1_800_000_000);
pub(crate) const OPERATOR: &str = "https://op.example";
pub(crate) const RESOURCE: &str = "https://api.op.example";
pub(crate) const TOKEN_ENDPOINT: &str = "https://op.example/token";
pub(crate) const CALLBACK: &str = "https://fintech.example/callback";
pub(crate) const CALLBACK_2: &str = "https://two.example/callback?dummy1=lorem&dummy2=ipsum";

pub(crate) static PROVIDER: LazyLock<Arc<dyn CryptoProvider>> = LazyLock::new(|| Arc::new(RingProvider));
pub(crate) static POLICY: LazyLock<Arc<AccessKeyPolicy>> =
    LazyLock::new(|| Arc::new(AccessKeyPolicy::fapi2_security()));

/// The value of a future that waits for nothing.
pub(crate) fn ready<T>(future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    for _ in 0..1_000 {
        if let Poll::Ready(value) = future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            return value;
        }
    }
    panic!("the future waits for something")
}

pub(crate) fn provider() -> &'static dyn CryptoProvider {
    &**PROVIDER
}

pub(crate) fn after(seconds: i64) -> UnixTime {
    UnixTime::from_secs(NOW.secs() + seconds)
}

pub(crate) fn key(algorithm: SignatureAlgorithm) -> SigningKey {
    SigningKey::generate(algorithm, provider()).unwrap()
}

pub(crate) fn operator() -> Issuer {
    OPERATOR.parse().unwrap()
}

pub(crate) fn resource() -> Resource {
    RESOURCE.parse().unwrap()
}

pub(crate) fn url(text: &str) -> HttpUrl {
    text.parse().unwrap()
}

pub(crate) fn guard() -> MemoryReplayGuard {
    MemoryReplayGuard::new(100_000, Seconds::new(3600))
}

/// Claims in a fresh guard.
pub(crate) fn fresh<T>(unclaimed: Unclaimed<T>) -> T {
    fresh_at(unclaimed, NOW)
}

pub(crate) fn fresh_at<T>(unclaimed: Unclaimed<T>, now: UnixTime) -> T {
    ready(settle(unclaimed, &guard(), Default::default(), now)).unwrap().0
}

/// The claims that are left to settle, as a guard sees them.
pub(crate) fn claims_of<T>(unclaimed: Unclaimed<T>) -> Vec<Claim> {
    #[derive(Debug, Default)]
    struct Spy(std::sync::Mutex<Vec<Claim>>);
    impl ReplayGuard for Spy {
        fn claim_all<'a>(
            &'a self,
            claims: &'a [Claim],
            _seen: ingam_ports::Position,
            _now: UnixTime,
        ) -> ingam_wire::BoxFuture<'a, Result<Freshness, ingam_ports::ReplayError>> {
            self.0.lock().unwrap().extend_from_slice(claims);
            Box::pin(async { Ok(Freshness::Replayed { which: 0 }) })
        }
        fn changes<'a>(
            &'a self,
            _seen: ingam_ports::Position,
            _now: UnixTime,
        ) -> ingam_wire::BoxFuture<'a, Result<ingam_ports::Changes, ingam_ports::ReplayError>> {
            Box::pin(async { Err(ingam_ports::ReplayError::Unavailable) })
        }
    }
    let spy = Spy::default();
    let _ = ready(settle(unclaimed, &spy, Default::default(), NOW));
    spy.0.into_inner().unwrap()
}

/// A compact JWS of any header and claims, signed by `key`.
pub(crate) fn forge(header: &Value, claims: &Value, key: &SigningKey) -> String {
    let signed = format!("{}.{}", base64url::encode(header.to_string()), base64url::encode(claims.to_string()));
    let signature = key.sign_now(signed.as_bytes()).unwrap();
    format!("{signed}.{}", base64url::encode(signature))
}

/// `claims` signed by `key` with the usual header and `typ`, if given.
pub(crate) fn signed(typ: Option<&str>, claims: &Value, key: &SigningKey) -> String {
    let mut header = json!({"alg": key.verifying_key().algorithm().name(), "kid": key.key_id().as_str()});
    if let Some(typ) = typ {
        header["typ"] = typ.into();
    }
    forge(&header, claims, key)
}

/// `claims` as proof, signed by `key`, which stands in the header.
pub(crate) fn proof_of(claims: &Value, key: &SigningKey) -> String {
    let header = json!({
        "typ": "dpop+jwt", "alg": key.verifying_key().algorithm().name(), "jwk": bare_jwk(key),
    });
    forge(&header, claims, key)
}

pub(crate) fn bare_jwk(key: &SigningKey) -> Value {
    let mut jwk = key.verifying_key().to_jwk().to_json();
    for member in ["kid", "alg", "use"] {
        jwk.as_object_mut().unwrap().remove(member);
    }
    jwk
}

pub(crate) fn dpop_headers(proof: &str) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert("dpop", HeaderValue::from_str(proof).unwrap());
    headers
}

/// A checked proof of `key` for the token endpoint.
pub(crate) fn proof(key: &SigningKey, now: UnixTime) -> Proof {
    let url = url(TOKEN_ENDPOINT);
    let target = ProofTarget { method: &Method::POST, url: &url, access_key: None };
    let token = ready(make_proof(key, provider(), target, None, now)).unwrap();
    let check = ProofCheck { policy: &POLICY, provider: provider(), nonces: None };
    fresh(check.check(&dpop_headers(&token), target, now).unwrap())
}

pub(crate) fn certificate(seed: u8) -> PeerIdentity {
    PeerIdentity {
        certificate_sha256: [seed; 32],
        spki_sha256: [seed; 32],
        subject_dn: format!("CN=fintech-{seed},O=Fintech,C=KR"),
        san_dns: vec![format!("f{seed}.example")],
        san_uri: vec![format!("https://f{seed}.example/id")],
        san_ip: vec![format!("192.0.2.{seed}")],
        san_email: vec![format!("ops@f{seed}.example")],
        serial_number: Some(format!("110111-{seed:07}")),
        not_after: after(86_400),
        chain: vec![vec![seed; 3]],
    }
}

/// A fintech with its keys.
pub(crate) struct Fintech {
    pub(crate) key: SigningKey,
    pub(crate) dpop: SigningKey,
    pub(crate) registered: Arc<RegisteredFintech>,
}

pub(crate) fn entry(client: &str, key: &SigningKey) -> FintechEntry {
    FintechEntry {
        status: FintechStatus::Active,
        redirect_uris: vec![CALLBACK.parse().unwrap()],
        scopes: "openid accounts balances transactions payments".parse().unwrap(),
        authorization_details_types: vec!["account_information".to_owned(), "payment_initiation".to_owned()],
        ..FintechEntry::new(
            client.parse().unwrap(),
            "Acme Pay",
            "payments team",
            KeySource::of([key.verifying_key().clone()]),
        )
    }
}

impl Fintech {
    pub(crate) fn new(client: &str) -> Self {
        Self::with(client, |_| {})
    }

    pub(crate) fn with(client: &str, change: impl FnOnce(&mut FintechEntry)) -> Self {
        let key = key(SignatureAlgorithm::Es256);
        let mut entry = entry(client, &key);
        change(&mut entry);
        let record = FintechRecord::new(entry).unwrap();
        let registered = Arc::new(RegisteredFintech::load(record, provider()).unwrap());
        Self { key, dpop: self::key(SignatureAlgorithm::Es256), registered }
    }

    pub(crate) fn id(&self) -> &ClientId {
        self.registered.client_id()
    }

    pub(crate) fn assertion(&self, now: UnixTime) -> String {
        ready(make_assertion(self.id(), &operator(), &self.key, provider().randomness(), now)).unwrap()
    }

    pub(crate) fn parameters(&self, now: UnixTime) -> ClientParameters {
        ClientParameters { client_id: None, assertion: Some(SecretText::new(self.assertion(now))) }
    }

    /// Authenticated, as the operator sees it.
    pub(crate) fn authenticated(&self, now: UnixTime) -> AuthenticatedFintech {
        let found = Some(&self.registered);
        fresh(authenticator().authenticate(&self.parameters(now), found, None, now).unwrap())
    }
}

pub(crate) fn authenticator() -> FintechAuthenticator {
    FintechAuthenticator::new(operator(), Arc::clone(&POLICY), Arc::clone(&PROVIDER), None).unwrap()
}

pub(crate) fn sealer() -> RecordSealer {
    RecordSealer::new(Arc::clone(&PROVIDER), &SecretBytes::new(vec![7; 32]))
}

pub(crate) fn authorization_request(verifier: &CodeVerifier) -> AuthorizationRequest {
    AuthorizationRequest {
        client_id: None,
        redirect_uri: CALLBACK.parse().unwrap(),
        code_challenge: challenge_of(verifier, provider()),
        scope: Some("accounts balances".parse().unwrap()),
        authorization_details: None,
        state: Some("af0ifjsldkj".parse().unwrap()),
        nonce: None,
        response_mode: None,
        resources: Vec::new(),
        dpop_jkt: None,
        prompt: Vec::new(),
        max_age: None,
        acr_values: Vec::new(),
    }
}

pub(crate) fn user() -> UserId {
    "alice".parse().unwrap()
}

/// Password on the page and the bank's app: two factors over separate channels.
pub(crate) fn strong(time: UnixTime) -> UserAuthentication {
    let factors = vec![
        Factor { kind: FactorKind::Knowledge, channel: Channel::Page },
        Factor { kind: FactorKind::Possession, channel: Channel::App },
    ];
    UserAuthentication::new(user(), factors, time).unwrap()
}

pub(crate) fn least() -> AuthenticationRequirement {
    AuthenticationRequirement {
        level: AuthenticationLevel::TwoFactors,
        max_age: None,
        possession: Possession::Required,
    }
}

/// Push, page and code of `fintech`, with `change` made to the request.
pub(crate) fn issued_code(
    fintech: &Fintech,
    verifier: &CodeVerifier,
    change: impl FnOnce(&mut AuthorizationRequest),
) -> IssuedCode {
    let mut request = authorization_request(verifier);
    change(&mut request);
    let pushed = push(fintech, request, None).unwrap();
    consented(fintech, pushed).issue_code(&POLICY, NOW, provider().randomness()).unwrap()
}

pub(crate) fn push(
    fintech: &Fintech,
    request: AuthorizationRequest,
    proof: Option<&Proof>,
) -> Result<PushedRequest, PushError> {
    let form = PushedForm::Plain(Box::new(request));
    let who = fintech.authenticated(NOW);
    let accepted = PushedRequest::accept(&who, form, proof, &[resource()], &POLICY, NOW, provider().randomness());
    accepted.map(|(_, pushed)| pushed)
}

pub(crate) fn consented(fintech: &Fintech, pushed: PushedRequest) -> Consented {
    let consent = Consent::to_all(&pushed);
    let presented = pushed.present(&fintech.registered, NOW).unwrap();
    presented.authenticated(strong(NOW), least(), NOW).unwrap().consented(consent).unwrap()
}

pub(crate) fn verifier() -> CodeVerifier {
    make_verifier(provider().randomness()).unwrap()
}

/// A redeemed code of `fintech`: an active grant with terms.
pub(crate) fn redeemed(fintech: &Fintech, change: impl FnOnce(&mut AuthorizationRequest)) -> Redeemed {
    let verifier = verifier();
    let issued = issued_code(fintech, &verifier, change);
    let redirect_uri = issued.redirect_uri.clone();
    let redeem =
        Redeem { redirect_uri: &redirect_uri, verifier: Some(&verifier), proof: None, details: None, resources: &[] };
    issued.record.redeem(issued.grant, &fintech.authenticated(NOW), redeem, provider(), NOW).unwrap()
}

pub(crate) fn issuer() -> AccessKeyIssuer {
    AccessKeyIssuer::new(operator(), resource(), Arc::clone(&POLICY), Arc::clone(&PROVIDER))
}

pub(crate) fn verifier_of(key: &SigningKey) -> Verifier {
    let keys = KeySet::new(vec![key.verifying_key().clone()]);
    let trusted = TrustedIssuer { issuer: operator(), keys, not_before: None };
    Verifier::new(vec![trusted], resource(), Seconds::new(5), Arc::clone(&POLICY), Arc::clone(&PROVIDER))
}

/// An access key of `fintech`, bound to its DPoP key, signed by `key`.
pub(crate) fn access_key(fintech: &Fintech, key: &SigningKey) -> IssuedAccessKey {
    let redeemed = redeemed(fintech, |_| {});
    let constraint = SenderConstraint::of_proof(&proof(&fintech.dpop, NOW));
    ready(issuer().issue(redeemed.grant(), redeemed.terms(), constraint, key, NOW)).unwrap()
}
