//! A directory in memory whose answers may be lost, and whose writes may be done later than anybody
//! waited for. It compares and swaps as the ruling of the design says servers do.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use mereau::base::clock::{Clock, HandClock};
use mereau::base::names::{PersonKey, Username};
use mereau::base::secret::Password;
use mereau::directory::{
    BindRefusal, Bound, Directory, DirectoryError, FenceKind, Found, Guard, Listing, PasswordRefusal,
    PasswordWrite, Person, Writable, Wrote,
};
use tokio::sync::mpsc;

use super::course::{self, Fault};
use super::store::LossyStore;

/// How a password is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Guard and password move in one step (AD, 389-ds).
    OneModify,
    /// The guard moves, then the password (OpenLDAP).
    FenceFirst,
}

struct Entry {
    person: Person,
    password: String,
    guard: u64,
    failures: u32,
}

/// A password that came to be in force.
#[derive(Debug, Clone)]
pub struct Write {
    pub person: PersonKey,
    pub password: String,
    /// The right it was chosen by, and when that was written; `None`: not by recovery.
    pub by: Option<(String, u64)>,
    pub at: u64,
    /// How many came to be in force before this one could still be refused for them.
    pub knew: usize,
}

/// How long a write may take (`[directory.write] op_timeout`): a fence that is older is followed by nothing.
const LIMIT: Duration = Duration::from_secs(10);

/// A write that nobody waits for any more.
struct Late {
    person: PersonKey,
    password: String,
    when: When,
    by: Option<String>,
}

/// What a late write still finds out.
enum When {
    /// Its guard moves in the same step, if it stands.
    Guard(u64),
    /// Its fence has moved: nothing, see [`Write::knew`].
    Fenced(usize),
}

pub struct ModelDirectory {
    entries: Mutex<Vec<Entry>>,
    late: Mutex<Vec<Late>>,
    written: Mutex<Vec<Write>>,
    kind: Kind,
    lock_after: Option<u32>,
    store: Arc<LossyStore>,
    clock: Arc<HandClock>,
}

fn timed_out(operation: &'static str) -> DirectoryError {
    DirectoryError::TimedOut {
        operation,
        milliseconds: 2000,
    }
}

impl ModelDirectory {
    /// People with the passwords in force.
    pub fn new(
        people: &[(Person, &str)],
        kind: Kind,
        lock_after: Option<u32>,
        (store, clock): (Arc<LossyStore>, Arc<HandClock>),
    ) -> ModelDirectory {
        let entries = people.iter().map(|(person, password)| Entry {
            person: person.clone(),
            password: (*password).to_owned(),
            guard: 0,
            failures: 0,
        });
        ModelDirectory {
            entries: Mutex::new(entries.collect()),
            late: Mutex::default(),
            written: Mutex::default(),
            kind,
            lock_after,
            store,
            clock,
        }
    }

    pub fn written(&self) -> Vec<Write> {
        self.written.lock().unwrap().clone()
    }

    pub fn password_of(&self, person: &PersonKey) -> String {
        self.with(person, |entry| entry.password.clone())
    }

    pub fn is_locked(&self, person: &PersonKey) -> bool {
        let lock = self.lock_after;
        self.with(person, |entry| lock.is_some_and(|lock| entry.failures >= lock))
    }

    /// Somebody changes a password without us.
    pub fn change_elsewhere(&self, person: &PersonKey, password: &str) {
        self.with(person, |entry| entry.guard += 1);
        self.set(person, password, None, None);
    }

    /// The oldest write that came late is carried out, unless its guard has moved; whether it was.
    pub fn land(&self) -> bool {
        let mut late = self.late.lock().unwrap();
        if late.is_empty() {
            return false;
        }
        let Late {
            person,
            password,
            when,
            by,
        } = late.remove(0);
        let knew = match when {
            When::Guard(guard) if !self.swap(&person, guard) => return false,
            When::Guard(_) => None,
            When::Fenced(knew) => Some(knew),
        };
        self.set(&person, &password, by, knew);
        true
    }

