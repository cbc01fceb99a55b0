use ingam_jose::{CryptoProvider, SignError, Signer, jwt};
use ingam_wire::{RandomnessUnavailable, UnixTime, base64url};

use super::{ProofClaims, ProofKind, ProofTarget};

/// Why no proof was made.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum MakeProofError {
    /// No randomness for `jti`.
    #[error(transparent)]
    Randomness(#[from] RandomnessUnavailable),
    /// The signing key did not sign.
    #[error(transparent)]
    Sign(#[from] SignError),
}

impl MakeProofError {
    /// The variant's name, for records.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Randomness(_) => "Randomness",
            Self::Sign(_) => "Sign",
        }
    }
}

/// Makes a proof for one request: the holder's half. A fresh `jti` of 128 random bits each time.
///
/// `ath` stands in it exactly when the target names an access key, `nonce` exactly when the server gave one.
///
/// fapi: DP-1, DP-2, DP-21
///
/// # Errors
/// [`MakeProofError`].
pub async fn make_proof(
    signer: &dyn Signer,
    provider: &dyn CryptoProvider,
    target: ProofTarget<'_>,
    nonce: Option<&str>,
    now: UnixTime,
) -> Result<String, MakeProofError> {
    let mut jti = [0_u8; 16];
    provider.randomness().fill(&mut jti)?;
    let url = target.url.as_str();
    let end = url.find(['?', '#']).unwrap_or(url.len());
    let claims = ProofClaims {
        jti: base64url::encode(jti),
        htm: target.method.as_str().to_owned(),
        htu: url.get(..end).unwrap_or(url).to_owned(),
        iat: now,
        nbf: None,
        exp: None,
        ath: target.access_key.map(|key| base64url::encode(provider.sha256(&[key.as_bytes()]))),
        nonce: nonce.map(str::to_owned),
    };
    Ok(jwt::sign::<ProofKind>(&claims, signer).await?)
}
