//! The kit's own arithmetic: what it counts is what happened.

use std::sync::Arc;
use std::time::{Duration, Instant};

use mereau::tls::Roots;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::sync::Notify;

use crate::commands::PROFILES;
use crate::engine::arrivals::Moments;
use crate::engine::chance::Chance;
use crate::engine::latencies::Latencies;
use crate::engine::profile::{Arrivals, Profile, Shape};
use crate::engine::record::Verdict;
use crate::engine::run::Run;
use crate::engine::site::Site;
use crate::engine::span::Rate;
use crate::engine::state::State;

const MINUTE: Duration = Duration::from_secs(60);

fn moments(shape: Shape, rate: f64, lasts: Duration, seed: u64) -> Vec<f64> {
    let arrivals = Arrivals {
        shape,
        rate: Rate(rate),
    };
    let moments = Moments::new(&arrivals, lasts, Chance::new(seed, "arrivals"));
    moments.map(|moment| moment.as_secs_f64()).collect()
}

#[test]
fn a_quantile_is_at_most_a_percent_too_long() {
    let mut latencies = Latencies::default();
    for micros in 1..=100_000 {
        latencies.add(Duration::from_micros(micros));
    }
    for (share, exact) in [
        (0.5, 50.0),
        (0.9, 90.0),
        (0.99, 99.0),
        (0.999, 99.9),
        (1.0, 100.0),
    ] {
        let told = latencies.quantile(share);
        assert!(
            (exact..=exact * 1.011).contains(&told),
            "{share}: {told}, not {exact}"
        );
    }
    assert_eq!(latencies.count(), 100_000);
    assert!((latencies.mean() - 50.0005).abs() < 0.001);
    assert!((latencies.longest() - 100.0).abs() < 1e-9);
    assert_eq!(Latencies::default().quantile(0.99), 0.0);
}

#[test]
fn one_seed_is_one_order_of_arrivals_and_another_seed_another() {
    for shape in [Shape::Poisson, Shape::Bell] {
        let once = moments(shape, 50.0, MINUTE, 7);
        assert_eq!(once, moments(shape, 50.0, MINUTE, 7));
        assert_ne!(once, moments(shape, 50.0, MINUTE, 8));
        assert!(once.is_sorted() && once.iter().all(|at| *at < 60.0));
    }
}

#[test]
fn independent_arrivals_are_as_many_and_as_far_apart_as_such_are() {
    let lasts = Duration::from_secs(1_000);
    let all = moments(Shape::Poisson, 50.0, lasts, 7);
    // 50,000 with a standard deviation of 224.
    assert!((49_000..51_000).contains(&all.len()), "{}", all.len());
    let gaps: Vec<f64> = all.windows(2).map(|pair| pair[1] - pair[0]).collect();
    let longer = gaps.iter().filter(|gap| **gap > 1.0 / 50.0).count() as f64 / gaps.len() as f64;
    // As many as e to the minus 1 of them exceed the average.
    assert!((longer - 0.3679).abs() < 0.01, "{longer}");
    // Seconds are spread as widely as they are full.
    let mut seconds = vec![0.0_f64; 1_000];
    for at in &all {
        seconds[*at as usize] += 1.0;
    }
    let mean = seconds.iter().sum::<f64>() / 1_000.0;
    let spread = seconds.iter().map(|count| (count - mean).powi(2)).sum::<f64>() / 1_000.0;
    assert!((spread / mean - 1.0).abs() < 0.2, "{spread} {mean}");
}

#[test]
fn the_bell_brings_twice_the_average_around_itself_and_thrice_in_its_second() {
    let all = moments(Shape::Bell, 1_000.0, Duration::from_secs(120), 7);
    let between = |from: f64, to: f64| {
        let count = all.iter().filter(|at| (from..to).contains(*at)).count();
        count as f64 / (to - from)
    };
    let average = all.len() as f64 / 120.0;
    assert!((average / 1_008.0 - 1.0).abs() < 0.02, "{average}");
    assert!((between(55.0, 59.4) / 2_000.0 - 1.0).abs() < 0.05);
    assert!((between(59.5, 60.5) / 3_000.0 - 1.0).abs() < 0.1);
    assert!(between(0.0, 5.0) < 100.0);
    let even = moments(Shape::Even, 10.0, Duration::from_secs(2), 1);
    assert_eq!(even.len(), 19);
}

#[test]
fn a_wrong_profile_is_told_with_its_line() {
    let (_, right) = PROFILES[0];
    for (what, instead, line, words) in [
        ("rate = 20", "rate = 0", 13, "more than 0"),
        ("wrong_password = 0.01", "wrong_password = 3", 15, "from 0 to 1"),
        ("\"60 s\"", "\"60 sec\"", 3, "no time"),
        ("shape = \"poisson\"", "shape = \"posson\"", 13, "unknown variant"),
        ("people = 2000", "poeple = 2000", 7, "unknown field"),
        ("realm = \"campus\"", "realm = \"campos\"", 12, "no [[realms]] is"),
        ("re-entry = 3", "re-entry = -3", 14, "none below"),
    ] {
        let wrong = right.replacen(what, instead, 1);
        assert_ne!(wrong, right, "{what}");
        let error = format!("{:#}", Profile::parse(&wrong).expect_err(instead));
        assert!(error.contains(&format!("line {line}")), "{instead}: {error}");
        assert!(error.contains(words), "{instead}: {error}");
    }
}

