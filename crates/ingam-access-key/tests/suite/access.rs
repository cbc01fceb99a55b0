use std::sync::Arc;

use http::{HeaderMap, HeaderValue, Method};
use ingam_access_key::*;
use ingam_jose::{KeySet, SignatureAlgorithm, Signer, SigningKey, jwt::JwtError};
use ingam_ports::{Changes, PeerIdentity, Position, Revoked};
use ingam_protocol::OAuthError;
use ingam_wire::{Seconds, UnixTime, base64url};
use serde_json::{Value, json};

use crate::party::*;

const ACCOUNTS: &str = "https://api.op.example/accounts";

struct Call {
    headers: HeaderMap,
    method: Method,
    target: String,
    peer: Option<PeerIdentity>,
}

impl Call {
    fn new(scheme: &str, token: &str) -> Self {
        let mut headers = HeaderMap::new();
        headers.insert("authorization", HeaderValue::from_str(&format!("{scheme} {token}")).unwrap());
        Self { headers, method: Method::GET, target: ACCOUNTS.to_owned(), peer: None }
    }

    fn with_proof(mut self, holder: &SigningKey, token: &str) -> Self {
        let url = url(&self.target);
        let target = ProofTarget { method: &self.method, url: &url, access_key: Some(token) };
        let proof = ready(make_proof(holder, provider(), target, None, NOW)).unwrap();
        self.headers.insert("dpop", HeaderValue::from_str(&proof).unwrap());
        self
    }

    fn run_at(&self, verifier: &Verifier, now: UnixTime) -> Result<Access, AccessRefused> {
        let target = url(&self.target);
        let presented = PresentedAccessKey::read(&self.headers, &self.method, &target, self.peer.as_ref())?;
        verifier.check(&presented, None, now).map(fresh)
    }

    fn run(&self, verifier: &Verifier) -> Result<Access, AccessRefused> {
        self.run_at(verifier, NOW)
    }
}

struct World {
    key: SigningKey,
    fintech: Fintech,
    token: String,
    verifier: Verifier,
}

impl World {
    fn new() -> Self {
        let (key, fintech) = (key(SignatureAlgorithm::Es256), Fintech::new("client-1"));
        let token = access_key(&fintech, &key).token.expose().to_owned();
        let verifier = verifier_of(&key);
        Self { key, fintech, token, verifier }
    }

    fn call(&self, scheme: &str) -> Call {
        Call::new(scheme, &self.token).with_proof(&self.fintech.dpop, &self.token)
    }

    fn claims(&self) -> Value {
        serde_json::from_slice(&base64url::decode(self.token.split('.').nth(1).unwrap()).unwrap()).unwrap()
    }

    /// The world's access key with one claim changed (or removed), signed again by the operator.
    fn changed(&self, name: &str, value: Option<Value>) -> Result<VerifiedAccess, AccessRefused> {
        let mut claims = self.claims();
        match value {
            Some(value) => claims[name] = value,
            None => drop(claims.as_object_mut().unwrap().remove(name)),
        }
        self.verifier.verify(&signed(Some("at+jwt"), &claims, &self.key), NOW)
    }
}

/// fapi: SP-RS-1, SP-RS-3, SP-RS-5, AT-5, OA-17, X-AS-28
#[test]
fn x1149_3_1_16_7_the_holder_is_let_in_and_what_was_checked_comes_out() {
    let world = World::new();
    for scheme in ["DPoP", "dPOp", "dpop"] {
        let access = world.call(scheme).run(&world.verifier).unwrap();
        assert_eq!(access.verified().user(), &user());
        assert_eq!(access.verified().client_id(), world.fintech.id());
        assert_eq!(access.verified().scopes().unwrap().to_string(), "accounts balances");
        assert_eq!(access.sha256(), &provider().sha256(&[world.token.as_bytes()]));
        assert_eq!(access.method(), Method::GET);
        assert_eq!(access.target().as_str(), ACCOUNTS);
        assert!(access.verified().grant().is_some());
    }
}

