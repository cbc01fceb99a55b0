use core::fmt;

use ingam_keys::Record;
use ingam_ports::{Outcome, SecurityEvent, Table};
use ingam_wire::UnixTime;
use serde::{Deserialize, Serialize};

/// A security event as it was kept (3.1.16.9): names as text, so that a later version reads what an earlier one wrote.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct RecordedEvent {
    /// When.
    #[serde(rename = "t")]
    pub at: UnixTime,
    /// Name of the [`ingam_ports::EventKind`].
    #[serde(rename = "k")]
    pub kind: String,
    /// Why it was refused: the name of an error's variant; absent when it was done.
    #[serde(rename = "r", default, skip_serializing_if = "Option::is_none")]
    pub refused: Option<String>,
    /// Number of the control item.
    #[serde(rename = "c")]
    pub control: String,
    /// Name of the [`ingam_ports::Threat`].
    #[serde(rename = "h", default, skip_serializing_if = "Option::is_none")]
    pub threat: Option<String>,
    /// Version of the policy that decided.
    #[serde(rename = "p")]
    pub policy: String,
    /// Key that signed or verified.
    #[serde(rename = "i", default, skip_serializing_if = "Option::is_none")]
    pub key_id: Option<String>,
    /// The fintech.
    #[serde(rename = "f", default, skip_serializing_if = "Option::is_none")]
    pub fintech: Option<String>,
    /// The user.
    #[serde(rename = "u", default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// Grant, payment or request.
    #[serde(rename = "o", default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    /// Address of the peer.
    #[serde(rename = "a", default, skip_serializing_if = "Option::is_none")]
    pub address: Option<core::net::IpAddr>,
    /// How many such events this record stands for: more than 1 only for refusals of unknown peers.
    #[serde(rename = "n", default = "one", skip_serializing_if = "is_one")]
    pub count: u64,
}

const fn one() -> u64 {
    1
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature serde asks for")]
const fn is_one(count: &u64) -> bool {
    *count == 1
}

impl Record for RecordedEvent {
    const TABLE: Table = Table::Events;
}

impl RecordedEvent {
    /// `event` as one record of `count` such events.
    #[must_use]
    pub fn new(event: SecurityEvent, count: u64) -> Self {
        Self {
            at: event.at,
            kind: format!("{:?}", event.kind),
            refused: match event.outcome {
                Outcome::Done => None,
                Outcome::Refused(reason) => Some(reason.to_owned()),
            },
            control: event.control.number().to_owned(),
            threat: event.threat.map(|threat| format!("{threat:?}")),
            policy: event.policy.to_owned(),
            key_id: event.key_id,
            fintech: event.fintech,
            user: event.user,
            reference: event.reference,
            address: event.address,
            count,
        }
    }
}

impl fmt::Display for RecordedEvent {
    /// One line; control characters in values are escaped, so that no value can forge a line.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.at.to_rfc3339(), self.kind)?;
        match &self.refused {
            None => f.write_str(" done")?,
            Some(reason) => write!(f, " REFUSED {}", reason.escape_debug())?,
        }
        write!(f, " [{}]", self.control)?;
        let values = [
            ("threat", &self.threat),
            ("fintech", &self.fintech),
            ("user", &self.user),
            ("reference", &self.reference),
            ("key", &self.key_id),
        ];
        for (name, value) in values {
            if let Some(value) = value {
                write!(f, " {name}={}", value.escape_debug())?;
            }
        }
        if let Some(address) = self.address {
            write!(f, " address={address}")?;
        }
        write!(f, " policy={}", self.policy.escape_debug())?;
        if self.count > 1 {
            write!(f, " ({} times)", self.count)?;
        }
        Ok(())
    }
}
