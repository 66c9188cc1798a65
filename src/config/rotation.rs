//! The list of keys in the server's file, as an operator wrote it, changed without touching another key: a
//! rotation is a change of `[keys]` that people can read. Remarks within the list of files are not kept.

use std::path::Path;

/// `[keys]` as it stands in the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// As they are written, relative ones too.
    pub files: Vec<String>,
    pub names: Option<String>,
}

impl Written {
    /// `None` where there is no such section, or the text is no TOML.
    pub fn of(text: &str) -> Option<Written> {
        let table: toml::Table = text.parse().ok()?;
        let keys = table.get("keys")?.as_table()?;
        let files = keys.get("files")?.as_array()?;
        Some(Written {
            files: files
                .iter()
                .map(|file| file.as_str().map(str::to_owned))
                .collect::<Option<_>>()?,
            names: keys.get("names").and_then(|name| Some(name.as_str()?.to_owned())),
        })
    }

    /// What the section says.
    pub fn lines(&self) -> String {
        let files: Vec<String> = self.files.iter().map(|file| quoted(file)).collect();
        let names = self
            .names
            .iter()
            .map(|name| format!("names = {}\n", quoted(name)));
        format!("files = [{}]\n{}", files.join(", "), names.collect::<String>())
    }

    /// The text with this section instead of its own; `None` where it is written in a way that only its author
    /// can change.
    pub fn put_into(&self, text: &str) -> Option<String> {
        let mut out = String::with_capacity(text.len() + 128);
        let (mut within, mut skipping, mut done) = (false, false, false);
        for line in text.split_inclusive('\n') {
            let bare = line.trim();
            if skipping {
                skipping = !bare.contains(']');
                continue;
            }
            if bare.starts_with('[') {
                within = bare.split('#').next().map(str::trim) == Some("[keys]");
            }
            let key = bare.split('=').next().map(str::trim);
            match key {
                Some("files") if within && bare.contains('=') => {
                    out.push_str(&self.lines());
                    (skipping, done) = (!bare.contains(']'), true);
                }
                Some("names") if within && bare.contains('=') => {}
                _ => out.push_str(line),
            }
        }
        let good = done && Written::of(&out).as_ref() == Some(self);
        good.then_some(out)
    }

    /// With a further key, known and not used yet. Names go on as they are: by their own key, or by the one
    /// that was the last until now.
    pub fn introducing(&self, file: &str) -> Written {
        let mut files = self.files.clone();
        files.truncate(2);
        files.push(file.to_owned());
        Written {
            files,
            names: self.names.clone().or_else(|| self.files.last().cloned()),
        }
    }

    /// With the last one in use, and the one that was until now behind it; what was before is not known any
    /// more.
    pub fn activating(&self) -> Option<Written> {
        let (next, before) = (self.files.last()?, self.files.first()?);
        (next != before).then(|| Written {
            files: vec![next.clone(), before.clone()],
            names: self.names.clone().or_else(|| self.files.last().cloned()),
        })
    }

    /// The name of a further key: beside the first, with the next number.
    pub fn next_name(&self, exists: impl Fn(&str) -> bool) -> Option<String> {
        let first = Path::new(self.files.first()?);
        let numbered = self.files.iter().chain(&self.names);
        let highest = numbered.filter_map(|file| number(file)).max();
        let mut candidates = (highest.unwrap_or(0).saturating_add(1)..).take(10_000);
        candidates.find_map(|number| {
            let name = first.with_file_name(format!("{number}.key"));
            let name = name.to_str()?.to_owned();
            (!exists(&name)).then_some(name)
        })
    }

    /// Whether the last one is a later key than the first: introduced, and not in use.
    pub fn waits(&self) -> bool {
        let of = |file: Option<&String>| number(file?);
        match (of(self.files.first()), of(self.files.last())) {
            (Some(first), Some(last)) => last > first,
            (None, Some(_)) => self.files.len() > 1,
            _ => false,
        }
    }
}

/// Of `keys/2.key`, 2.
fn number(file: &str) -> Option<u32> {
    Path::new(file).file_stem()?.to_str()?.parse().ok()
}

fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "# ours\n[server]\nlisten = \"127.0.0.1:1\"\n\n[keys] # the ring\nfiles = [\n  \"ring.key\", # since 2024\n]\n\n[tickets]\nurl = \"memory:\"\nfiles = 3\n";

    #[test]
    fn a_rotation_changes_the_list_of_keys_and_no_other_line() {
        // T-95
        let written = Written::of(FILE).unwrap();
        assert_eq!(written.files, ["ring.key"]);
        let next = written.next_name(|name| name == "1.key").unwrap();
        assert_eq!(next, "2.key");
        let introduced = written.introducing(&next);
        let text = introduced.put_into(FILE).unwrap();
        assert!(
            text.contains("files = [\"ring.key\", \"2.key\"]\nnames = \"ring.key\"\n"),
            "{text}"
        );
        assert!(text.starts_with("# ours\n[server]") && text.ends_with("files = 3\n"));
        assert!(Written::of(&text).unwrap().waits() && !written.waits());
        let active = introduced.activating().unwrap();
        let text = active.put_into(&text).unwrap();
        let active = Written::of(&text).unwrap();
        assert_eq!(active.files, ["2.key", "ring.key"]);
        assert_eq!(active.names.as_deref(), Some("ring.key"));
        assert!(!active.waits());
        let third = active.introducing("3.key").activating().unwrap();
        assert_eq!(third.files, ["3.key", "2.key"]);
        assert_eq!(third.names.as_deref(), Some("ring.key"));
    }

    #[test]
    fn names_of_a_ring_without_a_key_of_its_own_stay_with_its_last() {
        let written = Written {
            files: vec!["k/2.key".to_owned(), "k/1.key".to_owned()],
            names: None,
        };
        assert_eq!(written.next_name(|_| false).unwrap(), "k/3.key");
        let next = written.introducing("k/3.key");
        assert_eq!((next.files.len(), next.names.as_deref()), (3, Some("k/1.key")));
    }

    #[test]
    fn a_section_that_is_written_otherwise_is_left_to_its_author() {
        let inline = "keys = { files = [\"a.key\"] }\n";
        let written = Written::of(inline).unwrap();
        assert_eq!(written.introducing("1.key").put_into(inline), None);
        assert_eq!(Written::of("[keys]\n"), None);
        assert_eq!(Written::of("= no toml"), None);
    }
}
