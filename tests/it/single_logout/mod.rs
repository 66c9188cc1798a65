//! The ledger of logout messages: applications on loopback that answer as they are told, and a house
//! whose people have visited them.

mod browsers;
mod hosts;
mod ledger;
mod page;

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use mereau::jobs::single_logout::DeadLetter;
use mereau::services::ServiceSettings;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;

use crate::house::{Browser, CAMILLE, House, service};

const SECOND: Duration = Duration::from_secs(1);

/// What an application does with a request.
#[derive(Clone)]
pub enum Does {
    Answer(u16),
    Redirect(String),
    /// Takes the request and says nothing.
    Hang,
    /// An answer without end.
    Flood,
    /// Hangs up.
    Close,
}

/// An application, at a port of its own.
pub struct Application {
    pub port: u16,
    told: Arc<Told>,
}

struct Told {
    /// One after the other; the last one for good.
    does: Mutex<VecDeque<Does>>,
    bodies: Mutex<Vec<String>>,
    arrived: Semaphore,
}

impl Application {
    pub async fn that(does: impl IntoIterator<Item = Does>) -> Application {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let told = Arc::new(Told {
            does: Mutex::new(does.into_iter().collect()),
            bodies: Mutex::default(),
            arrived: Semaphore::new(0),
        });
        let shared = told.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, shared.clone()));
            }
        });
        Application { port, told }
    }

    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}/app", self.port)
    }

    /// The messages that have arrived.
    pub fn bodies(&self) -> Vec<String> {
        self.told.bodies.lock().unwrap().clone()
    }

    pub fn now_does(&self, does: Does) {
        *self.told.does.lock().unwrap() = [does].into();
    }

    /// Waits for one more request.
    pub async fn arrival(&self) {
        let arrived = tokio::time::timeout(30 * SECOND, self.told.arrived.acquire()).await;
        arrived.expect("nobody came").unwrap().forget();
    }
}

async fn serve(mut stream: TcpStream, told: Arc<Told>) {
    let mut seen = Vec::new();
    let body = loop {
        let mut buffer = [0; 4096];
        match stream.read(&mut buffer).await {
            Ok(count) if count > 0 => seen.extend_from_slice(&buffer[..count]),
            _ => return,
        }
        let text = String::from_utf8_lossy(&seen).to_lowercase();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head
                .lines()
                .find_map(|line| line.strip_prefix("content-length: "));
            if body.len() >= length.map_or(0, |length| length.parse().unwrap()) {
                let whole = String::from_utf8_lossy(&seen).into_owned();
                break whole.split_once("\r\n\r\n").unwrap().1.to_owned();
            }
        }
    };
    told.bodies.lock().unwrap().push(body);
    let does = {
        let mut does = told.does.lock().unwrap();
        match does.len() {
            1 => does.front().cloned(),
            _ => does.pop_front(),
        }
    };
    told.arrived.add_permits(1);
    let answer = match does.unwrap_or(Does::Answer(200)) {
        Does::Answer(status) => format!("HTTP/1.1 {status} X\r\nContent-Length: 0\r\n\r\n"),
        Does::Redirect(to) => {
            format!("HTTP/1.1 302 Found\r\nLocation: {to}\r\nContent-Length: 0\r\n\r\n")
        }
        Does::Hang => {
            let _ = stream.read_u8().await;
            return;
        }
        Does::Close => return,
        Does::Flood => {
            let _ = stream
                .write_all(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
                .await;
            while stream.write_all(b"4\r\nmore\r\n").await.is_ok() {}
            return;
        }
    };
    let _ = stream.write_all(answer.as_bytes()).await;
}

/// The registration of an application.
pub fn registered(id: &str, application: &Application) -> ServiceSettings {
    ServiceSettings {
        name: [
            ("fr".to_owned(), format!("Carnet {id}")),
            ("en".to_owned(), format!("Notebook {id}")),
        ]
        .into(),
        urls: vec![format!("http://127.0.0.1:{}/**", application.port)],
        ..service(id)
    }
}

/// A browser in which Camille has visited these.
pub async fn visitor<'a>(house: &'a House, visited: &[&str]) -> Browser<'a> {
    let mut browser = house.browser();
    browser.sign_in("/cas/login", CAMILLE).await;
    for url in visited {
        visit(house, &mut browser, url).await;
    }
    browser
}

/// The ticket with which the application was visited.
pub async fn visit(house: &House, browser: &mut Browser<'_>, url: &str) -> String {
    // Who comes back at once, again and again, is stopped (F-06).
    house.clock.advance(3 * SECOND);
    let ticket = browser.ticket_for(url).await;
    let answer = house.validate(url, &ticket).await;
    assert!(answer.contains("authenticationSuccess"), "{answer}");
    ticket
}

/// Works on what is due now; answers how many messages that were.
pub async fn deliver(house: &House) -> usize {
    let mut worked = 0;
    while house.ledger.step().await.unwrap() {
        worked += 1;
    }
    worked
}

pub async fn dead(house: &House) -> Vec<DeadLetter> {
    house.ledger.dead().await.unwrap()
}
