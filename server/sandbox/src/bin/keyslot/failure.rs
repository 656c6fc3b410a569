//! Why a command ends without having done its work.

use crate::print::{self, BAD, styled};
use domain::spec_text::LocatedProblem;
use serde_json::{Value, json};
use std::fmt::Display;
use std::io::Write;
use std::process::ExitCode;

/// A failure: the exit code, and what standard error gets.
pub struct Failure {
    code: u8,
    message: String,
    /// The problems of a spec, each with its place.
    problems: Vec<LocatedProblem>,
    /// Where the JSON form goes.
    told: Told,
}

#[derive(Clone, Copy, PartialEq)]
enum Told {
    /// To standard output, as the document that the command did not print.
    AsDocument,
    /// To standard error: standard output belongs to another program.
    Beside,
    /// Nowhere: it stands in the document on standard output.
    Already,
}

impl Failure {
    /// The arguments, a spec or standard input are wrong.
    pub fn bad_input(what: impl Display, why: impl Display) -> Self {
        Self::new(2, format!("{what}: {why}"))
    }

    /// It could not be done.
    pub fn failed(why: impl Display) -> Self {
        Self::new(1, why.to_string())
    }

    /// It could not be done, with another code.
    pub fn new(code: u8, message: String) -> Self {
        Self { code, message, problems: Vec::new(), told: Told::AsDocument }
    }

    /// A spec that breaks rules.
    pub fn bad_spec(name: impl Display, problems: Vec<LocatedProblem>) -> Self {
        let texts: Vec<_> = problems
            .iter()
            .map(|problem| format!("{}: line {}, {}: {}", name, problem.line, problem.field, problem.problem))
            .collect();
        Self { problems, ..Self::new(2, texts.join("; ")) }
    }

    /// The output cannot be printed.
    pub fn print(error: impl Display) -> Self {
        Self::new(2, format!("the result cannot be printed: {error}")).beside()
    }

    /// The same, where standard output is not free.
    pub fn beside(self) -> Self {
        Self { told: Told::Beside, ..self }
    }

    /// The same, where the document on standard output tells it.
    pub fn told_already(self) -> Self {
        Self { told: Told::Already, ..self }
    }

    /// Tells it.
    pub fn report(&self, is_json: bool) -> ExitCode {
        // Where it cannot be told, the code still is.
        if is_json && self.told == Told::AsDocument {
            print::json(&self.document()).ok();
        }
        if is_json && self.told == Told::Beside {
            writeln!(std::io::stderr(), "{}", self.document()).ok();
        } else {
            writeln!(anstream::stderr(), "{}", styled(BAD, &format!("keyslot: {}", self.message))).ok();
        }
        ExitCode::from(self.code)
    }

    fn document(&self) -> Value {
        let mut error = json!({ "message": self.message });
        if !self.problems.is_empty() {
            error["problems"] = json!(self.problems);
        }
        json!({ "error": error })
    }
}
