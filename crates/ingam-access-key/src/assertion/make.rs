use ingam_jose::{SignError, Signer, jwt};
use ingam_protocol::{ClientId, Issuer};
use ingam_wire::{Randomness, RandomnessUnavailable, Seconds, UnixTime, base64url};

use super::{AssertionClaims, AssertionKind};

/// Why no assertion was made.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum MakeAssertionError {
    /// No randomness for `jti`.
    #[error(transparent)]
    Randomness(#[from] RandomnessUnavailable),
    /// The signing key did not sign.
    #[error(transparent)]
    Sign(#[from] SignError),
}

impl MakeAssertionError {
    /// The variant's name, for records.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Randomness(_) => "Randomness",
            Self::Sign(_) => "Sign",
        }
    }
}

/// Makes the fintech's half: good for 60 seconds, at this operator only, under a fresh `jti` of 128 random bits.
///
/// The audience is the operator's issuer identifier as one text; nothing else can be signed (CVE-2025-27370).
/// Call it anew for every request, retries included.
///
/// fapi: SP-C-5, CA-2, CA-3, X-C-4
///
/// # Errors
/// [`MakeAssertionError`].
pub async fn make_assertion(
    client: &ClientId,
    operator: &Issuer,
    signer: &dyn Signer,
    randomness: &dyn Randomness,
    now: UnixTime,
) -> Result<String, MakeAssertionError> {
    let mut jti = [0_u8; 16];
    randomness.fill(&mut jti)?;
    let claims = AssertionClaims {
        iss: Some(client.as_str().to_owned()),
        sub: Some(client.as_str().to_owned()),
        aud: Some(operator.as_str().into()),
        jti: Some(base64url::encode(jti)),
        exp: Some(now.plus(LIFE)),
        iat: Some(now),
        nbf: Some(now),
    };
    Ok(jwt::sign::<AssertionKind>(&claims, signer).await?)
}

/// Long enough for one request over a slow network, short enough that a captured one is worthless.
const LIFE: Seconds = Seconds::new(60);
