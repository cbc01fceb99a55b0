//! The channel: TLS policy as data, certificates, revocation, peer identity; the only crate that names rustls.
//!
//! A [`ChannelPolicy`] says what a channel may be; [`ServerChannel`] and [`ClientChannel`] are built from it and
//! nothing else, with an explicit crypto module and an explicit [`Clock`], never from process globals.
//! [`ChannelReport`] prints what a running endpoint does and what a [`ChannelRules`] forbids about it.
//!
//! The handshake proves that a client *holds the key* of the certificate it shows; whether that certificate is
//! trusted is decided each time the client authenticates, by [`CertificateAuthorities`] (RFC 8705 section 2.1)
//! or by comparing with the registered one (section 2.2), so that revocation also holds on resumed sessions.
//!
//! With feature `tokio`, [`serve`] carries an `Endpoint` over sockets and [`HttpsTransport`] is a `Transport`.
//! With feature `development`, [`development::DevelopmentCa`] makes fresh certificates.

mod certificate;
mod chain;
mod client;
mod clock;
#[cfg(feature = "development")]
pub mod development;
mod limits;
#[cfg(feature = "tokio")]
mod net;
mod peer;
mod policy;
mod server;

#[cfg(feature = "tokio")]
pub use self::net::{
    AddressPolicy, HttpsTransport, InvalidNetwork, Listener, Network, Resolve, ServeLimits, SystemResolver,
    TransportLimits, serve,
};
pub use self::{
    certificate::{CertificateError, KeyedCertificate, certificates_from_pem, revocation_lists_from_pem},
    chain::{AuthorityError, CertificateAuthorities},
    client::{ClientChannel, Pins, ServerTrust},
    clock::Clock,
    peer::{InvalidPeer, identify},
    policy::{
        Alpn, ChannelError, ChannelPolicy, CryptoModule, ExpiredList, Group, Protocol, Resumption, Revocation,
        RevocationDepth, Suite, TimeOuts, UnknownPolicy, UnknownStatus,
        report::{CertificateReport, ChannelReport, ChannelRules, Finding, KeyKind, Role},
    },
    server::{ClientCertificates, ServerChannel},
};
