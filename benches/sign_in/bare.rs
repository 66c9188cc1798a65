//! The ceiling of entries and validations: this very program, started again as a bare hyper server.
//! It answers the bytes that the real server answered, after the same script calls to the same
//! Redis on the same sessions, and does nothing else: no reading of requests, no decisions, no log.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context;
use bytes::Bytes;
use http::{HeaderName, HeaderValue, Request, Response, StatusCode};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use mereau::protocol::ticket_id::PACKED;
use mereau::tickets::limits;
use redis::aio::MultiplexedConnection;
use redis::{AsyncCommands, Value};
use serde::{Deserialize, Serialize};
use tokio::net::TcpListener;

use super::client::{Address, Reply};
use super::journeys::Door;
use super::load::Worker;
use super::process::Place;
use crate::support::child::{Server, folder};
use crate::support::wait;

/// The argument that makes this program that server; the path of its [`Part`] follows.
pub const ARGUMENT: &str = "--bare";

const PRELUDE: &str = include_str!("../../src/tickets/redis/scripts/prelude.lua");
const SESSION: &str = include_str!("../../src/tickets/redis/scripts/session.lua");
const GRANT: &str = include_str!("../../src/tickets/redis/scripts/grant.lua");
const TAKE: &str = include_str!("../../src/tickets/redis/scripts/take.lua");

/// What all keys begin with.
const HEAD: &str = "1v1:";

/// What the bare server needs to play the part of the real one.
#[derive(Serialize, Deserialize)]
pub struct Part {
    redis: String,
    sessions: Vec<SessionKeys>,
    /// A service ticket as the real server wrote it.
    ticket: Vec<u8>,
    entry: Recorded,
    validation: Recorded,
}

/// The names under which an open session lies in Redis.
#[derive(Serialize, Deserialize)]
struct SessionKeys {
    tag: String,
    id: String,
}

#[derive(Serialize, Deserialize)]
struct Recorded {
    status: u16,
    headers: Vec<(String, String)>,
    body: String,
}

impl Recorded {
    fn of(reply: &Reply) -> Recorded {
        let text = |value: &HeaderValue| value.to_str().unwrap_or_default().to_owned();
        let headers = reply.headers.iter();
        Recorded {
            status: reply.status.as_u16(),
            headers: headers
                // hyper writes these itself.
                .filter(|(name, _)| !matches!(name.as_str(), "date" | "content-length"))
                .map(|(name, value)| (name.to_string(), text(value)))
                .collect(),
            body: reply.text().to_owned(),
        }
    }

    fn answer(&self) -> anyhow::Result<Response<Full<Bytes>>> {
        let mut answer = Response::new(Full::new(Bytes::from(self.body.clone())));
        *answer.status_mut() = StatusCode::from_u16(self.status)?;
        for (name, value) in &self.headers {
            let name = HeaderName::try_from(name)?;
            answer.headers_mut().append(name, HeaderValue::try_from(value)?);
        }
        Ok(answer)
    }
}

impl Part {
    /// Learns the part from what lies in Redis: sessions, and the ticket that `entry` just got.
    pub async fn learn(
        redis: &str,
        entry: &Reply,
        validation: &Reply,
        ticket: Vec<u8>,
    ) -> anyhow::Result<Part> {
        let mut connection = connect(redis).await?;
        let keys = keys(&mut connection, &format!("{HEAD}t:*")).await?;
        let sessions = keys
            .iter()
            .filter(|key| !key.ends_with(":s"))
            .filter_map(|key| key.strip_prefix(HEAD)?.strip_prefix("t:")?.split_once("}:"))
            .map(|(tag, id)| SessionKeys {
                tag: format!("{tag}}}:"),
                id: id.to_owned(),
            })
            .collect();
        Ok(Part {
            redis: redis.to_owned(),
            sessions,
            ticket,
            entry: Recorded::of(entry),
            validation: Recorded::of(validation),
        })
    }

    /// Starts this program as the bare server that plays the part.
    pub fn play(&self) -> anyhow::Result<(Server, Address)> {
        let folder = folder("bare");
        let part = folder.join("part.json");
        std::fs::write(&part, serde_json::to_vec(self)?)?;
        let program = std::env::current_exe()?.display().to_string();
        let arguments = [ARGUMENT.to_owned(), part.display().to_string()];
        let mut server = Place::FirstCore.start(&program, &arguments, &folder.join("log"));
        let port = wait::until("the bare server", || {
            assert!(server.has_ended().is_none(), "{}", server.output());
            server.output().lines().next()?.parse().ok()
        });
        Ok((server, Address::plain(port)))
    }
}

/// The value of the one service ticket that waits to be validated.
pub async fn waiting_ticket(redis: &str) -> anyhow::Result<Vec<u8>> {
    let mut connection = connect(redis).await?;
    let keys = keys(&mut connection, &format!("{HEAD}s:*")).await?;
    let key = keys
        .iter()
        .find(|key| !key.ends_with(":x"))
        .context("no ticket waits in Redis")?;
    Ok(connection.get(key).await?)
}

async fn connect(redis: &str) -> anyhow::Result<MultiplexedConnection> {
    let client = redis::Client::open(redis)?;
    Ok(client.get_multiplexed_async_connection().await?)
}

async fn keys(connection: &mut MultiplexedConnection, pattern: &str) -> anyhow::Result<Vec<String>> {
    Ok(redis::cmd("KEYS").arg(pattern).query_async(connection).await?)
}

