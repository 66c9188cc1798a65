//! Service URLs: the one constructor that every redirect passes, the byte-exact text to send
//! browsers to, and the normal form to compare by. Whether a URL is registered is the registry's
//! affair, not this file's.

mod host;
mod normal_form;
#[cfg(test)]
mod tests;
mod told;
mod written;

use std::borrow::Cow;
use std::fmt;

use url::Url;

use super::ticket_id::TicketId;
pub use host::{host_for_people, normal_host};
use written::Written;

/// The longest service URL, in bytes (CAS-11 asks for 8 kB at least).
pub const LONGEST_SERVICE: usize = 16 * 1024;

/// The URL of an application, as its client wrote it, known to mean the same host to every parser.
#[derive(Clone)]
pub struct ServiceUrl {
    raw: String,
    scheme: Scheme,
    host: String,
    port: u16,
    path: String,
    query: Option<String>,
}

/// The two schemes a browser is sent to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Scheme {
    Http,
    Https,
}

/// How a service compares the URL a ticket was made for with the one it is validated for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Matching {
    /// [`ServiceUrl::identity`].
    #[default]
    Strict,
    /// As Apereo CAS does: path and query decoded and without case (CAS-93). For migrations.
    Apereo,
}

/// Why a text is not a service URL. The sentence is for logs and configuration, not for people
/// signing in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ServiceUrlFlaw {
    #[error("it is longer than {LONGEST_SERVICE} bytes")]
    TooLong,
    #[error("it holds a control character")]
    HoldsControl,
    #[error("it holds a blank")]
    HoldsBlank,
    #[error("it holds a backslash")]
    HoldsBackslash,
    #[error("it does not begin with http: or https:")]
    NotWeb,
    #[error("it has no // followed by a host")]
    MissingHost,
    #[error("it holds a user name before the host")]
    HoldsUserinfo,
    #[error("its host is not a well-formed name or address")]
    BadHost,
    #[error("its host is read as another one than is written")]
    OtherHost,
    #[error("its port is not a number from 1 to 65535 without leading zeros")]
    BadPort,
    #[error("its path holds a . or .. segment")]
    DotSegment,
}

impl Scheme {
    pub fn as_str(self) -> &'static str {
        match self {
            Scheme::Http => "http",
            Scheme::Https => "https",
        }
    }

    pub fn default_port(self) -> u16 {
        match self {
            Scheme::Http => 80,
            Scheme::Https => 443,
        }
    }
}

/// The parameter in which a ticket travels to its service (CAS-208).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TicketParameter {
    Ticket,
    /// Of SAML 1.1 clients.
    SamlArt,
}

impl TicketParameter {
    pub fn name(self) -> &'static str {
        match self {
            TicketParameter::Ticket => "ticket",
            TicketParameter::SamlArt => "SAMLart",
        }
    }
}

impl ServiceUrl {
    /// Reads `raw` as a service URL, or says why it is none (CAS-97, CAS-98).
    pub fn parse(raw: &str) -> Result<ServiceUrl, ServiceUrlFlaw> {
        written::check_characters(raw)?;
        let written = Written::split(raw)?;
        // Nobody reads another host in a plain one: nothing to resolve, nothing to compare.
        let plain = host::is_plain(written.host);
        let host = if plain {
            written.host.to_owned()
        } else {
            normal_host(written.host)?
        };
        let port = written.port_number()?;
        if normal_form::climbs(written.path) {
            return Err(ServiceUrlFlaw::DotSegment);
        }
        let service = ServiceUrl {
            scheme: written.scheme,
            host,
            port,
            path: normal_form::path(written.path),
            query: normal_form::query(written.query),
            raw: raw.to_owned(),
        };
        if !plain {
            service.check_as_browsers_do()?;
        }
        Ok(service)
    }

    /// The URL byte for byte as it arrived.
    pub fn as_str(&self) -> &str {
        &self.raw
    }

    pub fn scheme(&self) -> Scheme {
        self.scheme
    }

    /// The host in normal form: lower case, punycode, IPv6 in brackets.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The port written or the scheme's own.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The path in normal form, without session ids; at least `/`.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The query in normal form, without tickets; `None` when empty.
    pub fn query(&self) -> Option<&str> {
        self.query.as_deref()
    }

    /// `https://host[:port]`, for a Content-Security-Policy.
    pub fn origin(&self) -> String {
        self.origin_before(0)
    }

    /// The text that is equal for two spellings of one service and for no others (CAS-86 to
    /// CAS-94): fragment, session id, default port, case of scheme and host, encoding of unreserved
    /// characters, and tickets do not count; case of path and query and every reserved character
    /// do.
    pub fn identity(&self) -> String {
        let query = self.query.as_deref();
        let mut identity = self.origin_before(self.path.len() + query.map_or(0, |query| 1 + query.len()));
        identity.push_str(&self.path);
        if let Some(query) = query {
            identity.push('?');
            identity.push_str(query);
        }
        identity
    }

