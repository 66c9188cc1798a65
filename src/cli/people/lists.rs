//! The files of `mereau people`: logins to read, the list that leads back, the report. CSV (RFC 4180). A
//! line of the list that leads back is on the disk before the work that it tells of goes on.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::Path;

use anyhow::{Context, bail};

use crate::base::names::{AccountId, PersonKey, RealmId};
use crate::directory::EntryName;
use crate::flows::breach::Candidate;

const UNDO_HEAD: [&str; 5] = ["realm", "key", "login", "entry", "before"];

/// Who was marked, and what the mark took the place of.
pub struct UndoList(File);

impl UndoList {
    /// A file that does not exist yet.
    pub fn create(path: &Path) -> anyhow::Result<UndoList> {
        let mut list = UndoList(fresh(path)?);
        list.0.write_all(line(&UNDO_HEAD).as_bytes())?;
        Ok(list)
    }

    pub fn add(&mut self, one: &Candidate) -> anyhow::Result<()> {
        let before = one.before.first().map_or("", String::as_str);
        let fields = [
            one.account.realm.as_str(),
            &one.account.person.0,
            &one.login,
            &one.entry.0,
            before,
        ];
        self.0.write_all(line(&fields).as_bytes())?;
        self.0
            .sync_data()
            .context("the list that leads back cannot be kept")
    }

    pub fn read(path: &Path) -> anyhow::Result<Vec<Candidate>> {
        let text = read(path)?;
        let mut rows = rows(&text).into_iter();
        if rows.next().is_none_or(|head| head != UNDO_HEAD) {
            bail!("{} is no list of people who must change", path.display());
        }
        rows.map(|row| {
            let candidate = candidate(&row);
            candidate.with_context(|| format!("{}: a line cannot be read: {}", path.display(), row.join(",")))
        })
        .collect()
    }
}

fn candidate(row: &[String]) -> Option<Candidate> {
    let [realm, key, login, entry, before] = row else {
        return None;
    };
    Some(Candidate {
        account: AccountId {
            realm: RealmId::new(realm)?,
            person: PersonKey(key.clone()),
        },
        login: login.clone(),
        entry: EntryName(entry.clone()),
        before: Some(before.clone())
            .filter(|before| !before.is_empty())
            .into_iter()
            .collect(),
    })
}

/// What became of each.
pub struct Report(File);

impl Report {
    pub fn create(path: &Path) -> anyhow::Result<Report> {
        let mut report = Report(fresh(path)?);
        let head = [
            "realm",
            "login",
            "entry",
            "result",
            "sessions ended",
            "applications told",
        ];
        report.0.write_all(line(&head).as_bytes())?;
        Ok(report)
    }

    pub fn add(
        &mut self,
        one: &Candidate,
        result: &str,
        (sessions, told): (u64, usize),
    ) -> anyhow::Result<()> {
        let (sessions, told) = (sessions.to_string(), told.to_string());
        let fields = [
            one.account.realm.as_str(),
            &one.login,
            &one.entry.0,
            result,
            &sessions,
            &told,
        ];
        let written = self.0.write_all(line(&fields).as_bytes());
        written.context("the report cannot be kept")
    }
}

/// For its owner only: who is on such a list is nobody else's affair.
fn fresh(path: &Path) -> anyhow::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let made = options.open(path);
    made.with_context(|| format!("the file {} cannot be made; nothing was changed", path.display()))
}

fn read(path: &Path) -> anyhow::Result<String> {
    std::fs::read_to_string(path).with_context(|| format!("the file {} cannot be read", path.display()))
}

/// The first column of a file, without empty lines and a first line that says “login” or “uid”.
pub fn logins(path: &Path) -> anyhow::Result<Vec<String>> {
    let text = read(path)?;
    let first = rows(text.trim_start_matches('\u{feff}'))
        .into_iter()
        .filter_map(|row| row.into_iter().next());
    let mut logins: Vec<String> = first.map(|login| login.trim().to_owned()).collect();
    logins.retain(|login| !login.is_empty());
    let is_head = |login: &String| ["login", "uid", "identifiant"].contains(&login.to_lowercase().as_str());
    if logins.first().is_some_and(is_head) {
        logins.remove(0);
    }
    if logins.is_empty() {
        bail!("there is no login in {}", path.display());
    }
    Ok(logins)
}

fn line(fields: &[&str]) -> String {
    let quoted: Vec<String> = fields.iter().map(|field| quoted(field)).collect();
    quoted.join(",") + "\n"
}

fn quoted(field: &str) -> String {
    match field.contains([',', ';', '"', '\n', '\r']) {
        true => format!("\"{}\"", field.replace('"', "\"\"")),
        false => field.to_owned(),
    }
}

/// Fields between commas or semicolons, in quotes or without.
fn rows(text: &str) -> Vec<Vec<String>> {
    let (mut rows, mut row, mut field) = (Vec::new(), Vec::new(), String::new());
    let (mut within, mut symbols) = (false, text.chars().peekable());
    while let Some(symbol) = symbols.next() {
        match symbol {
            '"' if within && symbols.peek() == Some(&'"') => {
                symbols.next();
                field.push('"');
            }
            '"' => within = !within,
            ',' | ';' if !within => row.push(std::mem::take(&mut field)),
            '\r' if !within => {}
            '\n' if !within => {
                row.push(std::mem::take(&mut field));
                rows.push(std::mem::take(&mut row));
            }
            other => field.push(other),
        }
    }
    if !field.is_empty() || !row.is_empty() {
        row.push(field);
        rows.push(row);
    }
    rows.retain(|row: &Vec<String>| row.iter().any(|field| !field.is_empty()));
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_read_back_as_it_was_written_whatever_is_in_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("list.csv");
        let one = Candidate {
            account: AccountId {
                realm: RealmId::new("campus").unwrap(),
                person: PersonKey("7c1e-\"x\"".to_owned()),
            },
            login: "zoé;d".to_owned(),
            entry: EntryName("uid=zoé,ou=people,dc=x\nline".to_owned()),
            before: vec!["20360101000000Z".to_owned()],
        };
        let bare = Candidate {
            before: Vec::new(),
            ..one.clone()
        };
        let mut list = UndoList::create(&path).unwrap();
        list.add(&one).unwrap();
        list.add(&bare).unwrap();
        assert_eq!(UndoList::read(&path).unwrap(), [one, bare]);
        assert!(UndoList::create(&path).is_err(), "a list is never written over");
        std::fs::write(&path, "realm,key,login,entry,before\ncampus,k\n").unwrap();
        assert!(UndoList::read(&path).is_err());
        std::fs::write(&path, "login\nzoe\n").unwrap();
        assert!(UndoList::read(&path).is_err());
    }

    #[test]
    fn logins_are_the_first_column() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("logins.csv");
        let read = |text: &str| {
            std::fs::write(&path, text).unwrap();
            logins(&path).ok()
        };
        let two = Some(vec!["anne".to_owned(), "zoe".to_owned()]);
        assert_eq!(read("anne\nzoe\n"), two);
        assert_eq!(
            read("\u{feff}Login;Nom\r\nanne;\"Dupont; Anne\"\r\n\r\n zoe ;x"),
            two
        );
        assert_eq!(read("login\n\n"), None);
    }
}
