//! What is covered cannot be changed, dropped, moved or doubled; what is not covered cannot be read.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on has to fail")]

mod rooms;

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method, Request, Response, StatusCode, Uri};
use ingam_jose::{SignatureAlgorithm, Signer as _};
use ingam_testkit::{CANARIES, assert_hidden};
use ingam_transaction::{
    policy::{FAPI_2_REQUEST, FAPI_2_RESPONSE, Of, Required, When},
    request::{Coverage, PresentedRequest, SentRequest},
    response::{self, VerifiedResponse},
};
use rooms::*;

const ALGORITHMS: [SignatureAlgorithm; 2] = [SignatureAlgorithm::Es256, SignatureAlgorithm::EdDsa];

#[test]
fn x1149_3_1_17_2_no_byte_of_a_covered_part_of_a_request_can_be_changed() {
    for algorithm in ALGORITHMS {
        let fintech = Party::with("fintech-1", algorithm);
        let (good, _) = signed_payment(&fintech);
        let accepted = checked(good.clone(), &fintech, &FAPI_2_REQUEST, NOW).unwrap();
        let mut flips = 0;
        for changed in every_flip(&good, |name| {
            accepted.header(name).is_some() || ["signature", "signature-input"].contains(&name)
        }) {
            let refused = checked(changed, &fintech, &FAPI_2_REQUEST, NOW);
            assert!(refused.is_err(), "{refused:?}");
            flips += 1;
        }
        assert!(flips > 500, "{flips}");
    }
}

/// The request with one byte changed in its method, its target, its body or a value of a field that `covered` names.
fn every_flip(good: &Request<Bytes>, covered: impl Fn(&str) -> bool) -> Vec<Request<Bytes>> {
    let mut changed = Vec::new();
    for method in flips(good.method().as_str().as_bytes()) {
        let Ok(method) = Method::from_bytes(&method) else { continue };
        let mut request = good.clone();
        *request.method_mut() = method;
        changed.push(request);
    }
    for uri in flips(good.uri().to_string().as_bytes()) {
        let Ok(uri) = Uri::try_from(uri) else { continue };
        let mut request = good.clone();
        *request.uri_mut() = uri;
        changed.push(request);
    }
    for body in flips(good.body()) {
        let mut request = good.clone();
        *request.body_mut() = body.into();
        changed.push(request);
    }
    for (name, value) in good.headers().iter().filter(|(name, _)| covered(name.as_str())) {
        for value in flips(value.as_bytes()) {
            let Ok(value) = HeaderValue::from_bytes(&value) else { continue };
            let mut request = good.clone();
            request.headers_mut().insert(name, value);
            changed.push(request);
        }
    }
    changed
}

/// `bytes` with one byte changed, in two ways each, and with one byte more or less.
fn flips(bytes: &[u8]) -> Vec<Vec<u8>> {
    let mut all: Vec<Vec<u8>> = Vec::new();
    for index in 0..bytes.len() {
        for flip in [0x01, 0x20] {
            let mut changed = bytes.to_vec();
            changed[index] ^= flip;
            all.push(changed);
        }
    }
    all.push([bytes, b"x"].concat());
    all.push(bytes[..bytes.len().saturating_sub(1)].to_vec());
    all
}

#[test]
fn every_part_can_be_dropped_only_at_the_price_of_refusal() {
    let fintech = Party::new("fintech-1");
    let (good, _) = signed_payment(&fintech);
    let accepted = checked(good.clone(), &fintech, &FAPI_2_REQUEST, NOW).unwrap();
    for (name, _) in good.headers() {
        let mut without = good.clone();
        without.headers_mut().remove(name);
        let got = checked(without, &fintech, &FAPI_2_REQUEST, NOW);
        let covered = accepted.header(name.as_str()).is_some() || name.as_str().starts_with("signature");
        assert_eq!(got.is_err(), covered, "{name}");
    }
    let mut without = good.clone();
    *without.body_mut() = Bytes::new();
    assert!(checked(without, &fintech, &FAPI_2_REQUEST, NOW).is_err());
}

