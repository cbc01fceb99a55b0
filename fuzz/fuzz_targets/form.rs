//! Whatever reads as a form prints what reads the same.
#![cfg_attr(fuzzing, no_main)]
use ingam_wire::form::{Form, Limits};

fn law(data: &[u8]) {
    let limits = Limits { bytes: 1 << 20, parameters: 100 };
    if let Ok(form) = Form::parse(data, &limits) {
        let again = Form::parse(form.encode().as_bytes(), &limits).expect("what is printed reads");
        assert!(form.iter().eq(again.iter()));
    }
}
#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|data: &[u8]| law(data));
#[cfg(not(fuzzing))]
fn main() {
    law(b"a=1&b=%20");
}
