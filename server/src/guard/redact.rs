//! Taking values out of text that people will see.

use super::needles::{Needles, SHORTEST};
use aho_corasick::{AhoCorasick, BuildError, MatchKind};
use app::domain::KeyName;
use std::collections::BTreeMap;

/// Replaces known values by `«secret NAME»`, however they are written.
pub struct Redactor {
    automaton: Option<AhoCorasick>,
    keys: Vec<KeyName>,
    longest: usize,
}

impl Redactor {
    /// For these values. A value of several lines is also known by each of them: output is often looked at line by line.
    pub fn new(needles: &Needles) -> Result<Self, BuildError> {
        let mut patterns = BTreeMap::new();
        for needle in needles.all() {
            let Some((key, _)) = needle.meanings.first() else { continue };
            let lines = needle.bytes.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii);
            let lines = lines.filter(|line| line.len() >= SHORTEST);
            for part in std::iter::once(needle.bytes.as_slice()).chain(lines) {
                patterns.entry(part).or_insert(key);
            }
        }
        let automaton = match patterns.is_empty() {
            true => None,
            false => Some(AhoCorasick::builder().match_kind(MatchKind::LeftmostLongest).build(patterns.keys())?),
        };
        let longest = patterns.keys().map(|pattern| pattern.len()).max().unwrap_or(0);
        Ok(Self { automaton, keys: patterns.into_values().cloned().collect(), longest })
    }

    /// Bytes of the longest text that is replaced: so much must be held back to clean a stream piece by piece.
    pub fn longest(&self) -> usize {
        self.longest
    }

    /// Whether the text holds a value.
    pub fn first_in(&self, text: &str) -> Option<&KeyName> {
        let found = self.automaton.as_ref()?.find(text)?;
        self.keys.get(found.pattern().as_usize())
    }

    /// The text without values.
    pub fn clean(&self, text: &str) -> String {
        let Some(automaton) = &self.automaton else { return text.to_owned() };
        let mut clean = String::with_capacity(text.len());
        automaton.replace_all_with(text, &mut clean, |found, _, clean| {
            let name = self.keys.get(found.pattern().as_usize()).map_or("", KeyName::as_str);
            clean.push_str(&format!("«secret {name}»"));
            true
        });
        clean
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use app::domain::SecretValue;

    #[test]
    fn values_in_any_form_are_replaced_by_their_names() {
        let (a, b) = (KeyName::new("A").expect("a key"), KeyName::new("B").expect("a key"));
        let (one, two) = (SecretValue::new("pa ss/1".into()), SecretValue::new("pa ss/1 and more\nsecond line".into()));
        let redactor = Redactor::new(&Needles::new([(&a, &one), (&b, &two)])).expect("a redactor");
        assert_eq!(redactor.clean("x pa ss/1, pa%20ss%2F1."), "x «secret A», «secret A».");
        assert_eq!(redactor.clean("pa ss/1 and more"), "«secret B»");
        assert_eq!(redactor.clean("> second line"), "> «secret B»");
        assert_eq!(redactor.first_in("nothing"), None);
        assert_eq!(redactor.first_in("second line"), Some(&b));
        let none = Redactor::new(&Needles::default()).expect("a redactor");
        assert_eq!(none.clean("as it is"), "as it is");
    }
}
