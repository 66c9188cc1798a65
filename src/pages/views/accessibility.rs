//! The accessibility statement (RGAA 4.1): what is said of the sign-in pages, for realms that publish
//! none of their own.

use serde::Serialize;

use super::Page;
use crate::base::clock::Timestamp;
use crate::pages::frame::Conformity;

/// What the operator declares; what is `None` is not said.
#[derive(Debug, Clone, Serialize)]
pub struct AccessibilityStatement {
    pub level: Conformity,
    /// Of the sign-in service, as text.
    pub address: String,
    /// Percent of the criteria that an audit found met.
    pub rate: Option<u8>,
    /// What is not accessible, in the operator's words.
    pub gaps: Option<String>,
    /// When the statement was made.
    pub day: Option<Timestamp>,
}

impl Page for AccessibilityStatement {
    const NAME: &'static str = "accessibility";

    fn samples() -> Vec<(&'static str, AccessibilityStatement)> {
        let partial = AccessibilityStatement {
            level: Conformity::Partial,
            address: "https://cas.valmont.example/cas".to_owned(),
            rate: Some(92),
            gaps: Some("La carte des établissements n’a pas d’équivalent en texte.".to_owned()),
            day: Some(super::SAMPLE_MOMENT),
        };
        let none = AccessibilityStatement {
            level: Conformity::None,
            rate: None,
            gaps: None,
            day: None,
            ..partial.clone()
        };
        let full = AccessibilityStatement {
            level: Conformity::Full,
            rate: Some(100),
            gaps: None,
            ..partial.clone()
        };
        vec![("partial", partial), ("none", none), ("full", full)]
    }
}
