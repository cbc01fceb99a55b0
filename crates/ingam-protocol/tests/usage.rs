//! Bodies of the usage phase: unknown members refused, amounts typed, parse → print → parse.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may panic")]

use ingam_protocol::{
    Amount, Currency, InteractionId,
    details::{AuthorizationDetail, AuthorizationDetails, PaymentInitiation},
    usage::{
        AccountList, Balance, Payment, PaymentOrder, PaymentStatus, ResourceBody, TransactionPage, TransactionQuery,
        TransactionQueryError,
    },
};
use proptest::prelude::*;
use serde_json::{Value, json};

fn order() -> Value {
    json!({
        "debtorAccount": "acc-1", "instructedAmount": {"currency": "KRW", "amount": "12000"}, "creditorName": "김철수",
        "creditorAccount": {"bank_code": "097", "number": "123456789012"}, "remittanceInformationUnstructured": "월세"
    })
}

/// Reads a body as its type and prints it again.
type Through = fn(&[u8]) -> Option<String>;

fn bodies() -> Vec<(Value, Through)> {
    fn through<T: ResourceBody>(text: &[u8]) -> Option<String> {
        T::from_json(text).ok().map(|body| body.to_json())
    }
    let payment = |status: Value| json!({"id": "p-1", "status": status, "order": order(), "at": 1_795_564_800});
    vec![
        (
            json!({"accounts": [{"id": "acc-1", "bank": "097", "type": "current", "currency": "KRW",
                "name": {"ko": "입출금", "en": "Current"}, "masked_number": "123-***-012"}]}),
            through::<AccountList>,
        ),
        (
            json!({"account": "acc-1", "amount": {"currency": "KRW", "amount": "5"}, "direction": "debit",
                "available": {"currency": "KRW", "amount": "0"}, "at": 1_795_564_800}),
            through::<Balance>,
        ),
        (
            json!({"account": "acc-1", "transactions": [{"id": "t-1", "booked": "2026-11-25",
                "amount": {"currency": "USD", "amount": "1.50"}, "direction": "credit", "description": "급여 salary",
                "counterparty": "ACME"}], "next": "abc"}),
            through::<TransactionPage>,
        ),
        (order(), through::<PaymentOrder>),
        (payment(json!({"state": "completed"})), through::<Payment>),
        (payment(json!({"state": "rejected", "code": "insufficient_funds"})), through::<Payment>),
        (payment(json!({"state": "held", "until": 1_795_564_900})), through::<Payment>),
        (payment(json!({"state": "unknown"})), through::<Payment>),
    ]
}

#[test]
fn bodies_are_read_back() {
    for (body, through) in bodies() {
        let printed = through(body.to_string().as_bytes()).unwrap_or_else(|| panic!("{body}"));
        assert_eq!(serde_json::from_str::<Value>(&printed).unwrap(), body);
    }
}

