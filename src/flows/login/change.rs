//! A right password that is not to be used any longer: another one is chosen within the sign-in, which
//! then goes on to its service (S5-09, S5-10). The right to do so is the password that was just given; it
//! ends when the account's password moves.

use std::net::IpAddr;

use super::arrive::admitted_if_named;
use super::closed::closed_by;
use super::{BrowserSession, KnownService, Opening, Remember, SignedIn, UnknownService, open_session};
use crate::audit::{Actor, Event, Record};
use crate::base::names::{AccountId, PersonKey};
use crate::base::secret::Password;
use crate::directory::{
    Directory, DirectoryError, Guard, Manner, PasswordRefusal, PasswordWrite, Person, Settled, Standing,
    Wrote,
};
use crate::flows::recovery::{self, Changing, NewTyped, Refusal};
use crate::flows::{Catalogue, FlowError, Ports, tell_silent};
use crate::messages::{Browser, How};
use crate::protocol::service_url::ServiceUrl;
use crate::realms::Institution;
use crate::tickets::Opened;

/// What a form brings.
pub struct Change<'a> {
    pub institution: &'a Institution,
    pub changing: &'a Changing,
    pub new: &'a str,
    pub again: Option<&'a str>,
    /// The old one, where the directory wants it.
    pub current: &'a str,
    pub browser: Option<Browser>,
    pub address: IpAddr,
    pub locale: &'a str,
    pub service: Option<&'a ServiceUrl>,
    pub session: Option<&'a BrowserSession>,
}

/// What it comes to.
pub enum Changed<'a> {
    SignedIn(Box<SignedIn<'a>>),
    /// The form again; `changing` is what its flow holds from now on.
    Refused {
        login: Option<String>,
        changing: Changing,
        why: WhyNot,
    },
    /// The account moved on: to be signed in to as it is now.
    Over,
    Unknown(UnknownService),
}

pub enum WhyNot {
    New(Refusal),
    CurrentEmpty,
    CurrentWrong,
    /// The directory wants the old password beside the new one.
    CurrentWanted,
}

/// The right to choose, for a person whose password was right just now; `None` where nothing can be
/// written.
pub(super) async fn begin(
    ports: &Ports,
    catalogue: &Catalogue,
    account: &AccountId,
    expired: bool,
) -> Result<Option<Changing>, FlowError> {
    let directory = catalogue.directory(&account.realm)?;
    if !directory.writable() {
        return Ok(None);
    }
    let read = directory.read_for_write(&account.person).await;
    let read = read.map_err(|source| FlowError::Directory {
        realm: account.realm.clone(),
        source,
    })?;
    Ok(read.map(|now| Changing {
        person: account.person.clone(),
        guard: now.guard.map(|guard| guard.0),
        expired,
        current: false,
        ending: false,
        once: drawn(ports),
    }))
}

fn drawn(ports: &Ports) -> [u8; 16] {
    let mut once = [0; 16];
    ports.entropy.fill(&mut once);
    once
}

/// Whether nobody used this right yet. Asked only where the directory itself cannot tell that its password
/// moved.
async fn is_first(ports: &Ports, changing: &Changing) -> Result<bool, FlowError> {
    if changing.guard.is_some() {
        return Ok(true);
    }
    let life = recovery::Stage::Changing(changing.clone()).lifetime();
    Ok(ports.store.spend_mark(&changing.once, life).await?)
}

/// Whose password is changed, for the page.
pub async fn changing_person(
    catalogue: &Catalogue,
    institution: &Institution,
    person: &PersonKey,
) -> Result<Option<Person>, FlowError> {
    let realm = &institution.realm;
    let read = catalogue.directory(realm)?.read(person).await;
    read.map_err(|source| FlowError::Directory {
        realm: realm.clone(),
        source,
    })
}

/// The old password, where the directory wants it beside the new one; `None`: it is wanted and missing.
fn current(change: &Change<'_>) -> Option<Option<Password>> {
    if !change.changing.current {
        return Some(None);
    }
    let typed = Password::typed(change.current).ok()?;
    Some(Some(typed.prepared()))
}

/// Decides a POST of the form.
pub async fn change<'a>(
    ports: &Ports,
    catalogue: &'a Catalogue,
    change: &Change<'_>,
) -> Result<Changed<'a>, FlowError> {
    let realm = &change.institution.realm;
    let service = match admitted_if_named(ports, catalogue, change.service, realm) {
        Ok(service) => service,
        Err(unknown) => return Ok(Changed::Unknown(unknown)),
    };
    let directory = catalogue.directory(realm)?;
    let again = |login: Option<&Person>, why| again(ports, change, login, why);
    let now = match directory.read_for_write(&change.changing.person).await {
        Ok(Some(now)) => now,
        Ok(None) => return Ok(Changed::Over),
        Err(error) => {
            tell_silent(realm, &error);
            return Ok(again(None, WhyNot::New(Refusal::Silent)));
        }
    };
    let guard = change.changing.guard.clone().map(Guard);
    if now.guard != guard {
        return Ok(Changed::Over);
    }
    let account = AccountId {
        realm: realm.clone(),
        person: now.person.key.clone(),
    };
    if recovery::is_disowned(ports, &account).await? || is_closed(&now.person) {
        return Ok(Changed::Over);
    }
    let about = crate::flows::about(&now.person, Some(change.institution), ports.clock.now());
    let typed = NewTyped {
        new: change.new,
        again: change.again,
    };
    let new = match recovery::judged(ports, catalogue, realm, typed, about).await? {
        Ok(new) => new,
        Err(why) => return Ok(again(Some(&now.person), WhyNot::New(why))),
    };
    let Some(current) = current(change) else {
        return Ok(again(Some(&now.person), WhyNot::CurrentEmpty));
    };
    let write = PasswordWrite {
        key: &change.changing.person,
        new: &new,
        guard: guard.as_ref(),
        manner: current
            .as_ref()
            .map_or(Manner::Reset, |current| Manner::Change { current }),
    };
    ports.must_record().await?;
    if !is_first(ports, change.changing).await? {
        return Ok(Changed::Over);
    }
    match written(ports, change, &now.person, directory.as_ref(), &write).await {
        Ok(()) => go_on(ports, catalogue, change, now.person, service).await,
        Err(refused) => Ok(*refused),
    }
}

