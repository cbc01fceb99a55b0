use ingam_wire::{Seconds, form::Form};
use serde_json::{Map, Value};

use super::{
    Parameters,
    details::{AuthorizationDetails, InvalidAuthorizationDetails},
    parameters::{Json, WrongType},
};
use crate::{
    Acr, ClientId, CodeChallenge, Nonce, OAuthError, Prompt, RedirectUri, Resource, ResponseMode, Scopes, Sha256Text,
    State, limits,
};

/// A②: what an authorization request asks, whether pushed as a form or inside a request object (RFC 9126, RFC 9101).
///
/// `response_type` is always `code` and the challenge always S256, so neither is a field.
///
/// fapi: SP-AZ-1, SP-AZ-5, SP-AZ-6, JM-4
#[derive(Clone, Debug, Eq, PartialEq, serde::Deserialize, serde::Serialize)]
pub struct AuthorizationRequest {
    /// `client_id`, if it was repeated here; must be the authenticated fintech.
    pub client_id: Option<ClientId>,
    /// Where the user agent goes back to.
    pub redirect_uri: RedirectUri,
    /// The PKCE challenge.
    pub code_challenge: CodeChallenge,
    /// What is asked, by scope.
    pub scope: Option<Scopes>,
    /// What is asked, in detail.
    pub authorization_details: Option<AuthorizationDetails>,
    /// Back unchanged in the answer, if there.
    pub state: Option<State>,
    /// Back unchanged in the ID token, if there.
    pub nonce: Option<Nonce>,
    /// How the operator answers.
    pub response_mode: Option<ResponseMode>,
    /// Where the access key is to be used (RFC 8707).
    pub resources: Vec<Resource>,
    /// Thumbprint of the key that the code is bound to (RFC 9449 section 10).
    pub dpop_jkt: Option<Sha256Text>,
    /// What the pages must do.
    pub prompt: Vec<Prompt>,
    /// The oldest authentication that is good enough.
    pub max_age: Option<Seconds>,
    /// How the user should be authenticated, best first.
    pub acr_values: Vec<Acr>,
}

/// Why an authorization request was refused, in the order of the checks.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum AuthorizationRequestError {
    /// `request` or `request_uri` where the parameters themselves are expected.
    #[error("request and request_uri are not allowed here")]
    NestedRequest,
    /// A parameter is repeated or a claim has the wrong JSON type.
    #[error("{0} is repeated or has the wrong type")]
    WrongType(&'static str),
    /// `client_id` is not one.
    #[error("malformed client_id")]
    InvalidClientId,
    /// No `response_type`.
    #[error("response_type is missing")]
    MissingResponseType,
    /// Another response type than `code`.
    #[error("only response_type code is supported")]
    UnsupportedResponseType,
    /// Another response mode than `query` and `jwt`.
    #[error("unsupported response_mode")]
    UnsupportedResponseMode,
    /// No `redirect_uri`.
    #[error("redirect_uri is missing")]
    MissingRedirectUri,
    /// The redirect URI is not an https URL without fragment.
    #[error("malformed redirect_uri")]
    InvalidRedirectUri,
    /// No `code_challenge`.
    #[error("code_challenge is missing")]
    MissingCodeChallenge,
    /// No method means `plain` (RFC 7636 section 4.3), which is refused like every method but S256.
    #[error("only code_challenge_method S256 is supported")]
    UnsupportedChallengeMethod,
    /// The challenge is not 43 characters of base64url.
    #[error("malformed code_challenge")]
    InvalidCodeChallenge,
    /// The scope is malformed or has more than 32 tokens.
    #[error("malformed scope")]
    InvalidScope,
    /// The state is longer than 2,048 characters or not visible characters.
    #[error("malformed state")]
    InvalidState,
    /// The nonce is longer than 512 characters or not visible characters.
    #[error("malformed nonce")]
    InvalidNonce,
    /// The authorization details.
    #[error("authorization_details: {0}")]
    AuthorizationDetails(#[from] InvalidAuthorizationDetails),
    /// A resource is not an absolute URL without fragment, or there are more than 8.
    #[error("malformed resource")]
    InvalidResource,
    /// `dpop_jkt` is not a thumbprint.
    #[error("malformed dpop_jkt")]
    InvalidDpopJkt,
    /// A prompt is unknown, or `none` is not alone.
    #[error("malformed prompt")]
    InvalidPrompt,
    /// `max_age` is not a number of seconds.
    #[error("malformed max_age")]
    InvalidMaxAge,
    /// An `acr` value is malformed, or there are more than 16.
    #[error("malformed acr_values")]
    InvalidAcrValues,
}

impl AuthorizationRequestError {
    /// The rule's name.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::NestedRequest => "NestedRequest",
            Self::WrongType(_) => "WrongType",
            Self::InvalidClientId => "InvalidClientId",
            Self::MissingResponseType => "MissingResponseType",
            Self::UnsupportedResponseType => "UnsupportedResponseType",
            Self::UnsupportedResponseMode => "UnsupportedResponseMode",
            Self::MissingRedirectUri => "MissingRedirectUri",
            Self::InvalidRedirectUri => "InvalidRedirectUri",
            Self::MissingCodeChallenge => "MissingCodeChallenge",
            Self::UnsupportedChallengeMethod => "UnsupportedChallengeMethod",
            Self::InvalidCodeChallenge => "InvalidCodeChallenge",
            Self::InvalidScope => "InvalidScope",
            Self::InvalidState => "InvalidState",
            Self::InvalidNonce => "InvalidNonce",
            Self::AuthorizationDetails(reason) => reason.name(),
            Self::InvalidResource => "InvalidResource",
            Self::InvalidDpopJkt => "InvalidDpopJkt",
            Self::InvalidPrompt => "InvalidPrompt",
            Self::InvalidMaxAge => "InvalidMaxAge",
            Self::InvalidAcrValues => "InvalidAcrValues",
        }
    }

    /// The code that the peer sees.
    ///
    /// fapi: PK-3, PK-4, RAR-3, RI-2, X-AS-17
    #[must_use]
    pub const fn oauth(&self) -> OAuthError {
        match self {
            Self::UnsupportedResponseType => OAuthError::UnsupportedResponseType,
            Self::InvalidScope => OAuthError::InvalidScope,
            Self::AuthorizationDetails(_) => OAuthError::InvalidAuthorizationDetails,
            Self::InvalidResource => OAuthError::InvalidTarget,
            _ => OAuthError::InvalidRequest,
        }
    }
}

