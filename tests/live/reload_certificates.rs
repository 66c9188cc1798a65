//! Certificate and configuration are read again under load, good ones and bad ones: no connection is dropped,
//! a bad one changes nothing, and whoever asked for it is told.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use mereau::tls::{Roots, client_config};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::ClientConfig;
use tokio_rustls::rustls::client::Resumption;
use tokio_rustls::rustls::pki_types::ServerName;

use crate::figure;
use crate::monitoring::{admin, asked, value};
use crate::service::{BINARY, systemctl_reload};
use crate::support::certificates::Authority;
use crate::support::child::folder;
use crate::support::run::run;
use crate::support::served::{Options, Served};
use crate::support::slapd::{self, Slapd};
use crate::support::unit::Unit;
use crate::support::{ports, wait};

const NAMES: [&str; 2] = ["localhost", "127.0.0.1"];

/// A pair of files that nobody may serve with.
struct Bad {
    what: &'static str,
    certificate: String,
    key: String,
    /// What is said about it.
    told: &'static str,
}

fn bad_pairs(authority: &Authority) -> Vec<Bad> {
    let fixture = |name: &str| {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/tls");
        fs::read_to_string(folder.join(name)).expect("a fixture")
    };
    let bad = |what, (certificate, key): (String, String), told| Bad {
        what,
        certificate,
        key,
        told,
    };
    let day = rcgen::date_time_ymd;
    let small = (fixture("rsa1024-cert.pem"), fixture("rsa1024-key.pem"));
    let others = (authority.issue(&NAMES).0, authority.issue(&NAMES).1);
    let expired = authority.issue_as(&NAMES, |params| params.not_after = day(2021, 1, 1));
    let early = authority.issue_as(&NAMES, |params| params.not_before = day(3021, 1, 1));
    let (own, key) = authority.issue(&NAMES);
    let unchained = (format!("{own}{}", Authority::new().pem()), key.clone());
    vec![
        bad("RSA of 1024 bits", small, "cannot be used together"),
        bad("the key of another", others, "cannot be used together"),
        bad("expired", expired, "expired at 2021-01-01"),
        bad("of later", early, "valid from 3021-01-01"),
        bad("with another chain", unchained, "a signature is wrong"),
        bad(
            "no certificate",
            ("nothing\n".to_owned(), key),
            "holds no certificate",
        ),
        bad("no key", (own, "nothing\n".to_owned()), "server.key"),
    ]
}

fn put(served: &Served, certificate: &str, key: &str) {
    let at = |name: &str| served.folder().join(name);
    fs::write(at("server.pem"), certificate).expect("the certificate");
    fs::write(at("server.key"), key).expect("the key");
    fs::set_permissions(at("server.key"), fs::Permissions::from_mode(0o600)).expect("its mode");
}

#[test]
fn no_start_with_a_pair_that_nobody_may_serve_with() {
    // T-14
    let authority = Authority::new();
    let slapd = Slapd::start(&slapd::Options::default());
    let options = Options {
        authority: Some(&authority),
        ..Options::on(&slapd, "memory:")
    };
    let served = Served::written(&options, ports::free());
    let config = served.folder().join("server.toml");
    for bad in bad_pairs(&authority) {
        put(&served, &bad.certificate, &bad.key);
        for command in ["serve", "check"] {
            let output = run(Command::new(BINARY).arg(command).arg("--config").arg(&config), "");
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            assert_eq!(output.status.code(), Some(1), "{command}, {}: {said}", bad.what);
            assert!(said.contains(bad.told), "{command}, {}: {said}", bad.what);
        }
    }
}

/// A connection under TLS and the certificate that was shown on it.
struct Line {
    stream: BufReader<TlsStream<TcpStream>>,
    shown: Vec<u8>,
}

#[derive(Clone)]
struct Visitor {
    port: u16,
    tls: TlsConnector,
}

impl Visitor {
    async fn connects(&self) -> Result<Line, String> {
        let told = |error: std::io::Error| format!("connect: {error}");
        let stream = TcpStream::connect(("127.0.0.1", self.port)).await.map_err(told)?;
        stream.set_nodelay(true).map_err(told)?;
        let name = ServerName::try_from("localhost").expect("a name");
        let stream = self.tls.connect(name, stream).await.map_err(told)?;
        let shown = stream.get_ref().1.peer_certificates().expect("a certificate")[0].to_vec();
        let stream = BufReader::new(stream);
        Ok(Line { stream, shown })
    }
}

impl Line {
    async fn asks(&mut self) -> Result<String, String> {
        let told = |error: std::io::Error| format!("request: {error}");
        let request = b"GET /cas/login HTTP/1.1\r\nHost: localhost\r\n\r\n";
        self.stream.write_all(request).await.map_err(told)?;
        self.stream.flush().await.map_err(told)?;
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            if self.stream.read_line(&mut head).await.map_err(told)? == 0 {
                return Err(format!("closed after {head:?}"));
            }
        }
        let small = head.to_ascii_lowercase();
        let length = small
            .lines()
            .find_map(|line| line.strip_prefix("content-length:"));
        let length = length.and_then(|length| length.trim().parse().ok());
        let mut body = vec![0; length.ok_or("no length")?];
        self.stream.read_exact(&mut body).await.map_err(told)?;
        if !head.starts_with("HTTP/1.1 200") || small.contains("connection: close") {
            return Err(head);
        }
        Ok(String::from_utf8_lossy(&body).into_owned())
    }
}

