use ingam_jose::SignatureAlgorithm;
use ingam_wire::Seconds;

use super::{CoveragePolicy, Errors, Of, Required, Unsigned, When};

/// Requests after FAPI 2.0 HTTP Signatures (draft, section 5.3).
///
/// fapi: FH-1, FH-2
pub const FAPI_2_REQUEST: CoveragePolicy = CoveragePolicy {
    name: "fapi-2-request/1",
    label: "sig1",
    tag: "fapi-2-request",
    required: &[
        Required { component: "@method", of: Of::Message, when: When::Always },
        Required { component: "@target-uri", of: Of::Message, when: When::Always },
        Required { component: "authorization", of: Of::Message, when: When::Always },
        Required { component: "dpop", of: Of::Message, when: When::IfPresent },
        Required { component: "content-digest", of: Of::Message, when: When::IfBody },
    ],
    also: &["content-type", "idempotency-key", "x-idempotency-key", "x-fapi-interaction-id"],
    // "One minute" is the draft's own advice.
    window: Seconds::new(60),
    skew: Seconds::new(10),
    algorithms: &[SignatureAlgorithm::Es256, SignatureAlgorithm::EdDsa, SignatureAlgorithm::Ps256],
    nonce_required: false,
    unsigned: Unsigned::Refused,
    errors: Errors::Signed,
};

/// Answers after FAPI 2.0 HTTP Signatures (draft, section 5.4).
///
/// An unsigned request has no signature that the answer could cover; its proof, else its access key, takes that place,
/// so that two answers to the same method and target cannot be swapped between two callers.
///
/// fapi: FH-3, FH-4, HS-7
pub const FAPI_2_RESPONSE: CoveragePolicy = CoveragePolicy {
    name: "fapi-2-response/1",
    label: "sig1",
    tag: "fapi-2-response",
    required: &[
        Required { component: "@status", of: Of::Message, when: When::Always },
        Required { component: "content-digest", of: Of::Message, when: When::IfBody },
        Required { component: "@method", of: Of::Request, when: When::Always },
        Required { component: "@target-uri", of: Of::Request, when: When::Always },
        Required { component: "content-digest", of: Of::Request, when: When::IfPresent },
        Required { component: "signature", of: Of::Request, when: When::IfPresent },
        Required { component: "signature-input", of: Of::Request, when: When::IfPresent },
        Required { component: "authorization", of: Of::Request, when: When::IfRequestUnsigned },
        Required { component: "dpop", of: Of::Request, when: When::IfRequestUnsigned },
    ],
    also: &["content-type", "location", "dpop-nonce", "www-authenticate", "retry-after", "x-fapi-interaction-id"],
    window: Seconds::new(60),
    skew: Seconds::new(10),
    algorithms: &[SignatureAlgorithm::Es256, SignatureAlgorithm::EdDsa, SignatureAlgorithm::Ps256],
    nonce_required: false,
    unsigned: Unsigned::Refused,
    errors: Errors::Signed,
};
