//! The rules of access keys as data (design rule 10): a profile's numbers, checked once against what FAPI forbids.

mod report;
mod settings;

use ingam_jose::SignatureAlgorithm;
use ingam_wire::Seconds;

pub use self::settings::{AccessKeyFormat, AccessKeySettings, DpopNonce, RiskClass, Signing};

/// The rules of access keys, within what FAPI 2.0 permits: [`AccessKeyPolicy::new`] lets nothing else through.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct AccessKeyPolicy(AccessKeySettings);

/// Why settings cannot be a policy, in the order of the checks.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum PolicyError {
    /// An authorization code lives 1 to 60 seconds (SP 5.3.2.1-11).
    #[error("an authorization code must live 1 to 60 seconds")]
    CodeLifetime,
    /// A `request_uri` lives 5 to 599 seconds (SP 5.3.2.2-12).
    #[error("a pushed request must live 5 to 599 seconds")]
    PushLifetime,
    /// Access keys are short-lived: 1 to 3,600 seconds, the riskier the shorter (SP section 6).
    #[error("an access key must live 1 to 3600 seconds, one for high risk no longer than an ordinary one")]
    AccessKeyLifetime,
    /// A refresh token outlives its access keys and its idle time is within its life.
    #[error("a refresh token must outlive its access keys and its idle time")]
    RefreshLifetime,
    /// `iat` and `nbf` up to 10 seconds ahead are accepted, more than 60 refused (SP 5.3.2.1-13).
    #[error("the accepted future skew must be 10 to 60 seconds")]
    FutureSkew,
    /// The window of a proof is 10 to 300 seconds (RFC 9449 section 11.1; the suite sends proofs 10 s old).
    #[error("the window of a proof must be 10 to 300 seconds")]
    ProofWindow,
    /// The accepted life of an assertion is 60 to 3,600 seconds.
    #[error("an assertion may live 60 to 3600 seconds")]
    AssertionLifetime,
    /// A request object lives at most 3,600 seconds and may live 300 (MS 5.3.1-3, -4).
    #[error("a request object may live 300 to 3600 seconds")]
    RequestObjectLifetime,
    /// A JARM response lives 10 to 600 seconds (JARM 2.1).
    #[error("a JARM response must live 10 to 600 seconds")]
    JarmLifetime,
    /// An ID token lives 1 to 3,600 seconds.
    #[error("an ID token must live 1 to 3600 seconds")]
    IdTokenLifetime,
    /// A server nonce is good for 10 to 600 seconds.
    #[error("a server nonce must be good for 10 to 600 seconds")]
    NonceLifetime,
    /// At least one signature algorithm.
    #[error("a policy without algorithms admits nobody")]
    NoAlgorithm,
    /// At least one way to bind an access key to its holder (SP 5.3.2.1-5).
    #[error("access keys must be bound by DPoP or by certificate")]
    NoBinding,
}

impl PolicyError {
    /// The variant's name, for records.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::CodeLifetime => "CodeLifetime",
            Self::PushLifetime => "PushLifetime",
            Self::AccessKeyLifetime => "AccessKeyLifetime",
            Self::RefreshLifetime => "RefreshLifetime",
            Self::FutureSkew => "FutureSkew",
            Self::ProofWindow => "ProofWindow",
            Self::AssertionLifetime => "AssertionLifetime",
            Self::RequestObjectLifetime => "RequestObjectLifetime",
            Self::JarmLifetime => "JarmLifetime",
            Self::IdTokenLifetime => "IdTokenLifetime",
            Self::NonceLifetime => "NonceLifetime",
            Self::NoAlgorithm => "NoAlgorithm",
            Self::NoBinding => "NoBinding",
        }
    }
}

impl AccessKeyPolicy {
    /// Takes `settings` as policy.
    ///
    /// fapi: SP-AS-5, SP-AS-11, SP-AS-13, SP-AZ-12, SP-K-9, SP-K-10, JM-2
    ///
    /// # Errors
    /// The first [`PolicyError`] that applies; nothing FAPI forbids becomes a policy.
    pub fn new(settings: AccessKeySettings) -> Result<Self, PolicyError> {
        let s = &settings;
        let within = |span: Seconds, least: u64, most: u64| (least..=most).contains(&span.get());
        if !within(s.code, 1, 60) {
            return Err(PolicyError::CodeLifetime);
        }
        if !within(s.pushed, 5, 599) {
            return Err(PolicyError::PushLifetime);
        }
        if !within(s.access_key, 1, 3600) || !within(s.access_key_high_risk, 1, s.access_key.get()) {
            return Err(PolicyError::AccessKeyLifetime);
        }
        if s.refresh_token <= s.access_key || s.refresh_idle > s.refresh_token || s.refresh_idle <= s.access_key {
            return Err(PolicyError::RefreshLifetime);
        }
        if !within(s.future_skew, 10, 60) {
            return Err(PolicyError::FutureSkew);
        }
        if !within(s.proof_window, 10, 300) {
            return Err(PolicyError::ProofWindow);
        }
        if !within(s.assertion, 60, 3600) {
            return Err(PolicyError::AssertionLifetime);
        }
        if !within(s.request_object, 300, 3600) {
            return Err(PolicyError::RequestObjectLifetime);
        }
        if !within(s.jarm, 10, 600) {
            return Err(PolicyError::JarmLifetime);
        }
        if !within(s.id_token, 1, 3600) {
            return Err(PolicyError::IdTokenLifetime);
        }
        if !within(s.nonce, 10, 600) {
            return Err(PolicyError::NonceLifetime);
        }
        if s.algorithms.is_empty() {
            return Err(PolicyError::NoAlgorithm);
        }
        if !s.dpop && !s.mtls {
            return Err(PolicyError::NoBinding);
        }
        Ok(Self(settings))
    }

