//! A picture of six symbols that people read and simple programs do not: turned, stretched, run into
//! each other, bent as a whole, crossed by strokes as thick as their own, light and dark changing
//! places across them. A program trained on many of them will read them: the budgets hold against that.

use std::f32::consts::TAU;

use image::ImageEncoder;
use image::codecs::png::PngEncoder;

use super::answer::SYMBOLS_SHOWN;
use super::dice::{Dice, Seed};
use super::glyphs::{Glyph, glyph};

pub const WIDTH: u32 = 360;
pub const HEIGHT: u32 = 110;

/// Levels of grey: few, so that the file stays small.
const LEVELS: f32 = 24.0;

/// The picture of `symbols` as a PNG. The same seed gives the same picture, so asking again teaches
/// nothing. Takes some milliseconds: not for the async threads.
pub fn draw(symbols: &[u8; SYMBOLS_SHOWN], seed: &Seed) -> Option<Vec<u8>> {
    let mut dice = Dice::new(b"picture", seed);
    let scene = Scene::of(symbols, &mut dice)?;
    let mut levels = Vec::with_capacity((WIDTH * HEIGHT) as usize);
    for y in 0..HEIGHT {
        levels.extend((0..WIDTH).map(|x| scene.level(x as f32, y as f32)));
    }
    let mut png = Vec::new();
    PngEncoder::new(&mut png)
        .write_image(&levels, WIDTH, HEIGHT, image::ColorType::L8)
        .ok()?;
    Some(png)
}

struct Scene {
    letters: Vec<Letter>,
    strokes: Vec<Stroke>,
    bend: [Wave; 3],
    /// Where dark and light change places.
    turned: [Wave; 2],
    shade: Wave,
    ink: f32,
    paper: f32,
}

/// A symbol in its place: from a point of the scene to a point of its shape.
struct Letter {
    shape: &'static Glyph,
    centre: (f32, f32),
    /// Rows of the matrix that undoes turning and stretching.
    undo: [(f32, f32); 2],
}

/// A line across the picture.
struct Stroke {
    height: f32,
    slope: f32,
    wave: Wave,
    half: f32,
}

/// Swings along a direction.
struct Wave {
    along: (f32, f32),
    phase: f32,
    reach: f32,
}

impl Wave {
    fn drawn(dice: &mut Dice, length: (f32, f32), reach: (f32, f32), direction: f32) -> Wave {
        let length = dice.between(length.0, length.1);
        Wave {
            along: (TAU * direction.cos() / length, TAU * direction.sin() / length),
            phase: dice.between(0.0, TAU),
            reach: dice.between(reach.0, reach.1),
        }
    }

    fn at(&self, x: f32, y: f32) -> f32 {
        self.reach * (x * self.along.0 + y * self.along.1 + self.phase).sin()
    }
}

impl Scene {
    fn of(symbols: &[u8; SYMBOLS_SHOWN], dice: &mut Dice) -> Option<Scene> {
        Some(Scene {
            letters: letters(symbols, dice)?,
            strokes: (0..2).map(|at| Stroke::drawn(dice, at)).collect(),
            bend: [
                Wave::drawn(dice, (80.0, 140.0), (2.0, 4.0), 1.4),
                Wave::drawn(dice, (110.0, 200.0), (3.0, 6.0), 0.1),
                Wave::drawn(dice, (28.0, 42.0), (0.7, 1.2), 0.6),
            ],
            turned: [
                Wave::drawn(dice, (170.0, 260.0), (1.0, 1.0), 0.4),
                Wave::drawn(dice, (110.0, 170.0), (0.4, 0.8), 2.2),
            ],
            shade: Wave::drawn(dice, (150.0, 300.0), (8.0, 22.0), 0.8),
            ink: dice.between(25.0, 60.0),
            paper: dice.between(200.0, 225.0),
        })
    }

    /// The grey of a pixel.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // kept between 0 and 255
    fn level(&self, x: f32, y: f32) -> u8 {
        let [aside, down, fine] = &self.bend;
        let (at_x, at_y) = (
            x + aside.at(x, y) + fine.at(y, x),
            y + down.at(x, y) + fine.at(x, y),
        );
        let letters = self.letters.iter().map(|letter| letter.ink(at_x, at_y));
        let strokes = self.strokes.iter().map(|stroke| stroke.ink(at_x, at_y));
        let ink = letters.chain(strokes).fold(0.0, f32::max);
        let turned = self.turned.iter().map(|wave| wave.at(x, y)).sum::<f32>() * 12.0;
        let turned = (turned + 0.5).clamp(0.0, 1.0);
        let dark = ink * (1.0 - turned) + (1.0 - ink) * turned;
        let level = self.paper + (self.ink - self.paper) * dark + self.shade.at(x, y);
        ((level / 255.0 * LEVELS).round() / LEVELS * 255.0).clamp(0.0, 255.0) as u8
    }
}

/// The symbols one after another, close enough to touch.
fn letters(symbols: &[u8; SYMBOLS_SHOWN], dice: &mut Dice) -> Option<Vec<Letter>> {
    let mut letters = Vec::with_capacity(SYMBOLS_SHOWN);
    let mut edge = 0.0;
    for symbol in symbols {
        let shape = glyph(*symbol)?;
        let (wide, high) = (dice.between(1.1, 1.4), dice.between(1.3, 1.7));
        let width = shape.width as f32 * wide;
        let letter = Letter::placed(shape, edge + width / 2.0, (wide, high), dice);
        edge += width + dice.between(-4.0, 3.0);
        letters.push(letter);
    }
    let shift = (WIDTH as f32 - edge) / 2.0 + dice.between(-8.0, 8.0);
    letters.iter_mut().for_each(|letter| letter.centre.0 += shift);
    Some(letters)
}

impl Letter {
    fn placed(shape: &'static Glyph, middle: f32, (wide, high): (f32, f32), dice: &mut Dice) -> Letter {
        let (turn, lean) = (dice.between(-0.32, 0.32), dice.between(-0.28, 0.28));
        let (sin, cos) = turn.sin_cos();
        Letter {
            shape,
            centre: (middle, HEIGHT as f32 / 2.0 + dice.between(-9.0, 9.0)),
            undo: [
                ((cos - lean * sin) / wide, (sin + lean * cos) / wide),
                (-sin / high, cos / high),
            ],
        }
    }

    fn ink(&self, x: f32, y: f32) -> f32 {
        let (x, y) = (x - self.centre.0, y - self.centre.1);
        if x.abs() > 55.0 {
            return 0.0;
        }
        let [across, down] = &self.undo;
        let shape = self.shape;
        shape.ink(
            across.0 * x + across.1 * y + shape.width as f32 / 2.0,
            down.0 * x + down.1 * y + shape.height as f32 / 2.0,
        )
    }
}

impl Stroke {
    fn drawn(dice: &mut Dice, at: u8) -> Stroke {
        Stroke {
            height: 36.0 + 28.0 * f32::from(at) + dice.between(-8.0, 8.0),
            slope: dice.between(-0.18, 0.18),
            wave: Wave::drawn(dice, (90.0, 180.0), (6.0, 14.0), 0.0),
            half: dice.between(1.2, 1.9),
        }
    }

    fn ink(&self, x: f32, y: f32) -> f32 {
        let line = self.height + self.slope * (x - WIDTH as f32 / 2.0) + self.wave.at(x, 0.0);
        (self.half + 0.5 - (y - line).abs()).clamp(0.0, 1.0)
    }
}
