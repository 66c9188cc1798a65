//! What a form asks to tell people from machines: one challenge, a picture or a sound, either answer
//! passes. It does not know the answer.

use serde::Serialize;

#[derive(Debug, Clone, Serialize)]
pub struct HumanCheck {
    /// Names the challenge, sent back with the answer.
    pub id: String,
    /// The last answer was wrong.
    pub wrong: bool,
}

impl HumanCheck {
    pub(super) fn sample() -> HumanCheck {
        HumanCheck {
            id: "sample".to_owned(),
            wrong: false,
        }
    }
}
