//! The server program.

use clap::Parser;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use server::auth;
use server::config::{Command, CommandLine, Config, make_private_folder};
use server::events::Events;
use server::hardening::{close_data_folder, harden_process};
use server::instance::Instance;
use server::service::Keyslot;
use server::snapshot::Depot;
use server::store::Store;
use server::wall::Wall;
use server::web;
use std::error::Error;
use std::io::IsTerminal;
use std::process::ExitCode;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;
use tracing_subscriber::EnvFilter;
use vault::{RootKey, RootKeyError};

#[tokio::main]
async fn main() -> ExitCode {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .init();
    let CommandLine { command, config } = CommandLine::parse();
    if let Err(error) = harden_process() {
        tracing::error!(%error, "the server's memory cannot be closed to other programs of its user");
        return ExitCode::FAILURE;
    }
    let done = match command.unwrap_or(Command::Serve) {
        Command::Serve => serve(config).await,
        Command::SignInLink => sign_in_link(config).await,
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            print_error(error.as_ref());
            ExitCode::FAILURE
        }
    }
}

async fn open(config: Config, closing: CancellationToken) -> Result<Keyslot, Box<dyn Error>> {
    make_private_folder(&config.data)?;
    close_data_folder(&config.data, &config.database())?;
    let store = Store::connect(&config.database()).await?;
    let load = |is_empty| {
        if is_empty && !config.new && Instance::was_set_up(&config.data) {
            return Err(RootKeyError::EmptyDatabase { folder: config.data.clone() });
        }
        RootKey::load(&config.data, config.root_key_fd, is_empty)
    };
    let vault = store.unlock(load).await?;
    let instance = Instance::load(&config.data)?;
    let depot = Depot::open(&config)?;
    let wall = Wall::choose(&config).await;
    match &wall {
        Wall::Bubblewrap(_) => tracing::info!("{wall}"),
        Wall::Off | Wall::Missing { .. } => tracing::warn!("{wall}"),
    }
    let keyslot = Keyslot::new(config, instance, store, vault, depot, Events::new(closing), wall);
    auth::prepare(&keyslot).await?;
    Ok(keyslot)
}

async fn serve(mut config: Config) -> Result<(), Box<dyn Error>> {
    let listener = TcpListener::bind(config.listen).await?;
    // With port 0 the system chooses one; links must name it.
    config.listen = listener.local_addr()?;
    let limits = web::ServeLimits::from(&config);
    raise_open_files(limits.connections);
    let closing = CancellationToken::new();
    let keyslot = open(config, closing.clone()).await?;
    keyslot.events().connect(keyslot.store(), keyslot.vault().notice_key());
    keyslot.fail_interrupted().await?;
    tracing::info!(address = %keyslot.config().listen, "listening");
    say(&format!("Keyslot serves on {}", keyslot.config().origin()));
    match auth::first_link(&keyslot).await? {
        Some(link) => say(&format!("Sign in (works once, within 10 minutes): {link}")),
        None => say(&format!("For a sign-in link, run with the same settings: {} sign-in-link", program())),
    }
    if keyslot.config().shares_its_name() {
        tracing::warn!(
            "the public URL is an address of this machine alone: browsers send the sign-in cookie to every program that \
             listens on it, whatever the port; give the server a host name of its own"
        );
    }
    let house = tokio::spawn({
        let (keyslot, closing) = (keyslot.clone(), closing.clone());
        async move {
            let (house, room) = (keyslot.keep_house(closing.clone()), keyslot.watch_room(closing.clone()));
            tokio::join!(house, room, keyslot.keep_up(closing))
        }
    });
    let mut terminate = signal(SignalKind::terminate())?;
    let until = async move {
        tokio::select! {
            _ = tokio::signal::ctrl_c() => {}
            _ = terminate.recv() => {}
        }
        closing.cancel();
    };
    web::serve(listener, web::router(keyslot.clone()), limits, until).await;
    house.await?;
    keyslot.finish_work().await;
    keyslot.store().close().await;
    Ok(())
}

/// Files that the server opens beside its connections.
const OTHER_FILES: usize = 1_024;

/// Lets this process open a file for each connection, as far as the system allows.
fn raise_open_files(connections: usize) {
    let limit = getrlimit(Resource::Nofile);
    let wanted = u64::try_from(connections.saturating_add(OTHER_FILES)).unwrap_or(u64::MAX);
    let wanted = limit.maximum.map_or(wanted, |most| most.min(wanted));
    if limit.current.is_none_or(|current| current >= wanted) {
        return;
    }
    if let Err(error) = setrlimit(Resource::Nofile, Rlimit { current: Some(wanted), ..limit }) {
        tracing::warn!(%error, "the limit of open files could not be raised");
    }
}

async fn sign_in_link(config: Config) -> Result<(), Box<dyn Error>> {
    let keyslot = open(config, CancellationToken::new()).await?;
    say(&auth::owner_link(&keyslot).await?);
    keyslot.store().close().await;
    Ok(())
}

/// The program as it was called.
fn program() -> String {
    std::env::args().next().unwrap_or_else(|| "keyslot-server".to_owned())
}

/// What people who started the program read. Sign-in links go here and never into the log.
#[expect(clippy::print_stdout, reason = "this is the program's own output")]
fn say(line: &str) {
    println!("{line}");
}

#[expect(clippy::print_stderr, reason = "this is the program's own output")]
fn print_error(error: &dyn Error) {
    eprintln!("keyslot-server: {error}");
    let mut cause = error.source();
    while let Some(error) = cause {
        eprintln!("  because: {error}");
        cause = error.source();
    }
}
