use ingam_jose::{CryptoProvider, Curve, Jwk, KeySet, PublicKey, jwe::ContentEncryption, jws, jwt::Typ};
use serde_json::Value;

use crate::{
    items,
    ledger::{Expected, Ledger, Outcome},
    providers,
    signatures::{LACKING, open, public_half, signs_again, verify},
    text, un64, unhex,
};

/// fapi: TP-1
#[test]
fn jose_rfc_examples() {
    let mut ledger = Ledger::of("jose-rfc");
    for provider in providers() {
        for file in ingam_testkit::vector_files("jose-rfc") {
            let examples = ingam_testkit::vectors("jose-rfc", &file);
            for example in items(&examples, "examples") {
                let case = format!("{file}/{}", text(&example["id"]));
                rfc_example(&case, example, provider, &mut ledger);
            }
        }
    }
    ledger.finish();
}

fn rfc_example(case: &str, example: &Value, provider: &dyn CryptoProvider, ledger: &mut Ledger) {
    let expected = example.get("expect").map_or(Expected::Valid, |verdict| Expected::read(text(verdict)));
    let token = text(&example["compact"]);
    let key = &example["key"];
    let outcome = match text(&example["kind"]) {
        "jws-compact" | "jwt" | "jws" => verify(token, key, provider).map(|payload| {
            if let Some(wanted) = example.get("payload_b64u") {
                ledger.require(payload == un64(wanted), case);
            }
            ledger.require(signs_again(token, key, provider), case);
        }),
        "jws-json-general" | "jws-json-flattened" | "jwe-json-general" | "jwe-json-flattened" => {
            not_compact(&example["json"])
        }
        "jws-detached-b64false" => {
            let payload = text(&example["payload_text"]).as_bytes();
            let token = text(&example["compact_detached"]);
            jws::Presented::detached(token, payload, Typ::Any).map(|_| ()).map_err(|e| e.name())
        }
        "jwe-compact" | "jwt-encrypted" => opened(open(token, key, provider), &example["plaintext"], case, ledger),
        "jwt-nested" => opened(open(token, &example["enc_key"], provider), &example["inner"], case, ledger),
        "jwks" => KeySet::parse_foreign(example["jwks"].to_string().as_bytes(), None, provider)
            .map(|(keys, skipped)| ledger.require(keys.keys().len() + skipped.len() == 2, case))
            .map_err(|e| e.name()),
        "jwk" => Jwk::parse(example["jwk"].to_string().as_bytes()).map(|_| ()).map_err(|e| e.name()),
        "jwk-thumbprint" => {
            // RFC 7638's own example is marked RS256, which no key here can be for; the thumbprint leaves `alg` out.
            let mut public = public_half(&example["jwk"]);
            public.as_object_mut().unwrap().remove("alg");
            Jwk::parse(public.to_string().as_bytes())
                .map(|jwk| {
                    ledger.require(jwk.thumbprint(provider).to_base64url() == text(&example["sha256_b64u"]), case)
                })
                .map_err(|e| e.name())
        }
        "ecdh-es" => ecdh_es(case, example, provider, ledger),
        "aead-cbc-hmac" | "aead-a128cbc-hs256" => {
            let name = example.get("enc").map_or("A128CBC-HS256", text);
            ContentEncryption::from_name(name).map(|_| ()).ok_or("AlgorithmNotAllowed")
        }
        // The derivation is not public; its unit test in src/jwe/content_key.rs reads this very example.
        "ecdh-es-concat-kdf" => return ledger.skip(provider.name(), case),
        other => panic!("{case}: unknown kind {other}"),
    };
    match outcome {
        Err(LACKING) => ledger.lacks(provider.name()),
        outcome => ledger.see(provider.name(), case, expected, outcome),
    }
}

/// A JSON serialisation given to the parsers, which read compact messages only.
fn not_compact(json: &Value) -> Outcome {
    let text = json.to_string();
    jws::Presented::compact(&text, Typ::Any).map(|_| ()).map_err(|_| "Malformed")
}

fn opened(outcome: Result<Vec<u8>, &'static str>, wanted: &Value, case: &str, ledger: &mut Ledger) -> Outcome {
    outcome.map(|content| {
        if let Some(wanted) = wanted.as_str() {
            ledger.require(content == wanted.as_bytes(), case);
        }
    })
}

