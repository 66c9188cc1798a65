//! What becomes of a sign-in when a directory server is silent, dead, late or crowded; servers are
//! told to be so. What they may say wrongly is in `directory_answers`.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use mereau::base::clock::SystemClock;
use mereau::base::names::PersonKey;
use mereau::base::secret::Secret;
use mereau::directory::ldap::{LdapDirectory, LdapSettings, ServiceAccount};
use mereau::directory::state::AccountState;
use mereau::directory::{Attributes, Bound, Directory, DirectoryError, EntryName, Found, Outage, Person};
use tokio::sync::Notify;

use crate::directory::{login, password};
use crate::fake_ldap::{Asked, FakeLdap, Request, SERVICE_DN, Step, result, sound};

pub fn settings(servers: &[&FakeLdap]) -> LdapSettings {
    let urls: Vec<String> = servers.iter().map(|server| server.url()).collect();
    let urls: Vec<&str> = urls.iter().map(String::as_str).collect();
    let mut settings = LdapSettings::new(&urls, "dc=x");
    settings.account = Some(ServiceAccount {
        dn: SERVICE_DN.to_owned(),
        password: Secret::new("service".to_owned()),
    });
    // A busy machine must not look like a slow server.
    settings.limits.operation = Duration::from_secs(60);
    settings.limits.next_server_after = Duration::from_secs(60);
    settings
}

pub fn directory(settings: LdapSettings) -> LdapDirectory {
    match LdapDirectory::new(settings, Arc::new(SystemClock)) {
        Ok(directory) => directory,
        Err(problems) => panic!("{problems:?}"),
    }
}

pub fn on(servers: &[&FakeLdap]) -> LdapDirectory {
    directory(settings(servers))
}

/// With deadlines that a test can sit out.
pub fn impatient(servers: &[&FakeLdap]) -> LdapSettings {
    let mut settings = settings(servers);
    settings.limits.operation = Duration::from_millis(200);
    settings.limits.next_server_after = Duration::from_millis(50);
    settings
}

pub fn anne() -> Person {
    Person {
        key: PersonKey("key-anne".into()),
        entry: EntryName("uid=anne,dc=x".into()),
        login: "anne".into(),
        state: AccountState::active(),
        attributes: Attributes::default(),
    }
}

pub async fn finds_anne(directory: &LdapDirectory) -> bool {
    matches!(directory.find(&login("anne")).await, Ok(Found::One(_)))
}

pub fn is_person_search(request: &Request) -> bool {
    matches!(&request.asked, Asked::Search { base, .. } if !base.is_empty())
}

#[tokio::test]
async fn a_mute_server_costs_its_own_callers_a_deadline_and_others_nothing() {
    // F-13
    let mute = FakeLdap::start(|request| match is_person_search(request) {
        true => vec![Step::Mute],
        false => sound(request),
    })
    .await;
    let good = FakeLdap::start(sound).await;
    let (held, free) = (on(&[&mute]), on(&[&good]));
    let waiting = tokio::spawn(async move { held.find(&login("anne")).await });
    while mute.searches().is_empty() {
        tokio::task::yield_now().await;
    }
    assert!(finds_anne(&free).await);
    assert!(
        !waiting.is_finished(),
        "the other directory answered while this one was held"
    );
    waiting.abort();
    let error = directory(impatient(&[&mute]))
        .find(&login("anne"))
        .await
        .unwrap_err();
    assert!(matches!(error, DirectoryError::TimedOut { .. }), "{error}");
}

#[tokio::test]
async fn a_silent_server_gives_way_to_the_next_within_the_operation() {
    // F-12, F-13
    let mute = FakeLdap::start(|_| vec![Step::Mute]).await;
    let good = FakeLdap::start(sound).await;
    let mut settings = settings(&[&mute, &good]);
    settings.limits.next_server_after = Duration::from_millis(20);
    let directory = directory(settings);
    assert!(finds_anne(&directory).await);
    assert_eq!(
        directory.bind(&anne(), &password("right")).await.unwrap(),
        Bound::Accepted(None)
    );
    assert!(mute.binds().is_empty(), "the silent server was put last");
}

