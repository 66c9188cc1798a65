//! A directory that greets well and answers searches with hostile bytes: they cost their own connection, and
//! no more memory than a few of the longest messages.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use crate::fake_ldap::{Asked, FakeLdap, Request, Step, message, result, tlv};
use crate::monitoring::{admin, asked, value};
use crate::process_limits::{peak, peak_from_now};
use crate::support::application::Application;
use crate::support::browser::{Browser, Page};
use crate::support::ports;
use crate::support::served::{Options, Served, service};
use crate::support::slapd::{self, Slapd};
use crate::support::wait::until_async;

const LOGIN: &str = "camille.dupont";

/// The longest message that is let in.
const CAP: usize = 4 << 20;

/// What a search is answered with.
#[derive(Clone, Copy)]
enum Answer {
    /// An entry in a message of so many bytes, and the end of the search.
    Sound(usize),
    /// These bytes, of the id of the search, and then no more on a connection that stays.
    Once(fn(u8) -> Vec<u8>),
    /// The first, and then the second as long as they are taken.
    Endless(fn(u8) -> Vec<u8>, fn(u8) -> Vec<u8>),
}

/// Each with what it may cost at most, in messages of the longest kind: about twice what was seen, and 1 where
/// that was next to nothing.
const LIES: [(&str, Answer, u64); 12] = [
    (
        "the longest message but its last byte",
        Answer::Once(unfinished),
        5,
    ),
    (
        "the longest message of nothing",
        Answer::Endless(|_| header(CAP as u64 - 10), |_| filling()),
        5,
    ),
    (
        "a longer message",
        Answer::Endless(|_| header(16 * CAP as u64), |_| filling()),
        1,
    ),
    (
        "a message of the longest length that can be written",
        Answer::Endless(|_| header(u64::MAX), |_| filling()),
        1,
    ),
    (
        "a message that does not say its length",
        Answer::Endless(|_| vec![0x30, 0x80], |_| filling()),
        1,
    ),
    (
        "short entries without end",
        Answer::Endless(none, |id| entry(id, 500)),
        1,
    ),
    // Three are read before they are too many, by ldap3 in some copies.
    (
        "the longest entries without end",
        Answer::Endless(none, |id| entry(id, CAP)),
        28,
    ),
    (
        "answers to nobody",
        Answer::Endless(none, |id| result(id ^ 0x40, 0x65, 0, &[b'x'; 60_000])),
        1,
    ),
    (
        "intermediate answers without end",
        Answer::Endless(none, |id| message(id, &tlv(0x79, &tlv(0x81, &[b'x'; 60_000])))),
        1,
    ),
    (
        "references without end",
        Answer::Endless(none, |id| message(id, &tlv(0x73, &tlv(0x04, &[b'x'; 60_000])))),
        1,
    ),
    ("a message that is nothing but depth", Answer::Once(deep), 5),
    ("a message of empty values", Answer::Once(many), 6),
];

fn none(_: u8) -> Vec<u8> {
    Vec::new()
}

fn header(length: u64) -> Vec<u8> {
    [&[0x30, 0x88][..], &length.to_be_bytes()].concat()
}

fn filling() -> Vec<u8> {
    vec![0x04; 64 * 1024]
}

fn unfinished(id: u8) -> Vec<u8> {
    let mut whole = entry(id, CAP);
    whole.pop();
    whole
}

fn deep(_: u8) -> Vec<u8> {
    let levels = (0..CAP / 6).rev();
    let inner = levels.map(|level| u32::try_from(level * 6).unwrap().to_be_bytes());
    inner
        .flat_map(|length| [vec![0x30, 0x84], length.to_vec()].concat())
        .collect()
}

fn many(id: u8) -> Vec<u8> {
    let values = tlv(0x31, &[0x04, 0x00].repeat(CAP / 2 - 100));
    person(id, &tlv(0x30, &[tlv(0x04, b"description"), values].concat()))
}

/// Camille's entry in a message of so many bytes.
fn entry(id: u8, bytes: usize) -> Vec<u8> {
    let of = |length| person(id, &attribute("description", &vec![b'x'; length]));
    let rest = of(200).len() - 200;
    let whole = of(bytes - rest);
    assert_eq!(whole.len(), bytes);
    whole
}

fn person(id: u8, more: &[u8]) -> Vec<u8> {
    let attributes = [
        &attribute("uid", LOGIN.as_bytes()),
        &attribute("entryUUID", b"4c0c2a5e-0000-4000-8000-000000000001"),
        more,
    ]
    .concat();
    let name = tlv(0x04, b"uid=camille.dupont,dc=x");
    message(id, &tlv(0x64, &[name, tlv(0x30, &attributes)].concat()))
}

