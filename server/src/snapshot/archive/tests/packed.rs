//! Values in packed files.

use super::{Story, VALUE};
use crate::snapshot::budget::Budget;
use crate::snapshot::look::Look;
use crate::snapshot::{Progress, inside, packed::Packed};
use domain::snapshot::GuardReport;
use flate2::Compression;
use flate2::write::{GzEncoder, ZlibEncoder};
use std::io::{Cursor, Seek, Write};
use std::process::Command;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

fn zipped(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in files {
        let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
        zip.start_file(*name, options).expect("an entry");
        zip.write_all(content).expect("content");
    }
    zip.finish().expect("a zip").into_inner()
}

fn gzipped(content: &[u8]) -> Vec<u8> {
    let mut gzip = GzEncoder::new(Vec::new(), Compression::best());
    gzip.write_all(content).expect("content");
    gzip.finish().expect("gzip")
}

fn zlibbed(content: &[u8]) -> Vec<u8> {
    let mut zlib = ZlibEncoder::new(Vec::new(), Compression::default());
    zlib.write_all(content).expect("content");
    zlib.finish().expect("zlib")
}

fn brotlied(content: &[u8]) -> Vec<u8> {
    let mut packed = Vec::new();
    brotli::BrotliCompress(&mut &*content, &mut packed, &brotli::enc::BrotliEncoderParams::default()).expect("brotli");
    packed
}

fn tarred(name: &str, content: &[u8]) -> Vec<u8> {
    let mut tar = tar::Builder::new(Vec::new());
    let mut header = tar::Header::new_gnu();
    header.set_size(content.len() as u64);
    tar.append_data(&mut header, name, content).expect("an entry");
    tar.into_inner().expect("a tar")
}

/// A text with the value in it, which does not show it when it is packed.
fn text() -> Vec<u8> {
    format!("{}{VALUE}\n{}", "first line\n".repeat(40), "and more of it\n".repeat(40)).into_bytes()
}

/// Bytes as mixed as packed ones.
fn noise(bytes: usize) -> Vec<u8> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let next = |_| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()[3]
    };
    (0..bytes).map(next).collect()
}

fn places(report: &GuardReport) -> Vec<&str> {
    report.findings.iter().map(|finding| finding.place.as_str()).collect()
}

#[test]
fn a_value_is_found_in_every_kind_that_is_unpacked() {
    let story = Story::new(&[]);
    let program = [b"#!/bin/sh\nexec unzip $0\n", &*zipped(&[("a.txt", &text())])].concat();
    for (place, bytes) in [
        ("a.txt.br", brotlied(&text())),
        ("a.gz", gzipped(&text())),
        ("a.tar", tarred("a.txt", &text())),
        ("a.tar.zst", zstd::encode_all(&*tarred("a.txt", &text()), 3).expect("zstd")),
        ("a.zip", zipped(&[("a.txt", &text())])),
        ("data/blob", zlibbed(&text())),
        ("install.sh", program),
    ] {
        story.put(place, bytes);
    }
    let report = story.archived().report;
    let expected = [
        "a.gz › content",
        "a.tar",
        "a.tar › a.txt",
        "a.tar.zst › a.txt",
        "a.txt.br › content",
        "a.zip › a.txt",
        "data/blob › content",
        "install.sh › a.txt",
    ];
    assert_eq!(places(&report), expected);
    assert!(report.unsearched.is_empty(), "{:?}", report.unsearched);
}

#[test]
fn one_archive_in_another_is_looked_into_and_a_third_one_is_named() {
    let story = Story::new(&[]);
    let inner = zipped(&[("deep.txt", &text())]);
    story.put("two.zip", zipped(&[("inner.jar", &inner), ("log.gz", &gzipped(&text()))]));
    story.put("two.tgz", gzipped(&tarred("inner.zip", &inner)));
    story.put("three.zip", zipped(&[("two.zip", &zipped(&[("inner.zip", &inner)]))]));
    let report = story.archived().report;
    let expected = ["two.tgz › inner.zip › deep.txt", "two.zip › inner.jar › deep.txt", "two.zip › log.gz › content"];
    assert_eq!(places(&report), expected);
    let named = "three.zip › two.zip › inner.zip: it lies in more archives than are looked into";
    assert_eq!(report.unsearched, [named]);
}

