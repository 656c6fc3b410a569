//! What a server function answers when it cannot do what was asked.

use super::answer::JsonText;
use serde::{Deserialize, Serialize};
use server_fn::error::{FromServerFnError, ServerFnErrorErr};

/// An answer that is no success, in words for people. Never holds a value that somebody typed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "camelCase", tag = "error")]
pub enum ApiError {
    /// Nobody is signed in, or the session ended.
    #[error("You are signed out. Open a fresh sign-in link, then try again.")]
    SignedOut,
    /// The member's role does not allow it. Different from "missing" on purpose.
    #[error("You have no permission to {action}.")]
    Forbidden {
        /// What was tried, as a verb phrase.
        action: String,
    },
    /// There is no such thing in this organization.
    #[error("This {what} does not exist, or it belongs to another organization.")]
    NotFound {
        /// The noun.
        what: String,
    },
    /// A field holds something that cannot be taken.
    #[error("{message}")]
    Invalid {
        /// Name of the form field.
        field: String,
        /// What is wrong and what to do, as a sentence.
        message: String,
    },
    /// Something else changed meanwhile, or the state does not allow it.
    #[error("{message}")]
    Conflict {
        /// What happened and what to do, as a sentence.
        message: String,
    },
    /// There is one like it already, which may be replaced on purpose.
    #[error("{message}")]
    Taken {
        /// Its name.
        name: String,
        /// What is there and what to do, as a sentence.
        message: String,
    },
    /// Something that tells about a value was asked too often.
    #[error("{what}. Nothing was changed. Try again in {seconds} seconds.")]
    TooOften {
        /// What was done too often, as a sentence without its end.
        what: String,
        /// How long to wait.
        seconds: u64,
    },
    /// The request did not reach the server or could not be read.
    #[error("The server could not be reached or did not understand. Check the connection and try again.")]
    Connection,
    /// The server has no such function, because the page is older or newer than it is.
    #[error("This page is of another version than the server. Reload it, then try again.")]
    UnknownFunction,
    /// There is no room left where the server stores things.
    #[error("The server's disk is full. Nothing was changed. Ask an administrator to make room, then try again.")]
    DiskFull,
    /// A fault of ours; details are in the server's log, never here.
    #[error("Something went wrong on the server. Nothing was changed. The log names this as {reference}.")]
    Internal {
        /// Identifier under which the log has the details.
        reference: String,
    },
}

impl ApiError {
    /// A problem of one field.
    pub fn invalid(field: &str, message: impl Into<String>) -> Self {
        Self::Invalid { field: field.to_owned(), message: message.into() }
    }

    /// HTTP status of the answer.
    pub fn status(&self) -> u16 {
        match self {
            Self::SignedOut => 401,
            Self::Forbidden { .. } => 403,
            Self::NotFound { .. } | Self::UnknownFunction => 404,
            Self::Conflict { .. } | Self::Taken { .. } => 409,
            Self::Invalid { .. } => 422,
            Self::TooOften { .. } => 429,
            Self::Connection => 400,
            Self::Internal { .. } => 500,
            Self::DiskFull => 507,
        }
    }
}

impl FromServerFnError for ApiError {
    type Encoder = JsonText;

    fn from_server_fn_error(error: ServerFnErrorErr) -> Self {
        match error {
            // The text of these may quote the request, and the request may hold a value: it is dropped.
            ServerFnErrorErr::Args(_) | ServerFnErrorErr::MissingArg(_) => {
                Self::invalid("form", "The form was not complete. Reload the page and try again.")
            }
            _ => Self::Connection,
        }
    }
}
