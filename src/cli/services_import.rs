//! `mereau services import`: a folder of Apereo's definitions becomes files of ours, one for each
//! service, and a report of everything that was not carried. Nothing is written over without --force.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};

use super::Outcome;
use super::arguments::ServicesImportArguments;
use super::print::Screen;
use crate::base::clock::{Clock, SystemClock};
use crate::base::secret::Secret;
use crate::services::apereo::{self, Imported, ImportedService, Remark, Surroundings, Weight};

/// Lines of each kind on the screen; all of them are in the report.
const MOST_LINES: usize = 20;

/// What takes longer is told of while it lasts.
const PATIENCE: Duration = Duration::from_secs(1);

pub fn import(arguments: &ServicesImportArguments, screen: &mut Screen) -> anyhow::Result<Outcome> {
    let begun = Instant::now();
    let surroundings = surroundings(&arguments.time_zone)?;
    let shown = arguments.folder.display();
    let imported = apereo::read(&arguments.folder, &surroundings, &mut |done, all| {
        if done.is_multiple_of(100) && begun.elapsed() > PATIENCE {
            screen.progress(&format!("{done} of {all} files"));
        }
    });
    let imported = imported.with_context(|| format!("{shown} cannot be read"))?;
    screen.progress("");
    if imported.files == 0 {
        bail!("there is no definition in {shown}: files that end in .json, .hjson, .yml or .yaml");
    }
    let out = match &arguments.out {
        Some(folder) => folder.clone(),
        None => {
            let config = &arguments.from.config;
            config.parent().unwrap_or(Path::new("")).join("services")
        }
    };
    let files = files(&imported, &out);
    if !arguments.force {
        refuse_to_overwrite(&files, arguments.report.as_deref())?;
    }
    std::fs::create_dir_all(&out).with_context(|| format!("{} cannot be made", out.display()))?;
    for file in &files {
        file.put()
            .with_context(|| format!("{} cannot be written", file.path.display()))?;
    }
    if let Some(path) = &arguments.report {
        std::fs::write(path, report(&imported, usize::MAX))
            .with_context(|| format!("{} cannot be written", path.display()))?;
    }
    screen.complain(report(&imported, MOST_LINES).trim_end());
    let closed = imported
        .services
        .iter()
        .filter(|service| !service.settings.enabled);
    screen.print(&format!(
        "{} files in {:.1} s: {} services in {}, {} of them closed",
        imported.files,
        begun.elapsed().as_secs_f64(),
        imported.services.len(),
        out.display(),
        closed.count(),
    ));
    Ok(if imported.loses() {
        Outcome::Bad
    } else {
        Outcome::Good
    })
}

fn surroundings(zone: &str) -> anyhow::Result<Surroundings> {
    let zone = jiff::tz::TimeZone::get(zone)
        .with_context(|| format!("“{zone}” is no time zone; write one as Europe/Paris"))?;
    Ok(Surroundings::new(zone, SystemClock.now()))
}

/// A file to be written.
struct NewFile {
    path: PathBuf,
    text: String,
    secret: bool,
}

fn files(imported: &Imported, out: &Path) -> Vec<NewFile> {
    let of_service = |service: &ImportedService| {
        let id = &service.settings.id;
        let salt = service.settings.user_salt.as_ref().map(Secret::expose);
        let salt_name = salt.map(|_| format!("{id}.salt"));
        let remarks = imported.remarks_on(&service.file);
        let text = apereo::to_toml(service, remarks, salt_name.as_deref());
        let settings = NewFile {
            path: out.join(format!("{id}.toml")),
            text,
            secret: false,
        };
        let salt = salt.zip(salt_name).map(|(salt, name)| NewFile {
            path: out.join(name),
            text: format!("{salt}\n"),
            secret: true,
        });
        std::iter::once(settings).chain(salt)
    };
    imported.services.iter().flat_map(of_service).collect()
}

fn refuse_to_overwrite(files: &[NewFile], report: Option<&Path>) -> anyhow::Result<()> {
    let paths = files.iter().map(|file| file.path.as_path()).chain(report);
    let known: Vec<&Path> = paths.filter(|path| path.exists()).collect();
    match known.as_slice() {
        [] => Ok(()),
        [first, ..] => bail!(
            "there is {} already, and {} more of these files; nothing was written; --force puts the new ones in their place",
            first.display(),
            known.len() - 1
        ),
    }
}

impl NewFile {
    /// Beside its place first, so that a server that reads the folder sees whole files only.
    fn put(&self) -> std::io::Result<()> {
        let mut beside = self.path.clone().into_os_string();
        beside.push(".new");
        let mut options = std::fs::OpenOptions::new();
        options.write(true).create(true).truncate(true);
        #[cfg(unix)]
        {
            use std::os::unix::fs::OpenOptionsExt;
            options.mode(if self.secret { 0o600 } else { 0o644 });
        }
        let mut file = options.open(&beside)?;
        file.write_all(self.text.as_bytes())?;
        std::fs::rename(&beside, &self.path)
    }
}

/// By weight and field, each counted, with at most `most` lines of one kind.
fn report(imported: &Imported, most: usize) -> String {
    let mut text = String::new();
    for weight in Weight::ALL {
        let remarks: Vec<&Remark> = imported
            .remarks
            .iter()
            .filter(|remark| remark.weight == weight)
            .collect();
        if remarks.is_empty() {
            continue;
        }
        let _ = writeln!(text, "{} ({}):", weight.heading(), remarks.len());
        for remark in remarks.iter().take(most) {
            let _ = writeln!(text, "  {remark}");
        }
        if let Some(rest) = remarks.len().checked_sub(most).filter(|rest| *rest > 0) {
            let _ = writeln!(text, "  and {rest} more; --report FILE has them all");
        }
        let _ = writeln!(text, "  by field: {}\n", by_field(&remarks));
    }
    text
}

fn by_field(remarks: &[&Remark]) -> String {
    let mut counts = std::collections::BTreeMap::<&str, usize>::new();
    for remark in remarks {
        let field = if remark.field.is_empty() {
            "the file"
        } else {
            &remark.field
        };
        *counts.entry(field).or_default() += 1;
    }
    let mut counts: Vec<(&str, usize)> = counts.into_iter().collect();
    counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    let counts: Vec<String> = counts
        .iter()
        .map(|(field, count)| format!("{field} {count}"))
        .collect();
    counts.join(", ")
}