#[tokio::test]
async fn a_server_that_was_silent_is_asked_first_again_once_it_answers() {
    // F-12, F-13
    let silent = Arc::new(AtomicBool::new(true));
    let is_silent = silent.clone();
    let first = FakeLdap::start(move |request| match is_silent.load(Ordering::SeqCst) {
        true => vec![Step::Mute],
        false => sound(request),
    })
    .await;
    let second = FakeLdap::start(sound).await;
    let mut settings = impatient(&[&first, &second]);
    settings.limits.health_every = Duration::from_millis(5);
    settings.limits.failures = u32::MAX;
    let directory = directory(settings);
    while !finds_anne(&directory).await {}
    assert!(!first.seen().iter().any(is_person_search));
    silent.store(false, Ordering::SeqCst);
    while !first.seen().iter().any(is_person_search) {
        finds_anne(&directory).await;
    }
}

#[tokio::test]
async fn a_dead_server_gives_way_and_is_left_alone_after_three_failures() {
    // F-12
    let dead = FakeLdap::start(|_| vec![Step::Close]).await;
    let good = FakeLdap::start(sound).await;
    let mut settings = settings(&[&dead, &good]);
    settings.limits.first_ejection = Duration::from_secs(3600);
    let directory = directory(settings);
    for _ in 0..10 {
        assert!(finds_anne(&directory).await);
    }
    let service_binds = dead.seen().len();
    assert_eq!(service_binds, 3, "one per failure, then none");
}

/// A server that closes every connection while the switch is on, and a directory that looks often.
async fn breakable(at_first: bool) -> (FakeLdap, Arc<AtomicBool>, LdapDirectory) {
    let broken = Arc::new(AtomicBool::new(at_first));
    let is_broken = broken.clone();
    let server = FakeLdap::start(move |request| match is_broken.load(Ordering::SeqCst) {
        true => vec![Step::Close],
        false => sound(request),
    })
    .await;
    let mut settings = settings(&[&server]);
    settings.limits.first_ejection = Duration::from_millis(10);
    settings.limits.longest_ejection = Duration::from_millis(10);
    settings.limits.health_every = Duration::from_millis(5);
    let directory = directory(settings);
    (server, broken, directory)
}

