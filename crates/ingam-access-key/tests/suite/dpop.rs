use http::{HeaderMap, HeaderValue, Method};
use ingam_access_key::*;
use ingam_jose::{SignatureAlgorithm, Signer, SigningKey, jwt::JwtError};
use ingam_ports::{ClaimPurpose, ReplayError, settle};
use ingam_testkit::vectors;
use ingam_wire::{Seconds, SecretBytes, UnixTime, base64url};
use serde_json::{Value, json};

use crate::party::*;

const API: &str = "https://api.op.example/accounts";

fn check_at(
    token: &str,
    method: &Method,
    url: &str,
    access_key: Option<&str>,
    now: UnixTime,
) -> Result<Proof, ProofError> {
    let url = self::url(url);
    let target = ProofTarget { method, url: &url, access_key };
    let check = ProofCheck { policy: &POLICY, provider: provider(), nonces: None };
    check.check(&dpop_headers(token), target, now).map(|unclaimed| fresh_at(unclaimed, now))
}

fn check(token: &str) -> Result<Proof, ProofError> {
    check_at(token, &Method::GET, API, None, NOW)
}

fn claims() -> Value {
    json!({"jti": "b9f1c0de-0000-4000-8000-000000000001", "htm": "GET", "htu": API, "iat": NOW.secs()})
}

fn with(name: &str, value: Value) -> Value {
    let mut claims = claims();
    claims[name] = value;
    claims
}

fn without(name: &str) -> Value {
    let mut claims = claims();
    claims.as_object_mut().unwrap().remove(name);
    claims
}

fn holder() -> SigningKey {
    key(SignatureAlgorithm::Es256)
}

/// fapi: DP-1, DP-2, DP-3
#[test]
fn the_proofs_of_the_standard_are_accepted_at_their_time() {
    let file = vectors("dpop", "rfc9449");
    let mut count = 0;
    for case in file["examples"].as_array().unwrap().iter().filter(|case| case["kind"] == "dpop-proof") {
        let method: Method = case["method"].as_str().unwrap().parse().unwrap();
        let iat = UnixTime::from_secs(case["iat"].as_i64().unwrap());
        let proof = check_at(
            case["proof"].as_str().unwrap(),
            &method,
            case["uri"].as_str().unwrap(),
            case["access_token"].as_str(),
            iat,
        );
        assert_eq!(proof.unwrap().jkt().to_base64url(), case["jkt"].as_str().unwrap(), "{}", case["id"]);
        count += 1;
    }
    assert_eq!(count, 3);
}

/// fapi: DP-1, DP-2, DP-21
#[test]
fn what_is_made_is_accepted_in_every_algorithm_and_for_nothing_else() {
    for algorithm in [SignatureAlgorithm::Es256, SignatureAlgorithm::EdDsa] {
        let holder = key(algorithm);
        let target_url = url("https://api.op.example/accounts?from=1#x");
        let target = ProofTarget { method: &Method::GET, url: &target_url, access_key: Some("an.access.key") };
        let token = ready(make_proof(&holder, provider(), target, None, NOW)).unwrap();
        let proof = check_at(&token, &Method::GET, API, Some("an.access.key"), NOW).unwrap();
        assert_eq!(proof.jkt(), holder.verifying_key().thumbprint());
        assert_eq!(check_at(&token, &Method::GET, API, Some("another.access.key"), NOW), Err(ProofError::AthMismatch));
        let bare =
            ready(make_proof(&holder, provider(), ProofTarget { access_key: None, ..target }, None, NOW)).unwrap();
        let payload = base64url::decode(bare.split('.').nth(1).unwrap()).unwrap();
        let claims: Value = serde_json::from_slice(&payload).unwrap();
        assert_eq!(claims["htu"], API, "no query, no fragment");
        assert!(claims.get("ath").is_none() && claims.get("nonce").is_none());
        assert!(claims["jti"].as_str().unwrap().len() >= 16);
    }
}

