//! Locks on a real slapd: those of failed tries are lifted and hide nothing, an administrator's stay.

use mereau::directory::{Bound, Directory, Manner, PasswordRefusal, PasswordWrite, Settled, Wrote};

use crate::directory::{password, person};
use crate::directory_openldap_writes::{ARGON2, bind, directory, dn, entry, of_one, reset, value};
use crate::directory_writes::FIRST;
use crate::support::slapd::{Options, Slapd};

#[tokio::test]
async fn the_lock_of_failed_tries_is_lifted_and_an_administrators_stays() {
    // SEC-48, SEC-49
    let slapd = Slapd::start(&Options {
        entries: &[
            entry("tired", ""),
            entry("retired", ""),
            entry("barred", "pwdAccountLockedTime: 000001010000Z\n"),
        ]
        .join("\n"),
        settings: ARGON2,
        max_failure: 2,
        ..Options::default()
    });
    let directory = directory(of_one(&slapd));
    for login in ["tired", "retired"] {
        for _ in 0..3 {
            bind(&directory, login, "wrong").await;
        }
        assert_ne!(
            bind(&directory, login, FIRST).await,
            Bound::Accepted(None),
            "{login} is locked"
        );
    }
    let key = person(&directory, "tired").await.key;
    directory.lift_failure_lock(&key).await.unwrap();
    assert_eq!(bind(&directory, "tired", FIRST).await, Bound::Accepted(None));
    // A new password lifts it by itself.
    assert_eq!(
        reset(&directory, "retired", "Repos-Sesame-68").await.unwrap(),
        Wrote::Done
    );
    assert_eq!(
        bind(&directory, "retired", "Repos-Sesame-68").await,
        Bound::Accepted(None)
    );
    let before = slapd.entry(&dn("barred"));
    directory
        .lift_failure_lock(&person(&directory, "barred").await.key)
        .await
        .unwrap();
    let refused = reset(&directory, "barred", "Barre-Sesame-69").await.unwrap();
    assert_eq!(refused, Wrote::Refused(PasswordRefusal::NotAllowed, None));
    assert_eq!(slapd.entry(&dn("barred")), before);
    assert_eq!(
        value(&before, "pwdAccountLockedTime").as_deref(),
        Some("000001010000Z")
    );
}

#[tokio::test]
async fn a_lock_of_failed_tries_hides_no_outcome_whether_the_server_says_it_or_not() {
    // F-20, SEC-49
    for says_locked in [true, false] {
        let slapd = Slapd::start(&Options {
            entries: &[entry("one", ""), entry("two", "")].join("\n"),
            settings: ARGON2,
            max_failure: 2,
            says_locked,
            ..Options::default()
        });
        let directory = directory(of_one(&slapd));
        let (one, two) = (password("Sous-Clef-Sesame-84"), password("Sous-Clef-Sesame-85"));
        for (login, new, expected) in [("one", &one, Settled::Written), ("two", &two, Settled::Spent)] {
            let key = person(&directory, login).await.key;
            let read = directory.read_for_write(&key).await.unwrap().unwrap();
            let attempt = |new| PasswordWrite {
                key: &key,
                new,
                guard: read.guard.as_ref(),
                manner: Manner::Reset,
            };
            assert_eq!(
                directory.write_password(&attempt(&one)).await.unwrap(),
                Wrote::Done
            );
            for _ in 0..3 {
                bind(&directory, login, "wrong").await;
            }
            let locked = bind(&directory, login, one.as_typed()).await;
            assert!(!matches!(locked, Bound::Accepted(_)), "{locked:?}");
            assert_eq!(
                directory.settle(&attempt(new)).await.unwrap(),
                expected,
                "{login}"
            );
        }
        assert_eq!(
            bind(&directory, "one", one.as_typed()).await,
            Bound::Accepted(None)
        );
    }
}
