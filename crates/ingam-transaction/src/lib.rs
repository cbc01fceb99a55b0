//! Transaction messages: what a fintech asks and an operator answers, so signed that nobody between can change it.
//!
//! A fintech signs with [`request::sign`] and believes an answer only after [`response::verify`]; an operator accepts a
//! request only after [`request::check`] and signs its answer with [`response::answer`], bound to the request. What must
//! be covered, how fresh and by which algorithms is data: [`policy::CoveragePolicy`]. Signatures are RFC 9421's, digests
//! ([`digest`]) RFC 9530's. There is no clock, network or store in here: the caller brings them, and settles the one-time
//! ids that a check returns.
//!
//! # Examples
//! ```
//! use bytes::Bytes;
//! use http::{Request, Response};
//! use ingam_jose::{CryptoProvider, KeySet, Signer};
//! use ingam_ports::{Position, ReplayGuard, settle};
//! use ingam_protocol::ClientId;
//! use ingam_transaction::{Origin, policy::{FAPI_2_REQUEST, FAPI_2_RESPONSE}, request, response};
//! use ingam_wire::UnixTime;
//! # struct Bank<'a> { key: &'a dyn Signer, keys: KeySet, origin: Origin, guard: &'a dyn ReplayGuard }
//! # struct Fintech<'a> { key: &'a dyn Signer, keys: KeySet, id: ClientId }
//!
//! /// `order` has an absolute URI and its `Authorization`; both ends know each other's public keys.
//! async fn pay(
//!     order: Request<Bytes>, fintech: &Fintech<'_>, bank: &Bank<'_>, crypto: &dyn CryptoProvider, now: UnixTime,
//! ) -> Result<Bytes, Box<dyn std::error::Error>> {
//!     let (order, sent) = request::sign(order, fintech.key, &FAPI_2_REQUEST, crypto, crypto.randomness(), now).await?;
//!
//!     // At the bank: nothing of it is readable before `settle` has made sure that it came once.
//!     let order = request::PresentedRequest::new(order, &bank.origin)?;
//!     let sender = request::Sender { fintech: &fintech.id, keys: &fintech.keys };
//!     let order = request::check(order, sender, &FAPI_2_REQUEST, crypto, now)?;
//!     let (order, _revoked) = settle(order, bank.guard, Position::default(), now).await?;
//!     let answer = Response::new(order.body().clone());
//!     let answer = response::answer(&order.received(), answer, bank.key, &FAPI_2_RESPONSE, crypto, now).await?;
//!
//!     // Back at the fintech: an answer to another request is none to this one.
//!     let answer = response::verify(&sent, answer, &bank.keys, &FAPI_2_RESPONSE, crypto, now)?;
//!     Ok(answer.body().clone())
//! }
//! ```

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
