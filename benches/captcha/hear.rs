//! Two listeners: one that goes by how long each word is, one that has all recordings and lays them, at
//! several speeds, over the sound's spectrum to find the six that fit best, one after another.

use mereau::guard::captcha::{DIGITS_SPOKEN, RATE, Spoken, recordings};

/// Samples from one frame to the next.
const HOP: usize = 128;
/// Samples of a frame.
const FRAME: usize = 256;
const BANDS: usize = 14;

type Spectrum = Vec<[f32; BANDS]>;

struct Template {
    digit: u8,
    frames: Spectrum,
}

pub struct Listener {
    templates: Vec<Template>,
    /// Length of each digit's recordings on average, in frames.
    lengths: Vec<(u8, f32)>,
    filters: Vec<Vec<(f32, f32)>>,
}

impl Listener {
    pub fn new(language: Spoken) -> Listener {
        let filters = filters();
        let mut templates = Vec::new();
        let mut lengths = Vec::new();
        for one in recordings(language) {
            for tempo in [0.88, 0.92, 0.96, 1.0, 1.04, 1.08, 1.12f32] {
                let samples = resampled(&one.samples, tempo);
                let frames = centred(&spectrum(&samples, &filters));
                templates.push(Template {
                    digit: one.digit,
                    frames,
                });
            }
        }
        for digit in b'0'..=b'9' {
            let of_digit: Vec<f32> = recordings(language)
                .iter()
                .filter(|one| one.digit == digit)
                .map(|one| one.samples.len() as f32 / HOP as f32)
                .collect();
            lengths.push((digit, of_digit.iter().sum::<f32>() / of_digit.len() as f32));
        }
        Listener {
            templates,
            lengths,
            filters,
        }
    }

    /// By the lengths of the six loudest stretches.
    pub fn by_length(&self, wav: &[u8]) -> Vec<u8> {
        let loudness: Vec<f32> = samples_of(wav)
            .chunks(HOP)
            .map(|chunk| chunk.iter().map(|level| level * level).sum::<f32>())
            .collect();
        let smooth: Vec<f32> = (0..loudness.len())
            .map(|at| {
                let around = &loudness[at.saturating_sub(2)..(at + 3).min(loudness.len())];
                around.iter().sum::<f32>() / around.len() as f32
            })
            .collect();
        let most = smooth.iter().copied().fold(0.0, f32::max);
        // The threshold that leaves six stretches, if one does.
        let by_six = (1..60).map(|step| stretches(&smooth, most * step as f32 / 60.0));
        let found = by_six
            .min_by_key(|found| found.len().abs_diff(DIGITS_SPOKEN))
            .expect("thresholds");
        let nearest = |length: &usize| {
            let off = |known: f32| (known - *length as f32).abs();
            let by = |a: &&(u8, f32), b: &&(u8, f32)| off(a.1).total_cmp(&off(b.1));
            self.lengths.iter().min_by(by).expect("digits").0
        };
        found.iter().map(nearest).take(DIGITS_SPOKEN).collect()
    }

    /// By the best correlations with the recordings.
    pub fn by_correlation(&self, wav: &[u8]) -> Vec<u8> {
        let heard = spectrum(&samples_of(wav), &self.filters);
        // At each frame the best word that begins there: how well, which, how long.
        let mut best = vec![(0.0f32, b'?', 1usize); heard.len()];
        for template in &self.templates {
            let length = template.frames.len();
            let places = 0..heard.len().saturating_sub(length);
            let fits: Vec<f32> = places
                .map(|at| correlation(&heard[at..at + length], &template.frames))
                .collect();
            // How far above what this template finds anywhere: some fit everything a little.
            let count = fits.len().max(1) as f32;
            let mean = fits.iter().sum::<f32>() / count;
            let spread = (fits.iter().map(|fit| (fit - mean).powi(2)).sum::<f32>() / count).sqrt();
            for (at, fit) in fits.into_iter().enumerate() {
                let weight = (fit - mean) / spread.max(0.001);
                if weight > best[at].0 {
                    best[at] = (weight, template.digit, length);
                }
            }
        }
        best_six(&best)
    }
}

/// Runs above the threshold, at least six frames long.
fn stretches(loudness: &[f32], threshold: f32) -> Vec<usize> {
    let mut found = Vec::new();
    let mut run = 0;
    for level in loudness.iter().chain([&0.0]) {
        if *level > threshold {
            run += 1;
        } else {
            if run >= 6 {
                found.push(run);
            }
            run = 0;
        }
    }
    found
}