/// Visitors who ask without end: half of them on a connection each that they keep to the last, half on a new
/// one for each request.
struct Crowd {
    over: Arc<AtomicBool>,
    answered: Arc<AtomicUsize>,
    failed: Arc<Mutex<Vec<String>>>,
    tasks: Vec<tokio::task::JoinHandle<()>>,
}

impl Crowd {
    fn of(visitor: &Visitor, each: usize) -> Crowd {
        let mut crowd = Crowd {
            over: Arc::default(),
            answered: Arc::default(),
            failed: Arc::default(),
            tasks: Vec::new(),
        };
        for number in 0..2 * each {
            let visiting = visits(
                visitor.clone(),
                number < each,
                crowd.over.clone(),
                crowd.answered.clone(),
            );
            let failed = crowd.failed.clone();
            crowd.tasks.push(tokio::spawn(async move {
                if let Err(why) = visiting.await {
                    failed.lock().unwrap().push(why);
                }
            }));
        }
        crowd
    }

    async fn goes_on(&self, more: usize) {
        let enough = self.answered.load(Ordering::SeqCst) + more;
        wait::until_async("answers", || async {
            let failed = self.failed.lock().unwrap().clone();
            assert!(failed.is_empty(), "{failed:?}");
            (self.answered.load(Ordering::SeqCst) >= enough).then_some(())
        })
        .await;
    }
}

async fn visits(
    visitor: Visitor,
    keeps: bool,
    over: Arc<AtomicBool>,
    answered: Arc<AtomicUsize>,
) -> Result<(), String> {
    let mut line = visitor.connects().await?;
    while !over.load(Ordering::SeqCst) {
        if !keeps {
            line = visitor.connects().await?;
        }
        line.asks().await?;
        answered.fetch_add(1, Ordering::SeqCst);
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[allow(clippy::too_many_lines, reason = "one story, step by step")]
async fn certificates_and_configuration_are_replaced_under_load_and_no_connection_is_dropped() {
    // T-13, T-14, F-24
    let authority = Authority::new();
    let slapd = Slapd::start(&slapd::Options::default());
    let (unit, port) = (Unit::new(&folder("unit")), ports::free());
    let sections = admin(port);
    let served = Served::written(
        &Options {
            authority: Some(&authority),
            sections: &sections,
            ..Options::on(&slapd, "memory:")
        },
        unit.port(),
    );
    let unit = unit.in_folder(served.folder());
    let config = served.folder().join("server.toml");
    let server = unit.start_ready(BINARY, &config);
    let roots = Roots::File(served.folder().join("ca.pem"));
    // Who takes up a session of before is shown no certificate.
    let mut tls = ClientConfig::clone(&client_config(&roots).expect("whom to trust"));
    tls.resumption = Resumption::disabled();
    let visitor = Visitor {
        port: unit.port(),
        tls: TlsConnector::from(Arc::new(tls)),
    };
    let failed = async || value(&asked(port, "/metrics").await.1, "config_reload_failed");
    let crowd = Crowd::of(&visitor, 3);
    crowd.goes_on(20).await;
    let first = visitor.connects().await.expect("a connection").shown;
    assert_eq!(failed().await, Some(0.0));

    for bad in bad_pairs(&authority) {
        put(&served, &bad.certificate, &bad.key);
        // `systemctl reload` fails and the server is not even asked; a bare signal changes nothing.
        let said = systemctl_reload(&server, &config).expect_err("the reload fails");
        assert!(said.contains(bad.told), "{}: {said}", bad.what);
        server.signal("HUP");
        unit.hear("RELOADING=1");
        let told = unit.hear("READY=1");
        assert!(
            told.contains("was read before") && told.contains(bad.told),
            "{}: {told}",
            bad.what
        );
        assert_eq!(failed().await, Some(1.0), "{}", bad.what);
        let shown = visitor.connects().await.expect("a connection").shown;
        assert_eq!(shown, first, "{}", bad.what);
        crowd.goes_on(6).await;
    }
    assert!(served.output().contains("config_reload_failed"));

    let mut before = first;
    let institutions = served.folder().join("institutions.toml");
    for round in 0..3 {
        let (certificate, key) = authority.issue(&NAMES);
        put(&served, &certificate, &key);
        let text = fs::read_to_string(&institutions).expect("the institutions");
        let name = text
            .split("fr = \"")
            .nth(1)
            .and_then(|rest| rest.split('"').next());
        let text = text.replace(name.expect("a name"), &format!("Campus numéro {round}"));
        fs::write(&institutions, text).expect("the institutions");
        systemctl_reload(&server, &config).expect("nothing is wrong");
        unit.hear("RELOADING=1");
        assert!(unit.hear("READY=1").contains("was read again"));
        assert_eq!(failed().await, Some(0.0));
        let mut line = visitor.connects().await.expect("a connection");
        assert_ne!(line.shown, before, "the new certificate is shown");
        let page = line.asks().await.expect("a page");
        assert!(page.contains(&format!("Campus numéro {round}")), "{page}");
        before = line.shown;
        crowd.goes_on(20).await;
    }
    crowd.over.store(true, Ordering::SeqCst);
    for task in crowd.tasks {
        task.await.expect("a visitor");
    }
    let failed = crowd.failed.lock().unwrap().clone();
    assert!(failed.is_empty(), "{failed:?}");
    figure::tell(
        "reload-under-load",
        &format!(
            "7 bad and 3 good reloads under 6 TLS clients, 3 of them on one connection each: {} requests, 0 failed",
            crowd.answered.load(Ordering::SeqCst)
        ),
    );
}
