//! Values of a profile that check themselves, so that a wrong one is told with its line.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// A time as people write it: `500 ms`, `60 s`, `20 min`, `8 h`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Span(pub Duration);

const UNITS: [(&str, f64); 4] = [("ms", 1e-3), ("s", 1.0), ("min", 60.0), ("h", 3600.0)];

/// Nothing of this kit runs longer.
const LONGEST: Duration = Duration::from_secs(48 * 3600);

impl TryFrom<String> for Span {
    type Error = String;

    fn try_from(text: String) -> Result<Span, String> {
        let text = text.trim();
        let digits = text.trim_end_matches(|sign: char| sign.is_ascii_alphabetic());
        let unit = &text[digits.len()..];
        let known = UNITS.iter().find(|(name, _)| *name == unit);
        let number = digits.trim().parse::<f64>().ok();
        let (Some((_, seconds)), Some(number)) = (known, number) else {
            return Err(format!("“{text}” is no time: write 500 ms, 60 s, 20 min or 8 h"));
        };
        let span = Duration::try_from_secs_f64(number * seconds).unwrap_or(Duration::MAX);
        if span.is_zero() || span > LONGEST {
            return Err(format!("“{text}” is not between 1 ms and 48 h"));
        }
        Ok(Span(span))
    }
}

impl From<Span> for String {
    fn from(span: Span) -> String {
        format!("{} ms", span.0.as_millis())
    }
}

/// A share, from 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(try_from = "f64", into = "f64")]
pub struct Share(pub f64);

impl TryFrom<f64> for Share {
    type Error = String;

    fn try_from(share: f64) -> Result<Share, String> {
        match (0.0..=1.0).contains(&share) {
            true => Ok(Share(share)),
            false => Err(format!("{share} is no share: from 0 to 1")),
        }
    }
}

impl From<Share> for f64 {
    fn from(share: Share) -> f64 {
        share.0
    }
}

/// How often something comes, in a second; more than 0.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "f64", into = "f64")]
pub struct Rate(pub f64);

impl TryFrom<f64> for Rate {
    type Error = String;

    fn try_from(rate: f64) -> Result<Rate, String> {
        match rate > 0.0 && rate <= 100_000.0 {
            true => Ok(Rate(rate)),
            false => Err(format!("{rate} a second: more than 0 and at most 100,000")),
        }
    }
}

impl From<Rate> for f64 {
    fn from(rate: Rate) -> f64 {
        rate.0
    }
}
