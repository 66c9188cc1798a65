//! What those who run the server do to the accounts of other people, by the command line or the admin
//! address: look at sessions and end them, of one person or of many, and have people choose other passwords.
//! Whoever calls has made sure who they are; what they did and why stands in the audit.

mod must_change;
mod people;
mod realm;
mod sessions;

pub use must_change::{
    ALREADY, Candidate, Choice, Chosen, Exceptions, Marked, choose, demand, lift, sign_out,
};
pub use people::{Listed, people};
pub use realm::{Ending, Swept, end_each, end_realm};
pub use sessions::{EndedOf, end_sessions, sessions_of};

use super::{Catalogue, FlowError};
use crate::audit::{Actor, Record};
use crate::base::names::{AccountId, RealmId, Username};
use crate::directory::{EntryName, Found};

/// Who does it, and why.
#[derive(Debug, Clone, Copy)]
pub struct ByAgent<'a> {
    pub name: &'a str,
    /// One line; it stays in the audit.
    pub reason: &'a str,
    /// By what: `command`, or `admin` for the admin address.
    pub method: &'static str,
}

impl ByAgent<'_> {
    fn signs(&self, record: Record) -> Record {
        Record {
            note: Some(self.reason.to_owned()),
            method: Some(self.method),
            ..record.by(Actor::Agent(self.name.to_owned()))
        }
    }
}

/// A person of a realm, as the directory knows them now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Meant {
    pub account: AccountId,
    /// As the entry spells it.
    pub login: String,
    pub entry: EntryName,
}

/// Whom a login means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Whom {
    One(Box<Meant>),
    Nobody,
    /// More than one entry: in one realm, or in several.
    Several(Vec<(RealmId, EntryName)>),
}

/// Looks for a login in one realm, or in all of them: each must answer, since a person who is found in one
/// may be another one than who is meant.
pub async fn whom(
    catalogue: &Catalogue,
    login: &Username,
    realm: Option<&RealmId>,
) -> Result<Whom, FlowError> {
    let mut realms: Vec<&RealmId> = match realm {
        Some(realm) => vec![realm],
        None => catalogue.directories.keys().collect(),
    };
    realms.sort();
    let (mut people, mut entries) = (Vec::new(), Vec::new());
    for realm in realms {
        let found = catalogue.directory(realm)?.find(login).await;
        let found = found.map_err(|source| FlowError::Directory {
            realm: realm.clone(),
            source,
        })?;
        match found {
            Found::Nobody => {}
            Found::One(person) => {
                entries.push((realm.clone(), person.entry.clone()));
                people.push(Meant {
                    account: AccountId {
                        realm: realm.clone(),
                        person: person.key,
                    },
                    login: person.login,
                    entry: person.entry,
                });
            }
            Found::Ambiguous(several) => {
                entries.extend(several.into_iter().map(|entry| (realm.clone(), entry)));
            }
        }
    }
    Ok(match (people.pop(), entries.len()) {
        (_, 0) => Whom::Nobody,
        (Some(one), 1) => Whom::One(Box::new(one)),
        _ => Whom::Several(entries),
    })
}
