use ingam_wire::{
    HttpUrl,
    json::{self, JsonError},
};

use crate::{Issuer, limits};

/// An operator's metadata (RFC 8414 section 2), with the members of RFC 9126, 9449, 8705, 9101, 9207, 9396, 9701,
/// JARM and OpenID Connect Discovery; absent is `None` or empty and is not printed.
///
/// fapi: SP-AS-1, MD-4, MD-5
#[derive(Clone, Debug, Eq, PartialEq, serde::Deserialize, serde::Serialize)]
pub struct AuthorizationServerMetadata {
    /// Who it is, byte by byte.
    pub issuer: Issuer,
    /// Where user agents are sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub authorization_endpoint: Option<HttpUrl>,
    /// Where codes become access keys.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token_endpoint: Option<HttpUrl>,
    /// Where requests are pushed (RFC 9126 section 5).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pushed_authorization_request_endpoint: Option<HttpUrl>,
    /// Its public keys.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub jwks_uri: Option<HttpUrl>,
    /// Where access keys are asked about (RFC 7662).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub introspection_endpoint: Option<HttpUrl>,
    /// Where tokens are given back (RFC 7009).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub revocation_endpoint: Option<HttpUrl>,
    /// What OpenID Connect clients ask about the user.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub userinfo_endpoint: Option<HttpUrl>,
    /// The same endpoints where a client certificate is asked for (RFC 8705 section 5).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mtls_endpoint_aliases: Option<MtlsEndpointAliases>,
    /// Scopes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub scopes_supported: Vec<String>,
    /// `code`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub response_types_supported: Vec<String>,
    /// `query`, `jwt`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub response_modes_supported: Vec<String>,
    /// `authorization_code`, `refresh_token`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub grant_types_supported: Vec<String>,
    /// `S256`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub code_challenge_methods_supported: Vec<String>,
    /// `private_key_jwt`, `tls_client_auth`, `self_signed_tls_client_auth`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub token_endpoint_auth_methods_supported: Vec<String>,
    /// Algorithms of client assertions.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub token_endpoint_auth_signing_alg_values_supported: Vec<String>,
    /// Who may ask about access keys, and how it proves itself.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub introspection_endpoint_auth_methods_supported: Vec<String>,
    /// Algorithms of its assertions.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub introspection_endpoint_auth_signing_alg_values_supported: Vec<String>,
    /// Who may give tokens back, and how it proves itself.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub revocation_endpoint_auth_methods_supported: Vec<String>,
    /// Algorithms of its assertions.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub revocation_endpoint_auth_signing_alg_values_supported: Vec<String>,
    /// Algorithms of signed introspection answers (RFC 9701 section 7).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub introspection_signing_alg_values_supported: Vec<String>,
    /// Algorithms of DPoP proofs (RFC 9449 section 5.1).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub dpop_signing_alg_values_supported: Vec<String>,
    /// Whether access keys can be bound to certificates (RFC 8705 section 3.3).
    #[serde(default, skip_serializing_if = "is_false")]
    pub tls_client_certificate_bound_access_tokens: bool,
    /// Whether requests must be pushed (RFC 9126 section 5).
    #[serde(default, skip_serializing_if = "is_false")]
    pub require_pushed_authorization_requests: bool,
    /// Whether requests must be signed (RFC 9101 section 10.5).
    #[serde(default, skip_serializing_if = "is_false")]
    pub require_signed_request_object: bool,
    /// Algorithms of request objects.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub request_object_signing_alg_values_supported: Vec<String>,
    /// Whether `request` is taken (OpenID Connect Discovery section 3).
    #[serde(default, skip_serializing_if = "is_false")]
    pub request_parameter_supported: bool,
    /// Whether `request_uri` by reference to foreign servers is taken; true when left out (OpenID Connect Discovery section 3).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_uri_parameter_supported: Option<bool>,
    /// Whether `iss` comes back with the code (RFC 9207 section 3).
    #[serde(default, skip_serializing_if = "is_false")]
    pub authorization_response_iss_parameter_supported: bool,
    /// Algorithms of JARM answers (JARM section 4).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub authorization_signing_alg_values_supported: Vec<String>,
    /// Types of authorization details (RFC 9396 section 10).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub authorization_details_types_supported: Vec<String>,
    /// Algorithms of ID tokens.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub id_token_signing_alg_values_supported: Vec<String>,
    /// `public`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub subject_types_supported: Vec<String>,
    /// Claims of ID tokens.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub claims_supported: Vec<String>,
    /// Whether the `claims` parameter is taken.
    #[serde(default, skip_serializing_if = "is_false")]
    pub claims_parameter_supported: bool,
    /// Authentication context classes (RFC 9470 section 7).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub acr_values_supported: Vec<String>,
    /// Prompts (Initiating User Registration section 3).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub prompt_values_supported: Vec<String>,
}

