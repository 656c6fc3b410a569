//! AES-256-GCM-SIV, and nothing else: key, nonce, associated data, bytes.

use super::{OpenError, SealError};
use aes_gcm_siv::Aes256GcmSiv;
use aes_gcm_siv::aead::{AeadInOut, KeyInit, Nonce, Tag};
use zeroize::Zeroizing;

/// Bytes of a key.
pub(super) const KEY_BYTES: usize = 32;
/// Bytes of a nonce.
pub(super) const NONCE_BYTES: usize = 12;
/// Bytes of the authentication tag at the end of a ciphertext.
pub(super) const TAG_BYTES: usize = 16;

/// A key of 32 bytes, wiped when dropped. No `Debug`, no `Clone`.
pub(super) struct Key(Zeroizing<[u8; KEY_BYTES]>);

impl Key {
    /// Takes over existing key bytes.
    pub(super) fn new(bytes: Zeroizing<[u8; KEY_BYTES]>) -> Self {
        Self(bytes)
    }

    /// A key from the operating system's randomness.
    pub(super) fn random() -> Result<Self, SealError> {
        let mut bytes = Zeroizing::new([0; KEY_BYTES]);
        fill_random(bytes.as_mut_slice())?;
        Ok(Self(bytes))
    }

    /// The key's bytes: to wrap them or to derive from them.
    pub(super) fn bytes(&self) -> &[u8; KEY_BYTES] {
        &self.0
    }

    /// Appends ciphertext and tag of `plaintext` to `out`. The plaintext is encrypted where it lies in `out`, in
    /// memory reserved beforehand, so that no copy of it stays behind.
    pub(super) fn seal_onto(
        &self,
        out: &mut Vec<u8>,
        nonce: &[u8; NONCE_BYTES],
        associated: &[u8],
        plaintext: &[u8],
    ) -> Result<(), SealError> {
        let start = out.len();
        out.reserve_exact(plaintext.len() + TAG_BYTES);
        out.extend_from_slice(plaintext);
        let nonce = Nonce::<Aes256GcmSiv>::from(*nonce);
        let text = out.get_mut(start..).unwrap_or_default();
        let tag = self.cipher().encrypt_inout_detached(&nonce, associated, text.into());
        let tag = tag.map_err(|_| SealError::TooLong)?;
        out.extend_from_slice(&tag);
        Ok(())
    }

    /// The plaintext of a ciphertext with its tag at the end.
    pub(super) fn open(
        &self,
        nonce: &[u8; NONCE_BYTES],
        associated: &[u8],
        sealed: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, OpenError> {
        let (text, tag) = sealed.split_last_chunk::<TAG_BYTES>().ok_or(OpenError::NotARecord)?;
        let mut text = Zeroizing::new(text.to_vec());
        let nonce = Nonce::<Aes256GcmSiv>::from(*nonce);
        let tag = Tag::<Aes256GcmSiv>::from(*tag);
        let opened = self.cipher().decrypt_inout_detached(&nonce, associated, text.as_mut_slice().into(), &tag);
        opened.map_err(|_| OpenError::Tampered)?;
        Ok(text)
    }

    fn cipher(&self) -> Aes256GcmSiv {
        Aes256GcmSiv::new(self.bytes().into())
    }
}

/// Fills `bytes` from the operating system's randomness: the vault's only source of it.
pub(super) fn fill_random(bytes: &mut [u8]) -> Result<(), SealError> {
    getrandom::fill(bytes).map_err(|_| SealError::Randomness)
}