#[test]
fn coverage_that_is_dropped_doubled_or_moved_breaks_the_signature() {
    let fintech = Party::new("fintech-1");
    let (good, _) = signed_payment(&fintech);
    let field = good.headers()["signature-input"].to_str().unwrap().to_owned();
    let (list, parameters) = field.split_once(')').unwrap();
    let identifiers: Vec<_> = list.trim_start_matches("sig1=(").split(' ').collect();
    let with = |identifiers: &[&str], parameters: &str| {
        let mut request = good.clone();
        let field = format!("sig1=({}){parameters}", identifiers.join(" "));
        request.headers_mut().insert("signature-input", field.parse().unwrap());
        checked(request, &fintech, &FAPI_2_REQUEST, NOW)
    };
    assert!(with(&identifiers, parameters).is_ok());
    for index in 0..identifiers.len() {
        let mut fewer = identifiers.clone();
        fewer.remove(index);
        assert!(with(&fewer, parameters).is_err(), "without {}", identifiers[index]);
        let mut doubled = identifiers.clone();
        doubled.insert(index, identifiers[index]);
        assert_eq!(with(&doubled, parameters).unwrap_err().name(), "DuplicateComponent");
        let mut moved = identifiers.clone();
        moved.swap(index, (index + 1) % identifiers.len());
        assert_eq!(with(&moved, parameters).unwrap_err().name(), "BadSignature");
    }
    let mut more = identifiers.clone();
    more.push("\"user-agent\"");
    assert_eq!(with(&more, parameters).unwrap_err().name(), "BadSignature");
    let pieces: Vec<_> = parameters.split(';').skip(1).collect();
    for index in 0..pieces.len() {
        let mut fewer = pieces.clone();
        fewer.remove(index);
        assert!(with(&identifiers, &format!(";{}", fewer.join(";"))).is_err(), "without {}", pieces[index]);
        let mut moved = pieces.clone();
        moved.swap(index, (index + 1) % pieces.len());
        assert_eq!(with(&identifiers, &format!(";{}", moved.join(";"))).unwrap_err().name(), "BadSignature");
    }
    assert_eq!(with(&identifiers, &format!("{parameters};x=1")).unwrap_err().name(), "BadSignature");
}

#[test]
fn a_second_line_of_a_covered_field_breaks_the_signature() {
    let fintech = Party::new("fintech-1");
    let (good, _) = signed_payment(&fintech);
    let accepted = checked(good.clone(), &fintech, &FAPI_2_REQUEST, NOW).unwrap();
    for (name, value) in good.headers() {
        let mut doubled = good.clone();
        doubled.headers_mut().append(name, value.clone());
        let covered = accepted.header(name.as_str()).is_some() || name.as_str().starts_with("signature");
        assert_eq!(checked(doubled, &fintech, &FAPI_2_REQUEST, NOW).is_err(), covered, "{name}");
    }
}

