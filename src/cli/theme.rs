//! `mereau theme`: a theme looked at before people see it. `check` says what is wrong with it, `render`
//! writes its pages to be looked at; both need no configuration when they are given a folder.

use std::io::IsTerminal;
use std::path::{Path, PathBuf};

use super::arguments::{ThemeCommand, ThemeFolder};
use super::print::Screen;
use super::{Outcome, check};
use crate::pages::{DEFAULT, Pages, ThemeProblem, theme_folders};

pub fn theme(command: &ThemeCommand, screen: &mut Screen) -> anyhow::Result<Outcome> {
    match command {
        ThemeCommand::Check { theme } => look_at_all(theme, screen),
        ThemeCommand::Render {
            theme,
            into,
            pseudo_language,
        } => render(theme, into, *pseudo_language, screen),
    }
}

/// The themes that were meant: the folder given, else those of the configuration; the built-in one
/// when there are none.
fn meant(theme: &ThemeFolder, screen: &mut Screen) -> Option<Vec<PathBuf>> {
    if let Some(folder) = &theme.folder {
        return Some(vec![folder.clone()]);
    }
    let settings = check::load(&theme.from.config, screen)?.settings.pages;
    let Some(shelf) = settings.themes else {
        return Some(Vec::new());
    };
    match theme_folders(&shelf) {
        Ok(folders) => Some(folders),
        Err(error) => {
            screen.complain(&format!("{}: {error}", shelf.display()));
            None
        }
    }
}

fn look_at_all(theme: &ThemeFolder, screen: &mut Screen) -> anyhow::Result<Outcome> {
    let Some(folders) = meant(theme, screen) else {
        return Ok(Outcome::Bad);
    };
    let mut outcome = Outcome::Good;
    if folders.is_empty() {
        outcome = tell(DEFAULT, &Pages::new(&[])?.check(), screen);
    }
    for folder in folders {
        let name = folder.display().to_string();
        let told = match Pages::themed(&folder) {
            Ok(pages) => tell(&name, &pages.check(), screen),
            Err(error) => {
                screen.complain(&format!("{}\n", error.with_causes()));
                screen.complain(&format!(
                    "{name}: cannot be used; the theme it extends would be shown"
                ));
                Outcome::Bad
            }
        };
        if told == Outcome::Bad {
            outcome = Outcome::Bad;
        }
    }
    Ok(outcome)
}

fn tell(name: &str, problems: &[ThemeProblem], screen: &mut Screen) -> Outcome {
    for problem in problems {
        screen.complain(&format!("{problem}\n"));
    }
    match problems.len() {
        0 => {
            screen.print(&format!("{name}: good"));
            Outcome::Good
        }
        count => {
            screen.complain(&format!("{name}: {}", check::count(count, "problem")));
            Outcome::Bad
        }
    }
}

fn render(theme: &ThemeFolder, into: &Path, pseudo: bool, screen: &mut Screen) -> anyhow::Result<Outcome> {
    let Some(folders) = meant(theme, screen) else {
        return Ok(Outcome::Bad);
    };
    let pages = match folders.as_slice() {
        [] => Pages::new(&[]),
        [folder] => Pages::themed(folder),
        several => {
            let names: Vec<String> = several.iter().map(|one| one.display().to_string()).collect();
            screen.complain(&format!(
                "there are several themes; name one: {}",
                names.join(", ")
            ));
            return Ok(Outcome::Bad);
        }
    };
    let mut pages = match pages {
        Ok(pages) => pages,
        Err(error) => {
            screen.complain(&error.with_causes());
            return Ok(Outcome::Bad);
        }
    };
    if pseudo {
        pages = pages.with_pseudo_language()?;
    }
    let shows = std::io::stderr().is_terminal();
    let written = pages.gallery(into, &mut |done, all| {
        if shows && (done == all || done % 20 == 0) {
            screen.progress(&format!("{done} of {all} pages"));
        }
    });
    match written {
        Ok(written) => {
            let index = into.join("index.html");
            screen.print(&format!("{written} pages; open {} in a browser", index.display()));
            Ok(Outcome::Good)
        }
        Err(error) => {
            screen.complain(&error.with_causes());
            Ok(Outcome::Bad)
        }
    }
}
