//! All of RFC 9421's examples: every base byte for byte, every signature verified or refused for its algorithm.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on has to fail")]

mod rooms;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Request, Response};
use ingam_jose::{Jwk, VerifyingKey};
use ingam_transaction::{
    Origin,
    request::PresentedRequest,
    signature::{self, SignatureError},
};
use rooms::PROVIDER;
use serde_json::Value;

/// fapi: HS-2, HS-3, HS-5
#[test]
fn every_signature_base_is_rebuilt_byte_for_byte() {
    let vectors = ingam_testkit::vectors("httpsig", "rfc9421");
    let mut count = 0;
    for case in vectors["signatures"].as_array().unwrap() {
        // Two of the broken forms no longer have the base that was signed; theirs is in the vector too.
        let bases = bases(&case["message"], &case["request"]).unwrap();
        let base = bases.iter().find(|base| base.label() == case["label"]).unwrap();
        assert_eq!(base.text(), case["signature_base"].as_str().unwrap(), "{}", case["id"]);
        count += 1;
    }
    assert_eq!(count, 20);
}

#[test]
fn every_signature_is_verified_or_its_algorithm_is_not_allowed() {
    let vectors = ingam_testkit::vectors("httpsig", "rfc9421");
    let (mut verified, mut refused, mut not_allowed) = (0, 0, 0);
    for case in vectors["signatures"].as_array().unwrap() {
        let name = case["alg"].as_str().unwrap();
        let algorithm = match signature::algorithm_named(name) {
            Ok(algorithm) => algorithm,
            Err(error) => {
                assert_eq!(error, SignatureError::AlgorithmNotAllowed, "{}", case["id"]);
                assert!(["rsa-pss-sha512", "rsa-v1_5-sha256", "hmac-sha256"].contains(&name));
                not_allowed += 1;
                continue;
            }
        };
        let mut jwk = vectors["keys"][case["key"].as_str().unwrap()]["jwk"].clone();
        jwk.as_object_mut().unwrap().remove("d");
        let jwk = Jwk::parse(jwk.to_string().as_bytes()).unwrap();
        let key = VerifyingKey::from_jwk(&jwk, Some(algorithm), &PROVIDER).unwrap();
        let bases = bases(&case["message"], &case["request"]).unwrap();
        let base = bases.iter().find(|base| base.label() == case["label"]).unwrap();
        if case["expect"] == "accept" {
            assert_eq!(base.verify(&key), Ok(()), "{}", case["id"]);
            verified += 1;
        } else {
            assert_eq!(base.verify(&key), Err(SignatureError::BadSignature), "{}", case["id"]);
            refused += 1;
        }
    }
    assert_eq!((verified, refused, not_allowed), (10, 3, 7));
}

/// fapi: HS-3, HS-4
#[test]
fn every_component_line_is_the_rfcs() {
    let vectors = ingam_testkit::vectors("httpsig", "rfc9421");
    let mut count = 0;
    for case in vectors["components"].as_array().unwrap() {
        let mut message = case["message"].clone();
        let identifier = case["identifier"].as_str().unwrap();
        let input = format!("x=({identifier})");
        message["headers"].as_array_mut().unwrap().push(serde_json::json!(["Signature-Input", input]));
        let bases = bases(&message, &case["request"]).unwrap();
        let expected = format!("{}\n\"@signature-params\": ({identifier})", case["line"].as_str().unwrap());
        assert_eq!(bases[0].text(), expected, "{} {identifier}", case["section"]);
        count += 1;
    }
    assert_eq!(count, 45);
}

fn bases(message: &Value, request: &Value) -> Result<Vec<signature::SignatureBase>, signature::SignatureFieldError> {
    if message["kind"] == "request" {
        return signature::of_request(&presented(message));
    }
    let received = request.is_object().then(|| presented(request).received());
    let status = u16::try_from(message["status"].as_u64().unwrap()).unwrap();
    let mut response = Response::builder().status(status).body(Bytes::new()).unwrap();
    *response.headers_mut() = fields(&message["headers"]);
    let trailers = message["trailers"].is_array().then(|| fields(&message["trailers"]));
    signature::of_response(&response, trailers.as_ref(), received.as_ref())
}

fn presented(message: &Value) -> PresentedRequest {
    let headers = fields(&message["headers"]);
    let target = message["target"].as_str().unwrap();
    let scheme = message["scheme"].as_str().unwrap();
    let host = headers.get("host").map(|host| host.to_str().unwrap().to_owned());
    let url = match host {
        Some(host) => format!("{scheme}://{host}/"),
        None if target.starts_with("http") => target.to_owned(),
        None => format!("{scheme}://no-host.example/"),
    };
    let mut request = Request::builder()
        .method(message["method"].as_str().unwrap())
        .uri(target)
        .body(Bytes::from(message["body"].as_str().unwrap_or_default().to_owned()))
        .unwrap();
    *request.headers_mut() = headers;
    PresentedRequest::new(request, &Origin::of(&url.parse().unwrap()).unwrap()).unwrap()
}

fn fields(list: &Value) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for pair in list.as_array().unwrap() {
        let name: HeaderName = pair[0].as_str().unwrap().parse().unwrap();
        headers.append(name, HeaderValue::from_str(pair[1].as_str().unwrap()).unwrap());
    }
    headers
}
