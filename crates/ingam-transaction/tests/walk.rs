//! A fintech asks, an operator answers: both halves against each other.

mod rooms;

use bytes::Bytes;
use http::Response;
use ingam_transaction::{
    policy::{FAPI_2_REQUEST, FAPI_2_RESPONSE},
    request::{self, Coverage, PresentedRequest, Sender},
    response,
};
use rooms::*;

/// fapi: FH-1, FH-3
#[test]
fn x1149_3_1_17_2_a_signed_request_is_accepted_and_its_answer_is_bound_to_it() {
    let fintech = Party::new("fintech-1");
    let operator = Party::new("operator");
    let (arrived, sent) =
        ready(request::sign(payment(), &fintech.key, &FAPI_2_REQUEST, &PROVIDER, PROVIDER.randomness(), NOW)).unwrap();
    let presented = PresentedRequest::new(on_the_wire(arrived), &origin()).unwrap();
    let sender = Sender { fintech: &fintech.id, keys: &fintech.keys };
    let verified = settled(request::check(presented, sender, &FAPI_2_REQUEST, &PROVIDER, NOW).unwrap());
    assert!(matches!(verified.coverage(), Coverage::Signed(_)));
    assert_eq!(verified.body(), &Bytes::from_static(PAYMENT));
    assert_eq!(verified.target(), "https://bank.example/payments?dry=1");
    assert!(verified.header("idempotency-key").is_some());
    assert!(verified.header("user-agent").is_none(), "not covered, not readable");

    let answer = Response::builder().status(201).header("content-type", "application/json");
    let answer = answer.body(Bytes::from_static(b"{\"status\":\"Completed\"}")).unwrap();
    let answer =
        ready(response::answer(&verified.received(), answer, &operator.key, &FAPI_2_RESPONSE, &PROVIDER, NOW)).unwrap();
    let read = response::verify(&sent, answer, &operator.keys, &FAPI_2_RESPONSE, &PROVIDER, NOW).unwrap();
    assert_eq!(read.status(), 201);
}

#[test]
fn an_answer_to_one_request_does_not_answer_another() {
    let fintech = Party::new("fintech-1");
    let operator = Party::new("operator");
    let sign = || {
        ready(request::sign(payment(), &fintech.key, &FAPI_2_REQUEST, &PROVIDER, PROVIDER.randomness(), NOW)).unwrap()
    };
    let (one, _) = sign();
    let (_, other) = sign();
    let received = PresentedRequest::new(on_the_wire(one), &origin()).unwrap().received();
    let answer = Response::new(Bytes::from_static(b"{}"));
    let answer = ready(response::answer(&received, answer, &operator.key, &FAPI_2_RESPONSE, &PROVIDER, NOW)).unwrap();
    let refused = response::verify(&other, answer, &operator.keys, &FAPI_2_RESPONSE, &PROVIDER, NOW).unwrap_err();
    assert_eq!(refused, response::ResponseRefused::ResponseNotBound);
}
