//! Issuing: an access key from a grant (performance goal P6), and the operator's crypto of a whole flow
//! (push → code → access key), against the bare signatures and verifications of the same run.
#![expect(clippy::expect_used, reason = "a bench that cannot issue must stop")]

use std::{process::ExitCode, sync::Arc};

use http::{HeaderMap, HeaderValue, Method};
use ingam_access_key::*;
use ingam_benches::{Goal, INPUTS, Table, access_key::ready, input};
use ingam_jose::{CryptoProvider, RingProvider, SignatureAlgorithm, Signer, SigningKey};
use ingam_ports::{Changes, Claim, Freshness, Position, ReplayError, ReplayGuard, Unclaimed, settle};
use ingam_protocol::{AuthorizationRequest, ClientParameters, CodeVerifier, Issuer, Resource};
use ingam_wire::{BoxFuture, HttpUrl, SecretText, UnixTime, base64url};

const NOW: UnixTime = UnixTime::from_secs(1_800_000_000);

fn main() -> ExitCode {
    let mut table = Table::new("P6: issue an access key; and the operator's crypto of a whole flow");
    for algorithm in [SignatureAlgorithm::Es256, SignatureAlgorithm::EdDsa] {
        let world = World::new(algorithm);
        let redeemed: Vec<Redeemed> = (0..INPUTS).map(|_| world.redeem(&world.push())).collect();
        let constraint = SenderConstraint::of_proof(&world.proof(&world.made_proof()));
        let issue = |number: usize| {
            let redeemed = input(&redeemed, number);
            let issued = world.issuer.issue(redeemed.grant(), redeemed.terms(), constraint, &world.operator_key, NOW);
            ready(issued).expect("a software key signs")
        };
        let signed: Vec<Vec<u8>> = (0..INPUTS)
            .map(|number| {
                let token = issue(number).token;
                token.expose().rsplit_once('.').expect("a compact token").0.as_bytes().to_vec()
            })
            .collect();
        let bare = |number: usize| world.operator_key.sign_now(input::<Vec<u8>>(&signed, number)).expect("randomness");
        table.compare(&format!("{}: access key from a grant", algorithm.name()), Goal::ratio(1.05), bare, issue);

        // The operator verifies two assertions and two proofs and signs one access key; the fintech's own work is done before.
        let pushes: Vec<Pushed> = (0..INPUTS).map(|_| world.push()).collect();
        let bare = |number: usize| {
            let pushed = input(&pushes, number);
            for token in [&pushed.assertion, &pushed.assertion] {
                verify(token, &world.fintech_key);
            }
            for token in [&pushed.proof, &pushed.proof] {
                verify(token, &world.holder);
            }
            world.operator_key.sign_now(input::<Vec<u8>>(&signed, number)).expect("randomness")
        };
        let flow = |number: usize| {
            let redeemed = world.redeem(input(&pushes, number));
            let issued = world.issuer.issue(redeemed.grant(), redeemed.terms(), constraint, &world.operator_key, NOW);
            ready(issued).expect("a software key signs")
        };
        // Of P11, which counts flows over TLS: at least 0.9 of the primitives' rate.
        let name = format!("{}: push, code, access key", algorithm.name());
        table.compare(&name, Goal::ratio(1.0 / 0.9), bare, flow);
    }
    table.finish()
}

/// What the fintech sent.
struct Pushed {
    assertion: String,
    proof: String,
    verifier: CodeVerifier,
}

struct World {
    operator_key: SigningKey,
    fintech_key: SigningKey,
    holder: SigningKey,
    fintech: Arc<RegisteredFintech>,
    authenticator: FintechAuthenticator,
    issuer: AccessKeyIssuer,
    policy: Arc<AccessKeyPolicy>,
    operator: Issuer,
    endpoint: HttpUrl,
}

impl World {
    fn new(algorithm: SignatureAlgorithm) -> Self {
        let provider: Arc<dyn CryptoProvider> = Arc::new(RingProvider);
        let key = || SigningKey::generate(algorithm, &RingProvider).expect("randomness");
        let (operator_key, fintech_key, holder) = (key(), key(), key());
        let policy = Arc::new(AccessKeyPolicy::fapi2_security());
        let operator: Issuer = "https://op.example".parse().expect("an issuer");
        let resource: Resource = "https://api.op.example".parse().expect("a resource");
        let record = FintechRecord::new(entry(&fintech_key)).expect("an entry that holds together");
        let fintech = Arc::new(RegisteredFintech::load(record, &RingProvider).expect("good keys"));
        let authenticator =
            FintechAuthenticator::new(operator.clone(), Arc::clone(&policy), Arc::clone(&provider), None)
                .expect("randomness");
        let issuer = AccessKeyIssuer::new(operator.clone(), resource, Arc::clone(&policy), provider);
        let endpoint = "https://op.example/token".parse().expect("a URL");
        Self { operator_key, fintech_key, holder, fintech, authenticator, issuer, policy, operator, endpoint }
    }

    fn push(&self) -> Pushed {
        let client = self.fintech.client_id();
        let assertion = make_assertion(client, &self.operator, &self.fintech_key, RingProvider.randomness(), NOW);
        let verifier = make_verifier(RingProvider.randomness()).expect("randomness");
        Pushed { assertion: ready(assertion).expect("a software key signs"), proof: self.made_proof(), verifier }
    }

