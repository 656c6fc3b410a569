//! Which file a git object was: a person knows paths, not ids.

use super::look::Look;
use super::running::Running;
use crate::git::{Borrowed, Hash, Scratch};
use domain::snapshot::Spot;
use rustix::fs::FileType;
use sandbox::apply::Dir;
use std::collections::HashMap;
use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Seek, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Lists every object that there is, with its type.
const ALL: [&str; 5] =
    ["cat-file", "--batch-all-objects", "--batch-check=%(objecttype) %(objectname)", "--unordered", "--buffer"];
/// Lists what is in the commits that it is given, one by one: a shallow clone lacks what came before them.
const IN_COMMITS: [&str; 5] = ["rev-list", "--no-walk=unsorted", "--objects", "--missing=allow-any", "--stdin"];
/// Lists what is in the index.
const IN_INDEX: [&str; 2] = ["ls-files", "--stage"];

/// How long git may look for the names.
const LIMIT: Duration = Duration::from_secs(20);

/// Gives findings in git objects the path that the object has in the history, where git knows one soon.
pub(super) fn name_objects(look: &mut Look<'_>, workspace: &Path) {
    let mut repositories = HashMap::<String, HashMap<String, Option<String>>>::new();
    for finding in &look.report.findings {
        if let (Spot::GitObject(id), Some((repository, _))) = (&finding.spot, finding.place.split_once("/objects/")) {
            repositories.entry(repository.to_owned()).or_default().insert(id.clone(), None);
        }
    }
    for (repository, wanted) in &mut repositories {
        // Without the names the findings are still right.
        if let Err(error) = find(look, workspace, repository, wanted) {
            tracing::info!(%error, "the paths of git objects could not be found");
        }
    }
    for at in 0..look.report.findings.len() {
        let finding = &look.report.findings[at];
        let Spot::GitObject(id) = &finding.spot else { continue };
        let Some((repository, _)) = finding.place.split_once("/objects/") else { continue };
        let path = repositories.get(repository).and_then(|known| known.get(id)?.clone());
        if let Some(path) = path {
            let within = repository.strip_suffix(".git").unwrap_or_default();
            look.report.findings[at].place = look.clean(&format!("{within}{path}"));
        }
    }
}

/// Looks first into the index, then into every commit, whatever names it: references and reflogs of the workspace are
/// not read.
fn find(look: &Look<'_>, workspace: &Path, git: &str, wanted: &mut Wanted) -> io::Result<()> {
    let until = Instant::now() + LIMIT;
    let hash = if wanted.keys().any(|id| id.len() == 64) { Hash::Sha256 } else { Hash::Sha1 };
    let scratch = Scratch::new(look.wall, look.temporary, hash)?;
    let borrowed = Borrowed { workspace, git };
    let run = |arguments: &[&str]| scratch.git(arguments, Some(&borrowed));
    if has_index(workspace, git) {
        each_line(run(&IN_INDEX)?, Stdio::null(), until, |line| {
            if let Some((about, path)) = line.split_once('\t') {
                name(wanted, about.split(' ').nth(1).unwrap_or_default(), path);
            }
            Ok(has_all(wanted))
        })?;
    }
    if has_all(wanted) {
        return Ok(());
    }
    let mut commits = BufWriter::new(tempfile::tempfile_in(look.temporary)?);
    each_line(run(&ALL)?, Stdio::null(), until, |line| {
        if let Some(id) = line.strip_prefix("commit ") {
            writeln!(commits, "{id}")?;
        }
        Ok(false)
    })?;
    let mut commits: File = commits.into_inner().map_err(io::IntoInnerError::into_error)?;
    commits.rewind()?;
    each_line(run(&IN_COMMITS)?, commits.into(), until, |line| {
        if let Some((id, path)) = line.split_once(' ') {
            name(wanted, id, path);
        }
        Ok(has_all(wanted))
    })
}

/// Whether there is an index that is a file: git waits for ever for a pipe.
fn has_index(workspace: &Path, git: &str) -> bool {
    let kind = Dir::open(workspace).map_err(io::Error::from).map(|root| {
        let folder = root.walk(git.split('/').filter(|part| !part.is_empty())).ok().flatten();
        folder.and_then(|folder| folder.kind("index").ok().flatten())
    });
    kind.is_ok_and(|kind| kind == Some(FileType::RegularFile))
}

type Wanted = HashMap<String, Option<String>>;

fn name(wanted: &mut Wanted, id: &str, path: &str) {
    if let Some(name) = wanted.get_mut(id).filter(|name| name.is_none() && !path.is_empty()) {
        *name = Some(path.to_owned());
    }
}

fn has_all(wanted: &Wanted) -> bool {
    wanted.values().all(Option::is_some)
}

/// Hands over each line that git prints, until it has had enough or the time is up.
fn each_line(
    mut git: Command,
    input: Stdio,
    until: Instant,
    mut line: impl FnMut(&str) -> io::Result<bool>,
) -> io::Result<()> {
    git.stdin(input).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut running = Running::start_until(&mut git, until)?;
    let Some(output) = running.child.stdout.take() else { return Ok(()) };
    for bytes in BufReader::new(output).split(b'\n') {
        if line(&String::from_utf8_lossy(&bytes?))? {
            break;
        }
    }
    Ok(())
}