/// fapi: DP-3, DP-20
#[test]
fn sr_42_exactly_one_proof_is_taken() {
    let token = proof_of(&claims(), &holder());
    let url = url(API);
    let target = ProofTarget { method: &Method::GET, url: &url, access_key: None };
    let check = ProofCheck { policy: &POLICY, provider: provider(), nonces: None };
    let run = |headers: &HeaderMap| check.check(headers, target, NOW).map(fresh).map(|_| ());
    assert_eq!(run(&HeaderMap::new()), Err(ProofError::Missing));
    let mut two = dpop_headers(&token);
    two.append("dpop", HeaderValue::from_str(&token).unwrap());
    assert_eq!(run(&two), Err(ProofError::TooManyProofs));
    assert_eq!(run(&dpop_headers(&format!("{token}, {token}"))), Err(ProofError::TooManyProofs));
    assert_eq!(run(&dpop_headers("")), Err(ProofError::Token(JwtError::Malformed)));
    let mut upper = HeaderMap::new();
    upper.insert(http::HeaderName::from_bytes(b"DPOP").unwrap(), HeaderValue::from_str(&token).unwrap());
    assert_eq!(run(&upper), Ok(()));
}

/// fapi: DP-1, DP-3, JW-7
#[test]
fn the_type_is_exactly_that_of_a_proof() {
    let holder = holder();
    for typ in [json!("JWT"), json!("DPoP+jwt"), json!("application/dpop+jwt"), json!("at+jwt"), Value::Null] {
        let mut header = json!({"alg": "ES256", "jwk": bare_jwk(&holder), "typ": typ});
        if typ.is_null() {
            header.as_object_mut().unwrap().remove("typ");
        }
        let refused = check(&forge(&header, &claims(), &holder));
        assert_eq!(refused, Err(ProofError::Token(JwtError::WrongType)), "{typ}");
    }
}

/// fapi: DP-1, SP-K-1
#[test]
fn sr_35_a_key_with_private_or_symmetric_members_is_refused_and_not_printed() {
    let holder = holder();
    let mut private = bare_jwk(&holder);
    private["d"] = "c2VjcmV0LXZhbHVlLXRoYXQtbXVzdC1ub3QtbGVhaw".into();
    for jwk in
        [private, json!({"kty": "oct", "k": "c2VjcmV0"}), json!({"kty": "RSA", "n": "AQAB", "e": "AQAB", "p": "AQ"})]
    {
        let header = json!({"typ": "dpop+jwt", "alg": "ES256", "jwk": jwk});
        let refused = check(&forge(&header, &claims(), &holder)).unwrap_err();
        assert!(matches!(refused, ProofError::Token(_)), "{refused:?}");
        assert_eq!(refused.name(), "InvalidDpopProof");
        assert!(!format!("{refused:?} {refused}").contains("c2VjcmV0"), "{refused:?}");
    }
}

/// fapi: DP-1, SP-K-1, JW-1
#[test]
fn an_algorithm_that_is_not_permitted_is_refused() {
    let holder = holder();
    for alg in ["none", "RS256", "HS256", "ES384"] {
        let header = json!({"typ": "dpop+jwt", "alg": alg, "jwk": bare_jwk(&holder)});
        assert!(matches!(check(&forge(&header, &claims(), &holder)), Err(ProofError::Token(_))), "{alg}");
    }
    let mut settings = AccessKeySettings::fapi2_security();
    settings.algorithms = vec![SignatureAlgorithm::EdDsa];
    let policy = AccessKeyPolicy::new(settings).unwrap();
    let url = url(API);
    let target = ProofTarget { method: &Method::GET, url: &url, access_key: None };
    let narrow = ProofCheck { policy: &policy, provider: provider(), nonces: None };
    let refused = narrow.check(&dpop_headers(&proof_of(&claims(), &holder)), target, NOW).unwrap_err();
    assert_eq!(refused, ProofError::AlgorithmNotAllowed);
}

/// fapi: DP-3
#[test]
fn a_proof_signed_by_another_key_than_its_own_is_refused() {
    let header = json!({"typ": "dpop+jwt", "alg": "ES256", "jwk": bare_jwk(&holder())});
    assert_eq!(check(&forge(&header, &claims(), &holder())), Err(ProofError::Token(JwtError::BadSignature)));
    let header = json!({"typ": "dpop+jwt", "alg": "ES256"});
    assert!(matches!(check(&forge(&header, &claims(), &holder())), Err(ProofError::Token(_))), "no jwk");
}

