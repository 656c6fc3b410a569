//! Where archives are kept: a local folder, or any S3-compatible store.

use super::pipe::{Inlet, Outlet, Piece, WAITING};
use crate::config::{Config, make_private_folder};
use bytes::Bytes;
use futures::StreamExt;
use object_store::aws::AmazonS3Builder;
use object_store::local::LocalFileSystem;
use object_store::path::Path as Place;
use object_store::{MultipartUpload, ObjectStore, ObjectStoreExt, PutPayload, RetryConfig};
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;

/// Bytes of one part of an upload; S3 takes no smaller ones but the last, and at most 10000 of them.
const PART: usize = 16 * 1024 * 1024;
const S3: &str = "s3://";
/// How long a store that does not answer is asked again: a session waits for its files meanwhile.
const PATIENCE: Duration = Duration::from_secs(30);

/// Why archives cannot be kept or read.
#[derive(Debug, thiserror::Error)]
pub enum DepotError {
    /// The folder cannot be made.
    #[error("the folder for snapshots cannot be made: {0}")]
    Folder(#[source] std::io::Error),
    /// The address is not understood.
    #[error("KEYSLOT_SNAPSHOTS must be a folder or s3://BUCKET or s3://BUCKET/PREFIX")]
    Address,
    /// The store does not do it.
    #[error("the store for snapshots failed")]
    Store(#[from] object_store::Error),
    /// Whoever wrote the archive broke off, so nothing of it is kept.
    #[error("the archive was broken off")]
    BrokenOff,
}

/// An archive that is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// Bytes.
    pub size: u64,
    /// SHA-256 in hexadecimal digits.
    pub digest: String,
}

/// The store. Cheap to clone.
#[derive(Clone)]
pub struct Depot {
    store: Arc<dyn ObjectStore>,
    prefix: Place,
    /// The folder of a local one.
    folder: Option<PathBuf>,
}

impl Depot {
    /// Opens what the settings name. A local folder is made, for its owner alone; a remote store is not asked yet.
    pub fn open(config: &Config) -> Result<Self, DepotError> {
        match config.snapshots.as_deref().filter(|address| !address.is_empty()) {
            Some(address) => match address.strip_prefix(S3) {
                Some(rest) => Self::s3(config, rest),
                None if address.contains("://") => Err(DepotError::Address),
                None => Self::local(PathBuf::from(address)),
            },
            None => Self::local(config.data.join("snapshots")),
        }
    }

    fn local(folder: PathBuf) -> Result<Self, DepotError> {
        make_private_folder(&folder).map_err(DepotError::Folder)?;
        let folder = std::fs::canonicalize(folder).map_err(DepotError::Folder)?;
        let store = Arc::new(LocalFileSystem::new_with_prefix(&folder)?);
        Ok(Self { store, prefix: Place::default(), folder: Some(folder) })
    }

    fn s3(config: &Config, rest: &str) -> Result<Self, DepotError> {
        let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
        if bucket.is_empty() {
            return Err(DepotError::Address);
        }
        // Fails when it was chosen already, by an earlier store of this process.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let retry = RetryConfig { max_retries: 5, retry_timeout: PATIENCE, ..RetryConfig::default() };
        let builder = AmazonS3Builder::new().with_bucket_name(bucket).with_region(&config.s3_region);
        let mut builder = builder.with_retry(retry);
        if let Some(endpoint) = &config.s3_endpoint {
            // Only what the administrator wrote with http:// is asked without TLS.
            builder = builder.with_endpoint(endpoint).with_allow_http(endpoint.starts_with("http://"));
        }
        let credentials = &config.s3_credentials;
        if let (Some(id), Some(secret)) = (&credentials.id, &credentials.secret) {
            builder = builder.with_access_key_id(id.expose()).with_secret_access_key(secret.expose());
        }
        if let Some(token) = &credentials.token {
            builder = builder.with_token(token.expose());
        }
        Ok(Self { store: Arc::new(builder.build()?), prefix: Place::from(prefix), folder: None })
    }

    /// An outlet to write an archive to, and the work that stores it, which must run meanwhile. It ends well only if
    /// the outlet was finished; else nothing is kept.
    pub fn upload(&self, name: &str) -> (Outlet, impl Future<Output = Result<(), DepotError>> + Send + use<>) {
        let (outlet, pieces) = Outlet::new();
        let (depot, place) = (self.clone(), self.place(name));
        (outlet, async move { depot.store_pieces(&place, pieces).await })
    }

