use maud::html;

use super::layout::{answers, layout};

/// Who asks for what and how long, as page 1 and 2 show it.
#[derive(Clone, Debug)]
pub(crate) struct AskedView {
    /// The fintech's name.
    pub(crate) fintech: String,
    /// English and Korean name of each thing asked for.
    pub(crate) items: Vec<(String, String)>,
    /// End of the consent.
    pub(crate) until: Option<String>,
    /// What it is for, in the fintech's words.
    pub(crate) purpose: Option<String>,
}

impl AskedView {
    pub(super) fn to_markup(&self) -> maud::Markup {
        html! {
            dl {
                dt { "요청하는 곳 · Who asks" } dd { (self.fintech) }
                dt { "요청하는 것 · What for" }
                dd { ul { @for (english, korean) in &self.items { li { (korean) " · " (english) } } } }
                @if let Some(purpose) = &self.purpose { dt { "목적 · Purpose" } dd { (purpose) } }
                @if let Some(until) = &self.until { dt { "동의 기한 · Until" } dd { (until) } }
            }
        }
    }
}

/// Page 1: who asks for what, and the login.
pub(crate) fn login(asked: &AskedView, sealed: &str, action: &str, wrong: Option<&str>) -> String {
    let fields = html! {
        label { "아이디 · User name " input type="text" name="username" required maxlength="64"; }
        label { "비밀번호 · Password " input type="password" name="password" required maxlength="256"; }
        label { "일회용 비밀번호(등록한 경우) · One-time code, if you have one "
            input type="text" name="otp" inputmode="numeric" maxlength="8"; }
    };
    layout(
        "동의 요청 · Consent",
        &html! {
            (asked.to_markup())
            @if let Some(wrong) = wrong { p class="wrong" role="alert" { (wrong) } }
            (answers(action, sealed, &fields))
        },
    )
}
