use std::sync::Arc;

use ingam_access_key::*;
use ingam_jose::{SignatureAlgorithm, Signer, jwt::AudienceClaim};
use ingam_protocol::{OAuthError, TokenType, details::AuthorizationDetails};
use ingam_testkit::assert_hidden;
use ingam_wire::{Seconds, base64url};
use serde_json::Value;

use crate::party::*;

fn payload(token: &str) -> Value {
    serde_json::from_slice(&base64url::decode(token.split('.').nth(1).unwrap()).unwrap()).unwrap()
}

fn header(token: &str) -> Value {
    serde_json::from_slice(&base64url::decode(token.split('.').next().unwrap()).unwrap()).unwrap()
}

/// fapi: AT-1, AT-2, AT-3, DP-9, SP-AS-4, SU-3, OA-13
#[test]
fn an_access_key_is_a_typed_jwt_bound_to_its_holder() {
    let fintech = Fintech::new("client-1");
    for algorithm in [SignatureAlgorithm::Es256, SignatureAlgorithm::EdDsa] {
        let key = key(algorithm);
        let issued = access_key(&fintech, &key);
        let text = issued.token.expose();
        assert_eq!(header(text)["typ"], "at+jwt");
        assert_eq!(header(text)["kid"], key.key_id().as_str());
        let claims = payload(text);
        assert_eq!(claims["iss"], OPERATOR);
        assert_eq!(claims["aud"], RESOURCE);
        assert_eq!(claims["sub"], "alice");
        assert_eq!(claims["client_id"], "client-1");
        assert_eq!(claims["exp"], NOW.secs() + 300);
        assert_eq!(claims["iat"], NOW.secs());
        assert_eq!(claims["scope"], "accounts balances");
        assert_eq!(claims["cnf"]["jkt"], fintech.dpop.verifying_key().thumbprint().to_base64url());
        assert_eq!(claims["acr"], "urn:ingam:acr:3");
        assert_eq!(claims["auth_time"], NOW.secs());
        assert!(claims["jti"].as_str().unwrap().len() >= 22);
        assert!(text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._".contains(&b)));
        assert_eq!((issued.token_type, issued.expires_in), (TokenType::Dpop, Seconds::new(300)));
        assert_eq!(issued.key_id.as_deref(), Some(key.key_id().as_str()));
        assert_hidden(&issued, text);
    }
}

/// fapi: MT-5, DP-9
#[test]
fn a_certificate_bound_access_key_names_the_certificate() {
    let fintech = Fintech::new("client-1");
    let redeemed = redeemed(&fintech, |_| {});
    let constraint = SenderConstraint::of_certificate(&certificate(1));
    let key = key(SignatureAlgorithm::Es256);
    let issued = ready(issuer().issue(redeemed.grant(), redeemed.terms(), constraint, &key, NOW)).unwrap();
    let claims = payload(issued.token.expose());
    assert_eq!(claims["cnf"], serde_json::json!({"x5t#S256": base64url::encode([1_u8; 32])}));
    assert_eq!(issued.token_type, TokenType::Bearer);
}

#[test]
fn nothing_is_issued_from_a_grant_that_is_not_active() {
    let fintech = Fintech::new("client-1");
    let redeemed = redeemed(&fintech, |_| {});
    let constraint = SenderConstraint::of_proof(&proof(&fintech.dpop, NOW));
    let key = key(SignatureAlgorithm::Es256);
    let revoked = redeemed.grant().clone().revoke(RevocationReason::User, NOW).unwrap();
    let pending = issued_code(&fintech, &verifier(), |_| {}).grant;
    let late = redeemed.grant().expires();
    for (grant, now) in [(&revoked, NOW), (&pending, NOW), (redeemed.grant(), late)] {
        let refused = ready(issuer().issue(grant, redeemed.terms(), constraint, &key, now)).unwrap_err();
        assert_eq!(refused, IssueError::GrantNotActive);
        assert_eq!(refused.to_oauth_error(), OAuthError::InvalidGrant);
    }
}

/// fapi: SP-K-13, BCP-14
#[test]
fn a_fintech_named_like_the_user_gets_no_access_key() {
    let fintech = Fintech::new("alice");
    let redeemed = redeemed(&fintech, |_| {});
    let constraint = SenderConstraint::of_proof(&proof(&fintech.dpop, NOW));
    let key = key(SignatureAlgorithm::Es256);
    let refused = ready(issuer().issue(redeemed.grant(), redeemed.terms(), constraint, &key, NOW)).unwrap_err();
    assert_eq!(refused, IssueError::SubjectIsClient);
}

/// fapi: SP-K-1
#[test]
fn a_signing_key_that_the_policy_does_not_admit_signs_nothing() {
    let mut settings = AccessKeySettings::fapi2_security();
    settings.algorithms = vec![SignatureAlgorithm::EdDsa];
    let policy = Arc::new(AccessKeyPolicy::new(settings).unwrap());
    let issuer = AccessKeyIssuer::new(operator(), resource(), policy, Arc::clone(&PROVIDER));
    let fintech = Fintech::new("client-1");
    let redeemed = redeemed(&fintech, |_| {});
    let constraint = SenderConstraint::of_proof(&proof(&fintech.dpop, NOW));
    let key = key(SignatureAlgorithm::Es256);
    let refused = ready(issuer.issue(redeemed.grant(), redeemed.terms(), constraint, &key, NOW)).unwrap_err();
    assert_eq!(refused, IssueError::AlgorithmNotAllowed);
}

#[test]
fn x1149_3_1_16_3_an_access_key_that_moves_money_lives_a_minute() {
    let fintech = Fintech::new("client-1");
    let payment = payment_details();
    let redeemed = redeemed(&fintech, |request| request.authorization_details = Some(payment.clone()));
    assert_eq!(redeemed.terms().risk(), RiskClass::High);
    let constraint = SenderConstraint::of_proof(&proof(&fintech.dpop, NOW));
    let key = key(SignatureAlgorithm::Es256);
    let issued = ready(issuer().issue(redeemed.grant(), redeemed.terms(), constraint, &key, NOW)).unwrap();
    assert_eq!(issued.expires_in, Seconds::new(60));
    assert_eq!(issued.claims.exp, after(60));
    assert_eq!(issued.claims.authorization_details, Some(payment));
}

/// The first shape that the protocol takes for a payment.
fn payment_details() -> AuthorizationDetails {
    let file = ingam_testkit::vectors("oauth", "rfc9396").to_string();
    let shapes = [
        r#"[{"type":"payment_initiation","actions":["initiate"],"instructedAmount":{"currency":"EUR","amount":"123.50"},"creditorName":"Merchant A","creditorAccount":{"iban":"DE02100100109307118603"},"remittanceInformationUnstructured":"Ref Number Merchant"}]"#,
        r#"[{"type":"payment_initiation","instructedAmount":{"currency":"EUR","amount":"123.50"},"creditorName":"Merchant A","creditorAccount":{"iban":"DE02100100109307118603"},"remittanceInformationUnstructured":"Ref Number Merchant"}]"#,
    ];
    assert!(file.contains("payment_initiation"));
    shapes.iter().find_map(|text| AuthorizationDetails::parse(text).ok()).expect("a payment is understood")
}

/// fapi: RI-3, BCP-7
#[test]
fn the_audience_is_the_resource_that_was_granted() {
    let fintech = Fintech::new("client-1");
    let redeemed = redeemed(&fintech, |request| request.resources = vec![resource()]);
    let constraint = SenderConstraint::of_proof(&proof(&fintech.dpop, NOW));
    let key = key(SignatureAlgorithm::Es256);
    let other = "https://default.example".parse().unwrap();
    let issuer = AccessKeyIssuer::new(operator(), other, Arc::clone(&POLICY), Arc::clone(&PROVIDER));
    let issued = ready(issuer.issue(redeemed.grant(), redeemed.terms(), constraint, &key, NOW)).unwrap();
    assert_eq!(issued.claims.aud, AudienceClaim::One(RESOURCE.to_owned()));
}

#[test]
fn an_access_key_never_outlives_its_grant() {
    let fintech = Fintech::new("client-1");
    let redeemed = redeemed(&fintech, |_| {});
    let near = ingam_wire::UnixTime::from_secs(redeemed.grant().expires().secs() - 10);
    let constraint = SenderConstraint::of_proof(&proof(&fintech.dpop, NOW));
    let key = key(SignatureAlgorithm::Es256);
    let issued = ready(issuer().issue(redeemed.grant(), redeemed.terms(), constraint, &key, near)).unwrap();
    assert_eq!(issued.claims.exp, redeemed.grant().expires());
    assert_eq!(issued.expires_in, Seconds::new(10), "the fintech is told the same");
}

/// fapi: SP-K-4, OA-13
#[test]
fn an_opaque_access_key_is_a_secret_with_a_sealed_record() {
    let mut settings = AccessKeySettings::fapi2_security();
    settings.format = AccessKeyFormat::Opaque;
    let policy = Arc::new(AccessKeyPolicy::new(settings).unwrap());
    let issuer = AccessKeyIssuer::new(operator(), resource(), policy, Arc::clone(&PROVIDER));
    let fintech = Fintech::new("client-1");
    let redeemed = redeemed(&fintech, |_| {});
    let constraint = SenderConstraint::of_proof(&proof(&fintech.dpop, NOW));
    let key = key(SignatureAlgorithm::Es256);
    let issued = ready(issuer.issue(redeemed.grant(), redeemed.terms(), constraint, &key, NOW)).unwrap();
    let secret = OneTimeSecret::parse(SecretKind::OpaqueAccessKey, issued.token.expose()).unwrap();
    let record = issued.opaque.unwrap();
    let row = sealer().seal(secret.row_key(&sealer()), 1, None, Vec::new(), &record).unwrap();
    let opened = sealer().open::<OpaqueAccessKey>(&row).unwrap();
    assert_eq!(opened.claims(), &issued.claims);
    let verifier = verifier_of(&key);
    let verified = verifier.recognise(issued.token.expose(), &opened, NOW).unwrap();
    assert_eq!(verified.user(), &user());
    assert_eq!(verifier.recognise(issued.token.expose(), &opened, after(305)), Err(AccessRefused::Expired));
}
