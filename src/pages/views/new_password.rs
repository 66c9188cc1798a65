//! Choosing a new password: by the right of a mailed link or code, or on the way through the sign-in
//! when the old one must go (experience §3.6, §3.7; S1-13, S5-10). The password never comes back to it.

use serde::Serialize;

use super::{Page, SAMPLE_MOMENT};
use crate::base::clock::Timestamp;

/// The form, its rules said before anything is typed.
#[derive(Clone, Serialize)]
pub struct NewPassword {
    pub action: String,
    pub proof: String,
    /// The flow that this page belongs to.
    pub flow: String,
    /// Where the browser keeps no cookies: what the flow holds, sealed.
    pub held: Option<String>,
    pub login: String,
    /// Where several share the mailbox: the field for the username, with what was typed (S2-16).
    pub whose: Option<String>,
    /// Where a forgotten username is found.
    pub forgot: Option<String>,
    /// Where the identifier goes whose password is forgotten after all (S5-03).
    pub lost: Option<String>,
    /// Where the link or code went, masked; told to who has shown one (SEC-42).
    pub sent_to: Option<String>,
    pub why: Why,
    /// The application that waits at the end.
    pub service_name: Option<String>,
    pub rules: Vec<Rule>,
    /// The realm wants it typed twice.
    pub confirm: bool,
    /// The directory wants the old one beside the new one.
    pub current: bool,
    /// When the right to choose ends.
    pub until: Option<Timestamp>,
    pub problem: Option<PasswordProblem>,
    /// For who did not ask for this; absent where there is nothing to revoke.
    pub not_mine: Option<String>,
}

/// Why a password is chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Why {
    Forgotten,
    Expired,
    MustChange,
    /// A code was typed in the place of the password (S4-06).
    Provisional,
    /// The one in force ends soon.
    Ending,
}

/// A rule as people read it: the key of its text, with the number it names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Rule {
    pub key: &'static str,
    pub number: Option<usize>,
}

/// Why it is asked again. The link is as good as before unless said otherwise.
#[derive(Clone, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum PasswordProblem {
    Empty,
    /// What the rules say against it.
    Weak {
        flaws: Vec<Flaw>,
    },
    /// The directory refuses it.
    Refused {
        why: Refused,
    },
    /// The directory's last change is too recent; when the next one is let through, if it tells.
    TooYoung {
        until: Option<Timestamp>,
    },
    CurrentEmpty,
    CurrentWrong,
    UsernameEmpty,
    /// Not one of those who share the mailbox.
    UsernameWrong,
    /// Another page is writing at this moment.
    Busy {
        seconds: u64,
    },
    /// The directory did not say whether it wrote.
    Unknown,
    /// The directory does not answer; nothing was written.
    DirectoryDown,
    /// Nothing can be written for the moment: said before anything is typed (F-19).
    Closed,
    PageTooOld,
    /// “I did not ask for this” without its box (SEC-35).
    Unticked,
}

/// What is wrong with a password: the key of its text, with the number and the piece of the password
/// that it names. Shown to who typed it, printed nowhere: no `Debug`.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct Flaw {
    pub key: &'static str,
    pub number: Option<usize>,
    pub part: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Refused {
    TooShort,
    TooLong,
    InHistory,
    Quality,
    /// Not the person's doing: the operator has to look.
    NotAllowed,
    Other,
}

/// “Your new password is saved.”
#[derive(Debug, Clone, Serialize)]
pub struct PasswordSaved {
    pub login: String,
    /// Sessions that were open elsewhere and are ended.
    pub ended: u64,
    /// A message is on its way to the person's addresses.
    pub told: bool,
    pub service_name: Option<String>,
    pub sign_in: String,
}

fn rule(key: &'static str, number: Option<usize>) -> Rule {
    Rule { key, number }
}

/// Every flaw there is.
pub(super) fn flaws() -> Vec<Flaw> {
    let flaw = |key, number| Flaw {
        key,
        number,
        part: None,
    };
    let part = |key| Flaw {
        part: Some("<b>corse2024".to_owned()),
        ..flaw(key, None)
    };
    vec![
        flaw("newpw-flaw-short", Some(12)),
        flaw("newpw-flaw-long", Some(128)),
        flaw("newpw-flaw-control", None),
        part("newpw-flaw-personal"),
        flaw("newpw-flaw-birth-date", None),
        part("newpw-flaw-here"),
        part("newpw-flaw-common"),
        flaw("newpw-flaw-breached", None),
        flaw("newpw-flaw-guessable", None),
        part("newpw-flaw-guessable-part"),
        flaw("newpw-flaw-lower", None),
        flaw("newpw-flaw-upper", None),
        flaw("newpw-flaw-digit", None),
        flaw("newpw-flaw-symbol", None),
        flaw("newpw-flaw-differs", None),
        flaw("newpw-flaw-same", None),
    ]
}

