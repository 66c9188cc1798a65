//! Trying a password: throttle, find, bind, state. What a right one opens is decided elsewhere.

use std::net::IpAddr;
use std::time::Duration;

use tokio::time::Instant;

use super::Refusal;
use super::closed::{ClosedAccount, closed_by};
use super::door::turned_away;
use super::ending::{self, Age};
use crate::audit::{Event, Record};
use crate::base::clock::Timestamp;
use crate::base::names::{AccountId, Locale, PersonKey, RealmId, Username};
use crate::base::secret::Password;
use crate::directory::{
    BindRefusal, Bound, Directory, DirectoryError, Found, PasswordNotice, Person, Room, Standing,
};
use crate::flows::recovery::{self, Changing, Holding, Stranger, Via};
use crate::flows::{Catalogue, FlowError, Ports};
use crate::guard::captcha::{Challenge, Given, Verdict};
use crate::guard::{Asked, Inside, KnownDevice, Permit, Visitor};
use crate::realms::Institution;
use crate::tickets::Settlement;

/// A name and a password, and who shows them.
#[derive(Clone, Copy)]
pub(crate) struct Presented<'a> {
    pub institution: &'a Institution,
    pub username: &'a str,
    pub password: &'a str,
    pub address: IpAddr,
    /// The browser's device, when somebody of this realm signed in with it before.
    pub device: Option<KnownDevice<'a>>,
    pub by: By,
    /// Programs have none.
    pub proof: Option<Proof<'a>>,
}

/// By what somebody at a browser shows to be a person, where the network sprays (T-58).
#[derive(Clone, Copy)]
pub struct Proof<'a> {
    /// The challenge is nothing to any other browser.
    pub presession: &'a str,
    pub locale: &'a Locale,
    pub given: Given<'a>,
}

/// Why somebody is not taken for a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unproved {
    /// The form had no challenge yet.
    NotAsked,
    Wrong,
    /// It was too old, or used already.
    Gone,
}

/// What shows a password.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum By {
    Browser,
    /// There is nobody to choose another password, nor to use a code in its place.
    Program,
}

impl By {
    fn method(self) -> &'static str {
        match self {
            By::Browser => "password",
            By::Program => "rest",
        }
    }
}

/// Tries what is presented. A wrong password is answered no sooner than the throttle's floor.
pub(crate) async fn try_password(
    ports: &Ports,
    catalogue: &Catalogue,
    presented: &Presented<'_>,
) -> Result<Result<Known, Refusal>, FlowError> {
    let began = Instant::now();
    let tried = decide(ports, catalogue, presented).await;
    if matches!(tried, Ok(Err(Refusal::Wrong { .. }))) {
        tokio::time::sleep_until(began + pace(ports)).await;
    }
    if tried.is_err() {
        let realm = presented.institution.realm.as_str();
        ports.metrics.logins.add(&[realm, "unavailable"]);
    }
    ports.metrics.login_seconds.observe(&[], began.elapsed());
    tried
}

async fn decide(
    ports: &Ports,
    catalogue: &Catalogue,
    presented: &Presented<'_>,
) -> Result<Result<Known, Refusal>, FlowError> {
    let realm = &presented.institution.realm;
    let directory = catalogue.directory(realm)?;
    // The door once more: a program's try did not pass it, and others came while a form was used up.
    let before = ports.rooms.inside(realm);
    let has_room = |_: &Inside<'_>| directory.room(before) != Room::None;
    // Left before a refusal takes the time that all of them do: who sleeps needs no place.
    let inside = ports.rooms.enter(realm);
    let Some(mut inside) = inside.filter(has_room) else {
        return Err(turned_away(ports, realm));
    };
    let tried = authenticate(ports, catalogue, presented, &mut inside).await?;
    let tried = unless_disowned(ports, presented, tried).await;
    drop(inside);
    tried
}

/// Whose password was right.
pub(crate) struct Known {
    pub person: Person,
    /// When that password ends, where that is soon.
    pub ends: Option<Timestamp>,
}

/// A right password opens nothing of an account that its person closed (SEC-58).
async fn unless_disowned(
    ports: &Ports,
    presented: &Presented<'_>,
    tried: Result<Known, Refusal>,
) -> Result<Result<Known, Refusal>, FlowError> {
    let whose = match &tried {
        Ok(known) => &known.person.key,
        Err(Refusal::MustChange(changing)) => &changing.person,
        Err(_) => return Ok(tried),
    };
    let account = AccountId {
        realm: presented.institution.realm.clone(),
        person: whose.clone(),
    };
    if !recovery::is_disowned(ports, &account).await? {
        return Ok(tried);
    }
    audited(ports, presented, Some(whose), Event::SignInRefused, "DISOWNED");
    Ok(Err(Refusal::Closed(ClosedAccount::disowned())))
}

