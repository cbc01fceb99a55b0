use http::{HeaderMap, Method};
use ingam_jose::{
    CryptoProvider, Thumbprint,
    jwt::{JwtError, KnownHeader, Presented, Verified},
};
use ingam_ports::{Claim, ClaimPurpose, Unclaimed};
use ingam_wire::{HttpUrl, Seconds, UnixTime, base64url, same_bytes};

use super::{DPOP, NonceError, NonceSource, ProofKind};
use crate::{limits, policy::AccessKeyPolicy};

/// What a proof is for.
#[derive(Clone, Copy)]
pub struct ProofTarget<'a> {
    /// The method of the request.
    pub method: &'a Method,
    /// The URL of the request as configured for the outside, never taken from the request's own headers.
    pub url: &'a HttpUrl,
    /// The access key that comes with it, at resource endpoints.
    pub access_key: Option<&'a str>,
}

impl core::fmt::Debug for ProofTarget<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("ProofTarget").field("method", &self.method).field("url", &self.url).finish_non_exhaustive()
    }
}

/// Proof that whoever sent this request holds the private half of a key, now, for this very request.
///
/// Only [`ProofCheck::check`] makes one, and it counts only once its `jti` is claimed.
///
/// ```compile_fail,E0451
/// # fn forge(jkt: ingam_jose::Thumbprint, now: ingam_wire::UnixTime) -> ingam_access_key::Proof {
/// ingam_access_key::Proof { jkt, made: now }
/// # }
/// ```
/// ```
/// # fn read(proof: ingam_access_key::Proof) -> ingam_jose::Thumbprint {
/// proof.jkt()
/// # }
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Proof {
    jkt: Thumbprint,
    made: UnixTime,
}

impl Proof {
    /// Thumbprint of the holder's key.
    #[must_use]
    pub const fn jkt(&self) -> Thumbprint {
        self.jkt
    }

    /// When the proof says it was made.
    #[must_use]
    pub const fn made(&self) -> UnixTime {
        self.made
    }
}

/// Why a proof was refused, in the order of the checks (RFC 9449 section 4.3).
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum ProofError {
    /// There is no `DPoP` field.
    #[error("no DPoP proof")]
    Missing,
    /// There is more than one `DPoP` field, or several proofs in one.
    #[error("more than one DPoP proof")]
    TooManyProofs,
    /// Not a well-formed proof with a good signature by the key in it.
    #[error("the DPoP proof is not good: {0}")]
    Token(JwtError),
    /// Its algorithm is not permitted by the policy.
    #[error("the DPoP proof's algorithm is not allowed")]
    AlgorithmNotAllowed,
    /// `jti` is not 1 to 128 characters.
    #[error("the DPoP proof's jti is malformed")]
    MalformedJti,
    /// `htm` is not the method.
    #[error("the DPoP proof is for another method")]
    HtmMismatch,
    /// `htu` is not the configured URL.
    #[error("the DPoP proof is for another URL")]
    HtuMismatch,
    /// A server nonce is demanded and none is in the proof.
    #[error("the DPoP proof lacks the server's nonce")]
    NonceMissing,
    /// The nonce is not ours or too old.
    #[error("the DPoP proof's nonce: {0}")]
    Nonce(NonceError),
    /// `iat` or `nbf` lies too far ahead.
    #[error("the DPoP proof is from the future")]
    FromTheFuture,
    /// `iat` lies too far back, or its own `exp` is past.
    #[error("the DPoP proof is too old")]
    TooOld,
    /// `ath` is missing beside an access key.
    #[error("the DPoP proof lacks ath")]
    AthMissing,
    /// `ath` is of another access key.
    #[error("the DPoP proof is for another access key")]
    AthMismatch,
}

impl ProofError {
    /// The variant's name, for records.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Missing => "Missing",
            Self::TooManyProofs => "TooManyProofs",
            Self::Token(_) => "InvalidDpopProof",
            Self::AlgorithmNotAllowed => "AlgorithmNotAllowed",
            Self::MalformedJti => "MalformedJti",
            Self::HtmMismatch => "HtmMismatch",
            Self::HtuMismatch => "HtuMismatch",
            Self::NonceMissing => "NonceMissing",
            Self::Nonce(NonceError::Unknown) => "NonceUnknown",
            Self::Nonce(NonceError::Stale) => "NonceStale",
            Self::FromTheFuture => "FromTheFuture",
            Self::TooOld => "TooOld",
            Self::AthMissing => "AthMissing",
            Self::AthMismatch => "AthMismatch",
        }
    }

    /// Whether the answer is `use_dpop_nonce` with a fresh nonce; never for a request without any proof (X-AS-9).
    ///
    /// fapi: DP-12, DP-13, X-AS-9
    #[must_use]
    pub const fn wants_nonce(&self) -> bool {
        matches!(self, Self::NonceMissing | Self::Nonce(_))
    }
}

/// Checks proofs: the verifier's half.
#[derive(Clone, Copy, Debug)]
pub struct ProofCheck<'a> {
    /// Windows and algorithms.
    pub policy: &'a AccessKeyPolicy,
    /// Hashes and signatures.
    pub provider: &'a dyn CryptoProvider,
    /// The server's nonces, where they are demanded.
    pub nonces: Option<&'a NonceSource>,
}

