//! A service that reads tokens with the crate `jsonwebtoken` reads what Ingam issues, and sees what it would miss.
//! Everything runs in this process: `cargo run --example with_jsonwebtoken --features jsonwebtoken -p ingam-jose`
use std::{error::Error, future::Future, pin::pin, task};

use ingam_jose::{
    KeySet, RingProvider, SignatureAlgorithm, SigningKey,
    jwt::{self, Audience, AudienceClaim, Expect, Issuer, Kind, NumericDate, Presented, RegisteredClaims, Typ},
    with_jsonwebtoken::{RING, decoding_key, validation},
};
use ingam_wire::{Seconds, UnixTime};
use serde::{Deserialize, Serialize};

#[derive(Debug, Deserialize, Serialize)]
struct Claims {
    iss: String,
    aud: AudienceClaim,
    sub: String,
    exp: NumericDate,
}

impl RegisteredClaims for Claims {
    fn issuer(&self) -> Option<&str> {
        Some(&self.iss)
    }
    fn audience(&self) -> Option<&AudienceClaim> {
        Some(&self.aud)
    }
    fn expires(&self) -> Option<UnixTime> {
        Some(self.exp.time())
    }
}

struct AccessKey;
impl Kind for AccessKey {
    const TYP: Typ = Typ::Required("at+jwt");
    type Claims = Claims;
}

struct IdToken;
impl Kind for IdToken {
    const TYP: Typ = Typ::OneOfOrAbsent(&["JWT"]);
    type Claims = Claims;
}

fn main() -> Result<(), Box<dyn Error>> {
    // jsonwebtoken's provider is a process global: the program installs it, never a library.
    RING.install_default().map_err(|_| "another provider was installed before")?;
    let key = SigningKey::generate(SignatureAlgorithm::Es256, &RingProvider)?;
    let exp = NumericDate::from(UnixTime::from_secs(4_102_444_800));
    let claims = Claims { iss: "https://operator".into(), aud: "https://api".into(), sub: "alice".into(), exp };
    let access_key = ready(jwt::sign::<AccessKey>(&claims, &key))?;
    let id_token = ready(jwt::sign::<IdToken>(&claims, &key))?;
    // The operator's rules, in its types.
    let now = UnixTime::from_secs(1_795_000_000);
    let expected = Expect::new(Issuer::Is("https://operator"), Audience::Names("https://api"), now, Seconds::new(0));
    let rules = validation(key.public(), &expected);
    let theirs = decoding_key(key.public());
    let read = jsonwebtoken::decode::<Claims>(&access_key, &theirs, &rules)?;
    println!("jsonwebtoken reads our access key: sub = {}, typ = {:?}", read.claims.sub, read.header.typ);
    let read = jsonwebtoken::decode::<Claims>(&id_token, &theirs, &rules)?;
    println!("jsonwebtoken also takes an ID token for it: typ = {:?}", read.header.typ);

    let keys = KeySet::new(vec![key.public().clone()]);
    let verified = Presented::<AccessKey>::parse(&access_key)?.verify_with(&keys)?;
    verified.meets(&expected)?;
    println!("ingam-jose reads the access key: sub = {}", verified.claims().sub);
    match Presented::<AccessKey>::parse(&id_token) {
        Err(refused) => println!("ingam-jose refuses the ID token: {refused}"),
        Ok(_) => return Err("an ID token passed for an access key".into()),
    }
    Ok(())
}

/// A software key never waits, so no runtime is needed to sign with it.
fn ready<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut task::Context::from_waker(task::Waker::noop())) {
        task::Poll::Ready(value) => value,
        task::Poll::Pending => unreachable!("a software key never waits"),
    }
}
