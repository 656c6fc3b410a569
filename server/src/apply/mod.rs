//! `keyslot env apply` and `keyslot env scrub`: puts values into the env files of a workspace and takes them out again.
//!
//! A run looks at every file first and writes only if none is refused. New contents are put on the disk beside their
//! files and then take their names one by one, so a reader never sees half a file. Runs on one workspace wait for each
//! other (see the module `lock`).

mod dir;
mod exclude;
mod input;
mod lock;
mod manifest;
mod plan;

pub use dir::staged_name;
pub use input::{ApplyInput, INPUT_BYTES, InputError, Values};

use app::domain::EnvSpec;
use app::domain::report::{ApplyReport, Outcome};
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
/// Keyslot's block. If the report is not complete, nothing was written. `lock` is a file outside of the workspace; without
/// one the run chooses a place of the user's.
pub fn apply(
    workspace: &Path,
    lock: Option<&Path>,
    spec: &EnvSpec,
    values: &ApplyInput,
) -> Result<ApplyReport, ApplyError> {
    let run = Run::begin(workspace, lock)?;
    let mut warnings = Vec::new();
    let earlier = Manifest::load(&run.root, &mut warnings)?;
    let plan = |file| Plan::of_file(&run.root, spec, file, values, &mut warnings);
    let plans: Vec<Plan> = spec.files.iter().map(plan).collect();
    run.carry_out(plans, earlier, warnings)
}

/// Takes out exactly what [`apply`] put in, git's exclude files and the list of files included. `lock` as there.
pub fn scrub(workspace: &Path, lock: Option<&Path>) -> Result<ApplyReport, ApplyError> {
    let run = Run::begin(workspace, lock)?;
    let mut warnings = Vec::new();
    let earlier = Manifest::load(&run.root, &mut warnings)?;
    run.carry_out(Vec::new(), earlier, warnings)
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
        earlier: Manifest,
        mut warnings: Vec<String>,
    ) -> Result<ApplyReport, ApplyError> {
        if plans.iter().any(Plan::is_refused) {
            return Ok(held(plans, warnings));
        }
        let in_spec: BTreeSet<_> = plans.iter().map(|plan| plan.report.place.clone()).collect();
        let mut retry = BTreeSet::new();
        for place in earlier.files.difference(&in_spec) {
            let plan = Plan::of_dropped(&self.root, place.clone(), &mut warnings);
            match &plan.report.reason {
                None => plans.push(plan),
                // What stands there now is not what Keyslot wrote; it must not stop the files of the spec.
                Some(reason) => {
                    warnings.push(format!("{place}, written by an earlier run, is left alone: {reason}"));
                    retry.extend(plan.retry.then(|| place.clone()));
                }
            }
        }
        let kept = plans.iter().filter(|plan| plan.keeps_block).map(|plan| plan.report.place.clone());
        let mut after = Manifest { files: kept.chain(retry).collect(), repositories: BTreeSet::new() };

        // First the list and git's exclude files, then the values: a run that is cut off leaves nothing unknown.
        let during = Manifest {
            files: after.files.union(&earlier.files).cloned().collect(),
            repositories: earlier.repositories.clone(),
        };
        during.store(&self.root)?;
        let excluded = exclude::update(&self.root, &self.workspace, &after.files, &earlier.repositories, &mut warnings);
        after.repositories = excluded.iter().flat_map(|entry| entry.repositories.clone()).collect();
        Manifest { files: during.files, repositories: &after.repositories | &earlier.repositories }
            .store(&self.root)?;
        if self.write(&mut plans) {
            after.store(&self.root)?;
        }
        plans.retain(|plan| in_spec.contains(&plan.report.place) || plan.report.outcome != Outcome::Unchanged);
        Ok(ApplyReport { files: plans.into_iter().map(|plan| plan.report).collect(), excluded, warnings })
    }

    /// Carries the plans out and tells whether all of them went well.
    fn write(&self, plans: &mut [Plan]) -> bool {
        let mut staged = Vec::new();
        for at in 0..plans.len() {
            match plans[at].stage(&self.root) {
                Ok(file) => staged.push(file),
                Err(problem) => {
                    // Dropping what is staged takes the new contents away again.
                    plans[at].refuse(&problem);
                    plans.iter_mut().for_each(Plan::hold);
                    return false;
                }
            }
        }
        let mut all = true;
        for (plan, file) in plans.iter_mut().zip(staged) {
            if let Err(problem) = plan.commit(&self.root, file) {
                plan.refuse(&problem);
                all = false;
            }
        }
        all
    }
}

fn held(mut plans: Vec<Plan>, warnings: Vec<String>) -> ApplyReport {
    plans.iter_mut().for_each(Plan::hold);
    ApplyReport { files: plans.into_iter().map(|plan| plan.report).collect(), excluded: Vec::new(), warnings }
}
