//! What a password write drags behind it: marks that would make the person change again, locks of
//! failed tries, the least age that must not hold up a reset. The password is written by then, or
//! the write refused: nothing here turns a success into a failure.

use std::time::Duration;

use ldap3::LdapResult;

use super::super::answers::fault_of;
use super::super::connection::Connection;
use super::super::fault::Fault;
use super::super::searches::identify;
use super::super::server::Server;
use super::super::write_settings::{WriteMethod, WriteSettings};
use super::demand::{Mark, mark_of};
use super::marks::{Marks, unlocked_by_staff};
use super::passwords::PasswordJob;
use super::session::{Change, Session, WritableEntry, clear, modify_on, only_while, replace};
use crate::base::clock::Timestamp;
use crate::directory::Filter;
use crate::directory::locked_by_staff;
use crate::directory::state::changed_at;

/// After a reset: the mark that makes people change once more, and the lock of failed tries.
pub async fn repair(session: &Session, entry: &WritableEntry, job: &PasswordJob, server: &Server) {
    let dn = &entry.name.0;
    if job.settings.method == WriteMethod::Ds389 {
        wait_for_books(session, entry, &job.settings).await;
    }
    if job.settings.clear_must_change
        && let Err(fault) = clear_must_change(session, dn, job, server).await
    {
        tracing::warn!(event = "must_change_stays", entry = %dn, "the mark “must change” cannot be cleared: {fault:?}");
    }
    if job.settings.method != WriteMethod::Exop
        && let Err(fault) = lift_failure_lock(session, entry, &job.settings).await
    {
        tracing::warn!(event = "failure_lock_stays", entry = %dn, "the lock of failed tries cannot be lifted: {fault:?}");
    }
    if job.settings.method == WriteMethod::Modify {
        let stored = session.entry(dn, &["userPassword"]).await;
        if stored.ok().flatten().is_some_and(|entry| entry.passwords.clear) {
            tracing::error!(event = "password_stored_clear", entry = %dn, "the directory stores passwords in clear: change [directory.write] method");
        }
    }
}

/// 389 Directory Server answers a write before it notes when the password changed and that it must
/// be changed again: a guard read in between would soon be worthless, and the mark would come after
/// its clearing. Waits, for half a second at most, until the time of the change has moved.
async fn wait_for_books(session: &Session, entry: &WritableEntry, settings: &WriteSettings) {
    let before = Marks::of(&entry.attributes, settings).changed;
    for pause in [2, 4, 8, 16, 32, 64, 128, 256] {
        let now = session.entry(&entry.name.0, &[&settings.changed_attribute]).await;
        match now {
            Ok(Some(now)) if Marks::of(&now.attributes, settings).changed == before => {}
            _ => return,
        }
        tokio::time::sleep(Duration::from_millis(pause)).await;
    }
}

/// 389 Directory Server takes every password that somebody else writes for a temporary one where its policy
/// knows such (TPR): so many uses, so much time. One that the person has chosen is none (SEC-83).
async fn temporary_marks(session: &Session, dn: &str) -> Result<Vec<Change>, Fault> {
    let marks = ["pwdTPRUseCount", "pwdTPRExpireAt", "pwdTPRValidFrom"];
    let entry = session.entry(dn, &marks).await?;
    let has = |mark: &&str| {
        entry
            .as_ref()
            .is_some_and(|entry| !entry.attributes.values(mark).is_empty())
    };
    Ok(marks
        .iter()
        .filter(|mark| has(mark))
        .map(|mark| clear(mark))
        .collect())
}

async fn clear_must_change(
    session: &Session,
    dn: &str,
    job: &PasswordJob,
    server: &Server,
) -> Result<(), Fault> {
    let Mark {
        attribute,
        values: marked,
        instead,
    } = mark_of(job.settings.method);
    let entry = session.entry(dn, &[attribute]).await?;
    let value = entry
        .as_ref()
        .and_then(|entry| entry.attributes.first_text(attribute));
    let mut changes = Vec::new();
    if value.is_some_and(|value| marked.contains(&value)) {
        changes.push(match instead {
            Some(value) => replace(attribute, value),
            None => clear(attribute),
        });
    }
    if job.settings.method == WriteMethod::Ds389 {
        changes.extend(temporary_marks(session, dn).await?);
    }
    if changes.is_empty() {
        return Ok(());
    }
    let answer = match manager(job, server).await? {
        Some(manager) => modify_on(&manager, dn, changes, Vec::new()).await?,
        None => session.modify(dn, changes, Vec::new()).await?,
    };
    if answer.rc == 0 {
        Ok(())
    } else {
        Err(fault_of("clearing of a mark", &answer))
    }
}

