//! Writing to a real slapd with its policy overlay and argon2: the contract behind each fence, and
//! what only OpenLDAP does: least age, safe modify, pass-through, locks. Replicas that lag are in
//! `directory_replica`.

use std::sync::{Arc, LazyLock};
use std::time::Duration;

use mereau::base::clock::SystemClock;
use mereau::base::findings::Finding;
use mereau::base::secret::Secret;
use mereau::directory::ldap::{
    LdapDirectory, LdapLimits, LdapSettings, ServiceAccount, WriteGuard, WriteMethod, WriteSettings,
};
use mereau::directory::{
    Bound, Directory, DirectoryError, FenceKind, GENERATION, Manner, PasswordRefusal, PasswordWrite, Wrote,
};

use crate::directory::{mapping, password, person};
use crate::directory_writes::{FIRST, LOCKED, PEOPLE, WriteWorld};
use crate::directory_writes_contract;
use crate::support::slapd::{
    self, MANAGER_DN, MANAGER_PASSWORD, Options, ROOT_DN, ROOT_PASSWORD, SERVICE_DN, SERVICE_PASSWORD, Slapd,
    WRITER_DN, WRITER_PASSWORD,
};

pub const ARGON2: &str = "password-hash {ARGON2}";

pub fn entry(login: &str, more: &str) -> String {
    format!(
        "dn: uid={login},{}\nobjectClass: inetOrgPerson\nuid: {login}\ncn: {login}\nsn: W\nuserPassword: {FIRST}\n{more}\n",
        slapd::PEOPLE
    )
}

pub fn people() -> String {
    let lock = |login: &str| {
        if login == LOCKED {
            "pwdAccountLockedTime: 000001010000Z\n"
        } else {
            ""
        }
    };
    let more = |login: &str| format!("mail: {login}@campus.example\n{}", lock(login));
    PEOPLE.iter().map(|login| entry(login, &more(login))).collect()
}

pub fn account(dn: &str, password: &str) -> ServiceAccount {
    ServiceAccount {
        dn: dn.to_owned(),
        password: Secret::new(password.to_owned()),
    }
}

pub fn settings(read_from: &[String], write_to: Option<&str>) -> LdapSettings {
    let urls: Vec<&str> = read_from.iter().map(String::as_str).collect();
    let mut mapping = mapping();
    mapping
        .attributes
        .extend(["mereauRecoveryMail", "mereauRecoveryMobile"].map(str::to_owned));
    let writer = account(WRITER_DN, WRITER_PASSWORD);
    // A busy machine must not look like a slow server.
    LdapSettings {
        limits: LdapLimits {
            operation: Duration::from_secs(60),
            queue: Duration::from_secs(60),
            ..LdapLimits::default()
        },
        account: Some(account(SERVICE_DN, SERVICE_PASSWORD)),
        mapping,
        write: write_to.map(|url| WriteSettings {
            limit: Duration::from_secs(60),
            ..WriteSettings::new(&[url], WriteMethod::Exop, writer)
        }),
        ..LdapSettings::new(&urls, slapd::PEOPLE)
    }
}

pub fn of_one(slapd: &Slapd) -> LdapSettings {
    settings(&[slapd.url()], Some(&slapd.url()))
}

pub fn directory(settings: LdapSettings) -> LdapDirectory {
    match LdapDirectory::new(settings, Arc::new(SystemClock)) {
        Ok(directory) => directory,
        Err(problems) => panic!("{problems:?}"),
    }
}

pub fn change(mut settings: LdapSettings, change: impl FnOnce(&mut WriteSettings)) -> LdapDirectory {
    change(settings.write.as_mut().unwrap());
    directory(settings)
}

fn world(slapd: &'static Slapd, guard: WriteGuard, method: WriteMethod) -> WriteWorld {
    let directory = change(of_one(slapd), |write| {
        write.guard = guard;
        write.method = method;
        write.manager = Some(account(MANAGER_DN, MANAGER_PASSWORD));
        write.server_hashes = true;
    });
    WriteWorld {
        directory: Arc::new(directory),
        has_policy: true,
        has_history: true,
        several: "mereauRecoveryMail",
        single: "mereauRecoveryMobile",
        alive: Box::new(()),
    }
}

