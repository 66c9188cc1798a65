//! Attacks on the served binary that need no account: floods of frames, ten thousand connections that say
//! nothing, hostile bytes on every port, a directory that answers with rubbish. Each may cost its own
//! connection and some counted work, and nothing else.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::process::Command;
use std::sync::Arc;

use mereau::tls::{Roots, client_config};
use rustls_pki_types::ServerName;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::floods_of::{FLOODS, flooded, opening};
use crate::monitoring::{admin, asked, value};
use crate::support::application::Application;
use crate::support::browser::Browser;
use crate::support::certificates::Authority;
use crate::support::child::{Server, folder};
use crate::support::ports;
use crate::support::served::{Options, Served, service};
use crate::support::slapd::{self, Slapd};
use crate::support::wait;

const LOGIN: &str = "camille.dupont";
const PASSWORD: &str = "camille-corbeau-7";

/// CPU time that a process has taken, in seconds: user and system, of /proc/PID/stat.
pub fn cpu(process: u32) -> f64 {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).unwrap();
    let fields: Vec<&str> = stat.rsplit(") ").next().unwrap().split(' ').collect();
    let ticks: u64 = fields[11..13]
        .iter()
        .map(|field| field.parse::<u64>().unwrap())
        .sum();
    ticks as f64 / 100.0
}

async fn signs_in(served: &Served, authority: Option<&Authority>, application: &Application) {
    let wanted = format!("{}/app", application.url());
    let mut browser = Browser::new(authority);
    let page = browser
        .open(&served.address("/login", &[("service", &wanted)]))
        .await;
    let arrived = browser.sign_in(&page, LOGIN, PASSWORD).await;
    assert!(
        arrived.url.as_str().starts_with(&wanted),
        "{} {}",
        arrived.url,
        served.output()
    );
}

pub async fn secured(served: &Served, protocol: &str) -> TlsStream<tokio::net::TcpStream> {
    let roots = Roots::File(served.folder().join("ca.pem"));
    connected(&roots, served.port(), protocol).await
}

