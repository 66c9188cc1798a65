//! A folder of definitions as services: read in the order of their names, numbered in the order in
//! which Apereo asks them.

use std::collections::{BTreeSet, HashMap};
use std::fs;
use std::path::{Path, PathBuf};

use super::draft::{Remark, Surroundings, Weight};
use super::translate::{Translated, translate};
use super::tree::{Node, Unreadable};
use super::{relaxed, yaml};
use crate::base::fold::folded;
use crate::services::ServiceSettings;

/// A definition is far smaller.
const LARGEST: u64 = 1 << 20;

/// Folders in folders.
const DEEPEST: usize = 8;

/// The longest id of a service.
const LONGEST_ID: usize = 40;

/// What became of a folder.
#[derive(Default)]
pub struct Imported {
    /// In Apereo's order.
    pub services: Vec<ImportedService>,
    /// In the order of files and lines.
    pub remarks: Vec<Remark>,
    /// Files that were read.
    pub files: usize,
}

/// A service and the definition it was.
pub struct ImportedService {
    pub settings: ServiceSettings,
    pub file: PathBuf,
    /// Of `serviceId`.
    pub line: usize,
    /// What people want to keep, as comments.
    pub notes: Vec<String>,
}

impl Imported {
    /// Whether something of the definitions is not there any more.
    pub fn loses(&self) -> bool {
        self.remarks.iter().any(|remark| remark.weight.loses())
    }

    /// What is told of one definition.
    pub fn remarks_on<'a>(&'a self, file: &'a Path) -> impl Iterator<Item = &'a Remark> {
        let from = self
            .remarks
            .partition_point(|remark| remark.file.as_path() < file);
        let rest = self.remarks.get(from..).unwrap_or_default();
        rest.iter().take_while(move |remark| remark.file == file)
    }
}

/// Every definition under `folder`; `progress` is told how many were read of how many. An error is
/// about the folder itself.
pub fn read(
    folder: &Path,
    surroundings: &Surroundings,
    progress: &mut dyn FnMut(usize, usize),
) -> std::io::Result<Imported> {
    let mut files = Vec::new();
    find(folder, 0, &mut files)?;
    files.sort();
    let mut imported = Imported {
        files: files.len(),
        ..Imported::default()
    };
    let mut all = Vec::new();
    for (at, file) in files.iter().enumerate() {
        let path = file.strip_prefix(folder).unwrap_or(file).to_owned();
        let read = definition(file).map(|root| translate(&root, &path, surroundings));
        match read {
            Ok((translated, remarks)) => {
                imported.remarks.extend(remarks);
                all.extend(translated.map(|translated| (path, translated)));
            }
            Err(error) => imported.remarks.push(Remark {
                weight: Weight::Unreadable,
                file: path,
                line: error.line,
                field: String::new(),
                message: error.message,
            }),
        }
        progress(at + 1, files.len());
    }
    all.sort_by(|(one_file, one), (other_file, other)| (&one.rank, one_file).cmp(&(&other.rank, other_file)));
    close_doubles(&mut all, &mut imported.remarks);
    let mut ids = BTreeSet::new();
    for (order, (file, translated)) in all.into_iter().enumerate() {
        let service = service(order, file, translated, &mut ids, &mut imported.remarks);
        imported.services.push(service);
    }
    imported
        .remarks
        .sort_by(|a, b| (&a.file, a.line, a.weight).cmp(&(&b.file, b.line, b.weight)));
    Ok(imported)
}

fn find(folder: &Path, depth: usize, files: &mut Vec<PathBuf>) -> std::io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let hidden = path
            .file_name()
            .is_none_or(|name| name.to_string_lossy().starts_with('.'));
        if hidden {
            continue;
        }
        if path.is_dir() {
            if depth < DEEPEST {
                find(&path, depth + 1, files)?;
            }
        } else if ending(&path).is_some() {
            files.push(path);
        }
    }
    Ok(())
}

#[derive(Clone, Copy)]
enum Ending {
    Json,
    Yaml,
}

fn ending(path: &Path) -> Option<Ending> {
    let ending = path.extension()?.to_string_lossy().to_ascii_lowercase();
    match ending.as_str() {
        "json" | "hjson" => Some(Ending::Json),
        "yml" | "yaml" => Some(Ending::Yaml),
        _ => None,
    }
}

fn definition(path: &Path) -> Result<Node, Unreadable> {
    let unread = |error: std::io::Error| Unreadable::at(1, format!("this file cannot be read: {error}"));
    if fs::metadata(path).map_err(unread)?.len() > LARGEST {
        return Err(Unreadable::at(1, "this file is larger than 1 MiB"));
    }
    let bytes = fs::read(path).map_err(unread)?;
    let text = String::from_utf8(bytes).map_err(|error| {
        let good = error.utf8_error().valid_up_to();
        let before = error.as_bytes().get(..good).unwrap_or_default();
        let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
        Unreadable::at(line, "this is not UTF-8")
    })?;
    match ending(path) {
        Some(Ending::Yaml) => yaml::read(&text),
        _ => relaxed::read(&text),
    }
}

