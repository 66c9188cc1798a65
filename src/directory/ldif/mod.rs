//! A file of people as a directory: for the demonstration, for tests and for very small sites. It
//! notices when the file changes; it does not count failures.

mod entry_writes;
mod look;
mod parse;
mod people;
mod write;

use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::SystemTime;

use async_trait::async_trait;
use tokio::sync::{Mutex, mpsc};

use super::mapping::EntryMapping;
use super::person::Person;
use super::{
    BindRefusal, Bound, Demand, Demanded, Directory, DirectoryError, FenceKind, Found, Listing, MOST_JOINED,
    PasswordWrite, Rewrite, Writable, Written, Wrote,
};
use crate::base::clock::Clock;
use crate::base::entropy::Entropy;
use crate::base::names::{PersonKey, Username};
use crate::base::secret::Password;
use crate::passwords::hashes::{self, Verdict};
use crate::passwords::heavy::HeavyWork;
use parse::Record;
use people::{Entry, People};
use write::Decision;

/// Compared with when a file has no password hash at all. Its password is nobody's.
const DECOY: &[u8] = b"{SSHA512}AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAGRlY295";

/// The people of one LDIF file.
pub struct LdifDirectory {
    path: PathBuf,
    mapping: EntryMapping,
    wanted: Vec<String>,
    clock: Arc<dyn Clock>,
    people: RwLock<Arc<People>>,
    /// The file's looks when it was last read, well or not.
    seen: Mutex<Option<Looks>>,
    /// Where hashes are computed.
    computing: HeavyWork,
    /// Salts; writing is allowed when there are any.
    salts: Option<Arc<dyn Entropy>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Looks {
    modified: SystemTime,
    length: u64,
    inode: u64,
}

impl LdifDirectory {
    /// Reads the file; a flaw in it is told with its line.
    pub async fn open(
        path: &Path,
        mapping: EntryMapping,
        clock: Arc<dyn Clock>,
    ) -> Result<LdifDirectory, DirectoryError> {
        let directory = LdifDirectory {
            path: path.to_owned(),
            wanted: mapping.wanted(),
            mapping,
            clock,
            people: RwLock::default(),
            seen: Mutex::new(None),
            computing: HeavyWork::default(),
            salts: None,
        };
        directory.reload().await?;
        Ok(directory)
    }

    /// Computes hashes among the heavy work of the whole process, instead of in places of its own.
    pub fn with_heavy(mut self, heavy: HeavyWork) -> LdifDirectory {
        self.computing = heavy;
        self
    }

    /// Lets people's passwords and attributes be written; `entropy` salts the hashes.
    pub fn with_writing(mut self, entropy: Arc<dyn Entropy>) -> LdifDirectory {
        self.salts = Some(entropy);
        self
    }

    /// Reads the file again; on any flaw the people known before stay.
    pub async fn reload(&self) -> Result<(), DirectoryError> {
        let mut seen = self.seen.lock().await;
        *seen = Some(self.looks().await?);
        self.take_in().await
    }

    /// Replaces the values of an attribute of a person's entry in the file; none at all removes
    /// it. `Ok(false)` when the person is not in the file any more.
    pub async fn write(
        &self,
        key: &PersonKey,
        attribute: &str,
        values: Vec<Vec<u8>>,
    ) -> Result<bool, DirectoryError> {
        let attribute = attribute.to_owned();
        self.locked(key, move |record| match record {
            None => Decision::Leave(false),
            Some(_) => Decision::Edit(vec![(attribute, values)], true),
        })
        .await
    }

    /// Looks at a person's record and changes it while no other writer can; then reads the file
    /// again.
    async fn locked<R: Send + 'static>(
        &self,
        key: &PersonKey,
        decide: impl FnOnce(Option<&Record>) -> Decision<R> + Send + 'static,
    ) -> Result<R, DirectoryError> {
        let (path, mapping, key) = (self.path.clone(), self.mapping.clone(), key.clone());
        let work = move || {
            let is_it = |record: &Record| {
                let attributes = people::attributes_of(record);
                let within = mapping.user_filter.as_ref();
                mapping.key_of(&attributes).as_ref() == Some(&key)
                    && within.is_none_or(|filter| filter.matches(&attributes))
            };
            write::change(&path, is_it, decide)
        };
        let told = tokio::task::spawn_blocking(work).await;
        let told = told.map_err(|error| self.io("write", error.into()))?;
        let told = told.map_err(|error| self.io("write", error))?;
        self.reload().await?;
        Ok(told)
    }

