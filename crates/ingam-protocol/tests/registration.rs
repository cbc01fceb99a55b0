//! The messages of registration: refusals one by one with their code, parse → print → parse, one path for form and claims.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may panic")]

use ingam_protocol::{
    ASSERTION_TYPE, AuthorizationRequest, AuthorizationRequestError as Refused, AuthorizationResponse, Callback,
    CallbackError, ClientParameters, IntrospectionRequest, IntrospectionResponse, OAuthError, Parameters,
    PushedAuthorizationResponse, PushedBody, PushedBodyError, PushedResponseError, RevocationRequest,
    TokenParameterError, TokenRequest, TokenRequestError, TokenResponse, TokenResponseError, TokenType, limits,
};
use ingam_wire::form::{Form, FormError};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

fn form(text: &str) -> Form {
    Form::parse_repeating(text.as_bytes(), &limits::FORM, &limits::REPEATING).unwrap()
}

fn base() -> Map<String, Value> {
    json!({
        "response_type": "code", "client_id": "c1", "redirect_uri": "https://c.example/cb?a=b", "scope": "openid accounts",
        "state": "s", "nonce": "n", "code_challenge": CHALLENGE, "code_challenge_method": "S256"
    })
    .as_object()
    .unwrap()
    .clone()
}

fn as_form(claims: &Map<String, Value>) -> Form {
    claims.iter().fold(Form::default(), |form, (name, value)| match value {
        Value::String(text) => form.with(name, text),
        Value::Array(texts) => texts.iter().fold(form, |form, text| form.with(name, text.as_str().unwrap())),
        other => form.with(name, &other.to_string()),
    })
}

/// fapi: SP-AZ-1, SP-AZ-5, SP-AZ-6, PK-3, PK-4, PA-2, RI-2, OA-11, X-AS-17, MS-20
#[test]
fn each_fault_of_a_request_has_its_code_in_a_form_and_in_a_request_object() {
    let table: [(&str, Option<&str>, Refused, OAuthError); 25] = [
        ("request_uri", Some("urn:x"), Refused::NestedRequest, OAuthError::InvalidRequest),
        ("request", Some("a.b.c"), Refused::NestedRequest, OAuthError::InvalidRequest),
        ("client_id", Some("a b"), Refused::InvalidClientId, OAuthError::InvalidRequest),
        ("response_type", None, Refused::MissingResponseType, OAuthError::InvalidRequest),
        ("response_type", Some("token"), Refused::UnsupportedResponseType, OAuthError::UnsupportedResponseType),
        ("response_type", Some("code id_token"), Refused::UnsupportedResponseType, OAuthError::UnsupportedResponseType),
        ("response_mode", Some("fragment"), Refused::UnsupportedResponseMode, OAuthError::InvalidRequest),
        ("response_mode", Some("form_post.jwt"), Refused::UnsupportedResponseMode, OAuthError::InvalidRequest),
        ("redirect_uri", None, Refused::MissingRedirectUri, OAuthError::InvalidRequest),
        ("redirect_uri", Some("http://c.example/cb"), Refused::InvalidRedirectUri, OAuthError::InvalidRequest),
        ("redirect_uri", Some("https://c.example/cb#f"), Refused::InvalidRedirectUri, OAuthError::InvalidRequest),
        ("code_challenge", None, Refused::MissingCodeChallenge, OAuthError::InvalidRequest),
        ("code_challenge_method", Some("plain"), Refused::UnsupportedChallengeMethod, OAuthError::InvalidRequest),
        ("code_challenge_method", None, Refused::UnsupportedChallengeMethod, OAuthError::InvalidRequest),
        ("code_challenge", Some("abc"), Refused::InvalidCodeChallenge, OAuthError::InvalidRequest),
        ("scope", Some("a\"b"), Refused::InvalidScope, OAuthError::InvalidScope),
        ("state", Some("\u{e9}"), Refused::InvalidState, OAuthError::InvalidRequest),
        ("nonce", Some("\t"), Refused::InvalidNonce, OAuthError::InvalidRequest),
        ("resource", Some("/x"), Refused::InvalidResource, OAuthError::InvalidTarget),
        ("resource", Some("https://r.example/#f"), Refused::InvalidResource, OAuthError::InvalidTarget),
        ("dpop_jkt", Some("abc"), Refused::InvalidDpopJkt, OAuthError::InvalidRequest),
        ("prompt", Some("none login"), Refused::InvalidPrompt, OAuthError::InvalidRequest),
        ("prompt", Some("dance"), Refused::InvalidPrompt, OAuthError::InvalidRequest),
        ("max_age", Some("-1"), Refused::InvalidMaxAge, OAuthError::InvalidRequest),
        ("acr_values", Some("a  b"), Refused::InvalidAcrValues, OAuthError::InvalidRequest),
    ];
    assert!(AuthorizationRequest::from_parameters(&Parameters::from_claims(base())).is_ok());
    for (name, value, reason, code) in table {
        let mut claims = base();
        match value {
            None => claims.remove(name),
            Some(value) => claims.insert(name.to_owned(), value.into()),
        };
        let from_claims = AuthorizationRequest::from_parameters(&Parameters::from_claims(claims.clone()));
        let from_form = AuthorizationRequest::from_parameters(&Parameters::from_form(&as_form(&claims)));
        assert_eq!(from_claims, Err(reason), "{name}={value:?}");
        assert_eq!(from_form, Err(reason), "{name}={value:?}");
        assert_eq!(reason.oauth(), code, "{name}={value:?}");
    }
}

