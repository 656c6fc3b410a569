//! Values planted everywhere that a workspace has room for them.

use super::{COOKIE, DATABASE, act, filled, git, kept, saved, when, write};
use crate::support::Site;
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use domain::snapshot::{Encoding, Finding, SnapshotState, Spot};
use flate2::Compression;
use flate2::write::GzEncoder;
use std::io::{Cursor, Write};
use std::os::unix::fs::symlink;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

const FILE_NAME: &str = "n4me-of-a-file";

fn told(findings: &[Finding]) -> Vec<(String, String, String, Encoding)> {
    let spot = |spot: &Spot| match spot {
        Spot::Line(line) => format!("line {line}"),
        Spot::Byte(_) => "byte".to_owned(),
        Spot::Name => "name".to_owned(),
        Spot::LinkTarget => "link".to_owned(),
        Spot::GitObject(_) => "git".to_owned(),
    };
    let one =
        |finding: &Finding| (finding.place.clone(), spot(&finding.spot), finding.key.to_string(), finding.encoding);
    let mut told: Vec<_> = findings.iter().map(one).collect();
    told.sort();
    told
}

fn zipped(name: &str, content: &[u8]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    zip.start_file(name, SimpleFileOptions::default().compression_method(CompressionMethod::Deflated))
        .expect("an entry");
    zip.write_all(content).expect("content");
    zip.finish().expect("a zip").into_inner()
}

fn tarred(name: &str, content: &[u8]) -> Vec<u8> {
    let mut tar = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::default()));
    let mut header = tar::Header::new_gnu();
    header.set_size(content.len() as u64);
    header.set_mode(0o644);
    tar.append_data(&mut header, name, content).expect("an entry");
    tar.into_inner().expect("a tar").finish().expect("gzip")
}

