//! Addresses of hosts.

use super::{public_site, words};
use crate::support::{Site, new_folder, rows_of};
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

/// A host that counts who connects, and answers each with a text.
async fn host(answer: String) -> (SocketAddr, Arc<AtomicUsize>) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let (address, count) = (listener.local_addr().unwrap(), Arc::new(AtomicUsize::new(0)));
    let counted = count.clone();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            counted.fetch_add(1, Ordering::SeqCst);
            let mut asked = [0; 4096];
            let _ = stream.read(&mut asked).await;
            let _ = stream.write_all(answer.as_bytes()).await;
        }
    });
    (address, count)
}

async fn a_redirect_leads_to_no_other_host(site: Site) {
    let owner = site.owner().await;
    let (inner, inner_count) =
        host("HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\nconnection: close\r\n\r\n".to_owned()).await;
    let redirect = format!(
        "HTTP/1.1 302 Found\r\nlocation: http://{inner}/x/info/refs?service=git-upload-pack\r\ncontent-length: 0\r\n\
         connection: close\r\n\r\n"
    );
    let (outer, outer_count) = host(redirect).await;
    let message = words(owner.connect(&format!("http://{outer}/x")).await.unwrap_err());
    assert!(message.contains("redirects are not followed"), "{message}");
    assert_ne!(outer_count.load(Ordering::SeqCst), 0, "git asked the host");
    assert_eq!(inner_count.load(Ordering::SeqCst), 0, "the redirect was followed");
}

async fn hosts_of_private_networks_are_not_contacted(site: Site) {
    let folder = new_folder();
    let site = public_site(&site.url, folder.path(), |_| ()).await;
    let owner = site.owner().await;
    let (address, count) = host(String::new()).await;
    let port = address.port();
    for location in [
        format!("http://127.0.0.1:{port}/x"),
        format!("http://localhost:{port}/x"),
        format!("http://2130706433:{port}/x"),
        format!("http://0x7f.1:{port}/x"),
        format!("http://[::ffff:127.0.0.1]:{port}/x"),
        format!("git://127.0.0.1:{port}/x"),
        format!("git://LOCALHOST:{port}/x"),
        format!("ssh://git@127.0.0.1:{port}/x"),
        "git@localhost:x".to_owned(),
        "git@[::1]:x".to_owned(),
        "http://10.0.0.1/x".to_owned(),
        "http://169.254.169.254/latest/meta-data".to_owned(),
    ] {
        let message = words(owner.connect(&location).await.unwrap_err());
        assert!(message.contains("this server's own network"), "{location}: {message}");
    }
    assert_eq!(count.load(Ordering::SeqCst), 0, "a host of a private network was contacted");

    let other = new_folder();
    let site =
        public_site(&site.url, other.path(), |config| config.allow_private_hosts = vec!["localhost".to_owned()]).await;
    let message = words(site.owner().await.connect(&format!("http://localhost:{port}/x")).await.unwrap_err());
    assert!(message.contains("could not be reached"), "{message}");
    assert_ne!(count.load(Ordering::SeqCst), 0, "an allowed host is asked");
}

async fn a_local_server_reaches_its_own_machine_and_no_link_local_address(site: Site) {
    let owner = site.owner().await;
    let message = words(owner.connect("http://169.254.169.254/latest/meta-data").await.unwrap_err());
    assert!(message.contains("this server's own network"), "{message}");
    let (address, count) = host(String::new()).await;
    words(owner.connect(&format!("http://{address}/x")).await.unwrap_err());
    assert_ne!(count.load(Ordering::SeqCst), 0);
}

async fn every_failure_of_a_host_has_the_same_words(site: Site) {
    let owner = site.owner().await;
    let mut answers = Vec::new();
    for answer in ["", "SSH-2.0-OpenSSH_9.2\r\n", "HTTP/1.1 500 No\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"] {
        for scheme in ["http://", "git://", "ssh://git@"] {
            let (address, count) = host(answer.to_owned()).await;
            let message = words(owner.connect(&format!("{scheme}{address}/x")).await.unwrap_err());
            assert_ne!(count.load(Ordering::SeqCst), 0, "{scheme} did not ask the host");
            answers.push(message.replace(&address.to_string(), "HOST"));
        }
    }
    let closed = TcpListener::bind(("127.0.0.1", 0)).await.unwrap().local_addr().unwrap();
    for (location, place) in [
        (format!("http://{closed}/x"), closed.to_string()),
        (format!("https://{closed}/x"), closed.to_string()),
        (format!("git://{closed}/x"), closed.to_string()),
        ("https://no-such-host.invalid/x".to_owned(), "no-such-host.invalid".to_owned()),
    ] {
        answers.push(words(owner.connect(&location).await.unwrap_err()).replace(&place, "HOST"));
    }
    answers.dedup();
    assert_eq!(answers.len(), 1, "{answers:?}");
    assert!(answers[0].starts_with("HOST could not be reached"), "{answers:?}");
}

async fn a_token_in_an_address_is_refused_and_stored_nowhere(site: Site) {
    let owner = site.owner().await;
    let (address, count) = host(String::new()).await;
    for location in [
        format!("http://ghp_t0ken@{address}/x"),
        format!("HTTP://t0ken@{address}/x"),
        format!("http://oauth2:t0ken@{address}/x"),
        format!("http://{address}/x?private_token=t0ken"),
        format!("http://{address}/x#t0ken"),
        format!("ssh://glpat-t0ken@{address}/x"),
        format!("ssh://git:t0ken@{address}/x"),
        format!("git://t0ken@{address}/x"),
        "ghp_t0ken@127.0.0.1:x".to_owned(),
        "git@127.0.0.1:x?access_token=t0ken".to_owned(),
    ] {
        let message = words(owner.connect(&location).await.unwrap_err());
        assert!(
            message.contains("Leave the password or token out") && message.contains("SSH"),
            "{location}: {message}"
        );
        assert!(!message.contains("t0ken"), "{message}");
    }
    assert_eq!(count.load(Ordering::SeqCst), 0, "an address with a token was asked");
    let stored = rows_of(&site.url).await;
    assert!(stored.iter().all(|row| !row.contains("t0ken")), "{stored:?}");
}

/// Whoever connects repositories of a host that never answers takes no more than their share of this server.
async fn few_hosts_are_asked_at_once(site: Site) {
    const AT_ONCE: usize = 8;
    let owner = site.owner().await;
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    let asking: Vec<_> = (0..AT_ONCE + 4)
        .map(|number| {
            let (owner, location) = (owner.clone(), format!("git://{address}/{number}"));
            tokio::spawn(async move { owner.connect(&location).await.unwrap_err() })
        })
        .collect();
    let mut held = Vec::new();
    for _ in 0..AT_ONCE {
        held.push(listener.accept().await.unwrap());
    }
    let one_more = tokio::time::timeout(Duration::from_secs(1), listener.accept()).await;
    assert!(one_more.is_err(), "more hosts are asked at once");
    held.pop();
    held.push(listener.accept().await.expect("the next one has its turn"));
    drop((held, listener));
    for asked in asking {
        words(asked.await.unwrap());
    }
}

crate::on_both!(
    few_hosts_are_asked_at_once,
    a_redirect_leads_to_no_other_host,
    hosts_of_private_networks_are_not_contacted,
    a_local_server_reaches_its_own_machine_and_no_link_local_address,
    every_failure_of_a_host_has_the_same_words,
    a_token_in_an_address_is_refused_and_stored_nowhere,
);
