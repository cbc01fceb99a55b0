mod pinned;
mod trust;

use core::fmt;
use std::sync::Arc;

use rustls::{
    ClientConfig,
    client::{Resumption as ClientResumption, danger::ServerCertVerifier},
};

use self::pinned::PinnedServers;
#[cfg(feature = "tokio")]
pub(crate) use self::trust::server_name;
pub use self::trust::{Pins, ServerTrust};
use crate::{
    certificate::KeyedCertificate,
    clock::Clock,
    policy::{ChannelError, ChannelPolicy},
};

/// The client's end: a policy, whom it trusts, and the certificate it shows where asked.
///
/// The server's name is checked against its certificate's alternative names (RFC 9525); the subject's common name
/// counts for nothing. Sessions are not resumed: each connection checks the certificate anew, and carriers keep connections.
///
/// fapi: SP-N-1, SP-N-5, SP-N-6, TL-9
/// x1149: 3.1.15.4, 3.1.16.5
#[derive(Clone)]
pub struct ClientChannel {
    #[cfg_attr(not(feature = "tokio"), expect(dead_code, reason = "only a carrier reads it; this build has none"))]
    config: Arc<ClientConfig>,
    policy: ChannelPolicy,
    shown: Option<Vec<u8>>,
}

impl ClientChannel {
    /// A client that trusts `trust` and shows `certificate` to servers that ask for one.
    ///
    /// # Errors
    /// [`ChannelError`].
    pub fn new(
        policy: ChannelPolicy,
        trust: &ServerTrust,
        certificate: Option<&KeyedCertificate>,
        clock: &Clock,
    ) -> Result<Self, ChannelError> {
        let provider = policy.provider()?;
        let verifier: Arc<dyn ServerCertVerifier> = Arc::new(PinnedServers::new(trust, &policy, &provider)?);
        let builder = ClientConfig::builder_with_details(provider, Arc::new(clock.clone()))
            .with_protocol_versions(&policy.versions())
            .map_err(|_| ChannelError::Inconsistent)?
            .dangerous()
            .with_custom_certificate_verifier(verifier);
        let mut config = match certificate {
            None => builder.with_no_client_auth(),
            Some(certificate) => builder
                .with_client_cert_resolver(Arc::new(rustls::sign::SingleCertAndKey::from(certificate.certified()))),
        };
        config.require_ems = true;
        // On a resumed session rustls asks no verifier: neither the end of the certificate nor a list would be looked at.
        config.resumption = ClientResumption::disabled();
        let shown = certificate.and_then(|certificate| certificate.chain().into_iter().next());
        Ok(Self { config: Arc::new(config), policy, shown })
    }

    /// The policy it was built from.
    #[must_use]
    pub const fn policy(&self) -> &ChannelPolicy {
        &self.policy
    }

    pub(crate) fn shown(&self) -> Option<Vec<u8>> {
        self.shown.clone()
    }

    #[cfg(feature = "tokio")]
    pub(crate) const fn config(&self) -> &Arc<ClientConfig> {
        &self.config
    }
}

impl fmt::Debug for ClientChannel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientChannel").field("policy", &self.policy.name).finish_non_exhaustive()
    }
}
