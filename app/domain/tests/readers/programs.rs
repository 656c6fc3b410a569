//! The real programs: each reads files and gives the values of `K0` to `K<count - 1>` of each.

use domain::reader::Reader;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What a program gives for a variable that it does not get.
pub const UNSET: &str = "<<unset>>";

/// Reads files; the values of each.
pub type ReadFiles = fn(count: usize, files: &[PathBuf]) -> Vec<Vec<String>>;

/// A real program.
pub struct Program {
    pub name: &'static str,
    pub reader: Reader,
    pub read: ReadFiles,
}

const fn program(name: &'static str, reader: Reader, read: ReadFiles) -> Program {
    Program { name, reader, read }
}

/// Those that are here wherever the tests run.
pub const COMMON: [Program; 14] = [
    program("npm dotenv", Reader::NpmDotenv, |count, files| node(NPM, count, files)),
    program("npm dotenv, fast", Reader::NpmDotenv, |count, files| node(NPM_FAST, count, files)),
    program("node's util.parseEnv", Reader::Node, |count, files| node(NODE, count, files)),
    program("dotenv-expand", Reader::DotenvExpand, |count, files| node(EXPAND, count, files)),
    program("@next/env", Reader::Next, |count, files| node(NEXT, count, files)),
    program("Vite's two parsers, by dotenv-expand", Reader::Vite, |count, files| node(VITE, count, files)),
    program("python-dotenv", Reader::PythonDotenv, |count, files| python(DOTENV, count, files)),
    program("django-environ", Reader::DjangoEnviron, |count, files| python(DJANGO, count, files)),
    program("python-decouple", Reader::Decouple, |count, files| python(DECOUPLE, count, files)),
    program("bash in the C locale", Reader::Shell, |count, files| {
        shell(&["bash", "--norc", "--noprofile"], "C", count, files)
    }),
    program("bash in a UTF-8 locale", Reader::Shell, |count, files| {
        shell(&["bash", "--norc", "--noprofile"], "C.UTF-8", count, files)
    }),
    program("sh", Reader::Shell, |count, files| shell(&["sh"], "C.UTF-8", count, files)),
    program("GNU make", Reader::Make, make),
    program("docker's --env-file, by its rules", Reader::Docker, docker),
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Runs a reader in an otherwise empty environment, because readers look at it.
fn output(command: &mut Command, count: usize, files: &[PathBuf]) -> Vec<u8> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let command = command.arg(count.to_string()).args(files).env_clear().env("PATH", path);
    let output = command.output().expect("the reader starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

const NPM: &str = "const read = file => require('dotenv').parse(fs.readFileSync(file), {fast: false})";
const NPM_FAST: &str = "const read = file => require('dotenv').parse(fs.readFileSync(file), {fast: true})";
const NODE: &str = "const read = file => require('util').parseEnv(fs.readFileSync(file, 'utf8'))";
const EXPAND: &str = "const read = file => { const {parsed} = require('dotenv-expand').expand(
    {parsed: require('dotenv').parse(fs.readFileSync(file)), processEnv: {}}); return parsed }";
const NEXT: &str = "const read = file => require('@next/env').processEnv(
    [{path: file, contents: fs.readFileSync(file, 'utf8'), env: {}}], '.', {error() {}, info() {}}, true)[1]";
const VITE: &str = "const read = file => { const text = fs.readFileSync(file, 'utf8');
    const [one, other] = [require('dotenv').parse(text), require('util').parseEnv(text)].map(
        parsed => require('dotenv-expand').expand({parsed, processEnv: {}}).parsed);
    return Object.fromEntries(Object.entries(one).filter(([key, value]) => other[key] === value)) }";

fn node(read: &str, count: usize, files: &[PathBuf]) -> Vec<Vec<String>> {
    let folder = root().join("end2end");
    assert!(folder.join("node_modules/dotenv").is_dir(), "npm dotenv is not installed: run `make setup`");
    let script = format!(
        "const [count, ...files] = process.argv.slice(1), fs = require('fs'); {read}
        const values = env => Array.from({{length: +count}}, (_, i) => env['K' + i] ?? '{UNSET}');
        process.stdout.write(JSON.stringify(files.map(file => values(read(file)))))"
    );
    let mut command = Command::new("node");
    command.current_dir(folder).args(["--input-type=commonjs", "-e", &script, "--"]);
    serde_json::from_slice(&output(&mut command, count, files)).expect("the script prints JSON")
}

