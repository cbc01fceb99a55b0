#![cfg_attr(all(feature = "operator", feature = "fintech"), doc = include_str!("../README.md"))]
#![cfg_attr(
    not(all(feature = "operator", feature = "fintech")),
    doc = "The face of Ingam: what a bank or a fintech imports, by role."
)]

pub use ingam_access_key as access_key;
#[cfg(feature = "fintech")]
pub use ingam_fintech as fintech;
pub use ingam_jose as jose;
pub use ingam_keys as keys;
#[cfg(feature = "operator")]
pub use ingam_operator as operator;
pub use ingam_ports as ports;
pub use ingam_protocol as protocol;
#[cfg(any(feature = "operator", feature = "fintech"))]
pub use ingam_store as store;
#[cfg(any(feature = "operator", feature = "fintech"))]
pub use ingam_tls as tls;
pub use ingam_transaction as transaction;
pub use ingam_wire as wire;
