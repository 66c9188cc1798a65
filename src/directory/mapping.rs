//! How a directory's entries become people: which attribute is the login, which the identity, what
//! is read. Shared by every adapter, so that an entry means the same wherever it is kept.

use super::filter::{Filter, is_attribute_name};
use super::person::{AttributeValue, Attributes, EntryName, Person};
use super::state::StateRules;
use crate::base::clock::Timestamp;
use crate::base::names::{PersonKey, Username};

/// What is read of a person when the configuration names no attributes.
pub const USUAL_ATTRIBUTES: [&str; 12] = [
    "uid",
    "cn",
    "sn",
    "givenName",
    "displayName",
    "mail",
    "memberOf",
    "eduPersonPrincipalName",
    "eduPersonAffiliation",
    "eduPersonPrimaryAffiliation",
    "supannEtablissement",
    "supannCivilite",
];

/// Attributes that hold passwords or keys: never read into a person, whoever asks.
const SECRET_ATTRIBUTES: [&str; 9] = [
    "userpassword",
    "unicodepwd",
    "authpassword",
    "sambantpassword",
    "sambalmpassword",
    "krbprincipalkey",
    "ipanthash",
    "pwdhistory",
    "passwordhistory",
];

/// A setting that cannot be used, and what to write instead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettingProblem {
    /// The setting's name within the directory's section.
    pub key: &'static str,
    pub problem: String,
}

impl SettingProblem {
    pub fn new(key: &'static str, problem: impl Into<String>) -> SettingProblem {
        SettingProblem {
            key,
            problem: problem.into(),
        }
    }
}

/// From entries to people.
#[derive(Debug, Clone)]
pub struct EntryMapping {
    /// Tried in this order; the first that finds someone ends the search. The first is also the
    /// canonical login.
    pub login_attributes: Vec<String>,
    /// The unchanging key: `entryUUID`, `objectGUID` or `nsUniqueId`.
    pub subject_attribute: String,
    /// What is read beside logins, key and what the state rules look at.
    pub attributes: Vec<String>,
    /// What is read for our own use: recovery addresses and their state, marks of second factors.
    /// A person's attributes hold these too; a service gets them only if its own list names them.
    pub own: Vec<String>,
    /// Entries outside this filter do not exist for the realm.
    pub user_filter: Option<Filter>,
    pub state_rules: StateRules,
}

impl Default for EntryMapping {
    fn default() -> EntryMapping {
        EntryMapping {
            login_attributes: vec!["uid".to_owned()],
            subject_attribute: "entryUUID".to_owned(),
            attributes: USUAL_ATTRIBUTES.map(str::to_owned).to_vec(),
            own: Vec::new(),
            user_filter: None,
            state_rules: StateRules::default(),
        }
    }
}

impl EntryMapping {
    pub fn problems(&self) -> Vec<SettingProblem> {
        let mut problems = Vec::new();
        if self.login_attributes.is_empty() {
            let text = "nobody can be found without a login attribute; write [\"uid\"]";
            problems.push(SettingProblem::new("login_attributes", text));
        }
        let subject = std::slice::from_ref(&self.subject_attribute);
        for (key, names) in [
            ("login_attributes", self.login_attributes.as_slice()),
            ("subject_attribute", subject),
            ("attributes", &self.attributes),
            ("own", &self.own),
        ] {
            for name in names {
                if !is_attribute_name(name) {
                    let text = format!("“{name}” is not the name of an attribute; write one such as \"uid\"");
                    problems.push(SettingProblem::new(key, text));
                } else if is_secret(name) {
                    let text = format!("{name} holds passwords and is never read; leave it out");
                    problems.push(SettingProblem::new(key, text));
                }
            }
        }
        if let Some(name) = self.state_rules.attributes().iter().find(|name| is_secret(name)) {
            let text = format!(
                "a rule looks at {name}, which is never read; let it look at an attribute that tells the same"
            );
            problems.push(SettingProblem::new("state_rules", text));
        }
        problems
    }

    /// The attributes to ask for, each once, in the spelling of the configuration.
    pub fn wanted(&self) -> Vec<String> {
        let mut wanted: Vec<String> = Vec::new();
        let state = self.state_rules.attributes();
        let names = self
            .login_attributes
            .iter()
            .chain([&self.subject_attribute])
            .chain(&self.attributes)
            .chain(&self.own)
            .chain(&state);
        for name in names {
            if !is_secret(name) && !wanted.iter().any(|known| known.eq_ignore_ascii_case(name)) {
                wanted.push(name.clone());
            }
        }
        wanted
    }

    /// The people whose `attribute` is `login`.
    pub fn login_filter(&self, attribute: &str, login: &Username) -> Filter {
        Filter::equal(attribute, login.as_str()).and(self.user_filter.as_ref())
    }

    /// The people whose `attribute` has `value`; `None` when the one cannot be an attribute or the
    /// other says nothing.
    pub fn join_filter(&self, attribute: &str, value: &str) -> Option<Filter> {
        let sound = is_attribute_name(attribute) && !is_secret(attribute) && !value.trim().is_empty();
        sound.then(|| Filter::equal(attribute, value.trim()).and(self.user_filter.as_ref()))
    }

    /// The person with this key; `None` when `key` cannot be one.
    pub fn key_filter(&self, key: &PersonKey) -> Option<Filter> {
        let value = if self.has_guid() {
            guid_bytes(&key.0)?.to_vec()
        } else {
            key.0.as_bytes().to_vec()
        };
        let filter = Filter::Equal(self.subject_attribute.clone(), value);
        Some(filter.and(self.user_filter.as_ref()))
    }

