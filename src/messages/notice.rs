//! Everything a person can be told by a message: a closed list. No password, no birth date, no
//! secret answer has a place in it, and nothing here can be printed by accident.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::browser::Browser;
use super::link::Link;
use crate::base::clock::Timestamp;
use crate::base::names::NetworkPrefix;
use crate::base::secret::Secret;
use crate::tickets::AskedFrom;

/// A thing somebody is to be told. Serialised only to be sealed for the outbox.
#[derive(Clone, Serialize, Deserialize)]
pub enum Notice {
    /// A new password may be chosen, one block per account of the mailbox (S2-18). Without accounts
    /// it says why nothing can be chosen.
    ResetLinks {
        accounts: Vec<AccountBlock>,
        /// Accounts of the mailbox that get no link, and why.
        besides: Vec<Aside>,
        /// When the links end.
        until: Timestamp,
        asked: Asked,
        /// Where the request is called off.
        revoke: Link,
    },
    /// One link for the accounts of a mailbox; its page asks for the username (S2-16).
    SharedLink {
        link: Link,
        /// Accounts of the mailbox that the link does not open, and why.
        besides: Vec<Aside>,
        until: Timestamp,
        asked: Asked,
        revoke: Link,
    },
    /// A code that goes with the identifier, for a text message.
    ResetCode {
        #[serde(with = "hidden")]
        code: Secret,
        lasts: Duration,
    },
    /// A provisional secret: typed as the password it opens the change form and nothing else (S4-06).
    Provisional {
        account: AccountBlock,
        until: Timestamp,
        asked: Asked,
        revoke: Link,
    },
    /// The identifiers of a mailbox (S4-04).
    Identifiers {
        accounts: Vec<LoginLine>,
        /// When the links end, when there are any.
        until: Option<Timestamp>,
        asked: Asked,
    },
    /// A reset was asked for an account that waits for its activation (SX-06).
    NotActivated {
        login: String,
        /// Where it is activated; not told when nobody has configured it.
        activation: Option<String>,
    },
    /// A reset was asked for an account whose password is kept elsewhere (SX-05).
    Federated {
        login: String,
        /// Names and addresses of those places.
        where_to: Vec<(String, String)>,
    },
    /// A reset was asked for an account that may not have one (SEC-59).
    RefusedByPolicy { login: String },
    /// The password was changed (SEC-58).
    PasswordChanged {
        login: String,
        when: Timestamp,
        how: How,
        browser: Option<Browser>,
        network_prefix: Option<NetworkPrefix>,
        /// From where it was asked for (SEC-28), when by a link or a code.
        #[serde(default)]
        asked: Option<AskedFrom>,
        /// « Ce n’est pas moi »: a page with a button.
        not_me: Option<Link>,
    },
    /// Failed attempts no longer lock the account (S1-21).
    Unlocked { login: String },
    /// A recovery address or number is new.
    AddressAdded {
        login: String,
        mask: String,
        when: Timestamp,
        undo: Option<Link>,
    },
    /// A recovery address or number is gone.
    AddressRemoved {
        login: String,
        mask: String,
        when: Timestamp,
        undo: Option<Link>,
    },
    /// A recovery address or number is another one now.
    AddressChanged {
        login: String,
        mask: String,
        when: Timestamp,
        undo: Option<Link>,
    },
    /// Is this address yours? Proved by the code, or by the link and the code (SEC-35).
    ConfirmAddress {
        login: String,
        #[serde(with = "hidden")]
        code: Secret,
        link: Option<Link>,
        until: Timestamp,
    },
    /// An agent had a reset link sent elsewhere, or a code printed: to the addresses of before.
    SentByAgent {
        login: String,
        /// Where it went; `None`: a code on paper.
        mask: Option<String>,
        when: Timestamp,
        revoke: Option<Link>,
    },
    /// To the service desk: a person says that a change was not theirs (SEC-58).
    Disowned { login: String, when: Timestamp },
}

/// One account of a mailbox with its own way in.
#[derive(Clone, Serialize, Deserialize)]
pub struct AccountBlock {
    /// As the directory has it; shown only when it cannot be taken for a link (SEC-43).
    pub display_name: String,
    pub login: String,
    pub school: Option<String>,
    pub link: Link,
    #[serde(with = "hidden")]
    pub code: Secret,
}

/// One account of a mailbox, by the identifier that was forgotten.
#[derive(Clone, Serialize, Deserialize)]
pub struct LoginLine {
    pub display_name: String,
    pub login: String,
    pub school: Option<String>,
    /// A reset link, where the realm sends one along.
    pub way: Option<Way>,
    /// To the page on which the identifier was wanted, with it in its field (S3-08).
    #[serde(default)]
    pub back: Option<Link>,
}

/// A reset link and its code.
#[derive(Clone, Serialize, Deserialize)]
pub struct Way {
    pub link: Link,
    #[serde(with = "hidden")]
    pub code: Secret,
}

/// An account of the mailbox that gets no link, and why.
#[derive(Clone, Serialize, Deserialize)]
pub enum Aside {
    NotActivated {
        login: String,
        activation: Option<String>,
    },
    Federated {
        login: String,
        where_to: Vec<(String, String)>,
    },
    RefusedByPolicy {
        login: String,
    },
}

/// When and from what kind of device something was asked. No network address.
#[derive(Clone, Serialize, Deserialize)]
pub struct Asked {
    pub at: Timestamp,
    pub browser: Option<Browser>,
    /// An agent of the service desk asked, not the person.
    pub by_agent: bool,
}

/// By which way a password was changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum How {
    /// A mailed link or code.
    Mail,
    /// A code in a text message.
    Sms,
    /// A code from the service desk.
    Agent,
    /// By the person, signed in, with the old password.
    Account,
    /// Within a sign-in that asked for it.
    Forced,
}

impl Notice {
    /// The name of its template and of its subject: `reset_links`.
    pub fn name(&self) -> &'static str {
        match self {
            Notice::ResetLinks { .. } => "reset_links",
            Notice::SharedLink { .. } => "shared_link",
            Notice::ResetCode { .. } => "reset_code",
            Notice::Provisional { .. } => "provisional",
            Notice::Identifiers { .. } => "identifiers",
            Notice::NotActivated { .. } => "not_activated",
            Notice::Federated { .. } => "federated",
            Notice::RefusedByPolicy { .. } => "refused_by_policy",
            Notice::PasswordChanged { .. } => "password_changed",
            Notice::Unlocked { .. } => "unlocked",
            Notice::AddressAdded { .. } => "address_added",
            Notice::AddressRemoved { .. } => "address_removed",
            Notice::AddressChanged { .. } => "address_changed",
            Notice::ConfirmAddress { .. } => "confirm_address",
            Notice::SentByAgent { .. } => "sent_by_agent",
            Notice::Disowned { .. } => "disowned",
        }
    }
}

/// How secrets pass into the sealed outbox and out of it; nothing else serialises them.
pub(super) mod hidden {
    use serde::{Deserialize, Deserializer, Serializer};

    use crate::base::secret::Secret;

    pub fn serialize<S: Serializer>(secret: &Secret, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(secret.expose())
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Secret, D::Error> {
        String::deserialize(from).map(Secret::new)
    }
}
