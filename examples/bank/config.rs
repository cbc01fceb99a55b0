//! The configuration file: unknown members are refused, so that a misspelt security setting never passes unseen.

use std::{
    net::{IpAddr, SocketAddr},
    path::PathBuf,
};

use ingam::wire::SecretText;
use serde::Deserialize;

/// The whole file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Config {
    /// TLS; client certificates are not asked for on this port.
    pub(crate) listen: SocketAddr,
    /// TLS; a client certificate is required; advertised as `mtls_endpoint_aliases`.
    pub(crate) mtls_listen: Option<SocketAddr>,
    /// Exact string, used as `iss` and as the only assertion audience.
    pub(crate) issuer: String,
    /// `redb:PATH` | `memory:` | `postgres://…`.
    pub(crate) store: String,
    /// True refuses every test part.
    #[serde(default)]
    pub(crate) production: bool,
    /// `fapi2-security` | `fapi2-message-signing` | `kcmvp`.
    pub(crate) profile: String,
    /// Whether resources demand HTTP signatures.
    #[serde(default)]
    pub(crate) http_signatures: HttpSignatures,
    /// Whether proofs need a server nonce.
    #[serde(default)]
    pub(crate) dpop_nonce: DpopNonce,
    /// Form of access keys.
    #[serde(default)]
    pub(crate) access_key: AccessKey,
    /// Accounts and transactions of the users below.
    pub(crate) data: Option<PathBuf>,
    /// External URL of `mtls_listen`.
    pub(crate) mtls_base: Option<String>,
    /// `aud` of access keys; default: the issuer.
    pub(crate) resource: Option<String>,
    /// Certificates; leave out for fresh ones.
    pub(crate) tls: Option<Tls>,
    /// TLS proxies whose word on a certificate counts.
    #[serde(default, rename = "proxy")]
    pub(crate) proxies: Vec<Proxy>,
    /// Field in which the proxies name the address of whom they speak for, as its last element (`x-forwarded-for`);
    /// without it all who come through a proxy share one back-off after failures.
    pub(crate) proxy_address_in: Option<String>,
    /// Where signing keys lie.
    #[serde(default)]
    pub(crate) keys: Keys,
    /// The administrators' listener.
    pub(crate) admin: Option<Admin>,
    /// Parts for development only.
    pub(crate) development: Option<Development>,
    /// Users.
    #[serde(default, rename = "user")]
    pub(crate) users: Vec<User>,
    /// Resource servers, which may introspect every key.
    #[serde(default, rename = "resource_server")]
    pub(crate) resource_servers: Vec<ResourceServer>,
    /// Fintechs.
    #[serde(default, rename = "fintech")]
    pub(crate) fintechs: Vec<Fintech>,
}

/// See [`Config::http_signatures`].
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "lowercase")]
pub(crate) enum HttpSignatures {
    /// Verified where present.
    #[default]
    Optional,
    /// Demanded.
    Required,
}

/// See [`Config::dpop_nonce`].
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "lowercase")]
pub(crate) enum DpopNonce {
    /// Not asked for.
    #[default]
    Off,
    /// Demanded.
    Required,
}

/// Form of access keys.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct AccessKey {
    /// `jwt` | `opaque`.
    pub(crate) format: AccessKeyFormat,
    /// `ES256` | `EdDSA` | `PS256`.
    pub(crate) alg: String,
    /// Lifetime in seconds.
    pub(crate) seconds: u64,
}

impl Default for AccessKey {
    fn default() -> Self {
        Self { format: AccessKeyFormat::Jwt, alg: "ES256".to_owned(), seconds: 300 }
    }
}

/// See [`AccessKey::format`].
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "lowercase")]
pub(crate) enum AccessKeyFormat {
    /// RFC 9068.
    Jwt,
    /// A reference, introspected.
    Opaque,
}

/// Certificate files, PEM.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Tls {
    /// The server's chain.
    pub(crate) cert: PathBuf,
    /// Its key.
    pub(crate) key: PathBuf,
    /// CAs of client certificates.
    pub(crate) client_ca: Option<PathBuf>,
}

/// A TLS proxy whose `Client-Cert` field (RFC 9440) counts, on both listeners: exactly one of the two.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Proxy {
    /// PEM file with the certificate it shows on its own connection to `mtls_listen` …
    pub(crate) certificate: Option<PathBuf>,
    /// … or the address it connects from: only for a link that nobody else can reach.
    pub(crate) address: Option<IpAddr>,
}

