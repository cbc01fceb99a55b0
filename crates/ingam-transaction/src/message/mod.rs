//! Messages signed as one JWS, both halves: a detached signature in a header field, or a JWT as body.
//!
//! Such a signature covers the body and what its claims state, nothing else; where the policy names them, the claims
//! state whom the message is for, the method, and the message that an answer answers.

mod check;
mod jws;
mod place;
mod sign;
mod verified;

pub use self::{
    check::{MessageRefused, check},
    sign::{MessageSigningError, SignedMessage, sign},
    verified::{MessageCoverage, VerifiedMessage},
};

/// What a message states besides its body; both sides say it, and must say the same.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    /// Who signs.
    pub issuer: &'a str,
    /// Whom it is for: the target URI of a request, the client id for an answer.
    pub audience: &'a str,
    /// The method, for a request.
    pub method: Option<&'a str>,
    /// The identifier of the request, for an answer ([`SignedMessage::id`], [`VerifiedMessage::id`]).
    pub in_reply_to: Option<&'a str>,
}
