//! Secrets of the configuration: from a file that others cannot read, or from the environment;
//! never from a line of TOML.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use super::credentials;
use super::problem::Problems;
use super::source::{At, Place};
use super::values::FilePath;
use crate::base::secret::Secret;

/// Where environment variables are looked up; the process's own in a server.
pub type Environment<'a> = &'a dyn Fn(&str) -> Option<String>;

/// The secret that `file` or `variable` names; `Some(None)` when neither is written.
pub fn read(
    file: &At<Option<FilePath>>,
    variable: &At<Option<String>>,
    environment: Environment<'_>,
    problems: &mut Problems,
) -> Option<Option<Secret>> {
    match (&file.value, &variable.value) {
        (None, None) => Some(None),
        (Some(_), Some(_)) => {
            let mend = "only one of the two keys";
            problems.add(
                &variable.place,
                "this secret is given twice, by file and by variable",
                mend,
            );
            None
        }
        (Some(path), None) => from_file(&path.0, &file.place, problems).map(Some),
        (None, Some(name)) => {
            let found = environment(name).filter(|text| !text.is_empty());
            if found.is_none() {
                problems.add(
                    &variable.place,
                    "this environment variable is not set, or empty",
                    "the name of a variable that the server is started with",
                );
            }
            found.map(|text| Some(Secret::new(text)))
        }
    }
}

/// The content of a secret file without its last line end.
fn from_file(path: &Path, place: &Place, problems: &mut Problems) -> Option<Secret> {
    let text = private_file(path, place, Readers::Owner, problems)?;
    let Ok(text) = String::from_utf8(text) else {
        problems.add(
            place,
            "this file is not text in UTF-8",
            "a file with the secret on one line",
        );
        return None;
    };
    let line = text.strip_suffix('\n').unwrap_or(&text);
    let line = line.strip_suffix('\r').unwrap_or(line);
    if line.is_empty() || line.contains(['\n', '\0']) {
        problems.add(
            place,
            "this file does not hold one line with the secret",
            "a file with the secret on one line",
        );
        return None;
    }
    Some(Secret::new(line.to_owned()))
}

/// Who may read a file with a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Readers {
    Owner,
    OwnerAndGroup,
}

/// Reads a file that others may not read (T-96).
pub fn private_file(
    path: &Path,
    place: &Place,
    readers: Readers,
    problems: &mut Problems,
) -> Option<Vec<u8>> {
    let readers = match credentials::is_handed_over(path) {
        true => Readers::OwnerAndGroup,
        false => readers,
    };
    if let Some(mode) = too_open(path, readers) {
        problems.add(
            place,
            format!(
                "others may read the file {} (its mode is {mode:04o})",
                path.display()
            ),
            format!("chmod 600 {}", path.display()),
        );
        return None;
    }
    match fs::read(path) {
        Ok(bytes) => {
            problems.note_private(path, place);
            Some(bytes)
        }
        Err(error) => {
            let why = match error.kind() {
                ErrorKind::NotFound => "does not exist".to_owned(),
                ErrorKind::PermissionDenied => "may not be read by this user".to_owned(),
                _ => format!("cannot be read ({error})"),
            };
            problems.add(
                place,
                format!("the file {} {why}", path.display()),
                "the path of a file that holds the secret",
            );
            None
        }
    }
}

/// The mode of a file that too many may read, or others write.
#[cfg(unix)]
fn too_open(path: &Path, readers: Readers) -> Option<u32> {
    use std::os::unix::fs::PermissionsExt;
    let mode = fs::metadata(path).ok()?.permissions().mode() & 0o7777;
    let excess = match readers {
        Readers::Owner => 0o077,
        Readers::OwnerAndGroup => 0o037,
    };
    (mode & excess != 0).then_some(mode)
}

#[cfg(not(unix))]
fn too_open(_path: &Path, _readers: Readers) -> Option<u32> {
    None
}
