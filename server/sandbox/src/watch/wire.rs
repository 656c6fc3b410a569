//! What `keyslot env watch` and the server say to each other, as JSON over HTTP. Values travel in one place only: the
//! answer to `next`.

use crate::apply::{ApplyInput, InputError};
use domain::EnvSpec;
use domain::report::ApplyReport;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// Where to ask for what is new: `POST` a [`NextCall`]. Answered by 200 and a [`Delivery`], by 204 when nothing is newer,
/// or by 410 when the session ended.
pub const NEXT: &str = "/api/v1/sandbox/next";
/// Where to report what was done: `POST` a [`ReportCall`]. Answered by 204.
pub const REPORT: &str = "/api/v1/sandbox/report";

/// A question for what is new.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct NextCall {
    /// The sandbox's name; tells the sandboxes of one session apart.
    pub name: String,
    /// What stands in the files; nothing when that is not known, as after a start.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub applied: Option<Applied>,
    /// The revision that could not be applied, to wait for a newer one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failed: Option<i64>,
    /// How many seconds to wait for something newer.
    #[serde(default)]
    pub wait: u32,
}

/// What stands in a sandbox's files.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Applied {
    /// The revision.
    pub revision: i64,
    /// Its state, as the delivery named it.
    pub state: String,
}

/// What was done with a revision.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ReportCall {
    /// The sandbox's name.
    pub name: String,
    /// The revision.
    pub revision: i64,
    /// Its state, as the delivery named it.
    pub state: String,
    /// What the run did, file by file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub report: Option<ApplyReport>,
    /// Why there was no run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// What to write into the files: the answer to `next`. No `Debug`, for it holds the values.
pub struct Delivery {
    /// Its revision and state.
    pub applied: Applied,
    /// The spec.
    pub spec: EnvSpec,
    /// The values.
    pub input: ApplyInput,
}

/// Why an answer cannot be used. It repeats nothing of it.
#[derive(Debug, thiserror::Error)]
pub enum DeliveryError {
    /// Not of the form that this version knows.
    #[error("the server's answer is of another form (line {line}, column {column}); use programs of one version")]
    Form {
        /// Counted from 1.
        line: usize,
        /// Counted from 1.
        column: usize,
    },
    /// The values do not fit the spec.
    #[error("the values in the server's answer do not fit its spec: {0}")]
    Input(#[from] InputError),
}

#[derive(Deserialize)]
struct Wire<'a> {
    revision: i64,
    state: String,
    spec: EnvSpec,
    #[serde(borrow)]
    input: &'a RawValue,
}

impl Delivery {
    /// Reads the body of the answer, which the caller wipes.
    pub fn from_json(body: &[u8]) -> Result<Self, DeliveryError> {
        let wire: Wire<'_> = serde_json::from_slice(body)
            .map_err(|error| DeliveryError::Form { line: error.line(), column: error.column() })?;
        let input = ApplyInput::from_json(wire.input.get().as_bytes(), &wire.spec)?;
        Ok(Self { applied: Applied { revision: wire.revision, state: wire.state }, spec: wire.spec, input })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_that_cannot_be_used_is_not_repeated() {
        let spec = r#""spec":{"files":[{"path":".env","keys":[{"key":"A"}]}]}"#;
        for body in [
            "sesame".to_owned(),
            r#"{"revision":"sesame"}"#.to_owned(),
            format!(r#"{{"revision":1,"state":"x",{spec},"input":{{"values":{{"sesame":"sesame"}}}}}}"#),
            format!(r#"{{"revision":1,"state":"x",{spec},"input":{{"values":"sesame"}}}}"#),
        ] {
            let error = Delivery::from_json(body.as_bytes()).err().expect("an error").to_string();
            assert!(!error.contains("sesame"), "{error}");
        }
        let good = format!(r#"{{"revision":7,"state":"x",{spec},"input":{{"values":{{"A":"sesame"}}}}}}"#);
        let Ok(delivery) = Delivery::from_json(good.as_bytes()) else { panic!("this is a delivery") };
        assert_eq!(delivery.applied, Applied { revision: 7, state: "x".to_owned() });
    }
}
