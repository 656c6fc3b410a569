//! Finds in code which environment variables a project reads, and whether it can do without them.
//!
//! A literal search (Teddy, by `aho-corasick`) passes over every file without a word of the environment; the rest is
//! lexed into code, text and comments, and read from the hits on. Grammars of whole languages would tell little more:
//! a read of a variable looks alike in all of them, and each grammar adds half a megabyte to a program that must stay
//! small, and builds for longer than all of this.

mod fields;
mod lexer;
mod need;
mod reads;
mod schema;
mod shell;
mod source;
mod tags;

pub use shell::interpolations;

use super::mention::Found;
use aho_corasick::AhoCorasick;
use lexer::Marks;
use source::Source;
use std::sync::LazyLock;

/// A family of languages that read variables alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    JavaScript,
    Python,
    Ruby,
    Php,
    Go,
    Rust,
    Jvm,
    Dotnet,
    Elixir,
    C,
    Shell,
    /// Spring's and Symfony's settings, whose text names variables.
    Settings,
}

/// What every file that reads a variable holds.
static WORDS: LazyLock<Option<AhoCorasick>> =
    LazyLock::new(|| AhoCorasick::new(["env", "ENV", "Env", "decouple", "BaseSettings", "starlette.config"]).ok());

impl Language {
    /// The language of a file, by its name.
    pub fn of(name: &str) -> Option<Self> {
        let ending = name.rsplit_once('.').map(|(_, ending)| ending)?;
        Some(match ending {
            "js" | "cjs" | "mjs" | "jsx" | "ts" | "cts" | "mts" | "tsx" | "vue" | "svelte" | "astro" => {
                Self::JavaScript
            }
            "py" => Self::Python,
            "rb" | "erb" | "rake" | "ru" | "gemspec" | "jbuilder" => Self::Ruby,
            "php" => Self::Php,
            "go" => Self::Go,
            "rs" => Self::Rust,
            "java" | "kt" | "kts" | "scala" | "groovy" | "gradle" => Self::Jvm,
            "cs" | "fs" | "vb" => Self::Dotnet,
            "ex" | "exs" | "eex" | "heex" => Self::Elixir,
            "c" | "cc" | "cpp" | "swift" | "dart" => Self::C,
            "sh" | "bash" | "zsh" => Self::Shell,
            "properties" | "conf" => Self::Settings,
            _ => return None,
        })
    }

    fn marks(self) -> &'static Marks {
        match self {
            Self::JavaScript => &lexer::JAVASCRIPT,
            Self::Python => &lexer::PYTHON,
            Self::Ruby | Self::Elixir | Self::Shell | Self::Settings => &lexer::RUBY,
            Self::Php => &lexer::PHP,
            Self::Go => &lexer::GO,
            Self::Rust => &lexer::RUST,
            Self::Jvm | Self::Dotnet | Self::C => &lexer::C_LIKE,
        }
    }

    /// Whether `!` and `?` belong to the names of calls.
    fn has_marks(self) -> bool {
        matches!(self, Self::Ruby | Self::Elixir | Self::Rust)
    }
}

/// The variables that one source file reads or declares.
pub fn read(text: &[u8], language: Language) -> Vec<Found> {
    match language {
        Language::Shell => return shell::read(text),
        Language::Settings => return tags::placeholders(text),
        _ => {}
    }
    let holds_word = WORDS.as_ref().is_some_and(|words| words.is_match(text));
    if !holds_word {
        return if language == Language::Jvm { tags::placeholders(text) } else { Vec::new() };
    }
    let source = Source::new(text, language.marks());
    let mut found = reads::reads(&source, language);
    match language {
        Language::JavaScript => found.extend(schema::read(&source)),
        Language::Python => found.extend(fields::read(&source)),
        Language::Go => found.extend(tags::go(&source)),
        Language::Rust => found.extend(tags::rust(&source)),
        Language::Jvm => found.extend(tags::placeholders(text)),
        _ => {}
    }
    found
}

/// Where the word "env" stands, in its three spellings.
fn hits(text: &[u8]) -> Vec<usize> {
    let Some(words) = WORDS.as_ref() else { return Vec::new() };
    words.find_iter(text).map(|hit| hit.start()).collect()
}
