use ingam_access_key::*;
use ingam_ports::Revoked;
use ingam_protocol::{OAuthError, details::AuthorizationDetails};
use ingam_wire::UnixTime;

use crate::party::*;

fn granted(fintech: &Fintech) -> (Grant, RefreshRecord) {
    let redeemed = redeemed(fintech, |request| {
        request.scope = Some("accounts balances transactions".parse().unwrap());
        request.resources = vec![resource()];
        request.authorization_details = Some(details(BOTH));
    });
    let (_, record) = redeemed.refresh_token(NOW, provider().randomness()).unwrap();
    (redeemed.grant().clone(), record)
}

const BOTH: &str = r#"[{"type":"account_information","actions":["read_balances"]},{"type":"account_information","actions":["list_accounts"]}]"#;

fn details(text: &str) -> AuthorizationDetails {
    AuthorizationDetails::parse(text).unwrap()
}

fn refresh(
    grant: &Grant,
    record: &RefreshRecord,
    by: &Fintech,
    asked: RefreshTerms<'_>,
    now: UnixTime,
) -> Result<(Grant, AccessTerms), RefreshError> {
    grant.clone().refresh(record, &by.authenticated(now), asked, &POLICY, now)
}

/// fapi: OA-12, RAR-4, RAR-5, RI-3, BCP-8
#[test]
fn terms_narrow_and_never_widen() {
    let (grant, _) = granted(&Fintech::new("client-1"));
    let all = grant.narrow(None, None, &[]).unwrap();
    assert_eq!(all.scopes(), grant.scopes());
    assert_eq!(all.details(), grant.details());
    assert_eq!(all.resources(), grant.resources());
    let less = "balances".parse().unwrap();
    assert_eq!(grant.narrow(Some(&less), None, &[]).unwrap().scopes(), &less);
    let more = "balances payments".parse().unwrap();
    assert_eq!(grant.narrow(Some(&more), None, &[]), Err(NarrowError::ScopeExceedsGrant));
    let one = details(r#"[{"type":"account_information","actions":["list_accounts"]}]"#);
    assert_eq!(grant.narrow(None, Some(&one), &[]).unwrap().details(), Some(&one));
    let other = details(r#"[{"type":"account_information","actions":["read_transactions"]}]"#);
    assert_eq!(grant.narrow(None, Some(&other), &[]), Err(NarrowError::DetailsExceedGrant));
    let elsewhere = "https://elsewhere.example".parse().unwrap();
    assert_eq!(grant.narrow(None, None, &[elsewhere]), Err(NarrowError::ResourceExceedsGrant));
    assert_eq!(NarrowError::ScopeExceedsGrant.to_oauth_error(), OAuthError::InvalidScope);
    assert_eq!(NarrowError::DetailsExceedGrant.to_oauth_error(), OAuthError::InvalidAuthorizationDetails);
    assert_eq!(NarrowError::ResourceExceedsGrant.to_oauth_error(), OAuthError::InvalidTarget);
    let bare = redeemed(&Fintech::new("client-1"), |_| {}).grant().clone();
    assert_eq!(bare.narrow(None, Some(&one), &[]), Err(NarrowError::DetailsExceedGrant), "none were granted");
}

/// fapi: SP-AS-9, OA-12, X-AS-15, X-AS-25
#[test]
fn a_refresh_token_is_not_rotated_and_works_again() {
    let fintech = Fintech::new("client-1");
    let (grant, record) = granted(&fintech);
    let (grant, _) = refresh(&grant, &record, &fintech, RefreshTerms::default(), after(30)).unwrap();
    let scopes = "balances".parse().unwrap();
    let asked = RefreshTerms { scopes: Some(&scopes), ..RefreshTerms::default() };
    let (_, terms) = refresh(&grant, &record, &fintech, asked, after(60)).unwrap();
    assert_eq!(terms.scopes(), &scopes);
}

/// fapi: OA-12, X-AS-15, BCP-8
#[test]
fn anothers_idle_or_ended_refresh_token_is_refused() {
    let (fintech, thief) = (Fintech::new("client-1"), Fintech::new("client-2"));
    let (grant, record) = granted(&fintech);
    let none = RefreshTerms::default();
    assert_eq!(refresh(&grant, &record, &thief, none, NOW), Err(RefreshError::WrongFintech));
    let (_, other) = granted(&fintech);
    assert_eq!(refresh(&grant, &other, &fintech, none, NOW), Err(RefreshError::WrongGrant));
    let idle = after(30 * 86_400 + 1);
    assert_eq!(refresh(&grant, &record, &fintech, none, idle), Err(RefreshError::Idle));
    assert!(refresh(&grant, &record, &fintech, none, after(30 * 86_400)).is_ok());
    assert_eq!(refresh(&grant, &record, &fintech, none, after(90 * 86_400)), Err(RefreshError::GrantNotActive));
    let wide = "balances payments".parse().unwrap();
    let asked = RefreshTerms { scopes: Some(&wide), ..none };
    let refused = refresh(&grant, &record, &fintech, asked, NOW).unwrap_err();
    assert_eq!(refused, RefreshError::Narrow(NarrowError::ScopeExceedsGrant));
    assert_eq!(refused.to_oauth_error(), OAuthError::InvalidScope);
    for error in
        [RefreshError::WrongFintech, RefreshError::WrongGrant, RefreshError::GrantNotActive, RefreshError::Idle]
    {
        assert_eq!(error.to_oauth_error(), OAuthError::InvalidGrant);
    }
}

/// fapi: RV-3, SP-RS-3
#[test]
fn x1149_3_1_16_7_a_revoked_grant_gives_nothing_and_stays_revoked() {
    let fintech = Fintech::new("client-1");
    let (grant, record) = granted(&fintech);
    assert!(grant.is_active(NOW));
    let revoked = grant.revoke(RevocationReason::User, NOW).unwrap();
    assert!(!revoked.is_active(NOW));
    assert_eq!(
        revoked.clone().revoke(RevocationReason::Operator, after(1)),
        Err(RevokeError),
        "the first reason stays"
    );
    assert_eq!(revoked.status(), GrantStatus::Revoked { at: NOW, reason: RevocationReason::User });
    let refused = refresh(&revoked, &record, &fintech, RefreshTerms::default(), NOW);
    assert_eq!(refused, Err(RefreshError::GrantNotActive));
    let Revoked::Grant(digest) = revoked.revoked(provider()) else { panic!("a grant was revoked") };
    assert_eq!(digest, provider().sha256(&[revoked.id().as_str().as_bytes()]));
}

/// fapi: AT-6, RI-3
#[test]
fn an_access_key_is_for_one_resource_server() {
    let fintech = Fintech::new("client-1");
    let second: ingam_protocol::Resource = "https://second.op.example".parse().unwrap();
    let mut request = authorization_request(&verifier());
    request.resources = vec![resource(), second.clone()];
    let form = PushedForm::Plain(Box::new(request));
    let (who, random) = (fintech.authenticated(NOW), provider().randomness());
    let known = [resource(), second.clone()];
    let (_, pushed) = PushedRequest::accept(&who, form, None, &known, &POLICY, NOW, random).unwrap();
    let grant = consented(&fintech, pushed).issue_code(&POLICY, NOW, random).unwrap().grant;
    assert_eq!(grant.narrow(None, None, &[]), Err(NarrowError::AmbiguousResource));
    assert_eq!(grant.narrow(None, None, &known), Err(NarrowError::AmbiguousResource));
    assert_eq!(grant.narrow(None, None, core::slice::from_ref(&second)).unwrap().resources(), [second]);
    assert_eq!(NarrowError::AmbiguousResource.to_oauth_error(), OAuthError::InvalidTarget);
}

#[test]
fn a_grant_is_found_by_its_user_its_fintech_and_the_keys_that_signed() {
    let (fintech, sealer) = (Fintech::new("client-1"), sealer());
    let (grant, record) = granted(&fintech);
    let grant = grant.signed_with("key-1").signed_with("key-1").signed_with("key-2");
    let index = grant.index(&sealer);
    assert_eq!(index.len(), 4);
    for value in [
        Grant::index_of_user(&user(), &sealer),
        Grant::index_of_fintech(fintech.id(), &sealer),
        Grant::index_of_signing_key("key-1", &sealer),
        Grant::index_of_signing_key("key-2", &sealer),
    ] {
        assert!(index.contains(&value));
    }
    assert!(!index.contains(&Grant::index_of_signing_key("key-3", &sealer)));
    assert!(!index.contains(&Grant::index_of_user(&"client-1".parse().unwrap(), &sealer)), "indexes are kept apart");
    let row = sealer.seal(Grant::row_key(grant.id()).unwrap(), 1, None, index, &grant).unwrap();
    assert_eq!(sealer.open::<Grant>(&row).unwrap(), grant);
    assert_eq!((record.grant(), record.client_id()), (grant.id(), fintech.id()));
}

#[test]
fn grants_sort_by_the_time_they_were_made() {
    let fintech = Fintech::new("client-1");
    let at = |now: UnixTime| {
        let pushed = push(&fintech, authorization_request(&verifier()), None).unwrap();
        consented(&fintech, pushed).issue_code(&POLICY, now, provider().randomness()).unwrap().grant.id().clone()
    };
    let (early, late) = (at(NOW), at(after(1)));
    assert!(Grant::row_key(&early) < Grant::row_key(&late));
    assert_ne!(at(NOW), at(NOW));
}

#[test]
fn a_consent_that_ends_ends_its_grant() {
    let fintech = Fintech::new("client-1");
    let pushed = push(&fintech, authorization_request(&verifier()), None).unwrap();
    let consent = Consent { until: Some(after(120)), ..Consent::to_all(&pushed) };
    let state = pushed.present(&fintech.registered, NOW).unwrap().authenticated(strong(NOW), least(), NOW).unwrap();
    let issued = state.consented(consent).unwrap().issue_code(&POLICY, NOW, provider().randomness()).unwrap();
    assert_eq!(issued.grant.expires(), after(120));
}
