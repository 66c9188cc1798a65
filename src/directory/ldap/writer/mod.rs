//! Writing to the primary of an LDAP directory: one connection as the writing account for one write
//! from the reading of the entry to the last repair. Nothing that may have reached the server is
//! ever sent a second time; referrals are errors.

mod after;
mod attributes;
mod demand;
mod entries;
mod marks;
mod passwords;
mod probe;
mod refusals;
mod session;

use std::sync::Arc;

use tokio::time::Instant as Deadline;

use super::failover::{Operation, Servers};
use super::fault::Fault;
use super::searches::{ONE_AND_ANOTHER, Request};
use super::server::{Server, contained};
use super::settings::{LdapSettings, Selection};
use super::write_settings::WriteSettings;
use super::{requests, servers_of};
use crate::base::clock::Clock;
use crate::base::names::PersonKey;
use crate::directory::mapping::SettingProblem;
use crate::directory::person::{Attributes, Person};
use crate::directory::write::STAFF_LOCKS;
use crate::directory::{Demand, Demanded, DirectoryError, PasswordWrite, Rewrite, Writable, Written, Wrote};
pub use marks::Marks;
use passwords::{PasswordJob, Repair};
pub(super) use probe::ROOTS;
pub use probe::{WRITING, WriteProbe};
use session::{Session, WritableEntry};

/// The writing side of a directory.
pub struct Writer {
    pub settings: Arc<WriteSettings>,
    pub servers: Servers,
    directory: Arc<LdapSettings>,
    attributes: Arc<[String]>,
    wanted: Arc<[String]>,
    clock: Arc<dyn Clock>,
}

impl Writer {
    pub fn new(
        settings: WriteSettings,
        directory: &LdapSettings,
        clock: Arc<dyn Clock>,
    ) -> Result<Writer, Vec<SettingProblem>> {
        let mut primary = directory.clone();
        primary.urls = settings.urls.clone();
        primary.account = Some(settings.account.clone());
        let all = servers_of(&primary).map_err(|problem| vec![problem])?;
        let wanted: Arc<[String]> = directory.mapping.wanted().into();
        Ok(Writer {
            servers: Servers {
                all,
                selection: Selection::Order,
                // A slow primary is still the primary: nobody else is asked beside it.
                next_after: settings.limit,
            },
            attributes: asked_of_entries(&settings, &wanted).into(),
            settings: Arc::new(settings),
            directory: Arc::new(primary),
            wanted,
            clock,
        })
    }

    /// Whether this address is one of a write primary.
    pub fn has(&self, server: &Server) -> bool {
        self.servers.all.iter().any(|primary| primary.url == server.url)
    }

    /// The person as the primary has it.
    pub async fn read(&self, key: &PersonKey) -> Result<Option<Writable>, DirectoryError> {
        let Some(entry) = self.entry(key).await? else {
            return Ok(None);
        };
        let person = self.person(&entry)?;
        let guard = Marks::of(&entry.attributes, &self.settings).guard(&self.settings);
        Ok(Some(Writable { person, guard }))
    }

    /// What the primary's entry says of its last write, and the entry.
    pub async fn marks(&self, key: &PersonKey) -> Result<Option<(Marks, Attributes)>, DirectoryError> {
        let entry = self.entry(key).await?;
        Ok(entry.map(|entry| (Marks::of(&entry.attributes, &self.settings), entry.attributes)))
    }

    async fn entry(&self, key: &PersonKey) -> Result<Option<WritableEntry>, DirectoryError> {
        let mut operation = self.operation("read for a write");
        let Some((_, session, entry)) = self.session(&mut operation, key).await? else {
            return Ok(None);
        };
        session.close();
        Ok(Some(entry))
    }

    pub async fn write_password(&self, write: &PasswordWrite<'_>) -> Result<Wrote, DirectoryError> {
        let mut operation = self.operation("write of a password");
        let Some((server, session, entry)) = self.session(&mut operation, write.key).await? else {
            return Ok(Wrote::Gone);
        };
        let person = self.person(&entry)?;
        let deadline = operation.deadline;
        let job = PasswordJob::new(write, self.settings.clone(), self.clock.clone(), deadline);
        let work = job.run(session, entry, server.clone());
        let ran = contained(work, deadline).await;
        let (wrote, repair) = ran.map_err(|fault| operation.given_up(fault, &server))?;
        if let Some(repair) = repair {
            self.repair(repair).await;
        }
        if wrote == Wrote::Done {
            self.tell(person, write).await;
        }
        Ok(wrote)
    }

    /// Within a time of its own: what hangs here hides no password that is written.
    async fn repair(&self, repair: Repair) {
        let entry = repair.entry.name.clone();
        let work = async move {
            repair.run().await;
            Ok(())
        };
        if contained(work, Deadline::now() + self.settings.limit / 2)
            .await
            .is_err()
        {
            tracing::warn!(event = "repairs_unfinished", %entry, "a password is written, and what had to follow it in its entry could not be finished");
        }
    }

    /// Tells the site's program of a password that turned out to be written.
    pub async fn tell_of(&self, write: &PasswordWrite<'_>) {
        if self.settings.hook.is_none() {
            return;
        }
        match self.read(write.key).await {
            Ok(Some(now)) => self.tell(now.person, write).await,
            _ => {
                tracing::error!(event = "password_hook_failed", person = %write.key.0, "the program after a new password could not be told")
            }
        }
    }

