//! Names that shells, build tools, frameworks and platforms set by themselves.
//!
//! A person never fills them in, so code that reads one says nothing about what the project needs. An example file that
//! lists one is believed.

/// Whole names.
const NAMES: [&str; 116] = [
    "PATH",
    "HOME",
    "PWD",
    "OLDPWD",
    "USER",
    "USERNAME",
    "LOGNAME",
    "SHELL",
    "SHLVL",
    "LANG",
    "LANGUAGE",
    "TERM",
    "TZ",
    "TMP",
    "TMPDIR",
    "TEMP",
    "EDITOR",
    "VISUAL",
    "PAGER",
    "BROWSER",
    "DISPLAY",
    "HOSTNAME",
    "COLUMNS",
    "LINES",
    "UID",
    "GID",
    "EUID",
    "PPID",
    "IFS",
    "OSTYPE",
    "COLORTERM",
    "NO_COLOR",
    "FORCE_COLOR",
    "CLICOLOR",
    "CI",
    "APPDATA",
    "LOCALAPPDATA",
    "USERPROFILE",
    "HOMEPATH",
    "HOMEDRIVE",
    "PROGRAMFILES",
    "SYSTEMROOT",
    "WINDIR",
    "COMSPEC",
    "PATHEXT",
    "NODE_ENV",
    "NODE_OPTIONS",
    "NODE_PATH",
    "NODE_APP_INSTANCE",
    "NODE_EXTRA_CA_CERTS",
    "NODE_DEBUG",
    "NEXT_RUNTIME",
    "NEXT_PHASE",
    "NEXT_MANUAL_SIG_HANDLE",
    "NEXT_TELEMETRY_DISABLED",
    "NEXT_DEPLOYMENT_ID",
    "VITEST",
    "JEST_WORKER_ID",
    "ANALYZE",
    "STORYBOOK",
    "MODE",
    "DEV",
    "PROD",
    "SSR",
    "BASE_URL_VITE",
    "TURBO_HASH",
    "PM2_HOME",
    "PUPPETEER_EXECUTABLE_PATH",
    "RAILS_ENV",
    "RACK_ENV",
    "RAILS_MAX_THREADS",
    "RAILS_MIN_THREADS",
    "RAILS_LOG_TO_STDOUT",
    "RAILS_SERVE_STATIC_FILES",
    "RAILS_LOG_LEVEL",
    "BUNDLE_GEMFILE",
    "BUNDLE_PATH",
    "GEM_HOME",
    "GEM_PATH",
    "RUBYOPT",
    "RUBYLIB",
    "PIDFILE",
    "WEB_CONCURRENCY",
    "DISABLE_SPRING",
    "BOOTSNAP_CACHE_DIR",
    "CI_REPORTS",
    "SECRET_KEY_BASE_DUMMY",
    "MIX_ENV",
    "MIX_TARGET",
    "PHX_SERVER",
    "ECTO_IPV6",
    "DNS_CLUSTER_QUERY",
    "ELIXIR_ERL_OPTIONS",
    "ERL_FLAGS",
    "PYTHONPATH",
    "PYTHONUNBUFFERED",
    "PYTHONHASHSEED",
    "VIRTUAL_ENV",
    "DJANGO_SETTINGS_MODULE",
    "PYTEST_CURRENT_TEST",
    "GOPATH",
    "GOROOT",
    "GOOS",
    "GOARCH",
    "GOMAXPROCS",
    "JAVA_HOME",
    "MAVEN_OPTS",
    "CLASSPATH",
    "OUT_DIR",
    "RUST_LOG",
    "RUST_BACKTRACE",
    "RUSTFLAGS",
    "DOCS_RS",
    "PROFILE",
    "TARGET",
    "DYNO",
];
/// What names of whole families start with.
const FAMILIES: [&str; 46] = [
    "GITHUB_",
    "GITLAB_",
    "CI_",
    "RUNNER_",
    "CIRCLE_",
    "TRAVIS_",
    "BUILDKITE_",
    "JENKINS_",
    "VERCEL_",
    "NEXT_PUBLIC_VERCEL_",
    "NETLIFY_",
    "CF_PAGES",
    "RENDER_",
    "RAILWAY_",
    "FLY_",
    "HEROKU_",
    "KUBERNETES_",
    "AWS_LAMBDA_",
    "AWS_EXECUTION_",
    "CODESPACE",
    "GITPOD_",
    "CARGO_",
    "RUSTUP_",
    "DEP_",
    "NPM_",
    "XDG_",
    "LC_",
    "SSH_",
    "GIT_",
    "DOCKER_",
    "COMPOSE_",
    "BASH_",
    "ZSH_",
    "ASPNETCORE_",
    "DOTNET_",
    "RELEASE_",
    "PLAYWRIGHT_",
    "CYPRESS_",
    "VITEST_",
    "JEST_",
    "TURBO_",
    "__NEXT_",
    "PHPUNIT_",
    "CONDA_",
    "TERM_",
    "DBUS_",
];

/// Whether a variable comes with the shell, the build, the framework or the platform.
pub fn comes_by_itself(key: &str) -> bool {
    NAMES.contains(&key)
        || key == "VERCEL"
        || key == "NETLIFY"
        || FAMILIES.iter().any(|family| key.starts_with(family)) && !needs_a_person(key)
}

/// Names of such families that people fill in all the same: `GITHUB_CLIENT_SECRET`, `DOCKER_REGISTRY_PASSWORD`.
fn needs_a_person(key: &str) -> bool {
    let words = ["CLIENT", "SECRET", "APP", "OAUTH", "KEY", "PASSWORD", "WEBHOOK", "ID"];
    let outside =
        ["GITHUB_", "GITLAB_", "VERCEL_", "RAILWAY_", "FLY_", "HEROKU_", "DOCKER_", "GIT_", "NETLIFY_", "RENDER_"];
    let own = [
        "GITHUB_RUN_ID",
        "GITHUB_REPOSITORY_ID",
        "FLY_APP_NAME",
        "FLY_MACHINE_ID",
        "RENDER_SERVICE_ID",
        "HEROKU_APP_ID",
        "HEROKU_APP_NAME",
    ];
    outside.iter().any(|family| key.starts_with(family))
        && !own.contains(&key)
        && !key.starts_with("VERCEL_GIT_")
        && key.split('_').any(|word| words.contains(&word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_shell_or_a_platform_sets_needs_no_person() {
        for key in
            ["PATH", "NODE_ENV", "GITHUB_SHA", "VERCEL_URL", "VERCEL_GIT_COMMIT_SHA", "XDG_CONFIG_HOME", "RAILS_ENV"]
        {
            assert!(comes_by_itself(key), "{key}");
        }
        for key in ["GITHUB_CLIENT_SECRET", "DATABASE_URL", "PORT", "GITLAB_APP_ID", "DOCKER_PASSWORD"] {
            assert!(!comes_by_itself(key), "{key}");
        }
    }
}
