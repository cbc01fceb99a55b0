//! Transaction messages: what a fintech asks and an operator answers, so signed that nobody between can change it.
//!
//! A fintech signs with [`request::sign`] and believes an answer only after [`response::verify`]; an operator accepts a
//! request only after [`request::check`] and signs its answer with [`response::answer`], bound to the request. What must
//! be covered, how fresh and by which algorithms is data: [`policy::CoveragePolicy`]. Signatures are RFC 9421's, digests
//! ([`digest`]) RFC 9530's. There is no clock, network or store in here: the caller brings them, and settles the one-time
//! ids that a check returns.

pub mod digest;
mod head;
pub mod limits;
pub mod message;
pub mod policy;
pub mod profile;
pub mod request;
pub mod response;
pub mod signature;
mod target;

pub use self::target::{Origin, TargetMismatch};
