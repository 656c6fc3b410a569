//! What the server pushes: facts about what changed, never what it changed to.
//!
//! An event stream tells `change` (its data names what, in JSON), `resync` (changes may have been missed: fetch
//! everything once), `watching` (nothing was missed up to here), `beat` (a sign of life) and, last, `signed-out`. Each
//! of the first three has an id; whoever comes back with it, in the header `Last-Event-ID` or as `?since=`, is told what
//! it missed.

use serde::{Deserialize, Serialize};

/// One thing of a session that changed. Sent on `/events/sessions/{id}` as the data of a `change` event, in JSON.
/// After a gap the server sends one `resync` event instead: everything must be fetched again.
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
    /// A proposal of the session.
    Proposal,
    /// How far changes reached the session's sandboxes.
    Delivery,
    /// The snapshots of the session's configuration.
    Snapshot,
    /// The session's tokens.
    Token,
    /// The auto-start commands: those stored, where each one stands, or what it printed.
    Command,
}

/// One thing of an organization that changed. Sent on [`ORGANIZATION_EVENTS`] in the same way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OrganizationChange {
    /// What the repositories page lists: configurations, their readiness and their sessions.
    Configurations,
    /// The organization's secrets.
    Secrets,
}

/// Path of the organization's event stream.
pub const ORGANIZATION_EVENTS: &str = "/events/organization";

/// Path of a session's event stream.
pub fn events_path(session: &domain::ids::SessionId) -> String {
    format!("/events/sessions/{session}")
}