/// fapi: SP-AZ-14, SP-AZ-16, X-AS-33
#[test]
fn long_states_and_nonces_come_through_and_longer_ones_are_refused() {
    let read = |name: &str, length: usize| {
        let mut claims = base();
        claims.insert(name.to_owned(), "x".repeat(length).into());
        AuthorizationRequest::from_parameters(&Parameters::from_claims(claims))
    };
    for (name, good, bad, reason) in
        [("state", 2048, 2049, Refused::InvalidState), ("nonce", 512, 513, Refused::InvalidNonce)]
    {
        assert!(read(name, good).is_ok());
        assert_eq!(read(name, bad), Err(reason));
    }
    assert_eq!(read("nonce", 64).unwrap().nonce.unwrap().as_str(), "x".repeat(64));
}

#[test]
fn claims_of_the_wrong_type_are_refused() {
    for (name, value) in
        [("scope", json!(["accounts"])), ("state", json!(1)), ("redirect_uri", json!({})), ("nonce", Value::Null)]
    {
        let mut claims = base();
        claims.insert(name.to_owned(), value);
        let refused = AuthorizationRequest::from_parameters(&Parameters::from_claims(claims)).unwrap_err();
        assert!(matches!(refused, Refused::WrongType(wrong) if wrong == name), "{name}: {refused:?}");
        assert_eq!(refused.oauth(), OAuthError::InvalidRequest);
    }
}

/// fapi: RI-1, OA-1
#[test]
fn only_resource_may_be_repeated() {
    let text = format!(
        "response_type=code&redirect_uri=https%3A%2F%2Fc.example&code_challenge={CHALLENGE}&code_challenge_method=S256\
         &resource=https%3A%2F%2Fa.example&resource=https%3A%2F%2Fb.example"
    );
    let request = AuthorizationRequest::from_parameters(&Parameters::from_form(&form(&text))).unwrap();
    assert_eq!(request.resources.len(), 2);
    let twice = format!("{text}&state=a&state=b");
    let refused = Form::parse_repeating(twice.as_bytes(), &limits::FORM, &limits::REPEATING);
    assert_eq!(refused.err(), Some(FormError::DuplicateParameter));
    let many = format!("{text}{}", "&resource=https%3A%2F%2Fa.example".repeat(8));
    let refused = AuthorizationRequest::from_parameters(&Parameters::from_form(&form(&many)));
    assert_eq!(refused, Err(Refused::InvalidResource));
}

