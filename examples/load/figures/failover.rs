//! The primary of Redis dies under load: how long people notice, whether a ticket is good twice, whether a
//! password that was called saved is not.

use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::Found;
use super::form::encoded;
use super::report::{Figure, Target};
use super::stand::{RECORDS, RESETS, directory, nodes_of, options, people, services, site, writer};
use crate::engine::course::Aids;
use crate::engine::profile::Profile;
use crate::engine::record::{MOST_TROUBLES, Record, Seen, Verdict};
use crate::engine::run::Run;
use crate::engine::site::{Asked, Site};
use crate::engine::state::{Population, State};
use crate::engine::{plot, report};
use crate::outside::Letters;
use crate::support::served::Options;
use crate::support::slapd::{PEOPLE, Slapd};
use crate::support::trio::Trio;

const ACCOUNTS: usize = 2_000;
const NODES: usize = 3;

const WINDOW: Duration = Duration::from_millis(250);

/// Who waits longer than these seconds notices.
const NOTICED: f64 = 1.0;

pub async fn measure(quick: bool) -> anyhow::Result<Found> {
    let (seconds, kill_at, rate) = if quick { (14, 3, 10) } else { (40, 12, 50) };
    let accounts = people(if quick { 200 } else { ACCOUNTS });
    let slapd = directory(&accounts);
    let mut redis = Trio::start();
    let letters = Letters::open(0).await;
    let (tickets, services) = (redis.url(), services());
    let realm = format!("{RECORDS}{}{RESETS}", writer(&slapd));
    let mail = format!("[mail]\nurl = \"smtp+plain://127.0.0.1:{}\"\n", letters.port);
    let nodes = nodes_of(
        &Options {
            realm: &realm,
            sections: &mail,
            ..options(&slapd, &tickets, &services)
        },
        NODES,
    );
    let profile = Profile::parse(&profile(seconds, rate, accounts.len()))?;
    let service = "https://courses.campus.example/".to_owned();
    let population = Population::of(accounts.to_vec(), vec![service], None);
    let state = Arc::new(State::of([("campus".to_owned(), population)]));
    let run = Run::new(&profile, Arc::clone(&state));
    let run = Run {
        aids: Aids {
            mailbox: Some(Arc::clone(&letters.mailbox)),
            callback: None,
        },
        record: Arc::new(Record::keeping_tickets(Instant::now(), WINDOW)),
        ..run
    };
    let began = run.record.began;
    let killing = async {
        tokio::time::sleep_until((began + Duration::from_secs(kill_at)).into()).await;
        redis.primary().kill();
        began.elapsed().as_secs_f64()
    };
    let (seen, killed) = tokio::join!(run.go(&profile, site(&nodes).await?), killing);
    let seen = seen?;
    println!("{}", report::table(&seen));
    anyhow::ensure!(
        seen.troubles.len() < MOST_TROUBLES,
        "more went wrong than is kept: no outage can be told"
    );
    let again = bring_again(&site(&nodes).await?, &seen).await?;
    let lost = lost(&slapd, &state)?;
    Ok(found(&run, &seen, killed, [again, lost]))
}

fn profile(seconds: u64, rate: u64, people: usize) -> String {
    format!(
        "seed = 2026\nlasts = \"{seconds} s\"\nat_once = 2000\npatience = \"15 s\"\n\
         [[realms]]\nid = \"campus\"\npeople = {people}\n[[crowds]]\nname = \"crowd\"\nrealm = \"campus\"\n\
         arrivals = {{ shape = \"poisson\", rate = {rate} }}\n\
         mix = {{ sign-in = 5, re-entry = 4, reset = 1 }}\n"
    )
}

