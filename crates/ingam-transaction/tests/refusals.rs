//! Every way a signed request can be wrong, each with its own refusal.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on has to fail")]

mod rooms;

use bytes::Bytes;
use http::{HeaderValue, Request, Uri};
use ingam_jose::{SignatureAlgorithm, Signer as _};
use ingam_transaction::{
    policy::{CoveragePolicy, FAPI_2_REQUEST},
    request::{self, Coverage, PresentedRequest, RequestRefused},
    signature::{self, SignatureError},
};
use ingam_wire::{Seconds, UnixTime};
use rooms::*;

const COVERED: &str = r#"("@method" "@target-uri" "authorization" "dpop" "content-digest")"#;

/// The refusal of a request that is well signed over `input`.
fn refusal(input: &str) -> &'static str {
    refusal_of(with_digest(payment()), input, &FAPI_2_REQUEST)
}

fn refusal_of(request: Request<Bytes>, input: &str, policy: &CoveragePolicy) -> &'static str {
    let fintech = Party::new("fintech-1");
    let request = signed_as(request, input, &fintech.key);
    checked(request, &fintech, policy, NOW).map_or_else(|error| error.name(), |_| "accepted")
}

fn with_digest(mut request: Request<Bytes>) -> Request<Bytes> {
    use ingam_transaction::digest::{CONTENT_DIGEST, DigestAlgorithm, field_value};
    let digest = field_value(request.body(), DigestAlgorithm::Sha256, &PROVIDER);
    request.headers_mut().insert(CONTENT_DIGEST, digest);
    request
}

fn parameters(text: &str) -> String {
    format!("{COVERED}{text}")
}

const GOOD: &str = r#";created=1795000000;tag="fapi-2-request""#;

#[test]
fn what_the_policy_asks_is_enough() {
    assert_eq!(refusal(&parameters(GOOD)), "accepted");
    let also = r#";created=1795000000;expires=1795000060;nonce="n";alg="ecdsa-p256-sha256";tag="fapi-2-request""#;
    assert_eq!(refusal(&parameters(also)), "accepted");
}

/// fapi: FH-2
#[test]
fn sr_68_a_signature_outside_its_time_is_refused() {
    let at = |parameters: &str| refusal(&format!("{COVERED}{parameters};tag=\"fapi-2-request\""));
    assert_eq!(at(";created=1795000010"), "accepted", "within the skew");
    assert_eq!(at(";created=1795000011"), "CreatedInFuture");
    assert_eq!(at(";created=1794999940"), "accepted", "within the window");
    assert_eq!(at(";created=1794999939"), "TooOld");
    assert_eq!(at(";created=-1"), "TooOld");
    assert_eq!(at(""), "CreatedMissing");
    assert_eq!(at(";expires=1795000060"), "CreatedMissing");
    assert_eq!(at(";created=1794999990;expires=1795000000"), "Expired");
    assert_eq!(at(";created=1795000005;expires=1795000003"), "Expired", "before it was created");
    assert_eq!(at(";created=1795000000;expires=1795000001"), "accepted");
    assert_eq!(at(";created=999999999999999"), "CreatedInFuture");
    assert_eq!(at(";created=1795000000.0"), "MalformedSignatureInput");
    assert_eq!(at(";created=@1795000000"), "MalformedSignatureInput");
    assert_eq!(at(";created"), "MalformedSignatureInput");
}

