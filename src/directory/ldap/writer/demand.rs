//! The mark by which an LDAP server makes a person choose another password: set and taken away, by the manager
//! where the realm names one, since the writing account seldom may.

use super::super::answers::fault_of;
use super::super::fault::Fault;
use super::super::searches::identify;
use super::super::server::Server;
use super::super::write_settings::{WriteMethod, WriteSettings};
use super::session::{Change, Session, WritableEntry, clear, modify_on, replace};
use crate::directory::{Demand, Demanded, Written};

/// A directory's mark.
pub struct Mark {
    pub attribute: &'static str,
    /// Whichever of these it has; the first is what is written.
    pub values: &'static [&'static str],
    /// What takes it away; without it the attribute goes.
    pub instead: Option<&'static str>,
}

/// The mark of each kind of server.
pub fn mark_of(method: WriteMethod) -> Mark {
    let (attribute, values, instead): (_, &[&str], _) = match method {
        WriteMethod::Exop | WriteMethod::Modify => ("pwdReset", &["TRUE"], None),
        WriteMethod::Ad => ("pwdLastSet", &["0"], Some("-1")),
        WriteMethod::Ds389 => (
            "passwordExpirationTime",
            &["19700101000000Z", "19700101000001Z"],
            None,
        ),
    };
    Mark {
        attribute,
        values,
        instead,
    }
}

impl Mark {
    pub fn demand(&self) -> Option<Demand> {
        let value = self.values.first()?;
        Some(Demand {
            attribute: self.attribute,
            value,
        })
    }

    async fn stands(&self, session: &Session, dn: &str) -> Result<bool, Fault> {
        let entry = session.entry(dn, &[self.attribute]).await?;
        let value = entry
            .as_ref()
            .and_then(|entry| entry.attributes.first_text(self.attribute));
        Ok(value.is_some_and(|value| self.values.contains(&value)))
    }
}

/// One entry that is to be marked.
pub struct Job<'a> {
    pub session: &'a Session,
    pub entry: &'a WritableEntry,
    pub settings: &'a WriteSettings,
    pub server: &'a Server,
}

impl Job<'_> {
    pub async fn set(&self) -> Result<Demanded, Fault> {
        let mark = mark_of(self.settings.method);
        if mark.stands(self.session, &self.entry.name.0).await? {
            return Ok(Demanded::Already);
        }
        let value = mark.values.first().copied().unwrap_or_default();
        Ok(match self.modify(replace(mark.attribute, value)).await? {
            Written::Done => Demanded::Done,
            Written::Gone => Demanded::Gone,
            Written::NotAllowed => Demanded::NotAllowed,
            Written::Invalid | Written::Moved => Demanded::Invalid,
        })
    }

    pub async fn take_away(&self, before: &[String]) -> Result<Written, Fault> {
        let mark = mark_of(self.settings.method);
        if !mark.stands(self.session, &self.entry.name.0).await? {
            return Ok(Written::Moved);
        }
        self.modify(match (mark.instead, before.first()) {
            (Some(value), _) => replace(mark.attribute, value),
            (None, Some(value)) => replace(mark.attribute, value.as_str()),
            (None, None) => clear(mark.attribute),
        })
        .await
    }

    async fn modify(&self, change: Change) -> Result<Written, Fault> {
        let dn = &self.entry.name.0;
        let answer = match &self.settings.manager {
            Some(account) => {
                let connection = self.server.open().await?;
                identify(&connection, Some(account)).await?;
                modify_on(&connection, dn, vec![change], Vec::new()).await?
            }
            None => self.session.modify(dn, vec![change], Vec::new()).await?,
        };
        Ok(match answer.rc {
            0 => Written::Done,
            32 => Written::Gone,
            50 => Written::NotAllowed,
            // undefinedAttributeType, constraintViolation, invalidAttributeSyntax, objectClassViolation
            17 | 19 | 21 | 65 => Written::Invalid,
            _ => return Err(fault_of("mark “must change”", &answer)),
        })
    }
}
