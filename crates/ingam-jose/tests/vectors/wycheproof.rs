use ingam_jose::{
    Capability, CryptoProvider, Curve, Jwk, KeyManagement, PublicKey, RsaPssSha512Key, SealingAlgorithm,
    SignatureAlgorithm, jwe::ContentEncryption,
};
use serde_json::{Value, json};

use crate::{
    items,
    ledger::{Expected, Ledger, Outcome},
    providers, scalar,
    signatures::{LACKING, open, raw, verify},
    text, un64, unhex,
};

#[test]
fn wycheproof() {
    let mut ledger = Ledger::of("wycheproof");
    let overrides = ingam_testkit::vectors("wycheproof", "json_web_overrides");
    for provider in providers() {
        for file in ingam_testkit::vector_files("wycheproof") {
            if file == "json_web_overrides" {
                continue;
            }
            let content = ingam_testkit::vectors("wycheproof", &file);
            for group in items(&content, "testGroups") {
                for test in items(group, "tests") {
                    let number = test["tcId"].as_u64().unwrap();
                    let case = format!("{file}{}#{number}", variant(&file, group, test));
                    let Some(expected) = verdict(&file, number, test, &overrides) else {
                        ledger.skip(provider.name(), &case);
                        continue;
                    };
                    match run(&file, group, test, provider) {
                        None => ledger.skip(provider.name(), &case),
                        Some(Err(LACKING)) => ledger.lacks(provider.name()),
                        Some(outcome) => ledger.see(provider.name(), &case, expected, outcome),
                    }
                }
            }
        }
    }
    ledger.finish();
}

/// A part of the case's name, where an exception covers only some cases of a file.
fn variant(file: &str, group: &Value, test: &Value) -> &'static str {
    match file {
        "aes_gcm_test" if group["ivSize"] != 96 && group["keySize"] != 192 => "/other-nonce",
        _ if file.starts_with("rsa_oaep") && !text(&test["label"]).is_empty() => "/label",
        _ => "",
    }
}

fn verdict(file: &str, number: u64, test: &Value, overrides: &Value) -> Option<Expected> {
    let listed =
        overrides.as_array().unwrap().iter().find(|o| o["file"] == format!("{file}.json") && o["tcId"] == number);
    match listed.map(|o| text(&o["verdict"])) {
        Some("skip") => None,
        Some(verdict) => Some(Expected::read(verdict)),
        None => {
            let flags = items(test, "flags");
            let zero = flags.contains(&json!("ZeroSharedSecret")) || flags.contains(&json!("LowOrderPublic"));
            let all_zero = test["shared"].as_str().is_some_and(|s| !s.is_empty() && s.bytes().all(|b| b == b'0'));
            // RFC 8037 section 3.2: an all-zero secret must be refused, whatever else is acceptable.
            Some(if zero && all_zero { Expected::Invalid } else { Expected::read(text(&test["result"])) })
        }
    }
}

