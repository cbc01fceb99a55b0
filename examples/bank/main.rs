//! A stand-alone operator.
//!
//! `cargo run --release --example bank -- --config FILE.toml` prints one line of JSON when it listens and stops on
//! SIGTERM with nothing lost. The configuration is described in `config.rs`; every security decision is the library's.

mod admin;
mod channel;
mod config;
mod fintechs;
mod keys;
mod log;
mod operator;
mod store;
mod token;

use std::{error::Error, process::ExitCode, sync::Arc};

use ingam::{
    operator::Operator,
    ports::Endpoint,
    tls::{Listener, serve},
    wire::HttpUrl,
};
use tokio::{sync::watch, task::JoinSet, time};

use self::config::Config;

const USAGE: &str = "usage: bank --config FILE.toml      runs the operator of the configuration
       bank --config FILE.toml --check   checks the configuration and prints the profile's report
       bank --help

Commands of administrators (`bank admin …`) are not built yet: fintechs, users and keys come from the configuration.";

/// What the command line asks for.
enum Command {
    Run(String),
    Check(String),
    Help,
}

fn main() -> ExitCode {
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return failed(&error),
    };
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let ended = match command(&arguments) {
        Some(Command::Help) => {
            println!("{USAGE}");
            return ExitCode::SUCCESS;
        }
        Some(Command::Run(path)) => runtime.block_on(run(&path)),
        Some(Command::Check(path)) => runtime.block_on(check(&path)),
        None => {
            eprintln!("{USAGE}");
            return ExitCode::from(2);
        }
    };
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => failed(&*error),
    }
}

fn failed(error: &dyn Error) -> ExitCode {
    eprintln!("bank: {error}");
    ExitCode::FAILURE
}

fn command(arguments: &[String]) -> Option<Command> {
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["--help" | "-h"] => Some(Command::Help),
        ["--config", path] => Some(Command::Run((*path).to_owned())),
        ["--config", path, "--check"] | ["--check", "--config", path] => Some(Command::Check((*path).to_owned())),
        _ => None,
    }
}

async fn check(path: &str) -> Result<(), Box<dyn Error>> {
    let config = Config::read(path)?;
    println!("{}", operator::profile(&config)?.report().join("\n"));
    Ok(())
}

async fn run(path: &str) -> Result<(), Box<dyn Error>> {
    let config = Config::read(path)?;
    let store = store::open(&config)?;
    let built = operator::build(&config, Arc::clone(&store)).await?;
    for line in built.operator.report() {
        eprintln!("{line}");
    }
    let channels = channel::build(&config)?;
    let (stop, stopped) = watch::channel(false);
    let mut tasks = JoinSet::new();

    let mut listen = |listener: Listener, endpoint: Arc<dyn Endpoint>| {
        let mut stopped = stopped.clone();
        tasks.spawn(serve(listener, endpoint, async move {
            let _ = stopped.wait_for(|stop| *stop).await;
        }));
    };
    let issuer: HttpUrl = config.issuer.parse()?;
    listen(Listener::bind(config.listen, channels.plain).await?, Arc::new(built.operator.entrance(&issuer)?));
    if let (Some(address), Some(channel)) = (config.mtls_listen, channels.mtls) {
        let base: HttpUrl = config.mtls_base.as_deref().unwrap_or_default().parse()?;
        listen(Listener::bind(address, channel).await?, Arc::new(built.operator.entrance(&base)?));
    }
    if let (Some(admin), Some(channel)) = (&config.admin, channels.admin) {
        let endpoint =
            admin::Admin::new(Arc::clone(&built.operator), channel::authorities(&admin.client_ca)?, stopped.clone());
        listen(Listener::bind(admin.listen, channel).await?, Arc::new(endpoint));
    }
    tasks.spawn(tend(Arc::clone(&built.operator), stopped.clone()));
    let audit = Arc::clone(&built.audit);
    let writing = tokio::spawn(async move { audit.run().await });

    println!("{}", ready(&config, &channels.ca));
    until_told_to_stop().await?;
    stop.send_replace(true);
    while tasks.join_next().await.is_some() {}
    writing.abort();
    built.audit.flush_counted().await?;
    if config.tls.is_none() {
        std::fs::remove_file(&channels.ca)?;
    }
    Ok(())
}

/// The ready line: whoever started the program reads from here where everything is.
fn ready(config: &Config, ca: &str) -> String {
    let issuer = config.issuer.trim_end_matches('/');
    serde_json::json!({
        "ready": true,
        "issuer": config.issuer,
        "discovery": format!("{issuer}/.well-known/openid-configuration"),
        "jwks": format!("{issuer}/jwks"),
        "ca": ca,
    })
    .to_string()
}

/// Keys rotate and expired rows go, about every second, until told to stop.
async fn tend(operator: Arc<Operator>, mut stopped: watch::Receiver<bool>) {
    let mut every_second = time::interval(time::Duration::from_secs(1));
    while !*stopped.borrow_and_update() {
        tokio::select! {
            _ = every_second.tick() => {
                if let Err(error) = operator.tend().await {
                    eprintln!("bank: {error}");
                }
            }
            _ = stopped.changed() => {}
        }
    }
}

async fn until_told_to_stop() -> Result<(), std::io::Error> {
    use tokio::signal::unix::{SignalKind, signal};
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    Ok(())
}