async fn a_value_anywhere_stops_the_snapshot_and_is_named_without_itself(site: Site) {
    let owner = site.owner().await;
    let setup = filled(&site, &owner).await;
    let target = format!("session:{}", setup.id);
    owner.call::<serde_json::Value>("leave_note", &[("session", setup.id.as_str()), ("text", "hello")]).await.unwrap();
    let folder = site.workspace(&setup.id);
    // A third value, one that a file can be named by.
    let spec = serde_json::json!({"files": [{"path": ".env", "keys": [
        {"key": "DATABASE_URL"}, {"key": "COOKIE_SECRET"}, {"key": "NAME"}, {"key": "PIN"}]}]});
    let agent = site.program(&owner.token(&setup.id, "agent").await);
    agent.http("PUT", "/env-files", Some(spec)).await.expect("saved");
    owner.save((&target, ".env", "NAME"), "session", FILE_NAME).await.expect("saved");
    owner.save((&target, ".env", "PIN"), "session", "12z4").await.expect("saved");
    let before = site.file(&setup.id, ".env");

    write(&folder, "src/config.js", format!("// first\nconst url = '{DATABASE}'\n"));
    write(&folder, "src/basic.txt", format!("Basic {}\n", STANDARD.encode(format!("user:{COOKIE}:1"))));
    write(&folder, "src/token.txt", format!("x\n\n{}\n", URL_SAFE.encode(format!("ab{DATABASE}"))));
    write(&folder, "link.html", "see\n<a href=\"?to=postgres%3A%2F%2Fshop%3Ap%23ss%2Fw0rd%2B1%40db.test%2Fshop\">\n");
    write(&folder, "data.json", serde_json::to_string(&serde_json::json!({"cookie": COOKIE})).expect("json"));
    write(&folder, "image.bin", [b"\0\x01\x02", DATABASE.as_bytes()].concat());
    write(&folder, &format!("logs/{FILE_NAME}.log"), "nothing in it\n");
    symlink(format!("/tmp/{FILE_NAME}"), folder.join("where")).expect("a link");
    write(&folder, "lib.zip", zipped(&format!("META/{FILE_NAME}"), b"nothing"));
    write(
        &folder,
        "inside.zip",
        zipped("config/app.ini", format!("[db]\nurl={DATABASE}\n{}", "[other]\n".repeat(500)).as_bytes()),
    );
    write(&folder, "dump.tar.gz", tarred(&format!("dump/{FILE_NAME}.sql"), b"nothing"));
    write(&folder, "dump2.tgz", tarred("dump/all.sql", DATABASE.as_bytes()));
    let mut gzip = GzEncoder::new(Vec::new(), Compression::default());
    gzip.write_all(format!("one\ntwo {COOKIE}\n").as_bytes()).expect("content");
    write(&folder, "old.log.gz", gzip.finish().expect("gzip"));
    write(&folder, "closed.7z", b"7z\xbc\xaf\x27\x1cand more");
    // One value in a pack, another in a loose object; neither in a file any more.
    write(&folder, "settings/packed.txt", format!("p\n{DATABASE}\n"));
    git(&folder, &["add", "settings"]);
    git(&folder, &["commit", "-qm", "oops"]);
    git(&folder, &["rm", "-q", "settings/packed.txt"]);
    git(&folder, &["commit", "-qm", "gone"]);
    git(&folder, &["repack", "-adq"]);
    write(&folder, "settings/loose.txt", format!("l\n{COOKIE}\n"));
    git(&folder, &["add", "settings/loose.txt"]);
    std::fs::remove_file(folder.join("settings/loose.txt")).expect("gone");

    let blocked = saved(&owner, &setup.id, "").await;
    assert_eq!(blocked.state, SnapshotState::Blocked, "{blocked:?}");
    let hidden = "«secret NAME»";
    let (database, cookie, name) = ("DATABASE_URL", "COOKIE_SECRET", "NAME");
    let mut expected = vec![
        ("data.json", "line 1", cookie, Encoding::Json),
        ("dump.tar.gz › dump/«secret NAME».sql", "name", name, Encoding::Plain),
        ("dump2.tgz › dump/all.sql", "line 1", database, Encoding::Plain),
        ("image.bin", "byte", database, Encoding::Plain),
        ("inside.zip › config/app.ini", "line 2", database, Encoding::Plain),
        ("lib.zip", "byte", name, Encoding::Plain),
        ("lib.zip › META/«secret NAME»", "name", name, Encoding::Plain),
        ("link.html", "line 2", database, Encoding::Url),
        ("logs/«secret NAME».log", "name", name, Encoding::Plain),
        ("old.log.gz › content", "line 2", cookie, Encoding::Plain),
        ("settings/loose.txt", "git", cookie, Encoding::Plain),
        ("settings/packed.txt", "git", database, Encoding::Plain),
        ("src/basic.txt", "line 1", cookie, Encoding::Base64),
        ("src/config.js", "line 2", database, Encoding::Plain),
        ("src/token.txt", "line 3", database, Encoding::Base64),
        ("where", "link", name, Encoding::Plain),
    ];
    expected.sort();
    let owned = |(place, spot, key, how): (&str, &str, &str, Encoding)| {
        (place.to_owned(), spot.to_owned(), key.to_owned(), how)
    };
    let expected: Vec<_> = expected.into_iter().map(owned).collect();
    assert_eq!(told(&blocked.report.findings), expected);
    assert!(hidden.len() > 4 && blocked.report.unsearched.iter().any(|line| line.starts_with("closed.7z")));
    assert_eq!(blocked.report.too_short.iter().map(ToString::to_string).collect::<Vec<_>>(), ["PIN"]);
    assert!(kept(&site).is_empty(), "nothing is kept: {:?}", kept(&site));
    assert_eq!(site.file(&setup.id, ".env"), before, "the values are back");
    let page = owner.get(&format!("/sessions/{}?tab=snapshots", setup.id)).await.text;
    let thread = format!("{:?}", owner.thread(&setup.id).await);
    for value in ["p#ss", "c00kie", FILE_NAME] {
        assert!(!page.contains(value) && !thread.contains(value), "{value}");
    }
    assert!(page.contains("src/config.js") && page.contains("Scan again"));

    // Cleaned up, the same one can be saved.
    for place in ["src/config.js", "src/basic.txt", "src/token.txt", "link.html", "data.json", "image.bin", "where"] {
        std::fs::remove_file(folder.join(place)).expect("gone");
    }
    for place in ["lib.zip", "inside.zip", "dump.tar.gz", "dump2.tgz", "old.log.gz", "closed.7z"] {
        std::fs::remove_file(folder.join(place)).expect("gone");
    }
    std::fs::remove_dir_all(folder.join("logs")).expect("gone");
    git(&folder, &["reset", "-q", "--hard", "HEAD~2"]);
    git(&folder, &["reflog", "expire", "--expire=now", "--all"]);
    git(&folder, &["gc", "-q", "--prune=now"]);
    act(&owner, "repeat_snapshot", &setup.id, blocked.id.as_str()).await.expect("it begins again");
    let done = when(&owner, &setup.id, blocked.id.as_str(), |one| one.state != SnapshotState::Saving).await;
    assert_eq!(done.state, SnapshotState::Ready, "{done:?}");
    assert_eq!(kept(&site).len(), 1);
}

crate::on_both!(a_value_anywhere_stops_the_snapshot_and_is_named_without_itself);
