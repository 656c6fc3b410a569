//! Members of an organization.

use super::words::words;
use serde::{Deserialize, Serialize};

/// What a member may do; each role may do what those before it may.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Sees names and statuses.
    Viewer,
    /// Also connects repositories, runs sessions and fills in values.
    Member,
    /// Also manages organization-wide things.
    Admin,
    /// Everything.
    Owner,
}

words!(Role, "role", Viewer = "viewer", Member = "member", Admin = "admin", Owner = "owner");
