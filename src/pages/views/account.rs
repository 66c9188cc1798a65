//! Accounts that may not sign in although the password was right: why, and whom to ask
//! (experience §3.2, §5.3).

use serde::Serialize;

use super::Page;
use crate::base::clock::Timestamp;

/// Shown only after a right password: it tells about the account.
#[derive(Debug, Clone, Serialize)]
pub struct AccountClosed {
    pub username: String,
    pub reason: ClosedReason,
    /// When the state began or, for an announced account, when it opens.
    pub since: Option<Timestamp>,
    /// What the rule that fired says to the person, in the page's language.
    pub message: Option<String>,
    /// Back to the login form.
    pub retry: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ClosedReason {
    PasswordExpired,
    MustChange,
    Announced,
    Inactive,
    Suspended,
    /// By failed tries, in the directory.
    Locked,
    NotActivated,
}

impl Page for AccountClosed {
    const NAME: &'static str = "account_closed";

    fn samples() -> Vec<(&'static str, AccountClosed)> {
        let because = |reason, since| AccountClosed {
            username: "camille.dupont".to_owned(),
            reason,
            since,
            message: None,
            retry: "/cas/login".to_owned(),
        };
        let then = Some(super::SAMPLE_MOMENT);
        let with_message = AccountClosed {
            message: Some("Votre inscription n’est pas encore payée : passez à la scolarité.".to_owned()),
            ..because(ClosedReason::Suspended, then)
        };
        vec![
            ("expired", because(ClosedReason::PasswordExpired, None)),
            ("expired-since", because(ClosedReason::PasswordExpired, then)),
            ("must-change", because(ClosedReason::MustChange, None)),
            ("announced", because(ClosedReason::Announced, None)),
            ("announced-until", because(ClosedReason::Announced, then)),
            ("inactive", because(ClosedReason::Inactive, None)),
            ("inactive-since", because(ClosedReason::Inactive, then)),
            ("suspended", because(ClosedReason::Suspended, None)),
            ("message", with_message),
            ("locked", because(ClosedReason::Locked, None)),
            ("not-activated", because(ClosedReason::NotActivated, None)),
        ]
    }
}
