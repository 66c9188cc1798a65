//! The digits as they were recorded beforehand, in French and English, by several voices each. How they
//! were made is told in `recordings/make` and `recordings/LICENCE`.

use std::sync::OnceLock;

/// Samples per second.
pub const RATE: usize = 8000;

/// A language that digits are spoken in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Spoken {
    French,
    English,
}

impl Spoken {
    /// English for those who read English, French for all others.
    pub fn of(language: &str) -> Spoken {
        match language.split('-').next() {
            Some("en") => Spoken::English,
            _ => Spoken::French,
        }
    }
}

/// One digit by one voice: samples between -1 and 1.
pub struct Recording {
    pub digit: u8,
    pub samples: Vec<f32>,
}

/// All recordings of a language; read once.
pub fn recordings(spoken: Spoken) -> &'static [Recording] {
    static FRENCH: OnceLock<Vec<Recording>> = OnceLock::new();
    static ENGLISH: OnceLock<Vec<Recording>> = OnceLock::new();
    match spoken {
        Spoken::French => FRENCH.get_or_init(|| read(include_bytes!("recordings/fr.ulaw"))),
        Spoken::English => ENGLISH.get_or_init(|| read(include_bytes!("recordings/en.ulaw"))),
    }
}

/// Rows of digit, number of samples, samples.
fn read(mut file: &[u8]) -> Vec<Recording> {
    let mut all = Vec::new();
    while let Some(([digit, high, low], rest)) = file.split_first_chunk() {
        let length = usize::from(u16::from_be_bytes([*high, *low]));
        let Some((samples, rest)) = rest.split_at_checked(length) else {
            break;
        };
        all.push(Recording {
            digit: b'0' + digit,
            samples: samples.iter().map(|sample| linear(*sample)).collect(),
        });
        file = rest;
    }
    all
}

/// A sample of 8-bit µ-law (ITU-T G.711).
fn linear(sample: u8) -> f32 {
    let bits = !sample;
    let exponent = u32::from(bits >> 4 & 7);
    let size = (((i32::from(bits & 15) << 3) + 132) << exponent) - 132;
    let size = size as f32 / 32768.0;
    if bits & 0x80 == 0 { size } else { -size }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_digit_is_there_in_six_voices_and_is_heard() {
        // SEC-68
        for spoken in [Spoken::French, Spoken::English] {
            for digit in b'0'..=b'9' {
                let all = recordings(spoken).iter().filter(|one| one.digit == digit);
                let all: Vec<&Recording> = all.collect();
                assert_eq!(all.len(), 6, "{spoken:?} {digit}");
                for one in all {
                    assert!((RATE / 5..RATE).contains(&one.samples.len()));
                    let loudest = one
                        .samples
                        .iter()
                        .fold(0.0f32, |most, sample| most.max(sample.abs()));
                    assert!(loudest > 0.5, "{loudest}");
                }
            }
        }
    }

    #[test]
    fn mu_law_is_read_as_g_711_says() {
        assert_eq!(linear(0xff), 0.0);
        assert_eq!(linear(0x80), 32124.0 / 32768.0);
        assert_eq!(linear(0x00), -32124.0 / 32768.0);
        assert_eq!(linear(0xf0), 120.0 / 32768.0);
    }

    #[test]
    fn those_who_do_not_read_english_hear_french() {
        // SEC-68
        assert_eq!(Spoken::of("en"), Spoken::English);
        assert_eq!(Spoken::of("en-GB"), Spoken::English);
        assert_eq!(Spoken::of("fr"), Spoken::French);
        assert_eq!(Spoken::of("ar"), Spoken::French);
    }
}
