//! A node of one core and everybody who comes to it, in a time that is counted and not waited for: how many
//! who are let in at the door get their ticket.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use super::shed::{Admitted, Kind, Shedder};
use crate::base::entropy::{Entropy, SeededEntropy};
use crate::http::server::ServerSettings;

/// Microseconds of its core, as measured: a page, one of the four pieces of a form, a validation, a no.
const PAGE: u64 = 70;
const PIECE: u64 = 190;
const PIECES: u8 = 4;
const VALIDATION: u64 = 150;
const REFUSAL: u64 = 15;
/// A whole sign-in.
const SIGN_IN: u64 = PAGE + PIECE * PIECES as u64 + VALIDATION;
/// Until the directory or the store has answered, and until the other end has.
const ELSEWHERE: u64 = 300;
/// Between two looks at turns.
const LOOK_EVERY: u64 = 2_000;

/// Who comes.
struct Crowd {
    /// As many times as the core can serve.
    times: f64,
    /// How long a page is looked at, on average: half as long to half as long again.
    types: Duration,
    /// Of ten with a page, so many send the form.
    of_ten: u32,
    lasts: Duration,
}

enum Work {
    Come(Kind),
    Measure(Kind, u64),
    Page(Admitted),
    Form(Admitted, u8),
    Validation,
}

struct Node {
    shedder: Arc<Shedder>,
    chance: SeededEntropy,
    now: u64,
    looked: u64,
    ready: VecDeque<Work>,
    later: BTreeMap<(u64, u64), Work>,
    drawn: u64,
}

/// What came of them.
#[derive(Debug, Default)]
struct Seen {
    pages: u64,
    signed_in: u64,
    begun_refused: u64,
    /// Of the capacity of the core, in percent.
    served: u64,
}

impl Crowd {
    fn comes(&self) -> Seen {
        let mut node = Node {
            shedder: Arc::new(Shedder::new(&ServerSettings::default())),
            chance: SeededEntropy::new(1),
            now: 0,
            looked: 0,
            ready: VecDeque::new(),
            later: BTreeMap::new(),
            drawn: 0,
        };
        let mut seen = Seen::default();
        let every = SIGN_IN as f64 / self.times;
        let end = self.lasts.as_micros() as u64;
        let mut came = 0_u64;
        while node.now < end {
            while (came as f64 * every) as u64 <= node.now {
                came += 1;
                node.ready.push_back(Work::Come(Kind::New));
            }
            while let Some(entry) = node.later.first_entry().filter(|entry| entry.key().0 <= node.now) {
                node.ready.push_back(entry.remove());
            }
            match node.ready.pop_front() {
                Some(work) => node.does(work, self, &mut seen),
                None => {
                    let next = node.later.first_key_value().map_or(u64::MAX, |(key, _)| key.0);
                    node.now = next.min((came as f64 * every) as u64);
                }
            }
        }
        seen.served = seen.signed_in * SIGN_IN * 100 / end;
        seen
    }

    fn draws(&self, chance: &SeededEntropy) -> Option<u64> {
        let mut bytes = [0; 2];
        chance.fill(&mut bytes);
        let [one, other] = bytes.map(u64::from);
        let types = self.types.as_micros() as u64;
        (one * 10 < u64::from(self.of_ten) * 256).then_some(ELSEWHERE + types / 2 + types * other / 256)
    }
}

impl Node {
    fn does(&mut self, work: Work, crowd: &Crowd, seen: &mut Seen) {
        match work {
            Work::Come(kind) if self.now >= self.looked + LOOK_EVERY => {
                self.looked = self.now;
                self.ready.push_back(Work::Measure(kind, self.now));
            }
            Work::Come(kind) => self.decides(kind, seen),
            Work::Measure(kind, since) => {
                self.shedder.note(Duration::from_micros(self.now - since), self.now);
                self.decides(kind, seen);
            }
            Work::Page(page) => {
                self.now += PAGE;
                seen.pages += 1;
                drop(page);
                if let Some(types) = crowd.draws(&self.chance) {
                    self.after(types, Work::Come(Kind::Begun));
                }
            }
            Work::Form(form, left) => {
                self.now += PIECE;
                match left - 1 {
                    0 => {
                        form.finish();
                        self.after(ELSEWHERE, Work::Validation);
                    }
                    left => self.after(ELSEWHERE, Work::Form(form, left)),
                }
            }
            Work::Validation => {
                self.now += VALIDATION;
                seen.signed_in += 1;
            }
        }
    }

    fn decides(&mut self, kind: Kind, seen: &mut Seen) {
        let admitted = match self.shedder.has_time(kind, self.now) {
            true => self.shedder.place(kind),
            false => None,
        };
        match admitted {
            Some(page) if kind == Kind::New => self.ready.push_back(Work::Page(page)),
            Some(form) => self.ready.push_back(Work::Form(form, PIECES)),
            None => {
                self.now += REFUSAL;
                seen.begun_refused += u64::from(kind == Kind::Begun);
            }
        }
    }

    fn after(&mut self, span: u64, work: Work) {
        self.drawn += 1;
        self.later.insert((self.now + span, self.drawn), work);
    }
}

const FIVE_TIMES: Crowd = Crowd {
    times: 5.0,
    types: Duration::ZERO,
    of_ten: 10,
    lasts: Duration::from_secs(30),
};

#[test]
fn of_five_times_too_many_four_fifths_of_what_can_be_done_is_done_and_what_is_begun_is_finished() {
    let seen = FIVE_TIMES.comes();
    assert!(seen.served >= 80 && seen.begun_refused == 0, "{seen:?}");
    assert!(seen.pages - seen.signed_in < 500, "{seen:?}");
}

#[test]
fn people_who_type_first_and_people_who_go_away_are_served_nearly_as_well() {
    for (types, of_ten) in [(0, 6), (3, 10), (3, 6), (10, 10), (10, 6)] {
        let crowd = Crowd {
            types: Duration::from_secs(types),
            of_ten,
            lasts: Duration::from_secs(40 + 16 * types),
            ..FIVE_TIMES
        };
        let seen = crowd.comes();
        assert!(seen.served >= 60, "{types} s, {of_ten} of ten: {seen:?}");
    }
}

#[test]
fn who_comes_to_a_node_that_can_serve_everybody_is_served() {
    for types in [0, 10] {
        let crowd = Crowd {
            times: 0.9,
            types: Duration::from_secs(types),
            ..FIVE_TIMES
        };
        let seen = crowd.comes();
        let came = 900_000 * crowd.lasts.as_secs() / SIGN_IN;
        assert!(seen.begun_refused == 0 && seen.pages + 10 >= came, "{types} s: {seen:?}");
    }
}
