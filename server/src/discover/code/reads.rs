//! Reads of environment variables as every language writes them: a member, an index, or a call whose name speaks of
//! the environment.

use super::Language;
use super::need::{around, literal};
use super::source::{Source, is_word};
use crate::discover::mention::{Found, Need, Origin, is_key};
use std::collections::BTreeSet;

/// Everything that one file reads, in its order.
pub fn reads(source: &Source, language: Language) -> Vec<Found> {
    let mut reader =
        Reader { source, language, found: Vec::new(), wrappers: BTreeSet::new(), aliases: BTreeSet::new() };
    let mut after = 0;
    for at in super::hits(source.text) {
        if at >= after && source.is_code(at) {
            after = reader.path(at);
        }
    }
    reader.wrapped();
    reader.aliased();
    reader.found
}

struct Reader<'a> {
    source: &'a Source<'a>,
    language: Language,
    found: Vec<Found>,
    /// Functions of the file that hand their argument to the environment.
    wrappers: BTreeSet<&'a str>,
    /// Names that the environment as a whole was given.
    aliases: BTreeSet<&'a str>,
}

/// Whether a word of a path speaks of the environment: `getenv`, `LookupEnv`, `ENV`, `env_var`, `environ`.
fn speaks_of_env(word: &str) -> bool {
    let lower = word.to_ascii_lowercase();
    let other = ["envelope", "envoy", "envi_", "venv", "envato"];
    lower.contains("env") && !other.iter().any(|other| lower.contains(other))
}

impl<'a> Reader<'a> {
    /// Reads the path of names around a hit, and returns where it ends.
    fn path(&mut self, hit: usize) -> usize {
        let source = self.source;
        let start = self.path_start(source.word_start(hit));
        let mut end = source.word_end(hit);
        if !speaks_of_env(source.str(source.word_start(hit), end)) {
            return end;
        }
        for _ in 0..8 {
            let byte = source.byte(end);
            let dot = [("?.", 2), ("::", 2), ("->", 2), (".", 1)].iter().find(|(dot, _)| source.starts(end, dot));
            match dot {
                Some((dot, length)) if is_word(source.byte(end + length)) => {
                    let word_end = source.word_end(end + length);
                    let word = source.str(end + length, word_end);
                    if is_key(word) && self.is_environment(source.str(start, end)) {
                        self.read(
                            word,
                            start,
                            word_end,
                            if *dot == "?." { Need::Optional } else { self.bare(source.str(start, end)) },
                        );
                        return word_end;
                    }
                    end = word_end;
                }
                Some((_, length)) if source.byte(end + length) == b'[' => end += length,
                Some((_, length)) if source.byte(end + length) == b'<' => end = self.generics(end + length),
                _ if byte == b'[' => return self.index(start, end),
                _ if byte == b'<' => {
                    let over = self.generics(end);
                    if over == end || source.byte(over) != b'(' {
                        return end;
                    }
                    end = over;
                }
                _ if matches!(byte, b'!' | b'?')
                    && matches!(source.byte(end + 1), b'(' | b' ')
                    && self.language.has_marks() =>
                {
                    end += 1
                }
                _ if byte == b'(' && source.byte(source.skip(end + 1)) == b')' => end = source.skip(end + 1) + 1,
                _ if byte == b'(' => return self.call(start, end),
                _ if byte == b' ' && self.language == Language::Elixir && matches!(source.byte(end + 1), b'"') => {
                    return self.call(start, end);
                }
                _ => {
                    self.whole(start, end);
                    return end;
                }
            }
        }
        end
    }

    fn path_start(&self, mut start: usize) -> usize {
        let source = self.source;
        loop {
            let before =
                [".", "::", "?.", "->"].iter().find(|dot| source.str(start.saturating_sub(dot.len()), start) == **dot);
            let Some(dot) = before else { return start };
            let end = start - dot.len();
            let word = source.word_start(end);
            if word == end {
                return start;
            }
            start = word;
        }
    }

