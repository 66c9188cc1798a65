//! Asking for a new password or for a forgotten identifier, and the page that says to look at one's
//! messages (experience §3.4, §3.5, §3.9). Neither knows whether anybody was found (SEC-01).

use serde::Serialize;

use super::captcha::{Captcha, Outcome};
use super::{Page, SAMPLE_MOMENT};
use crate::base::clock::Timestamp;

/// Who are you? And are you a person?
#[derive(Debug, Clone, Serialize)]
pub struct Recover {
    /// Where the form posts to.
    pub action: String,
    /// The form's proof that it is ours.
    pub proof: String,
    pub wants: Wants,
    pub ask: Ask,
    /// What was typed, or came along from the sign-in page.
    pub identifier: String,
    pub email: String,
    pub identifier_hint: Option<String>,
    /// The application the person was on the way to.
    pub service_name: Option<String>,
    /// What tells people from machines, where the realm asks for it.
    pub check: Option<Captcha>,
    pub problem: Option<RecoverProblem>,
    /// Back to the sign-in page.
    pub cancel: String,
    /// The page that asks for the other one of the two.
    pub other: String,
    /// For who already has a code.
    pub code: String,
    /// A code can be asked for by text message as well.
    pub sms: bool,
    /// Where an identifier is found without an address, where the realm offers it.
    pub who: Option<String>,
}

/// What is to be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Wants {
    /// A link to a new password.
    Password,
    /// The identifiers that belong to an address.
    Username,
}

/// What the realm asks people for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ask {
    IdentifierOrEmail,
    Identifier,
    Email,
    Both,
}

impl Ask {
    /// Whether the form has the field for an identifier.
    fn identifier(self) -> bool {
        self != Ask::Email
    }
}

/// Why the form is shown again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum RecoverProblem {
    /// At least one is true.
    Empty {
        identifier: bool,
        email: bool,
    },
    /// What was typed cannot be an identifier or an address: too long, control characters.
    Unfit,
    /// The answer is not the one asked for.
    NotHuman,
    /// It came too late, or a second time.
    CheckGone,
    PageTooOld,
    CookiesBlocked,
    /// The directory has been down for a while: said to everybody, before they type.
    Unavailable,
}

/// “Look at your messages.”
#[derive(Debug, Clone, Serialize)]
pub struct RecoverSent {
    pub wants: Wants,
    /// The identifier was asked for without an address.
    pub who: bool,
    /// A code was asked for by text message.
    pub sms: bool,
    /// For who has found the identifier: the page that wanted it.
    pub back: Option<String>,
    /// For who lacks the identifier that the code goes with.
    pub forgot: Option<String>,
    /// When a link of this hour stops working.
    pub until: Timestamp,
    /// For how long the code of a text message is good, where people may get one instead of a mail.
    pub sms_minutes: Option<u64>,
    /// Who the message comes from, and its subject, so that it can be searched for.
    pub sender: Option<Writer>,
    pub subject: Option<String>,
    /// The other way than the link; absent where no code is sent.
    pub code: Option<CodeForm>,
    pub resend: Resend,
    pub sign_in: String,
    pub no_access: String,
}

/// Who writes the message, as mail programs show it.
#[derive(Debug, Clone, Serialize)]
pub struct Writer {
    pub name: String,
    pub address: String,
}

