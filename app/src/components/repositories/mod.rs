//! The parts of the repositories page.

mod connect;
mod row;

pub use connect::ConnectRepository;
pub use row::ConfigurationList;
