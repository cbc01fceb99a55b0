use ingam_jose::SignatureAlgorithm;
use ingam_wire::Seconds;

use super::{Errors, Unsigned};

/// How a message signed as one JWS looks and what it must state: a detached signature in a header, or a JWT as body.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct MessagePolicy {
    /// Name and version, as it stands in the record.
    pub name: &'static str,
    /// Where the JWS stands.
    pub shape: Shape,
    /// The `typ` that must be there, so that no other JWT by the same key passes for a message (RFC 8725 section 3.11).
    pub typ: Option<&'static str>,
    /// What the claims are called; in the protected header of a detached JWS, in the payload of a JWT.
    pub claims: ClaimNames,
    /// Members with a fixed value that must be there, beside the claims.
    pub constants: &'static [(&'static str, &'static str)],
    /// Whether a detached JWS lists its claims in `crit` (RFC 7515 section 4.1.11), so that no receiver overlooks them.
    pub critical: bool,
    /// How long after it was issued a message is accepted.
    pub window: Seconds,
    /// How far the time of issue may lie ahead of our clock.
    pub skew: Seconds,
    /// How long an identifier stays taken; never shorter than the message is accepted.
    pub remember: Seconds,
    /// The algorithms of keys that may sign.
    pub algorithms: &'static [SignatureAlgorithm],
    /// What becomes of a message without signature.
    pub unsigned: Unsigned,
    /// Whether answers that report an error are signed too.
    pub errors: Errors,
}

/// Where the JWS of a message stands.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Shape {
    /// `header..signature` in a header field, over the body (RFC 7515 appendix F).
    Detached {
        /// The field, in lower case.
        field: &'static str,
        /// How the body is signed.
        payload: Payload,
    },
    /// The body is a JWT of this media type.
    Jwt {
        /// `application/jwt`
        media_type: &'static str,
        /// Where the content stands among the claims.
        content: Content,
    },
}

/// How a detached body is signed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Payload {
    /// base64url, as RFC 7515 has it.
    Encoded,
    /// The bytes themselves: `b64` = false (RFC 7797).
    Raw,
}

/// Where the content of a JWT body stands.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Content {
    /// Its members stand beside the claims.
    Beside,
    /// It is the value of one member.
    Member(&'static str),
}

/// What the claims of a message are called; what has no name is not stated.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct ClaimNames {
    /// Who signed.
    pub issuer: &'static str,
    /// When, in seconds.
    pub issued: &'static str,
    /// For whom: a target URI or a party.
    pub audience: Option<&'static str>,
    /// The one-time identifier.
    pub id: Option<&'static str>,
    /// The end of acceptance, in seconds.
    pub expires: Option<&'static str>,
    /// The method of the request.
    pub method: Option<&'static str>,
    /// The identifier of the message this one answers.
    pub in_reply_to: Option<&'static str>,
}

impl MessagePolicy {
    /// How long after its time of issue an identifier stays taken: at least as long as any clock within the skew
    /// accepts the message.
    #[must_use]
    pub fn remembered(&self) -> Seconds {
        self.remember.max(self.window.plus(self.skew).plus(Seconds::new(1)))
    }

    /// The same policy, where a message without signature passes as unsigned.
    #[must_use]
    pub const fn permitting_unsigned(mut self) -> Self {
        self.unsigned = Unsigned::Permitted;
        self
    }
}
