//! Files that systemd hands over: what lies in a folder `secrets` is read by root and given to the service
//! alone, which may not open that folder itself (`LoadCredential=secrets:/etc/mereau/secrets`). The same
//! configuration serves root on the command line, who reads the folder.

use std::path::{Path, PathBuf};

/// The name of the folder, and of what it is loaded as.
const FOLDER: &str = "secrets";

/// Where `path` is really read: what was handed over, when it was.
pub fn handed_over(path: PathBuf) -> PathBuf {
    match folder().and_then(|folder| within(&folder, &path)) {
        Some(given) if given.is_file() => given,
        _ => path,
    }
}

/// Whether this file was handed over. Its group's bits show the mask of an access list then, which names
/// the service's user alone.
pub fn is_handed_over(path: &Path) -> bool {
    folder().is_some_and(|folder| path.starts_with(folder))
}

fn folder() -> Option<PathBuf> {
    std::env::var_os("CREDENTIALS_DIRECTORY")
        .map(PathBuf::from)
        .filter(|folder| folder.is_absolute())
}

/// The name that systemd gives to a file of a folder: the credential's, `_`, the file's.
fn within(folder: &Path, path: &Path) -> Option<PathBuf> {
    let of_secrets = path.parent()?.file_name()? == FOLDER;
    let name = path.file_name()?.to_str()?;
    of_secrets.then(|| folder.join(format!("{FOLDER}_{name}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_lies_in_the_folder_of_secrets_is_looked_for_elsewhere() {
        let given = |path: &str| within(Path::new("/run/credentials/mereau.service"), Path::new(path));
        let expected = PathBuf::from("/run/credentials/mereau.service/secrets_ring.key");
        assert_eq!(given("/etc/mereau/secrets/ring.key"), Some(expected.clone()));
        assert_eq!(given("/etc/mereau/realms/../secrets/ring.key"), Some(expected));
        assert_eq!(given("/etc/mereau/ring.key"), None);
        assert_eq!(given("/etc/mereau/secrets"), None);
        assert_eq!(given("/"), None);
    }
}
