use std::sync::{Arc, PoisonError, RwLock};

use ingam_access_key::{AccessKeyKind, ClaimedIssuer, Verifier};
use ingam_jose::{KeySet, jwt::Presented};
use ingam_keys::{RemoteKeyError, RemoteKeySet};
use ingam_protocol::Issuer;
use ingam_wire::UnixTime;

/// The verifier in use: with the keys it was given, and those that operators publish, as they publish them.
pub(super) struct Followed {
    published: Vec<(Issuer, Arc<RemoteKeySet>)>,
    current: RwLock<Current>,
}

struct Current {
    verifier: Arc<Verifier>,
    /// When the published sets were last looked at.
    looked: Option<UnixTime>,
}

impl Followed {
    pub(super) fn new(verifier: Arc<Verifier>, published: Vec<(Issuer, Arc<RemoteKeySet>)>) -> Self {
        Self { published, current: RwLock::new(Current { verifier, looked: None }) }
    }

    /// Another verifier from now on; who publishes keys is followed with it too.
    pub(super) fn renew(&self, verifier: Arc<Verifier>) {
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = Current { verifier, looked: None };
    }

    /// The verifier as it is.
    pub(super) fn as_it_is(&self) -> Arc<Verifier> {
        Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner).verifier)
    }

    /// The verifier with what the operators publish at `now`; a set that is not available any more verifies nothing.
    ///
    /// x1149: 3.1.16.10
    pub(super) async fn verifier(&self, now: UnixTime) -> Arc<Verifier> {
        let looked = self.current.read().unwrap_or_else(PoisonError::into_inner).looked;
        if !self.published.is_empty() && looked != Some(now) {
            for (issuer, published) in &self.published {
                self.install(issuer, &published.held(now).await.unwrap_or_default());
            }
            self.current.write().unwrap_or_else(PoisonError::into_inner).looked = Some(now);
        }
        self.as_it_is()
    }

    /// The verifier for an access key whose signing key it does not know, if that key is published since.
    ///
    /// # Errors
    /// `UnknownKey` where nobody publishes it, `KeysUnavailable` where nobody can say.
    pub(super) async fn verifier_for(&self, token: &str, now: UnixTime) -> Result<Arc<Verifier>, RemoteKeyError> {
        let presented = Presented::<AccessKeyKind>::parse(token).map_err(|_| RemoteKeyError::UnknownKey)?;
        let claimed = presented.claimed::<ClaimedIssuer>().map_err(|_| RemoteKeyError::UnknownKey)?;
        let named = |(issuer, _): &&(Issuer, _)| issuer.as_str() == claimed.for_lookup().iss;
        let (issuer, published) = self.published.iter().find(named).ok_or(RemoteKeyError::UnknownParty)?;
        let keys = published.keys(presented.key_id(), presented.algorithm(), now).await?;
        self.install(issuer, &keys);
        Ok(self.as_it_is())
    }

    fn install(&self, issuer: &Issuer, keys: &KeySet) {
        if self.as_it_is().keys_of(issuer) != Some(keys) {
            let mut current = self.current.write().unwrap_or_else(PoisonError::into_inner);
            current.verifier = Arc::new(current.verifier.with_keys(issuer, keys));
        }
    }
}
