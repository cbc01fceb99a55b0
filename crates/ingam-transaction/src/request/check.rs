use http::{HeaderMap, header::AUTHORIZATION};
use ingam_jose::{CryptoProvider, KeySet};
use ingam_ports::{Claim, ClaimPurpose, Unclaimed};
use ingam_protocol::ClientId;
use ingam_wire::UnixTime;

use super::{Coverage, PresentedRequest, VerifiedRequest, verified::Components};
use crate::{
    digest::{CONTENT_DIGEST, DigestError, Digests},
    head::Head,
    policy::{CoveragePolicy, Unsigned},
    signature::{
        field::trim,
        select::{Facts, Proven, SignatureError, SignatureFields},
    },
    target::TargetMismatch,
};

/// Who is said to have sent a request (the access key names it), and the keys registered for it.
#[derive(Clone, Copy, Debug)]
pub struct Sender<'a> {
    /// The fintech.
    pub fintech: &'a ClientId,
    /// Its signing keys.
    pub keys: &'a KeySet,
}

/// Why a request was refused, in the order of the checks.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum RequestRefused {
    /// The body is larger than [`crate::limits::BODY`].
    #[error("the body is too large")]
    BodyTooLarge,
    /// `Content-Length` is not the body's length.
    #[error("the body has not the length it states")]
    LengthMismatch,
    /// The request's absolute target lies under another origin.
    #[error(transparent)]
    TargetMismatch(#[from] TargetMismatch),
    /// There is no signature, and the policy wants one.
    #[error("the request is not signed")]
    SignatureMissing,
    /// The signature does not stand for the request.
    #[error(transparent)]
    Signature(#[from] SignatureError),
    /// The body is not the one the digest is of.
    #[error(transparent)]
    Digest(#[from] DigestError),
}

impl RequestRefused {
    /// The variant's name, as the audit log prints it.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::BodyTooLarge => "BodyTooLarge",
            Self::LengthMismatch => "LengthMismatch",
            Self::TargetMismatch(_) => "TargetMismatch",
            Self::SignatureMissing => "SignatureMissing",
            Self::Signature(error) => error.name(),
            Self::Digest(error) => error.name(),
        }
    }
}

/// Verifies `presented` as a request of `sender` at `now`: signature, coverage, freshness, digest, in that order.
///
/// The replay claim it returns outlives the window in which the signature is accepted; it is over the nonce, else over
/// the signed bytes, since an ECDSA signature has a second form that anybody can compute.
///
/// x1149: 3.1.17.2
/// fapi: FH-2, HS-1, HS-2, HS-5, HS-6, HD-1
///
/// # Errors
/// The first [`RequestRefused`] that applies.
pub fn check(
    presented: PresentedRequest,
    sender: Sender<'_>,
    policy: &CoveragePolicy,
    provider: &dyn CryptoProvider,
    now: UnixTime,
) -> Result<Unclaimed<VerifiedRequest>, RequestRefused> {
    let PresentedRequest { head, body } = presented;
    let (coverage, signer, claims) = if let Some(fields) = SignatureFields::of(&head.headers) {
        let facts = Facts { has_body: !body.is_empty() };
        let proven = fields.verify(Head::Request(&head), facts, policy, sender.keys, now)?;
        let claim = claim(&proven, policy, provider);
        check_digest(&head.headers, &body, provider)?;
        (Coverage::Signed(Components(proven.covered)), Some(proven.key), vec![claim])
    } else {
        if policy.unsigned == Unsigned::Refused {
            return Err(RequestRefused::SignatureMissing);
        }
        check_digest_if_there(&head.headers, &body, provider)?;
        (Coverage::Unsigned, None, Vec::new())
    };
    let access_key = access_key(&head.headers).filter(|_| coverage.shows_field(AUTHORIZATION.as_str()));
    let access_key_hash = access_key.map(|access_key| provider.sha256(&[access_key]));
    let request = VerifiedRequest {
        head,
        body,
        coverage,
        fintech: sender.fintech.clone(),
        signer,
        access_key_hash,
        policy: policy.name,
    };
    Ok(Unclaimed::new(request, claims))
}

/// The body under a covered `Content-Digest`: every digest of an accepted algorithm must be of it.
pub(crate) fn check_digest(
    headers: &HeaderMap,
    body: &[u8],
    provider: &dyn CryptoProvider,
) -> Result<(), RequestRefused> {
    match Digests::of_field(headers, &CONTENT_DIGEST) {
        Ok(Some(digests)) => Ok(digests.check(body, provider)?),
        Ok(None) if body.is_empty() => Ok(()),
        // A weak algorithm proves nothing: the component is as good as missing.
        Ok(None) | Err(DigestError::NoActiveAlgorithm) => {
            Err(SignatureError::RequiredComponentMissing { component: "content-digest" }.into())
        }
        Err(error) => Err(error.into()),
    }
}

/// The body of an unsigned message: a digest proves nothing there, but a wrong one means a broken body.
pub(crate) fn check_digest_if_there(
    headers: &HeaderMap,
    body: &[u8],
    provider: &dyn CryptoProvider,
) -> Result<(), DigestError> {
    match Digests::of_field(headers, &CONTENT_DIGEST) {
        Ok(Some(digests)) => digests.check(body, provider),
        Ok(None) | Err(DigestError::NoActiveAlgorithm) => Ok(()),
        Err(error) => Err(error),
    }
}

/// The one-time id of a signature: its sender's key and nonce, else its key and signed bytes.
fn claim(proven: &Proven<'_>, policy: &CoveragePolicy, provider: &dyn CryptoProvider) -> Claim {
    const PURPOSE: ClaimPurpose = ClaimPurpose::Signature;
    const BY_NONCE: &[u8] = &[3, b'n'];
    const BY_BYTES: &[u8] = &[3, b'b'];
    let thumbprint = proven.key.thumbprint();
    let sender = thumbprint.as_bytes().as_slice();
    let digest = match &proven.nonce {
        Some(nonce) => provider.sha256(&[BY_NONCE, sender, nonce.as_bytes()]),
        None => provider.sha256(&[BY_BYTES, sender, proven.base.as_bytes()]),
    };
    let expires = proven.created.plus(policy.remembered());
    Claim { purpose: PURPOSE, digest, stated: proven.created, expires }
}

/// The token of the one `Authorization` line.
fn access_key(headers: &HeaderMap) -> Option<&[u8]> {
    let mut lines = headers.get_all(AUTHORIZATION).iter();
    let line = trim(lines.next().filter(|_| lines.next().is_none())?.as_bytes());
    let scheme = line.iter().position(|byte| *byte == b' ')?;
    let token = trim(line.get(scheme..)?);
    (line.is_ascii() && !token.is_empty() && !token.contains(&b' ')).then_some(token)
}
