//! Requests inside requests, sent through the proxies of our samples. What is looked for is the poisoned
//! answer: one that somebody else gets, and a request that the server saw and nobody sent.

use futures_util::future::join_all;
use mereau::tls::Roots;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;

use crate::edge_attacks::connected;
use crate::floods_of::{DATA, END_HEADERS, END_STREAM, HEADERS, field, frame, head, opening};
use crate::support::certificates::Authority;
use crate::support::child::folder;
use crate::support::front::{Front, Kind};
use crate::support::ports;
use crate::support::served::{Options, Served};
use crate::support::slapd::{self, Slapd};
use crate::support::wait;

/// What must not become a request unseen: its answer is XML, and its path is in both logs.
const INNER: &str = "GET /cas/serviceValidate HTTP/1.1\r\nHost: localhost\r\nX: ";

struct Campus {
    served: Served,
    front: Front,
    port: u16,
    roots: Roots,
    _slapd: Slapd,
}

impl Campus {
    fn behind(kind: Kind) -> Campus {
        let slapd = Slapd::start(&slapd::Options::default());
        let authority = Authority::new();
        let file = folder("roots").join("ca.pem");
        std::fs::write(&file, authority.pem()).unwrap();
        for _ in 0..10 {
            let port = ports::free();
            let served = Served::start(&Options {
                front: Some(port),
                ..Options::on(&slapd, "memory:")
            });
            if let Some(front) = Front::start(kind, port, served.port(), &authority) {
                let roots = Roots::File(file);
                return Campus {
                    served,
                    front,
                    port,
                    roots,
                    _slapd: slapd,
                };
            }
        }
        panic!("no port for {kind:?}");
    }

    async fn connect(&self, protocol: &str) -> TlsStream<TcpStream> {
        connected(&self.roots, self.port, protocol).await
    }

    /// Sends the bytes on a connection of their own.
    async fn throw(&self, protocol: &str, bytes: &[u8]) -> TlsStream<TcpStream> {
        let mut stream = self.connect(protocol).await;
        let _ = stream.write_all(bytes).await;
        let _ = stream.flush().await;
        stream
    }

    /// Waits until a request that is sent now, through the proxy, is in the logs of both: what came to the
    /// proxy before was handed on before.
    async fn marks(&self, name: &str) {
        let mut stream = self.connect("http/1.1").await;
        let path = format!("/cas/{name}");
        let request = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        to_the_end(&mut stream).await;
        wait::until(&path, || {
            let [at_server, at_proxy] = [format!("\"path\":\"{path}\""), format!("] \"GET {path} ")];
            let known = self.served.output().contains(&at_server) && self.front.logs().contains(&at_proxy);
            known.then_some(())
        });
    }

    /// Others ask for the sign-in page meanwhile: on connections of their own, which the proxy puts on those it
    /// holds to the server.
    async fn victims(&self, what: &str) {
        for _ in 0..3 {
            let mut stream = self.connect("http/1.1").await;
            for _ in 0..3 {
                let page = page(&mut stream).await;
                assert!(page.starts_with("HTTP/1.1 200"), "{what}: {page}");
                assert!(
                    page.contains("text/html") && page.contains("</html>"),
                    "{what}: {page}"
                );
            }
        }
    }

    /// How many requests for what is inside the server has answered, and how many of its answers the proxy knows
    /// of: those that follow a body whose end both see in the same place are requests, and nothing is hidden.
    fn inner(&self) -> [usize; 2] {
        let (served, proxied) = (self.served.output(), self.front.logs());
        let seen = |line: &&str| line.contains("\"path\":\"/cas/serviceValidate\"");
        // Its last word is what the server called the request: none where the proxy refused it by itself.
        let sent = |line: &&str| line.contains("] \"GET /cas/serviceValidate ") && !line.ends_with(" -");
        [
            served.lines().filter(seen).count(),
            proxied.lines().filter(sent).count(),
        ]
    }
}

/// Says that nothing follows, and reads to the end of the connection.
async fn ends(mut stream: TlsStream<TcpStream>) {
    let _ = stream.shutdown().await;
    to_the_end(&mut stream).await;
}

async fn to_the_end(stream: &mut TlsStream<TcpStream>) {
    let mut rest = Vec::new();
    let read = tokio::time::timeout(wait::PATIENCE, stream.read_to_end(&mut rest)).await;
    // Cut off is ended, too.
    let _ = read.expect("the proxy keeps the connection");
}

/// Asks for the sign-in page, and the whole answer.
async fn page<S: AsyncRead + AsyncWrite + Unpin>(stream: &mut S) -> String {
    let request = b"GET /cas/login HTTP/1.1\r\nHost: localhost\r\n\r\n";
    stream.write_all(request).await.unwrap();
    let mut answer = Vec::new();
    loop {
        let mut buffer = [0; 16 * 1024];
        let read = tokio::time::timeout(wait::PATIENCE, stream.read(&mut buffer)).await;
        let read = read.expect("an answer").unwrap();
        answer.extend_from_slice(&buffer[..read]);
        let text = String::from_utf8_lossy(&answer);
        let lower = text.to_lowercase();
        if let Some(end) = text.find("\r\n\r\n") {
            let length = lower
                .lines()
                .find_map(|line| line.strip_prefix("content-length: "));
            let chunked = lower[..end].contains("transfer-encoding: chunked");
            let whole = match length {
                Some(length) => answer.len() >= end + 4 + length.parse::<usize>().unwrap(),
                None => chunked && text.ends_with("0\r\n\r\n"),
            };
            if whole {
                return text.into_owned();
            }
        }
        assert!(read > 0, "closed within an answer: {text}");
    }
}

