use ingam_wire::json;
use zeroize::Zeroizing;

use super::{Half, Jwk, JwkError, Member, PublicKey, RawJwk};
use crate::{der, limits};

/// A private JWK, read: its public half and the same key as PKCS#8.
pub(crate) struct PrivateJwk {
    pub(crate) public: Jwk,
    pub(crate) pkcs8: Zeroizing<Vec<u8>>,
    /// The bare private scalar of an EC or OKP key.
    pub(crate) scalar: Option<Zeroizing<[u8; 32]>>,
}

impl PrivateJwk {
    /// Reads a private key, as strictly as a public one.
    pub(crate) fn parse(text: &[u8]) -> Result<Self, JwkError> {
        json::check(text, &limits::KEY_JSON)?;
        let raw: RawJwk<'_> = serde_json::from_slice(text).map_err(|_| JwkError::Malformed)?;
        if raw.k.is_there() || raw.oth.is_there() {
            return Err(JwkError::UnsupportedKeyType);
        }
        let public = raw.public_half(Half::Private)?;
        let (scalar, pkcs8) = match public.public_key() {
            PublicKey::P256(point) => {
                let d = scalar(&raw.d)?;
                let pkcs8 = der::pkcs8_p256(d.as_slice(), point);
                (Some(d), pkcs8)
            }
            PublicKey::Ed25519(x) => {
                let d = scalar(&raw.d)?;
                let pkcs8 = der::pkcs8_ed25519(d.as_slice(), x);
                (Some(d), pkcs8)
            }
            PublicKey::X25519(_) => {
                let d = scalar(&raw.d)?;
                let pkcs8 = der::pkcs8_x25519(d.as_slice());
                (Some(d), pkcs8)
            }
            PublicKey::Rsa { n, e } => {
                let d = secret(&raw.d)?;
                let (p, q) = (secret(&raw.p)?, secret(&raw.q)?);
                let (dp, dq, qi) = (secret(&raw.dp)?, secret(&raw.dq)?, secret(&raw.qi)?);
                (None, der::pkcs8_rsa(&[n, e, &d, &p, &q, &dp, &dq, &qi]))
            }
        };
        Ok(Self { public, pkcs8, scalar })
    }
}

fn scalar(member: &Member<'_>) -> Result<Zeroizing<[u8; 32]>, JwkError> {
    let bytes = secret(member)?;
    let bytes = bytes.as_slice().try_into().map_err(|_| JwkError::WrongSize)?;
    Ok(Zeroizing::new(bytes))
}

/// A private number. Only a text that stands in the input as it is, so that no unescaped copy is left behind.
fn secret(member: &Member<'_>) -> Result<Zeroizing<Vec<u8>>, JwkError> {
    let Member::Text(std::borrow::Cow::Borrowed(text)) = member else {
        return Err(JwkError::Malformed);
    };
    if text.is_empty() || text.len() > limits::RSA_MAX_BITS / 6 + 2 {
        return Err(JwkError::WrongSize);
    }
    super::secret::decode(text).map_err(|_| JwkError::Malformed)
}
