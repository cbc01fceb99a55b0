use ingam_wire::UnixTime;

use super::{Profile, Protection};
use crate::policy;

/// All profiles that stand here.
pub const PROFILES: &[&Profile] = &[&FAPI_2_HTTP_SIGNATURES, &DETACHED_JWS, &JWT_BODY, &KOREA];

/// FAPI 2.0 HTTP Signatures.
pub const FAPI_2_HTTP_SIGNATURES: Profile = Profile {
    name: "fapi-2-http-signatures",
    from: UnixTime::from_secs(1_758_585_600), // 2025-09-23, when it left FAPI 2.0 Message Signing
    until: None,
    source: "FAPI 2.0 HTTP Signatures (draft of the OpenID Foundation); RFC 9421; RFC 9530",
    request: Protection::Fields(policy::FAPI_2_REQUEST),
    response: Protection::Fields(policy::FAPI_2_RESPONSE),
    when_ignored: "an unsigned request or answer is refused",
};

/// A detached JWS in a header, over the body.
pub const DETACHED_JWS: Profile = Profile {
    name: "detached-jws",
    from: UnixTime::from_secs(1_735_689_600), // 2025-01-01
    until: None,
    source: "RFC 7515 appendix F; RFC 7797; after the shape of UK Open Banking Read/Write 4.0",
    request: Protection::Message(policy::DETACHED_JWS),
    response: Protection::Message(policy::DETACHED_JWS),
    when_ignored: "an unsigned request or answer is refused",
};

/// A JWT as body.
pub const JWT_BODY: Profile = Profile {
    name: "jwt-body",
    from: UnixTime::from_secs(1_735_689_600), // 2025-01-01
    until: None,
    source: "RFC 7519; after the shape of Open Finance Brasil, KSA and UAE",
    request: Protection::Message(policy::JWT_BODY),
    response: Protection::Message(policy::JWT_BODY),
    when_ignored: "a body of another media type is refused",
};

/// Our signature fields on calls of Korean shape.
pub const KOREA: Profile = Profile {
    name: "korea",
    from: UnixTime::from_secs(1_735_689_600), // 2025-01-01
    until: None,
    source: "RFC 9421 fields added to calls of the shape of KFTC open banking and MyData, which sign nothing themselves",
    request: Protection::Fields(policy::KOREA_REQUEST),
    response: Protection::Fields(policy::KOREA_RESPONSE),
    when_ignored: "the peer reads the call as before, since method, target and body are untouched; its answer passes as \
                   unsigned and is shown as such; once a peer is registered as signing, `refusing_unsigned` holds it to it",
};
