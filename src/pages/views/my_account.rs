//! A signed-in person's own account (experience §3.10): what is known, what may be changed, where they
//! are signed in, what happened lately; and the pages on the way of a change.

use serde::Serialize;

use super::new_password::{PasswordProblem, Rule};
use super::{Page, SAMPLE_MOMENT};
use crate::base::clock::Timestamp;

#[derive(Debug, Clone, Serialize)]
pub struct MyAccount {
    pub name: String,
    pub login: String,
    /// What has just been done.
    pub said: Option<Said>,
    /// What was wrong with a form of this page.
    pub problem: Option<AccountProblem>,
    pub proof: String,
    /// Where the password is changed; absent where the directory is not written.
    pub password: Option<String>,
    pub addresses: Vec<Address>,
    /// Where one is added; absent where people have none of this kind here.
    pub add_mail: Option<String>,
    pub add_mobile: Option<String>,
    pub confirm: String,
    pub resend: String,
    pub connections: Vec<Connection>,
    pub end: String,
    pub events: Vec<Happening>,
    /// Applications opened from this session.
    pub services: Vec<String>,
    /// Everything that is held about the person, as a file.
    pub data: String,
    pub back: String,
    pub sign_out: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Said {
    PasswordSaved,
    AddressAdded,
    AddressConfirmed,
    AddressRemoved,
    Resent,
    SessionEnded,
    SessionsEnded,
}

impl Said {
    pub const ALL: [Said; 7] = [
        Said::PasswordSaved,
        Said::AddressAdded,
        Said::AddressConfirmed,
        Said::AddressRemoved,
        Said::Resent,
        Said::SessionEnded,
        Said::SessionsEnded,
    ];

    /// In an address.
    pub fn word(self) -> &'static str {
        match self {
            Said::PasswordSaved => "password-saved",
            Said::AddressAdded => "address-added",
            Said::AddressConfirmed => "address-confirmed",
            Said::AddressRemoved => "address-removed",
            Said::Resent => "resent",
            Said::SessionEnded => "session-ended",
            Said::SessionsEnded => "sessions-ended",
        }
    }
}

/// What is wrong, on whichever page of the account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum AccountProblem {
    PageTooOld,
    /// The box beside a mailed link's button (SEC-35).
    Unticked,
    PasswordEmpty,
    PasswordWrong,
    Throttled,
    DirectoryDown,
    NotAllowed,
    MailEmpty,
    MailUnfit,
    MobileEmpty,
    MobileUnfit,
    Known,
    Full,
    TooManySent,
    CodeEmpty,
    CodeWrong,
    CodeWornOut,
    CodeDead,
    LastOne,
    Gone,
}

#[derive(Debug, Clone, Serialize)]
pub struct Address {
    pub id: String,
    pub value: String,
    pub mobile: bool,
    pub state: AddressState,
    /// Where it is removed.
    pub remove: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum AddressState {
    Verified,
    Institution,
    Unverified,
}

#[derive(Debug, Clone, Serialize)]
pub struct Connection {
    pub id: String,
    pub here: bool,
    pub institution: String,
    pub since: Timestamp,
    pub used: Timestamp,
    /// Of a long session: when it ends at the latest.
    pub until: Option<Timestamp>,
    /// The program that opened it.
    pub program: Option<String>,
}

#[derive(Debug, Clone, Serialize)]
pub struct Happening {
    /// Key of its text.
    pub key: &'static str,
    pub at: Timestamp,
    pub refused: bool,
    pub browser: Option<String>,
    pub system: Option<String>,
    pub network: Option<String>,
}

/// “Your password once more.”
#[derive(Debug, Clone, Serialize)]
pub struct GiveProof {
    pub login: String,
    pub action: String,
    pub proof: String,
    pub cancel: String,
    pub problem: Option<AccountProblem>,
    pub until: Option<Timestamp>,
}

/// The old password and the new one.
#[derive(Clone, Serialize)]
pub struct MyPassword {
    pub login: String,
    /// Where the identifier goes whose password is forgotten (S5-03).
    pub lost: Option<String>,
    pub action: String,
    pub proof: String,
    pub cancel: String,
    pub rules: Vec<Rule>,
    pub confirm: bool,
    pub keep: bool,
    /// Long sessions, which people here may have, end whatever is asked.
    pub long_end: bool,
    pub problem: Option<PasswordProblem>,
    /// Too many tries; until then.
    pub throttled: Option<Timestamp>,
}

/// A new address or number.
#[derive(Debug, Clone, Serialize)]
pub struct NewAddress {
    pub mobile: bool,
    pub typed: String,
    pub action: String,
    pub proof: String,
    pub cancel: String,
    pub problem: Option<AccountProblem>,
}

/// “Shall it be removed?”
#[derive(Debug, Clone, Serialize)]
pub struct RemoveAddress {
    pub value: String,
    pub action: String,
    pub proof: String,
    pub cancel: String,
    pub problem: Option<AccountProblem>,
}

const CANCEL: &str = "/cas/account";

fn address(value: &str, state: AddressState, remove: bool) -> Address {
    Address {
        id: "c0ffee".to_owned(),
        value: value.to_owned(),
        mobile: value.starts_with('+'),
        state,
        remove: remove.then(|| "/cas/account/remove?address=c0ffee".to_owned()),
    }
}

impl Page for MyAccount {
    const NAME: &'static str = "my_account";

