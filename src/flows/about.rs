//! What a person's new password must not be made of, as far as their entry and their institution say.

use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::base::clock::Timestamp;
use crate::directory::Person;
use crate::passwords::policy::AboutPerson;
use crate::realms::Institution;

const LOGINS: [&str; 5] = [
    "uid",
    "supannAliasLogin",
    "sAMAccountName",
    "eduPersonPrincipalName",
    "ENTPersonLogin",
];

const NAMES: [&str; 6] = [
    "givenName",
    "sn",
    "cn",
    "displayName",
    "supannPrenomsEtatCivil",
    "ENTPersonNomPatro",
];

const MAILS: [&str; 4] = ["mail", "mailLocalAddress", "supannAutreMail", "supannMailPerso"];

/// SUPANN, schac, ENT: the day as `20100512`, `2010-05-12` or `12/05/2010`.
const BIRTHS: [&str; 3] = [
    "supannOIDCDateDeNaissance",
    "schacDateOfBirth",
    "ENTPersonDateNaissance",
];

/// The attributes that must be read of people wherever a new password is judged (SEC-72). No service gets
/// one that its own list does not name.
pub fn told_by() -> impl Iterator<Item = &'static str> {
    let all = LOGINS.iter().chain(&NAMES).chain(&MAILS).chain(&BIRTHS);
    all.copied()
}

/// What the entry says at `now`; an attribute that is not read says nothing.
pub fn about(person: &Person, institution: Option<&Institution>, now: Timestamp) -> AboutPerson {
    let texts = |names: &[&str]| -> Vec<String> {
        let values = names.iter().flat_map(|name| person.attributes.texts(name));
        values.map(str::to_owned).collect()
    };
    let mut logins = texts(&LOGINS);
    logins.push(person.login.clone());
    let place = institution.into_iter().flat_map(|institution| {
        let short = institution.short_names.iter().map(|name| &**name);
        let names = institution.name.all().chain(short);
        names.chain(institution.town.as_deref())
    });
    AboutPerson {
        logins,
        names: texts(&NAMES),
        mails: texts(&MAILS),
        born: texts(&BIRTHS).iter().find_map(|text| day(text)),
        place: place.map(str::to_owned).collect(),
        year: year(now),
    }
}

/// The day in a text of the directory.
pub(super) fn day(text: &str) -> Option<Date> {
    let first = |length| text.get(..length).unwrap_or(text);
    [("%Y-%m-%d", 10), ("%d/%m/%Y", 10), ("%Y%m%d", 8)]
        .into_iter()
        .find_map(|(form, length)| Date::strptime(form, first(length)).ok())
}

fn year(now: Timestamp) -> Option<i16> {
    let millis = i64::try_from(now.0).ok()?;
    let instant = jiff::Timestamp::from_millisecond(millis).ok()?;
    Some(instant.to_zoned(TimeZone::UTC).year())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use jiff::civil::date;

    use super::*;
    use crate::base::names::{InstitutionId, PersonKey, RealmId};
    use crate::base::texts::Texts;
    use crate::directory::state::StateRules;
    use crate::directory::{AttributeValue, Attributes, EntryName};

    #[test]
    fn names_logins_addresses_birth_and_school_come_from_the_entry() {
        // SEC-72
        let mut attributes = Attributes::default();
        for (name, value) in [
            ("uid", "c.dupont"),
            ("supannAliasLogin", "camille2"),
            ("sn", "Dupont"),
            ("mail", "camille@example.org"),
            ("schacDateOfBirth", "20100512"),
        ] {
            attributes.add(name, [AttributeValue::Text(value.to_owned())]);
        }
        let state = StateRules::default().state_of(&attributes, crate::base::clock::Timestamp(0));
        let person = Person {
            key: PersonKey("k".to_owned()),
            entry: EntryName("uid=c".to_owned()),
            login: "c.dupont".to_owned(),
            state,
            attributes,
        };
        let realm = RealmId::new("campus").unwrap();
        let names = Texts::new(BTreeMap::from([("fr".to_owned(), "Collège Melchior".to_owned())]));
        let mut school = Institution::new(InstitutionId::new("melchior").unwrap(), realm, names);
        school.town = Some("Bastelica".into());
        let about = about(&person, Some(&school), Timestamp(1_795_000_000_000));
        assert!(about.logins.contains(&"camille2".to_owned()));
        assert_eq!(
            (about.names, about.mails),
            (vec!["Dupont".to_owned()], vec!["camille@example.org".to_owned()])
        );
        assert_eq!(about.born, Some(date(2010, 5, 12)));
        assert_eq!(about.place, ["Collège Melchior", "Bastelica"]);
        assert_eq!(about.year, Some(2026));
    }

    #[test]
    fn a_day_is_read_in_the_ways_directories_write_it() {
        for text in [
            "20100512",
            "2010-05-12",
            "12/05/2010",
            "2010-05-12T00:00:00Z",
            "20100512000000Z",
        ] {
            assert_eq!(day(text), Some(date(2010, 5, 12)), "{text}");
        }
        assert_eq!(day("inconnue"), None);
    }
}
