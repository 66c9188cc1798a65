//! Counts of latencies that stay small however many there are: classes one percent wide.

use std::time::Duration;

/// A class ends at so many times where it begins; a quantile is that exact.
const GROWTH: f64 = 1.01;

/// Latencies counted by class, from a microsecond up.
#[derive(Debug, Clone, Default)]
pub struct Latencies {
    counts: Vec<u64>,
    total: u64,
    sum: f64,
    longest: Duration,
}

fn class(latency: Duration) -> usize {
    let micros = latency.as_secs_f64() * 1e6;
    (micros.max(1.0).ln() / GROWTH.ln()) as usize
}

impl Latencies {
    pub fn add(&mut self, latency: Duration) {
        let class = class(latency);
        if self.counts.len() <= class {
            self.counts.resize(class + 1, 0);
        }
        if let Some(count) = self.counts.get_mut(class) {
            *count += 1;
        }
        self.total += 1;
        self.sum += latency.as_secs_f64();
        self.longest = self.longest.max(latency);
    }

    pub fn merge(&mut self, other: &Latencies) {
        if self.counts.len() < other.counts.len() {
            self.counts.resize(other.counts.len(), 0);
        }
        for (own, more) in self.counts.iter_mut().zip(&other.counts) {
            *own += more;
        }
        self.total += other.total;
        self.sum += other.sum;
        self.longest = self.longest.max(other.longest);
    }

    pub fn count(&self) -> u64 {
        self.total
    }

    /// Milliseconds, on average.
    pub fn mean(&self) -> f64 {
        self.sum * 1e3 / self.total.max(1) as f64
    }

    pub fn longest(&self) -> f64 {
        self.longest.as_secs_f64() * 1e3
    }

    /// The milliseconds that this share of the latencies does not exceed, at most a percent too many; 0
    /// where there are none.
    pub fn quantile(&self, share: f64) -> f64 {
        let rank = (share * self.total as f64).ceil().max(1.0) as u64;
        let mut seen = 0;
        for (class, count) in self.counts.iter().enumerate() {
            seen += count;
            if seen >= rank {
                let upper = GROWTH.powi(class as i32 + 1) / 1e3;
                return upper.min(self.longest());
            }
        }
        0.0
    }
}
