//! What a session's commands print, as people may see it: plain text without any value that the session ever knew.

use anstream::adapter::StripBytes;
use domain::plain::PlainKeys;
use domain::{KeyName, SecretValue};
use sandbox::mask::{Cleaner, Needles, Patterns, SEARCHED_BYTES};
use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::sync::watch;
use zeroize::Zeroizing;

/// Bytes that are read at once.
const CHUNK: usize = 16 * 1024;
/// After how long without output its last letters are shown, should they have been held back.
const QUIET: Duration = Duration::from_millis(300);
/// What stands in the place of output that cannot be cleaned.
const WITHHELD: &str =
    "Output is not shown from here on: this session has too many or too long values to look for in it.\n";

/// Every value that the session ever knew: a program may hold one that was replaced since.
#[derive(Default)]
pub struct Known {
    remembered: Mutex<Remembered>,
    sought: watch::Sender<Sought>,
    /// One search is prepared at a time.
    preparing: tokio::sync::Mutex<()>,
}

/// What is known, plain settings included: a person may take back that a key is plain.
#[derive(Clone, Default)]
struct Remembered {
    /// Oldest first.
    values: Vec<(KeyName, SecretValue)>,
    /// The keys that people called plain.
    plain: PlainKeys,
}

/// What output is searched for.
#[derive(Clone)]
enum Sought {
    Values(Arc<Patterns>),
    /// More than can be looked for, so no output is shown.
    TooMuch,
}

impl Default for Sought {
    fn default() -> Self {
        Self::Values(Arc::default())
    }
}

impl Known {
    /// Knows what another one knows, too.
    pub fn know_as(&self, other: &Self) {
        *self.remembered() = other.remembered().clone();
        self.sought.send_replace(other.sought.borrow().clone());
    }

    /// Takes values out of all output from now on, beside those known already, but for plain ones. `current` are all that
    /// count now; of replaced ones the newest are remembered. Nothing happens when all are known. The search is prepared
    /// off the threads that answer everybody; if it cannot be, no output is shown.
    pub async fn learn(&self, current: Vec<(KeyName, SecretValue)>, plain: PlainKeys) {
        let _turn = self.preparing.lock().await;
        let Some(values) = self.remembered().add(current, plain) else { return };
        if bytes_of(&values) > SEARCHED_BYTES {
            tracing::warn!("the values of a session are too many to be looked for in output, so none is shown");
            self.sought.send_replace(Sought::TooMuch);
            return;
        }
        let prepare = move || Patterns::new(&Needles::new(values.iter().map(|(key, value)| (key, value))));
        let sought = match tokio::task::spawn_blocking(prepare).await {
            Ok(Ok(patterns)) => Sought::Values(Arc::new(patterns)),
            Ok(Err(error)) => {
                tracing::error!(%error, "values cannot be looked for in output, so none is shown");
                Sought::TooMuch
            }
            Err(error) => {
                tracing::error!(%error, "values cannot be looked for in output, so none is shown");
                Sought::TooMuch
            }
        };
        self.sought.send_replace(sought);
    }

    /// Reads what a process prints to its end; hands on each piece that may be seen.
    pub async fn read(&self, mut output: impl AsyncRead + Unpin, mut print: impl FnMut(&str)) {
        let sought = self.sought.subscribe();
        let mut cleaner = Cleaner::new(Arc::default());
        let (mut plain, mut letters, mut is_withheld) = (StripBytes::new(), Vec::new(), false);
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
            let now = sought.borrow().clone();
            let Sought::Values(patterns) = now else {
                if !std::mem::replace(&mut is_withheld, true) {
                    cleaner = Cleaner::new(Arc::default());
                    print(&mut WITHHELD.as_bytes().to_vec(), true);
                }
                continue;
            };
            cleaner.learn(&patterns);
            for text in plain.strip_next(&chunk[..count]) {
                letters.extend(cleaner.take(text));
            }
            print(&mut letters, false);
        }
        letters.extend(cleaner.finish());
        print(&mut letters, true);
    }

    fn remembered(&self) -> MutexGuard<'_, Remembered> {
        self.remembered.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Remembered {
    /// Adds what is current to what is known; forgets the oldest of what was replaced where all is too much. Answers
    /// everything that is looked for then, or nothing if nothing is new.
    fn add(&mut self, current: Vec<(KeyName, SecretValue)>, plain: PlainKeys) -> Option<Vec<(KeyName, SecretValue)>> {
        let old: HashSet<_> = self.values.iter().map(pair).collect();
        if plain == self.plain && current.iter().all(|one| old.contains(&pair(one))) {
            return None;
        }
        self.plain = plain;
        let new: HashSet<_> = current.iter().map(pair).collect();
        self.values.retain(|one| !new.contains(&pair(one)));
        let mut left = SEARCHED_BYTES.saturating_sub(bytes_of(&current));
        // The newest of the replaced ones come last.
        let kept = self.values.iter().rev().take_while(|(_, value)| {
            let fits = value.len() <= left;
            left = left.saturating_sub(value.len());
            fits
        });
        let forgotten = self.values.len() - kept.count();
        self.values.drain(..forgotten);
        self.values.extend(current);
        let sought = self.values.iter().filter(|(key, value)| self.plain.seeks(key, value.expose()));
        Some(sought.cloned().collect())
    }
}

