use ingam_jose::{KeySet, SignatureAlgorithm, VerifyingKey};
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

impl FintechEntry {
    /// An entry that may do nothing yet: `private_key_jwt`, DPoP, pushed parameters, plain answers, test data, applied;
    /// no redirect URI, no scope. What differs is written over it with `FintechEntry { …, ..FintechEntry::new(…) }`.
    ///
    /// # Examples
    /// ```
    /// use ingam_access_key::{FintechEntry, FintechStatus, KeySource};
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let jwks = KeySource::Uri("https://fintech.example/jwks".parse()?);
    /// let entry = FintechEntry {
    ///     status: FintechStatus::Active,
    ///     redirect_uris: vec!["https://fintech.example/callback".parse()?],
    ///     scopes: "accounts balances".parse()?,
    ///     ..FintechEntry::new("client-1".parse()?, "Budget App", "security@fintech.example", jwks)
    /// };
    /// # assert!(entry.scopes.to_string().contains("balances"));
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn new(client_id: ClientId, name: &str, owner: &str, keys: KeySource) -> Self {
        Self {
            client_id,
            role: ClientRole::Fintech,
            name: name.to_owned(),
            owner: owner.to_owned(),
            organisation: None,
            environment: Environment::Test,
            status: FintechStatus::Applied,
            authentication: Authentication::PrivateKeyJwt,
            binding: Binding::Dpop,
            request: RequestForm::Pushed,
            response: ResponseMode::Query,
            redirect_uris: Vec::new(),
            scopes: Scopes::default(),
            authorization_details_types: Vec::new(),
            http_signatures: HttpSignatures::Optional,
            keys,
            algorithms: Vec::new(),
        }
    }
}

impl KeySource {
    /// A set of just these keys.
    #[must_use]
    pub fn of(keys: impl IntoIterator<Item = VerifyingKey>) -> Self {
        Self::Inline(KeySet::new(keys.into_iter().collect()).to_json())
    }
}
