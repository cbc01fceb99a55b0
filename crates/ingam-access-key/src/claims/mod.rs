//! What the claims of every kind are made of (RFC 7519 section 4.1): dates and audiences, read strictly.

mod audience;
pub(crate) mod date;

pub use self::audience::Audience;
