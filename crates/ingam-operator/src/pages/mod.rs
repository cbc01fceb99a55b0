//! The operator's pages (design: plain HTML in a row, no script, no external file).
//!
//! Korean and English stand side by side, so that no language negotiation can hide what is asked.

mod consent;
mod layout;
mod login;
mod refusal;

pub(crate) use self::{
    consent::{AccountChoice, PaymentView, payment, picker},
    layout::STYLE_HASH,
    login::{AskedView, login},
    refusal::refusal,
};

#[cfg(test)]
mod tests {
    use super::{AccountChoice, AskedView, PaymentView, login, payment, picker, refusal};

    fn asked() -> AskedView {
        AskedView {
            fintech: "<script>alert(1)</script>".to_owned(),
            items: vec![("accounts".to_owned(), "계좌 목록".to_owned())],
            until: Some("2026-12-01T00:00:00Z".to_owned()),
            purpose: Some("가계부 \"budget\"".to_owned()),
        }
    }

    #[test]
    fn whatever_a_fintech_is_called_it_is_text_on_the_page() {
        let page = login(&asked(), "sealed", "/authorize", None);
        assert!(!page.contains("<script"), "{page}");
        assert!(page.contains("&lt;script&gt;"));
    }

    #[test]
    fn the_style_is_the_one_that_the_policy_admits() {
        use ingam_jose::{CryptoProvider as _, RingProvider};
        let hash = RingProvider.sha256(&[super::layout::STYLE.as_bytes()]);
        let text = ingam_wire::base64url::encode(hash).replace('-', "+").replace('_', "/");
        assert_eq!(format!("{text}="), super::STYLE_HASH);
    }

    #[test]
    fn every_page_has_both_buttons_and_no_script() {
        let account = AccountChoice { id: "a-1".to_owned(), label: "월급 통장".to_owned() };
        let view = PaymentView {
            amount: "12,000 KRW".to_owned(),
            payee: "<b>Mallory</b>".to_owned(),
            payee_account: "004 123-45".to_owned(),
            remittance: None,
            accounts: vec![account],
        };
        let accounts = vec![AccountChoice { id: "a-1".to_owned(), label: "월급 통장".to_owned() }];
        for page in [
            login(&asked(), "sealed", "/authorize", Some("wrong")),
            picker(&asked(), &accounts, "sealed", "/authorize"),
            payment(&view, "sealed", "/authorize"),
        ] {
            assert!(page.contains("name=\"approve\"") && page.contains("name=\"deny\""), "{page}");
            assert!(page.contains("name=\"csrf\""), "{page}");
            assert!(!page.contains("<script") && !page.contains("<b>Mallory"), "{page}");
        }
        assert!(!refusal("<i>").contains("<i>"));
    }
}
