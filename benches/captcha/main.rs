//! What machines make of the CAPTCHA, and what it costs: `cargo bench --bench captcha`.
//!
//! 1,000 pictures are shown to tesseract (as they are, and after the ground was taken away) and to a
//! template matcher that has the very shapes; 1,000 sounds, half of each language, to a listener that
//! goes by lengths and to one that has all recordings. Solved is what would pass the server's compare.
//! Needs Debian's tesseract-ocr, which it installs when it may. `--pictures 100 --sounds 100` for less;
//! `--keep FOLDER` writes five pictures and what they say, for a person to try.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a measurement that cannot go on ends; what it finds is printed"
)]

mod hear;
mod ink;
mod template;
mod tesseract;
mod times;

use mereau::base::entropy::{Entropy, OsEntropy};
use mereau::guard::captcha::{Answers, DIGITS_SPOKEN, SYMBOLS_SHOWN, Seed, Spoken, draw, looks_like, speak};

use self::hear::Listener;
use self::ink::{Grey, ink};
use self::template::Matcher;

/// Answers that passed, and symbols of all that were right in their place.
#[derive(Default)]
struct Solved {
    tries: usize,
    whole: usize,
    symbols: usize,
    of: usize,
}

impl Solved {
    fn add(&mut self, read: &[u8], right: &[u8]) {
        let text = String::from_utf8_lossy(read).into_owned();
        self.tries += 1;
        self.whole += usize::from(looks_like(&text, right));
        self.symbols += read.iter().zip(right).filter(|(one, other)| one == other).count();
        self.of += right.len();
    }

    fn tell(&self, who: &str) {
        let percent = |part: usize, of: usize| 100.0 * part as f64 / of.max(1) as f64;
        println!(
            "| {who} | {} | {} | {:.1} % | {:.0} % |",
            self.tries,
            self.whole,
            percent(self.whole, self.tries),
            percent(self.symbols, self.of)
        );
    }
}

fn main() -> anyhow::Result<()> {
    if !std::env::args().any(|argument| argument == "--bench") {
        println!("this is a benchmark: cargo bench --bench captcha");
        return Ok(());
    }
    if let Some(folder) = following("--keep") {
        keep(&folder)?;
    }
    let reader = tesseract::ready()?;
    println!("| solver | tries | solved | share | symbols right |\n|---|---|---|---|---|");
    pictures(&reader, number("--pictures"))?;
    for (language, name) in [(Spoken::French, "French"), (Spoken::English, "English")] {
        sounds(language, name, number("--sounds") / 2);
    }
    println!();
    times::tell()
}

/// A number that follows `name` on the command line; a thousand otherwise.
fn number(name: &str) -> usize {
    following(name).and_then(|text| text.parse().ok()).unwrap_or(1000)
}

/// What follows `name` on the command line.
fn following(name: &str) -> Option<String> {
    std::env::args().skip_while(|argument| argument != name).nth(1)
}

fn keep(folder: &str) -> anyhow::Result<()> {
    let mut answers = String::new();
    for number in 1..=5 {
        let seed = seed();
        let right = Answers::drawn(&seed).symbols;
        let png = draw(&right, &seed).expect("a picture");
        std::fs::write(format!("{folder}/{number}.png"), png)?;
        answers.push_str(&format!("{number} {}\n", String::from_utf8_lossy(&right)));
    }
    Ok(std::fs::write(format!("{folder}/answers.txt"), answers)?)
}

fn seed() -> Seed {
    OsEntropy.bytes()
}

fn pictures(reader: &tesseract::Reader, count: usize) -> anyhow::Result<()> {
    let matcher = Matcher::new();
    let [mut plain, mut cleaned, mut matched] = [(); 3].map(|()| Solved::default());
    for _ in 0..count {
        let seed = seed();
        let right = Answers::drawn(&seed).symbols;
        let png = draw(&right, &seed).expect("a picture");
        let ink = ink(&Grey::read(&png));
        plain.add(&reader.read(&png)?, &right);
        cleaned.add(&reader.read(&ink.printed())?, &right);
        matched.add(&matcher.read(&ink), &right);
    }
    plain.tell("tesseract, the picture");
    cleaned.tell("tesseract, ground taken away");
    matched.tell("template matcher, ground taken away");
    println!(
        "| guessing | – | – | {:.5} % | – |",
        100.0 / 15f64.powi(SYMBOLS_SHOWN as i32)
    );
    Ok(())
}

fn sounds(language: Spoken, name: &str, count: usize) {
    let listener = Listener::new(language);
    let [mut by_length, mut by_correlation] = [(); 2].map(|()| Solved::default());
    for _ in 0..count {
        let seed = seed();
        let right = Answers::drawn(&seed).digits;
        let wav = speak(&right, language, &seed);
        by_length.add(&listener.by_length(&wav), &right);
        by_correlation.add(&listener.by_correlation(&wav), &right);
    }
    by_length.tell(&format!("lengths, {name}"));
    by_correlation.tell(&format!("correlation, {name}"));
    const { assert!(DIGITS_SPOKEN == 6) };
}
