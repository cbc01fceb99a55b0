//! A user's consent is registered (A① to A④) and used (B① to B④) over real TLS, and then an attacker fails.
//!
//! `cargo run --release --example open_banking`: nothing to set up. An operator with two banks behind it and a durable
//! store, two fintechs and a user agent run in this process and talk over TLS 1.3 on loopback. The example decides
//! nothing about security: take a check out of the library and an attack succeeds, and the program exits with 1.

mod attacks;
mod forge;
mod report;
mod stage;
mod tap;
mod trail;
mod user;
mod user_agent;
mod walk;
mod witness;

use std::process::ExitCode;

use ingam::keys::RotationTimes;

use self::{
    report::Report,
    stage::{Failure, Stage},
};

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("open_banking: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<bool, Failure> {
    let stage = Stage::set(RotationTimes::default()).await?;
    let mut report = Report::default();
    println!("operator {} (TLS 1.3, redb), fintechs budget-app and rival-app, user alice", stage.base);
    let walked = walk::walk(&stage, &mut report).await?;
    println!("\nNow the attacker, who hears everything and holds whatever the line says");
    attacks::all(&stage, &walked, &mut report).await?;
    trail::print(&stage, &mut report).await?;
    stage.clear().await?;
    Ok(report.close())
}
