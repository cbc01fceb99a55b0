//! What an access key covers: its scopes, and its authorization details, which say more exactly the same.

use ingam_access_key::VerifiedAccess;
use ingam_protocol::{
    AccountId, KnownScope, Service,
    details::{AccountAction, AccountInformation, AccountReference, AuthorizationDetail, IngamService, PaymentAction},
};
use ingam_wire::UnixTime;

use super::service::Operation;

/// Which accounts an access key opens for an operation.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Entitled {
    /// It does not cover the operation.
    Nothing,
    /// What concerns no account.
    WithoutAccount,
    /// These.
    Accounts(Vec<AccountId>),
    /// What stands in an approved payment.
    ApprovedPayment,
}

/// What `access` covers of `operation` at `now`.
///
/// Where there are details of the operation's kind they decide alone: a scope asked for beside them adds nothing, since
/// the user agreed to the details. Either way no account is reached that the user did not open.
///
/// x1149: 3.1.16.4
/// fapi: SP-RS-4, RAR-6
pub(super) fn entitled(access: &VerifiedAccess, operation: Operation, now: UnixTime) -> Entitled {
    let details = || access.details().into_iter().flat_map(|details| details.iter());
    let scope = |scope| access.scopes().is_some_and(|scopes| scopes.contains(scope));
    let opened = || access.accounts().to_vec();
    let by_scope = |known| if scope(known) { Entitled::Accounts(opened()) } else { Entitled::Nothing };
    let services = || details().filter_map(service).filter(move |service| lasts(service, now));
    match operation {
        Operation::Accounts | Operation::Balance | Operation::Transactions => {
            if !details().any(reads) {
                return by_scope(match operation {
                    Operation::Balance => KnownScope::Balances,
                    Operation::Transactions => KnownScope::Transactions,
                    _ => KnownScope::Accounts,
                });
            }
            let mut covering = false;
            let mut accounts = Vec::new();
            for detail in details().filter_map(information).filter(|detail| detail.actions.contains(&action(operation)))
            {
                covering = true;
                accounts.extend(detail.identifier.clone());
                accounts.extend(detail.accounts.iter().filter_map(id));
            }
            for service in services().filter(|service| shows(service, operation)) {
                covering = true;
                accounts.extend(service.accounts.iter().filter_map(id));
            }
            accounts.retain(|account| access.accounts().contains(account));
            if covering { Entitled::Accounts(accounts) } else { Entitled::Nothing }
        }
        Operation::Payment => {
            if details().any(|detail| matches!(detail, AuthorizationDetail::PaymentInitiation(_))) {
                return Entitled::ApprovedPayment;
            }
            if !details().any(|detail| service(detail).is_some()) {
                return by_scope(KnownScope::Payments);
            }
            let mut paying = services().filter(|service| service.items.contains(&Service::Transfer)).peekable();
            if paying.peek().is_none() {
                return Entitled::Nothing;
            }
            let accounts = paying.flat_map(|service| service.accounts.iter().filter_map(id));
            Entitled::Accounts(accounts.filter(|account| access.accounts().contains(account)).collect())
        }
        Operation::PaymentStatus => {
            let status = |detail: &AuthorizationDetail| match detail {
                AuthorizationDetail::PaymentInitiation(payment) => payment.actions.contains(&PaymentAction::Status),
                AuthorizationDetail::IngamService(service) => service.items.contains(&Service::Transfer),
                AuthorizationDetail::AccountInformation(_) => false,
            };
            let covered = details().any(status) || scope(KnownScope::Payments);
            if covered { Entitled::WithoutAccount } else { Entitled::Nothing }
        }
    }
}

/// The detail of reading accounts, or a service that the statute describes.
const fn reads(detail: &AuthorizationDetail) -> bool {
    matches!(detail, AuthorizationDetail::AccountInformation(_) | AuthorizationDetail::IngamService(_))
}

const fn information(detail: &AuthorizationDetail) -> Option<&AccountInformation> {
    match detail {
        AuthorizationDetail::AccountInformation(detail) => Some(detail),
        _ => None,
    }
}

const fn service(detail: &AuthorizationDetail) -> Option<&IngamService> {
    match detail {
        AuthorizationDetail::IngamService(detail) => Some(detail),
        _ => None,
    }
}

/// Whether the service has not ended (the last day counts, in Korea).
fn lasts(service: &IngamService, now: UnixTime) -> bool {
    now < service.end_date.ends(KOREA)
}

/// Whether the service shows what the operation reads; its accounts may always be listed, else none could be named.
fn shows(service: &IngamService, operation: Operation) -> bool {
    match operation {
        Operation::Balance => service.items.contains(&Service::Balance),
        Operation::Transactions => service.items.contains(&Service::Transactions),
        _ => true,
    }
}

const fn action(operation: Operation) -> AccountAction {
    match operation {
        Operation::Balance => AccountAction::ReadBalances,
        Operation::Transactions => AccountAction::ReadTransactions,
        _ => AccountAction::ListAccounts,
    }
}

/// The operator's own name of an account; other names must be resolved when the user consents.
fn id(reference: &AccountReference) -> Option<AccountId> {
    match reference {
        AccountReference::Id(id) => Some(id.clone()),
        AccountReference::Iban { .. } | AccountReference::Korean { .. } => None,
    }
}

/// Seconds that Korea is east of Greenwich.
const KOREA: i64 = 9 * 3_600;