    fn with<T>(&self, person: &PersonKey, what: impl FnOnce(&mut Entry) -> T) -> T {
        let mut entries = self.entries.lock().unwrap();
        what(
            entries
                .iter_mut()
                .find(|entry| entry.person.key == *person)
                .unwrap(),
        )
    }

    /// Moves the guard if it stands where it is thought to.
    fn swap(&self, person: &PersonKey, guard: u64) -> bool {
        self.with(person, |entry| {
            let stands = entry.guard == guard;
            entry.guard += u64::from(stands);
            stands
        })
    }

    /// `knew`: see [`Write::knew`]; `None`: all there are.
    fn set(&self, person: &PersonKey, password: &str, by: Option<String>, knew: Option<usize>) {
        self.with(person, |entry| {
            entry.password = password.to_owned();
            entry.failures = 0;
        });
        let by = by.and_then(|right| {
            let minted = self.store.minted_at(&right)?;
            Some((right, minted))
        });
        let mut written = self.written.lock().unwrap();
        let knew = knew.unwrap_or(written.len());
        written.push(Write {
            knew,
            person: person.clone(),
            password: password.to_owned(),
            by,
            at: self.store.place(),
        });
    }

    fn of_login(&self, login: &str) -> Option<Person> {
        let entries = self.entries.lock().unwrap();
        let found = entries.iter().find(|entry| entry.person.login == login);
        found.map(|entry| entry.person.clone())
    }

    fn comes_late(&self, write: &PasswordWrite<'_>, when: When, by: Option<String>) {
        self.late.lock().unwrap().push(Late {
            person: write.key.clone(),
            password: write.new.as_typed().to_owned(),
            when,
            by,
        });
    }

    /// Both steps at once.
    async fn modify(&self, write: &PasswordWrite<'_>, guard: u64) -> Result<Wrote, DirectoryError> {
        let by = course::here().and_then(|course| course.right.clone());
        let fault = course::before("modify").await;
        match fault {
            Some(Fault::Unsent) => return Err(timed_out("modify")),
            Some(Fault::Late) => {
                self.comes_late(write, When::Guard(guard), by);
                return Err(timed_out("modify"));
            }
            _ => {}
        }
        let wrote = if self.with(write.key, |entry| entry.guard != guard) {
            Wrote::Moved
        } else if refuses() {
            Wrote::Refused(PasswordRefusal::InHistory, None)
        } else {
            self.swap(write.key, guard);
            self.set(write.key, write.new.as_typed(), by, None);
            Wrote::Done
        };
        course::after(fault).await;
        match fault {
            Some(Fault::Unheard) => Err(timed_out("modify")),
            _ => Ok(wrote),
        }
    }

    /// The password's operation takes no condition: what comes between it and the fence is overwritten.
    async fn fence_first(&self, write: &PasswordWrite<'_>, guard: u64) -> Result<Wrote, DirectoryError> {
        let by = course::here().and_then(|course| course.right.clone());
        let fault = course::before("fence").await;
        if matches!(fault, Some(Fault::Unsent | Fault::Late)) {
            return Err(timed_out("fence"));
        }
        let (moved, knew) = (self.swap(write.key, guard), self.written().len());
        let deadline = self.clock.now().plus(LIMIT);
        course::after(fault).await;
        match (fault, moved) {
            (Some(Fault::Unheard), _) => return Err(timed_out("fence")),
            (_, false) => return Ok(Wrote::Moved),
            (_, true) => {}
        }
        let fault = course::before("modify").await;
        if self.clock.now() >= deadline || fault == Some(Fault::Unsent) {
            return Err(timed_out("modify"));
        }
        if fault == Some(Fault::Late) {
            self.comes_late(write, When::Fenced(knew), by);
            return Err(timed_out("modify"));
        }
        let wrote = if refuses() {
            let now = Guard((guard + 1).to_be_bytes().to_vec());
            Wrote::Refused(PasswordRefusal::InHistory, Some(now))
        } else {
            self.set(write.key, write.new.as_typed(), by, Some(knew));
            Wrote::Done
        };
        course::after(fault).await;
        match fault {
            Some(Fault::Unheard) => Err(timed_out("modify")),
            _ => Ok(wrote),
        }
    }
}