fn pair((key, value): &(KeyName, SecretValue)) -> (&KeyName, &str) {
    (key, value.expose())
}

fn bytes_of(values: &[(KeyName, SecretValue)]) -> usize {
    values.iter().map(|(_, value)| value.len()).sum()
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

    fn value(key: &str, text: String) -> (KeyName, SecretValue) {
        (KeyName::new(key).expect("a key"), SecretValue::new(text))
    }

    async fn shown(known: &Known, output: &[u8]) -> String {
        let mut shown = String::new();
        known.read(output, |text| shown.push_str(text)).await;
        shown
    }

    #[tokio::test]
    async fn a_search_is_prepared_once_for_the_same_values() {
        let known = Known::default();
        let mut prepared = known.sought.subscribe();
        for (text, is_new) in [("s3cret-one", true), ("s3cret-one", false), ("s3cret-two", true), ("s3cret-one", false)]
        {
            known.learn(vec![value("A", text.to_owned())], PlainKeys::default()).await;
            assert_eq!(prepared.has_changed().expect("it lives"), is_new, "{text}");
            prepared.mark_unchanged();
        }
        assert_eq!(shown(&known, b"s3cret-one s3cret-two.").await, "\u{ab}secret A\u{bb} \u{ab}secret A\u{bb}.");
    }

    #[tokio::test]
    async fn values_that_are_too_much_to_look_for_keep_all_output_back() {
        let known = Known::default();
        let many = (0..5).map(|at| value(&format!("A{at}"), format!("{at}").repeat(SEARCHED_BYTES / 4)));
        known.learn(many.collect(), PlainKeys::default()).await;
        assert_eq!(shown(&known, &b"anything ".repeat(10_000)).await, WITHHELD);
        known.learn(vec![value("A", "s3cret-one".to_owned())], PlainKeys::default()).await;
        assert_eq!(shown(&known, b"s3cret-one!").await, "\u{ab}secret A\u{bb}!", "fewer can be looked for again");
    }

    #[tokio::test]
    async fn a_key_that_is_called_plain_is_shown_from_then_on_and_hidden_again_when_that_is_taken_back() {
        let known = Known::default();
        let plain: PlainKeys = [KeyName::new("A").expect("a key")].into_iter().collect();
        let both = || vec![value("A", "the-title".to_owned()), value("B", "s3cret-two".to_owned())];
        for (plain, seen) in [
            (PlainKeys::default(), "\u{ab}secret A\u{bb} \u{ab}secret B\u{bb}."),
            (plain, "the-title \u{ab}secret B\u{bb}."),
            (PlainKeys::default(), "\u{ab}secret A\u{bb} \u{ab}secret B\u{bb}."),
        ] {
            known.learn(both(), plain).await;
            assert_eq!(shown(&known, b"the-title s3cret-two.").await, seen);
        }
    }

    #[test]
    fn of_replaced_values_the_newest_are_remembered() {
        let mut known = Remembered::default();
        let large = |letter: &str| value("A", letter.repeat(SEARCHED_BYTES / 3));
        for letter in ["a", "b", "c", "d"] {
            known.add(vec![large(letter)], PlainKeys::default()).expect("something new");
        }
        let firsts: Vec<_> = known.values.iter().map(|(_, value)| &value.expose()[..1]).collect();
        assert_eq!(firsts, ["b", "c", "d"]);
    }

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
