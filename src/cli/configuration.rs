//! `mereau config`: what can be configured, what is, and what differs. It reads files and judges none of
//! them: that is `check`'s.

use std::path::{Path, PathBuf};

use super::arguments::{ConfigCommand, DiffArguments, ExplainArguments};
use super::print::Screen;
use super::{Outcome, check, migrate};
use crate::config::{self, Difference, Explained, Known, Now, Problem};

/// Places of one key that are listed.
const LISTED: usize = 20;

pub fn config(command: &ConfigCommand, screen: &mut Screen) -> anyhow::Result<Outcome> {
    match command {
        ConfigCommand::Reference => screen.print(config::reference().trim_end()),
        ConfigCommand::Schema { file } => {
            let schema = config::schema(file.map(|file| file.kind()));
            screen.print(&serde_json::to_string_pretty(&schema)?);
        }
        ConfigCommand::Explain(arguments) => return Ok(explain(arguments, screen)),
        ConfigCommand::Diff(arguments) => return Ok(diff(arguments, screen)),
        ConfigCommand::Migrate(arguments) => return migrate::migrate(arguments, screen),
    }
    Ok(Outcome::Good)
}

fn explain(arguments: &ExplainArguments, screen: &mut Screen) -> Outcome {
    let key = arguments.key.escape_debug();
    match config::explain(&arguments.key, &arguments.from.config) {
        Explained::Near(names) if names.is_empty() => {
            screen.complain(&format!(
                "there is no key “{key}”; mereau config reference has them all"
            ));
            Outcome::Bad
        }
        Explained::Near(names) => {
            screen.complain(&format!(
                "there is no key “{key}”; did you mean: {}?",
                names.join(", ")
            ));
            Outcome::Bad
        }
        Explained::Keys(keys, problems) => {
            for (position, (known, now)) in keys.iter().enumerate() {
                if position > 0 {
                    screen.print("");
                }
                screen.print(&about(known));
                screen.print(&written(known, now));
            }
            // What is written now is told as far as it can be read.
            tell(&problems, screen);
            Outcome::Good
        }
    }
}

/// What a key is.
fn about(known: &Known) -> String {
    let mut lines = vec![format!("{} in {}", known.path, known.file.name())];
    lines.extend(known.doc.iter().map(|line| format!("  {}", line.trim())));
    let what = match (&known.kind, known.list) {
        (Some(kind), _) => kind.as_str(),
        (None, true) => "sections, as many as are wanted",
        (None, false) => "a section",
    };
    lines.push(format!("  what:    {what}"));
    // Of the kinds the largest numbers say nothing.
    if let Some((least, most)) = known.bounds {
        lines.push(match most >= i128::from(u32::MAX) {
            true => format!("  bounds:  {least} or more"),
            false => format!("  bounds:  {least} to {most}"),
        });
    }
    lines.push(match known.default {
        Some(default) => format!("  default: {default}"),
        None if known.required => "  default: none, it must be written".to_owned(),
        None => "  default: none".to_owned(),
    });
    lines.extend(known.example.map(|example| format!("  example: {example}")));
    lines.join("\n")
}

/// Where it is written now.
fn written(known: &Known, now: &[Now]) -> String {
    if now.is_empty() {
        return match (known.kind.is_some(), known.default) {
            (false, _) => "  now:     its keys tell".to_owned(),
            (true, Some(default)) => format!("  now:     not written, so {default}"),
            (true, None) => "  now:     not written".to_owned(),
        };
    }
    let place = |place: &Now| {
        let named = match place.label == known.path {
            true => String::new(),
            false => format!("{}: ", place.label),
        };
        format!(
            "  now:     {named}{} ({} line {})",
            place.value, place.file, place.line
        )
    };
    let mut lines: Vec<String> = now.iter().take(LISTED).map(place).collect();
    if now.len() > LISTED {
        lines.push(format!("           and {} more", now.len() - LISTED));
    }
    lines.join("\n")
}

fn diff(arguments: &DiffArguments, screen: &mut Screen) -> Outcome {
    let other = arguments.other.as_deref().map(file_of);
    match config::differences(&arguments.from.config, other.as_deref()) {
        Err(problems) => {
            tell(&problems, screen);
            Outcome::Trouble
        }
        Ok(differences) if differences.is_empty() => Outcome::Good,
        Ok(differences) => {
            for difference in &differences {
                screen.print(&line(difference));
            }
            Outcome::Bad
        }
    }
}

/// A configuration may be named by its folder.
fn file_of(path: &Path) -> PathBuf {
    match path.is_dir() {
        true => path.join("server.toml"),
        false => path.to_owned(),
    }
}

fn line(difference: &Difference) -> String {
    let Difference {
        file,
        key,
        before,
        after,
    } = difference;
    match (before, after) {
        (None, Some(after)) => format!("+ {file}: {key} = {after}"),
        (Some(before), None) => format!("- {file}: {key} = {before}"),
        (before, after) => format!(
            "~ {file}: {key}: {} → {}",
            before.as_deref().unwrap_or("–"),
            after.as_deref().unwrap_or("–")
        ),
    }
}

fn tell(problems: &[Problem], screen: &mut Screen) {
    for problem in problems.iter().take(LISTED) {
        screen.complain(&problem.on_one_line());
    }
    if problems.len() > LISTED {
        screen.complain(&format!(
            "and {}",
            check::count(problems.len() - LISTED, "more problem")
        ));
    }
}
