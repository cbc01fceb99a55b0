use core::fmt;

use bytes::Bytes;
use http::{HeaderMap, Response};
use ingam_jose::{BadSignature, SignatureAlgorithm, VerifyingKey};

use super::{
    algorithm, base,
    field::{SIGNATURE, SIGNATURE_INPUT, joined, signatures},
    input::{self, SignatureFieldError},
    select::SignatureError,
};
use crate::{
    head::{Head, ResponseHead},
    request::{PresentedRequest, Received},
};

/// One signature that a message presents, and the base it is over (RFC 9421 section 2.5); nothing is proven.
///
/// For tools and tests that look at what a peer signed. What accepts messages is [`crate::request::check`] and
/// [`crate::response::verify`], which know what must be covered.
#[derive(Clone, Eq, PartialEq)]
pub struct SignatureBase {
    label: String,
    base: String,
    key_id: Option<String>,
    alg: Option<String>,
    signature: Option<Vec<u8>>,
}

impl fmt::Debug for SignatureBase {
    /// Not the base: it may hold an access key.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignatureBase")
            .field("label", &self.label)
            .field("key_id", &self.key_id)
            .field("alg", &self.alg)
            .finish_non_exhaustive()
    }
}

impl SignatureBase {
    /// The label in both fields.
    #[must_use]
    pub fn label(&self) -> &str {
        &self.label
    }

    /// The bytes that were signed.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.base
    }

    /// `keyid`.
    #[must_use]
    pub fn key_id(&self) -> Option<&str> {
        self.key_id.as_deref()
    }

    /// The bytes under the same label in `Signature`, if there are any.
    #[must_use]
    pub fn signature(&self) -> Option<&[u8]> {
        self.signature.as_deref()
    }

    /// Whether the signature is `key`'s over the base; `alg`, where given, must be the key's algorithm.
    ///
    /// # Errors
    /// `AlgorithmNotAllowed`, `KeyAlgorithmMismatch` or `BadSignature`.
    pub fn verify(&self, key: &VerifyingKey) -> Result<(), SignatureError> {
        if let Some(alg) = self.alg.as_deref()
            && algorithm_named(alg)? != key.algorithm()
        {
            return Err(SignatureError::KeyAlgorithmMismatch);
        }
        let signature = self.signature.as_deref().ok_or(SignatureFieldError::LabelMismatch)?;
        key.verify(self.base.as_bytes(), signature).map_err(|BadSignature| SignatureError::BadSignature)
    }
}

/// The algorithm of a name in the registry of RFC 9421 section 6.2.2.
///
/// # Errors
/// `AlgorithmNotAllowed` for `rsa-pss-sha512`, `rsa-v1_5-sha256`, `hmac-sha256`, `ecdsa-p384-sha384` and whatever else
/// FAPI 2.0 does not admit.
pub fn algorithm_named(name: &str) -> Result<SignatureAlgorithm, SignatureError> {
    const ALL: [SignatureAlgorithm; 3] =
        [SignatureAlgorithm::Es256, SignatureAlgorithm::EdDsa, SignatureAlgorithm::Ps256];
    ALL.into_iter()
        .find(|candidate| algorithm::registered(*candidate) == Some(name))
        .ok_or(SignatureError::AlgorithmNotAllowed)
}

/// The bases of all signatures in `request`.
///
/// # Errors
/// [`SignatureFieldError`].
pub fn of_request(request: &PresentedRequest) -> Result<Vec<SignatureBase>, SignatureFieldError> {
    bases(Head::Request(&request.head), &request.head.headers)
}

/// The bases of all signatures in `response`, which came with `trailers` and answers `request` where that is known.
///
/// # Errors
/// [`SignatureFieldError`].
pub fn of_response(
    response: &Response<Bytes>,
    trailers: Option<&HeaderMap>,
    request: Option<&Received>,
) -> Result<Vec<SignatureBase>, SignatureFieldError> {
    let head = ResponseHead {
        status: response.status(),
        headers: response.headers(),
        trailers,
        request: request.map(|received| &*received.0),
    };
    bases(Head::Response(head), response.headers())
}

fn bases(head: Head<'_>, headers: &HeaderMap) -> Result<Vec<SignatureBase>, SignatureFieldError> {
    let input_field = joined(headers, &SIGNATURE_INPUT).unwrap_or_default();
    let signature_field = joined(headers, &SIGNATURE).unwrap_or_default();
    let signatures = signatures(&signature_field)?;
    let mut bases = Vec::new();
    for input in input::parse(&input_field)? {
        let signature = signatures.iter().find(|(label, _)| *label == input.label);
        bases.push(SignatureBase {
            label: input.label.to_owned(),
            base: base::build(&input, head)?,
            key_id: input.keyid.as_deref().map(str::to_owned),
            alg: input.alg.as_deref().map(str::to_owned),
            signature: signature.map(|(_, bytes)| bytes.clone()),
        });
    }
    Ok(bases)
}
