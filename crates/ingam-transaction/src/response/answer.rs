use bytes::Bytes;
use http::Response;
use ingam_jose::{CryptoProvider, Signer};
use ingam_wire::UnixTime;

use crate::{
    digest::{CONTENT_DIGEST, DigestAlgorithm, WANT_CONTENT_DIGEST, field_value, wanted},
    head::{Head, ResponseHead, without_content},
    policy::{CoveragePolicy, Errors},
    request::Received,
    signature::{
        make::{self, SigningError},
        select,
    },
};

/// Signs `response` as the answer to the request `to`: status, digest, content type, and the request's method, target,
/// digest and signature, so that it answers this request and no other.
///
/// Errors are signed like everything else unless the policy says otherwise; then they leave as they are.
///
/// x1149: 3.1.16.5
/// fapi: FH-3, HS-7, HD-1
///
/// # Errors
/// [`SigningError`].
pub async fn answer(
    to: &Received,
    mut response: Response<Bytes>,
    signer: &dyn Signer,
    policy: &CoveragePolicy,
    provider: &dyn CryptoProvider,
    now: UnixTime,
) -> Result<Response<Bytes>, SigningError> {
    let failed = response.status().is_client_error() || response.status().is_server_error();
    if failed && policy.errors == Errors::Unsigned {
        return Ok(response);
    }
    if select::is_signed(response.headers()) {
        return Err(SigningError::AlreadySigned);
    }
    // What such an answer has as body never leaves, so its digest would be of nothing there.
    let has_body = !response.body().is_empty() && !without_content(&to.0.method, response.status());
    if has_body {
        let wish = wanted(&to.0.headers, &WANT_CONTENT_DIGEST).ok().and_then(|wanted| wanted.preferred());
        let digest = field_value(response.body(), wish.unwrap_or(DigestAlgorithm::Sha256), provider);
        response.headers_mut().insert(CONTENT_DIGEST, digest);
    }
    let head =
        ResponseHead { status: response.status(), headers: response.headers(), trailers: None, request: Some(&to.0) };
    let fields = make::fields(Head::Response(head), has_body, policy, signer, None, now).await?;
    make::insert(response.headers_mut(), fields);
    Ok(response)
}
