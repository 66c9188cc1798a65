//! New passwords and attributes of a person in the file: what is refused, and how the generation
//! kept in the entry lets one of several writers through. The bytes on disk are `write`'s work.

use super::LdifDirectory;
use super::parse::Record;
use super::people::{self, Entry};
use super::write::Decision;
use crate::base::clock::Timestamp;
use crate::base::names::PersonKey;
use crate::base::secret::Password;
use crate::directory::mapping::{is_secret, without_options};
use crate::directory::person::Attributes;
use crate::directory::rewriting::{Stand, rewritten};
use crate::directory::{
    Demand, Demanded, Directory, DirectoryError, GENERATION, Guard, Manner, PasswordRefusal, PasswordWrite,
    Rewrite, Written, Wrote, locked_by_staff,
};
use crate::passwords::hashes::{self, Verdict};

/// The generation, and a fingerprint of the stored hashes: an operator who edits the file moves it
/// too.
pub fn guard_of(entry: &Entry) -> Guard {
    guard(&entry.attributes, &entry.passwords)
}

fn guard(attributes: &Attributes, passwords: &[Vec<u8>]) -> Guard {
    let generation = attributes.first_text(GENERATION).unwrap_or("-");
    let print = hashes::fingerprint(&passwords.join(&0));
    Guard(format!("{generation}|{print}").into_bytes())
}

fn passwords_of(record: &Record) -> Vec<Vec<u8>> {
    let is_password = |name: &str| without_options(name).eq_ignore_ascii_case("userPassword");
    let values = record.values.iter().filter(|value| is_password(&value.attribute));
    values.map(|value| value.bytes.clone()).collect()
}

impl LdifDirectory {
    pub(super) async fn new_password(&self, write: &PasswordWrite<'_>) -> Result<Wrote, DirectoryError> {
        let Some(salts) = self.salts.clone() else {
            return Err(DirectoryError::NotWritable);
        };
        if let Manner::Change { current } = write.manner
            && let Some(refused) = self.refuses_current(write.key, current).await?
        {
            return Ok(refused);
        }
        let fresh = write.new.clone();
        let work = move || hashes::argon2id(fresh.as_typed().as_bytes(), salts.as_ref());
        let unmade =
            |what: String| DirectoryError::Unreadable(format!("a password cannot be hashed: {what}"));
        let hash = self.computing.run(work).await;
        let hash = hash.map_err(|_| DirectoryError::Crowded)?;
        let hash = hash.map_err(|error| unmade(error.to_string()))?;
        let expected = write.guard.cloned();
        let now = self.clock.now();
        let decide = move |record: Option<&Record>| decide(record, expected.as_ref(), (hash, now));
        self.locked(write.key, decide).await
    }

    async fn refuses_current(
        &self,
        key: &PersonKey,
        current: &Password,
    ) -> Result<Option<Wrote>, DirectoryError> {
        let people = self.refresh().await;
        let stored = match people.with_key(key) {
            None => return Ok(Some(Wrote::Gone)),
            Some(entry) => entry.passwords.clone(),
        };
        let verdicts = self.compare(stored, current).await?;
        let refused = Wrote::Refused(PasswordRefusal::WrongCurrent, None);
        Ok((!verdicts.contains(&Verdict::Right)).then_some(refused))
    }

    pub(super) async fn new_attributes(
        &self,
        key: &PersonKey,
        changes: &[(String, Rewrite)],
    ) -> Result<Written, DirectoryError> {
        if self.salts.is_none() {
            return Err(DirectoryError::NotWritable);
        }
        if changes.iter().any(|(name, _)| is_secret(name)) {
            return Ok(Written::NotAllowed);
        }
        let changes = changes.to_vec();
        let decide = move |record: Option<&Record>| {
            let Some(record) = record else {
                return Decision::Leave(Written::Gone);
            };
            let attributes = people::attributes_of(record);
            let mut edits = Vec::new();
            for (name, rewrite) in changes {
                match rewritten(&attributes, &name, rewrite) {
                    Stand::Moved => return Decision::Leave(Written::Moved),
                    Stand::Values(values) => edits.push((name, values)),
                }
            }
            Decision::Edit(edits, Written::Done)
        };
        self.locked(key, decide).await
    }
}

