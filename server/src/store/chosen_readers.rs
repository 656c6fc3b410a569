//! The readers that people chose for files of a configuration: every version of its spec is saved with them.

use super::configuration_edits::lock;
use super::specs::{SavedSpec, newest};
use super::sql::{Tx, all, execute, from_json};
use super::{Store, StoreError};
use domain::file_readers::ChosenReaders;
use domain::ids::{ConfigurationId, MemberId, OrganizationId};
use domain::reader::Reader;
use domain::spec::SpecDiff;
use domain::{EnvSpec, RelativePath};
use serde_json::Value;
use sqlx::types::Json;

/// Who chooses, as the tables know them.
#[derive(Clone, Copy, Debug)]
pub struct Chooser<'a> {
    /// Their id.
    pub member: &'a MemberId,
    /// Their name, which the new version of the spec tells.
    pub name: &'a str,
}

impl Store {
    /// The readers that people chose for files of a configuration.
    pub async fn chosen_readers(
        &self,
        organization: &OrganizationId,
        configuration: &ConfigurationId,
    ) -> Result<Vec<ChosenReaders>, StoreError> {
        let rows = all!(
            self.db,
            (String, Json<Value>, String, i64),
            "SELECT c.place, c.readers, m.name, c.chosen_at FROM chosen_readers c
             JOIN members m ON m.organization_id = c.organization_id AND m.id = c.chosen_by
             WHERE c.organization_id = $1 AND c.configuration_id = $2 ORDER BY c.place",
            organization.as_str(),
            configuration.as_str(),
        )?;
        let choice = |(place, readers, by, at): (String, Json<Value>, String, i64)| {
            let readers = from_json("the chosen readers", readers);
            let place = RelativePath::new(&place).ok()?;
            Some(readers.map(|readers| ChosenReaders { place, readers, by, at }))
        };
        rows.into_iter().filter_map(choice).collect()
    }

    /// Chooses the readers of a file of the newest spec, or with `None` takes the choice back, so that those count which
    /// the spec names itself. Saves a new version of the spec if that changes it. Returns the readers that count now.
    pub async fn choose_readers(
        &self,
        organization: &OrganizationId,
        configuration: &ConfigurationId,
        place: &RelativePath,
        readers: Option<&[Reader]>,
        by: Chooser<'_>,
    ) -> Result<Vec<Reader>, StoreError> {
        let mut tx = self.begin().await?;
        lock(&mut tx, organization, configuration).await?;
        let (current, before) = newest(&mut tx, organization, configuration).await?;
        let mut spec = before.clone();
        let file = spec.files.iter_mut().find(|file| file.place() == *place);
        let file = file.ok_or(StoreError::NotFound("the file"))?;
        match readers {
            Some(readers) => {
                choose(&mut tx, (organization, configuration, place), (readers, &file.readers), by.member, self.now())
                    .await?;
                file.readers = readers.to_vec();
            }
            None => {
                let known = choices(&mut tx, organization, configuration).await?;
                if let Some(choice) = known.into_iter().find(|choice| choice.place == place.as_str()) {
                    file.readers = choice.declared;
                }
                execute!(
                    tx,
                    "DELETE FROM chosen_readers WHERE organization_id = $1 AND configuration_id = $2 AND place = $3",
                    organization.as_str(),
                    configuration.as_str(),
                    place.as_str(),
                )?;
            }
        }
        let now = file.readers.clone();
        if spec != before {
            let saved = SavedSpec { version: current + 1, diff: SpecDiff::default(), is_new: true };
            self.insert_spec(&mut tx, organization, configuration, &spec, &saved, by.name).await?;
        }
        tx.commit().await?;
        Ok(now)
    }
}

/// Stores a choice; what the spec named before the first one stays known as declared.
async fn choose(
    tx: &mut Tx,
    (organization, configuration, place): (&OrganizationId, &ConfigurationId, &RelativePath),
    (readers, declared): (&[Reader], &[Reader]),
    by: &MemberId,
    now: i64,
) -> Result<(), StoreError> {
    execute!(
        tx,
        "INSERT INTO chosen_readers
             (organization_id, configuration_id, place, readers, declared, chosen_by, chosen_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7)
         ON CONFLICT (organization_id, configuration_id, place)
         DO UPDATE SET readers = excluded.readers, chosen_by = excluded.chosen_by, chosen_at = excluded.chosen_at",
        organization.as_str(),
        configuration.as_str(),
        place.as_str(),
        Json(readers),
        Json(declared),
        by.as_str(),
        now,
    )
    .map_err(|error| error.or_not_found("the member"))
    .map(drop)
}

struct Choice {
    place: String,
    readers: Vec<Reader>,
    declared: Vec<Reader>,
}

async fn choices(
    tx: &mut Tx,
    organization: &OrganizationId,
    configuration: &ConfigurationId,
) -> Result<Vec<Choice>, StoreError> {
    let rows = all!(
        tx,
        (String, Json<Value>, Json<Value>),
        "SELECT place, readers, declared FROM chosen_readers WHERE organization_id = $1 AND configuration_id = $2",
        organization.as_str(),
        configuration.as_str(),
    )?;
    let choice = |(place, readers, declared)| {
        let what = "the chosen readers";
        Ok(Choice { place, readers: from_json(what, readers)?, declared: from_json(what, declared)? })
    };
    rows.into_iter().map(choice).collect()
}

/// The spec with the readers that people chose. What it names itself is kept as declared.
pub(super) async fn with_choices(
    tx: &mut Tx,
    organization: &OrganizationId,
    configuration: &ConfigurationId,
    spec: &EnvSpec,
) -> Result<EnvSpec, StoreError> {
    let mut spec = spec.clone();
    for choice in choices(tx, organization, configuration).await? {
        let Some(file) = spec.files.iter_mut().find(|file| file.place().as_str() == choice.place) else { continue };
        if file.readers == choice.readers {
            continue;
        }
        if file.readers != choice.declared {
            execute!(
                tx,
                "UPDATE chosen_readers SET declared = $4
                 WHERE organization_id = $1 AND configuration_id = $2 AND place = $3",
                organization.as_str(),
                configuration.as_str(),
                choice.place.as_str(),
                Json(&file.readers),
            )?;
        }
        file.readers = choice.readers;
    }
    Ok(spec)
}
