//! Choosing the new password: the order of recovery §3.1, in which every point may be the last one of a
//! process. The store decides who goes on, the directory that it happens once.

use std::sync::Arc;

use super::accounts::Eligibility;
use super::after::{self, Ended};
use super::open::{Dead, Seen, see};
use super::state::Holding;
use crate::audit::{Actor, CHOOSE, Event, Record};
use crate::base::clock::Timestamp;
use crate::base::secret::Password;
use crate::directory::{
    Directory, DirectoryError, Guard, Manner, PasswordRefusal, PasswordWrite, Person, Settled, Wrote,
};
use crate::flows::{self, Catalogue, FlowError, Ports};
use crate::messages::{Browser, How};
use crate::passwords::policy::{AboutPerson, Flaw};
use crate::tickets::{CLAIM_LEASE, Claimed, DeathKind, Looked, Released, ResetTicket, ResetToken, Spent};

/// What a form brings.
pub struct Choice<'a> {
    pub holding: &'a Holding,
    pub new: &'a str,
    /// The second field, where there is one.
    pub again: Option<&'a str>,
    pub browser: Option<Browser>,
    pub address: std::net::IpAddr,
}

/// What it comes to.
pub enum Chosen {
    Saved {
        person: Box<Person>,
        ended: Ended,
    },
    /// The right is as good as before, and the form is shown again.
    Refused {
        person: Option<Box<Person>>,
        until: Option<Timestamp>,
        why: Refusal,
    },
    Dead(Dead),
}

/// Why no password was written.
#[derive(Clone)]
pub enum Refusal {
    Empty,
    Weak(Vec<Flaw>),
    Directory(PasswordRefusal),
    /// Another page is at it; for so many seconds at most.
    Busy {
        seconds: u64,
    },
    /// The directory did not say whether it wrote, and cannot be asked.
    Unknown,
    /// The directory did not answer; nothing was written.
    Silent,
}

/// Decides a POST of the form.
pub async fn choose(ports: &Ports, catalogue: &Catalogue, choice: &Choice<'_>) -> Result<Chosen, FlowError> {
    let seen = match see(ports, catalogue, choice.holding).await {
        Ok(Ok(seen)) => seen,
        Ok(Err(Dead::Busy)) => return Ok(busy(None)),
        Ok(Err(dead)) => {
            end_what_died(ports, choice.holding).await?;
            return Ok(Chosen::Dead(dead));
        }
        Err(FlowError::Directory { realm, source }) => {
            crate::flows::tell_silent(&realm, &source);
            return Ok(refused(None, Refusal::Silent));
        }
        Err(error) => return Err(error),
    };
    let institution = catalogue.institutions.named(seen.ticket.institution.as_str());
    let about = flows::about(&seen.person, institution, ports.clock.now());
    let realm = seen.ticket.account.realm.clone();
    let typed = NewTyped {
        new: choice.new,
        again: choice.again,
    };
    let new = match judged(ports, catalogue, &realm, typed, about).await? {
        Ok(new) => new,
        Err(why) => return Ok(refused(Some(&seen), why)),
    };
    let Some(token) = choice.holding.token() else {
        return Ok(Chosen::Dead(Dead::Unknown));
    };
    let attempt = ports.attempts.next();
    let ticket = match ports.recovery.tickets.claim(&token, &attempt).await? {
        Claimed::Yes(ticket) => ticket,
        Claimed::Busy => {
            ports.metrics.reset_conflict.add(&["busy"]);
            return Ok(busy(Some(&seen)));
        }
        Claimed::Dead(death) => return Ok(Chosen::Dead(Dead::Died(death))),
        Claimed::TooManyTries => return Ok(Chosen::Dead(Dead::WornOut)),
        Claimed::Unknown => return Ok(Chosen::Dead(Dead::Unknown)),
    };
    let turn = Turn {
        ports,
        catalogue,
        directory: catalogue.directory(&realm)?.as_ref(),
        token: &token,
        attempt: &attempt,
        ticket: &ticket,
        choice,
    };
    ports.metrics.reset_claimed.add(&[]);
    turn.note(Event::TicketClaimed, None);
    if let Err(unrecorded) = ports.must_record().await {
        turn.put_back().await;
        return Err(unrecorded);
    }
    turn.write(seen, &new).await
}

/// A right that the directory speaks against, the account being closed or reached elsewhere by now, is
/// not there again when the directory changes its mind (SEC-21).
async fn end_what_died(ports: &Ports, holding: &Holding) -> Result<(), FlowError> {
    if let Some(token) = holding.token()
        && let Looked::Live(ticket) = ports.recovery.tickets.look(&token).await?
    {
        after::end_links(ports, &ticket.account, DeathKind::Revoked).await;
    }
    Ok(())
}

/// A new password as it was typed, once or twice.
#[derive(Clone, Copy)]
pub(in crate::flows) struct NewTyped<'a> {
    pub new: &'a str,
    pub again: Option<&'a str>,
}

