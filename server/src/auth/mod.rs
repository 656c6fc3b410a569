//! Who may come in: one-time links, the session cookie and the first owner.

mod cookie;
mod first_run;
mod routes;
mod token;

pub use cookie::actor_of;
pub use first_run::{owner_link, prepare};
pub use routes::{sign_in, sign_out};
pub use token::Token;
