//! Six digits as a WAV: spoken by changing voices at changing speeds with changing gaps, over other
//! voices and noise. Every sound has the same length to the byte, whatever it says, so its length tells
//! nothing. A program trained on many of them will hear them: the budgets hold against that.

use std::f32::consts::TAU;

use super::answer::DIGITS_SPOKEN;
use super::dice::{Dice, Seed};
use super::recordings::{RATE, Recording, Spoken, recordings};

/// Samples of every sound: nine seconds.
const SAMPLES: usize = 9 * RATE;

/// Bytes of the WAV before its samples.
const HEADER: usize = 44;

/// Bytes of every sound.
pub const LENGTH: usize = HEADER + SAMPLES;

/// How much of a word's loudness the voices behind it have, and the noise.
const VOICES_BEHIND: f32 = 0.38;
const NOISE: f32 = 0.09;

/// The digits as `audio/wav`: mono, 8 kHz, 8 bits. The same seed gives the same sound, so that asking
/// again teaches nothing. Takes some milliseconds: not for the async threads.
pub fn speak(digits: &[u8; DIGITS_SPOKEN], language: Spoken, seed: &Seed) -> Vec<u8> {
    let mut dice = Dice::new(b"sound", seed);
    let words: Vec<Vec<f32>> = digits
        .iter()
        .filter_map(|digit| word(*digit, language, &mut dice))
        .collect();
    let mut sound = vec![0.0; SAMPLES];
    lay(&mut sound, &words, &mut dice);
    for _ in 0..3 {
        add_voice_behind(&mut sound, &mut dice);
    }
    add_noise(&mut sound, &mut dice);
    add_echo(&mut sound, &mut dice);
    wav(&sound)
}

/// A digit by one of the voices, as fast as chance has it.
fn word(digit: u8, language: Spoken, dice: &mut Dice) -> Option<Vec<f32>> {
    let all = recordings(language).iter().filter(|one| one.digit == digit);
    let all: Vec<&Recording> = all.collect();
    let chosen = all.get(dice.place(all.len()))?;
    let tempo = dice.between(0.88, 1.12);
    let samples = paced(&chosen.samples, tempo, dice.between(0.04, 0.08), dice);
    Some(coloured(
        &samples,
        dice.between(-0.4, 0.5),
        dice.between(0.8, 1.0),
    ))
}

/// Read faster or slower, and not evenly: `uneven` of the tempo comes and goes twice within it.
fn paced(samples: &[f32], tempo: f32, uneven: f32, dice: &mut Dice) -> Vec<f32> {
    let (phase, turns) = (dice.between(0.0, TAU), dice.between(1.0, 2.5));
    let length = samples.len().max(1) as f32;
    let mut paced = Vec::with_capacity(samples.len() * 8 / 7);
    let mut at = 0.0f32;
    while let Some(level) = between(samples, at) {
        paced.push(level);
        at += tempo * (1.0 + uneven * (TAU * turns * at / length + phase).sin());
    }
    paced
}

/// The level at a point between samples.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // it is never negative
fn between(samples: &[f32], at: f32) -> Option<f32> {
    let place = at as usize;
    let (one, next) = (samples.get(place)?, samples.get(place + 1)?);
    Some(one + (next - one) * (at - place as f32))
}

/// Duller or brighter, and as loud as asked.
fn coloured(samples: &[f32], tilt: f32, loudness: f32) -> Vec<f32> {
    let mut before = 0.0;
    let tilted: Vec<f32> = samples
        .iter()
        .map(|sample| {
            let tilted = sample + tilt * (sample - before) + (-tilt).max(0.0) * 0.5 * before;
            before = *sample;
            tilted
        })
        .collect();
    let scale = 0.2 * loudness / root_mean_square(&tilted).max(0.001);
    tilted
        .iter()
        .map(|sample| (sample * scale).clamp(-1.0, 1.0))
        .collect()
}

fn root_mean_square(samples: &[f32]) -> f32 {
    let squares: f32 = samples.iter().map(|sample| sample * sample).sum();
    (squares / samples.len().max(1) as f32).sqrt()
}

/// The words one after another, what is left of the time shared out between them as chance has it.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // shares of what is left
fn lay(sound: &mut [f32], words: &[Vec<f32>], dice: &mut Dice) {
    let spoken: usize = words.iter().map(Vec::len).sum();
    let left = sound.len().saturating_sub(spoken) as f32;
    let shares: Vec<f32> = (0..=words.len()).map(|_| dice.between(0.6, 1.6)).collect();
    let whole: f32 = shares.iter().sum();
    let mut at = 0;
    for (word, share) in words.iter().zip(shares) {
        at += (left * share / whole) as usize;
        let place = sound.iter_mut().skip(at);
        place.zip(word).for_each(|(to, level)| *to += level);
        at += word.len();
    }
}

