//! How git is started: with settings of ours alone, and with nothing that starts another program.

use std::ffi::OsString;

/// Settings that stand above those of any repository.
const CONFIG: [(&str, &str); 15] = [
    ("core.hooksPath", "/dev/null"),
    ("core.fsmonitor", "false"),
    ("core.attributesFile", "/dev/null"),
    ("core.excludesFile", "/dev/null"),
    ("credential.helper", ""),
    ("fetch.recurseSubmodules", "false"),
    ("filter.lfs.process", ""),
    ("filter.lfs.required", "false"),
    ("filter.lfs.smudge", ""),
    ("gc.auto", "0"),
    // A host that may be reached must not lead to one that may not.
    ("http.followRedirects", "false"),
    ("maintenance.auto", "false"),
    ("protocol.ext.allow", "never"),
    ("submodule.recurse", "false"),
    ("transfer.bundleURI", "false"),
];

/// Environment of every git process.
const ENVIRONMENT: [(&str, &str); 9] = [
    ("GIT_ASKPASS", "false"),
    ("GIT_ATTR_NOSYSTEM", "1"),
    ("GIT_CONFIG_GLOBAL", "/dev/null"),
    ("GIT_CONFIG_NOSYSTEM", "1"),
    ("GIT_LFS_SKIP_SMUDGE", "1"),
    ("GIT_NO_LAZY_FETCH", "1"),
    // Never ask at a terminal: a server has nobody there to answer.
    ("GIT_TERMINAL_PROMPT", "0"),
    ("LC_ALL", "C"),
    ("SSH_ASKPASS_REQUIRE", "never"),
];

/// Environment and configuration of one git process.
#[derive(Clone, Debug)]
pub struct Settings {
    config: Vec<(String, String)>,
    environment: Vec<(String, String)>,
}

impl Settings {
    /// For a git that uses these protocols, as `GIT_ALLOW_PROTOCOL` lists them; none when empty.
    pub fn new(protocols: &str) -> Self {
        let own = |pairs: &[(&str, &str)]| pairs.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect();
        let settings = Self { config: own(&CONFIG), environment: own(&ENVIRONMENT) };
        settings.environment("GIT_ALLOW_PROTOCOL", protocols)
    }

    /// Adds a line of configuration.
    pub fn config(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.config.push((key.into(), value.into()));
        self
    }

    /// Adds an environment variable.
    pub fn environment(mut self, name: &str, value: impl Into<String>) -> Self {
        self.environment.push((name.to_owned(), value.into()));
        self
    }

    /// The whole as environment variables.
    pub fn variables(&self) -> Vec<(OsString, OsString)> {
        let own = self.environment.iter().map(|(name, value)| (name.into(), value.into()));
        let lines = self.config.iter().enumerate().flat_map(|(at, (key, value))| {
            [
                (format!("GIT_CONFIG_KEY_{at}").into(), key.into()),
                (format!("GIT_CONFIG_VALUE_{at}").into(), value.into()),
            ]
        });
        let count = (OsString::from("GIT_CONFIG_COUNT"), OsString::from(self.config.len().to_string()));
        own.chain(lines).chain([count]).collect()
    }
}
