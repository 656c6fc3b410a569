//! `keyslot env apply` and `keyslot env scrub`: puts values into the env files of a workspace and takes them out again.
//!
//! Each file is all or nothing, and one that cannot be written holds up no other. New contents are put on the disk
//! beside their files and then take their names one by one, so a reader never sees half a file. Runs on one workspace
//! wait for each other (see the module `lock`).

mod check;
mod collect;
mod diff;
mod dir;
mod exclude;
mod found;
mod ignored;
mod index;
mod input;
mod links;
mod lock;
mod manifest;
mod path;
mod plan;
mod staged;

pub use check::check;
pub use collect::{CollectError, Collected, from_files, from_input};
pub use diff::{DiffReport, FileChange, FileDiff, diff};
pub use dir::{Dir, Problem};
pub use found::replace_file;
pub use input::{ApplyInput, INPUT_BYTES, InputError, Values};
pub use staged::staged_name;

use domain::report::{ApplyReport, Outcome};
use domain::{EnvSpec, RelativePath};
use exclude::Updated;
use links::Guest;
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
    let earlier = Manifest::load(&run.workspace.root, &mut warnings)?;
    let (plans, guests) = run.workspace.plan(spec, values, &mut warnings);
    let linked = guests.iter().map(|guest| guest.file.place()).collect();
    let mut report = run.carry_out(plans, linked, earlier, warnings)?;
    for guest in &guests {
        if let Some(host) = report.files.iter().find(|file| file.place == guest.host) {
            let told = guest.report(host, values);
            report.files.push(told);
        }
    }
    report.files.sort_by_key(|file| order(spec, &file.place));
    Ok(report)
}

/// Where a place stands in the spec; places that it does not have come last.
fn order(spec: &EnvSpec, place: &RelativePath) -> usize {
    spec.files.iter().position(|file| file.place() == *place).unwrap_or(usize::MAX)
}

/// Takes out exactly what [`apply`] put in, git's exclude files and the list of files included. `lock` as there.
pub fn scrub(workspace: &Path, lock: Option<&Path>) -> Result<ApplyReport, ApplyError> {
    let run = Run::begin(workspace, lock)?;
    let mut warnings = Vec::new();
    let earlier = Manifest::load(&run.workspace.root, &mut warnings)?;
    run.carry_out(Vec::new(), BTreeSet::new(), earlier, warnings)
}

/// An open workspace.
struct Workspace {
    root: Dir,
    path: PathBuf,
}

impl Workspace {
    fn open(path: &Path) -> Result<Self, ApplyError> {
        let failed = |reason| ApplyError::Workspace { path: path.to_owned(), reason };
        let canonical = std::fs::canonicalize(path).map_err(failed)?;
        let root = Dir::open(&canonical).map_err(|error| failed(error.into()))?;
        Ok(Self { root, path: canonical })
    }

    /// What is to be done with each file of the spec, and the files that are symlinks to others of it.
    fn plan<'a>(
        &self,
        spec: &'a EnvSpec,
        values: &ApplyInput,
        warnings: &mut Vec<String>,
    ) -> (Vec<Plan>, Vec<Guest<'a>>) {
        let (guests, refused) = links::find(&self.root, &self.path, spec, values);
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
                    Plan::of_file(&self.root, spec, (file, &of_it), values, warnings)
                }
            });
        }
        (plans, guests)
    }

    /// What is to be done with files of earlier runs that the spec no longer has.
    fn plan_dropped(
        &self,
        earlier: &Manifest,
        in_spec: &BTreeSet<RelativePath>,
        warnings: &mut Vec<String>,
    ) -> Vec<Plan> {
        let mut plans = Vec::new();
        for place in earlier.files.difference(in_spec) {
            let plan = Plan::of_dropped(&self.root, place.clone(), warnings);
            match &plan.report.reason {
                // What stands there now is not what Keyslot wrote.
                Some(reason) if !plan.retry => {
                    warnings.push(format!("{place}, written by an earlier run, is left alone: {reason}"));
                }
                _ => plans.push(plan),
            }
        }
        plans
    }
}

/// The places with a block of Keyslot once the plans are carried out.
fn places_with_block(plans: &[Plan], earlier: &Manifest) -> BTreeSet<RelativePath> {
    let kept = |plan: &&Plan| match plan.is_refused() {
        // It is as it was.
        true => earlier.files.contains(&plan.report.place),
        false => plan.keeps_block,
    };
    plans.iter().filter(kept).map(|plan| plan.report.place.clone()).collect()
}

/// A run that holds the workspace's lock.
struct Run {
    workspace: Workspace,
    _lock: Lock,
}

impl Run {
    fn begin(workspace: &Path, lock: Option<&Path>) -> Result<Self, ApplyError> {
        let workspace = Workspace::open(workspace)?;
        let lock = match lock {
            Some(path) => Lock::take_at(path)?,
            None => Lock::take_of(&workspace.root, &workspace.path)?,
        };
        Ok(Self { workspace, _lock: lock })
    }

    fn carry_out(
        &self,
        mut plans: Vec<Plan>,
        linked: BTreeSet<RelativePath>,
        earlier: Manifest,
        mut warnings: Vec<String>,
    ) -> Result<ApplyReport, ApplyError> {
        let Workspace { root, path } = &self.workspace;
        let in_spec: BTreeSet<_> = plans.iter().map(|plan| plan.report.place.clone()).collect();
        plans.extend(self.workspace.plan_dropped(&earlier, &(&in_spec | &linked), &mut warnings));
        let planned = places_with_block(&plans, &earlier);

        // First the list and git's exclude files, then the values: a run that is cut off leaves nothing unknown.
        let during = Manifest { files: &planned | &earlier.files, repositories: earlier.repositories.clone() };
        during.store(root)?;
        let Updated { excluded, failed } = exclude::update(root, path, &planned, &earlier.repositories, &mut warnings);
        let repositories: BTreeSet<_> =
            excluded.iter().flat_map(|entry| entry.repositories.clone()).chain(failed).collect();
        let during = Manifest { files: during.files, repositories: &repositories | &earlier.repositories };
        during.store(root)?;
        self.write(&mut plans, &mut warnings);
        Manifest { files: places_with_block(&plans, &earlier), repositories }.store(root)?;
        plans.retain(|plan| in_spec.contains(&plan.report.place) || plan.report.outcome != Outcome::Unchanged);
        Ok(ApplyReport { files: plans.into_iter().map(|plan| plan.report).collect(), excluded, warnings })
    }

    /// Carries the plans out: every new content is on the disk before the first one takes its file's name.
    fn write(&self, plans: &mut [Plan], warnings: &mut Vec<String>) {
        let mut staged = Vec::new();
        for plan in plans.iter_mut().filter(|plan| !plan.is_refused()) {
            match plan.stage(&self.workspace.root) {
                Ok(file) => staged.push((plan, file)),
                Err(problem) => plan.refuse(&problem),
            }
        }
        for (plan, file) in staged {
            if let Err(problem) = plan.commit(&self.workspace.root, file, warnings) {
                plan.refuse(&problem);
            }
        }
    }
}
