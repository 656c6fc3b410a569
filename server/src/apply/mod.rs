//! `keyslot env apply` and `keyslot env scrub`: puts values into the env files of a workspace and takes them out again.
//!
//! Each file is all or nothing, and one that cannot be written holds up no other. New contents are put on the disk
//! beside their files and then take their names one by one, so a reader never sees half a file. Runs on one workspace
//! wait for each other (see the module `lock`).

mod dir;
mod exclude;
mod ignored;
mod index;
mod input;
mod links;
mod lock;
mod manifest;
mod path;
mod plan;
mod staged;

pub use input::{ApplyInput, INPUT_BYTES, InputError, Values};
pub use staged::staged_name;

use app::domain::report::{ApplyReport, Outcome};
use app::domain::{EnvSpec, RelativePath};
pub(crate) use dir::{Dir, Problem};
use lock::Lock;
use manifest::Manifest;
use plan::Plan;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Why a run could not even begin, or not be recorded. What happens to single files stands in the report.
#[derive(Debug, thiserror::Error)]
pub enum ApplyError {
    /// The workspace is no folder, or not reachable.
    #[error("the workspace {path:?} cannot be opened: {reason}")]
    Workspace {
        /// As given.
        path: PathBuf,
        /// Why.
        reason: std::io::Error,
    },
    /// Another run holds the lock for too long.
    #[error(
        "another run of keyslot has been busy in this workspace for {} seconds (it holds {path:?}); try again",
        lock::WAIT.as_secs()
    )]
    Busy {
        /// The lock file.
        path: PathBuf,
    },
    /// There is no private place for the lock.
    #[error("the lock of this workspace cannot be kept at {path:?}: {reason}; name another file with --lock")]
    Lock {
        /// Where it should lie.
        path: PathBuf,
        /// Why.
        reason: std::io::Error,
    },
    /// `.keyslot/applied.json` cannot be read or written.
    #[error("Keyslot's list of files in {folder}: {reason}", folder = manifest::FOLDER)]
    Manifest {
        /// Why.
        reason: String,
    },
}

impl From<Problem> for ApplyError {
    fn from(problem: Problem) -> Self {
        Self::Manifest { reason: problem.to_string() }
    }
}

/// Brings the workspace's env files to what the spec and the values say.
///
/// Keys without a value are left out. Files of earlier runs that the spec no longer has, or has no value for, lose
/// Keyslot's block. A file that could not be written is as it was, and the report says why. `lock` is a
/// file outside of the workspace; without one the run chooses a place of the user's.
pub fn apply(
    workspace: &Path,
    lock: Option<&Path>,
    spec: &EnvSpec,
    values: &ApplyInput,
) -> Result<ApplyReport, ApplyError> {
    let run = Run::begin(workspace, lock)?;
    let mut warnings = Vec::new();
    let earlier = Manifest::load(&run.root, &mut warnings)?;
    let (guests, refused) = links::find(&run.root, &run.workspace, spec, values);
    let mut plans = Vec::new();
    for file in &spec.files {
        let place = file.place();
        if guests.iter().any(|guest| guest.file.place() == place) {
            continue;
        }
        plans.push(match refused.iter().find(|refused| refused.place == place) {
            Some(refused) => Plan::refused(place, refused.reason.clone()),
            None => {
                let of_it = guests.iter().filter(|guest| guest.host == place).collect::<Vec<_>>();
                Plan::of_file(&run.root, spec, (file, &of_it), values, &mut warnings)
            }
        });
    }
    let linked = guests.iter().map(|guest| guest.file.place()).collect();
    let mut report = run.carry_out(plans, linked, earlier, warnings)?;
    for guest in &guests {
        if let Some(host) = report.files.iter().find(|file| file.place == guest.host) {
            let told = guest.report(host, values);
            report.files.push(told);
        }
    }
    let at = |place: &RelativePath| spec.files.iter().position(|file| file.place() == *place).unwrap_or(usize::MAX);
    report.files.sort_by_key(|file| at(&file.place));
    Ok(report)
}

