//! A proof passes exactly as it was made: whatever is changed in it, it is refused.
#![cfg_attr(fuzzing, no_main)]
use ingam_access_key::{AccessKeyPolicy, DPOP, ProofCheck, ProofTarget};
use ingam_jose::RingProvider;
const MADE: &str = "eyJ0eXAiOiJkcG9wK2p3dCIsImFsZyI6IkVTMjU2IiwiandrIjp7Imt0eSI6IkVDIiwieCI6Imw4dEZyaHgtMzR0VjNoUklDUkRZOXpDa0RscEJoRjQyVVFVZldWQVdCRnMiLCJ5IjoiOVZFNGpmX09rX282NHpiVFRsY3VOSmFqSG10NnY5VERWclUwQ2R2R1JEQSIsImNydiI6IlAtMjU2In19.eyJqdGkiOiItQndDM0VTYzZhY2MybFRjIiwiaHRtIjoiUE9TVCIsImh0dSI6Imh0dHBzOi8vc2VydmVyLmV4YW1wbGUuY29tL3Rva2VuIiwiaWF0IjoxNTYyMjYyNjE2fQ.2-GxA6T8lP4vfrg8v-FdWP0A0zdrj8igiMLvqRMUvwnQg4PtFLbdLXiOSsX0x7NVY-FNyJK70nfbV37xRZT3Lg"; // RFC 9449 section 5
fn law(data: &[u8]) {
    let (now, url) = (ingam_wire::UnixTime::from_secs(1_562_262_616), "https://server.example.com/token".parse());
    let url = url.expect("a URL");
    let target = ProofTarget { method: &http::Method::POST, url: &url, access_key: None };
    let changed: Vec<u8> = MADE.bytes().enumerate().map(|(at, byte)| byte ^ data.get(at).unwrap_or(&0)).collect();
    let Ok(field) = http::HeaderValue::from_bytes(&changed) else { return };
    let check = ProofCheck { policy: &AccessKeyPolicy::fapi2_security(), provider: &RingProvider, nonces: None };
    let headers = [(DPOP, field)].into_iter().collect();
    assert_eq!(check.check(&headers, target, now).is_ok(), changed == MADE.as_bytes());
}
#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|data: &[u8]| law(data));
#[cfg(not(fuzzing))]
fn main() {
    law(b"");
}
