use std::sync::{Arc, Mutex, PoisonError};

use ingam_access_key::{
    Access, AccessRefused, OneTimeSecret, OpaqueAccessKey, PresentedAccessKey, SecretKind, TrustedIssuer,
    VerifiedAccess, Verifier,
};
use ingam_jose::KeyId;
use ingam_keys::Purpose;
use ingam_ports::{Changes, Unclaimed};
use ingam_transaction::request::VerifiedRequest;
use ingam_wire::UnixTime;

use super::{refused::Refused, revoked::KnownRevocations};
use crate::Operator;

/// What an operator remembers between calls: the verifier of its own access keys, and what was revoked.
#[derive(Debug, Default)]
pub(crate) struct AccessChecks {
    verifier: Mutex<Option<Built>>,
    revocations: KnownRevocations,
}

/// A verifier and the names of the keys it was built over.
#[derive(Debug)]
struct Built {
    keys: Vec<Option<KeyId>>,
    verifier: Arc<Verifier>,
}

impl AccessChecks {
    /// The verifier over the signing keys that count now; a new one when the ring has turned.
    fn verifier(&self, operator: &Operator, now: UnixTime) -> Arc<Verifier> {
        let keys = operator.parts.keys.verifying(Purpose::SignAccessKeys, now);
        let names = keys.keys().iter().map(|key| key.key_id().cloned()).collect::<Vec<_>>();
        let mut held = self.verifier.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(built) = held.as_ref().filter(|built| built.keys == names) {
            return Arc::clone(&built.verifier);
        }
        let identity = &operator.parts.identity;
        let policy = Arc::new(operator.parts.profile.access_key.clone());
        let leeway = policy.settings().future_skew;
        let issuer = TrustedIssuer { issuer: identity.issuer.clone(), keys, not_before: None };
        let provider = Arc::clone(&operator.parts.provider);
        let verifier = Arc::new(Verifier::new(vec![issuer], identity.resource.clone(), leeway, policy, provider));
        *held = Some(Built { keys: names, verifier: Arc::clone(&verifier) });
        verifier
    }

    /// Verifies the access key itself: by its signature, or by its record where it is opaque.
    ///
    /// fapi: SP-RS-3
    pub(super) async fn verify(
        &self,
        operator: &Operator,
        presented: &PresentedAccessKey<'_>,
        now: UnixTime,
    ) -> Result<VerifiedAccess, Refused> {
        let verifier = self.verifier(operator, now);
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
        &self,
        operator: &Operator,
        presented: &PresentedAccessKey<'_>,
        verified: VerifiedAccess,
        now: UnixTime,
    ) -> Result<Unclaimed<Access>, Refused> {
        let nonces = operator.resource_nonces.as_ref();
        self.verifier(operator, now)
            .bind(presented, verified, nonces, now)
            .map_err(|error| Refused::access(error, Some(presented.scheme())))
    }

    /// Claims the one-time ids of both checks in one round trip, last of all; only then do access key and request count.
    pub(super) async fn settle(
        &self,
        operator: &Operator,
        unclaimed: Unclaimed<(Access, VerifiedRequest)>,
        now: UnixTime,
    ) -> Result<(Access, VerifiedRequest), Refused> {
        let replay = &*operator.parts.replay;
        let (settled, changes) = ingam_ports::settle(unclaimed, replay, self.revocations.seen(), now).await?;
        let changes = self.revocations.heed(changes, replay, now).await?;
        if !matches!(&changes, Changes::Since { revoked, .. } if revoked.is_empty()) {
            self.verifier(operator, now).apply(&changes);
            operator.parts.keys.heed(&changes);
        }
        if self.revocations.names(settled.0.sha256()) {
            return Err(Refused::access(AccessRefused::Inactive, None));
        }
        Ok(settled)
    }
}
