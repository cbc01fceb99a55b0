//! `authorization_details`: the RFC's examples, the refusals one by one, parse → print → parse.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may panic")]

use ingam_protocol::{
    Amount, AuthorizationRequestError, Currency, Date, OAuthError, Parameters, Period, RegistrationRequest,
    RegistrationRequestError, Service,
    details::{
        AccountAction, AccountInformation, AccountReference, AuthorizationDetail, AuthorizationDetails, Cycle,
        DetailFault as Fault, InvalidAuthorizationDetails as Invalid, PaymentAction, PaymentInitiation,
    },
};
use proptest::prelude::*;
use serde_json::{Value, json};

fn at(index: usize, fault: Fault) -> Result<AuthorizationDetails, Invalid> {
    Err(Invalid::Detail { index, fault })
}

fn payment() -> Value {
    json!({
        "type": "payment_initiation",
        "actions": ["initiate", "status", "cancel"],
        "locations": ["https://example.com/payments"],
        "instructedAmount": {"currency": "EUR", "amount": "123.50"},
        "creditorName": "Merchant A",
        "creditorAccount": {"iban": "DE02100100109307118603"},
        "remittanceInformationUnstructured": "Ref Number Merchant"
    })
}

fn service() -> Value {
    json!({
        "type": "ingam_service", "items": ["balance", "transfer"], "purpose": "가계부", "cycle": "weekly",
        "end_date": "2027-11-25", "retention_days": 365,
        "accounts": [{"bank_code": "097", "number": "123456789012"}]
    })
}

fn without(mut value: Value, member: &str) -> Value {
    value.as_object_mut().unwrap().remove(member);
    value
}

fn with(mut value: Value, member: &str, content: Value) -> Value {
    value[member] = content;
    value
}

/// fapi: RAR-1, RAR-3
#[test]
fn the_examples_of_rfc_9396_are_taken_when_their_types_are_ours_and_refused_otherwise() {
    let vectors = ingam_testkit::vectors("oauth", "rfc9396");
    let (mut taken, mut refused) = (0, 0);
    for case in vectors["json"].as_array().unwrap() {
        let details = match &case["json"] {
            array @ Value::Array(_) => array.clone(),
            one if one.get("type").is_some() => json!([one]),
            _ => continue,
        };
        let types: Vec<&str> = details.as_array().unwrap().iter().filter_map(|d| d["type"].as_str()).collect();
        let ours = types.iter().all(|t| AuthorizationDetail::TYPES.contains(t));
        match AuthorizationDetails::from_value(&details) {
            Ok(read) => {
                assert!(ours, "{details}");
                assert_eq!(AuthorizationDetails::parse(&read.to_json()), Ok(read.clone()));
                taken += 1;
            }
            Err(Invalid::Detail { fault: Fault::UnknownType, .. }) => {
                assert!(!ours, "{details}");
                refused += 1;
            }
            // The abbreviated payment of section 6.2 lacks amount and payee.
            Err(reason) => {
                assert_eq!(
                    reason,
                    Invalid::Detail { index: 0, fault: Fault::Missing("instructedAmount") },
                    "{details}"
                );
                refused += 1;
            }
        }
    }
    assert!(taken >= 5 && refused >= 10, "{taken} taken, {refused} refused");
}

