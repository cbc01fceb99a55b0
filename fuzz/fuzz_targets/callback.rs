//! A callback that is read prints to a query that reads the same.
#![cfg_attr(fuzzing, no_main)]
#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    use ingam_protocol::Callback;
    if let Ok(Callback::Plain(first)) = Callback::parse(data) {
        let printed = first.to_form().encode();
        let Ok(Callback::Plain(second)) = Callback::parse(printed.as_bytes()) else { panic!("{printed}") };
        assert_eq!(second.to_form().encode(), printed);
    }
});
#[cfg(not(fuzzing))]
fn main() {}