/// fapi: PA-1, PA-2, MS-22
#[test]
fn a_push_is_plain_or_signed_and_never_a_reference() {
    let refused = PushedBody::from_form(&as_form(&base()).with("request_uri", "urn:x")).unwrap_err();
    assert_eq!((refused, refused.oauth()), (PushedBodyError::RequestUri, OAuthError::InvalidRequest));
    let signed =
        PushedBody::from_form(&Form::default().with("request", "a.b.c").with("response_type", "token")).unwrap();
    assert!(matches!(signed, PushedBody::Signed { object } if object == "a.b.c"));
    let huge = PushedBody::from_form(&Form::default().with("request", &"a".repeat(40_000))).unwrap_err();
    assert_eq!((huge, huge.oauth()), (PushedBodyError::TooLarge, OAuthError::InvalidRequestObject));
}

/// The three pushes of RFC 9126 are read (the second and third need a method S256, which the first lacks).
///
/// fapi: PA-1, CA-1
#[test]
fn the_pushes_of_rfc_9126_are_read() {
    let vectors = ingam_testkit::vectors("oauth", "rfc9126");
    let mut outcomes = Vec::new();
    for case in vectors["requests"].as_array().unwrap() {
        let form = form(case["body"].as_str().unwrap());
        let client = ClientParameters::from_form(&form).unwrap();
        assert!(client.assertion.is_some());
        outcomes.push(match PushedBody::from_form(&form) {
            Ok(PushedBody::Plain(request)) => request.scope.unwrap().to_string(),
            Ok(PushedBody::Signed { object }) => object.split('.').count().to_string(),
            Err(refused) => refused.name().to_owned(),
        });
    }
    assert_eq!(outcomes, ["MissingCodeChallenge", "account-information", "3"]);
}

/// fapi: PA-3, PA-4
#[test]
fn answers_to_a_push_are_read_strictly() {
    let good =
        r#"{"expires_in":60,"request_uri":"urn:ietf:params:oauth:request_uri:6esc_11ACC5bwc014ltc14eY22c","x":1}"#;
    let read = PushedAuthorizationResponse::parse(good.as_bytes()).unwrap();
    assert_eq!(PushedAuthorizationResponse::parse(read.to_json().as_bytes()), Ok(read.clone()));
    let refused = |text: &str| PushedAuthorizationResponse::parse(text.as_bytes()).unwrap_err();
    assert_eq!(refused(&good.replace("60", "0")), PushedResponseError::ExpiresIn);
    assert_eq!(refused(&good.replace("urn:ietf", "urn:other")), PushedResponseError::RequestUri);
    assert!(matches!(refused(&good.replace("60", "\"60\"")), PushedResponseError::Json(_)));
    assert!(matches!(refused("{}"), PushedResponseError::Json(_)));
}

/// fapi: SP-C-18, IS-3, OA-7, JM-3
#[test]
fn each_fault_of_a_callback_has_its_reason() {
    let table = [
        ("code=c&state=s", CallbackError::MissingIss),
        ("code=c&state=s&iss=", CallbackError::MissingIss),
        ("code=c&iss=http%3A%2F%2Fop.example", CallbackError::InvalidIss),
        ("iss=https%3A%2F%2Fop.example", CallbackError::NeitherCodeNorError),
        ("code=c&error=access_denied&iss=https%3A%2F%2Fop.example", CallbackError::NeitherCodeNorError),
        ("code=%C3%A9&iss=https%3A%2F%2Fop.example", CallbackError::InvalidCode),
        ("error=%22&iss=https%3A%2F%2Fop.example", CallbackError::InvalidError),
        ("code=c&state=%09&iss=https%3A%2F%2Fop.example", CallbackError::InvalidState),
        ("code=c&code=d&iss=https%3A%2F%2Fop.example", CallbackError::Form(FormError::DuplicateParameter)),
        (
            "code=c&iss=https%3A%2F%2Fa.example&iss=https%3A%2F%2Fa.example",
            CallbackError::Form(FormError::DuplicateParameter),
        ),
        ("response=a.b.c&code=c", CallbackError::Mixed),
        ("response=a.b.c&state=s", CallbackError::Mixed),
        ("response=a.b.c&iss=x", CallbackError::InvalidIss),
    ];
    for (query, reason) in table {
        assert_eq!(Callback::parse(query.as_bytes()).unwrap_err(), reason, "{query}");
    }
    let huge = format!("code={}", "x".repeat(20_000));
    assert!(matches!(Callback::parse(huge.as_bytes()), Err(CallbackError::Form(FormError::TooLarge { .. }))));
}

