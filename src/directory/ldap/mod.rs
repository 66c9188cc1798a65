//! A realm's LDAP servers as a directory: search with a service account, bind as the person. One
//! deadline holds for an operation whatever it takes, and nothing but a server's plain word makes a
//! password wrong. Writing is `writer`'s work, on the primary that the realm names for it.

mod answers;
mod barrier;
mod ber;
mod binds;
mod connection;
mod entry;
mod failover;
mod fault;
mod gate;
pub mod guard;
mod health;
pub mod inspect;
mod listing;
mod look;
mod pins;
mod primary;
mod probe;
mod searches;
mod server;
mod server_url;
mod settings;
mod tend;
mod whereabouts;
mod write_settings;
mod writer;

use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use tokio::sync::mpsc;
use tokio::time::Instant as Deadline;

use super::filter::Filter;
use super::mapping::SettingProblem;
use super::person::Person;
use super::{
    Bound, Demand, Demanded, Directory, DirectoryError, FenceKind, Found, Listing, MOST_JOINED, Outage,
    PasswordWrite, Rewrite, Room, ServerReport, Settled, Writable, Written, Wrote, settle_by_trying,
};
use crate::base::clock::Clock;
use crate::base::names::{PersonKey, Username};
use crate::base::secret::Password;
use crate::metrics::Histograms;
use crate::tls;
use entry::ReadEntry;
use failover::Servers;
use fault::Fault;
pub use look::{OnEach, Tried, Wanted, Within};
use pins::Pins;
pub use probe::{LoginProbe, ServerProbe};
use searches::{ONE_AND_ANOTHER, Request};
use server::{Server, contained};
use server_url::{Protection, ServerUrl};
pub use settings::{LdapLimits, LdapSettings, Scope, SearchBase, Selection, ServiceAccount};
pub use write_settings::{WriteGuard, WriteMethod, WriteSettings};
pub use writer::WriteProbe;
use writer::Writer;

/// The LDAP directory of a realm.
pub struct LdapDirectory {
    settings: LdapSettings,
    attributes: Arc<[String]>,
    servers: Arc<Servers>,
    writer: Option<Arc<Writer>>,
    pins: Pins,
    clock: Arc<dyn Clock>,
}

impl LdapDirectory {
    /// Checks the settings and loads the trusted certificates; connects to nothing. Must be called
    /// within the async runtime, where it leaves a task for each server that looks after idle
    /// connections for as long as the directory lives.
    pub fn new(settings: LdapSettings, clock: Arc<dyn Clock>) -> Result<LdapDirectory, Vec<SettingProblem>> {
        let problems = settings.problems();
        if !problems.is_empty() {
            return Err(problems);
        }
        let servers = Arc::new(Servers {
            all: servers_of(&settings).map_err(|problem| vec![problem])?,
            selection: settings.selection,
            next_after: settings.limits.next_server_after,
        });
        let writer = settings.write.clone();
        let writer = writer.map(|write| Writer::new(write, &settings, clock.clone()));
        let writer = writer.transpose()?.map(Arc::new);
        let primaries = writer.iter().flat_map(|writer| &writer.servers.all);
        for server in servers.all.iter().chain(primaries) {
            tend::begin(server, &settings.limits);
        }
        Ok(LdapDirectory {
            writer,
            pins: Pins::default(),
            attributes: settings.mapping.wanted().into(),
            settings,
            servers,
            clock,
        })
    }

    /// Counts the binds of its servers there from now on.
    pub fn count_binds(&self, binds: &Histograms) {
        let primaries = self.writer.iter().flat_map(|writer| &writer.servers.all);
        for server in self.servers.all.iter().chain(primaries) {
            server.count_binds(binds);
        }
    }

    /// Looks at every server by itself, whatever its health: TCP, TLS, service account, root entry,
    /// and how many entries each login attribute finds for `login`.
    pub async fn probe(&self, login: Option<&Username>) -> Vec<ServerProbe> {
        let mut probes = Vec::new();
        for server in &self.servers.all {
            probes.push(probe::probe(server, &self.settings, login).await);
        }
        probes
    }

    /// Looks at every write primary in the same way, and at what would make writes fail.
    pub async fn probe_writing(&self) -> Vec<WriteProbe> {
        match &self.writer {
            Some(writer) => writer.probe().await,
            None => Vec::new(),
        }
    }

    /// The entries a filter finds, in a step of an operation that began at `start`.
    async fn search(
        &self,
        operation: &'static str,
        start: Deadline,
        filter: &Filter,
    ) -> Result<Vec<ReadEntry>, DirectoryError> {
        self.search_for(operation, start, filter, ONE_AND_ANOTHER).await
    }

    async fn search_for(
        &self,
        operation: &'static str,
        start: Deadline,
        filter: &Filter,
        wanted: i32,
    ) -> Result<Vec<ReadEntry>, DirectoryError> {
        let requests: Arc<[Request]> = requests(&self.settings, filter, &self.attributes, wanted).into();
        let limit = self.settings.limits.operation;
        let mut operation = self.servers.operation(operation, start, limit);
        let attempt = |server: Arc<Server>| {
            let requests = requests.clone();
            async move { server.search(&requests).await }
        };
        let (_, entries) = self.servers.ask(&mut operation, attempt).await?;
        Ok(entries)
    }

