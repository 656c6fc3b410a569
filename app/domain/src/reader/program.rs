//! The programs that people name as readers of a file.

use super::family::Family;
use serde::{Deserialize, Serialize};

/// A program that reads an env file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Reader {
    /// npm `dotenv`.
    NpmDotenv,
    /// npm `dotenv-expand`.
    DotenvExpand,
    /// Node's `--env-file`.
    Node,
    /// Next.js.
    Next,
    /// Vite.
    Vite,
    /// Nuxt.
    Nuxt,
    /// Expo.
    Expo,
    /// Bun.
    Bun,
    /// Deno.
    Deno,
    /// python-dotenv, pydantic-settings, environs, Flask, FastAPI.
    PythonDotenv,
    /// django-environ.
    DjangoEnviron,
    /// python-decouple.
    Decouple,
    /// Ruby's `dotenv`, dotenv-rails.
    RubyDotenv,
    /// foreman.
    Foreman,
    /// phpdotenv, Laravel.
    Phpdotenv,
    /// symfony/dotenv.
    Symfony,
    /// godotenv.
    Godotenv,
    /// docker compose.
    Compose,
    /// `docker run --env-file`.
    Docker,
    /// `kubectl create … --from-env-file`.
    Kubectl,
    /// dotenvy, just, mise.
    Dotenvy,
    /// A shell that sources the file.
    Shell,
    /// systemd's `EnvironmentFile=`.
    Systemd,
    /// GNU make's `include`.
    Make,
}

/// The families that a file without named readers serves: whatever reads it, gets the same bytes.
const PORTABLE: &[Family] = &[
    Family::Npm,
    Family::Node,
    Family::Deno,
    Family::Python,
    Family::Ruby,
    Family::Symfony,
    Family::Godotenv,
    Family::Compose,
    Family::Dotenvy,
    Family::Systemd,
    Family::Shell,
];

impl Reader {
    /// Every reader, in the order in which people choose from them.
    pub const ALL: [Self; 24] = [
        Self::NpmDotenv,
        Self::DotenvExpand,
        Self::Node,
        Self::Next,
        Self::Vite,
        Self::Nuxt,
        Self::Expo,
        Self::Bun,
        Self::Deno,
        Self::PythonDotenv,
        Self::DjangoEnviron,
        Self::Decouple,
        Self::RubyDotenv,
        Self::Foreman,
        Self::Phpdotenv,
        Self::Symfony,
        Self::Godotenv,
        Self::Compose,
        Self::Docker,
        Self::Kubectl,
        Self::Dotenvy,
        Self::Shell,
        Self::Systemd,
        Self::Make,
    ];

    /// Its name, for people.
    pub fn name(self) -> &'static str {
        match self {
            Self::NpmDotenv => "npm dotenv",
            Self::DotenvExpand => "dotenv-expand",
            Self::Node => "Node.js --env-file",
            Self::Next => "Next.js",
            Self::Vite => "Vite",
            Self::Nuxt => "Nuxt",
            Self::Expo => "Expo",
            Self::Bun => "Bun",
            Self::Deno => "Deno",
            Self::PythonDotenv => "python-dotenv",
            Self::DjangoEnviron => "django-environ",
            Self::Decouple => "python-decouple",
            Self::RubyDotenv => "Ruby dotenv",
            Self::Foreman => "foreman",
            Self::Phpdotenv => "phpdotenv",
            Self::Symfony => "Symfony",
            Self::Godotenv => "godotenv",
            Self::Compose => "docker compose",
            Self::Docker => "docker run --env-file",
            Self::Kubectl => "kubectl --from-env-file",
            Self::Dotenvy => "dotenvy",
            Self::Shell => "a shell",
            Self::Systemd => "systemd",
            Self::Make => "GNU make",
        }
    }

    /// Its name in specs and forms.
    pub fn wire_name(self) -> &'static str {
        match self {
            Self::NpmDotenv => "npm-dotenv",
            Self::DotenvExpand => "dotenv-expand",
            Self::Node => "node",
            Self::Next => "next",
            Self::Vite => "vite",
            Self::Nuxt => "nuxt",
            Self::Expo => "expo",
            Self::Bun => "bun",
            Self::Deno => "deno",
            Self::PythonDotenv => "python-dotenv",
            Self::DjangoEnviron => "django-environ",
            Self::Decouple => "decouple",
            Self::RubyDotenv => "ruby-dotenv",
            Self::Foreman => "foreman",
            Self::Phpdotenv => "phpdotenv",
            Self::Symfony => "symfony",
            Self::Godotenv => "godotenv",
            Self::Compose => "compose",
            Self::Docker => "docker",
            Self::Kubectl => "kubectl",
            Self::Dotenvy => "dotenvy",
            Self::Shell => "shell",
            Self::Systemd => "systemd",
            Self::Make => "make",
        }
    }

    /// The parsers that must all give a value back: more than one where versions of the program differ.
    pub fn families(self) -> &'static [Family] {
        match self {
            Self::NpmDotenv => &[Family::Npm],
            Self::DotenvExpand | Self::Next | Self::Nuxt => &[Family::NpmExpand],
            Self::Node => &[Family::Node],
            Self::Vite => &[Family::NpmExpand, Family::NodeExpand],
            Self::Expo => &[Family::NodeExpand],
            Self::Bun => &[Family::Bun],
            Self::Deno => &[Family::Deno],
            Self::PythonDotenv => &[Family::Python],
            Self::DjangoEnviron => &[Family::Django],
            Self::Decouple | Self::Foreman => &[Family::Quoted],
            Self::RubyDotenv => &[Family::Ruby],
            Self::Phpdotenv => &[Family::Phpdotenv],
            Self::Symfony => &[Family::Symfony],
            Self::Godotenv => &[Family::Godotenv],
            Self::Compose => &[Family::Compose],
            Self::Docker | Self::Kubectl => &[Family::Raw],
            Self::Dotenvy => &[Family::Dotenvy],
            Self::Shell => &[Family::Shell],
            Self::Systemd => &[Family::Systemd],
            Self::Make => &[Family::Make],
        }
    }

    /// Every parser that must give back the values of a file with these readers; without any, those of common use.
    pub fn families_of(readers: &[Self]) -> Vec<Family> {
        if readers.is_empty() {
            return PORTABLE.to_vec();
        }
        let mut families = Vec::new();
        for family in readers.iter().flat_map(|reader| reader.families()) {
            if !families.contains(family) {
                families.push(*family);
            }
        }
        families
    }
}
