//! What a key is, what it means where it is not written, and where it is written now.

use std::path::Path;

use super::written::{self, Written};
use super::{Known, known};
use crate::config::problem::Problem;
use crate::config::section::nearest;

/// Names offered for one that is not known.
const MOST_NEAR: usize = 6;

/// What there is to say of a name.
pub enum Explained {
    /// Keys and sections of that name, what is written of each, and files that could not be read.
    Keys(Vec<(Known, Vec<Now>)>, Vec<Problem>),
    /// There is none; these are like it.
    Near(Vec<String>),
}

/// A place where a key is written now.
pub struct Now {
    /// The file's name beside server.toml.
    pub file: String,
    pub line: usize,
    /// With the names of the sections it is in.
    pub label: String,
    /// Without a secret.
    pub value: String,
}

/// `key` is a dotted path or the end of one, of any file; `server` the configuration to look into.
pub fn explain(key: &str, server: &Path) -> Explained {
    let all = known();
    let wanted = plain(key);
    let is_it = |known: &Known| known.path == wanted;
    let ends = |known: &Known| known.path.ends_with(&format!(".{wanted}"));
    let exact = all.iter().any(is_it);
    let is_meant = |known: &Known| match exact {
        true => is_it(known),
        false => ends(known),
    };
    if !all.iter().any(is_meant) {
        return Explained::Near(near(&wanted, &all));
    }
    let (written, problems) = written::read(server, &all);
    let found = all.into_iter().filter(is_meant);
    let with_places = found.map(|known| {
        let places = written
            .iter()
            .filter(|one| one.file == known.file && one.path == known.path);
        let places = places.map(now).collect();
        (known, places)
    });
    Explained::Keys(with_places.collect(), problems)
}

fn now(written: &Written) -> Now {
    Now {
        file: written.name.clone(),
        line: written.line,
        label: written.label.clone(),
        value: written.shown.clone(),
    }
}

/// As people write keys: with brackets, dashes, capitals.
fn plain(key: &str) -> String {
    let symbol = |c: char| match c {
        '-' | ' ' => '_',
        other => other.to_ascii_lowercase(),
    };
    let trimmed = key.trim().trim_matches(['[', ']', '.', '"']);
    trimmed.chars().take(200).map(symbol).collect()
}

/// Names that are like `wanted`: by their last part, or by a word that they share.
fn near(wanted: &str, all: &[Known]) -> Vec<String> {
    let last = |path: &str| path.rsplit('.').next().unwrap_or(path).to_owned();
    let lasts: Vec<String> = all.iter().map(|known| last(&known.path)).collect();
    let words: Vec<&str> = lasts.iter().map(String::as_str).collect();
    let nearest = nearest(&last(wanted), &words);
    let by_end = all
        .iter()
        .filter(|known| nearest.is_some_and(|near| last(&known.path) == near));
    let word = last(wanted);
    let shares = |known: &&Known| word.len() > 2 && known.path.contains(word.as_str());
    let mut names: Vec<String> = Vec::new();
    for known in by_end.chain(all.iter().filter(shares)) {
        let name = format!("{} ({})", known.path, known.file.name());
        if names.len() < MOST_NEAR && !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(key: &str) -> Vec<String> {
        match explain(key, Path::new("/nowhere/server.toml")) {
            Explained::Keys(keys, _) => keys.into_iter().map(|(known, _)| known.path).collect(),
            Explained::Near(names) => names,
        }
    }

    #[test]
    fn a_key_is_found_by_its_path_its_end_and_near_it() {
        assert_eq!(names("server.listen"), ["server.listen"]);
        assert_eq!(names("[directory.write]"), ["directory.write"]);
        assert_eq!(names("Bind-DN"), ["directory.bind_dn", "directory.write.bind_dn"]);
        assert_eq!(
            names("directory.bind_nd")[0],
            "directory.bind_dn (realms/NAME.toml)"
        );
        assert_eq!(names("xyzzyxyzzy"), Vec::<String>::new());
        assert!(names(&"a".repeat(100_000)).is_empty());
    }
}
