use ingam_access_key::*;
use ingam_jose::{SignatureAlgorithm, Signer};
use ingam_protocol::{AuthorizationRequest, AuthorizationResponse, OAuthError, RedirectUri, ResponseMode, Sha256Text};
use ingam_testkit::assert_hidden;
use serde_json::json;

use crate::party::*;

fn pushed(change: impl FnOnce(&mut AuthorizationRequest)) -> Result<PushedRequest, PushError> {
    let mut request = authorization_request(&verifier());
    change(&mut request);
    push(&Fintech::new("client-1"), request, None)
}

/// fapi: SP-AZ-2, SP-AZ-12, PA-4, PA-3
#[test]
fn a_push_is_kept_under_the_hash_of_its_reference_and_for_a_short_time() {
    let fintech = Fintech::new("client-1");
    let form = PushedForm::Plain(Box::new(authorization_request(&verifier())));
    let who = fintech.authenticated(NOW);
    let random = provider().randomness();
    let (reference, pushed) = PushedRequest::accept(&who, form, None, &[], &POLICY, NOW, random).unwrap();
    assert!(reference.expose().starts_with("igp_"));
    assert_eq!(pushed.expires_in().get(), 90);
    assert_eq!(pushed.expires(), after(90));
    assert!(pushed.keep_until() > pushed.expires());
    let row = sealer().seal(reference.row_key(&sealer()), 1, None, Vec::new(), &pushed).unwrap();
    assert_eq!(sealer().open::<PushedRequest>(&row).unwrap(), pushed);
    ingam_protocol::RequestUri::from_reference(reference.expose()).unwrap();
}

/// fapi: BCP-1, SP-AS-7, PA-5, RAR-3, RI-2, SP-AS-14
#[test]
fn a_push_asks_only_what_the_fintech_is_registered_for() {
    assert!(pushed(|_| {}).is_ok());
    type Change = fn(&mut AuthorizationRequest);
    let table: [(Change, PushError, OAuthError); 7] = [
        (|r| r.client_id = Some("client-2".parse().unwrap()), PushError::ClientMismatch, OAuthError::InvalidRequest),
        (
            |r| r.redirect_uri = "https://fintech.example/callback/".parse().unwrap(),
            PushError::UnregisteredRedirectUri,
            OAuthError::InvalidRequest,
        ),
        (|r| r.response_mode = Some(ResponseMode::Jwt), PushError::WrongResponseMode, OAuthError::InvalidRequest),
        (|r| r.scope = None, PushError::NothingAsked, OAuthError::InvalidScope),
        (|r| r.scope = Some("accounts admin".parse().unwrap()), PushError::UnregisteredScope, OAuthError::InvalidScope),
        (
            |r| r.resources = vec!["https://elsewhere.example".parse().unwrap()],
            PushError::UnknownResource,
            OAuthError::InvalidTarget,
        ),
        (
            |r| {
                r.authorization_details = Some(
                    ingam_protocol::details::AuthorizationDetails::parse(
                        r#"[{"type":"ingam_service","items":["balance"],"purpose":"p","cycle":"daily","end_date":"2027-01-01","retention_days":30}]"#,
                    )
                    .unwrap(),
                );
            },
            PushError::UnregisteredDetails,
            OAuthError::InvalidAuthorizationDetails,
        ),
    ];
    for (change, error, code) in table {
        assert_eq!(pushed(change), Err(error));
        assert_eq!(error.to_oauth_error(), code, "{error:?}");
    }
    assert!(pushed(|r| r.resources = vec![resource()]).is_ok());
    assert!(pushed(|r| r.client_id = Some("client-1".parse().unwrap())).is_ok());
}

/// fapi: MS-1, X-AS-12
#[test]
fn an_unsigned_push_is_refused_where_signed_ones_are_demanded() {
    let fintech = Fintech::with("client-1", |entry| entry.request = RequestForm::Signed);
    let refused = push(&fintech, authorization_request(&verifier()), None);
    assert_eq!(refused, Err(PushError::SignatureRequired));
    assert_eq!(PushError::SignatureRequired.to_oauth_error(), OAuthError::InvalidRequest);
}

/// fapi: MS-12, MS-11
#[test]
fn a_fintech_registered_for_signed_responses_gets_no_plain_one() {
    let fintech = Fintech::with("client-1", |entry| entry.response = ResponseMode::Jwt);
    let mut request = authorization_request(&verifier());
    assert_eq!(push(&fintech, request.clone(), None).unwrap().response_mode(), ResponseMode::Jwt);
    request.response_mode = Some(ResponseMode::Query);
    assert_eq!(push(&fintech, request, None), Err(PushError::WrongResponseMode));
}

