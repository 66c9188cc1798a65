//! What people's entries on the write primary tell `mereau doctor`: how passwords are hashed, whether
//! changes of passwords are noted, what the writing account may change. Nothing is changed there: a right is
//! tried by an operation that the server is told not to carry out, with the value that is there already.

use std::collections::HashSet;

use ldap3::Mod;
use ldap3::controls::RawControl;

use super::super::connection::Connection;
use super::super::entry::ReadEntry;
use super::super::fault::Fault;
use super::super::inspect::codes;
use super::super::searches::{Request, search_on};
use super::super::settings::LdapSettings;
use super::super::write_settings::{WriteMethod, WriteSettings};
use super::probe::Told;
use super::session::{Change, clear, delete, modify_on};
use crate::base::findings::Finding;
use crate::directory::Filter;
use crate::directory::person::AttributeValue;

/// People that are looked at.
const MANY: i32 = 50;

/// OpenLDAP: do as if, and answer [`AS_IF`] where it would have been done.
const NO_OPERATION: &str = "1.3.6.1.4.1.4203.666.5.2";
const AS_IF: u32 = 16654;

/// A value of no attribute of anybody.
const NOBODYS: &str = "mereau-doctor-asks-whether-this-server-takes-writes";

/// RFC 9106's second choice for small memories is 64 MiB; this is what OWASP holds to be the least.
const LEAST_MEMORY: u32 = 19_456;

/// One connection as the writing account, and what is configured.
pub struct Look<'a> {
    pub connection: &'a Connection,
    pub directory: &'a LdapSettings,
    pub settings: &'a WriteSettings,
}

impl Look<'_> {
    pub async fn at_people(&self, told: &mut Told) -> Result<(), Fault> {
        let everybody = self.directory.mapping.user_filter.clone();
        let everybody = everybody.unwrap_or_else(|| Filter::Present("objectClass".to_owned()));
        let people = self.people(&everybody, MANY).await?;
        if people.is_empty() {
            return Ok(());
        }
        if self.settings.method != WriteMethod::Ad {
            self.hashes(&people, told);
        }
        let changed = &self.settings.changed_attribute;
        let noted = Filter::Present(changed.clone()).and(Some(&everybody));
        if self.people(&noted, 1).await?.is_empty() {
            let fact =
                format!("nobody has {changed}: a change made elsewhere ends no link that is on its way");
            let mend = match self.settings.method {
                WriteMethod::Ds389 => {
                    "passwordTrackUpdateTime: on in cn=config; or name another changed_attribute"
                }
                _ => {
                    "switch the server's password policy on (OpenLDAP: overlay ppolicy), let bind_dn read it, or name another changed_attribute"
                }
            };
            told.warn(&codes::DIR_CHANGES_UNNOTED, fact, mend);
        }
        if let Some(person) = people.first()
            && !self.is_referred(person, told).await?
        {
            self.rights(person, told).await?;
        }
        Ok(())
    }

    async fn people(&self, filter: &Filter, wanted: i32) -> Result<Vec<ReadEntry>, Fault> {
        let mut attributes = vec!["userPassword".to_owned(), self.settings.changed_attribute.clone()];
        attributes.extend(self.written());
        attributes.push("allowedAttributesEffective".to_owned());
        let mut found = Vec::new();
        for base in &self.directory.bases {
            let request = Request {
                base: base.dn.clone(),
                scope: base.scope,
                filter: filter.to_string(),
                attributes: attributes.clone().into(),
                wanted,
            };
            found.extend(search_on(self.connection, &request).await?);
        }
        Ok(found)
    }

    /// What is written beside passwords: the generation, and what people keep of their own.
    fn written(&self) -> Vec<String> {
        let generation = self.settings.guard.generation().map(str::to_owned);
        let own = self.directory.mapping.own.iter();
        let ours = own.filter(|name| name.to_ascii_lowercase().starts_with("mereaurecovery"));
        generation.into_iter().chain(ours.cloned()).collect()
    }

    /// SEC-85: the parameters in force show in the newest password of those that are looked at.
    fn hashes(&self, people: &[ReadEntry], told: &mut Told) {
        let changed = &self.settings.changed_attribute;
        let seen = people.iter().filter(|person| person.passwords.made_by.is_some());
        let newest = seen.max_by_key(|person| person.attributes.first_text(changed).map(str::to_owned));
        let Some(made_by) = newest.and_then(|person| person.passwords.made_by.as_deref()) else {
            let fact = "the stored passwords cannot be seen with bind_dn, nor how the server hashes them";
            match self.settings.method {
                // On OpenLDAP the right write holds the right read.
                WriteMethod::Exop => told.warn(
                    &codes::DIR_WRITE_RIGHTS,
                    format!("{fact}: it may not write them either"),
                    "by dn.exact=\"the writing account\" write, in the rule for attrs=userPassword",
                ),
                _ => told.well(&codes::DIR_HASH, fact),
            }
            return;
        };
        told.well(
            &codes::DIR_HASH,
            format!(
                "of {} people looked at, the server stored the newest password as {made_by}",
                people.len()
            ),
        );
        if let Some(why) = is_weak(made_by) {
            told.warn(
                &codes::DIR_HASH_WEAK,
                format!("passwords are stored as {made_by}, {why}"),
                "OpenLDAP: moduleload argon2 m=19456 t=2 p=1 and password-hash {ARGON2}; they are hashed anew when they change",
            );
        }
    }

    /// Whether the server sends writes elsewhere, as a replica does: asked to take away a value that nobody
    /// has, which changes nothing where it would be done.
    async fn is_referred(&self, person: &ReadEntry, told: &mut Told) -> Result<bool, Fault> {
        let attribute = self.settings.guard.generation().unwrap_or("description");
        let change = delete(attribute, NOBODYS);
        let answer = modify_on(self.connection, &person.name.0, vec![change], Vec::new()).await?;
        if answer.rc == 10 {
            told.warnings.push(Finding::of(
                &codes::DIR_WRITE_REFERRED,
                "",
                format!(
                    "the server refers writes to {}, which is not followed",
                    answer.refs.join(", ")
                ),
                "write the server that takes writes in [directory.write] urls; this one is a replica",
            ));
        }
        Ok(answer.rc == 10)
    }

    async fn rights(&self, person: &ReadEntry, told: &mut Told) -> Result<(), Fault> {
        let wanted = self.written();
        let missing = match self.settings.method {
            WriteMethod::Exop | WriteMethod::Modify => match self.refused_as_if(person, &wanted).await? {
                Some(missing) => missing,
                None => return Ok(()),
            },
            WriteMethod::Ad => {
                let may = |name: &String| {
                    let mut all = person.attributes.texts("allowedAttributesEffective");
                    all.any(|known| known.eq_ignore_ascii_case(name))
                };
                wanted.iter().filter(|name| !may(name)).cloned().collect()
            }
            WriteMethod::Ds389 => return Ok(()),
        };
        if wanted.is_empty() {
            return Ok(());
        }
        if missing.is_empty() {
            told.well(&codes::DIR_WRITE, format!("may write {}", wanted.join(", ")));
        } else {
            let fact = format!("the writing account may not write {}", missing.join(", "));
            told.warn(
                &codes::DIR_WRITE_RIGHTS,
                fact,
                "give it the rights of conf/schema/README.md",
            );
        }
        Ok(())
    }

    /// What the server would refuse to write; `None` where it does not know how not to do it.
    async fn refused_as_if(
        &self,
        person: &ReadEntry,
        names: &[String],
    ) -> Result<Option<Vec<String>>, Fault> {
        let mut missing = Vec::new();
        for name in names {
            let control = RawControl {
                ctype: NO_OPERATION.to_owned(),
                crit: true,
                val: None,
            };
            let change = as_it_is(person, name);
            let answer = modify_on(self.connection, &person.name.0, vec![change], vec![control]).await?;
            match answer.rc {
                AS_IF | 65 => {}
                50 => missing.push(name.clone()),
                _ => return Ok(None),
            }
        }
        Ok(Some(missing))
    }
}

