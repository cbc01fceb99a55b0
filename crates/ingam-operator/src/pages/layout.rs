use maud::{DOCTYPE, Markup, html};

/// The frame of every page.
pub(super) fn layout(title: &str, body: &Markup) -> String {
    html! {
        (DOCTYPE)
        html lang="ko" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="referrer" content="no-referrer";
                title { (title) }
                style { (STYLE) }
            }
            body { main { h1 { (title) } (body) } }
        }
    }
    .into_string()
}

/// The form that carries the sealed state and the two answers.
pub(super) fn answers(action: &str, sealed: &str, fields: &Markup) -> Markup {
    html! {
        form method="post" action=(action) autocomplete="off" {
            input type="hidden" name="csrf" value=(sealed);
            (fields)
            p class="answers" {
                button type="submit" id="approve" name="approve" value="approve" { "동의 · Approve" }
                button type="submit" id="deny" name="deny" value="deny" formnovalidate { "거절 · Deny" }
            }
        }
    }
}

/// Inline, since the pages load nothing; admitted by [`STYLE_HASH`].
pub(super) const STYLE: &str = "body{font:16px/1.6 sans-serif;max-width:34rem;margin:2rem auto;padding:0 1rem}\
label{display:block;margin:.6rem 0}input{font:inherit;padding:.3rem}dt{font-weight:bold}\
button{font:inherit;padding:.5rem 1.2rem;margin-right:1rem}.wrong{color:#a00}";

/// base64 of the SHA-256 of [`STYLE`], for the content security policy (a test holds the two together).
pub(crate) const STYLE_HASH: &str = "7Rq+vGEDPLI6QXL0Fqb6LSR+xN+jJkh9wb9RMyCVlhI=";