/// fapi: OA-4, OA-7, SP-AZ-7, IS-1, JM-1, X-AS-1, X-AS-22
#[test]
fn an_answer_in_the_redirect_is_what_the_fintech_reads() {
    let iss: ingam_protocol::Issuer = "https://op.example/".parse().unwrap();
    let granted = AuthorizationResponse::Granted {
        code: "a+b/c=".parse().unwrap(),
        state: Some("x y&z".parse().unwrap()),
        iss: iss.clone(),
    };
    let location = granted.location(&"https://c.example/cb?dummy1=lorem".parse().unwrap());
    let query = location.split_once('?').unwrap().1;
    assert!(query.starts_with("dummy1=lorem&code="));
    let Ok(Callback::Plain(AuthorizationResponse::Granted { code, state, iss: read })) =
        Callback::parse(query.as_bytes())
    else {
        panic!("{query}")
    };
    assert_eq!((code.expose(), state.unwrap().as_str(), read), ("a+b/c=", "x y&z", iss.clone()));

    let refused = AuthorizationResponse::refused(OAuthError::AccessDenied, "the user\nsaid \"no\"", None, iss);
    let claims = refused.to_claims();
    assert!(!claims.contains_key("state"));
    let again = AuthorizationResponse::from_parameters(&Parameters::from_claims(claims)).unwrap();
    assert_eq!(again.to_form().encode(), refused.to_form().encode());
}

/// fapi: OA-1, OA-3, SP-AS-2, PK-5, X-AS-14, BCP-6
#[test]
fn each_fault_of_a_token_request_has_its_code() {
    let verifier = "v".repeat(43);
    let code = |without: &str, with: &str| {
        let all = [
            "grant_type=authorization_code".to_owned(),
            "code=c".to_owned(),
            "redirect_uri=https%3A%2F%2Fc.example".to_owned(),
            format!("code_verifier={verifier}"),
        ];
        let kept: Vec<String> =
            all.into_iter().filter(|pair| without.is_empty() || !pair.starts_with(without)).collect();
        format!("{}&{with}", kept.join("&"))
    };
    let table = [
        (String::new(), TokenRequestError::MissingGrantType, OAuthError::InvalidRequest),
        (
            "grant_type=password&username=a&password=b".to_owned(),
            TokenRequestError::UnsupportedGrantType,
            OAuthError::UnsupportedGrantType,
        ),
        (
            "grant_type=client_credentials".to_owned(),
            TokenRequestError::UnsupportedGrantType,
            OAuthError::UnsupportedGrantType,
        ),
        (code("code=", ""), TokenRequestError::MissingCode, OAuthError::InvalidRequest),
        (code("code=", "code=%00"), TokenRequestError::InvalidCode, OAuthError::InvalidGrant),
        (code("redirect_uri", ""), TokenRequestError::MissingRedirectUri, OAuthError::InvalidRequest),
        (code("redirect_uri", "redirect_uri=x"), TokenRequestError::InvalidRedirectUri, OAuthError::InvalidGrant),
        (code("code_verifier", ""), TokenRequestError::MissingVerifier, OAuthError::InvalidGrant),
        (code("code_verifier", "code_verifier=short"), TokenRequestError::InvalidVerifier, OAuthError::InvalidGrant),
        (code("", "resource=x"), TokenRequestError::InvalidResource, OAuthError::InvalidTarget),
        ("grant_type=refresh_token".to_owned(), TokenRequestError::MissingRefreshToken, OAuthError::InvalidRequest),
        (
            "grant_type=refresh_token&refresh_token=%07".to_owned(),
            TokenRequestError::InvalidRefreshToken,
            OAuthError::InvalidGrant,
        ),
        (
            "grant_type=refresh_token&refresh_token=r&scope=%22".to_owned(),
            TokenRequestError::InvalidScope,
            OAuthError::InvalidScope,
        ),
    ];
    for (text, reason, oauth) in table {
        assert_eq!(TokenRequest::from_form(&form(&text)).unwrap_err(), reason, "{text}");
        assert_eq!(reason.oauth(), oauth, "{text}");
    }
    let details = TokenRequest::from_form(&form(&code("", "authorization_details=%5B%5D"))).unwrap_err();
    assert_eq!(details.oauth(), OAuthError::InvalidAuthorizationDetails);
}