fn found(run: &Run, seen: &Seen, killed: f64, [again, lost]: [usize; 2]) -> Found {
    let refused = last_refused(seen, killed);
    let [noticed, longest] = slow(seen, killed);
    let outage = refused.max(noticed);
    let letter = seen.of("reset: letter", Verdict::Done).longest() / 1e3;
    let resets = seen.of("reset: new password", Verdict::Done).count();
    let asked = seen.of("reset: forgotten form", Verdict::Done).count();
    let unlettered = seen.of("reset: letter", Verdict::Failed).count();
    let dead_links = seen.of("reset: link", Verdict::Failed).count();
    let none = |name, count: usize| Figure::new(name, "", count as f64).reaching(Target::AtMost(0.0));
    let [busy, failed] = [Verdict::Busy, Verdict::Failed].map(|verdict| {
        seen.troubles
            .iter()
            .filter(|trouble| trouble.verdict == verdict)
            .count()
    });
    Found {
        figures: vec![
            Figure::new("outage at a failover of Redis", "s", outage).reaching(Target::AtMost(6.0)),
            Figure::new("  last step that did not get what it came for", "s", refused),
            Figure::new("  longest wait of who got it", "s", longest),
            Figure::new("  longest wait for a letter", "s", letter),
            none("  tickets used twice", again),
            none("  saved passwords that are not", lost),
            none("  acknowledged requests without a letter", unlettered as usize),
            none("  links that open nothing", dead_links as usize),
            Figure::new("  steps told to come back", "", busy as f64),
            Figure::new("  steps failed otherwise", "", failed as f64),
        ],
        notes: vec![format!(
            "a primary killed after {killed:.1} s; outage: from then until the last request that took longer than \
             {NOTICED} s was answered, or was due and did not get what it came for; {} validated tickets brought \
             again, {resets} passwords saved and tried on the directory, {asked} requests acknowledged",
            seen.tickets.len()
        )],
        plots: vec![(
            "failover.svg".to_owned(),
            plot::timeline(seen, run.record.window, &[(killed, killed + outage)]),
        )],
    }
}

/// From the kill to the end of the last request that got what it came for and made somebody wait, and how long the
/// longest took; to within a window.
fn slow(seen: &Seen, killed: f64) -> [f64; 2] {
    let starts = (0..).map(|place| f64::from(place) * WINDOW.as_secs_f64());
    let longest = seen.windows.iter().map(|window| window.asked.longest() / 1e3);
    let after = starts
        .zip(longest)
        .filter(|(start, longest)| start + longest > killed);
    after.fold([0.0, 0.0], |[until, most], (start, longest)| {
        let end = start + WINDOW.as_secs_f64() + longest - killed;
        let until = if longest > NOTICED { end.max(until) } else { until };
        [until, longest.max(most)]
    })
}

/// From the kill to the last moment at which a step was due that failed or was told to come back.
fn last_refused(seen: &Seen, killed: f64) -> f64 {
    let after = seen.troubles.iter().filter(|trouble| trouble.at > killed - 1.0);
    let last = after.map(|trouble| trouble.at).fold(killed, f64::max);
    last - killed
}

/// Brings every ticket that was good once more to each node; how many times one was good again.
async fn bring_again(site: &Site, seen: &Seen) -> anyhow::Result<usize> {
    let mut again = 0;
    for (number, ticket) in seen.tickets.iter().enumerate() {
        let target = format!(
            "{}/p3/serviceValidate?service={}&ticket={}",
            site.context,
            encoded(&ticket.service),
            ticket.id
        );
        let asked = Asked {
            target: &target,
            from: Some(std::net::Ipv4Addr::from_bits(0xc612_0000 + number as u32).into()),
            ..Asked::default()
        };
        // One after the other comes to one node after the other.
        for _ in 0..NODES {
            let answer = site.ask(asked.clone()).await?;
            again += usize::from(answer.text().contains("authenticationSuccess"));
        }
    }
    Ok(again)
}

/// Saved passwords that the directory does not take.
fn lost(slapd: &Slapd, state: &State) -> anyhow::Result<usize> {
    let mut lost = 0;
    for population in state.realms.values() {
        for number in population.changed() {
            let person = population.person(number).expect("somebody of them");
            let mut command = Command::new("ldapwhoami");
            command.args([
                "-x",
                "-H",
                &slapd.url(),
                "-D",
                &person.dn(PEOPLE),
                "-w",
                &person.password,
            ]);
            lost += usize::from(!command.output()?.status.success());
        }
    }
    Ok(lost)
}