    fn generics(&self, open: usize) -> usize {
        let text = self.source.ahead(open, 80);
        text.find('>').filter(|end| !text[..*end].contains([';', '(', '\n'])).map_or(open, |end| open + end + 1)
    }

    /// Whether a path is the environment as a whole, so that its members are variables.
    fn is_environment(&self, path: &str) -> bool {
        match self.language {
            Language::JavaScript => {
                path.ends_with("process.env")
                    || path.ends_with("import.meta.env")
                    || path.ends_with("process?.env")
                    || ["Bun.env", "env", "environment", "ENV"].contains(&path)
                    || path.ends_with(".env")
                    || path.ends_with(".ENV")
            }
            Language::Python => path == "env" || path == "settings.env",
            _ => false,
        }
    }

    /// What a plain read means in the language.
    fn bare(&self, path: &str) -> Need {
        match self.language {
            Language::JavaScript if path.contains("process") || path.contains("meta") || path.contains("Bun") => {
                Need::Bare
            }
            // A module of the project that has checked the variables hands them out.
            Language::JavaScript => Need::Named,
            Language::Go | Language::Jvm | Language::Dotnet | Language::C => Need::Bare,
            _ => Need::Lenient,
        }
    }

    /// `env["KEY"]`.
    fn index(&mut self, start: usize, open: usize) -> usize {
        let source = self.source;
        let at = source.skip(open + 1);
        let Some((key, end)) = source.string(at).filter(|(key, _)| is_key(key)) else {
            self.wrapper(start);
            return open + 1;
        };
        let path = source.str(start, open);
        let is_map = match self.language {
            Language::JavaScript => self.is_environment(path),
            Language::Python => path.ends_with("environ") || path == "env",
            Language::Ruby => path == "ENV",
            Language::Php => path == "$_ENV",
            Language::Dotnet => path.contains("onfiguration") || path.contains("Environ"),
            _ => path.ends_with("getenv()") || path.ends_with("env"),
        };
        let close = source.skip(end);
        if is_map && source.byte(close) == b']' {
            let strict = self.language == Language::Python;
            let need = if strict { Need::Required } else { self.bare(path) };
            self.read(key, start, close + 1, need);
        }
        close
    }

    /// `getenv("KEY")`, `env('KEY', default)`, `ENV.fetch("KEY") { … }`.
    fn call(&mut self, start: usize, open: usize) -> usize {
        let source = self.source;
        let callee = source.str(start, open);
        let first = source.skip(open + 1);
        let last = callee.rsplit(['.', ':', '>']).next().unwrap_or_default();
        let close = if source.byte(open) == b'(' { source.close(open) } else { None };
        if ["BindEnv", "EnvVars", "values_at", "slice"].contains(&last) {
            for key in strings(source, open, close.unwrap_or(first)).filter(|(key, _)| is_key(key)) {
                self.push(key.0, key.1, Need::Named, None);
            }
            return close.unwrap_or(first);
        }
        let mut at = first;
        if source.string(at).is_none() && close.is_some() {
            // A folder, a scope or the like may come first.
            let next = source.expression_end(at);
            if source.byte(next) == b',' {
                at = source.skip(next + 1);
            }
        }
        let Some((key, end)) = source.string(at).filter(|(key, _)| is_key(key)) else {
            self.wrapper(start);
            return first;
        };
        if [
            "setenv",
            "putenv",
            "set_var",
            "put_env",
            "delete",
            "store",
            "Setenv",
            "Unsetenv",
            "unset_var",
            "remove_var",
            "setdefault",
            "SetEnvironmentVariable",
            "delete_env",
            "pop",
        ]
        .contains(&last)
        {
            return end;
        }
        let behind = source.skip(end);
        let end = close.map_or(behind, |close| close + 1);
        let (need, default) = self.need_of_call(callee, last, behind, end);
        if need == Need::Lenient || need == Need::Bare || (need == Need::Required && self.language == Language::Rust) {
            let around = around(source, start, end, need);
            self.push(key, at, around.need, around.default);
        } else {
            self.push(key, at, need, default);
        }
        end
    }

