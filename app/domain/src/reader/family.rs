//! The families of parsers, each with its model.

use super::model::{
    careful, compose, dotenvy, expand, godotenv, lines, node, npm, phpdotenv, python, ruby, shell, symfony, systemd,
};
use super::reading::{Misread, Reading};

/// Programs that read a file in the same way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    /// npm `dotenv`.
    Npm,
    /// npm `dotenv`, then variables are expanded.
    NpmExpand,
    /// Node's own parser.
    Node,
    /// Node's own parser, then variables are expanded.
    NodeExpand,
    /// Bun.
    Bun,
    /// Deno.
    Deno,
    /// `python-dotenv`.
    Python,
    /// django-environ.
    Django,
    /// python-decouple, Starlette, foreman.
    Quoted,
    /// Ruby's `dotenv`.
    Ruby,
    /// phpdotenv.
    Phpdotenv,
    /// symfony/dotenv.
    Symfony,
    /// godotenv.
    Godotenv,
    /// docker compose.
    Compose,
    /// dotenvy.
    Dotenvy,
    /// Shells.
    Shell,
    /// systemd.
    Systemd,
    /// docker and kubectl.
    Raw,
    /// GNU make.
    Make,
}

impl Family {
    /// How many there are.
    pub(super) const COUNT: usize = Self::Make as usize + 1;

    /// What a program of the family makes of a file.
    pub fn read(self, text: &str) -> Result<Reading, Misread> {
        match self {
            Self::Npm => npm::read(text),
            Self::NpmExpand => expanded(npm::read(text)?),
            Self::Node => node::read(text),
            Self::NodeExpand => expanded(node::read(text)?),
            Self::Bun => careful::read_bun(text),
            Self::Deno => careful::read_deno(text),
            Self::Python => python::read(text),
            Self::Django => lines::read_django(text),
            Self::Quoted => lines::read_quoted(text),
            Self::Ruby => ruby::read(text),
            Self::Phpdotenv => phpdotenv::read(text),
            Self::Symfony => symfony::read(text),
            Self::Godotenv => godotenv::read(text),
            Self::Compose => compose::read(text),
            Self::Dotenvy => dotenvy::read(text),
            Self::Shell => shell::read(text),
            Self::Systemd => systemd::read(text),
            Self::Raw => lines::read_raw(text),
            Self::Make => careful::read_make(text),
        }
    }
}

fn expanded(reading: Reading) -> Result<Reading, Misread> {
    // Which line it is, the parser in front has forgotten.
    reading.map(expand::expand).map_err(|fault| Misread { line: 1, fault })
}
