use bytes::Bytes;
use http::{HeaderValue, Method, Request, header};
use ingam_access_key::{DPOP, MakeProofError, ProofTarget, make_proof};
use ingam_jose::CryptoProvider;
use ingam_protocol::{IdempotencyKey, InteractionId};
use ingam_transaction::{
    request::{SentRequest, sign},
    response::ResponseRefused,
    signature::SigningError,
};
use ingam_wire::{HttpUrl, RandomnessUnavailable, UnixTime, json::JsonError};

use super::StepUp;
use crate::{
    access::Access,
    exchange::{InvalidTarget, Refusal},
    membership::{Membership, Messages},
};

/// One call of an operator's resource (B②), to be tried with a fresh proof and signature each time.
#[derive(Clone, Debug)]
pub struct Call {
    method: Method,
    path: String,
    query: Option<String>,
    body: Bytes,
    idempotency_key: Option<IdempotencyKey>,
    interaction: InteractionId,
}

/// A call as it left: what its answer is verified against.
#[derive(Debug)]
pub struct Sent {
    pub(super) request: SentRequest,
    pub(super) interaction: InteractionId,
}

/// Why a call came to nothing, in the order of the checks.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum CallError {
    /// The access key is another operator's: it is not sent (FAPI 2.0 section 6, cuckoo tokens).
    #[error("the access key is another operator's")]
    ForeignOperator,
    /// The URL cannot be requested, or lies outside the operator's resources.
    #[error(transparent)]
    Target(#[from] InvalidTarget),
    /// No randomness.
    #[error(transparent)]
    Randomness(#[from] RandomnessUnavailable),
    /// No proof.
    #[error(transparent)]
    Proof(#[from] MakeProofError),
    /// The request was not signed.
    #[error(transparent)]
    Signing(#[from] SigningError),
    /// The answer is not the operator's, or not to this request: nothing of it is believed.
    #[error(transparent)]
    Answer(#[from] ResponseRefused),
    /// The user must authenticate anew or better: begin again with this (RFC 9470).
    #[error("the user must authenticate again")]
    StepUp(StepUp),
    /// The operator refused.
    #[error("the operator refused: {0}")]
    Refused(Refusal),
    /// The answer has another status than the call has.
    #[error("unexpected status {0}")]
    UnexpectedStatus(u16),
    /// The answer is not of the expected shape.
    #[error(transparent)]
    Body(#[from] JsonError),
}

impl CallError {
    /// The rule's name.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::ForeignOperator => "ForeignOperator",
            Self::Target(_) => "Target",
            Self::Randomness(_) => "Randomness",
            Self::Proof(reason) => reason.name(),
            Self::Signing(reason) => reason.name(),
            Self::Answer(reason) => reason.name(),
            Self::StepUp(_) => "StepUp",
            Self::Refused(_) => "Refused",
            Self::UnexpectedStatus(_) => "UnexpectedStatus",
            Self::Body(_) => "Body",
        }
    }
}

impl Call {
    /// A GET of `path` (beginning with `/`, below the operator's resource base).
    ///
    /// # Errors
    /// `Randomness`.
    pub fn get(path: &str, query: Option<String>, provider: &dyn CryptoProvider) -> Result<Self, CallError> {
        let mut random = [0; 16];
        provider.randomness().fill(&mut random)?;
        let interaction = InteractionId::from_random(random);
        Ok(Self {
            method: Method::GET,
            path: path.to_owned(),
            query,
            body: Bytes::new(),
            idempotency_key: None,
            interaction,
        })
    }

    /// A POST of JSON to `path`, under a key that makes a repetition the same act.
    ///
    /// # Errors
    /// `Randomness`.
    pub fn post(
        path: &str,
        body: String,
        idempotency_key: IdempotencyKey,
        provider: &dyn CryptoProvider,
    ) -> Result<Self, CallError> {
        let call = Self::get(path, None, provider)?;
        Ok(Self { method: Method::POST, body: Bytes::from(body), idempotency_key: Some(idempotency_key), ..call })
    }

    /// The HTTP request of one try: the access key in `Authorization` and nowhere else, a fresh proof over it, a fresh
    /// signature over all of it; only to the operator that issued the key.
    ///
    /// x1149: 3.1.17.2
    /// fapi: SP-C-3, SP-K-11, DP-2, FH-1, X-C-6, X-C-22
    ///
    /// # Errors
    /// The first [`CallError`] that applies.
    pub async fn request(
        &self,
        access: &Access,
        membership: &Membership,
        provider: &dyn CryptoProvider,
        nonce: Option<&str>,
        now: UnixTime,
    ) -> Result<(Request<Bytes>, Sent), CallError> {
        if access.issuer != membership.issuer {
            return Err(CallError::ForeignOperator);
        }
        let url = self.url(membership)?;
        let mut request = crate::exchange::get(url.as_str())?;
        *request.method_mut() = self.method.clone();
        *request.body_mut() = self.body.clone();
        let headers = request.headers_mut();
        let authorization =
            zeroize::Zeroizing::new(format!("{} {}", access.token_type.as_str(), access.token.expose()));
        let mut authorization = HeaderValue::try_from(&*authorization).map_err(|_| InvalidTarget)?;
        authorization.set_sensitive(true);
        headers.insert(header::AUTHORIZATION, authorization);
        let field = |text: &str| HeaderValue::try_from(text).map_err(|_| InvalidTarget);
        headers.insert(InteractionId::HEADER, field(self.interaction.as_str())?);
        if let Some(key) = &self.idempotency_key {
            headers.insert(IdempotencyKey::HEADER, field(key.as_str())?);
        }
        if !self.body.is_empty() {
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        }
        if let Some(signer) = membership.proof_key() {
            let target = ProofTarget { method: &self.method, url: &url, access_key: Some(access.token.expose()) };
            let proof = make_proof(signer, provider, target, nonce, now).await?;
            headers.insert(DPOP, field(&proof)?);
        }
        let (request, sent) = match &membership.messages {
            Messages::Unsigned => {
                let sent = SentRequest::of(&request)?;
                (request, sent)
            }
            Messages::Signed(by) => {
                sign(request, &*by.signer, &by.request, provider, provider.randomness(), now).await?
            }
        };
        Ok((request, Sent { request: sent, interaction: self.interaction.clone() }))
    }

    /// The URL below the membership's base; a path that would leave it is none.
    ///
    /// fapi: SP-K-11
    fn url(&self, membership: &Membership) -> Result<HttpUrl, InvalidTarget> {
        let base = membership.resource.as_str();
        let stays = self.path.starts_with('/')
            && !self.path.starts_with("//")
            && !self.path.contains(['?', '#', '\\'])
            && self.path.split('/').all(|part| part != ".." && part != ".");
        if !stays || !membership.resource.is_https() {
            return Err(InvalidTarget);
        }
        let query = self.query.as_ref().map(|query| format!("?{query}")).unwrap_or_default();
        let text = format!("{}{}{query}", base.strip_suffix('/').unwrap_or(base), self.path);
        let url: HttpUrl = text.parse().map_err(|_| InvalidTarget)?;
        if url.origin() == membership.resource.origin() { Ok(url) } else { Err(InvalidTarget) }
    }
}
