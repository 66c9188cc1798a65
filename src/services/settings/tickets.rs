//! How tickets reach the service, how long they live, and where the end of a session is told.

use std::time::Duration;

use super::{Check, ServiceSettings};
use crate::protocol::login_request::ResponseMethod;
use crate::protocol::service_url::{Scheme, ServiceUrl};
use crate::services::service::SingleLogout;
use crate::services::url_rule::UrlRule;

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

    pub(super) fn logout(&mut self, settings: &ServiceSettings, rules: &[UrlRule]) -> SingleLogout {
        let url = match settings.logout.as_deref() {
            None | Some("service") => return SingleLogout::ToService,
            Some("off") => return SingleLogout::Off,
            Some(url) => url,
        };
        let only_https = !rules.is_empty() && rules.iter().all(|rule| rule.scheme == Some(Scheme::Https));
        match ServiceUrl::parse(url) {
            Ok(url) if only_https && url.scheme() == Scheme::Http => {
                self.problem(
                    "logout",
                    "the service is https, its logout URL must be too (CAS-202)",
                );
                SingleLogout::Off
            }
            Ok(url) => SingleLogout::To(url.without_ticket()),
            Err(flaw) => {
                self.problem(
                    "logout",
                    format!("“{url}” is neither off, nor service, nor a URL: {flaw}"),
                );
                SingleLogout::Off
            }
        }
    }
}
