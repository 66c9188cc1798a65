//! Services from a folder of Apereo's definitions: files that cannot be read are problems, what cannot
//! be carried is a warning, each with file and line.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::base::clock::{Clock, SystemClock};
use crate::config::files::Written;
use crate::config::problem::{Problems, apart};
use crate::config::source::{Place, Source};
use crate::services::apereo::{self, Imported, Surroundings, Weight};
use crate::services::{KnownRealm, Service};

/// Each with the place of its `serviceId`; `None` after adding at least one problem.
pub fn build(
    written: &Written,
    known: &[KnownRealm],
    problems: &mut Problems,
) -> Option<Vec<(Service, Place)>> {
    let Some(file) = &written.server else {
        return Some(Vec::new());
    };
    let Some(folder) = &file.services.apereo.value else {
        return Some(Vec::new());
    };
    let zone = jiff::tz::TimeZone::get(&file.pages.time_zone.value).unwrap_or(jiff::tz::TimeZone::UTC);
    let surroundings = Surroundings::new(zone, SystemClock.now());
    let imported = match apereo::read(&folder.0, &surroundings, &mut |_, _| {}) {
        Ok(imported) => imported,
        Err(error) => {
            let wrong = format!("{} cannot be read: {error}", folder.0.display());
            let mend = "a folder of definitions; a relative one starts at the folder of this file";
            problems.add(&file.services.apereo.place, wrong, mend);
            return None;
        }
    };
    let mut sources = Sources {
        folder: &folder.0,
        known: HashMap::new(),
    };
    let unread = tell(&imported, &mut sources, problems);
    let mut services = Vec::new();
    let mut refused = false;
    for service in &imported.services {
        let place = sources.place(&service.file, service.line, "serviceId");
        match service.settings.check(known) {
            Ok(checked) => services.push((checked, place)),
            Err(found) => {
                refused = true;
                for problem in found {
                    let message = format!("{}: {}", problem.field, problem.message);
                    let (wrong, mend) = apart(&message);
                    problems.add(&place, wrong, mend);
                }
            }
        }
    }
    (!unread && !refused).then_some(services)
}

/// Whether a file could not be read.
fn tell(imported: &Imported, sources: &mut Sources<'_>, problems: &mut Problems) -> bool {
    let mut unread = false;
    for remark in &imported.remarks {
        let place = sources.place(&remark.file, remark.line, &remark.field);
        let (wrong, mend) = apart(&remark.message);
        match remark.weight {
            Weight::Unreadable => {
                unread = true;
                problems.add(&place, wrong, "a definition as Apereo CAS reads it");
            }
            Weight::Skipped => problems.warn(&place, format!("left out: {wrong}"), mend),
            Weight::Closed => problems.warn(&place, format!("this service is closed: {wrong}"), mend),
            Weight::LeftOut => problems.warn(&place, format!("not carried: {wrong}"), mend),
            Weight::Look => problems.warn(&place, wrong, mend),
        }
    }
    unread
}

/// The files, each read once more for the lines that problems and warnings show.
struct Sources<'a> {
    folder: &'a Path,
    known: HashMap<PathBuf, Arc<Source>>,
}

impl Sources<'_> {
    fn place(&mut self, file: &Path, line: usize, key: &str) -> Place {
        let folder = self.folder;
        let source = self.known.entry(file.to_owned()).or_insert_with(|| {
            let path = folder.join(file);
            let text = without_salts(&fs::read_to_string(&path).unwrap_or_default());
            Arc::new(Source { path, text })
        });
        let mut start = 0;
        for before in source.text.split_inclusive('\n').take(line.saturating_sub(1)) {
            start += before.len();
        }
        let rest = source.text.get(start..).unwrap_or_default();
        let shown = rest.lines().next().unwrap_or_default();
        let indentation = shown.len() - shown.trim_start().len();
        Place {
            source: Arc::clone(source),
            span: start + indentation..start + shown.trim_end().len().max(indentation),
            key: key.to_owned(),
        }
    }
}

/// Lines that hold a secret are not shown.
fn without_salts(text: &str) -> String {
    let lines = text
        .split_inclusive('\n')
        .map(|line| match line.to_ascii_lowercase().contains("salt") {
            true => "…\n",
            false => line,
        });
    lines.collect()
}