/// fapi: SP-AS-12, DP-17
#[test]
fn the_code_is_bound_by_the_named_key_or_the_proof_and_both_must_agree() {
    let fintech = Fintech::new("client-1");
    let other = key(SignatureAlgorithm::Es256);
    let shown = proof(&fintech.dpop, NOW);
    let jkt = |key: &ingam_jose::SigningKey| Sha256Text::from_bytes(*key.verifying_key().thumbprint().as_bytes());
    let with = |named: Option<Sha256Text>, proof: Option<&Proof>| {
        let mut request = authorization_request(&verifier());
        request.dpop_jkt = named;
        push(&fintech, request, proof).map(|pushed| pushed.binds_to().copied())
    };
    assert_eq!(with(None, None), Ok(None));
    assert_eq!(with(Some(jkt(&fintech.dpop)), None), Ok(Some(jkt(&fintech.dpop))));
    assert_eq!(with(None, Some(&shown)), Ok(Some(jkt(&fintech.dpop))));
    assert_eq!(with(Some(jkt(&fintech.dpop)), Some(&shown)), Ok(Some(jkt(&fintech.dpop))));
    assert_eq!(with(Some(jkt(&other)), Some(&shown)), Err(PushError::JktMismatch));
    assert_eq!(PushError::JktMismatch.to_oauth_error(), OAuthError::InvalidDpopProof);
}

/// fapi: SP-AZ-15, PA-6, PA-7, PA-8, OA-9, X-AS-19
#[test]
fn sr_50_a_request_is_opened_by_its_fintech_in_time_and_as_often_as_the_page_is_loaded() {
    let (fintech, other) = (Fintech::new("client-1"), Fintech::new("client-2"));
    let pushed = push(&fintech, authorization_request(&verifier()), None).unwrap();
    for now in [NOW, after(1), after(89)] {
        assert!(pushed.clone().present(&fintech.registered, now).is_ok());
    }
    assert_eq!(pushed.clone().present(&fintech.registered, after(90)), Err(OpenError::Expired));
    assert_eq!(pushed.clone().present(&other.registered, NOW), Err(OpenError::WrongFintech));
    assert_eq!(OpenError::WrongFintech.to_oauth_error(), OAuthError::InvalidRequestUri);
    let record = fintech.registered.record().clone().with_status(FintechStatus::Suspended).unwrap();
    let suspended = RegisteredFintech::load(record, provider()).unwrap();
    assert_eq!(pushed.present(&suspended, NOW), Err(OpenError::NotActive));
}

#[test]
fn a_resource_server_is_granted_nothing() {
    let server = Fintech::with("rs", |entry| entry.role = ClientRole::ResourceServer);
    let refused = push(&server, authorization_request(&verifier()), None);
    assert_eq!(refused, Err(PushError::NotAFintech));
    assert_eq!(PushError::NotAFintech.to_oauth_error(), OAuthError::UnauthorizedClient);
}

/// fapi: RAR-2
#[test]
fn x1149_3_1_16_6_the_consent_is_what_was_asked_or_less() {
    let fintech = Fintech::new("client-1");
    let details = |text: &str| ingam_protocol::details::AuthorizationDetails::parse(text).unwrap();
    let asked = r#"[{"type":"account_information","actions":["read_balances"]}]"#;
    let mut request = authorization_request(&verifier());
    request.authorization_details = Some(details(asked));
    let state = || {
        let pushed = push(&fintech, request.clone(), None).unwrap();
        pushed.present(&fintech.registered, NOW).unwrap().authenticated(strong(NOW), least(), NOW).unwrap()
    };
    let consent = |scopes: &str, granted: Option<&str>| Consent {
        scopes: if scopes.is_empty() { Default::default() } else { scopes.parse().unwrap() },
        accounts: Vec::new(),
        details: granted.map(details),
        until: None,
    };
    assert!(state().consented(consent("accounts", None)).is_ok());
    let picked = r#"[{"type":"account_information","actions":["read_balances"],"accounts":[{"id":"a1"}]}]"#;
    assert!(state().consented(consent("", Some(picked))).is_ok(), "filled with the accounts that were picked");
    assert_eq!(state().consented(consent("accounts payments", None)), Err(ConsentError::ScopeNotAsked));
    let payment = r#"[{"type":"payment_initiation","instructedAmount":{"currency":"KRW","amount":"1"},"creditorName":"x","creditorAccount":{"iban":"DE02100100109307118603"}}]"#;
    if let Ok(payment) = ingam_protocol::details::AuthorizationDetails::parse(payment) {
        let wide = Consent { scopes: Default::default(), accounts: Vec::new(), details: Some(payment), until: None };
        assert_eq!(state().consented(wide), Err(ConsentError::DetailsNotAsked));
    }
    let twice = r#"[{"type":"account_information","actions":["read_balances"]},{"type":"account_information","actions":["list_accounts"]}]"#;
    assert_eq!(state().consented(consent("", Some(twice))), Err(ConsentError::DetailsNotAsked));
    assert_eq!(state().consented(consent("", None)), Err(ConsentError::NothingGranted));
}

