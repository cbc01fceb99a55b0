use ingam_jose::{SignError, Signer, jwt};
use ingam_protocol::{AuthorizationRequest, ClientId, Issuer};
use ingam_wire::{Randomness, RandomnessUnavailable, Seconds, UnixTime, base64url};
use serde_json::Value;

use super::RequestObjectKind;

/// Why no request object was made.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum MakeRequestObjectError {
    /// No randomness for `jti`.
    #[error(transparent)]
    Randomness(#[from] RandomnessUnavailable),
    /// The signing key did not sign.
    #[error(transparent)]
    Sign(#[from] SignError),
}

impl MakeRequestObjectError {
    /// The variant's name, for records.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Randomness(_) => "Randomness",
            Self::Sign(_) => "Sign",
        }
    }
}

/// Signs a whole authorization request: every parameter inside, good for five minutes, at this operator only.
///
/// It never carries `sub`, so that it cannot pass for a client assertion (RFC 9101 section 10.8).
///
/// fapi: MS-6, MS-7, MS-8, MS-9, MS-10, MS-19, MS-20, MS-21, X-C-11
///
/// # Errors
/// [`MakeRequestObjectError`].
pub async fn make_request_object(
    request: &AuthorizationRequest,
    client: &ClientId,
    operator: &Issuer,
    signer: &dyn Signer,
    randomness: &dyn Randomness,
    now: UnixTime,
) -> Result<String, MakeRequestObjectError> {
    let mut jti = [0_u8; 16];
    randomness.fill(&mut jti)?;
    let mut claims = request.to_claims();
    let own: [(&str, Value); 7] = [
        ("iss", client.as_str().into()),
        ("client_id", client.as_str().into()),
        ("aud", operator.as_str().into()),
        ("nbf", now.secs().into()),
        ("iat", now.secs().into()),
        ("exp", now.plus(LIFE).secs().into()),
        ("jti", base64url::encode(jti).into()),
    ];
    claims.extend(own.into_iter().map(|(name, value)| (name.to_owned(), value)));
    Ok(jwt::sign::<RequestObjectKind>(&claims, signer).await?)
}

/// Five minutes: what the test plan's own clients use, far below the 60 that FAPI permits.
const LIFE: Seconds = Seconds::new(300);
