//! Tells code, text and comments of a source file apart, byte by byte, for every family of languages.
//!
//! No grammar is needed for that: whether a read of a variable stands in code depends only on quotes and comment marks.

/// What a byte belongs to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Class {
    Code,
    /// A string, its quotes included.
    Text,
    Comment,
}

/// A way to quote text.
struct Quote {
    open: &'static str,
    /// Whether it goes on over line breaks; one that does not is closed by the end of its line.
    lines: bool,
    /// Whether a backslash takes the meaning from the next byte.
    escapes: bool,
    /// What opens code inside the text, closed by a brace.
    code: Option<&'static str>,
}

const fn quote(open: &'static str, lines: bool, escapes: bool, code: Option<&'static str>) -> Quote {
    Quote { open, lines, escapes, code }
}

/// The marks of a family of languages.
pub struct Marks {
    line: &'static [&'static str],
    block: Option<(&'static str, &'static str)>,
    quotes: &'static [Quote],
    /// A slash may open a regular expression.
    regex: bool,
    /// A single quote is a character or a lifetime, and raw strings count their hashes.
    rust: bool,
}

pub const JAVASCRIPT: Marks = Marks {
    line: &["//"],
    block: Some(("/*", "*/")),
    quotes: &[quote("\"", false, true, None), quote("'", false, true, None), quote("`", true, true, Some("${"))],
    regex: true,
    rust: false,
};
pub const GO: Marks = Marks {
    line: &["//"],
    block: Some(("/*", "*/")),
    quotes: &[quote("\"", false, true, None), quote("'", false, true, None), quote("`", true, false, None)],
    regex: false,
    rust: false,
};
pub const C_LIKE: Marks = Marks {
    line: &["//"],
    block: Some(("/*", "*/")),
    quotes: &[quote("\"\"\"", true, false, None), quote("\"", false, true, None), quote("'", false, true, None)],
    regex: false,
    rust: false,
};
pub const PHP: Marks = Marks {
    line: &["//", "#"],
    block: Some(("/*", "*/")),
    quotes: &[quote("\"", true, true, None), quote("'", true, true, None)],
    regex: false,
    rust: false,
};
pub const RUST: Marks = Marks {
    line: &["//"],
    block: Some(("/*", "*/")),
    quotes: &[quote("\"", true, true, None)],
    regex: false,
    rust: true,
};
pub const PYTHON: Marks = Marks {
    line: &["#"],
    block: None,
    quotes: &[
        quote("\"\"\"", true, true, None),
        quote("'''", true, true, None),
        quote("\"", false, true, None),
        quote("'", false, true, None),
    ],
    regex: false,
    rust: false,
};
pub const RUBY: Marks = Marks {
    line: &["#"],
    block: None,
    quotes: &[
        quote("\"\"\"", true, true, Some("#{")),
        quote("\"", true, true, Some("#{")),
        quote("'", true, true, None),
    ],
    regex: false,
    rust: false,
};

/// The class of each byte.
pub fn classes(text: &[u8], marks: &Marks) -> Vec<Class> {
    let mut lexer = Lexer { text, marks, classes: vec![Class::Code; text.len()], at: 0, open: Vec::new() };
    while lexer.at < text.len() {
        lexer.step();
    }
    lexer.classes
}

struct Lexer<'a> {
    text: &'a [u8],
    marks: &'a Marks,
    classes: Vec<Class>,
    at: usize,
    /// Code inside text: the quote that it stands in, and how many braces are open.
    open: Vec<(&'a Quote, usize)>,
}

impl<'a> Lexer<'a> {
    fn starts(&self, mark: &str) -> bool {
        self.text[self.at..].starts_with(mark.as_bytes())
    }

    fn mark(&mut self, until: usize, class: Class) {
        let until = until.min(self.text.len());
        self.classes[self.at..until].fill(class);
        self.at = until.max(self.at + 1);
    }

    fn step(&mut self) {
        let byte = self.text[self.at];
        if byte.is_ascii_alphanumeric() || byte == b'_' || byte == b' ' {
            if self.marks.rust && byte == b'r' && self.raw_string() {
                return;
            }
            self.at += 1;
            return;
        }
        if let Some((quote, depth)) = self.open.last_mut() {
            match byte {
                b'{' => *depth += 1,
                b'}' if *depth == 0 => {
                    let quote = *quote;
                    self.open.pop();
                    self.mark(self.at + 1, Class::Text);
                    return self.text_from(quote);
                }
                b'}' => *depth -= 1,
                _ => {}
            }
        }
        let is_line = self.marks.line.iter().any(|mark| self.starts(mark) && (*mark != "#" || self.hash_is_comment()));
        if is_line {
            let end = memchr::memchr(b'\n', &self.text[self.at..]).map_or(self.text.len(), |end| self.at + end);
            return self.mark(end, Class::Comment);
        }
        if let Some((open, close)) = self.marks.block
            && self.starts(open)
        {
            let from = self.at + open.len();
            let end = memchr::memmem::find(&self.text[from..], close.as_bytes());
            return self.mark(end.map_or(self.text.len(), |end| from + end + close.len()), Class::Comment);
        }
        if self.marks.rust && byte == b'\'' {
            let is_char = self.text.get(self.at + 2) == Some(&b'\'') || self.text.get(self.at + 1) == Some(&b'\\');
            return self.mark(self.at + if is_char { 3 } else { 1 }, if is_char { Class::Text } else { Class::Code });
        }
        let marks = self.marks;
        if let Some(quote) = marks.quotes.iter().find(|quote| self.starts(quote.open)) {
            self.mark(self.at + quote.open.len(), Class::Text);
            return self.text_from(quote);
        }
        if marks.regex && byte == b'/' && self.regex_may_start() {
            return self.regex();
        }
        self.at += 1;
    }

