//! Which algorithms may be used for what, and until when: dated rows, gathered in profiles.

use core::fmt;

use ingam_wire::UnixTime;

use crate::{Curve, SealingAlgorithm, SignatureAlgorithm};

/// What a row of a profile speaks about.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Algorithm {
    /// A signature.
    Signature(SignatureAlgorithm),
    /// Ephemeral-static agreement on this curve (`ECDH-ES`, `ECDH-ES+A256KW`, HPKE).
    Agreement(Curve),
    /// `RSA-OAEP-256`.
    RsaOaep256,
    /// Content encryption.
    Content(SealingAlgorithm),
    /// Argon2id (RFC 9106).
    Argon2id,
    /// PBKDF2 with HMAC-SHA-256 (RFC 8018 section 5.2).
    Pbkdf2,
}

impl Algorithm {
    /// Its name in reports.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Signature(algorithm) => algorithm.name(),
            Self::Agreement(Curve::X25519) => "ECDH X25519",
            Self::Agreement(Curve::P256) => "ECDH P-256",
            Self::RsaOaep256 => "RSA-OAEP-256",
            Self::Content(SealingAlgorithm::A128Gcm) => "AES-128-GCM",
            Self::Content(SealingAlgorithm::A256Gcm) => "AES-256-GCM",
            Self::Content(SealingAlgorithm::ChaCha20Poly1305) => "ChaCha20-Poly1305",
            Self::Argon2id => "Argon2id",
            Self::Pbkdf2 => "PBKDF2-HMAC-SHA-256",
        }
    }
}

/// What the algorithm is used for; making and checking end at different times.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Purpose {
    /// Making new signatures, seals, derived keys.
    Protect,
    /// Verifying or opening what was protected earlier.
    Process,
}

impl Purpose {
    /// Its name in reports.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Protect => "protect",
            Self::Process => "process",
        }
    }
}

/// One dated permission.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct AlgorithmPolicy {
    /// What is permitted.
    pub algorithm: Algorithm,
    /// For which half of the work.
    pub purpose: Purpose,
    /// Bits of strength the key must have, at least.
    pub strength: u16,
    /// First second of the permission.
    pub from: UnixTime,
    /// First second at which it no longer holds; `None` while no end is known.
    pub until: Option<UnixTime>,
    /// Who says so.
    pub source: &'static str,
}

/// A named set of permissions; what no row permits is refused.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct AlgorithmProfile {
    name: &'static str,
    note: &'static str,
    rows: Vec<AlgorithmPolicy>,
}

/// Why an algorithm may not be used.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum NotPermitted {
    /// No row of the profile names it for this purpose.
    #[error("{} is not permitted", .algorithm.name())]
    Unlisted {
        /// What was asked for.
        algorithm: Algorithm,
    },
    /// The key is weaker than the row asks.
    #[error("{} needs {needed} bits of strength, the key has {strength}", .algorithm.name())]
    TooWeak {
        /// What was asked for.
        algorithm: Algorithm,
        /// Bits the key has.
        strength: u16,
        /// Bits the row asks for.
        needed: u16,
    },
    /// The permission has not begun.
    #[error("{} is permitted from {from:?}", .algorithm.name())]
    NotYet {
        /// What was asked for.
        algorithm: Algorithm,
        /// When it begins.
        from: UnixTime,
    },
    /// The permission has ended.
    #[error("{} was permitted until {until:?}", .algorithm.name())]
    Ended {
        /// What was asked for.
        algorithm: Algorithm,
        /// When it ended.
        until: UnixTime,
    },
}

impl NotPermitted {
    /// The variant's name, as the audit log prints it.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Unlisted { .. } => "Unlisted",
            Self::TooWeak { .. } => "TooWeak",
            Self::NotYet { .. } => "NotYet",
            Self::Ended { .. } => "Ended",
        }
    }
}

