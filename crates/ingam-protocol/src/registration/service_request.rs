use crate::{
    Date, KnownScope, Scopes,
    details::{
        AccountAction, AccountInformation, AccountReference, AuthorizationDetail, AuthorizationDetails, Cycle,
        IngamService, InvalidAuthorizationDetails, readable,
    },
    limits,
};

/// What a user can ask a fintech for (A①).
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Service {
    /// Balances of accounts (잔액조회).
    Balance,
    /// Transactions of accounts (거래내역조회).
    Transactions,
    /// Transfers from accounts (이체).
    Transfer,
}

impl Service {
    /// All, in the order of printing.
    pub const ALL: [Self; 3] = [Self::Balance, Self::Transactions, Self::Transfer];

    /// The name on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Balance => "balance",
            Self::Transactions => "transactions",
            Self::Transfer => "transfer",
        }
    }

    /// The name for people, in Korean.
    #[must_use]
    pub const fn to_korean(self) -> &'static str {
        match self {
            Self::Balance => "잔액조회",
            Self::Transactions => "거래내역조회",
            Self::Transfer => "이체",
        }
    }
}

/// How long a service lasts, how often it fetches, and how long the fintech keeps what it fetched.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Period {
    /// How often data is fetched.
    pub cycle: Cycle,
    /// The last day.
    pub end_date: Date,
    /// Days that the fintech keeps the data, 1 to 3,650.
    pub retention_days: u16,
}

/// A①: a user asks a fintech to register a service. It becomes the scopes and authorization details of A②.
#[doc(alias = "서비스 등록")]
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct RegistrationRequest {
    services: Vec<Service>,
    purpose: Box<str>,
    period: Period,
    accounts: Vec<AccountReference>,
}

/// Why a registration was refused.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum RegistrationRequestError {
    /// No service, or one twice.
    #[error("no service, or one twice")]
    Services,
    /// The purpose is blank, longer than 420 bytes or not readable.
    #[error("the purpose is blank, too long or not readable")]
    Purpose,
    /// The retention is not 1 to 3,650 days.
    #[error("the retention is out of range")]
    Retention,
    /// More than 64 accounts, or one twice.
    #[error("too many accounts, or one twice")]
    Accounts,
}

impl RegistrationRequestError {
    /// The rule's name.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Services => "Services",
            Self::Purpose => "Purpose",
            Self::Retention => "Retention",
            Self::Accounts => "Accounts",
        }
    }
}

fn distinct<T: PartialEq>(values: &[T]) -> bool {
    values.iter().enumerate().all(|(at, value)| !values.iter().take(at).any(|v| v == value))
}

impl RegistrationRequest {
    /// A request for `services` and nothing more (SP-C-13).
    ///
    /// # Errors
    /// [`RegistrationRequestError`].
    pub fn new(
        services: &[Service],
        purpose: &str,
        period: Period,
        accounts: Vec<AccountReference>,
    ) -> Result<Self, RegistrationRequestError> {
        if services.is_empty() || !distinct(services) {
            return Err(RegistrationRequestError::Services);
        }
        if !readable(purpose, limits::TEXT) {
            return Err(RegistrationRequestError::Purpose);
        }
        if !(1..=3_650).contains(&period.retention_days) {
            return Err(RegistrationRequestError::Retention);
        }
        if accounts.len() > limits::LIST || !distinct(&accounts) {
            return Err(RegistrationRequestError::Accounts);
        }
        Ok(Self { services: services.to_vec(), purpose: purpose.into(), period, accounts })
    }

    /// The services.
    #[must_use]
    pub fn services(&self) -> &[Service] {
        &self.services
    }

    /// What they are for.
    #[must_use]
    pub fn purpose(&self) -> &str {
        &self.purpose
    }

    /// How long and how often.
    #[must_use]
    pub const fn period(&self) -> &Period {
        &self.period
    }

    /// The accounts; empty: the user chooses at the operator's page.
    #[must_use]
    pub fn accounts(&self) -> &[AccountReference] {
        &self.accounts
    }

    /// The least scopes that the services need; every service needs the list of accounts.
    ///
    /// fapi: SP-C-13
    #[must_use]
    pub fn scopes(&self) -> Scopes {
        let needed = self.services.iter().map(|service| match service {
            Service::Balance => KnownScope::Balances,
            Service::Transactions => KnownScope::Transactions,
            Service::Transfer => KnownScope::Payments,
        });
        core::iter::once(KnownScope::Accounts).chain(needed).collect()
    }

    /// The details in our own type, with all that the statute asks for.
    ///
    /// # Errors
    /// None that a well-formed request can meet; the bounds are those of [`RegistrationRequest::new`].
    pub fn authorization_details(&self) -> Result<AuthorizationDetails, InvalidAuthorizationDetails> {
        AuthorizationDetails::new(vec![AuthorizationDetail::IngamService(IngamService {
            items: self.services.clone(),
            purpose: self.purpose.clone(),
            cycle: self.period.cycle,
            end_date: self.period.end_date,
            retention_days: self.period.retention_days,
            accounts: self.accounts.clone(),
            locations: Vec::new(),
        })])
    }

    /// The reading services in RFC 9396's own example type, for operators that do not know ours.
    ///
    /// # Errors
    /// `Empty` when only transfers are asked, which need amount and payee instead.
    pub fn account_information(&self) -> Result<AuthorizationDetails, InvalidAuthorizationDetails> {
        let actions: Vec<AccountAction> = self
            .services
            .iter()
            .filter_map(|service| match service {
                Service::Balance => Some(AccountAction::ReadBalances),
                Service::Transactions => Some(AccountAction::ReadTransactions),
                Service::Transfer => None,
            })
            .collect();
        if actions.is_empty() {
            return Err(InvalidAuthorizationDetails::Empty);
        }
        AuthorizationDetails::new(vec![AuthorizationDetail::AccountInformation(AccountInformation {
            actions: core::iter::once(AccountAction::ListAccounts).chain(actions).collect(),
            locations: Vec::new(),
            identifier: None,
            accounts: self.accounts.clone(),
        })])
    }
}