/// A connection with TLS to a port of this machine, on which this protocol is spoken.
pub async fn connected(roots: &Roots, port: u16, protocol: &str) -> TlsStream<tokio::net::TcpStream> {
    let mut config = (*client_config(roots).unwrap()).clone();
    config.alpn_protocols = vec![protocol.as_bytes().to_vec()];
    let stream = tokio::net::TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    let name = ServerName::try_from("localhost").unwrap();
    TlsConnector::from(Arc::new(config))
        .connect(name, stream)
        .await
        .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn floods_of_frames_end_their_connection_at_a_counted_price() {
    // T-09, T-10
    const MOST: usize = 100_000;
    let slapd = Slapd::start(&slapd::Options::default());
    let (authority, application) = (Authority::new(), Application::plain());
    let served = Served::start(&Options {
        authority: Some(&authority),
        services: &[("application", service(&application.url(), ""))],
        ..Options::on(&slapd, "memory:")
    });
    for flood in FLOODS {
        let before = cpu(served.id());
        let stream = secured(&served, "h2").await;
        let frames = flooded(stream, flood, MOST, wait::PATIENCE).await;
        let taken = cpu(served.id()) - before;
        assert!(frames.is_some(), "{} goes on", flood.name);
        assert!(
            taken <= 1.0,
            "{}: {taken} s of CPU for {frames:?} frames",
            flood.name
        );
    }
    signs_in(&served, Some(&authority), &application).await;
}

/// Opens as many connections to the port as it is told, says so, and holds them until its input ends.
const IDLE: &str = "import socket, sys\n\
    held = [socket.create_connection(('127.0.0.1', int(sys.argv[1]))) for _ in range(int(sys.argv[2]))]\n\
    print('open', len(held), flush=True)\n\
    import signal; signal.pause()\n";

#[tokio::test]
async fn ten_thousand_connections_that_say_nothing_keep_nobody_out() {
    // T-06, F-27
    let slapd = Slapd::start(&slapd::Options::default());
    let application = Application::plain();
    let served = Served::start(&Options {
        services: &[("application", service(&application.url(), ""))],
        // Otherwise they are gone within five seconds (T-01).
        sections: "[server.limits]\nfirst_byte = \"1 h\"\n",
        ..Options::on(&slapd, "memory:")
    });
    let process = served.id().to_string();
    let raised = Command::new("prlimit")
        .args(["--nofile=20000:20000", "--pid", &process])
        .status();
    assert!(raised.unwrap().success());
    let log = folder("idle").join("log");
    let port = served.port().to_string();
    let arguments = ["--nofile=20000:20000", "python3", "-c", IDLE, &port, "10000"].map(str::to_owned);
    let mut idle = Server::start("prlimit", &arguments, &log);
    wait::until("ten thousand connections", || {
        assert!(idle.has_ended().is_none(), "{}", idle.output());
        idle.output().contains("open 10000").then_some(())
    });
    let open = || fs::read_dir(format!("/proc/{process}/fd")).unwrap().count();
    wait::until("all of them with the server", || (open() >= 10_000).then_some(()));
    signs_in(&served, None, &application).await;
    assert!(open() >= 10_000, "they are still there");
}

/// Documents of SOAP that are made to be dear: more attributes than anybody compares, names of spaces, depth.
fn dear_documents() -> Vec<(&'static str, String)> {
    let request = |attributes: &str, inside: &str| {
        format!(
            "<S:Envelope xmlns:S=\"http://schemas.xmlsoap.org/soap/envelope/\"><S:Body><p:Request \
             xmlns:p=\"urn:oasis:names:tc:SAML:1.0:protocol\" {attributes}>{inside}</p:Request></S:Body>\
             </S:Envelope>"
        )
    };
    let many = |begin: &str| {
        let all: Vec<String> = (0..80_000).map(|n| format!("{begin}{n}=\"{n}\"")).collect();
        all.join(" ")
    };
    let laughs = "<!DOCTYPE l [<!ENTITY a \"ha\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;\">]>";
    vec![
        ("80,000 attributes", request(&many("a"), "")),
        ("80,000 names of spaces", request(&many("xmlns:n"), "")),
        (
            "a thousand levels",
            request("", &("<a>".repeat(1000) + &"</a>".repeat(1000))),
        ),
        ("many elements", request("", &"<a/>".repeat(200_000))),
        ("entities", format!("{laughs}{}", request("", "&b;"))),
        (
            "a file",
            format!("<!DOCTYPE x SYSTEM \"file:///etc/passwd\">{}", request("", "")),
        ),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn xml_that_is_made_to_be_dear_costs_less_than_fifty_milliseconds() {
    // T-27
    const TIMES: usize = 20;
    let slapd = Slapd::start(&slapd::Options::default());
    let application = Application::plain();
    let served = Served::start(&Options {
        services: &[("application", service(&application.url(), ""))],
        // Otherwise its length alone is refused.
        sections: "[server.limits]\nlargest_body = \"4 MiB\"\n",
        ..Options::on(&slapd, "memory:")
    });
    let wanted = format!("{}/app", application.url());
    let path = url::form_urlencoded::byte_serialize(wanted.as_bytes()).collect::<String>();
    for (name, document) in dear_documents() {
        let request = format!(
            "POST /cas/samlValidate?TARGET={path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\
             Content-Type: text/xml\r\nContent-Length: {}\r\n\r\n{document}",
            document.len()
        );
        let before = cpu(served.id());
        for _ in 0..TIMES {
            let mut stream = TcpStream::connect(("127.0.0.1", served.port())).unwrap();
            stream.write_all(request.as_bytes()).unwrap();
            let mut answer = String::new();
            stream.read_to_string(&mut answer).unwrap();
            assert!(answer.starts_with("HTTP/1.1 200"), "{name}: {answer}");
            assert!(
                !answer.contains("samlp:Success") && !answer.contains("haha"),
                "{name}"
            );
            assert!(!answer.contains("root:"), "{name}");
        }
        let each = (cpu(served.id()) - before) / TIMES as f64;
        assert!(each <= 0.05, "{name}: {each} s of CPU each");
    }
    signs_in(&served, None, &application).await;
}

/// A source of bytes that are the same in every run.
pub struct Noise(pub u64);

impl Noise {
    pub fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    pub fn bytes(&mut self) -> Vec<u8> {
        let length = self.next() % 4096 + 1;
        (0..length).map(|_| self.next().to_le_bytes()[3]).collect()
    }
}

/// What was made to hurt, and noise; some of it behind the beginning of something good.
fn hostile() -> Vec<Vec<u8>> {
    let preface = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0";
    let chunked = |size: &str| {
        format!("POST /cas/login HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n{size}\r\nabc")
            .into_bytes()
    };
    let mut all = vec![
        preface.to_vec(),
        opening(),
        // Records of TLS: a greeting, an alert, one longer than any may be.
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03".to_vec(),
        b"\x15\x03\x03\x00\x02\x02\x28".to_vec(),
        b"\x16\x03\x03\xff\xff".repeat(100),
        chunked("ffffffffffffffff"),
        chunked("ffffffffffffffffffffffffffffffff"),
        chunked("7fffffff"),
        chunked("-1"),
        chunked("0x10"),
        b"POST /cas/login HTTP/1.1\r\nHost: h\r\nContent-Length: 18446744073709551615\r\n\r\nx".to_vec(),
        b"POST /cas/login HTTP/1.1\r\nHost: h\r\nContent-Length: 99999999999999999999999\r\n\r\n".to_vec(),
        b"GET / HTTP/1.1\r\nHost: h\r\nUpgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings\r\n\r\n".to_vec(),
        b"GET / HTTP/9.9\r\n\r\n".to_vec(),
        b"\0".repeat(4096),
        b"\r\n".repeat(50_000),
        b"A".repeat(200_000),
        [&b"GET / HTTP/1.1\r\n"[..], &b"X: y\r\n".repeat(20_000)].concat(),
        [&b"GET /"[..], &b"%".repeat(100_000)].concat(),
        b"\r\n\r\n\0\r\nQUIT\n\x21\x11\xff\xff".to_vec(),
        b"\x30\x84\xff\xff\xff\xff".to_vec(),
        b"*1\r\n$4294967296\r\n".to_vec(),
    ];
    let mut noise = Noise(20_261_127);
    for round in 0..150 {
        let begin: &[u8] = match round % 5 {
            0 => b"GET /cas/login HTTP/1.1\r\nHost: h\r\n",
            1 => preface,
            2 => b"POST /cas/login HTTP/1.1\r\nHost: h\r\nContent-Length: 40\r\n\r\n",
            3 => b"\x16\x03\x01",
            _ => b"",
        };
        all.push([begin, &noise.bytes()].concat());
    }
    all
}

/// Sends the bytes and nothing more, and takes what comes until the server closes.
fn throw(port: u16, bytes: &[u8]) {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).expect("the server listens");
    stream.set_read_timeout(Some(wait::PATIENCE)).unwrap();
    // It may close before it has taken all.
    let _ = stream.write_all(bytes);
    let _ = stream.shutdown(Shutdown::Write);
    let closed = stream.read_to_end(&mut Vec::new());
    let late = |error: &std::io::Error| error.kind() == std::io::ErrorKind::WouldBlock;
    assert!(
        !closed.as_ref().is_err_and(late),
        "never closed after {:?}",
        &bytes[..bytes.len().min(60)]
    );
}

/// One request on a connection that is kept; whether it was answered with this status.
fn asks(stream: &mut TcpStream, path: &str, status: u16) -> bool {
    let request = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n");
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        let read = stream.read(&mut buffer).unwrap();
        answer.extend_from_slice(&buffer[..read]);
        let text = String::from_utf8_lossy(&answer);
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let lower = head.to_lowercase();
            let length = lower
                .lines()
                .find_map(|line| line.strip_prefix("content-length: "));
            if body.len() >= length.map_or(0, |length| length.parse().unwrap()) {
                return head.starts_with(&format!("HTTP/1.1 {status}"));
            }
        }
        assert!(read > 0, "closed within an answer");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn hostile_bytes_on_any_port_cost_their_own_connection_and_no_other() {
    // T-01, T-08
    let slapd = Slapd::start(&slapd::Options::default());
    let (authority, application) = (Authority::new(), Application::plain());
    let services = [("application", service(&application.url(), ""))];
    let watched = ports::free();
    let plain = Served::start(&Options {
        services: &services,
        sections: &admin(watched),
        ..Options::on(&slapd, "memory:")
    });
    let tls = Served::start(&Options {
        authority: Some(&authority),
        services: &services,
        ..Options::on(&slapd, "memory:")
    });
    let mut kept = TcpStream::connect(("127.0.0.1", plain.port())).unwrap();
    let mut collector = TcpStream::connect(("127.0.0.1", watched)).unwrap();
    for (number, bytes) in hostile().iter().enumerate() {
        for port in [plain.port(), watched, tls.port()] {
            throw(port, bytes);
        }
        // The connections of others are as they were.
        if number % 10 == 0 {
            assert!(asks(&mut kept, "/cas/login", 200));
            assert!(asks(&mut collector, "/livez", 200));
        }
    }
    signs_in(&plain, None, &application).await;
    signs_in(&tls, Some(&authority), &application).await;
    for served in [&plain, &tls] {
        assert!(!served.output().contains("panicked"), "{}", served.output());
    }
}

/// A directory that answers every byte it gets with these, on a port of its own.
fn answering(bytes: Vec<u8>, slice: usize) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let bytes = bytes.clone();
            std::thread::spawn(move || {
                let mut stream = stream;
                let mut heard = [0; 1024];
                while stream.read(&mut heard).is_ok_and(|read| read > 0) {
                    for piece in bytes.chunks(slice) {
                        if stream.write_all(piece).is_err() {
                            return;
                        }
                    }
                }
            });
        }
    });
    port
}