    fn made_proof(&self) -> String {
        let target = ProofTarget { method: &Method::POST, url: &self.endpoint, access_key: None };
        ready(make_proof(&self.holder, &RingProvider, target, None, NOW)).expect("a software key signs")
    }

    fn proof(&self, token: &str) -> Proof {
        let field = HeaderValue::from_str(token).expect("a proof is visible text");
        let headers: HeaderMap = [(DPOP, field)].into_iter().collect();
        let target = ProofTarget { method: &Method::POST, url: &self.endpoint, access_key: None };
        let check = ProofCheck { policy: &self.policy, provider: &RingProvider, nonces: None };
        settled(check.check(&headers, target, NOW).expect("our own proof"))
    }

    fn authenticated(&self, assertion: &str) -> AuthenticatedFintech {
        let assertion = Some(SecretText::new(assertion.to_owned()));
        let parameters = ClientParameters { client_id: None, assertion };
        let found = Some(&self.fintech);
        settled(self.authenticator.authenticate(&parameters, found, None, NOW).expect("our own fintech"))
    }

    /// Push, page, code, redemption: every check of the operator, twice where both endpoints make it.
    fn redeem(&self, pushed: &Pushed) -> Redeemed {
        let random = RingProvider.randomness();
        let (fintech, proof) = (self.authenticated(&pushed.assertion), self.proof(&pushed.proof));
        let form = PushedForm::Plain(Box::new(request(&pushed.verifier)));
        let accepted = PushedRequest::accept(&fintech, form, Some(&proof), &[], &self.policy, NOW, random);
        let (_, request) = accepted.expect("our own request");
        let consent = Consent::to_all(&request);
        let presented = request.present(&self.fintech, NOW).expect("in time");
        let authenticated = presented.authenticated(user(), least(), NOW).expect("strong enough");
        let consented = authenticated.consented(consent).expect("what was asked");
        let issued = consented.issue_code(&self.policy, NOW, random).expect("randomness");
        let (fintech, proof) = (self.authenticated(&pushed.assertion), self.proof(&pushed.proof));
        let redeem = Redeem {
            redirect_uri: &issued.redirect_uri,
            verifier: Some(&pushed.verifier),
            proof: Some(&proof),
            details: None,
            resources: &[],
        };
        issued.record.redeem(issued.grant, &fintech, redeem, &RingProvider, NOW).expect("our own code")
    }
}

fn entry(key: &SigningKey) -> FintechEntry {
    FintechEntry {
        status: FintechStatus::Active,
        redirect_uris: vec!["https://fintech.example/callback".parse().expect("a URI")],
        scopes: "accounts balances".parse().expect("scopes"),
        ..FintechEntry::new(
            "client-1".parse().expect("an id"),
            "Acme Pay",
            "payments team",
            KeySource::of([key.verifying_key().clone()]),
        )
    }
}

fn request(verifier: &CodeVerifier) -> AuthorizationRequest {
    AuthorizationRequest {
        client_id: None,
        redirect_uri: "https://fintech.example/callback".parse().expect("a URI"),
        code_challenge: challenge_of(verifier, &RingProvider),
        scope: Some("accounts balances".parse().expect("scopes")),
        authorization_details: None,
        state: Some("af0ifjsldkj".parse().expect("a state")),
        nonce: None,
        response_mode: None,
        resources: Vec::new(),
        dpop_jkt: None,
        prompt: Vec::new(),
        max_age: None,
        acr_values: Vec::new(),
    }
}

fn user() -> UserAuthentication {
    let factors = vec![Factor { kind: FactorKind::Possession, channel: Channel::Certificate }];
    UserAuthentication::new("alice".parse().expect("an id"), factors, NOW).expect("a factor")
}

fn least() -> AuthenticationRequirement {
    let level = AuthenticationLevel::TwoFactors;
    AuthenticationRequirement { level, max_age: None, possession: Possession::Required }
}

fn verify(token: &str, key: &SigningKey) {
    let (signed, signature) = token.rsplit_once('.').expect("a compact token");
    let signature = base64url::decode(signature).expect("a compact token");
    key.verifying_key().verify(signed.as_bytes(), &signature).expect("our own signature");
}

/// Claims nothing: the store's work has benches of its own.
fn settled<T>(unclaimed: Unclaimed<T>) -> T {
    ready(settle(unclaimed, &Everything, Position(0), NOW)).expect("everything is fresh").0
}

#[derive(Debug)]
struct Everything;

impl ReplayGuard for Everything {
    fn claim_all<'a>(
        &'a self,
        _claims: &'a [Claim],
        _seen: Position,
        _now: UnixTime,
    ) -> BoxFuture<'a, Result<Freshness, ReplayError>> {
        Box::pin(async { Ok(Freshness::Fresh(Changes::Since { to: Position(0), revoked: Vec::new() })) })
    }

    fn changes<'a>(&'a self, _seen: Position, _now: UnixTime) -> BoxFuture<'a, Result<Changes, ReplayError>> {
        Box::pin(async { Ok(Changes::Since { to: Position(0), revoked: Vec::new() }) })
    }
}
