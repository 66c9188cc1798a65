//! Mailed links about one's own account: an address is confirmed, a change of addresses is taken back, an
//! account is closed whose password somebody else chose.

use serde::Serialize;

use super::Page;
use super::my_account::AccountProblem;

/// A mailed link that confirms an address, or has.
#[derive(Debug, Clone, Serialize)]
pub struct ConfirmLink {
    pub state: LinkState,
    pub mask: String,
    pub action: String,
    pub proof: String,
    /// The browser is not signed in to this account: the code is wanted.
    pub code: bool,
    pub problem: Option<AccountProblem>,
    pub account: String,
}

/// A mailed link that takes a change back, or has.
#[derive(Debug, Clone, Serialize)]
pub struct UndoLink {
    pub state: LinkState,
    pub mask: String,
    /// An address was added, or one was removed.
    pub added: bool,
    pub action: String,
    pub proof: String,
    pub problem: Option<AccountProblem>,
    /// Where a new password is asked for.
    pub recover: Option<String>,
    pub sign_in: String,
}

/// A mailed link that closes an account whose password somebody else chose, or has.
#[derive(Debug, Clone, Serialize)]
pub struct NotMeLink {
    pub state: LinkState,
    pub action: String,
    /// The box was left empty (SEC-35).
    pub unticked: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum LinkState {
    Ask,
    Done,
    Dead,
}

impl Page for ConfirmLink {
    const NAME: &'static str = "confirm_link";

    fn samples() -> Vec<(&'static str, ConfirmLink)> {
        let signed_in = ConfirmLink {
            state: LinkState::Ask,
            mask: "c•••@m•••.example".to_owned(),
            action: "/cas/c/sample".to_owned(),
            proof: "LT-SAMPLE".to_owned(),
            code: false,
            problem: None,
            account: "/cas/account".to_owned(),
        };
        let code = ConfirmLink {
            code: true,
            ..signed_in.clone()
        };
        let wrong = ConfirmLink {
            problem: Some(AccountProblem::CodeWrong),
            ..code.clone()
        };
        let at = |state| ConfirmLink {
            state,
            ..signed_in.clone()
        };
        vec![
            ("signed-in", signed_in.clone()),
            ("code", code),
            ("wrong", wrong),
            ("done", at(LinkState::Done)),
            ("dead", at(LinkState::Dead)),
        ]
    }
}

impl Page for NotMeLink {
    const NAME: &'static str = "not_me";

    fn samples() -> Vec<(&'static str, NotMeLink)> {
        let page = |state, unticked| NotMeLink {
            state,
            action: "/cas/n/sample".to_owned(),
            unticked,
        };
        vec![
            ("ask", page(LinkState::Ask, false)),
            ("unticked", page(LinkState::Ask, true)),
            ("done", page(LinkState::Done, false)),
            ("dead", page(LinkState::Dead, false)),
        ]
    }
}

impl Page for UndoLink {
    const NAME: &'static str = "undo_link";

    fn samples() -> Vec<(&'static str, UndoLink)> {
        let added = UndoLink {
            state: LinkState::Ask,
            mask: "c•••@m•••.example".to_owned(),
            added: true,
            action: "/cas/u/sample".to_owned(),
            proof: "LT-SAMPLE".to_owned(),
            problem: None,
            recover: Some("/cas/recover".to_owned()),
            sign_in: "/cas/login".to_owned(),
        };
        let removed = UndoLink {
            added: false,
            problem: Some(AccountProblem::PageTooOld),
            ..added.clone()
        };
        let unticked = UndoLink {
            problem: Some(AccountProblem::Unticked),
            ..added.clone()
        };
        let at = |state, added: &UndoLink| UndoLink {
            state,
            problem: None,
            ..added.clone()
        };
        vec![
            ("added", added.clone()),
            ("removed", removed.clone()),
            ("unticked", unticked),
            ("done", at(LinkState::Done, &added)),
            ("done-removed", at(LinkState::Done, &removed)),
            ("dead", at(LinkState::Dead, &added)),
        ]
    }
}
