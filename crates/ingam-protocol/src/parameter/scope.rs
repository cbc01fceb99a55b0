use core::{fmt, str::FromStr};

use crate::{
    limits,
    text::{nqchar, text_type},
};

/// The text is not a scope.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("not a {0}")]
pub struct InvalidScope(pub &'static str);

text_type! {
    /// One scope token (RFC 6749 section 3.3).
    Scope, InvalidScope, "scope token", 1..=128, nqchar
}

/// The scopes that mean something here.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum KnownScope {
    /// `openid`: an ID token is wanted.
    Openid,
    /// `accounts`: list the accounts.
    Accounts,
    /// `balances`: read balances.
    Balances,
    /// `transactions`: read transactions.
    Transactions,
    /// `payments`: make payments.
    Payments,
    /// `offline_access`: a refresh token is wanted.
    OfflineAccess,
}

impl KnownScope {
    /// All of them, in the order in which they are printed.
    pub const ALL: [Self; 6] =
        [Self::Openid, Self::Accounts, Self::Balances, Self::Transactions, Self::Payments, Self::OfflineAccess];

    /// The token.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Openid => "openid",
            Self::Accounts => "accounts",
            Self::Balances => "balances",
            Self::Transactions => "transactions",
            Self::Payments => "payments",
            Self::OfflineAccess => "offline_access",
        }
    }
}

impl From<KnownScope> for Scope {
    fn from(scope: KnownScope) -> Self {
        Self(scope.as_str().into())
    }
}

impl Scope {
    /// Which known scope it is.
    #[must_use]
    pub fn known(&self) -> Option<KnownScope> {
        KnownScope::ALL.into_iter().find(|known| known.as_str() == self.as_str())
    }
}

/// A set of scopes: printed in the order it came in, equal whatever the order (RFC 6749 section 3.3).
///
/// fapi: OA-11, X-C-8
#[derive(Clone, Debug, Default, serde::Deserialize)]
#[serde(try_from = "String")]
pub struct Scopes(Vec<Scope>);

impl Scopes {
    /// Whether `scope` is in the set.
    #[must_use]
    pub fn contains(&self, scope: KnownScope) -> bool {
        self.0.iter().any(|s| s.as_str() == scope.as_str())
    }

    /// Whether every scope of this set is in `other`.
    #[must_use]
    pub fn is_subset(&self, other: &Self) -> bool {
        self.0.iter().all(|s| other.0.contains(s))
    }

    /// Whether there is none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn insert(&mut self, scope: Scope) {
        if !self.0.contains(&scope) {
            self.0.push(scope);
        }
    }

    /// The scopes in the order they came.
    pub fn iter(&self) -> impl Iterator<Item = &Scope> {
        self.0.iter()
    }
}

impl<S: Into<Scope>> FromIterator<S> for Scopes {
    fn from_iter<I: IntoIterator<Item = S>>(scopes: I) -> Self {
        let mut set = Self::default();
        scopes.into_iter().for_each(|scope| set.insert(scope.into()));
        set
    }
}

impl PartialEq for Scopes {
    fn eq(&self, other: &Self) -> bool {
        self.is_subset(other) && other.is_subset(self)
    }
}

impl Eq for Scopes {}

impl FromStr for Scopes {
    type Err = InvalidScope;

    fn from_str(text: &str) -> Result<Self, InvalidScope> {
        if text.split(' ').nth(limits::SCOPES).is_some() {
            return Err(InvalidScope("scope: too many tokens"));
        }
        let mut set = Self::default();
        for token in text.split(' ') {
            set.insert(token.parse()?);
        }
        Ok(set)
    }
}

impl TryFrom<String> for Scopes {
    type Error = InvalidScope;

    /// What is kept may be empty (a grant by details alone); what is sent may not.
    fn try_from(text: String) -> Result<Self, InvalidScope> {
        if text.is_empty() { Ok(Self::default()) } else { text.parse() }
    }
}

impl serde::Serialize for Scopes {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl From<Scopes> for String {
    fn from(scopes: Scopes) -> Self {
        scopes.to_string()
    }
}

impl fmt::Display for Scopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, scope) in self.0.iter().enumerate() {
            if at > 0 {
                f.write_str(" ")?;
            }
            f.write_str(scope.as_str())?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// fapi: OA-11
    #[test]
    fn the_order_of_scopes_does_not_matter_but_is_kept() {
        let one: Scopes = "accounts openid".parse().unwrap();
        let other: Scopes = "openid accounts accounts".parse().unwrap();
        assert_eq!(one, other);
        assert_eq!(one.to_string(), "accounts openid");
        assert_ne!(one, "openid".parse().unwrap());
        assert!(one.contains(KnownScope::Openid) && !one.contains(KnownScope::Payments));
    }

    #[test]
    fn an_empty_set_is_kept_and_read_back() {
        let kept = serde_json::to_string(&Scopes::default()).unwrap();
        assert_eq!(serde_json::from_str::<Scopes>(&kept).unwrap(), Scopes::default());
    }

    #[test]
    fn a_scope_with_foreign_characters_is_refused() {
        for text in ["", " ", "a  b", "a b ", "a\"b", "a\\b", "a\tb", "계좌"] {
            assert!(text.parse::<Scopes>().is_err(), "{text:?}");
        }
        assert!(vec!["x"; 33].join(" ").parse::<Scopes>().is_err());
    }
}
