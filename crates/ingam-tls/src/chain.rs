use core::fmt;
use std::sync::{Arc, PoisonError, RwLock};

use ingam_ports::{ChainError, ChainVerifier, TrustedChain};
use ingam_wire::UnixTime;
use rustls::{
    crypto::WebPkiSupportedAlgorithms,
    pki_types::{CertificateDer, TrustAnchor},
};
use webpki::{
    CertRevocationList, EndEntityCert, ExpirationPolicy, KeyUsage, OwnedCertRevocationList, RevocationCheckDepth,
    RevocationOptions, RevocationOptionsBuilder, UnknownStatusPolicy, anchor_from_trusted_cert,
};

use crate::{
    clock::pki_time,
    limits,
    policy::{ChannelError, ChannelPolicy, ExpiredList, Revocation, RevocationDepth, UnknownStatus},
};

/// The CAs that vouch for clients, with their revocation lists: decides each time a client authenticates.
///
/// Path building, validity, key usage, name constraints and revocation are RFC 5280's, done by webpki. Lists are
/// replaced while running ([`Self::replace_lists`]); the next authentication, on a resumed session too, sees them.
///
/// fapi: MT-1
/// x1149: 3.1.15.4
pub struct CertificateAuthorities {
    anchors: Vec<TrustAnchor<'static>>,
    lists: RwLock<Arc<Vec<CertRevocationList<'static>>>>,
    revocation: Revocation,
    algorithms: WebPkiSupportedAlgorithms,
}

impl CertificateAuthorities {
    /// CAs given as DER certificates, with the lists that are known now; `policy` says how lists are used.
    ///
    /// Without any list and with `UnknownStatus::Refuse` nobody is trusted.
    ///
    /// # Errors
    /// [`AuthorityError`].
    pub fn new(anchors: &[Vec<u8>], lists: &[Vec<u8>], policy: &ChannelPolicy) -> Result<Self, AuthorityError> {
        if anchors.is_empty() {
            return Err(AuthorityError::NoTrustAnchor);
        }
        let anchors = anchors
            .iter()
            .map(|der| {
                anchor_from_trusted_cert(&CertificateDer::from(der.as_slice()))
                    .map(|anchor| anchor.to_owned())
                    .map_err(|_| AuthorityError::MalformedTrustAnchor)
            })
            .collect::<Result<_, _>>()?;
        Ok(Self {
            anchors,
            lists: RwLock::new(Arc::new(parse_lists(lists)?)),
            revocation: policy.revocation,
            algorithms: policy.module.provider().map_err(AuthorityError::Module)?.signature_verification_algorithms,
        })
    }

    /// Puts new lists (DER) in the place of all earlier ones; on an error the earlier ones stay.
    ///
    /// # Errors
    /// [`AuthorityError::MalformedRevocationList`].
    pub fn replace_lists(&self, lists: &[Vec<u8>]) -> Result<(), AuthorityError> {
        let parsed = Arc::new(parse_lists(lists)?);
        *self.lists.write().unwrap_or_else(PoisonError::into_inner) = parsed;
        Ok(())
    }

    fn check(&self, chain: &[Vec<u8>], now: UnixTime) -> Result<(), ChainError> {
        let (end_entity, intermediates) = chain.split_first().ok_or(ChainError::Untrusted)?;
        if chain.len() > limits::CHAIN {
            return Err(ChainError::Untrusted);
        }
        let time = pki_time(now).ok_or(ChainError::Expired)?;
        let end_entity = CertificateDer::from(end_entity.as_slice());
        let end_entity = EndEntityCert::try_from(&end_entity).map_err(|_| ChainError::Untrusted)?;
        let intermediates: Vec<_> = intermediates.iter().map(|der| CertificateDer::from(der.as_slice())).collect();
        let lists = Arc::clone(&self.lists.read().unwrap_or_else(PoisonError::into_inner));
        let lists: Vec<&CertRevocationList<'_>> = lists.iter().collect();
        let options = match (revocation_options(&lists, self.revocation), self.revocation.unknown_status) {
            (None, UnknownStatus::Refuse) => return Err(ChainError::RevocationUnknown),
            (options, _) => options,
        };
        end_entity
            .verify_for_usage(
                self.algorithms.all,
                &self.anchors,
                &intermediates,
                time,
                KeyUsage::client_auth(),
                options,
                None,
            )
            .map(|_path| ())
            .map_err(|error| why(&error))
    }
}

