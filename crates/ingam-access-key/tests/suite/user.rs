use ingam_access_key::*;
use ingam_wire::Seconds;

use crate::party::*;

fn shown(factors: &[(FactorKind, Channel)]) -> UserAuthentication {
    let factors = factors.iter().map(|(kind, channel)| Factor { kind: *kind, channel: *channel }).collect();
    UserAuthentication::new(user(), factors, NOW).unwrap()
}

use AuthenticationLevel::{OneFactor, TwoFactors, TwoSeparateFactors};
use FactorKind::{Inherence, Knowledge, Possession as Holding};

#[test]
fn x1149_3_1_16_1_factors_are_worth_what_they_are_together() {
    let table: [(&[(FactorKind, Channel)], AuthenticationLevel); 8] = [
        (&[(Knowledge, Channel::Page)], OneFactor),
        (&[(Knowledge, Channel::Page), (Knowledge, Channel::App)], OneFactor),
        (&[(Knowledge, Channel::Page), (Inherence, Channel::Page)], TwoFactors),
        (&[(Knowledge, Channel::Page), (Holding, Channel::Page)], TwoFactors),
        (&[(Knowledge, Channel::Page), (Inherence, Channel::App)], TwoFactors),
        (&[(Knowledge, Channel::Page), (Holding, Channel::Token)], TwoSeparateFactors),
        (&[(Holding, Channel::Sms), (Knowledge, Channel::Page)], TwoSeparateFactors),
        (&[(Holding, Channel::Certificate)], TwoSeparateFactors),
    ];
    for (factors, level) in table {
        assert_eq!(shown(factors).level(), level, "{factors:?}");
    }
    assert_eq!(UserAuthentication::new(user(), Vec::new(), NOW), Err(NoFactor));
}

#[test]
fn x1149_3_1_16_1_too_little_is_refused_before_any_code() {
    let require = |level, max_age: Option<u64>, possession| AuthenticationRequirement {
        level,
        max_age: max_age.map(Seconds::new),
        possession,
    };
    let password = shown(&[(Knowledge, Channel::Page)]);
    let asked = require(TwoFactors, None, Possession::Optional);
    let refused = AuthenticationTooWeak::Level { reached: OneFactor, required: TwoFactors };
    assert_eq!(password.require(&asked, NOW), Err(refused));
    let no_phone = shown(&[(Knowledge, Channel::Page), (Inherence, Channel::App)]);
    let asked = require(TwoFactors, None, Possession::Required);
    assert_eq!(no_phone.require(&asked, NOW), Err(AuthenticationTooWeak::PossessionRequired));
    assert_eq!(strong(NOW).require(&asked, NOW), Ok(()));
    let asked = require(OneFactor, Some(60), Possession::Optional);
    assert_eq!(strong(NOW).require(&asked, after(60)), Ok(()));
    assert_eq!(strong(NOW).require(&asked, after(61)), Err(AuthenticationTooWeak::TooOld));
    assert_eq!(strong(after(1)).require(&asked, NOW), Err(AuthenticationTooWeak::FromTheFuture));
}

/// fapi: SU-2, SU-4
#[test]
fn a_requested_acr_is_reached_or_refused() {
    let fintech = Fintech::new("client-1");
    let with_acr = |acr: &[&str]| {
        let mut request = authorization_request(&verifier());
        request.acr_values = acr.iter().map(|acr| acr.parse().unwrap()).collect();
        let presented = push(&fintech, request, None).unwrap().present(&fintech.registered, NOW).unwrap();
        let two = shown(&[(Knowledge, Channel::Page), (Holding, Channel::Page)]);
        presented.authenticated(two, least(), NOW).map(|_| ())
    };
    assert_eq!(with_acr(&[]), Ok(()));
    assert_eq!(with_acr(&["urn:ingam:acr:1"]), Ok(()));
    assert_eq!(with_acr(&["urn:ingam:acr:3", "urn:ingam:acr:2"]), Ok(()));
    assert_eq!(with_acr(&["urn:ingam:acr:3"]), Err(AuthenticationTooWeak::AcrNotReached));
    assert_eq!(with_acr(&["urn:unknown"]), Err(AuthenticationTooWeak::AcrNotReached));
    assert_eq!(
        AuthenticationTooWeak::AcrNotReached.to_oauth_error(),
        ingam_protocol::OAuthError::UnmetAuthenticationRequirements
    );
}

/// fapi: SU-2
#[test]
fn the_stricter_of_bank_and_request_bounds_the_age() {
    let fintech = Fintech::new("client-1");
    let mut request = authorization_request(&verifier());
    request.max_age = Some(Seconds::new(30));
    let presented = push(&fintech, request, None).unwrap().present(&fintech.registered, NOW).unwrap();
    let bank = |age: Option<u64>| AuthenticationRequirement { max_age: age.map(Seconds::new), ..least() };
    assert_eq!(presented.requirement(bank(None)).max_age, Some(Seconds::new(30)));
    assert_eq!(presented.requirement(bank(Some(10))).max_age, Some(Seconds::new(10)));
    assert_eq!(presented.requirement(bank(Some(100))).max_age, Some(Seconds::new(30)));
    assert_eq!(presented.authenticated(strong(after(-31)), least(), NOW), Err(AuthenticationTooWeak::TooOld));
}
