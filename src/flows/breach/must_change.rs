//! People who must choose another password at their next sign-in: whom a choice of the operator means, the
//! mark in the directory, the end of their sessions, and the way back.
//!
//! Reset tickets stay: whoever holds one has been sent it to an address of the person's, and what it is good
//! for is what is wanted here. (On Active Directory the mark moves the guard, and they die.)

use std::collections::{BTreeMap, HashSet};

use super::{ByAgent, people};
use crate::audit::Event;
use crate::base::clock::Timestamp;
use crate::base::names::{AccountId, PersonKey, RealmId};
use crate::directory::state::{CHANGED, last_changed};
use crate::directory::{
    Demand, Demanded, DirectoryError, EntryName, Filter, Listing, Person, Standing, Written,
};
use crate::flows::logout::end_all;
use crate::flows::{Catalogue, FlowError, Ports};

/// Why somebody is left out who bears the mark.
pub const ALREADY: &str = "must change already";

/// Whom the operator means.
#[derive(Debug, Clone, Default)]
pub struct Choice {
    /// Within the realm; everybody without it.
    pub filter: Option<Filter>,
    /// Only these of them.
    pub only: Option<HashSet<PersonKey>>,
    pub except: Exceptions,
}

/// Who is left out.
#[derive(Debug, Clone, Default)]
pub struct Exceptions {
    pub filter: Option<Filter>,
    /// Whose account waits for its activation: there is no password to change.
    pub never_activated: bool,
    /// Whose password has changed since.
    pub changed_since: Option<Timestamp>,
    /// Whose password is elsewhere, by this filter: theirs is not the directory's to change.
    pub delegated: Option<Filter>,
    pub people: HashSet<PersonKey>,
}

/// One who is meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    pub account: AccountId,
    pub login: String,
    pub entry: EntryName,
    /// What the attribute of the mark holds, for the way back.
    pub before: Vec<String>,
}

/// The people of a choice.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Chosen {
    pub people: Vec<Candidate>,
    /// Who bears the mark already, left out for nothing else: a run that was cut off may have left them their
    /// sessions.
    pub marked: Vec<AccountId>,
    /// How many were left out, by why.
    pub left_out: BTreeMap<&'static str, usize>,
}

/// What became of one of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Marked {
    pub demanded: Demanded,
    /// Sessions that ended.
    pub sessions: u64,
    /// Logout messages that are on their way.
    pub told: usize,
}

/// Finds them; changes nothing.
pub async fn choose(catalogue: &Catalogue, realm: &RealmId, choice: &Choice) -> Result<Chosen, FlowError> {
    let Some(demand) = catalogue.directory(realm)?.demand() else {
        return Err(FlowError::Directory {
            realm: realm.clone(),
            source: DirectoryError::NotWritable,
        });
    };
    let more = CHANGED.iter().copied().chain([demand.attribute]);
    let mut wish = Listing {
        filter: choice.filter.clone(),
        more: more.map(str::to_owned).collect(),
    };
    let asked = [&choice.except.filter, &choice.except.delegated];
    let looked_at = asked.into_iter().flatten().flat_map(Filter::attributes);
    wish.more.extend(looked_at);
    let mut chosen = Chosen::default();
    people(catalogue, realm, &wish, |person| {
        if choice
            .only
            .as_ref()
            .is_some_and(|only| !only.contains(&person.key))
        {
            return;
        }
        match choice.except.why(person, demand) {
            Some(why) => {
                *chosen.left_out.entry(why).or_default() += 1;
                if why == ALREADY {
                    chosen.marked.push(account(realm, person));
                }
            }
            None => chosen.people.push(candidate(realm, person, demand)),
        }
    })
    .await?;
    chosen.people.sort_by(|one, other| one.login.cmp(&other.login));
    Ok(chosen)
}

fn account(realm: &RealmId, person: &Person) -> AccountId {
    AccountId {
        realm: realm.clone(),
        person: person.key.clone(),
    }
}

fn candidate(realm: &RealmId, person: &Person, demand: Demand) -> Candidate {
    Candidate {
        account: account(realm, person),
        login: person.login.clone(),
        entry: person.entry.clone(),
        before: person
            .attributes
            .texts(demand.attribute)
            .map(str::to_owned)
            .collect(),
    }
}

impl Exceptions {
    fn why(&self, person: &Person, demand: Demand) -> Option<&'static str> {
        let fits = |filter: &Option<Filter>| {
            filter
                .as_ref()
                .is_some_and(|filter| filter.matches(&person.attributes))
        };
        let changed = || last_changed(&person.attributes, None);
        if self.people.contains(&person.key) {
            Some("named as an exception")
        } else if fits(&self.filter) {
            Some("fits the filter of exceptions")
        } else if fits(&self.delegated) {
            Some("has its password elsewhere")
        } else if self.never_activated && person.state.standing == Standing::NotActivated {
            Some("was never activated")
        } else if self
            .changed_since
            .is_some_and(|since| changed().is_some_and(|at| at >= since))
        {
            Some("has changed its password since")
        } else if person.attributes.first_text(demand.attribute) == Some(demand.value) {
            Some(ALREADY)
        } else {
            None
        }
    }
}

/// Marks one of them in the directory, and ends their sessions then: the mark comes first, so that nobody signs
/// in again in between and goes on without it.
pub async fn demand(
    ports: &Ports,
    catalogue: &Catalogue,
    account: &AccountId,
    by: &ByAgent<'_>,
) -> Result<Marked, FlowError> {
    ports.must_record().await?;
    let directory = catalogue.directory(&account.realm)?;
    let demanded = directory.demand_change(&account.person).await;
    let demanded = demanded.map_err(|source| silent(account, source))?;
    let mut marked = Marked {
        demanded,
        sessions: 0,
        told: 0,
    };
    if !matches!(demanded, Demanded::Done | Demanded::Already) {
        return Ok(marked);
    }
    ports
        .audit
        .record(by.signs(ports.event(Event::MustChange).about(account)));
    (marked.sessions, marked.told) = sign_out(ports, catalogue, account, by).await?;
    Ok(marked)
}

/// Ends the sessions of one who bears the mark; the audit hears of it where there were any. How many ended, and
/// how many logout messages are on their way.
pub async fn sign_out(
    ports: &Ports,
    catalogue: &Catalogue,
    account: &AccountId,
    by: &ByAgent<'_>,
) -> Result<(u64, usize), FlowError> {
    let record = by.signs(ports.event(Event::SessionsEnded).about(account));
    let out = end_all(ports, catalogue, account, |any| any.then_some(record)).await?;
    Ok((out.sessions, out.told))
}

/// Takes the mark back. [`Written::Moved`]: it is not there any more, most likely since the person has changed
/// the password.
pub async fn lift(
    ports: &Ports,
    catalogue: &Catalogue,
    (account, before): (&AccountId, &[String]),
    by: &ByAgent<'_>,
) -> Result<Written, FlowError> {
    ports.must_record().await?;
    let directory = catalogue.directory(&account.realm)?;
    let written = directory.lift_demand(&account.person, before).await;
    let written = written.map_err(|source| silent(account, source))?;
    if written == Written::Done {
        ports
            .audit
            .record(by.signs(ports.event(Event::MustChangeLifted).about(account)));
    }
    Ok(written)
}

fn silent(account: &AccountId, source: DirectoryError) -> FlowError {
    FlowError::Directory {
        realm: account.realm.clone(),
        source,
    }
}
