//! Another password, by the person who knows the one in force (S3-03). The old one is tried like a
//! sign-in; the directory holds the change to its own rules; sessions end, but those that the person asks
//! to keep (SEC-57) and that are no long ones (CAS-207), and this browser goes on with a new one.

use std::time::Duration;

use super::Owner;
use super::proof::{Proved, prove};
use crate::audit::{Actor, Event, Record};
use crate::base::secret::Password;
use crate::directory::{
    DirectoryError, Manner, PasswordRefusal, PasswordWrite, Person, Settled, Writable, Wrote,
};
use crate::flows::login::{Opening, Remember, SignedIn, open_session};
use crate::flows::logout::{end_all_sessions, end_long_sessions};
use crate::flows::recovery::{self, NewTyped, Refusal};
use crate::flows::{Catalogue, FlowError, Ports, tell_silent};
use crate::messages::How;
use crate::passwords::policy::Flaw;
use crate::tickets::{Opened, SessionRef};

/// What a form brings.
pub struct Change<'a> {
    pub current: &'a str,
    pub new: &'a str,
    pub again: Option<&'a str>,
    /// Other sessions go on.
    pub keep: bool,
}

/// What it comes to.
pub enum Changed<'a> {
    /// With the session that this browser has from now on; `None` when none could be opened.
    Saved(Option<Box<SignedIn<'a>>>),
    Refused(WhyNot),
}

pub enum WhyNot {
    New(Refusal),
    CurrentEmpty,
    CurrentWrong,
    Throttled(Duration),
    /// The account is gone, or may not sign in any more.
    Gone,
}

/// Decides a POST of the form.
pub async fn change<'a>(
    ports: &Ports,
    catalogue: &'a Catalogue,
    owner: &Owner<'_>,
    form: &Change<'_>,
) -> Result<Changed<'a>, FlowError> {
    let refused = |why| Ok(Changed::Refused(why));
    if Password::typed(form.current).is_err() {
        return refused(WhyNot::CurrentEmpty);
    }
    let now = match owner.writable(catalogue).await {
        Ok(Some(now)) => now,
        Ok(None) => return refused(WhyNot::Gone),
        Err(FlowError::Directory { realm, source }) => {
            tell_silent(&realm, &source);
            return refused(WhyNot::New(Refusal::Silent));
        }
        Err(error) => return Err(error),
    };
    let new = match judged(ports, catalogue, owner, form, &now.person).await? {
        Ok(new) => new,
        Err(why) => return refused(WhyNot::New(why)),
    };
    let current = match prove(ports, catalogue, owner, form.current).await? {
        Proved::Yes(_, current) => current,
        Proved::Empty => return refused(WhyNot::CurrentEmpty),
        Proved::Wrong(_) => return refused(WhyNot::CurrentWrong),
        Proved::Throttled(wait) => return refused(WhyNot::Throttled(wait)),
        Proved::Gone => return refused(WhyNot::Gone),
    };
    ports.must_record().await?;
    match write(ports, catalogue, owner, &now, (&current, &new)).await? {
        Ok(()) => {}
        Err(why) => return refused(why),
    }
    saved(ports, catalogue, owner, now.person, form.keep).await
}

async fn judged(
    ports: &Ports,
    catalogue: &Catalogue,
    owner: &Owner<'_>,
    form: &Change<'_>,
    person: &Person,
) -> Result<Result<Password, Refusal>, FlowError> {
    let about = crate::flows::about(person, Some(owner.institution), ports.clock.now());
    let realm = &owner.account().realm;
    let typed = NewTyped {
        new: form.new,
        again: form.again,
    };
    let new = recovery::judged(ports, catalogue, realm, typed, about).await?;
    Ok(match new {
        Ok(_) if form.new == form.current => Err(Refusal::Weak(vec![Flaw::SameAsCurrent])),
        new => new,
    })
}

async fn write(
    ports: &Ports,
    catalogue: &Catalogue,
    owner: &Owner<'_>,
    now: &Writable,
    (current, new): (&Password, &Password),
) -> Result<Result<(), WhyNot>, FlowError> {
    let account = owner.account();
    let directory = catalogue.directory(&account.realm)?;
    let write = PasswordWrite {
        key: &account.person,
        new,
        guard: now.guard.as_ref(),
        manner: Manner::Change { current },
    };
    let refusal = |why| WhyNot::New(Refusal::Directory(why));
    Ok(match directory.write_password(&write).await {
        Ok(Wrote::Done) => Ok(()),
        // Somebody else changed it between our two looks: the old one is not the one any more.
        Ok(Wrote::Moved | Wrote::Refused(PasswordRefusal::WrongCurrent, _)) => Err(WhyNot::CurrentWrong),
        Ok(Wrote::Gone) => Err(WhyNot::Gone),
        Ok(Wrote::Refused(why, _)) => {
            let event = Record {
                method: Some("password"),
                ..owner.event(ports, Event::PasswordRefused)
            };
            ports.audit.record(event.refused(recovery::name_of(why)));
            Err(refusal(why))
        }
        Err(DirectoryError::NotWritable) => Err(refusal(PasswordRefusal::NotAllowed)),
        Err(error) => {
            tell_silent(&account.realm, &error);
            match directory.settle(&write).await {
                Ok(Settled::Written) => Ok(()),
                Ok(Settled::Untouched) => Err(WhyNot::New(Refusal::Silent)),
                Ok(Settled::Spent) => Err(WhyNot::CurrentWrong),
                Ok(Settled::Gone) => Err(WhyNot::Gone),
                Err(_) => Err(WhyNot::New(Refusal::Unknown)),
            }
        }
    })
}

/// The password is written: nothing from here on makes that a failure (SEC-60).
async fn saved<'a>(
    ports: &Ports,
    catalogue: &'a Catalogue,
    owner: &Owner<'_>,
    before: Person,
    keep: bool,
) -> Result<Changed<'a>, FlowError> {
    let account = owner.account();
    ports.audit.record(Record {
        method: Some("password"),
        ..owner.event(ports, Event::PasswordWritten)
    });
    recovery::password_moved(ports, catalogue, account).await;
    let ended = match keep {
        // This browser's own is replaced below.
        true => end_long_sessions(ports, catalogue, account, &SessionRef::of(&owner.session.tgt)).await,
        false => end_all_sessions(ports, catalogue, account, Actor::Person)
            .await
            .map(drop),
    };
    if let Err(error) = ended {
        tracing::error!(%error, "the sessions of an account could not be ended after its password changed");
    }
    let origin = recovery::Origin {
        how: How::Account,
        browser: owner.browser,
        address: owner.address,
        institution: &owner.institution.id,
        locale: owner.locale.as_str(),
        asked: None,
        ticket: None,
    };
    recovery::tell(ports, catalogue, account, &before, &origin, false).await;
    let opening = Opening {
        institution: owner.institution,
        session: keep.then_some(owner.session),
        warn: owner.session.view.session.warn,
        opened: Opened::ByPassword,
        // CAS-207
        remember: Remember::No,
        presented: true,
    };
    match open_session(ports, catalogue, &opening, &before, None).await {
        Ok(opened) => Ok(Changed::Saved(Some(Box::new(opened)))),
        Err(error) => {
            tracing::error!(%error, "no session could be opened after a password changed");
            Ok(Changed::Saved(None))
        }
    }
}
