//! Folders of the server.

use super::{git, over, public_site, words};
use crate::support::{Site, git_repository, new_folder};
use app::api::sessions::SessionState;
use domain::member::Role;
use std::fs;
use std::os::unix::fs::symlink;

async fn the_data_folder_is_no_repository_by_any_name(site: Site) {
    let owner = site.owner().await;
    let setup = owner.connected(&site.repository("shop", &[("a.txt", "a")])).await;
    let workspace = site.workspace(&setup.id);
    let link = site.folder.join("link");
    symlink(&workspace, &link).unwrap();
    let pointing = site.folder.join("pointing");
    fs::create_dir(&pointing).unwrap();
    fs::write(pointing.join(".git"), format!("gitdir: {}\n", workspace.join(".git").display())).unwrap();
    let roundabout = site.folder.join("repositories/..").join(workspace.strip_prefix(&site.folder).unwrap());
    let plain = workspace.display().to_string();
    for location in [
        plain.clone(),
        format!("{plain}/.git"),
        format!("file://{plain}"),
        format!("file://{}", plain.replace("/workspace", "/%77orkspace")),
        link.display().to_string(),
        pointing.display().to_string(),
        roundabout.display().to_string(),
    ] {
        let message = words(owner.connect(&location).await.unwrap_err());
        assert!(message.contains("belongs to Keyslot's own data"), "{location}: {message}");
    }
}

/// A folder that may be connected names a folder that may not as the place of its objects.
async fn borrowed_objects_lead_into_no_other_folder(site: Site) {
    let owner = site.owner().await;
    let setup = owner.connected(&site.repository("shop", &[("a.txt", "a")])).await;
    let workspace = site.workspace(&setup.id);
    let commit = git(&workspace, &["-c", "safe.directory=*", "rev-parse", "HEAD"]);
    let thief = site.folder.join("thief");
    fs::create_dir(&thief).unwrap();
    git(&thief, &["init", "-q", "-b", "main"]);
    fs::write(thief.join(".git/refs/heads/main"), format!("{commit}\n")).unwrap();
    let objects = workspace.join(".git/objects").display().to_string();
    fs::write(thief.join(".git/objects/info/alternates"), format!("{objects}\n")).unwrap();
    let session = owner.connect(&thief.display().to_string()).await.expect("its branch is told");
    assert_eq!(over(&owner, &session).await.state, SessionState::Failed);
    assert_eq!(site.file(&session, "a.txt"), None, "a file of another session was read");
}

async fn folders_are_for_admins_and_where_the_administrator_allows_them(site: Site) {
    let folder = new_folder();
    let site = public_site(&site.url, folder.path(), |_| ()).await;
    let (owner, organization) = (site.owner().await, site.organization().await);
    let location = site.repository("shop", &[("a.txt", "a")]);
    for location in [location.clone(), format!("file://{location}"), "/nothing/there".to_owned()] {
        let message = words(owner.connect(&location).await.unwrap_err());
        assert!(message.contains("connects no folders"), "{location}: {message}");
    }

    let other = new_folder();
    let allowed = site.folder.join("repositories");
    let site = public_site(&site.url, other.path(), |config| config.allow_local = vec![allowed.clone()]).await;
    let elsewhere = other.path().join("elsewhere");
    git_repository(&elsewhere, &[("a.txt", "a")]);
    symlink(&elsewhere, allowed.join("link")).unwrap();
    let member = site.member(&organization, "Mo", Role::Member).await;
    let message = words(member.connect_untrusted(&location).await.unwrap_err());
    assert!(message.contains("connect folders"), "{message}");
    let admin = site.member(&organization, "Ada", Role::Admin).await;
    let outside = [elsewhere.display().to_string(), allowed.join("link").display().to_string(), "/nothing".to_owned()];
    for location in outside {
        let message = words(admin.connect(&location).await.unwrap_err());
        assert!(message.contains("is not in a folder that this server may connect"), "{location}: {message}");
    }
    admin.connected(&location).await;
}

crate::on_both!(
    the_data_folder_is_no_repository_by_any_name,
    borrowed_objects_lead_into_no_other_folder,
    folders_are_for_admins_and_where_the_administrator_allows_them,
);
