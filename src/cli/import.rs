//! `mereau institutions import`: the ministry's open data becomes `institutions.csv`. Nothing is
//! written while a line cannot be read, unless the operator said to leave such lines out.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};

use super::arguments::ImportArguments;
use super::print::Screen;
use super::{Outcome, files};
use crate::base::names::RealmId;
use crate::realms::Institution;
use crate::realms::checks::Flaw;
use crate::realms::sheet::{Ministry, Sheet, write};

/// Lines told of each kind; of the rest only their number.
const MOST_LINES: usize = 50;

/// Rows between two words on the progress.
const STRIDE: usize = 1000;

pub fn import(arguments: &ImportArguments, screen: &mut Screen) -> anyhow::Result<Outcome> {
    let realm = realm(arguments)?;
    let target = target(arguments)?;
    let shown = arguments.file.display();
    let bytes = std::fs::read(&arguments.file).with_context(|| format!("{shown} cannot be read"))?;
    let sheet = Sheet::read(bytes).with_context(|| format!("{shown} cannot be used"))?;
    let ministry = Ministry::new(&sheet, realm);
    let ministry = ministry.map_err(|flaw| anyhow::anyhow!("{shown}: {}", told(&flaw)))?;
    let read = read(&sheet, ministry, screen);
    tell(&read, &arguments.file, screen);
    let left_out = match read.unreadable.len() {
        0 => String::new(),
        _ if !arguments.skip_unreadable => {
            screen.complain("nothing was written; --skip-unreadable leaves these lines out");
            return Ok(Outcome::Bad);
        }
        lines => format!(", {lines} lines left out"),
    };
    let text = write(&read.institutions);
    let count = read.institutions.len();
    match target {
        None => screen.print(text.trim_end()),
        Some(path) => {
            files::put(&path, &text).with_context(|| format!("{} cannot be written", path.display()))?;
            screen.print(&format!("{count} institutions in {}{left_out}", path.display()));
        }
    }
    Ok(Outcome::Good)
}

/// The realm that was named, or the only one that there is.
fn realm(arguments: &ImportArguments) -> anyhow::Result<RealmId> {
    if let Some(name) = &arguments.realm {
        return RealmId::new(name)
            .with_context(|| format!("“{name}” is not the name of a realm: 1 to 40 of a-z, 0-9 and -"));
    }
    let folder = beside(&arguments.from.config, "realms");
    let files = std::fs::read_dir(&folder).into_iter().flatten().flatten();
    let mut realms = files.filter_map(|file| {
        let path = file.path();
        let is_realm = path.extension().is_some_and(|ending| ending == "toml");
        is_realm.then(|| RealmId::new(path.file_stem()?.to_str()?))?
    });
    match (realms.next(), realms.next()) {
        (Some(only), None) => Ok(only),
        (None, _) => bail!("there is no realm in {}; name one with --realm", folder.display()),
        _ => bail!(
            "there are several realms in {}; choose one with --realm",
            folder.display()
        ),
    }
}

/// The file to write; `None` is the standard output.
fn target(arguments: &ImportArguments) -> anyhow::Result<Option<PathBuf>> {
    let path = match &arguments.into {
        Some(path) if path.as_os_str() == "-" => return Ok(None),
        Some(path) => path.clone(),
        None => beside(&arguments.from.config, "institutions.csv"),
    };
    if path.exists() && !arguments.replace {
        bail!(
            "there is a file {} already; --replace puts the new one in its place",
            path.display()
        );
    }
    Ok(Some(path))
}

fn beside(config: &Path, name: &str) -> PathBuf {
    config.parent().unwrap_or(Path::new("")).join(name)
}

/// What became of the lines.
#[derive(Default)]
struct Read {
    institutions: Vec<Institution>,
    unreadable: Vec<(usize, String)>,
    doubtful: Vec<(usize, String)>,
}

fn read(sheet: &Sheet, mut ministry: Ministry, screen: &mut Screen) -> Read {
    let mut read = Read::default();
    let mut rows = sheet.rows();
    let whole = sheet.text().len().max(1);
    let mut count = 0_usize;
    while let Some(row) = rows.next() {
        count += 1;
        if count.is_multiple_of(STRIDE) {
            let percent = rows.done() * 100 / whole;
            screen.progress(&format!("{percent} %, {count} lines"));
        }
        let row = match row {
            Ok(row) => row,
            Err(bad) => {
                read.unreadable.push((bad.line, bad.why));
                continue;
            }
        };
        match ministry.read(&row) {
            Ok(imported) => {
                let doubts = imported.doubts.iter().map(|doubt| (row.line, told(doubt)));
                read.doubtful.extend(doubts);
                read.institutions.push(imported.institution);
            }
            Err(flaws) => {
                let flaws: Vec<String> = flaws.iter().map(told).collect();
                read.unreadable.push((row.line, flaws.join("; ")));
            }
        }
    }
    screen.progress("");
    read
}

fn told(flaw: &Flaw) -> String {
    format!("{}: {} ({})", flaw.key, flaw.wrong, flaw.mend)
}

fn tell(read: &Read, file: &Path, screen: &mut Screen) {
    for (lines, word) in [(&read.doubtful, "warning: "), (&read.unreadable, "")] {
        for (line, why) in lines.iter().take(MOST_LINES) {
            screen.complain(&format!("{word}{}:{line}: {why}", file.display()));
        }
        if let Some(rest) = lines.len().checked_sub(MOST_LINES).filter(|rest| *rest > 0) {
            screen.complain(&format!("{word}and {rest} lines more of this kind"));
        }
    }
    match read.unreadable.len() {
        0 => {}
        1 => screen.complain("1 line cannot be read"),
        lines => screen.complain(&format!("{lines} lines cannot be read")),
    }
}