/// 2026-01-01T00:00:00Z.
const YEAR_2026: UnixTime = UnixTime::from_secs(1_767_225_600);
/// 2031-01-01T00:00:00Z.
const YEAR_2031: UnixTime = UnixTime::from_secs(1_924_992_000);
/// 2036-01-01T00:00:00Z.
const YEAR_2036: UnixTime = UnixTime::from_secs(2_082_758_400);
const ALWAYS: UnixTime = UnixTime::from_secs(0);

const FAPI: &str = "FAPI 2.0 Security Profile 5.4.1";
const NIST_2030: &str = "FAPI 2.0 5.4.1; 112 bits until 2030 (NIST IR 8547, KISA key length guide)";
const NIST_2035: &str = "FAPI 2.0 5.4.1; quantum-vulnerable until 2035 (NIST IR 8547)";
const KCMVP: &str = "KCMVP list of algorithms";
const KCMVP_2026: &str = "KCMVP list of algorithms, AES added from 2026";

impl AlgorithmProfile {
    /// What FAPI 2.0 admits, with the ends that NIST IR 8547 gives.
    #[must_use]
    pub fn fapi2() -> Self {
        use Algorithm::{Agreement, Argon2id, Content, Pbkdf2, RsaOaep256, Signature};
        let mut rows = Vec::new();
        let mut permit = |algorithm, strength, protect_until, process_until, source| {
            rows.push(policy(algorithm, Purpose::Protect, strength, ALWAYS, protect_until, source));
            rows.push(policy(algorithm, Purpose::Process, strength, ALWAYS, process_until, source));
        };
        permit(Signature(SignatureAlgorithm::Es256), 128, Some(YEAR_2036), None, NIST_2035);
        permit(Signature(SignatureAlgorithm::EdDsa), 128, Some(YEAR_2036), None, NIST_2035);
        permit(Signature(SignatureAlgorithm::Ps256), 112, Some(YEAR_2031), None, NIST_2030);
        permit(Signature(SignatureAlgorithm::Ps256), 128, Some(YEAR_2036), None, NIST_2035);
        permit(Agreement(Curve::X25519), 128, Some(YEAR_2036), None, NIST_2035);
        permit(Agreement(Curve::P256), 128, Some(YEAR_2036), None, NIST_2035);
        permit(RsaOaep256, 112, Some(YEAR_2031), None, NIST_2030);
        permit(RsaOaep256, 128, Some(YEAR_2036), None, NIST_2035);
        for content in SealingAlgorithm::ALL {
            permit(Content(content), 128, None, None, FAPI);
        }
        permit(Argon2id, 128, None, None, "RFC 9106");
        permit(Pbkdf2, 128, None, None, "RFC 8018");
        Self { name: "fapi2", note: "the algorithms of FAPI 2.0", rows }
    }

    /// What Korea's list names, and nothing else: no Ed25519, X25519, ChaCha20-Poly1305 or Argon2.
    ///
    /// The list, not the certificate: neither ring nor aws-lc-rs is a validated KCMVP module.
    #[must_use]
    pub fn kcmvp() -> Self {
        use Algorithm::{Agreement, Content, Pbkdf2, RsaOaep256, Signature};
        let mut rows = Vec::new();
        let mut permit = |algorithm, from, source| {
            for purpose in [Purpose::Protect, Purpose::Process] {
                rows.push(policy(algorithm, purpose, 128, from, None, source));
            }
        };
        permit(Signature(SignatureAlgorithm::Es256), ALWAYS, KCMVP);
        permit(Signature(SignatureAlgorithm::Ps256), ALWAYS, KCMVP);
        permit(Agreement(Curve::P256), ALWAYS, KCMVP);
        permit(RsaOaep256, ALWAYS, KCMVP);
        permit(Content(SealingAlgorithm::A128Gcm), YEAR_2026, KCMVP_2026);
        permit(Content(SealingAlgorithm::A256Gcm), YEAR_2026, KCMVP_2026);
        permit(Pbkdf2, ALWAYS, KCMVP);
        Self { name: "kcmvp", note: "list only; module not validated", rows }
    }