/// fapi: SP-RS-2, OA-18, OA-19, BCP-9, X-AS-27
#[test]
fn an_access_key_is_taken_from_the_authorization_field_alone() {
    let world = World::new();
    for query in ["?access_token=x", "?a=1&access_token=", "?access%5Ftoken=x", "?%61ccess_token=x"] {
        let mut call = world.call("DPoP");
        call.target = format!("{ACCOUNTS}{query}");
        let refused = call.run(&world.verifier).unwrap_err();
        assert_eq!(refused, AccessRefused::InQuery, "{query}");
        assert_eq!((refused.status(), refused.to_oauth_error()), (400, Some(OAuthError::InvalidRequest)));
    }
    let mut fine = world.call("DPoP");
    fine.target = format!("{ACCOUNTS}?not_access_token=x&page=2");
    assert!(fine.run(&world.verifier).is_ok());
    let mut call = world.call("DPoP");
    call.headers.remove("authorization");
    let refused = call.run(&world.verifier).unwrap_err();
    assert_eq!((refused, refused.status(), refused.to_oauth_error()), (AccessRefused::Missing, 401, None));
    let mut call = world.call("DPoP");
    call.headers.append("authorization", HeaderValue::from_static("Bearer x"));
    assert_eq!(call.run(&world.verifier).unwrap_err(), AccessRefused::TooManyAccessKeys);
    assert_eq!(Call::new("Basic", "eDp5").run(&world.verifier).unwrap_err(), AccessRefused::Missing);
    for token in ["", "a b", "a,b", "\"a\""] {
        assert_eq!(Call::new("DPoP", token).run(&world.verifier).unwrap_err(), AccessRefused::Malformed, "{token}");
    }
}

/// fapi: DP-11
#[test]
fn sr_42_a_bound_access_key_is_not_downgraded_to_another_scheme() {
    let world = World::new();
    let refused = world.call("Bearer").run(&world.verifier).unwrap_err();
    assert_eq!((refused, refused.to_oauth_error()), (AccessRefused::SchemeMismatch, Some(OAuthError::InvalidToken)));
    let certified = certified(&world);
    let mut call = Call::new("DPoP", &certified).with_proof(&world.fintech.dpop, &certified);
    call.peer = Some(certificate(1));
    assert_eq!(call.run(&world.verifier).unwrap_err(), AccessRefused::SchemeMismatch);
}

fn certified(world: &World) -> String {
    let redeemed = redeemed(&world.fintech, |_| {});
    let constraint = SenderConstraint::of_certificate(&certificate(1));
    let issued = ready(issuer().issue(redeemed.grant(), redeemed.terms(), constraint, &world.key, NOW)).unwrap();
    issued.token.expose().to_owned()
}

/// fapi: SP-RS-5, DP-3, BCP-7
#[test]
fn x1149_3_1_16_7_a_stolen_access_key_is_worthless_with_another_key() {
    let world = World::new();
    let thief = key(SignatureAlgorithm::Es256);
    let refused = Call::new("DPoP", &world.token).with_proof(&thief, &world.token).run(&world.verifier).unwrap_err();
    assert_eq!((refused, refused.status()), (AccessRefused::KeyMismatch, 401));
    assert_eq!(refused.to_oauth_error(), Some(OAuthError::InvalidToken));
    let bare = Call::new("DPoP", &world.token).run(&world.verifier).unwrap_err();
    assert_eq!((bare, bare.status()), (AccessRefused::Proof(ProofError::Missing), 401));
    assert_eq!(bare.to_oauth_error(), Some(OAuthError::InvalidDpopProof));
}

/// fapi: DP-2, DP-3
#[test]
fn sr_43_a_proof_for_another_access_key_of_the_same_holder_is_refused() {
    let world = World::new();
    let other = access_key(&world.fintech, &world.key).token.expose().to_owned();
    let refused = Call::new("DPoP", &world.token).with_proof(&world.fintech.dpop, &other).run(&world.verifier);
    assert_eq!(refused.unwrap_err(), AccessRefused::Proof(ProofError::AthMismatch));
}

/// fapi: MT-5, MT-6, SP-RS-5
#[test]
fn a_certificate_bound_access_key_needs_its_certificate() {
    let world = World::new();
    let token = certified(&world);
    let with = |peer: Option<PeerIdentity>| {
        let mut call = Call::new("bEARER", &token);
        call.peer = peer;
        call.run(&world.verifier).map(|access| access.verified().confirmation())
    };
    assert_eq!(with(Some(certificate(1))), Ok(Confirmation::Certificate([1; 32])));
    assert_eq!(with(Some(certificate(2))), Err(AccessRefused::CertificateMismatch));
    assert_eq!(with(None), Err(AccessRefused::CertificateMissing));
    assert_eq!(AccessRefused::CertificateMismatch.to_oauth_error(), Some(OAuthError::InvalidToken));
    let target = url(ACCOUNTS);
    let (call, peer) = (Call::new("Bearer", &token), certificate(1));
    let presented = PresentedAccessKey::read(&call.headers, &Method::GET, &target, Some(&peer)).unwrap();
    assert!(claims_of(world.verifier.check(&presented, None, NOW).unwrap()).is_empty(), "nothing to claim");
}

