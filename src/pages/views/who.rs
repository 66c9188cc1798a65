//! « Qui suis-je »: what only a person and their institution know, for a forgotten identifier (S3-09). The
//! page never knows whether anybody was found.

use serde::Serialize;

use super::Page;
use super::captcha::{Captcha, Outcome};

/// Who are you, without an address?
#[derive(Debug, Clone, Serialize)]
pub struct RecoverWho {
    pub action: String,
    pub proof: String,
    /// What was typed before.
    pub typed: Typed,
    pub check: Option<Captcha>,
    pub problem: Option<WhoProblem>,
    /// Back to the sign-in page.
    pub cancel: String,
    /// The page that asks for an address instead.
    pub by_mail: String,
}

/// Field by field.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Typed {
    pub name: String,
    pub day: String,
    pub month: String,
    pub year: String,
    pub number: String,
}

/// Why the form is shown again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum WhoProblem {
    /// At least one is true: empty, or what cannot be.
    Empty {
        name: bool,
        born: bool,
        number: bool,
    },
    NotHuman,
    PageTooOld,
    CookiesBlocked,
}

impl RecoverWho {
    fn sample(problem: Option<WhoProblem>) -> RecoverWho {
        RecoverWho {
            action: "/cas/recover/who".to_owned(),
            proof: "LT-SAMPLE".to_owned(),
            typed: Typed::default(),
            check: problem.map(|problem| {
                let outcome = match problem {
                    WhoProblem::NotHuman => Outcome::Wrong,
                    _ => Outcome::None,
                };
                Captcha::sample(outcome, false)
            }),
            problem,
            cancel: "/cas/login".to_owned(),
            by_mail: "/cas/recover/username".to_owned(),
        }
    }
}

impl Page for RecoverWho {
    const NAME: &'static str = "recover_who";

    fn samples() -> Vec<(&'static str, RecoverWho)> {
        let again = |problem| RecoverWho::sample(Some(problem));
        let empty = |name, born, number| again(WhoProblem::Empty { name, born, number });
        let text = "\"><script>alert(1)</script>".to_owned();
        let hostile = RecoverWho {
            typed: Typed {
                name: text.clone(),
                day: text.clone(),
                month: text.clone(),
                year: text.clone(),
                number: text,
            },
            cancel: "javascript:alert(1)".to_owned(),
            ..RecoverWho::sample(None)
        };
        vec![
            ("plain", RecoverWho::sample(None)),
            ("empty", empty(true, true, true)),
            ("no-day", empty(false, true, false)),
            ("not-human", again(WhoProblem::NotHuman)),
            ("page-too-old", again(WhoProblem::PageTooOld)),
            ("cookies-blocked", again(WhoProblem::CookiesBlocked)),
            ("hostile", hostile),
        ]
    }
}