impl NewPassword {
    fn sample(why: Why) -> NewPassword {
        NewPassword {
            action: "/cas/recover/new".to_owned(),
            proof: "LT-SAMPLE".to_owned(),
            flow: "sample".to_owned(),
            held: None,
            login: "camille.dupont".to_owned(),
            whose: None,
            forgot: (why == Why::Forgotten).then(|| "/cas/recover/username?back=new".to_owned()),
            lost: matches!(why, Why::Expired | Why::MustChange).then(|| "/cas/recover/start".to_owned()),
            sent_to: (why == Why::Forgotten).then(|| "c•••@c•••.example".to_owned()),
            why,
            service_name: None,
            rules: vec![
                rule("newpw-rule-length", Some(12)),
                rule("newpw-rule-personal", None),
                rule("newpw-rule-common", None),
            ],
            confirm: false,
            current: false,
            until: Some(SAMPLE_MOMENT),
            problem: None,
            not_mine: Some("/cas/recover/revoke".to_owned()),
        }
    }

    fn sample_again(problem: PasswordProblem) -> NewPassword {
        NewPassword {
            problem: Some(problem),
            confirm: true,
            ..NewPassword::sample(Why::Forgotten)
        }
    }
}

impl Page for NewPassword {
    const NAME: &'static str = "new_password";

    #[allow(clippy::too_many_lines, reason = "one sample after the other")]
    fn samples() -> Vec<(&'static str, NewPassword)> {
        let plain = NewPassword::sample(Why::Forgotten);
        let held = NewPassword {
            held: Some("\"><script>alert(1)</script>".to_owned()),
            login: "\"><script>alert(1)</script>".to_owned(),
            service_name: Some("Carnet de notes".to_owned()),
            action: "javascript:alert(1)".to_owned(),
            confirm: true,
            ..plain.clone()
        };
        let forced = |why| NewPassword {
            until: None,
            not_mine: None,
            service_name: Some("Carnet de notes".to_owned()),
            ..NewPassword::sample(why)
        };
        let current = |problem: Option<PasswordProblem>| NewPassword {
            current: true,
            problem,
            ..forced(Why::Expired)
        };
        let all_rules = NewPassword {
            rules: [
                "newpw-rule-lower",
                "newpw-rule-upper",
                "newpw-rule-digit",
                "newpw-rule-symbol",
            ]
            .map(|key| rule(key, None))
            .into(),
            ..plain.clone()
        };
        let among = |problem| NewPassword {
            login: String::new(),
            whose: Some("camille".to_owned()),
            problem,
            ..plain.clone()
        };
        let mut samples = vec![
            ("among", among(None)),
            ("among-empty", among(Some(PasswordProblem::UsernameEmpty))),
            ("among-wrong", among(Some(PasswordProblem::UsernameWrong))),
            (
                "among-weak",
                among(Some(PasswordProblem::Weak { flaws: flaws() })),
            ),
            ("plain", plain),
            ("held", held),
            ("expired", forced(Why::Expired)),
            ("must-change", forced(Why::MustChange)),
            ("provisional", forced(Why::Provisional)),
            ("ending", forced(Why::Ending)),
            ("current", current(None)),
            ("current-empty", current(Some(PasswordProblem::CurrentEmpty))),
            ("current-wrong", current(Some(PasswordProblem::CurrentWrong))),
            ("all-rules", all_rules),
            (
                "weak",
                NewPassword::sample_again(PasswordProblem::Weak { flaws: flaws() }),
            ),
        ];
        let refused = |why| NewPassword::sample_again(PasswordProblem::Refused { why });
        samples.extend([
            ("refused-too-short", refused(Refused::TooShort)),
            ("refused-too-long", refused(Refused::TooLong)),
            ("refused-in-history", refused(Refused::InHistory)),
            ("refused-quality", refused(Refused::Quality)),
            ("refused-not-allowed", refused(Refused::NotAllowed)),
            ("refused-other", refused(Refused::Other)),
        ]);
        let again = NewPassword::sample_again;
        let until = Some(SAMPLE_MOMENT);
        samples.extend([
            ("empty", again(PasswordProblem::Empty)),
            ("too-young", again(PasswordProblem::TooYoung { until: None })),
            ("too-young-until", again(PasswordProblem::TooYoung { until })),
            ("busy", again(PasswordProblem::Busy { seconds: 30 })),
            ("unknown", again(PasswordProblem::Unknown)),
            ("directory-down", again(PasswordProblem::DirectoryDown)),
            ("closed", again(PasswordProblem::Closed)),
            (
                "closed-expired",
                NewPassword {
                    problem: Some(PasswordProblem::Closed),
                    ..forced(Why::Expired)
                },
            ),
            ("page-too-old", again(PasswordProblem::PageTooOld)),
            ("unticked", again(PasswordProblem::Unticked)),
        ]);
        samples
    }
}

impl Page for PasswordSaved {
    const NAME: &'static str = "password_saved";

    fn samples() -> Vec<(&'static str, PasswordSaved)> {
        let plain = PasswordSaved {
            login: "camille.dupont".to_owned(),
            ended: 0,
            told: false,
            service_name: None,
            sign_in: "/cas/login".to_owned(),
        };
        let full = PasswordSaved {
            ended: 3,
            told: true,
            service_name: Some("Carnet de notes".to_owned()),
            ..plain.clone()
        };
        let one = PasswordSaved {
            ended: 1,
            ..plain.clone()
        };
        vec![("plain", plain), ("full", full), ("one", one)]
    }
}