/// fapi: DP-2, DP-3
#[test]
fn every_claim_must_be_there() {
    for name in ["jti", "htm", "htu", "iat"] {
        let refused = check(&proof_of(&without(name), &holder()));
        assert_eq!(refused, Err(ProofError::Token(JwtError::MalformedClaim)), "{name}");
    }
    for (name, value) in [("iat", json!("1800000000")), ("iat", Value::Null), ("ath", Value::Null), ("nonce", json!(1))]
    {
        let refused = check(&proof_of(&with(name, value), &holder()));
        assert_eq!(refused, Err(ProofError::Token(JwtError::MalformedClaim)), "{name}");
    }
    assert_eq!(check(&proof_of(&with("jti", json!("")), &holder())), Err(ProofError::MalformedJti));
    assert_eq!(check(&proof_of(&with("jti", json!("x".repeat(129))), &holder())), Err(ProofError::MalformedJti));
    assert!(check(&proof_of(&with("jti", json!("x".repeat(128))), &holder())).is_ok());
}

/// fapi: DP-5
#[test]
fn unknown_claims_are_ignored_and_nbf_and_exp_may_be_there() {
    let mut claims = claims();
    claims["nbf"] = json!(NOW.secs());
    claims["exp"] = json!(NOW.secs() + 10);
    claims["whatever"] = json!({"a": [1]});
    assert!(check(&proof_of(&claims, &holder())).is_ok());
}

/// fapi: DP-5, SP-AS-13
#[test]
fn a_proof_that_says_when_it_begins_or_ends_is_held_to_it() {
    for (name, offset, expected) in [
        ("nbf", 10, None),
        ("nbf", 61, Some(ProofError::FromTheFuture)),
        ("exp", 1, None),
        ("exp", 0, Some(ProofError::TooOld)),
        ("exp", -3600, Some(ProofError::TooOld)),
    ] {
        let checked = check(&proof_of(&with(name, json!(NOW.secs() + offset)), &holder()));
        assert_eq!(checked.err(), expected, "{name} {offset}");
    }
    for name in ["nbf", "exp"] {
        let refused = check(&proof_of(&with(name, json!("soon")), &holder()));
        assert_eq!(refused, Err(ProofError::Token(JwtError::MalformedClaim)), "{name}");
    }
}

/// fapi: DP-3
#[test]
fn a_proof_for_another_method_is_refused() {
    for htm in ["POST", "get", ""] {
        assert_eq!(check(&proof_of(&with("htm", json!(htm)), &holder())), Err(ProofError::HtmMismatch), "{htm}");
    }
}

/// fapi: DP-4
#[test]
fn sr_44_the_target_is_compared_after_normalisation_without_query_and_fragment() {
    let configured = "https://api.op.example/a%2Fb/accounts";
    let table = [
        ("https://api.op.example/a%2Fb/accounts", true),
        ("HTTPS://API.OP.EXAMPLE/a%2Fb/accounts", true),
        ("https://api.op.example:443/a%2Fb/accounts", true),
        ("https://api.op.example/a%2fb/accounts", true),
        ("https://api.op.example/a%2Fb/./accounts", true),
        ("https://api.op.example/a%2Fb/x/../accounts", true),
        ("https://api.op.example/%61%2Fb/accounts", true),
        ("https://api.op.example/a%2Fb/accounts?x=1", true),
        ("https://api.op.example/a%2Fb/accounts#f", true),
        ("https://api.op.example/a%2Fb/accounts/", false),
        ("https://api.op.example/a/b/accounts", false),
        ("https://api.op.example:8443/a%2Fb/accounts", false),
        ("http://api.op.example/a%2Fb/accounts", false),
        ("https://api.op.example/a%2Fb/Accounts", false),
        ("https://evil.example/a%2Fb/accounts", false),
        ("/a%2Fb/accounts", false),
        ("", false),
    ];
    let holder = holder();
    for (htu, good) in table {
        let got = check_at(&proof_of(&with("htu", json!(htu)), &holder), &Method::GET, configured, None, NOW);
        assert_eq!(got.is_ok(), good, "{htu}: {got:?}");
        if !good {
            assert_eq!(got, Err(ProofError::HtuMismatch), "{htu}");
        }
    }
    // The request's own query does not count either.
    assert!(
        check_at(&proof_of(&claims(), &holder), &Method::GET, "https://api.op.example/accounts?page=2", None, NOW)
            .is_ok()
    );
}

