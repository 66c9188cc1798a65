//! A real 389 Directory Server: the contract of writing, and of reading what is its own: nsUniqueId,
//! states, the words of its binds.

use std::sync::{Arc, LazyLock};

use mereau::base::clock::SystemClock;
use mereau::base::secret::Secret;
use mereau::directory::ldap::{LdapDirectory, LdapSettings, ServiceAccount, WriteMethod};
use mereau::directory::state::{Preset, StateRules};
use mereau::directory::{
    BindRefusal, Bound, Directory, EntryMapping, FenceKind, Found, Manner, PasswordRefusal, PasswordWrite,
    Standing, Wrote,
};

use crate::directory::{login, password, person};
use crate::directory_served::{self as served, bind};
use crate::directory_writes::{FIRST, LOCKED, PEOPLE as WRITTEN, WriteWorld};
use crate::directory_writes_contract;
use crate::support::ds389::{Ds389, PEOPLE, ROOT_DN, ROOT_PASSWORD, WRITER_DN, WRITER_PASSWORD};
use crate::support::wait;

static SERVER: LazyLock<Ds389> = LazyLock::new(|| {
    let written = WRITTEN.iter().map(|login| match *login == LOCKED {
        true => entry(login, "nsAccountLock: TRUE\n"),
        false => entry(login, ""),
    });
    let read = [
        ("f.race", "mail: f.race@campus.example\n"),
        ("r.right", ""),
        ("r.must", ""),
        ("r.tired", ""),
        ("r.own", ""),
        ("r.doctor", ""),
        ("r.slip", ""),
        ("r.twin1", "mail: twin@exemple.fr\n"),
        ("r.twin2", "mail: twin@exemple.fr\n"),
    ];
    let read = read.iter().map(|(login, more)| entry(login, more));
    let server = Ds389::start(&written.chain(read).collect::<String>());
    // Chosen by somebody else: to be changed (passwordMustChange).
    server.modify(&format!(
        "dn: {}\nchangetype: modify\nreplace: userPassword\nuserPassword: Agent-Sesame-1\n",
        dn("r.must")
    ));
    server
});

fn dn(login: &str) -> String {
    format!("uid={login},{PEOPLE}")
}

fn entry(login: &str, more: &str) -> String {
    format!(
        "dn: {}\nchangetype: add\nobjectClass: inetOrgPerson\nuid: {login}\ncn: Personne\nsn: W\nuserPassword: {FIRST}\n{more}\n",
        dn(login)
    )
}

pub fn settings() -> LdapSettings {
    let url = SERVER.url();
    let writer = ServiceAccount {
        dn: WRITER_DN.to_owned(),
        password: Secret::new(WRITER_PASSWORD.to_owned()),
    };
    let mapping = EntryMapping {
        login_attributes: vec!["uid".to_owned(), "mail".to_owned()],
        subject_attribute: "nsUniqueId".to_owned(),
        state_rules: StateRules::default().with_presets(&[Preset::Ds389]),
        ..EntryMapping::default()
    };
    served::settings(&url, PEOPLE, WriteMethod::Ds389, writer, mapping)
}

fn directory() -> LdapDirectory {
    served::directory(settings())
}

/// The server is set up once, off the threads of the runtime.
pub async fn ready() {
    let _ = tokio::task::spawn_blocking(|| LazyLock::force(&SERVER))
        .await
        .unwrap();
}

async fn place() -> WriteWorld {
    ready().await;
    served::world(settings(), true)
}

directory_writes_contract!(place());

#[tokio::test]
async fn people_are_found_by_login_and_by_the_servers_own_key() {
    // SEC-46, T-51
    ready().await;
    let directory = directory();
    assert_eq!(directory.fence(), FenceKind::Compare);
    let right = person(&directory, "R.Right").await;
    assert_eq!(
        (right.login.as_str(), right.entry.0.as_str()),
        ("r.right", dn("r.right").as_str())
    );
    assert_eq!(right.key.0.len(), 35, "{:?}", right.key);
    let again = directory.read(&right.key).await.unwrap().unwrap();
    assert_eq!((again.entry, again.key), (right.entry, right.key));
    assert!(
        matches!(directory.find(&login("twin@exemple.fr")).await, Ok(Found::Ambiguous(both)) if both.len() == 2)
    );
    for nobody in ["nobody", "*", "r.right)(uid=*", "*)(uid=*"] {
        assert!(
            matches!(directory.find(&login(nobody)).await, Ok(Found::Nobody)),
            "{nobody}"
        );
    }
}

#[tokio::test]
async fn binds_and_states_say_what_the_server_says() {
    // SEC-83, SEC-48
    ready().await;
    let directory = directory();
    assert_eq!(bind(&directory, "r.right", FIRST).await, Bound::Accepted(None));
    assert_eq!(bind(&directory, "r.right", "wrong").await, Bound::WrongPassword);
    assert_eq!(
        bind(&directory, LOCKED, FIRST).await,
        Bound::Refused(BindRefusal::Locked)
    );
    let must = bind(&directory, "r.must", "Agent-Sesame-1").await;
    assert!(
        matches!(
            must,
            Bound::Accepted(Some(mereau::directory::PasswordNotice::MustChange))
        ),
        "{must:?}"
    );
    for (login, standing) in [
        ("r.right", Standing::Active),
        (LOCKED, Standing::Suspended),
        ("r.must", Standing::MustChange),
    ] {
        assert_eq!(
            person(&directory, login).await.state.standing,
            standing,
            "{login}"
        );
    }
}

