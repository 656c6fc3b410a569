//! What a sealed record withstands.

use super::cipher::{KEY_BYTES, Key, NONCE_BYTES};
use super::record::{self, Purpose};
use super::*;
use domain::ids::{RepositoryId, SessionId};
use domain::{KeyName, SecretValue};
use proptest::prelude::*;
use uuid::Uuid;
use zeroize::Zeroizing;

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unhex(digits: &str) -> Vec<u8> {
    let pairs = digits.as_bytes().chunks(2);
    pairs.map(|pair| u8::from_str_radix(std::str::from_utf8(pair).expect("ASCII"), 16).expect("digits")).collect()
}

fn key_of(bytes: [u8; KEY_BYTES]) -> Key {
    Key::new(Zeroizing::new(bytes))
}

fn data_key(first: u8) -> DataKey {
    let bytes = std::array::from_fn(|index| first.wrapping_add(index as u8));
    DataKey::new(key_of(bytes), Uuid::from_u128(0x0192f0c1_a2b3_7c4d_8e5f_60718293a4b5))
}

/// A row's identity that owns its parts.
#[derive(Clone, Debug, PartialEq)]
struct Row {
    organization: OrganizationId,
    scope: SecretScope,
    key: KeyName,
    version: i64,
}

impl Row {
    fn identity(&self) -> RecordIdentity<'_> {
        RecordIdentity { organization: &self.organization, scope: &self.scope, key: &self.key, version: self.version }
    }

    fn seal(&self, value: &str) -> Vec<u8> {
        data_key(0).seal(&self.identity(), &secret(value)).expect("seals")
    }

    fn open(&self, record: &[u8]) -> Result<String, OpenError> {
        data_key(0).open(&self.identity(), record).map(|value| value.expose().to_owned())
    }
}

fn secret(value: &str) -> SecretValue {
    SecretValue::new(value.to_owned())
}

fn row() -> Row {
    Row {
        organization: "org-1".into(),
        scope: SecretScope::Repository("repo-1".into()),
        key: KeyName::new("DATABASE_URL").expect("a name"),
        version: 7,
    }
}

/// RFC 8452, appendix C.2, AEAD_AES_256_GCM_SIV: without and with associated data.
#[test]
fn the_cipher_gives_the_known_answers_of_rfc_8452() {
    let mut key = [0; KEY_BYTES];
    key[0] = 1;
    let mut nonce = [0; NONCE_BYTES];
    nonce[0] = 3;
    let cases = [
        ("", "0100000000000000", "c2ef328e5c71c83b843122130f7364b761e0b97427e3df28"),
        ("01", "0200000000000000", "1de22967237a813291213f267e3b452f02d01ae33e4ec854"),
    ];
    for (associated, plaintext, expected) in cases {
        let key = key_of(key);
        let mut sealed = Vec::new();
        key.seal_onto(&mut sealed, &nonce, &unhex(associated), &unhex(plaintext)).expect("seals");
        assert_eq!(hex(&sealed), expected);
        assert_eq!(hex(&key.open(&nonce, &unhex(associated), &sealed).expect("opens")), plaintext);
    }
}

/// Computed with another implementation (Python's `cryptography`). Databases hold such records: if this test fails, the
/// change that made it fail locks people out.
#[test]
fn a_record_of_the_first_format_opens_forever() {
    let stored = unhex(concat!(
        "4b534c5401010192f0c1a2b37c4d8e5f60718293a4b56465666768696a6b6c6d6e6f",
        "f789009950574ef25d821263b2348b1278cd90cfd70eb0e4833a96cc1134b08a17c3db6214"
    ));
    let value = "postgres://u:p@h/d ü";
    assert_eq!(row().open(&stored), Ok(value.to_owned()));
    assert_eq!(data_key(0).fingerprint(&row().key, &secret(value)), "5fa7f856a2a68de4");
    let nonce = std::array::from_fn(|index| 100 + index as u8);
    let key = key_of(std::array::from_fn(|index| index as u8));
    let id = Uuid::from_u128(0x0192f0c1_a2b3_7c4d_8e5f_60718293a4b5).into_bytes();
    let parts = row().identity().parts();
    let again = record::seal_with_nonce(&key, &id, Purpose::Value, &parts, value.as_bytes(), &nonce);
    assert_eq!(hex(&again.expect("seals")), hex(&stored));
}

#[test]
fn a_record_opens_in_its_own_row_only() {
    let sealed = row().seal("hunter2");
    assert_eq!(row().open(&sealed), Ok("hunter2".to_owned()));
    let others = [
        Row { organization: "org-2".into(), ..row() },
        Row { scope: SecretScope::Repository("repo-2".into()), ..row() },
        Row { scope: SecretScope::Session("repo-1".into()), ..row() },
        Row { scope: SecretScope::Organization, ..row() },
        Row { key: KeyName::new("DATABASE_URL2").expect("a name"), ..row() },
        Row { version: 8, ..row() },
        Row { version: 6, ..row() },
    ];
    for other in others {
        assert_eq!(other.open(&sealed), Err(OpenError::Tampered), "{other:?}");
    }
}

#[test]
fn parts_of_an_identity_cannot_be_shifted_into_each_other() {
    let key = key_of([7; KEY_BYTES]);
    let sealed = record::seal(&key, &[0; 16], Purpose::Value, &["ab", "c"], b"x").expect("seals");
    for other in [["a", "bc"], ["abc", ""], ["", "abc"]] {
        assert!(record::open(&key, &[0; 16], Purpose::Value, &other, &sealed).is_err());
    }
    let shorter = record::open(&key, &[0; 16], Purpose::Value, &["ab"], &sealed);
    assert_eq!(shorter.err(), Some(OpenError::Tampered));
}

