//! The plain way: every word of the question looked for in every entry.

use std::hint::black_box;
use std::time::Instant;

use mereau::base::fold::folded;

use super::SHOWN;
use super::invent::schools::France;
use super::report::{Engine, Times};

pub fn measure(france: &France, typed: &[String]) -> Engine {
    let began = Instant::now();
    let schools = france.schools.iter().map(|school| {
        let town = france.town(school);
        let uai = school.uai;
        folded(&format!("{} {} {} {uai}", school.name, town.name, town.postcode))
    });
    let all: Vec<String> = schools.collect();
    let ready = began.elapsed();
    let bytes: usize = all
        .iter()
        .map(|entry| entry.capacity() + size_of::<String>())
        .sum();
    let times = Times::fastest(typed, 2, |text| {
        let text = folded(text);
        let words: Vec<&str> = text.split_whitespace().collect();
        let fits = |entry: &&String| words.iter().all(|word| entry.contains(word));
        let (mut total, mut first) = (0, Vec::with_capacity(SHOWN));
        for entry in all.iter().filter(fits) {
            total += 1;
            if first.len() < SHOWN {
                first.push(entry);
            }
        }
        black_box((total, first));
    });
    Engine {
        name: "scan of all entries, unranked".into(),
        times,
        ready_ms: ready.as_secs_f64() * 1e3,
        megabytes: Some(bytes as f64 / 1e6),
    }
}
