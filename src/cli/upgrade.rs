//! `mereau upgrade-check`: whether servers of another version and of this one may run beside each other on
//! one store, so that they can be replaced one by one; otherwise all must stop first.

use std::path::Path;

use anyhow::Context;

use super::Outcome;
use super::arguments::UpgradeArguments;
use super::assemble::formats::{self, Formats};
use super::print::Screen;

pub fn check(arguments: &UpgradeArguments, screen: &mut Screen) -> anyhow::Result<Outcome> {
    match (&arguments.write, &arguments.from) {
        (Some(file), _) => write(file, screen),
        (None, Some(file)) => compare_with(file, screen),
        (None, None) => Ok(Outcome::Bad),
    }
}

fn write(file: &Path, screen: &mut Screen) -> anyhow::Result<Outcome> {
    let text = serde_json::to_string_pretty(&formats::own())?;
    if file == Path::new("-") {
        screen.print(&text);
    } else {
        let written = std::fs::write(file, format!("{text}\n"));
        written.with_context(|| format!("{} cannot be written", file.display()))?;
    }
    Ok(Outcome::Good)
}

fn compare_with(file: &Path, screen: &mut Screen) -> anyhow::Result<Outcome> {
    let read = std::fs::read(file).with_context(|| format!("{} cannot be read", file.display()))?;
    let before: Formats = serde_json::from_slice(&read).with_context(|| {
        format!(
            "{} is not what mereau upgrade-check --write wrote",
            file.display()
        )
    })?;
    let now = formats::own();
    let Verdict { obstacles, notes } = compare(&before, &now);
    for note in &notes {
        screen.print(&format!("note: {note}"));
    }
    for obstacle in &obstacles {
        screen.print(&format!("stop: {obstacle}"));
    }
    let (from, to) = (&before.version, &now.version);
    if obstacles.is_empty() {
        screen.print(&format!(
            "{from} → {to}: replace the servers one by one; either may run beside the other"
        ));
        return Ok(Outcome::Good);
    }
    screen.print(&format!(
        "{from} → {to}: stop every server, then start the new ones"
    ));
    Ok(Outcome::StopAndStart)
}

#[derive(Debug, Default, PartialEq, Eq)]
struct Verdict {
    obstacles: Vec<String>,
    notes: Vec<String>,
}

fn compare(before: &Formats, now: &Formats) -> Verdict {
    let mut verdict = Verdict::default();
    if !now.reads_schemas.contains(&before.schema) {
        verdict.obstacles.push(format!(
            "the configuration of schema {} is not read any more; go through the versions between, each with mereau config migrate",
            before.schema
        ));
    } else if now.schema != before.schema {
        verdict.notes.push(format!(
            "the configuration goes from schema {} to {}: mereau config migrate, once no old server is left",
            before.schema, now.schema
        ));
    }
    for old in &before.stored {
        let Some(new) = now.stored.iter().find(|new| new.name == old.name) else {
            verdict
                .obstacles
                .push(format!("{}: not known any more", old.name));
            continue;
        };
        let unread = |writes: &[u32], reads: &[u32]| writes.iter().any(|form| !reads.contains(form));
        if unread(&old.writes, &new.reads) {
            verdict.obstacles.push(format!(
                "{}: the new version does not read what the old one wrote; people sign in again",
                old.name
            ));
        }
        if unread(&new.writes, &old.reads) {
            verdict.obstacles.push(format!(
                "{}: the old version does not read what the new one writes",
                old.name
            ));
        }
    }
    let fresh = now
        .stored
        .iter()
        .filter(|new| !before.stored.iter().any(|old| old.name == new.name));
    verdict
        .notes
        .extend(fresh.map(|new| format!("{}: new, absent to old servers", new.name)));
    let changed =
        |(name, hash): &(&String, &String)| before.scripts.get(*name).is_some_and(|old| old != *hash);
    let changed: Vec<&str> = now
        .scripts
        .iter()
        .filter(changed)
        .map(|(name, _)| name.as_str())
        .collect();
    if !changed.is_empty() {
        // Each server sends its own; what they agree on are the forms above.
        verdict
            .notes
            .push(format!("scripts that changed: {}", changed.join(", ")));
    }
    verdict
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tickets::formats::Format;

    fn version(schema: u32, forms: &[(&str, &[u8], &[u8])]) -> Formats {
        Formats {
            schema,
            reads_schemas: vec![schema.saturating_sub(1), schema],
            stored: forms
                .iter()
                .map(|(name, writes, reads)| Format::new(name, writes, reads))
                .collect(),
            ..formats::own()
        }
    }

    #[test]
    fn versions_that_read_each_other_roll() {
        // F-32
        let one = version(1, &[("a", &[1], &[1, 2])]);
        let two = version(2, &[("a", &[1, 2], &[1, 2]), ("b", &[1], &[1])]);
        let verdict = compare(&one, &two);
        assert!(verdict.obstacles.is_empty(), "{verdict:?}");
        assert_eq!(verdict.notes.len(), 2, "{verdict:?}");
        assert_eq!(compare(&two, &two), Verdict::default());
    }

    #[test]
    fn a_form_that_one_side_does_not_read_stops_everybody() {
        // F-32
        let old = version(1, &[("a", &[1], &[1]), ("b", &[1], &[1])]);
        for forms in [
            // Writes what the old one does not read.
            &[("a", &[2][..], &[1, 2][..]), ("b", &[1], &[1])][..],
            // Does not read what the old one wrote.
            &[("a", &[1], &[1]), ("b", &[2], &[2])],
            // Knows one kind no more.
            &[("a", &[1], &[1])],
        ] {
            let verdict = compare(&old, &version(1, forms));
            assert!(!verdict.obstacles.is_empty(), "{forms:?}");
        }
        assert_eq!(
            compare(&old, &version(3, &[("a", &[1], &[1]), ("b", &[1], &[1])]))
                .obstacles
                .len(),
            1
        );
    }
}
