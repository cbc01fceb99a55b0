use ingam_wire::form::Form;

use super::{
    Parameters,
    authorization_request::{AuthorizationRequestError, authorization_details, resources},
    details::{AuthorizationDetails, InvalidAuthorizationDetails},
    parameters::WrongType,
};
use crate::{AuthorizationCode, CodeVerifier, OAuthError, RedirectUri, RefreshToken, Resource, Scopes};

/// A④: the fintech asks for an access key (RFC 6749 sections 4.1.3 and 6), without what authenticates it.
///
/// fapi: SP-AS-2
#[derive(Debug)]
pub enum TokenRequest {
    /// `grant_type=authorization_code`.
    AuthorizationCode {
        /// The code.
        code: AuthorizationCode,
        /// The same as in the authorization request.
        redirect_uri: RedirectUri,
        /// What the challenge was made of.
        code_verifier: CodeVerifier,
        /// Less than was granted (RFC 9396 section 6).
        authorization_details: Option<AuthorizationDetails>,
        /// Where this access key is to be used (RFC 8707 section 2.2).
        resources: Vec<Resource>,
    },
    /// `grant_type=refresh_token`.
    RefreshToken {
        /// The refresh token.
        refresh_token: RefreshToken,
        /// Less than was granted.
        scope: Option<Scopes>,
        /// Less than was granted.
        authorization_details: Option<AuthorizationDetails>,
        /// Where this access key is to be used.
        resources: Vec<Resource>,
    },
}

/// Why a token request was refused, in the order of the checks.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum TokenRequestError {
    /// No `grant_type`.
    #[error("grant_type is missing")]
    MissingGrantType,
    /// Another grant than these two; passwords are never taken.
    #[error("unsupported grant_type")]
    UnsupportedGrantType,
    /// A parameter is repeated.
    #[error("{0} is repeated")]
    Repeated(&'static str),
    /// No `code`.
    #[error("code is missing")]
    MissingCode,
    /// The code cannot be one of ours.
    #[error("malformed code")]
    InvalidCode,
    /// No `redirect_uri`.
    #[error("redirect_uri is missing")]
    MissingRedirectUri,
    /// The redirect URI cannot be the registered one.
    #[error("malformed redirect_uri")]
    InvalidRedirectUri,
    /// No `code_verifier`.
    #[error("code_verifier is missing")]
    MissingVerifier,
    /// The verifier is not 43 to 128 unreserved characters.
    #[error("malformed code_verifier")]
    InvalidVerifier,
    /// No `refresh_token`.
    #[error("refresh_token is missing")]
    MissingRefreshToken,
    /// The refresh token cannot be one of ours.
    #[error("malformed refresh_token")]
    InvalidRefreshToken,
    /// The scope is malformed.
    #[error("malformed scope")]
    InvalidScope,
    /// The authorization details.
    #[error("authorization_details: {0}")]
    AuthorizationDetails(InvalidAuthorizationDetails),
    /// A resource is malformed, or there are more than 8.
    #[error("malformed resource")]
    InvalidResource,
}

impl TokenRequestError {
    /// The rule's name.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::MissingGrantType => "MissingGrantType",
            Self::UnsupportedGrantType => "UnsupportedGrantType",
            Self::Repeated(_) => "Repeated",
            Self::MissingCode => "MissingCode",
            Self::InvalidCode => "InvalidCode",
            Self::MissingRedirectUri => "MissingRedirectUri",
            Self::InvalidRedirectUri => "InvalidRedirectUri",
            Self::MissingVerifier => "MissingVerifier",
            Self::InvalidVerifier => "InvalidVerifier",
            Self::MissingRefreshToken => "MissingRefreshToken",
            Self::InvalidRefreshToken => "InvalidRefreshToken",
            Self::InvalidScope => "InvalidScope",
            Self::AuthorizationDetails(reason) => reason.name(),
            Self::InvalidResource => "InvalidResource",
        }
    }

    /// The code that the peer sees: whatever is wrong with code, verifier or refresh token is `invalid_grant`.
    ///
    /// fapi: OA-3, PK-5, X-AS-14, RI-2
    #[must_use]
    pub const fn oauth(&self) -> OAuthError {
        match self {
            Self::UnsupportedGrantType => OAuthError::UnsupportedGrantType,
            Self::InvalidCode
            | Self::InvalidRedirectUri
            | Self::MissingVerifier
            | Self::InvalidVerifier
            | Self::InvalidRefreshToken => OAuthError::InvalidGrant,
            Self::InvalidScope => OAuthError::InvalidScope,
            Self::AuthorizationDetails(_) => OAuthError::InvalidAuthorizationDetails,
            Self::InvalidResource => OAuthError::InvalidTarget,
            Self::MissingGrantType
            | Self::Repeated(_)
            | Self::MissingCode
            | Self::MissingRedirectUri
            | Self::MissingRefreshToken => OAuthError::InvalidRequest,
        }
    }
}

