use ingam_jose::{Capability, CryptoProvider, Curve, Jwk, KeyManagement, PublicKey, SigningKey};
use ingam_wire::base64url;
use serde_json::{Value, json};

use crate::{
    items,
    ledger::{Expected, Ledger, Outcome},
    providers,
    signatures::{LACKING, raw},
    text, unhex,
};

#[test]
fn crypto_rfc_examples() {
    let mut ledger = Ledger::of("crypto-rfc");
    for provider in providers() {
        for file in ingam_testkit::vector_files("crypto-rfc") {
            let examples = ingam_testkit::vectors("crypto-rfc", &file);
            for (number, test) in items(&examples, "tests").iter().enumerate() {
                let case = match file.as_str() {
                    "rfc6979" => format!("{file}/{}/{}#{number}", text(&test["curve"]), text(&test["hash"])),
                    _ => format!("{file}#{number}"),
                };
                let outcome = match file.as_str() {
                    "rfc3394" => wrap(test, provider),
                    "rfc5869" if test["hash"] == "SHA-256" => hkdf(test, provider),
                    "rfc6979" => ecdsa(test, provider),
                    "rfc7748" => agreement(test, provider),
                    "rfc8032" => eddsa(test, provider),
                    _ => {
                        ledger.skip(provider.name(), &case);
                        continue;
                    }
                };
                match outcome {
                    Err(LACKING) => ledger.lacks(provider.name()),
                    outcome => ledger.see(provider.name(), &case, Expected::Valid, outcome),
                }
            }
        }
    }
    ledger.finish();
}

pub(crate) fn wrap(test: &Value, provider: &dyn CryptoProvider) -> Outcome {
    let Ok(kek): Result<[u8; 32], _> = unhex(&test["kek"]).try_into() else {
        return KeyManagement::from_name("A128KW").map(|_| ()).ok_or("AlgorithmNotAllowed");
    };
    if !provider.supports(Capability::KeyWrap) {
        return Err(LACKING);
    }
    let (key, wrapped) = (unhex(&test["key_data"]), unhex(&test["wrapped"]));
    let made = provider.wrap_key(&kek, &key).map_err(|_| "Unsupported")?;
    let opened = provider.unwrap_key(&kek, &wrapped).map_err(|_| "SealError")?;
    if made == wrapped && *opened == key { Ok(()) } else { Err("another result") }
}

fn hkdf(test: &Value, provider: &dyn CryptoProvider) -> Outcome {
    let mut out = vec![0; usize::try_from(test["L"].as_u64().unwrap()).unwrap()];
    let (salt, secret, info) = (unhex(&test["salt"]), unhex(&test["IKM"]), unhex(&test["info"]));
    provider.hkdf_sha256(&salt, &secret, &info, &mut out).map_err(|_| "Unsupported")?;
    let extracted = provider.hmac_sha256(&salt, &[&secret]);
    let same = out == unhex(&test["OKM"]) && extracted.as_slice() == unhex(&test["PRK"]);
    if same { Ok(()) } else { Err("another result") }
}

fn ecdsa(test: &Value, provider: &dyn CryptoProvider) -> Outcome {
    let coordinate = |name: &str| base64url::encode(unhex(&test[name]));
    let jwk = json!({ "kty": "EC", "crv": test["curve"], "x": coordinate("Ux"), "y": coordinate("Uy") });
    let signature = [unhex(&test["r"]), unhex(&test["s"])].concat();
    raw(&jwk, text(&test["message"]).as_bytes(), &signature, provider)
}

fn agreement(test: &Value, provider: &dyn CryptoProvider) -> Outcome {
    let name = text(&test["curve"]);
    if name != "X25519" {
        let text = json!({ "kty": "OKP", "crv": name, "x": "" }).to_string();
        return Jwk::parse(text.as_bytes()).map(|_| ()).map_err(|e| e.name());
    }
    let fixed = |name: &str| -> [u8; 32] { unhex(&test[name]).try_into().unwrap() };
    let key = |scalar: [u8; 32]| provider.agreement_key(Curve::X25519, &scalar).unwrap();
    let agree = |scalar: &str, point: &str| *key(fixed(scalar)).agree(&PublicKey::X25519(fixed(point))).unwrap();
    let same = match text(&test["kind"]) {
        "scalar-mult" => agree("scalar", "u") == fixed("out"),
        "diffie-hellman" => {
            let public = key(fixed("a")).public() == PublicKey::X25519(fixed("A"));
            public && agree("a", "B") == fixed("K") && agree("b", "A") == fixed("K")
        }
        other => panic!("unknown kind {other}"),
    };
    if same { Ok(()) } else { Err("another result") }
}

fn eddsa(test: &Value, provider: &dyn CryptoProvider) -> Outcome {
    let value = |name: &str| base64url::encode(unhex(&test[name]));
    let mut jwk = json!({ "kty": "OKP", "crv": test["alg"], "x": value("public") });
    let (message, signature) = (unhex(&test["message"]), unhex(&test["signature"]));
    raw(&jwk, &message, &signature, provider)?;
    jwk["d"] = value("secret").into();
    let key = SigningKey::from_private_jwk(jwk.to_string().as_bytes(), provider).map_err(|e| e.name())?;
    if key.sign_now(&message).unwrap() == signature { Ok(()) } else { Err("another result") }
}
