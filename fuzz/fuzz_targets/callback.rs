//! A callback that is read prints to a query that reads the same.
#![cfg_attr(fuzzing, no_main)]
use ingam_protocol::Callback;

fn law(data: &[u8]) {
    if let Ok(Callback::Plain(first)) = Callback::parse(data) {
        let printed = first.to_form().encode();
        let second = Callback::parse(printed.as_bytes()).expect("what is printed reads");
        assert!(matches!(second, Callback::Plain(second) if second.to_form().encode() == printed));
    }
}
#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|data: &[u8]| law(data));
#[cfg(not(fuzzing))]
fn main() {
    law(b"code=a+b&state=s&iss=https%3A%2F%2Fop.example");
}
