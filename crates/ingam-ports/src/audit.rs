use ingam_wire::{BoxFuture, UnixTime};

use crate::Step;

/// A control item of X.1149 by its number, e.g. `3.1.16.9`; the items stand in `docs/x1149.md`.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct ControlItem(&'static str);

impl ControlItem {
    /// 3.1.16.1 adequate user authentication.
    pub const USER_AUTHENTICATION: Self = Self("3.1.16.1");
    /// 3.1.16.2 adequate fintech authentication.
    pub const FINTECH_AUTHENTICATION: Self = Self("3.1.16.2");
    /// 3.1.16.3 adequate authentication of high-risk transactions.
    pub const HIGH_RISK: Self = Self("3.1.16.3");
    /// 3.1.16.4 verify authority on each API request.
    pub const AUTHORITY: Self = Self("3.1.16.4");
    /// 3.1.16.5 authenticate the operator's system.
    pub const OPERATOR_AUTHENTICATION: Self = Self("3.1.16.5");
    /// 3.1.16.6 prevent bypass of user authentication.
    pub const BYPASS: Self = Self("3.1.16.6");
    /// 3.1.16.7 mitigate leak of access keys.
    pub const LEAK: Self = Self("3.1.16.7");
    /// 3.1.16.8 prevent guessing of fintech credentials.
    pub const GUESSING: Self = Self("3.1.16.8");
    /// 3.1.16.9 records of authentication and transactions.
    pub const RECORDS: Self = Self("3.1.16.9");
    /// 3.1.16.10 manage authentication keys.
    pub const KEYS: Self = Self("3.1.16.10");
    /// 3.1.17.1 confidentiality of transaction data.
    pub const CONFIDENTIALITY: Self = Self("3.1.17.1");
    /// 3.1.17.2 integrity of transaction data.
    pub const INTEGRITY: Self = Self("3.1.17.2");
    /// 3.1.18.5 prevent server hacking.
    pub const HARDENING: Self = Self("3.1.18.5");
    /// 3.1.18.8 react to a fintech's incident.
    pub const INCIDENT: Self = Self("3.1.18.8");

    /// The number.
    #[must_use]
    pub const fn number(self) -> &'static str {
        self.0
    }
}

/// The 22 threats of X.1149 clause 8.1 (8.1.1 to 8.1.21 are the names of OWASP's Automated Threats).
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[repr(u8)]
#[expect(missing_docs, reason = "the names are the definition")]
pub enum Threat {
    AccountAggregation = 1,
    AccountCreation = 2,
    AdvertisementFraud = 3,
    CaptchaDefeat = 4,
    CardCracking = 5,
    Carding = 6,
    CashingOut = 7,
    CredentialCracking = 8,
    CredentialStuffing = 9,
    DenialOfInventory = 10,
    DenialOfService = 11,
    Expediting = 12,
    Fingerprinting = 13,
    Footprinting = 14,
    Scalping = 15,
    Scraping = 16,
    Skewing = 17,
    Sniping = 18,
    Spamming = 19,
    TokenCracking = 20,
    VulnerabilityScanning = 21,
    UnauthorizedAccess = 22,
}

/// What happened.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[expect(missing_docs, reason = "the names are the definition")]
pub enum EventKind {
    FintechAuthenticated,
    RequestPushed,
    UserAuthenticated,
    ConsentGiven,
    ConsentRefused,
    CodeIssued,
    AccessKeyIssued,
    AccessKeyRefreshed,
    AccessKeyPresented,
    AccessKeyIntrospected,
    Transaction,
    Payment,
    Revoked,
    KeyChanged,
    FintechChanged,
    Locked,
    Alarm,
}

/// How it ended.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub enum Outcome {
    /// It was done.
    Done,
    /// It was refused; the reason is the name of the error variant, e.g. `ProofReplayed`.
    Refused(&'static str),
}

/// One line of the record (3.1.16.9): who, what, when, under which policy and key; never a secret.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct SecurityEvent {
    /// When.
    pub at: UnixTime,
    /// What.
    pub kind: EventKind,
    /// How it ended.
    pub outcome: Outcome,
    /// The control item that asks for it.
    pub control: ControlItem,
    /// The threat it points at, for refusals and alarms.
    pub threat: Option<Threat>,
    /// Version of the policy that decided, e.g. `fapi2-security/1`.
    pub policy: &'static str,
    /// Key that signed or verified, by `kid`.
    pub key_id: Option<String>,
    /// The fintech, by client id.
    pub fintech: Option<String>,
    /// The user.
    pub user: Option<String>,
    /// Grant, payment or request the event belongs to.
    pub reference: Option<String>,
    /// Address of the peer, where known.
    pub address: Option<core::net::IpAddr>,
}

/// Where security events go.
pub trait AuditSink: core::fmt::Debug + Send + Sync {
    /// Takes an event; returns when it is queued (or durable, as the profile says).
    fn record(&self, event: SecurityEvent) -> BoxFuture<'_, Result<(), RecordError>>;

    /// The step that keeps `event` in the same commit as the change it tells of; `None` where events are kept
    /// elsewhere, and whoever commits then hands it to [`AuditSink::record`].
    ///
    /// # Errors
    /// [`RecordError`] when the event cannot be sealed: the change must not happen either.
    fn step(&self, event: &SecurityEvent) -> Result<Option<Step>, RecordError> {
        let _ = event;
        Ok(None)
    }
}

/// The record could not be taken: refuse (503).
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("the record cannot be kept")]
pub struct RecordError;
