//! The bounds of this crate, each with its reason (design rule 6).

/// Characters of a `jti`: a UUID has 36, 128 leave room for prefixes; more would only fill the replay guard's input.
pub(crate) const JTI: usize = 128;

/// Bytes of a `Client-Cert` field: certificates of QWAC size are under 4 KiB in DER, 8 KiB in base64 leave room.
pub(crate) const CLIENT_CERT: usize = 16 * 1024;

/// Certificates in a `Client-Cert-Chain` field: real chains have two or three.
pub(crate) const CLIENT_CERT_CHAIN: usize = 8;

/// Redirect URIs a fintech may register.
pub(crate) const REDIRECT_URIS: usize = 32;
