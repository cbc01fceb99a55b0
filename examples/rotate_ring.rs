//! Two nodes rotate one ring of signing keys; a verifier with an old key set sees no token that does not verify.
//! Time is played, so an hour passes in a moment; there is nothing to set up.   `cargo run --example rotate_ring`

use std::{collections::BTreeSet, error::Error, sync::Arc};

use ingam_jose::{KeySet, RingProvider, jwt};
use ingam_keys::{
    Algorithm, Environment, Grade, KeyRing, KeySpec, KeyVault, Purpose, RecordSealer, Records, RotationPolicy,
    RotationTimes,
};
use ingam_store::MemoryStore;
use ingam_wire::{Seconds, SecretBytes, UnixTime};
use serde::{Deserialize, Serialize};

#[derive(Debug, Deserialize, Serialize)]
struct Claims {
    exp: UnixTime,
}
#[derive(Debug)]
struct Token;
impl jwt::Kind for Token {
    const TYP: jwt::Typ = jwt::Typ::Required("example+jwt");
    type Claims = Claims;
}

const PURPOSE: Purpose = Purpose::SignAccessKeys;
const LIFE: Seconds = Seconds::new(300);

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let policy = RotationPolicy::new(RotationTimes {
        propagation: Seconds::new(60), // verifiers may hold an old key set for a minute
        active: Seconds::new(600),
        retention: Seconds::new(330), // refused if it were shorter than the next two together
        longest_life: LIFE,
        skew: Seconds::new(30),
    })?;
    let owner = "key office".parse()?;
    let spec = KeySpec { purpose: PURPOSE, algorithm: Algorithm::Es256, owner, grade: Some(Grade::High), policy };
    let store = Arc::new(MemoryStore::new());
    let sealer = Arc::new(RecordSealer::new(Arc::new(RingProvider), &SecretBytes::new(vec![7; 32])));
    let records = Records::new(store, sealer);
    let node = || KeyVault::new(records.clone(), Environment::Test, vec![spec.clone()]);
    let vaults = [node()?, node()?];

    let start = UnixTime::from_secs(1_800_000_000);
    let mut rings: [KeyRing; 2] = [vaults[0].advance(start).await?, vaults[1].advance(start).await?];
    let (mut tokens, mut signers, mut checks, mut failed) = (Vec::new(), BTreeSet::new(), 0, 0);
    let mut seen: KeySet = rings[0].verifying_keys_of(PURPOSE, start); // what a verifier fetched, up to 50 s ago
    for second in (0..3_600).step_by(10) {
        let now = start.plus(Seconds::new(second));
        for (vault, ring) in vaults.iter().zip(&mut rings) {
            if ring.refresh_due(now) {
                *ring = vault.advance(now).await?;
                ring.events().iter().for_each(|event| println!("{second:>5} s  {event:?}"));
            }
            let signer = ring.signer(PURPOSE, now)?;
            signers.insert(signer.key_id().clone());
            tokens.push((jwt::sign::<Token>(&Claims { exp: now.plus(LIFE) }, &*signer).await?, now.plus(LIFE)));
        }
        if second % 50 == 0 {
            seen = rings[1].verifying_keys_of(PURPOSE, now);
        }
        tokens.retain(|(_, expires)| now < *expires);
        for (token, _) in &tokens {
            checks += 1;
            failed += u32::from(jwt::Presented::<Token>::parse(token)?.verify_with(&seen).is_err());
        }
    }
    println!("{} keys signed, {checks} checks by a verifier with an old key set, {failed} failed", signers.len());
    if failed == 0 { Ok(()) } else { Err("a token did not verify".into()) }
}
