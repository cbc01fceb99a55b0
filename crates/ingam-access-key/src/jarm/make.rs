use ingam_jose::{SignError, Signer, jwt};
use ingam_protocol::{AuthorizationResponse, ClientId};
use ingam_wire::UnixTime;

use super::JarmKind;
use crate::policy::AccessKeyPolicy;

/// Signs an authorization response, refusals too: the operator's half.
///
/// fapi: MS-12, MS-13, JM-1, JM-2, X-AS-35
///
/// # Errors
/// [`SignError`].
pub async fn make_jarm(
    response: &AuthorizationResponse,
    client: &ClientId,
    policy: &AccessKeyPolicy,
    signer: &dyn Signer,
    now: UnixTime,
) -> Result<String, SignError> {
    let mut claims = response.to_claims();
    claims.insert("aud".to_owned(), client.as_str().into());
    claims.insert("iat".to_owned(), now.secs().into());
    claims.insert("exp".to_owned(), now.plus(policy.settings().jarm).secs().into());
    jwt::sign::<JarmKind>(&claims, signer).await
}