/// The rules that need no directory; the ticket is not touched (order 2). The estimate may take 75 ms of
/// a core.
pub(in crate::flows) async fn judged(
    ports: &Ports,
    catalogue: &Catalogue,
    realm: &crate::base::names::RealmId,
    NewTyped { new, again }: NewTyped<'_>,
    about: AboutPerson,
) -> Result<Result<Password, Refusal>, FlowError> {
    use crate::base::secret::PasswordFlaw;
    let policy = Arc::clone(catalogue.policy(realm)?);
    let typed = match Password::typed(new) {
        Ok(typed) => typed,
        Err(PasswordFlaw::Empty) => return Ok(Err(Refusal::Empty)),
        Err(PasswordFlaw::TooLong) => {
            let most = policy.settings.most;
            return Ok(Err(Refusal::Weak(vec![Flaw::TooLong { most }])));
        }
        Err(PasswordFlaw::HoldsNul) => return Ok(Err(Refusal::Weak(vec![Flaw::HoldsControl]))),
    };
    let twice = policy.settings.confirm;
    let checked = ports.heavy.run(move || {
        let flaws = policy.check(&typed, &about).err().unwrap_or_default();
        (typed, flaws)
    });
    let (typed, mut flaws) = checked.await?;
    if twice && again.is_none_or(|again| again != new) {
        flaws.push(Flaw::Differs);
    }
    Ok(match flaws.is_empty() {
        true => Ok(typed.prepared()),
        false => Err(Refusal::Weak(flaws)),
    })
}

/// One attempt that has the ticket.
struct Turn<'a> {
    ports: &'a Ports,
    catalogue: &'a Catalogue,
    directory: &'a dyn Directory,
    token: &'a ResetToken,
    attempt: &'a [u8; 16],
    ticket: &'a ResetTicket,
    choice: &'a Choice<'a>,
}

