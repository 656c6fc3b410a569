//! Which file a git object was: a person knows paths, not ids.

use super::look::Look;
use app::domain::snapshot::Spot;
use std::collections::HashMap;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

/// How long git may look for the names.
const LIMIT: Duration = Duration::from_secs(20);

/// Gives findings in git objects the path that the object has in the history, where git knows one soon.
pub(super) fn name_objects(look: &mut Look<'_>, workspace: &Path) {
    let mut repositories = HashMap::<PathBuf, HashMap<String, Option<String>>>::new();
    for finding in &look.report.findings {
        if let (Spot::GitObject(id), Some((repository, _))) = (&finding.spot, finding.place.split_once("/objects/")) {
            repositories.entry(workspace.join(repository)).or_default().insert(id.clone(), None);
        }
    }
    for (repository, wanted) in &mut repositories {
        // Without the names the findings are still right.
        let _ = find(repository, wanted);
    }
    for at in 0..look.report.findings.len() {
        let finding = &look.report.findings[at];
        let Spot::GitObject(id) = &finding.spot else { continue };
        let Some((repository, _)) = finding.place.split_once("/objects/") else { continue };
        let path = repositories.get(&workspace.join(repository)).and_then(|known| known.get(id)?.clone());
        if let Some(path) = path {
            let within = repository.strip_suffix(".git").unwrap_or_default();
            look.report.findings[at].place = look.clean(&format!("{within}{path}"));
        }
    }
}

fn find(repository: &Path, wanted: &mut HashMap<String, Option<String>>) -> std::io::Result<()> {
    let mut git = crate::process::command("git").into_std();
    // Nothing is fetched for the asking, and of the repository's own settings none starts a program here.
    git.env("GIT_NO_LAZY_FETCH", "1").env("GIT_CONFIG_NOSYSTEM", "1").env("GIT_CONFIG_GLOBAL", "/dev/null");
    git.arg("--git-dir").arg(repository).args(["rev-list", "--objects", "--all", "--reflog", "--indexed-objects"]);
    let mut child = git.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn()?;
    let until = Instant::now() + LIMIT;
    let mut left = wanted.len();
    if let Some(output) = child.stdout.take() {
        for line in BufReader::new(output).split(b'\n') {
            let line = line?;
            let line = String::from_utf8_lossy(&line);
            let Some((id, path)) = line.split_once(' ') else { continue };
            if let Some(name) = wanted.get_mut(id).filter(|name| name.is_none() && !path.is_empty()) {
                *name = Some(path.to_owned());
                left -= 1;
            }
            if left == 0 || Instant::now() > until {
                break;
            }
        }
    }
    let _ = child.kill();
    child.wait()?;
    Ok(())
}
