//! Changing one entry of an LDIF file: under a lock, into a new file that takes the old one's place
//! whole or not at all. Lines of other entries, comments among them, stay as they are.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use data_encoding::BASE64;

use super::parse::{Record, parse};

/// The values of one attribute of one entry.
pub struct Replacement<'a> {
    pub attribute: &'a str,
    /// None at all removes the attribute.
    pub values: &'a [Vec<u8>],
}

/// What becomes of the record that a writer has looked at, and what to tell.
pub enum Decision<R> {
    Leave(R),
    /// New values of attributes, by name.
    Edit(Vec<(String, Vec<Vec<u8>>)>, R),
}

/// Replaces an attribute of the first record that `is_it` picks; `Ok(false)` when it picks none.
///
/// Blocks: on the disk, and on other writers of the same file, in this process or another.
#[cfg(test)]
fn replace(path: &Path, is_it: impl Fn(&Record) -> bool, change: &Replacement) -> io::Result<bool> {
    self::change(path, is_it, |record| match record {
        None => Decision::Leave(false),
        Some(_) => {
            let edit = (change.attribute.to_owned(), change.values.to_vec());
            Decision::Edit(vec![edit], true)
        }
    })
}

/// Shows the first record that `is_it` picks to `decide` and does what it says, while no other
/// writer can come between: compare and swap on one entry. Blocks as [`replace`] does.
pub fn change<R>(
    path: &Path,
    is_it: impl Fn(&Record) -> bool,
    decide: impl FnOnce(Option<&Record>) -> Decision<R>,
) -> io::Result<R> {
    // A link to the file stays one, and leads every writer to the same lock.
    let path = &fs::canonicalize(path)?;
    let lock = OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .open(beside(path, "lock"))?;
    lock.lock()?;
    let mut text = fs::read_to_string(path)?;
    let found = pick(&text, &is_it)?;
    let (edits, told) = match decide(found.as_ref()) {
        Decision::Leave(told) => return Ok(told),
        Decision::Edit(edits, told) => (edits, told),
    };
    for (attribute, values) in &edits {
        // An edit moves the lines of what follows: look again.
        if let Some(record) = pick(&text, &is_it)? {
            text = edited(&text, &record, &Replacement { attribute, values });
        }
    }
    put_in_place(path, text.as_bytes())?;
    Ok(told)
    // The lock goes with its file handle, also when the process dies.
}

fn pick(text: &str, is_it: impl Fn(&Record) -> bool) -> io::Result<Option<Record>> {
    let records = parse(text).map_err(|flaw| io::Error::new(io::ErrorKind::InvalidData, flaw))?;
    Ok(records.into_iter().find(|record| is_it(record)))
}

/// `people.ldif` → `.people.ldif.<what>` in the same folder.
fn beside(path: &Path, what: &str) -> PathBuf {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    path.with_file_name(format!(".{name}.{what}"))
}

/// Writes a new file and renames it over `path`. What a killed writer left behind is thrown away:
/// the lock makes us the only writer. Nobody but us can open the new file before it has the old one's
/// rights and owner: it holds password hashes.
fn put_in_place(path: &Path, content: &[u8]) -> io::Result<()> {
    let fresh = beside(path, "new");
    match fs::remove_file(&fresh) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&fresh)?;
    let old = fs::metadata(path)?;
    let (owner, own) = ((old.uid(), old.gid()), file.metadata()?);
    if owner != (own.uid(), own.gid()) {
        // Only root may, and only root needs to: who reads the file goes on reading it.
        let _ = std::os::unix::fs::fchown(&file, Some(owner.0), Some(owner.1));
    }
    file.set_permissions(old.permissions())?;
    file.write_all(content)?;
    file.sync_all()?;
    fs::rename(&fresh, path)?;
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
}

fn edited(text: &str, record: &Record, change: &Replacement) -> String {
    let old: Vec<_> = record
        .values
        .iter()
        .filter(|value| value.attribute.eq_ignore_ascii_case(change.attribute))
        .collect();
    let place = old.first().map_or(record.lines.end, |value| value.lines.start);
    let mut out = String::with_capacity(text.len() + 256);
    let mut count = 0;
    for (number, line) in text.split_inclusive('\n').enumerate() {
        if number == place {
            push_values(&mut out, change);
        }
        if !old.iter().any(|value| value.lines.contains(&number)) {
            out.push_str(line);
        }
        count = number + 1;
    }
    if place >= count {
        if !out.ends_with('\n') {
            out.push('\n');
        }
        push_values(&mut out, change);
    }
    out
}

fn push_values(out: &mut String, change: &Replacement) {
    for value in change.values {
        out.push_str(change.attribute);
        match std::str::from_utf8(value).ok().filter(|text| is_safe(text)) {
            Some(text) => out.push_str(&format!(": {text}\n")),
            None => out.push_str(&format!(":: {}\n", BASE64.encode(value))),
        }
    }
}