/// fapi: SP-AZ-7, IS-1, OA-7, X-AS-3, X-AS-21, X-AS-22
#[test]
fn every_answer_carries_state_as_it_was_pushed_and_the_issuer() {
    let fintech = Fintech::new("client-1");
    let issued = issued_code(&fintech, &verifier(), |_| {});
    let form = issued.response(&operator()).unwrap().to_form();
    assert_eq!(form.get("state"), Some("af0ifjsldkj"));
    assert_eq!(form.get("iss"), Some(OPERATOR));
    assert_eq!(form.get("code"), Some(issued.code.expose()));
    assert_eq!(form.iter().count(), 3, "nothing else");
    let stateless = issued_code(&fintech, &verifier(), |request| request.state = None);
    assert_eq!(stateless.response(&operator()).unwrap().to_form().get("state"), None);
    let pushed = pushed(|_| {}).unwrap();
    let refused = pushed.refused(OAuthError::AccessDenied, "the user said no", &operator());
    assert!(matches!(refused, AuthorizationResponse::Refused { .. }));
    let form = refused.to_form();
    assert_eq!(
        (form.get("error"), form.get("state"), form.get("iss")),
        (Some("access_denied"), Some("af0ifjsldkj"), Some(OPERATOR))
    );
    assert_hidden(&issued, issued.code.expose());
}

struct Redemption {
    fintech: Fintech,
    verifier: ingam_protocol::CodeVerifier,
    issued: IssuedCode,
}

impl Redemption {
    fn new(change: impl FnOnce(&mut AuthorizationRequest)) -> Self {
        let (fintech, verifier) = (Fintech::new("client-1"), verifier());
        let issued = issued_code(&fintech, &verifier, change);
        Self { fintech, verifier, issued }
    }

    fn redeem<'a>(
        &'a self,
        by: &Fintech,
        at: ingam_wire::UnixTime,
        change: impl FnOnce(&mut Redeem<'a>),
    ) -> Result<Redeemed, RedeemError> {
        let mut redeem = Redeem {
            redirect_uri: &self.issued.redirect_uri,
            verifier: Some(&self.verifier),
            proof: None,
            details: None,
            resources: &[],
        };
        change(&mut redeem);
        let (code, grant) = (self.issued.record.clone(), self.issued.grant.clone());
        code.redeem(grant, &by.authenticated(at), redeem, provider(), at)
    }
}

/// fapi: SP-AS-11, OA-5, BCP-9, X-AS-15
#[test]
fn a_code_lives_sixty_seconds() {
    let flow = Redemption::new(|_| {});
    assert!(flow.redeem(&flow.fintech, after(59), |_| {}).is_ok());
    for late in [60, 62] {
        let refused = flow.redeem(&flow.fintech, after(late), |_| {}).unwrap_err();
        assert_eq!(refused, RedeemError::Expired);
        assert_eq!(refused.to_oauth_error(), OAuthError::InvalidGrant);
    }
}

/// fapi: OA-5, OA-6, SP-AZ-9, X-AS-15
#[test]
fn sr_54_a_code_in_wrong_hands_is_refused_and_its_grant_falls() {
    let flow = Redemption::new(|_| {});
    let thief = Fintech::new("client-2");
    let stolen = flow.redeem(&thief, NOW, |_| {}).unwrap_err();
    assert_eq!(stolen, RedeemError::WrongFintech);
    let other: RedirectUri = "https://fintech.example/other".parse().unwrap();
    let moved = flow.redeem(&flow.fintech, NOW, |redeem| redeem.redirect_uri = &other).map(|_| ()).unwrap_err();
    assert_eq!(moved, RedeemError::WrongRedirectUri);
    for error in [stolen, moved] {
        assert!(error.is_misuse());
        assert_eq!(error.to_oauth_error(), OAuthError::InvalidGrant);
    }
    assert!(!RedeemError::Expired.is_misuse());
}

/// fapi: OA-5, SP-AZ-9, X-AS-15
#[test]
fn sr_55_a_code_is_redeemed_once() {
    let flow = Redemption::new(|_| {});
    let redeemed = flow.redeem(&flow.fintech, NOW, |_| {}).unwrap();
    assert!(redeemed.code().is_redeemed());
    let redeem = Redeem {
        redirect_uri: &flow.issued.redirect_uri,
        verifier: Some(&flow.verifier),
        proof: None,
        details: None,
        resources: &[],
    };
    let who = flow.fintech.authenticated(NOW);
    let again =
        redeemed.code().clone().redeem(redeemed.grant().clone(), &who, redeem, provider(), after(1)).unwrap_err();
    assert_eq!(again, RedeemError::Reused);
    assert!(again.is_misuse());
    assert_eq!(again.to_oauth_error(), OAuthError::InvalidGrant);
    assert!(redeemed.code().keep_until() > after(3600), "remembered, so that reuse is noticed");
    // Even with a code record that is still fresh, a grant that is no longer waiting gives nothing.
    let fresh = flow.issued.record.clone().redeem(redeemed.grant().clone(), &who, redeem, provider(), NOW);
    assert_eq!(fresh.map(|_| ()).unwrap_err(), RedeemError::GrantNotPending);
}

