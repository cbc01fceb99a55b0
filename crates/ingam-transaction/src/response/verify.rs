use core::fmt;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Response, StatusCode};
use ingam_jose::{CryptoProvider, KeySet, VerifyingKey};
use ingam_wire::UnixTime;

use crate::{
    digest::DigestError,
    head::{Head, Length, ResponseHead, length_lies, without_content},
    limits,
    policy::{CoveragePolicy, Unsigned},
    request::{Components, Coverage, RequestRefused, SentRequest, check_digest, check_digest_if_there},
    signature::select::{Facts, SignatureError, SignatureFields},
};

/// An answer that was verified to be the operator's, to the request that was sent.
///
/// It shows what was covered and nothing else. Only [`verify`] makes one:
///
/// ```
/// # use ingam_transaction::response::VerifiedResponse;
/// fn show(answer: &VerifiedResponse) -> usize { answer.body().len() }
/// ```
/// ```compile_fail
/// # use ingam_transaction::response::VerifiedResponse;
/// fn show(answer: &VerifiedResponse) -> usize { answer.body.len() }
/// ```
pub struct VerifiedResponse {
    status: StatusCode,
    headers: HeaderMap,
    body: Bytes,
    coverage: Coverage,
    signer: Option<VerifyingKey>,
}

impl fmt::Debug for VerifiedResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VerifiedResponse")
            .field("status", &self.status)
            .field("body", &Length(&self.body))
            .field("coverage", &self.coverage)
            .field("signer", &self.signer)
            .finish_non_exhaustive()
    }
}

/// Why an answer was refused, in the order of the checks; nothing of it is to be believed, not even its status.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum ResponseRefused {
    /// The body is larger than [`crate::limits::BODY`].
    #[error("the body is too large")]
    BodyTooLarge,
    /// `Content-Length` is not the body's length.
    #[error("the body has not the length it states")]
    LengthMismatch,
    /// There is no signature, and the policy wants one.
    #[error("the answer is not signed")]
    SignatureMissing,
    /// The signature does not stand for the answer.
    #[error(transparent)]
    Signature(SignatureError),
    /// The signature is not the operator's over this answer to this request: it answers another request, or was changed.
    #[error("the answer does not belong to the request")]
    ResponseNotBound,
    /// The body is not the one the digest is of.
    #[error(transparent)]
    Digest(#[from] DigestError),
}

impl ResponseRefused {
    /// The variant's name, as the audit log prints it.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::BodyTooLarge => "BodyTooLarge",
            Self::LengthMismatch => "LengthMismatch",
            Self::SignatureMissing => "SignatureMissing",
            Self::Signature(error) => error.name(),
            Self::ResponseNotBound => "ResponseNotBound",
            Self::Digest(error) => error.name(),
        }
    }
}

impl From<RequestRefused> for ResponseRefused {
    fn from(error: RequestRefused) -> Self {
        match error {
            RequestRefused::Digest(error) => Self::Digest(error),
            RequestRefused::Signature(error) => Self::Signature(error),
            _ => Self::SignatureMissing,
        }
    }
}

/// Verifies `response` as the operator's answer to the request `sent`, before any of it is read.
///
/// The `req` components are taken from what was sent, so an answer to another request has another base.
///
/// x1149: 3.1.16.5, 3.1.17.2
/// fapi: FH-4, HS-4, HS-7
///
/// # Errors
/// The first [`ResponseRefused`] that applies.
pub fn verify(
    sent: &SentRequest,
    response: Response<Bytes>,
    keys: &KeySet,
    policy: &CoveragePolicy,
    provider: &dyn CryptoProvider,
    now: UnixTime,
) -> Result<VerifiedResponse, ResponseRefused> {
    let (parts, body) = response.into_parts();
    if body.len() > limits::BODY {
        return Err(ResponseRefused::BodyTooLarge);
    }
    // An answer to HEAD and a 304 state the length of a body they do not have (RFC 9110 section 8.6).
    if !without_content(&sent.0.method, parts.status) && length_lies(&parts.headers, &body) {
        return Err(ResponseRefused::LengthMismatch);
    }
    let (coverage, signer) = if let Some(fields) = SignatureFields::of(&parts.headers) {
        let head =
            ResponseHead { status: parts.status, headers: &parts.headers, trailers: None, request: Some(&sent.0) };
        let facts = Facts { has_body: !body.is_empty() };
        let proven = fields.verify(Head::Response(head), facts, policy, keys, now).map_err(|error| match error {
            SignatureError::BadSignature => ResponseRefused::ResponseNotBound,
            error => ResponseRefused::Signature(error),
        })?;
        check_digest(&parts.headers, &body, provider)?;
        (Coverage::Signed(Components(proven.covered)), Some(proven.key))
    } else {
        if policy.unsigned == Unsigned::Refused {
            return Err(ResponseRefused::SignatureMissing);
        }
        check_digest_if_there(&parts.headers, &body, provider)?;
        (Coverage::Unsigned, None)
    };
    Ok(VerifiedResponse { status: parts.status, headers: parts.headers, body, coverage, signer })
}

impl VerifiedResponse {
    /// What protects the answer.
    #[must_use]
    pub const fn coverage(&self) -> &Coverage {
        &self.coverage
    }

    /// The status.
    #[must_use]
    pub const fn status(&self) -> StatusCode {
        self.status
    }

    /// The body: the bytes the covered digest is of (a signed body always has one).
    #[must_use]
    pub const fn body(&self) -> &Bytes {
        &self.body
    }

    /// The value of a field (name in lower case), if the signature covers it and it stands there exactly once.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&HeaderValue> {
        let mut values = self.headers.get_all(name).iter().filter(|_| self.coverage.shows_field(name));
        values.next().filter(|_| values.next().is_none())
    }

    /// The key that signed.
    #[must_use]
    pub const fn signer(&self) -> Option<&VerifyingKey> {
        self.signer.as_ref()
    }
}