/// Where signing keys lie.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Keys {
    /// The sealed vault file.
    pub(crate) vault: Option<PathBuf>,
    /// A hardware token for the signing keys and the vault's key-encryption secret.
    pub(crate) pkcs11: Option<Pkcs11>,
    /// Environment variable with the key-encryption secret.
    pub(crate) kek_env: Option<String>,
    /// PEM files of keys to take in, e.g. RSA for PS256 under ring.
    #[serde(default)]
    pub(crate) import: Vec<PathBuf>,
    /// Days between rotations.
    pub(crate) rotate_days: Option<u64>,
}

/// A PKCS#11 token: the signing keys are made and stay in it, and the vault file opens with its help. Needs
/// `--features pkcs11`.
#[derive(Debug, Deserialize)]
#[cfg_attr(not(feature = "pkcs11"), expect(dead_code, reason = "built without it, the program only says so"))]
#[serde(deny_unknown_fields)]
pub(crate) struct Pkcs11 {
    /// The module's library.
    pub(crate) module: PathBuf,
    /// The slot's number …
    pub(crate) slot: Option<u64>,
    /// … or the token's label, for modules whose slots change their numbers.
    pub(crate) token: Option<String>,
    /// Environment variable with the PIN.
    pub(crate) pin_env: String,
}

/// The administrators' listener.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Admin {
    /// Its address.
    pub(crate) listen: SocketAddr,
    /// CAs of administrators' certificates.
    pub(crate) client_ca: PathBuf,
}

/// Refused unless `production = false` is also set.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Development {
    /// Every authorisation is approved as this user, without a page.
    pub(crate) auto_approve: Option<String>,
}

/// A secret in the file; never printed.
#[derive(Debug, Deserialize)]
#[serde(from = "String")]
pub(crate) struct Secret(pub(crate) SecretText);

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self(SecretText::new(text))
    }
}

/// A user of the bank.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct User {
    /// Name at the login page.
    pub(crate) username: String,
    /// Kept only as an Argon2id hash.
    pub(crate) password: Secret,
    /// Base32 TOTP secret, an optional second factor.
    pub(crate) totp: Option<Secret>,
}

/// A resource server.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ResourceServer {
    /// Its identifier.
    pub(crate) client_id: String,
    /// Its public keys.
    pub(crate) jwks: PathBuf,
}

/// A fintech.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Fintech {
    /// Its identifier.
    pub(crate) client_id: String,
    /// `private_key_jwt` | `tls_client_auth` | `self_signed_tls_client_auth`.
    pub(crate) auth: String,
    /// `dpop` | `mtls`.
    pub(crate) binding: String,
    /// `pushed` | `signed`.
    #[serde(default)]
    pub(crate) request: Option<String>,
    /// `query` | `jarm`.
    #[serde(default)]
    pub(crate) response: Option<String>,
    /// Redirect URIs, compared exactly.
    pub(crate) redirect_uris: Vec<String>,
    /// Scopes it may ask for.
    pub(crate) scope: String,
    /// Public keys, as a file …
    pub(crate) jwks: Option<PathBuf>,
    /// … or by URL.
    pub(crate) jwks_uri: Option<String>,
    /// Who answers for it.
    pub(crate) owner: Option<String>,
    /// Compared with the certificate's serialNumber where mTLS is used.
    pub(crate) organisation: Option<String>,
    /// Subject for `tls_client_auth`.
    pub(crate) tls_client_auth_subject_dn: Option<String>,
    /// Or a DNS name.
    pub(crate) tls_client_auth_san_dns: Option<String>,
    /// Or a URI.
    pub(crate) tls_client_auth_san_uri: Option<String>,
    /// Whether its calls must be signed, whatever `http_signatures` says.
    pub(crate) http_signatures: Option<HttpSignatures>,
}

/// Why the configuration is not one; says where to look.
#[derive(Debug)]
pub(crate) enum ConfigError {
    /// The file cannot be read.
    Read(String, std::io::Error),
    /// It is not TOML of this shape, for the reason found in this line.
    Parse(String, usize, String),
}

impl std::fmt::Display for ConfigError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Read(path, error) => write!(f, "{path}: {error}"),
            // The place and the reason; never the line itself, which may be a password's.
            Self::Parse(path, line, reason) => write!(f, "{path}, line {line}: {reason}"),
        }
    }
}

impl std::error::Error for ConfigError {}

impl Config {
    /// Reads the file at `path`; what its members mean together is checked in `prepared.rs`.
    pub(crate) fn read(path: &str) -> Result<Self, ConfigError> {
        let text = std::fs::read_to_string(path).map_err(|error| ConfigError::Read(path.to_owned(), error))?;
        toml::from_str(&text).map_err(|error| {
            let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
            ConfigError::Parse(
                path.to_owned(),
                before.matches('\n').count().saturating_add(1),
                error.message().to_owned(),
            )
        })
    }
}
