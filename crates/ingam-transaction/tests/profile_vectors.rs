//! What independent implementations signed under each profile, well and badly.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on has to fail")]

mod rooms;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Request, Response};
use ingam_jose::{Jwk, KeySet, VerifyingKey};
use ingam_transaction::{
    Origin,
    message::{self, Context},
    profile::{self, Profile, Protection},
    request::{self, PresentedRequest, Sender, SentRequest},
    response,
};
use ingam_wire::UnixTime;
use rooms::{PROVIDER, on_the_wire};
use serde_json::Value;

#[test]
fn every_profile_has_good_and_bad_messages_by_others() {
    for profile in profile::PROFILES {
        let file = ingam_testkit::vectors("profiles", profile.name);
        let keys = file["keys"].as_array().unwrap().iter().map(|jwk| {
            let jwk = Jwk::parse(jwk.to_string().as_bytes()).unwrap();
            VerifyingKey::from_jwk(&jwk, None, &PROVIDER).unwrap()
        });
        let keys = KeySet::new(keys.collect());
        let now = UnixTime::from_secs(file["now"].as_i64().unwrap());
        let (mut good, mut bad) = (0, 0);
        for (index, case) in file["cases"].as_array().unwrap().iter().enumerate() {
            let got = outcome(profile, case, &keys, now);
            assert_eq!(got, case["expect"].as_str().unwrap(), "{} {index}", profile.name);
            if got == "accepted" { good += 1 } else { bad += 1 }
        }
        assert!(good >= 1 && bad >= 15, "{}: {good} good, {bad} bad", profile.name);
    }
}

fn outcome(profile: &Profile, case: &Value, keys: &KeySet, now: UnixTime) -> &'static str {
    let fintech = "peer".parse().unwrap();
    let sender = Sender { fintech: &fintech, keys };
    match (&profile.request, &profile.response) {
        (Protection::Fields(_), Protection::Fields(policy)) if case["response"].is_object() => {
            let sent = SentRequest::of(&sent(&case["request"])).unwrap();
            let answer = &case["response"];
            let mut response = Response::new(Bytes::from(answer["body"].as_str().unwrap().to_owned()));
            *response.status_mut() = u16::try_from(answer["status"].as_u64().unwrap()).unwrap().try_into().unwrap();
            *response.headers_mut() = headers(&answer["headers"]);
            match response::verify(&sent, response, keys, policy, &PROVIDER, now) {
                Ok(_) => "accepted",
                Err(error) => error.name(),
            }
        }
        (Protection::Fields(policy), _) => {
            let request = sent(&case["request"]);
            let origin = Origin::of(&request.uri().to_string().parse().unwrap()).unwrap();
            let presented = PresentedRequest::new(on_the_wire(request), &origin).unwrap();
            match request::check(presented, sender, policy, &PROVIDER, now) {
                Ok(_) => "accepted",
                Err(error) => error.name(),
            }
        }
        (Protection::Message(policy), _) => {
            let body = Bytes::from(case["body"].as_str().unwrap().to_owned());
            let context = Context {
                issuer: case["issuer"].as_str().unwrap(),
                audience: case["audience"].as_str().unwrap(),
                method: case["method"].as_str(),
                in_reply_to: None,
            };
            match message::check(body, &headers(&case["headers"]), &context, sender, policy, &PROVIDER, now) {
                Ok(_) => "accepted",
                Err(error) => error.name(),
            }
        }
    }
}

fn sent(message: &Value) -> Request<Bytes> {
    let body = Bytes::from(message["body"].as_str().unwrap().to_owned());
    let mut request = Request::builder()
        .method(message["method"].as_str().unwrap())
        .uri(message["url"].as_str().unwrap())
        .body(body)
        .unwrap();
    *request.headers_mut() = headers(&message["headers"]);
    request
}

fn headers(list: &Value) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for pair in list.as_array().unwrap() {
        let name: HeaderName = pair[0].as_str().unwrap().parse().unwrap();
        headers.append(name, HeaderValue::from_str(pair[1].as_str().unwrap()).unwrap());
    }
    headers
}