fn ecdh_es(case: &str, example: &Value, provider: &dyn CryptoProvider, ledger: &mut Ledger) -> Outcome {
    let recipient = Jwk::parse(example["recipient_public"].to_string().as_bytes()).map_err(|e| e.name())?;
    let ephemeral = unhex(&example["ephemeral_secret_hex"]).try_into().map_err(|_| "WrongSize")?;
    let ephemeral = provider.agreement_key(Curve::X25519, &ephemeral).map_err(|_| "Unsupported")?;
    let secret = ephemeral.agree(recipient.public_key()).map_err(|_| "InvalidKey")?;
    ledger.require(secret.as_slice() == unhex(&example["z_hex"]), case);
    let public = Jwk::parse(example["epk"].to_string().as_bytes()).map_err(|e| e.name())?;
    ledger.require(ephemeral.public() == *public.public_key(), case);
    Ok(())
}

#[test]
fn jose_cookbook() {
    let mut ledger = Ledger::of("jose-cookbook");
    for provider in providers() {
        for file in ingam_testkit::vector_files("jose-cookbook") {
            let example = ingam_testkit::vectors("jose-cookbook", &file);
            match cookbook(&file, &example, provider, &mut ledger) {
                Err(LACKING) => ledger.lacks(provider.name()),
                outcome => ledger.see(provider.name(), &file, Expected::Valid, outcome),
            }
        }
    }
    ledger.finish();
}

fn cookbook(file: &str, example: &Value, provider: &dyn CryptoProvider, ledger: &mut Ledger) -> Outcome {
    if file.starts_with("jwk/") {
        let text = example.to_string();
        return Jwk::parse(text.as_bytes()).map(|_| ()).map_err(|e| e.name());
    }
    let (input, output) = (&example["input"], &example["output"]);
    if file.starts_with("6.") {
        let sign = &example["sign"];
        let inner = text(&sign["output"]["compact"]);
        let payload = verify(inner, &sign["input"]["key"], provider)?;
        ledger.require(payload == text(&sign["input"]["payload"]).as_bytes(), file);
        let encrypt = &example["encrypt"];
        let content = open(text(&encrypt["output"]["compact"]), &encrypt["input"]["key"], provider)?;
        ledger.require(content == inner.as_bytes(), file);
        return Ok(());
    }
    let Some(token) = output["compact"].as_str() else {
        return not_compact(output);
    };
    match input.get("payload") {
        Some(payload) if token.contains("..") => {
            let payload = text(payload).as_bytes();
            jws::Presented::detached(token, payload, Typ::Any).map(|_| ()).map_err(|e| e.name())
        }
        Some(payload) => verify(token, &input["key"], provider).map(|verified| {
            ledger.require(verified == text(payload).as_bytes(), file);
            ledger.require(signs_again(token, &input["key"], provider), file);
        }),
        None => {
            let content = open(token, &input["key"], provider)?;
            ledger.require(content == text(&input["plaintext"]).as_bytes(), file);
            Ok(())
        }
    }
}

#[test]
fn jose_interop() {
    let mut ledger = Ledger::of("jose-interop");
    for provider in providers() {
        for example in ingam_testkit::vectors("jose-interop", "josekit").as_array().unwrap() {
            let case = format!("josekit/{}", text(&example["name"]));
            let (token, key) = (text(&example["compact"]), &example["key"]);
            let read = match example["enc"].as_str() {
                Some(_) => open(token, key, provider),
                None => verify(token, key, provider),
            };
            match read {
                Err(LACKING) => ledger.lacks(provider.name()),
                read => {
                    let expected = Expected::read(text(&example["expect"]));
                    let outcome = read.map(|payload| ledger.require(payload == un64(&example["payload_b64u"]), &case));
                    ledger.see(provider.name(), &case, expected, outcome);
                }
            }
        }
    }
    ledger.finish();
}

/// Keys that only differ in how they are written are one key.
#[test]
fn a_point_and_its_jwk_are_one_key() {
    let file = ingam_testkit::vectors("wycheproof", "ecdsa_secp256r1_sha256_p1363_test");
    let mut seen = 0;
    for group in items(&file, "testGroups").iter().filter(|group| group.get("publicKeyJwk").is_some()) {
        let jwk = Jwk::parse(group["publicKeyJwk"].to_string().as_bytes()).unwrap();
        let point = PublicKey::p256(&unhex(&group["publicKey"]["uncompressed"])).unwrap();
        assert_eq!(jwk.public_key(), &point);
        assert_eq!(Jwk::from_spki(&unhex(&group["publicKeyDer"])).unwrap().public_key(), &point);
        assert_eq!(Jwk::from_pem(text(&group["publicKeyPem"])).unwrap().public_key(), &point);
        seen += 1;
    }
    assert!(seen > 10);
}
