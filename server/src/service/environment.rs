//! The Environment of a session or a configuration.

use super::{Keyslot, ServiceError};
use crate::boot::Opened;
use crate::store::{ConfigurationRow, Keys, SessionRow, SpecRow};
use app::api::environment::{EnvironmentBackend, EnvironmentTarget, ReaderChoice, SlotAddress, UnusedSecrets};
use app::api::{Actor, ApiError};
use async_trait::async_trait;
use domain::environment::{Seen, hide_measures};
use domain::ids::{OrganizationId, SessionId};
use domain::member::Role;
use domain::request::RequestedKey;
use domain::{Environment, KeyName, RelativePath, SecretValue, limits};
use std::collections::BTreeSet;

/// What an [`EnvironmentTarget`] names, looked up.
pub(super) struct Target {
    pub configuration: ConfigurationRow,
    pub session: Option<SessionRow>,
}

#[async_trait]
impl EnvironmentBackend for Keyslot {
    async fn environment(&self, actor: &Actor, target: &EnvironmentTarget) -> Result<Environment, ApiError> {
        let mut environment = self.environment_of(&actor.organization, target).await?;
        if actor.role < Role::Member {
            environment.hide_measures();
        }
        Ok(environment)
    }

    async fn unused_secrets(
        &self,
        actor: &Actor,
        target: &EnvironmentTarget,
        after: Option<&KeyName>,
    ) -> Result<UnusedSecrets, ApiError> {
        let mut page = self.unused_after(&actor.organization, target, after).await?;
        if actor.role < Role::Member {
            hide_measures(&mut page.secrets);
        }
        Ok(page)
    }

    async fn set_value(
        &self,
        actor: &Actor,
        address: &SlotAddress,
        value: SecretValue,
        seen: Option<&Seen>,
    ) -> Result<Environment, ApiError> {
        Ok(self.save_value(actor, address, value, seen).await?)
    }

    async fn generate_value(
        &self,
        actor: &Actor,
        address: &SlotAddress,
        seen: Option<&Seen>,
    ) -> Result<Environment, ApiError> {
        Ok(self.save_generated(actor, address, seen).await?)
    }

    async fn promote_value(&self, actor: &Actor, address: &SlotAddress) -> Result<Environment, ApiError> {
        Ok(self.promote(actor, address).await?)
    }

    async fn delete_value(&self, actor: &Actor, address: &SlotAddress) -> Result<Environment, ApiError> {
        Ok(self.remove_value(actor, address).await?)
    }

    async fn set_file_readers(
        &self,
        actor: &Actor,
        target: &EnvironmentTarget,
        file: &RelativePath,
        choice: ReaderChoice,
        anyway: bool,
    ) -> Result<Environment, ApiError> {
        Ok(self.choose_readers(actor, target, file, choice, anyway).await?)
    }

    async fn set_plain_key(
        &self,
        actor: &Actor,
        target: &EnvironmentTarget,
        key: &KeyName,
        plain: bool,
    ) -> Result<Environment, ApiError> {
        Ok(self.call_plain(actor, target, key, plain).await?)
    }
}

impl Keyslot {
    pub(crate) async fn session_row(
        &self,
        organization: &OrganizationId,
        session: &SessionId,
    ) -> Result<SessionRow, ServiceError> {
        let found = self.store().session(organization, session).await?;
        found.ok_or_else(|| ServiceError::not_found("session"))
    }

    pub(super) async fn target(
        &self,
        organization: &OrganizationId,
        target: &EnvironmentTarget,
    ) -> Result<Target, ServiceError> {
        let (id, session) = match target {
            EnvironmentTarget::Configuration(id) => (id.clone(), None),
            EnvironmentTarget::Session(id) => {
                let session = self.session_row(organization, id).await?;
                (session.configuration.clone(), Some(session))
            }
        };
        Ok(Target { configuration: self.configuration(organization, &id).await?, session })
    }

    /// Reads the spec, what agents asked for and the values of the keys that these name, in one query each, opens and
    /// resolves.
    pub(super) async fn open(&self, organization: &OrganizationId, target: &Target) -> Result<Opened, ServiceError> {
        self.open_asking(organization, target, &[]).await
    }

    /// The same as if these keys were asked for too.
    pub(super) async fn open_asking(
        &self,
        organization: &OrganizationId,
        target: &Target,
        asking: &[RequestedKey],
    ) -> Result<Opened, ServiceError> {
        let data_key = self.data_key(organization).await?;
        let configuration = &target.configuration;
        let session = target.session.as_ref().map(|session| &session.id);
        let (spec, mut asked) = self.asked_for(organization, target).await?;
        asked.extend_from_slice(asking);
        let named = named_by(spec.as_ref(), &asked);
        let rows = self.store().values_for(organization, &configuration.id, session, Keys::Named(&named)).await?;
        let mut opened = Opened::new(&data_key, organization, spec, &asked, configuration, &rows);
        opened.environment.plain = self.store().plain_keys(organization, &configuration.id).await?;
        Ok(opened)
    }

    /// What a target needs: the spec, and what agents asked for beside it.
    async fn asked_for(
        &self,
        organization: &OrganizationId,
        target: &Target,
    ) -> Result<(Option<SpecRow>, Vec<RequestedKey>), ServiceError> {
        let spec = self.store().spec(organization, &target.configuration.id).await?;
        let mut asked = Vec::new();
        if let Some(session) = &target.session {
            let requests = self.store().requests(organization, &session.id).await?;
            asked.extend(requests.into_iter().flat_map(|request| request.keys));
        }
        Ok((spec, asked))
    }

    /// What a boot of a session hands over: everything stored for it, opened and resolved.
    pub async fn opened(&self, organization: &OrganizationId, session: SessionRow) -> Result<Opened, ServiceError> {
        let configuration = self.configuration(organization, &session.configuration).await?;
        self.open(organization, &Target { configuration, session: Some(session) }).await
    }

    /// An environment as it is shown.
    pub(super) async fn environment_of(
        &self,
        organization: &OrganizationId,
        target: &EnvironmentTarget,
    ) -> Result<Environment, ServiceError> {
        let target = self.target(organization, target).await?;
        let mut environment = self.open(organization, &target).await?.environment;
        environment.chosen_readers = self.store().chosen_readers(organization, &target.configuration.id).await?;
        Ok(environment)
    }

    /// The organization's secrets that no slot names, a page of them.
    async fn unused_after(
        &self,
        organization: &OrganizationId,
        target: &EnvironmentTarget,
        after: Option<&KeyName>,
    ) -> Result<UnusedSecrets, ServiceError> {
        let target = self.target(organization, target).await?;
        let (spec, asked) = self.asked_for(organization, &target).await?;
        let named = named_by(spec.as_ref(), &asked);
        // One more than is listed tells whether there are more.
        let most = limits::SECRETS_PAGE + 1;
        let mut rows = self.store().secrets_beside(organization, &named, after, most).await?;
        let more = rows.len() == most;
        rows.truncate(limits::SECRETS_PAGE);
        // Nobody opens what is not used here.
        Ok(UnusedSecrets { secrets: rows.iter().map(|row| row.stored(true)).collect(), more })
    }
}

/// The keys that a spec or a request names.
fn named_by(spec: Option<&SpecRow>, asked: &[RequestedKey]) -> BTreeSet<KeyName> {
    let mut named = spec.map(|row| row.spec.key_names()).unwrap_or_default();
    named.extend(asked.iter().map(|key| key.asked.key.clone()));
    named
}
