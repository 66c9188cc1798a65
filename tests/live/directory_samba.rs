//! A real Samba as Active Directory: the contract of writing, and of reading what is AD's own:
//! objectGUID, userAccountControl, the data codes of its binds.

use std::sync::LazyLock;

use mereau::base::secret::Secret;
use mereau::directory::ldap::{LdapDirectory, LdapSettings, ServiceAccount, WriteMethod};
use mereau::directory::state::{Preset, StateRules};
use mereau::directory::{
    BindRefusal, Bound, Directory, EntryMapping, FenceKind, Found, Manner, PasswordRefusal, PasswordWrite,
    Standing, Wrote,
};
use mereau::tls::Roots;

use crate::directory::{login, password, person};
use crate::directory_served::{self as served, bind, reset};
use crate::directory_writes::{FIRST, LOCKED, PEOPLE as WRITTEN, WriteWorld};
use crate::directory_writes_contract;
use crate::support::samba::{PEOPLE, Samba, WRITER_DN, WRITER_PASSWORD, dn};

static SERVER: LazyLock<Samba> = LazyLock::new(|| {
    let disabled = "userAccountControl: 514\n";
    let written = WRITTEN.map(|login| (login, FIRST, if login == LOCKED { disabled } else { "" }));
    let read = [
        ("f.race", FIRST, "mail: f.race@campus.example\n"),
        ("r.right", FIRST, ""),
        ("r.must", FIRST, "pwdLastSet: 0\n"),
        ("r.obliged", FIRST, "pwdLastSet: 0\n"),
        ("r.ended", FIRST, "accountExpires: 132000000000000000\n"),
        ("r.disabled", FIRST, disabled),
        ("r.tired", FIRST, ""),
        ("r.history", FIRST, ""),
        ("r.doctor", FIRST, ""),
        ("r.twin1", FIRST, "mail: twin@exemple.fr\n"),
        ("r.twin2", FIRST, "mail: twin@exemple.fr\n"),
    ];
    Samba::start(&[written.as_slice(), &read].concat())
});

pub fn settings() -> LdapSettings {
    let url = SERVER.url();
    let writer = ServiceAccount {
        dn: WRITER_DN.to_owned(),
        password: Secret::new(WRITER_PASSWORD.to_owned()),
    };
    let mapping = EntryMapping {
        login_attributes: vec!["sAMAccountName".to_owned(), "mail".to_owned()],
        subject_attribute: "objectGUID".to_owned(),
        state_rules: StateRules::default().with_presets(&[Preset::Ad]),
        ..EntryMapping::default()
    };
    LdapSettings {
        roots: Roots::File(SERVER.authority_file().to_owned()),
        ..served::settings(&url, PEOPLE, WriteMethod::Ad, writer, mapping)
    }
}

fn directory() -> LdapDirectory {
    served::directory(settings())
}

/// The server is provisioned once, off the threads of the runtime.
pub async fn ready() {
    let _ = tokio::task::spawn_blocking(|| LazyLock::force(&SERVER))
        .await
        .unwrap();
}

async fn place() -> WriteWorld {
    ready().await;
    // Samba 4.17 does not know the control that holds a reset to the history.
    served::world(settings(), false)
}

directory_writes_contract!(place());

#[tokio::test]
async fn people_are_found_by_login_and_by_their_guid() {
    // SEC-46, T-51
    ready().await;
    let directory = directory();
    assert_eq!(directory.fence(), FenceKind::Compare);
    let right = person(&directory, "R.RIGHT").await;
    assert_eq!(
        (right.login.as_str(), right.entry.0.as_str()),
        ("r.right", dn("r.right").as_str())
    );
    let guid = SERVER.value(&dn("r.right"), "objectGUID").unwrap();
    assert_eq!(right.key.0, guid, "sixteen bytes of mixed order");
    let again = directory.read(&right.key).await.unwrap().unwrap();
    assert_eq!((again.entry, again.key), (right.entry, right.key));
    assert!(
        matches!(directory.find(&login("twin@exemple.fr")).await, Ok(Found::Ambiguous(both)) if both.len() == 2)
    );
    for nobody in ["nobody", "*", "r.right)(sAMAccountName=*", "*)(cn=*"] {
        assert!(
            matches!(directory.find(&login(nobody)).await, Ok(Found::Nobody)),
            "{nobody}"
        );
    }
}