#[tokio::test]
async fn a_reset_lifts_the_lock_of_failed_tries_and_the_mark_to_change() {
    // SEC-49, SEC-79, SEC-83
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
    let read = directory.read_for_write(&key).await.unwrap().unwrap();
    let history = PasswordWrite {
        key: &key,
        new: &password(FIRST),
        guard: read.guard.as_ref(),
        manner: Manner::Reset,
    };
    let refused = directory.write_password(&history).await.unwrap();
    assert_eq!(refused, Wrote::Refused(PasswordRefusal::InHistory, None));
    let write = PasswordWrite {
        new: &password("Repose-Sesame-81"),
        ..history
    };
    assert_eq!(directory.write_password(&write).await.unwrap(), Wrote::Done);
    assert_eq!(
        bind(&directory, "r.tired", "Repose-Sesame-81").await,
        Bound::Accepted(None)
    );
    assert!(
        !SERVER
            .entry(&dn("r.tired"))
            .contains("passwordExpirationTime: 1970")
    );
}

#[tokio::test]
async fn a_password_that_its_person_chose_is_no_temporary_one_and_one_that_staff_wrote_is() {
    // SEC-83, SEC-79
    ready().await;
    let directory = directory();
    let slip = "dn: DN\nchangetype: modify\nreplace: userPassword\nuserPassword: Feuillet-Sesame-1\n";
    for login in ["r.own", "r.slip"] {
        SERVER.modify(&slip.replace("DN", &dn(login)));
        // The server writes these marks by itself, a moment after it has answered.
        wait::until("the marks of a temporary password", || {
            let entry = SERVER.entry(&dn(login));
            (entry.contains("pwdTPRReset: TRUE") && entry.contains("pwdTPRExpireAt: ")).then_some(())
        });
    }
    let key = person(&directory, "r.own").await.key;
    let read = directory.read_for_write(&key).await.unwrap().unwrap();
    let write = PasswordWrite {
        key: &key,
        new: &password("Retenu-Sesame-82"),
        guard: read.guard.as_ref(),
        manner: Manner::Reset,
    };
    assert_eq!(directory.write_password(&write).await.unwrap(), Wrote::Done);
    let entry = SERVER.entry(&dn("r.own"));
    for mark in ["pwdTPRUseCount", "pwdTPRExpireAt", "pwdTPRValidFrom"] {
        assert!(!entry.contains(mark), "{mark}: {entry}");
    }
    // More often than a temporary one could be used.
    for _ in 0..5 {
        assert_eq!(
            bind(&directory, "r.own", "Retenu-Sesame-82").await,
            Bound::Accepted(None)
        );
    }
    // What staff wrote on a slip is used up, and a reset helps out of it.
    for _ in 0..4 {
        bind(&directory, "r.slip", "wrong").await;
    }
    assert_eq!(
        bind(&directory, "r.slip", "Feuillet-Sesame-1").await,
        Bound::Refused(BindRefusal::Locked)
    );
    let key = person(&directory, "r.slip").await.key;
    let read = directory.read_for_write(&key).await.unwrap().unwrap();
    let write = PasswordWrite {
        key: &key,
        guard: read.guard.as_ref(),
        ..write
    };
    assert_eq!(directory.write_password(&write).await.unwrap(), Wrote::Done);
    assert_eq!(
        bind(&directory, "r.slip", "Retenu-Sesame-82").await,
        Bound::Accepted(None)
    );
}

#[tokio::test]
async fn the_look_at_the_primary_tells_who_bypasses_the_policy_and_what_notes_no_changes() {
    // SEC-83
    ready().await;
    let told = |settings: LdapSettings| async move {
        let directory = LdapDirectory::new(settings, Arc::new(SystemClock)).ok().unwrap();
        let probe = directory.probe_writing().await.remove(0);
        assert_eq!(probe.server.problem, None);
        let warnings = probe.warnings.into_iter().map(|warning| warning.fact);
        warnings.collect::<Vec<_>>().join("\n")
    };
    let sound = told(settings()).await;
    assert_eq!(sound, "");
    // As the root of the directory, which may read the configuration.
    let mut doubtful = settings();
    let root = ServiceAccount {
        dn: ROOT_DN.to_owned(),
        password: Secret::new(ROOT_PASSWORD.to_owned()),
    };
    let write = doubtful.write.as_mut().unwrap();
    write.account = root;
    write.changed_attribute = "employeeNumber".to_owned();
    let warned = told(doubtful).await;
    assert!(warned.contains("root of the directory"), "{warned}");
    assert!(warned.contains("nobody has employeeNumber"), "{warned}");
}
