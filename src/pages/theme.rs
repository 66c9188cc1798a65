//! What a theme says in `theme.toml`: its name and its colours. Later layers replace single values.

use serde::Deserialize;

use super::error::PageError;
use super::files::ThemeFiles;

/// `theme.toml` as written; every value may be left to the theme underneath.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ThemeSettings {
    /// For the operator's eyes.
    pub name: Option<String>,
    /// File in `assets/` shown beside the institution's name.
    pub logo: Option<String>,
    pub colours: Colours,
}

/// `#rrggbb` each. The accent paints buttons, links and focus; the token the thin marks that are never text.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct Colours {
    pub accent: Option<Colour>,
    pub accent_dark_mode: Option<Colour>,
    pub token: Option<Colour>,
}

/// An opaque colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Colour {
    rgb: [u8; 3],
}

/// Contrast that text needs (WCAG 1.4.3).
const TEXT_CONTRAST: f64 = 4.5;

impl ThemeSettings {
    /// The settings of all layers, laid over each other.
    pub fn read(files: &ThemeFiles) -> Result<ThemeSettings, PageError> {
        let mut merged = ThemeSettings::default();
        for layer in files.layers("theme.toml") {
            let own: ThemeSettings = toml::from_str(layer.text()?).map_err(|source| PageError::Theme {
                file: layer.origin.clone(),
                problem: source.to_string(),
            })?;
            merged.lay_over(own);
        }
        Ok(merged)
    }

    /// The custom properties that `mereau.css` is built on.
    pub fn css(&self) -> String {
        let colours = &self.colours;
        let light = [("--accent", colours.accent), ("--token", colours.token)];
        let dark = [("--accent", colours.accent_dark_mode)];
        format!(
            "{}@media screen and (prefers-color-scheme:dark){{{}}}\n",
            root(&light),
            root(&dark)
        )
    }

    /// What is wrong with the colours: texts that some people could not read.
    pub fn problems(&self) -> Vec<String> {
        let white = Colour { rgb: [255; 3] };
        let night = Colour {
            rgb: [0x1b, 0x22, 0x27],
        };
        let pairs = [
            ("accent", self.colours.accent, white, "white"),
            (
                "accent-dark-mode",
                self.colours.accent_dark_mode,
                night,
                "the dark page",
            ),
        ];
        pairs
            .into_iter()
            .filter_map(|(key, colour, ground, name)| {
                let contrast = colour?.contrast(ground);
                (contrast < TEXT_CONTRAST).then(|| {
                    format!("colours.{key} has a contrast of {contrast:.1} with {name}; texts need 4.5")
                })
            })
            .collect()
    }

    fn lay_over(&mut self, own: ThemeSettings) {
        self.name = own.name.or(self.name.take());
        self.logo = own.logo.or(self.logo.take());
        self.colours.accent = own.colours.accent.or(self.colours.accent);
        self.colours.accent_dark_mode = own.colours.accent_dark_mode.or(self.colours.accent_dark_mode);
        self.colours.token = own.colours.token.or(self.colours.token);
    }
}

impl Colour {
    fn contrast(self, other: Colour) -> f64 {
        let (a, b) = (self.luminance() + 0.05, other.luminance() + 0.05);
        if a > b { a / b } else { b / a }
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

    fn hex(self) -> String {
        let [red, green, blue] = self.rgb;
        format!("#{red:02x}{green:02x}{blue:02x}")
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
        let number = u32::from_str_radix(digits, 16).map_err(|_| wrong())?;
        let [_, red, green, blue] = number.to_be_bytes();
        Ok(Colour {
            rgb: [red, green, blue],
        })
    }
}

fn root(properties: &[(&str, Option<Colour>)]) -> String {
    let set: String = properties
        .iter()
        .filter_map(|(name, colour)| Some(format!("{name}:{};", colour.as_ref()?.hex())))
        .collect();
    format!(":root{{{set}}}")
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
        let (black, white) = (colour("#000000").unwrap(), colour("#ffffff").unwrap());
        assert!((black.contrast(white) - 21.0).abs() < 0.01);
        assert!((colour("#777777").unwrap().contrast(white) - 4.48).abs() < 0.01);
    }

    #[test]
    fn the_default_theme_is_readable_and_a_pale_accent_is_reported() {
        let mut theme = ThemeSettings::read(&ThemeFiles::read(&[]).unwrap()).unwrap();
        assert!(theme.colours.accent.is_some() && theme.colours.accent_dark_mode.is_some());
        assert_eq!(theme.problems(), Vec::<String>::new());
        theme.colours.accent = Some(colour("#9fd3ff").unwrap());
        assert_eq!(theme.problems().len(), 1);
    }
}
