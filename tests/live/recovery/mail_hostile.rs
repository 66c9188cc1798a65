//! A mail server that means harm, and the served program: what it says costs its own connection, while pages
//! are answered and no letter is lost.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

use super::post::SOON;
use super::{Plan, Town};
use crate::process_limits::peak;
use crate::support::browser::Browser;
use crate::support::slapd;
use crate::support::wait;

/// More than any reader should keep.
const ENDLESS: usize = 256 << 20;

/// What a recovery takes by itself: 19 MiB for the argon2id hash of its code, as many at once as there are cores.
fn most() -> u64 {
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let at_once = u64::try_from(cores.min(HARMS.len())).expect("few");
    (32 + 24 * at_once) << 20
}

/// What it says instead of an answer, again and again until so much is said or the connection ends. The mail goes
/// over TLS, so that the first three answers come in clear.
struct Harm {
    answer: usize,
    says: &'static [u8],
    most: usize,
}

const fn once(answer: usize, says: &'static [u8]) -> Harm {
    let most = says.len();
    Harm { answer, says, most }
}

const fn endless(answer: usize, says: &'static [u8]) -> Harm {
    let most = ENDLESS;
    Harm { answer, says, most }
}

const HARMS: [Harm; 8] = [
    once(0, b"\x00\xff\xfe\x80 whatever this is\r\n"),
    once(0, b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"),
    once(1, b"99999999999999999999 STARTTLS\r\n"),
    once(
        2,
        b"220 go on\r\n\x16\x03\x01\xff\xff\x02\xff\xff\xff no TLS at all",
    ),
    endless(0, &[b'x'; 65_536]),
    endless(0, b"220-relay\r\n"),
    endless(1, b"250-SIZE 9999999999999999999999\r\n"),
    endless(2, b"\0"),
];

const BEFORE: [&str; 2] = ["220 relay ESMTP\r\n", "250-relay\r\n250 STARTTLS\r\n"];

async fn talk(stream: TcpStream, harm: &Harm) -> std::io::Result<()> {
    let mut stream = BufReader::new(stream);
    for answer in BEFORE.iter().take(harm.answer) {
        stream.write_all(answer.as_bytes()).await?;
        stream.read_line(&mut String::new()).await?;
    }
    let mut said = 0;
    while said < harm.most {
        stream.write_all(harm.says).await?;
        said += harm.says.len();
    }
    // It hangs up first, or says something to that.
    stream.read_line(&mut String::new()).await.map(drop)
}

fn people() -> String {
    let one = |number: usize| {
        format!(
            "dn: uid=h{number},{}\nobjectClass: inetOrgPerson\nobjectClass: exampleSupannPerson\n\
             entryUUID: 5a1e7000-0000-4000-8000-00000000080{number}\nuid: h{number}\ncn: H\nsn: H\n\
             displayName: H\nmail: h{number}@maison.example\n\
             supannRessourceEtat: {{COMPTE}}A:SupannActif\nuserPassword: houle-de-mer-{number}\n\n",
            slapd::PEOPLE
        )
    };
    (0..HARMS.len()).map(one).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mail_server_that_means_harm_costs_its_own_connections_and_no_letter() {
    // F-21
    let people = people();
    let mut town = Town::with(Plan {
        entries: &people,
        ..SOON
    })
    .await;
    let (process, before) = (town.served.id(), peak(town.served.id()));
    let port = town.sink.port;
    town.sink.kill().await;
    let hostile = TcpListener::bind(("127.0.0.1", port)).await.expect("its port");
    let over = Arc::new(AtomicUsize::new(0));
    let counts = over.clone();
    let harming = tokio::spawn(async move {
        for number in 0.. {
            let (stream, _) = hostile.accept().await.expect("a connection");
            let counts = counts.clone();
            tokio::spawn(async move {
                let _ = talk(stream, &HARMS[number % HARMS.len()]).await;
                counts.fetch_add(1, Ordering::SeqCst);
            });
        }
    });
    for number in 0..HARMS.len() {
        town.asks(&mut Browser::new(None), &format!("h{number}")).await;
    }
    wait::until_async("every harm", || async {
        (over.load(Ordering::SeqCst) >= HARMS.len()).then_some(())
    })
    .await;
    let more = peak(process).saturating_sub(before);
    assert!(more < most(), "{more} bytes more");
    assert_eq!(town.served.id(), process);
    harming.abort();
    assert!(
        harming.await.is_err_and(|ended| ended.is_cancelled()),
        "its port is closed"
    );
    town.sink.come_back().await;
    let mails = town.mails(HARMS.len()).await;
    let mut to: Vec<&String> = mails.iter().flat_map(|mail| &mail.to).collect();
    to.sort_unstable();
    to.dedup();
    assert_eq!(to.len(), HARMS.len(), "a letter for each: {to:?}");
    for mail in &mails {
        let page = Browser::new(None).open(&mail.link()).await;
        assert_eq!(page.reply.status, 200);
    }
}
