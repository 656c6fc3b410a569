//! Asking the server.

use super::Address;
use super::wire::{Delivery, NEXT, NextCall, REPORT, ReportCall};
use serde::{Deserialize, Serialize};
use std::io::Read;
use std::time::Duration;
use ureq::http::{HeaderValue, Response, StatusCode};
use ureq::{Agent, Body};
use zeroize::Zeroizing;

/// How every session token starts.
use domain::token::PREFIX;

/// Longest token, in bytes.
const TOKEN_BYTES: usize = 256;
/// Longest answer with values: a spec and the input of a run.
const ANSWER_BYTES: u64 = 2 * crate::apply::INPUT_BYTES;
/// Longest answer without.
const PROBLEM_BYTES: u64 = 64 * 1024;
/// How long a connection may take, and how long an answer may be awaited: longer than the server waits.
const CONNECT: Duration = Duration::from_secs(10);
const ANSWER: Duration = Duration::from_secs(45);
const BODY: Duration = Duration::from_secs(120);

/// A session token, wiped on drop and without Debug.
pub struct Token(Zeroizing<String>);

/// Why a token is not taken. It never repeats it.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("this is no session token: it starts with {PREFIX}; make one for a sandbox on the session's Info tab")]
pub struct TokenError;

impl Token {
    /// Takes what was given as a token; white space around it, such as a file's last newline, is left out.
    pub fn new(text: &str) -> Result<Self, TokenError> {
        let token = text.trim();
        let fits =
            token.starts_with(PREFIX) && token.len() <= TOKEN_BYTES && token.bytes().all(|b| b.is_ascii_graphic());
        if fits { Ok(Self(Zeroizing::new(token.to_owned()))) } else { Err(TokenError) }
    }
}

/// Why a call brought nothing.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    /// The session ended.
    #[error("the session ended")]
    Ended,
    /// Asking again would not help; in the server's words.
    #[error("{0}")]
    Refused(String),
    /// It may go well later.
    #[error("{0}")]
    Unreachable(String),
}

/// What came of asking.
pub(super) enum Next {
    /// Something newer.
    Delivery(Box<Delivery>),
    /// Nothing newer.
    Nothing,
}

/// What the server says of a call that it refuses, as far as it is of interest here.
#[derive(Default, Deserialize)]
struct Problem {
    #[serde(rename = "type", default)]
    kind: String,
    #[serde(default)]
    detail: String,
}

/// The server, asked with one token.
pub(super) struct Client {
    agent: Agent,
    server: Address,
    authorization: HeaderValue,
}

impl Client {
    pub fn new(server: &Address, token: &Token) -> Result<Self, TokenError> {
        let bearer = Zeroizing::new(format!("Bearer {}", &*token.0));
        let mut authorization = HeaderValue::from_str(&bearer).map_err(|_| TokenError)?;
        authorization.set_sensitive(true);
        let config = Agent::config_builder()
            .http_status_as_error(false)
            // The token goes to the server that it was given for, and nowhere else.
            .max_redirects(0)
            .timeout_connect(Some(CONNECT))
            .timeout_recv_response(Some(ANSWER))
            .timeout_recv_body(Some(BODY))
            .user_agent(concat!("keyslot/", env!("CARGO_PKG_VERSION")))
            .build();
        Ok(Self { agent: config.into(), server: server.clone(), authorization })
    }

    /// Asks for what is new.
    pub fn next(&self, call: &NextCall) -> Result<Next, CallError> {
        let mut answer = self.post(NEXT, call)?;
        if answer.status() == StatusCode::NO_CONTENT {
            return Ok(Next::Nothing);
        }
        let body = read(&mut answer, ANSWER_BYTES)?;
        let delivery = Delivery::from_json(&body).map_err(|error| CallError::Refused(error.to_string()))?;
        Ok(Next::Delivery(Box::new(delivery)))
    }

    /// Reports what was done.
    pub fn report(&self, call: &ReportCall) -> Result<(), CallError> {
        self.post(REPORT, call).map(|_| ())
    }

    fn post(&self, path: &str, call: &impl Serialize) -> Result<Response<Body>, CallError> {
        let json = serde_json::to_vec(call).map_err(|error| CallError::Refused(error.to_string()))?;
        let request = self.agent.post(self.server.of(path));
        let request = request.header("authorization", &self.authorization).content_type("application/json");
        let mut answer = request.send(&json).map_err(|error| CallError::Unreachable(error.to_string()))?;
        match answer.status() {
            StatusCode::OK | StatusCode::NO_CONTENT => Ok(answer),
            status => Err(self.refusal(status, &mut answer)),
        }
    }

    fn refusal(&self, status: StatusCode, answer: &mut Response<Body>) -> CallError {
        let body = read(answer, PROBLEM_BYTES).unwrap_or_default();
        let problem: Problem = serde_json::from_slice(&body).unwrap_or_default();
        let code = status.as_u16();
        if status == StatusCode::GONE || problem.kind.ends_with(":session-ended") {
            return CallError::Ended;
        }
        if status.is_server_error() || matches!(code, 408 | 425 | 429) {
            return CallError::Unreachable(format!("it answers {code}"));
        }
        if status.is_redirection() {
            return CallError::Refused(format!("{} leads to another address; give that one", self.server));
        }
        let detail: String = problem.detail.chars().filter(|letter| !letter.is_control()).take(500).collect();
        CallError::Refused(match detail.is_empty() {
            true => format!("{} does not know this question (it answers {code}); is it a Keyslot server?", self.server),
            false => format!("the server refuses: {detail}"),
        })
    }
}

/// Reads a whole answer into memory that is wiped.
fn read(answer: &mut Response<Body>, limit: u64) -> Result<Zeroizing<Vec<u8>>, CallError> {
    let length = answer.body().content_length().unwrap_or(0).min(limit);
    // The right capacity from the start: a growing vector leaves copies of the values behind.
    let mut bytes = Zeroizing::new(Vec::with_capacity(usize::try_from(length).unwrap_or(0) + 1));
    let reader = answer.body_mut().with_config().limit(limit).reader();
    let mut reader = reader.take(limit + 1);
    reader.read_to_end(&mut bytes).map_err(|error| CallError::Unreachable(format!("its answer broke off: {error}")))?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_looks_like_a_token_is_sent() {
        assert!(Token::new(" ks_sess_abc-DEF_1\n").is_ok());
        for bad in ["", "abc", "ks_sess_a b", "ks_sess_ä", &format!("ks_sess_{}", "a".repeat(300))] {
            assert_eq!(Token::new(bad).err(), Some(TokenError), "{bad}");
        }
        assert!(!TokenError.to_string().contains("abc"));
    }
}
