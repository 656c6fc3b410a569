//! Files that describe how a project runs, one module a kind.

mod compose;
mod devcontainer;
mod dockerfile;
mod json;
mod platform;
mod secretspec;
mod terraform;
mod workflow;
mod yaml;

use super::kind::Kind;
use super::mention::Found;

/// The variables that one such file names; none for files of another kind.
pub fn read(kind: Kind, text: &str) -> Vec<Found> {
    match kind {
        Kind::Secretspec => secretspec::read(text),
        Kind::Devcontainer => devcontainer::read(text),
        Kind::Compose => compose::read(text),
        Kind::Dockerfile => dockerfile::read(text),
        Kind::Workflow => workflow::read(text),
        Kind::Heroku => platform::heroku(text),
        Kind::Render => platform::render(text),
        Kind::Fly => platform::fly(text),
        Kind::Vercel => platform::vercel(text),
        Kind::Terraform => terraform::read(text),
        Kind::Settings => super::code::read(text.as_bytes(), super::code::Language::Settings),
        Kind::Example | Kind::Code(_) | Kind::Words => Vec::new(),
    }
}