use AuthorizationRequestError as Refused;

impl AuthorizationRequest {
    /// Reads the parameters of a form or the claims of a request object, by the same rules.
    ///
    /// Parameters that are not ours (`login_hint`, `ui_locales`, …) are ignored (RFC 6749 section 3.1).
    ///
    /// fapi: SP-AZ-1, SP-AZ-5, SP-AZ-6, SP-AZ-14, SP-AZ-16, PK-3, PK-4, PA-2, MS-20, RI-1
    ///
    /// # Errors
    /// The first [`AuthorizationRequestError`] that applies.
    pub fn from_parameters(parameters: &Parameters) -> Result<Self, Refused> {
        if parameters.contains("request") || parameters.contains("request_uri") {
            return Err(Refused::NestedRequest);
        }
        let client_id = parsed(parameters, "client_id", Refused::InvalidClientId)?;
        match text(parameters, "response_type")? {
            None => return Err(Refused::MissingResponseType),
            Some("code") => {}
            Some(_) => return Err(Refused::UnsupportedResponseType),
        }
        let response_mode = parsed(parameters, "response_mode", Refused::UnsupportedResponseMode)?;
        let redirect_uri = text(parameters, "redirect_uri")?.ok_or(Refused::MissingRedirectUri)?;
        // Loopback http is read here and stands or falls with the registered URI that it must equal byte by byte.
        let redirect_uri = RedirectUri::native(redirect_uri).map_err(|_| Refused::InvalidRedirectUri)?;
        let code_challenge = code_challenge(parameters)?;
        Ok(Self {
            client_id,
            redirect_uri,
            code_challenge,
            scope: parsed(parameters, "scope", Refused::InvalidScope)?,
            authorization_details: authorization_details(parameters)?,
            state: parsed(parameters, "state", Refused::InvalidState)?,
            nonce: parsed(parameters, "nonce", Refused::InvalidNonce)?,
            response_mode,
            resources: resources(parameters).ok_or(Refused::InvalidResource)?,
            dpop_jkt: parsed(parameters, "dpop_jkt", Refused::InvalidDpopJkt)?,
            prompt: prompt(parameters)?,
            max_age: parameters.number("max_age").map_err(|WrongType| Refused::InvalidMaxAge)?.map(Seconds::new),
            acr_values: acr_values(parameters)?,
        })
    }

    /// As form, in one order.
    ///
    /// fapi: SP-C-14, SP-C-16
    #[must_use]
    pub fn to_form(&self) -> Form {
        self.members().into_iter().fold(Form::default(), |form, (name, value)| match value {
            Value::String(text) => form.with(name, &text),
            Value::Array(texts) if name == "resource" => {
                texts.iter().filter_map(Value::as_str).fold(form, |form, text| form.with(name, text))
            }
            other => form.with(name, &other.to_string()),
        })
    }

