//! One connection to one server, to look at it as one account: each question within a deadline of its own, a
//! hostile answer ends the question only. Answers that the pools take for errors are told here as they are.

use std::sync::Arc;
use std::time::Duration;

use ldap3::{DerefAliases, LdapResult, SearchOptions};
use tokio::time::Instant as Deadline;

use super::super::answers::password_policy_request;
use super::super::connection::Connection;
use super::super::entry::{ReadEntry, read_entry};
use super::super::fault::Fault;
use super::super::searches::Request;
use super::super::server::contained;
use super::super::settings::{Scope, ServiceAccount};
use crate::directory::Filter;

pub struct Eyes {
    pub url: String,
    pub connection: Arc<Connection>,
    /// For one question.
    pub limit: Duration,
}

/// What a search came to.
#[derive(Debug, Default)]
pub struct Answer {
    pub entries: Vec<ReadEntry>,
    /// Where parts of what was searched lie.
    pub references: Vec<String>,
    /// The result code of RFC 4511 §4.1.9.
    pub code: u32,
    pub matched: String,
    pub text: String,
    /// Where the whole of it lies.
    pub referrals: Vec<String>,
}

impl Eyes {
    pub async fn ask(&self, request: Request) -> Result<Answer, Fault> {
        let connection = self.connection.clone();
        let search = async move {
            let found = search(&connection, &request).await;
            found.map_err(|fault| connection.explain(fault))
        };
        contained(search, Deadline::now() + self.limit).await
    }

    /// One entry, if it can be seen.
    pub async fn entry(&self, dn: &str, attributes: &[&str]) -> Result<Option<ReadEntry>, Fault> {
        let answer = self
            .ask(request(dn, Scope::Base, "(objectClass=*)", attributes, 1))
            .await?;
        Ok(answer.entries.into_iter().next())
    }

    /// Entries of one branch, at most `wanted`.
    pub async fn all(
        &self,
        (base, scope): (&str, Scope),
        filter: &Filter,
        attributes: &[&str],
        wanted: i32,
    ) -> Result<Vec<ReadEntry>, Fault> {
        let answer = self
            .ask(request(base, scope, &filter.to_string(), attributes, wanted))
            .await?;
        Ok(answer.entries)
    }

    /// Who we are from now on; the answer tells how that went.
    pub async fn bind(&self, account: &ServiceAccount) -> Result<LdapResult, Fault> {
        let (connection, account) = (self.connection.clone(), account.clone());
        let bind = async move {
            let bound = connection
                .ldap()
                .with_controls(vec![password_policy_request()])
                .simple_bind(&account.dn, account.password.expose())
                .await;
            bound.map_err(|error| connection.explain(Fault::from(error)))
        };
        contained(bind, Deadline::now() + self.limit).await
    }
}

pub fn request(base: &str, scope: Scope, filter: &str, attributes: &[&str], wanted: i32) -> Request {
    Request {
        base: base.to_owned(),
        scope,
        filter: filter.to_owned(),
        attributes: attributes.iter().map(|name| (*name).to_owned()).collect(),
        wanted,
    }
}

async fn search(connection: &Connection, request: &Request) -> Result<Answer, Fault> {
    let options = SearchOptions::new()
        .sizelimit(request.wanted)
        .deref(DerefAliases::Never);
    let scope = match request.scope {
        Scope::Base => ldap3::Scope::Base,
        Scope::One => ldap3::Scope::OneLevel,
        Scope::Subtree => ldap3::Scope::Subtree,
    };
    let mut stream = connection
        .ldap()
        .with_search_options(options)
        .streaming_search(&request.base, scope, &request.filter, request.attributes.to_vec())
        .await?;
    let most = usize::try_from(request.wanted).unwrap_or_default().max(1);
    let mut answer = Answer::default();
    while let Some(item) = stream.next().await? {
        if item.is_ref() {
            answer.references.extend(ldap3::parse_refs(item.0));
        } else if !item.is_intermediate() {
            let unreadable = || Fault::Lost("an entry cannot be read".to_owned());
            answer.entries.push(read_entry(item.0).ok_or_else(unreadable)?);
        }
        if answer.entries.len() > most || answer.references.len() > most * 4 {
            // It sends more than it was asked for; the connection is not used again.
            connection.retire();
            return Ok(answer);
        }
    }
    let result = stream.finish().await;
    (answer.code, answer.matched, answer.text) = (result.rc, result.matched, result.text);
    answer.referrals = result.refs;
    Ok(answer)
}
