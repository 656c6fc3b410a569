//! How each family of programs reads an env file. A model tells what a program gets from a text; where it cannot tell,
//! it says so, and the writer takes another spelling.

pub(super) mod careful;
pub(super) mod compose;
pub(super) mod dotenvy;
pub(super) mod expand;
pub(super) mod godotenv;
pub(super) mod lines;
pub(super) mod node;
pub(super) mod npm;
pub(super) mod phpdotenv;
pub(super) mod python;
pub(super) mod ruby;
pub(super) mod shell;
pub(super) mod symfony;
pub(super) mod systemd;