    /// What the call itself says: its name, a second argument, a block.
    fn need_of_call(&self, callee: &str, last: &str, behind: usize, end: usize) -> (Need, Option<String>) {
        let source = self.source;
        let second = (source.byte(behind) == b',').then(|| source.skip(behind + 1));
        let has_block = self.language == Language::Ruby && source.byte(source.skip(end)) == b'{';
        let asks = [
            "key?",
            "has_key?",
            "include?",
            "contains",
            "has",
            "exists",
            "getOrDefault",
            "LookupEnv",
            "option_env!",
            "fetch_env",
        ];
        let lower = last.to_ascii_lowercase();
        let hard =
            ["require", "must", "orthrow", "orfail", "assert", "mandatory"].iter().any(|word| lower.contains(word))
                || last.ends_with('!') && last != "option_env!";
        if let Some(second) = second.filter(|second| !hard && source.byte(*second) != b')') {
            let text = source.str(behind, end);
            if self.language == Language::Python && text.contains('=') && !text.contains("default") {
                return (if callee.contains("environ") { Need::Lenient } else { Need::Required }, None);
            }
            let none = ["None", "null", "undefined", "nil"].iter().any(|none| source.starts(second, none));
            let value = text.find("default=").map_or(second, |at| behind + at + "default=".len());
            return (Need::Optional, if none { None } else { literal(source, value) });
        }
        if hard {
            return (Need::Required, None);
        }
        if asks.contains(&last) {
            let stops = last == "LookupEnv" && {
                let ahead = source.ahead(end, 160);
                ahead.contains("!ok")
                    && ["panic", "Fatal", "Errorf", "errors.New", "Exit(1"].iter().any(|stop| ahead.contains(stop))
            };
            return (if stops { Need::Required } else { Need::Optional }, None);
        }
        let strict = match self.language {
            Language::Ruby => last == "fetch" && !has_block,
            // django-environ's `env("X")` raises; `os.getenv` and `.get` do not.
            Language::Python => !["getenv", "get"].contains(&last) && callee.starts_with("env"),
            Language::Rust => callee.ends_with("var"),
            _ => false,
        };
        if has_block {
            return (Need::Optional, None);
        }
        (if strict { Need::Required } else { self.bare("process") }, None)
    }

    /// A read without literal name makes the function around it a reader of its own.
    fn wrapper(&mut self, at: usize) {
        let from = at.saturating_sub(600);
        let head = self.source.str(from, at);
        let head = if head.is_empty() { self.source.str(at.saturating_sub(200), at) } else { head };
        let definition = ["def ", "function ", "func ", "fn ", "defp ", "const "]
            .iter()
            .filter_map(|word| head.rfind(word).map(|at| at + word.len()))
            .max();
        let Some(name_at) = definition else { return };
        let name = head[name_at..].trim_start_matches("self.");
        let length = name.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(name.len());
        let (name, behind) = name.split_at(length);
        let takes = behind.starts_with(['(', '<'])
            || behind.starts_with(" = (")
            || behind.starts_with(" = <")
            || behind.starts_with(": (");
        if name.len() > 2 && takes && !speaks_of_env(name) {
            self.wrappers.insert(name);
        }
    }

    /// Calls of the file's own readers.
    fn wrapped(&mut self) {
        for name in std::mem::take(&mut self.wrappers) {
            for at in memchr::memmem::find_iter(self.source.text, name.as_bytes()) {
                let end = at + name.len();
                let open = if self.source.byte(end) == b'<' { self.generics(end) } else { end };
                let alone = self.source.word_start(at) == at && self.source.byte(open) == b'(';
                let Some(close) = self.source.close(open).filter(|_| alone && self.source.is_code(at)) else {
                    continue;
                };
                let first = self.source.skip(open + 1);
                if let Some((key, behind)) = self.source.string(first).filter(|(key, _)| is_key(key)) {
                    let (need, default) = self.need_of_call("", name, self.source.skip(behind), close + 1);
                    let need =
                        if need == Need::Required && self.language == Language::Python { Need::Lenient } else { need };
                    let around = around(self.source, at, close + 1, need);
                    let need = if need == Need::Optional { need } else { around.need };
                    self.push(key, first, need, default.or(around.default));
                }
            }
        }
    }

