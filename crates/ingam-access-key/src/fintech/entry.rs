use ingam_jose::SignatureAlgorithm;
use ingam_protocol::{ClientId, RedirectUri, ResponseMode, Scopes};
use ingam_wire::HttpUrl;
use serde::{Deserialize, Serialize};

use super::{CertificateSubject, FintechStatus, algorithms};

/// How the fintech authenticates (SP 5.3.2.1-6); a client secret cannot be written down.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Authentication {
    /// `private_key_jwt` with one of its keys (RFC 7523).
    PrivateKeyJwt,
    /// `tls_client_auth`: a certificate of a trusted CA with this subject (RFC 8705 section 2.1).
    TlsClientAuth(CertificateSubject),
    /// `self_signed_tls_client_auth`: one of these certificates, by SHA-256 of their DER (RFC 8705 section 2.2).
    SelfSignedTlsClientAuth(Vec<[u8; 32]>),
}

/// To what its access keys are bound.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Binding {
    /// Its DPoP key (RFC 9449).
    Dpop,
    /// Its TLS certificate (RFC 8705).
    Mtls,
}

/// How it asks for an authorization.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RequestForm {
    /// Parameters pushed as they are (RFC 9126).
    Pushed,
    /// A signed request object pushed (RFC 9101); an unsigned push is refused.
    Signed,
}

/// Whether its calls must carry HTTP message signatures (RFC 9421).
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum HttpSignatures {
    /// Checked when there.
    #[default]
    Optional,
    /// Refused without.
    Required,
}

/// Test data or real customers.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Environment {
    /// Test accounts only.
    Test,
    /// Real accounts.
    Live,
}

/// Where its public keys are.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum KeySource {
    /// It has none (client certificates only, no signed requests).
    None,
    /// `jwks`: the set itself.
    Inline(serde_json::Value),
    /// `jwks_uri`
    Uri(HttpUrl),
}

/// What a client of the operator is.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ClientRole {
    /// A fintech: asks users for access keys.
    #[default]
    Fintech,
    /// A resource server: asks about every access key (RFC 7662), is never granted one.
    ResourceServer,
}

/// What an operator writes down about a fintech; plain data, checked when it becomes a [`super::FintechRecord`].
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct FintechEntry {
    /// `client_id`
    pub client_id: ClientId,
    /// What it is.
    #[serde(default)]
    pub role: ClientRole,
    /// Name shown to users on the consent page.
    pub name: String,
    /// Who answers for it (a person or a department), never empty.
    pub owner: String,
    /// Registered number of the organisation; compared with the certificate's serialNumber where mTLS is used.
    pub organisation: Option<String>,
    /// Test or live.
    pub environment: Environment,
    /// Where it stands.
    pub status: FintechStatus,
    /// How it authenticates.
    pub authentication: Authentication,
    /// To what its access keys are bound.
    pub binding: Binding,
    /// How it asks.
    pub request: RequestForm,
    /// How it is answered.
    pub response: ResponseMode,
    /// Where users may be sent back to; compared byte by byte.
    pub redirect_uris: Vec<RedirectUri>,
    /// What it may ask for.
    pub scopes: Scopes,
    /// Types of authorization details it may ask for (RFC 9396 section 10).
    pub authorization_details_types: Vec<String>,
    /// Whether its calls must be signed.
    pub http_signatures: HttpSignatures,
    /// Its public keys.
    pub keys: KeySource,
    /// Algorithms it may sign with; empty: all of the policy.
    #[serde(with = "algorithms")]
    pub algorithms: Vec<SignatureAlgorithm>,
}
