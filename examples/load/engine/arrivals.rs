//! When people come, whether or not those before them were served: an open loop.

use std::f64::consts::TAU;
use std::time::Duration;

use super::chance::Chance;
use super::profile::{self, Shape};

/// How much more than on average come in the second in which the bell rings (reliability §3.3).
const RUSH: f64 = 3.0;

/// The moments at which journeys are to begin, from the start of the run; the same for the same chance.
pub struct Moments {
    shape: Shape,
    rate: f64,
    lasts: f64,
    at: f64,
    count: u64,
    chance: Chance,
}

impl Moments {
    pub fn new(arrivals: &profile::Arrivals, lasts: Duration, chance: Chance) -> Moments {
        Moments {
            shape: arrivals.shape,
            rate: arrivals.rate.0,
            lasts: lasts.as_secs_f64(),
            at: 0.0,
            count: 0,
            chance,
        }
    }

    /// A step of a Poisson process of this rate: exponentially distributed.
    fn step(&mut self, rate: f64) -> f64 {
        -(1.0 - self.chance.unit()).ln() / rate
    }

    /// So many times the average come at a moment: none at the ends, twice as many around the bell, three
    /// times in its second. A run shorter than a minute is spared that second.
    fn bell(&self, at: f64) -> f64 {
        let ringing = self.lasts >= 60.0 && (at - self.lasts / 2.0).abs() < 0.5;
        match ringing {
            true => RUSH,
            false => 1.0 - (TAU * at / self.lasts).cos(),
        }
    }

    fn advance(&mut self) {
        self.count += 1;
        match self.shape {
            Shape::Even => self.at = self.count as f64 / self.rate,
            Shape::Poisson => self.at += self.step(self.rate),
            // Too many by far come, and each is sent away with the chance that leaves the right number.
            Shape::Bell => loop {
                self.at += self.step(self.rate * RUSH);
                if self.at >= self.lasts || self.chance.unit() * RUSH < self.bell(self.at) {
                    break;
                }
            },
        }
    }
}

impl Iterator for Moments {
    type Item = Duration;

    fn next(&mut self) -> Option<Duration> {
        self.advance();
        (self.at < self.lasts).then(|| Duration::from_secs_f64(self.at))
    }
}