    fn person(&self, entry: ReadEntry) -> Result<Person, DirectoryError> {
        self.settings
            .mapping
            .person(entry.name, &entry.attributes, &self.attributes, self.clock.now())
            .map_err(DirectoryError::Unreadable)
    }

    /// Getting a connection may be tried on several servers at once; the bind itself is sent to one
    /// at a time, and never again once a server may have counted it as a failure (F-16, F-17).
    async fn try_bind(
        &self,
        servers: &Servers,
        dn: &str,
        password: &Password,
    ) -> Result<(Bound, Arc<Server>), DirectoryError> {
        let limit = self.settings.limits.operation;
        let mut operation = servers.operation("bind", Deadline::now(), limit);
        loop {
            let check_out = |server: Arc<Server>| async move { server.check_out().await };
            let (server, ticket) = servers.ask(&mut operation, check_out).await?;
            let (fresh, asked) = (ticket.fresh, Instant::now());
            let (dn, password) = (dn.to_owned(), password.clone());
            let bind = async move { ticket.bind(&dn, &password).await };
            let outcome = contained(bind, operation.deadline).await;
            if !fresh && matches!(outcome, Err(Fault::Lost(_))) {
                // The server had closed an idle connection: the socket was stale, not the server.
                operation.again(server);
                continue;
            }
            server.note(&outcome, asked);
            server.bind_took(asked.elapsed());
            match outcome {
                Ok(bound) => return Ok((bound, server)),
                Err(fault) => operation.failed_on(&server, fault)?,
            }
        }
    }

    fn writer(&self) -> Result<&Writer, DirectoryError> {
        self.writer.as_deref().ok_or(DirectoryError::NotWritable)
    }

    /// The same person as the primary has it, when written lately; a primary that does not answer
    /// leaves what was found.
    async fn as_on_primary(&self, person: Person) -> Person {
        let Some(writer) = self.pinned(&person.key) else {
            return person;
        };
        match writer.read(&person.key).await {
            Ok(Some(read)) => read.person,
            _ => person,
        }
    }

    fn decoy_dn(&self) -> String {
        let base = self.settings.bases.first().map_or("", |base| base.dn.as_str());
        let made_up = || format!("uid=nobody-5f0c9b52,{base}");
        self.settings.decoy_dn.clone().unwrap_or_else(made_up)
    }
}

#[async_trait]
impl Directory for LdapDirectory {
    async fn find(&self, login: &Username) -> Result<Found, DirectoryError> {
        let start = Deadline::now();
        for attribute in &self.settings.mapping.login_attributes {
            let filter = self.settings.mapping.login_filter(attribute, login);
            let mut entries = self.search("search", start, &filter).await?;
            match entries.len() {
                0 => {}
                1 => {
                    let person = entries.pop().map(|entry| self.person(entry)).transpose()?;
                    let Some(person) = person else {
                        return Ok(Found::Nobody);
                    };
                    let person = self.as_on_primary(person).await;
                    return Ok(Found::One(Box::new(person)));
                }
                _ => {
                    return Ok(Found::Ambiguous(
                        entries.into_iter().map(|entry| entry.name).collect(),
                    ));
                }
            }
        }
        Ok(Found::Nobody)
    }

    async fn find_by(&self, attribute: &str, value: &str) -> Result<Vec<Person>, DirectoryError> {
        let Some(filter) = self.settings.mapping.join_filter(attribute, value) else {
            return Ok(Vec::new());
        };
        let one_more = i32::try_from(MOST_JOINED + 1).unwrap_or(ONE_AND_ANOTHER);
        let found = self
            .search_for("join", Deadline::now(), &filter, one_more)
            .await?;
        let mut people = Vec::new();
        for entry in found.into_iter().take(MOST_JOINED + 1) {
            people.push(self.person(entry)?);
        }
        Ok(people)
    }

    async fn list(&self, wish: &Listing, into: mpsc::Sender<Person>) -> Result<(), DirectoryError> {
        self.everybody(wish, into).await
    }

    async fn read(&self, key: &PersonKey) -> Result<Option<Person>, DirectoryError> {
        if let Some(writer) = self.pinned(key)
            && let Ok(read) = writer.read(key).await
        {
            return Ok(read.map(|read| read.person));
        }
        let Some(filter) = self.settings.mapping.key_filter(key) else {
            return Ok(None);
        };
        let mut entries = self.search("read", Deadline::now(), &filter).await?;
        if entries.len() > 1 {
            let subject = &self.settings.mapping.subject_attribute;
            return Err(DirectoryError::Unreadable(format!(
                "two entries have the same {subject}"
            )));
        }
        entries.pop().map(|entry| self.person(entry)).transpose()
    }