impl Turn<'_> {
    fn guard(&self) -> Option<Guard> {
        self.ticket.guard.clone().map(Guard)
    }

    /// Orders 5 and 6: the entry as the primary has it, then the write.
    async fn write(&self, seen: Seen, new: &Password) -> Result<Chosen, FlowError> {
        let account = &self.ticket.account;
        let read = match self.directory.read_for_write(&account.person).await {
            Ok(read) => read,
            Err(error) => {
                crate::flows::tell_silent(&account.realm, &error);
                self.put_back().await;
                return Ok(refused(Some(&seen), Refusal::Silent));
            }
        };
        let Some(now) = read else {
            return self.closed().await;
        };
        if now.guard != self.guard() {
            return self.changed().await;
        }
        let settings = self.catalogue.recovery_of(&account.realm);
        if settings.is_none_or(|settings| Eligibility::of(&now.person, settings) != Eligibility::Yes) {
            return self.closed().await;
        }
        let guard = self.guard();
        let write = PasswordWrite {
            key: &account.person,
            new,
            guard: guard.as_ref(),
            manner: Manner::Reset,
        };
        match self.directory.write_password(&write).await {
            Ok(Wrote::Done) => self.saved(now.person).await,
            Ok(Wrote::Moved) => self.changed().await,
            Ok(Wrote::Gone) => self.closed().await,
            Ok(Wrote::Refused(why, moved)) => self.refuse(seen, why, moved).await,
            Err(DirectoryError::NotWritable) => {
                tracing::error!(realm = %account.realm, "a password cannot be written: the realm's directory is not writable");
                self.put_back().await;
                Ok(refused(
                    Some(&seen),
                    Refusal::Directory(PasswordRefusal::NotAllowed),
                ))
            }
            Err(error) => {
                crate::flows::tell_silent(&account.realm, &error);
                self.find_out(seen, now.person, &write).await
            }
        }
    }

    /// The write was sent and nobody knows what became of it: the directory is asked once.
    async fn find_out(
        &self,
        seen: Seen,
        before: Person,
        write: &PasswordWrite<'_>,
    ) -> Result<Chosen, FlowError> {
        match self.directory.settle(write).await {
            Ok(Settled::Written) => self.saved(before).await,
            Ok(Settled::Untouched) => {
                self.put_back().await;
                Ok(refused(Some(&seen), Refusal::Silent))
            }
            // The fence moved without the password, or somebody else wrote: this right is over.
            Ok(Settled::Spent) => self.changed().await,
            Ok(Settled::Gone) => self.closed().await,
            Err(error) => {
                crate::flows::tell_silent(&self.ticket.account.realm, &error);
                self.note(Event::PasswordWritten, Some(Err("UNKNOWN")));
                Ok(refused(Some(&seen), Refusal::Unknown))
            }
        }
    }

    /// Order 7. The password is written: nothing from here on makes that a failure (SEC-60).
    async fn saved(&self, person: Person) -> Result<Chosen, FlowError> {
        let account = &self.ticket.account;
        let tickets = &self.ports.recovery.tickets;
        self.note(Event::PasswordWritten, None);
        match tickets.spend(self.token, self.attempt).await {
            Ok(Spent::Yes) => {
                self.ports.spent.reset(self.token, self.ports.clock.now());
                self.ports.metrics.reset_spent.add(&[]);
                self.note(Event::TicketSpent, None);
            }
            Ok(Spent::Lost) => after::end_links(self.ports, account, DeathKind::Spent).await,
            Err(error) => {
                tracing::error!(%error, "a used link could not be spent; the directory's guard holds against it");
            }
        }
        let how = match self.ticket.channel {
            crate::tickets::Channel::Mail => How::Mail,
            crate::tickets::Channel::Sms => How::Sms,
            crate::tickets::Channel::Agent => How::Agent,
        };
        let origin = after::Origin {
            how,
            browser: self.choice.browser,
            address: self.choice.address,
            institution: &self.ticket.institution,
            locale: &self.ticket.locale,
            asked: self.ticket.asked.as_ref(),
            ticket: Some(self.token.log_name()),
        };
        let ended = after::password_changed(self.ports, self.catalogue, account, &person, &origin).await;
        Ok(Chosen::Saved {
            person: Box::new(person),
            ended,
        })
    }

    async fn refuse(
        &self,
        seen: Seen,
        why: PasswordRefusal,
        moved: Option<Guard>,
    ) -> Result<Chosen, FlowError> {
        self.note(Event::PasswordRefused, Some(Ok(name_of(why))));
        let moved = moved.as_ref().map(|guard| guard.0.as_slice());
        let released = self
            .ports
            .recovery
            .tickets
            .release(self.token, self.attempt, moved)
            .await;
        Ok(match released {
            Ok(Released::Open { left: 0 }) => Chosen::Dead(Dead::WornOut),
            Ok(Released::Open { .. } | Released::Lost) => refused(Some(&seen), Refusal::Directory(why)),
            Err(error) => {
                // The lease gives it back.
                tracing::warn!(%error, "a refused link could not be given back yet");
                refused(Some(&seen), Refusal::Directory(why))
            }
        })
    }

    /// The account moved on without this link: none of its links opens anything any more (SEC-21).
    async fn changed(&self) -> Result<Chosen, FlowError> {
        self.ports.metrics.reset_conflict.add(&["moved"]);
        self.note(Event::TicketSpent, Some(Ok("GUARD_MOVED")));
        after::end_links(self.ports, &self.ticket.account, DeathKind::Revoked).await;
        Ok(Chosen::Dead(Dead::Changed))
    }

    async fn closed(&self) -> Result<Chosen, FlowError> {
        self.note(Event::RecoveryRefused, Some(Ok("POLICY")));
        after::end_links(self.ports, &self.ticket.account, DeathKind::Revoked).await;
        Ok(Chosen::Dead(Dead::Closed))
    }

    async fn put_back(&self) {
        let tickets = &self.ports.recovery.tickets;
        if let Err(error) = tickets.put_back(self.token, self.attempt).await {
            tracing::warn!(%error, "a link could not be given back yet; its lease does it");
        }
    }

    fn note(&self, event: Event, outcome: Option<Result<&'static str, &'static str>>) {
        let record = Record {
            ticket: Some(self.token.log_name()),
            method: Some(self.choice.holding.via.method()),
            step: Some(match (event, outcome.is_some()) {
                (_, true) => CHOOSE,
                (event, false) => event.step(),
            }),
            institution: Some(self.ticket.institution.clone()),
            flow: Some(data_encoding::HEXLOWER.encode(&self.ticket.request)),
            ..self
                .ports
                .event(event)
                .about(&self.ticket.account)
                .by(Actor::Person)
        };
        self.ports.audit.record(match outcome {
            None => record,
            Some(Ok(reason)) => record.refused(reason),
            Some(Err(reason)) => Record {
                outcome: crate::audit::Outcome::Unknown(reason),
                ..record
            },
        });
    }
}

fn busy(seen: Option<&Seen>) -> Chosen {
    refused(
        seen,
        Refusal::Busy {
            seconds: CLAIM_LEASE.as_secs(),
        },
    )
}

fn refused(seen: Option<&Seen>, why: Refusal) -> Chosen {
    Chosen::Refused {
        person: seen.map(|seen| Box::new(seen.person.clone())),
        until: seen.map(|seen| seen.until),
        why,
    }
}

/// For the audit.
pub(in crate::flows) fn name_of(why: PasswordRefusal) -> &'static str {
    match why {
        PasswordRefusal::TooShort => "TOO_SHORT",
        PasswordRefusal::TooYoung { .. } => "TOO_YOUNG",
        PasswordRefusal::InHistory => "IN_HISTORY",
        PasswordRefusal::Quality => "QUALITY",
        PasswordRefusal::TooLong => "TOO_LONG",
        PasswordRefusal::NotAllowed => "NOT_ALLOWED",
        PasswordRefusal::WrongCurrent => "WRONG_CURRENT",
        PasswordRefusal::PassThrough => "PASS_THROUGH",
        PasswordRefusal::Other => "OTHER",
    }
}
