//! The built-in setup agent: scans the checkout and saves the spec that it finds, as any other agent would.

use super::spec::counted;
use super::{Keyslot, ServiceError};
use crate::sandbox::LocalSandbox;
use crate::store::SessionRow;
use app::api::thread::ThreadEvent;
use domain::file_readers::ReaderEvidence;
use domain::ids::OrganizationId;
use domain::{EnvSpec, RelativePath};
use sandbox::discover::{Discovery, discover};
use std::path::PathBuf;

/// The agent's name in threads and spec versions.
pub(super) const NAME: &str = "Setup agent";

impl Keyslot {
    /// Scans the session's checkout, says what it found, and saves the spec.
    pub(super) async fn run_setup_agent(
        &self,
        organization: &OrganizationId,
        session: &SessionRow,
    ) -> Result<(), ServiceError> {
        let speak =
            |text: String| self.say(organization, &session.id, ThreadEvent::Message { author: NAME.to_owned(), text });
        let configuration = self.configuration(organization, &session.configuration).await?;
        speak(format!("I look through {} for example env files, such as .env.example.", configuration.name)).await?;
        let workspace = LocalSandbox::workspace(&PathBuf::from(&session.workspace_dir));
        let places: Vec<RelativePath> =
            configuration.repositories.iter().map(|row| row.repository.workspace_path.clone()).collect();
        let found = tokio::task::spawn_blocking(move || discover(&workspace, &places)).await?;
        let found =
            found.map_err(|error| ServiceError::conflict(format!("The checkout could not be scanned: {error}.")))?;
        speak(account(&found)).await?;
        if found.spec.files.is_empty() {
            return Ok(());
        }
        let before = self.store().spec(organization, &session.configuration).await?;
        let spec = match before {
            // What people or other agents saved stays; the scan only adds to it.
            Some(row) if row.saved_by != NAME => merged(row.spec, found.spec),
            _ => found.spec,
        };
        self.save_env_files(organization, session, spec, NAME).await?;
        Ok(())
    }
}

/// What was found, as a message.
fn account(found: &Discovery) -> String {
    let mut lines = Vec::new();
    if found.read.is_empty() {
        lines.push(
            "I found no example env file (.env.example, .env.sample, .env.template or .env.dist). \
             Add one to the repository and start another setup session."
                .to_owned(),
        );
    } else {
        let (keys, files) = (found.spec.slot_count(), found.spec.files.len());
        lines.push(format!("I found {} for {}:", counted(keys, "key"), counted(files, "env file")));
        lines.extend(found.read.iter().map(|(place, keys)| format!("• {place}: {}", counted(*keys, "key"))));
    }
    let readers = found.spec.files.iter().filter(|file| !file.readers.is_empty());
    lines.extend(readers.map(|file| {
        let shown: Vec<_> = file.reader_evidence.iter().map(shown_by).collect();
        format!("• {} is read by {}", file.place(), shown.join(", "))
    }));
    lines.extend(found.skipped.iter().map(|(place, reason)| format!("• {place} was left out: {reason}")));
    lines.join("\n")
}

/// A reader and what shows it.
fn shown_by(evidence: &ReaderEvidence) -> String {
    let line = evidence.line.map_or_else(String::new, |line| format!(":{line}"));
    format!("{} ({}{line})", evidence.reader.name(), evidence.path)
}

/// `known` with every file, reader and key that only `found` has.
fn merged(mut known: EnvSpec, found: EnvSpec) -> EnvSpec {
    for file in found.files {
        match known.files.iter_mut().find(|old| old.place() == file.place()) {
            None => known.files.push(file),
            Some(old) => {
                if old.readers.is_empty() {
                    (old.readers, old.reader_evidence) = (file.readers, file.reader_evidence);
                }
                let new = file.keys.into_iter().filter(|slot| old.keys.iter().all(|kept| kept.key != slot.key));
                let new: Vec<_> = new.collect();
                old.keys.extend(new);
            }
        }
    }
    known
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scan_adds_to_what_an_agent_saved_and_takes_nothing_away() {
        let spec = |json: &str| EnvSpec::from_json(json).expect("a spec");
        let known = spec(r#"{"files":[{"path":".env","keys":[{"key":"A","required":false}]}]}"#);
        let found = spec(
            r#"{"files":[{"path":".env","keys":[{"key":"A"},{"key":"B"}]},{"path":"web/.env","keys":[{"key":"C"}]}]}"#,
        );
        let both = spec(
            r#"{"files":[{"path":".env","keys":[{"key":"A","required":false},{"key":"B"}]},
                {"path":"web/.env","keys":[{"key":"C"}]}]}"#,
        );
        assert_eq!(merged(known, found), both);
    }
}