    /// As claims of a request object, without those of the object itself (`iss`, `aud`, `exp`, …).
    #[must_use]
    pub fn to_claims(&self) -> Map<String, Value> {
        self.members().into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
    }

    fn members(&self) -> Vec<(&'static str, Value)> {
        let mut members: Vec<(&'static str, Value)> = vec![("response_type", "code".into())];
        let mut text = |name, value: Option<String>| members.extend(value.map(|value| (name, Value::from(value))));
        text("client_id", self.client_id.as_ref().map(ToString::to_string));
        text("response_mode", self.response_mode.map(|mode| mode.as_str().to_owned()));
        text("redirect_uri", Some(self.redirect_uri.to_string()));
        text("code_challenge", Some(self.code_challenge.to_string()));
        text("code_challenge_method", Some(CodeChallenge::METHOD.to_owned()));
        text("scope", self.scope.as_ref().map(ToString::to_string));
        text("state", self.state.as_ref().map(ToString::to_string));
        text("nonce", self.nonce.as_ref().map(ToString::to_string));
        text("dpop_jkt", self.dpop_jkt.as_ref().map(ToString::to_string));
        text("prompt", joined(&self.prompt, |prompt| prompt.as_str()));
        text("acr_values", joined(&self.acr_values, Acr::as_str));
        if let Some(details) = &self.authorization_details {
            members.push(("authorization_details", details.to_value()));
        }
        if !self.resources.is_empty() {
            members.push(("resource", self.resources.iter().map(|r| Value::from(r.as_str())).collect()));
        }
        if let Some(max_age) = self.max_age {
            members.push(("max_age", max_age.get().into()));
        }
        members
    }
}

fn joined<T>(values: &[T], text: impl Fn(&T) -> &str) -> Option<String> {
    (!values.is_empty()).then(|| values.iter().map(text).collect::<Vec<_>>().join(" "))
}

fn text<'a>(parameters: &'a Parameters, name: &'static str) -> Result<Option<&'a str>, Refused> {
    parameters.text(name).map_err(|WrongType| Refused::WrongType(name))
}

fn parsed<T: core::str::FromStr>(
    parameters: &Parameters,
    name: &'static str,
    refused: Refused,
) -> Result<Option<T>, Refused> {
    text(parameters, name)?.map(str::parse).transpose().map_err(|_| refused)
}

fn code_challenge(parameters: &Parameters) -> Result<CodeChallenge, Refused> {
    let challenge = text(parameters, "code_challenge")?.ok_or(Refused::MissingCodeChallenge)?;
    if text(parameters, "code_challenge_method")? != Some(CodeChallenge::METHOD) {
        return Err(Refused::UnsupportedChallengeMethod);
    }
    challenge.parse().map_err(|_| Refused::InvalidCodeChallenge)
}

pub(super) fn authorization_details(parameters: &Parameters) -> Result<Option<AuthorizationDetails>, Refused> {
    match parameters.json("authorization_details") {
        None => Ok(None),
        Some(Json::Text(text)) => Ok(Some(AuthorizationDetails::parse(text)?)),
        Some(Json::Value(value)) => Ok(Some(AuthorizationDetails::from_value(value)?)),
        Some(Json::Repeated) => Err(Refused::WrongType("authorization_details")),
    }
}

pub(super) fn resources(parameters: &Parameters) -> Option<Vec<Resource>> {
    let texts = parameters.texts("resource").ok()?;
    let resources: Vec<Resource> = texts.into_iter().map(str::parse).collect::<Result<_, _>>().ok()?;
    (resources.len() <= limits::RESOURCES).then_some(resources)
}

fn prompt(parameters: &Parameters) -> Result<Vec<Prompt>, Refused> {
    let Some(text) = text(parameters, "prompt")? else { return Ok(Vec::new()) };
    let prompts: Vec<Prompt> =
        text.split(' ').map(str::parse).collect::<Result<_, _>>().map_err(|_| Refused::InvalidPrompt)?;
    let repeated = prompts.iter().enumerate().any(|(at, prompt)| prompts.iter().take(at).any(|p| p == prompt));
    if repeated || (prompts.contains(&Prompt::None) && prompts.len() > 1) {
        return Err(Refused::InvalidPrompt);
    }
    Ok(prompts)
}

fn acr_values(parameters: &Parameters) -> Result<Vec<Acr>, Refused> {
    let Some(text) = text(parameters, "acr_values")? else { return Ok(Vec::new()) };
    let values: Vec<Acr> =
        text.split(' ').map(str::parse).collect::<Result<_, _>>().map_err(|_| Refused::InvalidAcrValues)?;
    if values.len() > limits::ACR_VALUES { Err(Refused::InvalidAcrValues) } else { Ok(values) }
}
