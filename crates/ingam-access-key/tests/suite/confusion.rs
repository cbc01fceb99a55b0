//! Every kind of token shown to every check (RFC 8725 section 3.12), with one signing key for all: only the kind counts.

use http::Method;
use ingam_access_key::*;
use ingam_jose::{KeySet, SignatureAlgorithm, Signer};
use ingam_protocol::IntrospectionResponse;
use ingam_wire::Seconds;

use crate::party::*;

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Kind {
    AccessKey,
    Proof,
    Assertion,
    RequestObject,
    Jarm,
    Introspection,
    IdToken,
}

const KINDS: [Kind; 7] = [
    Kind::AccessKey,
    Kind::Proof,
    Kind::Assertion,
    Kind::RequestObject,
    Kind::Jarm,
    Kind::Introspection,
    Kind::IdToken,
];

/// fapi: JW-7, IJ-2, MS-21
#[test]
fn sr_20_no_token_of_one_kind_passes_for_another() {
    let fintech = Fintech::with("client-1", |entry| entry.request = RequestForm::Signed);
    let plain = Fintech::new("client-1");
    // One key for everybody: operator, fintech and holder, so that nothing but the kind can refuse.
    let key = &fintech.key;
    assert_eq!(key.verifying_key().algorithm(), SignatureAlgorithm::Es256);
    let keys = KeySet::new(vec![key.verifying_key().clone()]);
    let (operator, random) = (operator(), provider().randomness());
    let redeemed = redeemed(&plain, |_| {});
    let url = url(TOKEN_ENDPOINT);
    let target = ProofTarget { method: &Method::POST, url: &url, access_key: None };
    let verifier = verifier_of(key);
    let constraint = SenderConstraint::of_proof(&proof(key, NOW));
    let access_key = ready(issuer().issue(redeemed.grant(), redeemed.terms(), constraint, key, NOW)).unwrap();
    let access_key = access_key.token.expose().to_owned();
    let make = |kind: Kind| match kind {
        Kind::AccessKey => access_key.clone(),
        Kind::Proof => ready(make_proof(key, provider(), target, None, NOW)).unwrap(),
        Kind::Assertion => fintech.assertion(NOW),
        Kind::RequestObject => {
            let request = authorization_request(&crate::party::verifier());
            ready(make_request_object(&request, fintech.id(), &operator, key, random, NOW)).unwrap()
        }
        Kind::Jarm => {
            let response = issued_code(&plain, &crate::party::verifier(), |_| {}).response(&operator).unwrap();
            ready(make_jarm(&response, fintech.id(), &POLICY, key, NOW)).unwrap()
        }
        Kind::Introspection => {
            ready(make_introspection(&IntrospectionResponse::Inactive, &operator, RESOURCE, key, NOW)).unwrap()
        }
        Kind::IdToken => {
            let content = IdTokenContent::default();
            ready(make_id_token(redeemed.grant(), content, &operator, &POLICY, provider(), key, NOW)).unwrap()
        }
    };
    let accepts = |kind: Kind, token: &str| match kind {
        Kind::AccessKey => verifier.verify(token, NOW).is_ok(),
        Kind::Proof => {
            let check = ProofCheck { policy: &POLICY, provider: provider(), nonces: None };
            check.check(&dpop_headers(token), target, NOW).is_ok()
        }
        Kind::Assertion => {
            let check = AssertionCheck { operator: &operator, policy: &POLICY, provider: provider() };
            check.check(token, fintech.id(), &keys, NOW).is_ok()
        }
        Kind::RequestObject => {
            let check = RequestObjectCheck { operator: &operator, policy: &POLICY, provider: provider() };
            check.check(token, &fintech.registered, NOW).is_ok()
        }
        Kind::Jarm => check_jarm(token, &operator, fintech.id(), &keys, &POLICY, Seconds::new(5), NOW).is_ok(),
        Kind::Introspection => {
            check_introspection(token, "asked", &operator, RESOURCE, &keys, &POLICY, provider(), NOW).is_ok()
        }
        Kind::IdToken => {
            let expected = ExpectedIdToken {
                operator: &operator,
                client: fintech.id(),
                nonce: None,
                max_age: None,
                access_key: None,
                leeway: Seconds::new(5),
            };
            check_id_token(token, expected, &keys, &POLICY, provider(), NOW).is_ok()
        }
    };
    for made in KINDS {
        for checked in KINDS {
            assert_eq!(accepts(checked, &make(made)), made == checked, "{made:?} shown as {checked:?}");
        }
    }
}
