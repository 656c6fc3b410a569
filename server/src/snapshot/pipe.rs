//! Between the thread that archives, which writes and reads, and the object store, which streams.

use bytes::Bytes;
use sha2::{Digest, Sha256};
use std::fmt::Write as _;
use std::io::{self, Read, Write};
use tokio::sync::mpsc;

/// Bytes that are handed over at once.
const PIECE: usize = 256 * 1024;
/// Pieces that may wait: with [`PIECE`], the memory that a slow store costs.
pub(super) const WAITING: usize = 16;

/// A piece, or the end: an archive that just stops is not whole.
pub(super) enum Piece {
    Bytes(Bytes),
    End,
}

/// Where an archive is written to.
pub struct Outlet {
    sender: mpsc::Sender<Piece>,
    piece: Vec<u8>,
    digest: Sha256,
    size: u64,
}

impl Outlet {
    /// An outlet, and what comes out of it.
    pub(super) fn new() -> (Self, mpsc::Receiver<Piece>) {
        let (sender, receiver) = mpsc::channel(WAITING);
        (Self { sender, piece: Vec::with_capacity(PIECE), digest: Sha256::new(), size: 0 }, receiver)
    }

    /// Says that this was all; answers size and digest. An outlet that is dropped instead takes everything back.
    pub fn finish(mut self) -> io::Result<(u64, String)> {
        self.flush()?;
        self.send(Piece::End)?;
        Ok((self.size, hex(self.digest)))
    }

    fn send(&self, piece: Piece) -> io::Result<()> {
        self.sender.blocking_send(piece).map_err(|_| io::Error::from(io::ErrorKind::BrokenPipe))
    }
}

impl Write for Outlet {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = bytes.len().min(PIECE - self.piece.len());
        self.piece.extend_from_slice(&bytes[..count]);
        if self.piece.len() == PIECE {
            self.flush()?;
        }
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.piece.is_empty() {
            return Ok(());
        }
        let piece = std::mem::replace(&mut self.piece, Vec::with_capacity(PIECE));
        self.digest.update(&piece);
        self.size += piece.len() as u64;
        self.send(Piece::Bytes(piece.into()))
    }
}

/// Where an archive is read from.
pub struct Inlet {
    receiver: mpsc::Receiver<io::Result<Bytes>>,
    piece: Bytes,
    digest: Sha256,
}

impl Inlet {
    pub(super) fn new(receiver: mpsc::Receiver<io::Result<Bytes>>) -> Self {
        Self { receiver, piece: Bytes::new(), digest: Sha256::new() }
    }

    /// The digest of everything, also of what nobody has read yet.
    pub fn digest(mut self) -> io::Result<String> {
        io::copy(&mut self, &mut io::sink())?;
        Ok(hex(self.digest))
    }
}

impl Read for Inlet {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        while self.piece.is_empty() {
            match self.receiver.blocking_recv() {
                Some(piece) => self.piece = piece?,
                None => return Ok(0),
            }
            self.digest.update(&self.piece);
        }
        let count = into.len().min(self.piece.len());
        into[..count].copy_from_slice(&self.piece.split_to(count));
        Ok(count)
    }
}

fn hex(digest: Sha256) -> String {
    let mut text = String::with_capacity(64);
    for byte in digest.finalize() {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}