#[test]
fn every_profile_that_is_shipped_can_be_run() {
    for (name, text) in PROFILES {
        let profile = Profile::parse(text).unwrap_or_else(|error| panic!("{name}: {error:#}"));
        let (once, again) = (State::invent(&profile), State::invent(&profile));
        for (id, population) in &once.realms {
            let other = &again.realms[id];
            let last = population.people.len() - 1;
            let [one, two] = [population, other].map(|one| one.person(last).expect("the last"));
            assert_eq!((one.login, one.password), (two.login, two.password));
        }
    }
}

#[test]
fn what_is_written_for_each_realm_is_read_back_for_that_realm_alone() {
    let text = "seed = 1\nlasts = \"1 s\"\n\
                [[realms]]\nid = \"campus\"\npeople = 3\nservices = 2\n\
                [[realms]]\nid = \"lycee\"\npeople = 2\nservices = 3\n\
                [[crowds]]\nname = \"c\"\nrealm = \"campus\"\n\
                arrivals = { shape = \"even\", rate = 20 }\nmix = { sign-in = 1 }\n";
    let profile = Profile::parse(text).expect("a profile");
    let invented = State::invent(&profile);
    let folder = tempfile::tempdir().expect("a folder");
    invented.write(folder.path(), "dc=x", "").expect("its files");
    let read = State::read(&profile, folder.path()).expect("the same");
    for (id, population) in &invented.realms {
        let again = &read.realms[id];
        assert_eq!(again.services, population.services, "{id}");
        assert_eq!(again.now().count(), population.now().count(), "{id}");
    }
}

#[tokio::test]
async fn no_load_leaves_this_machine_unless_that_is_said() {
    let foreign = ["http://192.0.2.7:8080/cas".to_owned()];
    let refused = Site::at(&foreign, false, &Roots::System).await;
    let error = refused.err().map(|error| error.to_string()).expect("a refusal");
    assert!(
        error.contains("192.0.2.7") && error.contains("--elsewhere"),
        "{error}"
    );
    assert!(Site::at(&foreign, true, &Roots::System).await.is_ok());
    for own in [
        "http://127.0.0.1:1/cas",
        "http://localhost:1/cas",
        "http://[::1]:1/cas",
    ] {
        assert!(
            Site::at(&[own.to_owned()], false, &Roots::System).await.is_ok(),
            "{own}"
        );
    }
}

/// A server that takes one request, says nothing until it is told to, and then sends everybody away.
async fn stalling(until: Arc<Notify>) -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
    let port = listener.local_addr().expect("its address").port();
    tokio::spawn(async move {
        let mut first = true;
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut read = [0; 4_096];
            let _ = stream.read(&mut read).await;
            if std::mem::take(&mut first) {
                until.notified().await;
            }
            let answer =
                "HTTP/1.1 503 Away\r\nretry-after: 1\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";
            let _ = stream.write_all(answer.as_bytes()).await;
        }
    });
    port
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_was_due_while_the_server_stalled_is_counted_from_then() {
    let text = "seed = 1\nlasts = \"1 s\"\nat_once = 1\nconnections = \"new\"\n\
                [[realms]]\nid = \"r\"\npeople = 5\n[[crowds]]\nname = \"c\"\nrealm = \"r\"\n\
                arrivals = { shape = \"even\", rate = 20 }\nmix = { sign-in = 1 }\n";
    let profile = Profile::parse(text).expect("a profile");
    let until = Arc::new(Notify::new());
    let port = stalling(Arc::clone(&until)).await;
    let url = [format!("http://127.0.0.1:{port}/cas")];
    let site = Site::at(&url, false, &Roots::System).await.expect("a site");
    let run = Run::new(&profile, Arc::new(State::invent(&profile)));
    let began = run.record.began;
    let release = tokio::spawn(async move {
        tokio::time::sleep_until((began + Duration::from_millis(900)).into()).await;
        let released = Instant::now();
        until.notify_one();
        released
    });
    let seen = run.go(&profile, site).await.expect("a run");
    let released = release.await.expect("a release") - began;
    let latencies = &seen.steps[&("sign-in".to_owned(), Verdict::Busy)];
    assert_eq!(latencies.count(), 19);
    // One at a time: nobody who was due before the release was answered before it.
    let due = (1..=19).map(|number| Duration::from_millis(number * 50));
    let waits = due.map(|due| released.saturating_sub(due).as_secs_f64());
    let least = waits.sum::<f64>() * 1e3 / 19.0;
    assert!(latencies.mean() >= least, "{} {least}", latencies.mean());
    assert_eq!((seen.begun, seen.unsent), (19, 0));
}
