//! What the server pushes: facts about what changed, never what it changed to.

use serde::{Deserialize, Serialize};

/// One thing of a session that changed. Sent on `/events/sessions/{id}` as the data of a `change` event, in JSON.
/// After a gap the server sends `resync` events instead: everything must be fetched again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Change {
    /// The spec, a value or a status.
    Environment,
    /// A new entry in the thread.
    Thread,
    /// The session's state, progress or receipt.
    Session,
    /// A value request of the session.
    Request,
    /// How far changes reached the session's sandboxes.
    Delivery,
    /// The session's tokens.
    Token,
}

/// Path of a session's event stream.
pub fn events_path(session: &crate::domain::ids::SessionId) -> String {
    format!("/events/sessions/{session}")
}