/// fapi: AT-2, AT-5, SP-RS-3, BCP-7, JW-6
#[test]
fn every_claim_of_an_access_key_is_checked() {
    let world = World::new();
    assert!(world.changed("unknown", Some(json!({"a": 1}))).is_ok());
    assert_eq!(world.changed("iss", Some(json!("https://other.example"))).unwrap_err(), AccessRefused::UnknownIssuer);
    assert_eq!(world.changed("iss", Some(json!("https://op.example/"))).unwrap_err(), AccessRefused::UnknownIssuer);
    assert_eq!(world.changed("aud", Some(json!("https://other.example"))).unwrap_err(), AccessRefused::WrongAudience);
    assert_eq!(world.changed("aud", Some(json!([]))).unwrap_err(), AccessRefused::WrongAudience);
    assert!(world.changed("aud", Some(json!(["https://other.example", RESOURCE]))).is_ok());
    assert_eq!(world.changed("jti", Some(json!(""))).unwrap_err(), AccessRefused::MalformedJti);
    assert_eq!(world.changed("exp", Some(json!(NOW.secs()))).unwrap_err(), AccessRefused::Expired);
    assert!(world.changed("exp", Some(json!(NOW.secs() + 1))).is_ok(), "to its last second");
    assert!(world.changed("iat", Some(json!(NOW.secs() + 5))).is_ok(), "within the leeway");
    assert_eq!(world.changed("iat", Some(json!(NOW.secs() + 6))).unwrap_err(), AccessRefused::FromTheFuture);
    for name in ["iss", "aud", "sub", "client_id", "iat", "exp", "jti", "cnf"] {
        let refused = world.changed(name, None).unwrap_err();
        assert_eq!(refused, AccessRefused::Token(JwtError::MalformedClaim), "{name} is required");
    }
    for cnf in [json!({}), json!({"jkt": "x"}), json!({"x5c": []}), Value::Null] {
        assert!(world.changed("cnf", Some(cnf.clone())).is_err(), "{cnf}");
    }
    let digest = base64url::encode([1_u8; 32]);
    let both = json!({"jkt": digest, "x5t#S256": digest});
    assert!(world.changed("cnf", Some(both)).is_err(), "a verifier must not choose");
    assert!(world.changed("cnf", Some(json!({"jkt": digest, "x": 1}))).is_ok());
}

/// fapi: AT-1, AT-4, AT-5, SP-K-1, JW-1, JW-7
#[test]
fn an_access_key_of_another_type_key_or_algorithm_is_refused() {
    let world = World::new();
    let claims = world.claims();
    let verify = |token: &str| world.verifier.verify(token, NOW).map(|_| ());
    for typ in [None, Some("JWT"), Some("dpop+jwt")] {
        assert_eq!(verify(&signed(typ, &claims, &world.key)), Err(AccessRefused::Token(JwtError::WrongType)));
    }
    assert_eq!(verify(&signed(Some("application/at+jwt"), &claims, &world.key)), Ok(()));
    let other = key(SignatureAlgorithm::Es256);
    let forged = signed(Some("at+jwt"), &claims, &other);
    assert_eq!(verify(&forged), Err(AccessRefused::Token(JwtError::UnknownKey)));
    let header = json!({"typ": "at+jwt", "alg": "ES256", "kid": world.key.key_id().as_str()});
    assert_eq!(verify(&forge(&header, &claims, &other)), Err(AccessRefused::Token(JwtError::BadSignature)));
    for alg in ["none", "HS256", "RS256"] {
        let header = json!({"typ": "at+jwt", "alg": alg, "kid": world.key.key_id().as_str()});
        let refused = verify(&forge(&header, &claims, &world.key));
        assert_eq!(refused, Err(AccessRefused::Token(JwtError::AlgorithmNotAllowed)), "{alg}");
    }
    let embedded = json!({"typ": "at+jwt", "alg": "ES256", "jwk": bare_jwk(&other)});
    assert!(verify(&forge(&embedded, &claims, &other)).is_err(), "an embedded key proves nothing here");
}

fn narrow_policy() -> Arc<AccessKeyPolicy> {
    let mut settings = AccessKeySettings::fapi2_security();
    settings.algorithms = vec![SignatureAlgorithm::EdDsa];
    Arc::new(AccessKeyPolicy::new(settings).unwrap())
}

