//! Sessions and service tickets: what two nodes make of them while the store forgets, answers get lost and
//! requests stand still in between.

use std::sync::Arc;
use std::time::Duration;

use mereau::flows::login::BrowserSession;
use mereau::protocol::TicketId;
use mereau::tickets::TicketStore;
use proptest::prelude::*;

use super::course::{Course, Did, Faults, Running, Went, faults, go};
use super::directory::Kind;
use super::stories;
use super::visits::{Came, Typed};
use super::world::{NODES, PEOPLE, World, here};

const CASES: u32 = 600;

/// Four services, though only two are registered.
const URLS: [&str; 4] = [
    "https://app.example.org/",
    "https://app.example.org/a?x=1",
    "https://app.example.org/a?x=2",
    "https://other.example.org/",
];

#[derive(Debug, Clone)]
enum Step {
    SignIn {
        who: usize,
        right: bool,
        url: usize,
        faults: Faults,
    },
    /// Single sign-on.
    Enter {
        session: usize,
        url: usize,
        node: usize,
        faults: Faults,
    },
    Validate {
        ticket: usize,
        /// Instead of the one it was made for.
        url: Option<usize>,
        node: usize,
        faults: Faults,
    },
    SignOut {
        session: usize,
        faults: Faults,
    },
    SignOutEverywhere {
        who: usize,
        faults: Faults,
    },
    GoOn {
        which: usize,
    },
    Crash {
        which: usize,
    },
    FailOver {
        calls: usize,
    },
    Pass {
        seconds: u64,
    },
}

fn step() -> impl Strategy<Value = Step> {
    let (url, node, many) = (0..URLS.len(), 0..NODES, 0_usize..8);
    let other = prop::option::weighted(0.2, url.clone());
    prop_oneof![
        3 => (0_usize..2, prop::bool::weighted(0.8), url.clone(), faults())
            .prop_map(|(who, right, url, faults)| Step::SignIn { who, right, url, faults }),
        4 => (many.clone(), url, node.clone(), faults())
            .prop_map(|(session, url, node, faults)| Step::Enter { session, url, node, faults }),
        8 => (many.clone(), other, node, faults())
            .prop_map(|(ticket, url, node, faults)| Step::Validate { ticket, url, node, faults }),
        2 => (many, faults()).prop_map(|(session, faults)| Step::SignOut { session, faults }),
        1 => (0_usize..2, faults()).prop_map(|(who, faults)| Step::SignOutEverywhere { who, faults }),
        3 => (0_usize..3).prop_map(|which| Step::GoOn { which }),
        1 => (0_usize..3).prop_map(|which| Step::Crash { which }),
        3 => prop_oneof![1_usize..4, 4_usize..16].prop_map(|calls| Step::FailOver { calls }),
        1 => prop_oneof![Just(1_u64), Just(31), Just(8000)].prop_map(|seconds| Step::Pass { seconds }),
    ]
}

/// What a request was, and what it came to.
enum Asked {
    SignIn {
        who: usize,
        url: usize,
        came: Option<Came>,
    },
    Enter {
        session: usize,
        url: usize,
        came: Option<TicketId>,
    },
    Validate {
        ticket: usize,
        url: usize,
        node: usize,
        came: bool,
    },
    SignOut {
        session: usize,
    },
    SignOutEverywhere {
        who: usize,
    },
}

struct Session {
    who: usize,
    browser: BrowserSession,
    opened: u64,
    ended: Vec<u64>,
}

struct Ticket {
    id: TicketId,
    url: usize,
    /// Its place among those that were told of.
    session: usize,
    /// The node, and when the ticket was taken.
    successes: Vec<(usize, u64)>,
}

struct Told {
    world: Arc<World>,
    sessions: Vec<Session>,
    tickets: Vec<Ticket>,
    still: Vec<Running<Asked>>,
    /// Right passwords so far, by person.
    accepted: [usize; 2],
}

impl Told {
    async fn start<W>(&mut self, faults: &Faults, work: W) -> Result<(), String>
    where
        W: Future<Output = Asked> + Send + 'static,
    {
        let went = go(Course::of(faults), work).await;
        self.went(went).await
    }

    async fn went(&mut self, went: Went<Asked>) -> Result<(), String> {
        match went {
            Went::Stopped(running) => {
                self.still.push(running);
                Ok(())
            }
            Went::Done(asked, course) => self.done(asked, &course.did()),
        }
    }

