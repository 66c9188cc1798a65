//! The proxy callback of a portal: a TLS listener on loopback that notes what it is asked and answers
//! as it is told.

use std::sync::{Arc, Mutex};

use mereau::base::clock::{HandClock, Timestamp};
use mereau::tls::{ServerCertificates, TlsSettings, server_config};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_rustls::TlsAcceptor;
use url::Url;

use super::encoded;

/// A certificate and its key, PEM.
pub type Secured = (String, String);

pub struct Callbacks {
    port: u16,
    told: Arc<Told>,
}

struct Told {
    /// Heads of the requests, one after the other.
    seen: Mutex<Vec<String>>,
    /// The status line and headers to answer with.
    answer: Mutex<&'static str>,
    arrived: Semaphore,
    /// One permit lets one answer out.
    gate: Semaphore,
}

pub const FINE: &str = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";

/// A body that begins and never ends.
pub const ENDLESS: &str = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n1";

/// A body without any end.
pub const FLOOD: &str = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";

/// So that a certificate may be served that has expired since.
const IN_2019: Timestamp = Timestamp(1_560_000_000_000);

/// More answers than any test asks for.
const OPEN: usize = 1000;

impl Callbacks {
    pub async fn start((certificate, key): Secured) -> Callbacks {
        let folder = tempfile::tempdir().unwrap();
        let files = TlsSettings {
            certificate: folder.path().join("cert.pem"),
            key: folder.path().join("key.pem"),
        };
        std::fs::write(&files.certificate, certificate).unwrap();
        std::fs::write(&files.key, key).unwrap();
        let certificates = ServerCertificates::load(files, &HandClock::at(IN_2019)).unwrap();
        let acceptor = TlsAcceptor::from(server_config(Arc::new(certificates)).unwrap());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let told = Arc::new(Told {
            seen: Mutex::default(),
            answer: Mutex::new(FINE),
            arrived: Semaphore::new(0),
            gate: Semaphore::new(OPEN),
        });
        let shared = told.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(acceptor.clone(), stream, shared.clone()));
            }
        });
        Callbacks { port, told }
    }

    /// `https://localhost:…/pgt` and `more`.
    pub fn url(&self, more: &str) -> String {
        format!("https://localhost:{}/pgt{more}", self.port)
    }

    /// The parameter `pgtUrl` for a validation.
    pub fn wish(&self, more: &str) -> String {
        format!("&pgtUrl={}", encoded(&self.url(more)))
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    pub fn answer_with(&self, answer: &'static str) {
        *self.told.answer.lock().unwrap() = answer;
    }

    /// Holds every answer from now on.
    pub async fn hold(&self) {
        self.told.gate.acquire_many(OPEN as u32).await.unwrap().forget();
    }

    pub fn release(&self) {
        self.told.gate.add_permits(OPEN);
    }

    /// Waits for one more request.
    pub async fn arrival(&self) {
        self.told.arrived.acquire().await.unwrap().forget();
    }

    /// Takes the requests that came.
    pub fn seen(&self) -> Vec<String> {
        std::mem::take(&mut *self.told.seen.lock().unwrap())
    }

    /// The tickets of the only request that came: PGT and PGTIOU.
    pub fn delivered(&self) -> (String, String) {
        let seen = self.seen();
        assert_eq!(seen.len(), 1, "{seen:?}");
        tickets_of(&seen[0])
    }
}

/// PGT and PGTIOU in a request.
pub fn tickets_of(head: &str) -> (String, String) {
    let target = head.split(' ').nth(1).unwrap();
    let url = Url::parse("https://localhost").unwrap().join(target).unwrap();
    let value = |name: &str| {
        let found: Vec<_> = url.query_pairs().filter(|(known, _)| known == name).collect();
        assert_eq!(found.len(), 1, "{name} in {target}");
        found[0].1.to_string()
    };
    (value("pgtId"), value("pgtIou"))
}

async fn serve(acceptor: TlsAcceptor, stream: TcpStream, told: Arc<Told>) {
    let Ok(mut stream) = acceptor.accept(stream).await else {
        return;
    };
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        match stream.read_u8().await {
            Ok(byte) => head.push(byte),
            Err(_) => return,
        }
    }
    told.seen.lock().unwrap().push(String::from_utf8(head).unwrap());
    told.arrived.add_permits(1);
    told.gate.acquire().await.unwrap().forget();
    let answer = *told.answer.lock().unwrap();
    let _ = stream.write_all(answer.as_bytes()).await;
    if answer == ENDLESS {
        // Until the other side hangs up.
        let _ = stream.read_u8().await;
    }
    if answer == FLOOD {
        while stream.write_all(b"4\r\nmore\r\n").await.is_ok() {}
    }
    let _ = stream.shutdown().await;
}
