//! Where a session's files are written.

mod local;

pub use local::LocalSandbox;

use async_trait::async_trait;
use domain::EnvSpec;
use domain::report::ApplyReport;
use zeroize::Zeroizing;

/// A place that holds a session's workspace and runs the `keyslot` program: a local folder, or a machine elsewhere.
#[async_trait]
pub trait Sandbox: Send + Sync {
    /// Writes the spec's files with the given values and takes out what is no longer given. `input` is the standard
    /// input of `keyslot env apply`: JSON with the values in the clear.
    async fn apply(&self, spec: &EnvSpec, input: Zeroizing<Vec<u8>>) -> Result<ApplyReport, SandboxError>;

    /// Takes out exactly what was ever written; answers from where.
    async fn scrub(&self) -> Result<ApplyReport, SandboxError>;
}

/// Why a sandbox could not do it, in words for people and without values.
#[derive(Debug, thiserror::Error)]
pub enum SandboxError {
    /// The program is not there or cannot be started.
    #[error("the keyslot program could not be started")]
    Start(#[source] std::io::Error),
    /// Talking to the running program failed.
    #[error("the keyslot program broke off")]
    Talk(#[source] std::io::Error),
    /// It took too long.
    #[error("the keyslot program did not finish in time")]
    Timeout,
    /// The program refused, in its own words; it never prints values.
    #[error("{0}")]
    Refused(String),
    /// The report could not be read.
    #[error("the keyslot program gave no readable report")]
    Report(#[source] serde_json::Error),
}
