use std::collections::HashMap;

use rustls::pki_types::ServerName;

use crate::policy::ChannelError;

/// Which servers a client believes: CAs, their revocation lists, and keys from the operators' directory entries.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct ServerTrust {
    /// CA certificates, DER; there are no built-in ones.
    pub anchors: Vec<Vec<u8>>,
    /// Revocation lists, DER; a fresh one comes with a new channel. Empty: servers' revocation is not looked up.
    pub lists: Vec<Vec<u8>>,
    /// Public keys that certain names must show.
    pub pins: Pins,
}

impl ServerTrust {
    /// Trust in CAs given as DER.
    #[must_use]
    pub fn in_authorities(anchors: Vec<Vec<u8>>) -> Self {
        Self { anchors, ..Self::default() }
    }
}

/// Public keys that certain servers must show, on top of a valid certificate: a CA that errs is not enough to
/// impersonate an operator whose directory entry names its keys.
///
/// x1149: 3.1.16.5
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Pins(HashMap<ServerName<'static>, Vec<[u8; 32]>>);

impl Pins {
    /// `host` (DNS name or IP address) must show a key whose subject public key info has one of these SHA-256.
    ///
    /// List the next key too before it is used. An empty list refuses the host.
    ///
    /// # Errors
    /// [`ChannelError::MalformedPinnedName`].
    pub fn with(mut self, host: &str, spki_sha256: &[[u8; 32]]) -> Result<Self, ChannelError> {
        let name = server_name(host).ok_or(ChannelError::MalformedPinnedName)?;
        self.0.entry(name).or_default().extend_from_slice(spki_sha256);
        Ok(self)
    }

    /// The keys `name` is bound to; `None` where it is not bound.
    pub(super) fn of(&self, name: &ServerName<'_>) -> Option<&[[u8; 32]]> {
        self.0.get(&canonical(name)?).map(Vec::as_slice)
    }
}

/// A DNS name (lower case, no final dot) or an IP address, without brackets.
pub(crate) fn server_name(host: &str) -> Option<ServerName<'static>> {
    let host = host.strip_suffix('.').unwrap_or(host).to_ascii_lowercase();
    ServerName::try_from(host).ok()
}

fn canonical(name: &ServerName<'_>) -> Option<ServerName<'static>> {
    match name {
        ServerName::DnsName(dns) => server_name(dns.as_ref()),
        other => Some(other.to_owned()),
    }
}