/// SAFE-STRING of RFC 2849, without trailing blanks, which editors eat.
fn is_safe(text: &str) -> bool {
    let plain = |c: char| c.is_ascii() && !c.is_ascii_control();
    text.chars().all(plain) && !text.starts_with([' ', ':', '<']) && !text.ends_with(' ')
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "# our people\ndn: uid=a,dc=x\nuid: a\nmail: old@x\n# kept\nmail: older\n @x\ncn: A\n\n# b\ndn: uid=b,dc=x\nuid: b";

    fn folder() -> tempfile::TempDir {
        tempfile::tempdir().unwrap()
    }

    fn replaced(dn: &str, attribute: &str, values: &[&str]) -> String {
        let folder = folder();
        let path = folder.path().join("people.ldif");
        fs::write(&path, FILE).unwrap();
        let values: Vec<Vec<u8>> = values.iter().map(|value| value.as_bytes().to_vec()).collect();
        let change = Replacement {
            attribute,
            values: &values,
        };
        assert!(replace(&path, |record| record.dn == dn, &change).unwrap());
        fs::read_to_string(&path).unwrap()
    }

    #[test]
    fn only_the_lines_of_the_attribute_change() {
        assert_eq!(
            replaced("uid=a,dc=x", "mail", &["new@x", " é"]),
            FILE.replace("mail: old@x\n", "mail: new@x\nmail:: IMOp\n")
                .replace("mail: older\n @x\n", "")
        );
        assert_eq!(
            replaced("uid=b,dc=x", "mail", &["b@x"]),
            format!("{FILE}\nmail: b@x\n")
        );
        assert_eq!(
            replaced("uid=a,dc=x", "sn", &["S"]),
            FILE.replace("cn: A\n", "cn: A\nsn: S\n")
        );
        assert_eq!(replaced("uid=a,dc=x", "cn", &[]), FILE.replace("cn: A\n", ""));
    }

    #[test]
    fn writers_at_the_same_time_lose_nothing_and_readers_see_whole_files() {
        let folder = folder();
        let path = folder.path().join("people.ldif");
        let people: String = (0..8)
            .map(|n| format!("dn: uid={n},dc=x\nuid: {n}\nround: 0\n\n"))
            .collect();
        fs::write(&path, people).unwrap();
        std::thread::scope(|scope| {
            for n in 0..8 {
                let path = &path;
                scope.spawn(move || {
                    for round in 1..=10 {
                        let values = [round.to_string().into_bytes()];
                        let change = Replacement {
                            attribute: "round",
                            values: &values,
                        };
                        let dn = format!("uid={n},dc=x");
                        assert!(replace(path, |record| record.dn == dn, &change).unwrap());
                        assert_eq!(parse(&fs::read_to_string(path).unwrap()).unwrap().len(), 8);
                    }
                });
            }
        });
        for record in parse(&fs::read_to_string(&path).unwrap()).unwrap() {
            assert_eq!(record.values[1].bytes, b"10", "{}", record.dn);
        }
    }

    #[test]
    fn nobody_gets_hold_of_the_new_file_before_it_has_the_rights_of_the_old_one() {
        use std::io::Read;
        use std::os::unix::fs::PermissionsExt;
        let folder = folder();
        let (path, link) = (folder.path().join("people.ldif"), folder.path().join("link.ldif"));
        fs::write(&path, FILE).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        std::os::unix::fs::symlink(&path, &link).unwrap();
        // Somebody else made it before us, and keeps it open.
        let fresh = folder.path().join(".people.ldif.new");
        fs::write(&fresh, "").unwrap();
        let mut spy = File::open(&fresh).unwrap();
        let values = [b"z".to_vec()];
        let change = Replacement {
            attribute: "cn",
            values: &values,
        };
        assert!(replace(&link, |record| record.dn == "uid=a,dc=x", &change).unwrap());
        let mut seen = String::new();
        spy.read_to_string(&mut seen).unwrap();
        assert_eq!(seen, "");
        assert!(link.is_symlink(), "a link to the file stays one");
        assert_eq!(fs::read_to_string(&path).unwrap(), FILE.replace("cn: A", "cn: z"));
        let mode = fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o640);
    }

    #[test]
    fn what_a_killed_writer_left_behind_harms_nobody() {
        let folder = folder();
        let path = folder.path().join("people.ldif");
        fs::write(&path, FILE).unwrap();
        fs::write(folder.path().join(".people.ldif.new"), "dn: half a fi").unwrap();
        fs::write(folder.path().join(".people.ldif.lock"), "").unwrap();
        assert_eq!(parse(&fs::read_to_string(&path).unwrap()).unwrap().len(), 2);
        let values = [b"z".to_vec()];
        let change = Replacement {
            attribute: "cn",
            values: &values,
        };
        assert!(replace(&path, |record| record.dn == "uid=a,dc=x", &change).unwrap());
        assert_eq!(fs::read_to_string(&path).unwrap(), FILE.replace("cn: A", "cn: z"));
        assert!(!folder.path().join(".people.ldif.new").exists());
    }
}
