use core::fmt::Write as _;

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
    let payload = serde_json::to_vec(claims).map_err(|_| SignError::Claims)?;
    let header = header_text(K::TYP, K::KEY, signer, "")?;
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
pub(crate) fn header_text(
    typ: Typ,
    reference: KeyReference,
    signer: &dyn Signer,
    extension: &str,
) -> Result<String, SignError> {
    let key = signer.verifying_key();
    let mut header = String::with_capacity(192);
    header.push('{');
    if let Some(typ) = typ.printed() {
        // Writing to a String cannot fail; a `typ` is a media type name, which holds nothing to escape.
        let _ = write!(header, "\"typ\":\"{typ}\",");
    }
    let _ = write!(header, "\"alg\":\"{}\"", key.algorithm().name());
    match reference {
        KeyReference::ById => {
            let key_id = serde_json::to_string(signer.key_id().as_str()).map_err(|_| SignError::Claims)?;
            let _ = write!(header, ",\"kid\":{key_id}");
        }
        KeyReference::Embedded => {
            header.push_str(",\"jwk\":");
            key.to_jwk().public_key().print(&mut header);
        }
    }
    header.push_str(extension);
    header.push('}');
    Ok(header)
}
