//! `keyslot env watch`

use crate::failure::Failure;
use crate::print;
use sandbox::watch::{Address, Settings, Token, watch};
use std::ffi::OsStr;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use zeroize::Zeroizing;

/// Where the token stands when no file is given. Never an argument: everybody on the machine can read those.
const TOKEN_VARIABLE: &str = "KEYSLOT_TOKEN";
/// Bytes of a token file that are read.
const TOKEN_FILE_BYTES: u64 = 4 * 1024;

/// What to watch.
#[derive(clap::Args)]
pub struct Arguments {
    /// The server's address, such as https://keyslot.example.com.
    #[arg(long, value_name = "URL")]
    server: String,
    /// The workspace; nothing outside of it is written.
    #[arg(long, value_name = "DIR", default_value = ".")]
    workspace: PathBuf,
    /// What people call this sandbox; the machine's name when not given. Sandboxes of one session need different names.
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// File with the session token; the variable KEYSLOT_TOKEN when not given.
    #[arg(long, value_name = "FILE")]
    token_file: Option<PathBuf>,
    /// Take the values out of the files when told to stop (SIGTERM or Ctrl-C).
    #[arg(long)]
    scrub_on_exit: bool,
    /// Send values unencrypted to another machine.
    #[arg(long)]
    insecure_http: bool,
}

/// Watches until the session ends or the program is told to stop. What happens goes to standard error, or as one JSON
/// object a line to standard output.
pub fn run(arguments: Arguments, is_json: bool) -> Result<ExitCode, Failure> {
    let server = Address::new(&arguments.server, arguments.insecure_http);
    let server = server.map_err(|error| Failure::bad_input("--server", error))?;
    if !arguments.workspace.is_dir() {
        return Err(Failure::bad_input("--workspace", "there is no such folder"));
    }
    let token = token(arguments.token_file.as_deref())?;
    let name = arguments.name.unwrap_or_else(machine);
    let Arguments { workspace, scrub_on_exit, .. } = arguments;
    let settings = Settings { server, token, workspace, name, scrub_on_exit };
    watch(&settings, if is_json { tell_program } else { tell_person }).map_err(Failure::failed)?;
    Ok(ExitCode::SUCCESS)
}

fn tell_person(line: &str) {
    // Standard error may be closed: the work goes on.
    writeln!(std::io::stderr(), "keyslot: {line}").ok();
}

fn tell_program(line: &str) {
    print::raw(&format!("{}\n", serde_json::json!({ "message": line }))).ok();
}

fn token(file: Option<&Path>) -> Result<Token, Failure> {
    let (what, text) = match file {
        Some(file) => {
            let mut text = Zeroizing::new(String::with_capacity(TOKEN_FILE_BYTES as usize));
            let open = std::fs::File::open(file).map_err(|error| Failure::bad_input("--token-file", error))?;
            let read = open.take(TOKEN_FILE_BYTES).read_to_string(&mut text);
            read.map_err(|error| Failure::bad_input("--token-file", error))?;
            ("--token-file", text)
        }
        None => {
            let text = std::env::var(TOKEN_VARIABLE).map_err(|_| {
                Failure::bad_input(TOKEN_VARIABLE, "put the session token into this variable, or give --token-file")
            })?;
            (TOKEN_VARIABLE, Zeroizing::new(text))
        }
    };
    Token::new(&text).map_err(|error| Failure::bad_input(what, error))
}

/// The machine's name.
fn machine() -> String {
    let name = rustix::system::uname();
    let name = OsStr::new(name.nodename().to_str().unwrap_or_default()).to_string_lossy().into_owned();
    if name.is_empty() { "sandbox".to_owned() } else { name }
}