    /// How many people the file holds.
    pub fn count(&self) -> usize {
        self.current().count()
    }

    fn current(&self) -> Arc<People> {
        self.people.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Reads the file when it looks other than last time. A file that cannot be read now changes
    /// nothing: the flaw is logged once and the people known before stay.
    async fn refresh(&self) -> Arc<People> {
        let mut seen = self.seen.lock().await;
        let looks = self.looks().await.ok();
        if looks != *seen {
            *seen = looks;
            if let Err(error) = self.take_in().await {
                tracing::error!(%error, "the file of people cannot be used; the people known before stay");
            }
        }
        self.current()
    }

    async fn take_in(&self) -> Result<(), DirectoryError> {
        let bytes = tokio::fs::read(&self.path)
            .await
            .map_err(|error| self.io("read", error))?;
        let unreadable =
            |problem: String| DirectoryError::Unreadable(format!("{}: {problem}", self.path.display()));
        let text = String::from_utf8(bytes).map_err(|error| {
            let before = error.as_bytes().get(..error.utf8_error().valid_up_to());
            let line = before
                .unwrap_or_default()
                .iter()
                .filter(|byte| **byte == b'\n')
                .count()
                + 1;
            unreadable(format!("line {line}: not UTF-8; write such values in base64"))
        })?;
        let people = People::read(&text, &self.mapping).map_err(unreadable)?;
        *self.people.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(people);
        Ok(())
    }

    async fn looks(&self) -> Result<Looks, DirectoryError> {
        let known = tokio::fs::metadata(&self.path)
            .await
            .map_err(|error| self.io("read", error))?;
        Ok(Looks {
            modified: known.modified().unwrap_or(SystemTime::UNIX_EPOCH),
            length: known.len(),
            inode: std::os::unix::fs::MetadataExt::ino(&known),
        })
    }

    fn io(&self, what: &str, source: std::io::Error) -> DirectoryError {
        DirectoryError::Io {
            context: format!("cannot {what} {}", self.path.display()),
            source,
        }
    }

    fn person(&self, entry: &Entry) -> Result<Person, DirectoryError> {
        self.mapping
            .person(
                entry.name.clone(),
                &entry.attributes,
                &self.wanted,
                self.clock.now(),
            )
            .map_err(DirectoryError::Unreadable)
    }

    /// Compares where heavy work is done: so many at a time, and so many that wait.
    async fn compare(
        &self,
        stored: Vec<Vec<u8>>,
        password: &Password,
    ) -> Result<Vec<Verdict>, DirectoryError> {
        let password = password.clone();
        let work = move || {
            let verify = |stored: &Vec<u8>| hashes::verify(stored, password.as_typed().as_bytes());
            stored.iter().map(verify).collect()
        };
        self.computing
            .run(work)
            .await
            .map_err(|_| DirectoryError::Crowded)
    }
}

#[async_trait]
impl Directory for LdifDirectory {
    async fn find(&self, login: &Username) -> Result<Found, DirectoryError> {
        let people = self.refresh().await;
        match people.with_login(login).as_slice() {
            [] => Ok(Found::Nobody),
            [entry] => Ok(Found::One(Box::new(self.person(entry)?))),
            several => Ok(Found::Ambiguous(
                several.iter().map(|entry| entry.name.clone()).collect(),
            )),
        }
    }

    async fn find_by(&self, attribute: &str, value: &str) -> Result<Vec<Person>, DirectoryError> {
        let Some(filter) = self.mapping.join_filter(attribute, value) else {
            return Ok(Vec::new());
        };
        let people = self.refresh().await;
        let matching = people.matching(&filter);
        matching
            .take(MOST_JOINED + 1)
            .map(|entry| self.person(entry))
            .collect()
    }