impl ChainVerifier for CertificateAuthorities {
    fn verify(&self, chain: &[Vec<u8>], now: UnixTime) -> Result<TrustedChain, ChainError> {
        self.check(chain, now).map(|()| TrustedChain::verified())
    }
}

impl fmt::Debug for CertificateAuthorities {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CertificateAuthorities")
            .field("anchors", &self.anchors.len())
            .field("revocation", &self.revocation)
            .finish_non_exhaustive()
    }
}

fn parse_lists(lists: &[Vec<u8>]) -> Result<Vec<CertRevocationList<'static>>, AuthorityError> {
    lists
        .iter()
        .map(|der| OwnedCertRevocationList::from_der(der).map(CertRevocationList::from))
        .collect::<Result<_, _>>()
        .map_err(|_| AuthorityError::MalformedRevocationList)
}

/// `None` where there is no list at all.
fn revocation_options<'a>(
    lists: &'a [&'a CertRevocationList<'a>],
    policy: Revocation,
) -> Option<RevocationOptions<'a>> {
    let builder = RevocationOptionsBuilder::new(lists).ok()?;
    let depth = match policy.depth {
        RevocationDepth::WholeChain => RevocationCheckDepth::Chain,
        RevocationDepth::EndEntity => RevocationCheckDepth::EndEntity,
    };
    let status = match policy.unknown_status {
        UnknownStatus::Refuse => UnknownStatusPolicy::Deny,
        UnknownStatus::Accept => UnknownStatusPolicy::Allow,
    };
    let expiration = match policy.expired_list {
        ExpiredList::Refuse => ExpirationPolicy::Enforce,
        ExpiredList::UseAnyway => ExpirationPolicy::Ignore,
    };
    Some(builder.with_depth(depth).with_status_policy(status).with_expiration_policy(expiration).build())
}

fn why(error: &webpki::Error) -> ChainError {
    use webpki::Error as E;
    match error {
        E::CertRevoked => ChainError::Revoked,
        E::CertExpired { .. } | E::CertNotValidYet { .. } | E::InvalidCertValidity => ChainError::Expired,
        E::UnknownRevocationStatus
        | E::CrlExpired { .. }
        | E::IssuerNotCrlSigner
        | E::InvalidCrlSignatureForPublicKey
        | E::UnsupportedCrlSignatureAlgorithmContext(_)
        | E::UnsupportedCrlSignatureAlgorithmForPublicKeyContext(_) => ChainError::RevocationUnknown,
        _ => ChainError::Untrusted,
    }
}

/// Why the CAs cannot be used.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum AuthorityError {
    /// No CA was given.
    #[error("no trust anchor")]
    NoTrustAnchor,
    /// A CA's certificate is malformed.
    #[error("a trust anchor is malformed")]
    MalformedTrustAnchor,
    /// A revocation list is malformed or of a kind that is not understood (delta, indirect).
    #[error("a revocation list is malformed or unsupported")]
    MalformedRevocationList,
    /// The crypto module cannot be used.
    #[error(transparent)]
    Module(ChannelError),
}

impl AuthorityError {
    /// The variant's name, for the audit log.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::NoTrustAnchor => "NoTrustAnchor",
            Self::MalformedTrustAnchor => "MalformedTrustAnchor",
            Self::MalformedRevocationList => "MalformedRevocationList",
            Self::Module(_) => "Module",
        }
    }
}
