//! An agent of the institution helps a person back in: a link to an address that they name, or a code to
//! hand over. The person's own addresses hear of it; no password is shown or set (S4-11, S4-14).

use std::time::Duration;

use data_encoding::HEXLOWER;

use super::accounts::{self, Eligibility};
use super::kept_code::kept;
use super::letters::{Desk, spoken_to};
use super::revoke;
use crate::audit::{Actor, Event, Record};
use crate::base::clock::Timestamp;
use crate::base::names::{AccountId, EmailAddress, Username};
use crate::base::secret::Secret;
use crate::directory::{Found, Person};
use crate::flows::{Catalogue, FlowError, Ports};
use crate::messages::{AccountBlock, Asked, Destination, Door, Link, Notice};
use crate::realms::Institution;
use crate::tickets::{Channel, Mint, MintBudget, Minted, ResetCode, ResetTicket, ResetToken};

/// What an agent wants.
pub struct Wish<'a> {
    pub institution: &'a Institution,
    pub login: &'a Username,
    pub to: To<'a>,
    pub agent: &'a str,
    pub reason: &'a str,
}

/// How the right goes to its person.
pub enum To<'a> {
    Address(&'a EmailAddress),
    /// The agent hands the code over.
    Agent,
}

/// What it comes to.
pub enum Given {
    Sent {
        login: String,
        until: Timestamp,
        told: usize,
    },
    Code {
        login: String,
        code: Secret,
        until: Timestamp,
        told: usize,
    },
    Nobody,
    /// Several entries have this login.
    Ambiguous,
    /// Whom nobody recovers this way: the reason's code (SEC-48).
    Refused(&'static str),
    TooMany,
    /// The realm recovers nobody, or nothing can be written there.
    NotOffered,
}

/// Does it.
pub async fn send(ports: &Ports, catalogue: &Catalogue, wish: &Wish<'_>) -> Result<Given, FlowError> {
    let realm = &wish.institution.realm;
    let Some(settings) = catalogue.recovery_of(realm) else {
        return Ok(Given::NotOffered);
    };
    let directory = catalogue.directory(realm)?;
    let silent = |source| FlowError::Directory {
        realm: realm.clone(),
        source,
    };
    let found = match directory.find(wish.login).await.map_err(silent)? {
        Found::One(found) => found,
        Found::Nobody => return Ok(Given::Nobody),
        Found::Ambiguous(_) => return Ok(Given::Ambiguous),
    };
    let read = directory.read_for_write(&found.key).await.map_err(silent)?;
    let Some(now) = read else {
        return Ok(Given::Nobody);
    };
    let account = AccountId {
        realm: realm.clone(),
        person: now.person.key.clone(),
    };
    let disowned = super::is_disowned(ports, &account).await?;
    let refused = match Eligibility::of(&now.person, settings) {
        Eligibility::Yes => disowned.then_some("DISOWNED"),
        Eligibility::NotActivated => Some("NOT_ACTIVATED"),
        Eligibility::Federated => Some("FEDERATED"),
        Eligibility::Refused => Some("POLICY"),
        Eligibility::Silent => Some("TEMPORARY"),
    };
    if let Some(reason) = refused {
        ports.audit.record(note(ports, wish, &account).refused(reason));
        return Ok(Given::Refused(reason));
    }
    let locale = spoken_to(&now.person, wish.institution, catalogue.realm(realm)?);
    let Some(desk) = Desk::of(ports, catalogue, wish.institution, &locale) else {
        return Ok(Given::NotOffered);
    };
    ports.must_record().await?;
    let guard = now.guard.map(|guard| guard.0);
    let errand = Errand {
        ports,
        wish,
        desk: &desk,
        account: &account,
        person: &now.person,
    };
    errand.run(guard).await
}

/// Who, whom, where to, why (S4-11).
fn note(ports: &Ports, wish: &Wish<'_>, account: &AccountId) -> Record {
    let (to, method) = match wish.to {
        To::Address(address) => (address.as_stored(), "mail"),
        To::Agent => ("a code handed over", "code"),
    };
    Record {
        institution: Some(wish.institution.id.clone()),
        note: Some(format!("{to}: {}", wish.reason)),
        method: Some(method),
        ..ports
            .event(Event::SentByAgent)
            .about(account)
            .by(Actor::Agent(wish.agent.to_owned()))
    }
}

/// The number of the request, for its ticket and the audit.
fn number(nonce: &[u8; 32]) -> [u8; 16] {
    let mut number = [0; 16];
    number.iter_mut().zip(nonce).for_each(|(to, from)| *to = *from);
    number
}

struct Errand<'a> {
    ports: &'a Ports,
    wish: &'a Wish<'a>,
    desk: &'a Desk<'a>,
    account: &'a AccountId,
    person: &'a Person,
}

