//! How tickets reach the service and how long they live, and where the end of a session is told.

use std::time::Duration;

use super::{Check, OneOrMore, ServiceSettings};
use crate::protocol::login_request::ResponseMethod;
use crate::protocol::service_url::{Scheme, ServiceUrl};
use crate::services::service::SingleLogout;
use crate::services::url_rule::UrlRule;

/// A service ticket waits at most this long: CAS 3.0.3 §3.1.1 recommends five minutes.
pub(in crate::services) const LONGEST_TICKET_LIFETIME: Duration = Duration::from_secs(300);

pub(in crate::services) const SHORTEST_SPAN: Duration = Duration::from_secs(60);

impl Check {
    pub(super) fn ticket(&mut self, field: &'static str, written: Option<Duration>) -> Option<Duration> {
        let bounds = Duration::from_secs(1)..=LONGEST_TICKET_LIFETIME;
        if written.is_some_and(|lifetime| !bounds.contains(&lifetime)) {
            self.problem(field, "a ticket waits for 1 to 300 seconds; write \"30 s\"");
        }
        written
    }

    /// Below a minute people would be asked again while they look at what they asked for.
    pub(super) fn span(&mut self, field: &'static str, written: Option<Duration>) -> Option<Duration> {
        if written.is_some_and(|span| span < SHORTEST_SPAN) {
            self.problem(field, "this is too short to be of use; write \"1 min\" or more");
        }
        written
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
        let written: Vec<&str> = match &settings.logout {
            None => return SingleLogout::ToService,
            Some(OneOrMore(texts)) => texts.iter().map(String::as_str).collect(),
        };
        match written.as_slice() {
            ["service"] => return SingleLogout::ToService,
            ["off"] => return SingleLogout::Off,
            [] => self.problem("logout", "this names nobody to tell; write \"off\""),
            _ => {}
        }
        let only_https = !rules.is_empty() && rules.iter().all(|rule| rule.scheme == Some(Scheme::Https));
        let urls = written.into_iter();
        SingleLogout::To(urls.filter_map(|url| self.told_at(url, only_https)).collect())
    }

    fn told_at(&mut self, url: &str, only_https: bool) -> Option<String> {
        match ServiceUrl::parse(url) {
            Ok(url) if only_https && url.scheme() == Scheme::Http => {
                self.problem(
                    "logout",
                    "the service is https, its logout URL must be too (CAS-202)",
                );
                None
            }
            Ok(url) => Some(url.without_ticket()),
            Err(flaw) => {
                let mend = "write \"off\", \"service\" or whole URLs";
                self.problem(
                    "logout",
                    format!("“{url}” is neither off, nor service, nor a URL: {flaw}; {mend}"),
                );
                None
            }
        }
    }
}
