use std::sync::{Arc, PoisonError, RwLock};

use ingam_access_key::{TrustedIssuer, Verifier};
use ingam_keys::Purpose;
use ingam_wire::UnixTime;

use crate::OperatorParts;

/// The verifier of our own access keys, made anew when the ring shows other keys.
#[derive(Debug, Default)]
pub(crate) struct Gate(RwLock<Option<Made>>);

#[derive(Clone, Debug)]
struct Made {
    keys: Vec<String>,
    looked: UnixTime,
    verifier: Arc<Verifier>,
}

impl Gate {
    /// The verifier that trusts exactly the keys that the ring shows at `now`.
    ///
    /// x1149: 3.1.16.10
    pub(crate) fn verifier(&self, parts: &OperatorParts, now: UnixTime) -> Arc<Verifier> {
        let made = self.0.read().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(made) = &made
            && made.looked == now
        {
            return Arc::clone(&made.verifier);
        }
        let set = parts.keys.verifying(Purpose::SignAccessKeys, now);
        let keys: Vec<String> =
            set.keys().iter().filter_map(|key| key.key_id().map(|id| id.as_str().to_owned())).collect();
        let verifier = match made {
            // What was verified with these keys stays remembered.
            Some(made) if made.keys == keys => made.verifier,
            _ => {
                let issuer = TrustedIssuer {
                    issuer: parts.identity.issuer.clone(),
                    keys: set,
                    not_before: parts.identity.not_before,
                };
                let policy = Arc::new(parts.profile.access_key.clone());
                let leeway = policy.settings().future_skew;
                let resource = parts.identity.resource.clone();
                Arc::new(Verifier::new(vec![issuer], resource, leeway, policy, Arc::clone(&parts.provider)))
            }
        };
        let made = Made { keys, looked: now, verifier: Arc::clone(&verifier) };
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Some(made);
        verifier
    }
}
