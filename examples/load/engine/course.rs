//! One journey on its way: whose it is, when its next step is due, and how each step is sent and judged.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Instant;

use http::StatusCode;
use http::header::RETRY_AFTER;

use super::callback::Callback;
use super::chance::Chance;
use super::client::Reply;
use super::mailbox::Mailbox;
use super::people::Person;
use super::record::{Record, Stop, Verdict};
use super::site::{Asked, Site};
use super::state::Population;

pub type Judged<T> = Result<T, Stop>;

/// What a journey may need of this program.
#[derive(Clone, Default)]
pub struct Aids {
    /// Where letters arrive.
    pub mailbox: Option<Arc<Mailbox>>,
    /// Where proxy-granting tickets do.
    pub callback: Option<Arc<Callback>>,
}

/// Somebody at something.
pub struct Course {
    pub site: Arc<Site>,
    pub aids: Aids,
    pub record: Arc<Record>,
    pub population: Arc<Population>,
    /// His number, and himself.
    pub number: usize,
    pub person: Person,
    pub from: Option<IpAddr>,
    pub chance: Chance,
    /// What his browser keeps.
    pub cookies: String,
    /// The moment at which the next step is to begin.
    pub due: Instant,
    /// What its steps are called by: the scenario, after the crowd where there are several.
    pub called: String,
}

impl Course {
    /// Sends a request of this browser and keeps the cookies of the answer; an answer that says to come
    /// back is none.
    pub async fn ask(&mut self, target: &str, form: Option<String>) -> Judged<Reply> {
        let asked = Asked {
            target,
            cookies: &self.cookies,
            form,
            from: self.from,
        };
        let reply = self.site.ask(asked).await?;
        self.keep_cookies(&reply);
        willing(reply)
    }

    /// Sends a request of an application, which has no cookies and an address of its own.
    pub async fn call(&self, target: &str) -> Judged<Reply> {
        let asked = Asked {
            target,
            ..Asked::default()
        };
        willing(self.site.ask(asked).await?)
    }

    fn keep_cookies(&mut self, reply: &Reply) {
        for cookie in reply.cookies() {
            let name = cookie.split('=').next().unwrap_or_default();
            let others = self
                .cookies
                .split("; ")
                .filter(|held| !held.is_empty() && held.split('=').next() != Some(name));
            self.cookies = others.chain([cookie]).collect::<Vec<_>>().join("; ");
        }
    }

    /// Takes down how a step ended; the next one is due from now.
    pub fn ended<T>(&mut self, step: &str, result: Judged<T>) -> Judged<T> {
        let step = format!("{}: {step}", self.called);
        self.record.ended(&step, self.due, result.as_ref().map(|_| ()));
        self.due = Instant::now();
        result
    }
}

fn willing(reply: Reply) -> Judged<Reply> {
    let busy = matches!(
        reply.status,
        StatusCode::SERVICE_UNAVAILABLE | StatusCode::TOO_MANY_REQUESTS
    );
    match (busy, reply.headers.contains_key(RETRY_AFTER)) {
        (true, true) => Err(Stop(Verdict::Busy, format!("{}", reply.status))),
        (true, false) => Err(failed(format!("{} without Retry-After", reply.status))),
        _ if reply.status.is_server_error() => Err(failed(format!("{}", reply.status))),
        _ => Ok(reply),
    }
}

pub fn failed(why: impl Into<String>) -> Stop {
    Stop(Verdict::Failed, why.into())
}