/// Lifts what failed tries have set, if they did, under an assertion that no administrator has locked the entry
/// where the server knows assertions.
pub async fn lift_failure_lock(
    session: &Session,
    entry: &WritableEntry,
    settings: &WriteSettings,
) -> Result<bool, Fault> {
    if locked_by_staff(&entry.attributes) {
        return Ok(false);
    }
    let has = |name: &str| {
        entry
            .attributes
            .first_text(name)
            .is_some_and(|value| value != "0")
    };
    let (changes, controls) = match settings.method {
        WriteMethod::Exop | WriteMethod::Modify if has("pwdAccountLockedTime") => {
            let locked = Filter::Present("pwdAccountLockedTime".to_owned());
            let only = only_while(&Filter::And(vec![locked, unlocked_by_staff()]));
            let all = ldap3::Mod::Delete("pwdAccountLockedTime".into(), Default::default());
            (vec![all], vec![only])
        }
        WriteMethod::Ad if has("lockoutTime") => (vec![replace("lockoutTime", "0")], Vec::new()),
        WriteMethod::Ds389 if has("accountUnlockTime") || has("passwordRetryCount") => (
            vec![clear("accountUnlockTime"), clear("passwordRetryCount")],
            Vec::new(),
        ),
        _ => return Ok(false),
    };
    let answer = session.modify(&entry.name.0, changes, controls).await?;
    match answer.rc {
        0 => Ok(true),
        // assertionFailed: lifted by somebody else, or locked by staff meanwhile.
        122 => Ok(false),
        _ => Err(fault_of("lifting of a lock", &answer)),
    }
}

/// Repeats a reset that the least age refused, under the mark that switches the age off (SEC-78);
/// `None` when the realm does not want that, or has nobody who may.
pub async fn without_min_age(
    session: &Session,
    dn: &str,
    job: &PasswordJob,
    server: &Server,
) -> Result<Option<LdapResult>, Fault> {
    if !mark_must_change(dn, job, server, true).await {
        return Ok(None);
    }
    let answer = job.exop(session, dn).await;
    if !answer.as_ref().is_ok_and(|answer| answer.rc == 0) {
        mark_must_change(dn, job, server, false).await;
    }
    answer.map(Some)
}

/// Sets or clears pwdReset with the manager's right; false when there is none to use. A manager who cannot
/// do it is the operator's concern: the directory has refused the password by then, and that answer stands.
pub async fn mark_must_change(dn: &str, job: &PasswordJob, server: &Server, set: bool) -> bool {
    let marked = try_to_mark(dn, job, server, set).await;
    marked.unwrap_or_else(|fault| {
        tracing::error!(event = "manager_useless", entry = %dn, "manage_dn cannot set the mark “must change”, by which a reset passes the least age: {fault:?}");
        false
    })
}

async fn try_to_mark(dn: &str, job: &PasswordJob, server: &Server, set: bool) -> Result<bool, Fault> {
    if !job.settings.ignore_min_age {
        return Ok(false);
    }
    let Some(manager) = manager(job, server).await? else {
        return Ok(false);
    };
    let change = if set {
        replace("pwdReset", "TRUE")
    } else {
        clear("pwdReset")
    };
    let answer = modify_on(&manager, dn, vec![change], Vec::new()).await?;
    match answer.rc {
        0 => Ok(true),
        _ => Err(fault_of("setting of a mark", &answer)),
    }
}

/// A connection of its own: what the manager may do is seldom needed.
async fn manager(job: &PasswordJob, server: &Server) -> Result<Option<Connection>, Fault> {
    let Some(account) = &job.settings.manager else {
        return Ok(None);
    };
    let connection = server.open().await?;
    identify(&connection, Some(account)).await?;
    Ok(Some(connection))
}

/// How long a password stays too young, where the entry names its policy and that can be read.
pub async fn wait(session: &Session, entry: &WritableEntry, now: Timestamp) -> Option<Duration> {
    let policy = entry.attributes.first_text("pwdPolicySubentry")?;
    let changed = changed_at(&entry.attributes, "pwdChangedTime")?;
    let policy = session.entry(policy, &["pwdMinAge"]).await.ok()??;
    let least: u64 = policy.attributes.first_text("pwdMinAge")?.parse().ok()?;
    Some(changed.plus(Duration::from_secs(least)).since(now))
}
