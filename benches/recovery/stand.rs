//! What is measured and what it stands on: slapd with its people, Redis that keeps its log on disk, a mail
//! server, and the built binary.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::sync::Arc;

use anyhow::{Context, ensure};
use mereau::base::clock::SystemClock;
use mereau::base::entropy::OsEntropy;
use mereau::base::key_file;
use mereau::base::keys::KeyRing;
use mereau::guard::captcha::Captcha;
use mereau::tickets::embedded::EmbeddedStore;
use redis::aio::MultiplexedConnection;

use super::client::{Address, Connection};
use super::form::{encoded, filled};
use super::hanging::Hanging;
use super::mail_sink::{Protection, Sink};
use crate::support::child::folder;
use crate::support::redis::Redis;
use crate::support::served::{Options, Served};
use crate::support::slapd::{self, Slapd};

pub struct Stand {
    pub served: Served,
    pub way: Hanging,
    pub sink: Sink,
    redis: Redis,
    _slapd: Slapd,
}

/// What reads challenges as the server does, by its key; `None` where none is asked.
pub type Reader = Option<Arc<Captcha>>;

/// A page of the form, to send as often as its login ticket lives.
pub struct Page {
    lost: Lost,
    action: String,
    body: String,
    cookies: String,
}

impl Stand {
    pub async fn start(entries: &str, captcha: bool) -> anyhow::Result<Stand> {
        let slapd = Slapd::start(&slapd::Options {
            entries,
            settings: "sizelimit unlimited\ntimelimit unlimited",
            ..slapd::Options::default()
        });
        let redis = Redis::start(&["--appendonly", "yes", "--appendfsync", "everysec"]);
        let folder = folder("recovery");
        let sink = Sink::start(Protection::None, &folder).await;
        let way = Hanging::before(slapd.port()).await?;
        let password = folder.join("writer.password");
        fs::write(&password, slapd::WRITER_PASSWORD)?;
        fs::set_permissions(&password, fs::Permissions::from_mode(0o600))?;
        let directory = format!("ldap://127.0.0.1:{}", way.port);
        let realm = REALM
            .replace("@MODE@", if captcha { "always" } else { "off" })
            .replace("@URL@", &directory)
            .replace("@WRITER@", slapd::WRITER_DN)
            .replace("@PASSWORD@", &password.display().to_string());
        // All of them come from one machine, and hardly anybody knows his password.
        let mail = format!(
            "[mail]\nurl = \"smtp+plain://127.0.0.1:{}\"\n[throttle]\nspray_names = 100000000\n",
            sink.port
        );
        let served = Served::start(&Options {
            directory: Some(&directory),
            realm: &realm,
            sections: &mail,
            log: "warn",
            ..Options::on(&slapd, &redis.url())
        });
        Ok(Stand {
            served,
            way,
            sink,
            redis,
            _slapd: slapd,
        })
    }

    pub fn address(&self) -> Address {
        Address::plain(self.served.port())
    }

    pub fn reader(&self) -> anyhow::Result<Reader> {
        let key = key_file::parse(&fs::read(self.served.folder().join("ring.key"))?);
        let keys = KeyRing::new(key.context("no key")?, Vec::new());
        let clock = Arc::new(SystemClock);
        let store = Arc::new(EmbeddedStore::in_memory(clock.clone()));
        let captcha = Captcha::new(store.clone(), store, keys, clock, Arc::new(OsEntropy));
        Ok(Some(Arc::new(captcha)))
    }

    pub async fn store(&self) -> anyhow::Result<MultiplexedConnection> {
        let client = redis::Client::open(self.redis.url())?;
        Ok(client.get_multiplexed_async_connection().await?)
    }
}

/// Entries that wait in a lane of the queue.
pub async fn depth(store: &mut MultiplexedConnection, lane: &str) -> anyhow::Result<usize> {
    let mut depth = 0;
    for shard in 0..4 {
        let mut command = redis::cmd("HLEN");
        command.arg(format!("1v1:j:{{{lane}{shard}}}:d"));
        depth += command.query_async::<usize>(store).await?;
    }
    Ok(depth)
}

/// What is forgotten.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Lost {
    /// Found again by the login.
    Password,
    /// Found again by the mail address.
    Username,
}

/// The page of the form, fetched, and its challenge answered.
pub async fn page(connection: &mut Connection, reader: &Reader, lost: Lost) -> anyhow::Result<Page> {
    let path = match lost {
        Lost::Password => "/cas/recover",
        Lost::Username => "/cas/recover/username",
    };
    let reply = connection.get(path, "").await?;
    ensure!(reply.status == 200, "the page: {}", reply.status);
    let (action, mut body) = filled(reply.text(), &[])?;
    if let Some(reader) = reader {
        let mut fields = url::form_urlencoded::parse(body.as_bytes());
        let (_, id) = fields
            .find(|(name, _)| name == "captcha")
            .context("no challenge")?;
        let (symbols, _) = reader.reveal(&id).context("a challenge that is over")?;
        body.push_str(&format!("&captcha-answer={symbols}"));
    }
    Ok(Page {
        lost,
        action,
        body,
        cookies: reply.cookies().collect::<Vec<_>>().join("; "),
    })
}

impl Page {
    /// Sends the form for somebody, by login or mail address; it must be taken.
    pub async fn send(&self, connection: &mut Connection, who: &str) -> anyhow::Result<()> {
        let field = match self.lost {
            Lost::Password => "identifier",
            Lost::Username => "email",
        };
        let body = format!("{field}={}{}", encoded(who), self.body);
        let reply = connection.post(&self.action, &self.cookies, body).await?;
        let taken = reply.status == 303 && reply.location()?.contains("recover/sent");
        ensure!(taken, "the form: {} {}", reply.status, reply.text());
        Ok(())
    }
}

/// One machine asks for everybody.
const REALM: &str = r#"[captcha]
mode = "@MODE@"

[recovery]
forms_an_hour = 1000000
requests_an_hour = 10000000
federated = "(employeeType=federated)"
temporary = "(employeeType=temporary)"
protected = "(employeeType=protected)"

[[recovery.addresses]]
attribute = "mail"
trust = "institution"

[[recovery.federated_at]]
name = { fr = "ÉduConnect" }
url = "https://educonnect.example/"

[recovery.sender]
address = "no-reply@campus.example"

[directory.write]
urls = ["@URL@"]
method = "exop"
guard = "generation"
bind_dn = "@WRITER@"
bind_password_file = "@PASSWORD@"
"#;
