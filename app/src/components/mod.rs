//! The parts of the screens. Rules that need no screen stand in plain modules beside them, with tests.

pub mod announce;
pub mod browser;
pub mod clock;
pub mod configuration;
pub mod header;
pub mod icon;
pub mod import;
pub mod link_notice;
pub mod live;
pub mod logo;
pub mod masked_field;
pub mod panel;
pub mod plain_key;
pub mod problem;
pub mod reach;
pub mod reactive;
pub mod repositories;
pub mod secrets;
pub mod show;
pub mod sidebar;
pub mod submission;
pub mod thread;
pub mod view_only;
pub mod words;
pub mod workspace;
