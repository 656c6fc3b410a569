//! What Keyslot does where the files are: finding env files in a checkout, writing values into them and taking them out
//! again, following a server's changes. The server and the small program `keyslot` share it.

pub mod apply;
pub mod discover;
pub mod mask;
pub mod run;
pub mod walk;
pub mod watch;
