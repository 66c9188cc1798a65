//! The people of one crowd: who comes next, what he does, and the sessions that are open meanwhile.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::chance::{Chance, Weighted};
use super::course::{Aids, Course};
use super::profile::{Crowd as Wanted, Profile, Scenario};
use super::record::Record;
use super::run::Run;
use super::site::Site;
use super::state::{Open, Population};

/// A crowd that comes.
pub struct Crowd {
    pub wanted: Wanted,
    pub seed: u64,
    pub site: Arc<Site>,
    pub aids: Aids,
    pub record: Arc<Record>,
    pub population: Arc<Population>,
    pub lasts: Duration,
    alone: bool,
}

/// Coprime to most numbers of people: nobody comes a second time before everybody came once.
const STRIDE: usize = 7_919;

/// Sessions that are over are looked for whenever so many more were opened.
const SWEPT: usize = 1_024;

impl Crowd {
    pub fn new(
        wanted: Wanted,
        profile: &Profile,
        at: Arc<Site>,
        run: &Run,
        population: Arc<Population>,
    ) -> Crowd {
        Crowd {
            wanted,
            seed: profile.seed,
            lasts: profile.lasts.0,
            alone: profile.crowds.len() == 1,
            site: at,
            aids: run.aids.clone(),
            record: Arc::clone(&run.record),
            population,
        }
    }

    /// What the journey of this number does.
    pub fn drawn(&self, chance: &mut Chance) -> Scenario {
        let mix = self.wanted.mix.get_ref();
        let place = Weighted::new(mix.values().copied()).draw(chance);
        mix.keys().nth(place).copied().unwrap_or(Scenario::SignIn)
    }

    /// The one who comes as this number.
    pub fn course(&self, journey: usize, due: Instant, scenario: Scenario) -> Option<Course> {
        let people = self.population.people.len();
        let people = self.wanted.people.unwrap_or(people).clamp(1, people);
        let number = journey.wrapping_mul(STRIDE) % people;
        self.course_of(number, journey, due, scenario)
    }

    /// The same for somebody who has an open session.
    pub fn course_of(
        &self,
        number: usize,
        journey: usize,
        due: Instant,
        scenario: Scenario,
    ) -> Option<Course> {
        Some(Course {
            site: Arc::clone(&self.site),
            aids: self.aids.clone(),
            record: Arc::clone(&self.record),
            population: Arc::clone(&self.population),
            number,
            person: self.population.person(number)?,
            from: Some(self.wanted.from.unwrap_or_else(|| home(number))),
            chance: Chance::new(self.seed, &format!("{} {journey}", self.wanted.name)),
            cookies: String::new(),
            due,
            called: self.called(scenario.name()),
        })
    }

    /// What a scenario is called in the report.
    pub fn called(&self, scenario: &str) -> String {
        match self.alone {
            true => scenario.to_owned(),
            false => format!("{} {scenario}", self.wanted.name),
        }
    }

    /// An address of one of the applications, another one for each journey: who asks for one and the same
    /// too often is stopped.
    pub fn service(&self, chance: &mut Chance, journey: usize) -> String {
        let services = &self.population.services;
        let place = chance.below(services.len());
        let service = services.get(place).map_or("", String::as_str);
        format!("{service}{}/{journey}", self.wanted.name)
    }

    /// Somebody has signed in and goes on for a while; how long, and whether he signs out then.
    pub fn stays(&self, course: &mut Course) -> (Open, bool) {
        let lifetimes = &self.wanted.lifetimes;
        let place = Weighted::new(lifetimes.weights.iter().copied()).draw(&mut course.chance);
        let span = lifetimes.spans.get(place).map_or(Duration::ZERO, |span| span.0);
        let open = Open {
            number: course.number,
            cookies: course.cookies.clone(),
            until: Instant::now() + span,
        };
        let mut sessions = self.population.sessions();
        if sessions.len() % SWEPT == SWEPT - 1 {
            let now = Instant::now();
            sessions.retain(|open| open.until > now);
        }
        sessions.push(open.clone());
        drop(sessions);
        (open, course.chance.unit() < lifetimes.sign_out.0)
    }

    /// One of the open sessions.
    pub fn open_session(&self, chance: &mut Chance) -> Option<Open> {
        let mut sessions = self.population.sessions();
        let now = Instant::now();
        while !sessions.is_empty() {
            let place = chance.below(sessions.len());
            if sessions.get(place).is_some_and(|open| open.until > now) {
                return sessions.get(place).cloned();
            }
            sessions.swap_remove(place);
        }
        None
    }
}

/// Where a person sits: an address that nobody has outside (RFC 2544).
fn home(number: usize) -> IpAddr {
    let number = number as u32 % (1 << 17);
    IpAddr::V4(Ipv4Addr::from_bits(
        Ipv4Addr::new(198, 18, 0, 0).to_bits() + number,
    ))
}

impl Scenario {
    pub fn name(self) -> &'static str {
        match self {
            Scenario::SignIn => "sign-in",
            Scenario::ReEntry => "re-entry",
            Scenario::Portal => "portal",
            Scenario::Reset => "reset",
            Scenario::Spray => "spray",
        }
    }
}