    async fn store_pieces(&self, place: &Place, pieces: mpsc::Receiver<Piece>) -> Result<(), DepotError> {
        self.make_folder_of(place)?;
        let mut upload = self.store.put_multipart(place).await?;
        match send(upload.as_mut(), pieces).await {
            Ok(()) => self.for_the_owner_alone(place),
            Err(error) => {
                // The first error says more than one of tidying up.
                let _ = upload.abort().await;
                Err(error)
            }
        }
    }

    /// A reader of an archive, and the work that feeds it, which must run meanwhile.
    pub fn download(&self, name: &str) -> (Inlet, impl Future<Output = ()> + Send + use<>) {
        let (sender, receiver) = mpsc::channel(WAITING);
        let (store, place) = (self.store.clone(), self.place(name));
        let feed = async move {
            let told = match store.get(&place).await {
                Ok(found) => {
                    let mut bytes = found.into_stream();
                    loop {
                        match bytes.next().await {
                            Some(Ok(piece)) => {
                                // Whoever reads may have given up.
                                if sender.send(Ok(piece)).await.is_err() {
                                    return;
                                }
                            }
                            Some(Err(error)) => break error,
                            None => return,
                        }
                    }
                }
                Err(error) => error,
            };
            let words = match told {
                object_store::Error::NotFound { .. } => "its archive is not in the store any more",
                ref error => {
                    tracing::error!(?error, "the store for snapshots failed");
                    "the store for snapshots did not give it; the server's log says why"
                }
            };
            let _ = sender.send(Err(std::io::Error::other(words))).await;
        };
        (Inlet::new(receiver), feed)
    }

    /// Deletes an archive and what an upload that was cut off left of it. It is fine if there is none.
    pub async fn delete(&self, name: &str) -> Result<(), DepotError> {
        let place = self.place(name);
        self.remove_partial(&place);
        match self.store.delete(&place).await {
            Err(object_store::Error::NotFound { .. }) => Ok(()),
            done => Ok(done?),
        }
    }

    fn place(&self, name: &str) -> Place {
        name.split('/').fold(self.prefix.clone(), |place, part| place.join(part))
    }

    fn path(&self, place: &Place) -> Option<PathBuf> {
        Some(self.folder.as_ref()?.join(place.as_ref()))
    }

    fn make_folder_of(&self, place: &Place) -> Result<(), DepotError> {
        let path = self.path(place);
        match path.as_deref().and_then(std::path::Path::parent) {
            Some(folder) => make_private_folder(folder).map_err(DepotError::Folder),
            None => Ok(()),
        }
    }

    fn for_the_owner_alone(&self, place: &Place) -> Result<(), DepotError> {
        let Some(path) = self.path(place) else { return Ok(()) };
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600)).map_err(DepotError::Folder)
    }

    /// A local upload lies beside its place, as `name#1`, until it is complete.
    fn remove_partial(&self, place: &Place) {
        let Some(path) = self.path(place) else { return };
        let (Some(folder), Some(name)) = (path.parent(), path.file_name().and_then(|name| name.to_str())) else {
            return;
        };
        let partial = format!("{name}#");
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            if entry.file_name().to_str().is_some_and(|name| name.starts_with(&partial)) {
                let _ = std::fs::remove_file(entry.path());
            }
        }
    }
}

/// Sends pieces as parts of at least [`PART`] bytes.
async fn send(upload: &mut dyn MultipartUpload, mut pieces: mpsc::Receiver<Piece>) -> Result<(), DepotError> {
    let (mut part, mut bytes) = (Vec::<Bytes>::new(), 0);
    loop {
        match pieces.recv().await {
            Some(Piece::Bytes(piece)) => {
                bytes += piece.len();
                part.push(piece);
                if bytes >= PART {
                    upload.put_part(std::mem::take(&mut part).into_iter().collect::<PutPayload>()).await?;
                    bytes = 0;
                }
            }
            Some(Piece::End) => break,
            None => return Err(DepotError::BrokenOff),
        }
    }
    if !part.is_empty() {
        upload.put_part(part.into_iter().collect::<PutPayload>()).await?;
    }
    upload.complete().await?;
    Ok(())
}
