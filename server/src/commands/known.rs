//! What a session's commands print, as people may see it: plain text without any value that the session ever knew.

use crate::guard::{Cleaner, Needles, Patterns};
use aho_corasick::BuildError;
use anstream::adapter::StripBytes;
use app::domain::{KeyName, SecretValue};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::sync::watch;
use zeroize::Zeroizing;

/// Bytes that are read at once.
const CHUNK: usize = 16 * 1024;
/// After how long without output its last letters are shown, should they have been held back.
const QUIET: Duration = Duration::from_millis(300);

/// Every value that the session ever knew: a program may hold one that was replaced since.
#[derive(Default)]
pub struct Known {
    values: Mutex<Vec<(KeyName, SecretValue)>>,
    patterns: watch::Sender<Arc<Patterns>>,
}

impl Known {
    /// Knows what another one knows, too.
    pub fn know_as(&self, other: &Self) {
        self.values().extend(other.values().iter().cloned());
        self.patterns.send_replace(other.patterns.borrow().clone());
    }

    /// Takes values out of all output from now on, beside those known already.
    pub fn learn(&self, values: impl IntoIterator<Item = (KeyName, SecretValue)>) -> Result<(), BuildError> {
        let mut known = self.values();
        let before = known.len();
        for (key, value) in values {
            if !known.iter().any(|(name, old)| *name == key && old.expose() == value.expose()) {
                known.push((key, value));
            }
        }
        if known.len() > before {
            let needles = Needles::new(known.iter().map(|(key, value)| (key, value)));
            self.patterns.send_replace(Arc::new(Patterns::new(&needles)?));
        }
        Ok(())
    }

    /// Reads what a process prints to its end; hands on each piece that may be seen.
    pub async fn read(&self, mut output: impl AsyncRead + Unpin, mut print: impl FnMut(&str)) {
        let patterns = self.patterns.subscribe();
        let mut cleaner = Cleaner::new(patterns.borrow().clone());
        let (mut plain, mut letters) = (StripBytes::new(), Vec::new());
        let mut print = |letters: &mut Vec<u8>, is_end: bool| match take_text(letters, is_end) {
            text if text.is_empty() => {}
            text => print(&text),
        };
        let mut chunk = Zeroizing::new(vec![0; CHUNK]);
        loop {
            let read = match tokio::time::timeout(QUIET, output.read(&mut chunk)).await {
                Ok(read) => read,
                Err(_) => {
                    letters.extend(cleaner.rest());
                    print(&mut letters, false);
                    output.read(&mut chunk).await
                }
            };
            let count = match read {
                Ok(0) | Err(_) => break,
                Ok(count) => count,
            };
            cleaner.learn(&patterns.borrow());
            for text in plain.strip_next(&chunk[..count]) {
                letters.extend(cleaner.take(text));
            }
            print(&mut letters, false);
        }
        letters.extend(cleaner.finish());
        print(&mut letters, true);
    }

    fn values(&self) -> MutexGuard<'_, Vec<(KeyName, SecretValue)>> {
        self.values.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Takes the whole letters out of bytes, with the line ends of other systems as plain ones; at the end all of them.
fn take_text(bytes: &mut Vec<u8>, is_end: bool) -> String {
    let whole = match std::str::from_utf8(bytes) {
        // A letter that is cut off: its rest comes with the next bytes.
        Err(error) if error.error_len().is_none() && !is_end => error.valid_up_to(),
        _ => bytes.len(),
    };
    let text = String::from_utf8_lossy(&bytes[..whole]).into_owned();
    bytes.drain(..whole);
    if text.contains('\r') { text.replace("\r\n", "\n").replace('\r', "\n") } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_that_are_cut_come_together() {
        let mut bytes = "aé".as_bytes()[..2].to_vec();
        assert_eq!(take_text(&mut bytes, false), "a");
        bytes.push("é".as_bytes()[1]);
        assert_eq!(take_text(&mut bytes, false), "é");
        let mut broken = b"a\xff\xc3".to_vec();
        assert_eq!(take_text(&mut broken, true), "a\u{fffd}\u{fffd}");
        assert_eq!(take_text(&mut b"a\r\nb\rc".to_vec(), false), "a\nb\nc");
    }
}
