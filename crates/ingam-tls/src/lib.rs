//! The channel: TLS policy as data, certificates, revocation, peer identity; the only crate that names rustls.
