//! What is a secret and what is a plain setting: people say so, key by key, for a configuration.

use super::{Keyslot, ServiceError, require};
use crate::events::Fact;
use crate::store::Reach;
use app::api::Actor;
use app::api::environment::EnvironmentTarget;
use domain::member::Role;
use domain::{Environment, KeyName};

impl Keyslot {
    /// Notes that a key is plain in the target's configuration, or that it is none any more.
    pub(super) async fn call_plain(
        &self,
        actor: &Actor,
        target: &EnvironmentTarget,
        key: &KeyName,
        plain: bool,
    ) -> Result<Environment, ServiceError> {
        require(actor, Role::Member, "say what is a secret")?;
        let organization = &actor.organization;
        let found = self.target(organization, target).await?;
        let configuration = &found.configuration.id;
        self.store().set_plain_key(organization, configuration, key, &actor.member, plain).await?;
        tracing::info!(%organization, %configuration, %key, by = %actor.member, plain, "a key was called plain, or no more");
        self.events().tell(organization, Fact::Environment(configuration.clone()));
        // No file changes, but what running commands print is shown anew.
        self.follow_all_behind(organization, Reach::Spec(configuration)).await?;
        self.environment_of(organization, target).await
    }
}
