//! The directory's contract on a real slapd, and what only a real server shows: TLS, the password
//! policy's words, servers that die or freeze.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use mereau::base::clock::SystemClock;
use mereau::base::secret::Secret;
use mereau::directory::ldap::{LdapDirectory, LdapLimits, LdapSettings, ServiceAccount};
use mereau::directory::{BindRefusal, Bound, Directory, DirectoryError, Filter, Found, PasswordNotice};
use mereau::tls::Roots;

use crate::directory::{PASSWORDS, World, login, mapping, password, person};
use crate::directory_contract;
use crate::support::certificates::Authority;
use crate::support::slapd::{Options, PEOPLE, SERVICE_DN, SERVICE_PASSWORD, Slapd};
use crate::support::wait;

fn settings(urls: &[String]) -> LdapSettings {
    let urls: Vec<&str> = urls.iter().map(String::as_str).collect();
    // A busy machine must not look like a slow server.
    let limits = LdapLimits {
        operation: Duration::from_secs(60),
        queue: Duration::from_secs(60),
        ..LdapLimits::default()
    };
    LdapSettings {
        limits,
        account: Some(ServiceAccount {
            dn: SERVICE_DN.to_owned(),
            password: Secret::new(SERVICE_PASSWORD.to_owned()),
        }),
        mapping: mapping(),
        ..LdapSettings::new(&urls, PEOPLE)
    }
}

fn directory(settings: LdapSettings) -> LdapDirectory {
    match LdapDirectory::new(settings, Arc::new(SystemClock)) {
        Ok(directory) => directory,
        Err(problems) => panic!("{problems:?}"),
    }
}

async fn in_clear() -> World {
    let slapd = Slapd::start(&Options::default());
    World::on(directory(settings(&[slapd.url()])), slapd)
}

async fn with_tls() -> World {
    let slapd = secured();
    let mut settings = settings(&[slapd.ldaps_url()]);
    settings.roots = Roots::File(slapd.authority_file().to_owned());
    World::on(directory(settings), slapd)
}

fn secured() -> Slapd {
    let authority = Authority::new();
    Slapd::start(&Options {
        authority: Some(&authority),
        ..Options::default()
    })
}

mod clear {
    use super::in_clear;
    use crate::directory_contract;
    directory_contract!(in_clear());
}

directory_contract!(with_tls();
    passwords_of_every_scheme_are_taken_verbatim_and_no_others,
    forty_binds_at_once_each_get_their_own_answer,
    three_hundred_searches_at_once_all_find,
);

async fn bind(directory: &LdapDirectory, name: &str, typed: &str) -> Result<Bound, DirectoryError> {
    let person = person(directory, name).await;
    directory.bind(&person, &password(typed)).await
}

#[tokio::test]
async fn ldaps_and_starttls_protect_and_say_with_what() {
    // T-52
    let slapd = secured();
    for (url, starttls) in [
        (slapd.ldaps_url(), false),
        (slapd.url().replace("127.0.0.1", "localhost"), true),
    ] {
        let mut settings = settings(&[url]);
        settings.starttls = starttls;
        settings.roots = Roots::File(slapd.authority_file().to_owned());
        let directory = directory(settings);
        let (name, right) = PASSWORDS[0];
        assert_eq!(
            bind(&directory, name, right).await.unwrap(),
            Bound::Accepted(None)
        );
        let probe = directory.probe(Some(&login("adurand"))).await.remove(0);
        assert_eq!(probe.problem, None);
        assert!(probe.tls_version.unwrap().starts_with("TLSv1"));
        assert!(probe.certificate_expires.is_some());
        assert!(probe.account_accepted && probe.round_trip_ms.is_some());
        assert_eq!(probe.vendor.as_deref(), Some("OpenLDAP"));
        let found: Vec<(&str, usize)> = probe
            .logins
            .iter()
            .map(|l| (l.attribute.as_str(), l.found))
            .collect();
        assert_eq!(found, [("uid", 0), ("supannAliasLogin", 2), ("mail", 0)]);
    }
}

