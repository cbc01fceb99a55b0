use ingam_access_key::{Authenticated, PushedRequest};
use ingam_protocol::{
    AccountId, KnownScope,
    details::{AccountReference, AuthorizationDetail, AuthorizationDetails},
    usage::Account,
};
use ingam_wire::UnixTime;

use crate::{ConsentAnswer, ConsentQuestion, Operator};

/// What the bank lets the user choose among.
pub(super) struct Offer {
    /// The user's accounts.
    pub(super) accounts: Vec<Account>,
    offered: Vec<AccountId>,
    /// When the consent ends at the latest.
    pub(super) until: UnixTime,
}

/// What the user chose.
pub(super) struct Chosen {
    /// Accounts opened to the fintech.
    pub(super) accounts: Vec<AccountId>,
    /// The account that a payment is made from.
    pub(super) debtor: Option<AccountId>,
}

/// Why there is nothing to choose.
pub(super) enum NoOffer {
    /// The bank does not let this be consented to, or an account that the fintech names is not the user's.
    Refused,
    /// The bank did not answer.
    Unavailable,
}

impl Offer {
    /// Whether the account may be opened.
    pub(super) fn offers(&self, id: &AccountId) -> bool {
        self.offered.contains(id)
    }

    /// The accounts that may be opened.
    pub(super) fn ids(&self) -> Vec<AccountId> {
        self.offered.clone()
    }
}

/// Asks the bank what `authenticated` may consent to: of its accounts those that the fintech names, else all.
pub(super) async fn offer(operator: &Operator, authenticated: &Authenticated, now: UnixTime) -> Result<Offer, NoOffer> {
    let parts = &operator.parts;
    let pushed = authenticated.pushed();
    let user = authenticated.authentication().user();
    let accounts = parts.bank.accounts(user).await.map_err(|_| NoOffer::Unavailable)?;
    let (client, scopes) = (pushed.client_id(), pushed.scopes());
    let question =
        ConsentQuestion { fintech: client, user, scopes: &scopes, details: pushed.details(), accounts: &accounts };
    let ConsentAnswer::Offer { accounts: mut offered, until } =
        parts.consent.offer(question, now).await.map_err(|_| NoOffer::Unavailable)?
    else {
        return Err(NoOffer::Refused);
    };
    if let Some(named) = named(pushed) {
        let mut ids = Vec::new();
        for reference in named {
            let found = parts.bank.find(user, reference).await.map_err(|_| NoOffer::Unavailable)?;
            ids.push(found.filter(|id| offered.contains(id)).ok_or(NoOffer::Refused)?);
        }
        offered.retain(|id| ids.contains(id));
    }
    for account in &accounts {
        let subject = ingam_ports::Subject { fintech: client, user, account: Some(&account.id), operation: "consent" };
        if parts.blocks.blocked(subject, now).await.map_err(|_| NoOffer::Unavailable)? {
            offered.retain(|id| *id != account.id);
        }
    }
    if offered.is_empty() && concerns_accounts(pushed) {
        return Err(NoOffer::Refused);
    }
    Ok(Offer { accounts, offered, until })
}

/// The accounts that the fintech names, or `None` where it leaves them to the user.
fn named(pushed: &PushedRequest) -> Option<Vec<&AccountReference>> {
    let mut named = Vec::new();
    for detail in pushed.details().into_iter().flat_map(|details| details.iter()) {
        match detail {
            AuthorizationDetail::AccountInformation(detail) => named.extend(&detail.accounts),
            AuthorizationDetail::IngamService(service) => named.extend(&service.accounts),
            AuthorizationDetail::PaymentInitiation(payment) => named.extend(&payment.debtor_account),
        }
    }
    (!named.is_empty()).then_some(named)
}

/// Whether anything that is asked concerns accounts.
pub(super) fn concerns_accounts(pushed: &PushedRequest) -> bool {
    let scopes = pushed.scopes();
    let of_accounts = [KnownScope::Accounts, KnownScope::Balances, KnownScope::Transactions, KnownScope::Payments];
    pushed.details().is_some() || of_accounts.into_iter().any(|scope| scopes.contains(scope))
}

/// Whether the user is to choose among accounts on a page of its own: not where all that is asked is one payment.
pub(super) fn leaves_the_choice(pushed: &PushedRequest) -> bool {
    let only_payment = pushed.scopes().is_empty()
        && pushed.details().is_some_and(|details| {
            details.iter().all(|detail| matches!(detail, AuthorizationDetail::PaymentInitiation(_)))
        });
    named(pushed).is_none() && concerns_accounts(pushed) && !only_payment
}

/// Whether one payment is to be agreed to.
pub(super) fn is_payment(pushed: &PushedRequest) -> bool {
    let pays = |detail: &AuthorizationDetail| matches!(detail, AuthorizationDetail::PaymentInitiation(_));
    pushed.details().is_some_and(|details| details.iter().any(pays))
}

/// What was asked, filled with the accounts that the user chose (RFC 9396 section 7).
pub(super) fn granted(asked: &AuthorizationDetails, chosen: &Chosen) -> Option<AuthorizationDetails> {
    let accounts = || chosen.accounts.iter().cloned().map(AccountReference::Id).collect::<Vec<_>>();
    let fill = |detail: &AuthorizationDetail| {
        let mut detail = detail.clone();
        match &mut detail {
            AuthorizationDetail::AccountInformation(detail)
                if detail.accounts.is_empty() && detail.identifier.is_none() =>
            {
                detail.accounts = accounts();
            }
            AuthorizationDetail::IngamService(service) if service.accounts.is_empty() => service.accounts = accounts(),
            AuthorizationDetail::PaymentInitiation(payment) => {
                payment.debtor_account = chosen.debtor.clone().map(AccountReference::Id);
            }
            _ => {}
        }
        detail
    };
    AuthorizationDetails::new(asked.iter().map(fill).collect()).ok()
}
