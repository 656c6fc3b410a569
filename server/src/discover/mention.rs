//! What one place of a checkout says about one key.

use app::domain::RelativePath;
use app::domain::spec::Generate;
use std::sync::Arc;

/// How much a place needs the key, from the weakest word to the strongest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Need {
    /// The key is named; nothing is said about whether it may be missing.
    Named,
    /// Read in a way that yields nothing where it is missing although the language has a stricter way.
    Lenient,
    /// Read without a fallback.
    Bare,
    /// A default, a fallback or a guard stands beside the read.
    Optional,
    /// The project stops without it.
    Required,
}

/// Where a mention comes from; the order says who is believed first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Origin {
    /// A schema that the project checks its variables with.
    Schema,
    /// Code that reads the variable.
    Code,
    /// A compose file that reads it from the `.env` beside it.
    Compose,
    /// A platform's or a container's description.
    Platform,
    /// Tests, tools, pipelines and documents: they neither add a key nor decide about one.
    Aside,
}

/// One place that names a key.
#[derive(Clone, Debug)]
pub struct Mention {
    /// The variable's name; always one that looks like an environment variable.
    pub key: String,
    /// The file, from the workspace down.
    pub path: Arc<RelativePath>,
    /// Line, counted from 1.
    pub line: u32,
    /// What it says about the need.
    pub need: Need,
    /// What kind of place it is.
    pub origin: Origin,
    /// The literal fallback, where one stands there.
    pub default: Option<String>,
    /// What is said about it in words.
    pub description: Option<String>,
    /// How to make it, where the place says so.
    pub generate: Option<Generate>,
}

/// What a reader of one file found, before the file is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    pub key: String,
    pub line: u32,
    pub need: Need,
    pub origin: Origin,
    pub default: Option<String>,
    pub description: Option<String>,
    pub generate: Option<Generate>,
}

impl Found {
    /// A key that a place names, without more.
    pub fn new(key: &str, line: u32, need: Need, origin: Origin) -> Self {
        Self { key: key.to_owned(), line, need, origin, default: None, description: None, generate: None }
    }

    /// With the fallback that stands there.
    pub fn or(mut self, default: Option<String>) -> Self {
        self.default = default;
        self
    }

    /// With words about it.
    pub fn said(mut self, description: Option<String>) -> Self {
        self.description = description.filter(|text| !text.trim().is_empty());
        self
    }

    /// The same in a file.
    pub fn at(self, path: &Arc<RelativePath>) -> Mention {
        Mention {
            key: self.key,
            path: Arc::clone(path),
            line: self.line,
            need: self.need,
            origin: self.origin,
            default: self.default,
            description: self.description,
            generate: self.generate,
        }
    }
}

/// Whether a text is spelled like an environment variable: capitals, digits and underscores, a letter first.
pub fn is_key(text: &str) -> bool {
    let bytes = text.as_bytes();
    let first = bytes.first().is_some_and(|c| c.is_ascii_uppercase() || (*c == b'_' && bytes.len() > 2));
    let rest = bytes.iter().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || *c == b'_');
    first && rest && (2..=100).contains(&bytes.len()) && !text.ends_with('_') && text != "__"
}
