mod possession;
mod served;

use core::fmt;
use std::sync::Arc;

use rustls::{
    ServerConfig,
    server::{NoClientAuth, NoServerSessionStorage, ServerSessionMemoryCache, danger::ClientCertVerifier},
};

use self::{possession::PossessionOfKey, served::ServedCertificate};
use crate::{
    certificate::KeyedCertificate,
    clock::Clock,
    limits,
    policy::{ChannelError, ChannelPolicy, Resumption},
};

/// The server's end: a policy, the certificate it shows, and whether it asks clients for theirs.
///
/// fapi: SP-N-1, SP-N-2, SP-N-6, MT-11
/// x1149: 3.1.15.4
#[derive(Clone)]
pub struct ServerChannel {
    #[cfg_attr(not(feature = "tokio"), expect(dead_code, reason = "only a carrier reads it; this build has none"))]
    config: Arc<ServerConfig>,
    served: Arc<ServedCertificate>,
    policy: ChannelPolicy,
    clients: ClientCertificates,
    clock: Clock,
}

impl ServerChannel {
    /// A server that shows `certificate`.
    ///
    /// # Errors
    /// [`ChannelError`] when the policy asks for what the crypto module lacks.
    pub fn new(
        policy: ChannelPolicy,
        certificate: &KeyedCertificate,
        clients: ClientCertificates,
        clock: Clock,
    ) -> Result<Self, ChannelError> {
        let provider = policy.provider()?;
        let verifier: Arc<dyn ClientCertVerifier> = match clients {
            ClientCertificates::NotAsked => Arc::new(NoClientAuth),
            ClientCertificates::Optional => Arc::new(PossessionOfKey::optional(&provider)),
            ClientCertificates::Required => Arc::new(PossessionOfKey::required(&provider)),
        };
        let served = Arc::new(ServedCertificate::new(certificate));
        let mut config = ServerConfig::builder_with_details(provider, Arc::new(clock.clone()))
            .with_protocol_versions(&policy.versions())
            .map_err(|_| ChannelError::Inconsistent)?
            .with_client_cert_verifier(verifier)
            .with_cert_resolver(served.clone());
        config.alpn_protocols = policy.alpn.iter().map(|alpn| alpn.name().into()).collect();
        config.require_ems = true;
        match policy.resumption {
            Resumption::Off => {
                config.session_storage = Arc::new(NoServerSessionStorage {});
                config.send_tls13_tickets = 0;
            }
            Resumption::InMemory => config.session_storage = ServerSessionMemoryCache::new(limits::SESSIONS),
        }
        Ok(Self { config: Arc::new(config), served, policy, clients, clock })
    }

    /// Shows `certificate` from the next handshake on; open connections go on undisturbed.
    ///
    /// A key that does not match its certificate never becomes a [`KeyedCertificate`], so nothing can go wrong here.
    pub fn show(&self, certificate: &KeyedCertificate) {
        self.served.replace(certificate);
    }

    /// The policy it was built from.
    #[must_use]
    pub const fn policy(&self) -> &ChannelPolicy {
        &self.policy
    }

    /// Whether clients are asked for certificates.
    #[must_use]
    pub const fn clients(&self) -> ClientCertificates {
        self.clients
    }

    pub(crate) const fn clock(&self) -> &Clock {
        &self.clock
    }

    #[cfg(feature = "tokio")]
    pub(crate) const fn config(&self) -> &Arc<ServerConfig> {
        &self.config
    }

    pub(crate) fn shown(&self) -> Option<Vec<u8>> {
        self.served.end_entity()
    }
}

impl fmt::Debug for ServerChannel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServerChannel")
            .field("policy", &self.policy.name)
            .field("clients", &self.clients)
            .finish_non_exhaustive()
    }
}

/// Whether a server asks clients for certificates.
///
/// Whatever arrives, PKI or self-signed, the handshake proves possession of its key and nothing else; trust is
/// decided per registered client afterwards.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum ClientCertificates {
    /// Browsers come here: never asked for.
    NotAsked,
    /// Asked for; a client without one gets as far as the endpoint, which answers 401.
    Optional,
    /// Asked for; without one there is no connection.
    Required,
}
