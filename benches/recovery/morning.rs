//! The first morning of a school year: so many people ask within minutes, while the directory hangs half
//! the time and letters leave at 20 a second. How long the form takes, whether everybody gets exactly one
//! letter, and when the queues are empty again.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde::Serialize;
use tokio::task::JoinSet;

use super::client::{Address, Connection};
use super::people::Person;
use super::stand::{Lost, Stand, depth, page};

/// Open and shut for so long each.
const HANG: Duration = Duration::from_secs(10);

#[derive(Clone, Copy)]
pub struct Plan {
    pub requests: usize,
    pub within: Duration,
    /// The queues may take so long to be empty.
    pub patience: Duration,
}

/// The state of things at a moment, in seconds and numbers.
#[derive(Serialize, Clone, Copy)]
pub struct Look {
    pub at: f64,
    pub requests: usize,
    pub letters: usize,
    pub delivered: usize,
}

pub struct Seen {
    /// Milliseconds from when the page was due to when it was there.
    pub pages: Vec<f64>,
    /// Milliseconds from sending the form to its answer.
    pub forms: Vec<f64>,
    pub failed: usize,
    pub looks: Vec<Look>,
    pub hangs: Vec<(f64, f64)>,
    /// Seconds until everything had left; `None`: it had not.
    pub drained: Option<f64>,
    pub missing: usize,
    pub twice: usize,
    /// Letters to somebody who got one, with another Message-ID.
    pub different: usize,
    pub strangers: usize,
}

pub async fn run(stand: &mut Stand, plan: Plan) -> anyhow::Result<Seen> {
    let began = Instant::now();
    stand.way.hang_half_the_time(HANG);
    let crowd = tokio::spawn(crowd(stand.address(), plan));
    let mut watched = Watched::default();
    let mut store = stand.store().await?;
    let mut beat = tokio::time::interval(Duration::from_secs(1));
    let mut drained = None;
    while drained.is_none() && began.elapsed() < plan.within + plan.patience {
        beat.tick().await;
        for mail in stand.sink.take() {
            watched.add(&mail.to, &mail.data);
        }
        let look = Look {
            at: began.elapsed().as_secs_f64(),
            requests: depth(&mut store, "recovery").await?,
            letters: depth(&mut store, "letters").await?,
            delivered: watched.delivered,
        };
        watched.tell(look);
        let empty = look.requests + look.letters == 0;
        drained = (empty && crowd.is_finished()).then_some(look.at);
    }
    for mail in stand.sink.take() {
        watched.add(&mail.to, &mail.data);
    }
    let answered = crowd.await??;
    let hangs = stand.way.hangs().into_iter().map(|(from, to)| {
        let at = |moment: Instant| moment.duration_since(began).as_secs_f64();
        (at(from), to.map_or(began.elapsed().as_secs_f64(), at))
    });
    let asked: Vec<String> = answered
        .asked
        .iter()
        .map(|number| format!("{}@campus.example", Person::number(*number).login))
        .collect();
    let missing = asked.iter().filter(|one| !watched.got.contains_key(*one)).count();
    let known = asked.len() - missing;
    Ok(Seen {
        pages: answered.pages,
        forms: answered.forms,
        failed: answered.failed,
        looks: watched.looks,
        hangs: hangs.collect(),
        drained,
        missing,
        twice: watched.twice,
        different: watched.different,
        strangers: watched.got.len() - known,
    })
}

/// What the mail server got.
#[derive(Default)]
struct Watched {
    /// The Message-ID of each recipient's first letter.
    got: HashMap<String, String>,
    delivered: usize,
    twice: usize,
    different: usize,
    looks: Vec<Look>,
}

impl Watched {
    fn add(&mut self, to: &[String], data: &[u8]) {
        let text = String::from_utf8_lossy(data);
        let id = text.lines().find_map(|line| line.strip_prefix("Message-ID:"));
        let id = id.unwrap_or_default().trim().to_owned();
        self.delivered += 1;
        for one in to {
            match self.got.get(one) {
                None => drop(self.got.insert(one.clone(), id.clone())),
                Some(known) => {
                    self.twice += 1;
                    self.different += usize::from(*known != id);
                }
            }
        }
    }

    fn tell(&mut self, look: Look) {
        if self.looks.len().is_multiple_of(30) {
            println!(
                "{:>6.0} s: {:>6} requests and {:>6} letters wait, {:>6} delivered",
                look.at, look.requests, look.letters, look.delivered
            );
        }
        self.looks.push(look);
    }
}

#[derive(Default)]
struct Answered {
    /// Who was told that a letter is on its way.
    asked: Vec<usize>,
    pages: Vec<f64>,
    forms: Vec<f64>,
    failed: usize,
}

/// Everybody comes when he comes, however long the others' answers take.
async fn crowd(address: Address, plan: Plan) -> anyhow::Result<Answered> {
    let began = tokio::time::Instant::now();
    let idle: Arc<Mutex<Vec<Connection>>> = Arc::default();
    let mut people = JoinSet::new();
    for number in 0..plan.requests {
        let due = began + plan.within.mul_f64(number as f64 / plan.requests as f64);
        tokio::time::sleep_until(due).await;
        let (address, idle) = (address.clone(), Arc::clone(&idle));
        people.spawn(async move { (number, ask(number, due.into_std(), &address, &idle).await) });
    }
    let mut answered = Answered::default();
    while let Some(joined) = people.join_next().await {
        match joined? {
            (number, Ok((page, form))) => {
                answered.asked.push(number);
                answered.pages.push(page);
                answered.forms.push(form);
            }
            (number, Err(error)) => {
                answered.failed += 1;
                println!("    failed: {number}: {error:#}");
            }
        }
    }
    Ok(answered)
}

async fn ask(
    number: usize,
    due: Instant,
    address: &Address,
    idle: &Mutex<Vec<Connection>>,
) -> anyhow::Result<(f64, f64)> {
    let kept = idle.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).pop();
    let mut connection = match kept {
        Some(connection) => connection,
        None => address.open().await?,
    };
    let form = page(&mut connection, &None, Lost::Password).await?;
    let waited = due.elapsed();
    let began = Instant::now();
    form.send(&mut connection, &Person::number(number).login).await?;
    let took = began.elapsed();
    idle.lock()
        .unwrap_or_else(|poisoned| poisoned.into_inner())
        .push(connection);
    Ok((waited.as_secs_f64() * 1000.0, took.as_secs_f64() * 1000.0))
}