const DOTENV: &str = "from dotenv import dotenv_values as read";
const DJANGO: &str = "import environ, os
def read(file):
    os.environ.clear()
    environ.Env.read_env(file)
    env, found = environ.Env(), {}
    for key in list(os.environ):
        try: found[key] = env(key)
        except Exception: pass
    return found";
const DECOUPLE: &str = "from decouple import RepositoryEnv
def read(file): return RepositoryEnv(file).data";

fn python(read: &str, count: usize, files: &[PathBuf]) -> Vec<Vec<String>> {
    let python = match std::env::var_os("KEYSLOT_PYTHON") {
        Some(python) => PathBuf::from(python),
        None => root().join("target/tools/python/bin/python"),
    };
    assert!(python.exists(), "the Python readers are not installed: run `make setup`, or set KEYSLOT_PYTHON");
    let script = format!(
        "import json, sys, logging; logging.disable()\n{read}\n\
        value = lambda env, i: '{UNSET}' if env.get(f'K{{i}}') is None else env[f'K{{i}}']\n\
        count = int(sys.argv[1])\n\
        print(json.dumps([[value(env, i) for i in range(count)] for env in map(read, sys.argv[2:])]))"
    );
    let mut command = Command::new(python);
    command.args(["-c", &script]);
    serde_json::from_slice(&output(&mut command, count, files)).expect("the script prints JSON")
}

fn shell(program: &[&str], locale: &str, count: usize, files: &[PathBuf]) -> Vec<Vec<String>> {
    // A file with an expansion that the shell refuses ends its subshell; then nothing is set.
    let script = format!(
        "export LC_ALL={locale}; count=$1; shift; PATH=
        all() {{ i=0; while [ $i -lt $count ]; do \"$@\"; i=$((i + 1)); done; }}
        value() {{ eval \"printf '%s\\\\0' \\\"\\${{K$i-{UNSET}}}\\\"\"; }}
        none() {{ printf '%s\\0' '{UNSET}'; }}
        for file; do ( set -a; . \"$file\" 2>/dev/null; set +a; all value ) || all none; done"
    );
    let mut command = Command::new(program[0]);
    command.args(&program[1..]).args(["-c", &script, "shell"]);
    let bytes = output(&mut command, count, files);
    let values: Vec<String> =
        bytes.split(|byte| *byte == 0).map(|value| String::from_utf8_lossy(value).into_owned()).collect();
    values[..values.len() - 1].chunks(count).map(<[String]>::to_vec).collect()
}

fn make(count: usize, files: &[PathBuf]) -> Vec<Vec<String>> {
    let read = |file: &PathBuf| {
        let folder = tempfile::tempdir().expect("a folder");
        let writes: String = (0..count)
            .map(|i| format!("ifneq ($(origin K{i}),undefined)\n$(file >{i},$(value K{i}))\nK{i} := $(K{i})\n$(file >{i},$(K{i})x)\nendif\n"))
            .collect();
        let makefile = format!("include {}\n{writes}all:\n", file.display());
        std::fs::write(folder.path().join("Makefile"), makefile).expect("a file");
        let mut command = Command::new("make");
        command
            .args(["-s", "-C"])
            .arg(folder.path())
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default());
        assert!(command.status().expect("make starts").success());
        let value = |i: usize| {
            let text = std::fs::read_to_string(folder.path().join(i.to_string())).ok();
            let text =
                text.and_then(|text| Some(text.strip_suffix('\n').unwrap_or(&text).strip_suffix('x')?.to_owned()));
            text.unwrap_or_else(|| UNSET.to_owned())
        };
        (0..count).map(value).collect()
    };
    files.iter().map(read).collect()
}

/// No docker runs here; its rule is a line's text behind the `=`.
fn docker(count: usize, files: &[PathBuf]) -> Vec<Vec<String>> {
    let read = |file: &PathBuf| {
        let text = std::fs::read_to_string(file).expect("the file");
        let value = |i: usize| {
            let lines = text.split('\n').map(|line| line.strip_suffix('\r').unwrap_or(line));
            let found = lines.filter_map(|line| line.strip_prefix(&format!("K{i}="))).next_back();
            found.unwrap_or(UNSET).to_owned()
        };
        (0..count).map(value).collect()
    };
    files.iter().map(read).collect()
}