#[test]
fn sr_68_another_tag_is_refused() {
    assert_eq!(refusal(&parameters(r#";created=1795000000;tag="fapi-2-response""#)), "WrongTag");
    assert_eq!(refusal(&parameters(r#";created=1795000000;tag="FAPI-2-REQUEST""#)), "WrongTag");
    assert_eq!(refusal(&parameters(r#";created=1795000000;tag="""#)), "WrongTag");
    assert_eq!(refusal(&parameters(";created=1795000000")), "WrongTag");
    assert_eq!(refusal(&parameters(";created=1795000000;tag=fapi-2-request")), "MalformedSignatureInput");
}

/// fapi: FH-2
#[test]
fn sr_66_a_required_component_that_is_not_covered_is_named() {
    for missing in ["@method", "@target-uri", "authorization", "dpop", "content-digest"] {
        let quoted = format!("\"{missing}\"");
        let left: Vec<_> =
            COVERED.trim_matches(['(', ')']).split(' ').filter(|identifier| *identifier != quoted).collect();
        let input = format!("({}){GOOD}", left.join(" "));
        let fintech = Party::new("fintech-1");
        let request = signed_as(with_digest(payment()), &input, &fintech.key);
        let refused = checked(request, &fintech, &FAPI_2_REQUEST, NOW).unwrap_err();
        let expected = SignatureError::RequiredComponentMissing { component: missing };
        assert_eq!(refused, RequestRefused::Signature(expected));
    }
}

#[test]
fn sr_66_a_required_field_that_is_covered_and_not_there_is_named() {
    for missing in ["authorization", "dpop", "content-digest"] {
        let fintech = Party::new("fintech-1");
        let mut request = with_digest(payment());
        request.headers_mut().remove(missing);
        let request = signed_as(request, &format!("{COVERED}{GOOD}"), &fintech.key);
        let refused = checked(request, &fintech, &FAPI_2_REQUEST, NOW).unwrap_err();
        let expected = SignatureError::RequiredComponentMissing { component: missing };
        assert_eq!(refused, RequestRefused::Signature(expected));
    }
}

#[test]
fn sr_66_a_part_of_a_component_does_not_count_as_the_component() {
    let part = COVERED.replace(r#""content-digest""#, r#""content-digest";key="sha-256""#);
    assert_eq!(refusal(&format!("{part}{GOOD}")), "RequiredComponentMissing");
    let path = COVERED.replace(r#""@target-uri""#, r#""@path" "@query" "@authority" "@scheme""#);
    assert_eq!(refusal(&format!("{path}{GOOD}")), "RequiredComponentMissing");
    let strict = COVERED.replace(r#""content-digest""#, r#""content-digest";sf"#);
    assert_eq!(refusal(&format!("{strict}{GOOD}")), "accepted", "the whole value in another form");
    let wrapped = COVERED.replace(r#""dpop""#, r#""dpop";bs"#);
    assert_eq!(refusal(&format!("{wrapped}{GOOD}")), "accepted", "the whole value in another form");
}

/// fapi: HD-1
#[test]
fn sr_66_a_body_without_a_strong_digest_is_refused() {
    let fintech = Party::new("fintech-1");
    let without = COVERED.replace(r#" "content-digest""#, "");
    assert_eq!(refusal_of(payment(), &format!("{without}{GOOD}"), &FAPI_2_REQUEST), "RequiredComponentMissing");
    // "hello" under md5 and unixsum, covered by the signature.
    for weak in ["md5=:XUFAKrxLKna5cZ2REBfFkg==:", "unixsum=:GQU=:, crc32c=:Q3lHIA==:", "sha-1=:AAAA:"] {
        let mut request = payment();
        request.headers_mut().insert("content-digest", HeaderValue::from_static(weak));
        let request = signed_as(request, &parameters(GOOD), &fintech.key);
        let refused = checked(request, &fintech, &FAPI_2_REQUEST, NOW).unwrap_err();
        assert_eq!(refused.name(), "RequiredComponentMissing", "{weak}");
    }
    // No policy can do without: a body is shown only under its digest.
    let mut lax = FAPI_2_REQUEST;
    lax.required = &[];
    let input = format!("(\"@method\" \"@target-uri\"){GOOD}");
    assert_eq!(refusal_of(payment(), &input, &lax), "RequiredComponentMissing");
    assert_eq!(
        refusal_of(with_digest(payment()), &format!("(\"content-digest\"){GOOD}"), &lax),
        "RequiredComponentMissing"
    );
}

/// fapi: HD-1
#[test]
fn sr_65_another_body_under_the_same_digest_is_refused() {
    let fintech = Party::new("fintech-1");
    let (mut request, _) = signed_payment(&fintech);
    *request.body_mut() = Bytes::from_static(br#"{"amount":{"currency":"KRW","minor":950000},"payee":"Kim"}"#);
    let refused = checked(request, &fintech, &FAPI_2_REQUEST, NOW).unwrap_err();
    assert_eq!(refused.name(), "DigestMismatch");
}

#[test]
fn sr_65_another_body_with_its_own_digest_breaks_the_signature() {
    let fintech = Party::new("fintech-1");
    let (mut request, _) = signed_payment(&fintech);
    *request.body_mut() = Bytes::from_static(b"{}");
    let request = with_digest(request);
    assert_eq!(checked(request, &fintech, &FAPI_2_REQUEST, NOW).unwrap_err().name(), "BadSignature");
}

#[test]
fn a_body_that_lies_about_its_length_is_refused_before_it_is_hashed() {
    let fintech = Party::new("fintech-1");
    for lie in ["3", "999999", "abc", "-1", "59, 59", "+58"] {
        let (mut request, _) = signed_payment(&fintech);
        request.headers_mut().insert("content-length", HeaderValue::from_static(lie));
        let refused = checked(request, &fintech, &FAPI_2_REQUEST, NOW).unwrap_err();
        assert_eq!(refused, RequestRefused::LengthMismatch, "{lie}");
    }
    let (mut request, _) = signed_payment(&fintech);
    *request.body_mut() = Bytes::from(vec![b'x'; ingam_transaction::limits::BODY + 1]);
    assert_eq!(checked(request, &fintech, &FAPI_2_REQUEST, NOW).unwrap_err(), RequestRefused::BodyTooLarge);
}

/// fapi: HS-1
#[test]
fn sr_68_labels_must_be_unique_and_in_both_fields() {
    let fintech = Party::new("fintech-1");
    let (request, _) = signed_payment(&fintech);
    let text = |request: &Request<Bytes>, name: &str| request.headers()[name].to_str().unwrap().to_owned();
    let (input, bytes) = (text(&request, "signature-input"), text(&request, "signature"));
    let with = |input: &str, bytes: &str| {
        let mut request = request.clone();
        request.headers_mut().insert("signature-input", input.parse().unwrap());
        request.headers_mut().insert("signature", bytes.parse().unwrap());
        checked(request, &fintech, &FAPI_2_REQUEST, NOW).map_or_else(|error| error.name(), |_| "accepted")
    };
    assert_eq!(with(&input, &bytes), "accepted");
    assert_eq!(with(&format!("{input}, {input}"), &bytes), "DuplicateLabel");
    assert_eq!(with(&input, &format!("{bytes}, {bytes}")), "DuplicateLabel");
    assert_eq!(with(&format!("{input}, other=()"), &bytes), "LabelMismatch");
    assert_eq!(with(&input, &format!("{bytes}, other=:AAAA:")), "LabelMismatch");
    assert_eq!(with(&input.replacen("sig1", "sig2", 1), &bytes), "LabelMismatch");
    assert_eq!(with(&format!("{input}, other=()"), &format!("{bytes}, other=:AAAA:")), "accepted", "not our concern");
    let copy = input.replacen("sig1", "sig2", 1);
    let copied = bytes.replacen("sig1", "sig2", 1);
    assert_eq!(with(&format!("{input}, {copy}"), &format!("{bytes}, {copied}")), "SeveralSignatures");
    assert_eq!(with(&input, "sig1=\"text\""), "MalformedSignature");
    assert_eq!(with(&input, "sig1"), "MalformedSignature");
    assert_eq!(with(&input, "sig1=::"), "MalformedSignature");
    assert_eq!(with(&input, "sig1=(:AAAA:)"), "MalformedSignature");
    assert_eq!(with("sig1=1", &bytes), "MalformedSignatureInput");
    assert_eq!(with("sig1", &bytes), "MalformedSignatureInput");
    assert_eq!(with("sig1=(1)", &bytes), "MalformedSignatureInput");
    assert_eq!(with("sig1=(token)", &bytes), "MalformedSignatureInput");
    assert_eq!(with("sig1=(\"@method\"", &bytes), "MalformedSignatureInput");
    assert_eq!(with("=", &bytes), "MalformedSignatureInput");
    assert_eq!(with("", &bytes), "LabelMismatch");
    assert_eq!(with(&input, ""), "LabelMismatch");
    let many = (0..9).map(|index| format!("s{index}=()")).collect::<Vec<_>>().join(", ");
    assert_eq!(with(&many, &bytes), "TooMany");
    assert_eq!(with(&"a".repeat(20_000), &bytes), "TooLarge");
    assert_eq!(with(&input, &"a".repeat(20_000)), "TooLarge");
}

/// fapi: HS-2, HS-4, HS-5
#[test]
fn a_component_must_exist_fit_its_parameters_and_stand_once() {
    let fintech = Party::new("fintech-1");
    let with = |components: &str| {
        let mut request = on_the_wire(with_digest(payment()));
        request.headers_mut().append("x-list", HeaderValue::from_static("a=1, b=2"));
        request.headers_mut().append("x-text", HeaderValue::from_static("(not a field"));
        let input = format!("sig1=({} {components}){GOOD}", COVERED.trim_matches(['(', ')']));
        request.headers_mut().insert("signature-input", input.parse().unwrap());
        request.headers_mut().insert("signature", HeaderValue::from_static("sig1=:AAAA:"));
        checked(request, &fintech, &FAPI_2_REQUEST, NOW).unwrap_err().name()
    };
    assert_eq!(with(r#""@path""#), "BadSignature", "readable; only the signature is none");
    for (components, refused) in [
        (r#""@nothing""#, "UnknownComponent"),
        (r#""@signature-params""#, "UnknownComponent"),
        (r#""Content-Type""#, "UnknownComponent"),
        (r#""content type""#, "UnknownComponent"),
        (r#""""#, "UnknownComponent"),
        (r#""a\"b""#, "MalformedSignatureInput"),
        (r#""@method""#, "DuplicateComponent"),
        (r#""content-type" "content-type""#, "DuplicateComponent"),
        (r#""x-list";key="a";bs"#, "UnknownComponentParameter"),
        (r#""x-list";key="a" "x-list";key="a""#, "DuplicateComponent"),
        (r#""x-list";sf;key="a" "x-list";key="a";sf"#, "DuplicateComponent"),
        (r#""x-list";sf;sf"#, "DuplicateParameter"),
        (r#""x-list";key="a";key="b""#, "DuplicateParameter"),
        (r#""x-list";sf=?0"#, "UnknownComponentParameter"),
        (r#""x-list";sf=1"#, "UnknownComponentParameter"),
        (r#""x-list";key=a"#, "UnknownComponentParameter"),
        (r#""x-list";other"#, "UnknownComponentParameter"),
        (r#""x-list";name="a""#, "UnknownComponentParameter"),
        (r#""x-list";req"#, "UnknownComponentParameter"),
        (r#""x-list";bs;sf"#, "UnknownComponentParameter"),
        (r#""@path";sf"#, "UnknownComponentParameter"),
        (r#""@path";name="a""#, "UnknownComponentParameter"),
        (r#""@path";tr"#, "UnknownComponentParameter"),
        (r#""@query-param""#, "UnknownComponentParameter"),
        (r#""@query-param";name="absent""#, "ComponentMissing"),
        (r#""@status""#, "ComponentMissing"),
        (r#""x-absent""#, "ComponentMissing"),
        (r#""x-list";key="c""#, "ComponentMissing"),
        (r#""x-list";tr"#, "ComponentMissing"),
        (r#""x-text";sf"#, "NotStructured"),
        (r#""x-text";key="a""#, "NotStructured"),
    ] {
        assert_eq!(with(components), refused, "{components}");
    }
    let many = (0..60).map(|index| format!("\"x-{index}\"")).collect::<Vec<_>>().join(" ");
    assert_eq!(with(&many), "TooMany");
}

#[test]
fn a_signature_parameter_stands_once_and_stays_bounded() {
    assert_eq!(refusal_raw(r#";created=1795000000;created=1795000000;tag="fapi-2-request""#), "DuplicateParameter");
    assert_eq!(refusal_raw(r#";created=1795000000;tag="fapi-2-request";x;x"#), "DuplicateParameter");
    let long = format!(";created=1795000000;tag=\"fapi-2-request\";nonce=\"{}\"", "n".repeat(257));
    assert_eq!(refusal_raw(&long), "TooLarge");
    let many: String = (0..17).map(|index| format!(";p{index}")).collect();
    assert_eq!(refusal_raw(&many), "TooMany");
}

fn refusal_raw(parameters: &str) -> &'static str {
    let fintech = Party::new("fintech-1");
    let mut request = on_the_wire(with_digest(payment()));
    request.headers_mut().insert("signature-input", format!("sig1={COVERED}{parameters}").parse().unwrap());
    request.headers_mut().insert("signature", HeaderValue::from_static("sig1=:AAAA:"));
    checked(request, &fintech, &FAPI_2_REQUEST, NOW).unwrap_err().name()
}

#[test]
fn a_query_parameter_that_occurs_twice_is_refused() {
    let fintech = Party::new("fintech-1");
    for (query, refused) in [
        ("a=1&b=2", "accepted"),
        ("a=1&a=2", "QueryParameterRepeated"),
        ("a=1&%61=2", "QueryParameterRepeated"),
        ("a=%ff", "ValueNotAscii"),
        ("b=1", "ComponentMissing"),
    ] {
        let mut request = with_digest(payment());
        *request.uri_mut() = format!("https://bank.example/payments?{query}").parse().unwrap();
        let mut request = on_the_wire(request);
        let input = format!("sig1=({} \"@query-param\";name=\"a\"){GOOD}", COVERED.trim_matches(['(', ')']));
        request.headers_mut().insert("signature-input", input.parse().unwrap());
        let presented = PresentedRequest::new(request.clone(), &origin()).unwrap();
        let base = signature::of_request(&presented);
        let bytes =
            base.map_or_else(|_| vec![0; 64], |bases| fintech.key.sign_now(bases[0].text().as_bytes()).unwrap());
        use base64::{Engine as _, engine::general_purpose::STANDARD};
        let value = format!("sig1=:{}:", STANDARD.encode(bytes));
        request.headers_mut().insert("signature", value.parse().unwrap());
        let got = checked(request, &fintech, &FAPI_2_REQUEST, NOW).map_or_else(|error| error.name(), |_| "accepted");
        assert_eq!(got, refused, "{query}");
    }
}

/// fapi: HS-6
#[test]
fn the_message_never_chooses_the_algorithm() {
    let alg = |name: &str| refusal(&parameters(&format!("{GOOD};alg=\"{name}\"")));
    assert_eq!(alg("ecdsa-p256-sha256"), "accepted");
    assert_eq!(alg("ed25519"), "KeyAlgorithmMismatch");
    for name in ["hmac-sha256", "rsa-v1_5-sha256", "rsa-pss-sha512", "ecdsa-p384-sha384", "none", "ES256", ""] {
        assert_eq!(alg(name), "AlgorithmNotAllowed", "{name}");
    }
    let mut only_eddsa = FAPI_2_REQUEST;
    only_eddsa.algorithms = &[SignatureAlgorithm::EdDsa];
    assert_eq!(refusal_of(with_digest(payment()), &parameters(GOOD), &only_eddsa), "AlgorithmNotAllowed");
}

#[test]
fn only_a_registered_key_signs_for_a_fintech() {
    let (fintech, stranger) = (Party::new("fintech-1"), Party::new("fintech-2"));
    let request = signed_as(with_digest(payment()), &parameters(GOOD), &stranger.key);
    assert_eq!(checked(request, &fintech, &FAPI_2_REQUEST, NOW).unwrap_err().name(), "BadSignature");
    let keyid = |id: &str| refusal(&parameters(&format!("{GOOD};keyid=\"{id}\"")));
    assert_eq!(keyid("nobody"), "UnknownKey");
    assert_eq!(keyid(""), "UnknownKey");
    let named = format!("{GOOD};keyid=\"{}\"", fintech.key.key_id().as_str());
    let request = signed_as(with_digest(payment()), &parameters(&named), &stranger.key);
    assert_eq!(checked(request, &fintech, &FAPI_2_REQUEST, NOW).unwrap_err().name(), "BadSignature");
}

#[test]
fn an_unsigned_request_passes_only_where_the_policy_says_so() {
    let fintech = Party::new("fintech-1");
    let plain = || on_the_wire(payment());
    assert_eq!(checked(plain(), &fintech, &FAPI_2_REQUEST, NOW).unwrap_err(), RequestRefused::SignatureMissing);
    let permitting = FAPI_2_REQUEST.permitting_unsigned();
    let passed = checked(plain(), &fintech, &permitting, NOW).unwrap();
    assert_eq!(passed.coverage(), &Coverage::Unsigned);
    assert!(passed.signer().is_none());
    // One field alone is a broken signature, not an unsigned request.
    for lone in ["signature", "signature-input"] {
        let (mut request, _) = signed_payment(&fintech);
        request.headers_mut().remove(lone);
        assert_eq!(checked(request, &fintech, &permitting, NOW).unwrap_err().name(), "LabelMismatch");
    }
    // So is a signature that does not verify, whatever the policy permits.
    let (mut request, _) = signed_payment(&fintech);
    request.headers_mut().insert("dpop", HeaderValue::from_static("another.proof.here"));
    assert_eq!(checked(request, &fintech, &permitting, NOW).unwrap_err().name(), "BadSignature");
    let mut broken = with_digest(plain());
    *broken.body_mut() = Bytes::from_static(b"{}");
    assert_eq!(checked(broken, &fintech, &permitting, NOW).unwrap_err().name(), "DigestMismatch");
}

#[test]
fn a_nonce_is_asked_for_where_the_policy_says_so() {
    let mut strict = FAPI_2_REQUEST;
    strict.nonce_required = true;
    assert_eq!(refusal_of(with_digest(payment()), &parameters(GOOD), &strict), "NonceMissing");
    let with = parameters(&format!("{GOOD};nonce=\"n\""));
    assert_eq!(refusal_of(with_digest(payment()), &with, &strict), "accepted");
}

#[test]
fn a_request_under_another_origin_is_refused_and_host_is_not_asked() {
    let fintech = Party::new("fintech-1");
    let (mut request, _) = signed_payment(&fintech);
    request.headers_mut().insert("host", HeaderValue::from_static("internal.example"));
    assert!(checked(request.clone(), &fintech, &FAPI_2_REQUEST, NOW).is_ok());
    for (uri, expected) in [
        ("https://bank.example/payments?dry=1", "accepted"),
        ("https://BANK.example:443/payments?dry=1", "accepted"),
        ("https://evil.example/payments?dry=1", "TargetMismatch"),
        ("http://bank.example/payments?dry=1", "TargetMismatch"),
        ("https://bank.example:444/payments?dry=1", "TargetMismatch"),
        ("https://bank.example:65979/payments?dry=1", "TargetMismatch"),
        ("https://user@bank.example/payments?dry=1", "TargetMismatch"),
        ("https://user@bank.example:443/payments?dry=1", "TargetMismatch"),
    ] {
        *request.uri_mut() = uri.parse().unwrap();
        let got =
            checked(request.clone(), &fintech, &FAPI_2_REQUEST, NOW).map_or_else(|error| error.name(), |_| "accepted");
        assert_eq!(got, expected, "{uri}");
    }
}

/// RFC 9112 section 3.2: neither form has a path; RFC 9421 section 2.2.5 covers the request line's own text.
#[test]
fn a_target_without_a_path_is_the_origin_and_stands_in_the_request_line_as_it_was_written() {
    let fintech = Party::new("fintech-1");
    for written in ["*", "bank.example:443"] {
        let input = r#"("@target-uri" "@path" "@request-target");created=1795000000"#;
        let mut request = signed_as(payment(), input, &fintech.key);
        *request.uri_mut() = written.parse().unwrap();
        let presented = PresentedRequest::new(request, &origin()).unwrap();
        let bases = signature::of_request(&presented).unwrap();
        let lines: Vec<_> = bases[0].text().lines().take(3).collect();
        let target = format!("\"@request-target\": {written}");
        assert_eq!(lines, [r#""@target-uri": https://bank.example"#, r#""@path": /"#, &*target]);
    }
}

#[test]
fn a_host_in_capitals_is_signed_in_lower_case() {
    let fintech = Party::new("fintech-1");
    let mut request = payment();
    *request.uri_mut() = Uri::from_static("https://BANK.example:443/payments?dry=1");
    let (request, _) =
        ready(request::sign(request, &fintech.key, &FAPI_2_REQUEST, &PROVIDER, PROVIDER.randomness(), NOW)).unwrap();
    assert!(checked(on_the_wire(request), &fintech, &FAPI_2_REQUEST, NOW).is_ok());
}

#[test]
fn sr_69_values_are_trimmed_joined_or_refused() {
    let fintech = Party::new("fintech-1");
    let value = |lines: &[&[u8]], identifier: &str| {
        let mut request = on_the_wire(with_digest(payment()));
        for line in lines {
            request.headers_mut().append("x-value", HeaderValue::from_bytes(line).unwrap());
        }
        let input = format!("x=({identifier}){GOOD}");
        request.headers_mut().insert("signature-input", input.parse().unwrap());
        let presented = PresentedRequest::new(request, &origin()).unwrap();
        signature::of_request(&presented)
            .map(|bases| bases[0].text().lines().next().unwrap().to_owned())
            .map_err(|error| error.name())
    };
    let field = |lines: &[&[u8]]| value(lines, "\"x-value\"");
    assert_eq!(field(&[b"  led and trailed \t"]).unwrap(), "\"x-value\": led and trailed");
    assert_eq!(field(&[b"one", b" two ", b"three"]).unwrap(), "\"x-value\": one, two, three");
    assert_eq!(field(&[b""]).unwrap(), "\"x-value\": ");
    assert_eq!(field(&[b"", b""]).unwrap(), "\"x-value\": , ");
    assert_eq!(field(&[b"inner\ttab  kept"]).unwrap(), "\"x-value\": inner\ttab  kept");
    assert_eq!(field(&["예금".as_bytes()]), Err("ValueNotAscii"));
    assert_eq!(field(&[b"latin \xe9"]), Err("ValueNotAscii"));
    assert_eq!(
        value(&["예금".as_bytes(), b"b"], "\"x-value\";bs").unwrap(),
        "\"x-value\";bs: :7JiI6riI:, :Yg==:",
        "bytes are covered as they are where the identifier says so"
    );
    // A line end cannot even be held, so no folded or split value reaches a base.
    for broken in [&b"a\r\n b"[..], b"a\nb", b"a\rb", b"a\0b"] {
        assert!(HeaderValue::from_bytes(broken).is_err());
    }
    let _ = &fintech;
}

/// fapi: HS-2
#[test]
fn sr_69_a_target_that_is_not_ascii_is_refused() {
    let fintech = Party::new("fintech-1");
    for uri in ["https://bank.example/예금?dry=1", "https://bank.example/payments?payee=김"] {
        let mut request = with_digest(payment());
        *request.uri_mut() = uri.parse().unwrap();
        let request = signed_as(request, &parameters(GOOD), &fintech.key);
        assert_eq!(checked(request, &fintech, &FAPI_2_REQUEST, NOW).unwrap_err().name(), "ValueNotAscii", "{uri}");
    }
}

#[test]
fn sr_69_white_space_and_order_in_the_field_do_not_matter_to_a_strict_serialiser() {
    let fintech = Party::new("fintech-1");
    let tight = parameters(GOOD);
    let mut request = signed_as(with_digest(payment()), &tight, &fintech.key);
    let loose = format!("sig1={}", tight.replace(' ', "   ").replace(")", "  )").replace(';', "; "));
    request.headers_mut().insert("signature-input", loose.parse().unwrap());
    assert!(checked(request, &fintech, &FAPI_2_REQUEST, NOW).is_ok(), "RFC 9421 section 2.3");
}

#[test]
fn sr_68_a_signature_is_claimed_once_and_longer_than_it_is_accepted() {
    let fintech = Party::new("fintech-1");
    let claims = |request: Request<Bytes>, now: UnixTime| {
        let presented = PresentedRequest::new(request, &origin()).unwrap();
        let sender = request::Sender { fintech: &fintech.id, keys: &fintech.keys };
        let unclaimed = request::check(presented, sender, &FAPI_2_REQUEST, &PROVIDER, now).unwrap();
        claims_of(unclaimed)
    };
    let (request, _) = signed_payment(&fintech);
    let first = claims(request.clone(), NOW);
    assert_eq!(first.len(), 1);
    let later = claims(request.clone(), NOW.plus(Seconds::new(60)));
    assert_eq!(first, later, "the claim does not depend on the verifier's clock");
    assert!(first[0].expires > NOW.plus(FAPI_2_REQUEST.window).plus(FAPI_2_REQUEST.skew));
    assert_eq!(first[0].stated, NOW);
    let (other, _) = signed_payment(&fintech);
    assert_ne!(first[0].digest, claims(other, NOW)[0].digest, "a fresh nonce each time");
    // The same nonce under another body is still the same id.
    let nonce = |body: &'static [u8]| {
        let mut request = payment();
        *request.body_mut() = Bytes::from_static(body);
        claims(signed_as(with_digest(request), &parameters(&format!("{GOOD};nonce=\"n\"")), &fintech.key), NOW)
    };
    assert_eq!(nonce(b"1")[0].digest, nonce(b"2")[0].digest);
}

#[test]
fn the_second_form_of_an_ecdsa_signature_is_the_same_claim() {
    // (r, s) and (r, n - s) both verify; without a nonce the claim must not be over the signature's bytes.
    const ORDER: [u8; 32] = [
        0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xbc, 0xe6,
        0xfa, 0xad, 0xa7, 0x17, 0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51,
    ];
    use base64::{Engine as _, engine::general_purpose::STANDARD};
    let fintech = Party::new("fintech-1");
    let request = signed_as(with_digest(payment()), &parameters(GOOD), &fintech.key);
    let text = request.headers()["signature"].to_str().unwrap();
    let mut bytes = STANDARD.decode(text.trim_start_matches("sig1=").trim_matches(':')).unwrap();
    let mut borrow = 0_i16;
    for index in (0..32).rev() {
        let difference = i16::from(ORDER[index]) - i16::from(bytes[32 + index]) - borrow;
        borrow = i16::from(difference < 0);
        bytes[32 + index] = u8::try_from(difference.rem_euclid(256)).unwrap();
    }
    let mut twin = request.clone();
    let value = format!("sig1=:{}:", STANDARD.encode(bytes));
    twin.headers_mut().insert("signature", value.parse().unwrap());
    assert_ne!(request.headers()["signature"], twin.headers()["signature"]);
    let claim = |request: Request<Bytes>| {
        let presented = PresentedRequest::new(request, &origin()).unwrap();
        let sender = request::Sender { fintech: &fintech.id, keys: &fintech.keys };
        claims_of(request::check(presented, sender, &FAPI_2_REQUEST, &PROVIDER, NOW).unwrap())
    };
    assert_eq!(claim(request), claim(twin));
}

#[test]
fn a_signature_is_written_in_one_way_only() {
    use base64::{Engine as _, engine::general_purpose::STANDARD};
    let fintech = Party::new("fintech-1");
    let (good, _) = signed_payment(&fintech);
    let text = good.headers()["signature"].to_str().unwrap().to_owned();
    let encoded = text.trim_start_matches("sig1=:").trim_end_matches(':');
    let bytes = STANDARD.decode(encoded).unwrap();
    let written = |encoded: &str| {
        let mut request = good.clone();
        request.headers_mut().insert("signature", format!("sig1=:{encoded}:").parse().unwrap());
        checked(request, &fintech, &FAPI_2_REQUEST, NOW).map_or_else(|error| error.name(), |_| "accepted")
    };
    assert_eq!(written(encoded), "accepted");
    assert_eq!(written(encoded.trim_end_matches('=')), "MalformedSignature", "without padding");
    // 64 bytes leave four bits of the last character unused; each other value of them reads as the same bytes.
    let (start, last) = encoded.trim_end_matches('=').split_at(85);
    let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let value = alphabet.find(last).unwrap();
    assert_eq!((value % 16, bytes.len()), (0, 64));
    for stray in 1..16 {
        let other = &alphabet[value + stray..=value + stray];
        assert_eq!(written(&format!("{start}{other}==")), "MalformedSignature");
    }
}

/// A gateway, or an algorithm of later years: ML-DSA-65 signatures have 3,309 bytes.
#[test]
fn another_label_may_hold_a_signature_that_nobody_here_could_verify() {
    use base64::{Engine as _, engine::general_purpose::STANDARD};
    let fintech = Party::new("fintech-1");
    let (mut request, _) = signed_payment(&fintech);
    let long = format!("pq=:{}:", STANDARD.encode([7; 3_309]));
    request.headers_mut().append("signature", long.parse().unwrap());
    let input = HeaderValue::from_static(r#"pq=("@method");created=1;alg="ml-dsa-65";tag="another""#);
    request.headers_mut().append("signature-input", input);
    assert!(checked(request, &fintech, &FAPI_2_REQUEST, NOW).is_ok());
}
