//! The proof that it is still the person who sits there: the password, given within five minutes, at the
//! sign-in or again. A browser keeps it sealed and bound to its session; another session cannot use it.

use std::time::Duration;

use data_encoding::BASE64URL_NOPAD;

use super::{Owner, silent};
use crate::audit::{Actor, Event, PROVE, Record};
use crate::base::clock::Timestamp;
use crate::base::names::Username;
use crate::base::secret::{Password, PasswordFlaw};
use crate::directory::{BindRefusal, Bound, Directory, DirectoryError, Person};
use crate::flows::{Catalogue, FlowError, Ports};
use crate::guard::{Asked, Permit, TriesLeft, Visitor};
use crate::tickets::{SessionRef, Settlement};

/// How long a proof holds (experience §3.10).
pub const FRESH: Duration = Duration::from_secs(300);

/// A moment at which the password was given, for one session.
pub struct Proof;

impl Proof {
    /// Given now.
    pub fn seal(ports: &Ports, owner: &Owner<'_>) -> String {
        let now = ports.clock.now().0.to_be_bytes();
        let sealed = ports
            .keys
            .seal(ports.entropy.as_ref(), context(owner).as_bytes(), &now);
        BASE64URL_NOPAD.encode(&sealed)
    }

    fn at(ports: &Ports, owner: &Owner<'_>, sealed: &str) -> Option<Timestamp> {
        let sealed = BASE64URL_NOPAD.decode(sealed.as_bytes()).ok()?;
        let plain = ports.keys.open(context(owner).as_bytes(), &sealed)?;
        Some(Timestamp(u64::from_be_bytes(plain.try_into().ok()?)))
    }
}

fn context(owner: &Owner<'_>) -> String {
    format!("account proof {}", SessionRef::of(&owner.session.tgt).text())
}

/// Whether no new proof is wanted: the sign-in with a password is one, another's word is none.
pub fn is_fresh(ports: &Ports, owner: &Owner<'_>, sealed: Option<&str>) -> bool {
    let session = &owner.session.view.session;
    let now = ports.clock.now();
    let signed_in = session.by_password().then_some(session.signed_in_at);
    let given = sealed.and_then(|sealed| Proof::at(ports, owner, sealed));
    let mut moments = signed_in.into_iter().chain(given);
    moments.any(|at| now.since(at) <= FRESH)
}

/// What a password that was given again comes to.
pub enum Proved {
    /// With the password as the directory took it.
    Yes(Box<Person>, Password),
    Empty,
    Wrong(Option<TriesLeft>),
    Throttled(Duration),
    /// No such entry any more, or it may not sign in.
    Gone,
}

/// Tries the password of the session's person, counted as a sign-in is (SEC-62).
pub async fn prove(
    ports: &Ports,
    catalogue: &Catalogue,
    owner: &Owner<'_>,
    typed: &str,
) -> Result<Proved, FlowError> {
    let password = match Password::typed(typed) {
        Ok(password) => password,
        Err(PasswordFlaw::Empty) => return Ok(Proved::Empty),
        Err(_) => return Ok(Proved::Wrong(None)),
    };
    let session = &owner.session.view.session;
    let Ok(name) = Username::typed(&session.login) else {
        return Ok(Proved::Gone);
    };
    let directory = catalogue.directory(&session.account.realm)?.as_ref();
    let marks = ports.recovery.marks.of(&session.account).await?;
    let visitor = Visitor {
        realm: &session.account.realm,
        name: &name,
        address: owner.address,
        device: owner.device.and_then(|device| device.secret_for(marks)),
        directory_lock: directory.lock_after(),
    };
    let asked = match ports.guard.ask(&visitor).await? {
        Asked::Go(permit) => {
            ports
                .guard
                .ask_account(permit, &session.account, &visitor)
                .await?
        }
        wait => wait,
    };
    let permit = match asked {
        Asked::Go(permit) => permit,
        Asked::Wait(wait) => {
            note(ports, owner, Event::SignInThrottled, "ACCOUNT");
            return Ok(Proved::Throttled(wait));
        }
    };
    let tried = Try {
        ports,
        owner,
        directory,
        visitor,
    };
    tried.run(permit, password).await
}

struct Try<'a> {
    ports: &'a Ports,
    owner: &'a Owner<'a>,
    directory: &'a dyn Directory,
    visitor: Visitor<'a>,
}

impl Try<'_> {
    async fn run(&self, mut permit: Permit, password: Password) -> Result<Proved, FlowError> {
        let account = self.owner.account();
        let person = match self.directory.read(&account.person).await {
            Ok(Some(person)) if person.state.may_sign_in => person,
            Ok(_) => {
                self.ports.guard.settle(permit, Settlement::Void).await?;
                return Ok(Proved::Gone);
            }
            Err(source) => return self.could_not_tell(permit, source).await,
        };
        let prepared = password.prepared();
        let mut bound = self.directory.bind(&person, &prepared).await;
        let mut right = prepared;
        if matches!(bound, Ok(Bound::WrongPassword))
            && right.as_typed() != password.as_typed()
            && self
                .ports
                .guard
                .one_more(&mut permit, account, &self.visitor)
                .await?
        {
            bound = self.directory.bind(&person, &password).await;
            right = password;
        }
        match bound {
            Err(source) => self.could_not_tell(permit, source).await,
            Ok(Bound::Accepted(_) | Bound::Refused(BindRefusal::Expired | BindRefusal::MustChange)) => {
                self.ports.guard.settle(permit, Settlement::Succeeded).await?;
                Ok(Proved::Yes(Box::new(person), right))
            }
            Ok(Bound::WrongPassword | Bound::Refused(_)) => {
                note(self.ports, self.owner, Event::SignInRefused, "PWD_WRONG");
                let left = self.ports.guard.settle(permit, Settlement::Failed).await?;
                Ok(Proved::Wrong(left))
            }
        }
    }

    /// I7: a time-out is not a wrong password.
    async fn could_not_tell(&self, permit: Permit, source: DirectoryError) -> Result<Proved, FlowError> {
        if let Err(error) = self.ports.guard.settle(permit, Settlement::Void).await {
            tracing::warn!(%error, "a try could not be taken back");
        }
        Err(silent(self.owner.account(), source))
    }
}

fn note(ports: &Ports, owner: &Owner<'_>, event: Event, reason: &'static str) {
    ports.audit.record(Record {
        institution: Some(owner.institution.id.clone()),
        method: Some("password"),
        step: Some(PROVE),
        ..ports
            .event(event)
            .about(owner.account())
            .by(Actor::Person)
            .refused(reason)
    });
}
