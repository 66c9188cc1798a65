//! The letters of a demonstration, which nobody is sent.

use serde::Serialize;

use super::Page;

#[derive(Debug, Clone, Serialize)]
pub struct DemoOutbox {
    /// The latest first.
    pub letters: Vec<KeptLetter>,
    pub back: String,
}

#[derive(Debug, Clone, Serialize)]
pub struct KeptLetter {
    pub to: String,
    pub subject: String,
    pub lines: Vec<Line>,
}

/// A line of the letter's text; one that is a link and nothing else leads there.
#[derive(Debug, Clone, Serialize)]
pub struct Line {
    pub text: String,
    pub is_link: bool,
}

impl Page for DemoOutbox {
    const NAME: &'static str = "demo_outbox";

    fn samples() -> Vec<(&'static str, DemoOutbox)> {
        let line = |text: &str, is_link| Line {
            text: text.to_owned(),
            is_link,
        };
        let letter = KeptLetter {
            to: "camille.dupont@valmont.example".to_owned(),
            subject: "[Valmont] Choisir un nouveau mot de passe".to_owned(),
            lines: vec![
                line("Bonjour Camille,", false),
                line("", false),
                line("https://cas.valmont.example/r/sample", true),
            ],
        };
        let page = |letters| DemoOutbox {
            letters,
            back: "/cas/login".to_owned(),
        };
        vec![("empty", page(Vec::new())), ("letters", page(vec![letter]))]
    }
}