    #[allow(clippy::too_many_lines, reason = "one sample after the other")]
    fn samples() -> Vec<(&'static str, MyAccount)> {
        let bare = MyAccount {
            name: "Camille Dupont".to_owned(),
            login: "camille.dupont".to_owned(),
            said: None,
            problem: None,
            proof: "LT-SAMPLE".to_owned(),
            password: None,
            addresses: Vec::new(),
            add_mail: None,
            add_mobile: None,
            confirm: "/cas/account/confirm".to_owned(),
            resend: "/cas/account/resend".to_owned(),
            connections: vec![connection(true)],
            end: "/cas/account/end".to_owned(),
            events: Vec::new(),
            services: Vec::new(),
            data: "/cas/account/data".to_owned(),
            back: "/cas/login".to_owned(),
            sign_out: "/cas/logout".to_owned(),
        };
        let full = MyAccount {
            said: Some(Said::AddressAdded),
            password: Some("/cas/account/password".to_owned()),
            addresses: vec![
                address("camille.dupont@messagerie.example", AddressState::Verified, true),
                address("+33612345678", AddressState::Verified, true),
                address("camille.dupont@valmont.example", AddressState::Institution, false),
                address(
                    "camille-nouvelle@messagerie.example",
                    AddressState::Unverified,
                    true,
                ),
            ],
            add_mail: Some("/cas/account/address?kind=mail".to_owned()),
            add_mobile: Some("/cas/account/address?kind=mobile".to_owned()),
            connections: vec![
                connection(true),
                Connection {
                    until: Some(SAMPLE_MOMENT),
                    ..connection(false)
                },
                Connection {
                    program: Some("releves-de-notes".to_owned()),
                    ..connection(false)
                },
            ],
            events: vec![
                happening("event-signed-in", false, Some("Chrome"), Some("Android")),
                happening("event-code-tried", true, Some("Firefox"), None),
                happening("event-sign-in-refused", false, None, Some("Windows")),
                happening("event-password-written", false, None, None),
            ],
            services: vec!["Carnet de notes".to_owned(), "<b>Bibliothèque</b>".to_owned()],
            ..bare.clone()
        };
        let readable = MyAccount {
            addresses: vec![address("camille@valmont.example", AddressState::Verified, false)],
            ..bare.clone()
        };
        let said = Said::ALL.map(|said| {
            let page = MyAccount {
                said: Some(said),
                ..bare.clone()
            };
            (said.word(), page)
        });
        let wrong = |problem| MyAccount {
            said: None,
            problem: Some(problem),
            ..full.clone()
        };
        let mut samples = vec![
            ("full", full.clone()),
            ("bare", bare),
            ("readable", readable),
            ("code-empty", wrong(AccountProblem::CodeEmpty)),
            ("code-wrong", wrong(AccountProblem::CodeWrong)),
            ("code-worn-out", wrong(AccountProblem::CodeWornOut)),
            ("code-dead", wrong(AccountProblem::CodeDead)),
            ("too-many-sent", wrong(AccountProblem::TooManySent)),
            ("gone", wrong(AccountProblem::Gone)),
        ];
        samples.extend(said.into_iter().filter(|(word, _)| *word != "address-added"));
        samples
    }
}

fn connection(here: bool) -> Connection {
    Connection {
        id: "c0ffee".to_owned(),
        here,
        institution: "Université de Valmont-sur-Brenne".to_owned(),
        since: SAMPLE_MOMENT,
        used: SAMPLE_MOMENT,
        until: None,
        program: None,
    }
}

fn happening(key: &'static str, refused: bool, browser: Option<&str>, system: Option<&str>) -> Happening {
    Happening {
        key,
        at: SAMPLE_MOMENT,
        refused,
        browser: browser.map(str::to_owned),
        system: system.map(str::to_owned),
        network: browser.map(|_| "192.0.2.0/24".to_owned()),
    }
}

impl Page for GiveProof {
    const NAME: &'static str = "my_proof";