    /// The key of an entry; `None` when the entry has none.
    pub fn key_of(&self, entry: &Attributes) -> Option<PersonKey> {
        let bytes = match entry.values(&self.subject_attribute).first()? {
            AttributeValue::Text(text) => text.as_bytes(),
            AttributeValue::Bytes(bytes) => bytes,
        };
        if self.has_guid() {
            return Some(PersonKey(guid_text(bytes.try_into().ok()?)));
        }
        let text = std::str::from_utf8(bytes).ok()?.trim();
        (!text.is_empty()).then(|| PersonKey(text.to_ascii_lowercase()))
    }

    /// The person that an entry describes, judged at `now`, with the attributes of `wanted` (see
    /// [`EntryMapping::wanted`]); an error names what the entry lacks.
    pub fn person(
        &self,
        name: EntryName,
        entry: &Attributes,
        wanted: &[String],
        now: Timestamp,
    ) -> Result<Person, String> {
        let key = self
            .key_of(entry)
            .ok_or_else(|| format!("{name} has no readable {}", self.subject_attribute))?;
        let login = self
            .login_attributes
            .iter()
            .find_map(|attribute| entry.first_text(attribute))
            .ok_or_else(|| format!("{name} has none of the login attributes"))?;
        let mut attributes = Attributes::default();
        for name in wanted {
            let values = entry.values(name);
            if !values.is_empty() {
                attributes.add(name, values.iter().cloned());
            }
        }
        Ok(Person {
            key,
            entry: name,
            login: login.to_owned(),
            state: self.state_rules.state_of(entry, now),
            attributes,
        })
    }

    fn has_guid(&self) -> bool {
        self.subject_attribute.eq_ignore_ascii_case("objectGUID")
    }
}

/// The base name of an attribute description: `cn;lang-fr` is `cn`.
pub fn without_options(description: &str) -> &str {
    description.split(';').next().unwrap_or(description)
}

pub fn is_secret(name: &str) -> bool {
    let base = without_options(name).to_ascii_lowercase();
    SECRET_ATTRIBUTES.contains(&base.as_str())
}

/// Whether it holds passwords of before.
pub fn remembers_passwords(name: &str) -> bool {
    let base = without_options(name).to_ascii_lowercase();
    matches!(base.as_str(), "pwdhistory" | "passwordhistory")
}

/// The order in which AD's objectGUID stores the bytes of a UUID's text: three little-endian
/// numbers, then eight bytes as they are.
const GUID_ORDER: [usize; 16] = [3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15];

fn guid_text(bytes: &[u8; 16]) -> String {
    let mut text = String::with_capacity(36);
    for (position, from) in GUID_ORDER.iter().enumerate() {
        if matches!(position, 4 | 6 | 8 | 10) {
            text.push('-');
        }
        let byte = bytes.get(*from).copied().unwrap_or_default();
        text.push_str(&format!("{byte:02x}"));
    }
    text
}

fn guid_bytes(text: &str) -> Option<[u8; 16]> {
    let digits: Vec<char> = text.chars().filter(|c| *c != '-').collect();
    if digits.len() != 32 {
        return None;
    }
    let mut bytes = [0u8; 16];
    for (pair, to) in digits.chunks_exact(2).zip(GUID_ORDER) {
        let [high, low] = pair else { return None };
        let byte = high.to_digit(16)? * 16 + low.to_digit(16)?;
        *bytes.get_mut(to)? = u8::try_from(byte).ok()?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_object_guid_is_read_in_its_mixed_order_and_written_back() {
        let bytes: [u8; 16] = std::array::from_fn(|i| i as u8);
        let text = "03020100-0504-0706-0809-0a0b0c0d0e0f";
        assert_eq!(guid_text(&bytes), text);
        assert_eq!(guid_bytes(text), Some(bytes));
        assert_eq!(guid_bytes("03020100"), None);
        let mapping = EntryMapping {
            subject_attribute: "objectguid".into(),
            ..EntryMapping::default()
        };
        let mut entry = Attributes::default();
        entry.add("objectGUID", [AttributeValue::from_bytes(bytes.to_vec())]);
        assert_eq!(mapping.key_of(&entry), Some(PersonKey(text.into())));
        assert_eq!(
            mapping.key_filter(&PersonKey(text.into())),
            Some(Filter::Equal("objectguid".into(), bytes.to_vec()))
        );
    }

    #[test]
    fn the_login_is_the_entrys_and_passwords_are_never_read() {
        // CAS-73
        let mapping = EntryMapping {
            attributes: vec!["CN".into(), "userPassword".into()],
            ..EntryMapping::default()
        };
        let mut entry = Attributes::default();
        for (name, value) in [
            ("uid", "Camille.Dupont"),
            ("entryUUID", "B0DD-1"),
            ("cn", "Camille"),
            ("userPassword", "{SSHA}x"),
            ("jpegPhoto", "x"),
        ] {
            entry.add(name, [AttributeValue::Text(value.into())]);
        }
        let person = mapping
            .person(EntryName("uid=c".into()), &entry, &mapping.wanted(), Timestamp(0))
            .unwrap();
        assert_eq!(person.login, "Camille.Dupont");
        assert_eq!(person.key, PersonKey("b0dd-1".into()));
        let names: Vec<&str> = person.attributes.iter().map(|(name, _)| name).collect();
        assert_eq!(names, ["CN", "entryUUID", "uid"]);
        assert!(!mapping.wanted().iter().any(|name| name == "userPassword"));
        assert_eq!(mapping.problems().len(), 1);
    }
}
