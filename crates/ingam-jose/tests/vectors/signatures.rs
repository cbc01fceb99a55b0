//! Verifying of JOSE messages by key material as the vectors print it.

use ingam_jose::{
    CryptoProvider, Jwk, KeyError, KeySet, KeySetError, OpeningKey, SealingKeyError, SigningKey, VerifyingKey, jwe,
    jws, jwt::Typ,
};
use serde_json::{Value, json};

use crate::ledger::Outcome;

/// The public half of a private JWK, as a verifier would have been given it.
pub(crate) fn public_half(jwk: &Value) -> Value {
    let mut jwk = jwk.clone();
    if let Some(members) = jwk.as_object_mut().filter(|members| members.get("kty") != Some(&json!("oct"))) {
        let was_private = members.contains_key("d");
        for private in ["d", "p", "q", "dp", "dq", "qi"] {
            members.remove(private);
        }
        let operations = members.get_mut("key_ops").and_then(Value::as_array_mut);
        for operation in operations.into_iter().flatten().filter(|operation| was_private && **operation == "sign") {
            *operation = "verify".into();
        }
    }
    jwk
}

/// One key, an array of keys or a set, as a set of public halves.
fn set(keys: &Value) -> Value {
    let list = match keys {
        Value::Array(list) => list.clone(),
        Value::Object(set) if set.contains_key("keys") => set.get("keys").unwrap().as_array().unwrap().clone(),
        one => vec![one.clone()],
    };
    json!({ "keys": list.iter().map(public_half).collect::<Vec<_>>() })
}

/// Verifies a compact message; a key that cannot be loaded is the reason where no other applies.
pub(crate) fn verify(token: &str, keys: &Value, provider: &dyn CryptoProvider) -> Result<Vec<u8>, &'static str> {
    let presented = jws::Presented::compact(token, Typ::Any).map_err(|e| e.name())?;
    let read = KeySet::parse_foreign(set(keys).to_string().as_bytes(), None, provider);
    let (keys, skipped) = read.map_err(|e: KeySetError| e.name())?;
    if let (true, Some(skipped)) = (keys.keys().is_empty(), skipped.first()) {
        return Err(skipped.reason.name());
    }
    let verified = presented.verify_with(&keys).map_err(|e| e.name())?;
    Ok(verified.payload().to_vec())
}

/// Opens a compact sealed message.
pub(crate) fn open(token: &str, key: &Value, provider: &dyn CryptoProvider) -> Result<Vec<u8>, &'static str> {
    let presented = jwe::Presented::parse(token).map_err(|e| e.name())?;
    let key = OpeningKey::from_private_jwk(key.to_string().as_bytes(), provider).map_err(|e| match e {
        SealingKeyError::Unsupported(_) => LACKING,
        other => other.name(),
    })?;
    let opened = presented.open(&key, provider).map_err(|e| e.name())?;
    Ok(opened.content().to_vec())
}

/// What [`open`] says where the provider lacks the capability.
pub(crate) const LACKING: &str = "the provider lacks it";

pub(crate) fn verifying_key(jwk: &Value, provider: &dyn CryptoProvider) -> Result<VerifyingKey, &'static str> {
    let jwk = Jwk::parse(jwk.to_string().as_bytes()).map_err(|e| e.name())?;
    VerifyingKey::from_jwk(&jwk, None, provider).map_err(|e: KeyError| e.name())
}

pub(crate) fn raw(jwk: &Value, message: &[u8], signature: &[u8], provider: &dyn CryptoProvider) -> Outcome {
    verifying_key(jwk, provider)?.verify(message, signature).map_err(|_| "BadSignature")
}

/// Whether signing again gives the same signature (Ed25519 is deterministic) or one that verifies.
pub(crate) fn signs_again(token: &str, private: &Value, provider: &dyn CryptoProvider) -> bool {
    let key = SigningKey::from_private_jwk(private.to_string().as_bytes(), provider).unwrap();
    let (signed, signature) = token.rsplit_once('.').unwrap();
    let again = key.sign_now(signed.as_bytes()).unwrap();
    match key.public().algorithm() {
        ingam_jose::SignatureAlgorithm::EdDsa => ingam_wire::base64url::encode(&again) == signature,
        _ => key.public().verify(signed.as_bytes(), &again).is_ok(),
    }
}