/// fapi: OA-13, OA-14, OA-15, X-C-13, X-C-14, RAR-5
#[test]
fn token_responses_are_read_as_the_standard_says() {
    for (name, kind) in [("DPoP", TokenType::Dpop), ("dPOp", TokenType::Dpop), ("bEARER", TokenType::Bearer)] {
        let text = json!({"access_token": "a.b-c~", "token_type": name, "more": {"x": 1}}).to_string();
        let read = TokenResponse::parse(text.as_bytes()).unwrap();
        assert_eq!((read.token_type, read.expires_in), (kind, None));
    }
    let foreign = json!([{"type": "medical_record", "sens": ["HIV"]}]);
    let text = json!({"access_token": "a", "token_type": "DPoP", "authorization_details": foreign}).to_string();
    let read = TokenResponse::parse(text.as_bytes()).unwrap();
    let details = read.authorization_details.unwrap();
    assert_eq!(details.to_value(), &foreign);
    assert!(details.typed().is_err());

    let table = [
        (json!({"access_token": "a b", "token_type": "DPoP"}), "AccessToken"),
        (json!({"access_token": "", "token_type": "DPoP"}), "AccessToken"),
        (json!({"access_token": "a", "token_type": "mac"}), "TokenType"),
        (json!({"access_token": "a"}), "Json"),
        (json!({"access_token": 1, "token_type": "DPoP"}), "Json"),
        (json!({"access_token": "a", "token_type": "DPoP", "expires_in": "300"}), "Json"),
        (json!({"access_token": "a", "token_type": "DPoP", "expires_in": -1}), "Json"),
        (json!({"access_token": "a", "token_type": "DPoP", "refresh_token": "é"}), "RefreshToken"),
        (json!({"access_token": "a", "token_type": "DPoP", "scope": "a\"b"}), "Scope"),
        (json!({"access_token": "a", "token_type": "DPoP", "authorization_details": {}}), "AuthorizationDetails"),
        (
            json!({"access_token": "a", "token_type": "DPoP", "authorization_details": [{"type": 1}]}),
            "AuthorizationDetails",
        ),
        (json!({"access_token": "a", "token_type": "DPoP", "id_token": "x".repeat(20_000)}), "IdToken"),
    ];
    for (body, name) in table {
        assert_eq!(TokenResponse::parse(body.to_string().as_bytes()).unwrap_err().name(), name, "{body}");
    }
    let twice = br#"{"access_token":"a","access_token":"b","token_type":"DPoP"}"#;
    assert!(matches!(TokenResponse::parse(twice), Err(TokenResponseError::Json(_))));
}

