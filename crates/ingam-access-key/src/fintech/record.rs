use ingam_jose::SignatureAlgorithm;
use ingam_keys::Record;
use ingam_ports::Table;
use ingam_protocol::{RedirectUri, ResponseMode};
use serde::{Deserialize, Serialize};

use super::{Authentication, ClientRole, FintechEntry, FintechStatus, KeySource, RequestForm, StatusError};
use crate::{
    limits,
    policy::{AccessKeyPolicy, Signing},
};

/// A fintech as the operator keeps it: an entry that holds together.
///
/// x1149: 3.1.16.2
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(try_from = "FintechEntry", into = "FintechEntry")]
pub struct FintechRecord(FintechEntry);

/// Why an entry cannot be a record, in the order of the checks.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum EntryError {
    /// Nobody answers for the fintech.
    #[error("a fintech needs an owner")]
    OwnerMissing,
    /// There is no name to show.
    #[error("a fintech needs a name that users are shown")]
    NameMissing,
    /// There is no redirect URI, or more than 32.
    #[error("a fintech needs 1 to 32 redirect URIs")]
    RedirectUris,
    /// It may ask for nothing.
    #[error("a fintech needs a scope or a type of authorization details")]
    NothingToAsk,
    /// The certificate subject is empty.
    #[error("the certificate subject is empty")]
    EmptySubject,
    /// No certificate is registered for `self_signed_tls_client_auth`.
    #[error("no certificate is registered")]
    NoCertificate,
    /// Something is to be verified with its keys and it has none.
    #[error("the fintech signs but has no keys")]
    KeysMissing,
    /// `jwks_uri` is not https (SP 5.4.2-1).
    #[error("jwks_uri must be https")]
    KeysNotHttps,
}

impl EntryError {
    /// The variant's name, for records.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::OwnerMissing => "OwnerMissing",
            Self::NameMissing => "NameMissing",
            Self::RedirectUris => "RedirectUris",
            Self::NothingToAsk => "NothingToAsk",
            Self::EmptySubject => "EmptySubject",
            Self::NoCertificate => "NoCertificate",
            Self::KeysMissing => "KeysMissing",
            Self::KeysNotHttps => "KeysNotHttps",
        }
    }
}

impl FintechRecord {
    /// Takes `entry` as record.
    ///
    /// fapi: SP-K-5, MT-1
    ///
    /// # Errors
    /// The first [`EntryError`] that applies.
    pub fn new(entry: FintechEntry) -> Result<Self, EntryError> {
        if entry.owner.trim().is_empty() {
            return Err(EntryError::OwnerMissing);
        }
        if entry.name.trim().is_empty() {
            return Err(EntryError::NameMissing);
        }
        let asks = entry.role == ClientRole::Fintech;
        if asks && !(1..=limits::REDIRECT_URIS).contains(&entry.redirect_uris.len()) {
            return Err(EntryError::RedirectUris);
        }
        if asks && entry.scopes.is_empty() && entry.authorization_details_types.is_empty() {
            return Err(EntryError::NothingToAsk);
        }
        match &entry.authentication {
            Authentication::TlsClientAuth(subject) if subject.is_empty() => return Err(EntryError::EmptySubject),
            Authentication::SelfSignedTlsClientAuth(hashes) if hashes.is_empty() => {
                return Err(EntryError::NoCertificate);
            }
            _ => {}
        }
        let signs = entry.authentication == Authentication::PrivateKeyJwt || entry.request == RequestForm::Signed;
        match &entry.keys {
            KeySource::None if signs => return Err(EntryError::KeysMissing),
            KeySource::Uri(uri) if !uri.is_https() => return Err(EntryError::KeysNotHttps),
            _ => {}
        }
        Ok(Self(entry))
    }

    /// What is written down.
    #[must_use]
    pub const fn entry(&self) -> &FintechEntry {
        &self.0
    }

    /// The same fintech in another state.
    ///
    /// # Errors
    /// [`StatusError`] when the state it is in does not permit the step.
    pub fn with_status(mut self, to: FintechStatus) -> Result<Self, StatusError> {
        self.0.status = self.0.status.advance(to)?;
        Ok(self)
    }

    /// Whether users may be sent back to `uri`: byte by byte one of those registered.
    ///
    /// fapi: BCP-1, SP-AS-7, BCP-2
    #[must_use]
    pub fn permits_redirect(&self, uri: &RedirectUri) -> bool {
        self.0.redirect_uris.contains(uri)
    }

    /// Whether it may sign with `algorithm` under `policy`.
    ///
    /// fapi: CA-7, MS-23
    #[must_use]
    pub fn admits(&self, algorithm: SignatureAlgorithm, policy: &AccessKeyPolicy) -> bool {
        policy.admits(algorithm) && (self.0.algorithms.is_empty() || self.0.algorithms.contains(&algorithm))
    }

    /// How it must ask under `policy`.
    ///
    /// fapi: MS-1
    #[must_use]
    pub fn request_form(&self, policy: &AccessKeyPolicy) -> RequestForm {
        match policy.settings().signing {
            Signing::Required => RequestForm::Signed,
            Signing::PerFintech => self.0.request,
        }
    }

    /// How it is answered under `policy`.
    ///
    /// fapi: MS-12
    #[must_use]
    pub fn response_mode(&self, policy: &AccessKeyPolicy) -> ResponseMode {
        match policy.settings().signing {
            Signing::Required => ResponseMode::Jwt,
            Signing::PerFintech => self.0.response,
        }
    }
}

impl TryFrom<FintechEntry> for FintechRecord {
    type Error = EntryError;

    fn try_from(entry: FintechEntry) -> Result<Self, EntryError> {
        Self::new(entry)
    }
}

impl From<FintechRecord> for FintechEntry {
    fn from(record: FintechRecord) -> Self {
        record.0
    }
}

impl Record for FintechRecord {
    const TABLE: Table = Table::Fintechs;
}
