//! Who may come in: one-time links, the session cookie and the first owner.

mod cookie;
mod first_run;
mod routes;
mod sender;
mod token;

pub use cookie::{actor_of, browser};
pub use first_run::{first_link, owner_link, prepare};
pub use routes::{show_link, sign_in, sign_out};
pub use sender::Sender;
pub use token::Token;
