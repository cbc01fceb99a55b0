use ingam_jose::{CryptoProvider, SignError, Signer, jwt};
use ingam_protocol::{Issuer, Nonce};
use ingam_wire::UnixTime;

use super::{IdTokenClaims, IdTokenKind, at_hash};
use crate::{grant::Grant, policy::AccessKeyPolicy};

/// What an ID token says beside the grant.
#[derive(Clone, Copy, Debug, Default)]
pub struct IdTokenContent<'a> {
    /// The nonce of the request; `None` at a refresh (OpenID Connect Core section 12.2).
    pub nonce: Option<&'a Nonce>,
    /// The access key that goes with it.
    pub access_key: Option<&'a str>,
}

/// Makes the ID token of a grant: the operator's half.
///
/// fapi: SP-AZ-18, OI-1, OI-2, OI-3, OI-6, X-AS-33
///
/// # Errors
/// [`SignError`].
pub async fn make_id_token(
    grant: &Grant,
    content: IdTokenContent<'_>,
    operator: &Issuer,
    policy: &AccessKeyPolicy,
    provider: &dyn CryptoProvider,
    signer: &dyn Signer,
    now: UnixTime,
) -> Result<String, SignError> {
    let algorithm = signer.verifying_key().algorithm();
    let claims = IdTokenClaims {
        iss: operator.clone(),
        sub: grant.user().clone(),
        aud: grant.client_id().as_str().into(),
        exp: now.plus(policy.settings().id_token),
        iat: now,
        nonce: content.nonce.cloned(),
        auth_time: Some(grant.authentication().auth_time),
        acr: Some(grant.authentication().acr.clone()),
        azp: None,
        at_hash: content.access_key.map(|key| at_hash(key, algorithm, provider)),
    };
    jwt::sign::<IdTokenKind>(&claims, signer).await
}
