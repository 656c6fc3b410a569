//! A workspace, and the program that is run in it.

use serde_json::{Value, json};
use std::fs;
use std::io::Write;
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

pub const SECRET: &str = "sesame-4711";
/// A workspace with a folder beside it that nothing may ever reach.
pub struct Place {
    pub folder: tempfile::TempDir,
}

pub struct Done {
    pub code: i32,
    pub report: Value,
    pub errors: String,
}

impl Place {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        fs::create_dir(folder.path().join("workspace")).expect("the workspace");
        fs::create_dir(folder.path().join("outside")).expect("the folder outside");
        Self { folder }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join("workspace").join(name)
    }

    pub fn outside(&self) -> PathBuf {
        self.folder.path().join("outside")
    }

    pub fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        fs::create_dir_all(self.path(name).parent().expect("a parent")).expect("folders");
        fs::write(self.path(name), text).expect("a file");
    }

    pub fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    pub fn mode(&self, name: &str) -> u32 {
        fs::metadata(self.path(name)).expect("a file").mode() & 0o777
    }

    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_keyslot"));
        command.args(["--json", "env"]).args(arguments).arg("--workspace").arg(self.path(""));
        command.env("XDG_STATE_HOME", self.folder.path().join("state"));
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// A run of the program as people start it, in the folder around the workspace.
    pub fn people(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_keyslot"));
        command.args(arguments).current_dir(self.folder.path()).env("XDG_STATE_HOME", self.folder.path().join("state"));
        for name in ["NO_COLOR", "CLICOLOR_FORCE", "CLICOLOR"] {
            command.env_remove(name);
        }
        command
    }

    /// Runs it with a spec in `env.json` beside the workspace, and this standard input.
    pub fn verb(&self, spec: &Value, arguments: &[&str], input: &str) -> Ran {
        fs::write(self.folder.path().join("env.json"), spec.to_string()).expect("the spec");
        Ran::of(self.people(arguments), input)
    }

    /// Runs apply with exactly these texts as spec and standard input.
    pub fn run(&self, spec: &str, input: &str) -> Done {
        self.run_by(spec, input, |arguments| self.command(arguments))
    }

    fn run_by(&self, spec: &str, input: &str, command: impl Fn(&[&str]) -> Command) -> Done {
        let mut file = tempfile::NamedTempFile::new_in(self.folder.path()).expect("a file");
        file.write_all(spec.as_bytes()).expect("the spec");
        let name = file.path().to_str().expect("a plain path");
        let mut command = command(&["apply", "--spec", name]);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("keyslot starts");
        // A spec that is refused ends the program before it reads the values.
        child.stdin.take().expect("its input").write_all(input.as_bytes()).ok();
        Done::of(child.wait_with_output().expect("keyslot ends"))
    }

    pub fn apply(&self, spec: &Value, input: &Value) -> Done {
        let done = self.run(&spec.to_string(), &input.to_string());
        let text = format!("{}{}", done.report, done.errors);
        assert!(!text.contains(SECRET), "a value came out: {text}");
        done
    }

    /// Applies by another program that starts keyslot.
    pub fn apply_by(&self, spec: &Value, input: &Value, command: impl Fn(&[&str]) -> Command) -> Done {
        self.run_by(&spec.to_string(), &input.to_string(), command)
    }

    pub fn scrub(&self) -> Done {
        Done::of(self.command(&["scrub"]).output().expect("keyslot runs"))
    }

    pub fn git(&self, folder: &str, arguments: &[&str]) -> String {
        let mut git = Command::new("git");
        git.arg("-C").arg(self.path(folder)).args(["-c", "user.name=t", "-c", "user.email=t@x.test"]).args(arguments);
        let output = git.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_NOSYSTEM", "1").output().expect("git");
        assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    /// Every file and symlink of the workspace with its content, outside of git's own folders.
    pub fn contents(&self) -> Vec<(PathBuf, Vec<u8>)> {
        let mut files = Vec::new();
        let entries = walkdir::WalkDir::new(self.path("")).sort_by_file_name();
        for entry in entries.into_iter().map(|entry| entry.expect("an entry")) {
            let in_git = entry.path().components().any(|part| part.as_os_str() == ".git");
            if !entry.file_type().is_dir() && (!in_git || entry.file_name() == "exclude") {
                files.push((entry.path().to_owned(), fs::read(entry.path()).unwrap_or_default()));
            }
        }
        files
    }
}

/// What a run for people printed.
pub struct Ran {
    pub code: i32,
    pub out: String,
    pub errors: String,
}

impl Ran {
    pub fn of(mut command: Command, input: &str) -> Self {
        let command = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("keyslot starts");
        // It may end before it reads.
        child.stdin.take().expect("its input").write_all(input.as_bytes()).ok();
        let output = child.wait_with_output().expect("keyslot ends");
        Self {
            code: output.status.code().unwrap_or(-1),
            out: String::from_utf8_lossy(&output.stdout).into_owned(),
            errors: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    pub fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {}{}", self.out, self.errors))
    }
}

impl Done {
    pub fn of(output: Output) -> Self {
        Self {
            code: output.status.code().unwrap_or(-1),
            report: serde_json::from_slice(&output.stdout).unwrap_or(Value::Null),
            errors: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    pub fn good(self) -> Value {
        assert_eq!(self.code, 0, "{}", self.errors);
        assert_eq!(self.errors, "");
        self.report
    }

    /// The message of a run that wrote nothing because a file was refused.
    pub fn refused(self) -> String {
        assert_eq!(self.code, 1, "{} {}", self.report, self.errors);
        self.errors
    }
}

/// A spec of secret files, each with the keys A and B.
pub fn spec(paths: &[&str]) -> Value {
    let files: Vec<Value> = paths
        .iter()
        .map(|path| json!({"path": path, "keys": [{"key": "A"}, {"key": "B", "required": false}]}))
        .collect();
    json!({ "files": files })
}

pub fn values(a: &str, b: &str) -> Value {
    json!({"values": {"A": a, "B": b}})
}

pub fn outcomes(report: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let files = report["files"].as_array().expect("files");
    files.iter().map(|file| (text(&file["place"]), text(&file["outcome"]))).collect()
}

pub fn is(expected: &[(&str, &str)]) -> Vec<(String, String)> {
    expected.iter().map(|(place, outcome)| ((*place).to_owned(), (*outcome).to_owned())).collect()
}
