//! The post that leaves mails in a folder, one `.eml` file each: for trying things out, and for a
//! relay that picks files up. Text messages go nowhere here.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use async_trait::async_trait;

use super::letter::Composed;
use super::mime;
use super::post::{Post, PostError, Sent};
use crate::confine;

pub struct Folder {
    folder: PathBuf,
}

impl Folder {
    /// The folder is made when it is not there, for its owner only.
    pub fn open(folder: PathBuf) -> std::io::Result<Folder> {
        let mut builder = std::fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(&folder)?;
        Ok(Folder { folder })
    }
}

#[async_trait]
impl Post for Folder {
    /// A letter sent again replaces itself: the name of its file is its id.
    async fn send(&self, composed: &Composed) -> Result<Sent, PostError> {
        let bytes = mime::bytes(composed)?;
        let name = format!("{}-{}.eml", composed.written.0, composed.message_id.as_str());
        let folder = self.folder.clone();
        let file = name.clone();
        let written = tokio::task::spawn_blocking(move || write(&folder, &file, &bytes)).await;
        match written {
            Ok(Ok(())) => Ok(Sent { receipt: Some(name) }),
            Ok(Err(error)) => Err(PostError::Unreachable(error.kind().to_string())),
            Err(_) => Err(PostError::Unreachable("the task was abandoned".to_owned())),
        }
    }
}

/// Nobody ever sees half a letter, nor anybody else a whole one.
fn write(folder: &Path, name: &str, bytes: &[u8]) -> std::io::Result<()> {
    let mut file = tempfile::Builder::new()
        .prefix(".")
        .suffix(".part")
        .tempfile_in(folder)
        .inspect_err(confine::note)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    file.persist(folder.join(name)).map_err(|error| error.error)?;
    Ok(())
}