    fn done(&mut self, asked: Asked, did: &Did) -> Result<(), String> {
        match asked {
            Asked::SignIn { who, url, came } => self.signed_in((who, url), came, did),
            Asked::Enter {
                session,
                url,
                came: Some(id),
            } => {
                let granted = did.last("grant").unwrap();
                self.not_after_its_end(session, granted)?;
                self.tickets.push(Ticket {
                    id,
                    url,
                    session,
                    successes: Vec::new(),
                });
                Ok(())
            }
            Asked::Enter { came: None, .. } => Ok(()),
            Asked::Validate {
                ticket,
                url,
                node,
                came,
            } => match came {
                true => self.let_in(ticket, (url, node), did),
                false => Ok(()),
            },
            Asked::SignOut { session } => {
                self.sessions[session].ended.extend(did.last("end"));
                Ok(())
            }
            Asked::SignOutEverywhere { who } => {
                if let Some(ended) = did.last("end all") {
                    let theirs = self.sessions.iter_mut().filter(|session| session.who == who);
                    theirs
                        .filter(|session| session.opened < ended)
                        .for_each(|session| session.ended.push(ended));
                }
                Ok(())
            }
        }
    }

    /// I4: there is no session without a password that the directory accepted in the same request.
    fn signed_in(&mut self, (who, url): (usize, usize), came: Option<Came>, did: &Did) -> Result<(), String> {
        let accepted = did.accepted.contains(&self.world.people[who].key);
        self.accepted[who] += usize::from(accepted);
        let opened = did.last("open");
        if opened.is_some() && !accepted {
            return Err(format!(
                "I4: a session for {} without a right password",
                PEOPLE[who].0
            ));
        }
        let Some(Came::In { browser, ticket, .. }) = came else {
            return Ok(());
        };
        let session = self.sessions.len();
        self.sessions.push(Session {
            who,
            browser: *browser,
            opened: opened.ok_or("I4: signed in without a session")?,
            ended: Vec::new(),
        });
        self.tickets.extend(ticket.map(|id| Ticket {
            id,
            url,
            session,
            successes: Vec::new(),
        }));
        Ok(())
    }

    /// I3: once in each history of the store, once at each node whatever the store forgets, and for the very
    /// service.
    fn let_in(&mut self, number: usize, (url, node): (usize, usize), did: &Did) -> Result<(), String> {
        let ticket = &self.tickets[number];
        if URLS[ticket.url] != URLS[url] {
            return Err(format!(
                "I3: a ticket for {} let in at {}",
                URLS[ticket.url], URLS[url]
            ));
        }
        let taken = did
            .last("take")
            .ok_or("I3: let in by a ticket that nobody took")?;
        self.not_after_its_end(ticket.session, taken)?;
        let ticket = &mut self.tickets[number];
        ticket.successes.push((node, taken));
        let remembered = ticket.successes.iter();
        let remembered = remembered.filter(|(_, at)| self.world.store.remembers(*at));
        if remembered.count() > 1 {
            return Err(format!("I3: let in twice in one history: {:?}", ticket.successes));
        }
        let here = ticket.successes.iter().filter(|(other, _)| *other == node);
        if here.count() > 1 {
            return Err(format!("I3: let in twice at one node: {:?}", ticket.successes));
        }
        Ok(())
    }

    /// I5: nothing comes of a session that was ended before, in this history.
    fn not_after_its_end(&self, session: usize, at: u64) -> Result<(), String> {
        let ended = self.sessions[session].ended.iter();
        let mut ended = ended.filter(|ended| **ended < at && self.world.store.remembers(**ended));
        match ended.next() {
            Some(ended) => Err(format!("I5: the session was ended at {ended} and used at {at}")),
            None => Ok(()),
        }
    }

