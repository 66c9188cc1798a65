//! What makes a realm, apart from its directory.

use std::time::Duration;

use super::banner::Banner;
use super::captcha::CaptchaRule;
use super::delegation::Delegation;
use super::trusted_header::TrustedHeader;
use crate::base::names::{InstitutionId, Locale, RealmId, ThemeName, UpstreamId};
pub use crate::base::texts::Texts;

/// Whom to ask when the machine cannot help.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Contact {
    pub name: Texts,
    pub mail: Option<String>,
    pub phone: Option<String>,
    pub url: Option<String>,
}

/// Links a public service must show.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LegalLinks {
    pub accessibility: Option<String>,
    /// What that statement declares.
    pub conformity: Conformity,
    pub legal_notice: Option<String>,
    pub privacy: Option<String>,
    /// Percent of the criteria met, for the statement that we show where there is no link.
    pub conformity_rate: Option<u8>,
    /// What is not accessible.
    pub gaps: Texts,
    /// When the statement was made.
    pub stated_on: Option<jiff::civil::Date>,
}

/// How far a site meets its accessibility standard, by its own statement (RGAA 4.1).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Conformity {
    Full,
    Partial,
    #[default]
    None,
}

/// A link of the public page, for some people more than for others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Guide {
    pub audience: Audience,
    pub name: Texts,
    /// http or https.
    pub url: String,
}

/// For whom a guide is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Audience {
    #[default]
    Everybody,
    Pupils,
    Parents,
    Students,
    Teachers,
    Staff,
}

/// How long sessions and tickets of a realm live.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lifetimes {
    /// A session unused this long ends (CAS-112).
    pub idle: Duration,
    /// A session ends then however much it is used.
    pub longest: Duration,
    /// A service ticket waits this long for its validation, unless its service says otherwise
    /// (CAS-107).
    pub service_ticket: Duration,
    /// Attributes older than this are read again at a single-sign-on entry and when a proxy asks for
    /// a ticket.
    pub record: Duration,
}

impl Default for Lifetimes {
    fn default() -> Lifetimes {
        Lifetimes {
            idle: Duration::from_secs(2 * 3600),
            longest: Duration::from_secs(8 * 3600),
            service_ticket: Duration::from_secs(30),
            record: Duration::from_secs(300),
        }
    }
}

/// One population of people: its rules, languages and words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Realm {
    pub id: RealmId,
    pub name: Texts,
    /// The suffix of scoped user names: `univ-x.fr`.
    pub scope: Option<String>,
    /// Languages offered, the first is the default.
    pub languages: Vec<Locale>,
    pub lifetimes: Lifetimes,
    pub contact: Contact,
    pub legal: LegalLinks,
    pub captcha: CaptchaRule,
    /// What people of this realm call their login, as a label and a hint.
    pub username_hint: Texts,
    /// The name of the theme its pages wear, when it is not the server's.
    pub theme: Option<ThemeName>,
    /// What its pages announce: maintenance, an incident.
    pub banner: Option<Banner>,
    /// IANA name of the zone its pages show times in, when it is not the server's.
    pub time_zone: Option<String>,
    /// Links of its public page.
    pub guides: Vec<Guide>,
    /// Other servers by whose word its people may come, in the order of their buttons.
    pub delegations: Vec<Delegation>,
    /// A proxy by whose word they come in without a form.
    pub trusted_header: Option<TrustedHeader>,
}

impl Realm {
    /// What the people of an institution may sign in with.
    pub fn delegations_of<'a>(
        &'a self,
        institution: &'a InstitutionId,
    ) -> impl Iterator<Item = &'a Delegation> {
        let offered = |one: &&Delegation| one.is_offered_to(institution);
        self.delegations.iter().filter(offered)
    }

    pub fn delegation<'a>(
        &'a self,
        institution: &'a InstitutionId,
        upstream: &UpstreamId,
    ) -> Option<&'a Delegation> {
        self.delegations_of(institution)
            .find(|one| one.upstream == *upstream)
    }
}
