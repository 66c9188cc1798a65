//! What a ticket is for: a web address or, for proxy tickets alone, a name that is none (CAS-99).

use crate::protocol::service_url::ServiceUrl;
use crate::services::{Registry, Service};
use crate::tickets::TicketIdentity;

/// The service of a ticket as somebody writes it.
#[derive(Clone, Copy)]
pub enum Target<'a> {
    Url(&'a ServiceUrl),
    /// A text that is no service URL.
    Name(&'a str),
}

impl<'a> Target<'a> {
    /// The registration that it belongs to, enabled or not.
    pub fn service(self, services: &Registry) -> Option<&Service> {
        match self {
            Target::Url(url) => services.find(url),
            Target::Name(name) => services.by_name(name),
        }
    }

    /// The digest under which equal services are equal, by the matching of their registration. No
    /// name equals a URL: a URL's normal form begins with its scheme.
    pub fn identity(self, registered: Option<&Service>) -> TicketIdentity {
        match self {
            Target::Url(url) => {
                let matching = registered.map(|service| service.matching).unwrap_or_default();
                TicketIdentity::of(&url.identity_under(matching))
            }
            Target::Name(name) => TicketIdentity::of(&format!("name {name}")),
        }
    }

    /// Where another target is another service, for a log line, by the matching of the one that is
    /// `registered` for it.
    pub fn difference(self, other: Target<'_>, registered: Option<&Service>) -> String {
        let matching = registered.map(|service| service.matching).unwrap_or_default();
        match (self, other) {
            (Target::Url(one), Target::Url(other)) => one
                .difference(other, matching)
                .unwrap_or_else(|| "the matching of their registrations".to_owned()),
            (Target::Name(_), Target::Name(_)) => "the name".to_owned(),
            (Target::Url(_), Target::Name(_)) => "the second is no URL".to_owned(),
            (Target::Name(_), Target::Url(_)) => "the first is no URL".to_owned(),
        }
    }

    pub fn text(self) -> &'a str {
        match self {
            Target::Url(url) => url.as_str(),
            Target::Name(name) => name,
        }
    }

    /// What a log line may say of it (SEC-11): origin, path and names of parameters of a URL, whose values
    /// may be secrets of the application, and of other texts only names out of the configuration, since
    /// anything else may be a ticket, a password or a line of its own.
    pub fn for_log(self, services: &Registry) -> String {
        match self {
            Target::Url(url) => url.told(),
            Target::Name(name) if services.by_name(name).is_some() => name.to_owned(),
            Target::Name(_) => "(no URL)".to_owned(),
        }
    }
}
