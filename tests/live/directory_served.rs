//! What the suites of real servers with one writing account have in common: patient settings, a directory,
//! a bind and a reset. What each server does on its own is in its suite.

use std::sync::Arc;
use std::time::Duration;

use mereau::base::clock::SystemClock;
use mereau::directory::ldap::{
    LdapDirectory, LdapLimits, LdapSettings, ServiceAccount, WriteMethod, WriteSettings,
};
use mereau::directory::{Bound, Directory, EntryMapping, Manner, PasswordWrite, Wrote};

use crate::directory::{password, person};
use crate::directory_writes::WriteWorld;

/// People below `base`, read and written on one server by `account`. A busy machine must not look like a
/// slow server.
pub fn settings(
    url: &str,
    base: &str,
    method: WriteMethod,
    account: ServiceAccount,
    mut mapping: EntryMapping,
) -> LdapSettings {
    mapping
        .attributes
        .extend(["mereauRecoveryMail", "mereauRecoveryMobile"].map(str::to_owned));
    LdapSettings {
        limits: LdapLimits {
            operation: Duration::from_secs(60),
            queue: Duration::from_secs(60),
            ..LdapLimits::default()
        },
        account: Some(account.clone()),
        mapping,
        write: Some(WriteSettings {
            limit: Duration::from_secs(60),
            ..WriteSettings::new(&[url], method, account)
        }),
        ..LdapSettings::new(&[url], base)
    }
}

pub fn directory(settings: LdapSettings) -> LdapDirectory {
    match LdapDirectory::new(settings, Arc::new(SystemClock)) {
        Ok(directory) => directory,
        Err(problems) => panic!("{problems:?}"),
    }
}

pub fn world(settings: LdapSettings, has_history: bool) -> WriteWorld {
    WriteWorld {
        directory: Arc::new(directory(settings)),
        has_policy: true,
        has_history,
        several: "mereauRecoveryMail",
        single: "mereauRecoveryMobile",
        alive: Box::new(()),
    }
}

pub async fn bind(directory: &LdapDirectory, login: &str, typed: &str) -> Bound {
    let person = person(directory, login).await;
    directory.bind(&person, &password(typed)).await.unwrap()
}

pub async fn reset(directory: &LdapDirectory, login: &str, new: &str) -> Wrote {
    let key = person(directory, login).await.key;
    let read = directory.read_for_write(&key).await.unwrap().unwrap();
    let write = PasswordWrite {
        key: &key,
        new: &password(new),
        guard: read.guard.as_ref(),
        manner: Manner::Reset,
    };
    directory.write_password(&write).await.unwrap()
}
