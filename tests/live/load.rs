//! The load kit at its smallest: a profile's people come to a real server, and its report says what
//! happened.

use std::sync::Arc;

use mereau::tls::Roots;

use crate::load_engine::callback::Callback;
use crate::load_engine::course::Aids;
use crate::load_engine::mailbox::Mailbox;
use crate::load_engine::profile::Profile;
use crate::load_engine::record::{Seen, Verdict};
use crate::load_engine::report;
use crate::load_engine::run::Run;
use crate::load_engine::site::Site;
use crate::load_engine::state::State;
use crate::mail_sink::{Protection, Sink};
use crate::support::certificates::Authority;
use crate::support::child::folder;
use crate::support::redis::Redis;
use crate::support::served::{Options, Served};
use crate::support::slapd::{self, Slapd};

/// Everything a profile needs on this machine.
struct Stand {
    state: State,
    served: Served,
    aids: Aids,
    _parts: (Slapd, Redis),
}

/// How long, and who there is.
const PLACE: &str = r#"
seed = 12
lasts = "2 s"

[[realms]]
id = "campus"
people = 20
services = 3
"#;

const DAY: &str = r#"
[[crowds]]
name = "day"
realm = "campus"
arrivals = { shape = "poisson", rate = 15 }
mix = { sign-in = 1 }
wrong_password = 0.2
lifetimes = { spans = ["1 h"], weights = [1], sign_out = 0 }
"#;

/// Who is forgetful, who goes by a portal, and somebody who tries one password on everybody.
const OTHERS: &str = r#"
[[crowds]]
name = "forgetful"
realm = "campus"
arrivals = { shape = "even", rate = 2 }
mix = { reset = 1 }

[[crowds]]
name = "school"
realm = "campus"
arrivals = { shape = "even", rate = 2 }
mix = { portal = 1 }
from = "203.0.113.7"

[[crowds]]
name = "stranger"
realm = "campus"
arrivals = { shape = "even", rate = 3 }
mix = { spray = 1 }
from = "203.0.113.66"
"#;

fn parsed(crowds: &str) -> Profile {
    Profile::parse(&format!("{PLACE}{crowds}")).unwrap()
}

/// What the reset scenario asks of a realm.
const RESETS: &str = "[captcha]\nmode = \"adaptive\"\nproof_of_work = true\n\
                      [[recovery.addresses]]\nattribute = \"mail\"\ntrust = \"institution\"\n\
                      [recovery.sender]\naddress = \"no-reply@campus.example\"\n";

/// Hands over the letters of a mail server as they come.
fn carry(sink: Sink) -> Arc<Mailbox> {
    let mailbox = Arc::new(Mailbox::default());
    let kept = Arc::clone(&mailbox);
    tokio::spawn(async move {
        let mut seen = 0;
        loop {
            let letters = sink.wait_for(seen + 1).await;
            for letter in &letters[seen..] {
                kept.deliver(&letter.to, &letter.data);
            }
            seen = letters.len();
        }
    });
    mailbox
}

async fn stand(profile: &Profile) -> Stand {
    let state = State::invent(profile);
    let files = folder("state");
    let certificate = Authority::new().issue_into(&files, &["localhost"]);
    let callback = Callback::listen(0, certificate.certificate, certificate.key);
    let callback = callback.await.unwrap();
    let lines = format!(
        "proxy_callbacks = [\"{}\"]\nproxy_callback_ca = \"{}\"\n",
        callback.url,
        certificate.authority.display()
    );
    state.write(&files, slapd::PEOPLE, &lines).unwrap();
    let read = |name: &str| std::fs::read_to_string(files.join(name)).unwrap();
    let service = |number| read(&format!("services/campus-{number}.toml"));
    let services = [("a", service(0)), ("b", service(1)), ("c", service(2))];
    let slapd = Slapd::start(&slapd::Options {
        entries: &read("ldif/campus.ldif"),
        ..slapd::Options::default()
    });
    let redis = Redis::start(&[]);
    let sink = Sink::start(Protection::None, &files).await;
    let mail = format!("[mail]\nurl = \"smtp+plain://127.0.0.1:{}\"\n", sink.port);
    let writer = format!(
        "[directory.write]\nurls = [\"{}\"]\nmethod = \"exop\"\nguard = \"generation\"\n\
         bind_dn = \"{}\"\nbind_password_file = \"../writer.password\"\n{RESETS}",
        slapd.url(),
        slapd::WRITER_DN
    );
    let tickets = redis.url();
    let served = Served::start(&Options {
        front: Some(8443),
        services: &services,
        realm: &writer,
        sections: &mail,
        ..Options::on(&slapd, &tickets)
    });
    // What was written is what is read.
    let state = State::read(profile, &files).unwrap();
    let aids = Aids {
        mailbox: Some(carry(sink)),
        callback: Some(Arc::new(callback)),
    };
    Stand {
        state,
        served,
        aids,
        _parts: (slapd, redis),
    }
}

