//! A stand-alone operator.
//!
//! `cargo run --release --example bank -- --config FILE.toml` prints one line of JSON when it listens and stops on
//! SIGTERM with nothing lost. The configuration is described in `config.rs`; every security decision is the library's.

mod admin;
mod channel;
mod config;
mod faults;
mod fintechs;
mod keys;
mod log;
mod operator;
mod prepared;
mod store;
mod token;

use std::{error::Error, net::SocketAddr, path::Path, process::ExitCode, sync::Arc};

use ingam::{
    jose::{CryptoProvider, RingProvider},
    operator::Operator,
    ports::Endpoint,
    tls::{Listener, ServerChannel, serve},
    wire::HttpUrl,
};
use tokio::{sync::watch, task::JoinSet, time};

use self::{config::Config, operator::Built, prepared::Prepared};

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
        Some(Command::Check(path)) => check(&path),
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

/// The primitives of everything the program does.
fn provider() -> Arc<dyn CryptoProvider> {
    Arc::new(RingProvider)
}

fn check(path: &str) -> Result<(), Box<dyn Error>> {
    let config = Config::read(path)?;
    println!("{}", Prepared::from(&config, &provider())?.profile.report().join("\n"));
    Ok(())
}

async fn run(path: &str) -> Result<(), Box<dyn Error>> {
    let config = Config::read(path)?;
    let told_to_stop = told_to_stop()?;
    let provider = provider();
    let prepared = Prepared::from(&config, &provider)?;
    let Built { operator, audit, doors } = operator::build(&config, prepared, provider).await?;
    let (stop, stopped) = watch::channel(false);
    let entrance = |base: &str| -> Result<Arc<dyn Endpoint>, Box<dyn Error>> {
        let entrance = operator.entrance(&base.parse::<HttpUrl>()?)?;
        Ok(Arc::new(match &doors.proxies {
            Some(proxies) => entrance.behind(Arc::clone(proxies)),
            None => entrance,
        }))
    };
    let mut open = vec![(bind("listen", config.listen, doors.channels.plain).await?, entrance(&config.issuer)?)];
    if let (Some(address), Some(base), Some(channel)) = (config.mtls_listen, &config.mtls_base, doors.channels.mtls) {
        open.push((bind("mtls_listen", address, channel).await?, entrance(base)?));
    }
    if let (Some(admin), Some(trusted), Some(channel)) = (&config.admin, doors.administrators, doors.channels.admin) {
        let endpoint = admin::Admin::new(Arc::clone(&operator), trusted, stopped.clone());
        open.push((bind("[admin] listen", admin.listen, channel).await?, Arc::new(endpoint)));
    }
    let ca = doors.channels.ca.publish()?;
    let mut tasks = JoinSet::new();
    for (listener, endpoint) in open {
        let mut stopped = stopped.clone();
        tasks.spawn(serve(listener, endpoint, async move {
            let _ = stopped.wait_for(|stop| *stop).await;
        }));
    }
    tasks.spawn(tend(Arc::clone(&operator), stopped.clone()));
    let kept = Arc::clone(&audit);
    let writing = tokio::spawn(async move { kept.run().await });

    for line in operator.report() {
        eprintln!("{line}");
    }
    println!("{}", ready(&config, &ca.path));
    told_to_stop.await;
    stop.send_replace(true);
    while tasks.join_next().await.is_some() {}
    writing.abort();
    audit.flush_counted().await?;
    Ok(())
}

/// Listens at `address`; an error names the member that says so.
async fn bind(member: &str, address: SocketAddr, channel: ServerChannel) -> Result<Listener, Box<dyn Error>> {
    Ok(Listener::bind(address, channel).await.map_err(|error| format!("{member} {address}: {error}"))?)
}

/// The ready line: whoever started the program reads from here where everything is.
fn ready(config: &Config, ca: &Path) -> String {
    #[derive(serde::Serialize)]
    struct Ready<'a> {
        ready: bool,
        issuer: &'a str,
        discovery: String,
        jwks: String,
        ca: String,
    }
    let base = config.issuer.trim_end_matches('/');
    let (discovery, jwks) = (format!("{base}/.well-known/openid-configuration"), format!("{base}/jwks"));
    let line = Ready { ready: true, issuer: &config.issuer, discovery, jwks, ca: ca.display().to_string() };
    serde_json::to_string(&line).expect("texts and a bool are JSON")
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

/// Ends when the program is told to stop. Made before anybody can know that it runs: from then on SIGTERM loses nothing.
fn told_to_stop() -> Result<impl Future<Output = ()>, std::io::Error> {
    use tokio::signal::unix::{SignalKind, signal};
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}
