//! A new password behind a fence: what is refused before anything is sent, which operations carry
//! fence and password on which server, and what the answers come to (design ruling "fence in the
//! directory").

use std::collections::HashSet;
use std::sync::Arc;

use ldap3::controls::RawControl;
use ldap3::{LdapResult, Mod};
use tokio::time::Instant as Deadline;

use super::super::answers::{fault_of, password_policy_request};
use super::super::fault::Fault;
use super::super::server::Server;
use super::super::write_settings::{WriteGuard, WriteMethod, WriteSettings};
use super::after;
use super::marks::Marks;
use super::refusals::{refusal, says_moved};
use super::session::{Change, Session, WritableEntry, add, delete, only_while, replace};
use crate::base::clock::Clock;
use crate::base::secret::Password;
use crate::directory::{
    BindRefusal, Bound, Guard, Manner, PasswordRefusal, PasswordWrite, Wrote, locked_by_staff,
};

/// Microsoft's LDAP_SERVER_POLICY_HINTS: a reset is held to the history too.
const POLICY_HINTS: &str = "1.2.840.113556.1.4.2239";

/// One write, with everything it needs, so that it can run in a task of its own.
pub struct PasswordJob {
    pub settings: Arc<WriteSettings>,
    pub new: Password,
    pub clock: Arc<dyn Clock>,
    guard: Option<Guard>,
    current: Option<Password>,
    /// No password is sent without a condition after it.
    deadline: Deadline,
}

