//! What is told.

use app::api::live::Change;
use domain::ids::{ConfigurationId, OrganizationId, SessionId};
use serde::{Deserialize, Serialize};

/// Something that changed in an organization. It holds names and kinds, never values.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Fact {
    /// One thing of one session.
    Session(SessionId, Change),
    /// The environment of a configuration, and so that of each of its sessions.
    Environment(ConfigurationId),
    /// How far changes reached the sandboxes of a configuration's sessions.
    Delivery(ConfigurationId),
    /// The snapshots of a configuration.
    Snapshots(ConfigurationId),
    /// What the repositories page lists.
    Configurations,
    /// The organization's own secrets.
    Secrets,
    /// Who is signed in, or what they may do: whoever watches must prove anew that they may.
    Access,
}

impl Fact {
    /// Whether a row of the repositories page may look different now.
    pub(super) fn changes_rows(&self) -> bool {
        matches!(
            self,
            Self::Session(_, Change::Session | Change::Environment | Change::Proposal)
                | Self::Environment(_)
                | Self::Configurations
        )
    }
}

/// What other parts of this process hear from [`super::Events::subscribe`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Heard {
    /// Something changed.
    Told {
        /// Whose it is.
        organization: OrganizationId,
        /// What changed.
        fact: Fact,
        /// Whether this process published it.
        local: bool,
    },
    /// What other processes told may have been missed: look at everything again.
    Missed,
}

impl Heard {
    /// Whether this thing of this session changed, or may have without being heard.
    pub fn may_be(&self, session: &SessionId, change: Change) -> bool {
        match self {
            Self::Told { fact: Fact::Session(of, what), .. } => of == session && *what == change,
            // Whose session of a configuration it is cannot be told from here.
            Self::Told { fact: Fact::Environment(_), .. } => change == Change::Environment,
            Self::Told { fact: Fact::Snapshots(_), .. } => change == Change::Snapshot,
            Self::Told { fact: Fact::Delivery(_) | Fact::Configurations | Fact::Secrets | Fact::Access, .. } => false,
            Self::Missed => true,
        }
    }
}