/// Where a code out of a message is typed.
#[derive(Debug, Clone, Serialize)]
pub struct CodeForm {
    pub action: String,
    pub proof: String,
    pub identifier: String,
    /// The field for the identifier is one for an address, too.
    pub ask: Ask,
    pub problem: Option<CodeProblem>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum CodeProblem {
    /// Wrong, used or too old; unknown identifier: one sentence for all.
    Wrong,
    Empty,
    PageTooOld,
    TooMany,
}

/// Asking once more.
#[derive(Debug, Clone, Serialize)]
pub struct Resend {
    pub action: String,
    pub proof: String,
    /// The flow that is asked again.
    pub flow: String,
    /// Not before this moment; the seconds until then, 0 when it has come.
    pub from: Timestamp,
    pub wait_seconds: u64,
    /// It was pressed too early.
    pub early: bool,
}

/// A code without a request of this browser: the message is read here, the request was made elsewhere.
#[derive(Debug, Clone, Serialize)]
pub struct RecoverCode {
    pub form: CodeForm,
    /// The link was opened where cookies are refused: the page says so.
    pub without_cookies: bool,
    pub again: String,
    /// For who lacks the identifier.
    pub forgot: String,
    pub sign_in: String,
}

impl Recover {
    fn sample(wants: Wants, ask: Ask) -> Recover {
        Recover {
            action: "/cas/recover".to_owned(),
            proof: "LT-SAMPLE".to_owned(),
            wants,
            ask,
            identifier: String::new(),
            email: String::new(),
            identifier_hint: ask.identifier().then(|| "prénom.nom, sans accent".to_owned()),
            service_name: None,
            check: None,
            problem: None,
            cancel: "/cas/login".to_owned(),
            other: "/cas/recover/username".to_owned(),
            code: "/cas/recover/code".to_owned(),
            sms: false,
            who: None,
        }
    }

    fn sample_again(ask: Ask, problem: RecoverProblem) -> Recover {
        Recover {
            identifier: "camille.dupont".to_owned(),
            problem: Some(problem),
            check: Some(Captcha::sample(
                match problem {
                    RecoverProblem::NotHuman => Outcome::Wrong,
                    RecoverProblem::CheckGone => Outcome::Gone,
                    _ => Outcome::None,
                },
                false,
            )),
            ..Recover::sample(Wants::Password, ask)
        }
    }
}

impl Page for Recover {
    const NAME: &'static str = "recover";

    #[allow(clippy::too_many_lines, reason = "one sample after the other")]
    fn samples() -> Vec<(&'static str, Recover)> {
        let plain = Recover::sample(Wants::Password, Ask::IdentifierOrEmail);
        let service = Recover {
            service_name: Some("Carnet de notes".to_owned()),
            check: Some(Captcha::sample(Outcome::None, true)),
            identifier: "camille.dupont".to_owned(),
            ..plain.clone()
        };
        let hostile = "\"><script>alert(1)</script>".to_owned();
        let empty = |identifier, email| RecoverProblem::Empty { identifier, email };
        let every_way = |wants| Recover {
            sms: true,
            who: Some("/cas/recover/who".to_owned()),
            ..Recover::sample(wants, Ask::Email)
        };
        let hostile = Recover {
            identifier: hostile.clone(),
            email: hostile.clone(),
            service_name: Some(hostile),
            cancel: "javascript:alert(1)".to_owned(),
            ..Recover::sample(Wants::Password, Ask::Both)
        };
        vec![
            ("plain", plain),
            ("service", service),
            ("email", Recover::sample(Wants::Password, Ask::Email)),
            ("identifier", Recover::sample(Wants::Password, Ask::Identifier)),
            ("both", Recover::sample(Wants::Password, Ask::Both)),
            ("username", Recover::sample(Wants::Username, Ask::Email)),
            ("every-way", every_way(Wants::Password)),
            ("username-every-way", every_way(Wants::Username)),
            (
                "empty",
                Recover::sample_again(Ask::IdentifierOrEmail, empty(true, false)),
            ),
            ("empty-both", Recover::sample_again(Ask::Both, empty(true, true))),
            (
                "empty-email",
                Recover::sample_again(Ask::Email, empty(false, true)),
            ),
            (
                "unfit",
                Recover::sample_again(Ask::Identifier, RecoverProblem::Unfit),
            ),
            (
                "not-human",
                Recover::sample_again(Ask::IdentifierOrEmail, RecoverProblem::NotHuman),
            ),
            (
                "check-gone",
                Recover::sample_again(Ask::IdentifierOrEmail, RecoverProblem::CheckGone),
            ),
            (
                "page-too-old",
                Recover::sample_again(Ask::Email, RecoverProblem::PageTooOld),
            ),
            (
                "cookies-blocked",
                Recover::sample_again(Ask::Email, RecoverProblem::CookiesBlocked),
            ),
            (
                "unavailable",
                Recover::sample_again(Ask::IdentifierOrEmail, RecoverProblem::Unavailable),
            ),
            ("hostile", hostile),
        ]
    }
}

impl CodeForm {
    fn sample(problem: Option<CodeProblem>) -> CodeForm {
        CodeForm {
            action: "/cas/recover/code".to_owned(),
            proof: "LT-SAMPLE".to_owned(),
            identifier: "camille.dupont".to_owned(),
            ask: Ask::IdentifierOrEmail,
            problem,
        }
    }
}

impl RecoverSent {
    fn sample() -> RecoverSent {
        RecoverSent {
            wants: Wants::Password,
            who: false,
            sms: false,
            back: None,
            forgot: Some("/cas/recover/username?back=code".to_owned()),
            until: SAMPLE_MOMENT,
            sms_minutes: None,
            sender: Some(Writer {
                name: "Valmont – comptes".to_owned(),
                address: "ne-pas-repondre@valmont.example".to_owned(),
            }),
            subject: Some("[Valmont] Choisir un nouveau mot de passe".to_owned()),
            code: Some(CodeForm::sample(None)),
            resend: Resend {
                action: "/cas/recover/again".to_owned(),
                proof: "LT-SAMPLE".to_owned(),
                flow: "sample".to_owned(),
                from: SAMPLE_MOMENT,
                wait_seconds: 97,
                early: false,
            },
            sign_in: "/cas/login".to_owned(),
            no_access: "/cas/help#access".to_owned(),
        }
    }
}

impl Page for RecoverSent {
    const NAME: &'static str = "recover_sent";