#[tokio::test]
async fn a_server_of_another_authority_or_another_name_is_refused() {
    // T-52
    let (slapd, stranger) = (secured(), secured());
    let elsewhere = Slapd::start(&Options {
        authority: Some(&Authority::new()),
        names: &["ldap.elsewhere.example"],
        ..Options::default()
    });
    let cases: [(&Slapd, PathBuf, &str); 2] = [
        (
            &slapd,
            stranger.authority_file().to_owned(),
            "invalid peer certificate",
        ),
        (
            &elsewhere,
            elsewhere.authority_file().to_owned(),
            "not valid for name",
        ),
    ];
    for (slapd, roots, reason) in cases {
        for starttls in [false, true] {
            let clear = slapd.url().replace("127.0.0.1", "localhost");
            let mut settings = settings(&[if starttls { clear } else { slapd.ldaps_url() }]);
            settings.starttls = starttls;
            settings.roots = Roots::File(roots.clone());
            let directory = directory(settings);
            let error = directory.find(&login("camille.dupont")).await.unwrap_err();
            assert!(matches!(error, DirectoryError::Unreachable(_)), "{error}");
            assert!(error.to_string().contains(reason), "{error}");
            let probe = directory.probe(None).await.remove(0);
            assert!(probe.problem.is_some_and(|problem| problem.contains(reason)));
        }
    }
}

#[tokio::test]
async fn starttls_on_a_server_without_tls_never_goes_on_in_clear() {
    // T-52
    let slapd = Slapd::start(&Options::default());
    let mut settings = settings(&[slapd.url()]);
    settings.starttls = true;
    settings.roots = Roots::File(secured().authority_file().to_owned());
    let error = directory(settings)
        .find(&login("camille.dupont"))
        .await
        .unwrap_err();
    assert!(error.to_string().contains("StartTLS is refused"), "{error}");
}

#[tokio::test]
async fn a_service_account_with_a_wrong_password_is_named_by_the_probe() {
    let slapd = Slapd::start(&Options::default());
    let mut settings = settings(&[slapd.url()]);
    settings.account = Some(ServiceAccount {
        dn: SERVICE_DN.to_owned(),
        password: Secret::new("not-this-one".to_owned()),
    });
    let probe = directory(settings).probe(None).await.remove(0);
    assert!(!probe.account_accepted && probe.connect_ms.is_some());
    let problem = probe.problem.unwrap();
    assert!(
        problem.contains(SERVICE_DN) && problem.contains("49"),
        "{problem}"
    );
    assert!(!problem.contains("not-this-one"));
}

#[tokio::test]
async fn the_password_policy_says_why_it_refuses_and_what_it_wants() {
    let slapd = Slapd::start(&Options {
        max_failure: 2,
        ..Options::default()
    });
    let directory = directory(settings(&[slapd.url()]));
    for (name, right, expected) in [
        (
            "omar.diallo",
            "omar-saphir-18",
            Bound::Accepted(Some(PasswordNotice::MustChange)),
        ),
        (
            "paul.girard",
            "paul-chouette-19",
            Bound::Refused(BindRefusal::Expired),
        ),
        (
            "marie.fournier",
            "marie-galet-16",
            Bound::Refused(BindRefusal::Locked),
        ),
        (
            "nadia.cohen",
            "nadia-bleuet-17",
            Bound::Refused(BindRefusal::Locked),
        ),
    ] {
        assert_eq!(bind(&directory, name, right).await.unwrap(), expected, "{name}");
    }
    for _ in 0..2 {
        assert_eq!(
            bind(&directory, "hugo.moreau", "wrong").await.unwrap(),
            Bound::WrongPassword
        );
    }
    let locked = bind(&directory, "hugo.moreau", "hugo-moulin-13").await.unwrap();
    assert_eq!(locked, Bound::Refused(BindRefusal::Locked));
    let told = person(&directory, "hugo.moreau").await.state;
    assert_eq!(
        told.rule.as_deref(),
        Some("5: (supannRessourceEtat={COMPTE}A:SupannSursis*)")
    );
}

#[tokio::test]
async fn a_server_that_keeps_locks_to_itself_says_wrong_password() {
    let slapd = Slapd::start(&Options {
        says_locked: false,
        ..Options::default()
    });
    let directory = directory(settings(&[slapd.url()]));
    let bound = bind(&directory, "nadia.cohen", "nadia-bleuet-17").await.unwrap();
    assert_eq!(bound, Bound::WrongPassword);
}