    async fn tell(&self, person: Person, write: &PasswordWrite<'_>) {
        let Some(hook) = self.settings.hook.clone() else {
            return;
        };
        let (new, manner) = (write.new.clone(), passwords::manner_word(&write.manner));
        // In a task of its own: who gives up waiting does not stop it.
        let told = tokio::spawn(async move { hook.tell(&person, &new, manner).await });
        let _ = told.await;
    }

    pub async fn write_attributes(
        &self,
        key: &PersonKey,
        changes: &[(String, Rewrite)],
    ) -> Result<Written, DirectoryError> {
        let mut operation = self.operation("write of attributes");
        let Some((server, session, entry)) = self.session(&mut operation, key).await? else {
            return Ok(Written::Gone);
        };
        let (settings, changes) = (self.settings.clone(), changes.to_vec());
        let work = async move { attributes::write(session, &entry, &settings, &changes).await };
        let written = contained(work, operation.deadline).await;
        written.map_err(|fault| operation.given_up(fault, &server))
    }

    pub async fn lift_failure_lock(&self, key: &PersonKey) -> Result<bool, DirectoryError> {
        let mut operation = self.operation("lifting of a lock");
        let Some((server, session, entry)) = self.session(&mut operation, key).await? else {
            return Ok(false);
        };
        let settings = self.settings.clone();
        let work = async move {
            let lifted = after::lift_failure_lock(&session, &entry, &settings).await?;
            session.close();
            Ok(lifted)
        };
        let lifted = contained(work, operation.deadline).await;
        lifted.map_err(|fault| operation.given_up(fault, &server))
    }

    /// By what the directory makes people choose another password.
    pub fn demand(&self) -> Option<Demand> {
        demand::mark_of(self.settings.method).demand()
    }

    pub async fn demand_change(&self, key: &PersonKey) -> Result<Demanded, DirectoryError> {
        let mut operation = self.operation("mark “must change”");
        let Some((server, session, entry)) = self.session(&mut operation, key).await? else {
            return Ok(Demanded::Gone);
        };
        let (settings, primary) = (self.settings.clone(), server.clone());
        let work = async move {
            let job = demand::Job {
                session: &session,
                entry: &entry,
                settings: &settings,
                server: &primary,
            };
            let done = job.set().await?;
            session.close();
            Ok(done)
        };
        let done = contained(work, operation.deadline).await;
        done.map_err(|fault| operation.given_up(fault, &server))
    }

    pub async fn lift_demand(&self, key: &PersonKey, before: &[String]) -> Result<Written, DirectoryError> {
        let mut operation = self.operation("end of the mark “must change”");
        let Some((server, session, entry)) = self.session(&mut operation, key).await? else {
            return Ok(Written::Gone);
        };
        let (settings, primary, before) = (self.settings.clone(), server.clone(), before.to_vec());
        let work = async move {
            let job = demand::Job {
                session: &session,
                entry: &entry,
                settings: &settings,
                server: &primary,
            };
            let done = job.take_away(&before).await?;
            session.close();
            Ok(done)
        };
        let done = contained(work, operation.deadline).await;
        done.map_err(|fault| operation.given_up(fault, &server))
    }

    fn operation(&self, name: &'static str) -> Operation {
        self.servers.operation(name, Deadline::now(), self.settings.limit)
    }

    /// A connection on which the entry has just been read, so that it is known to live: what is
    /// written on it next is sent once.
    async fn session(
        &self,
        operation: &mut Operation,
        key: &PersonKey,
    ) -> Result<Option<(Arc<Server>, Session, WritableEntry)>, DirectoryError> {
        let Some(filter) = self.directory.mapping.key_filter(key) else {
            return Ok(None);
        };
        let asked = requests(&self.directory, &filter, &self.attributes, ONE_AND_ANOTHER);
        let asked: Arc<[Request]> = asked.into();
        let attempt = |server: Arc<Server>| {
            let asked = asked.clone();
            async move { Session::open(&server, &asked).await }
        };
        let (server, found) = self.servers.ask(operation, attempt).await?;
        Ok(found.map(|(session, entry)| (server, session, entry)))
    }

    fn person(&self, entry: &WritableEntry) -> Result<Person, DirectoryError> {
        self.directory
            .mapping
            .person(
                entry.name.clone(),
                &entry.attributes,
                &self.wanted,
                self.clock.now(),
            )
            .map_err(DirectoryError::Unreadable)
    }
}

/// What a write has to know of an entry, beside what the realm reads of people.
fn asked_of_entries(settings: &WriteSettings, wanted: &[String]) -> Vec<String> {
    let pass_through = settings
        .pass_through
        .iter()
        .flat_map(|filter| filter.attributes());
    let more = [
        "objectClass",
        "userPassword",
        "pwdReset",
        "pwdPolicySubentry",
        "pwdLastSet",
        "passwordExpirationTime",
    ]
    .into_iter()
    .chain(STAFF_LOCKS)
    .chain(["lockoutTime", "accountUnlockTime", "passwordRetryCount"])
    .chain(settings.guard.generation())
    .chain([settings.changed_attribute.as_str()])
    .map(str::to_owned);
    let mut names: Vec<String> = wanted.to_vec();
    for name in more.chain(pass_through) {
        if !names.iter().any(|known| known.eq_ignore_ascii_case(&name)) {
            names.push(name);
        }
    }
    names
}

/// Faults of a write say so in the operator's log; the caller only learns that it does not know.
impl Operation {
    fn given_up(&self, fault: Fault, server: &Server) -> DirectoryError {
        let milliseconds = self.milliseconds();
        fault.into_error(self.name, milliseconds, &server.url.to_string())
    }
}