fn verifier_with(trusted: Vec<TrustedIssuer>, audience: &str, policy: Arc<AccessKeyPolicy>) -> Verifier {
    Verifier::new(trusted, audience.parse().unwrap(), Seconds::new(5), policy, Arc::clone(&PROVIDER))
}

fn trust(issuer: &str, key: &SigningKey) -> TrustedIssuer {
    let keys = KeySet::new(vec![key.verifying_key().clone()]);
    TrustedIssuer { issuer: issuer.parse().unwrap(), keys, not_before: None }
}

/// fapi: X-AS-29, DP-11, DP-13
#[test]
fn whatever_is_wrong_with_a_proof_is_answered_400_or_401_with_a_code_of_the_standard() {
    for error in [
        ProofError::Missing,
        ProofError::TooManyProofs,
        ProofError::Token(JwtError::BadSignature),
        ProofError::AlgorithmNotAllowed,
        ProofError::MalformedJti,
        ProofError::HtmMismatch,
        ProofError::HtuMismatch,
        ProofError::FromTheFuture,
        ProofError::TooOld,
        ProofError::AthMissing,
        ProofError::AthMismatch,
    ] {
        let refused = AccessRefused::from(error);
        assert_eq!(refused.status(), 401, "{error:?}");
        assert_eq!(refused.to_oauth_error(), Some(OAuthError::InvalidDpopProof), "{error:?}");
        assert_eq!(refused.name(), error.name());
    }
    for error in
        [ProofError::NonceMissing, ProofError::Nonce(NonceError::Stale), ProofError::Nonce(NonceError::Unknown)]
    {
        let refused = AccessRefused::from(error);
        assert_eq!((refused.status(), refused.to_oauth_error()), (401, Some(OAuthError::UseDpopNonce)), "{error:?}");
    }
}

#[test]
fn sr_22_what_was_verified_under_one_policy_is_verified_afresh_under_another() {
    let world = World::new();
    assert!(world.verifier.verify(&world.token, NOW).is_ok());
    assert!(world.verifier.verify(&world.token, NOW).is_ok(), "remembered");
    let elsewhere = verifier_with(vec![trust(OPERATOR, &world.key)], "https://other.example", Arc::clone(&POLICY));
    assert_eq!(elsewhere.verify(&world.token, NOW).unwrap_err(), AccessRefused::WrongAudience);
    let narrow = verifier_with(vec![trust(OPERATOR, &world.key)], RESOURCE, narrow_policy());
    assert_eq!(narrow.verify(&world.token, NOW).unwrap_err(), AccessRefused::AlgorithmNotAllowed);
    let stranger = verifier_with(vec![trust("https://x.example", &world.key)], RESOURCE, Arc::clone(&POLICY));
    assert_eq!(stranger.verify(&world.token, NOW).unwrap_err(), AccessRefused::UnknownIssuer);
}

#[test]
fn sr_23_two_operators_that_share_a_kid_do_not_stand_for_each_other() {
    let world = World::new();
    let pkcs8 = provider().generate(SignatureAlgorithm::Es256).unwrap();
    let kid = world.key.key_id().clone();
    let twin = SigningKey::from_pkcs8(&pkcs8, SignatureAlgorithm::Es256, Some(kid), provider()).unwrap();
    let both = vec![trust(OPERATOR, &world.key), trust("https://b.example", &twin)];
    let verifier = verifier_with(both, RESOURCE, Arc::clone(&POLICY));
    assert!(verifier.verify(&world.token, NOW).is_ok());
    let forged = signed(Some("at+jwt"), &world.claims(), &twin);
    assert_eq!(verifier.verify(&forged, NOW).unwrap_err(), AccessRefused::Token(JwtError::BadSignature));
    let mut claims = world.claims();
    claims["iss"] = "https://b.example".into();
    assert!(verifier.verify(&signed(Some("at+jwt"), &claims, &twin), NOW).is_ok());
    claims["iss"] = "https://c.example".into();
    let unknown = verifier.verify(&signed(Some("at+jwt"), &claims, &twin), NOW).unwrap_err();
    assert_eq!(unknown, AccessRefused::UnknownIssuer);
}

#[test]
fn sr_60_access_keys_from_before_a_general_revocation_do_not_count() {
    let world = World::new();
    let mut issuer = trust(OPERATOR, &world.key);
    issuer.not_before = Some(after(1));
    let verifier = verifier_with(vec![issuer.clone()], RESOURCE, Arc::clone(&POLICY));
    assert_eq!(verifier.verify(&world.token, NOW).unwrap_err(), AccessRefused::IssuedTooEarly);
    issuer.not_before = Some(NOW);
    assert!(verifier_with(vec![issuer], RESOURCE, Arc::clone(&POLICY)).verify(&world.token, NOW).is_ok());
}