fn refuses() -> bool {
    course::here().is_some_and(|course| course.refuses)
}

/// One question: what goes wrong with it, and what it answers.
macro_rules! asked {
    ($name:literal, $answer:expr) => {{
        let fault = course::before($name).await;
        if matches!(fault, Some(Fault::Unsent | Fault::Late)) {
            return Err(timed_out($name));
        }
        let answer = $answer;
        course::after(fault).await;
        match fault {
            Some(Fault::Unheard) => Err(timed_out($name)),
            _ => Ok(answer),
        }
    }};
}

#[async_trait]
impl Directory for ModelDirectory {
    async fn find(&self, login: &Username) -> Result<Found, DirectoryError> {
        asked!(
            "find",
            match self.of_login(login.as_str()) {
                Some(person) => Found::One(Box::new(person)),
                None => {
                    course::note(|did| did.refused += 1);
                    Found::Nobody
                }
            }
        )
    }

    async fn find_by(&self, _: &str, _: &str) -> Result<Vec<Person>, DirectoryError> {
        asked!("find by", Vec::new())
    }

    async fn list(&self, _: &Listing, _: mpsc::Sender<Person>) -> Result<(), DirectoryError> {
        asked!("list", ())
    }

    async fn read(&self, key: &PersonKey) -> Result<Option<Person>, DirectoryError> {
        asked!("read", self.with(key, |entry| Some(entry.person.clone())))
    }

    async fn bind(&self, person: &Person, password: &Password) -> Result<Bound, DirectoryError> {
        let lock = self.lock_after;
        asked!(
            "bind",
            self.with(&person.key, |entry| {
                if lock.is_some_and(|lock| entry.failures >= lock) {
                    course::note(|did| did.refused += 1);
                    return Bound::Refused(BindRefusal::Locked);
                }
                if entry.password == password.as_typed() {
                    entry.failures = 0;
                    course::note(|did| did.accepted.push(person.key.clone()));
                    return Bound::Accepted(None);
                }
                entry.failures += 1;
                course::note(|did| did.refused += 1);
                Bound::WrongPassword
            })
        )
    }

    async fn decoy(&self, _: &Password) {}

    fn lock_after(&self) -> Option<u32> {
        self.lock_after
    }

    async fn read_for_write(&self, key: &PersonKey) -> Result<Option<Writable>, DirectoryError> {
        asked!(
            "read for write",
            self.with(key, |entry| Some(Writable {
                person: entry.person.clone(),
                guard: Some(Guard(entry.guard.to_be_bytes().to_vec())),
            }))
        )
    }

    async fn write_password(&self, write: &PasswordWrite<'_>) -> Result<Wrote, DirectoryError> {
        let guard = write.guard.unwrap().0.as_slice();
        let guard = u64::from_be_bytes(guard.try_into().unwrap());
        match self.kind {
            Kind::OneModify => self.modify(write, guard).await,
            Kind::FenceFirst => self.fence_first(write, guard).await,
        }
    }

    async fn lift_failure_lock(&self, key: &PersonKey) -> Result<bool, DirectoryError> {
        asked!(
            "lift",
            self.with(key, |entry| std::mem::take(&mut entry.failures) > 0)
        )
    }

    fn pinned_for(&self) -> Duration {
        Duration::from_secs(300)
    }

    fn fence(&self) -> FenceKind {
        match self.kind {
            Kind::OneModify => FenceKind::Compare,
            Kind::FenceFirst => FenceKind::Assertion,
        }
    }

    fn writable(&self) -> bool {
        true
    }
}