    fn samples() -> Vec<(&'static str, RecoverSent)> {
        let plain = RecoverSent::sample();
        let resend = |wait_seconds, early| Resend {
            wait_seconds,
            early,
            ..RecoverSent::sample().resend
        };
        let username = RecoverSent {
            wants: Wants::Username,
            sender: None,
            subject: None,
            code: None,
            resend: resend(0, false),
            back: Some("/cas/recover".to_owned()),
            forgot: None,
            ..plain.clone()
        };
        let who = RecoverSent {
            who: true,
            ..username.clone()
        };
        let sms = RecoverSent {
            sms: true,
            sms_minutes: Some(10),
            sender: None,
            ..plain.clone()
        };
        let early = RecoverSent {
            resend: resend(40, true),
            code: Some(CodeForm {
                ask: Ask::Email,
                ..CodeForm::sample(None)
            }),
            ..plain.clone()
        };
        let text_message = RecoverSent {
            sms_minutes: Some(10),
            ..plain.clone()
        };
        vec![
            ("plain", plain),
            ("text-message", text_message),
            ("username", username),
            ("who", who),
            ("sms", sms),
            ("early", early),
        ]
    }
}

impl Page for RecoverCode {
    const NAME: &'static str = "recover_code";

    fn samples() -> Vec<(&'static str, RecoverCode)> {
        let page = |problem, without_cookies| RecoverCode {
            form: CodeForm::sample(problem),
            without_cookies,
            again: "/cas/recover".to_owned(),
            forgot: "/cas/recover/username?back=code".to_owned(),
            sign_in: "/cas/login".to_owned(),
        };
        vec![
            ("plain", page(None, false)),
            ("without-cookies", page(None, true)),
            ("wrong", page(Some(CodeProblem::Wrong), false)),
            ("empty", page(Some(CodeProblem::Empty), false)),
            ("page-too-old", page(Some(CodeProblem::PageTooOld), false)),
            ("too-many", page(Some(CodeProblem::TooMany), false)),
        ]
    }
}
