use std::sync::Arc;

use ingam_jose::{
    CryptoProvider, KeyError,
    jwt::{JwtError, Presented},
};
use ingam_ports::{ChainError, ChainVerifier, Claim, PeerIdentity, Unclaimed};
use ingam_protocol::{ClientId, ClientParameters, Issuer, OAuthError};
use ingam_wire::UnixTime;
use serde::Deserialize;

use super::{Authentication, RegisteredFintech, decoy::Decoys};
use crate::{
    assertion::{AssertionCheck, AssertionError, AssertionKind},
    policy::AccessKeyPolicy,
};

/// The client that a request claims to come from: good for looking up its record, nothing else.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ClaimedClient(ClientId);

impl ClaimedClient {
    /// The client id, to look its record up.
    #[must_use]
    pub const fn for_lookup(&self) -> &ClientId {
        &self.0
    }
}

/// How a fintech was authenticated.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum AuthenticationMethod {
    /// `private_key_jwt`
    PrivateKeyJwt,
    /// `tls_client_auth`
    TlsClientAuth,
    /// `self_signed_tls_client_auth`
    SelfSignedTlsClientAuth,
}

/// Proof that a request comes from this fintech, which may act; only [`FintechAuthenticator::authenticate`] makes one.
///
/// ```compile_fail,E0451
/// # use ingam_access_key::*;
/// # fn forge(fintech: std::sync::Arc<RegisteredFintech>) -> AuthenticatedFintech {
/// AuthenticatedFintech { fintech, method: AuthenticationMethod::PrivateKeyJwt }
/// # }
/// ```
/// ```
/// # use ingam_access_key::*;
/// # fn read(fintech: AuthenticatedFintech) -> AuthenticationMethod {
/// fintech.method()
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct AuthenticatedFintech {
    fintech: Arc<RegisteredFintech>,
    method: AuthenticationMethod,
}

impl AuthenticatedFintech {
    /// The fintech.
    #[must_use]
    pub fn fintech(&self) -> &RegisteredFintech {
        &self.fintech
    }

    /// Its client id.
    #[must_use]
    pub fn client_id(&self) -> &ClientId {
        self.fintech.client_id()
    }

    /// How it was authenticated.
    #[must_use]
    pub const fn method(&self) -> AuthenticationMethod {
        self.method
    }
}

/// Why a fintech was not authenticated, in the order of the checks; on the wire all are `invalid_client`.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum AuthenticationError {
    /// Neither assertion nor `client_id`.
    #[error("nothing says who the client is")]
    NoCredentials,
    /// `client_id` is not the assertion's client.
    #[error("client_id is not the assertion's client")]
    ClientMismatch,
    /// The assertion cannot be read.
    #[error("the client assertion cannot be read: {0}")]
    Unreadable(JwtError),
    /// No such fintech.
    #[error("unknown client")]
    UnknownClient,
    /// The fintech is registered for assertions and sent none.
    #[error("a client assertion is required")]
    AssertionRequired,
    /// The fintech is registered for certificates and sent an assertion.
    #[error("the client authenticates by certificate")]
    AssertionUnexpected,
    /// The assertion is not good.
    #[error(transparent)]
    Assertion(#[from] AssertionError),
    /// The fintech may not sign with this algorithm.
    #[error("the algorithm is not registered for this client")]
    AlgorithmNotRegistered,
    /// No certificate was shown.
    #[error("a client certificate is required")]
    CertificateRequired,
    /// The certificate leads to no trusted CA.
    #[error(transparent)]
    Chain(#[from] ChainError),
    /// No chain verifier is configured, so no CA is trusted.
    #[error("no certificate authority is configured")]
    NoTrustAnchors,
    /// The certificate names somebody else.
    #[error("the certificate is another's")]
    WrongSubject,
    /// The certificate's serialNumber is not the registered organisation's.
    #[error("the certificate is another organisation's")]
    WrongOrganisation,
    /// The certificate is none of the registered ones.
    #[error("the certificate is not registered")]
    UnregisteredCertificate,
    /// The certificate is past its validity.
    #[error("the certificate has expired")]
    CertificateExpired,
    /// The fintech may not act.
    #[error("the client is not active")]
    NotActive,
}

impl AuthenticationError {
    /// The variant's name, for records.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::NoCredentials => "NoCredentials",
            Self::ClientMismatch => "ClientMismatch",
            Self::Unreadable(_) => "InvalidClientAssertion",
            Self::UnknownClient => "UnknownClient",
            Self::AssertionRequired => "AssertionRequired",
            Self::AssertionUnexpected => "AssertionUnexpected",
            Self::Assertion(error) => error.name(),
            Self::AlgorithmNotRegistered => "AlgorithmNotRegistered",
            Self::CertificateRequired => "CertificateRequired",
            Self::Chain(ChainError::Untrusted) => "CertificateUntrusted",
            Self::Chain(ChainError::Expired) => "CertificateExpired",
            Self::Chain(ChainError::Revoked) => "CertificateRevoked",
            Self::Chain(ChainError::RevocationUnknown) => "RevocationUnknown",
            Self::NoTrustAnchors => "NoTrustAnchors",
            Self::WrongSubject => "WrongSubject",
            Self::WrongOrganisation => "WrongOrganisation",
            Self::UnregisteredCertificate => "UnregisteredCertificate",
            Self::CertificateExpired => "CertificateExpired",
            Self::NotActive => "NotActive",
        }
    }

    /// What the peer is told: the same for every cause.
    ///
    /// fapi: CA-8, CA-9, MT-4, X-AS-13, X-AS-16
    #[must_use]
    pub const fn to_oauth_error(&self) -> OAuthError {
        OAuthError::InvalidClient
    }
}

