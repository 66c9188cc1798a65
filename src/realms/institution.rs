//! One institution: what a person picks. There are tens of thousands of them, so what few have is
//! kept apart and what many share is kept once.

use std::collections::HashMap;
use std::sync::Arc;

use super::banner::Banner;
use super::departement::Departement;
use super::letterhead::Letterhead;
use super::logo::Logo;
use super::realm::{Contact, Realm, Texts};
use crate::base::names::{InstitutionId, Locale, RealmId, ThemeName};
use crate::base::uai::Uai;

/// What a person picks: a school, a university, an office.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Institution {
    pub id: InstitutionId,
    pub realm: RealmId,
    pub name: Texts,
    /// Acronyms and what people say for short: `UPMC`, `Rosa-Parks`.
    pub short_names: Box<[Box<str>]>,
    /// Further words to find it by: former names, campuses.
    pub keywords: Box<[Box<str>]>,
    pub kind: InstitutionKind,
    pub state: InstitutionState,
    /// Its UAI codes, its own first.
    pub uai: Box<[Uai]>,
    /// 14 digits.
    pub siret: Option<Box<str>>,
    pub town: Option<Box<str>>,
    pub postcode: Option<Box<str>>,
    pub departement: Option<Departement>,
    /// Shared by all of one academy.
    pub academy: Option<Arc<str>>,
    pub coordinates: Option<Coordinates>,
    /// What follows the @ in its people's addresses, in lower case.
    pub mail_domains: Box<[Box<str>]>,
    /// Host names under which this institution is served; `*.` at the start stands for any labels.
    pub hosts: Box<[Box<str>]>,
    /// Other names that printed links use in `?tenant=`.
    pub aliases: Box<[Box<str>]>,
    /// What is its own or its group's instead of the realm's; shared where it is the group's alone.
    pub own: Option<Arc<Particulars>>,
}

impl Institution {
    /// An open institution of which nothing else is known.
    pub fn new(id: InstitutionId, realm: RealmId, name: Texts) -> Institution {
        Institution {
            id,
            realm,
            name,
            short_names: Box::default(),
            keywords: Box::default(),
            kind: InstitutionKind::Other,
            state: InstitutionState::Open,
            uai: Box::default(),
            siret: None,
            town: None,
            postcode: None,
            departement: None,
            academy: None,
            coordinates: None,
            mail_domains: Box::default(),
            hosts: Box::default(),
            aliases: Box::default(),
            own: None,
        }
    }

    /// Whether lists and searches show it to everybody.
    pub fn is_listed(&self) -> bool {
        self.state == InstitutionState::Open
    }

    /// Whether people may sign in to it.
    pub fn is_usable(&self) -> bool {
        self.state != InstitutionState::Closed
    }

    /// Whom to ask: its own contact, its group's, its realm's.
    pub fn contact<'a>(&'a self, realm: &'a Realm) -> &'a Contact {
        let own = self.own.as_ref().and_then(|own| own.contact.as_ref());
        own.unwrap_or(&realm.contact)
    }

    /// Languages offered, the default first.
    pub fn languages<'a>(&'a self, realm: &'a Realm) -> &'a [Locale] {
        let own = self.own.as_ref().and_then(|own| own.languages.as_deref());
        own.unwrap_or(&realm.languages)
    }

    /// The name of the theme its pages wear.
    pub fn theme<'a>(&'a self, realm: &'a Realm) -> Option<&'a ThemeName> {
        let own = self.own.as_ref().and_then(|own| own.theme.as_ref());
        own.or(realm.theme.as_ref())
    }

    /// What its pages announce: maintenance, an incident.
    pub fn banner<'a>(&'a self, realm: &'a Realm) -> Option<&'a Banner> {
        let own = self.own.as_ref().and_then(|own| own.banner.as_ref());
        own.or(realm.banner.as_ref())
    }

    /// What its letters say of who writes, where that is not what its realm's say.
    pub fn letterhead(&self) -> Option<&Letterhead> {
        self.own.as_ref()?.letterhead.as_ref()
    }

    /// Its own picture or its group's.
    pub fn logo(&self) -> Option<&Arc<Logo>> {
        self.own.as_ref()?.logo.as_ref()
    }
}

