use std::sync::Arc;

use bytes::Bytes;
use http::{Request, Uri};
use ingam_jose::{CryptoProvider, Signer};
use ingam_wire::{Randomness, UnixTime, base64url};

use crate::{
    digest::{CONTENT_DIGEST, DigestAlgorithm, field_value},
    head::{Head, RequestHead},
    policy::CoveragePolicy,
    signature::{
        make::{self, SigningError},
        select,
    },
    target::Target,
};

/// A request that was sent: what its answer is verified against.
#[derive(Clone, Debug)]
pub struct SentRequest(pub(crate) Arc<RequestHead>);

impl SentRequest {
    /// Remembers `request` (absolute URI) as it leaves, signed or not.
    ///
    /// # Errors
    /// [`SigningError::NoTarget`].
    pub fn of(request: &Request<Bytes>) -> Result<Self, SigningError> {
        let (method, headers) = (request.method().clone(), request.headers().clone());
        Ok(Self(Arc::new(RequestHead { method, target: target(request.uri())?, headers, trailers: None })))
    }
}

/// Signs `request` (absolute URI): adds `Content-Digest` over a body, `Signature-Input` and `Signature` with a fresh
/// nonce. A retry is signed anew.
///
/// fapi: FH-1, HD-1
///
/// # Errors
/// [`SigningError`].
pub async fn sign(
    request: Request<Bytes>,
    signer: &dyn Signer,
    policy: &CoveragePolicy,
    provider: &dyn CryptoProvider,
    randomness: &dyn Randomness,
    now: UnixTime,
) -> Result<(Request<Bytes>, SentRequest), SigningError> {
    if select::is_signed(request.headers()) {
        return Err(SigningError::AlreadySigned);
    }
    let mut nonce = [0; 16];
    randomness.fill(&mut nonce).map_err(ingam_jose::SignError::from)?;
    let nonce = base64url::encode(nonce);

    let (mut parts, body) = request.into_parts();
    let (method, target) = (parts.method.clone(), target(&parts.uri)?);
    let mut headers = core::mem::take(&mut parts.headers);
    // What is added here.
    headers.reserve(3);
    if !body.is_empty() {
        headers.insert(CONTENT_DIGEST, field_value(&body, DigestAlgorithm::Sha256, provider));
    }
    let mut head = RequestHead { method, target, headers, trailers: None };
    let fields = make::fields(Head::Request(&head), !body.is_empty(), policy, signer, Some(&nonce), now).await?;
    make::insert(&mut head.headers, fields);
    parts.headers = head.headers.clone();
    Ok((Request::from_parts(parts, body), SentRequest(Arc::new(head))))
}

fn target(uri: &Uri) -> Result<Target, SigningError> {
    Target::absolute(uri).map_err(|_| SigningError::NoTarget)
}