/// fapi: SP-AZ-5, PK-5, X-AS-14
#[test]
fn x1149_3_1_16_6_the_verifier_is_that_of_the_push() {
    let flow = Redemption::new(|_| {});
    let wrong = verifier();
    let missing = flow.redeem(&flow.fintech, NOW, |redeem| redeem.verifier = None).unwrap_err();
    assert_eq!(missing, RedeemError::Pkce(PkceError::VerifierMissing));
    let refused = flow.redeem(&flow.fintech, NOW, |redeem| redeem.verifier = Some(&wrong)).map(|_| ()).unwrap_err();
    assert_eq!(refused, RedeemError::Pkce(PkceError::VerifierMismatch));
    for error in [missing, refused] {
        assert_eq!(error.to_oauth_error(), OAuthError::InvalidGrant);
    }
}

/// fapi: SP-AS-12, DP-17
#[test]
fn sr_57_a_code_bound_to_one_key_is_not_redeemed_with_another() {
    let holder = key(SignatureAlgorithm::Es256);
    let bound = Sha256Text::from_bytes(*holder.verifying_key().thumbprint().as_bytes());
    let flow = Redemption::new(|request| request.dpop_jkt = Some(bound));
    let (good, bad) = (proof(&holder, NOW), proof(&flow.fintech.dpop, NOW));
    assert!(flow.redeem(&flow.fintech, NOW, |redeem| redeem.proof = Some(&good)).is_ok());
    let refused = flow.redeem(&flow.fintech, NOW, |redeem| redeem.proof = Some(&bad)).map(|_| ()).unwrap_err();
    assert_eq!(refused, RedeemError::JktMismatch);
    assert_eq!(refused.to_oauth_error(), OAuthError::InvalidGrant);
    assert_eq!(flow.redeem(&flow.fintech, NOW, |_| {}).unwrap_err(), RedeemError::JktMismatch);
}

#[test]
fn a_code_activates_only_the_grant_it_was_issued_with() {
    let (one, two) = (Redemption::new(|_| {}), Redemption::new(|_| {}));
    let who = one.fintech.authenticated(NOW);
    let redeem = Redeem {
        redirect_uri: &one.issued.redirect_uri,
        verifier: Some(&one.verifier),
        proof: None,
        details: None,
        resources: &[],
    };
    let refused = one.issued.record.clone().redeem(two.issued.grant.clone(), &who, redeem, provider(), NOW);
    assert_eq!(refused.map(|_| ()).unwrap_err(), RedeemError::GrantNotPending);
}

/// fapi: OI-1, X-AS-23
#[test]
fn an_id_token_is_wanted_exactly_when_openid_was_granted() {
    let fintech = Fintech::new("client-1");
    assert!(!redeemed(&fintech, |_| {}).wants_id_token());
    let with = redeemed(&fintech, |request| {
        request.scope = Some("openid accounts".parse().unwrap());
        request.nonce = Some("n-0S6_WzA2Mj".parse().unwrap());
    });
    assert!(with.wants_id_token());
    assert_eq!(with.nonce().unwrap().as_str(), "n-0S6_WzA2Mj");
}

#[test]
fn states_rest_in_the_store_and_an_earlier_one_never_passes_for_a_later_one() {
    let (fintech, sealer) = (Fintech::new("client-1"), sealer());
    let pushed = push(&fintech, authorization_request(&verifier()), None).unwrap();
    let presented = pushed.present(&fintech.registered, NOW).unwrap();
    let session = OneTimeSecret::make(SecretKind::Session, NOW, provider().randomness()).unwrap();
    let row = sealer.seal(session.row_key(&sealer), 1, None, Vec::new(), &presented).unwrap();
    assert_eq!(sealer.open::<PresentedToUser>(&row).unwrap(), presented);
    assert!(sealer.open::<Authenticated>(&row).is_err(), "nobody was authenticated yet");
    let authenticated = presented.authenticated(strong(NOW), least(), NOW).unwrap();
    let row = sealer.seal(session.row_key(&sealer), 2, None, Vec::new(), &authenticated).unwrap();
    assert_eq!(sealer.open::<Authenticated>(&row).unwrap(), authenticated);
    assert!(serde_json::from_value::<Authenticated>(json!({"pushed": {}})).is_err());
}