#[test]
fn what_is_not_covered_is_not_readable() {
    let fintech = Party::new("fintech-1");
    let (mut request, _) = signed_payment(&fintech);
    for (name, value) in [("x-amount", "1"), ("cookie", "a=b"), ("content-dig", "x"), ("authorizatio", "x")] {
        request.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    let accepted = checked(request.clone(), &fintech, &FAPI_2_REQUEST, NOW).unwrap();
    let shown: Vec<_> = request.headers().keys().filter(|name| accepted.header(name.as_str()).is_some()).collect();
    let expected = ["authorization", "dpop", "content-type", "idempotency-key", "content-digest"];
    assert_eq!(shown.iter().map(|name| name.as_str()).collect::<Vec<_>>(), expected);
    assert_eq!(accepted.headers("cookie").count(), 0);
    // A member of a dictionary, or the same field of a trailer, does not show the field.
    let part = r#"("@method" "@target-uri" "authorization" "dpop" "content-digest" "x-d";key="a");created=1795000000;tag="fapi-2-request""#;
    let mut request = payment();
    request.headers_mut().insert("x-d", HeaderValue::from_static("a=1, b=2"));
    let digest = accepted.header("content-digest").unwrap().clone();
    request.headers_mut().insert("content-digest", digest);
    let accepted = checked(signed_as(request, part, &fintech.key), &fintech, &FAPI_2_REQUEST, NOW).unwrap();
    assert!(accepted.header("x-d").is_none());
}

/// A peer signed what a field means; its lines may say more, and whoever reads the first of two members reads that.
#[test]
fn a_field_covered_by_its_meaning_is_not_shown_by_its_lines() {
    let fintech = Party::new("fintech-1");
    let shown = |identifier: &str, value: &'static str| {
        let mut request = payment();
        request.headers_mut().insert("x-limit", HeaderValue::from_static(value));
        *request.body_mut() = Bytes::new();
        let input = format!(
            "(\"@method\" \"@target-uri\" \"authorization\" \"dpop\" {identifier});created=1795000000;tag=\"fapi-2-request\""
        );
        let mut signed = signed_as(request, &input, &fintech.key);
        if identifier.ends_with("sf") {
            signed.headers_mut().insert("x-limit", HeaderValue::from_static("won=9999, won=1"));
        }
        checked(signed, &fintech, &FAPI_2_REQUEST, NOW).unwrap().header("x-limit").cloned()
    };
    assert_eq!(shown(r#""x-limit";sf"#, "won=1"), None, "the signature still holds");
    assert_eq!(shown(r#""x-limit";bs"#, "won=1").unwrap(), "won=1");
    assert_eq!(shown(r#""x-limit""#, "won=1").unwrap(), "won=1");
}

#[test]
fn an_access_key_that_is_not_covered_has_no_hash() {
    let fintech = Party::new("fintech-1");
    let mut request = payment();
    *request.body_mut() = Bytes::new();
    let mut loose = FAPI_2_REQUEST;
    loose.required = &[];
    let hash = |components: &str| {
        let input = format!("({components});created=1795000000;tag=\"fapi-2-request\"");
        let accepted = checked(signed_as(request.clone(), &input, &fintech.key), &fintech, &loose, NOW).unwrap();
        accepted.access_key_hash().copied()
    };
    assert_eq!(hash(r#""@method" "@target-uri""#), None);
    assert!(hash(r#""@method" "@target-uri" "authorization""#).is_some());
}

#[test]
fn an_access_key_stands_alone_behind_its_scheme_or_has_no_hash() {
    let fintech = Party::new("fintech-1");
    let hash = |lines: &[&str]| {
        let mut request = payment();
        request.headers_mut().remove("authorization");
        for line in lines {
            let line = HeaderValue::from_bytes(line.as_bytes()).unwrap();
            request.headers_mut().append("authorization", line);
        }
        let policy = FAPI_2_REQUEST.permitting_unsigned();
        checked(on_the_wire(request), &fintech, &policy, NOW).unwrap().access_key_hash().copied()
    };
    let of_it = Some(PROVIDER.sha256(&[b"abc.def"]));
    assert_eq!(hash(&["DPoP abc.def"]), of_it);
    assert_eq!(hash(&["\tDPoP  \tabc.def "]), of_it);
    for lines in
        [&["DPoP"][..], &["DPoP "], &["DPoP abc def"], &["DPoP\tabc"], &["DPoP ab\u{e9}"], &["DPoP a", "DPoP b"]]
    {
        assert_eq!(hash(lines), None, "{lines:?}");
    }
}

/// A policy of one's own may leave out what none can do without; both halves put it back, and neither does so twice.
#[test]
fn a_policy_that_requires_nothing_still_signs_what_it_verifies() {
    let (fintech, operator) = (Party::new("fintech-1"), Party::new("operator"));
    let (mut asking, mut answering) = (FAPI_2_REQUEST, FAPI_2_RESPONSE);
    asking.required = &[Required { component: "authorization", of: Of::Message, when: When::Always }];
    asking.also = &["content-digest", "authorization", "dpop"];
    answering.required = &[];
    let signing =
        ingam_transaction::request::sign(payment(), &fintech.key, &asking, &PROVIDER, PROVIDER.randomness(), NOW);
    let (request, sent) = ready(signing).unwrap();
    let accepted = checked(on_the_wire(request), &fintech, &asking, NOW).unwrap();
    let covered: Vec<_> = match accepted.coverage() {
        Coverage::Signed(components) => components.iter().collect(),
        Coverage::Unsigned => Vec::new(),
    };
    assert_eq!(covered, [r#""@method""#, r#""@target-uri""#, r#""content-digest""#, r#""authorization""#, r#""dpop""#]);
    let answer = Response::new(Bytes::from_static(b"{}"));
    let answer = ready(response::answer(&accepted.received(), answer, &operator.key, &answering, &PROVIDER, NOW));
    assert!(response::verify(&sent, answer.unwrap(), &operator.keys, &answering, &PROVIDER, NOW).is_ok());
}

struct Exchange {
    operator: Party,
    sent: SentRequest,
    answer: Response<Bytes>,
}

fn exchange(status: u16) -> Exchange {
    let (fintech, operator) = (Party::new("fintech-1"), Party::new("operator"));
    let (request, sent) = signed_payment(&fintech);
    let received = PresentedRequest::new(request, &origin()).unwrap().received();
    let answer = Response::builder()
        .status(status)
        .header("content-type", "application/json")
        .header("x-not-covered", "1")
        .body(Bytes::from_static(br#"{"payment":"p-1","status":"Completed"}"#))
        .unwrap();
    let answer = ready(response::answer(&received, answer, &operator.key, &FAPI_2_RESPONSE, &PROVIDER, NOW)).unwrap();
    Exchange { operator, sent, answer }
}

impl Exchange {
    fn verify(&self, answer: Response<Bytes>) -> Result<VerifiedResponse, response::ResponseRefused> {
        response::verify(&self.sent, answer, &self.operator.keys, &FAPI_2_RESPONSE, &PROVIDER, NOW)
    }
}

#[test]
fn x1149_3_1_16_5_no_byte_of_a_covered_part_of_an_answer_can_be_changed() {
    let exchange = exchange(201);
    let good = exchange.verify(exchange.answer.clone()).unwrap();
    assert!(good.header("x-not-covered").is_none());
    assert!(good.header("content-type").is_some());
    let mut count = 0;
    let mut refuse = |answer: Response<Bytes>| {
        assert!(exchange.verify(answer).is_err());
        count += 1;
    };
    for status in (100..600).filter(|status| *status != 201) {
        let mut answer = exchange.answer.clone();
        *answer.status_mut() = StatusCode::from_u16(status).unwrap();
        refuse(answer);
    }
    for body in flips(exchange.answer.body()) {
        let mut answer = exchange.answer.clone();
        *answer.body_mut() = body.into();
        refuse(answer);
    }
    let covered: Vec<HeaderName> =
        exchange.answer.headers().keys().filter(|name| *name != "x-not-covered").cloned().collect();
    assert_eq!(covered.len(), 4);
    for name in covered {
        for value in flips(exchange.answer.headers()[&name].as_bytes()) {
            let Ok(value) = HeaderValue::from_bytes(&value) else { continue };
            let mut answer = exchange.answer.clone();
            answer.headers_mut().insert(&name, value);
            refuse(answer);
        }
        let mut answer = exchange.answer.clone();
        answer.headers_mut().remove(&name);
        refuse(answer);
        let mut answer = exchange.answer.clone();
        let value = answer.headers()[&name].clone();
        answer.headers_mut().append(&name, value);
        refuse(answer);
    }
    assert!(count > 1200, "{count}");
}

/// fapi: HS-7, FH-3, FH-4
#[test]
fn sr_67_an_answer_that_does_not_cover_its_request_is_refused() {
    use base64::{Engine as _, engine::general_purpose::STANDARD};
    let Exchange { operator, sent, answer } = exchange(200);
    let fintech = Party::new("fintech-1");
    let (request, _) = signed_payment(&fintech);
    let received = PresentedRequest::new(request, &origin()).unwrap().received();
    let _ = sent;
    let field = answer.headers()["signature-input"].to_str().unwrap().to_owned();
    let (list, parameters) = field.split_once(')').unwrap();
    let identifiers: Vec<_> = list.trim_start_matches("sig1=(").split(' ').collect();
    // A well-signed answer without each of the components: the library's own sender cannot make one, so it is made here.
    let (request, own) = signed_payment(&fintech);
    let own_received = PresentedRequest::new(request, &origin()).unwrap().received();
    let resigned = |kept: &[&str], received: &ingam_transaction::request::Received| {
        let mut answer = answer.clone();
        answer
            .headers_mut()
            .insert("signature-input", format!("sig1=({}){parameters}", kept.join(" ")).parse().unwrap());
        let base = ingam_transaction::signature::of_response(&answer, None, Some(received)).unwrap().remove(0);
        let bytes = operator.key.sign_now(base.text().as_bytes()).unwrap();
        let value = format!("sig1=:{}:", STANDARD.encode(bytes));
        answer.headers_mut().insert("signature", value.parse().unwrap());
        response::verify(&own, answer, &operator.keys, &FAPI_2_RESPONSE, &PROVIDER, NOW)
    };
    assert!(resigned(&identifiers, &own_received).is_ok());
    assert_eq!(resigned(&identifiers, &received).unwrap_err().name(), "ResponseNotBound");
    for required in FAPI_2_RESPONSE.required {
        let identifier = match required.of {
            Of::Message => format!("\"{}\"", required.component),
            Of::Request => format!("\"{}\";req", required.component),
        };
        if !identifiers.contains(&identifier.as_str()) {
            continue; // of unsigned requests
        }
        let kept: Vec<_> = identifiers.iter().copied().filter(|kept| *kept != identifier).collect();
        assert_eq!(resigned(&kept, &own_received).unwrap_err().name(), "RequiredComponentMissing", "{identifier}");
    }
}

/// RFC 9421 section 2.4 covers the request's signature by its label, and so do operators that follow its example.
#[test]
fn sr_67_an_answer_may_name_the_requests_one_signature_by_its_label() {
    use base64::{Engine as _, engine::general_purpose::STANDARD};
    const DIGEST: &str = r#""content-digest";req"#;
    let operator = Party::new("operator");
    let (request, own) = signed_payment(&Party::new("fintech-1"));
    let received = PresentedRequest::new(request.clone(), &origin()).unwrap().received();
    let mut with_two = request;
    for (name, of_gateway) in [("signature-input", "gw=();created=1"), ("signature", "gw=:AAAA:")] {
        with_two.headers_mut().append(name, HeaderValue::from_static(of_gateway));
    }
    let two = PresentedRequest::new(with_two.clone(), &origin()).unwrap().received();
    *with_two.uri_mut() = payment().uri().clone();
    let sent_with_two = SentRequest::of(&with_two).unwrap();
    let verdict = |digest: &str, label: &str, received: &ingam_transaction::request::Received, sent: &SentRequest| {
        let by_label = format!("\"signature\";req;key=\"{label}\" \"signature-input\";req;key=\"{label}\"");
        let input = format!(
            "sig1=(\"@status\" \"@method\";req \"@target-uri\";req {digest} {by_label});created=1795000000;tag=\"fapi-2-response\""
        );
        let mut answer = Response::new(Bytes::new());
        answer.headers_mut().insert("signature-input", input.parse().unwrap());
        let bases = ingam_transaction::signature::of_response(&answer, None, Some(received));
        let bytes = bases.map_or(vec![0; 64], |bases| operator.key.sign_now(bases[0].text().as_bytes()).unwrap());
        answer.headers_mut().insert("signature", format!("sig1=:{}:", STANDARD.encode(bytes)).parse().unwrap());
        let verified = response::verify(sent, answer, &operator.keys, &FAPI_2_RESPONSE, &PROVIDER, NOW);
        verified.map_or_else(|refused| refused.name(), |_| "believed")
    };
    assert_eq!(verdict(DIGEST, "sig1", &received, &own), "believed");
    assert_eq!(verdict(DIGEST, "sig2", &received, &own), "ComponentMissing");
    assert_eq!(verdict(DIGEST, "sig1", &two, &sent_with_two), "RequiredComponentMissing", "one of two");
    let part = r#""content-digest";req;key="sha-256""#;
    assert_eq!(
        verdict(part, "sig1", &received, &own),
        "RequiredComponentMissing",
        "no other field is told by a member"
    );
}

#[test]
fn answers_to_unsigned_requests_are_bound_to_their_proof() {
    let operator = Party::new("operator");
    let ask = |proof: &'static str| {
        let mut request = payment();
        request.headers_mut().insert("dpop", HeaderValue::from_static(proof));
        let sent = SentRequest::of(&request).unwrap();
        (PresentedRequest::new(on_the_wire(request), &origin()).unwrap().received(), sent)
    };
    let (received, sent) = ask("one.proof.aaaa");
    let (_, other) = ask("two.proof.bbbb");
    let answer = ready(response::answer(
        &received,
        Response::new(Bytes::from_static(b"{}")),
        &operator.key,
        &FAPI_2_RESPONSE,
        &PROVIDER,
        NOW,
    ))
    .unwrap();
    let verify = |sent| response::verify(sent, answer.clone(), &operator.keys, &FAPI_2_RESPONSE, &PROVIDER, NOW);
    assert!(verify(&sent).is_ok());
    assert_eq!(verify(&other).unwrap_err().name(), "ResponseNotBound");
}

#[test]
fn errors_are_signed_too_and_nothing_of_an_unsigned_one_is_believed() {
    let exchange = exchange(403);
    assert_eq!(exchange.verify(exchange.answer.clone()).unwrap().status(), 403);
    let mut bare = exchange.answer.clone();
    bare.headers_mut().remove("signature");
    bare.headers_mut().remove("signature-input");
    assert_eq!(exchange.verify(bare).unwrap_err().name(), "SignatureMissing");
}

#[test]
fn an_answer_without_content_is_verified_without_the_body_it_does_not_have() {
    let (fintech, operator) = (Party::new("fintech-1"), Party::new("operator"));
    for (method, status) in [("HEAD", 200), ("GET", 304), ("DELETE", 204)] {
        let request = Request::builder().method(method).uri("https://bank.example/accounts");
        let request = request.header("authorization", "DPoP a.b.c").body(Bytes::new()).unwrap();
        let randomness = PROVIDER.randomness();
        let signing =
            ingam_transaction::request::sign(request, &fintech.key, &FAPI_2_REQUEST, &PROVIDER, randomness, NOW);
        let (request, sent) = ready(signing).unwrap();
        let received = PresentedRequest::new(on_the_wire(request), &origin()).unwrap().received();
        let answer = Response::builder().status(status).header("content-length", "2");
        let answer = answer.body(Bytes::from_static(b"{}")).unwrap();
        let mut answer =
            ready(response::answer(&received, answer, &operator.key, &FAPI_2_RESPONSE, &PROVIDER, NOW)).unwrap();
        *answer.body_mut() = Bytes::new();
        let verified = response::verify(&sent, answer, &operator.keys, &FAPI_2_RESPONSE, &PROVIDER, NOW);
        assert!(verified.is_ok(), "{method} {status}: {verified:?}");
    }
}

#[test]
fn an_answer_by_another_operator_is_refused() {
    let exchange = exchange(200);
    let stranger = Party::new("operator");
    let answer = exchange.answer.clone();
    let refused =
        response::verify(&exchange.sent, answer, &stranger.keys, &FAPI_2_RESPONSE, &PROVIDER, NOW).unwrap_err();
    assert_eq!(refused.name(), "UnknownKey");
    assert_ne!(stranger.key.key_id(), exchange.operator.key.key_id());
}

#[test]
fn nothing_secret_is_printed() {
    let fintech = Party::new("fintech-1");
    for secret in CANARIES.iter().filter(|secret| secret.bytes().all(|byte| byte.is_ascii_graphic())) {
        let mut request = payment();
        let authorization = format!("DPoP {secret}").parse().unwrap();
        request.headers_mut().insert("authorization", authorization);
        *request.uri_mut() = format!("https://bank.example/p?account={secret}").parse().unwrap();
        *request.body_mut() = Bytes::from(*secret);
        let (signed, sent) = ready(ingam_transaction::request::sign(
            request,
            &fintech.key,
            &FAPI_2_REQUEST,
            &PROVIDER,
            PROVIDER.randomness(),
            NOW,
        ))
        .unwrap();
        let presented = PresentedRequest::new(on_the_wire(signed.clone()), &origin()).unwrap();
        for base in ingam_transaction::signature::of_request(&presented).unwrap() {
            assert_hidden(&base, secret);
        }
        assert_hidden(&presented, secret);
        assert_hidden(&presented.received(), secret);
        assert_hidden(&sent, secret);
        assert_hidden(&checked(on_the_wire(signed), &fintech, &FAPI_2_REQUEST, NOW).unwrap(), secret);
    }
}