#[test]
fn git_bundles_are_looked_into_also_with_newer_ids() {
    let story = Story::new(&[]);
    for format in ["sha1", "sha256"] {
        let repository = story.at(format);
        std::fs::create_dir_all(&repository).expect("a folder");
        let git = |arguments: &[&str]| {
            let mut git = Command::new("git");
            git.arg("-C").arg(&repository).args(["-c", "user.name=x", "-c", "user.email=x@y.test"]).args(arguments);
            assert!(git.output().expect("git runs").status.success(), "{arguments:?}");
        };
        git(&["init", "-q", &format!("--object-format={format}")]);
        std::fs::write(repository.join("a.txt"), text()).expect("a file");
        git(&["add", "."]);
        git(&["commit", "-qm", "x"]);
        git(&["bundle", "create", "all.bundle", "HEAD"]);
        story.put(&format!("{format}.bundle"), std::fs::read(repository.join("all.bundle")).expect("a bundle"));
    }
    let report = story.archived().report;
    assert_eq!(places(&report), ["sha1.bundle", "sha256.bundle"]);
    assert!(report.unsearched.is_empty(), "{:?}", report.unsearched);
}

#[test]
fn everything_that_is_not_looked_into_is_named() {
    let story = Story::new(&[]);
    let mut encrypted = ZipWriter::new(Cursor::new(Vec::new()));
    encrypted.start_file("stored.txt", SimpleFileOptions::default()).expect("an entry");
    encrypted.write_all(&text()).expect("content");
    let mut encrypted = encrypted.finish().expect("a zip").into_inner();
    // The bits that say that it is encrypted, in both of its heads.
    encrypted[6] |= 1;
    let list = encrypted.windows(4).position(|bytes| bytes == b"PK\x01\x02").expect("the list");
    encrypted[list + 8] |= 1;
    let cut = gzipped(&[text(), noise(5000)].concat());
    for (place, bytes) in [
        ("a.7z", [b"7z\xbc\xaf\x27\x1c", &*noise(300)].concat()),
        ("a.xz", [b"\xfd7zXZ\0", &*noise(300)].concat()),
        ("cut.gz", cut[..cut.len() - 2000].to_vec()),
        ("encrypted.zip", encrypted),
        ("gone.bundle", b"# v2 git bundle\nno end".to_vec()),
        ("inside.zip", zipped(&[("secret.age", &noise(4000)), ("x.rar", b"Rar!\x1a\x07\x01")])),
        ("picture.png", [b"\x89PNG\r\n\x1a\n", &*noise(4000)].concat()),
        ("unknown.bin", noise(4000)),
    ] {
        story.put(place, bytes);
    }
    let report = story.archived().report;
    let named: Vec<&str> = report.unsearched.iter().filter_map(|line| Some(line.split_once(": ")?.0)).collect();
    let expected = [
        "a.7z",
        "a.xz",
        "cut.gz",
        "encrypted.zip › stored.txt",
        "gone.bundle",
        "inside.zip › secret.age",
        "inside.zip › x.rar",
        "unknown.bin",
    ];
    assert_eq!(named, expected);
    // What came out before the end counts.
    assert_eq!(places(&report), ["cut.gz › content"]);
}

#[test]
fn files_that_unpack_to_far_more_end_with_the_budget_of_their_own_and_of_all() {
    let story = Story::new(&[]);
    let (guard, progress, wall) = (story.guard(), Progress::default(), crate::wall::Wall::Off);
    let temporary = story.at("temporary");
    std::fs::create_dir_all(&temporary).expect("a folder");
    let mut look = Look {
        guard: &guard,
        progress: &progress,
        temporary: &temporary,
        wall: &wall,
        budget: Budget::new(100_000, 250_000),
        report: GuardReport::default(),
    };
    let zeros = gzipped(&vec![0; 3_000_000]);
    let nested = zipped(&[("a.gz", &zeros), ("b.gz", &zeros)]);
    let headers: Vec<u8> = (0..3000).flat_map(|_| tarred("empty", b"")[..512].to_vec()).collect();
    let kinds =
        [("zeros.gz", &zeros), ("nested.zip", &nested), ("headers.tgz", &gzipped(&headers)), ("late.gz", &zeros)];
    for (place, bytes) in kinds {
        let mut file = tempfile::tempfile().expect("a file");
        file.write_all(bytes).and_then(|()| file.rewind()).expect("written");
        let packed = Packed::of(std::path::Path::new(place), &bytes[..20]).expect("packed");
        inside::look(&mut look, packed, file, place).expect("looked into");
    }
    let spent = |line: &&String| line.contains("unpacks to more than is looked into");
    let named: Vec<_> = look.report.unsearched.iter().filter(spent).map(|line| line.split(':').next()).collect();
    assert_eq!(
        named,
        [Some("zeros.gz"), Some("nested.zip › a.gz"), Some("nested.zip"), Some("headers.tgz"), Some("late.gz")]
    );
}
