use ingam_wire::Randomness;

use super::{ContentEncryption, JweError, Presented, SealJweError, Sealing, seal};
use crate::{
    CryptoProvider, KeySet, OpeningKey, SealingKey, Signer,
    jwt::{self, Kind, Verified},
};

/// Signs `claims` and seals the token (RFC 7519 section 11.2: sign first, then encrypt).
///
/// # Errors
/// [`SealJweError`].
pub async fn seal_signed<K: Kind>(
    claims: &K::Claims,
    signer: &dyn Signer,
    key: &SealingKey,
    enc: ContentEncryption,
    provider: &dyn CryptoProvider,
    randomness: &dyn Randomness,
) -> Result<String, SealJweError> {
    let token = jwt::sign::<K>(claims, signer).await?;
    seal(token.as_bytes(), &Sealing { key, enc, content_type: Some("JWT") }, provider, randomness)
}

/// Opens a sealed token and verifies the signed one within; sealed content that is not signed is refused.
///
/// # Errors
/// [`JweError`]; what the signed token was refused for stands in [`JweError::Nested`].
pub fn open_signed<K: Kind>(
    token: &str,
    key: &OpeningKey,
    signers: &KeySet,
    provider: &dyn CryptoProvider,
) -> Result<Verified<K>, JweError> {
    let opened = Presented::parse(token)?.open(key, provider)?;
    let signed = opened.signed::<K>()?;
    signed.verify_with(signers).map_err(JweError::Nested)
}