/// The time a refusal takes whatever made it: the floor and up to a tenth more (T-53).
fn pace(ports: &Ports) -> Duration {
    let mut drawn = [0; 1];
    ports.entropy.fill(&mut drawn);
    let [jitter] = drawn;
    let floor = ports.guard.floor();
    floor + floor.mul_f64(f64::from(jitter) / 2560.0)
}

async fn authenticate(
    ports: &Ports,
    catalogue: &Catalogue,
    presented: &Presented<'_>,
    inside: &mut Inside<'_>,
) -> Result<Result<Known, Refusal>, FlowError> {
    let realm = &presented.institution.realm;
    let wrong = Refusal::Wrong { tries_left: None };
    let name = match Username::typed(presented.username) {
        Ok(name) => name,
        Err(crate::base::names::UsernameFlaw::Empty) => return Ok(Err(Refusal::NoUsername)),
        Err(_) => return Ok(Err(wrong)),
    };
    let password = match Password::typed(presented.password) {
        Ok(password) => password,
        Err(crate::base::secret::PasswordFlaw::Empty) => return Ok(Err(Refusal::NoPassword)),
        Err(_) => return Ok(Err(wrong)),
    };
    let directory = catalogue.directory(realm)?;
    let visitor = Visitor {
        realm,
        name: &name,
        address: presented.address,
        // By its own word, as long as it is not known whose account is meant.
        device: presented.device.map(|device| device.secret),
        directory_lock: directory.lock_after(),
    };
    let asked = match proved(ports, catalogue, presented, &visitor).await? {
        Some(Ok(())) => ports.guard.ask_for_person(&visitor).await?,
        Some(Err(unproved)) => return Ok(Err(Refusal::NotHuman(unproved))),
        None => ports.guard.ask(&visitor).await?,
    };
    match asked {
        Asked::Wait(wait) => {
            audited(ports, presented, None, Event::SignInThrottled, "NAME_OR_NETWORK");
            Ok(Err(Refusal::Throttled(wait)))
        }
        Asked::Go(permit) => {
            let tried = Try {
                ports,
                presented,
                catalogue,
                directory: directory.as_ref(),
                visitor,
            };
            // Others came through the door meanwhile. Who would search only to be told at the bind that there
            // is no room is told now: what he asked in vain would cost those who are served.
            if directory.room(inside.ask()) == Room::None {
                ports.rooms.turn_away(realm);
                return Err(tried.could_not_tell(permit, DirectoryError::Crowded).await);
            }
            let told = tried.run(permit, &password).await;
            if told.as_ref().is_err_and(FlowError::is_crowd) {
                ports.rooms.came_in_vain(realm);
            }
            told
        }
    }
}

/// Whether somebody at a browser may go on without waiting for the others of the network: it does not spray, or
/// they proved to be a person. `None` where that is not asked: of a known device (T-60), of a program.
async fn proved(
    ports: &Ports,
    catalogue: &Catalogue,
    presented: &Presented<'_>,
    visitor: &Visitor<'_>,
) -> Result<Option<Result<(), Unproved>>, FlowError> {
    let Some(proof) = presented.proof.filter(|_| visitor.device.is_none()) else {
        return Ok(None);
    };
    if !ports.guard.sprays_from(visitor.address).await? {
        return Ok(Some(Ok(())));
    }
    if proof.given.id.is_empty() {
        return Ok(Some(Err(Unproved::NotAsked)));
    }
    let stranger = stranger(catalogue, visitor.realm, presented.address, &proof)?;
    let humans = &ports.recovery.humans;
    let outcome = match humans.judge(&ports.captcha, &stranger, proof.given).await? {
        Verdict::Right => Ok(()),
        Verdict::Wrong => Err(Unproved::Wrong),
        Verdict::Gone => Err(Unproved::Gone),
    };
    let result = if outcome.is_ok() { "passed" } else { "wrong" };
    ports.metrics.captchas.add(&[result]);
    Ok(Some(outcome))
}

fn stranger<'a>(
    catalogue: &'a Catalogue,
    realm: &RealmId,
    address: IpAddr,
    proof: &Proof<'a>,
) -> Result<Stranger<'a>, FlowError> {
    Ok(Stranger {
        realm: catalogue.realm(realm)?,
        browser: proof.presession,
        address,
        locale: proof.locale,
        only_people: true,
    })
}

