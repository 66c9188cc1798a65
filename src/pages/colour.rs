//! Opaque colours and the contrast between them (WCAG 2.2). No CSS here.

use serde::Deserialize;

/// `#rrggbb`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Colour {
    rgb: [u8; 3],
}

pub const WHITE: Colour = Colour::new(0xff_ffff);
pub const BLACK: Colour = Colour::new(0);

/// Shades tried between a colour and white or black.
const SHADES: u16 = 50;

impl Colour {
    pub const fn new(rgb: u32) -> Colour {
        let [_, red, green, blue] = rgb.to_be_bytes();
        Colour {
            rgb: [red, green, blue],
        }
    }

    /// 1 to 21 (WCAG 2.2, contrast ratio).
    pub fn contrast(self, other: Colour) -> f64 {
        let (a, b) = (self.luminance() + 0.05, other.luminance() + 0.05);
        if a > b { a / b } else { b / a }
    }

    /// The first shade on the way to `end` that has `contrast` with every one of `grounds`.
    pub fn shade_towards(self, end: Colour, grounds: &[Colour], contrast: f64) -> Colour {
        (0..=SHADES)
            .map(|step| self.mixed(end, step))
            .find(|shade| grounds.iter().all(|ground| shade.contrast(*ground) >= contrast))
            .unwrap_or(end)
    }

    pub fn hex(self) -> String {
        let [red, green, blue] = self.rgb;
        format!("#{red:02x}{green:02x}{blue:02x}")
    }

    fn mixed(self, end: Colour, step: u16) -> Colour {
        let [red, green, blue] = self.rgb;
        let [to_red, to_green, to_blue] = end.rgb;
        let mix = |from: u8, to: u8| {
            let sum = u16::from(from) * (SHADES - step) + u16::from(to) * step;
            u8::try_from(sum / SHADES).unwrap_or(u8::MAX)
        };
        Colour {
            rgb: [mix(red, to_red), mix(green, to_green), mix(blue, to_blue)],
        }
    }

    /// Relative luminance (WCAG 2.2).
    fn luminance(self) -> f64 {
        let linear = self.rgb.map(|channel| {
            let share = f64::from(channel) / 255.0;
            if share <= 0.04045 {
                share / 12.92
            } else {
                ((share + 0.055) / 1.055).powf(2.4)
            }
        });
        let [red, green, blue] = linear;
        0.2126 * red + 0.7152 * green + 0.0722 * blue
    }
}

impl TryFrom<String> for Colour {
    type Error = String;

    fn try_from(text: String) -> Result<Colour, String> {
        let wrong = || format!("“{text}” is not a colour: write # and six of 0-9 a-f");
        let digits = text
            .strip_prefix('#')
            .filter(|digits| digits.len() == 6 && digits.bytes().all(|b| b.is_ascii_hexdigit()))
            .ok_or_else(wrong)?;
        u32::from_str_radix(digits, 16)
            .map(Colour::new)
            .map_err(|_| wrong())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn colour(text: &str) -> Result<Colour, String> {
        Colour::try_from(text.to_owned())
    }

    #[test]
    fn a_colour_is_six_hexadecimal_digits_and_nothing_that_css_could_run() {
        assert_eq!(colour("#14525a").unwrap().hex(), "#14525a");
        for bad in ["", "red", "#fff", "#14525g", "#+4525a", "#14525a;}", "14525a0"] {
            assert!(colour(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn contrast_is_that_of_wcag() {
        assert!((BLACK.contrast(WHITE) - 21.0).abs() < 0.01);
        assert!((colour("#777777").unwrap().contrast(WHITE) - 4.48).abs() < 0.01);
    }

    #[test]
    fn a_pale_colour_has_a_darker_shade_that_can_be_read() {
        let pale = colour("#9fd3ff").unwrap();
        let shade = pale.shade_towards(BLACK, &[WHITE], 4.5);
        assert!((4.5..5.0).contains(&shade.contrast(WHITE)), "{}", shade.hex());
        assert_eq!(shade.shade_towards(BLACK, &[WHITE], 4.5), shade);
    }
}