    async fn bind(&self, person: &Person, password: &Password) -> Result<Bound, DirectoryError> {
        self.bind_somewhere(person, password).await
    }

    async fn decoy(&self, password: &Password) {
        // Only its time is wanted.
        let tried = self.try_bind(&self.servers, &self.decoy_dn(), password).await;
        if let Ok((_, server)) = tried {
            self.decoy_look(server).await;
        }
    }

    fn room(&self, under_way: usize) -> Room {
        self.servers.room(Instant::now(), under_way)
    }

    fn lock_after(&self) -> Option<u32> {
        self.settings.lock_after
    }

    async fn read_for_write(&self, key: &PersonKey) -> Result<Option<Writable>, DirectoryError> {
        self.writer()?.read(key).await
    }

    async fn write_password(&self, write: &PasswordWrite<'_>) -> Result<Wrote, DirectoryError> {
        let wrote = self.writer()?.write_password(write).await;
        if matches!(wrote, Ok(Wrote::Done) | Err(_)) {
            self.pin_to_primary(write.key);
        }
        wrote
    }

    async fn settle(&self, write: &PasswordWrite<'_>) -> Result<Settled, DirectoryError> {
        let settled = settle_by_trying(self, write).await?;
        if settled == Settled::Written {
            // Whose answer was lost, of that the site's program has not been told.
            self.writer()?.tell_of(write).await;
        }
        Ok(settled)
    }

    async fn write_attributes(
        &self,
        key: &PersonKey,
        changes: &[(String, Rewrite)],
    ) -> Result<Written, DirectoryError> {
        let written = self.writer()?.write_attributes(key, changes).await;
        if matches!(written, Ok(Written::Done) | Err(_)) {
            self.pin_to_primary(key);
        }
        written
    }

    fn demand(&self) -> Option<Demand> {
        self.writer.as_ref().and_then(|writer| writer.demand())
    }

    async fn demand_change(&self, key: &PersonKey) -> Result<Demanded, DirectoryError> {
        let done = self.writer()?.demand_change(key).await;
        if matches!(done, Ok(Demanded::Done) | Err(_)) {
            self.pin_to_primary(key);
        }
        done
    }

    async fn lift_demand(&self, key: &PersonKey, before: &[String]) -> Result<Written, DirectoryError> {
        let done = self.writer()?.lift_demand(key, before).await;
        if matches!(done, Ok(Written::Done) | Err(_)) {
            self.pin_to_primary(key);
        }
        done
    }

    async fn lift_failure_lock(&self, key: &PersonKey) -> Result<bool, DirectoryError> {
        self.writer()?.lift_failure_lock(key).await
    }

    fn pin(&self, key: &PersonKey) {
        self.pin_to_primary(key);
    }

    fn pinned_for(&self) -> Duration {
        let writer = self.writer.as_ref();
        writer.map_or(Duration::ZERO, |writer| writer.settings.pin)
    }

    fn outage(&self) -> Outage {
        let now = Instant::now();
        let writer = self.writer.as_ref();
        Outage {
            reading: self.servers.outage(now),
            writing: writer.and_then(|writer| writer.servers.outage(now)),
        }
    }

    fn servers(&self) -> Vec<ServerReport> {
        let read = self.servers.all.iter().map(|server| server.report(false));
        let primaries = self.writer.iter().flat_map(|writer| &writer.servers.all);
        read.chain(primaries.map(|server| server.report(true))).collect()
    }

    fn fence(&self) -> FenceKind {
        let writer = self.writer.as_ref();
        writer.map_or(FenceKind::None, |writer| writer.settings.fence())
    }

    fn writable(&self) -> bool {
        self.writer.is_some()
    }
}

fn requests(
    settings: &LdapSettings,
    filter: &Filter,
    attributes: &Arc<[String]>,
    wanted: i32,
) -> Vec<Request> {
    let filter = filter.to_string();
    let request = |base: &SearchBase| Request {
        base: base.dn.clone(),
        scope: base.scope,
        filter: filter.clone(),
        attributes: attributes.clone(),
        wanted,
    };
    settings.bases.iter().map(request).collect()
}

fn servers_of(settings: &LdapSettings) -> Result<Vec<Arc<Server>>, SettingProblem> {
    let urls: Result<Vec<ServerUrl>, String> = settings
        .urls
        .iter()
        .map(|url| ServerUrl::parse(url, settings))
        .collect();
    let urls = urls.map_err(|problem| SettingProblem::new("urls", problem))?;
    let needs_tls = urls.iter().any(|url| url.protection != Protection::Clear);
    let tls = match needs_tls.then(|| tls::client_config(&settings.roots)) {
        Some(Ok(config)) => Some(config),
        Some(Err(error)) => return Err(SettingProblem::new("ca_file", error.to_string())),
        None => None,
    };
    let server = |url| {
        Arc::new(Server::new(
            url,
            tls.clone(),
            settings.account.clone(),
            &settings.limits,
        ))
    };
    Ok(urls.into_iter().map(server).collect())
}