    fn samples() -> Vec<(&'static str, GiveProof)> {
        let page = |problem| GiveProof {
            login: "camille.dupont".to_owned(),
            action: "/cas/account/prove?then=password".to_owned(),
            proof: "LT-SAMPLE".to_owned(),
            cancel: CANCEL.to_owned(),
            problem,
            until: None,
        };
        let throttled = GiveProof {
            until: Some(SAMPLE_MOMENT),
            ..page(Some(AccountProblem::Throttled))
        };
        vec![
            ("plain", page(None)),
            ("empty", page(Some(AccountProblem::PasswordEmpty))),
            ("wrong", page(Some(AccountProblem::PasswordWrong))),
            ("throttled", throttled),
            ("directory-down", page(Some(AccountProblem::DirectoryDown))),
            ("page-too-old", page(Some(AccountProblem::PageTooOld))),
        ]
    }
}

impl Page for MyPassword {
    const NAME: &'static str = "my_password";

    fn samples() -> Vec<(&'static str, MyPassword)> {
        let page = |problem| MyPassword {
            lost: Some("/cas/recover/start".to_owned()),
            login: "camille.dupont".to_owned(),
            action: "/cas/account/password".to_owned(),
            proof: "LT-SAMPLE".to_owned(),
            cancel: CANCEL.to_owned(),
            rules: vec![
                Rule {
                    key: "newpw-rule-length",
                    number: Some(12),
                },
                Rule {
                    key: "newpw-rule-personal",
                    number: None,
                },
            ],
            confirm: false,
            keep: false,
            long_end: false,
            problem,
            throttled: None,
        };
        let full = MyPassword {
            confirm: true,
            keep: true,
            long_end: true,
            ..page(Some(PasswordProblem::CurrentWrong))
        };
        let throttled = MyPassword {
            throttled: Some(SAMPLE_MOMENT),
            ..page(None)
        };
        let weak = PasswordProblem::Weak {
            flaws: super::new_password::flaws(),
        };
        let refused = PasswordProblem::Refused {
            why: super::new_password::Refused::InHistory,
        };
        vec![
            ("plain", page(None)),
            ("current-empty", page(Some(PasswordProblem::CurrentEmpty))),
            ("current-wrong", full),
            ("empty", page(Some(PasswordProblem::Empty))),
            ("weak", page(Some(weak))),
            ("refused", page(Some(refused))),
            ("too-young", page(Some(PasswordProblem::TooYoung { until: None }))),
            (
                "too-young-until",
                page(Some(PasswordProblem::TooYoung {
                    until: Some(SAMPLE_MOMENT),
                })),
            ),
            ("throttled", throttled),
            ("unknown", page(Some(PasswordProblem::Unknown))),
            ("directory-down", page(Some(PasswordProblem::DirectoryDown))),
            ("page-too-old", page(Some(PasswordProblem::PageTooOld))),
        ]
    }
}

impl Page for NewAddress {
    const NAME: &'static str = "my_address";

    fn samples() -> Vec<(&'static str, NewAddress)> {
        let page = |mobile, problem| NewAddress {
            mobile,
            typed: String::new(),
            action: "/cas/account/address?kind=mail".to_owned(),
            proof: "LT-SAMPLE".to_owned(),
            cancel: CANCEL.to_owned(),
            problem,
        };
        let typed = NewAddress {
            typed: "camille@messagerie\"><b>".to_owned(),
            ..page(false, Some(AccountProblem::MailUnfit))
        };
        vec![
            ("mail", page(false, None)),
            ("mobile", page(true, None)),
            ("mail-empty", page(false, Some(AccountProblem::MailEmpty))),
            ("mail-unfit", typed),
            ("mobile-empty", page(true, Some(AccountProblem::MobileEmpty))),
            ("mobile-unfit", page(true, Some(AccountProblem::MobileUnfit))),
            ("known", page(false, Some(AccountProblem::Known))),
            ("full", page(false, Some(AccountProblem::Full))),
            ("too-many-sent", page(false, Some(AccountProblem::TooManySent))),
            ("not-allowed", page(false, Some(AccountProblem::NotAllowed))),
            ("directory-down", page(false, Some(AccountProblem::DirectoryDown))),
            ("page-too-old", page(false, Some(AccountProblem::PageTooOld))),
        ]
    }
}

impl Page for RemoveAddress {
    const NAME: &'static str = "my_address_remove";

    fn samples() -> Vec<(&'static str, RemoveAddress)> {
        let page = |problem| RemoveAddress {
            value: "camille@messagerie.example".to_owned(),
            action: "/cas/account/remove?address=c0ffee".to_owned(),
            proof: "LT-SAMPLE".to_owned(),
            cancel: CANCEL.to_owned(),
            problem,
        };
        vec![
            ("plain", page(None)),
            ("last-one", page(Some(AccountProblem::LastOne))),
        ]
    }
}
