//! Importing the text of an env file without a preview, as a plain form sends it.

use super::import::refusal;
use super::{Keyslot, ServiceError, require};
use app::api::import::{Destination, ImportEntry, Imported};
use app::api::{Actor, SecretInput};
use domain::import::{Choice, Plan, Row, Ruling, SameAsNow, Verdict, parse};
use domain::member::Role;
use domain::{SecretValue, limits};

impl Keyslot {
    /// Saves what every line gives, or names the lines that cannot be saved and saves nothing.
    pub(super) async fn import_lines(
        &self,
        actor: &Actor,
        destination: &Destination,
        choice: Choice,
        text: &SecretValue,
        unlisted: bool,
    ) -> Result<Imported, ServiceError> {
        require(actor, Role::Member, "change values")?;
        if text.len() > limits::IMPORT_BYTES {
            let message = format!("The text has {} bytes; at most {} are read.", text.len(), limits::IMPORT_BYTES);
            return Err(ServiceError::invalid("text", message));
        }
        let rows = parse(text.expose());
        let keys = rows.iter().filter_map(|row| row.key.as_ref().ok().cloned()).collect();
        let place = self.destination(actor, destination, &keys).await?;
        let planned = {
            let plan = match &place.target {
                Some(target) => Plan::new(&place.environment, target.session.is_some()),
                None => Plan::of_organization(),
            };
            let plan = plan.with_stored(&place.organization);
            let wanted = |row: &Row| {
                let listed = row.key.as_ref().is_ok_and(|key| plan.asks_for(key) || place.target.is_none());
                Ruling { ticked: Some(listed || unlisted), choice: None }
            };
            let rulings: Vec<_> = rows.iter().map(wanted).collect();
            plan.rows(&rows, choice, &rulings, &SameAsNow::new())
        };
        let (mut entries, mut problems, mut left_out) = (Vec::new(), Vec::new(), Vec::new());
        for (row, planned) in rows.iter().zip(planned) {
            match (&row.key, planned.verdict) {
                (Err(fault), _) => problems.push(format!("Line {}: {}", row.line, fault.unquoted())),
                (Ok(_), Verdict::Invalid) => {
                    problems.push(format!("Line {}: {}", row.line, planned.reason.unwrap_or_default()));
                }
                (Ok(key), Verdict::NotInSpec) if !planned.ticked => left_out.push(key.clone()),
                (Ok(_), Verdict::Repeated) => {}
                (Ok(key), verdict) if planned.wants_choice && verdict != Verdict::NotInSpec => {
                    problems
                        .push(format!("Line {}: {key} belongs to no repository; choose where to save it", row.line));
                }
                (Ok(key), _) => entries.extend(planned.at.into_iter().map(|(scope, _)| ImportEntry {
                    key: key.clone(),
                    file: None,
                    scope,
                    value: SecretInput::new(row.value.expose().to_owned()),
                    seen: None,
                })),
            }
        }
        if !problems.is_empty() {
            return Err(refusal("text", &problems));
        }
        if entries.is_empty() {
            let message = "No line of the text gives a value for a key of this environment.";
            return Err(ServiceError::invalid("text", message));
        }
        self.import(actor, destination, entries, left_out).await
    }
}
