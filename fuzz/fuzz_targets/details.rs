//! Authorization details that are read print to what reads the same, and printing is settled after one round.
#![cfg_attr(fuzzing, no_main)]
use ingam_protocol::details::AuthorizationDetails;

fn law(data: &[u8]) {
    let Ok(text) = core::str::from_utf8(data) else { return };
    if let Ok(first) = AuthorizationDetails::parse(text) {
        assert_eq!(AuthorizationDetails::parse(&first.to_json()), Ok(first));
    }
}
#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|data: &[u8]| law(data));
#[cfg(not(fuzzing))]
fn main() {
    law(br#"[{"type":"account_information","actions":["list_accounts"]}]"#);
}
