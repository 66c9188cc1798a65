//! Finds and reads the files of a configuration. All problems of all files are told at once.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use toml::de::{DeTable, DeValue};

use super::Problem;
use super::build;
use super::problem::Problems;
use super::read::{Node, Value};
use super::secrets::Environment;
use super::sections::{InstitutionsFile, RealmFile, ServerFile, ServiceFile};
use super::settings::Loaded;
use super::source::{Place, Source};
use crate::realms::sheet::Sheet;

/// A configuration file larger than this is a mistake.
const LARGEST_FILE: u64 = 64 << 20;

/// What the files say, each part `None` when it could not be read.
pub struct Written {
    pub server: Option<ServerFile>,
    pub realms: Vec<Named<RealmFile>>,
    pub services: Vec<Named<ServiceFile>>,
    pub institutions: Option<InstitutionsFile>,
    pub sheet: Option<WrittenSheet>,
}

/// A spreadsheet of institutions, and its text for places of problems.
pub struct WrittenSheet {
    pub source: Arc<Source>,
    pub sheet: Sheet,
}

/// A file whose name is the id of what it describes.
pub struct Named<T> {
    /// The file's name without `.toml`.
    pub name: String,
    pub path: PathBuf,
    /// `None` when it could not be read.
    pub content: Option<T>,
}

/// Reads `server.toml` at `path` and its siblings `realms/*.toml`, `institutions.toml` and
/// `services/*.toml`. Opens files, but no connection.
pub fn load(path: &Path, environment: Environment<'_>) -> Result<Loaded, Vec<Problem>> {
    let mut problems = Problems::default();
    let written = read_all(path, &mut problems);
    let settings = build::settings(&written, environment, &mut problems);
    problems.sort();
    match settings {
        Some(settings) if problems.found.is_empty() => Ok(Loaded {
            settings,
            warnings: problems.warnings,
            private: problems.private,
        }),
        _ => Err(problems.found),
    }
}

/// What `server.toml` at `path` says, without its siblings.
pub fn server(path: &Path, problems: &mut Problems) -> Option<ServerFile> {
    open(path, problems).and_then(|source| parse(&source, problems))
}

fn read_all(path: &Path, problems: &mut Problems) -> Written {
    let folder = path.parent().unwrap_or(Path::new(""));
    let server = server(path, problems);
    let realms_folder = folder.join("realms");
    let realms = folder_of::<RealmFile>(&realms_folder, problems);
    if realms.is_empty() {
        problems.add_file(
            &realms_folder,
            "no realm is configured",
            "a file realms/NAME.toml for each population of people",
        );
    }
    let services = folder_of(&folder.join("services"), problems);
    let institutions = folder.join("institutions.toml");
    let institutions = if institutions.exists() {
        open(&institutions, problems).and_then(|source| parse(&source, problems))
    } else {
        None
    };
    Written {
        sheet: sheet(folder, server.as_ref(), problems),
        server,
        realms,
        services,
        institutions,
    }
}

/// The configured spreadsheet, or `institutions.csv` when there is one.
fn sheet(folder: &Path, server: Option<&ServerFile>, problems: &mut Problems) -> Option<WrittenSheet> {
    let configured = server.and_then(|server| server.institutions.file.as_ref());
    let usual = folder.join("institutions.csv");
    let path = match configured {
        Some(path) => &path.0,
        None if usual.exists() => &usual,
        None => return None,
    };
    let sheet = Sheet::read(bytes(path, problems)?);
    let sheet = sheet.map_err(|_| {
        problems.add_file(
            path,
            "the first line has no headings",
            "a line of headings, as id;realm;name;town",
        );
    });
    let sheet = sheet.ok()?;
    let source = Source {
        path: path.clone(),
        text: sheet.text().to_owned(),
    };
    Some(WrittenSheet {
        source: Arc::new(source),
        sheet,
    })
}

/// Every `*.toml` of a folder, in the order of their names; a missing folder has none.
fn folder_of<T: Value>(folder: &Path, problems: &mut Problems) -> Vec<Named<T>> {
    let named = paths_of(folder, problems).into_iter().map(|path| Named {
        name: path
            .file_stem()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned(),
        content: open(&path, problems).and_then(|source| parse(&source, problems)),
        path,
    });
    named.collect()
}

pub(super) fn paths_of(folder: &Path, problems: &mut Problems) -> Vec<PathBuf> {
    let mut paths: Vec<PathBuf> = match fs::read_dir(folder) {
        Ok(entries) => entries
            .filter_map(|entry| Some(entry.ok()?.path()))
            .filter(|path| path.extension().is_some_and(|ending| ending == "toml"))
            .collect(),
        Err(error) if error.kind() == ErrorKind::NotFound => Vec::new(),
        Err(error) => {
            problems.add_file(
                folder,
                format!("this folder cannot be read ({error})"),
                "a folder that the server may read",
            );
            Vec::new()
        }
    };
    paths.sort();
    paths
}

pub(super) fn bytes(path: &Path, problems: &mut Problems) -> Option<Vec<u8>> {
    let read = fs::metadata(path).and_then(|about| {
        if about.len() > LARGEST_FILE {
            return Err(std::io::Error::other("it is larger than 64 MiB"));
        }
        fs::read(path)
    });
    match read {
        Ok(bytes) => Some(bytes),
        Err(error) => {
            let wrong = match error.kind() {
                ErrorKind::NotFound => "this file does not exist".to_owned(),
                ErrorKind::PermissionDenied => "this file may not be read by this user".to_owned(),
                _ => format!("this file cannot be read: {error}"),
            };
            problems.add_file(path, wrong, "the path of a file that the server may read");
            None
        }
    }
}

pub(super) fn open(path: &Path, problems: &mut Problems) -> Option<Arc<Source>> {
    match String::from_utf8(bytes(path, problems)?) {
        Ok(text) => Some(Arc::new(Source {
            path: path.to_owned(),
            text,
        })),
        Err(error) => {
            let good = error.utf8_error().valid_up_to();
            let before = error.as_bytes().get(..good).unwrap_or_default();
            let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
            let wrong = format!("line {line} is not UTF-8");
            problems.add_file(path, wrong, "the file again, saved as UTF-8");
            None
        }
    }
}

fn parse<T: Value>(source: &Arc<Source>, problems: &mut Problems) -> Option<T> {
    let value = DeValue::Table(toml(source, problems)?);
    let root = Node {
        value: &value,
        place: Place::start_of(source),
    };
    T::read(&root, problems)
}

/// The file as TOML, whatever its keys.
pub(super) fn toml<'a>(source: &'a Arc<Source>, problems: &mut Problems) -> Option<DeTable<'a>> {
    let (table, errors) = DeTable::parse_recoverable(&source.text);
    for error in &errors {
        let span = error.span().unwrap_or(0..0);
        let place = Place {
            span,
            ..Place::start_of(source)
        };
        problems.add(
            &place,
            format!("this is not TOML: {}", error.message()),
            "key = value, texts in \"quotes\", lists in [brackets]",
        );
    }
    errors.is_empty().then(|| table.into_inner())
}
