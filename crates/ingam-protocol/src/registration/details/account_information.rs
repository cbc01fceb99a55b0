use serde::ser::SerializeMap;

use super::{AccountReference, DetailFault, Members, list::write_list};
use crate::{AccountId, Resource};

/// What may be done with accounts.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum AccountAction {
    /// `list_accounts`
    ListAccounts,
    /// `read_balances`
    ReadBalances,
    /// `read_transactions`
    ReadTransactions,
}

impl AccountAction {
    /// All, in the order of printing.
    pub const ALL: [Self; 3] = [Self::ListAccounts, Self::ReadBalances, Self::ReadTransactions];

    /// The name on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ListAccounts => "list_accounts",
            Self::ReadBalances => "read_balances",
            Self::ReadTransactions => "read_transactions",
        }
    }
}

/// `account_information` (RFC 9396 section 2): reading of accounts.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct AccountInformation {
    /// What is asked; at least one.
    pub actions: Vec<AccountAction>,
    /// Where it is to be used.
    pub locations: Vec<Resource>,
    /// One account by the operator's name (the common member `identifier`).
    pub identifier: Option<AccountId>,
    /// The accounts; empty: the user chooses.
    pub accounts: Vec<AccountReference>,
}

impl AccountInformation {
    /// The value of `type`.
    pub const TYPE: &'static str = "account_information";

    pub(super) fn is_within(&self, granted: &Self) -> bool {
        self.actions.iter().all(|action| granted.actions.contains(action))
            && AccountReference::are_within(&self.accounts, &granted.accounts)
            && (&self.locations, &self.identifier) == (&granted.locations, &granted.identifier)
    }

    pub(super) fn read(mut members: Members<'_>) -> Result<Self, DetailFault> {
        let actions = members.list("actions", |value| {
            let text = value.into_text().ok_or(DetailFault::WrongType("actions"))?;
            AccountAction::ALL.into_iter().find(|a| a.as_str() == text).ok_or(DetailFault::UnknownAction)
        })?;
        let detail = Self {
            actions: Members::required("actions", actions)?,
            locations: members.locations()?,
            identifier: members.parsed("identifier")?,
            accounts: members.list("accounts", |given| AccountReference::read("accounts", given))?.unwrap_or_default(),
        };
        members.finish()?;
        Ok(detail)
    }

    pub(super) fn write<M: SerializeMap>(&self, members: &mut M) -> Result<(), M::Error> {
        write_list(members, "accounts", &self.accounts)?;
        members.serialize_entry("actions", &self.actions.iter().map(|a| a.as_str()).collect::<Vec<_>>())?;
        if let Some(identifier) = &self.identifier {
            members.serialize_entry("identifier", identifier)?;
        }
        write_list(members, "locations", &self.locations)
    }
}
