use maud::html;

use super::layout::layout;

/// Shown instead of a redirect where the redirect URI cannot be trusted (RFC 6749 section 4.1.2.1).
pub(crate) fn refusal(reason: &str) -> String {
    layout(
        "요청을 처리할 수 없습니다 · Request refused",
        &html! {
            p { "이 요청은 처리할 수 없습니다. 서비스로 돌아가 다시 시작해 주십시오." }
            p { "This request cannot be handled. Go back to the service and start again." }
            p { code { (reason) } }
        },
    )
}
