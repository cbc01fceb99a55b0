use bytes::Bytes;
use http::{Response, StatusCode};
use ingam_access_key::{Authenticated, PushedRequest, RegisteredFintech};
use ingam_protocol::{
    AccountId, KnownScope,
    details::{AccountReference, AuthorizationDetail},
    usage::Account,
};
use ingam_wire::UnixTime;

use super::{
    later,
    page_state::{Page, PageState},
    stop,
};
use crate::{
    Entrance, answer,
    pages::{self, AccountChoice, AskedView, PaymentView},
};

/// What a page needs besides its state.
#[derive(Default)]
pub(super) struct Shown<'a> {
    /// The cookie to set.
    pub(super) cookie: Option<String>,
    /// What was wrong with the last answer.
    pub(super) wrong: Option<&'a str>,
    /// The user's accounts, for pages 2 and 3.
    pub(super) accounts: &'a [Account],
}

/// Shows the page of `state`.
///
/// fapi: SP-AZ-13, RAR-2, OI-8
/// x1149: 3.1.9.2
pub(super) async fn show(
    entrance: &Entrance,
    fintech: &RegisteredFintech,
    state: &PageState,
    shown: Shown<'_>,
    now: UnixTime,
) -> Response<Bytes> {
    let parts = &entrance.operator().parts;
    let Ok(sealed) = state.seal(&parts.sealer, parts.provider.randomness(), now) else {
        return later(now);
    };
    let action = entrance.action();
    let name = &fintech.entry().name;
    let html = match &state.page {
        Page::Login(presented) => pages::login(&asked(name, presented.pushed()), &sealed, &action, shown.wrong),
        Page::Picker(authenticated, offered) => {
            let choices = choices(shown.accounts, offered);
            pages::picker(&asked(name, authenticated.pushed()), &choices, &sealed, &action)
        }
        Page::Payment(authenticated, offered) => match payment(authenticated, shown.accounts, offered) {
            Some(view) => pages::payment(&view, &sealed, &action),
            None => return stop("this is not a payment", now),
        },
    };
    let target = redirect_of(&state.page).request().redirect_uri.url().origin();
    answer::page(StatusCode::OK, html, Some(target), shown.cookie.as_deref(), now)
}

/// The pushed request that a page is about.
pub(super) fn redirect_of(page: &Page) -> &PushedRequest {
    match page {
        Page::Login(presented) => presented.pushed(),
        Page::Picker(authenticated, _) | Page::Payment(authenticated, _) => authenticated.pushed(),
    }
}

fn choices(accounts: &[Account], offered: &[AccountId]) -> Vec<AccountChoice> {
    let label = |account: &Account| {
        format!("{} · {} ({}, {})", account.name.ko, account.name.en, account.masked_number, account.bank)
    };
    let choice = |account: &Account| AccountChoice { id: account.id.to_string(), label: label(account) };
    accounts.iter().filter(|account| offered.contains(&account.id)).map(choice).collect()
}

/// Everything that is asked, in words; nothing is left out.
fn asked(fintech: &str, pushed: &PushedRequest) -> AskedView {
    let mut view = AskedView { fintech: fintech.to_owned(), items: Vec::new(), until: None, purpose: None };
    let mut item = |english: String, korean: String| view.items.push((english, korean));
    for scope in pushed.scopes().iter() {
        let (english, korean) = match scope.known() {
            Some(KnownScope::Openid) => ("who you are at this bank", "이 은행에서의 이용자 식별"),
            Some(KnownScope::Accounts) => ("list of your accounts", "계좌 목록"),
            Some(KnownScope::Balances) => ("balances", "잔액"),
            Some(KnownScope::Transactions) => ("transactions", "거래 내역"),
            Some(KnownScope::Payments) => ("payments from your accounts", "계좌에서의 이체"),
            Some(KnownScope::OfflineAccess) => ("access while you are away", "부재 중 접근"),
            None => (scope.as_str(), scope.as_str()),
        };
        item(english.to_owned(), korean.to_owned());
    }
    for detail in pushed.details().into_iter().flat_map(|details| details.iter()) {
        match detail {
            AuthorizationDetail::AccountInformation(detail) => {
                for action in &detail.actions {
                    let named: Vec<_> = detail.accounts.iter().map(named).collect();
                    let at = if named.is_empty() { String::new() } else { format!(": {}", named.join(", ")) };
                    item(format!("{}{at}", action.as_str()), format!("계좌 정보 ({}){at}", action.as_str()));
                }
            }
            AuthorizationDetail::PaymentInitiation(payment) => {
                let payee = format!("{} ({})", payment.creditor_name, named(&payment.creditor_account));
                item(
                    format!("one payment of {} to {payee}", payment.amount),
                    format!("{payee} 님께 {} 이체 1회", payment.amount.to_korean()),
                );
            }
            AuthorizationDetail::IngamService(service) => {
                for wanted in &service.items {
                    item(wanted.as_str().to_owned(), wanted.as_str().to_owned());
                }
                item(
                    format!("fetched {}, kept {} days", service.cycle.as_str(), service.retention_days),
                    format!("조회 주기 {}, 보유 기간 {}일", service.cycle.as_str(), service.retention_days),
                );
                view.purpose = Some(service.purpose.to_string());
                view.until = Some(service.end_date.to_string());
            }
        }
    }
    view
}

fn payment(authenticated: &Authenticated, accounts: &[Account], offered: &[AccountId]) -> Option<PaymentView> {
    let details = authenticated.pushed().details()?;
    details.iter().find_map(|detail| match detail {
        AuthorizationDetail::PaymentInitiation(payment) => Some(PaymentView {
            amount: format!("{} · {}", payment.amount.to_korean(), payment.amount),
            payee: payment.creditor_name.to_string(),
            payee_account: named(&payment.creditor_account),
            remittance: payment.remittance.as_ref().map(ToString::to_string),
            accounts: choices(accounts, offered),
        }),
        _ => None,
    })
}

fn named(account: &AccountReference) -> String {
    match account {
        AccountReference::Id(id) => id.to_string(),
        AccountReference::Iban { iban, .. } => iban.to_string(),
        AccountReference::Korean { bank_code, number } => format!("{bank_code} {number}"),
    }
}
