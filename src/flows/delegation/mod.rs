//! Signing in by another server's word: going there ([`begin`]), coming back ([`finish`]), choosing
//! among accounts ([`choose`]), and the other server's news that a session is over ([`ended`]).
//! Whatever goes wrong is a [`Failure`] that names its step; nothing here ever sends a browser there
//! a second time by itself.

mod account;
mod begin;
mod finish;
mod over;
mod state;

pub use begin::{Begin, Begun, begin};
pub use finish::{Callback, Choice, Finished, choose, finish, peek};
pub use over::{Channel, SignOut, ended, sign_out};
pub use state::{FLOW_ID_LENGTH, LIFETIME, LONGEST_CARRIED};

use crate::base::names::{InstitutionId, RealmId, UpstreamId};
use crate::protocol::login_request::{LoginRequest, ResponseMethod};
use crate::protocol::service_url::ServiceUrl;

/// What the browser was about when it went.
#[derive(Debug, Clone)]
pub struct Errand {
    pub institution: InstitutionId,
    /// Byte for byte as it was asked.
    pub service: Option<ServiceUrl>,
    pub renew: bool,
    pub gateway: bool,
    pub method: Option<ResponseMethod>,
    /// The service was named by `TARGET` (CAS-208).
    pub artifact: bool,
    pub warn: bool,
    /// The name under which the browser keeps the part of its address after #, which no server sees.
    pub fragment: Option<FragmentName>,
}

/// Letters and digits that a page's script made up; they name something for that script alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FragmentName(String);

impl FragmentName {
    /// `None` when it is none: 1 to 24 letters and digits.
    pub fn new(text: &str) -> Option<FragmentName> {
        let fits = (1..=24).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
        fits.then(|| FragmentName(text.to_owned()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Errand {
    /// The request to `/login` that it comes from.
    pub fn request(&self) -> LoginRequest {
        LoginRequest {
            service: self.service.clone(),
            renew: self.renew,
            gateway: false,
            method: self.method,
            artifact: self.artifact,
            warn: self.warn,
            tenant: Some(self.institution.as_str().to_owned()),
        }
    }
}

/// Another server and the realm that trusts it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    pub realm: RealmId,
    pub upstream: UpstreamId,
}

/// A sign-in that did not come about.
#[derive(Debug, Clone)]
pub struct Failure {
    pub step: Step,
    /// What it was about, once that could be read.
    pub errand: Option<Errand>,
}

/// Which step failed (experience §3.13 E9). Pages choose their sentence by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Step {
    /// The browser does not hold what it was given when it went: other browser, no cookies.
    Foreign,
    /// It was away too long.
    Late,
    /// It came back by the same way before.
    Again,
    /// It came back without anybody.
    GivenUp,
    /// The realm does not sign people in by this server any more.
    Withdrawn,
    /// The server did not say in time who came.
    Silent,
    /// It said nothing that can be read.
    Unreadable,
    /// It does not stand by what the browser brought.
    Refused,
    /// It does not tell what people are found by.
    Nameless,
    /// The realm knows nobody whom it means.
    Unknown,
    /// It means more people than anybody would choose from.
    TooMany,
}

impl Step {
    /// The reason in the log, which the page shows beside its sentence.
    pub fn code(self) -> &'static str {
        match self {
            Step::Foreign => "DELEGATION_STATE",
            Step::Late => "DELEGATION_LATE",
            Step::Again => "DELEGATION_REPLAY",
            Step::GivenUp => "DELEGATION_CANCELLED",
            Step::Withdrawn => "DELEGATION_WITHDRAWN",
            Step::Silent => "DELEGATION_NO_ANSWER",
            Step::Unreadable => "DELEGATION_BAD_ANSWER",
            Step::Refused => "DELEGATION_REFUSED",
            Step::Nameless => "DELEGATION_NO_KEY",
            Step::Unknown => "DELEGATION_NO_ACCOUNT",
            Step::TooMany => "DELEGATION_AMBIGUOUS",
        }
    }
}