/// A server for all cases of one fence; the kernel ends it with the tests.
fn shared(overlay: &'static str) -> Slapd {
    Slapd::start(&Options {
        entries: &people(),
        settings: ARGON2,
        overlay,
        ..Options::default()
    })
}

mod generation {
    use super::*;

    static SLAPD: LazyLock<Slapd> = LazyLock::new(|| shared(""));

    async fn place() -> WriteWorld {
        world(
            &SLAPD,
            WriteGuard::Generation(GENERATION.to_owned()),
            WriteMethod::Exop,
        )
    }

    directory_writes_contract!(place());
}

mod assertion {
    use super::*;

    static SLAPD: LazyLock<Slapd> = LazyLock::new(|| shared(""));

    async fn place() -> WriteWorld {
        world(
            &SLAPD,
            WriteGuard::Assertion(Some(GENERATION.to_owned())),
            WriteMethod::Exop,
        )
    }

    directory_writes_contract!(place());
}

/// Where the operator has seen that the server hashes what a Modify brings.
mod one_modify {
    use super::*;

    static SLAPD: LazyLock<Slapd> = LazyLock::new(|| shared("ppolicy_hash_cleartext"));

    async fn place() -> WriteWorld {
        world(
            &SLAPD,
            WriteGuard::Generation(GENERATION.to_owned()),
            WriteMethod::Modify,
        )
    }

    directory_writes_contract!(place();
        a_new_password_works_at_once_and_the_old_one_no_longer,
        of_twenty_writers_with_one_guard_exactly_one_succeeds,
        a_guard_is_good_for_one_write_however_often_it_comes_back,
        a_refused_password_leaves_the_old_one_and_a_guard_that_is_still_good,
        a_change_takes_the_password_in_force,
        who_is_locked_by_staff_stays_locked,
    );
}

pub async fn reset(directory: &LdapDirectory, login: &str, new: &str) -> Result<Wrote, DirectoryError> {
    write(directory, login, new, Manner::Reset).await
}

async fn write(
    directory: &LdapDirectory,
    login: &str,
    new: &str,
    manner: Manner<'_>,
) -> Result<Wrote, DirectoryError> {
    let key = person(directory, login).await.key;
    let read = directory.read_for_write(&key).await?.unwrap();
    let write = PasswordWrite {
        key: &key,
        new: &password(new),
        guard: read.guard.as_ref(),
        manner,
    };
    directory.write_password(&write).await
}

pub async fn bind(directory: &LdapDirectory, login: &str, typed: &str) -> Bound {
    let person = person(directory, login).await;
    directory.bind(&person, &password(typed)).await.unwrap()
}

pub fn dn(login: &str) -> String {
    format!("uid={login},{}", slapd::PEOPLE)
}

/// What follows the name of an attribute in an entry as LDIF.
pub fn value(entry: &str, name: &str) -> Option<String> {
    let lines = entry.lines();
    let found = lines
        .filter_map(|line| line.strip_prefix(name)?.strip_prefix(':').map(str::trim))
        .next();
    found.map(str::to_owned)
}

#[tokio::test]
async fn the_server_hashes_with_argon2_and_nothing_is_stored_in_clear() {
    // SEC-76
    let slapd = Slapd::start(&Options {
        entries: &entry("w", ""),
        settings: ARGON2,
        ..Options::default()
    });
    let directory = directory(of_one(&slapd));
    assert_eq!(
        reset(&directory, "w", "Hache-Sesame-61").await.unwrap(),
        Wrote::Done
    );
    let stored = value(&slapd.entry(&dn("w")), "userPassword").unwrap();
    // base64 of "{ARGON2}$argon2"
    assert!(stored.contains("e0FSR09OMn0kYXJnb24y"), "{stored}");
    assert_eq!(value(&slapd.entry(&dn("w")), "pwdReset"), None);
}

