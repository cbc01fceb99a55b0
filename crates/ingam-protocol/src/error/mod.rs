//! What a refusal looks like on the wire: codes, bodies, challenges.

mod body;
mod challenge;
mod code;

pub use self::{
    body::{ErrorBody, ErrorBodyError},
    challenge::{Challenge, Challenges, MalformedChallenge},
    code::{ErrorCode, ErrorText, OAuthError},
};