/// `None` where nothing in Ingam does what the file tests.
fn run(file: &str, group: &Value, test: &Value, provider: &dyn CryptoProvider) -> Option<Outcome> {
    let name = file.strip_suffix("_test").unwrap_or(file);
    let signature = |jwk: &Value| Some(raw(jwk, &unhex(&test["msg"]), &unhex(&test["sig"]), provider));
    let jwk = || with_alg_of_ours(&group["publicKeyJwk"]);
    let refused = |allowed: bool| Some(if allowed { Ok(()) } else { Err("AlgorithmNotAllowed") });
    let signs = |name: &str| SignatureAlgorithm::from_name(name).is_some();
    match name {
        "ecdsa_secp256r1_sha256_p1363" | "ecdsa_secp256r1_sha256" | "ed25519" => signature(&spki(group, &jwk())),
        "rsa_pss_2048_sha256_mgf1_32"
        | "rsa_pss_3072_sha256_mgf1_32"
        | "rsa_pss_2048_sha256_mgf1_0"
        | "rsa_pss_2048_sha256_mgf1sha1_20" => signature(&spki(group, &json!(null))),
        "rsa_pss_4096_sha512_mgf1_64" => Some(rsa_pss_sha512(group, test, provider)),
        "ecdsa_secp256k1_sha256_p1363" => refused(signs("ES256K")),
        "ecdsa_secp384r1_sha384_p1363" | "ecdsa_secp384r1_sha384" => refused(signs("ES384")),
        "ecdsa_secp521r1_sha512_p1363" | "ecdsa_secp521r1_sha512" => refused(signs("ES512")),
        "ed448" => refused(signs("Ed448")),
        "rsa_pss_2048_sha384_mgf1_48" | "rsa_pss_4096_sha384_mgf1_48" => refused(signs("PS384")),
        _ if name.starts_with("rsa_signature_") => refused(["RS256", "RS384", "RS512"].into_iter().any(signs)),
        "rsa_oaep_2048_sha256_mgf1sha256" | "rsa_oaep_3072_sha256_mgf1sha256" => Some(oaep(group, test, provider)),
        _ if name.starts_with("rsa_oaep_") => {
            let names = ["RSA-OAEP", "RSA-OAEP-384", "RSA-OAEP-512"];
            refused(names.into_iter().any(|name| KeyManagement::from_name(name).is_some()))
        }
        "a128cbc_hs256" => refused(ContentEncryption::from_name("A128CBC-HS256").is_some()),
        "a192cbc_hs384" => refused(ContentEncryption::from_name("A192CBC-HS384").is_some()),
        "a256cbc_hs512" => refused(ContentEncryption::from_name("A256CBC-HS512").is_some()),
        "xchacha20_poly1305" => refused(SealingAlgorithm::from_name("XC20P").is_some()),
        "aes_gcm" if group["keySize"] == 128 => Some(seal(SealingAlgorithm::A128Gcm, test, provider)),
        "aes_gcm" if group["keySize"] == 256 => Some(seal(SealingAlgorithm::A256Gcm, test, provider)),
        "aes_gcm" => refused(SealingAlgorithm::from_name("A192GCM").is_some()),
        "chacha20_poly1305" => Some(seal(SealingAlgorithm::ChaCha20Poly1305, test, provider)),
        "aes_wrap" => Some(wrap(test, provider)),
        "hkdf_sha256" => Some(hkdf(test, provider)),
        "hmac_sha256" => Some(hmac(test, provider)),
        "x25519" => Some(x25519(&unhex(&test["public"]), &unhex(&test["private"]), test, provider)),
        "x25519_jwk" | "ecdh_secp256r1_webcrypto" => Some(agree_by_jwk(test, provider)),
        "ecdh_secp256r1_ecpoint" => Some(ecdh(PublicKey::p256(&unhex(&test["public"])), test, provider)),
        "ecdh_secp256r1" => {
            let public = Jwk::from_spki(&unhex(&test["public"])).map(|jwk| jwk.public_key().clone());
            Some(ecdh(public, test, provider))
        }
        "x448" => Some(key_type(&json!({ "kty": "OKP", "crv": "X448", "x": "" }))),
        _ if name.starts_with("ecdh_secp384r1") => Some(key_type(&json!({ "kty": "EC", "crv": "P-384" }))),
        _ if name.starts_with("ecdh_secp521r1") => Some(key_type(&json!({ "kty": "EC", "crv": "P-521" }))),
        "json_web_signature" | "json_web_key" => Some(json_web_signature(group, test, provider)),
        "json_web_encryption" => Some(json_web_encryption(group, test, provider)),
        _ => None,
    }
}

/// The key by its SPKI: the vectors' JWKs of RSA keys name the algorithm under test, which is not always ours.
fn spki(group: &Value, otherwise: &Value) -> Value {
    match group["publicKeyDer"].as_str() {
        Some(_) => Jwk::from_spki(&unhex(&group["publicKeyDer"])).unwrap().to_json(),
        None => otherwise.clone(),
    }
}

fn with_alg_of_ours(jwk: &Value) -> Value {
    let mut jwk = jwk.clone();
    if let Some(members) = jwk.as_object_mut() {
        members.remove("alg");
    }
    jwk
}

fn rsa_pss_sha512(group: &Value, test: &Value, provider: &dyn CryptoProvider) -> Outcome {
    let jwk = Jwk::from_spki(&unhex(&group["publicKeyDer"])).map_err(|e| e.name())?;
    let key = RsaPssSha512Key::new(jwk.public_key(), provider).map_err(|_| "Unsupported")?;
    key.verify(&unhex(&test["msg"]), &unhex(&test["sig"])).map_err(|_| "BadSignature")
}

fn oaep(group: &Value, test: &Value, provider: &dyn CryptoProvider) -> Outcome {
    if !provider.supports(Capability::RsaOaep256) {
        return Err(LACKING);
    }
    if !text(&test["label"]).is_empty() {
        return Err("JOSE has no label");
    }
    let key = provider.key_decryption(&unhex(&group["privateKeyPkcs8"])).map_err(|_| "Malformed")?;
    let content = key.decrypt(&unhex(&test["ct"])).map_err(|_| "DecryptionFailed")?;
    if *content == unhex(&test["msg"]) { Ok(()) } else { Err("another result") }
}

