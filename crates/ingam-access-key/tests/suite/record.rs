use ingam_access_key::*;
use ingam_jose::SignatureAlgorithm;
use ingam_ports::RowKey;
use serde_json::json;

use crate::party::*;

fn made(change: impl FnOnce(&mut FintechEntry)) -> Result<FintechRecord, EntryError> {
    let mut entry = entry("client-1", &key(SignatureAlgorithm::Es256));
    change(&mut entry);
    FintechRecord::new(entry)
}

/// fapi: SP-K-5, MT-1
#[test]
fn x1149_3_1_16_2_an_entry_that_does_not_hold_together_is_no_record() {
    assert!(made(|_| {}).is_ok());
    assert_eq!(made(|e| e.owner = " ".to_owned()), Err(EntryError::OwnerMissing));
    assert_eq!(made(|e| e.name.clear()), Err(EntryError::NameMissing));
    assert_eq!(made(|e| e.redirect_uris.clear()), Err(EntryError::RedirectUris));
    assert_eq!(made(|e| e.redirect_uris = vec![CALLBACK.parse().unwrap(); 33]), Err(EntryError::RedirectUris));
    let nothing = made(|e| {
        e.scopes = Default::default();
        e.authorization_details_types.clear();
    });
    assert_eq!(nothing, Err(EntryError::NothingToAsk));
    let subject = Authentication::TlsClientAuth(CertificateSubject::Dn(String::new()));
    assert_eq!(made(|e| e.authentication = subject), Err(EntryError::EmptySubject));
    let none = Authentication::SelfSignedTlsClientAuth(Vec::new());
    assert_eq!(made(|e| e.authentication = none), Err(EntryError::NoCertificate));
    assert_eq!(made(|e| e.keys = KeySource::None), Err(EntryError::KeysMissing));
    let plain = KeySource::Uri(url("http://fintech.example/jwks"));
    assert_eq!(made(|e| e.keys = plain), Err(EntryError::KeysNotHttps));
    // A fintech without keys may authenticate by certificate, and then sends no signed requests.
    let by_certificate = |e: &mut FintechEntry| {
        e.authentication = Authentication::SelfSignedTlsClientAuth(vec![[1; 32]]);
        e.keys = KeySource::None;
    };
    assert!(made(by_certificate).is_ok());
    let signing = made(|e| {
        by_certificate(e);
        e.request = RequestForm::Signed;
    });
    assert_eq!(signing, Err(EntryError::KeysMissing));
}

#[test]
fn a_record_is_kept_sealed_and_read_back_through_its_own_rules() {
    let sealer = sealer();
    let record = made(|e| e.algorithms = vec![SignatureAlgorithm::Es256]).unwrap();
    let key = RowKey::new(b"client-1").unwrap();
    let row = sealer.seal(key, 1, None, Vec::new(), &record).unwrap();
    assert_eq!(sealer.open::<FintechRecord>(&row).unwrap(), record);
    let mut bad = serde_json::to_value(&record).unwrap();
    bad["owner"] = json!("");
    assert!(serde_json::from_value::<FintechRecord>(bad.clone()).is_err());
    bad["owner"] = json!("x");
    bad["algorithms"] = json!(["RS256"]);
    assert!(serde_json::from_value::<FintechRecord>(bad.clone()).is_err());
    bad["algorithms"] = json!([]);
    bad["client_secret"] = json!("s");
    assert!(serde_json::from_value::<FintechRecord>(bad).is_err(), "unknown members are refused");
}

#[test]
fn sr_61_an_update_that_leaves_a_field_out_fails() {
    let record = made(|_| {}).unwrap();
    let full = serde_json::to_value(&record).unwrap();
    for member in full.as_object().unwrap().keys().filter(|name| !["organisation", "role"].contains(&name.as_str())) {
        let mut less = full.clone();
        less.as_object_mut().unwrap().remove(member);
        assert!(serde_json::from_value::<FintechRecord>(less).is_err(), "{member}");
    }
}

#[test]
fn a_record_moves_through_its_states_only_forwards() {
    let record = made(|e| e.status = FintechStatus::Applied).unwrap();
    let active = record.with_status(FintechStatus::Active).unwrap();
    let gone = active.with_status(FintechStatus::Suspended).unwrap().with_status(FintechStatus::Terminated).unwrap();
    assert!(gone.with_status(FintechStatus::Active).is_err());
}

/// fapi: BCP-1, BCP-2, SP-AS-7
#[test]
fn sr_58_redirect_uris_are_compared_byte_by_byte() {
    let record = made(|e| e.redirect_uris = vec![CALLBACK_2.parse().unwrap()]).unwrap();
    assert!(record.permits_redirect(&CALLBACK_2.parse().unwrap()));
    for other in [
        "https://two.example/callback",
        "https://two.example/callback?dummy2=ipsum&dummy1=lorem",
        "https://TWO.example/callback?dummy1=lorem&dummy2=ipsum",
        "https://two.example:443/callback?dummy1=lorem&dummy2=ipsum",
        "https://two.example/callback/?dummy1=lorem&dummy2=ipsum",
        "https://two.example/callback?dummy1=lorem&dummy2=ipsum&x=1",
        "https://evil.example/callback?dummy1=lorem&dummy2=ipsum",
    ] {
        assert!(!record.permits_redirect(&other.parse().unwrap()), "{other}");
    }
}

/// fapi: MS-1, MS-12
#[test]
fn message_signing_demands_signatures_of_everybody() {
    let record = made(|_| {}).unwrap();
    let plain = AccessKeyPolicy::fapi2_security();
    let signing = AccessKeyPolicy::fapi2_message_signing();
    assert_eq!(record.request_form(&plain), RequestForm::Pushed);
    assert_eq!(record.request_form(&signing), RequestForm::Signed);
    assert_eq!(record.response_mode(&plain), ingam_protocol::ResponseMode::Query);
    assert_eq!(record.response_mode(&signing), ingam_protocol::ResponseMode::Jwt);
}

#[test]
fn keys_that_must_be_fetched_are_not_loaded_and_private_ones_are_refused() {
    let remote = made(|e| e.keys = KeySource::Uri(url("https://fintech.example/jwks"))).unwrap();
    assert_eq!(RegisteredFintech::load(remote, provider()).unwrap_err(), LoadError::Remote);
    let private = made(|e| {
        e.keys = KeySource::Inline(json!({"keys": [{
            "kty": "EC", "crv": "P-256",
            "x": "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4",
            "y": "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM",
            "d": "870MB6gfuTJ4HtUnUvYMyJpr5eUZNP4Bk43bVdj3eAE",
        }]}));
    });
    assert!(matches!(RegisteredFintech::load(private.unwrap(), provider()), Err(LoadError::Keys(_))));
}
