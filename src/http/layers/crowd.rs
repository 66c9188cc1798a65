//! A node of one core and everybody who comes to it, in a time that is counted and not waited for: how many
//! who are let in at the door get their ticket.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use super::shed::{Admitted, Kind, Shedder};
use crate::base::entropy::{Entropy, SeededEntropy};
use crate::guard::Vain;
use crate::http::server::ServerSettings;

/// Microseconds of a core that it shares with slapd and Redis, by what 1,584 sign-ins a second and the crowds of
/// the load kit left of one: a page, one of the four pieces of a form, a validation, a no.
const PAGE: u64 = 25;
const PIECE: u64 = 125;
const PIECES: u8 = 4;
const VALIDATION: u64 = 106;
const REFUSAL: u64 = 22;
/// A whole sign-in.
const SIGN_IN: u64 = PAGE + PIECE * PIECES as u64 + VALIDATION;
/// Until the directory or the store has answered, and until the other end has.
const ELSEWHERE: u64 = 300;
/// A directory's, as they are set by default.
const PLACES: usize = 12;
const QUEUE: usize = 256;
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
    /// How long a form takes one of the places of the directory.
    bound: Duration,
    lasts: Duration,
}

enum Work {
    Come(Kind),
    Measure(Admitted, Kind, u64),
    Page(Admitted),
    Form(Admitted, u8),
    Bound(Admitted),
    Validation,
}

struct Node {
    shedder: Arc<Shedder>,
    vain: Vain,
    chance: SeededEntropy,
    now: u64,
    looked: u64,
    ready: VecDeque<Work>,
    later: BTreeMap<(u64, u64), Work>,
    drawn: u64,
    /// At the directory: in a place of it, and in its queue.
    inside: usize,
    waiting: VecDeque<Admitted>,
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
            vain: Vain::default(),
            chance: SeededEntropy::new(1),
            now: 0,
            looked: 0,
            ready: VecDeque::new(),
            later: BTreeMap::new(),
            drawn: 0,
            inside: 0,
            waiting: VecDeque::new(),
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
            Work::Come(kind) => match self.shedder.place(kind) {
                Some(place) if self.now >= self.looked + LOOK_EVERY => {
                    self.looked = self.now;
                    self.ready.push_back(Work::Measure(place, kind, self.now));
                }
                place => self.decides(place, kind, seen),
            },
            Work::Measure(place, kind, since) => {
                self.shedder
                    .note(Duration::from_micros(self.now - since), self.now);
                self.decides(Some(place), kind, seen);
            }
            Work::Page(page) => {
                self.now += PAGE;
                seen.pages += 1;
                drop(page);
                if let Some(types) = crowd.draws(&self.chance) {
                    self.after(types, Work::Come(Kind::Begun));
                }
            }
            Work::Form(form, PIECES) if !crowd.bound.is_zero() => {
                self.now += PIECE;
                self.binds(form, crowd, seen);
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
            Work::Bound(form) => {
                self.ready.push_back(Work::Form(form, PIECES - 1));
                self.inside -= 1;
                if let Some(next) = self.waiting.pop_front() {
                    self.binds(next, crowd, seen);
                }
            }
            Work::Validation => {
                self.now += VALIDATION;
                seen.signed_in += 1;
            }
        }
    }

    /// Takes a place of the directory or waits for one; where the queue is full the form is drawn once more.
    fn binds(&mut self, form: Admitted, crowd: &Crowd, seen: &mut Seen) {
        match (self.inside < PLACES, self.waiting.len() < QUEUE) {
            (true, _) => {
                self.inside += 1;
                self.after(crowd.bound.as_micros() as u64, Work::Bound(form));
            }
            (false, true) => self.waiting.push_back(form),
            (false, false) => {
                self.now += PAGE + REFUSAL;
                seen.begun_refused += 1;
                self.vain.note(self.now);
            }
        }
    }

    fn decides(&mut self, place: Option<Admitted>, kind: Kind, seen: &mut Seen) {
        // As a directory counts its room: half of the queue is for those who come at one moment.
        let full = self.waiting.len() >= QUEUE / 2;
        let counts = self.shedder.is_careful_at(self.now) || self.vain.is_often(self.now);
        let in_vain = kind == Kind::New && full && counts;
        match place.filter(|_| !in_vain && self.shedder.lets_in(kind, self.now)) {
            Some(page) if kind == Kind::New => self.ready.push_back(Work::Page(page)),
            Some(form) => self.ready.push_back(Work::Form(form, PIECES)),
            None => {
                self.now += REFUSAL;
                seen.begun_refused += u64::from(kind == Kind::Begun);
                if in_vain {
                    self.vain.note(self.now);
                }
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
    bound: Duration::ZERO,
    lasts: Duration::from_secs(30),
};

#[test]
fn of_five_times_too_many_four_fifths_of_what_can_be_done_is_done_and_what_is_begun_is_finished() {
    let seen = FIVE_TIMES.comes();
    assert!(seen.served >= 80 && seen.begun_refused == 0, "{seen:?}");
    assert!(seen.pages - seen.signed_in < 500, "{seen:?}");
}

#[test]
fn where_people_type_first_or_go_away_more_than_half_of_what_can_be_done_is_done() {
    for (types, of_ten) in [(0, 6), (3, 10), (10, 6)] {
        let crowd = Crowd {
            types: Duration::from_secs(types),
            of_ten,
            lasts: Duration::from_secs(40 + 16 * types),
            ..FIVE_TIMES
        };
        let seen = crowd.comes();
        assert!(seen.served >= 55, "{types} s, {of_ten} of ten: {seen:?}");
        // Those of the first moments.
        assert!(
            seen.begun_refused * 5 < seen.pages,
            "{types} s, {of_ten} of ten: {seen:?}"
        );
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
        assert!(
            seen.begun_refused == 0 && seen.pages + 10 >= came,
            "{types} s: {seen:?}"
        );
    }
}

#[test]
fn where_nobody_means_to_sign_in_pages_are_made_all_the_same() {
    let seen = Crowd {
        times: 20.0,
        of_ten: 0,
        ..FIVE_TIMES
    };
    let seen = seen.comes();
    let busy = seen.pages * PAGE * 100 / 30_000_000;
    assert!(busy >= 50, "{busy} % of the time: {seen:?}");
}

#[test]
fn a_directory_that_turns_forms_away_is_no_reason_to_make_more_pages() {
    // It can do what the core can, or half of that.
    for (slower, served) in [(1, 75), (2, 45)] {
        let crowd = Crowd {
            bound: Duration::from_micros(SIGN_IN * PLACES as u64 * slower),
            ..FIVE_TIMES
        };
        let seen = crowd.comes();
        assert!(seen.served >= served, "{slower}: {seen:?}");
        assert!(seen.begun_refused * 10 < seen.signed_in, "{slower}: {seen:?}");
    }
}