/// fapi: IN-2, IJ-5
#[test]
fn an_inactive_token_says_nothing_more() {
    assert_eq!(IntrospectionResponse::Inactive.to_json(), r#"{"active":false}"#);
    let chatty = br#"{"active":false,"sub":"u"}"#;
    assert_eq!(IntrospectionResponse::parse(chatty), Ok(IntrospectionResponse::Inactive));
    for text in ["{}", r#"{"active":"true"}"#, r#"{"active":true}"#, "[]"] {
        assert!(IntrospectionResponse::parse(text.as_bytes()).is_err(), "{text}");
    }
    let unbound = json!({"active": true, "iss": "https://op.example", "client_id": "c", "token_type": "DPoP", "exp": 2, "iat": 1});
    assert!(IntrospectionResponse::parse(unbound.to_string().as_bytes()).is_err(), "a key without binding is refused");
}

/// fapi: IN-3, DP-19, MT-5
#[test]
fn an_active_token_is_read_back() {
    for cnf in [json!({"jkt": CHALLENGE}), json!({"x5t#S256": CHALLENGE})] {
        for aud in [json!("https://rs.example"), json!(["https://rs.example"])] {
            let text = json!({
                "active": true, "iss": "https://op.example", "client_id": "c", "token_type": "DPoP", "exp": 2, "iat": 1,
                "sub": "u", "aud": aud, "cnf": cnf, "scope": "accounts", "acr": "2", "auth_time": 1, "grant_id": "g", "x": 1
            });
            let read = IntrospectionResponse::parse(text.to_string().as_bytes()).unwrap();
            assert_eq!(IntrospectionResponse::parse(read.to_json().as_bytes()), Ok(read.clone()));
            assert!(read.to_json().contains(&cnf.to_string()));
        }
    }
}

/// fapi: RV-1, RV-2, IN-1
#[test]
fn a_wrong_hint_is_no_error_but_a_missing_token_is() {
    for text in ["", "token=", "token_type_hint=access_token"] {
        assert_eq!(RevocationRequest::from_form(&form(text)).unwrap_err(), TokenParameterError::Missing);
        assert_eq!(IntrospectionRequest::from_form(&form(text)).unwrap_err(), TokenParameterError::Missing);
    }
    assert_eq!(RevocationRequest::from_form(&form("token=%00")).unwrap_err(), TokenParameterError::Malformed);
    assert!(RevocationRequest::from_form(&form("token=x&token_type_hint=other")).unwrap().hint.is_none());
    for text in ["token=x", "token=x&token_type_hint=refresh_token"] {
        assert_eq!(RevocationRequest::from_form(&form(text)).unwrap().to_form().encode(), text);
    }
}

/// Nothing that holds a secret shows it when it is formatted.
#[test]
fn sr_76_no_message_shows_its_secrets() {
    const CANARY: &str = "canary-canary-canary-canary-canary-canary-canary";
    let token_request = TokenRequest::from_form(&form(&format!(
        "grant_type=authorization_code&code={CANARY}&redirect_uri=https%3A%2F%2Fc.example&code_verifier={CANARY}"
    )))
    .unwrap();
    let refresh = TokenRequest::from_form(&form(&format!("grant_type=refresh_token&refresh_token={CANARY}"))).unwrap();
    let response = json!({"access_token": CANARY, "token_type": "DPoP", "refresh_token": CANARY, "id_token": CANARY});
    let response = TokenResponse::parse(response.to_string().as_bytes()).unwrap();
    let client = ClientParameters::from_form(
        &Form::default().with("client_assertion", CANARY).with("client_assertion_type", ASSERTION_TYPE),
    );
    let callback = Callback::parse(format!("code={CANARY}&iss=https%3A%2F%2Fop.example").as_bytes());
    let revocation = RevocationRequest::from_form(&form(&format!("token={CANARY}")));
    let introspection = IntrospectionRequest::from_form(&form(&format!("token={CANARY}")));
    let parameters = Parameters::from_form(&form(&format!("code={CANARY}")));
    for shown in [
        format!("{token_request:?}"),
        format!("{refresh:?}"),
        format!("{response:?}"),
        format!("{client:?}"),
        format!("{callback:?}"),
        format!("{revocation:?}"),
        format!("{introspection:?}"),
        format!("{parameters:?}"),
    ] {
        assert!(!shown.contains("canary"), "{shown}");
    }
}

fn request() -> impl Strategy<Value = AuthorizationRequest> {
    (
        proptest::option::of("[!-~]{1,40}"),
        proptest::option::of("[ -~]{1,60}"),
        proptest::option::of("[a-z]{1,8}( [a-z]{1,8}){0,3}"),
        proptest::option::of(0u64..100_000),
        proptest::collection::vec("https://[a-z]{1,8}\\.example/[a-z]{0,5}", 0..3),
        proptest::sample::select(vec!["", "none", "login consent"]),
        proptest::sample::select(vec!["", "query", "jwt"]),
        any::<[u8; 32]>(),
    )
        .prop_map(|(client_id, state, scope, max_age, resource, prompt, mode, digest)| {
            let mut claims = base();
            claims.insert("code_challenge".into(), ingam_wire::base64url::encode(digest).into());
            claims.insert("dpop_jkt".into(), ingam_wire::base64url::encode(digest).into());
            for (name, value) in
                [("client_id", client_id), ("state", state.clone()), ("scope", scope), ("nonce", state)]
            {
                claims.remove(name);
                claims.extend(value.map(|value| (name.to_owned(), value.into())));
            }
            claims.extend(max_age.map(|age| ("max_age".to_owned(), age.into())));
            claims.insert("resource".into(), resource.into());
            claims.insert("prompt".into(), prompt.into());
            claims.insert("response_mode".into(), mode.into());
            AuthorizationRequest::from_parameters(&Parameters::from_claims(claims)).unwrap()
        })
}

proptest! {
    #[test]
    fn a_printed_request_is_read_back_from_form_and_claims(request in request()) {
        let encoded = request.to_form().encode();
        let from_form = AuthorizationRequest::from_parameters(&Parameters::from_form(&form(&encoded)));
        prop_assert_eq!(from_form.as_ref(), Ok(&request));
        let from_claims = AuthorizationRequest::from_parameters(&Parameters::from_claims(request.to_claims()));
        prop_assert_eq!(from_claims.as_ref(), Ok(&request));
        let stored = serde_json::to_vec(&request).unwrap();
        prop_assert_eq!(serde_json::from_slice::<AuthorizationRequest>(&stored).unwrap(), request);
    }

    #[test]
    fn a_printed_token_request_is_read_back(code in "[ -~]{1,80}", verifier in "[A-Za-z0-9._~-]{43,128}", scope in "[a-z]{1,9}") {
        prop_assume!(!code.is_empty());
        let fields = Form::default().with("grant_type", "authorization_code").with("code", &code)
            .with("redirect_uri", "https://c.example/cb?x=y").with("code_verifier", &verifier);
        let read = TokenRequest::from_form(&fields).unwrap();
        prop_assert_eq!(read.to_form().encode(), fields.encode());
        let fields = Form::default().with("grant_type", "refresh_token").with("refresh_token", &code).with("scope", &scope);
        let read = TokenRequest::from_form(&fields).unwrap();
        prop_assert_eq!(read.to_form().encode(), fields.encode());
    }

    #[test]
    fn a_printed_token_response_is_read_back(token in "[A-Za-z0-9._~+/-]{1,80}", refresh in "[ -~]{1,40}", seconds in 1u64..9_999) {
        let body = json!({"access_token": token, "token_type": "DPoP", "expires_in": seconds, "refresh_token": refresh,
            "scope": "accounts", "authorization_details": [{"type": "account_information", "actions": ["list_accounts"]}]});
        let read = TokenResponse::parse(body.to_string().as_bytes()).unwrap();
        prop_assert_eq!(serde_json::from_str::<Value>(&read.to_json()).unwrap(), body);
    }

    #[test]
    fn no_query_breaks_the_callback(query in "\\PC{0,120}") {
        let _ = Callback::parse(query.as_bytes());
    }
}