#[test]
fn a_record_of_one_purpose_does_not_open_as_another() {
    let key = key_of([7; KEY_BYTES]);
    let sealed = record::seal(&key, &[0; 16], Purpose::RootKeyCheck, &[""; 0], b"x").expect("seals");
    for purpose in [Purpose::Value, Purpose::DataKey] {
        assert!(record::open(&key, &[0; 16], purpose, &[""; 0], &sealed).is_err());
    }
}

#[test]
fn a_truncated_record_does_not_open_at_any_length() {
    let sealed = row().seal("hunter2");
    for length in 0..sealed.len() {
        assert!(row().open(&sealed[..length]).is_err(), "the first {length} bytes");
        assert!(row().open(&sealed[sealed.len() - length..]).is_err(), "the last {length} bytes");
    }
    let mut longer = sealed;
    longer.push(0);
    assert_eq!(row().open(&longer), Err(OpenError::Tampered));
}

#[test]
fn a_record_with_any_one_bit_flipped_does_not_open() {
    let sealed = row().seal("hunter2");
    for bit in 0..sealed.len() * 8 {
        let mut flipped = sealed.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        assert!(row().open(&flipped).is_err(), "bit {bit}");
    }
}

#[test]
fn another_data_key_opens_nothing() {
    let sealed = row().seal("hunter2");
    let same_id = data_key(1).open(&row().identity(), &sealed);
    assert_eq!(same_id.err(), Some(OpenError::Tampered));
    let other_id = DataKey::new(key_of([9; KEY_BYTES]), Uuid::now_v7()).open(&row().identity(), &sealed);
    assert_eq!(other_id.err(), Some(OpenError::OtherKey));
}

#[test]
fn a_format_of_the_future_is_told_apart_from_damage() {
    let mut sealed = row().seal("hunter2");
    sealed[4] = 2;
    assert_eq!(row().open(&sealed), Err(OpenError::UnknownFormat));
    assert_eq!(row().open(b"hunter2, in the clear and rather long for a value"), Err(OpenError::NotARecord));
}

#[test]
fn the_same_value_is_sealed_differently_each_time_and_empty_values_are_values() {
    assert_ne!(row().seal("same"), row().seal("same"));
    assert_eq!(row().open(&row().seal("")), Ok(String::new()));
}

#[test]
fn a_wrapped_data_key_opens_for_its_organization_and_id_only() {
    let root = || RootKey::new(Zeroizing::new([5; KEY_BYTES]), "the test".to_owned());
    let vault = Vault::open(root(), None).expect("opens");
    let (key, wrapped) = vault.create_data_key(&"org-1".into()).expect("a data key");
    let sealed = key.seal(&row().identity(), &secret("hunter2")).expect("seals");
    let again = vault.open_data_key(&"org-1".into(), &wrapped).expect("unwraps");
    assert_eq!(again.open(&row().identity(), &sealed).map(|value| value.len()), Ok(7));

    let elsewhere = vault.open_data_key(&"org-2".into(), &wrapped);
    assert_eq!(elsewhere.err(), Some(OpenError::Tampered));
    let renamed = WrappedDataKey { id: Uuid::now_v7(), ..wrapped.clone() };
    assert_eq!(vault.open_data_key(&"org-1".into(), &renamed).err(), Some(OpenError::Tampered));
    let other = RootKey::new(Zeroizing::new([6; KEY_BYTES]), "the test".to_owned());
    let other = Vault::open(other, None).expect("opens");
    assert_eq!(other.open_data_key(&"org-1".into(), &wrapped).err(), Some(OpenError::OtherKey));
}

#[test]
fn fingerprints_are_equal_only_for_equal_values_of_one_key_in_one_organization() {
    let (a, b) = (KeyName::new("A").expect("a name"), KeyName::new("B").expect("a name"));
    let print = data_key(0).fingerprint(&a, &secret("v"));
    assert_eq!(print.len(), 16);
    assert_eq!(print, data_key(0).fingerprint(&a, &secret("v")));
    assert_ne!(print, data_key(0).fingerprint(&a, &secret("w")));
    assert_ne!(print, data_key(0).fingerprint(&b, &secret("v")));
    assert_ne!(print, data_key(1).fingerprint(&a, &secret("v")));
}

#[test]
fn what_may_be_shown_of_a_sealed_value_does_not_hold_it() {
    let sealed = data_key(0).seal_value(&row().identity(), &secret("hunter2")).expect("seals");
    assert_eq!(sealed.length, 7);
    let shown = format!("{sealed:?}{}", String::from_utf8_lossy(&sealed.record));
    assert!(!shown.contains("hunter2"), "{shown}");
}

fn any_row() -> impl Strategy<Value = Row> {
    let scope = prop_oneof![
        Just(SecretScope::Organization),
        "[a-z0-9:-]{0,12}".prop_map(|id| SecretScope::Repository(RepositoryId(id))),
        "[a-z0-9:-]{0,12}".prop_map(|id| SecretScope::Session(SessionId(id))),
    ];
    ("\\PC{0,12}", scope, "[A-Z_][A-Z0-9_]{0,12}", 1..=i64::MAX).prop_map(|(organization, scope, key, version)| Row {
        organization: organization.into(),
        scope,
        key: KeyName::new(key).expect("a name"),
        version,
    })
}

proptest! {
    #[test]
    fn every_value_comes_back_whole_from_its_own_row_and_from_no_other(
        value in any::<String>(), row in any_row(), other in any_row(),
    ) {
        let sealed = row.seal(&value);
        prop_assert_eq!(row.open(&sealed), Ok(value));
        prop_assert!(row == other || other.open(&sealed).is_err());
    }

    #[test]
    fn bytes_that_nobody_sealed_never_open(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        prop_assert!(row().open(&bytes).is_err());
    }
}
