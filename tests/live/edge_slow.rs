//! Whoever is slow with the served binary: people's connections that say or take too little, and a directory
//! that never comes to the end of an answer. Each is let go; who is not slow notices nothing.

use std::fs;
use std::io::{ErrorKind, Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use crate::fake_ldap::{self, Asked, FakeLdap, Step, tlv};
use crate::support::application::Application;
use crate::support::browser::Browser;
use crate::support::ports;
use crate::support::served::{Options, Served, service};
use crate::support::slapd::{self, Slapd};
use crate::support::wait;

const LOGIN: &str = "camille.dupont";
const PASSWORD: &str = "camille-corbeau-7";

const LYCEE: &str = "[[institution]]\nid = \"lycee\"\nrealm = \"lycee\"\nname = \"Lycée d’essai\"\n";

const PAGE: &[u8] = b"GET /cas/login HTTP/1.1\r\nHost: localhost\r\n\r\n";

/// The deadlines of a server: the one that is tried is short, all others are an hour.
fn limits(short: &str) -> String {
    let names = ["first_byte", "head", "body", "idle", "delivery"];
    let lines = names.map(|name| {
        let span = if name == short { "300 ms" } else { "1 h" };
        format!("{name} = \"{span}\"\n")
    });
    format!("[server.limits]\n{}", lines.concat())
}

/// A client of one kind: what it sends at first, and what over and over again until it is let go.
struct Slow {
    limit: &'static str,
    begin: &'static [u8],
    again: &'static [u8],
    /// What it must be told before.
    told: &'static str,
}

const CLIENTS: [Slow; 4] = [
    Slow {
        limit: "first_byte",
        begin: b"",
        again: b"",
        told: "",
    },
    Slow {
        limit: "head",
        begin: b"GET /cas/login HTTP/1.1\r\nHost: localhost\r\nX-Drip: ",
        again: b"x",
        told: "",
    },
    Slow {
        limit: "body",
        begin: b"POST /cas/login HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n",
        again: b"1\r\nx\r\n",
        told: "HTTP/1.1 408",
    },
    Slow {
        limit: "idle",
        begin: PAGE,
        again: b"",
        told: "HTTP/1.1 200",
    },
];

/// Drips until the server lets it go; what it was told by then.
fn drips(port: u16, slow: &Slow) -> String {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).expect("a connection");
    stream.write_all(slow.begin).expect("the beginning");
    // Between two drops the answer is listened for.
    let pause = if slow.again.is_empty() {
        wait::PATIENCE
    } else {
        Duration::from_millis(20)
    };
    stream.set_read_timeout(Some(pause)).expect("an option");
    let (mut told, mut buffer) = (Vec::new(), [0; 4096]);
    for _ in 0..wait::PATIENCE.as_millis() / 20 {
        match stream.read(&mut buffer) {
            Ok(0) => return String::from_utf8_lossy(&told).into_owned(),
            Ok(read) => told.extend_from_slice(&buffer[..read]),
            Err(error) if error.kind() == ErrorKind::WouldBlock && !slow.again.is_empty() => {
                // Who was let go is told so by a reset.
                let _ = stream.write_all(slow.again);
            }
            Err(error) if error.kind() == ErrorKind::ConnectionReset => {
                return String::from_utf8_lossy(&told).into_owned();
            }
            Err(error) => panic!("{}: {error}", slow.limit),
        }
    }
    panic!("{}: it is listened to on and on", slow.limit);
}

/// Asks on and on and takes nothing, until the server lets it go.
fn takes_nothing(port: u16) {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).expect("a connection");
    stream.set_write_timeout(Some(wait::PATIENCE)).expect("an option");
    let kind = loop {
        if let Err(error) = stream.write_all(PAGE) {
            break error.kind();
        }
    };
    let cut = matches!(kind, ErrorKind::ConnectionReset | ErrorKind::BrokenPipe);
    assert!(cut, "never cut: {kind}");
}