/// By what people are made to choose another password: as far as the realm's rules look at it.
const DEMANDS: [(&str, &str); 2] = [("pwdReset", "TRUE"), ("shadowLastChange", "0")];

impl LdifDirectory {
    pub(super) fn own_demand(&self) -> Option<Demand> {
        let looked_at = self.mapping.state_rules.attributes();
        let seen = |name: &str| looked_at.iter().any(|known| known.eq_ignore_ascii_case(name));
        let (attribute, value) = DEMANDS.into_iter().find(|(name, _)| seen(name))?;
        Some(Demand { attribute, value })
    }

    pub(super) async fn new_demand(&self, key: &PersonKey) -> Result<Demanded, DirectoryError> {
        let demand = self.demand().ok_or(DirectoryError::NotWritable)?;
        let decide = move |record: Option<&Record>| {
            let Some(record) = record else {
                return Decision::Leave(Demanded::Gone);
            };
            if people::attributes_of(record).first_text(demand.attribute) == Some(demand.value) {
                return Decision::Leave(Demanded::Already);
            }
            let value = demand.value.as_bytes().to_vec();
            Decision::Edit(vec![(demand.attribute.to_owned(), vec![value])], Demanded::Done)
        };
        self.locked(key, decide).await
    }

    pub(super) async fn no_demand(
        &self,
        key: &PersonKey,
        before: &[String],
    ) -> Result<Written, DirectoryError> {
        let demand = self.demand().ok_or(DirectoryError::NotWritable)?;
        let before: Vec<Vec<u8>> = before.iter().map(|value| value.clone().into_bytes()).collect();
        let decide = move |record: Option<&Record>| {
            let Some(record) = record else {
                return Decision::Leave(Written::Gone);
            };
            match people::attributes_of(record).first_text(demand.attribute) {
                Some(value) if value == demand.value => {
                    Decision::Edit(vec![(demand.attribute.to_owned(), before)], Written::Done)
                }
                _ => Decision::Leave(Written::Moved),
            }
        };
        self.locked(key, decide).await
    }
}

fn decide(
    record: Option<&Record>,
    expected: Option<&Guard>,
    (hash, now): (String, Timestamp),
) -> Decision<Wrote> {
    let Some(record) = record else {
        return Decision::Leave(Wrote::Gone);
    };
    let (attributes, passwords) = (people::attributes_of(record), passwords_of(record));
    if expected.is_some_and(|expected| *expected != guard(&attributes, &passwords)) {
        return Decision::Leave(Wrote::Moved);
    }
    let refused = |why| Decision::Leave(Wrote::Refused(why, None));
    if passwords.iter().any(|stored| hashes::is_pass_through(stored)) {
        return refused(PasswordRefusal::PassThrough);
    }
    let marked = |stored: &Vec<u8>| hashes::verify(stored, b"") == Verdict::Locked;
    if locked_by_staff(&attributes) || passwords.iter().any(marked) {
        return refused(PasswordRefusal::NotAllowed);
    }
    let generation = attributes
        .first_text(GENERATION)
        .and_then(|text| text.parse::<u64>().ok());
    let next = generation.unwrap_or_default().saturating_add(1).to_string();
    let mut edits = vec![
        ("userPassword".to_owned(), vec![hash.into_bytes()]),
        (GENERATION.to_owned(), vec![next.into_bytes()]),
        // Who has just chosen a password need not choose again (SEC-79), and is locked no longer.
        ("pwdReset".to_owned(), Vec::new()),
        ("pwdAccountLockedTime".to_owned(), Vec::new()),
        // As a directory notes it: passwords may have an age (S5-09).
        ("pwdChangedTime".to_owned(), vec![generalized(now).into_bytes()]),
    ];
    if attributes.first_text("shadowLastChange").is_some() {
        let days = (now.0 / 86_400_000).to_string();
        edits.push(("shadowLastChange".to_owned(), vec![days.into_bytes()]));
    }
    Decision::Edit(edits, Wrote::Done)
}

/// `20261127081500Z` (RFC 4517 §3.3.13).
fn generalized(at: Timestamp) -> String {
    let mut text = at.to_rfc3339();
    text.retain(|c| c.is_ascii_digit() || c == 'Z');
    text
}