/// Endpoints that ask for a client certificate (RFC 8705 section 5); where one is absent, the normal one is used.
///
/// fapi: MT-8
#[derive(Clone, Debug, Default, Eq, PartialEq, serde::Deserialize, serde::Serialize)]
pub struct MtlsEndpointAliases {
    /// For codes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token_endpoint: Option<HttpUrl>,
    /// For pushes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pushed_authorization_request_endpoint: Option<HttpUrl>,
    /// For questions about access keys.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub introspection_endpoint: Option<HttpUrl>,
    /// For tokens given back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub revocation_endpoint: Option<HttpUrl>,
    /// For questions about the user.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub userinfo_endpoint: Option<HttpUrl>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference")]
const fn is_false(flag: &bool) -> bool {
    !*flag
}

/// Why metadata was refused, in the order of the checks.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum MetadataError {
    /// Not JSON within the limits, or a member of the wrong type.
    #[error(transparent)]
    Json(#[from] JsonError),
    /// `issuer` is not the one that the document was asked for (RFC 8414 section 3.3).
    #[error("the metadata is another issuer's")]
    IssuerMismatch,
    /// An endpoint is not https.
    #[error("an endpoint is not https")]
    NotHttps,
}

impl MetadataError {
    /// The rule's name.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Json(_) => "Json",
            Self::IssuerMismatch => "IssuerMismatch",
            Self::NotHttps => "NotHttps",
        }
    }
}

impl AuthorizationServerMetadata {
    /// Metadata of `issuer` with nothing in it yet.
    #[must_use]
    pub fn of(issuer: Issuer) -> Self {
        Self {
            issuer,
            authorization_endpoint: None,
            token_endpoint: None,
            pushed_authorization_request_endpoint: None,
            jwks_uri: None,
            introspection_endpoint: None,
            revocation_endpoint: None,
            userinfo_endpoint: None,
            mtls_endpoint_aliases: None,
            scopes_supported: Vec::new(),
            response_types_supported: Vec::new(),
            response_modes_supported: Vec::new(),
            grant_types_supported: Vec::new(),
            code_challenge_methods_supported: Vec::new(),
            token_endpoint_auth_methods_supported: Vec::new(),
            token_endpoint_auth_signing_alg_values_supported: Vec::new(),
            introspection_endpoint_auth_methods_supported: Vec::new(),
            introspection_endpoint_auth_signing_alg_values_supported: Vec::new(),
            revocation_endpoint_auth_methods_supported: Vec::new(),
            revocation_endpoint_auth_signing_alg_values_supported: Vec::new(),
            introspection_signing_alg_values_supported: Vec::new(),
            dpop_signing_alg_values_supported: Vec::new(),
            tls_client_certificate_bound_access_tokens: false,
            require_pushed_authorization_requests: false,
            require_signed_request_object: false,
            request_object_signing_alg_values_supported: Vec::new(),
            request_parameter_supported: false,
            request_uri_parameter_supported: None,
            authorization_response_iss_parameter_supported: false,
            authorization_signing_alg_values_supported: Vec::new(),
            authorization_details_types_supported: Vec::new(),
            id_token_signing_alg_values_supported: Vec::new(),
            subject_types_supported: Vec::new(),
            claims_supported: Vec::new(),
            claims_parameter_supported: false,
            acr_values_supported: Vec::new(),
            prompt_values_supported: Vec::new(),
        }
    }

    /// Reads the document that was fetched for `expected`; unknown members are ignored, types are checked.
    ///
    /// fapi: SP-C-9, SP-C-11, MD-3, MD-4, X-C-17
    ///
    /// # Errors
    /// The first [`MetadataError`] that applies.
    pub fn parse(text: &[u8], expected: &Issuer) -> Result<Self, MetadataError> {
        let metadata: Self = json::parse(text, &limits::METADATA)?;
        if metadata.issuer.as_str() != expected.as_str() {
            return Err(MetadataError::IssuerMismatch);
        }
        if metadata.endpoints().any(|url| !url.is_https()) {
            return Err(MetadataError::NotHttps);
        }
        Ok(metadata)
    }

    /// The document; absent members and empty lists are left out (RFC 8414 section 3.2).
    ///
    /// fapi: SP-AS-1, MD-3, MD-4
    #[must_use]
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).expect("plain data always prints as JSON")
    }

    fn endpoints(&self) -> impl Iterator<Item = &HttpUrl> {
        let aliases = self.mtls_endpoint_aliases.iter().flat_map(|aliases| {
            [
                &aliases.token_endpoint,
                &aliases.pushed_authorization_request_endpoint,
                &aliases.introspection_endpoint,
                &aliases.revocation_endpoint,
                &aliases.userinfo_endpoint,
            ]
        });
        [
            &self.authorization_endpoint,
            &self.token_endpoint,
            &self.pushed_authorization_request_endpoint,
            &self.jwks_uri,
            &self.introspection_endpoint,
            &self.revocation_endpoint,
            &self.userinfo_endpoint,
        ]
        .into_iter()
        .chain(aliases)
        .flatten()
    }
}
