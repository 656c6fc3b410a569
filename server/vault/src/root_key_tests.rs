//! Where the root key comes from, and what a wrong one does.

use super::{ROOT_KEY_FILE, RootKey, RootKeyError, Vault};
use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use zeroize::Zeroizing;

const HEX: &str = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1F";
const BASE64: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

fn from_variable(text: &str) -> Result<RootKey, RootKeyError> {
    RootKey::choose(Some(Zeroizing::new(text.to_owned())), Path::new("/nonexistent"), true)
}

fn directory() -> tempfile::TempDir {
    tempfile::tempdir().expect("a directory")
}

#[test]
fn the_variable_may_be_base64_or_hexadecimal_digits() {
    let check = Vault::open(from_variable(HEX).expect("hex"), None).expect("opens").new_check();
    let check = check.expect("a check");
    for text in [BASE64, &format!("{BASE64}\n"), &HEX.to_uppercase()] {
        assert!(Vault::open(from_variable(text).expect("a key"), Some(&check)).is_ok(), "{text}");
    }
}

#[test]
fn a_text_of_another_length_or_alphabet_is_refused_without_being_repeated() {
    let short = &HEX[2..];
    let not_hex = HEX.replace('a', "g");
    let long = format!("AAAA{BASE64}");
    for text in ["", "hunter2", short, &not_hex, &long, &BASE64[4..], &HEX.replace('0', "é")] {
        let error = from_variable(text).err().expect("refused").to_string();
        assert!(error.contains("KEYSLOT_ROOT_KEY must be 32 bytes"), "{error}");
        assert!(text.is_empty() || !error.contains(text), "{error}");
    }
}

#[test]
fn the_first_start_makes_a_private_file_and_the_next_one_reads_it() {
    let directory = directory();
    let first = Vault::open(RootKey::choose(None, directory.path(), true).expect("made"), None);
    let check = first.expect("opens").new_check().expect("a check");
    let path = directory.path().join(ROOT_KEY_FILE);
    let mode = path.metadata().expect("the file").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let again = RootKey::choose(None, directory.path(), false).expect("read");
    assert!(Vault::open(again, Some(&check)).is_ok());
    assert_eq!(std::fs::read_dir(directory.path()).expect("a list").count(), 1, "no draft stays behind");
}

#[test]
fn starts_at_the_same_time_agree_on_one_file() {
    let directory = directory();
    let checks = std::thread::scope(|scope| {
        let start = || {
            let key = RootKey::choose(None, directory.path(), true).expect("made");
            Vault::open(key, None).expect("opens").new_check().expect("a check")
        };
        let threads = (0..8).map(|_| scope.spawn(start)).collect::<Vec<_>>();
        threads.into_iter().map(|thread| thread.join().expect("no panic")).collect::<Vec<_>>()
    });
    for check in checks {
        let key = RootKey::choose(None, directory.path(), false).expect("read");
        assert!(Vault::open(key, Some(&check)).is_ok());
    }
}

#[test]
fn a_file_that_others_may_read_is_refused_with_the_remedy() {
    let directory = directory();
    let path = directory.path().join(ROOT_KEY_FILE);
    std::fs::write(&path, HEX).expect("written");
    for mode in [0o644, 0o640, 0o604, 0o610] {
        std::fs::set_permissions(&path, Permissions::from_mode(mode)).expect("set");
        let error = RootKey::choose(None, directory.path(), true).err().expect("refused").to_string();
        assert!(error.contains(&format!("chmod 600 {}", path.display())), "{error}");
    }
    std::fs::set_permissions(&path, Permissions::from_mode(0o600)).expect("set");
    assert!(RootKey::choose(None, directory.path(), true).is_ok());
}

#[test]
fn a_lost_file_is_not_replaced_for_a_database_that_was_set_up() {
    let directory = directory();
    let error = RootKey::choose(None, directory.path(), false).err().expect("refused");
    assert!(matches!(error, RootKeyError::Missing { .. }), "{error}");
    assert!(error.to_string().contains("nothing was changed"), "{error}");
    assert!(!directory.path().join(ROOT_KEY_FILE).exists());
}

#[test]
fn a_directory_that_does_not_exist_is_named() {
    let error = RootKey::choose(None, Path::new("/nonexistent"), true).err().expect("refused").to_string();
    assert!(error.contains("/nonexistent/root.key"), "{error}");
}

#[test]
fn a_wrong_root_key_is_told_and_a_damaged_check_is_not_believed() {
    let vault = Vault::open(from_variable(HEX).expect("a key"), None).expect("opens");
    let check = vault.new_check().expect("a check");
    let other = from_variable(&HEX.replace('0', "1")).expect("a key");
    let error = Vault::open(other, Some(&check)).err().expect("refused").to_string();
    assert!(error.contains("KEYSLOT_ROOT_KEY does not open this database; nothing was changed"), "{error}");
    assert!(vault.verify(&check[1..]).is_err());
    assert!(vault.verify(b"").is_err());
}