/// The check takes the configured URL and no header of the request: whatever `Host` says, another URL is refused.
#[test]
fn sr_41_the_hosts_own_word_does_not_count() {
    let token = proof_of(&with("htu", json!("https://evil.example/accounts")), &holder());
    let mut headers = dpop_headers(&token);
    for name in ["host", "x-forwarded-host", "forwarded"] {
        headers.insert(name, HeaderValue::from_static("evil.example"));
    }
    let url = url(API);
    let target = ProofTarget { method: &Method::GET, url: &url, access_key: None };
    let check = ProofCheck { policy: &POLICY, provider: provider(), nonces: None };
    assert_eq!(check.check(&headers, target, NOW).unwrap_err(), ProofError::HtuMismatch);
}

/// fapi: DP-6, SP-AS-13, SP-K-10
#[test]
fn the_proof_is_of_now() {
    let holder = holder();
    let table = [
        (-3600, Err(ProofError::TooOld)),
        (-61, Err(ProofError::TooOld)),
        (-60, Ok(())),
        (-10, Ok(())),
        (8, Ok(())),
        (10, Ok(())),
        (11, Err(ProofError::FromTheFuture)),
        (62, Err(ProofError::FromTheFuture)),
        (3600, Err(ProofError::FromTheFuture)),
    ];
    for (offset, expected) in table {
        let token = proof_of(&with("iat", json!(NOW.secs() + offset)), &holder);
        assert_eq!(check(&token).map(|_| ()), expected, "{offset}");
    }
}

/// fapi: DP-2, DP-3
#[test]
fn sr_43_ath_is_there_and_of_this_access_key() {
    let holder = holder();
    let ath = |key: &str| json!(base64url::encode(provider().sha256(&[key.as_bytes()])));
    let run =
        |claims: &Value| check_at(&proof_of(claims, &holder), &Method::GET, API, Some("key.one"), NOW).map(|_| ());
    assert_eq!(run(&with("ath", ath("key.one"))), Ok(()));
    assert_eq!(run(&claims()), Err(ProofError::AthMissing));
    assert_eq!(run(&with("ath", ath("key.two"))), Err(ProofError::AthMismatch));
    assert_eq!(run(&with("ath", json!(""))), Err(ProofError::AthMismatch));
}

fn nonces(user: NonceUser) -> NonceSource {
    NonceSource::new(std::sync::Arc::clone(&PROVIDER), SecretBytes::new(vec![9; 32]), user, Seconds::new(300))
}

