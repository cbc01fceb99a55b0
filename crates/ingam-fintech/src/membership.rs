use std::sync::Arc;

use ingam_access_key::AccessKeyPolicy;
use ingam_jose::Signer;
use ingam_protocol::{ClientId, Issuer, RedirectUri, ResponseMode, TokenType};
use ingam_transaction::policy::{CoveragePolicy, FAPI_2_REQUEST, FAPI_2_RESPONSE};
use ingam_wire::{HttpUrl, Seconds};

/// How far an operator's clock may be from ours: what FAPI 2.0 section 5.3.2.1-13 accepts the other way round.
pub(crate) const LEEWAY: Seconds = Seconds::new(10);

/// What a fintech and one operator agreed at onboarding; one value per operator, nothing of it comes from the network.
///
/// fapi: SP-C-10
#[derive(Clone, Debug)]
pub struct Membership {
    /// The operator, byte by byte, from an authoritative source.
    pub issuer: Issuer,
    /// The fintech's name there.
    pub client_id: ClientId,
    /// How the fintech proves who it is.
    pub authentication: Authentication,
    /// What access keys are bound to.
    pub binding: Binding,
    /// How authorization requests travel.
    pub request: RequestForm,
    /// How the operator answers through the user agent.
    pub response: ResponseMode,
    /// Where it answers.
    pub redirect_uri: RedirectUri,
    /// The base of the operator's resources, without a final slash: access keys go nowhere else.
    pub resource: HttpUrl,
    /// Whether requests and answers of the usage phase are signed.
    pub messages: Messages,
    /// Whether the mTLS endpoints are used although neither authentication nor binding needs them (FAPI 2.0 section 5.2.2.1).
    pub use_mtls_endpoint_aliases: bool,
}

/// How a fintech proves who it is (FAPI 2.0 section 5.3.3.1).
///
/// fapi: SP-C-2
#[derive(Clone, Debug)]
pub enum Authentication {
    /// With a signed assertion for each request.
    PrivateKeyJwt(Arc<dyn Signer>),
    /// With the certificate that the transport shows.
    Certificate,
}

/// What access keys are bound to (FAPI 2.0 section 5.3.3.1).
///
/// fapi: SP-C-1
#[derive(Clone, Debug)]
pub enum Binding {
    /// This key, by DPoP proofs.
    Dpop(Arc<dyn Signer>),
    /// The certificate that the transport shows.
    Certificate,
}

/// How authorization requests travel.
#[derive(Clone, Debug)]
pub enum RequestForm {
    /// Pushed as a form.
    Pushed,
    /// Pushed as a signed request object (FAPI 2.0 Message Signing section 5.3).
    Signed(Arc<dyn Signer>),
}

/// How messages of the usage phase are protected besides TLS and the proof.
#[derive(Clone, Debug)]
pub enum Messages {
    /// They are not; answers that are signed are still verified.
    Unsigned,
    /// Requests are signed, and answers are believed only when they are.
    Signed(Box<SignedMessages>),
}

/// With what requests are signed, and what must be covered.
#[derive(Clone, Debug)]
pub struct SignedMessages {
    /// The fintech's signing key for transaction messages.
    pub signer: Arc<dyn Signer>,
    /// What requests cover.
    pub request: CoveragePolicy,
    /// What answers must cover.
    pub response: CoveragePolicy,
}

impl Messages {
    /// Signed after FAPI 2.0 HTTP Signatures.
    #[must_use]
    pub fn fapi(signer: Arc<dyn Signer>) -> Self {
        Self::Signed(Box::new(SignedMessages { signer, request: FAPI_2_REQUEST, response: FAPI_2_RESPONSE }))
    }
}

impl Membership {
    /// Whether the endpoints that ask for a certificate are used.
    ///
    /// fapi: SP-C-7, SP-N-7, MT-8
    pub(crate) const fn uses_mtls_endpoints(&self) -> bool {
        self.use_mtls_endpoint_aliases
            || matches!(self.authentication, Authentication::Certificate)
            || matches!(self.binding, Binding::Certificate)
    }

    /// Which algorithms an operator may sign with.
    ///
    /// fapi: SP-K-1
    pub(crate) fn policy(&self) -> AccessKeyPolicy {
        match self.request {
            RequestForm::Pushed => AccessKeyPolicy::fapi2_security(),
            RequestForm::Signed(_) => AccessKeyPolicy::fapi2_message_signing(),
        }
    }

    /// How access keys are presented when they are bound as agreed.
    pub(crate) const fn token_type(&self) -> TokenType {
        match self.binding {
            Binding::Dpop(_) => TokenType::Dpop,
            Binding::Certificate => TokenType::Bearer,
        }
    }

    /// The key of proofs.
    pub(crate) fn proof_key(&self) -> Option<&dyn Signer> {
        match &self.binding {
            Binding::Dpop(signer) => Some(&**signer),
            Binding::Certificate => None,
        }
    }
}
