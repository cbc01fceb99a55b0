//! No list that the CA did not sign makes anybody trusted.
#![cfg_attr(fuzzing, no_main)]
use ingam_ports::ChainVerifier;
use ingam_tls::{
    CertificateAuthorities, ChannelPolicy,
    development::{ClientSubject, DevelopmentCa},
};
use ingam_wire::UnixTime;

fn law(data: &[u8]) {
    const NOW: UnixTime = UnixTime::from_secs(1_800_000_000);
    thread_local!(static CA: DevelopmentCa = DevelopmentCa::new("Root", NOW).expect("a CA"));
    let (anchor, client) =
        CA.with(|ca| (ca.certificate_der(), ca.client(&ClientSubject::named("x"), NOW).expect("a client")));
    let policy = ChannelPolicy::tls13();
    let Ok(authorities) = CertificateAuthorities::new(&[anchor], &[data.to_vec()], &policy) else { return };
    assert!(authorities.verify(&client.chain_der(), NOW).is_err());
}
#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|data: &[u8]| law(data));
#[cfg(not(fuzzing))]
fn main() {
    law(b"\x30\x00");
}
