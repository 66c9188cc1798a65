//! What a theme says in `theme.toml`: what it extends, its name, logo and colours. Later layers
//! replace single values.

use serde::Deserialize;

use super::colour::{BLACK, Colour, WHITE};
use super::error::PageError;
use super::files::ThemeFiles;
use crate::base::names::ThemeName;

/// `theme.toml` as written; every value may be left to the theme underneath.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ThemeSettings {
    /// The theme underneath, a folder beside this one; without it the built-in one.
    pub extends: Option<ThemeName>,
    /// For the operator's eyes.
    pub name: Option<String>,
    /// File in `assets/` shown beside the institution's name.
    pub logo: Option<String>,
    pub colours: Colours,
}

/// `#rrggbb` each. The accent paints buttons, links and focus; the ground lies around the sheet; the
/// token paints the thin marks that are never text.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct Colours {
    pub accent: Option<Colour>,
    pub accent_dark_mode: Option<Colour>,
    pub ground: Option<Colour>,
    pub ground_dark_mode: Option<Colour>,
    pub token: Option<Colour>,
}

/// A colour that somebody could not read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaleColour {
    /// As in `theme.toml`.
    pub key: &'static str,
    pub what: String,
    /// A colour near it that can be read.
    pub mend: String,
}

/// Contrast that text needs (WCAG 1.4.3).
const TEXT_CONTRAST: f64 = 4.5;

/// The colours of `mereau.css` that a theme's colours are read on, or are the ground of.
struct Palette {
    sheet: Colour,
    notice: Colour,
    ink: Colour,
    muted: Colour,
    on_accent: Colour,
    /// Where a colour that cannot be read is moved.
    readable: Colour,
}

const DAY: Palette = Palette {
    sheet: WHITE,
    notice: Colour::new(0xee_f4f4),
    ink: Colour::new(0x1c_2328),
    muted: Colour::new(0x51_5c63),
    on_accent: WHITE,
    readable: BLACK,
};

const NIGHT: Palette = Palette {
    sheet: Colour::new(0x1b_2227),
    notice: Colour::new(0x20_302f),
    ink: Colour::new(0xe9_edef),
    muted: Colour::new(0xab_b6bc),
    on_accent: Colour::new(0x0c_191b),
    readable: WHITE,
};

impl ThemeSettings {
    /// The settings of all layers, laid over each other.
    pub fn read(files: &ThemeFiles) -> Result<ThemeSettings, PageError> {
        let mut merged = ThemeSettings::default();
        for layer in files.layers("theme.toml") {
            merged.lay_over(ThemeSettings::parse(layer.text()?, &layer.origin)?);
        }
        Ok(merged)
    }

    /// One `theme.toml`.
    pub fn parse(text: &str, file: &str) -> Result<ThemeSettings, PageError> {
        toml::from_str(text).map_err(|source| PageError::Theme {
            file: file.to_owned(),
            problem: source.to_string().trim_end().to_owned(),
        })
    }

    /// The custom properties that `mereau.css` is built on.
    pub fn css(&self) -> String {
        let colours = &self.colours;
        let light = [
            ("--accent", colours.accent),
            ("--ground", colours.ground),
            ("--token", colours.token),
        ];
        let dark = [
            ("--accent", colours.accent_dark_mode),
            ("--ground", colours.ground_dark_mode),
        ];
        format!(
            "{}@media screen and (prefers-color-scheme:dark){{{}}}\n",
            root(&light),
            root(&dark)
        )
    }

    /// What is wrong with the colours: texts that some people could not read.
    pub fn problems(&self) -> Vec<PaleColour> {
        let colours = &self.colours;
        let grounds = [
            ("ground", colours.ground, &DAY),
            ("ground-dark-mode", colours.ground_dark_mode, &NIGHT),
        ];
        let accents = [
            ("accent", colours.accent, &DAY),
            ("accent-dark-mode", colours.accent_dark_mode, &NIGHT),
        ];
        let mut found: Vec<PaleColour> = accents
            .into_iter()
            .filter_map(|(key, colour, palette)| pale_accent(key, colour?, palette))
            .collect();
        found.extend(
            grounds
                .into_iter()
                .filter_map(|(key, colour, palette)| pale_ground(key, colour?, palette)),
        );
        found
    }

    fn lay_over(&mut self, own: ThemeSettings) {
        self.extends = own.extends;
        self.name = own.name.or(self.name.take());
        self.logo = own.logo.or(self.logo.take());
        self.colours.lay_over(own.colours);
    }
}

