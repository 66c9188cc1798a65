//! The letter with forgotten identifiers: to the address that was typed, or, found by what only the person
//! knows, to every recorded one (S4-04, S3-09). Nothing of it ever shows on a page.

use std::collections::BTreeMap;

use super::accounts::{self, Eligibility};
use super::way::{self, Kept};
use super::who;
use super::worker::Job;
use crate::audit::Event;
use crate::base::names::{AccountId, EmailAddress};
use crate::directory::Person;
use crate::flows::FlowError;
use crate::messages::{Destination, Door, Link, LoginLine, Notice};

impl Job<'_> {
    pub(super) async fn send_identifiers(&self) -> Result<usize, FlowError> {
        let mut people = self.wanted().await?;
        people.retain(|person| {
            let eligibility = Eligibility::of(person, self.desk.settings);
            !matches!(eligibility, Eligibility::Silent | Eligibility::Refused)
        });
        if people.is_empty() {
            self.note(Event::RecoveryRefused, None, Some("NOBODY"));
        }
        let mut sheets: BTreeMap<String, (EmailAddress, Vec<&Person>)> = BTreeMap::new();
        for person in &people {
            for address in self.told_at(person) {
                let name = address.envelope().to_ascii_lowercase();
                let sheet = sheets.entry(name).or_insert_with(|| (address, Vec::new()));
                sheet.1.push(person);
            }
        }
        let mut sent = 0;
        for (_, (address, people)) in sheets {
            sent += usize::from(self.tell(&Destination::Mail(address), &people).await?);
        }
        Ok(sent)
    }

    async fn wanted(&self) -> Result<Vec<Person>, FlowError> {
        match (&self.entry.who, &self.desk.settings.who) {
            (Some(typed), Some(settings)) => {
                let found = who::find(self.directory, settings, typed).await;
                found.map_err(|source| self.silent(source))
            }
            (Some(_), None) => Ok(Vec::new()),
            (None, _) => self.people().await,
        }
    }

    /// The mailbox that was typed; without one, every recorded one.
    fn told_at(&self, person: &Person) -> Vec<EmailAddress> {
        match self.entry.who {
            Some(_) => accounts::every_mailbox(person, self.desk.settings),
            None => self.answered_at(person),
        }
    }

    async fn tell(&self, to: &Destination, people: &[&Person]) -> Result<bool, FlowError> {
        if let Some(why) = self.closed(to).await? {
            self.note(Event::RecoveryOverBudget, None, Some(why));
            return Ok(false);
        }
        let mut accounts = Vec::new();
        for person in people {
            let account = AccountId {
                realm: self.desk.realm.id.clone(),
                person: person.key.clone(),
            };
            if !self.may_name(&account).await? {
                continue;
            }
            accounts.push(LoginLine {
                display_name: person.display_name().to_owned(),
                login: person.login.clone(),
                school: Some(self.desk.place()),
                way: None,
                back: self.back(person).await?,
            });
        }
        if accounts.is_empty() {
            return Ok(false);
        }
        let notice = Notice::Identifiers {
            accounts,
            until: None,
            asked: self.asked(),
        };
        self.send(to, &notice).await?;
        Ok(true)
    }

    /// To the page on which the identifier was wanted, with the identifier in its field (S3-08).
    async fn back(&self, person: &Person) -> Result<Option<Link>, FlowError> {
        let token = way::token_of(self.ports, &self.entry.nonce, &person.key.0);
        let kept = Kept::back(self.entry, &self.desk.realm.id, &person.login);
        let is_kept = way::keep(self.ports, &token, kept).await?;
        let link = || self.desk.links.link(Door::Reset, token.expose());
        Ok(is_kept.then(link).flatten())
    }
}
