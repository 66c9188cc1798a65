//! What is said about a new password, in the words of pages.

use http::StatusCode;

use crate::base::clock::Timestamp;
use crate::directory::PasswordRefusal;
use crate::flows::recovery::Refusal;
use crate::pages::views::new_password::{Flaw, PasswordProblem, Refused, Rule};
use crate::passwords::policy::Policy;

/// The rules, before anything is typed (S1-13).
pub fn rules_of(policy: &Policy) -> Vec<Rule> {
    let rules = policy.rules().into_iter();
    rules
        .map(|rule| Rule {
            key: rule.key(),
            number: rule.number(),
        })
        .collect()
}

pub fn problem_of(why: &Refusal, now: Timestamp) -> PasswordProblem {
    match why {
        Refusal::Empty => PasswordProblem::Empty,
        Refusal::Weak(flaws) => PasswordProblem::Weak {
            flaws: flaws
                .iter()
                .map(|flaw| Flaw {
                    key: flaw.key(),
                    number: flaw.number(),
                    part: flaw.part().map(|part| part.shown().to_owned()),
                })
                .collect(),
        },
        Refusal::Directory(PasswordRefusal::TooYoung { wait }) => PasswordProblem::TooYoung {
            until: wait.map(|wait| now.plus(wait)),
        },
        Refusal::Directory(why) => PasswordProblem::Refused {
            why: match why {
                PasswordRefusal::TooShort => Refused::TooShort,
                PasswordRefusal::TooLong => Refused::TooLong,
                PasswordRefusal::InHistory => Refused::InHistory,
                PasswordRefusal::Quality => Refused::Quality,
                PasswordRefusal::NotAllowed | PasswordRefusal::PassThrough => Refused::NotAllowed,
                PasswordRefusal::TooYoung { .. } | PasswordRefusal::WrongCurrent | PasswordRefusal::Other => {
                    Refused::Other
                }
            },
        },
        Refusal::Busy { seconds } => PasswordProblem::Busy { seconds: *seconds },
        Refusal::Unknown => PasswordProblem::Unknown,
        Refusal::Silent => PasswordProblem::DirectoryDown,
    }
}

pub fn status_of(why: &Refusal) -> StatusCode {
    match why {
        Refusal::Empty | Refusal::Weak(_) | Refusal::Directory(_) => StatusCode::UNPROCESSABLE_ENTITY,
        Refusal::Busy { .. } => StatusCode::CONFLICT,
        Refusal::Unknown | Refusal::Silent => StatusCode::SERVICE_UNAVAILABLE,
    }
}
