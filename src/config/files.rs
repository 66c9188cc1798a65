//! Finds and reads the files of a configuration. All problems of all files are told at once.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use toml::de::{DeTable, DeValue};

use super::Problem;
use super::build;
use super::edition;
use super::outline::FileKind;
use super::problem::Problems;
use super::read::{Node, Value};
use super::schemas;
use super::secrets::Environment;
use super::sections::{InstitutionsFile, RealmFile, ServerFile, ServiceFile};
use super::settings::Loaded;
use super::source::{Place, Source};
use crate::base::edition::{Edition, name_of};
use crate::base::version::version_of;
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
    /// By which nodes are compared.
    pub edition: Edition,
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
    /// The name of its text; empty when it could not be read.
    version: String,
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
            named: problems.named,
        }),
        _ => Err(problems.found),
    }
}

/// What `server.toml` at `path` says, without its siblings.
pub fn server(path: &Path, problems: &mut Problems) -> Option<ServerFile> {
    open(path, problems).and_then(|source| parse(&source, FileKind::Server, problems))
}

fn read_all(path: &Path, problems: &mut Problems) -> Written {
    let folder = path.parent().unwrap_or(Path::new(""));
    let mut edition = Edition::default();
    let server = open(path, problems);
    let own = of_toml(&server);
    let server: Option<ServerFile> = server.and_then(|source| parse(&source, FileKind::Server, problems));
    let realms_folder = folder.join("realms");
    let realms = folder_of::<RealmFile>(&realms_folder, FileKind::Realm, problems);
    if realms.is_empty() {
        problems.add_file(
            &realms_folder,
            "no realm is configured",
            "a file realms/NAME.toml for each population of people",
        );
    }
    let mut of_services = Problems::default();
    let mut of_institutions = Problems::default();
    let (services, (institutions, sheet)) = std::thread::scope(|scope| {
        let services = scope.spawn(|| {
            folder_of::<ServiceFile>(&folder.join("services"), FileKind::Service, &mut of_services)
        });
        let listed = institutions_of(folder, server.as_ref(), &mut of_institutions);
        (build::outcome(services), listed)
    });
    problems.append(of_services);
    problems.append(of_institutions);
    let apereo = server
        .as_ref()
        .and_then(|server| server.services.apereo.value.as_ref());
    let themes = server
        .as_ref()
        .and_then(|server| server.pages.themes.value.as_ref());
    edition.config = name_of([("server", own)].into_iter().chain(versions(&realms)));
    let apereo = edition::of_folder(apereo.map(|folder| folder.0.as_path()));
    edition.registry = name_of(versions(&services).chain([("apereo", apereo)]));
    let listed = sheet
        .as_ref()
        .map(|sheet| version_of(sheet.source.text.as_bytes()));
    edition.institutions = name_of([
        ("institutions", of_toml(&institutions)),
        ("sheet", listed.unwrap_or_default()),
    ]);
    edition.themes = edition::of_folder(themes.map(|folder| folder.0.as_path()));
    let institutions = institutions.and_then(|source| parse(&source, FileKind::Institutions, problems));
    Written {
        edition,
        sheet,
        server,
        realms,
        services,
        institutions,
    }
}

/// The files of institutions: those written one by one, and the spreadsheet.
fn institutions_of(
    folder: &Path,
    server: Option<&ServerFile>,
    problems: &mut Problems,
) -> (Option<Arc<Source>>, Option<WrittenSheet>) {
    let path = folder.join("institutions.toml");
    let written = match path.exists() {
        true => open(&path, problems),
        false => None,
    };
    (written, sheet(folder, server, problems))
}

/// The name of a file by what it says; empty when it could not be read.
fn of_toml(source: &Option<Arc<Source>>) -> String {
    source
        .as_ref()
        .map_or(String::new(), |source| edition::of_toml(&source.text))
}

fn versions<T>(files: &[Named<T>]) -> impl Iterator<Item = (&str, String)> {
    files
        .iter()
        .map(|file| (file.name.as_str(), file.version.clone()))
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
fn folder_of<T: Value>(folder: &Path, kind: FileKind, problems: &mut Problems) -> Vec<Named<T>> {
    let named = paths_of(folder, problems).into_iter().map(|path| {
        let source = open(&path, problems);
        let version = source.as_ref().map(|source| version_of(source.text.as_bytes()));
        Named {
            name: path
                .file_stem()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned(),
            content: source.and_then(|source| parse(&source, kind, problems)),
            version: version.unwrap_or_default(),
            path,
        }
    });
    named.collect()
}

/// The files that are written in TOML, the server's first.
pub(super) fn all(server: &Path, problems: &mut Problems) -> Vec<(FileKind, PathBuf)> {
    let folder = server.parent().unwrap_or(Path::new(""));
    let mut files = vec![(FileKind::Server, server.to_owned())];
    let institutions = folder.join("institutions.toml");
    if institutions.exists() {
        files.push((FileKind::Institutions, institutions));
    }
    for (kind, within) in [(FileKind::Realm, "realms"), (FileKind::Service, "services")] {
        let paths = paths_of(&folder.join(within), problems);
        files.extend(paths.into_iter().map(|path| (kind, path)));
    }
    files
}

fn paths_of(folder: &Path, problems: &mut Problems) -> Vec<PathBuf> {
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

fn parse<T: Value>(source: &Arc<Source>, kind: FileKind, problems: &mut Problems) -> Option<T> {
    let mut table = toml(source, problems)?;
    schemas::carry(&mut table, (kind, source), schemas::RENAMED, problems);
    let value = DeValue::Table(table);
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
