use ingam_ports::PeerIdentity;

use super::Confirmation;
use crate::{dpop::Proof, fintech::Binding};

/// Witness that the peer proved possession of what an access key is about to be bound to.
///
/// Made only from a checked [`Proof`] or from the certificate of the channel; without one no access key can be issued.
///
/// ```compile_fail,E0423
/// # fn forge(confirmation: ingam_access_key::Confirmation) -> ingam_access_key::SenderConstraint {
/// ingam_access_key::SenderConstraint(confirmation)
/// # }
/// ```
/// ```
/// # fn made(proof: &ingam_access_key::Proof) -> ingam_access_key::SenderConstraint {
/// ingam_access_key::SenderConstraint::of_proof(proof)
/// # }
/// ```
///
/// x1149: 3.1.16.7
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct SenderConstraint(Confirmation);

/// Why there is nothing to bind an access key to.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum BindingError {
    /// The fintech's access keys are bound by DPoP and no proof came.
    #[error("a DPoP proof is required")]
    ProofRequired,
    /// The fintech's access keys are bound by certificate and none was shown.
    #[error("a client certificate is required")]
    CertificateRequired,
}

impl BindingError {
    /// The variant's name, for records.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::ProofRequired => "ProofRequired",
            Self::CertificateRequired => "CertificateRequired",
        }
    }
}

impl SenderConstraint {
    /// Binds to the key of a checked proof (RFC 9449 section 6).
    #[must_use]
    pub const fn of_proof(proof: &Proof) -> Self {
        Self(Confirmation::Key(proof.jkt()))
    }

    /// Binds to the certificate of the channel (RFC 8705 section 3).
    #[must_use]
    pub const fn of_certificate(peer: &PeerIdentity) -> Self {
        Self(Confirmation::Certificate(peer.certificate_sha256))
    }

    /// Binds as the fintech is registered to; there is no third way and no way out.
    ///
    /// fapi: SP-AS-4, SP-AS-5, DP-9, MT-9, X-AS-9
    ///
    /// # Errors
    /// [`BindingError`] when what the registration asks for was not shown.
    pub fn required(
        binding: Binding,
        proof: Option<&Proof>,
        peer: Option<&PeerIdentity>,
    ) -> Result<Self, BindingError> {
        match binding {
            Binding::Dpop => proof.map(Self::of_proof).ok_or(BindingError::ProofRequired),
            Binding::Mtls => peer.map(Self::of_certificate).ok_or(BindingError::CertificateRequired),
        }
    }

    /// What goes into `cnf`.
    #[must_use]
    pub const fn confirmation(&self) -> Confirmation {
        self.0
    }
}
