//! The load kit at its smallest: a profile's people come to a real server, and its report says what
//! happened.

use std::sync::Arc;

use mereau::tls::Roots;

use crate::load_engine::profile::Profile;
use crate::load_engine::record::{Seen, Verdict};
use crate::load_engine::report;
use crate::load_engine::run::Run;
use crate::load_engine::site::Site;
use crate::load_engine::state::State;
use crate::support::child::folder;
use crate::support::redis::Redis;
use crate::support::served::{Options, Served};
use crate::support::slapd::{self, Slapd};

/// Everything a profile needs on this machine.
struct Stand {
    state: State,
    served: Served,
    _parts: (Slapd, Redis),
}

const PROFILE: &str = r#"
seed = 12
lasts = "2 s"

[[realms]]
id = "campus"
people = 20
services = 3

[[crowds]]
name = "day"
realm = "campus"
arrivals = { shape = "poisson", rate = 15 }
mix = { sign-in = 1, re-entry = 2 }
wrong_password = 0.2
lifetimes = { spans = ["400 ms", "1 h"], weights = [1, 1], sign_out = 0.5 }
"#;

fn stand(profile: &Profile) -> Stand {
    let state = State::invent(profile);
    let files = folder("state");
    state.write(&files, slapd::PEOPLE, "").unwrap();
    let entries = std::fs::read_to_string(files.join("ldif/campus.ldif")).unwrap();
    let service =
        |number| std::fs::read_to_string(files.join(format!("services/campus-{number}.toml"))).unwrap();
    let services = [("a", service(0)), ("b", service(1)), ("c", service(2))];
    let slapd = Slapd::start(&slapd::Options {
        entries: &entries,
        ..slapd::Options::default()
    });
    let redis = Redis::start(&[]);
    let tickets = redis.url();
    let served = Served::start(&Options {
        front: Some(8443),
        services: &services,
        ..Options::on(&slapd, &tickets)
    });
    // What was written is what is read.
    let state = State::read(profile, &files).unwrap();
    Stand {
        state,
        served,
        _parts: (slapd, redis),
    }
}

async fn run(stand: Stand, profile: &Profile) -> (Seen, serde_json::Value) {
    let url = [format!("http://127.0.0.1:{}/cas", stand.served.port())];
    let site = Site::at(&url, false, &Roots::System).await.unwrap();
    let run = Run::new(profile, Arc::new(stand.state));
    let seen = run.go(profile, site).await.unwrap();
    let told = report::json(&seen, run.record.window, "load");
    (seen, told)
}

#[tokio::test(flavor = "multi_thread")]
async fn everybody_of_a_profile_comes_and_the_report_adds_up() {
    let profile = Profile::parse(PROFILE).unwrap();
    let (seen, told) = run(stand(&profile), &profile).await;
    assert!(seen.troubles.is_empty(), "{}", report::table(&seen));
    let count = |step: &str, verdict| {
        let latencies = seen.steps.get(&(step.to_owned(), verdict));
        latencies.map_or(0, |latencies| latencies.count())
    };
    let [sign_ins, entries] = ["sign-in", "re-entry"].map(|step| count(step, Verdict::Done));
    assert!(sign_ins > 0 && entries > 0, "{}", report::table(&seen));
    assert_eq!(seen.begun, sign_ins + entries);
    assert_eq!(count("sign-in: validation", Verdict::Done), sign_ins);
    assert_eq!(count("re-entry: validation", Verdict::Done), entries);
    let wrong = count("sign-in: wrong password", Verdict::Refused);
    assert!(wrong > 0, "{}", report::table(&seen));
    assert_eq!(count("sign-in: page", Verdict::Done), sign_ins + wrong);
    // Every step is in one window, and the JSON says what the table says.
    let windows = told["windows"].as_array().unwrap().iter();
    let done = windows.filter_map(|window| window["steps"]["done"].as_u64());
    let steps = seen
        .steps
        .iter()
        .filter(|((_, verdict), _)| *verdict == Verdict::Done);
    assert_eq!(
        done.sum::<u64>(),
        steps.map(|(_, latencies)| latencies.count()).sum::<u64>()
    );
    assert_eq!(told["steps"]["sign-in"]["done"]["count"], sign_ins);
}
