//! One comment line, and how several become a text for a person.

use crate::limits;

/// Characters of which rules and frames are drawn.
const DRAWN: [char; 13] = ['-', '=', '*', '~', '_', '+', '#', '–', '—', '─', '━', '═', '•'];
/// Names that examples use and no documentation lives at.
const NOT_DOCUMENTATION: [&str; 3] = ["example.", "localhost", "your"];
/// Characters from which on a line counts as full, so that a capital letter in the next one does not start a new line.
const WRAPPED_CHARS: usize = 60;

/// What kind of comment line it is.
pub(super) enum Text {
    /// A line drawn across, such as `# –––––––`.
    Rule,
    /// The words of a framed line, such as `# [[AUTH]]` or `# === Database ===`.
    Heading(String),
    /// Anything else; no words for a bare `#`.
    Prose {
        /// Characters between the `#` and the words.
        indent: usize,
        /// The words, in one line.
        words: String,
    },
}

impl Text {
    /// Reads a comment line, given with its `#`.
    pub(super) fn of(line: &str) -> Self {
        let body = line.trim_start_matches('#');
        let signs = line.len() - body.len();
        let words = printable(body);
        let bare = words.trim_matches(|c: char| DRAWN.contains(&c) || c.is_whitespace());
        if bare.is_empty() {
            let drawn = words.chars().filter(|c| !c.is_whitespace()).count();
            return if drawn >= 3 || signs >= 3 { Self::Rule } else { Self::Prose { indent: 0, words: String::new() } };
        }
        let run = |text: &mut dyn Iterator<Item = char>| text.take_while(|c| DRAWN.contains(c)).count();
        let (before, after) = (run(&mut words.chars()), run(&mut words.chars().rev()));
        let in_brackets = bare.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
        if let Some(inner) = in_brackets.filter(|inner| !inner.contains("](")) {
            return Self::Heading(inner.trim_matches(['[', ']', ' ']).to_owned());
        }
        if before >= 3 || after >= 3 || (before >= 2 && after >= 2) || (signs >= 2 && after >= 2) {
            return Self::Heading(bare.to_owned());
        }
        Self::Prose { indent: body.chars().take_while(|c| c.is_whitespace()).count(), words }
    }

    /// Indent and words of prose.
    pub(super) fn prose(&self) -> Option<(usize, &str)> {
        if let Self::Prose { indent, words } = self { Some((*indent, words)) } else { None }
    }
}

/// The text in one line, without control characters and outer white space.
pub(super) fn printable(text: &str) -> String {
    let text: String = text.chars().map(|c| if c == '\t' { ' ' } else { c }).filter(|c| !c.is_control()).collect();
    text.trim().to_owned()
}

/// The lines (indent and words) as one text: lines that were only wrapped are joined, paragraphs, lists and labels
/// such as `DOCS:` start a new line.
pub(super) fn joined(lines: &[(usize, &str)]) -> Option<String> {
    let mut text = String::new();
    let mut before: Option<(usize, &str)> = None;
    for (indent, words) in lines {
        if words.is_empty() {
            before = None;
            continue;
        }
        let wrapped = before.is_some_and(|(at, last)| at == *indent && goes_on(last, words));
        if !text.is_empty() {
            text.push(if wrapped { ' ' } else { '\n' });
        }
        text.push_str(words);
        before = Some((*indent, words));
    }
    (!text.is_empty()).then_some(text)
}

/// Whether a line is the rest of a sentence that the line above it began.
fn goes_on(last: &str, words: &str) -> bool {
    if words.starts_with("http") {
        return last.ends_with(':');
    }
    let wrapped = !words.starts_with(char::is_uppercase) || last.chars().count() >= WRAPPED_CHARS;
    wrapped && !starts_line(words)
}

fn starts_line(words: &str) -> bool {
    let first = words.split_whitespace().next().unwrap_or_default();
    let bullet = ["-", "*", "•"].contains(&first);
    let number = first.strip_suffix(['.', ')']).is_some_and(|n| !n.is_empty() && n.chars().all(|c| c.is_ascii_digit()));
    let label = first.strip_suffix(':').is_some_and(|name| name.chars().all(char::is_alphabetic));
    bullet || number || label
}

/// The text with at most so many characters.
pub(super) fn cut(text: String, limit: usize) -> String {
    if text.chars().count() <= limit {
        return text;
    }
    let mut short: String = text.chars().take(limit - 1).collect();
    short.push('…');
    short
}

/// The web address of a page about the key: one that is announced as documentation, else the first.
pub(super) fn link(lines: &[(usize, &str)]) -> Option<String> {
    let links = |words: &str| words.split_whitespace().filter_map(address).next();
    let announced = lines.iter().filter(|(_, words)| words.to_lowercase().starts_with("doc"));
    announced.chain(lines).find_map(|(_, words)| links(words))
}

/// The address in a word, freed of brackets, quotes and punctuation around it.
fn address(word: &str) -> Option<String> {
    let start = word.find("https://").or_else(|| word.find("http://"))?;
    let url = &word[start..];
    let closed = if url.contains('(') { None } else { url.find(')') };
    let url =
        url[..closed.unwrap_or(url.len())].trim_end_matches(['.', ',', ';', ':', '!', '?', '>', ']', '"', '\'', '`']);
    let (_, rest) = url.split_once("://")?;
    let host = rest.split(['/', '?', '#', ':']).next()?;
    let named = host.contains('.') && host.chars().all(|c| c.is_alphanumeric() || c == '.' || c == '-');
    let a_page = named && host.chars().any(char::is_alphabetic);
    let invented = NOT_DOCUMENTATION.iter().any(|name| host.starts_with(name) || host.contains(&format!(".{name}")));
    let fits = url.chars().count() <= limits::URL_CHARS && !url.contains(['<', '{', '$']);
    (a_page && !invented && fits).then(|| url.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_are_freed_of_what_stands_around_them() {
        for (words, expected) in [
            ("See https://x.test/a.", Some("https://x.test/a")),
            ("see [the page](https://x.test/a#b) for it", Some("https://x.test/a#b")),
            ("<https://x.test>", Some("https://x.test")),
            ("http://en.x.test/wiki/A_(b)", Some("http://en.x.test/wiki/A_(b)")),
            ("runs on http://localhost:3000", None),
            ("such as https://example.com/cb", None),
            ("such as https://<bucket>.x.test/", None),
            ("10.0.0.1 is http://10.0.0.1/", None),
            ("no link", None),
        ] {
            assert_eq!(link(&[(1, words)]).as_deref(), expected, "{words}");
        }
        let lines = [(1, "A list: https://x.test/list"), (1, "DOCS: https://x.test/docs")];
        assert_eq!(link(&lines).as_deref(), Some("https://x.test/docs"));
    }

    #[test]
    fn a_long_text_is_cut_at_a_character() {
        assert_eq!(cut("äöü".to_owned(), 3), "äöü");
        assert_eq!(cut("äöüß".to_owned(), 3), "äö…");
    }
}
