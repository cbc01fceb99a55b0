use ingam_access_key::{
    Access, AccessRefused, OneTimeSecret, OpaqueAccessKey, PresentedAccessKey, SecretKind, VerifiedAccess,
};
use ingam_ports::{Changes, Unclaimed};
use ingam_transaction::request::VerifiedRequest;
use ingam_wire::UnixTime;

use super::refused::Refused;
use crate::Operator;

/// Verifies the access key itself: by its signature, or by its record where it is opaque.
///
/// fapi: SP-RS-3
pub(super) async fn verify(
    operator: &Operator,
    presented: &PresentedAccessKey<'_>,
    now: UnixTime,
) -> Result<VerifiedAccess, Refused> {
    let verifier = operator.verifier(now);
    let refused = |error| Refused::access(error, Some(presented.scheme()));
    if presented.is_jwt() {
        return verifier.verify(presented.token(), now).map_err(refused);
    }
    let secret = OneTimeSecret::parse(SecretKind::OpaqueAccessKey, presented.token())
        .map_err(|_| refused(AccessRefused::Inactive))?;
    let key = secret.row_key(operator.records.sealer());
    let record = operator.records.read::<OpaqueAccessKey>(&key, now).await?;
    let record = record.ok_or_else(|| refused(AccessRefused::Inactive))?.record;
    verifier.recognise(presented.token(), &record, now).map_err(refused)
}

/// Verifies that its holder brings it.
pub(super) fn bind(
    operator: &Operator,
    presented: &PresentedAccessKey<'_>,
    verified: VerifiedAccess,
    now: UnixTime,
) -> Result<Unclaimed<Access>, Refused> {
    let nonces = operator.resource_nonces.as_ref();
    operator
        .verifier(now)
        .bind(presented, verified, nonces, now)
        .map_err(|error| Refused::access(error, Some(presented.scheme())))
}

/// Claims the one-time ids of both checks in one round trip, last of all; only then do access key and request count.
pub(super) async fn settle(
    operator: &Operator,
    unclaimed: Unclaimed<(Access, VerifiedRequest)>,
    now: UnixTime,
) -> Result<(Access, VerifiedRequest), Refused> {
    let replay = &*operator.parts.replay;
    let (settled, changes) = ingam_ports::settle(unclaimed, replay, operator.revocations.seen(), now).await?;
    let changes = operator.revocations.heed(changes, replay, now).await?;
    if !matches!(&changes, Changes::Since { revoked, .. } if revoked.is_empty()) {
        operator.verifier(now).apply(&changes);
        operator.parts.keys.heed(&changes);
    }
    if operator.revocations.names(settled.0.sha256()) {
        return Err(Refused::access(AccessRefused::Inactive, None));
    }
    Ok(settled)
}
