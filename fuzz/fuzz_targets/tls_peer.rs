//! A certificate that names its holder does so in one way, on one line, and keeps its bytes.
#![cfg_attr(fuzzing, no_main)]
use ingam_tls::identify;

fn law(data: &[u8]) {
    let Ok(peer) = identify(&[data.to_vec()]) else { return };
    assert_eq!(peer.chain, [data.to_vec()]);
    assert!(!peer.subject_dn.bytes().any(|byte| byte.is_ascii_control()));
    let names = peer.san_dns.iter().chain(&peer.san_uri).chain(&peer.san_email).chain(&peer.serial_number);
    assert!(names.flat_map(|name| name.bytes()).all(|byte| (b' '..=b'~').contains(&byte)));
    assert_eq!(identify(&peer.chain), Ok(peer));
}
#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|data: &[u8]| law(data));
#[cfg(not(fuzzing))]
fn main() {
    law(b"\x30\x00");
}
