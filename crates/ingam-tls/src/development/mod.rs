//! Fresh certificates for development and tests; never for production, and never trusted by default.
//!
//! ```
//! use ingam_tls::development::{ClientSubject, DevelopmentCa};
//! use ingam_wire::UnixTime;
//!
//! let now = UnixTime::from_secs(1_800_000_000);
//! let ca = DevelopmentCa::new("Example Root", now)?;
//! let server = ca.server(&["bank.example", "127.0.0.1"], now)?;
//! let client = ca.client(&ClientSubject::named("fintech-1"), now)?;
//! assert!(server.certificate_pem().starts_with("-----BEGIN CERTIFICATE-----"));
//! let list = ca.revocation_list(&[&client], now)?;
//! assert!(list.pem().starts_with("-----BEGIN X509 CRL-----"));
//! # Ok::<(), ingam_tls::development::DevelopmentError>(())
//! ```

mod authority;
mod issued;

pub use self::{
    authority::{ClientSubject, DevelopmentCa, DevelopmentError},
    issued::{IssuedCertificate, RevocationList},
};
