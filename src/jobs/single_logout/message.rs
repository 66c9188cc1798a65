//! A logout message as it waits, and why one could not be delivered. It holds a spent ticket and the
//! name of a person, so it lies in the store sealed and has no `Debug`.

use http::StatusCode;
use serde::{Deserialize, Serialize};
use url::Url;

use crate::base::clock::Timestamp;
use crate::base::names::ServiceId;
use crate::flows::LogoutNotice;
use crate::outgoing::OutgoingError;
use crate::tickets::{FarewellId, FarewellLine, Told};

/// One message for one application.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Message {
    pub service: ServiceId,
    pub url: String,
    /// The form as it goes out, `logoutRequest` first (CAS-193). It stays the same at every try.
    pub form: String,
    /// The sign-out, and the number of this message there.
    pub of: [u8; 16],
    pub number: u16,
    pub written: Timestamp,
    pub tries: u32,
    pub first_try: Option<Timestamp>,
    pub last_try: Option<Timestamp>,
    /// Why the last try failed.
    pub failure: Option<Failure>,
}

/// Why a try failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    pub reason: Reason,
    /// Of an answer that was no consent.
    pub status: Option<u16>,
}

/// The reasons by their codes, which never change their meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Reason {
    /// The application answered that it refuses: 4xx.
    Refused,
    /// It answered that it cannot now: 5xx, 408, 425, 429.
    Unable,
    /// No URL that can be called.
    BadUrl,
    /// Every address of the host is inside the network, and it is not listed.
    ForbiddenAddress,
    NoAddress,
    Unreachable,
    Tls,
    NotHttp,
    Late,
    /// The host failed so often that it was not asked.
    Resting,
    /// Processes died of it, or with it, too often.
    Lapsed,
    /// Nobody got round to it for a day.
    TooOld,
}

impl Reason {
    pub fn code(self) -> &'static str {
        match self {
            Reason::Refused => "REFUSED",
            Reason::Unable => "UNABLE",
            Reason::BadUrl => "BAD_URL",
            Reason::ForbiddenAddress => "FORBIDDEN_ADDRESS",
            Reason::NoAddress => "NO_ADDRESS",
            Reason::Unreachable => "UNREACHABLE",
            Reason::Tls => "TLS",
            Reason::NotHttp => "NOT_HTTP",
            Reason::Late => "LATE",
            Reason::Resting => "RESTING",
            Reason::Lapsed => "LAPSED",
            Reason::TooOld => "TOO_OLD",
        }
    }

    /// Whether the same try may well succeed later. A refusal stands.
    fn may_pass(self) -> bool {
        !matches!(
            self,
            Reason::Refused | Reason::BadUrl | Reason::ForbiddenAddress | Reason::Lapsed | Reason::TooOld
        )
    }
}

impl From<Reason> for Failure {
    fn from(reason: Reason) -> Failure {
        Failure { reason, status: None }
    }
}

impl Failure {
    pub(super) fn may_pass(self) -> bool {
        self.reason.may_pass()
    }

    pub(super) fn of(error: &OutgoingError) -> Failure {
        let reason = match error {
            OutgoingError::NotCallable => Reason::BadUrl,
            OutgoingError::Forbidden { .. } => Reason::ForbiddenAddress,
            OutgoingError::Unresolvable { .. } => Reason::NoAddress,
            OutgoingError::Unreachable { .. } => Reason::Unreachable,
            OutgoingError::Tls { .. } => Reason::Tls,
            OutgoingError::Http { .. } | OutgoingError::Unreadable { .. } => Reason::NotHttp,
            OutgoingError::Late { .. } | OutgoingError::Busy { .. } => Reason::Late,
            OutgoingError::Resting { .. } => Reason::Resting,
        };
        reason.into()
    }

    /// What an answer says; a redirection counts as taken, since applications often answer so after
    /// logging out. It is not followed.
    pub(super) fn by(status: StatusCode) -> Option<Failure> {
        let passing = [
            StatusCode::REQUEST_TIMEOUT,
            StatusCode::TOO_EARLY,
            StatusCode::TOO_MANY_REQUESTS,
        ];
        let reason = match status {
            status if status.is_server_error() || passing.contains(&status) => Reason::Unable,
            status if status.is_client_error() => Reason::Refused,
            _ => return None,
        };
        Some(Failure {
            reason,
            status: Some(status.as_u16()),
        })
    }
}

impl Message {
    pub fn of(notice: LogoutNotice, of: &FarewellId, number: u16, written: Timestamp) -> Message {
        Message {
            service: notice.service,
            url: notice.url,
            form: notice.body,
            of: of.0,
            number,
            written,
            tries: 0,
            first_try: None,
            last_try: None,
            failure: None,
        }
    }

    /// The same as it was before any try.
    pub fn anew(self, now: Timestamp) -> Message {
        Message {
            written: now,
            tries: 0,
            first_try: None,
            last_try: None,
            failure: None,
            ..self
        }
    }

    pub fn tried(&mut self, now: Timestamp, failure: Option<Failure>) {
        self.tries = self.tries.saturating_add(1);
        self.first_try = self.first_try.or(Some(now));
        self.last_try = Some(now);
        self.failure = failure;
    }

    /// For the log: a path or a query may hold more than the operator should see.
    pub fn host(&self) -> String {
        let url = Url::parse(&self.url).ok();
        url.and_then(|url| url.host_str().map(str::to_owned))
            .unwrap_or_default()
    }

    pub fn line(&self, told: Told) -> FarewellLine {
        FarewellLine {
            number: self.number,
            service: self.service.clone(),
            told,
        }
    }
}
