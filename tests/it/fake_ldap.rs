//! An LDAP server that does what a test tells it, good or bad: messages are written by hand, so that
//! they can be what no real server would send.

use std::future::pending;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use tokio::task::JoinHandle;

/// What a client asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Asked {
    Bind { dn: String, password: String },
    Search { base: String, whole: Vec<u8> },
    Extended,
    Other(u8),
}

/// One request and the connection it came on, counted from 0.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    pub connection: usize,
    pub id: u8,
    pub asked: Asked,
}

/// What the server does about a request, step by step.
pub enum Step {
    Send(Vec<u8>),
    /// One byte per packet.
    SendSliced(Vec<u8>),
    /// The same message again and again, with a pause between.
    Drip(Vec<u8>, Duration),
    /// Until the test says so.
    WaitFor(Arc<Notify>),
    /// The test is told that it came to here.
    Tell(Arc<Notify>),
    /// Nothing more on this connection, which stays open.
    Mute,
    Close,
}

type Script = dyn Fn(&Request) -> Vec<Step> + Send + Sync;

/// A running server; it ends with the value.
pub struct FakeLdap {
    port: u16,
    seen: Arc<Mutex<Vec<Request>>>,
    task: JoinHandle<()>,
}

impl FakeLdap {
    pub async fn start(script: impl Fn(&Request) -> Vec<Step> + Send + Sync + 'static) -> FakeLdap {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let seen = Arc::new(Mutex::new(Vec::new()));
        let script: Arc<Script> = Arc::new(script);
        let noted = seen.clone();
        let task = tokio::spawn(async move {
            let mut connections = tokio::task::JoinSet::new();
            for number in 0.. {
                let (stream, _) = listener.accept().await.unwrap();
                connections.spawn(serve(stream, number, script.clone(), noted.clone()));
            }
        });
        FakeLdap { port, seen, task }
    }

    pub fn url(&self) -> String {
        format!("ldap://127.0.0.1:{}", self.port)
    }

    pub fn seen(&self) -> Vec<Request> {
        self.seen.lock().unwrap().clone()
    }

    /// The binds of people, not of the service account.
    pub fn binds(&self) -> Vec<Request> {
        let is_bind =
            |request: &Request| matches!(&request.asked, Asked::Bind { dn, .. } if dn != SERVICE_DN);
        self.seen().into_iter().filter(is_bind).collect()
    }

    pub fn searches(&self) -> Vec<Request> {
        let is_search = |request: &Request| matches!(request.asked, Asked::Search { .. });
        self.seen().into_iter().filter(is_search).collect()
    }
}

impl Drop for FakeLdap {
    fn drop(&mut self) {
        self.task.abort();
    }
}

pub const SERVICE_DN: &str = "cn=mereau,dc=x";

async fn serve(
    mut stream: TcpStream,
    connection: usize,
    script: Arc<Script>,
    seen: Arc<Mutex<Vec<Request>>>,
) {
    while let Some(message) = read_message(&mut stream).await {
        let request = Request {
            connection,
            id: message.0,
            asked: message.1,
        };
        seen.lock().unwrap().push(request.clone());
        for step in script(&request) {
            if perform(&mut stream, step).await.is_none() {
                return;
            }
        }
    }
}

async fn perform(stream: &mut TcpStream, step: Step) -> Option<()> {
    match step {
        Step::Send(bytes) => stream.write_all(&bytes).await.ok(),
        Step::SendSliced(bytes) => {
            stream.set_nodelay(true).ok()?;
            for byte in bytes {
                stream.write_all(&[byte]).await.ok()?;
                tokio::task::yield_now().await;
            }
            Some(())
        }
        Step::Drip(bytes, pause) => loop {
            stream.write_all(&bytes).await.ok()?;
            tokio::time::sleep(pause).await;
        },
        Step::WaitFor(told) => {
            told.notified().await;
            Some(())
        }
        Step::Tell(test) => {
            test.notify_one();
            Some(())
        }
        Step::Mute => pending().await,
        Step::Close => None,
    }
}

