//! What becomes of a request once its answer has left: people are found, judged, given links, and told by
//! one letter for each mailbox (S2-18). Delivered twice, it makes the same links and the same letters again.

use std::collections::BTreeMap;

use data_encoding::HEXLOWER;

use super::accounts::{self, Eligibility};
use super::disown::is_disowned;
use super::kept_code::kept;
use super::letters::Desk;
use super::limits;
use super::request::{Entry, Wants};
use super::revoke;
use super::settings::{SMS_LIFETIME, SharedMailbox};
use super::state::{Holding, Via};
use super::way::{self, Kept};
use crate::audit::{Actor, Event, Record};
use crate::base::clock::Timestamp;
use crate::base::names::{AccountId, EmailAddress, PersonKey};
use crate::base::secret::Secret;
use crate::directory::{Directory, DirectoryError, Person};
use crate::flows::{Catalogue, FlowError, Ports};
use crate::messages::{AccountBlock, Aside, Asked, Destination, Door, Link, Notice, OutboxError};
use crate::tickets::{AskedFrom, Channel, Mint, Minted, Queued, ResetCode, ResetTicket, ResetToken};

/// What became of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Worked {
    /// It is over, whatever came of it.
    Done { letters: usize },
    /// Somebody did not answer: it waits to be tried again.
    Later,
    /// Its realm was asked for so much within the hour that it has to wait.
    Crowded,
    /// It cannot be read, or its realm is gone: nothing will ever come of it.
    Dropped,
}

/// Works on one entry of the queue. `Err`: somebody did not answer, and the entry is to be tried again.
pub async fn work(ports: &Ports, catalogue: &Catalogue, queued: &Queued) -> Result<Worked, FlowError> {
    let Some(entry) = Entry::open(ports, &queued.sealed) else {
        tracing::error!("a request of the queue cannot be opened; is the key that sealed it gone?");
        return Ok(Worked::Dropped);
    };
    let institution = catalogue.institutions.named(entry.institution.as_str());
    let desk = institution.and_then(|place| Desk::of(ports, catalogue, place, &entry.locale));
    let Some(desk) = desk else {
        tracing::warn!(institution = %entry.institution, "a request is for an institution that recovers nobody now");
        return Ok(Worked::Dropped);
    };
    let directory = catalogue.directory(&desk.realm.id)?.as_ref();
    let job = Job {
        ports,
        entry: &entry,
        desk: &desk,
        directory,
    };
    if !job.counted().of_realm(&desk.realm.id, desk.settings).await? {
        return Ok(Worked::Crowded);
    }
    let letters = match entry.wants {
        Wants::Password => job.send_links().await?,
        Wants::Username => job.send_identifiers().await?,
    };
    Ok(Worked::Done { letters })
}

/// A request at work.
pub(super) struct Job<'a> {
    pub ports: &'a Ports,
    pub entry: &'a Entry,
    pub desk: &'a Desk<'a>,
    pub directory: &'a dyn Directory,
}

/// What one destination is told.
#[derive(Default)]
struct Sheet {
    blocks: Vec<AccountBlock>,
    asides: Vec<Aside>,
    accounts: Vec<AccountId>,
    /// The name of each account's right.
    rights: Vec<(PersonKey, String)>,
    until: Option<Timestamp>,
}

/// An account's block, its right by name, and when that ends.
struct Given {
    block: AccountBlock,
    right: Holding,
    until: Timestamp,
}

