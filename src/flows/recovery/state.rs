//! What a browser carries between the pages of one flow, sealed: typed, bound to the flow's id, ending
//! by itself. It never holds a link, a code nor a password: the right to choose one is kept by its name,
//! which opens nothing outside this seal.

use std::time::Duration;

use data_encoding::BASE64URL_NOPAD;
use serde::{Deserialize, Serialize};

use super::who::Who;
use crate::base::clock::Timestamp;
use crate::base::entropy::random_symbols;
use crate::base::names::{InstitutionId, Locale, PersonKey, RealmId};
use crate::flows::Ports;
use crate::flows::delegation::FLOW_ID_LENGTH;
use crate::tickets::ResetToken;

/// What a flow is about, and how far it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Flow {
    pub realm: RealmId,
    pub institution: InstitutionId,
    /// Where the person wanted to go (SX-01), byte for byte.
    pub service: Option<String>,
    /// When this stage began.
    pub since: Timestamp,
    pub stage: Stage,
}

/// How far a flow is. A step opens its own stage and no other.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Stage {
    /// Came from the sign-in page, with what was typed there (S1-03).
    Start(Start),
    /// A request is on its way.
    Sent(Sent),
    /// A link or a code was good: a password may be chosen.
    Holding(Holding),
    /// The link of a shared mailbox was good: whose password is it? (S2-16)
    Among(Among),
    /// It is chosen.
    Done(Done),
    /// The sign-in wants another password before it goes on (S5-10).
    Changing(Changing),
    /// The password ends soon: its person is told, and goes on or chooses another (S5-09).
    Ending(Ending),
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Start {
    pub identifier: String,
}

/// What was asked, for the page that waits and for asking again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sent {
    pub username: bool,
    /// What was told instead of an address (S3-09).
    pub who: Option<Who>,
    /// Where the identifier is wanted.
    pub back: Back,
    /// A code was asked for by text message.
    pub by_sms: bool,
    pub identifier: String,
    pub email: String,
    /// When the latest request was made.
    pub at: Timestamp,
    /// “Send again” was pressed too early.
    pub early: bool,
    /// How often it was asked again.
    pub again: u8,
    /// The language that the message is in.
    #[serde(default)]
    pub locale: Option<Locale>,
}

/// By what the right was shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Via {
    Link,
    Code,
    /// The code was typed as the password (S4-06).
    SignIn,
}

impl Via {
    /// For the audit.
    pub(super) fn method(self) -> &'static str {
        match self {
            Via::Link => "link",
            Via::Code | Via::SignIn => "code",
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holding {
    /// [`ResetToken::name`], in base64url.
    name: String,
    pub via: Via,
}

/// The rights of who share a mailbox, each with its person, by [`ResetToken::name`] in base64url.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Among {
    pub rights: Vec<(PersonKey, String)>,
    /// What the field for the username begins with.
    pub username: String,
}

/// A page on which an identifier is wanted (S3-08).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Back {
    #[default]
    Recover,
    Code,
    SignIn,
    /// The new password, of the flow of this id.
    New(String),
}

impl Holding {
    pub fn of(ports: &Ports, token: &ResetToken, via: Via) -> Holding {
        Holding::named(BASE64URL_NOPAD.encode(&token.name(&ports.keys)), via)
    }

    pub(super) fn named(name: String, via: Via) -> Holding {
        Holding { name, via }
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    pub fn token(&self) -> Option<ResetToken> {
        ResetToken::from_name(&BASE64URL_NOPAD.decode(self.name.as_bytes()).ok()?)
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Done {
    pub login: String,
    pub ended: u64,
    pub told: bool,
}

/// The right password was given just now, and it is not to be used any longer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Changing {
    pub person: PersonKey,
    /// The state of the account's password then: the right ends when it moves.
    pub guard: Option<Vec<u8>>,
    pub expired: bool,
    /// The directory wants the old one beside the new one.
    pub current: bool,
    /// It could be used for some more days: nobody has to.
    #[serde(default)]
    pub ending: bool,
    /// Where the directory has no guard, this is used once: a cookie that is brought back changes nothing.
    pub once: [u8; 16],
}

/// The right password was given just now, and it ends soon.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ending {
    pub at: Timestamp,
    /// The right to choose another at once; `None` where nothing can be written now.
    pub changing: Option<Changing>,
}

/// Characters of a sealed flow at most.
pub const LONGEST: usize = 3_600;

/// Sealed flows have lengths in steps of so many bytes: what was typed does not show in the length of a
/// header (SEC-01).
const STEP: usize = 384;

impl Stage {
    /// How long a browser may stay at this stage.
    pub fn lifetime(&self) -> Duration {
        Duration::from_secs(match self {
            Stage::Start(_) => 3_600,
            Stage::Sent(_) => 86_400,
            Stage::Holding(_) | Stage::Among(_) => 4 * 3_600,
            Stage::Done(_) => 3_600,
            Stage::Changing(_) | Stage::Ending(_) => 900,
        })
    }
}

impl Flow {
    /// Without its service when it is longer than any browser would carry with it: who chose a password
    /// then goes back to the application by its own link. `None` when it is too long all the same.
    pub fn seal(&self, ports: &Ports, id: &str) -> Option<String> {
        self.seal_whole(ports, id).or_else(|| {
            let bare = Flow {
                service: None,
                ..self.clone()
            };
            self.service.as_ref()?;
            bare.seal_whole(ports, id)
        })
    }

    fn seal_whole(&self, ports: &Ports, id: &str) -> Option<String> {
        let mut plain = serde_json::to_vec(self).ok()?;
        plain.resize(plain.len().next_multiple_of(STEP), b' ');
        let sealed = ports
            .keys
            .seal(ports.entropy.as_ref(), context(id).as_bytes(), &plain);
        let value = BASE64URL_NOPAD.encode(&sealed);
        (value.len() <= LONGEST).then_some(value)
    }

    /// The flow `id` as it was sealed for it; `None` for anything else, and once its time is over.
    pub fn open(ports: &Ports, id: &str, value: &str) -> Option<Flow> {
        let sealed = BASE64URL_NOPAD.decode(value.as_bytes()).ok()?;
        let plain = ports.keys.open(context(id).as_bytes(), &sealed)?;
        let flow: Flow = serde_json::from_slice(&plain).ok()?;
        let over = ports.clock.now().is_past(flow.since, flow.stage.lifetime());
        (!over).then_some(flow)
    }

    /// The same flow, further on.
    pub fn at(&self, now: Timestamp, stage: Stage) -> Flow {
        Flow {
            since: now,
            stage,
            ..self.clone()
        }
    }
}

pub fn new_id(ports: &Ports) -> String {
    let alphabet = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    random_symbols(ports.entropy.as_ref(), alphabet, FLOW_ID_LENGTH)
}

fn context(id: &str) -> String {
    format!("recovery {id}")
}