    /// A profile of an embedder's own rows.
    #[must_use]
    pub const fn new(name: &'static str, note: &'static str, rows: Vec<AlgorithmPolicy>) -> Self {
        Self { name, note, rows }
    }

    /// Its name.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// Its rows, in order.
    #[must_use]
    pub fn rows(&self) -> &[AlgorithmPolicy] {
        &self.rows
    }

    /// Whether a key of `strength` bits may be used so at `now`: some row must say yes.
    ///
    /// # Errors
    /// [`NotPermitted`]; where several rows say no, the last one's reason.
    ///
    /// x1149: 3.1.17.3
    pub fn permits(
        &self,
        algorithm: Algorithm,
        purpose: Purpose,
        strength: u16,
        now: UnixTime,
    ) -> Result<(), NotPermitted> {
        let mut reason = NotPermitted::Unlisted { algorithm };
        for row in self.rows.iter().filter(|row| row.algorithm == algorithm && row.purpose == purpose) {
            reason = match row.until {
                _ if strength < row.strength => NotPermitted::TooWeak { algorithm, strength, needed: row.strength },
                _ if now < row.from => NotPermitted::NotYet { algorithm, from: row.from },
                Some(until) if until <= now => NotPermitted::Ended { algorithm, until },
                _ => return Ok(()),
            };
        }
        Err(reason)
    }

    /// What may be used at `now`, and which of `used` (what a running node does use, with the strength of each key) may not.
    #[must_use]
    pub fn report(&self, used: &[(Algorithm, Purpose, u16)], now: UnixTime) -> AlgorithmReport {
        let line = |(algorithm, purpose, strength): &(Algorithm, Purpose, u16)| ReportLine {
            algorithm: *algorithm,
            purpose: *purpose,
            strength: *strength,
            finding: self.permits(*algorithm, *purpose, *strength, now).err(),
        };
        AlgorithmReport { profile: self.clone(), now, used: used.iter().map(line).collect() }
    }
}

const fn policy(
    algorithm: Algorithm,
    purpose: Purpose,
    strength: u16,
    from: UnixTime,
    until: Option<UnixTime>,
    source: &'static str,
) -> AlgorithmPolicy {
    AlgorithmPolicy { algorithm, purpose, strength, from, until, source }
}

/// What a node may use and does use, for an inspector; prints as text.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct AlgorithmReport {
    profile: AlgorithmProfile,
    now: UnixTime,
    used: Vec<ReportLine>,
}

/// One thing a node uses.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct ReportLine {
    /// What is used.
    pub algorithm: Algorithm,
    /// For what.
    pub purpose: Purpose,
    /// Bits of strength of the key.
    pub strength: u16,
    /// Why it may not be, if it may not.
    pub finding: Option<NotPermitted>,
}

impl AlgorithmReport {
    /// What is used, with what is wrong about it.
    #[must_use]
    pub fn used(&self) -> &[ReportLine] {
        &self.used
    }

    /// Whether everything that is used may be used.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.used.iter().all(|line| line.finding.is_none())
    }
}