fn seal(algorithm: SealingAlgorithm, test: &Value, provider: &dyn CryptoProvider) -> Outcome {
    let Ok(nonce): Result<[u8; 12], _> = unhex(&test["iv"]).try_into() else {
        return Err("the nonce has not 96 bits");
    };
    let (key, aad, content) = (unhex(&test["key"]), unhex(&test["aad"]), unhex(&test["msg"]));
    let mut data = [unhex(&test["ct"]), unhex(&test["tag"])].concat();
    let sealed = data.clone();
    provider.open(algorithm, &key, &nonce, &aad, &mut data).map_err(|_| "DecryptionFailed")?;
    let mut again = content.clone();
    provider.seal(algorithm, &key, &nonce, &aad, &mut again).map_err(|_| "SealFailed")?;
    if data == content && again == sealed { Ok(()) } else { Err("another result") }
}

fn wrap(test: &Value, provider: &dyn CryptoProvider) -> Outcome {
    let test = json!({ "kek": test["key"], "key_data": test["msg"], "wrapped": test["ct"] });
    crate::primitives::wrap(&test, provider)
}

fn hkdf(test: &Value, provider: &dyn CryptoProvider) -> Outcome {
    let mut out = vec![0; usize::try_from(test["size"].as_u64().unwrap()).unwrap()];
    let (salt, secret, info) = (unhex(&test["salt"]), unhex(&test["ikm"]), unhex(&test["info"]));
    provider.hkdf_sha256(&salt, &secret, &info, &mut out).map_err(|_| "Unsupported")?;
    if out == unhex(&test["okm"]) { Ok(()) } else { Err("another result") }
}

fn hmac(test: &Value, provider: &dyn CryptoProvider) -> Outcome {
    let mac = provider.hmac_sha256(&unhex(&test["key"]), &[&unhex(&test["msg"])]);
    let tag = unhex(&test["tag"]);
    if !tag.is_empty() && mac.starts_with(&tag) { Ok(()) } else { Err("another result") }
}

fn x25519(public: &[u8], private: &[u8], test: &Value, provider: &dyn CryptoProvider) -> Outcome {
    let public = public.try_into().map_err(|_| "WrongSize")?;
    let private = private.try_into().map_err(|_| "WrongSize")?;
    let key = provider.agreement_key(Curve::X25519, &private).map_err(|_| "Malformed")?;
    let secret = key.agree(&PublicKey::X25519(public)).map_err(|_| "InvalidKey")?;
    if secret.as_slice() == unhex(&test["shared"]) { Ok(()) } else { Err("another result") }
}

fn agree_by_jwk(test: &Value, provider: &dyn CryptoProvider) -> Outcome {
    let jwk = Jwk::parse(test["public"].to_string().as_bytes()).map_err(|e| e.name())?;
    let private: [u8; 32] = un64(&test["private"]["d"]).try_into().map_err(|_| "WrongSize")?;
    let curve = match text(&test["private"]["crv"]) {
        "X25519" => Curve::X25519,
        "P-256" => Curve::P256,
        other => panic!("unknown curve {other}"),
    };
    if !provider.supports(Capability::Agree(curve)) {
        return Err(LACKING);
    }
    let key = provider.agreement_key(curve, &private).map_err(|_| "Malformed")?;
    let secret = key.agree(jwk.public_key()).map_err(|_| "InvalidKey")?;
    if secret.as_slice() == unhex(&test["shared"]) { Ok(()) } else { Err("another result") }
}

fn ecdh(public: Result<PublicKey, ingam_jose::JwkError>, test: &Value, provider: &dyn CryptoProvider) -> Outcome {
    if !provider.supports(Capability::Agree(Curve::P256)) {
        return Err(LACKING);
    }
    let public = public.map_err(|e| e.name())?;
    let private = scalar(&unhex(&test["private"]));
    let key = provider.agreement_key(Curve::P256, &private).map_err(|_| "Malformed")?;
    let secret = key.agree(&public).map_err(|_| "InvalidKey")?;
    if secret.as_slice() == unhex(&test["shared"]) { Ok(()) } else { Err("another result") }
}

fn key_type(jwk: &Value) -> Outcome {
    Jwk::parse(jwk.to_string().as_bytes()).map(|_| ()).map_err(|e| e.name())
}

fn token(test: &Value, name: &str) -> String {
    match &test[name] {
        Value::String(token) => token.clone(),
        json => json.to_string(),
    }
}

fn json_web_signature(group: &Value, test: &Value, provider: &dyn CryptoProvider) -> Outcome {
    let keys = group.get("public").unwrap_or(&group["private"]);
    verify(&token(test, "jws"), keys, provider).map(|_| ())
}

fn json_web_encryption(group: &Value, test: &Value, provider: &dyn CryptoProvider) -> Outcome {
    let content = open(&token(test, "jwe"), &group["private"], provider)?;
    match test["pt"].as_str() {
        Some(wanted) if content != unhex(&test["pt"]) && content != wanted.as_bytes() => Err("another result"),
        _ => Ok(()),
    }
}
