use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderMap, Method, Request, StatusCode, header};
use ingam_access_key::{
    INTROSPECTION_JWT, IntrospectedAccess, IntrospectionError, MakeAssertionError, Verifier, check_introspection,
    make_assertion,
};
use ingam_jose::{CryptoProvider, Signer};
use ingam_ports::{Transport, TransportError};
use ingam_protocol::{
    ClientId, ClientParameters, IntrospectionRequest, IntrospectionResponse, IntrospectionResponseError, Issuer,
    TokenHint,
};
use ingam_wire::{HttpUrl, SecretText, UnixTime};

/// Where an operator is asked about its access keys that are no JWTs (RFC 7662).
#[derive(Clone, Debug)]
pub struct Introspection {
    /// The operator; what it says counts for its own access keys only. Its answers are signed with the keys that the
    /// verifier trusts it with.
    pub issuer: Issuer,
    /// Its introspection endpoint.
    pub endpoint: HttpUrl,
    /// Who asks: the resource server as the operator knows it; signed answers name it as their audience.
    pub client: ClientId,
    /// How the resource server authenticates.
    pub authentication: IntrospectionAuthentication,
    /// Which answers count.
    pub answers: IntrospectionAnswers,
    /// Carries question and answer; its bounds on size and time are those of a call to the API.
    pub transport: Arc<dyn Transport>,
}

/// How a resource server authenticates where it asks about access keys.
#[derive(Clone, Debug)]
pub enum IntrospectionAuthentication {
    /// With an assertion under this key, a new one for each question (RFC 7523).
    PrivateKeyJwt(Arc<dyn Signer>),
    /// With the certificate that the transport shows (RFC 8705).
    Certificate,
}

/// Which answers about access keys count; the other kind is refused.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum IntrospectionAnswers {
    /// Those that the operator signed for this resource server (RFC 9701).
    Signed,
    /// JSON that nothing but the channel vouches for (RFC 7662): for operators that sign none.
    PlainOverTls,
}

/// Why there is no answer about an access key that counts.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub(super) enum IntrospectionFailed {
    /// The question could not be signed.
    #[error("the question is not signed: {0}")]
    Assertion(#[from] MakeAssertionError),
    /// The operator is not reached.
    #[error("the operator is not reached: {0}")]
    Unreachable(#[from] TransportError),
    /// The operator does not answer the question.
    #[error("the operator does not answer")]
    Status,
    /// The answer is not of the kind that counts here.
    #[error("the answer is of another media type")]
    MediaType,
    /// The verifier no longer trusts the operator.
    #[error("the operator is not trusted any more")]
    Untrusted,
    /// The signed answer.
    #[error(transparent)]
    Signed(#[from] IntrospectionError),
    /// The plain answer.
    #[error(transparent)]
    Plain(#[from] IntrospectionResponseError),
    /// The answer is about another operator's access key.
    #[error("the answer is about another operator's access key")]
    OfAnotherIssuer,
}

impl IntrospectionFailed {
    /// What the record says of it.
    pub(super) const fn name(&self) -> &'static str {
        match self {
            Self::Assertion(_) => "IntrospectionAssertion",
            Self::Unreachable(_) => "IntrospectionUnreachable",
            Self::Status => "IntrospectionStatus",
            Self::MediaType => "IntrospectionMediaType",
            Self::Untrusted => "IntrospectionUntrusted",
            Self::Signed(error) => error.name(),
            Self::Plain(_) => "IntrospectionJson",
            Self::OfAnotherIssuer => "IntrospectionOfAnotherIssuer",
        }
    }
}

impl Introspection {
    /// Asks about the access key `token`; the answer counts for it and no other.
    ///
    /// fapi: IN-1, MS-16, IJ-3
    pub(super) async fn ask(
        &self,
        token: &str,
        verifier: &Verifier,
        provider: &dyn CryptoProvider,
        now: UnixTime,
    ) -> Result<IntrospectedAccess, IntrospectionFailed> {
        // What is too long to be asked about was issued by nobody.
        let Ok(asked) = token.parse() else {
            return Ok(IntrospectedAccess::over_tls(token, IntrospectionResponse::Inactive, provider));
        };
        let question = IntrospectionRequest { token: asked, hint: Some(TokenHint::AccessToken) };
        let answer = self.transport.exchange(self.request(&question, provider, now).await?).await?;
        if answer.status() != StatusCode::OK {
            return Err(IntrospectionFailed::Status);
        }
        if !is_of(answer.headers(), self.answers.media_type()) {
            return Err(IntrospectionFailed::MediaType);
        }
        match self.answers {
            IntrospectionAnswers::Signed => {
                let keys = verifier.keys_of(&self.issuer).ok_or(IntrospectionFailed::Untrusted)?;
                let text = core::str::from_utf8(answer.body()).map_err(|_| IntrospectionFailed::MediaType)?;
                let (issuer, client, policy) = (&self.issuer, self.client.as_str(), verifier.policy());
                Ok(check_introspection(text, token, issuer, client, keys, policy, provider, now)?)
            }
            IntrospectionAnswers::PlainOverTls => {
                let answer = IntrospectionResponse::parse(answer.body())?;
                Ok(IntrospectedAccess::over_tls(token, answer, provider))
            }
        }
    }

    async fn request(
        &self,
        question: &IntrospectionRequest,
        provider: &dyn CryptoProvider,
        now: UnixTime,
    ) -> Result<Request<Bytes>, IntrospectionFailed> {
        let assertion = match &self.authentication {
            IntrospectionAuthentication::Certificate => None,
            IntrospectionAuthentication::PrivateKeyJwt(signer) => {
                let made = make_assertion(&self.client, &self.issuer, &**signer, provider.randomness(), now).await?;
                Some(SecretText::new(made))
            }
        };
        let client = ClientParameters { client_id: Some(self.client.clone()), assertion };
        let form = client.add_to(question.to_form());
        Request::builder()
            .method(Method::POST)
            .uri(self.endpoint.as_str())
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(header::ACCEPT, self.answers.media_type())
            .body(form.encode().into())
            .map_err(|_| IntrospectionFailed::Unreachable(TransportError::AddressNotAllowed))
    }
}

impl IntrospectionAnswers {
    const fn media_type(self) -> &'static str {
        match self {
            Self::Signed => INTROSPECTION_JWT,
            Self::PlainOverTls => "application/json",
        }
    }
}

fn is_of(headers: &HeaderMap, expected: &str) -> bool {
    let media = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    media.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case(expected)
}
