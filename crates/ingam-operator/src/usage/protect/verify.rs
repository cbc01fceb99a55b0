use core::net::IpAddr;

use ingam_access_key::{AccessRefused, PresentedAccessKey, VerifiedAccess};
use ingam_jose::jwt::JwtError;
use ingam_keys::RemoteKeyError;
use ingam_wire::UnixTime;

use super::{super::refused::Refused, ProtectionParts, follow::Followed, introspect::IntrospectionFailed};
use crate::attempts::Attempt;

/// Verifies the access key itself: a JWT by its signature, another by what its operator says of it.
///
/// An operator that is not reached, or whose answer is not good, might have known the access key: unless another one
/// does, the answer is 503. Whoever keeps showing access keys that nobody knows makes no operator answer for each.
///
/// fapi: SP-RS-3
/// x1149: 3.1.16.8
pub(super) async fn verify(
    parts: &ProtectionParts,
    followed: &Followed,
    presented: &PresentedAccessKey<'_>,
    address: Option<IpAddr>,
    now: UnixTime,
) -> Result<VerifiedAccess, Refused> {
    let refused = |error| Refused::access(error, Some(presented.scheme()));
    let verifier = followed.verifier(now).await;
    if presented.is_jwt() || parts.introspections.is_empty() {
        let unknown = AccessRefused::Token(JwtError::UnknownKey);
        let verified = match verifier.verify(presented.token(), now) {
            Err(error) if error == unknown => match followed.verifier_for(presented.token(), now).await {
                Ok(verifier) => verifier.verify(presented.token(), now),
                Err(RemoteKeyError::KeysUnavailable) => return Err(Refused::unavailable("KeysUnavailable")),
                Err(_) => Err(unknown),
            },
            verified => verified,
        };
        return verified.map_err(refused);
    }
    let attempt = Attempt::access_key(address);
    attempt.ask(&*parts.limiter, now).await?;
    let (mut failed, mut reason) = (None, AccessRefused::Inactive);
    for introspection in &parts.introspections {
        let asked = introspection.ask(presented.token(), &verifier, &*parts.provider, now).await;
        match asked.map(|answer| verifier.introspected(presented.token(), answer, now)) {
            // Nobody vouches for another operator's access keys.
            Ok(Ok(verified)) if verified.claims().iss != introspection.issuer => {
                failed = Some(IntrospectionFailed::OfAnotherIssuer);
            }
            Ok(Ok(verified)) => return Ok(verified),
            Ok(Err(AccessRefused::Inactive)) => {}
            Ok(Err(error)) => reason = error,
            Err(error) => failed = Some(error),
        }
    }
    if let Some(failed) = failed {
        return Err(Refused::unavailable(failed.name()));
    }
    attempt.failed(&*parts.limiter, now).await?;
    Err(refused(reason))
}
