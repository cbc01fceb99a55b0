//! An operator under load rotates its signing keys and its TLS key and certificate; nobody sees a refused request.
//!
//! Over real TLS, with a played clock, so that hours pass in seconds.   `cargo run --release --example rotate_keys`

#![allow(dead_code, reason = "the stage of open_banking has more on it than this needs")]
#[path = "open_banking/stage.rs"]
mod stage;
#[path = "open_banking/tap.rs"]
mod tap;
#[path = "open_banking/user.rs"]
mod user;
#[path = "open_banking/user_agent.rs"]
mod user_agent;
#[path = "open_banking/witness.rs"]
mod witness;

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use ingam::fintech::{FintechError, Wanted};
use ingam::{
    keys::{Purpose, RotationTimes},
    wire::Seconds,
};
use tokio::{sync::watch, time::sleep};

use self::stage::{Failure, Stage};

/// A key signs for an hour, is shown five minutes before and verifies for seven after (an access key lives five).
const HOURLY: RotationTimes = RotationTimes {
    propagation: Seconds::new(300),
    active: Seconds::new(3_600),
    retention: Seconds::new(420),
    longest_life: Seconds::new(300),
    skew: Seconds::new(60),
};

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let stage = Arc::new(Stage::set(HOURLY).await?);
    let fintech = &stage.budget.fintech;
    let redirect = fintech.begin(&stage.issuer, "user-42".parse()?, Wanted::scopes("accounts".parse()?)).await?;
    let (query, cookies) = user::approves(&stage, &redirect).await?;
    let access = Arc::new(fintech.complete(&query, &cookies).await?);
    let (stop, stopped) = watch::channel(false);
    let call_until_stopped = |_| {
        let (stage, access, stopped) = (stage.clone(), access.clone(), stopped.clone());
        tokio::spawn(async move {
            let mut served = 0;
            while !*stopped.borrow() {
                stage.budget.fintech.accounts(&access).await?; // verified by keys that rotate
                served += 1;
            }
            Ok::<u32, FintechError>(served)
        })
    };
    let callers: Vec<_> = (0..4).map(call_until_stopped).collect();
    let (hours, mut signers, mut certificates) = (4, BTreeSet::new(), 0);
    for step in 0..hours * 900 {
        stage.clock.advance(4);
        stage.operator.tend().await?;
        signers.insert(stage.keys.signer(Purpose::SignAccessKeys, stage.clock.time())?.key_id().clone());
        if step % 225 == 0 {
            stage.renew_certificate()?;
            certificates += 1;
        }
        sleep(Duration::from_millis(2)).await;
    }
    stop.send_replace(true);
    let (mut served, mut failed) = (0, 0);
    for caller in callers {
        match caller.await? {
            Ok(calls) => served += calls,
            Err(error) => (failed, _) = (failed + 1, println!("{error}")),
        }
    }
    let keys = signers.len();
    Arc::into_inner(stage).ok_or("somebody still holds the stage")?.clear().await?;
    println!("{hours} hours, {keys} signing keys, {certificates} certificates, {served} calls served, {failed} failed");
    if failed == 0 && keys > 3 { Ok(()) } else { Err("a rotation was noticed".into()) }
}
