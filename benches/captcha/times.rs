//! What a challenge costs: to make picture and sound, and to be given one.

use std::sync::Arc;
use std::time::{Duration, Instant};

use mereau::base::clock::SystemClock;
use mereau::base::entropy::{Entropy, OsEntropy};
use mereau::base::keys::KeyRing;
use mereau::base::names::RealmId;
use mereau::guard::Captcha;
use mereau::guard::captcha::{Answers, Bound, Given, Medium, Shown, Spoken, draw, speak};
use mereau::realms::CaptchaRule;
use mereau::tickets::embedded::EmbeddedStore;

const ROUNDS: usize = 300;

pub fn tell() -> anyhow::Result<()> {
    println!("| what | median | 99 of 100 within |\n|---|---|---|");
    let mut bytes = 0;
    let picture = measured(|| {
        let seed = OsEntropy.bytes();
        bytes += draw(&Answers::drawn(&seed).symbols, &seed).map_or(0, |png| png.len());
    });
    row("drawing a picture", picture);
    let sound = measured(|| {
        let seed = OsEntropy.bytes();
        std::hint::black_box(speak(&Answers::drawn(&seed).digits, Spoken::French, &seed));
    });
    row("making a sound", sound);
    tokio::runtime::Runtime::new()?.block_on(requests())?;
    println!("\na picture has {} bytes on average", bytes / ROUNDS);
    Ok(())
}

/// With the store in memory: what the network to a store adds is the store's.
async fn requests() -> anyhow::Result<()> {
    let clock = Arc::new(SystemClock);
    let store = Arc::new(EmbeddedStore::in_memory(clock.clone()));
    let entropy = Arc::new(OsEntropy);
    let keys = KeyRing::ephemeral(entropy.as_ref());
    let captcha = Captcha::new(store.clone(), store, keys, clock, entropy);
    let realm = RealmId::new("univ").expect("a name");
    let bound = Bound {
        realm: &realm,
        flow: b"flow",
    };
    let rule = CaptchaRule::default();
    captcha.draw_ahead();
    let [mut given, mut shown, mut judged] = [(); 3].map(|()| Vec::new());
    for _ in 0..ROUNDS {
        while captcha.drawn_ahead() == 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        let begun = Instant::now();
        let challenge = captcha.fresh(bound, rule, Spoken::French).await?;
        given.push(begun.elapsed());
        let begun = Instant::now();
        let picture = captcha.show(&challenge.id, Medium::Picture).await;
        shown.push(begun.elapsed());
        anyhow::ensure!(matches!(picture, Shown::Made(_)), "no picture");
        let begun = Instant::now();
        let answer = Given {
            id: &challenge.id,
            typed: "WRONG",
            work: "",
        };
        captcha.answer(bound, rule, answer).await?;
        judged.push(begun.elapsed());
    }
    row("request: a fresh challenge from the ready pool", given);
    row("request: its picture", shown);
    row("request: judging an answer", judged);
    Ok(())
}

fn measured(mut work: impl FnMut()) -> Vec<Duration> {
    (0..ROUNDS)
        .map(|_| {
            let begun = Instant::now();
            work();
            begun.elapsed()
        })
        .collect()
}

fn row(what: &str, mut times: Vec<Duration>) {
    times.sort();
    let at = |share: usize| times[times.len() * share / 100].as_secs_f64() * 1000.0;
    println!("| {what} | {:.3} ms | {:.3} ms |", at(50), at(99));
}
