use ingam_jose::jwt::JwtError;
use ingam_protocol::OAuthError;

use crate::dpop::ProofError;

/// Why a request with an access key was refused, in the order of the checks (RFC 6750, RFC 9068, RFC 9449, RFC 8705).
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum AccessRefused {
    /// The access key is in the query, where it leaks (SP 5.3.4-2).
    #[error("an access key in the query is never taken")]
    InQuery,
    /// There is no access key.
    #[error("no access key")]
    Missing,
    /// There is more than one `Authorization` field.
    #[error("more than one authorization field")]
    TooManyAccessKeys,
    /// The `Authorization` field is not `DPoP` or `Bearer` and a token.
    #[error("malformed authorization field")]
    Malformed,
    /// Not a well-formed access key signed by a trusted operator.
    #[error("the access key is not good: {0}")]
    Token(JwtError),
    /// Its algorithm is not permitted.
    #[error("the access key's algorithm is not allowed")]
    AlgorithmNotAllowed,
    /// Its issuer is not trusted here.
    #[error("the access key is of an unknown issuer")]
    UnknownIssuer,
    /// It is for another resource server.
    #[error("the access key is for another resource server")]
    WrongAudience,
    /// `jti` is empty or too long.
    #[error("the access key's jti is malformed")]
    MalformedJti,
    /// It is past its end.
    #[error("the access key has expired")]
    Expired,
    /// It was issued in the future.
    #[error("the access key is from the future")]
    FromTheFuture,
    /// It was issued before the time from which on access keys count.
    #[error("the access key was issued before a general revocation")]
    IssuedTooEarly,
    /// It is unknown, inactive or revoked.
    #[error("the access key is not active")]
    Inactive,
    /// It is bound to a DPoP key and came as `Bearer`, or bound to a certificate and came as `DPoP`.
    #[error("the access key came under the wrong scheme")]
    SchemeMismatch,
    /// The proof is not good.
    #[error(transparent)]
    Proof(#[from] ProofError),
    /// The proof is by another key than the access key is bound to.
    #[error("the proof is by another key than the access key is bound to")]
    KeyMismatch,
    /// It is bound to a certificate and none was shown.
    #[error("a client certificate is required")]
    CertificateMissing,
    /// It is bound to another certificate.
    #[error("the access key is bound to another certificate")]
    CertificateMismatch,
}

impl AccessRefused {
    /// The variant's name, for records.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::InQuery => "InQuery",
            Self::Missing => "Missing",
            Self::TooManyAccessKeys => "TooManyAccessKeys",
            Self::Malformed => "Malformed",
            Self::Token(error) => error.name(),
            Self::AlgorithmNotAllowed => "AlgorithmNotAllowed",
            Self::UnknownIssuer => "UnknownIssuer",
            Self::WrongAudience => "WrongAudience",
            Self::MalformedJti => "MalformedJti",
            Self::Expired => "Expired",
            Self::FromTheFuture => "FromTheFuture",
            Self::IssuedTooEarly => "IssuedTooEarly",
            Self::Inactive => "Inactive",
            Self::SchemeMismatch => "SchemeMismatch",
            Self::Proof(error) => error.name(),
            Self::KeyMismatch => "KeyMismatch",
            Self::CertificateMissing => "CertificateMissing",
            Self::CertificateMismatch => "CertificateMismatch",
        }
    }

    /// What the peer is told; `None`: a challenge without error code, since nothing was presented (RFC 6750 section 3.1).
    ///
    /// fapi: OA-18, OA-19, SP-RS-2, SP-RS-3, DP-11, DP-13, MT-6, AT-5, X-AS-27, X-AS-29
    #[must_use]
    pub const fn to_oauth_error(&self) -> Option<OAuthError> {
        match self {
            Self::Missing => None,
            Self::InQuery | Self::TooManyAccessKeys | Self::Malformed => Some(OAuthError::InvalidRequest),
            Self::Proof(error) if error.wants_nonce() => Some(OAuthError::UseDpopNonce),
            Self::Proof(_) => Some(OAuthError::InvalidDpopProof),
            _ => Some(OAuthError::InvalidToken),
        }
    }

    /// The HTTP status at a resource: 400 for a malformed request, else 401 (RFC 6750 section 3.1; RFC 9449 section 7.1).
    ///
    /// fapi: OA-18, X-AS-29
    #[must_use]
    pub const fn status(&self) -> u16 {
        match self {
            Self::InQuery | Self::TooManyAccessKeys | Self::Malformed => 400,
            _ => 401,
        }
    }
}
