//! How tickets reach the service and how long they live.

use std::time::Duration;

use super::{Check, ServiceSettings};
use crate::protocol::login_request::ResponseMethod;

/// A service ticket waits at most this long: CAS 3.0.3 §3.1.1 recommends five minutes.
const LONGEST_TICKET_LIFETIME: Duration = Duration::from_secs(300);

impl Check {
    pub(super) fn lifetime(&mut self, settings: &ServiceSettings) -> Option<Duration> {
        let bounds = Duration::from_secs(1)..=LONGEST_TICKET_LIFETIME;
        if settings
            .ticket_lifetime
            .is_some_and(|lifetime| !bounds.contains(&lifetime))
        {
            self.problem(
                "ticket_lifetime",
                "write 1 to 300 seconds; clients validate within one",
            );
        }
        settings.ticket_lifetime
    }

    pub(super) fn response(&mut self, settings: &ServiceSettings) -> ResponseMethod {
        match settings.response.as_deref() {
            None | Some("redirect") => ResponseMethod::Redirect,
            Some("post") => ResponseMethod::Post,
            Some("header") => ResponseMethod::Header,
            Some(other) => {
                self.problem(
                    "response",
                    format!("“{other}” is none of redirect, post and header"),
                );
                ResponseMethod::Redirect
            }
        }
    }
}
