//! A run: every crowd comes when it comes, whether or not those before were served. It ends by itself.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use super::arrivals::Moments;
use super::chance::Chance;
use super::course::{Aids, Course, Judged};
use super::crowd::Crowd;
use super::journeys::{mistype, re_enter, sign_in, sign_out};
use super::profile::{Profile, Scenario};
use super::progress::Progress;
use super::record::{Record, Seen};
use super::site::Site;
use super::state::State;
use super::{portal, reset};

/// Who waits for a place beyond that many is not sent at all, and counted.
const MOST_WAITING: usize = 50_000;

/// The one password that is tried on everybody.
const SPRAYED: &str = "Printemps2026!";

/// Slices of a run in a report.
const WINDOWS: u32 = 120;

/// A run that is under way or over.
pub struct Run {
    pub record: Arc<Record>,
    pub state: Arc<State>,
    pub aids: Aids,
    pub lasts: Duration,
}

impl Run {
    pub fn new(profile: &Profile, state: Arc<State>) -> Run {
        let window = (profile.lasts.0 / WINDOWS).max(Duration::from_millis(100));
        Run {
            record: Arc::new(Record::new(Instant::now(), window)),
            state,
            aids: Aids::default(),
            lasts: profile.lasts.0,
        }
    }

    /// Lets everybody come; what was seen.
    pub async fn go(&self, profile: &Profile, mut site: Site) -> anyhow::Result<Seen> {
        site.connections = profile.connections;
        site.patience = profile.patience.0;
        let site = Arc::new(site);
        let places = Arc::new(Semaphore::new(profile.at_once));
        let mut coming = JoinSet::new();
        for wanted in &profile.crowds {
            let realm = wanted.realm.get_ref();
            let population = self.state.realms.get(realm).context("the crowd's realm")?;
            let (site, population) = (Arc::clone(&site), Arc::clone(population));
            let crowd = Crowd::new(wanted.clone(), profile, site, self, population);
            coming.spawn(come(Arc::new(crowd), Arc::clone(&places)));
        }
        let progress = Progress::begin(Arc::clone(&self.record), self.lasts);
        // Every step ends within the patience; no journey has more than so many.
        let longest = self.lasts + profile.patience.0 * 20;
        let all = async { while coming.join_next().await.is_some() {} };
        let ended = tokio::time::timeout(longest, all).await;
        progress.end();
        let _ = ended;
        Ok(self.record.with(std::mem::take))
    }
}

/// One crowd, from its first to its last.
async fn come(crowd: Arc<Crowd>, places: Arc<Semaphore>) {
    let (wanted, lasts) = (&crowd.wanted, crowd.lasts);
    let chance = Chance::new(crowd.seed, &format!("arrivals {}", wanted.name));
    let mut journeys = JoinSet::new();
    for (number, moment) in Moments::new(&wanted.arrivals, lasts, chance).enumerate() {
        let due = crowd.record.began + moment;
        tokio::time::sleep_until(due.into()).await;
        while journeys.try_join_next().is_some() {}
        if journeys.len() > MOST_WAITING {
            crowd.record.with(|seen| seen.unsent += 1);
            continue;
        }
        journeys.spawn(journey(Arc::clone(&crowd), Arc::clone(&places), number, due));
    }
    // Who is to sign out after the end does not.
    let end = crowd.record.began + lasts;
    tokio::time::sleep_until(end.into()).await;
    while journeys.join_next().await.is_some() {}
}

async fn journey(crowd: Arc<Crowd>, places: Arc<Semaphore>, number: usize, due: Instant) {
    let place = places.acquire().await;
    crowd.record.with(|seen| seen.begun += 1);
    let mut chance = Chance::new(crowd.seed, &format!("{} what {number}", crowd.wanted.name));
    let scenario = crowd.drawn(&mut chance);
    let open = match scenario {
        Scenario::ReEntry => crowd.open_session(&mut chance),
        _ => None,
    };
    // Who has no session yet has to sign in first.
    let scenario = match (scenario, &open) {
        (Scenario::ReEntry, None) => Scenario::SignIn,
        (other, _) => other,
    };
    let course = match &open {
        Some(open) => crowd.course_of(open.number, number, due, scenario),
        None => crowd.course(number, due, scenario),
    };
    let Some(mut course) = course else { return };
    course.cookies = open.map(|open| open.cookies).unwrap_or_default();
    let service = crowd.service(&mut chance, number);
    let done = whole(&mut course, &crowd, scenario, &service, due).await;
    drop(place);
    if done.is_ok() && scenario == Scenario::SignIn {
        leave(course, &crowd).await;
    }
}

/// All steps of a journey, and the journey as a whole beside them.
async fn whole(
    course: &mut Course,
    crowd: &Crowd,
    scenario: Scenario,
    service: &str,
    due: Instant,
) -> Judged<()> {
    let mistypes = course.chance.unit() < crowd.wanted.wrong_password.0;
    let done = match scenario {
        Scenario::SignIn => sign_in(course, service, mistypes).await,
        Scenario::ReEntry => re_enter(course, service).await,
        Scenario::Portal => {
            let services = course.population.services.clone();
            portal::visit(course, &services).await
        }
        Scenario::Reset => reset::walk(course, service).await,
        Scenario::Spray => mistype(course, service, SPRAYED).await,
    };
    course.record.ended(&course.called, due, done.as_ref().copied());
    if done.is_ok() {
        course.population.count(scenario.name());
    }
    done
}

/// Goes on for as long as people do, then signs out or just never comes back.
async fn leave(mut course: Course, crowd: &Crowd) {
    let (open, signs_out) = crowd.stays(&mut course);
    let end = course.record.began + crowd.lasts;
    if signs_out && open.until < end {
        tokio::time::sleep_until(open.until.into()).await;
        course.due = open.until;
        course.called = crowd.called("sign-out");
        let _ = sign_out(&mut course).await;
    }
}
