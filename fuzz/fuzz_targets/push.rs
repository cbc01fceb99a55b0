//! A push that is read prints to a form, and to claims, that read the same.
#![cfg_attr(fuzzing, no_main)]
use ingam_protocol::{AuthorizationRequest, Parameters, limits};

fn law(data: &[u8]) {
    let Ok(form) = ingam_wire::form::Form::parse_repeating(data, &limits::FORM, &limits::REPEATING) else { return };
    if let Ok(first) = AuthorizationRequest::from_parameters(&Parameters::from_form(&form)) {
        let printed = Parameters::from_form(&first.to_form());
        assert_eq!(AuthorizationRequest::from_parameters(&printed).as_ref(), Ok(&first));
        let claims = Parameters::from_claims(first.to_claims());
        assert_eq!(AuthorizationRequest::from_parameters(&claims), Ok(first));
    }
}
#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|data: &[u8]| law(data));
#[cfg(not(fuzzing))]
fn main() {
    law(include_bytes!("../corpus/push/seed-all"));
}
