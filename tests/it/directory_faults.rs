//! What becomes of a sign-in when a directory server misbehaves: each fault of reliability.md §2 on
//! a server that is told to have it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use mereau::base::clock::SystemClock;
use mereau::base::names::PersonKey;
use mereau::base::secret::Secret;
use mereau::directory::ldap::{LdapDirectory, LdapSettings, ServiceAccount, guard};
use mereau::directory::state::AccountState;
use mereau::directory::{
    Attributes, BindRefusal, Bound, Directory, DirectoryError, EntryName, Found, Person,
};
use tokio::sync::Notify;

use crate::directory::{login, password};
use crate::fake_ldap::{Asked, FakeLdap, Request, SERVICE_DN, Step, entry, message, result, sound, tlv};

fn settings(servers: &[&FakeLdap]) -> LdapSettings {
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

fn directory(settings: LdapSettings) -> LdapDirectory {
    match LdapDirectory::new(settings, Arc::new(SystemClock)) {
        Ok(directory) => directory,
        Err(problems) => panic!("{problems:?}"),
    }
}

fn on(servers: &[&FakeLdap]) -> LdapDirectory {
    directory(settings(servers))
}

/// With deadlines that a test can sit out.
fn impatient(servers: &[&FakeLdap]) -> LdapSettings {
    let mut settings = settings(servers);
    settings.limits.operation = Duration::from_millis(200);
    settings.limits.next_server_after = Duration::from_millis(50);
    settings
}

fn anne() -> Person {
    Person {
        key: PersonKey("key-anne".into()),
        entry: EntryName("uid=anne,dc=x".into()),
        login: "anne".into(),
        state: AccountState::active(),
        attributes: Attributes::default(),
    }
}

async fn finds_anne(directory: &LdapDirectory) -> bool {
    matches!(directory.find(&login("anne")).await, Ok(Found::One(_)))
}

fn is_person_search(request: &Request) -> bool {
    matches!(&request.asked, Asked::Search { base, .. } if !base.is_empty())
}

/// The bytes that answer the message of an id.
type Answer = fn(u8) -> Vec<u8>;

/// A server whose first search of a person gets `bad`, later ones a sound answer.
async fn bad_once(bad: impl Fn(u8) -> Vec<u8> + Send + Sync + 'static) -> FakeLdap {
    let done = AtomicBool::new(false);
    FakeLdap::start(move |request| {
        if is_person_search(request) && !done.swap(true, Ordering::SeqCst) {
            vec![Step::Send(bad(request.id))]
        } else {
            sound(request)
        }
    })
    .await
}

#[tokio::test]
async fn bytes_that_are_not_ldap_end_their_connection_and_nothing_else() {
    // F-15
    let nested = |_| {
        let mut inner = Vec::new();
        for _ in 0..10_000 {
            inner = tlv(0x30, &inner);
        }
        inner
    };
    let cases: [(&str, Answer); 6] = [
        ("garbage", |_| b"HTTP/1.1 400 Bad Request\r\n\r\n".to_vec()),
        ("empty sequence", |_| b"\x30\x00".to_vec()),
        ("unknown operation", |id| message(id, &tlv(0x7d, b""))),
        ("10,000 levels", nested),
        ("1.5 GB announced", |_| {
            b"\x30\x84\x59\x68\x2f\x00\x02\x01".to_vec()
        }),
        ("an entry cut short", |id| {
            message(id, &tlv(0x64, &tlv(0x04, b"uid=anne,dc=x")))
        }),
    ];
    for (name, bad) in cases {
        let before = guard::violations();
        let server = bad_once(bad).await;
        let directory = on(&[&server]);
        let error = directory.find(&login("anne")).await.unwrap_err();
        assert!(matches!(error, DirectoryError::Unreadable(_)), "{name}: {error}");
        assert!(guard::violations() > before, "{name}");
        assert!(finds_anne(&directory).await, "{name}: a new connection serves");
    }
}

#[tokio::test]
async fn an_answer_that_makes_the_client_library_fall_is_an_error_and_no_more() {
    // F-15
    let unreadable_text = |id| result(id, 0x65, 1, b"\xff\xfe");
    let wrong_kind = |id| result(id, 0x78, 0, b"");
    let cases: [Answer; 2] = [unreadable_text, wrong_kind];
    for bad in cases {
        let server = bad_once(bad).await;
        let directory = on(&[&server]);
        assert!(directory.find(&login("anne")).await.is_err());
        assert!(finds_anne(&directory).await);
    }
    let server = FakeLdap::start(|request| match &request.asked {
        Asked::Bind { dn, .. } if dn != SERVICE_DN => {
            vec![Step::Send(result(request.id, 0x61, 49, b"\xe9chec"))]
        }
        _ => sound(request),
    })
    .await;
    assert!(on(&[&server]).bind(&anne(), &password("right")).await.is_err());
}

#[tokio::test]
async fn an_answer_in_slices_of_one_byte_is_whole() {
    // F-15
    let server = FakeLdap::start(|request| {
        let sliced = |step| match step {
            Step::Send(bytes) => Step::SendSliced(bytes),
            other => other,
        };
        sound(request).into_iter().map(sliced).collect()
    })
    .await;
    let directory = on(&[&server]);
    assert!(finds_anne(&directory).await);
    assert_eq!(
        directory.bind(&anne(), &password("right")).await.unwrap(),
        Bound::Accepted(None)
    );
}

#[tokio::test]
async fn a_server_that_drips_is_not_waited_for_beyond_the_deadline() {
    // F-14
    let server = FakeLdap::start(|request| {
        let intermediate = message(request.id, &tlv(0x79, b""));
        match is_person_search(request) {
            true => vec![
                Step::Send(entry(request.id, "anne")),
                Step::Drip(intermediate, Duration::from_millis(20)),
            ],
            false => sound(request),
        }
    })
    .await;
    let error = directory(impatient(&[&server]))
        .find(&login("anne"))
        .await
        .unwrap_err();
    assert!(
        matches!(
            error,
            DirectoryError::TimedOut {
                operation: "search",
                ..
            }
        ),
        "{error}"
    );
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

#[tokio::test]
async fn an_ejected_server_is_probed_and_comes_back() {
    // F-12
    let broken = Arc::new(AtomicBool::new(true));
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

fn answering_binds_with(code: u8) -> impl Fn(&Request) -> Vec<Step> + Send + Sync {
    move |request| match &request.asked {
        Asked::Bind { dn, .. } if dn != SERVICE_DN => vec![Step::Send(result(request.id, 0x61, code, b""))],
        _ => sound(request),
    }
}

#[tokio::test]
async fn busy_servers_are_passed_over_and_a_wrong_password_is_never_tried_twice() {
    // F-17
    let good = FakeLdap::start(sound).await;
    for code in [11, 51, 52, 53] {
        let busy = FakeLdap::start(answering_binds_with(code)).await;
        let bound = on(&[&busy, &good]).bind(&anne(), &password("right")).await;
        assert_eq!(bound.unwrap(), Bound::Accepted(None), "{code}");
        let error = on(&[&busy]).bind(&anne(), &password("right")).await.unwrap_err();
        assert!(
            matches!(
                error,
                DirectoryError::Answered {
                    operation: "bind",
                    ..
                }
            ),
            "{code}: {error}"
        );
    }
    let (one, two) = (FakeLdap::start(sound).await, FakeLdap::start(sound).await);
    let bound = on(&[&one, &two]).bind(&anne(), &password("wrong")).await;
    assert_eq!(bound.unwrap(), Bound::WrongPassword);
    assert_eq!((one.binds().len(), two.binds().len()), (1, 0));
}

#[tokio::test]
async fn searches_pass_over_busy_servers_and_a_referral_is_an_error() {
    // F-17
    let answering = |code| {
        move |request: &Request| match is_person_search(request) {
            true => vec![Step::Send(result(request.id, 0x65, code, b""))],
            false => sound(request),
        }
    };
    let good = FakeLdap::start(sound).await;
    for code in [11, 51, 52, 53] {
        let busy = FakeLdap::start(answering(code)).await;
        assert!(finds_anne(&on(&[&busy, &good])).await, "{code}");
        assert!(!finds_anne(&on(&[&busy])).await, "{code}");
    }
    let referring = FakeLdap::start(answering(10)).await;
    let error = on(&[&referring]).find(&login("anne")).await.unwrap_err();
    assert!(error.to_string().contains("referral"), "{error}");
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
async fn more_than_one_entry_is_ambiguous_however_the_server_ends() {
    let two = |id| [entry(id, "anne"), entry(id, "anna")].concat();
    let limit = move |id| [two(id), result(id, 0x65, 4, b"")].concat();
    let endless = move |id| [two(id), entry(id, "anni"), entry(id, "anno")].concat();
    let cases: [Box<dyn Fn(u8) -> Vec<u8> + Send + Sync>; 2] = [Box::new(limit), Box::new(endless)];
    for answer in cases {
        let server = bad_once(answer).await;
        let directory = on(&[&server]);
        let found = directory.find(&login("anne")).await.unwrap();
        let Found::Ambiguous(entries) = found else {
            panic!("{found:?}")
        };
        assert!(entries.contains(&EntryName("uid=anna,dc=x".into())));
        assert!(finds_anne(&directory).await);
    }
    let alone = bad_once(|id| [entry(id, "anne"), result(id, 0x65, 4, b"")].concat()).await;
    let error = on(&[&alone]).find(&login("anne")).await.unwrap_err();
    assert!(
        matches!(error, DirectoryError::Answered { code: 4, .. }),
        "{error}"
    );
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

#[tokio::test]
async fn starttls_that_is_refused_or_tampered_with_ends_the_connection() {
    // T-52
    let refused = |id| result(id, 0x78, 2, b"not here");
    let injected = |id| [result(id, 0x78, 0, b""), result(2, 0x61, 0, b"")].concat();
    let other = |id| result(id, 0x61, 0, b"");
    let cases: [Answer; 3] = [refused, injected, other];
    for answer in cases {
        let server = FakeLdap::start(move |request| match request.asked {
            Asked::Extended => vec![Step::Send(answer(request.id))],
            _ => sound(request),
        })
        .await;
        let mut settings = settings(&[&server]);
        settings.starttls = true;
        settings.limits.operation = Duration::from_millis(500);
        let directory = directory(settings);
        assert!(directory.find(&login("anne")).await.is_err());
        assert!(directory.bind(&anne(), &password("right")).await.is_err());
        let said_in_clear = |request: &Request| request.asked != Asked::Extended;
        assert!(!server.seen().iter().any(said_in_clear), "{:?}", server.seen());
    }
}

#[tokio::test]
async fn a_bind_always_carries_a_name_and_a_password() {
    // T-50, CAS-74
    let server = FakeLdap::start(sound).await;
    let directory = on(&[&server]);
    directory.decoy(&password("right")).await;
    let _ = directory.bind(&anne(), &password("wrong")).await;
    assert!(finds_anne(&directory).await);
    let mut binds = 0;
    for request in server.seen() {
        if let Asked::Bind { dn, password } = request.asked {
            assert!(!dn.is_empty() && !password.is_empty(), "{dn}");
            binds += 1;
        }
    }
    assert_eq!(binds, 3);
}

#[tokio::test]
async fn active_directory_refusals_are_not_wrong_passwords() {
    // F-17
    let text = b"80090308: LdapErr: DSID-0C090447, comment: AcceptSecurityContext error, data 533, v4563";
    let server = FakeLdap::start(move |request| match &request.asked {
        Asked::Bind { dn, .. } if dn != SERVICE_DN => vec![Step::Send(result(request.id, 0x61, 49, text))],
        _ => sound(request),
    })
    .await;
    let bound = on(&[&server]).bind(&anne(), &password("right")).await;
    assert_eq!(bound.unwrap(), Bound::Refused(BindRefusal::Disabled));
}

#[tokio::test]
async fn what_is_typed_reaches_the_server_as_one_value() {
    // T-51, CAS-74
    let server = FakeLdap::start(sound).await;
    let directory = on(&[&server]);
    for typed in ["*", "a)(uid=*", "\\2a", "(", "x*y\\"] {
        let _ = directory.find(&login(typed)).await;
        let seen = server.searches();
        let Some(Asked::Search { whole, .. }) = seen.last().map(|request| request.asked.clone()) else {
            panic!()
        };
        // equalityMatch [3] { "uid", value }, RFC 4511 §4.5.1
        let expected = tlv(0xa3, &[tlv(0x04, b"uid"), tlv(0x04, typed.as_bytes())].concat());
        assert!(
            whole.windows(expected.len()).any(|window| window == expected),
            "{typed}"
        );
    }
}