/// One run after the other on the same people.
async fn run(stand: Stand, profiles: &[&Profile]) -> Vec<(Seen, serde_json::Value)> {
    let url = [format!("http://127.0.0.1:{}/cas", stand.served.port())];
    let state = Arc::new(stand.state);
    let mut all = Vec::new();
    for profile in profiles {
        let site = Site::at(&url, false, &Roots::System).await.unwrap();
        let run = Run {
            aids: stand.aids.clone(),
            ..Run::new(profile, Arc::clone(&state))
        };
        let seen = run.go(profile, site).await.unwrap();
        let told = report::json(&seen, run.record.window, "load");
        all.push((seen, told));
    }
    all
}

fn count(seen: &Seen, step: &str, verdict: Verdict) -> u64 {
    let latencies = seen.steps.get(&(step.to_owned(), verdict));
    latencies.map_or(0, |latencies| latencies.count())
}

#[tokio::test(flavor = "multi_thread")]
async fn everybody_of_a_profile_comes_and_the_report_adds_up() {
    let profile = parsed(DAY);
    let again = parsed(&DAY.replace("sign-in = 1", "re-entry = 1"));
    let mut runs = run(stand(&profile).await, &[&profile, &again]).await;
    let (entries, _) = runs.pop().unwrap();
    let (seen, told) = runs.pop().unwrap();
    for seen in [&seen, &entries] {
        assert!(seen.troubles.is_empty(), "{}", report::table(seen));
    }
    let here = |step: &str, verdict| count(&seen, step, verdict);
    let sign_ins = here("sign-in", Verdict::Done);
    assert!(sign_ins > 0, "{}", report::table(&seen));
    assert_eq!(seen.begun, sign_ins);
    assert_eq!(here("sign-in: validation", Verdict::Done), sign_ins);
    let wrong = here("sign-in: wrong password", Verdict::Refused);
    assert!(wrong > 0, "{}", report::table(&seen));
    assert_eq!(here("sign-in: page", Verdict::Done), sign_ins + wrong);
    // Everybody who signed in is still there: nobody has to do so again.
    for step in ["re-entry", "re-entry: entry", "re-entry: validation"] {
        assert_eq!(
            count(&entries, step, Verdict::Done),
            entries.begun,
            "{}",
            report::table(&entries)
        );
    }
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

#[tokio::test(flavor = "multi_thread")]
async fn the_forgetful_get_in_again_the_portal_asks_in_their_name_and_one_password_opens_nothing() {
    let profile = parsed(OTHERS);
    let stand = stand(&profile).await;
    let (population, served) = (
        Arc::clone(&stand.state.realms["campus"]),
        stand.served.folder().join("log"),
    );
    let (seen, _) = run(stand, &[&profile]).await.remove(0);
    let told = || {
        format!(
            "{}{}",
            report::table(&seen),
            std::fs::read_to_string(&served).unwrap_or_default()
        )
    };
    assert!(seen.troubles.is_empty(), "{}", told());
    let done = |step: &str| count(&seen, step, Verdict::Done);
    // Every half second, and none at the end itself.
    assert_eq!(
        [done("forgetful reset"), done("school portal")],
        [3, 3],
        "{}",
        told()
    );
    assert_eq!(population.changed().len(), 3);
    for step in [
        "forgotten page",
        "forgotten form",
        "letter",
        "link",
        "new password",
        "form",
        "validation",
    ] {
        assert_eq!(done(&format!("forgetful reset: {step}")), 3, "{step}: {}", told());
    }
    for (step, times) in [
        ("validation with call-back", 3),
        ("proxy", 9),
        ("proxy validation", 9),
        ("sign-out", 3),
    ] {
        assert_eq!(
            done(&format!("school portal: {step}")),
            times,
            "{step}: {}",
            told()
        );
    }
    let tried = count(&seen, "stranger spray: wrong password", Verdict::Refused);
    assert_eq!(tried, 5, "{}", told());
}
