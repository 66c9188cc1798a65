//! What a realm says about recovery: what people are asked, where letters go, who gets none.

use std::net::IpAddr;
use std::time::Duration;

use ipnet::IpNet;

use crate::base::names::EmailAddress;
use crate::base::texts::Texts;
use crate::directory::filter::Filter;
use crate::directory::{Attributes, SECOND_FACTOR};
use crate::realms::Letterhead;
use crate::tickets::{BudgetRule, LONGEST_LIFE, MintBudget};

/// Recovery in one realm.
#[derive(Debug, Clone)]
pub struct RecoverySettings {
    pub ask: AskFor,
    /// Where letters go, the best first. Without any, nobody recovers here by himself.
    pub addresses: Vec<RecoveryAddress>,
    /// By what people may say who they are, beside their login and their mailboxes (S1-02).
    pub known_by: Vec<KnownBy>,
    /// What a mailbox of several people is sent.
    pub shared: SharedMailbox,
    /// How an identifier is found without an address; absent where it is not.
    pub who: Option<WhoSettings>,
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

/// An attribute by which people are found when they ask. Letters go to their mailboxes all the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownBy {
    pub attribute: String,
    pub kind: Known,
}

/// How values of it are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Known {
    /// As the directory does; a value of two people is nobody’s (SEC-46).
    Text,
    /// As addresses (SEC-41); who shares one is written to as well.
    Mail,
    /// As telephone numbers, however they are written.
    Phone,
}

/// What a mailbox of several people is sent (S2-18).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum SharedMailbox {
    /// A block with a link for each account.
    #[default]
    List,
    /// One link; its page asks for the username (S2-16).
    AskUsername,
}

/// « Qui suis-je »: what a person without an identifier and without an address knows (S3-09). Each must
/// fit; attributes of one list are alternatives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WhoSettings {
    pub names: Vec<String>,
    pub births: Vec<String>,
    /// INE, student number.
    pub numbers: Vec<String>,
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
        let named = filters.flat_map(|filter| filter.attributes());
        named.chain([SECOND_FACTOR.to_owned()]).collect()
    }

    /// Whether a second factor guards the account: by the realm's filter, or as our own class says it.
    pub fn has_second_factor(&self, entry: &Attributes) -> bool {
        let elsewhere = self.second_factor.as_ref();
        elsewhere.is_some_and(|filter| filter.matches(entry)) || !entry.values(SECOND_FACTOR).is_empty()
    }
}

/// Another place where a password is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Elsewhere {
    pub name: Texts,
    pub url: String,
}

impl WhoSettings {
    fn attributes(&self) -> impl Iterator<Item = String> + '_ {
        let all = self.names.iter().chain(&self.births).chain(&self.numbers);
        all.cloned()
    }
}

/// Who writes letters, where an institution has nothing of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SenderSettings {
    pub address: EmailAddress,
    pub letterhead: Letterhead,
}

/// How long the code of a text message is good, whatever the realm's links live (design ruling “lifetimes”).
pub const SMS_LIFETIME: Duration = Duration::from_secs(600);

/// In which language somebody would be written to whom no page of theirs asked for (RFC 2798).
pub const LANGUAGE: &str = "preferredLanguage";

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
            known_by: Vec::new(),
            shared: SharedMailbox::default(),
            who: None,
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
        let known_by = self.known_by.iter().map(|one| one.attribute.clone());
        let who = self.who.iter().flat_map(WhoSettings::attributes);
        let all = addresses.chain(known_by).chain(who);
        all.chain(self.eligible.attributes())
            .chain([LANGUAGE.to_owned()])
            .collect()
    }

    /// Whether a code can be sent by text message, as far as the realm goes.
    pub fn has_phones(&self) -> bool {
        let mut addresses = self.addresses.iter();
        addresses.any(|one| one.kind == Kind::Sms && one.trust != Trust::Unvalidated)
    }
}