#[tokio::test]
async fn people_outside_the_filter_do_not_exist() {
    let slapd = Slapd::start(&Options::default());
    let mut settings = settings(&[slapd.url()]);
    settings.mapping.user_filter = Some(Filter::parse("(eduPersonAffiliation=student)").unwrap());
    let directory = directory(settings);
    let camille = person(&directory, "camille.dupont").await;
    assert!(directory.read(&camille.key).await.unwrap().is_some());
    assert!(matches!(
        directory.find(&login("amine.benali")).await,
        Ok(Found::Nobody)
    ));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_server_gives_way_to_the_other_and_comes_back() {
    // F-12
    let (mut first, second) = (
        Slapd::start(&Options::default()),
        Slapd::start(&Options::default()),
    );
    let directory = directory(settings(&[first.url(), second.url()]));
    let (name, right) = PASSWORDS[0];
    assert_eq!(
        bind(&directory, name, right).await.unwrap(),
        Bound::Accepted(None)
    );
    first.kill();
    for _ in 0..10 {
        assert_eq!(
            bind(&directory, name, right).await.unwrap(),
            Bound::Accepted(None),
            "no user sees it"
        );
    }
    first.restart();
    drop(second);
    let works = || async { matches!(directory.find(&login(name)).await, Ok(Found::One(_))).then_some(()) };
    wait::until_async("the first server to be found again", works).await;
    assert_eq!(
        bind(&directory, name, right).await.unwrap(),
        Bound::Accepted(None)
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_frozen_server_gives_way_to_the_other_without_anybody_noticing() {
    // F-12, F-13
    let (first, second) = (
        Slapd::start(&Options::default()),
        Slapd::start(&Options::default()),
    );
    let directory = directory(settings(&[first.url(), second.url()]));
    let (name, right) = PASSWORDS[0];
    assert_eq!(
        bind(&directory, name, right).await.unwrap(),
        Bound::Accepted(None)
    );
    first.stop();
    for _ in 0..3 {
        assert_eq!(
            bind(&directory, name, right).await.unwrap(),
            Bound::Accepted(None)
        );
    }
    first.cont();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_frozen_server_alone_is_an_error_within_the_deadline_and_never_a_wrong_password() {
    // F-13, F-16
    let (frozen, other) = (
        Slapd::start(&Options::default()),
        Slapd::start(&Options::default()),
    );
    let mut settings_of_frozen = settings(&[frozen.url()]);
    settings_of_frozen.limits.operation = Duration::from_millis(300);
    let held = directory(settings_of_frozen);
    let free = directory(settings(&[other.url()]));
    let (name, right) = PASSWORDS[0];
    // Both hold the same people.
    let camille = person(&free, name).await;
    let accepted = || async {
        let bound = held.bind(&camille, &password(right)).await;
        (bound.ok()? == Bound::Accepted(None)).then_some(())
    };
    wait::until_async("a first bind", accepted).await;
    frozen.stop();
    let error = held.bind(&camille, &password(right)).await.unwrap_err();
    assert!(
        matches!(
            error,
            DirectoryError::TimedOut {
                operation: "bind",
                ..
            }
        ),
        "{error}"
    );
    assert_eq!(
        bind(&free, name, right).await.unwrap(),
        Bound::Accepted(None),
        "others are unaffected"
    );
    assert!(held.find(&login(name)).await.is_err());
    frozen.cont();
    wait::until_async("a bind on the thawed server", accepted).await;
}

#[tokio::test]
async fn a_configured_decoy_takes_the_time_of_its_scheme_and_counts_for_nobody() {
    // T-53
    let slapd = Slapd::start(&Options {
        max_failure: 1,
        entries: "dn: cn=decoy,ou=services,dc=campus,dc=example\nobjectClass: organizationalRole\n\
                  objectClass: simpleSecurityObject\ncn: decoy\nuserPassword: nobodys-password\n",
        ..Options::default()
    });
    let mut settings = settings(&[slapd.url()]);
    settings.decoy_dn = Some("cn=decoy,ou=services,dc=campus,dc=example".into());
    let directory = directory(settings);
    directory.decoy(&password("camille-corbeau-7")).await;
    let entry = slapd.entry("cn=decoy,ou=services,dc=campus,dc=example");
    assert!(
        entry.contains("pwdFailureTime"),
        "the try reached the decoy: {entry}"
    );
    let (name, right) = PASSWORDS[0];
    assert_eq!(
        bind(&directory, name, right).await.unwrap(),
        Bound::Accepted(None)
    );
}