/// One kind of request to the bare server. The numbers of `rounds` differ, so that no ticket is
/// fetched twice.
pub struct Bare {
    pub door: Door,
    pub round: usize,
    pub enters: bool,
    pub validates: bool,
}

impl Worker for Bare {
    async fn turn(&mut self, turn: usize) -> anyhow::Result<()> {
        let ticket = self.round * 1_000_000 + turn;
        for (wanted, path) in [(self.enters, "login"), (self.validates, "validate")] {
            if wanted {
                let connection = match path {
                    "login" => self.door.browser().await?,
                    _ => self.door.application().await?,
                };
                let reply = connection.get(&format!("/{path}?{ticket}"), "").await?;
                let told = !reply.headers.is_empty() && reply.status != 500;
                anyhow::ensure!(told, "the bare server: {}", reply.text());
            }
        }
        Ok(())
    }
}

/// The program of the bare server; ends with the process.
pub async fn serve(part: PathBuf) -> anyhow::Result<()> {
    let stage = Arc::new(Stage::set(&part).await?);
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    println!("{}", listener.local_addr()?.port());
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        let stage = Arc::clone(&stage);
        tokio::spawn(async move {
            let service = service_fn(|request| stage.answer(request));
            http1::Builder::new()
                .serve_connection(TokioIo::new(stream), service)
                .await
        });
    }
}

struct Stage {
    part: Part,
    entry: Response<Full<Bytes>>,
    validation: Response<Full<Bytes>>,
    redis: MultiplexedConnection,
    session: String,
    grant: String,
    take: String,
}

impl Stage {
    async fn set(part: &Path) -> anyhow::Result<Stage> {
        let part: Part = serde_json::from_slice(&std::fs::read(part)?)?;
        let mut redis = connect(&part.redis).await?;
        let mut hashes = Vec::new();
        for script in [SESSION, GRANT, TAKE] {
            let mut load = redis::cmd("SCRIPT");
            load.arg("LOAD").arg(format!("{PRELUDE}{script}"));
            hashes.push(load.query_async::<String>(&mut redis).await?);
        }
        let [session, grant, take] = <[String; 3]>::try_from(hashes).unwrap_or_default();
        Ok(Stage {
            entry: part.entry.answer()?,
            validation: part.validation.answer()?,
            part,
            redis,
            session,
            grant,
            take,
        })
    }

    async fn answer(&self, request: Request<Incoming>) -> anyhow::Result<Response<Full<Bytes>>> {
        let number: usize = request.uri().query().unwrap_or_default().parse()?;
        let session = self.part.sessions.get(number % self.part.sessions.len().max(1));
        let session = session.context("no session")?;
        if request.uri().path() == "/login" {
            self.enter(session, number).await?;
            Ok(self.entry.clone())
        } else {
            self.validate(session, number).await?;
            Ok(self.validation.clone())
        }
    }

    /// As the real server: looks the session up, then writes the ticket.
    async fn enter(&self, session: &SessionKeys, number: usize) -> anyhow::Result<()> {
        let SessionKeys { tag, id } = session;
        let name = format!("{HEAD}t:{tag}{id}");
        let mut look = redis::cmd("EVALSHA");
        look.arg(&self.session).arg(1).arg(&name).arg(HEAD).arg(tag);
        let found: Value = look.query_async(&mut self.redis.clone()).await?;
        anyhow::ensure!(
            matches!(found, Value::Array(parts) if parts.len() == 2),
            "the session has ended"
        );
        let ticket = [&self.part.ticket[..1], id.as_bytes(), &self.part.ticket[23..]].concat();
        let mut grant = redis::cmd("EVALSHA");
        grant.arg(&self.grant).arg(4);
        grant.arg(&name).arg(format!("{name}:s"));
        grant.arg(format!("{HEAD}l:{tag}{number:022}"));
        grant.arg(format!("{HEAD}s:{tag}{number:022}"));
        grant
            .arg(HEAD)
            .arg(tag)
            .arg(ticket)
            .arg(300_000)
            .arg(limits::LOOP_BOUND)
            .arg(u64::try_from(limits::LOOP_WINDOW.as_millis())?);
        let granted: i64 = grant.query_async(&mut self.redis.clone()).await?;
        anyhow::ensure!(granted == 0, "no ticket");
        Ok(())
    }

    async fn validate(&self, session: &SessionKeys, number: usize) -> anyhow::Result<()> {
        let tag = &session.tag;
        let name = format!("{HEAD}s:{tag}{number:022}");
        let mut take = redis::cmd("EVALSHA");
        take.arg(&self.take).arg(2).arg(&name).arg(format!("{name}:x"));
        take.arg(HEAD).arg(tag).arg(&self.part.ticket[23..39]);
        take.arg(number.to_be_bytes().repeat(2).as_slice());
        take.arg(format!("ST-{number:029}"));
        take.arg(u64::try_from(limits::TOMBSTONE.as_millis())?)
            .arg(limits::VISITS_KEPT)
            .arg(limits::PROXIED_VISITS_KEPT);
        take.arg([7; PACKED].as_slice()).arg(limits::VISITS_WITHIN);
        let taken: Value = take.query_async(&mut self.redis.clone()).await?;
        let whole = matches!(&taken, Value::Array(parts) if parts.first() == Some(&Value::Int(0)));
        anyhow::ensure!(whole, "not taken: {taken:?}");
        Ok(())
    }
}
