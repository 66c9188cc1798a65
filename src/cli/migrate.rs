//! `mereau config migrate`: brings the files of a configuration to the schema of this program, by changing
//! names of keys where they stand.

use anyhow::Context;

use super::arguments::MigrateArguments;
use super::print::Screen;
use super::{Outcome, check, files};
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
            let failed = || format!("{} cannot be written", migration.path.display());
            files::put(&migration.path, &migration.text).with_context(failed)?;
        }
    }
    if !arguments.write {
        screen.print("nothing was written; with --write it is");
    }
    Ok(Outcome::Good)
}
