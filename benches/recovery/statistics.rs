//! Whether two samples of times differ: the tests of SEC-03, each in the textbook's form. They judge
//! nothing.

use std::f64::consts::PI;

/// The two-sided p of Mann and Whitney's test, by the normal approximation with the correction for ties.
pub fn mann_whitney(one: &[f64], other: &[f64]) -> f64 {
    let (n, m) = (one.len() as f64, other.len() as f64);
    let mut all: Vec<(f64, bool)> = one.iter().map(|time| (*time, true)).collect();
    all.extend(other.iter().map(|time| (*time, false)));
    all.sort_by(|a, b| a.0.total_cmp(&b.0));
    let (mut ranks, mut ties, mut begin) = (0.0, 0.0, 0);
    while begin < all.len() {
        let equal = all[begin..]
            .iter()
            .take_while(|(time, _)| *time == all[begin].0)
            .count();
        let rank = begin as f64 + (equal as f64 + 1.0) / 2.0;
        let ours = all[begin..begin + equal].iter().filter(|(_, ours)| *ours).count();
        ranks += rank * ours as f64;
        ties += (equal as f64).powi(3) - equal as f64;
        begin += equal;
    }
    let u = ranks - n * (n + 1.0) / 2.0;
    let whole = n + m;
    let variance = n * m / 12.0 * (whole + 1.0 - ties / (whole * (whole - 1.0)));
    // Half a step towards the middle: u moves by whole steps.
    let off = ((u - n * m / 2.0).abs() - 0.5).max(0.0);
    2.0 * upper_tail(off / variance.sqrt())
}

/// The t of Welch's test: how far the means are apart, in what chance makes of them.
pub fn welch(one: &[f64], other: &[f64]) -> f64 {
    let of = |times: &[f64]| {
        let count = times.len() as f64;
        let mean = times.iter().sum::<f64>() / count;
        let variance = times.iter().map(|time| (time - mean).powi(2)).sum::<f64>() / (count - 1.0);
        (mean, variance / count)
    };
    let ((one, of_one), (other, of_other)) = (of(one), of(other));
    (one - other) / (of_one + of_other).sqrt()
}

/// The share of a normal distribution above `z`, for `z` from 0 on: a series near the middle, Laplace's
/// continued fraction beyond.
fn upper_tail(z: f64) -> f64 {
    let density = (-z * z / 2.0).exp() / (2.0 * PI).sqrt();
    if z < 3.0 {
        let (mut term, mut sum) = (z, z);
        for step in 1..60 {
            term *= z * z / f64::from(2 * step + 1);
            sum += term;
        }
        return 0.5 - density * sum;
    }
    let fraction = (1..60).rev().fold(z, |below, step| z + f64::from(step) / below);
    density / fraction
}

/// What Holm makes of several p: each as it counts beside the others.
pub fn holm(ps: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..ps.len()).collect();
    order.sort_by(|a, b| ps[*a].total_cmp(&ps[*b]));
    let (mut held, mut largest) = (vec![0.0; ps.len()], 0.0f64);
    for (rank, at) in order.into_iter().enumerate() {
        largest = largest.max((ps[at] * (ps.len() - rank) as f64).min(1.0));
        held[at] = largest;
    }
    held
}

/// The D of Kolmogorov and Smirnov: how far the two distributions are apart where they are most.
pub fn kolmogorov_smirnov(one: &[f64], other: &[f64]) -> f64 {
    let (one, other) = (sorted(one), sorted(other));
    let (mut i, mut j, mut furthest) = (0, 0, 0.0f64);
    while i < one.len() && j < other.len() {
        let time = one[i].min(other[j]);
        i += one[i..].iter().take_while(|known| **known <= time).count();
        j += other[j..].iter().take_while(|known| **known <= time).count();
        furthest = furthest.max((i as f64 / one.len() as f64 - j as f64 / other.len() as f64).abs());
    }
    furthest
}

/// The time that `share` of all take at most.
pub fn quantile(times: &[f64], share: f64) -> f64 {
    let times = sorted(times);
    let at = (times.len() as f64 * share) as usize;
    times
        .get(at.min(times.len().saturating_sub(1)))
        .copied()
        .unwrap_or(0.0)
}

pub fn sorted(times: &[f64]) -> Vec<f64> {
    let mut times = times.to_vec();
    times.sort_by(f64::total_cmp);
    times
}

/// Known values, before anything is measured: a bench has no tests of its own.
pub fn check() {
    let near = |value: f64, right: f64| assert!((value / right - 1.0).abs() < 1e-3, "{value}, not {right}");
    near(upper_tail(1.959_964), 0.025);
    near(upper_tail(4.0), 3.167_1e-5);
    let one = [1.1, 2.2, 3.3, 4.4, 5.5, 6.6];
    let other = [4.0, 5.0, 6.0, 7.0, 8.0, 9.0];
    near(mann_whitney(&one, &other), 0.065_552);
    near(kolmogorov_smirnov(&one, &other), 0.5);
    near(welch(&one, &other), -2.333_95);
    assert_eq!(holm(&[0.01, 0.04, 0.03]), [0.03, 0.06, 0.06]);
}