/// fapi: RAR-3, RAR-8
#[test]
fn each_fault_of_a_detail_has_its_reason() {
    let accounts = json!({"type": "account_information", "actions": ["list_accounts"]});
    let table = [
        (json!({}), Err(Invalid::NotAnArray)),
        (json!([]), Err(Invalid::Empty)),
        (Value::Array(vec![accounts.clone(); 17]), Err(Invalid::TooMany)),
        (json!([accounts, accounts]), Err(Invalid::Repeated)),
        (json!(["x"]), at(0, Fault::NotAnObject)),
        (json!([{}]), at(0, Fault::NoType)),
        (json!([{"type": 1}]), at(0, Fault::NoType)),
        (json!([accounts, {"type": "loan"}]), at(1, Fault::UnknownType)),
        (json!([{"type": "account_information"}]), at(0, Fault::Missing("actions"))),
        (json!([with(accounts.clone(), "actions", json!("list_accounts"))]), at(0, Fault::WrongType("actions"))),
        (json!([with(accounts.clone(), "actions", json!([]))]), at(0, Fault::BadList("actions"))),
        (json!([with(accounts.clone(), "actions", json!(["delete"]))]), at(0, Fault::UnknownAction)),
        (json!([with(accounts.clone(), "actions", json!(["initiate"]))]), at(0, Fault::UnknownAction)),
        (json!([with(accounts.clone(), "actions", json!([1]))]), at(0, Fault::WrongType("actions"))),
        (
            json!([with(accounts.clone(), "actions", json!(["list_accounts", "list_accounts"]))]),
            at(0, Fault::BadList("actions")),
        ),
        (json!([with(accounts.clone(), "privileges", json!(["admin"]))]), at(0, Fault::UnknownMember)),
        (json!([with(accounts.clone(), "locations", json!(["/x"]))]), at(0, Fault::InvalidValue("locations"))),
        (json!([with(accounts.clone(), "accounts", json!(["x"]))]), at(0, Fault::WrongType("accounts"))),
        (json!([with(accounts.clone(), "accounts", json!([{"id": "a b"}]))]), at(0, Fault::InvalidValue("id"))),
        (
            json!([with(accounts.clone(), "accounts", json!([{"bank_code": "97", "number": "123456"}]))]),
            at(0, Fault::InvalidValue("bank_code")),
        ),
        (
            json!([with(accounts.clone(), "accounts", json!([{"bank_code": "097", "number": "12-3456"}]))]),
            at(0, Fault::InvalidValue("number")),
        ),
        (json!([with(accounts, "accounts", json!([{"id": "a", "iban": "b"}]))]), at(0, Fault::UnknownMember)),
        (json!([without(payment(), "instructedAmount")]), at(0, Fault::Missing("instructedAmount"))),
        (json!([without(payment(), "creditorName")]), at(0, Fault::Missing("creditorName"))),
        (json!([without(payment(), "creditorAccount")]), at(0, Fault::Missing("creditorAccount"))),
        (json!([with(payment(), "instructedAmount", json!("1 EUR"))]), at(0, Fault::WrongType("instructedAmount"))),
        (
            json!([with(payment(), "instructedAmount", json!({"currency": "EUR", "amount": 1}))]),
            at(0, Fault::WrongType("amount")),
        ),
        (
            json!([with(payment(), "instructedAmount", json!({"currency": "KRW", "amount": "12.30"}))]),
            at(0, Fault::InvalidValue("instructedAmount")),
        ),
        (
            json!([with(payment(), "instructedAmount", json!({"currency": "EUR", "amount": "0.00"}))]),
            at(0, Fault::InvalidValue("instructedAmount")),
        ),
        (
            json!([with(payment(), "instructedAmount", json!({"currency": "EUR", "amount": "1", "x": 1}))]),
            at(0, Fault::UnknownMember),
        ),
        (
            json!([with(payment(), "instructedAmount", json!({"currency": "EURO", "amount": "1"}))]),
            at(0, Fault::InvalidValue("currency")),
        ),
        (json!([with(payment(), "creditorName", json!("a\u{202e}b"))]), at(0, Fault::InvalidValue("creditorName"))),
        (json!([with(payment(), "creditorName", json!(" "))]), at(0, Fault::InvalidValue("creditorName"))),
        (
            json!([with(payment(), "creditorAccount", json!({"iban": "de02100100109307118603"}))]),
            at(0, Fault::InvalidValue("iban")),
        ),
        (json!([with(payment(), "currency", json!("EUR"))]), at(0, Fault::UnknownMember)),
        (json!([without(service(), "items")]), at(0, Fault::Missing("items"))),
        (json!([without(service(), "purpose")]), at(0, Fault::Missing("purpose"))),
        (json!([without(service(), "cycle")]), at(0, Fault::Missing("cycle"))),
        (json!([without(service(), "end_date")]), at(0, Fault::Missing("end_date"))),
        (json!([without(service(), "retention_days")]), at(0, Fault::Missing("retention_days"))),
        (json!([with(service(), "cycle", json!("hourly"))]), at(0, Fault::InvalidValue("cycle"))),
        (json!([with(service(), "end_date", json!("2027-02-29"))]), at(0, Fault::InvalidValue("end_date"))),
        (json!([with(service(), "retention_days", json!(0))]), at(0, Fault::InvalidValue("retention_days"))),
        (json!([with(service(), "retention_days", json!(3651))]), at(0, Fault::InvalidValue("retention_days"))),
        (json!([with(service(), "retention_days", json!("1"))]), at(0, Fault::WrongType("retention_days"))),
        (json!([with(service(), "items", json!(["loans"]))]), at(0, Fault::UnknownAction)),
    ];
    for (value, reason) in table {
        assert_eq!(AuthorizationDetails::from_value(&value), reason, "{value}");
        assert_eq!(AuthorizationDetails::parse(&value.to_string()), reason, "{value}");
    }
    for text in [
        "",
        "{",
        "[{\"type\":\"account_information\",\"type\":\"x\"}]",
        &"[".repeat(10_000),
        &format!("[{}]", "1,".repeat(9_000)),
    ] {
        assert_eq!(AuthorizationDetails::parse(text), Err(Invalid::NotJson));
    }
}