    /// The environment as a whole: taken apart, or given another name.
    fn whole(&mut self, start: usize, end: usize) {
        let source = self.source;
        if self.language != Language::JavaScript
            || !self.is_environment(source.str(start, end))
            || self.bare(source.str(start, end)) != Need::Bare
        {
            return;
        }
        let equals = source.back(start);
        if source.byte(equals.wrapping_sub(1)) != b'=' {
            return;
        }
        let before = source.back(equals - 1);
        if source.byte(before.wrapping_sub(1)) == b'}' {
            if let Some(open) = source.open(before - 1) {
                self.taken_apart(open + 1, before - 1);
            }
        } else {
            let name = source.word_before(before);
            if name.len() > 1 && !["env", "environment"].contains(&name) {
                self.aliases.insert(name);
            }
        }
    }

    /// `{ A, B = "x", C: c }`.
    fn taken_apart(&mut self, mut at: usize, end: usize) {
        while at < end {
            at = self.source.skip(at);
            let word_end = self.source.word_end(at);
            let next = self.source.expression_end(word_end);
            let key = self.source.str(at, word_end);
            if is_key(key) {
                let text = self.source.str(word_end, next);
                let default = text.find('=').map(|equals| self.source.skip(word_end + equals + 1));
                let need = if default.is_some() { Need::Optional } else { Need::Bare };
                self.push(key, at, need, default.and_then(|at| literal(self.source, at)));
            }
            at = next.max(at) + 1;
        }
    }

    fn aliased(&mut self) {
        for name in std::mem::take(&mut self.aliases) {
            for at in memchr::memmem::find_iter(self.source.text, name.as_bytes()) {
                let end = at + name.len();
                let alone =
                    self.source.word_start(at) == at && self.source.byte(end) == b'.' && self.source.is_code(at);
                let key = self.source.str(end + 1, self.source.word_end(end + 1));
                if alone && is_key(key) {
                    self.read(key, at, end + 1 + key.len(), Need::Bare);
                }
            }
        }
    }

    /// A read in place, its need told by what stands around it; a write is none.
    fn read(&mut self, key: &str, start: usize, end: usize, bare: Need) {
        let next = self.source.skip(end);
        let writes = self.source.byte(next) == b'=' && !b"=>~".contains(&self.source.byte(next + 1));
        if writes || self.source.word_before(start) == "delete" || self.source.byte(end) == b'(' {
            return;
        }
        let around = around(self.source, start, end, bare);
        // What a checked module hands out says nothing about the need, whatever stands around it.
        let need = if bare == Need::Named {
            Need::Named
        } else if bare == Need::Required && around.need == Need::Optional && self.language == Language::Python {
            Need::Required
        } else {
            around.need
        };
        self.push(key, start, need, around.default);
    }

    fn push(&mut self, key: &str, at: usize, need: Need, default: Option<String>) {
        self.found.push(Found::new(key, self.source.line(at), need, Origin::Code).or(default));
    }
}

/// The strings between two places.
pub fn strings<'a>(source: &'a Source<'a>, from: usize, to: usize) -> impl Iterator<Item = (&'a str, usize)> {
    let mut at = from;
    std::iter::from_fn(move || {
        while at < to {
            let here = at;
            match source.string(here).filter(|_| !source.is_code(here)) {
                Some((text, end)) => {
                    at = end;
                    return Some((text, here));
                }
                None => at += 1,
            }
        }
        None
    })
}
