//! A ticket store as simple as can be, to compare real ones with over random sequences of steps.

use std::collections::HashMap;
use std::time::Duration;

use mereau::base::clock::Timestamp;
use mereau::base::names::AccountId;
use mereau::protocol::ticket_id::{TicketId, TicketKind};
use mereau::tickets::limits::{LOOP_BOUND, LOOP_WINDOW, TOMBSTONE};
use mereau::tickets::{Ended, Granted, Session, Taken};
use proptest::prelude::{Just, Strategy, any, prop_oneof};

use super::{World, account};

/// One step; numbers choose among what there is, modulo how much there is.
#[derive(Debug, Clone)]
pub enum Op {
    Open {
        person: bool,
        idle: u64,
        hard: u64,
    },
    Grant {
        session: usize,
        url: bool,
    },
    Take {
        ticket: usize,
        url: bool,
        attempt: bool,
    },
    SetWarn {
        session: usize,
        warn: bool,
    },
    View {
        session: usize,
    },
    End {
        session: usize,
    },
    EndAll {
        person: bool,
    },
    SessionsOf {
        person: bool,
    },
    /// Milliseconds.
    Pass(u64),
}

/// Sequences of steps; `time` lets time pass among them.
pub fn sequences(time: bool) -> impl Strategy<Value = Vec<Op>> {
    let person = any::<bool>;
    let which = || 0..8usize;
    let span = prop_oneof![Just(1), Just(5_000), Just(10_000), Just(30_000), Just(60_000)];
    let op = prop_oneof![
        3 => (person(), 20_000..100_000u64, 60_000..200_000u64)
            .prop_map(|(person, idle, hard)| Op::Open { person, idle, hard }),
        8 => (which(), any::<bool>()).prop_map(|(session, url)| Op::Grant { session, url }),
        8 => (which(), any::<bool>(), any::<bool>())
            .prop_map(|(ticket, url, attempt)| Op::Take { ticket, url, attempt }),
        1 => (which(), any::<bool>()).prop_map(|(session, warn)| Op::SetWarn { session, warn }),
        2 => which().prop_map(|session| Op::View { session }),
        2 => which().prop_map(|session| Op::End { session }),
        1 => person().prop_map(|person| Op::EndAll { person }),
        1 => person().prop_map(|person| Op::SessionsOf { person }),
        if time { 4 } else { 0 } => span.prop_map(Op::Pass),
    ];
    proptest::collection::vec(op, 1..40)
}

struct Lived {
    tgt: TicketId,
    session: Session,
    last_used: Timestamp,
    ended: bool,
    visits: Vec<String>,
    granted: HashMap<bool, (u32, Timestamp)>,
}

impl Lived {
    fn alive(&self, now: Timestamp) -> bool {
        !self.ended
            && now
                < self
                    .last_used
                    .plus(self.session.idle)
                    .min(self.session.hard_expiry)
    }
}

enum State {
    Waiting(Timestamp),
    Spent(bool, Timestamp),
    Gone,
}

struct Issued {
    id: TicketId,
    of: usize,
    url: bool,
    state: State,
}

#[derive(Default)]
struct Model {
    sessions: Vec<Lived>,
    tickets: Vec<Issued>,
}

fn person(which: bool) -> AccountId {
    account("univ", if which { "anne" } else { "bob" })
}

fn url(which: bool) -> &'static str {
    if which { super::APP } else { super::OTHER }
}

fn attempt(which: bool) -> [u8; 16] {
    [u8::from(which); 16]
}

/// Does every step on the store and on the model and holds them against each other.
pub async fn compare(world: &World, ops: &[Op]) {
    let mut model = Model::default();
    for (at, op) in ops.iter().enumerate() {
        let now = world.place.now();
        let (got, expected) = model.step(world, op, now).await;
        assert_eq!(got, expected, "step {at} of {ops:?}");
    }
}

impl Model {
    async fn step(&mut self, world: &World, op: &Op, now: Timestamp) -> (String, String) {
        match *op {
            Op::Open { person, idle, hard } => {
                self.open(world, person, idle, hard, now).await;
                Default::default()
            }
            Op::Pass(span) => {
                world.pass(Duration::from_millis(span)).await;
                Default::default()
            }
            Op::EndAll { person: who } => {
                let got = world.tickets().end_all(&person(who)).await.unwrap();
                let mut got: Vec<String> = got.iter().map(ended).collect();
                let mut expected = Vec::new();
                for lived in self.of(who).filter(|lived| lived.alive(now)) {
                    lived.ended = true;
                    expected.push(lived.told());
                }
                got.sort();
                expected.sort();
                (got.join("; "), expected.join("; "))
            }
            Op::SessionsOf { person: who } => {
                let got = world.tickets().sessions_of(&person(who)).await.unwrap().len();
                let expected = self.of(who).filter(|lived| lived.alive(now)).count();
                (got.to_string(), expected.to_string())
            }
            Op::Take { ticket, url, attempt } if !self.tickets.is_empty() => {
                let ticket = ticket % self.tickets.len();
                self.take(world, ticket, url, attempt, now).await
            }
            Op::Grant { session, .. }
            | Op::SetWarn { session, .. }
            | Op::View { session }
            | Op::End { session }
                if !self.sessions.is_empty() =>
            {
                let session = session % self.sessions.len();
                self.on_session(world, op, session, now).await
            }
            _ => Default::default(),
        }
    }

