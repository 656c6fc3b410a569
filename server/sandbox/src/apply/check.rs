//! `keyslot env check`: what the files of a spec lack. Reads only.

use super::{ApplyError, Workspace};
use domain::EnvSpec;
use domain::check::{CheckReport, FileCheck};
use std::path::Path;

/// Reads each file of the spec as its readers do and tells which keys have no value there.
pub fn check(workspace: &Path, spec: &EnvSpec) -> Result<CheckReport, ApplyError> {
    let workspace = Workspace::open(workspace)?;
    let files = spec.files.iter().map(|file| {
        let found = workspace.text_of(spec, file);
        FileCheck::new(
            file,
            found.as_ref().map(|found| found.as_ref().map(|found| &**found.text)).map_err(Clone::clone),
        )
    });
    Ok(CheckReport::new(files.collect()))
}