/// Message id and request. The clients of these tests send short ids.
async fn read_message(stream: &mut TcpStream) -> Option<(u8, Asked)> {
    let mut header = [0; 2];
    stream.read_exact(&mut header).await.ok()?;
    let length = match header[1] {
        short @ ..0x80 => usize::from(short),
        long => {
            let mut octets = vec![0; usize::from(long & 0x7f)];
            stream.read_exact(&mut octets).await.ok()?;
            octets.iter().fold(0, |sum, octet| sum << 8 | usize::from(*octet))
        }
    };
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await.ok()?;
    let (_, id, operation) = element(&body);
    let (tag, contents, _) = element(operation);
    let asked = match tag {
        0x60 => {
            let (_, _, rest) = element(contents);
            let (_, dn, rest) = element(rest);
            let (_, password, _) = element(rest);
            Asked::Bind {
                dn: text(dn),
                password: text(password),
            }
        }
        0x63 => Asked::Search {
            base: text(element(contents).1),
            whole: contents.to_vec(),
        },
        0x77 => Asked::Extended,
        other => Asked::Other(other),
    };
    Some((*id.last()?, asked))
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn element(bytes: &[u8]) -> (u8, &[u8], &[u8]) {
    let (header, length) = match bytes[1] {
        short @ ..0x80 => (2, usize::from(short)),
        long => {
            let count = usize::from(long & 0x7f);
            let length = bytes[2..2 + count]
                .iter()
                .fold(0, |sum, octet| sum << 8 | usize::from(*octet));
            (2 + count, length)
        }
    };
    (
        bytes[0],
        &bytes[header..header + length],
        &bytes[header + length..],
    )
}

/// One BER element.
pub fn tlv(tag: u8, contents: &[u8]) -> Vec<u8> {
    let mut out = vec![tag];
    match u8::try_from(contents.len()) {
        Ok(short @ ..0x80) => out.push(short),
        _ => {
            out.push(0x84);
            out.extend(u32::try_from(contents.len()).unwrap().to_be_bytes());
        }
    }
    out.extend(contents);
    out
}

pub fn message(id: u8, operation: &[u8]) -> Vec<u8> {
    tlv(0x30, &[tlv(0x02, &[id]), operation.to_vec()].concat())
}

/// An LDAPResult under `tag`: 0x61 of a bind, 0x65 of a search, 0x78 of an extended operation.
pub fn result(id: u8, tag: u8, code: u8, text: &[u8]) -> Vec<u8> {
    let contents = [tlv(0x0a, &[code]), tlv(0x04, b""), tlv(0x04, text)].concat();
    message(id, &tlv(tag, &contents))
}

/// An entry with a login and its key.
pub fn entry(id: u8, uid: &str) -> Vec<u8> {
    let attribute = |name: &str, value: &str| {
        let values = tlv(0x31, &tlv(0x04, value.as_bytes()));
        tlv(0x30, &[tlv(0x04, name.as_bytes()), values].concat())
    };
    let attributes = [
        attribute("uid", uid),
        attribute("entryUUID", &format!("key-{uid}")),
    ]
    .concat();
    let name = tlv(0x04, format!("uid={uid},dc=x").as_bytes());
    message(id, &tlv(0x64, &[name, tlv(0x30, &attributes)].concat()))
}

/// What a sound server does: finds Anne, and knows her password.
pub fn sound(request: &Request) -> Vec<Step> {
    let id = request.id;
    match &request.asked {
        Asked::Bind { dn, password } => {
            let right = dn == SERVICE_DN || password == "right";
            vec![Step::Send(result(id, 0x61, if right { 0 } else { 49 }, b""))]
        }
        Asked::Search { base, .. } if base.is_empty() => vec![Step::Send(result(id, 0x65, 0, b""))],
        Asked::Search { .. } => vec![Step::Send([entry(id, "anne"), result(id, 0x65, 0, b"")].concat())],
        _ => vec![Step::Close],
    }
}
