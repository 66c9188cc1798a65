//! Every option with its documentation, kind and default, as TOML: what `conf/reference.toml`
//! holds. Written from the types, so that it cannot say what the program does not do.

use super::read::{Entries, Entry, Shape};
use super::sections::{InstitutionsFile, RealmFile, ServerFile, ServiceFile};

const HEAD: &str = "\
# Every option of Méreau. Written by `mereau config reference`: change the types, not this file.
#
# A key that must be written stands without #; the others stand with what they are when they are not
# written, or, where that is nothing, with an example. Relative paths start at the file's folder.
# Spans of time are a number and ms, s, min, h or d; sizes a number and B, kB, KiB, MB, MiB, GB or GiB.
";

/// The text of `conf/reference.toml`.
pub fn reference() -> String {
    let mut text = HEAD.to_owned();
    let files: [(&str, Entries); 4] = [
        ("server.toml", ServerFile::entries),
        ("realms/NAME.toml", RealmFile::entries),
        ("institutions.toml", InstitutionsFile::entries),
        ("services/NAME.toml", ServiceFile::entries),
    ];
    for (file, entries) in files {
        text += &format!("\n\n# {} {file}\n", "=".repeat(24));
        section(&mut text, "", entries());
    }
    text
}

/// Plain keys first, as TOML wants it, then the sections within.
fn section(text: &mut String, path: &str, entries: Vec<Entry>) {
    let (plain, nested): (Vec<Entry>, Vec<Entry>) = entries
        .into_iter()
        .partition(|entry| matches!(entry.shape, Shape::Plain(_)));
    for entry in plain {
        key(text, &entry);
    }
    for entry in nested {
        let path = if path.is_empty() {
            entry.key.to_owned()
        } else {
            format!("{path}.{}", entry.key)
        };
        text.push('\n');
        comment(text, entry.doc);
        if entry.optional {
            *text += "# (the whole section may be left out)\n";
        }
        match entry.shape {
            Shape::Plain(_) => {}
            Shape::Section(entries) => headed(text, format!("[{path}]"), entries()),
            Shape::Sections(entries) => headed(text, format!("[[{path}]]"), entries()),
            Shape::Either(kinds) => {
                for (position, (about, entries)) in kinds.iter().enumerate() {
                    let mut kind = "\n".to_owned();
                    comment(&mut kind, about);
                    headed(&mut kind, format!("[{path}]"), entries());
                    *text += &if position == 0 { kind } else { commented(&kind) };
                }
            }
        }
    }
}

/// TOML allows one section of a name: its further kinds are shown as comments.
fn commented(text: &str) -> String {
    let lines = text.lines().map(|line| match line {
        "" => "\n".to_owned(),
        line if line.starts_with('#') => format!("{line}\n"),
        line => format!("# {line}\n"),
    });
    lines.collect()
}

fn headed(text: &mut String, header: String, entries: Vec<Entry>) {
    *text += &format!("{header}\n");
    section(text, header.trim_matches(['[', ']']), entries);
}

fn key(text: &mut String, entry: &Entry) {
    text.push('\n');
    comment(text, entry.doc);
    if let Shape::Plain(kind) = &entry.shape {
        *text += &format!("# ({kind})\n");
    }
    let shown = entry.default.or(entry.example).unwrap_or("…");
    let mark = if entry.required { "" } else { "# " };
    *text += &format!("{mark}{} = {shown}\n", entry.key);
    if let (Some(_), Some(example)) = (entry.default, entry.example) {
        *text += &format!("# for example: {} = {example}\n", entry.key);
    }
}

fn comment(text: &mut String, lines: &[&str]) {
    for line in lines {
        *text += &format!("#{line}\n");
    }
}

#[cfg(test)]
mod tests {
    use toml::de::DeTable;

    use super::*;

    #[test]
    fn the_shipped_reference_is_what_the_types_say() {
        let shipped = include_str!("../../conf/reference.toml");
        assert!(
            shipped == reference(),
            "out of date: write it again with `mereau config reference > conf/reference.toml`"
        );
    }

    #[test]
    fn the_reference_is_toml() {
        for file in reference().split("\n# ========================") {
            assert!(DeTable::parse(&format!("# {file}")).is_ok(), "{file}");
        }
    }
}
