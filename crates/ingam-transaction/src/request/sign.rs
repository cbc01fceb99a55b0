use std::sync::Arc;

use bytes::Bytes;
use http::Request;
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
        head(request).map(|head| Self(Arc::new(head)))
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
    mut request: Request<Bytes>,
    signer: &dyn Signer,
    policy: &CoveragePolicy,
    provider: &dyn CryptoProvider,
    randomness: &dyn Randomness,
    now: UnixTime,
) -> Result<(Request<Bytes>, SentRequest), SigningError> {
    if select::is_signed(request.headers()) {
        return Err(SigningError::AlreadySigned);
    }
    let has_body = !request.body().is_empty();
    if has_body {
        let digest = field_value(request.body(), DigestAlgorithm::Sha256, provider);
        request.headers_mut().insert(CONTENT_DIGEST, digest);
    }
    let mut nonce = [0; 16];
    randomness.fill(&mut nonce).map_err(ingam_jose::SignError::from)?;
    let nonce = base64url::encode(nonce);
    let mut head = head(&request)?;
    let fields = make::fields(Head::Request(&head), has_body, policy, signer, Some(&nonce), now).await?;
    make::insert(request.headers_mut(), fields.clone());
    make::insert(&mut head.headers, fields);
    Ok((request, SentRequest(Arc::new(head))))
}

fn head(request: &Request<Bytes>) -> Result<RequestHead, SigningError> {
    let target = Target::absolute(request.uri()).map_err(|_| SigningError::NoTarget)?;
    Ok(RequestHead { method: request.method().clone(), target, headers: request.headers().clone(), trailers: None })
}