/// What the entry has already.
fn as_it_is(person: &ReadEntry, name: &str) -> Change {
    let bytes = |value: &AttributeValue| match value {
        AttributeValue::Text(text) => text.clone().into_bytes(),
        AttributeValue::Bytes(bytes) => bytes.clone(),
    };
    let values: HashSet<Vec<u8>> = person.attributes.values(name).iter().map(bytes).collect();
    match values.is_empty() {
        true => clear(name),
        false => Mod::Replace(name.into(), values),
    }
}

/// Why a way of hashing is none for passwords of people.
fn is_weak(made_by: &str) -> Option<&'static str> {
    let fast = [
        "in clear",
        "CLEAR",
        "CLEARTEXT",
        "MD5",
        "SMD5",
        "SHA",
        "SSHA",
        "SHA256",
        "SSHA256",
        "SHA512",
        "SSHA512",
        "CRYPT",
    ];
    if fast.contains(&made_by) {
        return Some("which anybody who gets hold of them guesses fast");
    }
    let memory = made_by
        .split(['=', ',', ' '])
        .skip_while(|word| *word != "m")
        .nth(1);
    let memory: Option<u32> = memory.and_then(|memory| memory.parse().ok());
    memory
        .is_some_and(|memory| memory < LEAST_MEMORY)
        .then_some("with less memory than argon2 should have")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_that_are_guessed_fast_are_told() {
        // SEC-85
        for weak in ["SSHA", "in clear", "ARGON2 argon2i v=19 m=4096,t=3,p=1"] {
            assert!(is_weak(weak).is_some(), "{weak}");
        }
        for strong in ["ARGON2 argon2i v=19 m=19456,t=2,p=1", "PBKDF2-SHA512", "CRYPT$6$"] {
            assert_eq!(is_weak(strong), None, "{strong}");
        }
    }
}