impl TokenRequest {
    /// Reads the form; parameters that are not ours are ignored (RFC 6749 section 3.2).
    ///
    /// fapi: OA-1, SP-AS-2, BCP-6, PK-5
    ///
    /// # Errors
    /// The first [`TokenRequestError`] that applies.
    pub fn from_form(form: &Form) -> Result<Self, TokenRequestError> {
        let parameters = Parameters::from_form(form);
        let text = |name| parameters.text(name).map_err(|WrongType| TokenRequestError::Repeated(name));
        let grant_type = text("grant_type")?.ok_or(TokenRequestError::MissingGrantType)?;
        match grant_type {
            "authorization_code" => {
                let code = text("code")?.ok_or(TokenRequestError::MissingCode)?;
                let redirect_uri = text("redirect_uri")?.ok_or(TokenRequestError::MissingRedirectUri)?;
                let verifier = text("code_verifier")?.ok_or(TokenRequestError::MissingVerifier)?;
                Ok(Self::AuthorizationCode {
                    code: code.parse().map_err(|_| TokenRequestError::InvalidCode)?,
                    redirect_uri: RedirectUri::native(redirect_uri)
                        .map_err(|_| TokenRequestError::InvalidRedirectUri)?,
                    code_verifier: verifier.parse().map_err(|_| TokenRequestError::InvalidVerifier)?,
                    authorization_details: details(&parameters)?,
                    resources: resources(&parameters).ok_or(TokenRequestError::InvalidResource)?,
                })
            }
            "refresh_token" => {
                let token = text("refresh_token")?.ok_or(TokenRequestError::MissingRefreshToken)?;
                let scope = text("scope")?.map(str::parse).transpose();
                Ok(Self::RefreshToken {
                    refresh_token: token.parse().map_err(|_| TokenRequestError::InvalidRefreshToken)?,
                    scope: scope.map_err(|_| TokenRequestError::InvalidScope)?,
                    authorization_details: details(&parameters)?,
                    resources: resources(&parameters).ok_or(TokenRequestError::InvalidResource)?,
                })
            }
            _ => Err(TokenRequestError::UnsupportedGrantType),
        }
    }

    /// As form, to which the client's authentication is added.
    #[must_use]
    pub fn to_form(&self) -> Form {
        let (form, details, resources) = match self {
            Self::AuthorizationCode { code, redirect_uri, code_verifier, authorization_details, resources } => {
                let form = Form::default()
                    .with("grant_type", "authorization_code")
                    .with("code", code.expose())
                    .with("redirect_uri", redirect_uri.as_str())
                    .with("code_verifier", code_verifier.expose());
                (form, authorization_details, resources)
            }
            Self::RefreshToken { refresh_token, scope, authorization_details, resources } => {
                let mut form =
                    Form::default().with("grant_type", "refresh_token").with("refresh_token", refresh_token.expose());
                if let Some(scope) = scope {
                    form = form.with("scope", &scope.to_string());
                }
                (form, authorization_details, resources)
            }
        };
        let form = match details {
            Some(details) => form.with("authorization_details", &details.to_json()),
            None => form,
        };
        resources.iter().fold(form, |form, resource| form.with("resource", resource.as_str()))
    }
}

fn details(parameters: &Parameters) -> Result<Option<AuthorizationDetails>, TokenRequestError> {
    authorization_details(parameters).map_err(|refused| match refused {
        AuthorizationRequestError::AuthorizationDetails(reason) => TokenRequestError::AuthorizationDetails(reason),
        _ => TokenRequestError::Repeated("authorization_details"),
    })
}