#[tokio::test]
async fn a_password_too_young_to_change_may_still_be_reset_and_history_holds() {
    // SEC-78, SEC-79
    let policy = "pwdPolicySubentry: cn=young,ou=policies,dc=campus,dc=example\n";
    let slapd = Slapd::start(&Options {
        entries: &[entry("young", policy), entry("younger", policy)].join("\n"),
        settings: ARGON2,
        ..Options::default()
    });
    let manager = account(MANAGER_DN, MANAGER_PASSWORD);
    let with = change(of_one(&slapd), |write| write.manager = Some(manager.clone()));
    for new in ["Jeune-Sesame-62", "Jeune-Sesame-63"] {
        assert_eq!(reset(&with, "young", new).await.unwrap(), Wrote::Done, "{new}");
        assert_eq!(bind(&with, "young", new).await, Bound::Accepted(None));
        assert_eq!(value(&slapd.entry(&dn("young")), "pwdReset"), None);
    }
    let again = reset(&with, "young", "Jeune-Sesame-62").await.unwrap();
    assert!(
        matches!(again, Wrote::Refused(PasswordRefusal::InHistory, Some(_))),
        "{again:?}"
    );
    // What was put aside for the reset is put back.
    assert_eq!(value(&slapd.entry(&dn("young")), "pwdReset"), None);
    assert_eq!(
        bind(&with, "young", "Jeune-Sesame-63").await,
        Bound::Accepted(None)
    );

    for held in [
        directory(of_one(&slapd)),
        change(of_one(&slapd), |write| {
            write.manager = Some(manager.clone());
            write.ignore_min_age = false;
        }),
        // A manager who does not get in makes no doubt of a plain refusal.
        change(of_one(&slapd), |write| {
            write.manager = Some(account(MANAGER_DN, "not-this-one"))
        }),
    ] {
        let refused = reset(&held, "young", "Jeune-Sesame-64").await.unwrap();
        let Wrote::Refused(PasswordRefusal::TooYoung { wait: Some(wait) }, Some(_)) = refused else {
            panic!("{refused:?}")
        };
        assert!(
            wait <= Duration::from_secs(86_400) && wait > Duration::from_secs(80_000),
            "{wait:?}"
        );
        assert_eq!(
            bind(&held, "young", "Jeune-Sesame-63").await,
            Bound::Accepted(None)
        );
    }
}

#[tokio::test]
async fn a_policy_that_wants_the_old_password_refuses_a_reset_and_lets_a_change_through() {
    // SEC-80
    let policy = "pwdPolicySubentry: cn=safe,ou=policies,dc=campus,dc=example\n";
    let slapd = Slapd::start(&Options {
        entries: &entry("safe", policy),
        settings: ARGON2,
        ..Options::default()
    });
    let directory = directory(of_one(&slapd));
    let refused = reset(&directory, "safe", "Sauf-Sesame-65").await.unwrap();
    assert!(
        matches!(refused, Wrote::Refused(PasswordRefusal::NotAllowed, Some(_))),
        "{refused:?}"
    );
    let current = password(FIRST);
    let manner = Manner::Change { current: &current };
    assert_eq!(
        write(&directory, "safe", "Sauf-Sesame-66", manner).await.unwrap(),
        Wrote::Done
    );
    assert_eq!(
        bind(&directory, "safe", "Sauf-Sesame-66").await,
        Bound::Accepted(None)
    );
}

#[tokio::test]
async fn a_password_that_another_system_holds_is_never_overwritten() {
    // SEC-84
    let sasl = entry("sasl", "").replace(FIRST, "{SASL}sasl@CAMPUS.EXAMPLE");
    let slapd = Slapd::start(&Options {
        entries: &[sasl, entry("filtered", "employeeType: federated\n")].join("\n"),
        ..Options::default()
    });
    let federated = mereau::directory::Filter::parse("(employeeType=federated)").unwrap();
    let directory = change(of_one(&slapd), |write| write.pass_through = Some(federated));
    for login in ["sasl", "filtered"] {
        let before = slapd.entry(&dn(login));
        let refused = reset(&directory, login, "Passe-Sesame-67").await.unwrap();
        assert_eq!(
            refused,
            Wrote::Refused(PasswordRefusal::PassThrough, None),
            "{login}"
        );
        assert_eq!(slapd.entry(&dn(login)), before);
    }
}