/// Of two definitions with one number Apereo keeps one, whichever it read last.
fn close_doubles(all: &mut [(PathBuf, Translated)], remarks: &mut Vec<Remark>) {
    let mut known: HashMap<i64, PathBuf> = HashMap::new();
    for (file, translated) in all {
        if translated.rank.id < 0 {
            continue;
        }
        match known.get(&translated.rank.id) {
            Some(first) => {
                translated.settings.enabled = false;
                remarks.push(Remark {
                    weight: Weight::Closed,
                    file: file.clone(),
                    line: translated.line,
                    field: "id".to_owned(),
                    message: format!(
                        "{} has the id {}, too; Apereo keeps one of them, and which one is chance",
                        first.display(),
                        translated.rank.id
                    ),
                });
            }
            None => {
                known.insert(translated.rank.id, file.clone());
            }
        }
    }
}

fn service(
    order: usize,
    file: PathBuf,
    translated: Translated,
    ids: &mut BTreeSet<String>,
    remarks: &mut Vec<Remark>,
) -> ImportedService {
    let id = id_of(&translated, ids);
    let mut settings = ServiceSettings {
        id,
        order: Some(i32::try_from(order + 1).unwrap_or(i32::MAX)),
        user_salt: translated.salt,
        ..translated.settings
    };
    let nowhere =
        settings.urls.is_empty() && settings.patterns.is_empty() && settings.proxied_names.is_empty();
    if nowhere {
        remarks.push(lost(&file, translated.line));
        // Closed, and of no address that anybody can have (RFC 2606).
        settings.urls = vec![format!("https://{}.invalid/**", settings.id)];
    }
    // Without realms: whether it fits those that there are is told when it is registered.
    if let Err(problems) = settings.check(&[]) {
        for problem in &problems {
            remarks.push(Remark {
                weight: Weight::Closed,
                file: file.clone(),
                line: translated.line,
                field: problem.field.to_owned(),
                message: problem.message.clone(),
            });
        }
        let (kept, is_whole) = bare(settings);
        if !is_whole {
            remarks.push(lost(&file, translated.line));
        }
        settings = kept;
    }
    ImportedService {
        settings,
        file,
        line: translated.line,
        notes: translated.notes,
    }
}

/// A closed service that does not keep its addresses is worse than none: a wider one would serve them,
/// without the restriction.
fn lost(file: &Path, line: usize) -> Remark {
    Remark {
        weight: Weight::Unreadable,
        file: file.to_owned(),
        line,
        field: "serviceId".to_owned(),
        message: "no address can be kept closed for this service, and a wider one would take its people in: \
                  write serviceId without what is not carried, or take the file out"
            .to_owned(),
    }
}

/// Its addresses, closed: they are kept from wider services. And whether they are.
fn bare(settings: ServiceSettings) -> (ServiceSettings, bool) {
    let bare = ServiceSettings {
        id: settings.id,
        name: settings.name,
        urls: settings.urls,
        patterns: settings.patterns,
        proxied_names: settings.proxied_names,
        catch_all: settings.catch_all,
        order: settings.order,
        enabled: false,
        ..ServiceSettings::default()
    };
    if bare.check(&[]).is_ok() {
        return (bare, true);
    }
    let nowhere = ServiceSettings {
        urls: vec![format!("https://{}.invalid/**", bare.id)],
        patterns: Vec::new(),
        proxied_names: Vec::new(),
        ..bare
    };
    (nowhere, false)
}

/// `moodle-10000001`: what people know it by, and its number.
fn id_of(translated: &Translated, ids: &mut BTreeSet<String>) -> String {
    let number = match translated.rank.id {
        id if id < 0 => String::new(),
        id => format!("-{id}"),
    };
    let name = translated
        .settings
        .name
        .values()
        .next()
        .map(|name| folded(name))
        .unwrap_or_default();
    let mut slug = String::new();
    for symbol in name.chars() {
        if symbol.is_ascii_lowercase() || symbol.is_ascii_digit() {
            slug.push(symbol);
        } else if !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
    }
    let stem = if slug.is_empty() {
        "service".to_owned()
    } else {
        slug
    };
    let mut copy = 1;
    loop {
        let ending = match copy {
            1 => number.clone(),
            _ => format!("{number}-{copy}"),
        };
        let room = LONGEST_ID.saturating_sub(ending.len());
        let short: String = stem.chars().take(room).collect();
        let id = format!("{}{ending}", short.trim_end_matches('-'));
        if ids.insert(id.clone()) {
            return id;
        }
        copy += 1;
    }
}