#[tokio::test(flavor = "multi_thread")]
#[allow(clippy::too_many_lines, reason = "one kind of rubbish after the other")]
async fn a_directory_that_answers_with_rubbish_costs_its_own_realm_and_no_other() {
    // F-15
    let nested = {
        let mut bytes = Vec::new();
        for _ in 0..10_000 {
            let mut outer = vec![0x30, 0x84];
            outer.extend(u32::try_from(bytes.len()).unwrap().to_be_bytes());
            outer.extend(&bytes);
            bytes = outer;
        }
        bytes
    };
    let mut noise = Noise(7);
    let cases: Vec<(Vec<u8>, usize)> = vec![
        (vec![0x30, 0x00], 2),
        // An operation that nobody knows, as the answer to the first bind.
        (vec![0x30, 0x05, 0x02, 0x01, 0x01, 0x7f, 0x00], 7),
        (nested, 60_000),
        (vec![0x30, 0x84, 0x59, 0x68, 0x2f, 0x00], 6),
        (noise.bytes(), 1),
        (b"HTTP/1.1 400 Bad Request\r\n\r\n".to_vec(), 100),
    ];
    let good = Slapd::start(&slapd::Options::default());
    let application = Application::plain();
    let watched = ports::free();
    for (bytes, slice) in cases {
        let shown = bytes.len();
        let directory = format!("ldap://127.0.0.1:{}", answering(bytes, slice));
        let served = Served::start(&Options {
            directory: Some(&directory),
            second: Some(&good),
            institutions: "[[institution]]\nid = \"lycee\"\nrealm = \"lycee\"\nname = \"Lycée d’essai\"\n",
            services: &[("application", service(&application.url(), "user = \"scoped\""))],
            sections: &admin(watched),
            ..Options::on(&good, "memory:")
        });
        let wanted = format!("{}/app", application.url());
        let login = |tenant: &str| served.address("/login", &[("service", &wanted), ("tenant", tenant)]);
        let mut browser = Browser::new(None);
        let page = browser.get(&login("campus")).await;
        let form = page
            .reply
            .form()
            .with("username", LOGIN)
            .with("password", PASSWORD);
        let refused = browser.submit(&page, &form).await;
        assert_eq!(
            refused.reply.status.as_u16(),
            503,
            "{shown} bytes: {}",
            refused.reply.body
        );
        let mut other = Browser::new(None);
        let page = other.get(&login("lycee")).await;
        let arrived = other.sign_in(&page, LOGIN, PASSWORD).await;
        assert!(
            arrived.url.as_str().starts_with(&wanted),
            "{shown} bytes: {}",
            arrived.url
        );
        let metrics = asked(watched, "/metrics").await.1;
        let drops = value(&metrics, "ldap_guard_drops_total");
        assert!(drops.is_some_and(|drops| drops > 0.0), "{shown} bytes: {drops:?}");
        assert!(!served.output().contains("panicked"), "{}", served.output());
    }
}