impl Errand<'_> {
    async fn run(&self, guard: Option<Vec<u8>>) -> Result<Given, FlowError> {
        let ports = self.ports;
        let mut nonce = [0; 32];
        ports.entropy.fill(&mut nonce);
        let token = ResetToken::mint(&ports.keys, &nonce, self.account);
        let code = ResetCode::mint(&ports.keys, &nonce, self.account, Channel::Agent);
        let Some(until) = self.mint(&nonce, (&token, &code), guard).await? else {
            ports
                .audit
                .record(note(ports, self.wish, self.account).refused("BUDGET"));
            return Ok(Given::TooMany);
        };
        let login = self.person.login.clone();
        let revoke = self.revoke_link(&nonce).await?;
        if let To::Address(address) = self.wish.to {
            let link = token
                .text()
                .and_then(|text| self.desk.links.link(Door::Reset, text));
            let (Some(link), Some(revoke)) = (link, revoke.clone()) else {
                return Ok(Given::NotOffered);
            };
            let block = AccountBlock {
                display_name: self.person.display_name().to_owned(),
                login: login.clone(),
                school: Some(self.desk.place()),
                link,
                code: Secret::new(code.expose().to_owned()),
            };
            let notice = Notice::ResetLinks {
                accounts: vec![block],
                besides: Vec::new(),
                until,
                asked: Asked {
                    at: ports.clock.now(),
                    browser: None,
                    by_agent: true,
                },
                revoke,
            };
            let to = Destination::Mail(address.clone());
            let sent = self.desk.send(ports, &to, &notice, &[&nonce]).await;
            sent.map_err(FlowError::Outbox)?;
        }
        ports.audit.record(Record {
            ticket: Some(token.log_name()),
            flow: Some(HEXLOWER.encode(&number(&nonce))),
            ..note(ports, self.wish, self.account)
        });
        let told = self.tell(&nonce, revoke).await;
        Ok(match self.wish.to {
            To::Address(_) => Given::Sent { login, until, told },
            To::Agent => Given::Code {
                login,
                code: Secret::new(code.expose().to_owned()),
                until,
                told,
            },
        })
    }

    /// When the right ends; `None`: too many were given.
    async fn mint(
        &self,
        nonce: &[u8; 32],
        (token, code): (&ResetToken, &ResetCode),
        guard: Option<Vec<u8>>,
    ) -> Result<Option<Timestamp>, FlowError> {
        let hash = kept(self.ports, self.account, code).await?;
        let now = self.ports.clock.now();
        let ticket = ResetTicket {
            account: self.account.clone(),
            institution: self.wish.institution.id.clone(),
            guard,
            channel: Channel::Agent,
            destination_mask: match self.wish.to {
                To::Address(address) => address.masked(),
                To::Agent => String::new(),
            },
            service: None,
            locale: self.desk.locale.as_str().to_owned(),
            issued_at: now,
            expires_at: now,
            request: number(nonce),
            // Nobody asked over the network: an agent did, by name.
            asked: None,
        };
        let lifetime: Duration = self.desk.settings.lifetime;
        let mint = Mint {
            token,
            code_hash: Some(&hash),
            ticket: &ticket,
            ttl: lifetime,
            // What was sent before is over (SEC-21).
            budget: &MintBudget {
                live: 1,
                ..MintBudget::AGENT
            },
        };
        Ok(match super::minted(self.ports, &mint).await? {
            Minted::New { expires_at } | Minted::Again { expires_at } => Some(expires_at),
            Minted::Dead(_) | Minted::OverBudget => None,
        })
    }

    async fn revoke_link(&self, nonce: &[u8; 32]) -> Result<Option<Link>, FlowError> {
        let to = Destination::Mail(self.desk.settings.sender.address.clone());
        let token = revoke::token_of(self.ports, nonce, &to);
        revoke::keep(self.ports, &token, std::slice::from_ref(self.account)).await?;
        Ok(self.desk.links.link(Door::Revoke, token.expose()))
    }

    /// The addresses on record; how many letters are on their way.
    async fn tell(&self, nonce: &[u8; 32], revoke: Option<Link>) -> usize {
        let mask = match self.wish.to {
            To::Address(address) => Some(address.masked()),
            To::Agent => None,
        };
        let notice = Notice::SentByAgent {
            login: self.person.login.clone(),
            mask,
            when: self.ports.clock.now(),
            revoke,
        };
        let mut told = 0;
        for address in accounts::every_mailbox(self.person, self.desk.settings) {
            if matches!(self.wish.to, To::Address(to) if to.envelope() == address.envelope()) {
                continue;
            }
            let to = Destination::Mail(address);
            match self.desk.send(self.ports, &to, &notice, &[nonce]).await {
                Ok(()) => told += 1,
                Err(error) => tracing::error!(%error, "a letter about an agent's help could not be kept"),
            }
        }
        told
    }
}
