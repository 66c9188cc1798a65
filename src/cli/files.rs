//! How the commands write files that servers read: whole or not at all, and by whoever could read them before.

use std::fs::{File, Metadata};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

/// Puts `text` in the place of what `path` holds. What is there keeps its owner, its group and its mode, and a link
/// to it stays one; what is new may be read by everybody, so it must hold no secret.
pub fn put(path: &Path, text: &str) -> io::Result<()> {
    let (path, known) = there(path)?;
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new("."));
    let mut fresh = tempfile::NamedTempFile::new_in(folder)?;
    fresh.write_all(text.as_bytes())?;
    match known {
        Some(known) => {
            own_as(fresh.as_file(), &known);
            fresh.as_file().set_permissions(known.permissions())?;
        }
        None => readable(fresh.as_file())?,
    }
    fresh.as_file().sync_all()?;
    fresh.persist(&path).map_err(|error| error.error)?;
    #[cfg(unix)]
    File::open(folder)?.sync_all()?;
    Ok(())
}

/// Where a path leads, and what is there.
fn there(path: &Path) -> io::Result<(PathBuf, Option<Metadata>)> {
    match std::fs::canonicalize(path) {
        Ok(path) => {
            let known = std::fs::metadata(&path)?;
            Ok((path, Some(known)))
        }
        Err(error) if error.kind() == ErrorKind::NotFound => Ok((path.to_owned(), None)),
        Err(error) => Err(error),
    }
}

/// Gives `file` the owner and the group of another one. Only root may, and only root needs to: whether it was done.
pub fn own_as(file: &File, other: &Metadata) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::{MetadataExt, fchown};
        fchown(file, Some(other.uid()), Some(other.gid())).is_ok()
    }
    #[cfg(not(unix))]
    {
        let _ = (file, other);
        false
    }
}

fn readable(file: &File) -> io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        file.set_permissions(std::fs::Permissions::from_mode(0o644))?;
    }
    #[cfg(not(unix))]
    let _ = file;
    Ok(())
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::{MetadataExt, PermissionsExt, chown, symlink};

    use super::*;

    #[test]
    fn what_is_there_keeps_its_owner_its_mode_and_its_links() {
        let folder = tempfile::TempDir::new().unwrap();
        let (file, link) = (folder.path().join("a.toml"), folder.path().join("b.toml"));
        std::fs::write(&file, "before").unwrap();
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o640)).unwrap();
        // Where root runs the tests, there is an owner to lose.
        let _ = chown(&file, Some(1234), Some(2345));
        symlink("a.toml", &link).unwrap();
        let of = |path: &Path| {
            let known = std::fs::metadata(path).unwrap();
            (known.uid(), known.gid(), known.mode())
        };
        let before = of(&file);
        put(&link, "after").unwrap();
        assert!(link.is_symlink());
        assert_eq!(std::fs::read_to_string(&file).unwrap(), "after");
        assert_eq!(of(&file), before);
    }

    #[test]
    fn what_is_new_may_be_read_by_everybody() {
        let folder = tempfile::TempDir::new().unwrap();
        let file = folder.path().join("epoch");
        put(&file, "7\n").unwrap();
        assert_eq!(std::fs::metadata(&file).unwrap().mode() & 0o777, 0o644);
        assert!(put(&folder.path().join("none/epoch"), "7\n").is_err());
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
