//! A secret that was made is read as its own kind and no other, prints as it was, and is none once a character changed.
#![cfg_attr(fuzzing, no_main)]
use ingam_access_key::{OneTimeSecret, SecretKind};
use ingam_wire::UnixTime;
fn law(data: &[u8]) {
    // The checksum cannot be guessed, so the bytes are the randomness and the place and value of the change.
    let [at, to, random @ ..] = data else { return };
    let fill = |out: &mut [u8]| out.iter_mut().zip(random).for_each(|(to, from)| *to = *from);
    for kind in SecretKind::ALL {
        let Ok(made) = OneTimeSecret::make(kind, UnixTime::from_secs(1_800_000_000), &fill) else { return };
        let read = |text| SecretKind::ALL.into_iter().filter_map(move |kind| OneTimeSecret::parse(kind, text).ok());
        assert!(
            read(made.expose()).map(|secret| secret.kind()).eq([kind]) && !format!("{made:?}").contains(made.expose())
        );
        let place = usize::from(*at) % made.expose().len();
        let characters = made.expose().char_indices();
        let text: String = characters.map(|(at, c)| if at == place { char::from(*to & 0x7f) } else { c }).collect();
        assert!(text == made.expose() || read(&text).next().is_none());
    }
}
#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|data: &[u8]| law(data));
#[cfg(not(fuzzing))]
fn main() {
    law(b"\x09Aigc_AAAA");
}