impl Colours {
    /// A theme that gives a colour for the day only gets the matching one for the night: a brighter
    /// accent, and the night's own ground.
    fn lay_over(&mut self, own: Colours) {
        let night = own.accent_dark_mode.or_else(|| Some(own.accent?.by_night()));
        self.accent = own.accent.or(self.accent);
        self.accent_dark_mode = night.or(self.accent_dark_mode);
        self.ground = own.ground.or(self.ground);
        self.ground_dark_mode = own.ground_dark_mode.or(self.ground_dark_mode);
        self.token = own.token.or(self.token);
    }
}

impl Colour {
    fn by_night(self) -> Colour {
        let read_on = [NIGHT.sheet, NIGHT.notice, NIGHT.on_accent];
        self.shade_towards(WHITE, &read_on, TEXT_CONTRAST + 2.0)
    }
}

fn pale_accent(key: &'static str, colour: Colour, palette: &Palette) -> Option<PaleColour> {
    let grounds = [palette.sheet, palette.notice, palette.on_accent];
    pale(key, colour, &grounds, palette.readable)
}

fn pale_ground(key: &'static str, colour: Colour, palette: &Palette) -> Option<PaleColour> {
    // The way out is the sheet's own colour, on which everything can be read.
    pale(key, colour, &[palette.ink, palette.muted], palette.sheet)
}

fn pale(key: &'static str, colour: Colour, others: &[Colour], way_out: Colour) -> Option<PaleColour> {
    let worst = others
        .iter()
        .map(|other| (colour.contrast(*other), other))
        .min_by(|(a, _), (b, _)| a.total_cmp(b));
    let (contrast, other) = worst.filter(|(contrast, _)| *contrast < TEXT_CONTRAST)?;
    let better = colour.shade_towards(way_out, others, TEXT_CONTRAST);
    Some(PaleColour {
        key,
        what: format!(
            "colours.{key} {} has a contrast of {contrast:.1} with {}; texts need 4.5",
            colour.hex(),
            other.hex()
        ),
        mend: format!("{key} = \"{}\", or another that is further from it", better.hex()),
    })
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

    fn theme(toml: &str) -> ThemeSettings {
        let mut theme = ThemeSettings::read(&ThemeFiles::read(&[]).unwrap()).unwrap();
        theme.lay_over(ThemeSettings::parse(toml, "theme.toml").unwrap());
        theme
    }

    #[test]
    fn the_default_theme_is_readable_and_pale_colours_are_reported_with_better_ones() {
        assert_eq!(theme("").problems(), Vec::new());
        let pale = theme("[colours]\naccent = \"#9fd3ff\"\nground = \"#777777\"\n").problems();
        let keys: Vec<&str> = pale.iter().map(|pale| pale.key).collect();
        assert_eq!(keys, ["accent", "ground"]);
        for pale in pale {
            let line = pale.mend.split(", or").next().unwrap().to_owned();
            assert_eq!(
                theme(&format!("[colours]\n{line}\n")).problems(),
                Vec::new(),
                "{line}"
            );
        }
        let night = theme("[colours]\naccent-dark-mode = \"#14525a\"\n").problems();
        assert_eq!(night.len(), 1);
    }

    #[test]
    fn one_colour_for_the_day_is_enough() {
        for accent in ["#14525a", "#7a1f3d", "#000000", "#005fcc"] {
            let theme = theme(&format!("[colours]\naccent = \"{accent}\"\n"));
            assert_eq!(theme.problems(), Vec::new(), "{accent}");
            let night = theme.colours.accent_dark_mode.unwrap();
            assert_ne!(night.hex(), accent);
            assert!(night.contrast(NIGHT.sheet) > 6.0, "{accent}: {}", night.hex());
        }
    }

    #[test]
    fn the_palette_is_that_of_the_style_sheet() {
        let css = include_str!("../../themes/default/assets/mereau.css");
        let (day, night) = css.split_once("prefers-color-scheme: dark").unwrap();
        for (part, palette) in [(day, DAY), (night, NIGHT)] {
            for (name, colour) in [
                ("notice-ground", palette.notice),
                ("ink", palette.ink),
                ("muted", palette.muted),
            ] {
                let written = format!("--{name}: {};", colour.hex());
                assert!(part.contains(&written), "{written}");
            }
        }
        assert!(night.contains(&format!("--sheet: {};", NIGHT.sheet.hex())));
        assert!(night.contains(&format!("--on-accent: {};", NIGHT.on_accent.hex())));
    }
}
