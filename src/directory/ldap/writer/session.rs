//! One connection as the writing account, held for one write. It goes back to its pool only when
//! every operation on it was answered.

use std::collections::HashSet;

use ldap3::controls::RawControl;
use ldap3::{LdapError, LdapResult, Mod};

use super::super::binds::Ticket;
use super::super::connection::Connection;
use super::super::entry::ReadEntry;
use super::super::fault::Fault;
use super::super::searches::{Request, search_on};
use super::super::server::Server;
use super::super::settings::Scope;
use crate::directory::DirectoryError;
use crate::directory::filter::Filter;

pub type WritableEntry = ReadEntry;
pub type Change = Mod<Vec<u8>>;

/// RFC 4528.
const ASSERTION: &str = "1.3.6.1.1.12";

pub struct Session {
    ticket: Ticket,
    connection: Connection,
}

impl Session {
    /// Takes a connection and reads the entry on it; a connection that its server has closed while
    /// it was idle is found out here. `None`: no such entry.
    pub async fn open(
        server: &Server,
        requests: &[Request],
    ) -> Result<Option<(Session, WritableEntry)>, Fault> {
        loop {
            let mut ticket = server.check_out_writer().await?;
            let fresh = ticket.fresh;
            let Some(connection) = ticket.take() else {
                return Err(Fault::Lost("no connection".to_owned()));
            };
            let session = Session { ticket, connection };
            match session.one(requests).await {
                Err(Fault::Lost(_)) if !fresh => {}
                Err(fault) => return Err(fault),
                Ok(None) => {
                    session.close();
                    return Ok(None);
                }
                Ok(Some(entry)) => return Ok(Some((session, entry))),
            }
        }
    }

    /// Gives the connection back.
    pub fn close(self) {
        let Session {
            mut ticket,
            connection,
        } = self;
        ticket.give_back(connection);
    }

    /// The only entry that the requests find.
    async fn one(&self, requests: &[Request]) -> Result<Option<WritableEntry>, Fault> {
        let mut found = Vec::new();
        for request in requests {
            found.extend(search_on(&self.connection, request).await?);
        }
        if found.len() > 1 {
            let text = "two entries have the same key".to_owned();
            return Err(Fault::Final(DirectoryError::Unreadable(text)));
        }
        Ok(found.pop())
    }

    /// One entry by its name, with these attributes.
    pub async fn entry(&self, dn: &str, attributes: &[&str]) -> Result<Option<WritableEntry>, Fault> {
        let request = Request {
            base: dn.to_owned(),
            scope: Scope::Base,
            filter: "(objectClass=*)".to_owned(),
            attributes: attributes.iter().map(|name| (*name).to_owned()).collect(),
            wanted: 1,
        };
        Ok(search_on(&self.connection, &request).await?.pop())
    }

    pub async fn modify(
        &self,
        dn: &str,
        changes: Vec<Change>,
        controls: Vec<RawControl>,
    ) -> Result<LdapResult, Fault> {
        modify_on(&self.connection, dn, changes, controls).await
    }

    /// RFC 3062 for somebody else's entry.
    pub async fn set_password(
        &self,
        dn: &str,
        old: Option<&str>,
        new: &str,
        control: RawControl,
    ) -> Result<LdapResult, Fault> {
        let request = ldap3::exop::PasswordModify {
            user_id: Some(dn),
            old_pass: old,
            new_pass: Some(new),
        };
        let answer = self
            .connection
            .ldap()
            .with_controls(vec![control])
            .extended(request)
            .await;
        match answer {
            Ok(ldap3::result::ExopResult(_, result)) => Ok(result),
            Err(error) => Err(in_doubt(&self.connection, error)),
        }
    }
}

/// Whatever is still to come on it would be taken for another answer.
fn in_doubt(connection: &Connection, error: LdapError) -> Fault {
    connection.retire();
    connection.explain(Fault::from(error))
}

pub async fn modify_on(
    connection: &Connection,
    dn: &str,
    changes: Vec<Change>,
    controls: Vec<RawControl>,
) -> Result<LdapResult, Fault> {
    let answer = connection
        .ldap()
        .with_controls(controls)
        .modify(dn, changes)
        .await;
    answer.map_err(|error| in_doubt(connection, error))
}

/// A control that lets an operation through only while `filter` holds, or not at all.
pub fn only_while(filter: &Filter) -> RawControl {
    let mut control = ldap3::controls::Assertion::new(filter.to_string());
    control.crit = true;
    debug_assert_eq!(control.ctype, ASSERTION);
    control
}

pub fn add(attribute: &str, value: &str) -> Change {
    Mod::Add(attribute.into(), one(value))
}

pub fn delete(attribute: &str, value: &str) -> Change {
    Mod::Delete(attribute.into(), one(value))
}

/// Removes the attribute, also where it is not there.
pub fn clear(attribute: &str) -> Change {
    Mod::Replace(attribute.into(), HashSet::new())
}

pub fn replace(attribute: &str, value: impl Into<Vec<u8>>) -> Change {
    Mod::Replace(attribute.into(), HashSet::from([value.into()]))
}

fn one(value: &str) -> HashSet<Vec<u8>> {
    HashSet::from([value.as_bytes().to_vec()])
}
