//! What Keyslot writes is what the real readers read, byte for byte.

#![allow(clippy::expect_used, clippy::print_stdout, missing_docs, reason = "helpers of tests are tests too")]

mod programs;
mod values;

use domain::dotenv::block;
use domain::reader::{self, Reader};
use domain::{KeyName, SecretValue};
use programs::{COMMON, Program};
use values::{corpus, generated};

/// Programs that read every file without named readers.
fn portable() -> Vec<&'static Program> {
    let of_any_file = [Reader::NpmDotenv, Reader::Node, Reader::PythonDotenv, Reader::Shell];
    COMMON.iter().filter(|program| of_any_file.contains(&program.reader)).collect()
}

/// Compares what programs make of one file with all the values, written behind `foreign` lines.
fn assert_read_back(readers: &[Reader], programs: &[&Program], foreign: &str, values: &[String]) {
    let mut lines = String::new();
    for (index, value) in values.iter().enumerate() {
        let key = KeyName::new(format!("K{index}")).expect("a good key");
        lines.push_str(&reader::assignment(readers, &key, &SecretValue::new(value.clone())).expect("writable"));
    }
    let block::Change::Text(text) = block::merge(Some(foreign.as_bytes()), lines.as_bytes()).change else {
        panic!("a block is put in");
    };
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join(".env");
    std::fs::write(&file, &*text).expect("the file");
    for program in programs {
        let read = (program.read)(values.len(), std::slice::from_ref(&file));
        assert_eq!(read[0].len(), values.len(), "{}", program.name);
        let altered: Vec<String> = (values.iter().zip(&read[0]).enumerate())
            .filter(|(_, (value, read))| value != read)
            .map(|(index, (value, read))| format!("K{index}: wrote {value:.80?}, read {read:.80?}"))
            .collect();
        assert!(
            altered.is_empty(),
            "{} alters {}:\n{}",
            program.name,
            altered.len(),
            altered[..altered.len().min(12)].join("\n")
        );
    }
}

fn accepted(readers: &[Reader], values: Vec<String>) -> Vec<String> {
    values.into_iter().filter(|value| reader::check(readers, value).is_ok()).collect()
}

#[test]
fn every_value_of_the_corpus_reads_back_the_same_from_every_common_reader() {
    let values = corpus();
    let refused: Vec<_> = values.iter().filter(|value| reader::check(&[], value).is_err()).collect();
    assert!(refused.is_empty(), "these are to be carried: {refused:.100?}");
    assert!(values.len() >= 150);
    assert_read_back(&[], &portable(), "", &values);
}

#[test]
fn generated_values_read_back_the_same_from_every_common_reader() {
    let hard = accepted(&[], generated("[ab0'\"`$\\\\{}():\n\t #=!~.,-]{0,12}", 3_000));
    assert!(hard.len() > 1_000, "{}", hard.len());
    assert_read_back(&[], &portable(), "", &hard);
    let wide = accepted(&[], generated("[^\r\0]{0,30}", 600));
    assert!(wide.len() > 300, "{}", wide.len());
    assert_read_back(&[], &portable(), "", &wide);
}

#[test]
fn foreign_lines_before_the_block_do_not_disturb_it() {
    let foreign = "# it's mine\r\n\nexport A=1\nB = 'x'  # why\nK0=old\nK1='old\nlines'\nC=\"a # b\"\nD=";
    assert_read_back(&[], &portable(), foreign, &corpus());
}

#[test]
fn a_file_that_names_its_reader_reads_back_the_same_from_it() {
    for program in &COMMON {
        let readers = [program.reader];
        let mut values = corpus();
        let kinds = values.len();
        values.extend(
            ["a\rb", "a\r\nb", "${A}", "${A:-b}", "a\\", "\\\\", "it's \"x\"", "it's $x", "$(id)"].map(str::to_owned),
        );
        values.extend(generated("[ab0'\"`$\\\\{}():\r\n\t #=!~.,-]{0,12}", 400));
        let of_corpus = accepted(&readers, values[..kinds].to_vec()).len();
        let values = accepted(&readers, values);
        println!("{}: {of_corpus} of {kinds} kinds of values, {} values in all", program.name, values.len());
        assert!(of_corpus * 2 > kinds, "{}: {of_corpus} of {kinds}", program.name);
        assert_read_back(&readers, &[program], "", &values);
    }
}