/// Whether it was closed since the password was given: a lock counts when a right is used (T-54).
fn is_closed(person: &Person) -> bool {
    closed_by(&person.state, None)
        .is_some_and(|closed| !matches!(closed.standing, Standing::Expired | Standing::MustChange))
}

/// The form once more, with a right to use it once more.
fn again<'a>(ports: &Ports, change: &Change<'_>, login: Option<&Person>, why: WhyNot) -> Changed<'a> {
    Changed::Refused {
        login: login.map(|person| person.login.clone()),
        changing: Changing {
            once: drawn(ports),
            ..change.changing.clone()
        },
        why,
    }
}

/// The write, and what is told where it did not happen.
async fn written<'a>(
    ports: &Ports,
    change: &Change<'_>,
    person: &Person,
    directory: &dyn Directory,
    write: &PasswordWrite<'_>,
) -> Result<(), Box<Changed<'a>>> {
    let again = |why| Err(Box::new(again(ports, change, Some(person), WhyNot::New(why))));
    match directory.write_password(write).await {
        Ok(Wrote::Done) => Ok(()),
        Ok(Wrote::Moved | Wrote::Gone) => Err(Box::new(Changed::Over)),
        Ok(Wrote::Refused(why, moved)) => Err(Box::new(refused(ports, change, person, why, moved))),
        Err(DirectoryError::NotWritable) => again(Refusal::Directory(PasswordRefusal::NotAllowed)),
        Err(error) => {
            tell_silent(&change.institution.realm, &error);
            match directory.settle(write).await {
                Ok(Settled::Written) => Ok(()),
                Ok(Settled::Untouched) => again(Refusal::Silent),
                Ok(Settled::Spent | Settled::Gone) => Err(Box::new(Changed::Over)),
                Err(_) => again(Refusal::Unknown),
            }
        }
    }
}

fn forced(ports: &Ports, change: &Change<'_>, event: Event, account: &AccountId) -> Record {
    Record {
        institution: Some(change.institution.id.clone()),
        method: Some("forced"),
        ..ports.event(event).about(account).by(Actor::Person)
    }
}

fn refused<'a>(
    ports: &Ports,
    change: &Change<'_>,
    person: &Person,
    why: PasswordRefusal,
    moved: Option<Guard>,
) -> Changed<'a> {
    let account = AccountId {
        realm: change.institution.realm.clone(),
        person: person.key.clone(),
    };
    let event = forced(ports, change, Event::PasswordRefused, &account);
    ports.audit.record(event.refused(recovery::name_of(why)));
    let mut changing = Changing {
        once: drawn(ports),
        ..change.changing.clone()
    };
    if let Some(moved) = moved {
        changing.guard = Some(moved.0);
    }
    let why = match why {
        PasswordRefusal::NotAllowed if !changing.current => {
            changing.current = true;
            WhyNot::CurrentWanted
        }
        PasswordRefusal::WrongCurrent => WhyNot::CurrentWrong,
        why => WhyNot::New(Refusal::Directory(why)),
    };
    Changed::Refused {
        login: Some(person.login.clone()),
        changing,
        why,
    }
}

/// The password is written: what follows from it, then the session that was wanted all along.
async fn go_on<'a>(
    ports: &Ports,
    catalogue: &'a Catalogue,
    change: &Change<'_>,
    before: Person,
    service: Option<KnownService<'a>>,
) -> Result<Changed<'a>, FlowError> {
    let realm = &change.institution.realm;
    let account = AccountId {
        realm: realm.clone(),
        person: before.key.clone(),
    };
    let event = forced(ports, change, Event::PasswordWritten, &account);
    ports.audit.record(event);
    let origin = recovery::Origin {
        how: How::Forced,
        browser: change.browser,
        address: change.address,
        institution: &change.institution.id,
        locale: change.locale,
        asked: None,
        ticket: None,
    };
    recovery::password_changed(ports, catalogue, &account, &before, &origin).await;
    let opening = Opening {
        institution: change.institution,
        session: change.session,
        warn: false,
        opened: Opened::ByPassword,
        // CAS-206
        remember: Remember::No,
        presented: true,
    };
    let opened = open_session(ports, catalogue, &opening, &before, service).await?;
    Ok(Changed::SignedIn(Box::new(opened)))
}