/// Authenticates fintechs: by assertion or by certificate, as each is registered; there is no client secret.
#[derive(Clone, Debug)]
pub struct FintechAuthenticator {
    operator: Issuer,
    policy: Arc<AccessKeyPolicy>,
    provider: Arc<dyn CryptoProvider>,
    chains: Option<Arc<dyn ChainVerifier>>,
    decoys: Decoys,
}

impl FintechAuthenticator {
    /// An authenticator for the operator `operator`; `chains` knows the CAs trusted for `tls_client_auth`.
    ///
    /// # Errors
    /// [`KeyError`] when the provider cannot make the decoy keys that unknown clients are verified against.
    pub fn new(
        operator: Issuer,
        policy: Arc<AccessKeyPolicy>,
        provider: Arc<dyn CryptoProvider>,
        chains: Option<Arc<dyn ChainVerifier>>,
    ) -> Result<Self, KeyError> {
        let decoys = Decoys::new(&*provider)?;
        Ok(Self { operator, policy, provider, chains, decoys })
    }

    /// Which fintech the request claims to come from: the assertion's subject, else `client_id`.
    ///
    /// fapi: CA-1, CA-6, MT-3, X-AS-4, X-AS-16
    ///
    /// # Errors
    /// `NoCredentials`, `ClientMismatch`, `Unreadable`.
    pub fn claimed(&self, presented: &ClientParameters) -> Result<ClaimedClient, AuthenticationError> {
        let Some(assertion) = &presented.assertion else {
            return presented.client_id.clone().map(ClaimedClient).ok_or(AuthenticationError::NoCredentials);
        };
        let token = Presented::<AssertionKind>::parse(assertion.expose()).map_err(AuthenticationError::Unreadable)?;
        let named = token.claimed::<Named>().map_err(AuthenticationError::Unreadable)?;
        let named = named.for_lookup();
        let client = named.sub.as_deref().or(named.iss.as_deref());
        let client = client.ok_or(AuthenticationError::Assertion(AssertionError::SubjectMissing))?;
        if presented.client_id.as_ref().is_some_and(|id| id.as_str() != client) {
            return Err(AuthenticationError::ClientMismatch);
        }
        client.parse().map(ClaimedClient).map_err(|_| AuthenticationError::UnknownClient)
    }