    async fn list(&self, wish: &Listing, into: mpsc::Sender<Person>) -> Result<(), DirectoryError> {
        self.reload().await?;
        let people = self.current();
        let mut wanted = self.wanted.to_vec();
        wanted.extend(wish.more.iter().cloned());
        for entry in people.all() {
            if !wish
                .filter
                .as_ref()
                .is_none_or(|filter| filter.matches(&entry.attributes))
            {
                continue;
            }
            let (name, now) = (entry.name.clone(), self.clock.now());
            let person = self.mapping.person(name, &entry.attributes, &wanted, now);
            if into
                .send(person.map_err(DirectoryError::Unreadable)?)
                .await
                .is_err()
            {
                return Ok(());
            }
        }
        Ok(())
    }

    async fn read(&self, key: &PersonKey) -> Result<Option<Person>, DirectoryError> {
        let people = self.refresh().await;
        people.with_key(key).map(|entry| self.person(entry)).transpose()
    }

    async fn bind(&self, person: &Person, password: &Password) -> Result<Bound, DirectoryError> {
        let people = self.refresh().await;
        let stored = match people.with_key(&person.key) {
            Some(entry) if !entry.passwords.is_empty() => entry.passwords.clone(),
            _ => {
                self.decoy(password).await;
                return Ok(Bound::WrongPassword);
            }
        };
        let verdicts = self.compare(stored, password).await?;
        if verdicts.contains(&Verdict::Right) {
            return Ok(Bound::Accepted(None));
        }
        if verdicts.contains(&Verdict::Wrong) {
            return Ok(Bound::WrongPassword);
        }
        if verdicts.contains(&Verdict::Locked) {
            self.decoy(password).await;
            return Ok(Bound::Refused(BindRefusal::Disabled));
        }
        let why = verdicts.into_iter().find_map(|verdict| match verdict {
            Verdict::Unusable(why) => Some(why.to_string()),
            _ => None,
        });
        let why = why.unwrap_or_default();
        Err(DirectoryError::Unreadable(format!(
            "password of {}: {why}",
            person.entry
        )))
    }

    async fn decoy(&self, password: &Password) {
        let stored = self.current().decoy().unwrap_or(DECOY).to_vec();
        // Only its time is wanted.
        let _ = self.compare(vec![stored], password).await;
    }

    async fn read_for_write(&self, key: &PersonKey) -> Result<Option<Writable>, DirectoryError> {
        self.reload().await?;
        let people = self.current();
        let Some(entry) = people.with_key(key) else {
            return Ok(None);
        };
        Ok(Some(Writable {
            person: self.person(entry)?,
            guard: Some(entry_writes::guard_of(entry)),
        }))
    }

    async fn write_password(&self, write: &PasswordWrite<'_>) -> Result<Wrote, DirectoryError> {
        self.new_password(write).await
    }

    async fn write_attributes(
        &self,
        key: &PersonKey,
        changes: &[(String, Rewrite)],
    ) -> Result<Written, DirectoryError> {
        self.new_attributes(key, changes).await
    }

    fn demand(&self) -> Option<Demand> {
        self.salts.as_ref().and_then(|_| self.own_demand())
    }

    async fn demand_change(&self, key: &PersonKey) -> Result<Demanded, DirectoryError> {
        self.new_demand(key).await
    }

    async fn lift_demand(&self, key: &PersonKey, before: &[String]) -> Result<Written, DirectoryError> {
        self.no_demand(key, before).await
    }

    async fn lift_failure_lock(&self, _key: &PersonKey) -> Result<bool, DirectoryError> {
        // A file counts no failures; what locks an entry in it, staff wrote there.
        Ok(false)
    }

    fn fence(&self) -> FenceKind {
        match self.salts {
            Some(_) => FenceKind::Compare,
            None => FenceKind::None,
        }
    }

    fn writable(&self) -> bool {
        self.salts.is_some()
    }
}
