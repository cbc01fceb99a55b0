use ingam_jose::SignatureAlgorithm;
use ingam_wire::Seconds;

use super::{ClaimNames, Content, Errors, MessagePolicy, Payload, Shape, Unsigned};

const CLAIMS: ClaimNames = ClaimNames {
    issuer: "iss",
    issued: "iat",
    audience: Some("aud"),
    id: Some("jti"),
    expires: None,
    method: Some("htm"),
    in_reply_to: Some("in_reply_to"),
};

/// A body signed by a detached JWS in `x-jws-signature`, as the United Kingdom does it, with what that lacks:
/// whom the message is for, its method, a one-time identifier, and the message an answer answers.
pub const DETACHED_JWS: MessagePolicy = MessagePolicy {
    name: "detached-jws/1",
    shape: Shape::Detached { field: "x-jws-signature", payload: Payload::Raw },
    typ: Some("JOSE"),
    claims: CLAIMS,
    constants: &[],
    critical: true,
    window: Seconds::new(60),
    skew: Seconds::new(10),
    // Identifiers are remembered for a day, as Brazil asks: a sender that repeats one has a broken generator.
    remember: Seconds::new(86_400),
    algorithms: &[SignatureAlgorithm::Ps256, SignatureAlgorithm::Es256, SignatureAlgorithm::EdDsa],
    unsigned: Unsigned::Refused,
    errors: Errors::Signed,
};

/// A JWT as body (`application/jwt`), as Brazil, Saudi Arabia and the Emirates do it, its content under `message`.
pub const JWT_BODY: MessagePolicy = MessagePolicy {
    name: "jwt-body/1",
    shape: Shape::Jwt { media_type: "application/jwt", content: Content::Member("message") },
    typ: Some("transaction+jwt"),
    claims: CLAIMS,
    constants: &[],
    critical: false,
    window: Seconds::new(60),
    skew: Seconds::new(10),
    remember: Seconds::new(86_400),
    algorithms: &[SignatureAlgorithm::Ps256, SignatureAlgorithm::Es256, SignatureAlgorithm::EdDsa],
    unsigned: Unsigned::Refused,
    errors: Errors::Signed,
};
