//! What an attacker does first with a picture: throw light and dark of the ground away and keep what
//! is thin, whichever of the two it is.

/// A picture as levels from 0 to 1, row by row.
#[derive(Clone)]
pub struct Grey {
    pub width: usize,
    pub height: usize,
    pub levels: Vec<f32>,
}

impl Grey {
    pub fn read(png: &[u8]) -> Grey {
        let picture = image::load_from_memory(png).expect("a PNG").to_luma8();
        Grey {
            width: picture.width() as usize,
            height: picture.height() as usize,
            levels: picture.iter().map(|level| f32::from(*level) / 255.0).collect(),
        }
    }

    pub fn at(&self, x: usize, y: usize) -> f32 {
        self.levels[y * self.width + x]
    }

    /// Half the size.
    pub fn halved(&self) -> Grey {
        let (width, height) = (self.width / 2, self.height / 2);
        let pixel = |x: usize, y: usize| {
            let sum = self.at(2 * x, 2 * y)
                + self.at(2 * x + 1, 2 * y)
                + self.at(2 * x, 2 * y + 1)
                + self.at(2 * x + 1, 2 * y + 1);
            sum / 4.0
        };
        let levels = (0..height).flat_map(|y| (0..width).map(move |x| pixel(x, y)));
        Grey {
            width,
            height,
            levels: levels.collect(),
        }
    }

    /// Dark on light, for a reader of letters, three times the size.
    pub fn printed(&self) -> Vec<u8> {
        let (width, height) = (self.width as u32, self.height as u32);
        let levels = self
            .levels
            .iter()
            .map(|ink| ((1.0 - ink.clamp(0.0, 1.0)) * 255.0) as u8);
        let picture = image::GrayImage::from_raw(width, height, levels.collect()).expect("its size");
        let large = image::imageops::resize(&picture, width * 3, height * 3, image::imageops::Triangle);
        let mut png = std::io::Cursor::new(Vec::new());
        large
            .write_to(&mut png, image::ImageOutputFormat::Png)
            .expect("memory");
        png.into_inner()
    }
}

/// The larger of both top-hats, and light of it made whole: strokes and symbols as ink on nothing.
pub fn ink(picture: &Grey) -> Grey {
    // Of 3 to 6 the one that serves the template matcher best.
    let reach = 5;
    let opened = spread(&spread(picture, reach, f32::min), reach, f32::max);
    let closed = spread(&spread(picture, reach, f32::max), reach, f32::min);
    let thin = picture
        .levels
        .iter()
        .zip(opened.levels.iter().zip(&closed.levels));
    let levels: Vec<f32> = thin
        .map(|(level, (open, close))| (level - open).max(close - level))
        .collect();
    let most = levels.iter().copied().fold(0.01, f32::max);
    Grey {
        levels: levels.iter().map(|level| (level / most * 1.4).min(1.0)).collect(),
        ..*picture
    }
}

/// Each pixel as the extreme of the square around it.
fn spread(picture: &Grey, reach: usize, extreme: fn(f32, f32) -> f32) -> Grey {
    let mut rows = picture.clone();
    for y in 0..picture.height {
        for x in 0..picture.width {
            let (from, to) = (x.saturating_sub(reach), (x + reach + 1).min(picture.width));
            let around = (from..to).map(|x| picture.at(x, y));
            rows.levels[y * picture.width + x] = around.reduce(extreme).expect("itself");
        }
    }
    let mut both = rows.clone();
    for y in 0..picture.height {
        let (from, to) = (y.saturating_sub(reach), (y + reach + 1).min(picture.height));
        for x in 0..picture.width {
            let around = (from..to).map(|y| rows.at(x, y));
            both.levels[y * picture.width + x] = around.reduce(extreme).expect("itself");
        }
    }
    both
}
