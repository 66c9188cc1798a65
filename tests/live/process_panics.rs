//! Something panics in the served process, as ldap3 does on an answer that no directory should give: one try is
//! lost, and it is counted.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;

use http::StatusCode;

use crate::fake_ldap::{self, Asked, FakeLdap, Step};
use crate::monitoring::{admin, asked, value};
use crate::support::browser::Browser;
use crate::support::ports;
use crate::support::served::{Options, Served};
use crate::support::slapd::{self, Slapd};

/// One GET on a connection that stays.
fn get(line: &mut BufReader<TcpStream>, path: &str) -> String {
    let request = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n");
    line.get_mut().write_all(request.as_bytes()).expect("the request");
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        assert!(line.read_line(&mut head).expect("a head") > 0, "closed: {head}");
    }
    let length = head.to_ascii_lowercase();
    let length = length
        .lines()
        .find_map(|line| line.strip_prefix("content-length:"));
    let length = length.and_then(|length| length.trim().parse().ok());
    line.read_exact(&mut vec![0; length.expect("a length")])
        .expect("a body");
    head.lines().next().unwrap_or_default().to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_on_which_ldap3_panics_costs_one_try_and_is_counted() {
    // F-30
    // Whatever it is asked, it agrees in a text that is none; ldap3 takes it for one.
    let broken = FakeLdap::start(|request| {
        let tag = match request.asked {
            Asked::Bind { .. } => 0x61,
            Asked::Search { .. } => 0x65,
            _ => 0x78,
        };
        vec![Step::Send(fake_ldap::result(request.id, tag, 0, b"\xff\xfe"))]
    })
    .await;
    let slapd = Slapd::start(&slapd::Options::default());
    let (port, second) = (ports::free(), Slapd::start(&slapd::Options::default()));
    let sections = admin(port);
    let url = broken.url();
    let served = Served::start(&Options {
        directory: Some(&url),
        second: Some(&second),
        institutions: "[[institution]]\nid = \"lycee\"\nrealm = \"lycee\"\n\
                       name = { fr = \"Lycée d’essai\", en = \"Test school\" }\n",
        sections: &sections,
        ..Options::on(&slapd, "memory:")
    });
    let stream = TcpStream::connect(("127.0.0.1", served.port())).expect("a connection");
    let mut line = BufReader::new(stream);
    assert_eq!(get(&mut line, "/cas/login?tenant=campus"), "HTTP/1.1 200 OK");

    let login = |tenant| served.address("/login", &[("tenant", tenant)]);
    let mut browser = Browser::new(None);
    for _ in 0..3 {
        let page = browser.open(&login("campus")).await;
        let told = browser
            .sign_in(&page, "camille.dupont", "camille-corbeau-7")
            .await;
        assert_eq!(told.reply.status, StatusCode::SERVICE_UNAVAILABLE);
    }
    let (_, page) = asked(port, "/metrics").await;
    assert!(value(&page, "panics_total") >= Some(1.0), "{page}");
    let said = served.output();
    assert!(
        said.contains("\"event\":\"panic\"") || said.contains("event=panic"),
        "{said}"
    );

    // The same connection, the same process, and nothing that others need is held.
    assert_eq!(get(&mut line, "/cas/login?tenant=campus"), "HTTP/1.1 200 OK");
    let page = browser.open(&login("lycee")).await;
    let told = browser
        .sign_in(&page, "camille.dupont", "camille-corbeau-7")
        .await;
    assert_eq!(told.reply.status, StatusCode::OK, "{}", told.reply.body);
}
