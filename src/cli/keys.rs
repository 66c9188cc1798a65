//! `mereau keys new FILE`.

use std::fs::OpenOptions;
use std::io::Write;
use std::path::Path;

use anyhow::Context;

use super::Outcome;
use super::print::Screen;
use crate::base::entropy::OsEntropy;
use crate::base::key_file;

/// Writes a new key; an existing file is never touched: what it sealed would be lost.
pub fn new(path: &Path, screen: &mut Screen) -> anyhow::Result<Outcome> {
    write(path, &key_file::generate(&OsEntropy))?;
    screen.print(&format!(
        "A new key is in {}. Name it first in [keys] files of server.toml, on every node, and keep the \
         others behind it: sessions and opaque user names hang on the last of the list, so taking that \
         one out signs everybody out and gives people new opaque names.",
        path.display()
    ));
    Ok(Outcome::Good)
}

/// Writes a key to a new file that only its owner may read.
pub fn write(path: &Path, key: &str) -> anyhow::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options
        .open(path)
        .with_context(|| format!("the file {} cannot be made", path.display()))?;
    file.write_all(key.as_bytes())
        .and_then(|()| file.sync_all())
        .with_context(|| format!("the file {} cannot be written", path.display()))
}
