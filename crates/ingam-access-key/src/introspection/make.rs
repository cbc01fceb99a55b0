use ingam_jose::{SignError, Signer, jwt};
use ingam_protocol::{IntrospectionResponse, Issuer};
use ingam_wire::UnixTime;

use super::{IntrospectionClaims, IntrospectionKind};

/// Signs an introspection response for the resource server `caller`: the operator's half (RFC 9701 section 5).
///
/// fapi: MS-15, IJ-1, IJ-2, IJ-5
///
/// # Errors
/// [`SignError`].
pub async fn make_introspection(
    answer: &IntrospectionResponse,
    operator: &Issuer,
    caller: &str,
    signer: &dyn Signer,
    now: UnixTime,
) -> Result<String, SignError> {
    let claims = IntrospectionClaims {
        iss: operator.clone(),
        aud: caller.into(),
        iat: now,
        token_introspection: answer.to_value(),
    };
    jwt::sign::<IntrospectionKind>(&claims, signer).await
}
