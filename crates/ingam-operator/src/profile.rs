use ingam_access_key::{AccessKeyPolicy, AccessKeySettings, PolicyError};
use ingam_jose::SignatureAlgorithm;
use ingam_transaction::policy::{CoveragePolicy, FAPI_2_REQUEST, FAPI_2_RESPONSE};

/// The rules of a regime as data: everything that decides and is not the bank's own.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Profile {
    /// Its name in configurations.
    pub name: &'static str,
    /// Lifetimes, windows, algorithms and bindings of access keys.
    pub access_key: AccessKeyPolicy,
    /// What signed requests must cover.
    pub requests: CoveragePolicy,
    /// What signed answers cover.
    pub responses: CoveragePolicy,
    /// What a reader of the report should know besides.
    pub remarks: &'static [&'static str],
}

/// No profile of this name, or its settings do not hold; the start-up stops.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum ProfileError {
    /// The name is none of `fapi2-security`, `fapi2-message-signing`, `kcmvp`.
    #[error("unknown profile; known are fapi2-security, fapi2-message-signing, kcmvp")]
    Unknown,
    /// Settings that were changed do not hold together.
    #[error(transparent)]
    Policy(#[from] PolicyError),
}

impl Profile {
    /// The profile of this name.
    ///
    /// # Errors
    /// [`ProfileError::Unknown`]; a policy is never skipped (CVE-2026-9792).
    pub fn named(name: &str) -> Result<Self, ProfileError> {
        match name {
            "fapi2-security" => Ok(Self::fapi2_security()),
            "fapi2-message-signing" => Ok(Self::fapi2_message_signing()),
            "kcmvp" => Self::kcmvp(),
            _ => Err(ProfileError::Unknown),
        }
    }

    /// FAPI 2.0 Security Profile Final.
    #[must_use]
    pub fn fapi2_security() -> Self {
        Self {
            name: "fapi2-security",
            access_key: AccessKeyPolicy::fapi2_security(),
            requests: FAPI_2_REQUEST.permitting_unsigned(),
            responses: FAPI_2_RESPONSE,
            remarks: &[],
        }
    }

    /// FAPI 2.0 Message Signing Final: signed requests (JAR) and signed responses (JARM).
    #[must_use]
    pub fn fapi2_message_signing() -> Self {
        Self {
            name: "fapi2-message-signing",
            access_key: AccessKeyPolicy::fapi2_message_signing(),
            ..Self::fapi2_security()
        }
    }

    /// Only algorithms of Korea's list of validated cryptography (KCMVP).
    ///
    /// # Errors
    /// [`ProfileError::Policy`], never for the settings written here.
    pub fn kcmvp() -> Result<Self, ProfileError> {
        let settings = AccessKeySettings {
            version: "kcmvp/1",
            algorithms: KCMVP_LIST.to_vec(),
            ..AccessKeySettings::fapi2_security()
        };
        Ok(Self {
            name: "kcmvp",
            access_key: AccessKeyPolicy::new(settings)?,
            requests: CoveragePolicy { algorithms: KCMVP_LIST, ..FAPI_2_REQUEST },
            responses: CoveragePolicy { algorithms: KCMVP_LIST, ..FAPI_2_RESPONSE },
            remarks: &["algorithms: list only; module not validated"],
        })
    }

    /// The profile with other settings of access keys.
    ///
    /// # Errors
    /// [`ProfileError::Policy`] for settings that FAPI forbids.
    pub fn with(mut self, change: impl FnOnce(&mut AccessKeySettings)) -> Result<Self, ProfileError> {
        let mut settings = self.access_key.settings().clone();
        change(&mut settings);
        self.access_key = AccessKeyPolicy::new(settings)?;
        Ok(self)
    }

    /// Name and version of the policy, as every record prints it.
    #[must_use]
    pub const fn version(&self) -> &'static str {
        self.access_key.settings().version
    }

    /// Every rule in words, one a line, for start-up and the auditor.
    #[must_use]
    pub fn report(&self) -> Vec<String> {
        let mut lines = vec![format!("profile: {}", self.name)];
        lines.extend(self.access_key.report());
        lines.push(format!("signed requests: {}", self.requests.name));
        lines.push(format!("signed answers: {}", self.responses.name));
        // A verifier without the store learns of a revocation only when the access key ends.
        let life = self.access_key.settings().access_key.get();
        lines.push(format!(
            "a revocation reaches verifiers without the store within {life} s, others at their next check"
        ));
        lines.extend(self.remarks.iter().map(|remark| (*remark).to_owned()));
        lines
    }
}

/// The signature algorithms of Korea's list that we have: ECDSA and RSA-PSS; EdDSA is not on it.
const KCMVP_LIST: &[SignatureAlgorithm] = &[SignatureAlgorithm::Es256, SignatureAlgorithm::Ps256];

#[cfg(test)]
mod tests {
    use super::{Profile, ProfileError};

    #[test]
    fn sr_59_an_unknown_profile_stops_the_start_up() {
        assert_eq!(Profile::named("fapi2").err(), Some(ProfileError::Unknown));
        assert_eq!(Profile::named("").err(), Some(ProfileError::Unknown));
        for name in ["fapi2-security", "fapi2-message-signing", "kcmvp"] {
            assert_eq!(Profile::named(name).map(|profile| profile.name), Ok(name));
        }
    }

    #[test]
    fn settings_that_fapi_forbids_are_no_profile() {
        let changed = Profile::fapi2_security().with(|settings| settings.code = ingam_wire::Seconds::new(61));
        assert!(matches!(changed, Err(ProfileError::Policy(_))));
    }

    #[test]
    fn the_korean_profile_admits_only_what_the_list_names_and_says_so() {
        let report = Profile::kcmvp().unwrap().report().join("\n");
        assert!(report.contains("algorithms: ES256, PS256\n") && report.contains("module not validated"), "{report}");
        assert!(!report.contains("EdDSA"));
    }
}
