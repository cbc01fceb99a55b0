//! A URL keeps its text, and normalising what is normal changes nothing.
#![cfg_attr(fuzzing, no_main)]
use ingam_wire::HttpUrl;

fn law(data: &[u8]) {
    let Ok(text) = core::str::from_utf8(data) else { return };
    let Ok(url) = text.parse::<HttpUrl>() else { return };
    assert_eq!(url.as_str(), text);
    let normal: HttpUrl = url.normalized().parse().expect("the normal form is a URL");
    assert_eq!((normal.normalized(), normal.as_str()), (url.normalized(), url.normalized()));
    assert_eq!((normal.origin(), normal.port()), (url.origin(), url.port()));
    assert!(url.path_and_query().starts_with('/'));
}
#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|data: &[u8]| law(data));
#[cfg(not(fuzzing))]
fn main() {
    law(b"https://bank.example/a/../b");
}