/// What the institutions of each group have in common.
pub type Groups = HashMap<InstitutionId, Arc<Particulars>>;

/// What an institution or a group has of its own; what is `None` is inherited.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Particulars {
    pub contact: Option<Contact>,
    pub languages: Option<Vec<Locale>>,
    pub theme: Option<ThemeName>,
    pub banner: Option<Banner>,
    pub logo: Option<Arc<Logo>>,
    pub letterhead: Option<Letterhead>,
}

impl Particulars {
    /// These of a member of `group`: shared with it where the member adds nothing.
    pub fn within(self, group: Option<&Arc<Particulars>>) -> Option<Arc<Particulars>> {
        let is_empty = self == Particulars::default();
        match group {
            Some(group) if is_empty => Some(Arc::clone(group)),
            Some(group) => Some(Arc::new(self.or(group))),
            None => (!is_empty).then(|| Arc::new(self)),
        }
    }

    /// These, with the group's wherever they say nothing.
    fn or(self, group: &Particulars) -> Particulars {
        Particulars {
            contact: self.contact.or_else(|| group.contact.clone()),
            languages: self.languages.or_else(|| group.languages.clone()),
            theme: self.theme.or_else(|| group.theme.clone()),
            banner: self.banner.or_else(|| group.banner.clone()),
            logo: self.logo.or_else(|| group.logo.clone()),
            // Line by line: a school may have its own signature under its academy's address.
            letterhead: match (self.letterhead, &group.letterhead) {
                (Some(own), Some(group)) => Some(own.or(group)),
                (own, group) => own.or_else(|| group.clone()),
            },
        }
    }
}

/// Who is shown an institution, and what it lets them do.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum InstitutionState {
    #[default]
    Open,
    /// Reached by a link that names it; in no list.
    Hidden,
    /// As hidden, and its pages say that it is for tests.
    Test,
    /// Its links answer that it is closed, and whom to ask.
    Closed,
}

/// What sort of place it is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum InstitutionKind {
    /// Nursery and primary schools.
    School,
    College,
    Lycee,
    University,
    /// Centres for apprentices.
    Cfa,
    #[default]
    Other,
}

/// A place on the globe, to a hundred-thousandth of a degree (about a metre).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Coordinates {
    latitude: i32,
    longitude: i32,
}

impl Coordinates {
    /// In degrees, north and east positive; `None` when there is no such place.
    pub fn new(latitude: f64, longitude: f64) -> Option<Coordinates> {
        let fits = (-90.0..=90.0).contains(&latitude) && (-180.0..=180.0).contains(&longitude);
        #[allow(clippy::cast_possible_truncation, reason = "at most 18,000,000 either way")]
        let whole = |degrees: f64| (degrees * 100_000.0).round() as i32;
        fits.then(|| Coordinates {
            latitude: whole(latitude),
            longitude: whole(longitude),
        })
    }

    pub fn latitude(self) -> f64 {
        f64::from(self.latitude) / 100_000.0
    }

    pub fn longitude(self) -> f64 {
        f64::from(self.longitude) / 100_000.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_institution_has_goes_before_its_groups() {
        let texts = |text: &str| {
            Some(Banner {
                text: Texts::same(text),
                from: None,
                until: None,
            })
        };
        let group = Particulars {
            theme: ThemeName::new("academy"),
            banner: texts("Travaux"),
            ..Particulars::default()
        };
        let own = Particulars {
            banner: texts("Grève"),
            ..Particulars::default()
        };
        let both = own.or(&group);
        assert_eq!(both.theme, ThemeName::new("academy"));
        assert_eq!(both.banner, texts("Grève"));
        assert_eq!((both.contact, both.languages), (None, None));
    }

    #[test]
    fn a_place_off_the_globe_is_none() {
        let brest = Coordinates::new(48.390_394, -4.486_076).unwrap();
        assert_eq!((brest.latitude(), brest.longitude()), (48.390_39, -4.486_08));
        assert_eq!(Coordinates::new(91.0, 0.0), None);
        assert_eq!(Coordinates::new(0.0, f64::NAN), None);
    }

    #[test]
    fn an_institution_stays_small() {
        // 60,000 of them are kept.
        assert!(size_of::<Institution>() <= 256, "{}", size_of::<Institution>());
    }
}
