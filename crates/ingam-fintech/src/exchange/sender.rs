use bytes::Bytes;
use http::{HeaderValue, Method, Request};
use ingam_access_key::{DPOP, MakeAssertionError, MakeProofError, ProofTarget, make_assertion, make_proof};
use ingam_jose::CryptoProvider;
use ingam_protocol::ClientParameters;
use ingam_wire::{SecretText, UnixTime, form::Form};

use super::{InvalidTarget, post_form};
use crate::{
    membership::{Authentication, Membership},
    operator::{Endpoint, Operator},
};

/// Why a request to an operator was not made.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum SendError {
    /// The operator does not have this endpoint, or its URL cannot be requested.
    #[error(transparent)]
    Target(#[from] InvalidTarget),
    /// No assertion.
    #[error(transparent)]
    Assertion(#[from] MakeAssertionError),
    /// No proof.
    #[error(transparent)]
    Proof(#[from] MakeProofError),
}

impl SendError {
    /// The rule's name.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Target(_) => "Target",
            Self::Assertion(reason) => reason.name(),
            Self::Proof(reason) => reason.name(),
        }
    }
}

/// Who sends, to whom, when: with it every try is signed anew.
#[derive(Clone, Copy)]
pub(crate) struct Sender<'a> {
    pub(crate) membership: &'a Membership,
    pub(crate) operator: &'a Operator,
    pub(crate) provider: &'a dyn CryptoProvider,
    pub(crate) now: UnixTime,
}

impl Sender<'_> {
    /// A form to an endpoint, with a fresh assertion and a fresh proof, and `client_id` once.
    ///
    /// fapi: SP-C-2, SP-C-5, DP-21, MT-3, X-C-4, X-C-6, X-C-7
    pub(crate) async fn post(
        &self,
        endpoint: Endpoint,
        form: Form,
        nonce: Option<&str>,
        proven: bool,
    ) -> Result<Request<Bytes>, SendError> {
        let url = self.operator.endpoint(endpoint, self.membership).ok_or(InvalidTarget)?;
        let client_id = &self.membership.client_id;
        let assertion = match &self.membership.authentication {
            Authentication::Certificate => None,
            Authentication::PrivateKeyJwt(signer) => {
                let issuer = self.operator.issuer();
                let randomness = self.provider.randomness();
                Some(SecretText::new(make_assertion(client_id, issuer, &**signer, randomness, self.now).await?))
            }
        };
        let client_id = form.get("client_id").is_none().then(|| client_id.clone());
        let form = ClientParameters { client_id, assertion }.add_to(form);
        let mut request = post_form(url.as_str(), &form)?;
        if let Some(signer) = self.membership.proof_key().filter(|_| proven) {
            let target = ProofTarget { method: &Method::POST, url, access_key: None };
            let proof = make_proof(signer, self.provider, target, nonce, self.now).await?;
            request.headers_mut().insert(DPOP, HeaderValue::try_from(proof).map_err(|_| InvalidTarget)?);
        }
        Ok(request)
    }
}