    fn of(&mut self, who: bool) -> impl Iterator<Item = &mut Lived> {
        let account = person(who);
        self.sessions
            .iter_mut()
            .filter(move |lived| lived.session.account == account)
    }

    async fn open(&mut self, world: &World, who: bool, idle: u64, hard: u64, now: Timestamp) {
        let session = Session {
            idle: Duration::from_millis(idle),
            hard_expiry: now.plus(Duration::from_millis(hard)),
            ..world.session(&person(who))
        };
        self.sessions.push(Lived {
            tgt: world.open_as(session.clone()).await,
            session,
            last_used: now,
            ended: false,
            visits: Vec::new(),
            granted: HashMap::new(),
        });
    }

    async fn on_session(&mut self, world: &World, op: &Op, which: usize, now: Timestamp) -> (String, String) {
        let lived = &mut self.sessions[which];
        let alive = lived.alive(now);
        match *op {
            Op::Grant { url: to, .. } => {
                let id = world.mint(TicketKind::Service, &lived.session.account);
                let got = world.try_grant(&lived.tgt, &id, url(to)).await;
                let expected = lived.grant(to, now);
                if expected == Granted::Ticket {
                    self.tickets.push(Issued {
                        id,
                        of: which,
                        url: to,
                        state: State::Waiting(now.plus(Duration::from_secs(30))),
                    });
                }
                (format!("{got:?}"), format!("{expected:?}"))
            }
            Op::SetWarn { warn, .. } => {
                world.tickets().set_warn(&lived.tgt, warn).await.unwrap();
                lived.session.warn = if alive { warn } else { lived.session.warn };
                Default::default()
            }
            Op::View { .. } => {
                let got = world.view(&lived.tgt).await.map(|view| view.session);
                let expected = alive.then(|| lived.session.clone());
                (format!("{got:?}"), format!("{expected:?}"))
            }
            _ => {
                let got = world.end(&lived.tgt).await;
                lived.ended |= alive;
                let expected = alive.then(|| lived.told());
                (format!("{:?}", got.as_ref().map(ended)), format!("{expected:?}"))
            }
        }
    }

    async fn take(
        &mut self,
        world: &World,
        which: usize,
        to: bool,
        mine: bool,
        now: Timestamp,
    ) -> (String, String) {
        let issued = &mut self.tickets[which];
        let got = match world.take_as(&issued.id, url(to), &attempt(mine)).await {
            Taken::Whole(taken) => format!("whole for {}", taken.session.account.person.0),
            Taken::OtherService(ticket) => format!("for {}", ticket.url),
            other => format!("{other:?}"),
        };
        let lived = &mut self.sessions[issued.of];
        let first = match issued.state {
            State::Waiting(until) if now < until => true,
            State::Spent(by, at) if now < at.plus(TOMBSTONE) => {
                if by != mine {
                    return (got, "Replayed".to_owned());
                }
                false
            }
            _ => return (got, "Unknown".to_owned()),
        };
        if !lived.alive(now) {
            if first {
                issued.state = State::Gone;
            }
            return (got, "Unknown".to_owned());
        }
        if first {
            issued.state = State::Spent(mine, now);
        }
        if to != issued.url {
            return (got, format!("for {}", url(issued.url)));
        }
        if first {
            lived.visits.push(issued.id.expose().to_owned());
        }
        (got, format!("whole for {}", lived.session.account.person.0))
    }
}

impl Lived {
    fn grant(&mut self, to: bool, now: Timestamp) -> Granted {
        if !self.alive(now) {
            return Granted::NoSession;
        }
        let count = self.granted.entry(to).or_insert((0, now.plus(LOOP_WINDOW)));
        if count.1 <= now {
            *count = (0, now.plus(LOOP_WINDOW));
        }
        if count.0 == LOOP_BOUND {
            return Granted::Looping;
        }
        count.0 += 1;
        self.last_used = now;
        Granted::Ticket
    }

    fn told(&self) -> String {
        format!("{:?} {:?}", self.session, self.visits)
    }
}

fn ended(ended: &Ended) -> String {
    let visits: Vec<&String> = ended.visits.iter().map(|visit| &visit.ticket).collect();
    format!("{:?} {visits:?}", ended.session)
}
