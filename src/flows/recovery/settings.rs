//! What a realm says about recovery: what people are asked, where letters go, who gets none.

use std::net::IpAddr;
use std::time::Duration;

use ipnet::IpNet;

use crate::base::names::EmailAddress;
use crate::base::texts::Texts;
use crate::directory::filter::Filter;
use crate::tickets::{BudgetRule, LONGEST_LIFE, MintBudget};

/// Recovery in one realm.
#[derive(Debug, Clone)]
pub struct RecoverySettings {
    pub ask: AskFor,
    /// Where letters go, the best first. Without any, nobody recovers here by himself.
    pub addresses: Vec<RecoveryAddress>,
    /// How long a link lives (SEC-14).
    pub lifetime: Duration,
    /// Letters of one account.
    pub budget: MintBudget,
    /// Text messages of one account.
    pub sms_budget: MintBudget,
    pub network: NetworkBudget,
    /// Requests that are worked on within an hour; the others wait.
    pub requests_an_hour: u32,
    pub eligible: Eligible,
    /// Where accounts are activated.
    pub activation: Option<String>,
    pub sender: SenderSettings,
    /// Stands for the leading 0 of a telephone number.
    pub country: String,
}

/// What the form asks for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum AskFor {
    #[default]
    IdentifierOrEmail,
    Identifier,
    Email,
    /// The identifier and a validated address of it (S3-12).
    Both,
}

impl AskFor {
    /// Whether the form has a field for an identifier, beside or instead of an address.
    pub fn identifier(self) -> bool {
        self != AskFor::Email
    }
}

/// An attribute that holds addresses or numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecoveryAddress {
    pub attribute: String,
    pub trust: Trust,
    pub kind: Kind,
}

/// How far a value is known to be its person's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Trust {
    /// Proved by the person.
    Validated,
    /// Given by the institution: letters go there where nothing is proved. It may lie behind the very
    /// password that is lost.
    Institution,
    /// Said and never proved: no link ever goes there.
    Unvalidated,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Mail,
    Sms,
}

/// Whom links are refused, by filters on their entries.
#[derive(Debug, Clone, Default)]
pub struct Eligible {
    /// Administrators and their like: by the console only (SEC-48).
    pub protected: Option<Filter>,
    /// Has a second factor elsewhere, which a link would go round (SEC-51).
    pub second_factor: Option<Filter>,
    /// Temporary accounts get no letter at all (S3-01).
    pub temporary: Option<Filter>,
    /// Signs in elsewhere, with a password that is not ours (SX-05).
    pub federated: Option<Filter>,
    pub federated_at: Vec<Elsewhere>,
}

impl Eligible {
    /// The attributes that must be read for it.
    pub fn attributes(&self) -> Vec<String> {
        let all = [
            &self.protected,
            &self.second_factor,
            &self.temporary,
            &self.federated,
        ];
        let filters = all.into_iter().flatten();
        filters.flat_map(|filter| filter.attributes()).collect()
    }
}

/// Another place where a password is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Elsewhere {
    pub name: Texts,
    pub url: String,
}

/// Who writes letters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SenderSettings {
    pub name: Texts,
    pub address: EmailAddress,
    pub reply_to: Option<EmailAddress>,
    /// In brackets before every subject; the institution's short name without it.
    pub brand: Option<Texts>,
    pub signature: Option<Texts>,
}

/// Forms that one network may send (SEC-61).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NetworkBudget {
    /// From an IPv4 address or a /64; as many again if people prove to be some.
    pub an_hour: u32,
    /// Codes that are typed, right or wrong.
    pub codes_an_hour: u32,
    /// Where whole schools share an address.
    pub schools: Vec<IpNet>,
    /// What is allowed there is so many times more.
    pub factor: u32,
}

impl NetworkBudget {
    pub fn limit(&self, from: IpAddr) -> u32 {
        self.times(from).saturating_mul(self.an_hour)
    }

    fn times(&self, from: IpAddr) -> u32 {
        let from = from.to_canonical();
        match self.schools.iter().any(|school| school.contains(&from)) {
            true => self.factor,
            false => 1,
        }
    }
}

impl NetworkBudget {
    /// Codes typed within an hour, right or wrong.
    pub fn codes(&self, from: IpAddr) -> BudgetRule {
        BudgetRule {
            limit: self.times(from).saturating_mul(self.codes_an_hour),
            window: Duration::from_secs(3600),
        }
    }
}

impl Default for NetworkBudget {
    fn default() -> NetworkBudget {
        NetworkBudget {
            an_hour: 20,
            codes_an_hour: 200,
            schools: Vec::new(),
            factor: 50,
        }
    }
}

impl RecoverySettings {
    /// With everything as it is by default.
    pub fn new(addresses: Vec<RecoveryAddress>, sender: SenderSettings) -> RecoverySettings {
        RecoverySettings {
            ask: AskFor::default(),
            addresses,
            lifetime: LONGEST_LIFE,
            budget: MintBudget::MAIL,
            sms_budget: MintBudget::SMS,
            network: NetworkBudget::default(),
            requests_an_hour: 1000,
            eligible: Eligible::default(),
            activation: None,
            sender,
            country: "33".to_owned(),
        }
    }

    /// Attributes whose mailboxes may be sent links.
    pub fn mailboxes(&self) -> impl Iterator<Item = &RecoveryAddress> {
        self.addresses
            .iter()
            .filter(|one| one.kind == Kind::Mail && one.trust != Trust::Unvalidated)
    }

    /// Every attribute that must be read of a person for recovery.
    pub fn attributes(&self) -> Vec<String> {
        let addresses = self.addresses.iter().map(|one| one.attribute.clone());
        addresses.chain(self.eligible.attributes()).collect()
    }
}