pub fn manner_word(manner: &Manner<'_>) -> &'static str {
    match manner {
        Manner::Reset => "reset",
        Manner::Change { .. } => "change",
    }
}

impl PasswordJob {
    pub fn new(
        write: &PasswordWrite<'_>,
        settings: Arc<WriteSettings>,
        clock: Arc<dyn Clock>,
        deadline: Deadline,
    ) -> PasswordJob {
        PasswordJob {
            deadline,
            settings,
            new: write.new.clone(),
            clock,
            guard: write.guard.cloned(),
            current: match write.manner {
                Manner::Reset => None,
                Manner::Change { current } => Some(current.clone()),
            },
        }
    }

    pub fn is_reset(&self) -> bool {
        self.current.is_none()
    }

    pub async fn run(
        self,
        session: Session,
        entry: WritableEntry,
        server: Arc<Server>,
    ) -> Result<(Wrote, Option<Repair>), Fault> {
        let marks = Marks::of(&entry.attributes, &self.settings);
        if let Some(refused) = self.refused_before(&entry, &marks) {
            session.close();
            return Ok((refused, None));
        }
        if let Some(current) = &self.current
            && let Some(refused) = wrong_current(&server, &entry.name.0, current).await?
        {
            session.close();
            return Ok((refused, None));
        }
        let wrote = match self.settings.method {
            WriteMethod::Exop => self.by_exop(&session, &entry, &marks, &server).await?,
            _ => self.by_one_modify(&session, &entry, &marks, &server).await?,
        };
        if wrote == Wrote::Done {
            let repair = Repair {
                job: self,
                session,
                entry,
                server,
            };
            return Ok((wrote, Some(repair)));
        }
        session.close();
        Ok((wrote, None))
    }

    /// What needs no question to the server.
    fn refused_before(&self, entry: &WritableEntry, marks: &Marks) -> Option<Wrote> {
        let moved = self.guard.is_some() && marks.guard(&self.settings) != self.guard;
        if moved && self.settings.guard != WriteGuard::None {
            return Some(Wrote::Moved);
        }
        let elsewhere = self.settings.pass_through.as_ref();
        if entry.passwords.pass_through || elsewhere.is_some_and(|filter| filter.matches(&entry.attributes)) {
            return Some(Wrote::Refused(PasswordRefusal::PassThrough, None));
        }
        locked_by_staff(&entry.attributes).then_some(Wrote::Refused(PasswordRefusal::NotAllowed, None))
    }

    /// OpenLDAP: the fence, then the password. Between the two a refusal leaves a guard that has
    /// moved, and a crash a guard that nobody knows.
    async fn by_exop(
        &self,
        session: &Session,
        entry: &WritableEntry,
        marks: &Marks,
        server: &Server,
    ) -> Result<Wrote, Fault> {
        let dn = &entry.name.0;
        let mut now = marks.clone();
        if let Some(attribute) = self.settings.guard.generation() {
            let next = marks.next_generation();
            let changes = self.fence(entry, attribute, marks, &next);
            let answer = session.modify(dn, changes, self.assertions(marks)).await?;
            match answer.rc {
                0 => now.generation = Some(next),
                32 => return Ok(Wrote::Gone),
                50 => return Ok(Wrote::Refused(PasswordRefusal::NotAllowed, None)),
                _ if says_moved(&answer) => return Ok(Wrote::Moved),
                _ => return Err(fault_of("fence", &answer)),
            }
        }
        let mut answer = self.exop(session, dn).await?;
        if refusal(&answer).is_some_and(is_too_young)
            && self.is_reset()
            && let Some(again) = after::without_min_age(session, dn, self, server).await?
        {
            answer = again;
        }
        let guard = (now != *marks).then(|| now.guard(&self.settings)).flatten();
        self.outcome(&answer, guard, session, entry).await
    }

    pub async fn exop(&self, session: &Session, dn: &str) -> Result<LdapResult, Fault> {
        // A process that stood still may come here before its time-out does: somebody else may have
        // written meanwhile, and this operation takes no condition.
        if Deadline::now() >= self.deadline {
            return Err(Fault::TimedOut);
        }
        let old = self.current.as_ref().map(Password::as_typed);
        let new = self.new.as_typed();
        session
            .set_password(dn, old, new, password_policy_request())
            .await
    }

    /// Fence and password in one Modify: both or none.
    async fn by_one_modify(
        &self,
        session: &Session,
        entry: &WritableEntry,
        marks: &Marks,
        server: &Server,
    ) -> Result<Wrote, Fault> {
        let mut controls = self.assertions(marks);
        controls.extend(self.policy_controls());
        let changes = || {
            let fence = self.settings.guard.generation();
            let fence = fence.map(|attribute| self.fence(entry, attribute, marks, &marks.next_generation()));
            let mut changes = fence.unwrap_or_default();
            changes.extend(self.password_changes());
            changes
        };
        let dn = &entry.name.0;
        let mut answer = session.modify(dn, changes(), controls.clone()).await?;
        let openldap = self.settings.method == WriteMethod::Modify;
        if refusal(&answer).is_some_and(is_too_young)
            && self.is_reset()
            && openldap
            && after::mark_must_change(dn, self, server, true).await
        {
            answer = session.modify(dn, changes(), controls).await?;
            if answer.rc != 0 {
                after::mark_must_change(dn, self, server, false).await;
            }
        }
        if says_moved(&answer) && !self.blames_current(&answer) {
            return Ok(Wrote::Moved);
        }
        self.outcome(&answer, None, session, entry).await
    }

    /// noSuchAttribute may also mean that the value of the current password was not found.
    fn blames_current(&self, answer: &LdapResult) -> bool {
        let text = answer.text.to_ascii_lowercase();
        self.current.is_some() && answer.rc == 16 && text.contains("password")
    }

    async fn outcome(
        &self,
        answer: &LdapResult,
        guard: Option<Guard>,
        session: &Session,
        entry: &WritableEntry,
    ) -> Result<Wrote, Fault> {
        if answer.rc == 0 {
            return Ok(Wrote::Done);
        }
        if answer.rc == 32 {
            return Ok(Wrote::Gone);
        }
        if self.blames_current(answer) {
            return Ok(Wrote::Refused(PasswordRefusal::WrongCurrent, guard));
        }
        match refusal(answer) {
            Some(PasswordRefusal::TooYoung { .. }) => {
                let wait = after::wait(session, entry, self.clock.now()).await;
                Ok(Wrote::Refused(PasswordRefusal::TooYoung { wait }, guard))
            }
            Some(why) => {
                if why == PasswordRefusal::NotAllowed {
                    let (code, text) = (answer.rc, &answer.text);
                    tracing::warn!(event = "password_write_not_allowed", code, %text, "the directory lets no password be written");
                }
                Ok(Wrote::Refused(why, guard))
            }
            None => Err(fault_of("write of a password", answer)),
        }
    }

    /// From the old generation to the next, with the class that allows it where it is missing.
    fn fence(&self, entry: &WritableEntry, attribute: &str, marks: &Marks, next: &str) -> Vec<Change> {
        let mut changes = missing_class(entry, &self.settings);
        if let Some(old) = &marks.generation {
            changes.push(delete(attribute, old));
        }
        changes.push(add(attribute, next));
        changes
    }

    fn assertions(&self, marks: &Marks) -> Vec<RawControl> {
        match self.settings.guard {
            WriteGuard::Assertion(_) => vec![only_while(&marks.assertion(&self.settings))],
            _ => Vec::new(),
        }
    }

    fn policy_controls(&self) -> Vec<RawControl> {
        match self.settings.method {
            WriteMethod::Ad if self.settings.ad_history && self.is_reset() => vec![RawControl {
                ctype: POLICY_HINTS.to_owned(),
                crit: false,
                val: Some(vec![0x30, 0x03, 0x02, 0x01, 0x01]),
            }],
            WriteMethod::Ad => Vec::new(),
            _ => vec![password_policy_request()],
        }
    }

    fn password_changes(&self) -> Vec<Change> {
        let (new, current) = (self.new.as_typed(), self.current.as_ref());
        match (self.settings.method, current) {
            (WriteMethod::Ad, None) => vec![replace("unicodePwd", quoted_utf16(new))],
            (WriteMethod::Ad, Some(current)) => vec![
                Mod::Delete(
                    "unicodePwd".into(),
                    HashSet::from([quoted_utf16(current.as_typed())]),
                ),
                Mod::Add("unicodePwd".into(), HashSet::from([quoted_utf16(new)])),
            ],
            (WriteMethod::Modify, Some(current)) => {
                vec![
                    delete("userPassword", current.as_typed()),
                    add("userPassword", new),
                ]
            }
            _ => vec![replace("userPassword", new.as_bytes())],
        }
    }
}

/// What is left to do in an entry whose password is written.
pub struct Repair {
    job: PasswordJob,
    session: Session,
    pub entry: WritableEntry,
    server: Arc<Server>,
}

impl Repair {
    pub async fn run(self) {
        after::repair(&self.session, &self.entry, &self.job, &self.server).await;
        self.session.close();
    }
}

pub fn missing_class(entry: &WritableEntry, settings: &WriteSettings) -> Vec<Change> {
    let Some(class) = &settings.class else {
        return Vec::new();
    };
    let mut classes = entry.attributes.texts("objectClass");
    let has = classes.any(|known| known.eq_ignore_ascii_case(class));
    if has {
        Vec::new()
    } else {
        vec![add("objectClass", class)]
    }
}

/// What Active Directory wants in `unicodePwd`.
fn quoted_utf16(password: &str) -> Vec<u8> {
    let quoted = format!("\"{password}\"");
    quoted.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

fn is_too_young(why: PasswordRefusal) -> bool {
    matches!(why, PasswordRefusal::TooYoung { .. })
}

/// Whether the password given as the current one is not: a bind on the primary. Too old or to be
/// changed, it is right.
async fn wrong_current(server: &Server, dn: &str, current: &Password) -> Result<Option<Wrote>, Fault> {
    let refused = |why| Ok(Some(Wrote::Refused(why, None)));
    loop {
        let ticket = server.check_out().await?;
        let fresh = ticket.fresh;
        match ticket.bind(dn, current).await {
            Err(Fault::Lost(_)) if !fresh => {}
            Err(fault) => return Err(fault),
            Ok(Bound::WrongPassword) => return refused(PasswordRefusal::WrongCurrent),
            Ok(Bound::Refused(BindRefusal::Locked | BindRefusal::Disabled)) => {
                return refused(PasswordRefusal::NotAllowed);
            }
            Ok(_) => return Ok(None),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn active_directory_gets_the_password_quoted_in_utf16() {
        // SEC-81
        assert_eq!(quoted_utf16("é"), [0x22, 0, 0xe9, 0, 0x22, 0]);
    }
}