/// Bodies that two readers may end in two places.
#[allow(clippy::too_many_lines, reason = "one list")]
fn hidden() -> Vec<(String, Vec<u8>)> {
    let post =
        "POST /cas/login HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n";
    let ended = format!("0\r\n\r\n{INNER}");
    let length = ended.len();
    let mut all = Vec::new();
    let mut add = |fields: String, body: &str| {
        all.push((fields.clone(), format!("{post}{fields}\r\n{body}").into_bytes()))
    };
    for encoding in [
        "Transfer-Encoding: chunked",
        "Transfer-Encoding : chunked",
        "Transfer-Encoding:\tchunked",
        "Transfer-Encoding: xchunked",
        "Transfer-Encoding: chunked, identity",
        "Transfer-Encoding: identity, chunked",
        "Transfer-Encoding: \u{b}chunked",
        "Transfer-Encoding: \"chunked\"",
        "Transfer-Encoding: x\r\nTransfer-Encoding: chunked",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: x",
        "X: y\nTransfer-Encoding: chunked",
        "X: y\rTransfer-Encoding: chunked",
        " Transfer-Encoding: chunked",
        "Transfer-Encoding:\r\n chunked",
        "X-Null: \0\r\nTransfer-Encoding: chunked",
        "Transfer_Encoding: chunked",
    ] {
        // The length counts all, the chunks end before; and the other way round.
        add(format!("Content-Length: {length}\r\n{encoding}\r\n"), &ended);
        add(
            format!("{encoding}\r\nContent-Length: 4\r\n"),
            &format!("{:x}\r\n{INNER}\r\n0\r\n\r\n", INNER.len()),
        );
    }
    for lengths in [
        format!("Content-Length: 0\r\nContent-Length: {length}"),
        format!("Content-Length: {length}\r\nContent-Length: 0"),
        format!("Content-Length: 0, {length}"),
        format!("Content-Length: +{length}"),
        format!("Content-Length: 0x{length:x}"),
        format!("Content-Length: {length} "),
        format!("Content-Length : {length}"),
        format!("Content-Length:\r\n {length}"),
        format!("Content_Length: {length}"),
        "Content-Length: -1".to_owned(),
    ] {
        add(format!("{lengths}\r\n"), &ended);
        add(format!("{lengths}\r\n"), INNER);
    }
    for size in [
        "0;a=b",
        "0 ",
        "00000000000000000",
        "-0",
        "0x0",
        "+0",
        "0\n",
        "100000000000000000",
        "0\r",
    ] {
        let body = format!("{size}\r\n\r\n{INNER}");
        add("Transfer-Encoding: chunked\r\n".to_owned(), &body);
    }
    all
}

/// The same over HTTP/2, which a proxy writes down anew as HTTP/1.1.
fn downgraded() -> Vec<(String, Vec<u8>)> {
    let fields = [
        ("content-length", "0"),
        ("content-length", "4"),
        ("transfer-encoding", "chunked"),
        ("x", "y\r\nTransfer-Encoding: chunked"),
        (
            "x",
            "y\r\n\r\nGET /cas/serviceValidate HTTP/1.1\r\nHost: localhost\r\n\r\n",
        ),
        ("x: y\r\ntransfer-encoding", "chunked"),
        ("connection", "transfer-encoding"),
    ];
    fields
        .map(|(name, value)| {
            let block = [head(true), field(name, value)].concat();
            let body = format!("0\r\n\r\n{INNER}");
            let bytes = [
                opening(),
                frame(HEADERS, END_HEADERS, 1, &block),
                frame(DATA, END_STREAM, 1, body.as_bytes()),
            ];
            (format!("HTTP/2 {name}: {value}"), bytes.concat())
        })
        .to_vec()
}

async fn nobody_is_poisoned(kind: Kind) {
    let mut campus = Campus::behind(kind);
    campus.victims("before").await;
    for (protocol, all) in [("http/1.1", hidden()), ("h2", downgraded())] {
        for (number, some) in all.chunks(8).enumerate() {
            let thrown = join_all(some.iter().map(|(_, bytes)| campus.throw(protocol, bytes))).await;
            let name = protocol.replace('/', "-");
            // Handed on as far as they go, and only then ended: a proxy may hold back what it sees broken off.
            campus.marks(&format!("{name}-{number}-thrown")).await;
            join_all(thrown.into_iter().map(ends)).await;
            let names: Vec<&String> = some.iter().map(|(name, _)| name).collect();
            campus.victims(&format!("{kind:?}: {names:?}")).await;
            campus.marks(&format!("{name}-{number}-ended")).await;
            // The proxy writes its line after the server has written its own.
            wait::until(&format!("{kind:?}, nothing hidden in {names:?}"), || {
                let [seen, sent] = campus.inner();
                (seen <= sent).then_some(())
            });
        }
    }
    // It would have been seen: here is one of which the proxy knows nothing.
    let [seen, sent] = campus.inner();
    let past = format!("{INNER}y\r\n\r\n");
    let mut stream = TcpStream::connect(("127.0.0.1", campus.served.port()))
        .await
        .unwrap();
    stream.write_all(past.as_bytes()).await.unwrap();
    wait::until("the request that nobody sent through", || {
        let [now, through] = campus.inner();
        (now == seen + 1 && through == sent).then_some(())
    });
    // What a stopped server has not logged it has not answered: nothing was only late.
    assert!(campus.served.terminate().success());
    let [seen, sent] = campus.inner();
    assert!(seen <= sent + 1, "{kind:?}: {seen} of {sent} and our own");
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_hidden_in_a_body_is_a_request_behind_nginx() {
    // T-08
    nobody_is_poisoned(Kind::Nginx).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_hidden_in_a_body_is_a_request_behind_haproxy() {
    // T-08
    nobody_is_poisoned(Kind::Haproxy).await;
}
