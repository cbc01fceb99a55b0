use http::Method;
use ingam_ports::{PeerIdentity, Unclaimed};
use ingam_wire::{HttpUrl, UnixTime};

use super::{AccessRefused, AuthScheme, PresentedAccessKey, VerifiedAccess, Verifier};
use crate::{
    binding::Confirmation,
    dpop::{NonceSource, ProofCheck, ProofError},
};

/// An access key brought by its holder, for this very request: what `authorise` takes.
///
/// Only [`Verifier::check`] makes one, and it counts only once the proof's `jti` is claimed.
///
/// ```compile_fail,E0451
/// # use ingam_access_key::*;
/// # fn forge(verified: VerifiedAccess, method: http::Method, target: ingam_wire::HttpUrl) -> Access {
/// Access { verified, method, target }
/// # }
/// ```
/// ```
/// # use ingam_access_key::*;
/// # fn read(access: Access) -> VerifiedAccess {
/// access.verified().clone()
/// # }
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Access {
    verified: VerifiedAccess,
    method: Method,
    target: HttpUrl,
}

impl Access {
    /// The access key.
    #[must_use]
    pub const fn verified(&self) -> &VerifiedAccess {
        &self.verified
    }

    /// SHA-256 of the access key as text.
    #[must_use]
    pub const fn sha256(&self) -> &[u8; 32] {
        self.verified.sha256()
    }

    /// The method of the request it came with.
    #[must_use]
    pub const fn method(&self) -> &Method {
        &self.method
    }

    /// The target of the request it came with, as the outside knows it.
    #[must_use]
    pub const fn target(&self) -> &HttpUrl {
        &self.target
    }
}

impl Verifier {
    /// Verifies the access key of a request and that its holder brings it: key, scheme, proof, binding, in this order.
    ///
    /// fapi: SP-RS-3, SP-RS-5, DP-11, MT-6
    ///
    /// # Errors
    /// The first [`AccessRefused`] that applies; nothing is claimed then.
    pub fn check(
        &self,
        presented: &PresentedAccessKey<'_>,
        nonces: Option<&NonceSource>,
        now: UnixTime,
    ) -> Result<Unclaimed<Access>, AccessRefused> {
        let verified = self.verify(presented.token, now)?;
        self.bind_own(presented, verified, nonces, now)
    }

    /// The second half of [`Verifier::check`], for an access key that was verified by other means
    /// ([`Verifier::recognise`], [`Verifier::introspected`]).
    ///
    /// fapi: SP-RS-5, DP-3, DP-11, MT-5, MT-6
    /// x1149: 3.1.16.7
    ///
    /// # Errors
    /// `Inactive` when `verified` is of another access key, `SchemeMismatch`, `Proof`, `KeyMismatch`,
    /// `CertificateMissing` or `CertificateMismatch`.
    pub fn bind(
        &self,
        presented: &PresentedAccessKey<'_>,
        verified: VerifiedAccess,
        nonces: Option<&NonceSource>,
        now: UnixTime,
    ) -> Result<Unclaimed<Access>, AccessRefused> {
        if self.provider.sha256(&[presented.token.as_bytes()]) != *verified.sha256() {
            return Err(AccessRefused::Inactive);
        }
        self.bind_own(presented, verified, nonces, now)
    }

    /// `verified` is the access key of `presented`.
    fn bind_own(
        &self,
        presented: &PresentedAccessKey<'_>,
        verified: VerifiedAccess,
        nonces: Option<&NonceSource>,
        now: UnixTime,
    ) -> Result<Unclaimed<Access>, AccessRefused> {
        match (verified.confirmation(), presented.scheme) {
            (Confirmation::Key(jkt), AuthScheme::Dpop) => {
                let check = ProofCheck { policy: &self.policy, provider: &*self.provider, nonces };
                let ath = Some(*verified.sha256());
                let known = self.holders.find(&jkt);
                let proof = check.present(presented.headers, known.as_deref())?;
                let (proof, new) = proof.verify_embedded_known(&*self.provider).map_err(ProofError::Token)?;
                let (proof, claim) = check.meets(proof, presented.method, presented.target, ath, now)?;
                if proof.jkt() != jkt {
                    return Err(AccessRefused::KeyMismatch);
                }
                if let Some(header) = new {
                    self.holders.remember(jkt, header);
                }
                Ok(Unclaimed::new(access(presented, verified), vec![claim]))
            }
            (Confirmation::Certificate(hash), AuthScheme::Bearer) => {
                let peer: &PeerIdentity = presented.peer.ok_or(AccessRefused::CertificateMissing)?;
                if peer.certificate_sha256 != hash {
                    return Err(AccessRefused::CertificateMismatch);
                }
                Ok(Unclaimed::new(access(presented, verified), Vec::new()))
            }
            (Confirmation::Key(_), AuthScheme::Bearer) | (Confirmation::Certificate(_), AuthScheme::Dpop) => {
                Err(AccessRefused::SchemeMismatch)
            }
        }
    }
}

fn access(presented: &PresentedAccessKey<'_>, verified: VerifiedAccess) -> Access {
    Access { verified, method: presented.method.clone(), target: presented.target.clone() }
}
