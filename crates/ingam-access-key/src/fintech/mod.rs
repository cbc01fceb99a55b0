//! The fintech as the operator knows it: its record, its state, and how it proves who it is.

mod algorithms;
mod authenticate;
mod client_cert;
mod decoy;
mod entry;
mod name;
mod record;
mod registered;
mod status;
mod subject;

pub use self::{
    authenticate::{
        AuthenticatedFintech, AuthenticationError, AuthenticationMethod, ClaimedClient, FintechAuthenticator,
    },
    client_cert::{CLIENT_CERT, CLIENT_CERT_CHAIN, CertificateReader, ClientCertError, ConfiguredProxy, FrontedPeer},
    entry::{Authentication, Binding, ClientRole, Environment, FintechEntry, HttpSignatures, KeySource, RequestForm},
    record::{EntryError, FintechRecord},
    registered::{LoadError, RegisteredFintech},
    status::{FintechStatus, StatusError},
    subject::CertificateSubject,
};
