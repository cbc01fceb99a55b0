use core::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::ring::{Environment, InvalidName, checked_name};

/// An administrator, by the name under which the operator knows them.
#[derive(Clone, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(try_from = "String", into = "String")]
pub struct Person(Box<str>);

impl Person {
    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether `other` is this name in another spelling: case, spaces and punctuation tell no two people apart.
    pub(super) fn resembles(&self, other: &Self) -> bool {
        let letters =
            |name: &Self| -> String { name.0.to_lowercase().chars().filter(|c| c.is_alphanumeric()).collect() };
        letters(self) == letters(other)
    }
}

impl FromStr for Person {
    type Err = InvalidName;

    fn from_str(text: &str) -> Result<Self, InvalidName> {
        checked_name(text).map(Self)
    }
}

impl TryFrom<String> for Person {
    type Error = InvalidName;

    fn try_from(text: String) -> Result<Self, InvalidName> {
        text.parse()
    }
}

impl From<Person> for String {
    fn from(person: Person) -> Self {
        person.0.into()
    }
}

impl fmt::Display for Person {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What needs two people.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Act {
    /// Put a key into use ahead of the schedule.
    Activate,
    /// Take a key out of use before its time.
    Revoke,
    /// Hand out a sealed copy of the private half.
    Export,
    /// Destroy the private half.
    Destroy,
}

/// What is to be done, to which key, and why; both people sign exactly this.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Command {
    /// What.
    pub act: Act,
    /// To which key, by `kid`.
    pub key: Box<str>,
    /// Where the key belongs.
    pub environment: Environment,
    /// Why, for the record.
    pub reason: Box<str>,
}
