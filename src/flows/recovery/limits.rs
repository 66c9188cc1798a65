//! What recovery lets through (SEC-61): so many forms of a network, requests of a realm, letters of an
//! account and to a mailbox, text messages of everybody. Each step is one script of the store, and every
//! key ends with its longest window. Nothing here shows on a page whom a request meant.

use std::net::IpAddr;
use std::time::Duration;

use super::settings::RecoverySettings;
use crate::audit::{Actor, Event};
use crate::base::addresses::network_key;
use crate::base::names::{AccountId, RealmId};
use crate::flows::{FlowError, Ports};
use crate::messages::Destination;
use crate::tickets::{BudgetKey, BudgetOf, BudgetRule, MintBudget};

const HOUR: Duration = Duration::from_secs(3600);
const DAY: Duration = Duration::from_secs(86_400);
const MONTH: Duration = Duration::from_secs(30 * 86_400);

/// Letters to one mailbox, whatever they say and whoever they are for.
const MAILBOX: [BudgetRule; 2] = [rule(10, HOUR), rule(20, DAY)];

const fn rule(limit: u32, window: Duration) -> BudgetRule {
    BudgetRule { limit, window }
}

/// The forms of one network: an IPv4 address or a /64.
pub(super) struct Forms<'a> {
    ports: &'a Ports,
    key: BudgetKey,
    limit: u32,
}

impl<'a> Forms<'a> {
    pub fn of(ports: &'a Ports, realm: &RealmId, settings: &RecoverySettings, from: IpAddr) -> Forms<'a> {
        let network = network_key(from);
        let parts: [&[u8]; 2] = [realm.as_str().as_bytes(), &network];
        Forms {
            ports,
            key: BudgetKey::of(&ports.keys, BudgetOf::Network, "recovery form", &parts),
            limit: settings.network.limit(from),
        }
    }

    /// It sent so many that only people go on.
    pub async fn are_many(&self) -> Result<bool, FlowError> {
        let budgets = &self.ports.recovery.budgets;
        Ok(!budgets.would_allow(&self.key, &[rule(self.limit, HOUR)]).await?)
    }

    /// Counts one, before anybody knows what it is worth (SEC-62); `false`: none is taken any more.
    pub async fn spend(&self) -> Result<bool, FlowError> {
        let most = self.limit.saturating_mul(2);
        let budgets = &self.ports.recovery.budgets;
        Ok(budgets.spend(&self.key, &[rule(most, HOUR)]).await?)
    }
}

/// Whether a form from `from` has to be a person's, whatever the realm says otherwise.
pub async fn only_people(
    ports: &Ports,
    realm: &RealmId,
    settings: &RecoverySettings,
    from: IpAddr,
) -> Result<bool, FlowError> {
    Forms::of(ports, realm, settings, from).are_many().await
}

/// A request of the queue, as it is counted: once, however often it is delivered.
pub(super) struct Request<'a> {
    pub ports: &'a Ports,
    pub nonce: &'a [u8; 32],
}

impl Request<'_> {
    /// Requests of a realm that are worked on; the others wait.
    pub async fn of_realm(&self, realm: &RealmId, settings: &RecoverySettings) -> Result<bool, FlowError> {
        let part = realm.as_str().as_bytes();
        let key = BudgetKey::of(&self.ports.keys, BudgetOf::Realm, "recovery request", &[part]);
        let rules = [rule(settings.requests_an_hour, HOUR)];
        self.once(&key, &rules, &[b"realm", part]).await
    }

    pub async fn to_mailbox(&self, realm: &RealmId, to: &Destination) -> Result<bool, FlowError> {
        let address = match to {
            Destination::Mail(address) => address.envelope().to_ascii_lowercase(),
            Destination::Sms(number) => number.international().to_owned(),
        };
        let parts: [&[u8]; 2] = [realm.as_str().as_bytes(), address.as_bytes()];
        let key = BudgetKey::of(&self.ports.keys, BudgetOf::Mailbox, "letter", &parts);
        self.once(&key, &MAILBOX, &[b"mailbox", address.as_bytes()]).await
    }

    /// Letters about an account that bring no link; those that do are counted where links are made.
    pub async fn of_account(&self, account: &AccountId, budget: MintBudget) -> Result<bool, FlowError> {
        let (realm, person) = (account.realm.as_str().as_bytes(), account.person.0.as_bytes());
        let key = BudgetKey::of(&self.ports.keys, BudgetOf::Account, "letter", &[realm, person]);
        let rules = [
            rule(1, budget.apart),
            rule(budget.hour, HOUR),
            rule(budget.day, DAY),
        ];
        self.once(&key, &rules, &[b"account", person]).await
    }

    pub async fn text_message(&self) -> Result<bool, FlowError> {
        if !self.is_new(&[b"text message"]).await? {
            return Ok(true);
        }
        let allowed = text_message(self.ports).await?;
        if allowed {
            self.granted(&[b"text message"]).await?;
        }
        Ok(allowed)
    }

    /// What was granted stays so: a crash between counting and sending costs one count, never the letter.
    async fn once(&self, key: &BudgetKey, rules: &[BudgetRule], parts: &[&[u8]]) -> Result<bool, FlowError> {
        if !self.is_new(parts).await? {
            return Ok(true);
        }
        let allowed = self.ports.recovery.budgets.spend(key, rules).await?;
        if allowed {
            self.granted(parts).await?;
        }
        Ok(allowed)
    }

    fn own(&self, parts: &[&[u8]]) -> BudgetKey {
        let all: Vec<&[u8]> = std::iter::once(self.nonce.as_slice())
            .chain(parts.iter().copied())
            .collect();
        BudgetKey::of(&self.ports.keys, BudgetOf::Account, "granted", &all)
    }

    async fn is_new(&self, parts: &[&[u8]]) -> Result<bool, FlowError> {
        let budgets = &self.ports.recovery.budgets;
        Ok(budgets.would_allow(&self.own(parts), &[rule(1, DAY)]).await?)
    }

    async fn granted(&self, parts: &[&[u8]]) -> Result<(), FlowError> {
        let budgets = &self.ports.recovery.budgets;
        budgets.spend(&self.own(parts), &[rule(1, DAY)]).await?;
        Ok(())
    }
}

/// Counts a text message of this month; `false`: there is no money left for it. From four fifths on the
/// operator is told.
pub(in crate::flows) async fn text_message(ports: &Ports) -> Result<bool, FlowError> {
    let Some(most) = ports.recovery.sms else {
        return Ok(false);
    };
    let key = BudgetKey::of(&ports.keys, BudgetOf::Global, "text message", &[]);
    let budgets = &ports.recovery.budgets;
    let allowed = budgets.spend(&key, &[rule(most, MONTH)]).await?;
    let alarm = most.saturating_sub(most / 5);
    if !allowed || !budgets.would_allow(&key, &[rule(alarm, MONTH)]).await? {
        tracing::warn!(
            event = "text_messages_nearly_spent",
            most,
            allowed,
            "the text messages of this month are nearly spent"
        );
        let event = ports.event(Event::TextMessagesSpent).by(Actor::Server);
        ports.audit.record(match allowed {
            true => event,
            false => event.refused("MONTH"),
        });
    }
    Ok(allowed)
}
