use ingam_wire::base64url;

use super::{KeyReference, Kind, Typ};
use crate::{SignError, Signer};

/// Prints, signs and returns the compact token.
///
/// The header holds `typ`, `alg`, and `kid` or (for kinds that embed it) the public key as `jwk`.
///
/// # Errors
/// [`SignError`].
pub async fn sign<K: Kind>(claims: &K::Claims, signer: &dyn Signer) -> Result<String, SignError> {
    // Room for the claims of an access key with details, so that the vector does not grow step by step.
    let mut payload = Vec::with_capacity(1024);
    serde_json::to_writer(&mut payload, claims).map_err(|_| SignError::Claims)?;
    let header = header_text(K::TYP, K::KEY, signer, "");
    // Room for the signature, so that the token is written into one buffer: 512 bytes of RSA-4096 at most.
    let mut token = String::with_capacity((header.len() + payload.len()) / 3 * 4 + 8 + 128);
    base64url::encode_append(header, &mut token);
    token.push('.');
    base64url::encode_append(payload, &mut token);
    let signature = signer.sign(token.as_bytes()).await?;
    token.push('.');
    base64url::encode_append(signature, &mut token);
    Ok(token)
}

/// The header of a message that `signer` is to sign; `extension` is printed as it is, before the end.
pub(crate) fn header_text(typ: Typ, reference: KeyReference, signer: &dyn Signer, extension: &str) -> String {
    let key = signer.verifying_key();
    let mut header = String::with_capacity(192);
    header.push('{');
    // A `typ` is a media type name and an `alg` a registered one: neither holds anything that JSON escapes.
    if let Some(typ) = typ.printed() {
        header.push_str("\"typ\":\"");
        header.push_str(typ);
        header.push_str("\",");
    }
    header.push_str("\"alg\":\"");
    header.push_str(key.algorithm().name());
    header.push('"');
    match reference {
        KeyReference::ById => {
            header.push_str(",\"kid\":");
            signer.key_id().print(&mut header);
        }
        KeyReference::Embedded => {
            header.push_str(",\"jwk\":");
            key.to_jwk().public_key().print(&mut header);
        }
    }
    header.push_str(extension);
    header.push('}');
    header
}
