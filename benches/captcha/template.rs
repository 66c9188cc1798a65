//! The template matcher: it has the very shapes the pictures are made of, turned and stretched like
//! them, lays each at every place and looks for the six, from left to right, that fit best together.

use mereau::guard::captcha::{Glyph, SYMBOLS, SYMBOLS_SHOWN, glyph};

use crate::ink::Grey;

struct Template {
    symbol: u8,
    width: usize,
    height: usize,
    /// Mean 0, length 1.
    values: Vec<f32>,
}

pub struct Matcher {
    templates: Vec<Template>,
}

/// The best fit of each symbol with its middle at each column.
type Fits = Vec<Vec<f32>>;

impl Matcher {
    pub fn new() -> Matcher {
        let mut templates = Vec::new();
        for symbol in SYMBOLS {
            let shape = glyph(*symbol).expect("a shape");
            for turn in [-0.25, -0.125, 0.0, 0.125, 0.25_f32] {
                for (wide, high) in [(1.15, 1.4), (1.35, 1.4), (1.15, 1.6), (1.35, 1.6)] {
                    templates.push(template(shape, turn, wide / 2.0, high / 2.0));
                }
            }
        }
        Matcher { templates }
    }

    /// What the picture says, by this matcher.
    pub fn read(&self, ink: &Grey) -> Vec<u8> {
        best_path(&self.fits(&ink.halved()))
    }

    fn fits(&self, picture: &Grey) -> Fits {
        let mut fits = vec![vec![0.0f32; picture.width]; SYMBOLS.len()];
        for template in &self.templates {
            let row = SYMBOLS
                .iter()
                .position(|symbol| *symbol == template.symbol)
                .expect("one of them");
            for y in (0..picture.height.saturating_sub(template.height)).step_by(3) {
                for x in 0..picture.width.saturating_sub(template.width) {
                    let fit = template.fit(picture, x, y);
                    let middle = &mut fits[row][x + template.width / 2];
                    *middle = middle.max(fit);
                }
            }
        }
        fits
    }
}

impl Template {
    /// The correlation with the picture's piece at this place.
    fn fit(&self, picture: &Grey, x: usize, y: usize) -> f32 {
        let (mut product, mut sum, mut squares) = (0.0, 0.0, 0.0);
        for row in 0..self.height {
            let from = (y + row) * picture.width + x;
            let piece = &picture.levels[from..from + self.width];
            let values = &self.values[row * self.width..(row + 1) * self.width];
            for (level, value) in piece.iter().zip(values) {
                product += level * value;
                sum += level;
                squares += level * level;
            }
        }
        let count = (self.width * self.height) as f32;
        let spread = (squares - sum * sum / count).max(1.0).sqrt();
        product / spread
    }
}

fn template(shape: &Glyph, turn: f32, wide: f32, high: f32) -> Template {
    let (sin, cos) = turn.sin_cos();
    let (w, h) = (shape.width as f32 * wide, shape.height as f32 * high);
    let width = (w * cos + h * sin.abs()).ceil() as usize;
    let height = (h * cos + w * sin.abs()).ceil() as usize;
    let mut values = Vec::with_capacity(width * height);
    for y in 0..height {
        for x in 0..width {
            let (x, y) = (x as f32 - width as f32 / 2.0, y as f32 - height as f32 / 2.0);
            let across = (cos * x + sin * y) / wide + shape.width as f32 / 2.0;
            let down = (cos * y - sin * x) / high + shape.height as f32 / 2.0;
            values.push(shape.ink(across, down));
        }
    }
    let mean = values.iter().sum::<f32>() / values.len() as f32;
    values.iter_mut().for_each(|value| *value -= mean);
    let length = values.iter().map(|value| value * value).sum::<f32>().sqrt();
    values.iter_mut().for_each(|value| *value /= length);
    Template {
        symbol: shape.symbol,
        width,
        height,
        values,
    }
}

/// The symbols whose fits sum up highest, their middles 13 to 32 columns of the halved picture apart.
fn best_path(fits: &Fits) -> Vec<u8> {
    let width = fits[0].len();
    let best_at = |x: usize| {
        let at = |row: &usize| fits[*row][x];
        let row = (0..fits.len())
            .max_by(|a, b| at(a).total_cmp(&at(b)))
            .expect("symbols");
        (row, at(&row))
    };
    let columns: Vec<(usize, f32)> = (0..width).map(best_at).collect();
    let mut sums: Vec<Vec<(f32, usize)>> = vec![columns.iter().map(|(_, fit)| (*fit, 0)).collect()];
    for place in 1..SYMBOLS_SHOWN {
        let before = &sums[place - 1];
        let step = |x: usize| {
            let from = x.saturating_sub(32)..x.saturating_sub(13).max(1).min(width);
            let best = from.max_by(|a, b| before[*a].0.total_cmp(&before[*b].0));
            best.map_or((f32::MIN, 0), |from| (before[from].0 + columns[x].1, from))
        };
        let next = (0..width).map(step).collect();
        sums.push(next);
    }
    let last = sums.last().expect("places");
    let mut x = (0..width)
        .max_by(|a, b| last[*a].0.total_cmp(&last[*b].0))
        .expect("columns");
    let mut read = Vec::new();
    for place in (0..SYMBOLS_SHOWN).rev() {
        read.push(SYMBOLS[columns[x].0]);
        x = sums[place][x].1;
    }
    read.reverse();
    read
}
