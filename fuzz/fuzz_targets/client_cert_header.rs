//! A certificate field counts only from the configured proxy, and then gives exactly the bytes in it.
#![cfg_attr(fuzzing, no_main)]
use ingam_access_key::{CLIENT_CERT, ConfiguredProxy, FrontedPeer};
use ingam_ports::{PeerIdentity, RemoteAddress};
fn law(data: &[u8]) {
    let Ok(field) = http::HeaderValue::from_bytes(data) else { return };
    let headers: http::HeaderMap = [(CLIENT_CERT, field)].into_iter().collect();
    let read = |chain: Vec<Vec<u8>>| -> Option<PeerIdentity> {
        assert!(chain.len() == 1 && chain.iter().all(|der| !der.is_empty() && der.len() < data.len()));
        None
    };
    let proxies = [ConfiguredProxy::Address([127, 0, 0, 1].into())];
    let from = |ip: [u8; 4]| FrontedPeer::of(&headers, Some(RemoteAddress((ip, 1).into())), None, &proxies, &read);
    assert!(from([127, 0, 0, 1]).is_err());
    assert_eq!(from([203, 0, 113, 1]), Ok(FrontedPeer::Direct(None)));
}
#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|data: &[u8]| law(data));
#[cfg(not(fuzzing))]
fn main() {
    law(b":AQ==:");
}