    #[allow(clippy::too_many_lines, reason = "one arm for each step")]
    async fn step(&mut self, step: &Step) -> Result<(), String> {
        let world = self.world.clone();
        match step {
            Step::SignIn {
                who,
                right,
                url,
                faults,
            } => {
                let (who, right, url) = (*who, *right, *url);
                self.start(faults, async move {
                    let typed = Typed {
                        who,
                        password: if right { PEOPLE[who].1 } else { "not the one" },
                        service: Some(URLS[url]),
                        address: here(),
                        device: None,
                        node: 0,
                    };
                    let came = world.sign_in(&typed).await.ok();
                    Asked::SignIn { who, url, came }
                })
                .await?;
            }
            Step::Enter {
                session,
                url,
                node,
                faults,
            } if !self.sessions.is_empty() => {
                let session = session % self.sessions.len();
                let (url, node, browser) = (*url, *node, self.sessions[session].browser.clone());
                self.start(faults, async move {
                    let came = world.enter(node, &browser, URLS[url]).await.ok().flatten();
                    Asked::Enter { session, url, came }
                })
                .await?;
            }
            Step::Validate {
                ticket,
                url,
                node,
                faults,
            } if !self.tickets.is_empty() => {
                let ticket = ticket % self.tickets.len();
                let (url, node) = (url.unwrap_or(self.tickets[ticket].url), *node);
                let id = self.tickets[ticket].id.clone();
                self.start(faults, async move {
                    let came = world.validate(node, &id, URLS[url]).await.unwrap_or(false);
                    Asked::Validate {
                        ticket,
                        url,
                        node,
                        came,
                    }
                })
                .await?;
            }
            Step::SignOut { session, faults } if !self.sessions.is_empty() => {
                let session = session % self.sessions.len();
                let tgt = self.sessions[session].browser.tgt.clone();
                self.start(faults, async move {
                    let _ = world.sign_out(1, &tgt).await;
                    Asked::SignOut { session }
                })
                .await?;
            }
            Step::SignOutEverywhere { who, faults } => {
                let who = *who;
                self.start(faults, async move {
                    let _ = world.sign_out_everywhere(1, who).await;
                    Asked::SignOutEverywhere { who }
                })
                .await?;
            }
            Step::GoOn { which } if *which < self.still.len() => {
                let went = self.still.remove(*which).resume().await;
                self.went(went).await?;
            }
            Step::Crash { which } if *which < self.still.len() => self.crash(*which).await,
            Step::FailOver { calls } => world.store.fail_over(*calls),
            Step::Pass { seconds } => world.clock.advance(Duration::from_secs(*seconds)),
            _ => {}
        }
        self.no_more_sessions_than_passwords().await
    }

    /// What a process did that dies counts all the same.
    async fn crash(&mut self, which: usize) {
        let running = self.still.remove(which);
        let did = running.course.did();
        for (who, person) in self.world.people.iter().enumerate() {
            self.accepted[who] += usize::from(did.accepted.contains(&person.key));
        }
        running.crash().await;
    }

    /// I4 again, as the store has it.
    async fn no_more_sessions_than_passwords(&self) -> Result<(), String> {
        for (who, (login, _)) in PEOPLE.iter().enumerate() {
            let under_way = self.still.iter().filter(|running| {
                running
                    .course
                    .did()
                    .accepted
                    .contains(&self.world.people[who].key)
            });
            let most = self.accepted[who] + under_way.count();
            let live = self
                .world
                .store
                .now()
                .sessions_of(&self.world.account(who))
                .await
                .unwrap();
            if live.len() > most {
                return Err(format!(
                    "I4: {} sessions of {login} by {most} right passwords",
                    live.len()
                ));
            }
        }
        Ok(())
    }
}

async fn tell(steps: Vec<Step>) -> Result<(), String> {
    let mut told = Told {
        world: World::new(Kind::OneModify, None).await,
        sessions: Vec::new(),
        tickets: Vec::new(),
        still: Vec::new(),
        accepted: [0, 0],
    };
    let first = Step::SignIn {
        who: 0,
        right: true,
        url: 0,
        faults: Vec::new(),
    };
    for step in std::iter::once(&first).chain(&steps) {
        told.step(step).await?;
    }
    while !told.still.is_empty() {
        let went = told.still.remove(0).resume().await;
        told.went(went).await?;
    }
    told.no_more_sessions_than_passwords().await
}

#[test]
fn a_ticket_lets_in_once_for_its_service_from_a_session_that_a_password_opened_and_nobody_ended() {
    // I-3, I-4, I-5
    let drawn = prop::collection::vec(step(), 1..32);
    stories(CASES, "proptest-regressions/it/sessions.txt", drawn, tell);
}
