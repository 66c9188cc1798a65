//! The CAPTCHA as a part of other pages: a field of their context, shown by `components/captcha.html`
//! within their form. The page here shows it alone, for those who make themes.

use serde::Serialize;

use super::Page;

/// A challenge, never its answer.
#[derive(Debug, Clone, Serialize)]
pub struct Captcha {
    /// For the form's hidden field.
    pub id: String,
    /// Addresses of picture and sound.
    pub picture: String,
    pub sound: String,
    /// The picture's size in pixels.
    pub width: u32,
    pub height: u32,
    /// What a script may compute instead.
    pub proof: Option<Proof>,
    pub outcome: Outcome,
}

/// A number is wanted that behind `salt` gives a SHA-256 beginning with so many zero bits.
#[derive(Debug, Clone, Serialize)]
pub struct Proof {
    pub salt: String,
    pub bits: u32,
}

/// What became of the challenge before this one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// There was none, or another was asked for.
    #[default]
    None,
    Wrong,
    /// It was too old, or used already.
    Gone,
}

impl Captcha {
    /// For the samples of pages that have one.
    pub fn sample(outcome: Outcome, proof: bool) -> Captcha {
        Captcha {
            id: "AZx2cGxlb2YtYS1jaGFsbGVuZ2U".to_owned(),
            picture: "/cas/captcha/AZx2cGxlb2YtYS1jaGFsbGVuZ2U/picture".to_owned(),
            sound: "/cas/captcha/AZx2cGxlb2YtYS1jaGFsbGVuZ2U/sound".to_owned(),
            width: 360,
            height: 110,
            proof: proof.then(|| Proof {
                salt: "00112233445566778899aabbccddeeff".to_owned(),
                bits: 18,
            }),
            outcome,
        }
    }
}

/// The component alone, in a form that leads nowhere.
#[derive(Debug, Clone, Serialize)]
pub struct CaptchaAlone {
    pub captcha: Captcha,
}

impl Page for CaptchaAlone {
    const NAME: &'static str = "captcha";

    fn samples() -> Vec<(&'static str, CaptchaAlone)> {
        let alone = |outcome, proof| CaptchaAlone {
            captcha: Captcha::sample(outcome, proof),
        };
        vec![
            ("first", alone(Outcome::None, false)),
            ("wrong", alone(Outcome::Wrong, false)),
            ("gone", alone(Outcome::Gone, false)),
            ("computed", alone(Outcome::None, true)),
        ]
    }
}