/// A challenge for the form of a browser whose network sprays.
pub async fn challenge(
    ports: &Ports,
    catalogue: &Catalogue,
    realm: &RealmId,
    address: IpAddr,
    proof: &Proof<'_>,
) -> Result<Option<Challenge>, FlowError> {
    let stranger = stranger(catalogue, realm, address, proof)?;
    Ok(ports.recovery.humans.fresh(&ports.captcha, &stranger).await?)
}

/// Writes down that nobody was let in; whose account was meant, where there is one.
fn audited(
    ports: &Ports,
    presented: &Presented<'_>,
    account: Option<&PersonKey>,
    event: Event,
    reason: &'static str,
) {
    ports.audit.record(Record {
        realm: Some(presented.institution.realm.clone()),
        institution: Some(presented.institution.id.clone()),
        account: account.cloned(),
        method: Some(presented.by.method()),
        ..ports.event(event).refused(reason)
    });
}

/// One try of a password, from the search to its settlement.
struct Try<'a> {
    ports: &'a Ports,
    presented: &'a Presented<'a>,
    catalogue: &'a Catalogue,
    directory: &'a dyn Directory,
    visitor: Visitor<'a>,
}

impl Try<'_> {
    async fn run(mut self, permit: Permit, password: &Password) -> Result<Result<Known, Refusal>, FlowError> {
        let found = match self.directory.find(self.visitor.name).await {
            Ok(found) => found,
            Err(error) => return Err(self.could_not_tell(permit, error).await),
        };
        let person = match found {
            Found::One(person) => *person,
            Found::Nobody => {
                tracing::info!(realm = %self.visitor.realm, reason = "LOGIN_UNKNOWN", "sign-in refused");
                self.refused(None, "LOGIN_UNKNOWN");
                return self.decoy(permit, password).await;
            }
            Found::Ambiguous(entries) => {
                let entries: Vec<&str> = entries.iter().map(|entry| entry.0.as_str()).collect();
                tracing::warn!(realm = %self.visitor.realm, reason = "LOGIN_AMBIGUOUS", ?entries, "sign-in refused");
                self.refused(None, "LOGIN_AMBIGUOUS");
                return self.decoy(permit, password).await;
            }
        };
        let account = AccountId {
            realm: self.visitor.realm.clone(),
            person: person.key.clone(),
        };
        let marks = self.ports.recovery.marks.of(&account).await?;
        let device = self.presented.device;
        self.visitor.device = device.and_then(|device| device.secret_for(marks));
        let mut permit = match self
            .ports
            .guard
            .ask_account(permit, &account, &self.visitor)
            .await?
        {
            Asked::Go(permit) => permit,
            Asked::Wait(wait) => {
                let (event, whose) = (Event::SignInThrottled, Some(&account.person));
                audited(self.ports, self.presented, whose, event, "ACCOUNT");
                return Ok(Err(Refusal::Throttled(wait)));
            }
        };
        let person = if marks.pinned {
            self.as_written(person).await
        } else {
            person
        };
        match self.bind(&person, &account, password, &mut permit).await? {
            Ok(bound) => self.conclude(permit, person, bound).await,
            Err(error) => Err(self.could_not_tell(permit, error).await),
        }
    }

    /// Where any node wrote this account's password just now, the server that writes is asked from here
    /// on: a replica may still take the old one (F-18).
    async fn as_written(&self, found: Person) -> Person {
        self.directory.pin(&found.key);
        let now = self.directory.read(&found.key).await;
        now.ok().flatten().unwrap_or(found)
    }

    /// SEC-74: the normalised password first; where it differs, the typed one once more.
    async fn bind(
        &self,
        person: &Person,
        account: &AccountId,
        password: &Password,
        permit: &mut Permit,
    ) -> Result<Result<Bound, DirectoryError>, FlowError> {
        let prepared = password.prepared();
        let first = self.directory.bind(person, &prepared).await;
        let differs = prepared.as_typed() != password.as_typed();
        let again = differs && matches!(first, Ok(Bound::WrongPassword));
        if again && self.ports.guard.one_more(permit, account, &self.visitor).await? {
            return Ok(self.directory.bind(person, password).await);
        }
        Ok(first)
    }

    async fn conclude(
        &self,
        permit: Permit,
        person: Person,
        bound: Bound,
    ) -> Result<Result<Known, Refusal>, FlowError> {
        let now = self.ports.clock.now();
        let age = ending::age(self.catalogue, self.visitor.realm, &person, now)?;
        let mut said = None;
        let closed = match bound {
            // A lock says nothing about the password, and a stranger may have caused it.
            Bound::WrongPassword | Bound::Refused(BindRefusal::Locked) => {
                if let Some(holding) = self.provisional(&self.account(&person)).await? {
                    self.ports.guard.settle(permit, Settlement::Void).await?;
                    return Ok(Err(Refusal::Provisional(Box::new(holding))));
                }
                tracing::info!(realm = %self.visitor.realm, reason = reason_of(&bound), "sign-in refused");
                self.refused(Some(&person.key), reason_of(&bound));
                let tries_left = self.ports.guard.settle(permit, Settlement::Failed).await?;
                return Ok(Err(Refusal::Wrong { tries_left }));
            }
            Bound::Refused(BindRefusal::Expired) => Some(Standing::Expired),
            Bound::Refused(BindRefusal::Disabled) => Some(Standing::Suspended),
            Bound::Refused(BindRefusal::MustChange) | Bound::Accepted(Some(PasswordNotice::MustChange)) => {
                Some(Standing::MustChange)
            }
            Bound::Accepted(_) if age == Age::Over => Some(Standing::Expired),
            Bound::Accepted(notice) => {
                said = notice;
                None
            }
        };
        self.ports.guard.settle(permit, Settlement::Succeeded).await?;
        match closed_by(&person.state, closed) {
            None => Ok(Ok(Known {
                ends: ending::ends(age, said.as_ref(), now),
                person,
            })),
            Some(closed) => {
                if let Some(changing) = self.may_change(&person, closed.standing).await? {
                    self.refused(Some(&person.key), "PWD_MUST_CHANGE");
                    return Ok(Err(Refusal::MustChange(Box::new(changing))));
                }
                tracing::info!(realm = %self.visitor.realm, reason = "STATE_CLOSED", standing = ?closed.standing, rule = person.state.rule, "sign-in refused");
                self.refused(Some(&person.key), "STATE_CLOSED");
                Ok(Err(Refusal::Closed(closed)))
            }
        }
    }

    async fn may_change(&self, person: &Person, standing: Standing) -> Result<Option<Changing>, FlowError> {
        let expired = match standing {
            Standing::Expired => true,
            Standing::MustChange => false,
            _ => return Ok(None),
        };
        if self.presented.by == By::Program {
            return Ok(None);
        }
        super::change::begin(self.ports, self.catalogue, &self.account(person), expired).await
    }

    fn account(&self, person: &Person) -> AccountId {
        AccountId {
            realm: self.visitor.realm.clone(),
            person: person.key.clone(),
        }
    }

    /// Whether what was refused as a password is a code that the person was sent.
    async fn provisional(&self, account: &AccountId) -> Result<Option<Holding>, FlowError> {
        if self.presented.by == By::Program || self.catalogue.recovery_of(&account.realm).is_none() {
            return Ok(None);
        }
        let token = recovery::as_password(self.ports, account, self.presented.password).await?;
        Ok(token.map(|token| Holding::of(self.ports, &token, Via::SignIn)))
    }

    fn refused(&self, account: Option<&PersonKey>, reason: &'static str) {
        audited(self.ports, self.presented, account, Event::SignInRefused, reason);
    }

    async fn decoy(&self, permit: Permit, password: &Password) -> Result<Result<Known, Refusal>, FlowError> {
        let prepared = password.prepared();
        self.directory.decoy(&prepared).await;
        if prepared.as_typed() != password.as_typed() {
            // Whose account is known would be tried twice (T-53).
            self.directory.decoy(password).await;
        }
        let nobody = recovery::decoy(self.ports, self.visitor.realm, self.presented.username);
        self.provisional(&nobody).await?;
        let tries_left = self.ports.guard.settle(permit, Settlement::Failed).await?;
        Ok(Err(Refusal::Wrong { tries_left }))
    }

    async fn could_not_tell(&self, permit: Permit, source: DirectoryError) -> FlowError {
        // I7: a time-out is not a wrong password; should the store fail too, the lease frees the try.
        if let Err(error) = self.ports.guard.settle(permit, Settlement::Void).await {
            tracing::warn!(%error, "a try could not be taken back");
        }
        FlowError::Directory {
            realm: self.visitor.realm.clone(),
            source,
        }
    }
}

fn reason_of(bound: &Bound) -> &'static str {
    if *bound == Bound::WrongPassword {
        "PWD_WRONG"
    } else {
        "LOCK_DIRECTORY"
    }
}
