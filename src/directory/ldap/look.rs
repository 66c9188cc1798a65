//! Looking for entries on one server or on each by itself, for `mereau doctor person`: connections of their
//! own, whatever the pools and the servers' health say. A try of a password counts where the server counts;
//! nothing else changes anything.

use std::sync::Arc;

use futures_util::future::join_all;
use ldap3::LdapResult;
use tokio::time::{Instant as Deadline, timeout};

use super::LdapDirectory;
use super::answers::{active_directory_data, bound, password_policy_request, shortened};
use super::connection::Connection;
use super::entry::ReadEntry;
use super::fault::Fault;
use super::searches::{Request, search_on};
use super::server::{Server, contained};
use super::settings::Scope;
use crate::base::clock::millis;
use crate::base::secret::Password;
use crate::directory::evidence::Evidence;
use crate::directory::{Bound, DirectoryError, Filter};

/// Partitions of a server that hold no people.
pub(super) const NOBODY_THERE: [&str; 8] = [
    "cn=config",
    "cn=monitor",
    "cn=changelog",
    "cn=accesslog",
    "cn=schema",
    "cn=configuration",
    "dc=domaindnszones",
    "dc=forestdnszones",
];

/// Where to look.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Within {
    /// The branches with people.
    Bases,
    /// Everything that the server holds.
    Server,
    /// One entry.
    Entry(String),
}

/// What to look for.
#[derive(Debug, Clone)]
pub struct Wanted {
    pub within: Within,
    pub filter: Filter,
    pub attributes: Vec<String>,
    pub most: i32,
}

/// What one server said to a password.
#[derive(Debug)]
pub struct Tried {
    pub url: String,
    /// Of RFC 4511; `None`: no answer.
    pub code: Option<u32>,
    /// As the server words it.
    pub text: String,
    /// The reason that Active Directory puts into its text: 52e, 533, 775…
    pub data: Option<String>,
    pub bound: Result<Bound, DirectoryError>,
}

/// An answer for each server, by its URL.
pub type OnEach<T> = Vec<(String, Result<T, DirectoryError>)>;

impl LdapDirectory {
    /// The entries that each server has.
    pub async fn look_on_each(&self, wanted: &Wanted) -> OnEach<Vec<Evidence>> {
        let looks = self
            .every_server()
            .into_iter()
            .map(|server| async move { (server.url.to_string(), self.look_on(&server, wanted).await) });
        join_all(looks).await
    }

    /// The entries of the first server that answers.
    pub async fn look_on_any(&self, wanted: &Wanted) -> Result<Vec<Evidence>, DirectoryError> {
        let mut failed = None;
        for server in self.every_server() {
            match self.look_on(&server, wanted).await {
                Ok(found) => return Ok(found),
                Err(error) => failed = failed.or(Some(error)),
            }
        }
        Err(failed.unwrap_or(DirectoryError::Crowded))
    }

    /// Shows a password to each server: a try for each.
    pub async fn try_on_each(&self, dn: &str, password: &Password) -> Vec<Tried> {
        let tries = self
            .every_server()
            .into_iter()
            .map(|server| async move { self.try_on(&server, dn, password).await });
        join_all(tries).await
    }

    /// Those that are read and those that are written, each once.
    fn every_server(&self) -> Vec<Arc<Server>> {
        let mut all: Vec<Arc<Server>> = Vec::new();
        let writing = self.writer.iter().flat_map(|writer| &writer.servers.all);
        for server in self.servers.all.iter().chain(writing) {
            let url = server.url.to_string();
            if all.iter().all(|known| known.url.to_string() != url) {
                all.push(server.clone());
            }
        }
        all
    }

    async fn look_on(&self, server: &Arc<Server>, wanted: &Wanted) -> Result<Vec<Evidence>, DirectoryError> {
        let limit = self.settings.limits.operation;
        let found = match self.entries(server, wanted).await {
            Err(Fault::Final(DirectoryError::Answered { code: 32, .. })) => Vec::new(),
            Err(fault) => return Err(fault.into_error("search", millis(limit), &server.url.to_string())),
            Ok(found) => found,
        };
        let evidence = found.into_iter().map(|entry| Evidence {
            name: entry.name,
            attributes: entry.attributes,
            passwords: entry.passwords,
        });
        Ok(evidence.collect())
    }

    async fn entries(&self, server: &Arc<Server>, wanted: &Wanted) -> Result<Vec<ReadEntry>, Fault> {
        let limit = self.settings.limits.operation;
        let opened = timeout(limit * 2, server.open_for_searches()).await;
        let connection = Arc::new(opened.map_err(|_| Fault::TimedOut)??);
        let bases = match &wanted.within {
            Within::Bases => {
                let bases = self.settings.bases.iter();
                bases.map(|base| (base.dn.clone(), base.scope)).collect()
            }
            Within::Entry(dn) => vec![(dn.clone(), Scope::Base)],
            Within::Server => contexts(&connection, limit).await?,
        };
        let request = |(base, scope): (String, Scope)| Request {
            base,
            scope,
            filter: wanted.filter.to_string(),
            attributes: wanted.attributes.as_slice().into(),
            wanted: wanted.most,
        };
        let requests: Vec<Request> = bases.into_iter().map(request).collect();
        let all = async move {
            let mut found = Vec::new();
            for request in &requests {
                found.extend(search_on(&connection, request).await?);
            }
            Ok(found)
        };
        contained(all, Deadline::now() + limit).await
    }

    async fn try_on(&self, server: &Arc<Server>, dn: &str, password: &Password) -> Tried {
        let limit = self.settings.limits.operation;
        let url = server.url.to_string();
        let answered = timeout(limit * 2, shown(server, dn, password)).await;
        let outcome = answered
            .map_err(|_| Fault::TimedOut)
            .and_then(|answered| answered);
        let failed = |fault: Fault| fault.into_error("bind", millis(limit), &url);
        match outcome {
            Ok(answer) => Tried {
                code: Some(answer.rc),
                text: shortened(&answer.text),
                data: active_directory_data(&answer.text).map(str::to_owned),
                bound: bound(&answer).map_err(failed),
                url: url.clone(),
            },
            Err(fault) => Tried {
                code: None,
                text: String::new(),
                data: None,
                bound: Err(failed(fault)),
                url: url.clone(),
            },
        }
    }
}

/// The server's own word on a password.
async fn shown(server: &Arc<Server>, dn: &str, password: &Password) -> Result<LdapResult, Fault> {
    let connection = server.open().await?;
    let mut ldap = connection.ldap();
    let bound = ldap
        .with_controls(vec![password_policy_request()])
        .simple_bind(dn, password.as_typed());
    bound
        .await
        .map_err(|error| connection.explain(Fault::from(error)))
}

/// What the server holds that may be people.
async fn contexts(
    connection: &Arc<Connection>,
    limit: std::time::Duration,
) -> Result<Vec<(String, Scope)>, Fault> {
    let request = Request {
        base: String::new(),
        scope: Scope::Base,
        filter: "(objectClass=*)".to_owned(),
        attributes: Arc::from(["namingContexts".to_owned()]),
        wanted: 1,
    };
    let connection = connection.clone();
    let asked = async move { search_on(&connection, &request).await };
    let root = contained(asked, Deadline::now() + limit).await?;
    let names = root
        .iter()
        .flat_map(|root| root.attributes.texts("namingContexts"));
    let people = names.filter(|name| {
        let lower = name.to_ascii_lowercase();
        !lower.is_empty() && !NOBODY_THERE.iter().any(|none| lower.starts_with(none))
    });
    Ok(people.map(|name| (name.to_owned(), Scope::Subtree)).collect())
}
