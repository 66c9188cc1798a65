//! The shapes of the picture's symbols, as the crate captcha draws them: clean and upright. What makes
//! them hard for machines is done in `picture`.

use std::sync::OnceLock;

use captcha_font::{Captcha, Geometry};

use super::answer::SYMBOLS;

/// One symbol: how much ink is where, 0 to 1, row by row.
pub struct Glyph {
    pub symbol: u8,
    pub width: usize,
    pub height: usize,
    ink: Vec<f32>,
}

/// The shape of a symbol; drawn once and kept.
pub fn glyph(symbol: u8) -> Option<&'static Glyph> {
    static ALL: OnceLock<Vec<Glyph>> = OnceLock::new();
    let all = ALL.get_or_init(|| SYMBOLS.iter().filter_map(|symbol| drawn(*symbol)).collect());
    all.iter().find(|glyph| glyph.symbol == symbol)
}

fn drawn(symbol: u8) -> Option<Glyph> {
    let mut canvas = Captcha::new();
    canvas.set_chars(&[char::from(symbol)]).add_char();
    let area = canvas.text_area();
    // Its right and bottom are the last pixels, `extract` wants what lies behind them.
    canvas.extract(Geometry::new(
        area.left,
        area.right + 1,
        area.top,
        area.bottom + 1,
    ));
    let picture = image::load_from_memory(&canvas.as_png()?).ok()?.to_luma8();
    let thin = Glyph {
        symbol,
        width: usize::try_from(picture.width()).ok()?,
        height: usize::try_from(picture.height()).ok()?,
        ink: picture
            .into_raw()
            .iter()
            .map(|level| 1.0 - f32::from(*level) / 255.0)
            .collect(),
    };
    Some(thin.thickened())
}

impl Glyph {
    /// The same with hairlines as thick as a stroke across the picture, and a margin for it.
    fn thickened(&self) -> Glyph {
        let (width, height) = (self.width + 2, self.height + 2);
        let mut ink = Vec::with_capacity(width * height);
        for y in 0..height {
            for x in 0..width {
                let (x, y) = (x as f32 - 1.0, y as f32 - 1.0);
                let around = [(0.0, 0.0), (-0.8, 0.0), (0.8, 0.0), (0.0, -0.8), (0.0, 0.8)];
                let most = around.iter().map(|(right, down)| self.ink(x + right, y + down));
                ink.push(most.fold(0.0, f32::max));
            }
        }
        Glyph {
            symbol: self.symbol,
            width,
            height,
            ink,
        }
    }

    /// The ink at a point between pixels; none outside.
    pub fn ink(&self, x: f32, y: f32) -> f32 {
        let (left, top) = (x.floor(), y.floor());
        let (right, below) = (x - left, y - top);
        let at = |x: f32, y: f32| self.pixel(x, y);
        let upper = at(left, top) * (1.0 - right) + at(left + 1.0, top) * right;
        let lower = at(left, top + 1.0) * (1.0 - right) + at(left + 1.0, top + 1.0) * right;
        upper * (1.0 - below) + lower * below
    }

    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // within the glyph by the check before
    fn pixel(&self, x: f32, y: f32) -> f32 {
        if x < 0.0 || y < 0.0 || x >= self.width as f32 || y >= self.height as f32 {
            return 0.0;
        }
        let place = y as usize * self.width + x as usize;
        self.ink.get(place).copied().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_symbol_has_a_shape_of_its_own() {
        let shapes: Vec<&Glyph> = SYMBOLS.iter().map(|symbol| glyph(*symbol).unwrap()).collect();
        for (at, shape) in shapes.iter().enumerate() {
            assert!(shape.width > 15 && shape.height > 30);
            let others = shapes.iter().skip(at + 1);
            assert!(others.into_iter().all(|other| other.ink != shape.ink));
        }
    }
}