    /// FAPI 2.0 Security Profile Final with the numbers of [`AccessKeySettings::fapi2_security`].
    #[must_use]
    pub fn fapi2_security() -> Self {
        Self(AccessKeySettings::fapi2_security())
    }

    /// FAPI 2.0 Message Signing Final: the security profile, with signed requests and signed responses demanded.
    #[must_use]
    pub fn fapi2_message_signing() -> Self {
        Self(AccessKeySettings {
            version: "fapi2-message-signing/1",
            signing: Signing::Required,
            ..AccessKeySettings::fapi2_security()
        })
    }

    /// The settings.
    #[must_use]
    pub const fn settings(&self) -> &AccessKeySettings {
        &self.0
    }

    /// Whether `algorithm` is permitted.
    ///
    /// fapi: SP-K-1, JW-1
    #[must_use]
    pub fn admits(&self, algorithm: SignatureAlgorithm) -> bool {
        self.0.algorithms.contains(&algorithm)
    }

    /// How long an access key of this risk class lives.
    #[must_use]
    pub const fn access_key_lifetime(&self, risk: RiskClass) -> Seconds {
        match risk {
            RiskClass::Ordinary => self.0.access_key,
            RiskClass::High => self.0.access_key_high_risk,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(change: impl FnOnce(&mut AccessKeySettings)) -> Result<AccessKeyPolicy, PolicyError> {
        let mut settings = AccessKeySettings::fapi2_security();
        change(&mut settings);
        AccessKeyPolicy::new(settings)
    }

    #[test]
    fn the_built_in_policies_pass_their_own_constructor() {
        for policy in [AccessKeyPolicy::fapi2_security(), AccessKeyPolicy::fapi2_message_signing()] {
            assert_eq!(AccessKeyPolicy::new(policy.settings().clone()), Ok(policy));
        }
    }

    /// fapi: SP-AS-5, SP-AS-11, SP-AS-13, SP-AZ-12, SP-K-9, SP-K-10, JM-2
    #[test]
    fn what_fapi_forbids_never_becomes_a_policy() {
        let s = Seconds::new;
        assert_eq!(with(|p| p.code = s(61)), Err(PolicyError::CodeLifetime));
        assert_eq!(with(|p| p.code = s(0)), Err(PolicyError::CodeLifetime));
        assert_eq!(with(|p| p.pushed = s(600)), Err(PolicyError::PushLifetime));
        assert_eq!(with(|p| p.pushed = s(4)), Err(PolicyError::PushLifetime));
        assert_eq!(with(|p| p.access_key = s(3601)), Err(PolicyError::AccessKeyLifetime));
        assert_eq!(with(|p| p.access_key_high_risk = s(301)), Err(PolicyError::AccessKeyLifetime));
        assert_eq!(with(|p| p.refresh_token = s(300)), Err(PolicyError::RefreshLifetime));
        assert_eq!(with(|p| p.future_skew = s(9)), Err(PolicyError::FutureSkew));
        assert_eq!(with(|p| p.future_skew = s(61)), Err(PolicyError::FutureSkew));
        assert_eq!(with(|p| p.proof_window = s(301)), Err(PolicyError::ProofWindow));
        assert_eq!(with(|p| p.assertion = s(3601)), Err(PolicyError::AssertionLifetime));
        assert_eq!(with(|p| p.request_object = s(299)), Err(PolicyError::RequestObjectLifetime));
        assert_eq!(with(|p| p.request_object = s(3601)), Err(PolicyError::RequestObjectLifetime));
        assert_eq!(with(|p| p.jarm = s(601)), Err(PolicyError::JarmLifetime));
        assert_eq!(with(|p| p.id_token = s(0)), Err(PolicyError::IdTokenLifetime));
        assert_eq!(with(|p| p.nonce = s(601)), Err(PolicyError::NonceLifetime));
        assert_eq!(with(|p| p.algorithms.clear()), Err(PolicyError::NoAlgorithm));
        assert_eq!(
            with(|p| {
                p.dpop = false;
                p.mtls = false;
            }),
            Err(PolicyError::NoBinding)
        );
    }

    #[test]
    fn the_report_prints_every_number_once() {
        let lines = AccessKeyPolicy::fapi2_security().report();
        assert!(lines.iter().any(|line| line == "authorization code: 60 s"), "{lines:?}");
        assert!(lines.iter().any(|line| line == "access key: 300 s, high risk 60 s, jwt"), "{lines:?}");
        assert!(lines.iter().any(|line| line == "bindings: dpop, mtls"), "{lines:?}");
        assert!(lines.iter().any(|line| line == "algorithms: ES256, EdDSA, PS256"), "{lines:?}");
    }
}
