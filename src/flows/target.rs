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

    pub fn text(self) -> &'a str {
        match self {
            Target::Url(url) => url.as_str(),
            Target::Name(name) => name,
        }
    }

    /// What a log line may say of it (SEC-11): origin and path of a URL, since the rest may carry
    /// secrets of the application, and of other texts only names out of the configuration, since
    /// anything else may be a ticket, a password or a line of its own.
    pub fn for_log(self, services: &Registry) -> String {
        match self {
            Target::Url(url) => {
                let path = url.path().split(';').next().unwrap_or_default();
                format!("{}{path}", url.origin())
            }
            Target::Name(name) if services.by_name(name).is_some() => name.to_owned(),
            Target::Name(_) => "(no URL)".to_owned(),
        }
    }
}
