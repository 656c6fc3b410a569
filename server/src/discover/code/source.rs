//! A source file with the class of each byte, and small steps over it.

use super::lexer::{Class, Marks, classes};

/// How far any search for a counterpart goes, so that hostile files cost no more than linear time.
const REACH: usize = 4_000;

/// A source file.
pub struct Source<'a> {
    pub text: &'a [u8],
    class: Vec<Class>,
    lines: Vec<usize>,
}

impl<'a> Source<'a> {
    pub fn new(text: &'a [u8], marks: &Marks) -> Self {
        Self { text, class: classes(text, marks), lines: memchr::memchr_iter(b'\n', text).collect() }
    }

    /// The line of a byte, counted from 1.
    pub fn line(&self, at: usize) -> u32 {
        u32::try_from(self.lines.partition_point(|end| *end < at)).unwrap_or(u32::MAX - 1) + 1
    }

    pub fn byte(&self, at: usize) -> u8 {
        self.text.get(at).copied().unwrap_or(0)
    }

    pub fn is_code(&self, at: usize) -> bool {
        self.class.get(at) == Some(&Class::Code)
    }

    pub fn is_comment(&self, at: usize) -> bool {
        self.class.get(at) == Some(&Class::Comment)
    }

    pub fn starts(&self, at: usize, with: &str) -> bool {
        self.text.get(at..).is_some_and(|rest| rest.starts_with(with.as_bytes()))
    }

    /// The text between two places; empty if it is not UTF-8.
    pub fn str(&self, from: usize, to: usize) -> &'a str {
        let to = to.min(self.text.len());
        std::str::from_utf8(self.text.get(from.min(to)..to).unwrap_or_default()).unwrap_or_default()
    }

    /// The text from a place on, cut short, for looking ahead.
    pub fn ahead(&self, from: usize, bytes: usize) -> std::borrow::Cow<'a, str> {
        let to = (from + bytes).min(self.text.len());
        String::from_utf8_lossy(self.text.get(from.min(to)..to).unwrap_or_default())
    }

    /// The next place that is neither white space nor comment.
    pub fn skip(&self, mut at: usize) -> usize {
        while at < self.text.len() && (self.text[at].is_ascii_whitespace() || self.is_comment(at)) {
            at += 1;
        }
        at
    }

    /// The end of what stands before a place, white space and comments left out.
    pub fn back(&self, mut at: usize) -> usize {
        while at > 0 && (self.text[at - 1].is_ascii_whitespace() || self.is_comment(at - 1)) {
            at -= 1;
        }
        at
    }

    /// The end of the name that starts at a place.
    pub fn word_end(&self, mut at: usize) -> usize {
        while at < self.text.len() && is_word(self.text[at]) {
            at += 1;
        }
        at
    }

    /// The start of the name that ends at a place.
    pub fn word_start(&self, mut at: usize) -> usize {
        while at > 0 && is_word(self.text[at - 1]) {
            at -= 1;
        }
        at
    }

    /// The name that stands before a place.
    pub fn word_before(&self, at: usize) -> &'a str {
        let end = self.back(at);
        self.str(self.word_start(end), end)
    }

    /// The string that opens at a place, without its quotes, and where it ends.
    pub fn string(&self, at: usize) -> Option<(&'a str, usize)> {
        let start = if matches!(self.byte(at), b'r' | b'b' | b'f' | b'@' | b':') { at + 1 } else { at };
        let quote = self.byte(start);
        if !matches!(quote, b'"' | b'\'' | b'`') {
            return None;
        }
        let rest = &self.text[start + 1..self.text.len().min(start + 1 + REACH)];
        let end = memchr::memchr2(quote, b'\n', rest).filter(|end| rest[*end] == quote)?;
        Some((self.str(start + 1, start + 1 + end), start + end + 2))
    }

    /// The place of the bracket that closes the one at `open`.
    pub fn close(&self, open: usize) -> Option<usize> {
        let mut depth = 0_usize;
        for at in open..self.text.len().min(open + REACH * 8) {
            if !self.is_code(at) {
                continue;
            }
            match self.text[at] {
                b'(' | b'[' | b'{' => depth += 1,
                b')' | b']' | b'}' => {
                    depth = depth.checked_sub(1)?;
                    if depth == 0 {
                        return Some(at);
                    }
                }
                _ => {}
            }
        }
        None
    }

    /// The place of the bracket that is open around `at`.
    pub fn open(&self, at: usize) -> Option<usize> {
        let mut depth = 0_usize;
        for at in (at.saturating_sub(REACH)..at).rev() {
            if !self.is_code(at) {
                continue;
            }
            match self.text[at] {
                b')' | b']' | b'}' => depth += 1,
                b'(' | b'[' | b'{' if depth == 0 => return Some(at),
                b'(' | b'[' | b'{' => depth -= 1,
                _ => {}
            }
        }
        None
    }

    /// Where the expression from `at` on ends: before the comma, semicolon or bracket that closes it.
    pub fn expression_end(&self, at: usize) -> usize {
        let mut depth = 0_usize;
        let limit = self.text.len().min(at + REACH);
        for at in at..limit {
            if !self.is_code(at) {
                continue;
            }
            match self.text[at] {
                b'(' | b'[' | b'{' => depth += 1,
                b')' | b']' | b'}' | b',' | b';' if depth == 0 => return at,
                b')' | b']' | b'}' => depth -= 1,
                _ => {}
            }
        }
        limit
    }
}

pub fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'$'
}
