//! What becomes of a sign-in when a directory server answers badly: bytes that are no LDAP, codes that
//! are no answer, StartTLS that is none.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use mereau::directory::ldap::guard;
use mereau::directory::{BindRefusal, Bound, Directory, DirectoryError, EntryName, Found, Listing};

use crate::directory::{login, password};
use crate::directory_faults::{anne, directory, finds_anne, impatient, is_person_search, on, settings};
use crate::fake_ldap::{Asked, FakeLdap, Request, SERVICE_DN, Step, entry, message, result, sound, tlv};

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

/// A page of a listing (RFC 2696) with the cookie of the next one.
fn page(id: u8, entries: &[u8], cookie: &[u8]) -> Vec<u8> {
    let value = tlv(0x30, &[tlv(0x02, &[0]), tlv(0x04, cookie)].concat());
    let control = [tlv(0x04, b"1.2.840.113556.1.4.319"), tlv(0x04, &value)].concat();
    let controls = tlv(0xa0, &tlv(0x30, &control));
    let done = [tlv(0x0a, &[0]), tlv(0x04, b""), tlv(0x04, b"")].concat();
    let done = message(id, &[tlv(0x65, &done), controls].concat());
    [entries, &done].concat()
}

/// Who is listed by a server that gives these pages, one after the other.
async fn listed(
    give: impl Fn(u8, usize) -> Vec<u8> + Send + Sync + 'static,
) -> Result<Vec<String>, DirectoryError> {
    let pages = AtomicUsize::new(0);
    let server = FakeLdap::start(move |request| match is_person_search(request) {
        true => vec![Step::Send(give(request.id, pages.fetch_add(1, Ordering::SeqCst)))],
        false => sound(request),
    })
    .await;
    let (into, mut from) = tokio::sync::mpsc::channel(5000);
    on(&[&server]).list(&Listing::default(), into).await?;
    let mut logins = Vec::new();
    while let Some(person) = from.recv().await {
        logins.push(person.login);
    }
    Ok(logins)
}

#[tokio::test]
async fn a_listing_ends_though_its_server_would_go_round_for_ever() {
    // F-15
    let same_cookie = |id: u8, number: usize| {
        let uid = ["a", "b", "c"][number];
        page(id, &entry(id, uid), if number < 2 { b"0" } else { b"" })
    };
    assert_eq!(listed(same_cookie).await.unwrap(), ["a", "b", "c"]);

    let same_page = |id: u8, _| page(id, &entry(id, "a"), b"0");
    let round = |id: u8, number: usize| {
        page(
            id,
            &entry(id, ["a", "b"][number % 2]),
            &[b'0' + (number % 2) as u8],
        )
    };
    let empty = |id: u8, _| page(id, b"", b"0");
    for error in [
        listed(same_page).await.unwrap_err(),
        listed(round).await.unwrap_err(),
        listed(empty).await.unwrap_err(),
    ] {
        let told = format!("{error:?}");
        assert!(told.contains("the same page again"), "{told}");
    }
}

#[tokio::test]
async fn a_page_of_a_listing_has_an_end_whatever_its_server_gives() {
    // F-15
    let pages = |most: usize| move |id: u8, _| page(id, &entry(id, "a").repeat(most), b"");
    assert_eq!(listed(pages(2000)).await.unwrap().len(), 2000);
    let told = format!("{:?}", listed(pages(2001)).await.unwrap_err());
    assert!(told.contains("more than 2000 entries"), "{told}");
}
