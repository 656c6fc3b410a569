//! Env files of the dotenv kind: reading, writing, and the block that Keyslot keeps in a file.

pub mod block;
pub mod read;
