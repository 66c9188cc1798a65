//! The ceiling of a sign-in: the search and the bind that no server of this kind can do without, on
//! connections kept open, and nothing else.

use std::sync::Arc;

use ldap3::{Ldap, LdapConnAsync, Scope};

use super::load::Worker;
use super::people::Person;
use crate::support::slapd;

/// What the server asks for, too, give or take a few.
const ATTRIBUTES: [&str; 12] = [
    "uid",
    "entryUUID",
    "displayName",
    "cn",
    "givenName",
    "sn",
    "mail",
    "eduPersonAffiliation",
    "supannEtablissement",
    "supannRessourceEtat",
    "pwdAccountLockedTime",
    "pwdReset",
];

pub struct RawLdap {
    searches: Ldap,
    binds: Ldap,
    people: Arc<[Person]>,
}

impl RawLdap {
    pub async fn connect(url: &str, people: Arc<[Person]>) -> anyhow::Result<RawLdap> {
        let mut searches = open(url).await?;
        searches
            .simple_bind(slapd::SERVICE_DN, slapd::SERVICE_PASSWORD)
            .await?
            .success()?;
        Ok(RawLdap {
            searches,
            binds: open(url).await?,
            people,
        })
    }
}

async fn open(url: &str) -> anyhow::Result<Ldap> {
    let (connection, ldap) = LdapConnAsync::new(url).await?;
    ldap3::drive!(connection);
    Ok(ldap)
}

impl Worker for RawLdap {
    async fn turn(&mut self, turn: usize) -> anyhow::Result<()> {
        let person = &self.people[turn % self.people.len()];
        let filter = format!("(uid={})", person.login);
        let search = self
            .searches
            .search(slapd::PEOPLE, Scope::Subtree, &filter, ATTRIBUTES);
        let (found, _) = search.await?.success()?;
        anyhow::ensure!(found.len() == 1, "{} entries", found.len());
        let dn = person.dn(slapd::PEOPLE);
        self.binds.simple_bind(&dn, &person.password).await?.success()?;
        Ok(())
    }
}