#[tokio::test]
async fn an_ejected_server_is_probed_and_comes_back() {
    // F-12
    let (server, broken, directory) = breakable(true).await;
    for _ in 0..3 {
        assert!(!finds_anne(&directory).await);
    }
    broken.store(false, Ordering::SeqCst);
    let probed = |request: &Request| matches!(&request.asked, Asked::Search { base, .. } if base.is_empty());
    while !server.seen().iter().any(probed) {
        tokio::task::yield_now().await;
    }
    while !finds_anne(&directory).await {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_server_that_goes_down_is_known_before_anybody_runs_into_it() {
    // SEC-08, F-19
    let (server, broken, directory) = breakable(false).await;
    assert!(finds_anne(&directory).await);
    let probed = |request: &Request| matches!(&request.asked, Asked::Search { base, .. } if base.is_empty());
    let probes = || server.seen().iter().filter(|request| probed(request)).count();
    while probes() < 5 {
        tokio::task::yield_now().await;
    }
    assert_eq!(directory.outage(), Outage::default());
    broken.store(true, Ordering::SeqCst);
    while directory.outage().reading.is_none() {
        tokio::task::yield_now().await;
    }
    broken.store(false, Ordering::SeqCst);
    while directory.outage().reading.is_some() {
        tokio::task::yield_now().await;
    }
    let asked = |request: &Request| is_person_search(request);
    assert_eq!(server.seen().iter().filter(|request| asked(request)).count(), 1);
}

#[tokio::test]
async fn a_late_bind_is_neither_accepted_nor_wrong_and_its_connection_is_not_used_again() {
    // F-16, F-13
    let (told, first) = (Arc::new(Notify::new()), AtomicBool::new(true));
    let wait = told.clone();
    let server = FakeLdap::start(move |request| match &request.asked {
        Asked::Bind { dn, .. } if dn != SERVICE_DN && first.swap(false, Ordering::SeqCst) => {
            vec![
                Step::WaitFor(wait.clone()),
                Step::Send(result(request.id, 0x61, 0, b"")),
            ]
        }
        _ => sound(request),
    })
    .await;
    let directory = directory(impatient(&[&server]));
    let error = directory.bind(&anne(), &password("right")).await.unwrap_err();
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
    told.notify_one();
    loop {
        match directory.bind(&anne(), &password("wrong")).await {
            Err(DirectoryError::TimedOut { .. }) => {}
            bound => break assert_eq!(bound.unwrap(), Bound::WrongPassword),
        }
    }
    let binds = server.binds();
    assert_ne!(binds[0].connection, binds[1].connection);
}

#[tokio::test]
async fn a_server_that_dies_under_a_bind_gives_way_to_the_next() {
    // F-12
    let dying = FakeLdap::start(|request| match &request.asked {
        Asked::Bind { dn, .. } if dn != SERVICE_DN => vec![Step::Close],
        _ => sound(request),
    })
    .await;
    let good = FakeLdap::start(sound).await;
    let bound = on(&[&dying, &good]).bind(&anne(), &password("right")).await;
    assert_eq!(bound.unwrap(), Bound::Accepted(None));
    let error = on(&[&dying]).bind(&anne(), &password("right")).await.unwrap_err();
    assert!(matches!(error, DirectoryError::Unreachable(_)), "{error}");
}

#[tokio::test]
async fn an_idle_connection_that_the_server_closed_is_replaced_unseen() {
    // F-12
    let count = AtomicUsize::new(0);
    let server = FakeLdap::start(move |request| {
        let mut steps = sound(request);
        // Every other operation of a person ends its connection right after the answer.
        let personal =
            is_person_search(request) || matches!(&request.asked, Asked::Bind { dn, .. } if dn != SERVICE_DN);
        if personal && count.fetch_add(1, Ordering::SeqCst).is_multiple_of(2) {
            steps.push(Step::Close);
        }
        steps
    })
    .await;
    let directory = on(&[&server]);
    for _ in 0..5 {
        assert!(finds_anne(&directory).await);
        assert_eq!(
            directory.bind(&anne(), &password("right")).await.unwrap(),
            Bound::Accepted(None)
        );
    }
}

#[tokio::test]
async fn a_crowded_directory_turns_away_at_once() {
    // F-13
    let told = Arc::new(Notify::new());
    let wait = told.clone();
    let server = FakeLdap::start(move |request| match &request.asked {
        Asked::Bind { dn, .. } if dn != SERVICE_DN => {
            vec![
                Step::WaitFor(wait.clone()),
                Step::Send(result(request.id, 0x61, 0, b"")),
            ]
        }
        _ => sound(request),
    })
    .await;
    let mut settings = settings(&[&server]);
    settings.limits.bind_connections = 1;
    settings.limits.queue_length = 0;
    let directory = Arc::new(directory(settings));
    let first = tokio::spawn({
        let directory = directory.clone();
        async move { directory.bind(&anne(), &password("right")).await }
    });
    while server.binds().is_empty() {
        tokio::task::yield_now().await;
    }
    let refused = directory.bind(&anne(), &password("right")).await;
    assert!(matches!(refused, Err(DirectoryError::Crowded)));
    told.notify_one();
    assert_eq!(first.await.unwrap().unwrap(), Bound::Accepted(None));
}
