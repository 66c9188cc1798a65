//! What surrounds every page: where one is, in which language, whom to ask.

use serde::Serialize;

use crate::base::clock::Timestamp;
use crate::base::names::{Locale, ThemeName};

/// The frame of one answer. All addresses are relative to this host or http(s); any other becomes a
/// dead link.
#[derive(Debug, Clone, Serialize)]
pub struct Frame {
    /// The theme that shows it; the server's when none is chosen.
    #[serde(skip)]
    pub theme: Option<ThemeName>,
    pub language: Locale,
    /// The same page in every language offered (`?lang=…`), this one included.
    pub languages: Vec<LanguageLink>,
    /// Name of the institution, or of the realm when none is chosen; shown on top.
    pub place: String,
    /// Address of the institution's own picture, instead of the theme's.
    pub logo: Option<String>,
    /// Where to choose another institution; `None` when there is no other.
    pub change_institution: Option<String>,
    /// Path before every route, without a slash at its end: `/cas`, or empty.
    pub base: String,
    /// Names this answer in the log: `K7QD-2M9X`.
    pub support_code: String,
    /// Whom people of this realm ask.
    pub contact: Option<Contact>,
    pub legal: Legal,
    /// What the realm or institution announces for a while.
    pub banner: Option<Banner>,
    /// IANA name of the zone times are shown in: `Europe/Paris`. An unknown one counts as UTC.
    pub time_zone: String,
    /// Invented people: a line on top says so.
    pub demo: bool,
    /// The institution is one for tests: a line on top says so.
    pub test: bool,
}

/// An announcement, until when it holds.
#[derive(Debug, Clone, Serialize)]
pub struct Banner {
    pub text: String,
    pub until: Option<Timestamp>,
}

#[derive(Debug, Clone, Serialize)]
pub struct LanguageLink {
    pub language: Locale,
    pub url: String,
}

/// A service desk: a name and the ways to reach it that exist.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Contact {
    pub name: String,
    pub url: Option<String>,
    pub mail: Option<String>,
    pub phone: Option<String>,
}

/// Pages the law asks for.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Legal {
    pub accessibility: Option<Accessibility>,
    /// Who publishes this.
    pub notice: Option<String>,
    /// What is done with personal data.
    pub privacy: Option<String>,
}

/// The accessibility statement and the level it declares (RGAA 4.1).
#[derive(Debug, Clone, Serialize)]
pub struct Accessibility {
    pub url: String,
    pub level: Conformity,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Conformity {
    Full,
    Partial,
    None,
}

/// The picture of samples, which a gallery has beside its pages.
pub(super) const SAMPLE_LOGO: &str = "../logos/sample.svg";

impl Frame {
    /// A frame with as little as possible.
    fn bare(language: &Locale) -> Frame {
        Frame {
            theme: None,
            language: language.clone(),
            languages: Vec::new(),
            place: "Lycée Jeanne-Barret".to_owned(),
            logo: None,
            change_institution: None,
            base: String::new(),
            support_code: "K7QD-2M9X".to_owned(),
            contact: None,
            legal: Legal::default(),
            banner: None,
            time_zone: "Europe/Paris".to_owned(),
            demo: false,
            test: false,
        }
    }

    /// A frame with everything and one with as little as possible, for checks and galleries.
    pub fn samples(language: &Locale, offered: &[Locale]) -> Vec<(&'static str, Frame)> {
        let bare = Frame::bare(language);
        let full = Frame {
            languages: offered.iter().map(LanguageLink::sample).collect(),
            place: "Université de Valmont-sur-Brenne".to_owned(),
            change_institution: Some("/cas/institutions".to_owned()),
            base: "/cas".to_owned(),
            contact: Some(Contact::sample()),
            legal: Legal::sample(Conformity::Partial),
            banner: Some(Banner {
                text: "Les relevés de notes sont en maintenance : la connexion peut être lente.".to_owned(),
                until: Some(crate::pages::views::SAMPLE_MOMENT),
            }),
            demo: true,
            ..bare.clone()
        };
        let phone_only = Frame {
            contact: Some(Contact {
                name: "Vie scolaire".to_owned(),
                phone: Some("01 99 00 12 34".to_owned()),
                ..Contact::default()
            }),
            legal: Legal::sample(Conformity::Full),
            banner: Some(Banner {
                text: "Travaux".to_owned(),
                until: None,
            }),
            demo: false,
            test: true,
            logo: Some(SAMPLE_LOGO.to_owned()),
            ..full.clone()
        };
        let mail_only = Frame {
            contact: Some(Contact {
                name: "Secrétariat".to_owned(),
                mail: Some("secretariat@barret.example".to_owned()),
                ..Contact::default()
            }),
            legal: Legal::sample(Conformity::None),
            ..bare.clone()
        };
        vec![
            ("full", full),
            ("bare", bare),
            ("phone", phone_only),
            ("mail", mail_only),
        ]
    }
}

impl LanguageLink {
    fn sample(language: &Locale) -> LanguageLink {
        LanguageLink {
            language: language.clone(),
            url: format!("?lang={}", language.as_str()),
        }
    }
}

impl Contact {
    fn sample() -> Contact {
        Contact {
            name: "Assistance numérique".to_owned(),
            url: Some("https://aide.valmont.example/comptes".to_owned()),
            mail: Some("comptes@valmont.example".to_owned()),
            phone: Some("+33 1 99 00 45 67".to_owned()),
        }
    }
}

impl Legal {
    fn sample(level: Conformity) -> Legal {
        Legal {
            accessibility: Some(Accessibility {
                url: "https://www.valmont.example/accessibilite".to_owned(),
                level,
            }),
            notice: Some("https://www.valmont.example/mentions".to_owned()),
            privacy: Some("https://www.valmont.example/donnees".to_owned()),
        }
    }
}