fn attribute(name: &str, value: &[u8]) -> Vec<u8> {
    let values = tlv(0x31, &tlv(0x04, value));
    tlv(0x30, &[tlv(0x04, name.as_bytes()), values].concat())
}

fn answered(request: &Request, answer: Answer) -> Vec<Step> {
    let id = request.id;
    match (&request.asked, answer) {
        (Asked::Bind { .. }, _) => vec![Step::Send(result(id, 0x61, 0, b""))],
        (Asked::Search { base, .. }, _) if base.is_empty() => vec![Step::Send(result(id, 0x65, 0, b""))],
        (Asked::Search { .. }, Answer::Sound(bytes)) => {
            vec![Step::Send([entry(id, bytes), result(id, 0x65, 0, b"")].concat())]
        }
        (Asked::Search { .. }, Answer::Once(bytes)) => vec![Step::Send(bytes(id)), Step::Mute],
        (Asked::Search { .. }, Answer::Endless(first, more)) => {
            vec![Step::Send(first(id)), Step::Drip(more(id), Duration::ZERO)]
        }
        _ => vec![Step::Close],
    }
}

/// A served program whose people are in a directory that answers as it is told.
struct Place {
    ldap: FakeLdap,
    told: Arc<Mutex<Answer>>,
    served: Served,
    application: Application,
    watched: u16,
}

impl Place {
    async fn start() -> Place {
        let told = Arc::new(Mutex::new(Answer::Sound(500)));
        let tells = told.clone();
        let ldap = FakeLdap::start(move |request| answered(request, *tells.lock().unwrap())).await;
        // Whoever writes the configuration wants one, though nobody comes to it.
        let slapd = Slapd::start(&slapd::Options::default());
        let (application, watched) = (Application::plain(), ports::free());
        let served = Served::start(&Options {
            directory: Some(&ldap.url()),
            services: &[("application", service(&application.url(), ""))],
            sections: &admin(watched),
            ..Options::on(&slapd, "memory:")
        });
        Place {
            ldap,
            told,
            served,
            application,
            watched,
        }
    }

    fn tell(&self, answer: Answer) {
        *self.told.lock().unwrap() = answer;
    }

    /// Camille's try to sign in.
    async fn tried(&self) -> Page {
        let wanted = format!("{}/app", self.application.url());
        let mut browser = Browser::new(None);
        let page = browser
            .get(&self.served.address("/login", &[("service", &wanted)]))
            .await;
        let form = page.reply.form();
        browser
            .submit(&page, &form.with("username", LOGIN).with("password", "right"))
            .await
    }

    async fn signs_in(&self) -> bool {
        self.tried().await.reply.status == 303
    }

    async fn drops(&self) -> f64 {
        let metrics = asked(self.watched, "/metrics").await.1;
        value(&metrics, "ldap_guard_drops_total").expect("the count")
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hostile_bytes_from_a_directory_neither_end_nor_fatten_the_process() {
    // F-15
    let place = Place::start().await;
    let process = place.served.id();
    until_async("a sign-in", || async { place.signs_in().await.then_some(()) }).await;
    for (name, lie, most) in LIES {
        place.tell(lie);
        let before = peak_from_now(process);
        let told = place.tried().await.reply;
        // Where entries came, nobody can tell whose they are.
        assert!(
            matches!(told.status.as_u16(), 401 | 503),
            "{name}: {}",
            told.status
        );
        place.tell(Answer::Sound(500));
        until_async(name, || async { place.signs_in().await.then_some(()) }).await;
        let more = peak(process).saturating_sub(before);
        assert!(more < most * CAP as u64, "{name}: {more} bytes more");
    }
    assert_eq!(place.served.id(), process);
    assert!(
        !place.served.output().contains("panicked"),
        "{}",
        place.served.output()
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_longest_message_of_a_directory_is_read_and_one_byte_more_ends_its_connection() {
    // F-15
    let place = Place::start().await;
    until_async("a sign-in", || async { place.signs_in().await.then_some(()) }).await;
    let last = || place.ldap.searches().last().map(|search| search.connection);
    let (before, on) = (place.drops().await, last());
    place.tell(Answer::Sound(CAP));
    assert!(place.signs_in().await, "{}", place.served.output());
    assert_eq!((place.drops().await, last()), (before, on));
    place.tell(Answer::Sound(CAP + 1));
    assert_eq!(place.tried().await.reply.status, 503);
    let after = place.drops().await;
    assert!(after > before, "{after}");
    place.tell(Answer::Sound(500));
    until_async("a sign-in", || async { place.signs_in().await.then_some(()) }).await;
    assert!(last() > on, "on another connection");
}