impl Job<'_> {
    pub(super) async fn people(&self) -> Result<Vec<Person>, FlowError> {
        let found = accounts::meant(
            self.directory,
            self.desk.settings,
            self.entry.identifier.as_deref(),
            self.entry.email.as_deref(),
        );
        found.await.map_err(|source| self.silent(source))
    }

    pub(super) fn silent(&self, source: DirectoryError) -> FlowError {
        FlowError::Directory {
            realm: self.desk.realm.id.clone(),
            source,
        }
    }

    async fn send_links(&self) -> Result<usize, FlowError> {
        let mut sheets: BTreeMap<String, (Destination, Sheet)> = BTreeMap::new();
        let people = self.people().await?;
        if people.is_empty() {
            self.note(Event::RecoveryRefused, None, Some("NOBODY"));
        }
        if self.entry.by_sms && people.len() > 1 {
            // A code in a text message says not whose it is.
            self.note(Event::RecoveryRefused, None, Some("SEVERAL"));
            return Ok(0);
        }
        let alone = people.len() == 1;
        for person in people {
            self.add(&mut sheets, &person, alone).await?;
        }
        let mut sent = 0;
        for (_, (to, sheet)) in sheets {
            sent += usize::from(self.send_sheet(&to, sheet).await?);
        }
        Ok(sent)
    }

    /// What one of the people who are meant is sent, or told besides.
    async fn add(
        &self,
        sheets: &mut BTreeMap<String, (Destination, Sheet)>,
        person: &Person,
        alone: bool,
    ) -> Result<(), FlowError> {
        // As the primary has it now: judged and guarded by the same reading.
        let Some(now) = self
            .directory
            .read_for_write(&person.key)
            .await
            .map_err(|source| self.silent(source))?
        else {
            return Ok(());
        };
        let account = AccountId {
            realm: self.desk.realm.id.clone(),
            person: now.person.key.clone(),
        };
        let destinations = self.destinations(&now.person, alone);
        if destinations.is_empty() {
            self.note(Event::RecoveryRefused, Some(&account), Some("NO_ADDRESS"));
            return Ok(());
        }
        let disowned = is_disowned(self.ports, &account).await?;
        let eligibility = match disowned {
            true => Eligibility::Refused,
            false => Eligibility::of(&now.person, self.desk.settings),
        };
        let aside = self.aside(&now.person, eligibility);
        if eligibility != Eligibility::Yes {
            self.note(Event::RecoveryRefused, Some(&account), Some(reason(eligibility)));
            let Some(aside) = aside else { return Ok(()) };
            if !self.may_name(&account).await? {
                return Ok(());
            }
            for to in destinations {
                sheet(sheets, to).asides.push(aside.clone());
            }
            return Ok(());
        }
        let guard = now.guard.map(|guard| guard.0);
        if let Some(given) = self.mint(&account, &now.person, guard, &destinations).await? {
            for to in destinations {
                let sheet = sheet(sheets, to);
                let (right, until) = (given.right.name().to_owned(), given.until);
                sheet.blocks.push(given.block.clone());
                sheet.accounts.push(account.clone());
                sheet.rights.push((account.person.clone(), right));
                sheet.until = Some(sheet.until.map_or(until, |known| known.min(until)));
            }
        }
        Ok(())
    }

    /// Where the right to choose a password goes. A telephone only for who is `alone` meant.
    fn destinations(&self, person: &Person, alone: bool) -> Vec<Destination> {
        let phone = || accounts::phone(person, self.desk.settings).map(Destination::Sms);
        if self.entry.by_sms {
            return phone().into_iter().collect();
        }
        let mailboxes = self.answered_at(person).into_iter();
        let mut all: Vec<Destination> = mailboxes.map(Destination::Mail).collect();
        if all.is_empty() && self.entry.email.is_none() && alone {
            all.extend(phone());
        }
        all
    }

    /// A mailbox that was typed is the one to answer, when it is the person's; else all of theirs.
    pub(super) fn answered_at(&self, person: &Person) -> Vec<EmailAddress> {
        let settings = self.desk.settings;
        let mut mailboxes = accounts::mailboxes(person, settings);
        let typed = self.entry.email.as_deref();
        let every = accounts::every_mailbox(person, settings);
        let answered: Vec<EmailAddress> = every
            .into_iter()
            .filter(|stored| typed.is_some_and(|typed| stored.is_typed_as(typed)))
            .collect();
        if !answered.is_empty() {
            mailboxes = answered;
        }
        mailboxes
    }

    fn aside(&self, person: &Person, eligibility: Eligibility) -> Option<Aside> {
        let login = person.login.clone();
        let settings = self.desk.settings;
        let named = |elsewhere: &super::Elsewhere| {
            let name = elsewhere.name.get(&self.desk.locale).unwrap_or(&elsewhere.url);
            (name.to_owned(), elsewhere.url.clone())
        };
        match eligibility {
            Eligibility::NotActivated => Some(Aside::NotActivated {
                login,
                activation: settings.activation.clone(),
            }),
            Eligibility::Federated => Some(Aside::Federated {
                login,
                where_to: settings.eligible.federated_at.iter().map(named).collect(),
            }),
            Eligibility::Refused => Some(Aside::RefusedByPolicy { login }),
            Eligibility::Silent | Eligibility::Yes => None,
        }
    }

    /// What an account is sent; `None`: there is nothing to send.
    async fn mint(
        &self,
        account: &AccountId,
        person: &Person,
        guard: Option<Vec<u8>>,
        destinations: &[Destination],
    ) -> Result<Option<Given>, FlowError> {
        let keys = &self.ports.keys;
        let nonce = &self.entry.nonce_under(self.ports, guard.as_deref());
        let channel = match destinations.first() {
            Some(Destination::Sms(_)) => Channel::Sms,
            _ => Channel::Mail,
        };
        let token = ResetToken::mint(keys, nonce, account);
        let code = ResetCode::mint(keys, nonce, account, channel);
        let code_hash = kept(self.ports, account, &code).await?;
        let ticket = ResetTicket {
            account: account.clone(),
            institution: self.entry.institution.clone(),
            guard,
            channel,
            destination_mask: masked(destinations),
            service: self.entry.service.clone(),
            locale: self.entry.locale.as_str().to_owned(),
            issued_at: self.entry.at,
            expires_at: self.entry.at,
            request: self.entry.number(),
            asked: Some(AskedFrom {
                network: self.entry.network.clone(),
                at: self.entry.at,
            }),
        };
        let (budget, ttl) = match channel {
            Channel::Sms => (self.desk.settings.sms_budget, SMS_LIFETIME),
            _ => (self.desk.settings.budget, self.desk.settings.lifetime),
        };
        let mint = Mint {
            token: &token,
            code_hash: Some(&code_hash),
            ticket: &ticket,
            ttl,
            budget: &budget,
        };
        let until = match super::minted(self.ports, &mint).await? {
            Minted::New { expires_at } | Minted::Again { expires_at } => expires_at,
            Minted::Dead(_) => return Ok(None),
            Minted::OverBudget => {
                self.note(Event::RecoveryOverBudget, Some(account), Some("ACCOUNT"));
                return Ok(None);
            }
        };
        let link = token
            .text()
            .and_then(|text| self.desk.links.link(Door::Reset, text));
        let Some(link) = link else { return Ok(None) };
        let block = AccountBlock {
            display_name: person.display_name().to_owned(),
            login: person.login.clone(),
            school: Some(self.desk.place()),
            link,
            code: Secret::new(code.expose().to_owned()),
        };
        let right = Holding::of(self.ports, &token, Via::Link);
        Ok(Some(Given { block, right, until }))
    }

    async fn send_sheet(&self, to: &Destination, sheet: Sheet) -> Result<bool, FlowError> {
        if matches!(to, Destination::Sms(_)) && sheet.blocks.is_empty() {
            // A text message holds a code and nothing else: without one none is counted.
            return Ok(false);
        }
        if let Some(why) = self.closed(to).await? {
            let over = Record {
                method: Some(method_of(to)),
                ..self.record(Event::RecoveryOverBudget, sheet.accounts.first())
            };
            self.ports.audit.record(over.refused(why));
            return Ok(false);
        }
        let (accounts, rights) = (sheet.accounts.clone(), sheet.rights.clone());
        let notice = match to {
            Destination::Sms(_) => match sheet.blocks.into_iter().next() {
                Some(block) => Notice::ResetCode {
                    code: block.code,
                    lasts: SMS_LIFETIME,
                },
                None => return Ok(false),
            },
            Destination::Mail(_) => self.notice(to, sheet).await?,
        };
        self.send(to, &notice).await?;
        for (account, (_, right)) in accounts.iter().zip(rights) {
            let token = Holding::named(right, Via::Link).token();
            self.ports.audit.record(Record {
                method: Some(method_of(to)),
                ticket: token.map(|token| token.log_name()),
                ..self.record(Event::RecoverySent, Some(account))
            });
        }
        Ok(true)
    }

    async fn notice(&self, to: &Destination, sheet: Sheet) -> Result<Notice, FlowError> {
        let no_realm = || FlowError::NoRealm(self.desk.realm.id.clone());
        let Sheet { blocks, asides, .. } = sheet;
        if blocks.is_empty() && asides.len() == 1 {
            return Ok(match asides.into_iter().next() {
                Some(Aside::NotActivated { login, activation }) => Notice::NotActivated { login, activation },
                Some(Aside::Federated { login, where_to }) => Notice::Federated { login, where_to },
                Some(Aside::RefusedByPolicy { login }) => Notice::RefusedByPolicy { login },
                None => return Err(no_realm()),
            });
        }
        let token = revoke::token_of(self.ports, &self.entry.nonce, to);
        revoke::keep(self.ports, &token, &sheet.accounts).await?;
        let revoke = self.desk.links.link(Door::Revoke, token.expose());
        let revoke = revoke.ok_or_else(no_realm)?;
        let (until, asked) = (sheet.until.unwrap_or(self.entry.at), self.asked());
        if self.desk.settings.shared == SharedMailbox::AskUsername
            && blocks.len() > 1
            && let Some(link) = self.among(to, sheet.rights).await?
        {
            return Ok(Notice::SharedLink {
                link,
                besides: asides,
                until,
                asked,
                revoke,
            });
        }
        Ok(Notice::ResetLinks {
            accounts: blocks,
            besides: asides,
            until,
            asked,
            revoke,
        })
    }

    /// The one link of a shared mailbox; `None` when more share it than one link can hold.
    async fn among(
        &self,
        to: &Destination,
        rights: Vec<(PersonKey, String)>,
    ) -> Result<Option<Link>, FlowError> {
        let token = way::token_of(self.ports, &self.entry.nonce, &name_of(to));
        let kept = Kept::among(self.entry, &self.desk.realm.id, rights);
        let is_kept = way::keep(self.ports, &token, kept).await?;
        let link = || self.desk.links.link(Door::Reset, token.expose());
        Ok(is_kept.then(link).flatten())
    }

    pub(super) fn asked(&self) -> Asked {
        Asked {
            at: self.entry.at,
            browser: self.entry.browser,
            by_agent: false,
        }
    }

    fn counted(&self) -> limits::Request<'_> {
        limits::Request {
            ports: self.ports,
            nonce: &self.entry.nonce,
        }
    }

    /// Whether a letter that brings no link may name the account.
    pub(super) async fn may_name(&self, account: &AccountId) -> Result<bool, FlowError> {
        let allowed = self
            .counted()
            .of_account(account, self.desk.settings.budget)
            .await?;
        if !allowed {
            self.note(Event::RecoveryOverBudget, Some(account), Some("ACCOUNT"));
        }
        Ok(allowed)
    }

    /// Whether a message may go there, and why not.
    pub(super) async fn closed(&self, to: &Destination) -> Result<Option<&'static str>, FlowError> {
        if !self.counted().to_mailbox(&self.desk.realm.id, to).await? {
            return Ok(Some("MAILBOX"));
        }
        let is_text = matches!(to, Destination::Sms(_));
        if is_text && !self.counted().text_message().await? {
            return Ok(Some("MONTH"));
        }
        Ok(None)
    }

    pub(super) async fn send(&self, to: &Destination, notice: &Notice) -> Result<(), FlowError> {
        let parts: [&[u8]; 1] = [&self.entry.nonce];
        let taken = self.desk.send(self.ports, to, notice, &parts).await;
        taken.map_err(|error: OutboxError| FlowError::Outbox(error))
    }

    pub(super) fn note(&self, event: Event, account: Option<&AccountId>, refused: Option<&'static str>) {
        let record = self.record(event, account);
        self.ports.audit.record(match refused {
            Some(reason) => record.refused(reason),
            None => record,
        });
    }

    fn record(&self, event: Event, account: Option<&AccountId>) -> Record {
        Record {
            realm: Some(self.desk.realm.id.clone()),
            institution: Some(self.entry.institution.clone()),
            account: account.map(|account| account.person.clone()),
            flow: Some(HEXLOWER.encode(&self.entry.number())),
            actor: Actor::Server,
            method: Some(self.entry.method()),
            asked: self.entry.trace.clone(),
            ..self.ports.event(event)
        }
    }
}

fn method_of(to: &Destination) -> &'static str {
    match to {
        Destination::Mail(_) => "mail",
        Destination::Sms(_) => "sms",
    }
}

/// One destination, however it is written.
fn name_of(to: &Destination) -> String {
    match to {
        Destination::Mail(address) => address.envelope().to_ascii_lowercase(),
        Destination::Sms(number) => number.international().to_owned(),
    }
}

fn sheet(sheets: &mut BTreeMap<String, (Destination, Sheet)>, to: Destination) -> &mut Sheet {
    let slot = sheets
        .entry(name_of(&to))
        .or_insert_with(|| (to, Sheet::default()));
    &mut slot.1
}

fn masked(destinations: &[Destination]) -> String {
    match destinations.first() {
        Some(Destination::Mail(address)) => address.masked(),
        Some(Destination::Sms(number)) => number.masked(),
        None => String::new(),
    }
}

fn reason(eligibility: Eligibility) -> &'static str {
    match eligibility {
        Eligibility::Yes => "ELIGIBLE",
        Eligibility::NotActivated => "NOT_ACTIVATED",
        Eligibility::Federated => "FEDERATED",
        Eligibility::Refused => "POLICY",
        Eligibility::Silent => "TEMPORARY",
    }
}