/// fapi: SP-AS-10, DP-14, DP-16, X-AS-8
#[test]
fn a_nonce_is_good_at_once_on_every_node_and_for_its_life_only() {
    let (one, two) = (nonces(NonceUser::AuthorizationServer), nonces(NonceUser::AuthorizationServer));
    let nonce = one.mint(NOW);
    assert!(nonce.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_')), "{nonce}");
    assert_eq!(two.check(&nonce, NOW), Ok(NOW), "another node, or the same after a restart");
    assert_eq!(one.check(&nonce, after(300)), Ok(NOW));
    assert_eq!(one.check(&nonce, after(301)), Err(NonceError::Stale));
    assert_eq!(nonces(NonceUser::ResourceServer).check(&nonce, NOW), Err(NonceError::Unknown), "kept apart");
    assert_ne!(one.mint(NOW), one.mint(after(1)));
    let other = NonceSource::new(
        std::sync::Arc::clone(&PROVIDER),
        SecretBytes::new(vec![8; 32]),
        NonceUser::AuthorizationServer,
        Seconds::new(300),
    );
    assert_eq!(other.check(&nonce, NOW), Err(NonceError::Unknown));
    // A later time under an earlier MAC: the time is covered.
    let mut bytes = base64url::decode(&nonce).unwrap();
    bytes[7] ^= 1;
    for forged in [base64url::encode(&bytes), String::new(), "x".repeat(32), nonce[..31].to_owned()] {
        assert_eq!(one.check(&forged, NOW), Err(NonceError::Unknown), "{forged}");
    }
}

/// fapi: DP-12, DP-16, X-AS-9
#[test]
fn a_demanded_nonce_must_be_there_and_fresh_and_no_proof_is_no_nonce_question() {
    let holder = holder();
    let source = nonces(NonceUser::ResourceServer);
    let url = url(API);
    let target = ProofTarget { method: &Method::GET, url: &url, access_key: None };
    let check = ProofCheck { policy: &POLICY, provider: provider(), nonces: Some(&source) };
    let run = |headers: &HeaderMap| check.check(headers, target, NOW).map(fresh).map(|_| ());
    assert_eq!(run(&dpop_headers(&proof_of(&claims(), &holder))), Err(ProofError::NonceMissing));
    let stale = with("nonce", json!(source.mint(after(-301))));
    assert_eq!(run(&dpop_headers(&proof_of(&stale, &holder))), Err(ProofError::Nonce(NonceError::Stale)));
    let foreign = with("nonce", json!(nonces(NonceUser::AuthorizationServer).mint(NOW)));
    assert_eq!(run(&dpop_headers(&proof_of(&foreign, &holder))), Err(ProofError::Nonce(NonceError::Unknown)));
    let made = ready(make_proof(&holder, provider(), target, Some(&source.mint(NOW)), NOW)).unwrap();
    assert_eq!(run(&dpop_headers(&made)), Ok(()));
    for (error, asks) in [
        (ProofError::NonceMissing, true),
        (ProofError::Nonce(NonceError::Stale), true),
        (ProofError::Nonce(NonceError::Unknown), true),
        (ProofError::Missing, false),
        (ProofError::TooOld, false),
    ] {
        assert_eq!(error.wants_nonce(), asks, "{error:?}");
    }
}

fn unclaimed(token: &str, now: UnixTime) -> ingam_ports::Unclaimed<Proof> {
    let url = url(API);
    let target = ProofTarget { method: &Method::GET, url: &url, access_key: None };
    ProofCheck { policy: &POLICY, provider: provider(), nonces: None }.check(&dpop_headers(token), target, now).unwrap()
}

/// fapi: DP-7, SP-K-10
#[test]
fn sr_37_a_proof_replayed_at_the_last_accepted_instant_is_still_known() {
    let guard = guard();
    let token = proof_of(&claims(), &holder());
    let last = after(60);
    assert!(ready(settle(unclaimed(&token, NOW), &guard, Default::default(), NOW)).is_ok());
    for now in [NOW, after(30), last] {
        let again = ready(settle(unclaimed(&token, now), &guard, Default::default(), now));
        assert!(matches!(again, Err(ReplayError::Replayed(ClaimPurpose::Proof))), "{now:?}");
    }
    let claim = claims_of(unclaimed(&token, NOW));
    assert_eq!(claim.len(), 1);
    assert_eq!(claim[0].stated, NOW, "the message's own time, never the verifier's");
    assert!(claim[0].expires > last.plus(POLICY.settings().future_skew), "remembered longer than accepted");
}

#[test]
fn sr_38_the_same_jti_under_two_keys_is_two_proofs() {
    let guard = guard();
    for token in [proof_of(&claims(), &holder()), proof_of(&claims(), &holder())] {
        assert!(ready(settle(unclaimed(&token, NOW), &guard, Default::default(), NOW)).is_ok());
    }
}

#[test]
fn sr_39_a_guard_that_does_not_answer_lets_nobody_in() {
    let store = std::sync::Arc::new(ingam_store::MemoryStore::new());
    let failing = ingam_contract::FailingStore::new(store);
    failing.fail(true);
    let guard = ingam_store::StoreReplayGuard::new(std::sync::Arc::new(failing), Seconds::new(3600));
    let token = proof_of(&claims(), &holder());
    let refused = ready(settle(unclaimed(&token, NOW), &guard, Default::default(), NOW));
    assert!(matches!(refused, Err(ReplayError::Unavailable)));
}

#[test]
fn sr_39_a_proof_that_fails_any_check_claims_nothing() {
    // A refusal carries no claim, so there is nothing to settle; the good proof under the same jti is still fresh.
    let (guard, holder) = (guard(), holder());
    for (name, value) in [("htm", json!("POST")), ("htu", json!("https://x.example/")), ("iat", json!(1))] {
        assert!(check(&proof_of(&with(name, value), &holder)).is_err());
    }
    let good = proof_of(&claims(), &holder);
    assert!(ready(settle(unclaimed(&good, NOW), &guard, Default::default(), NOW)).is_ok());
}
