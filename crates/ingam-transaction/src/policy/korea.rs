use ingam_jose::SignatureAlgorithm;
use ingam_wire::Seconds;

use super::{CoveragePolicy, Errors, Of, Required, Unsigned, When};

/// The algorithms on the list of the Korean cryptographic module validation programme; Ed25519 is not.
const ALGORITHMS: &[SignatureAlgorithm] = &[SignatureAlgorithm::Es256, SignatureAlgorithm::Ps256];

/// Calls shaped like those of the Korean open banking network and MyData, which sign nothing: our fields are added,
/// the body stays as it is.
///
/// Access keys are bearer tokens of ninety days there, so a nonce is asked for. `x-api-tran-id` is the identifier that
/// MyData gives a transaction.
pub const KOREA_REQUEST: CoveragePolicy = CoveragePolicy {
    name: "korea-request/1",
    label: "ingam",
    tag: "ingam-korea-request",
    required: &[
        Required { component: "@method", of: Of::Message, when: When::Always },
        Required { component: "@target-uri", of: Of::Message, when: When::Always },
        Required { component: "authorization", of: Of::Message, when: When::IfPresent },
        Required { component: "x-api-tran-id", of: Of::Message, when: When::IfPresent },
        Required { component: "x-api-type", of: Of::Message, when: When::IfPresent },
        Required { component: "content-type", of: Of::Message, when: When::IfBody },
        Required { component: "content-digest", of: Of::Message, when: When::IfBody },
    ],
    also: &[],
    window: Seconds::new(60),
    skew: Seconds::new(10),
    algorithms: ALGORITHMS,
    nonce_required: true,
    unsigned: Unsigned::Permitted,
    errors: Errors::Signed,
};

/// Their answers. A peer that ignores our fields answers as it always did, and the answer passes as `Unsigned`.
pub const KOREA_RESPONSE: CoveragePolicy = CoveragePolicy {
    name: "korea-response/1",
    label: "ingam",
    tag: "ingam-korea-response",
    required: &[
        Required { component: "@status", of: Of::Message, when: When::Always },
        Required { component: "content-digest", of: Of::Message, when: When::IfBody },
        Required { component: "x-api-tran-id", of: Of::Message, when: When::IfPresent },
        Required { component: "@method", of: Of::Request, when: When::Always },
        Required { component: "@target-uri", of: Of::Request, when: When::Always },
        Required { component: "content-digest", of: Of::Request, when: When::IfPresent },
        Required { component: "signature", of: Of::Request, when: When::IfPresent },
        Required { component: "signature-input", of: Of::Request, when: When::IfPresent },
        Required { component: "authorization", of: Of::Request, when: When::IfRequestUnsigned },
    ],
    also: &["content-type"],
    window: Seconds::new(60),
    skew: Seconds::new(10),
    algorithms: ALGORITHMS,
    nonce_required: false,
    unsigned: Unsigned::Permitted,
    errors: Errors::Signed,
};
