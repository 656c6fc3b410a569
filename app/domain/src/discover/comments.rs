//! What the comments around a key say about it.
//!
//! The comment block directly above a key, and the comment behind its value, are its description. A block that a blank
//! line separates from the key describes no key. Headings open a section and are left out of descriptions, unless
//! nothing else stands above the key.
//!
//! A key is optional if its comment says so (see [`explicit`]), or if it has no word of its own and either the comment
//! above its family says so or it stands under a heading with the word "optional".

mod text;

use crate::{KeyName, limits};
use text::Text;

/// Ways in which a comment says that a key may stay unset, in lower case.
const OPTIONAL_PHRASES: [&str; 16] = [
    "(optional",
    "[optional]",
    "is optional",
    "are optional",
    "can be left empty",
    "can be left blank",
    "may be left empty",
    "may be left blank",
    "leave blank to",
    "leave blank if",
    "leave empty to",
    "leave empty if",
    "not need to be set",
    "not required",
    "only needed if",
    "defaults to",
];
/// Most words of a comment that stands alone between blank lines and counts as a heading.
const HEADING_WORDS: usize = 5;
/// Leading words of a key that say nothing about what it belongs to.
const GENERIC_WORDS: [&str; 9] = ["NEXT", "PRIVATE", "PUBLIC", "VITE", "REACT", "APP", "EXPO", "NUXT", "GATSBY"];

/// What is said about one key.
pub(super) struct Note {
    pub(super) description: Option<String>,
    pub(super) documentation_url: Option<String>,
    pub(super) optional: bool,
}

/// Goes through the lines of a file from the top and knows what is said about the next key.
#[derive(Default)]
pub(super) struct Reader {
    block: Vec<Text>,
    section_is_optional: bool,
    lead: Option<Lead>,
}

/// The commented key at the top of a group of keys without blank lines or comments between them.
struct Lead {
    family: Option<String>,
    commented_out: bool,
    optional: Option<bool>,
    /// The comment is the one word "optional", so that it speaks for the group and not for a family.
    for_all: bool,
    url: Option<String>,
}

impl Lead {
    /// What is said about a line that was commented out says nothing about one in force.
    fn speaks_for(&self, key: &KeyName, commented_out: bool) -> bool {
        let same = self.for_all || (self.family.is_some() && self.family == family(key));
        same && (commented_out || !self.commented_out)
    }
}

impl Reader {
    /// A blank line, or one that is no assignment: what stood above says nothing about the next key.
    pub(super) fn blank(&mut self) {
        if let [Text::Prose { words, .. }] = &self.block[..]
            && words.split_whitespace().count() <= HEADING_WORDS
        {
            self.section_is_optional = has_word(words, "optional");
        }
        self.block.clear();
        self.lead = None;
    }

    /// A comment line, with its `#`.
    pub(super) fn comment(&mut self, line: &str) {
        self.lead = None;
        let text = Text::of(line);
        if let Text::Rule = text {
            self.close_banner();
        }
        if let Text::Heading(words) = &text {
            self.section_is_optional = has_word(words, "optional");
        }
        self.block.push(text);
    }

    /// Prose between two rules is a banner, hence a heading.
    fn close_banner(&mut self) {
        let Some(opening) = self.block.iter().rposition(|text| matches!(text, Text::Rule)) else { return };
        for text in &mut self.block[opening + 1..] {
            if let Text::Prose { words, .. } = text {
                self.section_is_optional = has_word(words, "optional");
                *text = Text::Heading(std::mem::take(words));
            }
        }
    }

    /// A key, with the comment behind its value.
    pub(super) fn key(&mut self, key: &KeyName, commented_out: bool, behind: Option<&str>) -> Note {
        let block = std::mem::take(&mut self.block);
        let head = block.iter().rposition(|text| !matches!(text, Text::Prose { .. })).map_or(0, |at| at + 1);
        let mut said: Vec<(usize, &str)> = block[head..].iter().filter_map(Text::prose).collect();
        let has_comment = said.iter().any(|(_, words)| !words.is_empty());
        let behind = behind.map(text::printable);
        if let Some(behind) = behind.as_deref() {
            said.push((usize::MAX, behind));
        }
        let (own, url) = (explicit(&said), text::link(&said));
        let description = text::joined(&said).or_else(|| {
            block.iter().rev().find_map(|text| if let Text::Heading(words) = text { Some(words.clone()) } else { None })
        });
        if has_comment {
            let bare = description.as_deref().unwrap_or_default().trim_end_matches([':', '.']);
            let for_all = bare.eq_ignore_ascii_case("optional");
            self.lead = Some(Lead { family: family(key), commented_out, optional: own, for_all, url: url.clone() });
        } else if !block.is_empty() {
            self.lead = None;
        }
        let lead = self.lead.as_ref().filter(|lead| lead.speaks_for(key, commented_out));
        let optional = own.or(lead.and_then(|lead| lead.optional)).unwrap_or(self.section_is_optional);
        Note {
            description: description.map(|text| text::cut(text, limits::DESCRIPTION_CHARS)),
            documentation_url: url.or_else(|| lead.and_then(|lead| lead.url.clone())),
            optional,
        }
    }
}

/// Whether a comment itself says that the key is optional or required: a line starts with that word (`OPTIONAL:`,
/// `Optionally …`), or one of [`OPTIONAL_PHRASES`] stands in it.
fn explicit(said: &[(usize, &str)]) -> Option<bool> {
    let starts = |wanted: &[&str]| {
        said.iter().any(|(_, words)| {
            let first = words.split(|c: char| !c.is_alphanumeric()).find(|word| !word.is_empty()).unwrap_or_default();
            wanted.iter().any(|word| first.eq_ignore_ascii_case(word))
        })
    };
    let all = said.iter().map(|(_, words)| words.to_lowercase()).collect::<Vec<_>>().join(" ");
    if starts(&["optional", "optionally"]) {
        Some(true)
    } else if starts(&["required"]) {
        Some(false)
    } else {
        OPTIONAL_PHRASES.iter().any(|phrase| all.contains(phrase)).then_some(true)
    }
}

fn has_word(text: &str, wanted: &str) -> bool {
    text.split(|c: char| !c.is_alphanumeric()).any(|word| word.eq_ignore_ascii_case(wanted))
}

/// The word of a key that keys of one service share: `GOOGLE` in `NEXT_PRIVATE_GOOGLE_CLIENT_ID`.
fn family(key: &KeyName) -> Option<String> {
    let mut words = key.as_str().split('_').filter(|word| !word.is_empty() && !GENERIC_WORDS.contains(word));
    words.next().map(str::to_owned)
}
