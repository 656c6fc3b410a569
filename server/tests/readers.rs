//! What Keyslot writes is what the real readers read: npm `dotenv`, `python-dotenv` and `bash`, byte for byte.

#![allow(clippy::expect_used, reason = "helpers of tests are tests too")]

use app::domain::dotenv::{block, write};
use app::domain::spec::Format;
use app::domain::{KeyName, SecretValue};
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;
use std::path::{Path, PathBuf};
use std::process::Command;

const UNSET: &str = "<<unset>>";

/// A reader: gives, for each file, the values of `K0` to `K<count - 1>`.
type Reader = fn(count: usize, files: &[PathBuf]) -> Vec<Vec<String>>;
const READERS: [(&str, Reader); 5] = [
    ("npm dotenv", |count, files| node("false", count, files)),
    ("npm dotenv --fast", |count, files| node("true", count, files)),
    ("python-dotenv", python),
    ("bash in the C locale", |count, files| bash("C", count, files)),
    ("bash in a UTF-8 locale", |count, files| bash("C.UTF-8", count, files)),
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the crate lies in the workspace").to_owned()
}

/// Runs a reader in an otherwise empty environment, because readers look at it.
fn output(command: &mut Command, count: usize, files: &[PathBuf]) -> Vec<u8> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let command = command.arg(count.to_string()).args(files).env_clear().env("PATH", path);
    let output = command.output().expect("the reader starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

fn node(fast: &str, count: usize, files: &[PathBuf]) -> Vec<Vec<String>> {
    let folder = root().join("end2end");
    assert!(folder.join("node_modules/dotenv").is_dir(), "npm dotenv is not installed: run `make setup`");
    let script = "const [count, ...files] = process.argv.slice(1), {parse} = require('dotenv'), fs = require('fs');
        const values = env => Array.from({length: +count}, (_, i) => env['K' + i] ?? 'UNSET');
        console.log(JSON.stringify(files.map(file => values(parse(fs.readFileSync(file), {fast: FAST})))))"
        .replace("FAST", fast)
        .replace("UNSET", UNSET);
    let mut command = Command::new("node");
    command.current_dir(folder).args(["--input-type=commonjs", "-e", &script, "--"]);
    serde_json::from_slice(&output(&mut command, count, files)).expect("the script prints JSON")
}

fn python(count: usize, files: &[PathBuf]) -> Vec<Vec<String>> {
    let python = match std::env::var_os("KEYSLOT_PYTHON") {
        Some(python) => PathBuf::from(python),
        None => root().join("target/tools/python/bin/python"),
    };
    assert!(python.exists(), "python-dotenv is not installed: run `make setup`, or set KEYSLOT_PYTHON");
    let script = "import json, sys, logging; from dotenv import dotenv_values; logging.disable()\n\
        value = lambda env, i: '<<unset>>' if env.get(f'K{i}') is None else env[f'K{i}']\n\
        count = int(sys.argv[1]); files = map(dotenv_values, sys.argv[2:])\n\
        print(json.dumps([[value(env, i) for i in range(count)] for env in files]))";
    let mut command = Command::new(python);
    command.args(["-c", script]);
    serde_json::from_slice(&output(&mut command, count, files)).expect("the script prints JSON")
}

fn bash(locale: &str, count: usize, files: &[PathBuf]) -> Vec<Vec<String>> {
    // A file with an expansion that bash refuses ends its subshell; then nothing is set.
    let script = format!(
        "export LC_ALL={locale}; count=$1; shift; PATH=
        for file; do (
            set -a; . \"$file\" 2>/dev/null; set +a
            for ((i = 0; i < count; i++)); do k=K$i; printf '%s\\0' \"${{!k-{UNSET}}}\"; done
        ) || for ((i = 0; i < count; i++)); do printf '%s\\0' '{UNSET}'; done; done"
    );
    let mut command = Command::new("bash");
    command.args(["--norc", "--noprofile", "-c", &script, "bash"]);
    let bytes = output(&mut command, count, files);
    let values: Vec<String> =
        bytes.split(|byte| *byte == 0).map(|value| String::from_utf8_lossy(value).into_owned()).collect();
    values[..values.len() - 1].chunks(count).map(<[String]>::to_vec).collect()
}

/// Values that people have, and values that readers trip over.
fn corpus() -> Vec<String> {
    let pem: String = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASC/+=\n".repeat(20);
    let json_pem = pem.replace('\n', "\\n");
    let mut values: Vec<String> = [
        "",
        " ",
        "  leading",
        "trailing  ",
        "\tleading tab",
        "trailing tab\t",
        "\n",
        "\n\n",
        "\nleading line",
        "trailing line\n",
        "two\nlines",
        "a\n\n\nb",
        "a\n  indented\n\tmore",
        "plain",
        "with space",
        "1",
        "true",
        "null",
        "a=b",
        "=",
        "==",
        "a==",
        "a=b=c",
        "#",
        "#comment",
        "a#b",
        "a #b",
        "a # b",
        "# a\n# b",
        "a\n#b",
        "'#'",
        "\"#\"",
        "$",
        "$$",
        "$HOME",
        "a$HOME/b",
        "$(id)",
        "$1",
        "100$",
        "$ 5",
        "a$",
        "${",
        "${a:b}",
        "$}",
        "pa$$w0rd!",
        "!",
        "!!",
        "wow!",
        "`",
        "`id`",
        "a`b",
        "``",
        "'",
        "''",
        "it's",
        "'quoted'",
        "'a' 'b'",
        "o'clock 5 $",
        "rock 'n' roll\nx",
        "\"",
        "\"\"",
        "\"quoted\"",
        "say \"hi\"",
        "5\" disk",
        "\"a\"\n\"b\"",
        "'a'\n'b'",
        "'a'\nK1='b'",
        "\"a\"\nK1=\"b\"",
        "\\n",
        "a\\nb",
        "a\\tb",
        "\\d+\\.\\w*",
        "C:\\Users\\x",
        "\\ ",
        "\\a\\b\\f\\v",
        "it's \\d",
        "\\\"",
        "a\\\"b\\\"",
        "{\"a\":1}",
        "{\"a\": \"b\"}",
        "{\"a\":{\"b\":[1,2,\"c\"]}}",
        "{\"a\":\"say \\\"hi\\\"\"}",
        "{}",
        "[]",
        "{\n  \"a\": \"b\",\n  \"c\": null\n}",
        "{\"a\":\"it\\u0027s\"}",
        "{'a': 1}",
        "postgres://user:p%40ss@host:5432/db?sslmode=require&x=1#frag",
        "redis://:pw@[::1]:6379/0",
        "https://a.test/?q=a+b&r=%20;c#d",
        "mongodb+srv://u:p@c.mongodb.net/?retryWrites=true&w=majority",
        "sk_live_51Abc_DEF-ghi",
        "AKIAIOSFODNN7EXAMPLE",
        "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
        "AAAA//+=",
        "a;b",
        "a&&b",
        "a|b",
        "a>b",
        "<a>",
        "(a)",
        "a*b",
        "?",
        "[a-z]",
        "{a,b}",
        "~",
        "~/x",
        "a:~/x",
        "~root",
        "%",
        "^",
        "a, b",
        "-n",
        "--flag",
        "-e a\\tb",
        "export A=1",
        "K1=2",
        "K1='2'",
        "a\nK1=2\nb",
        "a\nexport K1=2",
        "K1: 2",
        "a\nK1: 'x'",
        "\u{e9}",
        "日本語",
        "🦀",
        "é\u{301}",
        "\u{a0}nbsp\u{a0}",
        "\u{feff}bom",
        "bom\u{feff}",
        "\u{2028}",
        "a\u{2028}b",
        "a\u{2029}K1=2",
        "\u{85}x\u{85}",
        "\u{2028}'x'",
        "\u{200b}",
        "\u{1}",
        "a\u{1}b\u{7f}c",
        "\u{1b}[0m",
        "\u{b}\u{c}",
        "\u{1c}\u{1f}",
        "a\u{7}b\u{8}",
        "-----BEGIN RSA-----",
        "cron: */5 * * * *",
        "smtp://u:p@h:25",
        "Bearer a.b.c",
        "a'b;c d",
        "x' y' z",
        "it's a (test) & <more> | *",
        "# >>> keyslot 0 created=no newline=no x\n# <<< keyslot 0",
        "EOF\n",
        "1e10",
        "0x1F",
        "yes",
        "No",
    ]
    .map(str::to_owned)
    .into();
    values.push(format!("-----BEGIN PRIVATE KEY-----\n{pem}-----END PRIVATE KEY-----\n"));
    values.push(format!("{{\"type\":\"service_account\",\"private_key\":\"-----BEGIN-----\\n{json_pem}\"}}"));
    values.push("x".repeat(200_000));
    values.push("two words\n".repeat(20_000));
    values.push("it's\n".repeat(20_000));
    values
}

/// Values over the characters that readers treat specially, the same ones in every run.
fn generated(pattern: &str, count: usize) -> Vec<String> {
    let mut runner = TestRunner::deterministic();
    let strategy = proptest::string::string_regex(pattern).expect("a good pattern");
    let value = |_| strategy.new_tree(&mut runner).expect("a value").current();
    (0..count).map(value).collect()
}

/// Compares what every reader makes of one file with all the values, written behind `foreign` lines.
fn assert_read_back(foreign: &str, values: &[String]) {
    let mut lines = String::new();
    for (index, value) in values.iter().enumerate() {
        let key = KeyName::new(format!("K{index}")).expect("a good key");
        lines.push_str(&write::assignment(Format::Dotenv, &key, &SecretValue::new(value.clone())).expect("writable"));
    }
    let block::Change::Text(text) = block::merge(Some(foreign.as_bytes()), lines.as_bytes()).change else {
        panic!("a block is put in");
    };
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join(".env");
    std::fs::write(&file, &*text).expect("the file");
    for (reader, read) in READERS {
        let read = read(values.len(), std::slice::from_ref(&file));
        for (index, (value, read)) in values.iter().zip(&read[0]).enumerate() {
            assert!(value == read, "{reader}, K{index}: wrote {value:.200?}, read {read:.200?}");
        }
        assert_eq!(read[0].len(), values.len(), "{reader}");
    }
}

fn accepted(values: Vec<String>) -> Vec<String> {
    values.into_iter().filter(|value| write::check(Format::Dotenv, value).is_ok()).collect()
}

#[test]
fn every_value_of_the_corpus_reads_back_the_same() {
    let values = corpus();
    let refused: Vec<_> = values.iter().filter(|value| write::check(Format::Dotenv, value).is_err()).collect();
    assert!(refused.is_empty(), "these are to be carried: {refused:.100?}");
    assert!(values.len() >= 150);
    assert_read_back("", &values);
}

#[test]
fn generated_values_read_back_the_same() {
    let hard = accepted(generated("[ab0'\"`$\\\\{}():\n\t #=!~.,-]{0,12}", 3_000));
    assert!(hard.len() > 1_000, "{}", hard.len());
    assert_read_back("", &hard);
    let wide = accepted(generated("[^\r\0]{0,30}", 600));
    assert!(wide.len() > 300, "{}", wide.len());
    assert_read_back("", &wide);
}

#[test]
fn foreign_lines_before_the_block_do_not_disturb_it() {
    let foreign = "# it's mine\r\n\nexport A=1\nB = 'x'  # why\nK0=old\nK1='old\nlines'\nC=\"a # b\"\nD=";
    assert_read_back(foreign, &corpus());
}

#[test]
fn nothing_is_refused_that_some_plain_quoting_would_carry() {
    let mut values = generated("[an'\"\\\\${}:\n -]{1,7}", 1_000);
    values.extend(generated("[a'\"`\\\\$]{1,4}", 300));
    values.extend(["a\rb", "a\r\nb", "${A}", "${A:-b}", "a\\", "\\\\", "it's \"x\"", "it's $x"].map(str::to_owned));
    values.retain(|value| write::check(Format::Dotenv, value).is_err());
    values.sort();
    values.dedup();
    assert!(values.len() > 200, "{}", values.len());
    let folder = tempfile::tempdir().expect("a folder");
    let mut files = Vec::new();
    for (index, value) in values.iter().enumerate() {
        for (kind, quote) in ["", "'", "\""].into_iter().enumerate() {
            let file = folder.path().join(format!("{index}-{kind}"));
            std::fs::write(&file, format!("K0={quote}{value}{quote}\nK1='b'\n")).expect("a file");
            files.push(file);
        }
    }
    let read: Vec<_> = [READERS[0], READERS[2], READERS[3]].map(|(_, read)| read(2, &files)).into();
    for (index, value) in values.iter().enumerate() {
        for kind in 0..3 {
            let carried = read.iter().all(|files| files[3 * index + kind] == [value.as_str(), "b"]);
            assert!(!carried, "{value:?} is refused, but quoting {kind} carries it");
        }
    }
}
