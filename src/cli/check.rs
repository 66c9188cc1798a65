//! `mereau check`: the configuration is read as `serve` would, with certificates, themes and files of
//! people; nothing is started, no connection is opened.

use std::path::Path;

use super::arguments::CheckArguments;
use super::print::Screen;
use super::{Outcome, assemble, serve};
use crate::config::{self, Loaded, Problem};

pub fn check(arguments: &CheckArguments, screen: &mut Screen) -> anyhow::Result<Outcome> {
    let Some(loaded) = load(&arguments.from.config, screen) else {
        return Ok(Outcome::Bad);
    };
    for warning in &loaded.warnings {
        screen.complain(&format!("warning: {warning}\n"));
    }
    let settings = loaded.settings;
    let counts = [
        count(settings.realms.len(), "realm"),
        count(settings.institutions.all().len(), "institution"),
        count(settings.services.all().len(), "service"),
    ];
    match serve::runtime()?.block_on(assemble::dry(settings)) {
        Ok(flaws) if !flaws.is_empty() && !arguments.for_reload => {
            screen.complain(&themes(&flaws));
            Ok(Outcome::Bad)
        }
        Ok(flaws) => {
            if !flaws.is_empty() {
                screen.complain(&format!("warning: {}", themes(&flaws)));
            }
            screen.print(&format!("good: {}", counts.join(", ")));
            Ok(Outcome::Good)
        }
        Err(error) => {
            screen.complain(&format!("{error:#}"));
            Ok(Outcome::Bad)
        }
    }
}

fn themes(flaws: &[String]) -> String {
    format!("the themes have flaws:\n{}", flaws.join("\n"))
}

/// The configuration as every command reads it; `None` once its problems have been told.
pub fn load(path: &Path, screen: &mut Screen) -> Option<Loaded> {
    match config::load(path, &super::environment) {
        Ok(loaded) => Some(loaded),
        Err(problems) => {
            tell(&problems, screen);
            None
        }
    }
}

/// All problems, and how many there are.
pub fn tell(problems: &[Problem], screen: &mut Screen) {
    for problem in problems {
        screen.complain(&format!("{problem}\n"));
    }
    let total = count(problems.len(), "problem");
    screen.complain(&format!("{total} in the configuration; nothing was started"));
}

pub fn count(number: usize, what: &str) -> String {
    match number {
        1 => format!("1 {what}"),
        _ => format!("{number} {what}s"),
    }
}

pub fn people(number: usize) -> String {
    match number {
        1 => "1 person".to_owned(),
        _ => format!("{number} people"),
    }
}