#[test]
fn a_missing_unknown_or_repeated_member_is_refused_in_every_body() {
    for (body, through) in bodies() {
        let members = body.as_object().unwrap();
        for name in
            members.keys().filter(|name| !["next", "remittanceInformationUnstructured"].contains(&name.as_str()))
        {
            let mut without = members.clone();
            without.remove(name);
            assert!(through(Value::Object(without).to_string().as_bytes()).is_none(), "{body} without {name}");
            let mut changed = members.clone();
            changed.insert(name.clone(), json!([[]]));
            assert!(through(Value::Object(changed).to_string().as_bytes()).is_none(), "{body} with a wrong {name}");
        }
        let text = body.to_string();
        assert!(through(text.replacen('{', r#"{"extra":1,"#, 1).as_bytes()).is_none(), "{text}");
        let (name, value) = members.iter().next().unwrap();
        assert!(through(text.replacen('{', &format!("{{\"{name}\":{value},"), 1).as_bytes()).is_none(), "{text}");
    }
}

#[test]
fn an_order_pays_something_and_only_in_text() {
    for amount in [json!("0"), json!("-1"), json!(1), json!(1.5), json!("1e3"), json!("12.00"), json!("12,000")] {
        let mut order = order();
        order["instructedAmount"]["amount"] = amount.clone();
        assert!(PaymentOrder::from_json(order.to_string().as_bytes()).is_err(), "{amount}");
    }
}

#[test]
fn a_statement_of_status_has_nothing_that_is_not_its_own() {
    for status in [
        json!({"state": "completed", "code": "x"}),
        json!({"state": "rejected"}),
        json!({"state": "held"}),
        json!({"state": "done"}),
        json!("completed"),
    ] {
        assert!(serde_json::from_value::<PaymentStatus>(status.clone()).is_err(), "{status}");
    }
}

#[test]
fn only_the_approved_payment_is_the_approved_payment() {
    let approved = json!([{
        "type": "payment_initiation", "instructedAmount": {"currency": "KRW", "amount": "12000"}, "creditorName": "김철수",
        "creditorAccount": {"bank_code": "097", "number": "123456789012"}, "debtorAccount": {"id": "acc-1"},
        "remittanceInformationUnstructured": "월세"
    }]);
    let details = AuthorizationDetails::from_value(&approved).unwrap();
    let Some(AuthorizationDetail::PaymentInitiation(approved)) = details.iter().next() else { panic!("a payment") };
    let same = PaymentOrder::from_json(order().to_string().as_bytes()).unwrap();
    assert!(same.is_what_was_approved(approved));
    assert!(same.is_what_was_approved(&PaymentInitiation { debtor_account: None, ..approved.clone() }));
    let amount = Amount::from_minor(12_001, Currency::KRW).unwrap();
    let other: PaymentOrder = PaymentOrder { creditor_name: "김철순".parse().unwrap(), ..same.clone() };
    for changed in [
        PaymentOrder { amount, ..same.clone() },
        other,
        PaymentOrder { remittance: None, ..same.clone() },
        PaymentOrder { debtor_account: "acc-2".parse().unwrap(), ..same.clone() },
        PaymentOrder { creditor_account: ingam_protocol::details::AccountReference::Id("x".parse().unwrap()), ..same },
    ] {
        assert!(!changed.is_what_was_approved(approved), "{changed:?}");
    }
}

#[test]
fn each_fault_of_a_query_has_its_reason() {
    let table = [
        ("from=2026-13-01", TransactionQueryError::InvalidDate),
        ("to=yesterday", TransactionQueryError::InvalidDate),
        ("from=2026-11-26&to=2026-11-25", TransactionQueryError::Reversed),
        ("limit=0", TransactionQueryError::InvalidLimit),
        ("limit=501", TransactionQueryError::InvalidLimit),
        ("limit=-1", TransactionQueryError::InvalidLimit),
        ("limit=%2B5", TransactionQueryError::InvalidLimit),
        ("cursor=a%20b", TransactionQueryError::InvalidCursor),
    ];
    for (query, reason) in table {
        assert_eq!(TransactionQuery::parse(query), Err(reason), "{query}");
    }
    assert!(TransactionQuery::parse("limit=1&limit=2").is_err());
    assert_eq!(TransactionQuery::parse("other=1"), Ok(TransactionQuery::default()));
}

/// fapi: X-C-22
#[test]
fn an_interaction_id_is_a_uuid() {
    assert_eq!(InteractionId::from_random([0xff; 16]).as_str(), "ffffffff-ffff-4fff-bfff-ffffffffffff");
    assert_eq!(InteractionId::from_random([0; 16]).as_str(), "00000000-0000-4000-8000-000000000000");
    for refused in [
        "",
        "x",
        "00000000-0000-4000-8000-00000000000",
        "00000000_0000-4000-8000-000000000000",
        "0000000000000-4000-8000-000000000000",
    ] {
        assert!(refused.parse::<InteractionId>().is_err(), "{refused}");
    }
}

proptest! {
    #[test]
    fn a_printed_query_is_read_back(from in proptest::option::of(0i64..20_000), days in 0i64..400, limit in 1u32..=500, cursor in proptest::option::of("[A-Za-z0-9_-]{1,128}")) {
        let day = |n: i64| ingam_protocol::Date::at(ingam_wire::UnixTime::from_secs(n * 86_400), 0).unwrap();
        let query = TransactionQuery { from: from.map(day), to: from.map(|n| day(n + days)), limit, cursor: cursor.map(|c| c.parse().unwrap()) };
        prop_assert_eq!(TransactionQuery::parse(&query.to_query()), Ok(query));
    }

    #[test]
    fn interaction_ids_are_read_back(random in any::<[u8; 16]>()) {
        let id = InteractionId::from_random(random);
        prop_assert_eq!(id.as_str().parse::<InteractionId>(), Ok(id.clone()));
    }
}