async fn signs_in(served: &Served, tenant: &str, application: &Application) {
    let wanted = format!("{}/app", application.url());
    let mut browser = Browser::new(None);
    let login = served.address("/login", &[("service", &wanted), ("tenant", tenant)]);
    let page = browser.get(&login).await;
    let arrived = browser.sign_in(&page, LOGIN, PASSWORD).await;
    assert!(arrived.url.as_str().starts_with(&wanted), "{}", arrived.url);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn clients_that_say_or_take_too_little_are_let_go_and_keep_nobody_waiting() {
    // F-28, T-01, T-02, T-03, T-04, T-05
    let slapd = Slapd::start(&slapd::Options::default());
    let application = Application::plain();
    let services = [("application", service(&application.url(), ""))];
    let start = |short| {
        Served::start(&Options {
            services: &services,
            sections: &limits(short),
            ..Options::on(&slapd, "memory:")
        })
    };
    for slow in &CLIENTS {
        let served = start(slow.limit);
        let port = served.port();
        let crowd: Vec<_> = (0..20)
            .map(|_| tokio::task::spawn_blocking(move || drips(port, slow)))
            .collect();
        signs_in(&served, "campus", &application).await;
        for one in crowd {
            let told = one.await.expect("it is let go");
            assert!(told.starts_with(slow.told), "{}: {told}", slow.limit);
            assert_eq!(told.is_empty(), slow.told.is_empty(), "{}: {told}", slow.limit);
        }
        signs_in(&served, "campus", &application).await;
    }
    let served = start("delivery");
    let port = served.port();
    let crowd: Vec<_> = (0..4)
        .map(|_| tokio::task::spawn_blocking(move || takes_nothing(port)))
        .collect();
    signs_in(&served, "campus", &application).await;
    for one in crowd {
        one.await.expect("it is let go");
    }
    signs_in(&served, "campus", &application).await;
}

/// A directory that agrees to every bind, and answers a search for a person with this on and on.
async fn dripping(what: fn(u8) -> Vec<u8>) -> FakeLdap {
    FakeLdap::start(move |request| {
        let id = request.id;
        match &request.asked {
            Asked::Bind { .. } => vec![Step::Send(fake_ldap::result(id, 0x61, 0, b""))],
            // The server's own looks at whether it is there are not what is tried here.
            Asked::Search { whole, .. } if contains(whole, LOGIN) => {
                vec![Step::Drip(what(id), Duration::from_millis(100))]
            }
            Asked::Search { .. } => vec![Step::Send(fake_ldap::result(id, 0x65, 0, b""))],
            _ => vec![Step::Close],
        }
    })
    .await
}

fn contains(whole: &[u8], text: &str) -> bool {
    whole.windows(text.len()).any(|part| part == text.as_bytes())
}

/// A reference to another server: no entry, so that the one that is wanted may still come.
fn reference(id: u8) -> Vec<u8> {
    fake_ldap::message(id, &tlv(0x73, &tlv(0x04, b"ldap://127.0.0.1:1/dc=x")))
}

fn person(id: u8) -> Vec<u8> {
    fake_ldap::entry(id, LOGIN)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_directory_that_drips_is_given_up_at_one_deadline_and_after_two_people() {
    // F-14
    let good = Slapd::start(&slapd::Options::default());
    let application = Application::plain();
    let services = [("application", service(&application.url(), "user = \"scoped\""))];
    for (what, operation, status) in [
        // One in every tenth of the deadline, which none of them moves.
        (reference as fn(u8) -> Vec<u8>, "1 s", 503),
        // Two are one too many to be anybody, whoever else may come within the hour.
        (person, "1 h", 401),
    ] {
        let directory = dripping(what).await;
        let url = directory.url();
        let options = Options {
            directory: Some(&url),
            second: Some(&good),
            institutions: LYCEE,
            services: &services,
            ..Options::on(&good, "memory:")
        };
        let mut served = Served::written(&options, ports::free());
        let realm = served.folder().join("realms/campus.toml");
        let text = fs::read_to_string(&realm).unwrap();
        let deadline = format!("[directory]\nop_timeout = \"{operation}\"\n");
        fs::write(&realm, text.replacen("[directory]\n", &deadline, 1)).unwrap();
        served.restart();
        let login = served.address("/login", &[("tenant", "campus")]);
        let waiting = tokio::spawn(async move {
            let mut browser = Browser::new(None);
            let page = browser.get(&login).await;
            let form = page.reply.form();
            let form = form.with("username", LOGIN).with("password", PASSWORD);
            browser.submit(&page, &form).await.reply
        });
        wait::until("its search", || {
            let mut searches = directory.searches().into_iter();
            let is_his =
                |asked: &Asked| matches!(asked, Asked::Search { whole, .. } if contains(whole, LOGIN));
            searches.any(|request| is_his(&request.asked)).then_some(())
        });
        signs_in(&served, "lycee", &application).await;
        let told = waiting.await.expect("an answer");
        assert_eq!(told.status.as_u16(), status, "{}", told.body);
        signs_in(&served, "lycee", &application).await;
    }
}
