//! What other programs of the machine try on the server itself and on its files.

use super::real::{Real, Who, is_root, text, until};
use crate::support::{ROOT_KEY, Site, new_folder};
use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;
use std::process::{Command, Output, Stdio};
use tempfile::TempDir;

async fn site() -> (Site, TempDir) {
    let folder = new_folder();
    fs::create_dir(folder.path().join("data")).expect("a folder");
    let url = format!("sqlite:{}", folder.path().join("data/keyslot.db").display());
    (Site::start_in(&url, folder.path()).await, folder)
}

/// Runs the program to make a link, by a shell script in front of it that may give it a root key.
fn link(site: &Site, script: &str) -> Output {
    let mut command = Command::new("bash");
    command.args(["-c", script, "bash", env!("CARGO_BIN_EXE_keyslot-server")]).env("DATABASE_URL", &site.url);
    command.env("DATA", site.folder.join("data")).env("KEY", ROOT_KEY).env("RUST_LOG", "off").stdin(Stdio::null());
    command.output().expect("it runs")
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).expect("it is there").mode() & 0o777
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_process_of_the_servers_own_user_reads_its_memory_or_environment() {
    let (site, _folder) = site().await;
    let real = Real::start(&site, Who::Ordinary, &[]);
    let process = format!("/proc/{}", real.id());
    let owner = fs::metadata(format!("{process}/environ")).expect("it is there").uid();
    assert_eq!(owner, 0, "a process that may be dumped belongs to its user");
    if is_root() {
        let ordinary = ["--reuid", "65530", "--regid", "65530", "--clear-groups", "--bounding-set=-all", "--"];
        for file in ["environ", "mem", "maps"] {
            let mut command = Command::new("setpriv");
            let output = command.args(ordinary).args(["head", "-c1", &format!("{process}/{file}")]).output();
            assert!(!output.expect("it runs").status.success(), "{file}");
        }
    }
    let limits = text(Path::new(&format!("{process}/limits")));
    let core = limits.lines().find(|line| line.starts_with("Max core file size")).expect("the limit");
    assert_eq!(core.split_whitespace().skip(4).take(2).collect::<Vec<_>>(), ["0", "0"]);
    let status = text(Path::new(&format!("{process}/status")));
    assert!(status.contains("Umask:\t0077"), "{status}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_others_could_read_is_closed_and_a_folder_of_somebody_else_is_refused() {
    let (site, _folder) = site().await;
    let data = site.folder.join("data");
    fs::set_permissions(&data, fs::Permissions::from_mode(0o755)).expect("set");
    fs::set_permissions(data.join("keyslot.db"), fs::Permissions::from_mode(0o644)).expect("set");
    let real = Real::start(&site, Who::Root, &[]);
    assert_eq!((mode(&data), mode(&data.join("keyslot.db"))), (0o700, 0o600));
    assert!(real.log().contains("others could read this"), "{}", real.log());
    if is_root() {
        until("root is warned", || real.log().contains("runs as root"));
        drop(real);
        let given = Command::new("chown").arg("65530").arg(&data).status().expect("it runs");
        assert!(given.success());
        let refused = link(&site, r#"KEYSLOT_ROOT_KEY=$KEY "$1" sign-in-link --data "$DATA""#);
        let said = String::from_utf8_lossy(&refused.stderr).into_owned();
        assert!(!refused.status.success() && said.contains("belongs to another user"), "{said}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_root_key_comes_by_a_descriptor_or_from_the_systems_credentials_too() {
    let (site, folder) = site().await;
    let linked = |script: &str| {
        let output = link(&site, script);
        let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(!said.contains(ROOT_KEY), "{said}");
        (output.status.success(), said)
    };
    let by_pipe = linked(r#"exec "$1" sign-in-link --data "$DATA" --root-key-fd 7 7< <(echo "$KEY")"#);
    assert!(by_pipe.0 && by_pipe.1.contains("http"), "{}", by_pipe.1);
    // A program that the server starts would read a file again.
    let file = folder.path().join("key");
    fs::write(&file, ROOT_KEY).expect("a file");
    let by_file = linked(&format!(r#"exec "$1" sign-in-link --data "$DATA" --root-key-fd 7 7<{}"#, file.display()));
    assert!(!by_file.0 && by_file.1.contains("pipe"), "{}", by_file.1);
    let none = linked(r#"exec "$1" sign-in-link --data "$DATA" --root-key-fd 7"#);
    assert!(!none.0 && none.1.contains("descriptor 7"), "{}", none.1);
    let wrong = linked(r#"exec "$1" sign-in-link --data "$DATA" --root-key-fd 7 7< <(echo "${KEY//0/f}")"#);
    assert!(!wrong.0 && wrong.1.contains("does not open this database"), "{}", wrong.1);

    fs::write(folder.path().join("keyslot-root-key"), ROOT_KEY).expect("a file");
    let credentials = format!(r#"CREDENTIALS_DIRECTORY={} "$1" sign-in-link --data "$DATA""#, folder.path().display());
    let by_system = linked(&credentials);
    assert!(by_system.0 && by_system.1.contains("http"), "{}", by_system.1);
    let neither = linked(r#""$1" sign-in-link --data "$DATA""#);
    assert!(!neither.0 && neither.1.contains("set up with a root key"), "{}", neither.1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_log_names_the_wall_or_why_there_is_none() {
    let (site, _folder) = site().await;
    let real = Real::start(&site, Who::Root, &["--walls", "none"]);
    assert!(real.log().contains("no wall"), "{}", real.log());
}