/// fapi: RAR-3
#[test]
fn every_fault_is_invalid_authorization_details_in_a_form_and_in_a_request_object() {
    let mut claims = json!({
        "response_type": "code", "redirect_uri": "https://c.example/cb", "code_challenge_method": "S256",
        "code_challenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM", "authorization_details": [{"type": "loan"}]
    });
    let read = |claims: &Value| {
        let claims = claims.as_object().unwrap().clone();
        ingam_protocol::AuthorizationRequest::from_parameters(&Parameters::from_claims(claims))
    };
    let as_claim = read(&claims).unwrap_err();
    claims["authorization_details"] = json!("[{\"type\":\"loan\"}]");
    assert_eq!(read(&claims), Err(as_claim));
    assert_eq!(as_claim.oauth(), OAuthError::InvalidAuthorizationDetails);
    assert!(matches!(as_claim, AuthorizationRequestError::AuthorizationDetails(_)));
}

/// fapi: SP-C-13
#[test]
fn a_service_request_asks_for_no_more_than_its_services_need() {
    let period = Period { cycle: Cycle::Weekly, end_date: "2027-11-25".parse().unwrap(), retention_days: 365 };
    let request = RegistrationRequest::new(&[Service::Balance], "가계부", period, Vec::new()).unwrap();
    assert_eq!(request.scopes().to_string(), "accounts balances");
    let details = request.account_information().unwrap();
    assert_eq!(details.to_json(), r#"[{"actions":["list_accounts","read_balances"],"type":"account_information"}]"#);
    let ours = request.authorization_details().unwrap();
    assert_eq!(AuthorizationDetails::parse(&ours.to_json()), Ok(ours));

    let transfer = RegistrationRequest::new(&[Service::Transfer], "송금", period, Vec::new()).unwrap();
    assert_eq!(transfer.account_information(), Err(Invalid::Empty));
    let refused = |services: &[Service], purpose: &str, retention_days, accounts| {
        RegistrationRequest::new(services, purpose, Period { retention_days, ..period }, accounts).unwrap_err()
    };
    assert_eq!(refused(&[], "x", 1, vec![]), RegistrationRequestError::Services);
    assert_eq!(refused(&[Service::Balance, Service::Balance], "x", 1, vec![]), RegistrationRequestError::Services);
    assert_eq!(refused(&[Service::Balance], "\u{7}", 1, vec![]), RegistrationRequestError::Purpose);
    assert_eq!(refused(&[Service::Balance], "x", 0, vec![]), RegistrationRequestError::Retention);
    let account = AccountReference::Id("a".parse().unwrap());
    assert_eq!(refused(&[Service::Balance], "x", 1, vec![account; 2]), RegistrationRequestError::Accounts);
}

fn reference() -> impl Strategy<Value = AccountReference> {
    prop_oneof![
        "[A-Za-z0-9._-]{1,64}".prop_map(|id| AccountReference::Id(id.parse().unwrap())),
        ("[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}", proptest::option::of("[A-Z0-9]{8}"))
            .prop_map(|(iban, bic)| AccountReference::Iban { iban: iban.into(), bic: bic.map(Into::into) }),
        ("[0-9]{3}", "[0-9]{6,20}").prop_map(|(bank_code, number)| AccountReference::Korean {
            bank_code: bank_code.into(),
            number: number.into()
        }),
    ]
}

fn detail() -> impl Strategy<Value = AuthorizationDetail> {
    let subset = proptest::sample::subsequence(AccountAction::ALL.to_vec(), 1..=3);
    let reading = (subset, proptest::option::of(reference())).prop_map(|(actions, account)| {
        AuthorizationDetail::AccountInformation(AccountInformation {
            actions,
            locations: vec!["https://bank.example/accounts".parse().unwrap()],
            identifier: None,
            accounts: account.into_iter().collect(),
        })
    });
    let paying = (1i64..1_000_000, "[A-Za-z가-힣]{1,20}", reference(), proptest::option::of(reference())).prop_map(
        |(minor, name, creditor_account, debtor_account)| {
            AuthorizationDetail::PaymentInitiation(PaymentInitiation {
                actions: vec![PaymentAction::Initiate],
                locations: Vec::new(),
                amount: Amount::from_minor(minor, Currency::KRW).unwrap(),
                creditor_name: name.clone().into(),
                creditor_account,
                debtor_account,
                remittance: Some(name.into()),
            })
        },
    );
    prop_oneof![reading, paying]
}

proptest! {
    #[test]
    fn printed_details_are_read_back(first in detail(), second in detail()) {
        prop_assume!(first != second);
        let details = AuthorizationDetails::new(vec![first, second]).unwrap();
        prop_assert_eq!(AuthorizationDetails::parse(&details.to_json()), Ok(details.clone()));
        prop_assert_eq!(AuthorizationDetails::parse(&details.to_json()).unwrap().to_json(), details.to_json());
        prop_assert!(details.is_subset(&details));
    }

    #[test]
    fn no_text_breaks_the_reader(text in "\\PC{0,200}") {
        let _ = AuthorizationDetails::parse(&text);
    }
}

#[test]
fn dates_of_services_are_days() {
    let details = AuthorizationDetails::from_value(&json!([service()])).unwrap();
    let Some(AuthorizationDetail::IngamService(service)) = details.iter().next() else { panic!("our own type") };
    assert_eq!(service.end_date, Date::new(2027, 11, 25).unwrap());
    assert_eq!(service.cycle, Cycle::Weekly);
}

#[test]
fn a_text_and_a_name_may_be_written_with_escapes_and_mean_the_same() {
    let plain = json!([service()]).to_string();
    let escaped =
        plain.replace("purpose", r"p\u0075rpose").replace("가계부", r"\uac00\uacc4\ubd80").replace("097", r"0\u00397");
    assert_ne!(plain, escaped);
    assert_eq!(AuthorizationDetails::parse(&escaped), AuthorizationDetails::parse(&plain));
    assert!(AuthorizationDetails::parse(&plain).is_ok());
    // From a reader, nothing can be borrowed.
    let read: AuthorizationDetails = serde_json::from_reader(escaped.as_bytes()).unwrap();
    assert_eq!(Ok(read), AuthorizationDetails::parse(&plain));
}

#[test]
fn a_member_that_stands_twice_is_refused_by_whatever_reads_the_details() {
    let twice = json!([service()]).to_string().replace(r#""cycle""#, r#""cycle":"daily","cycle""#);
    assert_eq!(AuthorizationDetails::parse(&twice), Err(Invalid::NotJson));
    assert!(serde_json::from_str::<AuthorizationDetails>(&twice).is_err());
}