    /// The identity under the service's own rule of comparison.
    pub fn identity_under(&self, matching: Matching) -> String {
        match matching {
            Matching::Strict => self.identity(),
            Matching::Apereo => {
                let rest = normal_form::as_apereo(&self.path, self.query.as_deref());
                format!("{}{rest}", self.origin())
            }
        }
    }

    pub fn is_same_service(&self, other: &ServiceUrl, matching: Matching) -> bool {
        self.identity_under(matching) == other.identity_under(matching)
    }

    /// Where a browser goes with its ticket: appended to the query, before the fragment, all else
    /// byte for byte (CAS-78 to CAS-85). A ticket that was already there is dropped (CAS-82), and
    /// what is not ASCII is written in the ASCII that browsers would send (CAS-81).
    pub fn with_ticket(&self, ticket: &TicketId) -> String {
        self.with_ticket_as(TicketParameter::Ticket, ticket)
    }

    /// The same, with the ticket in the parameter that its client reads (CAS-208).
    pub fn with_ticket_as(&self, parameter: TicketParameter, ticket: &TicketId) -> String {
        self.to_send(Some((parameter, ticket)))
    }

    /// Where a browser goes without a ticket (CAS-21): the same URL byte for byte, but for a ticket
    /// that somebody planted in it.
    pub fn without_ticket(&self) -> String {
        self.to_send(None)
    }

    /// The host as a page may show it.
    pub fn host_for_people(&self) -> String {
        host_for_people(&self.host)
    }

    /// The origin, with room for `more` bytes.
    fn origin_before(&self, more: usize) -> String {
        let around_host = "https://:65535".len();
        let mut origin = String::with_capacity(around_host + self.host.len() + more);
        origin.push_str(self.scheme.as_str());
        origin.push_str("://");
        origin.push_str(&self.host);
        if self.port != self.scheme.default_port() {
            origin.push(':');
            origin.push_str(&self.port.to_string());
        }
        origin
    }

    /// Refuses the URL unless a browser reads in it what was read here.
    fn check_as_browsers_do(&self) -> Result<(), ServiceUrlFlaw> {
        let url = Url::parse(&self.raw).map_err(|_| ServiceUrlFlaw::BadHost)?;
        let agrees = url.scheme() == self.scheme.as_str()
            && url.host_str() == Some(self.host.as_str())
            && url.port_or_known_default() == Some(self.port);
        if agrees && url.username().is_empty() && url.password().is_none() {
            Ok(())
        } else {
            Err(ServiceUrlFlaw::OtherHost)
        }
    }

    fn to_send(&self, ticket: Option<(TicketParameter, &TicketId)>) -> String {
        let (before, fragment) = cut(&self.raw, '#');
        let (base, query) = cut(before, '?');
        let bare = query == Some("");
        let kept = query.map(normal_form::without_tickets);
        let room = ticket.map_or(0, |(name, ticket)| {
            "&=".len() + name.name().len() + ticket.expose().len()
        });
        let mut sent = String::with_capacity(self.raw.len() + room);
        sent.push_str(&self.base_in_ascii(base));
        let kept = kept.filter(|kept| bare || !kept.is_empty());
        if let Some(kept) = &kept {
            sent.push('?');
            sent.push_str(kept);
        }
        if let Some((parameter, ticket)) = ticket {
            sent.push_str(match kept.as_deref() {
                None => "?",
                Some("") => "",
                Some(_) => "&",
            });
            sent.push_str(parameter.name());
            sent.push('=');
            sent.push_str(ticket.expose());
        }
        if let Some(fragment) = fragment {
            sent.push('#');
            sent.push_str(fragment);
        }
        // No control was let in, so there is nothing to encode in ASCII.
        if sent.is_ascii() {
            sent
        } else {
            percent_encoding::utf8_percent_encode(&sent, percent_encoding::CONTROLS).to_string()
        }
    }

    /// Scheme, authority and path in ASCII: percent-encoding would not do for a host.
    fn base_in_ascii<'a>(&self, base: &'a str) -> Cow<'a, str> {
        if base.is_ascii() {
            return Cow::Borrowed(base);
        }
        let authority_starts = base.find("//").map_or(0, |at| at + 2);
        let path_starts = base
            .get(authority_starts..)
            .and_then(|rest| rest.find('/'))
            .map_or(base.len(), |at| authority_starts + at);
        let (front, path) = base.split_at_checked(path_starts).unwrap_or((base, ""));
        let front = if front.is_ascii() {
            front.to_owned()
        } else {
            self.origin()
        };
        let path = percent_encoding::utf8_percent_encode(path, percent_encoding::CONTROLS);
        Cow::Owned(format!("{front}{path}"))
    }
}

/// Without query and fragment, which may hold somebody's token.
impl fmt::Debug for ServiceUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.origin(), self.path)
    }
}

fn cut(text: &str, at: char) -> (&str, Option<&str>) {
    match text.split_once(at) {
        Some((before, after)) => (before, Some(after)),
        None => (text, None),
    }
}