/// The six words, none over another, whose fits sum up highest.
fn best_six(best: &[(f32, u8, usize)]) -> Vec<u8> {
    let end = best.len();
    // Sum and choice for so many words among the frames from here on.
    let mut sums = vec![vec![(0.0f32, false); end + 1]; DIGITS_SPOKEN + 1];
    for words in 1..=DIGITS_SPOKEN {
        sums[words][end].0 = f32::MIN / 2.0;
        for at in (0..end).rev() {
            let (fit, _, length) = best[at];
            // Words may run into each other by a fifth.
            let after = (at + length * 4 / 5).min(end);
            let taken = fit + sums[words - 1][after].0;
            let passed = sums[words][at + 1].0;
            sums[words][at] = if taken > passed {
                (taken, true)
            } else {
                (passed, false)
            };
        }
    }
    let (mut at, mut words, mut heard) = (0, DIGITS_SPOKEN, Vec::new());
    while words > 0 && at < end {
        if sums[words][at].1 {
            heard.push(best[at].1);
            at = (at + best[at].2 * 4 / 5).min(end);
            words -= 1;
        } else {
            at += 1;
        }
    }
    heard
}

fn samples_of(wav: &[u8]) -> Vec<f32> {
    wav[44..]
        .iter()
        .map(|byte| (f32::from(*byte) - 128.0) / 128.0)
        .collect()
}

fn resampled(samples: &[f32], tempo: f32) -> Vec<f32> {
    let length = (samples.len() as f32 / tempo) as usize;
    (0..length)
        .map(|at| samples[((at as f32 * tempo) as usize).min(samples.len() - 1)])
        .collect()
}

/// Window and frequencies of the bands: from 150 to 3,800 Hz, wider as they go up.
fn filters() -> Vec<Vec<(f32, f32)>> {
    let mel = |hertz: f32| 1127.0 * (1.0 + hertz / 700.0).ln();
    let hertz = |mel: f32| 700.0 * ((mel / 1127.0).exp() - 1.0);
    let (low, high) = (mel(150.0), mel(3800.0));
    // Two tones per band, by the sums of Goertzel: sine and cosine tables.
    (0..2 * BANDS)
        .map(|tone| {
            let frequency = hertz(low + (high - low) * (tone as f32 + 0.5) / (2 * BANDS) as f32);
            (0..FRAME)
                .map(|at| {
                    let window = 0.5 - 0.5 * (std::f32::consts::TAU * at as f32 / FRAME as f32).cos();
                    let phase = std::f32::consts::TAU * frequency * at as f32 / RATE as f32;
                    (window * phase.cos(), window * phase.sin())
                })
                .collect()
        })
        .collect()
}

/// Logarithms of the bands' energies.
fn spectrum(samples: &[f32], filters: &[Vec<(f32, f32)>]) -> Spectrum {
    let energy = |frame: &[f32], table: &Vec<(f32, f32)>| {
        let sums = frame
            .iter()
            .zip(table)
            .fold((0.0, 0.0), |(c, s), (level, (cos, sin))| {
                (c + level * cos, s + level * sin)
            });
        sums.0 * sums.0 + sums.1 * sums.1
    };
    samples
        .windows(FRAME)
        .step_by(HOP)
        .map(|frame| {
            std::array::from_fn(|band| {
                let both = energy(frame, &filters[2 * band]) + energy(frame, &filters[2 * band + 1]);
                (both + 1.0).ln()
            })
        })
        .collect()
}

/// Mean 0, length 1.
fn centred(frames: &[[f32; BANDS]]) -> Spectrum {
    let count = (frames.len() * BANDS) as f32;
    let mean = frames.iter().flatten().sum::<f32>() / count;
    let squares: f32 = frames.iter().flatten().map(|level| (level - mean).powi(2)).sum();
    let length = squares.sqrt().max(0.001);
    let one = |frame: &[f32; BANDS]| frame.map(|level| (level - mean) / length);
    frames.iter().map(one).collect()
}

fn correlation(heard: &[[f32; BANDS]], template: &Spectrum) -> f32 {
    let (mut product, mut sum, mut squares) = (0.0, 0.0, 0.0);
    for (frame, known) in heard.iter().zip(template) {
        for band in 0..BANDS {
            product += frame[band] * known[band];
            sum += frame[band];
            squares += frame[band] * frame[band];
        }
    }
    let count = (heard.len() * BANDS) as f32;
    product / (squares - sum * sum / count).max(0.001).sqrt()
}
