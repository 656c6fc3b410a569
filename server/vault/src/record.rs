//! The one format of everything sealed.
//!
//! ```text
//! magic "KSLT" | format 1 | algorithm 1 | key id (16 bytes) | nonce (12 bytes) | ciphertext | tag (16 bytes)
//! ```
//!
//! The associated data is that header, then the [`Purpose`] and each part of the identity, every one preceded by its
//! length (8 bytes, big-endian), so that no two identities have the same bytes.

use super::cipher::{Key, NONCE_BYTES, TAG_BYTES, fill_random};
use super::{OpenError, SealError};
use zeroize::Zeroizing;

const MAGIC: &[u8; 4] = b"KSLT";
const FORMAT: u8 = 1;
/// AES-256-GCM-SIV (RFC 8452).
const ALGORITHM: u8 = 1;
const KEY_ID_BYTES: usize = 16;
const HEADER_BYTES: usize = MAGIC.len() + 2 + KEY_ID_BYTES + NONCE_BYTES;

/// Names the key that sealed a record; no secret.
pub(super) type KeyId = [u8; KEY_ID_BYTES];

/// What a record holds; a record of one purpose never opens as another.
#[derive(Clone, Copy)]
pub(super) enum Purpose {
    /// A person's value.
    Value,
    /// An organization's wrapped data key.
    DataKey,
    /// The proof that a root key is the right one.
    RootKeyCheck,
}

impl Purpose {
    fn name(self) -> &'static [u8] {
        match self {
            Self::Value => b"keyslot value",
            Self::DataKey => b"keyslot data key",
            Self::RootKeyCheck => b"keyslot root key check",
        }
    }
}

/// Seals `plaintext` with a fresh nonce.
pub(super) fn seal(
    key: &Key,
    key_id: &KeyId,
    purpose: Purpose,
    identity: &[impl AsRef<[u8]>],
    plaintext: &[u8],
) -> Result<Vec<u8>, SealError> {
    let mut nonce = [0; NONCE_BYTES];
    fill_random(&mut nonce)?;
    seal_with_nonce(key, key_id, purpose, identity, plaintext, &nonce)
}

/// Seals with a given nonce; apart from [`seal`] only the known-answer test has one to give.
pub(super) fn seal_with_nonce(
    key: &Key,
    key_id: &KeyId,
    purpose: Purpose,
    identity: &[impl AsRef<[u8]>],
    plaintext: &[u8],
    nonce: &[u8; NONCE_BYTES],
) -> Result<Vec<u8>, SealError> {
    let mut record = Vec::with_capacity(HEADER_BYTES + plaintext.len() + TAG_BYTES);
    record.extend_from_slice(MAGIC);
    record.extend_from_slice(&[FORMAT, ALGORITHM]);
    record.extend_from_slice(key_id);
    record.extend_from_slice(nonce);
    let associated = associated_data(&record, purpose, identity);
    key.seal_onto(&mut record, nonce, &associated, plaintext)?;
    Ok(record)
}

/// Opens a record that was sealed with this key for this purpose and identity.
pub(super) fn open(
    key: &Key,
    key_id: &KeyId,
    purpose: Purpose,
    identity: &[impl AsRef<[u8]>],
    record: &[u8],
) -> Result<Zeroizing<Vec<u8>>, OpenError> {
    let (header, sealed) = record.split_at_checked(HEADER_BYTES).ok_or(OpenError::NotARecord)?;
    let rest = header.strip_prefix(MAGIC).ok_or(OpenError::NotARecord)?;
    let rest = rest.strip_prefix(&[FORMAT, ALGORITHM]).ok_or(OpenError::UnknownFormat)?;
    let (sealed_by, nonce) = rest.split_first_chunk::<KEY_ID_BYTES>().ok_or(OpenError::NotARecord)?;
    let nonce = nonce.first_chunk::<NONCE_BYTES>().ok_or(OpenError::NotARecord)?;
    if sealed_by != key_id {
        return Err(OpenError::OtherKey);
    }
    key.open(nonce, &associated_data(header, purpose, identity), sealed)
}

fn associated_data(header: &[u8], purpose: Purpose, identity: &[impl AsRef<[u8]>]) -> Vec<u8> {
    let mut data = header.to_vec();
    push_part(&mut data, purpose.name());
    for part in identity {
        push_part(&mut data, part.as_ref());
    }
    data
}

/// Appends `part` with its length before it, which keeps ("ab", "c") apart from ("a", "bc").
pub(super) fn push_part(data: &mut Vec<u8>, part: &[u8]) {
    data.extend_from_slice(&(part.len() as u64).to_be_bytes());
    data.extend_from_slice(part);
}
