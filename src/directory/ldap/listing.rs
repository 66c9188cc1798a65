//! Everybody whom a filter finds, page by page (RFC 2696), on a connection of its own to one server: minutes
//! of an operator's work must not hold up those who sign in.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use ldap3::controls::{ControlType, PagedResults, RawControl};
use ldap3::{DerefAliases, SearchOptions};
use tokio::sync::mpsc;
use tokio::time::Instant as Deadline;

use super::answers::fault_of;
use super::connection::Connection;
use super::entry::{ReadEntry, read_entry};
use super::fault::Fault;
use super::searches::Request;
use super::server::{Server, contained};
use super::{LdapDirectory, requests};
use crate::directory::person::Person;
use crate::directory::{DirectoryError, Filter, Listing};

/// Entries of a page; Active Directory gives 1000 at most.
const PAGE: i32 = 500;

/// Entries that are taken of a page, whatever was asked for: a server that cannot count must not fill the memory.
const MOST: usize = 2000;

/// For one page: a server may have to look through all it has.
const PATIENCE: Duration = Duration::from_secs(60);

impl LdapDirectory {
    pub(super) async fn everybody(
        &self,
        wish: &Listing,
        into: mpsc::Sender<Person>,
    ) -> Result<(), DirectoryError> {
        let mut names: Vec<String> = self.attributes.to_vec();
        names.extend(wish.more.iter().cloned());
        let names: Arc<[String]> = names.into();
        let mapping = &self.settings.mapping;
        let within = match (&wish.filter, &mapping.user_filter) {
            (Some(filter), realm) => filter.clone().and(realm.as_ref()),
            (None, Some(realm)) => realm.clone(),
            (None, None) => Filter::Present("objectClass".to_owned()),
        };
        let limit = self.settings.limits.operation;
        let mut operation = self.servers.operation("listing", Deadline::now(), limit);
        let open = |server: Arc<Server>| async move { server.open_for_searches().await };
        let (server, connection) = self.servers.ask(&mut operation, open).await?;
        let connection = Arc::new(connection);
        for request in requests(&self.settings, &within, &names, PAGE) {
            let (mut cookie, mut walk) = (Vec::new(), Walk::default());
            loop {
                let (connection, request) = (connection.clone(), request.clone());
                let page = async move { page(&connection, &request, cookie).await };
                let read = contained(page, Deadline::now() + PATIENCE).await;
                let failed = |fault: Fault| {
                    let milliseconds = crate::base::clock::millis(PATIENCE);
                    fault.into_error("listing", milliseconds, &server.url.to_string())
                };
                let (entries, next) = read.and_then(|page| walk.on(page)).map_err(failed)?;
                for entry in entries {
                    let name = entry.name.clone();
                    match mapping.person(entry.name, &entry.attributes, &names, self.clock.now()) {
                        Ok(person) => {
                            if into.send(person).await.is_err() {
                                return Ok(());
                            }
                        }
                        Err(why) => tracing::debug!(entry = %name, why, "an entry is no person"),
                    }
                }
                if next.is_empty() {
                    break;
                }
                cookie = next;
            }
        }
        Ok(())
    }
}

/// What a page begins with, of the pages so far. Their cookies tell nothing: of 389 Directory Server they are the
/// same from page to page.
#[derive(Default)]
struct Walk(HashSet<Vec<u8>>);

impl Walk {
    /// A page that was there before is the first of a circle.
    fn on(&mut self, page: Page) -> Result<Page, Fault> {
        let (entries, next) = &page;
        let begins = match entries.first() {
            Some(first) => first.name.0.as_bytes(),
            None => next,
        };
        match self.0.insert(begins.to_vec()) {
            true => Ok(page),
            false => Err(Fault::Lost("the same page again and again".to_owned())),
        }
    }
}

/// The entries, and the cookie of the next page; empty after the last.
type Page = (Vec<ReadEntry>, Vec<u8>);

/// One of them.
async fn page(connection: &Connection, request: &Request, cookie: Vec<u8>) -> Result<Page, Fault> {
    let mut ldap = connection.ldap();
    let control: RawControl = PagedResults { size: PAGE, cookie }.into();
    let mut stream = ldap
        .with_search_options(SearchOptions::new().deref(DerefAliases::Never))
        .with_controls(vec![critical(control)])
        .streaming_search(
            &request.base,
            request.scope.of_ldap3(),
            &request.filter,
            request.attributes.to_vec(),
        )
        .await?;
    let mut entries = Vec::new();
    while let Some(item) = stream.next().await? {
        // References to other servers and intermediate answers are not ours to follow.
        if item.is_ref() || item.is_intermediate() {
            continue;
        }
        if entries.len() == MOST {
            return Err(Fault::Lost(format!(
                "more than {MOST} entries for a page of {PAGE}"
            )));
        }
        let unreadable = || Fault::Lost("an entry cannot be read".to_owned());
        entries.push(read_entry(item.0).ok_or_else(unreadable)?);
    }
    let result = stream.finish().await;
    if result.rc != 0 {
        return Err(fault_of("listing", &result));
    }
    let told = result
        .ctrls
        .iter()
        .find(|control| matches!(control.0, Some(ControlType::PagedResults)));
    let next = told.map(|control| control.1.parse::<PagedResults>().cookie);
    Ok((entries, next.unwrap_or_default()))
}

/// A server that cannot page must say so: what it gave without would not be all.
fn critical(control: RawControl) -> RawControl {
    RawControl {
        crit: true,
        ..control
    }
}
