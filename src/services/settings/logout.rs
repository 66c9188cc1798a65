//! How a service is told that a session is over.

use super::{Check, ServiceSettings};
use crate::protocol::service_url::{Scheme, ServiceUrl};
use crate::services::service::{LogoutBy, SingleLogout};
use crate::services::url_rule::UrlRule;

impl Check {
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

    pub(super) fn logout_by(&mut self, settings: &ServiceSettings) -> LogoutBy {
        match settings.logout_by.as_deref() {
            None | Some("server") => LogoutBy::Server,
            Some("browser") => LogoutBy::Browser,
            Some(other) => {
                self.problem("logout_by", format!("“{other}” is neither server nor browser"));
                LogoutBy::Server
            }
        }
    }
}