/// Takes out exactly what [`apply`] put in, git's exclude files and the list of files included. `lock` as there.
pub fn scrub(workspace: &Path, lock: Option<&Path>) -> Result<ApplyReport, ApplyError> {
    let run = Run::begin(workspace, lock)?;
    let mut warnings = Vec::new();
    let earlier = Manifest::load(&run.root, &mut warnings)?;
    run.carry_out(Vec::new(), BTreeSet::new(), earlier, warnings)
}

/// A run that holds the workspace's lock.
struct Run {
    root: Dir,
    workspace: PathBuf,
    _lock: Lock,
}

impl Run {
    fn begin(workspace: &Path, lock: Option<&Path>) -> Result<Self, ApplyError> {
        let failed = |reason| ApplyError::Workspace { path: workspace.to_owned(), reason };
        let canonical = std::fs::canonicalize(workspace).map_err(failed)?;
        let root = Dir::open(&canonical).map_err(|error| failed(error.into()))?;
        let lock = match lock {
            Some(path) => Lock::take_at(path)?,
            None => Lock::take_of(&root, &canonical)?,
        };
        Ok(Self { root, workspace: canonical, _lock: lock })
    }

    fn carry_out(
        &self,
        mut plans: Vec<Plan>,
        linked: BTreeSet<RelativePath>,
        earlier: Manifest,
        mut warnings: Vec<String>,
    ) -> Result<ApplyReport, ApplyError> {
        let in_spec: BTreeSet<_> = plans.iter().map(|plan| plan.report.place.clone()).collect();
        let mut retry = BTreeSet::new();
        for place in earlier.files.iter().filter(|place| !in_spec.contains(place) && !linked.contains(place)) {
            let plan = Plan::of_dropped(&self.root, place.clone(), &mut warnings);
            match &plan.report.reason {
                None => plans.push(plan),
                // What stands there now is not what Keyslot wrote.
                Some(reason) => {
                    warnings.push(format!("{place}, written by an earlier run, is left alone: {reason}"));
                    retry.extend(plan.retry.then(|| place.clone()));
                }
            }
        }
        let has_block = |plans: &[Plan]| -> BTreeSet<RelativePath> {
            let kept = |plan: &&Plan| match plan.is_refused() {
                // It is as it was.
                true => earlier.files.contains(&plan.report.place),
                false => plan.keeps_block,
            };
            plans.iter().filter(kept).map(|plan| plan.report.place.clone()).chain(retry.iter().cloned()).collect()
        };
        let planned = has_block(&plans);

        // First the list and git's exclude files, then the values: a run that is cut off leaves nothing unknown.
        let during = Manifest { files: &planned | &earlier.files, repositories: earlier.repositories.clone() };
        during.store(&self.root)?;
        let excluded = exclude::update(&self.root, &self.workspace, &planned, &earlier.repositories, &mut warnings);
        let repositories: BTreeSet<_> = excluded.iter().flat_map(|entry| entry.repositories.clone()).collect();
        let during = Manifest { files: during.files, repositories: &repositories | &earlier.repositories };
        during.store(&self.root)?;
        self.write(&mut plans, &mut warnings);
        Manifest { files: has_block(&plans), repositories }.store(&self.root)?;
        plans.retain(|plan| in_spec.contains(&plan.report.place) || plan.report.outcome != Outcome::Unchanged);
        Ok(ApplyReport { files: plans.into_iter().map(|plan| plan.report).collect(), excluded, warnings })
    }

    /// Carries the plans out: every new content is on the disk before the first one takes its file's name.
    fn write(&self, plans: &mut [Plan], warnings: &mut Vec<String>) {
        let mut staged = Vec::new();
        for plan in plans.iter_mut().filter(|plan| !plan.is_refused()) {
            match plan.stage(&self.root) {
                Ok(file) => staged.push((plan, file)),
                Err(problem) => plan.refuse(&problem),
            }
        }
        for (plan, file) in staged {
            if let Err(problem) = plan.commit(&self.root, file, warnings) {
                plan.refuse(&problem);
            }
        }
    }
}
