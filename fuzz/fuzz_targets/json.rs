//! What passes the strict scan serde_json reads the same each time; what serde_json cannot read never passes.
#![cfg_attr(fuzzing, no_main)]
use ingam_wire::json::{Limits, check};

fn law(data: &[u8]) {
    let read = serde_json::from_slice::<serde_json::Value>(data);
    if check(data, &Limits { bytes: 1 << 20, depth: 127, members: 1 << 20 }).is_ok() {
        let value = read.expect("what passes is JSON");
        let printed = value.to_string();
        assert!(check(printed.as_bytes(), &Limits { bytes: 1 << 21, depth: 127, members: 1 << 20 }).is_ok());
    }
}
#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|data: &[u8]| law(data));
#[cfg(not(fuzzing))]
fn main() {
    law(b"{\"a\":[1]}");
}