#[tokio::test]
async fn the_data_codes_of_binds_and_the_states_of_entries_are_read() {
    // SEC-82, SEC-48
    ready().await;
    let directory = directory();
    for (login, typed, expected) in [
        ("r.right", FIRST, Bound::Accepted(None)),
        ("r.right", "wrong", Bound::WrongPassword),
        ("r.must", FIRST, Bound::Refused(BindRefusal::MustChange)),
        ("r.must", "wrong", Bound::WrongPassword),
        ("r.disabled", FIRST, Bound::Refused(BindRefusal::Disabled)),
        ("r.ended", FIRST, Bound::Refused(BindRefusal::Disabled)),
    ] {
        assert_eq!(bind(&directory, login, typed).await, expected, "{login} {typed}");
    }
    for (login, standing) in [
        ("r.right", Standing::Active),
        ("r.must", Standing::MustChange),
        ("r.disabled", Standing::Suspended),
        ("r.ended", Standing::Inactive),
    ] {
        assert_eq!(
            person(&directory, login).await.state.standing,
            standing,
            "{login}"
        );
    }
    // Somebody whose password must be changed gets a new one, and that is that.
    assert_eq!(reset(&directory, "r.must", "Oblige-Sesame-82").await, Wrote::Done);
    assert_eq!(
        bind(&directory, "r.must", "Oblige-Sesame-82").await,
        Bound::Accepted(None)
    );
}

#[tokio::test]
async fn the_lock_of_failed_tries_is_lifted() {
    // SEC-49, SEC-81
    ready().await;
    let directory = directory();
    for _ in 0..6 {
        bind(&directory, "r.tired", "wrong").await;
    }
    assert_eq!(
        bind(&directory, "r.tired", FIRST).await,
        Bound::Refused(BindRefusal::Locked)
    );
    let key = person(&directory, "r.tired").await.key;
    directory.lift_failure_lock(&key).await.unwrap();
    assert_eq!(bind(&directory, "r.tired", FIRST).await, Bound::Accepted(None));
    assert_eq!(SERVER.value(&dn("r.tired"), "lockoutTime").as_deref(), Some("0"));
}

#[tokio::test]
async fn a_change_is_held_to_the_history_and_to_the_password_in_force() {
    // SEC-81
    ready().await;
    let directory = directory();
    let key = person(&directory, "r.history").await.key;
    let read = directory.read_for_write(&key).await.unwrap().unwrap();
    let attempt = async |new: &str, current: &str| {
        let current = password(current);
        let write = PasswordWrite {
            key: &key,
            new: &password(new),
            guard: None,
            manner: Manner::Change { current: &current },
        };
        directory.write_password(&write).await.unwrap()
    };
    assert_eq!(attempt("Histoire-Sesame-83", FIRST).await, Wrote::Done);
    assert_eq!(
        attempt(FIRST, "Histoire-Sesame-83").await,
        Wrote::Refused(PasswordRefusal::InHistory, None)
    );
    assert_eq!(
        attempt("Histoire-Sesame-84", "Histoire-Sesame-80").await,
        Wrote::Refused(PasswordRefusal::WrongCurrent, None)
    );
    assert_eq!(
        attempt("court", "Histoire-Sesame-83").await,
        Wrote::Refused(PasswordRefusal::TooShort, None)
    );
    assert_ne!(
        directory.read_for_write(&key).await.unwrap().unwrap().guard,
        read.guard
    );
    assert_eq!(
        bind(&directory, "r.history", "Histoire-Sesame-83").await,
        Bound::Accepted(None)
    );
}

#[tokio::test]
async fn a_password_in_clear_is_refused_before_anything_is_sent() {
    // SEC-81
    ready().await;
    let mut settings = settings();
    settings.write.as_mut().unwrap().urls = vec!["ldap://127.0.0.1:389".to_owned()];
    let problems = settings.problems();
    assert_eq!(problems.len(), 1, "{problems:?}");
    assert!(
        problems[0].key == "write.urls" && problems[0].problem.contains("in clear"),
        "{problems:?}"
    );
}
