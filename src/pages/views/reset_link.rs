//! A mailed link that opens nothing any more, said by its kind to who holds it (SEC-37, experience
//! §3.6), and a request that its owner has cancelled.

use serde::Serialize;

use super::{Page, SAMPLE_MOMENT};
use crate::base::clock::Timestamp;

#[derive(Debug, Clone, Serialize)]
pub struct DeadLink {
    pub why: Dead,
    /// Where a new one is asked for; absent where the realm sends none.
    pub again: Option<String>,
    /// For who has the code of the message.
    pub code: Option<String>,
    pub sign_in: String,
}

/// What became of a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Dead {
    /// No link of ours: cut off, changed, invented; or of another school.
    Unknown,
    Expired {
        at: Timestamp,
    },
    Used {
        at: Timestamp,
    },
    /// A later message has another one.
    Replaced {
        at: Timestamp,
    },
    /// “I did not ask for this.”
    Revoked {
        at: Timestamp,
    },
    /// Somebody is choosing a password with it right now.
    Busy,
    /// The password was changed since, by whatever way.
    Changed,
    /// Too many refused tries.
    WornOut,
    /// The account may not choose a password here any more.
    Closed,
    /// What the browser held of the flow is gone or too old.
    Lost,
    /// The realm lets nobody choose a password here.
    NotOffered,
}

/// “Shall the request be cancelled?”
#[derive(Debug, Clone, Serialize)]
pub struct Revoke {
    pub action: String,
    /// The box was left empty (SEC-35).
    pub unticked: bool,
    pub sign_in: String,
}

/// “The request is cancelled. Your password has not changed.”
#[derive(Debug, Clone, Serialize)]
pub struct Revoked {
    pub sign_in: String,
}

impl Page for DeadLink {
    const NAME: &'static str = "reset_link";

    fn samples() -> Vec<(&'static str, DeadLink)> {
        let at = SAMPLE_MOMENT;
        let page = |why| DeadLink {
            why,
            again: Some("/cas/recover".to_owned()),
            code: Some("/cas/recover/code".to_owned()),
            sign_in: "/cas/login".to_owned(),
        };
        let bare = |why| DeadLink {
            again: None,
            code: None,
            ..page(why)
        };
        vec![
            ("unknown", page(Dead::Unknown)),
            ("expired", page(Dead::Expired { at })),
            ("used", page(Dead::Used { at })),
            ("replaced", page(Dead::Replaced { at })),
            ("revoked", page(Dead::Revoked { at })),
            ("changed", page(Dead::Changed)),
            ("worn-out", page(Dead::WornOut)),
            ("closed", bare(Dead::Closed)),
            ("busy", bare(Dead::Busy)),
            ("lost", page(Dead::Lost)),
            ("not-offered", bare(Dead::NotOffered)),
        ]
    }
}

impl Page for Revoke {
    const NAME: &'static str = "reset_revoke";

    fn samples() -> Vec<(&'static str, Revoke)> {
        let page = |unticked| Revoke {
            action: "/cas/x/sample".to_owned(),
            unticked,
            sign_in: "/cas/login".to_owned(),
        };
        vec![("plain", page(false)), ("unticked", page(true))]
    }
}

impl Page for Revoked {
    const NAME: &'static str = "reset_revoked";

    fn samples() -> Vec<(&'static str, Revoked)> {
        vec![(
            "plain",
            Revoked {
                sign_in: "/cas/login".to_owned(),
            },
        )]
    }
}
