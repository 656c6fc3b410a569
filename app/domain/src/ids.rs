//! Identifiers. Each noun has its own type, so that one cannot be passed where another is meant.

use serde::{Deserialize, Serialize};
use std::fmt;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(inline))]
        #[serde(transparent)]
        pub struct $name(pub String);

        impl $name {
            /// The identifier as text, as stored and as used in URLs.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl From<String> for $name {
            fn from(id: String) -> Self {
                Self(id)
            }
        }

        impl From<&str> for $name {
            fn from(id: &str) -> Self {
                Self(id.to_owned())
            }
        }
    };
}

id!(
    /// An organization; every row and every query belongs to exactly one.
    OrganizationId
);
id!(
    /// A member of an organization.
    MemberId
);
id!(
    /// A connected git repository.
    RepositoryId
);
id!(
    /// A configuration: repositories, env spec, auto-start commands and snapshot.
    ConfigurationId
);
id!(
    /// A run of a configuration.
    SessionId
);
id!(
    /// A value request: an agent asking people for values.
    RequestId
);
id!(
    /// A proposal: a change by an agent that waits for a person.
    ProposalId
);
id!(
    /// A sandbox: where the files of a session are written.
    SandboxId
);
id!(
    /// A session token: what an agent or a sandbox elsewhere shows to be let in.
    SessionTokenId
);
id!(
    /// A snapshot: an archive of a workspace with every secret taken out.
    SnapshotId
);
