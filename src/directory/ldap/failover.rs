//! Which server answers an operation: the fittest first, the next one as well when it stays silent,
//! the others when it fails, all within one deadline (F-12, F-13). What is asked is up to the caller.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::mpsc;
use tokio::time::{Instant as Deadline, timeout_at};

use super::fault::Fault;
use super::health::Fitness;
use super::server::{Server, contained};
use super::settings::Selection;
use crate::directory::{DirectoryError, Room};

/// The servers of a directory.
pub struct Servers {
    pub all: Vec<Arc<Server>>,
    pub selection: Selection,
    /// How long an operation waits for a silent server before it asks the next as well.
    pub next_after: Duration,
}

/// One operation under way: its name, its end, the servers not asked yet, what went wrong so far.
pub struct Operation {
    pub name: &'static str,
    pub deadline: Deadline,
    milliseconds: u64,
    candidates: std::vec::IntoIter<Arc<Server>>,
    last: Option<(Fault, String)>,
}

type Answer<T> = (Arc<Server>, Result<T, Fault>);

impl Servers {
    /// Starts an operation, or a further step of one, that began at `start` and must end within
    /// `limit` of it.
    pub fn operation(&self, name: &'static str, start: Deadline, limit: Duration) -> Operation {
        Operation {
            name,
            deadline: start + limit,
            milliseconds: crate::base::clock::millis(limit),
            candidates: self.candidates(Instant::now()).into_iter(),
            last: None,
        }
    }

    /// Asks server after server until one answers. Silent servers go on in the background until the
    /// deadline, so that their health is known; their late answers are dropped.
    pub async fn ask<T, F>(
        &self,
        operation: &mut Operation,
        attempt: impl Fn(Arc<Server>) -> F,
    ) -> Result<(Arc<Server>, T), DirectoryError>
    where
        T: Send + 'static,
        F: Future<Output = Result<T, Fault>> + Send + 'static,
    {
        // A server is asked once: all of them can answer without waiting to be heard.
        let (sender, mut answers) = mpsc::channel::<Answer<T>>(self.all.len().max(1));
        let mut asked: Vec<Arc<Server>> = Vec::new();
        loop {
            if let Some(server) = operation.candidates.next() {
                spawn_try(
                    server.clone(),
                    attempt(server.clone()),
                    operation.deadline,
                    sender.clone(),
                );
                asked.push(server);
            } else if asked.is_empty() {
                return Err(operation.failure());
            }
            match self.wait(operation, &mut answers, &asked).await {
                Waited::Silence => {}
                Waited::Answer(server, Ok(value)) => return Ok((server, value)),
                Waited::Answer(server, Err(fault)) => {
                    asked.retain(|other| !Arc::ptr_eq(other, &server));
                    let passes = fault.may_pass_elsewhere();
                    operation.last = Some((fault, server.url.to_string()));
                    if !passes {
                        return Err(operation.failure());
                    }
                }
            }
        }
    }

    /// The next answer; or silence, when another server is left to ask.
    async fn wait<T>(
        &self,
        operation: &Operation,
        answers: &mut mpsc::Receiver<Answer<T>>,
        asked: &[Arc<Server>],
    ) -> Waited<T> {
        let more_to_ask = !operation.candidates.as_slice().is_empty();
        // Each try answers by the deadline itself; the margin lets it say so.
        let limit = if more_to_ask {
            Deadline::now() + self.next_after
        } else {
            operation.deadline + Duration::from_millis(250)
        };
        match timeout_at(limit, answers.recv()).await {
            Ok(Some((server, outcome))) => Waited::Answer(server, outcome),
            _ if more_to_ask => {
                asked.iter().for_each(|server| server.health.is_silent());
                Waited::Silence
            }
            _ => match asked.first() {
                Some(server) => Waited::Answer(server.clone(), Err(Fault::TimedOut)),
                None => Waited::Silence,
            },
        }
    }

    /// For how long none of them has answered; `None` while one is not ejected.
    pub fn outage(&self, now: Instant) -> Option<Duration> {
        let each: Option<Vec<Duration>> = self.all.iter().map(|server| server.health.outage(now)).collect();
        each?.into_iter().min()
    }

    /// The most that one of them has. Where none is asked at all there is no crowd, but an outage.
    /// Those who are under way are shared by all that are asked.
    pub fn room(&self, now: Instant, under_way: usize) -> Room {
        let asked = || {
            let all = self.all.iter();
            all.filter(|server| server.health.fitness(now) != Fitness::Out)
        };
        let each = under_way / asked().count().max(1);
        asked()
            .map(|server| server.room(each))
            .max()
            .unwrap_or(Room::Ample)
    }

    /// Healthy servers by preference, then silent ones, then those due for a probe. Servers that are
    /// ejected are not asked at all.
    fn candidates(&self, now: Instant) -> Vec<Arc<Server>> {
        let mut candidates: Vec<(Fitness, Arc<Server>)> = self
            .all
            .iter()
            .map(|server| (server.health.fitness(now), server.clone()))
            .filter(|(fitness, _)| *fitness != Fitness::Out)
            .collect();
        match self.selection {
            Selection::Order => {}
            Selection::Random => {
                let start = any_number(candidates.len());
                candidates.rotate_left(start);
            }
            Selection::RoundTrip => candidates.sort_by_key(|(_, server)| server.health.round_trip()),
        }
        candidates.sort_by_key(|(fitness, _)| *fitness);
        candidates.into_iter().map(|(_, server)| server).collect()
    }
}

enum Waited<T> {
    Answer(Arc<Server>, Result<T, Fault>),
    Silence,
}

impl Operation {
    /// What the operation comes to when nobody answered.
    fn failure(&mut self) -> DirectoryError {
        match self.last.take() {
            Some((fault, server)) => fault.into_error(self.name, self.milliseconds, &server),
            None => DirectoryError::Unreachable(
                "every server failed lately and is left alone for a while".to_owned(),
            ),
        }
    }

    pub fn milliseconds(&self) -> u64 {
        self.milliseconds
    }

    /// Notes that `server` failed after having been chosen; the next server may still do better.
    pub fn failed_on(&mut self, server: &Server, fault: Fault) -> Result<(), DirectoryError> {
        let passes = fault.may_pass_elsewhere();
        self.last = Some((fault, server.url.to_string()));
        if passes { Ok(()) } else { Err(self.failure()) }
    }

    /// Puts a server back in front of those not asked yet.
    pub fn again(&mut self, server: Arc<Server>) {
        let rest: Vec<_> = std::iter::once(server).chain(self.candidates.by_ref()).collect();
        self.candidates = rest.into_iter();
    }
}

fn spawn_try<T, F>(server: Arc<Server>, attempt: F, deadline: Deadline, answers: mpsc::Sender<Answer<T>>)
where
    T: Send + 'static,
    F: Future<Output = Result<T, Fault>> + Send + 'static,
{
    tokio::spawn(async move {
        let asked = Instant::now();
        let outcome = contained(attempt, deadline).await;
        server.note(&outcome, asked);
        // Nobody listens any more when another server was faster.
        let _ = answers.try_send((server, outcome));
    });
}

/// Below `bound`, and different each time; no secret.
fn any_number(bound: usize) -> usize {
    let random = RandomState::new().build_hasher().finish();
    usize::try_from(random).unwrap_or_default() % bound.max(1)
}
