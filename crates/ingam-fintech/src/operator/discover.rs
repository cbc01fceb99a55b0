use bytes::Bytes;
use http::{Request, Response, StatusCode};
use ingam_jose::{CryptoProvider, KeySet, KeySetError, SkippedKey};
use ingam_ports::TransportError;
use ingam_protocol::{AuthorizationServerMetadata, Issuer, MetadataError};

use crate::exchange::{self, InvalidTarget};

/// Why an operator was not found, in the order of the checks; nothing else is then asked of it.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum DiscoveryError {
    /// No exchange.
    #[error(transparent)]
    Transport(#[from] TransportError),
    /// A URL cannot be requested.
    #[error(transparent)]
    Target(#[from] InvalidTarget),
    /// Neither place has metadata.
    #[error("no metadata, status {0}")]
    Status(u16),
    /// Not `application/json`.
    #[error("the metadata are not JSON")]
    MediaType,
    /// The metadata are not the issuer's, or not well-formed.
    #[error(transparent)]
    Metadata(#[from] MetadataError),
    /// An endpoint that FAPI 2.0 needs is not published.
    #[error("no {0}")]
    Missing(&'static str),
    /// The operator does not offer what the membership says.
    #[error("the operator does not offer {0}")]
    NotOffered(&'static str),
    /// The key set was not answered.
    #[error("no keys, status {0}")]
    KeysStatus(u16),
    /// The key set is malformed.
    #[error(transparent)]
    Keys(#[from] KeySetError),
}

impl DiscoveryError {
    /// The rule's name.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Transport(_) => "Transport",
            Self::Target(_) => "Target",
            Self::Status(_) => "Status",
            Self::MediaType => "MediaType",
            Self::Metadata(reason) => reason.name(),
            Self::Missing(_) => "Missing",
            Self::NotOffered(_) => "NotOffered",
            Self::KeysStatus(_) => "KeysStatus",
            Self::Keys(_) => "Keys",
        }
    }
}

/// Where metadata may be: RFC 8414's place first, OpenID Connect's when the first has none.
///
/// fapi: X-C-3, MD-2
///
/// # Errors
/// [`DiscoveryError::Target`].
pub fn discovery_requests(issuer: &Issuer) -> Result<[Request<Bytes>; 2], DiscoveryError> {
    let oauth = exchange::get(&issuer.oauth_metadata_url())?;
    Ok([oauth, exchange::get(&issuer.openid_metadata_url())?])
}

/// Reads what one of the places answered; `None` where it has no metadata and the next may be asked.
///
/// Metadata of another issuer end the search: a document that lies is not a missing one.
///
/// x1149: 3.1.16.5
/// fapi: SP-C-9, SP-C-11, MD-3, X-C-2, X-C-17, X-C-20, AM-A1a
///
/// # Errors
/// The first [`DiscoveryError`] that applies.
pub fn read_metadata(
    response: &Response<Bytes>,
    issuer: &Issuer,
) -> Result<Option<AuthorizationServerMetadata>, DiscoveryError> {
    if response.status() != StatusCode::OK {
        return Ok(None);
    }
    if !exchange::is_json(response.headers()) {
        return Err(DiscoveryError::MediaType);
    }
    Ok(Some(AuthorizationServerMetadata::parse(response.body(), issuer)?))
}

/// The request for the operator's keys, where it publishes some.
///
/// # Errors
/// [`DiscoveryError::Target`].
pub fn keys_request(metadata: &AuthorizationServerMetadata) -> Result<Option<Request<Bytes>>, DiscoveryError> {
    metadata.jwks_uri.as_ref().map(|url| exchange::get(url.as_str()).map_err(Into::into)).transpose()
}

/// Reads the operator's keys; those that cannot be used are skipped and reported.
///
/// fapi: SP-K-5, SP-K-8, X-C-12
///
/// # Errors
/// `KeysStatus` or `Keys`.
pub fn read_keys(
    response: &Response<Bytes>,
    provider: &dyn CryptoProvider,
) -> Result<(KeySet, Vec<SkippedKey>), DiscoveryError> {
    if response.status() != StatusCode::OK {
        return Err(DiscoveryError::KeysStatus(response.status().as_u16()));
    }
    Ok(KeySet::parse_foreign(response.body(), None, provider)?)
}