/// Somebody else speaking all the while: digits of either language, backwards, so that nobody takes
/// them for an answer.
fn add_voice_behind(sound: &mut [f32], dice: &mut Dice) {
    let mut at = dice.place(RATE / 2);
    let start = at;
    while at < sound.len() {
        let language = if dice.sign() < 0.0 {
            Spoken::French
        } else {
            Spoken::English
        };
        let all = recordings(language);
        let Some(chosen) = all.get(dice.place(all.len())) else {
            return;
        };
        let backwards: Vec<f32> = chosen.samples.iter().rev().copied().collect();
        let paced = paced(&backwards, dice.between(0.8, 1.2), 0.04, dice);
        let voice = coloured(
            &paced,
            dice.between(-0.3, 0.3),
            VOICES_BEHIND * dice.between(0.7, 1.3),
        );
        let place = sound.iter_mut().skip(at);
        place.zip(&voice).for_each(|(to, level)| *to += level);
        at += voice.len() + dice.place(RATE / 20);
    }
    // What the beginning has missed.
    let end: Vec<f32> = sound.iter().rev().take(start).map(|level| level * 0.3).collect();
    sound.iter_mut().zip(end).for_each(|(to, level)| *to += level);
}

/// Noise of a colour of its own that swells and fades.
fn add_noise(sound: &mut [f32], dice: &mut Dice) {
    let dull = dice.between(0.3, 0.85);
    let (phase, length) = (dice.between(0.0, TAU), RATE as f32 * dice.between(0.7, 1.6));
    let mut level = 0.0;
    for (at, to) in sound.iter_mut().enumerate() {
        level = dull * level + (1.0 - dull) * dice.between(-1.0, 1.0);
        let swell = 1.0 + 0.5 * (TAU * at as f32 / length + phase).sin();
        *to += NOISE * swell * level * (1.0 + 2.0 * dull);
    }
}

/// The room it is spoken in.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // some hundred samples
fn add_echo(sound: &mut [f32], dice: &mut Dice) {
    let delay = (RATE as f32 * dice.between(0.012, 0.04)) as usize;
    let part = dice.between(0.15, 0.35);
    let first = sound.to_vec();
    let later = sound.iter_mut().skip(delay);
    later.zip(first).for_each(|(to, level)| *to += part * level);
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // kept within a byte
fn wav(sound: &[f32]) -> Vec<u8> {
    let (rate, samples) = (RATE as u32, sound.len() as u32);
    let mut file = Vec::with_capacity(HEADER + sound.len());
    file.extend(b"RIFF");
    file.extend((samples + 36).to_le_bytes());
    // Format of 16 bytes: PCM, one channel, bytes per second, per frame, bits per sample.
    file.extend(b"WAVEfmt \x10\0\0\0\x01\0\x01\0");
    file.extend(rate.to_le_bytes());
    file.extend(rate.to_le_bytes());
    file.extend(b"\x01\0\x08\0data");
    file.extend(samples.to_le_bytes());
    let loudest = sound.iter().fold(0.1f32, |most, level| most.max(level.abs()));
    let bytes = sound
        .iter()
        .map(|level| (level / loudest * 126.0 + 128.0).round() as u8);
    file.extend(bytes);
    file
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_sound_has_one_length_and_its_holder_gets_the_same_again() {
        // SEC-68
        let mut lengths = std::collections::BTreeSet::new();
        for seed in 0..10u8 {
            let language = if seed % 2 == 0 {
                Spoken::French
            } else {
                Spoken::English
            };
            let digits = if seed < 5 { b"111111" } else { b"979797" };
            let sound = speak(digits, language, &[seed; 16]);
            assert_eq!(sound, speak(digits, language, &[seed; 16]));
            assert_ne!(sound, speak(digits, language, &[seed + 100; 16]));
            lengths.insert(sound.len());
        }
        assert_eq!(Vec::from_iter(lengths), [LENGTH]);
    }

    #[test]
    fn a_sound_is_a_wav_that_players_know() {
        // SEC-68
        let sound = speak(b"012345", Spoken::French, &[1; 16]);
        assert_eq!(sound[..4], *b"RIFF");
        assert_eq!(
            u32::from_le_bytes(sound[4..8].try_into().unwrap()) as usize,
            LENGTH - 8
        );
        assert_eq!(
            sound[8..36],
            *b"WAVEfmt \x10\0\0\0\x01\0\x01\0\x40\x1f\0\0\x40\x1f\0\0\x01\0\x08\0"
        );
        assert_eq!(sound[36..40], *b"data");
        assert_eq!(
            u32::from_le_bytes(sound[40..44].try_into().unwrap()) as usize,
            SAMPLES
        );
    }

    #[test]
    fn the_longest_words_leave_room_for_gaps() {
        // SEC-67
        for language in [Spoken::French, Spoken::English] {
            let longest = recordings(language)
                .iter()
                .map(|one| one.samples.len())
                .max()
                .unwrap();
            let spoken = longest as f32 / 0.82 * DIGITS_SPOKEN as f32;
            assert!(spoken + 0.2 * 7.0 * RATE as f32 <= SAMPLES as f32, "{spoken}");
        }
    }
}
