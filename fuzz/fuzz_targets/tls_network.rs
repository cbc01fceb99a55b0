//! A network prints what reads as the same network, and contains its own base.
#![cfg_attr(fuzzing, no_main)]
use ingam_tls::{AddressPolicy, Network};

fn law(data: &[u8]) {
    let Ok(text) = core::str::from_utf8(data) else { return };
    let Ok(network) = text.parse::<Network>() else { return };
    let printed = network.to_string();
    assert_eq!(printed.parse(), Ok(network));
    let base = printed.split('/').next().and_then(|base| base.parse::<core::net::IpAddr>().ok()).expect("a base");
    assert!(network.contains(base) && AddressPolicy::public_only().with(network).admits(base));
}
#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|data: &[u8]| law(data));
#[cfg(not(fuzzing))]
fn main() {
    law(b"10.0.0.0/8");
}
