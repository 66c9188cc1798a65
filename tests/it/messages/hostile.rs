//! A mail server that means harm: what it says without end, in crumbs or without sense costs its own
//! connection and some kilobytes, and no letter.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use mereau::base::entropy::{Entropy, SeededEntropy};
use mereau::messages::smtp::{Security, Smtp, SmtpSettings};
use mereau::messages::{Post, PostError};
use mereau::tls::Roots;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

use super::outbox::World;
use crate::post::{LINK, mail};

/// What it would send if it were let.
const GIGABYTE: u64 = 1 << 30;

/// What the systems of both sides may hold for a connection, and a little more: nothing of it is ours.
const IN_BETWEEN: u64 = 64 << 20;

/// The answers of a relay that agrees to everything, in their order.
const AGREED: [&str; 6] = [
    "220 relay ESMTP\r\n",
    "250-relay\r\n250 8BITMIME\r\n",
    "250 2.1.0 ok\r\n",
    "250 2.1.5 ok\r\n",
    "354 go on\r\n",
    "250 2.0.0 queued\r\n",
];

/// What it does instead of an answer.
#[derive(Clone)]
enum Harm {
    None,
    /// The same again and again at the step of this number, until the connection is closed.
    Endless(usize, Vec<u8>),
    /// This once at the step, and nothing more.
    Once(usize, Vec<u8>),
    /// Everything as it should be, one byte after the other.
    Crumbs,
}

struct Hostile {
    address: SocketAddr,
    harm: Arc<Mutex<Harm>>,
    /// Bytes that went out, over all connections.
    sent: Arc<AtomicU64>,
    task: JoinHandle<()>,
}

impl Hostile {
    async fn start() -> Hostile {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let harm = Arc::new(Mutex::new(Harm::None));
        let sent = Arc::new(AtomicU64::new(0));
        let (does, counts) = (harm.clone(), sent.clone());
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (harm, sent) = (does.lock().unwrap().clone(), counts.clone());
                tokio::spawn(async move { drop(talk(stream, harm, &sent).await) });
            }
        });
        Hostile {
            address,
            harm,
            sent,
            task,
        }
    }

    fn does(&self, harm: Harm) {
        *self.harm.lock().unwrap() = harm;
        self.sent.store(0, Ordering::SeqCst);
    }

    fn post(&self, security: Security) -> Smtp {
        let settings = SmtpSettings {
            host: "127.0.0.1".to_owned(),
            port: self.address.port(),
            security,
            user: None,
            hello: "cas.leia.example".to_owned(),
            roots: Roots::System,
            // Nothing here lasts so long.
            deadline: Duration::from_secs(300),
            kept: 2,
            idle: Duration::from_secs(60),
        };
        Smtp::new(settings).unwrap()
    }
}

impl Drop for Hostile {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn talk(stream: TcpStream, harm: Harm, sent: &AtomicU64) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let mut stream = BufReader::new(stream);
    for (step, agreed) in AGREED.iter().enumerate() {
        match &harm {
            Harm::Endless(at, words) if *at == step => {
                while sent.load(Ordering::SeqCst) < GIGABYTE {
                    let count = stream.get_mut().write(words).await?;
                    sent.fetch_add(u64::try_from(count).unwrap(), Ordering::SeqCst);
                }
                return Ok(());
            }
            Harm::Once(at, words) if *at == step => return stream.write_all(words).await,
            Harm::Crumbs => {
                for byte in agreed.bytes() {
                    stream.write_all(&[byte]).await?;
                    stream.flush().await?;
                    tokio::task::yield_now().await;
                }
            }
            _ => stream.write_all(agreed.as_bytes()).await?,
        }
        stream.flush().await?;
        let mut line = Vec::new();
        // A mail ends with a dot alone; everything else is one line.
        loop {
            line.clear();
            if stream.read_until(b'\n', &mut line).await? == 0 || step != 4 || line == b".\r\n" {
                break;
            }
        }
    }
    Ok(())
}

/// Fails, for this time, and before its deadline.
fn passing(outcome: Result<mereau::messages::Sent, PostError>) -> bool {
    outcome.is_err_and(|error| error.may_pass() && error != PostError::TimedOut)
}

#[tokio::test]
async fn an_answer_without_end_ends_its_connection_and_is_not_kept() {
    // F-21
    let relay = Hostile::start().await;
    let long = vec![b'a'; 64 * 1024];
    let endless: [&[u8]; 5] = [
        &long,
        b"250-and so on\r\n",
        b"250-\xff\xfe\r\n",
        b"\r\n\r\n\r\n",
        &[0; 4096],
    ];
    for step in 0..AGREED.len() {
        for words in endless {
            let words = words.repeat(64 * 1024 / words.len());
            relay.does(Harm::Endless(step, words.clone()));
            let post = relay.post(Security::Plain);
            let told = String::from_utf8_lossy(&words[..8]).into_owned();
            assert!(passing(post.send(&mail("x", LINK)).await), "{step}: {told:?}");
            if step < 2 {
                let post = relay.post(Security::StartTls);
                assert!(
                    passing(post.send(&mail("x", LINK)).await),
                    "before TLS, {step}: {told:?}"
                );
            }
            let sent = relay.sent.load(Ordering::SeqCst);
            assert!(sent < IN_BETWEEN, "{step}: {told:?}: {sent} bytes were taken");
        }
    }
    relay.does(Harm::None);
    relay
        .post(Security::Plain)
        .send(&mail("after", LINK))
        .await
        .unwrap();
}

#[tokio::test]
async fn an_answer_in_crumbs_is_an_answer() {
    // F-21
    let relay = Hostile::start().await;
    relay.does(Harm::Crumbs);
    let sent = relay.post(Security::Plain).send(&mail("x", LINK)).await.unwrap();
    assert_eq!(sent.receipt.as_deref(), Some("2.0.0 queued"));
}

#[tokio::test]
async fn a_letter_outlives_whatever_a_relay_says() {
    // F-21, SEC-60
    let relay = Hostile::start().await;
    let world = World::new();
    world.write("one").await;
    let carrier = world.carrier_by(Arc::new(relay.post(Security::Plain)));
    let entropy = SeededEntropy::new(21);
    // For less than the day after which it would be given up.
    for round in 0..60 {
        let mut garbage = vec![0; 1 + 37 * (round % 11)];
        entropy.fill(&mut garbage);
        if round % 3 == 0 {
            // Nearly an answer.
            garbage.splice(..0, *b"250 ");
            garbage.extend_from_slice(b"\r\n");
        }
        relay.does(Harm::Once(round % AGREED.len(), garbage));
        assert!(carrier.step().await.unwrap(), "round {round}: the letter is gone");
        assert_eq!(world.waiting().await, 1, "round {round}");
        world.clock.advance(Duration::from_secs(60 * 20));
    }
    relay.does(Harm::None);
    assert!(carrier.step().await.unwrap());
    assert_eq!(world.waiting().await, 0);
}