/// fapi: DP-3, DP-11
#[test]
fn x1149_3_1_16_7_a_holder_seen_before_still_proves_itself_each_time() {
    let world = World::new();
    let thief = key(SignatureAlgorithm::Es256);
    let stolen = || Call::new("DPoP", &world.token).with_proof(&thief, &world.token);
    let text = |call: &Call| call.headers["dpop"].to_str().unwrap().to_owned();
    // Once before anything is remembered, and then with the holder remembered.
    for round in 0..3 {
        assert_eq!(stolen().run(&world.verifier).unwrap_err(), AccessRefused::KeyMismatch, "round {round}");
        assert!(world.call("DPoP").run(&world.verifier).is_ok(), "round {round}");
        let (by_holder, by_thief) = (text(&world.call("DPoP")), text(&stolen()));
        let mixed = format!("{}.{}", by_holder.split_once('.').unwrap().0, by_thief.split_once('.').unwrap().1);
        let mut call = world.call("DPoP");
        call.headers.insert("dpop", HeaderValue::from_str(&mixed).unwrap());
        let refused = call.run(&world.verifier).unwrap_err();
        assert_eq!(refused, AccessRefused::Proof(ProofError::Token(JwtError::BadSignature)), "round {round}");
        let late = world.call("DPoP").run_at(&world.verifier, after(200)).unwrap_err();
        assert_eq!(late, AccessRefused::Proof(ProofError::TooOld), "round {round}");
    }
}

/// fapi: SP-RS-3, IN-4
#[test]
fn x1149_3_1_16_7_what_is_remembered_still_expires_and_falls_with_its_revocation() {
    let world = World::new();
    assert!(world.verifier.verify(&world.token, NOW).is_ok());
    assert_eq!(world.verifier.verify(&world.token, after(305)).unwrap_err(), AccessRefused::Expired);
    let digest = |text: &str| provider().sha256(&[text.as_bytes()]);
    let claims = world.claims();
    let revocations = [
        Revoked::Grant(digest(claims["grant_id"].as_str().unwrap())),
        Revoked::Fintech(digest("client-1")),
        Revoked::User(digest("alice")),
        Revoked::SigningKey(digest(world.key.key_id().as_str())),
        Revoked::AccessKey(digest(&world.token)),
    ];
    for revoked in revocations {
        assert!(world.verifier.verify(&world.token, NOW).is_ok());
        assert!(world.verifier.remembers(&world.token), "{revoked:?}");
        world.verifier.apply(&Changes::Since { to: Position(1), revoked: vec![Revoked::User([0; 32])] });
        assert!(world.verifier.remembers(&world.token), "another's revocation");
        world.verifier.apply(&Changes::Since { to: Position(2), revoked: vec![revoked] });
        assert!(!world.verifier.remembers(&world.token), "{revoked:?}");
    }
    assert!(world.verifier.verify(&world.token, NOW).is_ok());
    world.verifier.apply(&Changes::TooOld { to: Position(9) });
    assert!(!world.verifier.remembers(&world.token));
}

#[test]
fn a_verified_access_key_binds_only_the_request_that_brought_it() {
    let world = World::new();
    let verified = world.verifier.verify(&world.token, NOW).unwrap();
    let other = access_key(&world.fintech, &world.key).token.expose().to_owned();
    let call = Call::new("DPoP", &other).with_proof(&world.fintech.dpop, &other);
    let target = url(ACCOUNTS);
    let presented = PresentedAccessKey::read(&call.headers, &call.method, &target, None).unwrap();
    assert!(presented.is_jwt());
    assert_eq!(presented.token(), other);
    assert_eq!(presented.scheme(), AuthScheme::Dpop);
    let refused = world.verifier.bind(&presented, verified, None, NOW).unwrap_err();
    assert_eq!(refused, AccessRefused::Inactive);
}

#[test]
fn nothing_that_holds_an_access_key_prints_it() {
    let world = World::new();
    let call = world.call("DPoP");
    let target = url(ACCOUNTS);
    let presented = PresentedAccessKey::read(&call.headers, &call.method, &target, None).unwrap();
    ingam_testkit::assert_hidden(&presented, &world.token);
    ingam_testkit::assert_hidden(&call.run(&world.verifier).unwrap(), &world.token);
    ingam_testkit::assert_hidden(&world.verifier, &world.token);
}
