use ingam_jose::KeySet;
use ingam_protocol::{AuthorizationServerMetadata, Issuer, ResponseMode};
use ingam_wire::{HttpUrl, UnixTime};

use super::DiscoveryError;
use crate::membership::{Binding, Membership, RequestForm};

/// An operator that was discovered: its metadata and keys, and since when they are known.
#[derive(Clone, Debug)]
pub struct Operator {
    metadata: AuthorizationServerMetadata,
    keys: KeySet,
    since: UnixTime,
}

/// An endpoint of an operator.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Endpoint {
    /// Where requests are pushed.
    Push,
    /// Where codes become access keys.
    Token,
    /// Where tokens are given back.
    Revocation,
}

impl Operator {
    /// The operator that `metadata` describe, if it offers what `membership` says.
    ///
    /// fapi: SP-C-9, SP-C-15
    ///
    /// # Errors
    /// `Missing` or `NotOffered`.
    pub fn new(
        metadata: AuthorizationServerMetadata,
        keys: KeySet,
        membership: &Membership,
        now: UnixTime,
    ) -> Result<Self, DiscoveryError> {
        if metadata.authorization_endpoint.is_none() {
            return Err(DiscoveryError::Missing("authorization_endpoint"));
        }
        if metadata.token_endpoint.is_none() {
            return Err(DiscoveryError::Missing("token_endpoint"));
        }
        if metadata.pushed_authorization_request_endpoint.is_none() {
            return Err(DiscoveryError::Missing("pushed_authorization_request_endpoint"));
        }
        let lists = |list: &[String], value: &str| list.iter().any(|entry| entry == value);
        if !lists(&metadata.code_challenge_methods_supported, "S256") {
            return Err(DiscoveryError::NotOffered("code_challenge_method S256"));
        }
        let modes = &metadata.response_modes_supported;
        if membership.response == ResponseMode::Jwt && !lists(modes, "jwt") && !lists(modes, "query.jwt") {
            return Err(DiscoveryError::NotOffered("response_mode jwt"));
        }
        if let RequestForm::Signed(signer) = &membership.request {
            let offered = &metadata.request_object_signing_alg_values_supported;
            if !offers(offered, &**signer) {
                return Err(DiscoveryError::NotOffered("the request object's algorithm"));
            }
        }
        match &membership.binding {
            Binding::Dpop(signer) if !offers(&metadata.dpop_signing_alg_values_supported, &**signer) => {
                Err(DiscoveryError::NotOffered("the proof's algorithm"))
            }
            Binding::Certificate if !metadata.tls_client_certificate_bound_access_tokens => {
                Err(DiscoveryError::NotOffered("certificate-bound access keys"))
            }
            Binding::Dpop(_) | Binding::Certificate => Ok(Self { metadata, keys, since: now }),
        }
    }

    /// Who it is.
    #[must_use]
    pub const fn issuer(&self) -> &Issuer {
        &self.metadata.issuer
    }

    /// What it says of itself.
    #[must_use]
    pub const fn metadata(&self) -> &AuthorizationServerMetadata {
        &self.metadata
    }

    /// Its public keys.
    #[must_use]
    pub const fn keys(&self) -> &KeySet {
        &self.keys
    }

    /// When it was asked.
    #[must_use]
    pub const fn since(&self) -> UnixTime {
        self.since
    }

    /// The URL of an endpoint, the mTLS alias where the membership calls for it and there is one.
    ///
    /// fapi: SP-C-7, MT-8, X-C-23
    #[must_use]
    pub fn endpoint(&self, endpoint: Endpoint, membership: &Membership) -> Option<&HttpUrl> {
        let metadata = &self.metadata;
        let aliases = metadata.mtls_endpoint_aliases.as_ref().filter(|_| membership.uses_mtls_endpoints());
        let (alias, normal) = match endpoint {
            Endpoint::Push => (
                aliases.and_then(|a| a.pushed_authorization_request_endpoint.as_ref()),
                metadata.pushed_authorization_request_endpoint.as_ref(),
            ),
            Endpoint::Token => (aliases.and_then(|a| a.token_endpoint.as_ref()), metadata.token_endpoint.as_ref()),
            Endpoint::Revocation => {
                (aliases.and_then(|a| a.revocation_endpoint.as_ref()), metadata.revocation_endpoint.as_ref())
            }
        };
        alias.or(normal)
    }
}

/// Whether the signer's algorithm is listed; an operator that lists none leaves it open.
fn offers(list: &[String], signer: &dyn ingam_jose::Signer) -> bool {
    let algorithm = signer.verifying_key().algorithm();
    let named = |name: &String| ingam_jose::SignatureAlgorithm::from_name(name) == Some(algorithm);
    list.is_empty() || list.iter().any(named)
}
