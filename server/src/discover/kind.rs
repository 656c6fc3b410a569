//! What a file of a checkout is to discovery, told by its path alone.

use super::code::Language;
use app::domain::{RelativePath, discover};

/// What a file is read as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// An example env file.
    Example,
    Code(Language),
    Secretspec,
    Devcontainer,
    Compose,
    Dockerfile,
    Workflow,
    Heroku,
    Render,
    Fly,
    Vercel,
    Terraform,
    /// Spring's or Symfony's settings in YAML.
    Settings,
    /// Only commands and words about files: README, Makefile, package.json.
    Words,
}

/// Folders whose code does not run when the project starts.
const ASIDE_FOLDERS: [&str; 36] = [
    "test",
    "tests",
    "__tests__",
    "spec",
    "specs",
    "e2e",
    "cypress",
    "playwright",
    "testing",
    "testdata",
    "fixtures",
    "__fixtures__",
    "__mocks__",
    "mocks",
    "examples",
    "example",
    "samples",
    "docs",
    "doc",
    "documentation",
    "benchmark",
    "benchmarks",
    "bench",
    ".github",
    ".circleci",
    ".gitlab",
    ".buildkite",
    "stories",
    ".storybook",
    "integration-tests",
    "node_modules",
    "migrations",
    "test-utils",
    "e2e-tests",
    "bin-dev",
    "cookbook",
];
/// Folders of tools beside the project; what they demand is demanded of who runs them.
const TOOL_FOLDERS: [&str; 9] = ["scripts", "script", "tools", "tool", "hack", "ci", ".ci", "deploy", "deployment"];

impl Kind {
    /// The kind of a file; `None` for one that discovery does not read.
    pub fn of(path: &str) -> Option<Self> {
        let name = path.rsplit('/').next().unwrap_or(path);
        if RelativePath::new(name).is_ok_and(|name| discover::real_path(&name).is_some()) {
            return Some(Self::Example);
        }
        let lower = name.to_ascii_lowercase();
        let yaml = lower.ends_with(".yml") || lower.ends_with(".yaml");
        Some(match lower.as_str() {
            "secretspec.toml" => Self::Secretspec,
            "devcontainer.json" | ".devcontainer.json" => Self::Devcontainer,
            "app.json" => Self::Heroku,
            "render.yaml" | "render.yml" => Self::Render,
            "fly.toml" => Self::Fly,
            "vercel.json" => Self::Vercel,
            "makefile" | "gnumakefile" | "justfile" | ".justfile" | "taskfile.yml" | "taskfile.yaml" | "procfile"
            | "procfile.dev" | "package.json" | "composer.json" | "mise.toml" | "vagrantfile" | ".gitpod.yml"
            | "lefthook.yml" => Self::Words,
            _ if yaml && (lower.contains("compose")) => Self::Compose,
            _ if lower == "dockerfile" || lower.starts_with("dockerfile.") || lower.ends_with(".dockerfile") => {
                Self::Dockerfile
            }
            _ if yaml && path.contains(".github/workflows/") => Self::Workflow,
            _ if yaml
                && (lower.starts_with("application") || lower.starts_with("bootstrap") || path.contains("config/")) =>
            {
                Self::Settings
            }
            _ if lower.ends_with(".tf") => Self::Terraform,
            _ if [
                "readme",
                "contributing",
                "install",
                "development",
                "setup",
                "quickstart",
                "getting-started",
                "getting_started",
                "self-hosting",
                "local",
            ]
            .iter()
            .any(|word| lower.starts_with(word))
                && [".md", ".mdx", ".rst", ".txt", ".adoc", ""].iter().any(|ending| lower.ends_with(ending))
                && Language::of(name).is_none() =>
            {
                Self::Words
            }
            _ if path.contains("docs/") && (lower.ends_with(".md") || lower.ends_with(".mdx")) => Self::Words,
            _ if lower.ends_with(".min.js") || lower.ends_with(".d.ts") || lower.ends_with(".bundle.js") => {
                return None;
            }
            _ => match Language::of(name) {
                Some(language) => Self::Code(language),
                // Programs without an ending: bin/setup, bin/dev, bin/docker-entrypoint.
                None if path.contains("bin/") && !name.contains('.') => Self::Code(Language::Shell),
                None => return None,
            },
        })
    }
}

/// Whether a file is about testing, building, documenting or demonstrating the project.
pub fn is_aside(path: &str) -> bool {
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
    let lower = name.to_ascii_lowercase();
    let stem = lower.split('.').next().unwrap_or_default();
    let marked = [".test.", ".spec.", ".stories.", ".e2e.", ".cy.", "_test.", "_spec.", ".bench.", "-test."]
        .iter()
        .any(|mark| lower.contains(mark));
    let tool = [
        "jest.config",
        "vitest.config",
        "playwright.config",
        "cypress.config",
        "playwright-",
        "gulpfile",
        "conftest.py",
        "test_",
        "webpack.config",
        "eslint",
        "commitlint",
        "lint-staged",
        "codegen",
        "turbo.json",
        "rakefile",
        "noxfile",
        "fabfile",
        "vitest.setup",
        "jest.setup",
    ];
    let parts = |wanted: &[&str]| {
        folder.split('/').any(|part| {
            wanted.contains(&part.to_ascii_lowercase().as_str())
                || part.ends_with("-e2e")
                || part.ends_with(".Tests")
                || part.ends_with("_test")
        })
    };
    marked
        || tool.iter().any(|start| lower.starts_with(start))
        || stem.ends_with("test") && Language::of(&lower).is_some_and(|language| language == Language::Jvm)
        || parts(&ASIDE_FOLDERS)
        || parts(&TOOL_FOLDERS)
        || folder.contains("config/environments") && stem == "test"
        || folder.ends_with("config") && lower == "test.exs"
        || folder.contains("src/test")
}

/// Whether a folder is for tests, examples or documents, so that an example file in it is not the project's.
pub fn is_for_show(folder: &str) -> bool {
    let not = [".github", "migrations", "node_modules"];
    folder.split('/').any(|part| ASIDE_FOLDERS.contains(&part) && !not.contains(&part))
}