#[tokio::test]
async fn a_writer_without_the_right_is_told_apart_from_a_weak_password() {
    // SEC-77
    let slapd = Slapd::start(&Options {
        entries: &entry("w", ""),
        ..Options::default()
    });
    let reader = account(SERVICE_DN, SERVICE_PASSWORD);
    let directory = change(of_one(&slapd), |write| write.account = reader);
    let refused = reset(&directory, "w", "Droit-Sesame-70").await.unwrap();
    assert_eq!(refused, Wrote::Refused(PasswordRefusal::NotAllowed, None));
    assert_eq!(bind(&directory, "w", FIRST).await, Bound::Accepted(None));
}

#[tokio::test]
async fn without_a_guard_a_link_that_came_back_sets_a_second_password() {
    // I2
    let slapd = Slapd::start(&Options {
        entries: &entry("w", ""),
        settings: ARGON2,
        ..Options::default()
    });
    let bare = change(of_one(&slapd), |write| write.guard = WriteGuard::None);
    assert_eq!(bare.fence(), FenceKind::None);
    let key = person(&bare, "w").await.key;
    assert_eq!(bare.read_for_write(&key).await.unwrap().unwrap().guard, None);
    let guarded = directory(of_one(&slapd));
    let stored = guarded.read_for_write(&key).await.unwrap().unwrap().guard;
    let attempt = |new| PasswordWrite {
        key: &key,
        new,
        guard: stored.as_ref(),
        manner: Manner::Reset,
    };
    let (first, second, third) = (
        password("Rejeu-Sesame-75"),
        password("Rejeu-Sesame-76"),
        password("Rejeu-Sesame-77"),
    );
    assert_eq!(
        guarded.write_password(&attempt(&first)).await.unwrap(),
        Wrote::Done
    );
    assert_eq!(
        guarded.write_password(&attempt(&second)).await.unwrap(),
        Wrote::Moved
    );
    assert_eq!(
        bare.write_password(&attempt(&third)).await.unwrap(),
        Wrote::Done,
        "the proof bites"
    );
    assert_eq!(bind(&bare, "w", "Rejeu-Sesame-77").await, Bound::Accepted(None));
}

#[tokio::test]
async fn the_look_at_a_primary_tells_what_would_make_writes_fail() {
    // SEC-76, SEC-80
    let slapd = Slapd::start(&Options::default());
    let sound = directory(of_one(&slapd)).probe_writing().await.remove(0);
    assert!(sound.server.account_accepted && sound.server.problem.is_none());
    let facts = |warnings: &[Finding]| {
        warnings
            .iter()
            .map(|warning| warning.fact.clone())
            .collect::<Vec<_>>()
            .join("\n")
    };
    let told = facts(&sound.warnings);
    assert!(
        told.contains("cn=safe,ou=policies") && told.contains("pwdSafeModify"),
        "{told}"
    );
    assert!(
        !told.contains("root of the directory") && !told.contains("schema"),
        "{told}"
    );
    let doubtful = change(of_one(&slapd), |write| {
        write.account = account(ROOT_DN, ROOT_PASSWORD);
        write.guard = WriteGuard::Generation("nowhereDefined".to_owned());
    });
    let told = facts(&doubtful.probe_writing().await.remove(0).warnings);
    assert!(
        told.contains("root of the directory") && told.contains("no nowhereDefined"),
        "{told}"
    );
    let refused = change(of_one(&slapd), |write| {
        write.account = account(WRITER_DN, "not-this-one")
    });
    let probe = refused.probe_writing().await.remove(0);
    assert!(!probe.server.account_accepted);
    assert!(probe.server.problem.unwrap().contains(WRITER_DN));
}
