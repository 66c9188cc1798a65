//! What came of every step, and when: the one place where a latency is taken, always from the moment at
//! which the step was due.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use serde::Serialize;

use super::journeys::Ticket;
use super::latencies::Latencies;

/// How a step ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    Done,
    /// The right no: a wrong password, a used ticket.
    Refused,
    /// Asked to prove to be no machine.
    Challenged,
    /// Told to come back: 503 or 429 with Retry-After; an application, that nobody could tell.
    Busy,
    /// Anything else, and no answer at all.
    Failed,
}

/// Why a step did not get what it came for.
#[derive(Debug)]
pub struct Stop(pub Verdict, pub String);

impl From<anyhow::Error> for Stop {
    fn from(error: anyhow::Error) -> Stop {
        Stop(Verdict::Failed, format!("{error:#}"))
    }
}

/// A slice of the run.
#[derive(Debug, Clone, Default)]
pub struct Window {
    pub verdicts: BTreeMap<Verdict, u64>,
    /// Of what was done.
    pub latencies: Latencies,
    /// The same of single steps for which a node was asked, and nobody waited for a letter.
    pub asked: Latencies,
}

/// Something that did not go as it should.
#[derive(Debug, Clone, Serialize)]
pub struct Trouble {
    /// Seconds from the start of the run at which the step was due.
    pub at: f64,
    pub step: String,
    pub why: String,
    pub verdict: Verdict,
}

/// More of them are counted, but not kept.
pub const MOST_TROUBLES: usize = 5_000;

#[derive(Debug, Default)]
pub struct Seen {
    pub steps: BTreeMap<(String, Verdict), Latencies>,
    pub windows: Vec<Window>,
    pub troubles: Vec<Trouble>,
    /// Those validated, where they are kept.
    pub tickets: Vec<Ticket>,
    /// Journeys begun, and those never begun since too many waited.
    pub begun: u64,
    pub unsent: u64,
}

impl Seen {
    /// The latencies of all steps whose name ends so.
    pub fn of(&self, ending: &str, verdict: Verdict) -> Latencies {
        let mut all = Latencies::default();
        for ((step, how), latencies) in &self.steps {
            if step.ends_with(ending) && *how == verdict {
                all.merge(latencies);
            }
        }
        all
    }
}

/// Takes down what happens during one run.
pub struct Record {
    pub began: Instant,
    pub window: Duration,
    /// Whether validated tickets are kept, to be brought again.
    pub keeps_tickets: bool,
    seen: Mutex<Seen>,
}

impl Record {
    pub fn new(began: Instant, window: Duration) -> Record {
        Record {
            began,
            window,
            keeps_tickets: false,
            seen: Mutex::default(),
        }
    }

    /// The same, and validated tickets are kept.
    pub fn keeping_tickets(began: Instant, window: Duration) -> Record {
        Record {
            keeps_tickets: true,
            ..Record::new(began, window)
        }
    }

    /// A step that was due then has ended now.
    pub fn ended(&self, step: &str, due: Instant, result: Result<(), &Stop>) {
        let latency = due.elapsed();
        let after = due.saturating_duration_since(self.began);
        let verdict = result.map_or_else(|stop| stop.0, |()| Verdict::Done);
        self.with(|seen| {
            let latencies = seen.steps.entry((step.to_owned(), verdict)).or_default();
            latencies.add(latency);
            let place = (after.as_secs_f64() / self.window.as_secs_f64()) as usize;
            if seen.windows.len() <= place {
                seen.windows.resize_with(place + 1, Window::default);
            }
            if let Some(window) = seen.windows.get_mut(place) {
                *window.verdicts.entry(verdict).or_default() += 1;
                if verdict == Verdict::Done {
                    window.latencies.add(latency);
                    if step.contains(": ") && !step.ends_with(": letter") {
                        window.asked.add(latency);
                    }
                }
            }
            if let Err(Stop(verdict @ (Verdict::Failed | Verdict::Busy), why)) = result
                && seen.troubles.len() < MOST_TROUBLES
            {
                seen.troubles.push(Trouble {
                    at: after.as_secs_f64(),
                    step: step.to_owned(),
                    why: why.clone(),
                    verdict: *verdict,
                });
            }
        });
    }

    pub fn keep_ticket(&self, ticket: &Ticket) {
        if self.keeps_tickets {
            self.with(|seen| seen.tickets.push(ticket.clone()));
        }
    }

    pub fn with<T>(&self, change: impl FnOnce(&mut Seen) -> T) -> T {
        change(&mut self.seen.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