    /// Authenticates; `fintech` is what the lookup by [`FintechAuthenticator::claimed`] found.
    ///
    /// An unknown client costs the same check of signature or chain as a known one, as does a known one whose key is not
    /// found or that is registered otherwise, so that time tells nothing (3.1.16.8).
    ///
    /// fapi: SP-AS-3, SP-AS-6, SP-AZ-4, CA-6, MT-1, MT-2, MT-4
    /// x1149: 3.1.16.2
    ///
    /// # Errors
    /// The first [`AuthenticationError`] that applies.
    pub fn authenticate(
        &self,
        presented: &ClientParameters,
        fintech: Option<&Arc<RegisteredFintech>>,
        peer: Option<&PeerIdentity>,
        now: UnixTime,
    ) -> Result<Unclaimed<AuthenticatedFintech>, AuthenticationError> {
        let claimed = self.claimed(presented)?;
        let Some(fintech) = fintech.filter(|fintech| fintech.client_id() == claimed.for_lookup()) else {
            self.spend(presented, peer, now);
            return Err(AuthenticationError::UnknownClient);
        };
        let (method, claims) = match (&fintech.entry().authentication, &presented.assertion) {
            (Authentication::PrivateKeyJwt, Some(assertion)) => {
                let claim = self.check_assertion(assertion.expose(), presented, fintech, now)?;
                (AuthenticationMethod::PrivateKeyJwt, vec![claim])
            }
            (Authentication::PrivateKeyJwt, None) => {
                self.spend(presented, peer, now);
                return Err(AuthenticationError::AssertionRequired);
            }
            (_, Some(_)) => {
                self.decoys.check(presented);
                return Err(AuthenticationError::AssertionUnexpected);
            }
            (Authentication::TlsClientAuth(subject), None) => {
                let peer = peer.ok_or(AuthenticationError::CertificateRequired)?;
                let chains = self.chains.as_ref().ok_or(AuthenticationError::NoTrustAnchors)?;
                chains.verify(&peer.chain, now)?;
                if !subject.matches(peer) {
                    return Err(AuthenticationError::WrongSubject);
                }
                (AuthenticationMethod::TlsClientAuth, Vec::new())
            }
            (Authentication::SelfSignedTlsClientAuth(hashes), None) => {
                let peer = peer.ok_or(AuthenticationError::CertificateRequired)?;
                if !hashes.contains(&peer.certificate_sha256) {
                    self.spend(presented, Some(peer), now);
                    return Err(AuthenticationError::UnregisteredCertificate);
                }
                if peer.not_after < now {
                    return Err(AuthenticationError::CertificateExpired);
                }
                (AuthenticationMethod::SelfSignedTlsClientAuth, Vec::new())
            }
        };
        if method == AuthenticationMethod::TlsClientAuth {
            let registered = fintech.entry().organisation.as_deref();
            let shown = peer.and_then(|peer| peer.serial_number.as_deref());
            if registered.is_some_and(|registered| shown != Some(registered)) {
                return Err(AuthenticationError::WrongOrganisation);
            }
        }
        if !fintech.entry().status.may_act() {
            return Err(AuthenticationError::NotActive);
        }
        let evidence = AuthenticatedFintech { fintech: Arc::clone(fintech), method };
        Ok(Unclaimed::new(evidence, claims))
    }

    /// Spends the time that a client registered for what was shown would cost: one check of the assertion's signature, or
    /// one of the certificate's chain. Whatever comes of it counts for nothing.
    ///
    /// x1149: 3.1.16.8
    fn spend(&self, presented: &ClientParameters, peer: Option<&PeerIdentity>, now: UnixTime) {
        self.decoys.check(presented);
        if let (None, Some(peer), Some(chains)) = (&presented.assertion, peer, &self.chains) {
            let _ = chains.verify(&peer.chain, now);
        }
    }

    fn check_assertion(
        &self,
        assertion: &str,
        presented: &ClientParameters,
        fintech: &RegisteredFintech,
        now: UnixTime,
    ) -> Result<Claim, AuthenticationError> {
        let algorithm =
            Presented::<AssertionKind>::parse(assertion).map_err(AuthenticationError::Unreadable)?.algorithm();
        if !fintech.record().admits(algorithm, &self.policy) {
            self.decoys.check(presented);
            return Err(AuthenticationError::AlgorithmNotRegistered);
        }
        let check = AssertionCheck { operator: &self.operator, policy: &self.policy, provider: &*self.provider };
        check.verify(assertion, fintech.client_id(), fintech.keys(), now).map_err(|error| {
            if let AssertionError::Token(JwtError::UnknownKey | JwtError::KeyAlgorithmMismatch) = error {
                self.decoys.check(presented);
            }
            error.into()
        })
    }
}

#[derive(Deserialize)]
struct Named {
    #[serde(default)]
    iss: Option<String>,
    #[serde(default)]
    sub: Option<String>,
}
