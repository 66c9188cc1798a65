//! What a connection with TLS costs that is kept for nothing, in memory: many that have had a page each, over
//! HTTP/1.1 and over HTTP/2.

use anyhow::ensure;
use bytes::Bytes;
use http::Request;
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http2;
use hyper_util::rt::{TokioExecutor, TokioIo};

use super::phases::Plan;
use super::process::{Place, memory};
use super::report::{Figure, Target};
use super::stand::Stand;

/// At most so many KiB each.
const MOST: f64 = 40.0;

const PAGE: &str = "/cas/login";

pub async fn all(stand: &Stand, plan: &Plan) -> anyhow::Result<[Figure; 2]> {
    let first = of(stand, plan.idle, b"http/1.1").await?;
    let second = of(stand, plan.idle, b"h2").await?;
    let figure = |name, kib| Figure::new(name, "KiB", kib).reaching(Target::AtMost(MOST));
    Ok([
        figure("resident per idle TLS connection, HTTP/1.1", first),
        figure("resident per idle TLS connection, HTTP/2", second),
    ])
}

/// KiB that each of `count` connections adds, after a few that make the server warm.
async fn of(stand: &Stand, count: usize, protocol: &[u8]) -> anyhow::Result<f64> {
    let served = stand.serve(true, Place::Anywhere).await?;
    let process = served.server.id();
    for process in [process, std::process::id()] {
        let limit = ["--nofile=65536:65536", "--pid", &process.to_string()].map(str::to_owned);
        // Where it may not be raised it may do: the one connection too many says so itself.
        let _ = std::process::Command::new("prlimit").args(limit).output()?;
    }
    let mut kept = Vec::new();
    for _ in 0..200 {
        kept.push(Kept::open(&served.address, protocol).await?);
    }
    let (before, _) = memory(process);
    for _ in 0..count {
        kept.push(Kept::open(&served.address, protocol).await?);
    }
    let (after, _) = memory(process);
    ensure!(
        kept.iter().all(Kept::is_open),
        "the server closed some of them meanwhile"
    );
    let each = after.saturating_sub(before) as f64 / count as f64;
    println!(
        "{count} idle connections, {}: {each:.1} KiB each",
        String::from_utf8_lossy(protocol)
    );
    Ok(each)
}

/// A connection that has had its page.
enum Kept {
    First(super::client::Connection),
    Second(http2::SendRequest<Full<Bytes>>),
}

impl Kept {
    async fn open(address: &super::client::Address, protocol: &[u8]) -> anyhow::Result<Kept> {
        if protocol != b"h2" {
            let mut connection = address.open().await?;
            ensure!(connection.get(PAGE, "").await?.status == 200, "no page");
            return Ok(Kept::First(connection));
        }
        let stream = TokioIo::new(address.stream(protocol).await?);
        let (mut sender, connection) = http2::handshake(TokioExecutor::new(), stream).await?;
        tokio::spawn(connection);
        let request = Request::get(format!("https://localhost{PAGE}")).body(Full::default())?;
        let answer = sender.send_request(request).await?;
        ensure!(answer.status() == 200, "no page");
        answer.into_body().collect().await?;
        Ok(Kept::Second(sender))
    }

    fn is_open(&self) -> bool {
        match self {
            Kept::First(connection) => !connection.is_closed(),
            Kept::Second(sender) => !sender.is_closed(),
        }
    }
}
