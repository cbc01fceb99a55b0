use maud::html;

use super::{
    layout::{answers, layout},
    login::AskedView,
};

/// An account the user may choose.
#[derive(Clone, Debug)]
pub(crate) struct AccountChoice {
    /// Its identifier, sent back as `account`.
    pub(crate) id: String,
    /// What the user knows it by.
    pub(crate) label: String,
}

/// Page 2: which accounts, when the fintech named none and the user has several.
pub(crate) fn picker(asked: &AskedView, accounts: &[AccountChoice], sealed: &str, action: &str) -> String {
    let fields = html! {
        fieldset {
            legend { "계좌 선택 · Choose accounts" }
            @for account in accounts {
                label { input type="checkbox" name="account" value=(account.id) checked; " " (account.label) }
            }
        }
    };
    layout("계좌 선택 · Accounts", &html! { (asked.to_markup()) (answers(action, sealed, &fields)) })
}

/// What page 3 shows: the amount and the payee, exactly as they will be bound.
#[derive(Clone, Debug)]
pub(crate) struct PaymentView {
    /// Amount with currency.
    pub(crate) amount: String,
    /// Payee's name.
    pub(crate) payee: String,
    /// Payee's account.
    pub(crate) payee_account: String,
    /// Text for the payee.
    pub(crate) remittance: Option<String>,
    /// Accounts to pay from; one is chosen.
    pub(crate) accounts: Vec<AccountChoice>,
}

/// Page 3: amount and payee of one payment.
pub(crate) fn payment(view: &PaymentView, sealed: &str, action: &str) -> String {
    let fields = html! {
        fieldset {
            legend { "출금 계좌 · Pay from" }
            @for (at, account) in view.accounts.iter().enumerate() {
                label { input type="radio" name="account" value=(account.id) checked[at == 0]; " " (account.label) }
            }
        }
    };
    layout(
        "이체 확인 · Payment",
        &html! {
            dl {
                dt { "금액 · Amount" } dd { strong { (view.amount) } }
                dt { "받는 분 · Payee" } dd { (view.payee) }
                dt { "받는 계좌 · Payee's account" } dd { (view.payee_account) }
                @if let Some(text) = &view.remittance { dt { "적요 · Text" } dd { (text) } }
            }
            (answers(action, sealed, &fields))
        },
    )
}