    /// `#` inside a word, as in `$#` or `a#b`, opens no comment; neither does an attribute of PHP.
    fn hash_is_comment(&self) -> bool {
        let before = self.at.checked_sub(1).map(|at| self.text[at]);
        before.is_none_or(|c| c.is_ascii_whitespace() || b";{}(),[]".contains(&c))
            && self.text.get(self.at + 1) != Some(&b'[')
    }

    /// Marks text up to its closing quote, or up to the code inside it.
    fn text_from(&mut self, quote: &'a Quote) {
        let start = self.at;
        let mut at = start;
        while at < self.text.len() {
            let rest = &self.text[at..];
            if quote.escapes && rest[0] == b'\\' {
                at += 2;
            } else if rest.starts_with(quote.open.as_bytes()) {
                at += quote.open.len();
                break;
            } else if let Some(code) = quote.code.filter(|code| rest.starts_with(code.as_bytes())) {
                // A hostile file nests without end; whoever reads it needs no more than this.
                if self.open.len() < 64 {
                    self.open.push((quote, 0));
                }
                at += code.len();
                break;
            } else if rest[0] == b'\n' && !quote.lines {
                break;
            } else {
                at += 1;
            }
        }
        let end = at.min(self.text.len());
        self.classes[start..end].fill(Class::Text);
        self.at = end;
    }

    /// `r"…"` and `r#"…"#`.
    fn raw_string(&mut self) -> bool {
        let before = self.at.checked_sub(1).map(|at| self.text[at]);
        if before.is_some_and(|c| c.is_ascii_alphanumeric() && c != b'b' || c == b'_') {
            return false;
        }
        let hashes = self.text[self.at + 1..].iter().take_while(|c| **c == b'#').count();
        let from = self.at + 1 + hashes;
        if self.text.get(from) != Some(&b'"') {
            return false;
        }
        let close = format!("\"{}", "#".repeat(hashes));
        let end = memchr::memmem::find(&self.text[from + 1..], close.as_bytes());
        self.mark(end.map_or(self.text.len(), |end| from + 1 + end + close.len()), Class::Text);
        true
    }

    fn regex_may_start(&self) -> bool {
        let before = self.text[..self.at].iter().rev().take(200).find(|c| **c != b' ');
        before.is_none_or(|c| b"(,=:[!&|?{};\n".contains(c))
    }

    fn regex(&mut self) {
        let mut in_set = false;
        let mut at = self.at + 1;
        while at < self.text.len() && self.text[at] != b'\n' {
            match self.text[at] {
                b'\\' => at += 1,
                b'[' => in_set = true,
                b']' => in_set = false,
                b'/' if !in_set => return self.mark(at + 1, Class::Text),
                _ => {}
            }
            at += 1;
        }
        self.at += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The text with everything but code blanked out.
    fn code(text: &str, marks: &Marks) -> String {
        let classes = classes(text.as_bytes(), marks);
        text.bytes().zip(classes).map(|(c, class)| if class == Class::Code { c as char } else { '.' }).collect()
    }

    #[test]
    fn comments_and_text_are_told_from_code() {
        assert_eq!(code("a // b\nc", &JAVASCRIPT), "a ....\nc");
        assert_eq!(code("a/* b */c'd\\'e'f", &JAVASCRIPT), "a.......c......f");
        assert_eq!(code("`a${b + `c${d}`}e`f", &JAVASCRIPT), "....b + ....d.....f");
        assert_eq!(code("x = /['\"]/; y", &JAVASCRIPT), "x = ......; y");
        assert_eq!(code("<p>Don't</p>\na", &JAVASCRIPT), "<p>Don.....\na".replace("Don.....", "Don......").as_str());
        assert_eq!(code("a # b\n'''c\nd'''e", &PYTHON), "a ...\n........e");
        assert_eq!(code("\"a#{b}c\"d # e", &RUBY), "....b...d ...");
        assert_eq!(code("fn a<'b>(c: &'b str) { r#\"d\"e\"# '\"' }", &RUST), "fn a<'b>(c: &'b str) { ........ ... }");
    }

    #[test]
    fn unclosed_and_hostile_text_comes_to_an_end() {
        for text in ["'", "`${", "/*", "\"\"\"", "r###\"", "`${`${`${", "/[", "'\\"] {
            for marks in [&JAVASCRIPT, &GO, &C_LIKE, &PHP, &RUST, &PYTHON, &RUBY] {
                assert_eq!(classes(text.as_bytes(), marks).len(), text.len());
            }
        }
        let deep = "`${".repeat(100_000);
        assert_eq!(classes(deep.as_bytes(), &JAVASCRIPT).len(), deep.len());
    }
}
