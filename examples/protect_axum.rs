//! Ingam's checks in front of a bank's own axum API, all in this process: `cargo run --example protect_axum --features axum`
use std::{error::Error, sync::Arc};

use axum::{Extension, Router, body::Body, routing::get};
use http::{Method, Request, StatusCode, header};
use ingam_access_key::{
    Access, AccessKeyClaims, AccessKeyKind, AccessKeyPolicy, Confirmation, ProofTarget, TrustedIssuer, Verifier,
    make_proof,
};
use ingam_jose::{CryptoProvider, KeySet, RingProvider, SignatureAlgorithm::Es256, Signer as _, SigningKey, jwt};
use ingam_operator::{
    system_clock,
    usage::{ProtectLayer, Protection, ProtectionParts},
};
use ingam_ports::Clock as _;
use ingam_store::{MemoryRateLimiter, MemoryReplayGuard, RateLimit, TracingAudit};
use ingam_transaction::policy::{CoveragePolicy, FAPI_2_REQUEST, Unsigned};
use ingam_wire::{HttpUrl, Seconds};
use tower_service::Service as _;

const API: &str = "https://api.bank.example";

/// The bank's own handler; `Access` is there because the layer put it there, whatever headers a caller sends.
async fn balance(Extension(access): Extension<Access>) -> String {
    format!("the balance of {}, asked by {}", access.verified().user(), access.verified().client_id())
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let (provider, clock): (Arc<dyn CryptoProvider>, _) = (Arc::new(RingProvider), system_clock());
    // The operator's signing key and the fintech's own; a real bank follows the operator's jwks_uri: `published` below.
    let (operator, fintech) = (SigningKey::generate(Es256, &*provider)?, SigningKey::generate(Es256, &*provider)?);
    let keys = KeySet::new(vec![operator.verifying_key().clone()]);
    let issuers = vec![TrustedIssuer { issuer: "https://operator.example".parse()?, keys, not_before: None }];
    let policy = Arc::new(AccessKeyPolicy::fapi2_security());
    let verifier = Verifier::new(issuers, API.parse()?, Seconds::new(10), policy, Arc::clone(&provider));
    let protection = Protection::new(ProtectionParts {
        base: API.parse()?,
        verifier: Arc::new(verifier),
        requests: CoveragePolicy { unsigned: Unsigned::Permitted, ..FAPI_2_REQUEST },
        registers: Vec::new(),
        published: Vec::new(),
        introspections: Vec::new(),
        nonces: None,
        proxies: None,
        provider: Arc::clone(&provider),
        clock: Arc::new(clock),
        replay: Arc::new(MemoryReplayGuard::new(100_000, Seconds::new(600))),
        limiter: Arc::new(MemoryRateLimiter::new(RateLimit::new(30, Seconds::new(60)))),
        audit: Arc::new(TracingAudit::new()),
    })?;
    let mut bank = Router::new().route("/balance", get(balance)).layer(ProtectLayer::new(Arc::new(protection)));
    let now = clock.now();
    let claims = AccessKeyClaims {
        iss: "https://operator.example".parse()?,
        aud: jwt::AudienceClaim::One(API.to_owned()),
        sub: "alice".parse()?,
        client_id: "budget-app".parse()?,
        iat: now,
        exp: now.plus(Seconds::new(300)),
        jti: "access-key-1".to_owned(),
        scope: Some("balances".parse()?),
        authorization_details: None,
        accounts: Vec::new(),
        cnf: Confirmation::Key(fintech.verifying_key().thumbprint()),
        acr: None,
        auth_time: None,
        grant_id: None,
    };
    let key = jwt::sign::<AccessKeyKind>(&claims, &operator).await?;
    let url: HttpUrl = format!("{API}/balance").parse()?;
    let target = ProofTarget { method: &Method::GET, url: &url, access_key: Some(&key) };
    let proof = make_proof(&fintech, &*provider, target, None, now).await?;
    for expected in [StatusCode::OK, StatusCode::UNAUTHORIZED] {
        let call = Request::get("/balance").header(header::AUTHORIZATION, format!("DPoP {key}")).header("dpop", &proof);
        let answer = bank.call(call.body(Body::empty())?).await?;
        println!("{} {:?}", answer.status(), answer.headers().get(header::WWW_AUTHENTICATE));
        assert_eq!(answer.status(), expected, "the same proof passes once");
    }
    Ok(())
}