impl ProofCheck<'_> {
    /// The twelve checks of RFC 9449 section 4.3, the claim of `jti` left to the caller as the last.
    ///
    /// fapi: DP-1, DP-3, DP-4, DP-5, DP-6, DP-7, DP-16, DP-20, SP-AS-13, SP-K-10, X-AS-7
    ///
    /// # Errors
    /// The first [`ProofError`] that applies; nothing is claimed then.
    pub fn check(
        &self,
        headers: &HeaderMap,
        target: ProofTarget<'_>,
        now: UnixTime,
    ) -> Result<Unclaimed<Proof>, ProofError> {
        let ath = target.access_key.map(|key| self.provider.sha256(&[key.as_bytes()]));
        // 6 and 3: the signature by the embedded key, then the claims, all there.
        let verified = self.present(headers, None)?.verify_embedded(self.provider).map_err(ProofError::Token)?;
        let (proof, claim) = self.meets(verified, target.method, target.url, ath, now)?;
        Ok(Unclaimed::new(proof, vec![claim]))
    }

    /// Checks 1, 2, 4, 5 and 7; a header that is `known` passed them already.
    pub(crate) fn present<'h>(
        &self,
        headers: &'h HeaderMap,
        known: Option<&KnownHeader<ProofKind>>,
    ) -> Result<Presented<'h, ProofKind>, ProofError> {
        // 1: exactly one field. 2, 4, 5, 7: well formed, typ, permitted algorithm, no private member in the key.
        let presented = Presented::parse_known(single(headers)?, known).map_err(ProofError::Token)?;
        if !self.policy.admits(presented.algorithm()) {
            return Err(ProofError::AlgorithmNotAllowed);
        }
        Ok(presented)
    }

    /// The checks from 8 on, for an access key whose SHA-256 is known; what is left to claim.
    pub(crate) fn meets(
        &self,
        verified: Verified<ProofKind>,
        method: &Method,
        url: &HttpUrl,
        access_key: Option<[u8; 32]>,
        now: UnixTime,
    ) -> Result<(Proof, Claim), ProofError> {
        let (claims, key) = verified.into_parts();
        if !(1..=limits::JTI).contains(&claims.jti.len()) {
            return Err(ProofError::MalformedJti);
        }
        // 8 and 9: this method, this URL.
        if claims.htm != method.as_str() {
            return Err(ProofError::HtmMismatch);
        }
        if !same_target(&claims.htu, url) {
            return Err(ProofError::HtuMismatch);
        }
        // 10: the server's nonce.
        if let Some(nonces) = self.nonces {
            let nonce = claims.nonce.as_deref().ok_or(ProofError::NonceMissing)?;
            nonces.check(nonce, now).map_err(ProofError::Nonce)?;
        }
        // 11: made now; a maker may bound it further (RFC 7519 sections 4.1.4 and 4.1.5).
        let settings = self.policy.settings();
        if claims.iat.max(claims.nbf.unwrap_or(claims.iat)) > now.plus(settings.future_skew) {
            return Err(ProofError::FromTheFuture);
        }
        if claims.iat.plus(settings.proof_window) < now || claims.exp.is_some_and(|exp| exp <= now) {
            return Err(ProofError::TooOld);
        }
        // 12: for this access key. (That the access key is bound to this key is checked by whoever knows it.)
        if let Some(expected) = access_key {
            let ath = claims.ath.as_deref().ok_or(ProofError::AthMissing)?;
            let ath: [u8; 32] = base64url::decode_array(ath).map_err(|_| ProofError::AthMismatch)?;
            if !same_bytes(&ath, &expected) {
                return Err(ProofError::AthMismatch);
            }
        }
        let jkt = key.thumbprint();
        let claim = Claim {
            purpose: ClaimPurpose::Proof,
            digest: self.provider.sha256(&[&[PROOF], jkt.as_bytes(), claims.jti.as_bytes()]),
            stated: claims.iat,
            // Accepted until iat + window at a verifier whose clock may run behind by the skew: remembered longer.
            expires: claims.iat.plus(settings.proof_window).plus(settings.future_skew).plus(Seconds::new(1)),
        };
        Ok((Proof { jkt, made: claims.iat }, claim))
    }
}

/// The one proof of a request.
fn single(headers: &HeaderMap) -> Result<&str, ProofError> {
    let mut fields = headers.get_all(DPOP).iter();
    let field = fields.next().ok_or(ProofError::Missing)?;
    if fields.next().is_some() || field.as_bytes().contains(&b',') {
        return Err(ProofError::TooManyProofs);
    }
    field.to_str().map_err(|_| ProofError::Token(JwtError::Malformed))
}

/// Whether `htu` is `url`, both without query and fragment, normalised (RFC 3986 sections 6.2.2 and 6.2.3).
///
/// fapi: DP-4
fn same_target(htu: &str, url: &HttpUrl) -> bool {
    if htu == url.as_str() && !htu.contains(['?', '#']) {
        return true; // the usual case, without allocation
    }
    htu.parse::<HttpUrl>().is_ok_and(|htu| htu.normalized() == url.normalized())
}

/// The byte that keeps claims of proofs apart from others.
const PROOF: u8 = 1;
