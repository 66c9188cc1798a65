//! `mereau config migrate`: brings the files of a configuration to the schema of this program, by changing
//! names of keys where they stand.

use std::io::Write;
use std::path::Path;

use anyhow::Context;

use super::arguments::MigrateArguments;
use super::print::Screen;
use super::{Outcome, check};
use crate::config::{self, SCHEMA};

pub fn migrate(arguments: &MigrateArguments, screen: &mut Screen) -> anyhow::Result<Outcome> {
    let migrations = match config::migration(&arguments.from.config) {
        Ok(migrations) => migrations,
        Err(problems) => {
            check::tell(&problems, screen);
            return Ok(Outcome::Bad);
        }
    };
    if migrations.is_empty() {
        screen.print(&format!("nothing to change: this is schema {SCHEMA}"));
        return Ok(Outcome::Good);
    }
    for migration in &migrations {
        for change in &migration.changes {
            screen.print(change);
        }
        if arguments.write {
            replace(&migration.path, &migration.text)?;
        }
    }
    if !arguments.write {
        screen.print("nothing was written; with --write it is");
    }
    Ok(Outcome::Good)
}

/// Whole or not at all, with the mode that the file has.
fn replace(path: &Path, text: &str) -> anyhow::Result<()> {
    let failed = || format!("{} cannot be written", path.display());
    let folder = path.parent().filter(|folder| *folder != Path::new(""));
    let mut file = tempfile::NamedTempFile::new_in(folder.unwrap_or(Path::new("."))).with_context(failed)?;
    file.write_all(text.as_bytes()).with_context(failed)?;
    let about = std::fs::metadata(path).with_context(failed)?;
    file.as_file()
        .set_permissions(about.permissions())
        .with_context(failed)?;
    file.persist(path).with_context(failed)?;
    Ok(())
}
