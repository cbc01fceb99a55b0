use std::collections::HashSet;

use ingam_access_key::{OneTimeSecret, SecretError, SecretKind};
use ingam_testkit::assert_hidden;
use proptest::prelude::*;

use crate::party::{NOW, after, provider, sealer};

fn make(kind: SecretKind) -> OneTimeSecret {
    OneTimeSecret::make(kind, NOW, provider().randomness()).unwrap()
}

/// fapi: SP-K-4, OA-13, OA-16, PA-4
#[test]
fn x1149_3_1_16_8_a_secret_has_192_random_bits_and_a_prefix_that_scanners_know() {
    let mut seen = HashSet::new();
    for kind in SecretKind::ALL {
        let secret = make(kind);
        let text = secret.expose();
        assert_eq!(text.len(), OneTimeSecret::LENGTH);
        assert!(text.starts_with(kind.prefix()), "{text}");
        assert!(text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_')), "{text}");
        assert!(seen.insert(text.to_owned()));
        assert!(seen.insert(make(kind).expose().to_owned()));
        let read = OneTimeSecret::parse(kind, text).unwrap();
        assert_eq!((read.kind(), read.made()), (kind, NOW));
        assert_eq!(read.row_key(&sealer()), secret.row_key(&sealer()));
    }
}

#[test]
fn a_source_that_gives_only_zeros_makes_no_secret() {
    let zeros = |out: &mut [u8]| out.fill(0);
    assert!(OneTimeSecret::make(SecretKind::Code, NOW, &zeros).is_err());
}

#[test]
fn sr_53_a_secret_of_one_kind_never_passes_for_another() {
    let mut rows = HashSet::new();
    for kind in SecretKind::ALL {
        let secret = make(kind);
        for other in SecretKind::ALL.into_iter().filter(|other| *other != kind) {
            assert_eq!(OneTimeSecret::parse(other, secret.expose()).unwrap_err(), SecretError::WrongKind);
            // Nor when somebody swaps the prefix: the checksum covers it.
            let swapped = secret.expose().replacen(kind.prefix(), other.prefix(), 1);
            assert_eq!(OneTimeSecret::parse(other, &swapped).unwrap_err(), SecretError::BadChecksum);
        }
        assert!(rows.insert(secret.row_key(&sealer())));
    }
}

#[test]
fn x1149_3_1_16_7_a_row_key_is_in_time_order_and_does_not_show_the_secret() {
    let early = OneTimeSecret::make(SecretKind::Code, NOW, provider().randomness()).unwrap();
    let late = OneTimeSecret::make(SecretKind::Code, after(1), provider().randomness()).unwrap();
    assert!(early.row_key(&sealer()) < late.row_key(&sealer()));
    assert_hidden(&early, early.expose());
    assert_hidden(&early.row_key(&sealer()), early.expose());
    let other = ingam_keys::RecordSealer::new(
        std::sync::Arc::clone(&crate::party::PROVIDER),
        &ingam_wire::SecretBytes::new(vec![8; 32]),
    );
    assert_ne!(early.row_key(&sealer()), early.row_key(&other), "the hash is keyed");
}

proptest! {
    #[test]
    fn one_changed_character_is_noticed(at in 4_usize..52, to in proptest::sample::select(b"ABCdef019-_".to_vec())) {
        let secret = make(SecretKind::Refresh);
        let mut text = secret.expose().as_bytes().to_vec();
        prop_assume!(text[at] != to);
        text[at] = to;
        prop_assert!(OneTimeSecret::parse(SecretKind::Refresh, core::str::from_utf8(&text).unwrap()).is_err());
    }

    #[test]
    fn any_text_is_refused_or_prints_itself(text in "\\PC{0,60}|igc_[A-Za-z0-9_-]{40,56}") {
        if let Ok(secret) = OneTimeSecret::parse(SecretKind::Code, &text) {
            prop_assert_eq!(secret.expose(), text.as_str());
        }
    }
}