impl fmt::Display for AlgorithmReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "algorithms: profile {} ({})", self.profile.name, self.profile.note)?;
        for row in &self.profile.rows {
            let standing = match row.until {
                _ if self.now < row.from => "later",
                Some(until) if until <= self.now => "ended",
                _ => "yes",
            };
            let (name, purpose) = (row.algorithm.name(), row.purpose.name());
            writeln!(f, "  may  {name:<20} {purpose:<8} >= {:>3} bits  {standing:<5}  {}", row.strength, row.source)?;
        }
        for line in &self.used {
            let (name, purpose) = (line.algorithm.name(), line.purpose.name());
            match line.finding {
                None => writeln!(f, "  does {name:<20} {purpose:<8}    {:>3} bits  ok", line.strength)?,
                Some(finding) => writeln!(f, "  does {name:<20} {purpose:<8}    {:>3} bits  {finding}", line.strength)?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: UnixTime = UnixTime::from_secs(1_795_000_000); // November 2026
    const ED: Algorithm = Algorithm::Signature(SignatureAlgorithm::EdDsa);
    const PS: Algorithm = Algorithm::Signature(SignatureAlgorithm::Ps256);

    #[test]
    fn x1149_3_1_17_3_what_no_row_permits_is_refused() {
        let kcmvp = AlgorithmProfile::kcmvp();
        for missing in [
            ED,
            Algorithm::Agreement(Curve::X25519),
            Algorithm::Content(SealingAlgorithm::ChaCha20Poly1305),
            Algorithm::Argon2id,
        ] {
            let refused = kcmvp.permits(missing, Purpose::Protect, 256, NOW);
            assert_eq!(refused, Err(NotPermitted::Unlisted { algorithm: missing }));
            assert_eq!(AlgorithmProfile::fapi2().permits(missing, Purpose::Protect, 256, NOW), Ok(()));
        }
        assert_eq!(kcmvp.permits(Algorithm::Signature(SignatureAlgorithm::Es256), Purpose::Protect, 128, NOW), Ok(()));
    }

    #[test]
    fn x1149_3_1_17_3_a_permission_has_a_first_and_a_last_second() {
        let aes = Algorithm::Content(SealingAlgorithm::A256Gcm);
        let kcmvp = AlgorithmProfile::kcmvp();
        let eve = UnixTime::from_secs(YEAR_2026.secs() - 1);
        let refused = kcmvp.permits(aes, Purpose::Protect, 256, eve);
        assert_eq!(refused, Err(NotPermitted::NotYet { algorithm: aes, from: YEAR_2026 }));
        assert_eq!(kcmvp.permits(aes, Purpose::Protect, 256, YEAR_2026), Ok(()));

        let fapi2 = AlgorithmProfile::fapi2();
        let last = UnixTime::from_secs(YEAR_2036.secs() - 1);
        assert_eq!(fapi2.permits(ED, Purpose::Protect, 128, last), Ok(()));
        let refused = fapi2.permits(ED, Purpose::Protect, 128, YEAR_2036);
        assert_eq!(refused, Err(NotPermitted::Ended { algorithm: ED, until: YEAR_2036 }));
        assert_eq!(fapi2.permits(ED, Purpose::Process, 128, YEAR_2036), Ok(()));
    }

    #[test]
    fn x1149_3_1_17_3_a_small_rsa_key_ends_before_a_large_one() {
        let fapi2 = AlgorithmProfile::fapi2();
        assert_eq!(fapi2.permits(PS, Purpose::Protect, 112, NOW), Ok(()));
        assert!(fapi2.permits(PS, Purpose::Protect, 112, YEAR_2031).is_err());
        assert_eq!(fapi2.permits(PS, Purpose::Protect, 128, YEAR_2031), Ok(()));
        let refused = AlgorithmProfile::kcmvp().permits(PS, Purpose::Protect, 112, NOW);
        assert_eq!(refused, Err(NotPermitted::TooWeak { algorithm: PS, strength: 112, needed: 128 }));
    }

    #[test]
    fn the_report_says_that_a_list_is_no_certificate() {
        let used = [(ED, Purpose::Protect, 128), (PS, Purpose::Protect, 128)];
        let report = AlgorithmProfile::kcmvp().report(&used, NOW);
        let text = report.to_string();
        assert!(text.contains("list only; module not validated"), "{text}");
        assert!(text.contains("EdDSA is not permitted"), "{text}");
        assert!(!report.is_clean());
        assert!(AlgorithmProfile::fapi2().report(&used, NOW).is_clean());
    }
}
