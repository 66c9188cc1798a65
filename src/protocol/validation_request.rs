//! What a client asks when it validates a ticket, and the closed list of refusals it can get.
//! Whether the ticket lives is the store's affair.

use super::params::Params;
use super::service_url::{ServiceUrl, ServiceUrlFlaw};
use super::ticket_id::{TicketId, TicketKind};

/// The endpoints that validate tickets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Endpoint {
    Validate,
    ServiceValidate,
    ProxyValidate,
    P3ServiceValidate,
    P3ProxyValidate,
}

/// The version of the protocol an endpoint speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Version {
    V1,
    V2,
    V3,
}

/// The form of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Format {
    #[default]
    Xml,
    Json,
}

/// A well-formed validation request.
pub struct ValidationRequest {
    /// A service or proxy ticket; which of them the endpoint accepts is decided after it is spent
    /// (CAS-151).
    pub ticket: TicketId,
    /// The service as given. No ticket is ever made for a text that is no service URL, so one that
    /// is not spends the ticket and gets INVALID_SERVICE, like any other wrong service (CAS-152).
    pub service: Result<ServiceUrl, ServiceUrlFlaw>,
    pub renew: bool,
    pub format: Format,
    /// Where the client wants a proxy-granting ticket delivered, as given; never on `/validate`
    /// (CAS-131).
    pub pgt_url: Option<String>,
}

/// A request that is refused before any ticket is touched, and the form the answer takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unanswerable {
    pub failure: ValidationFailure,
    pub format: Format,
}

/// Why a validation fails. Each has its protocol code and a fixed English text, which never holds
/// anything the client sent (CAS-142, CAS-160).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ValidationFailure {
    /// `service` or `ticket` missing, blank, unreadable or given twice.
    InvalidRequest,
    UnsupportedFormat,
    /// The value is no service or proxy ticket by its looks.
    InvalidTicketSpec,
    /// Unknown, expired and spent tickets alike (CAS-108).
    InvalidTicket,
    /// A proxy ticket where only service tickets are accepted.
    ProxyTicketPresented,
    /// `renew` was asked and the ticket came from single sign-on.
    NotFromCredentials,
    InvalidService,
    UnauthorizedService,
    UnauthorizedServiceProxy,
    InvalidProxyCallback,
    InternalError,
}

impl Endpoint {
    pub fn version(self) -> Version {
        match self {
            Endpoint::Validate => Version::V1,
            Endpoint::ServiceValidate | Endpoint::ProxyValidate => Version::V2,
            Endpoint::P3ServiceValidate | Endpoint::P3ProxyValidate => Version::V3,
        }
    }

    /// Whether proxy tickets are accepted here (CAS-182).
    pub fn accepts_proxy_tickets(self) -> bool {
        matches!(self, Endpoint::ProxyValidate | Endpoint::P3ProxyValidate)
    }
}

impl ValidationRequest {
    /// Reads the parameters of a validation. `service`, `ticket` and `pgtUrl` may come once only: a
    /// second one is what CVE-2014-4172 smuggled in (CAS-301, T-25).
    pub fn read(params: &Params, endpoint: Endpoint) -> Result<ValidationRequest, Unanswerable> {
        let format = read_format(params, endpoint);
        let refuse = |failure| Unanswerable {
            failure,
            format: format.unwrap_or_default(),
        };
        let Some(format) = format else {
            return Err(refuse(ValidationFailure::UnsupportedFormat));
        };
        let given = |name| match params.only(name) {
            Ok(value) => Ok(value.filter(|value| !value.trim().is_empty())),
            Err(_) => Err(refuse(ValidationFailure::InvalidRequest)),
        };
        let pgt_url = if endpoint == Endpoint::Validate {
            None
        } else {
            given("pgtUrl")?
        };
        let (Some(service), Some(ticket)) = (given("service")?, given("ticket")?) else {
            return Err(refuse(ValidationFailure::InvalidRequest));
        };
        let kinds = [TicketKind::Service, TicketKind::Proxy];
        let ticket = kinds.into_iter().find_map(|kind| TicketId::parse(kind, ticket));
        Ok(ValidationRequest {
            ticket: ticket.ok_or(refuse(ValidationFailure::InvalidTicketSpec))?,
            service: ServiceUrl::parse(service),
            renew: params.switch("renew"),
            format,
            pgt_url: pgt_url.map(str::to_owned),
        })
    }
}

/// `None` for a format nobody speaks (CAS-144). The Accept header has no say (CAS-161).
fn read_format(params: &Params, endpoint: Endpoint) -> Option<Format> {
    if endpoint == Endpoint::Validate {
        return Some(Format::Xml);
    }
    match params.first("format") {
        Ok(None) => Some(Format::Xml),
        Ok(Some(name)) if name.eq_ignore_ascii_case("xml") => Some(Format::Xml),
        Ok(Some(name)) if name.eq_ignore_ascii_case("json") => Some(Format::Json),
        _ => None,
    }
}

impl ValidationFailure {
    pub const ALL: [ValidationFailure; 11] = [
        ValidationFailure::InvalidRequest,
        ValidationFailure::UnsupportedFormat,
        ValidationFailure::InvalidTicketSpec,
        ValidationFailure::InvalidTicket,
        ValidationFailure::ProxyTicketPresented,
        ValidationFailure::NotFromCredentials,
        ValidationFailure::InvalidService,
        ValidationFailure::UnauthorizedService,
        ValidationFailure::UnauthorizedServiceProxy,
        ValidationFailure::InvalidProxyCallback,
        ValidationFailure::InternalError,
    ];

    /// The code clients branch on (CAS 3.0.3 §2.5.3).
    pub fn code(self) -> &'static str {
        match self {
            Self::InvalidRequest | Self::UnsupportedFormat => "INVALID_REQUEST",
            Self::InvalidTicketSpec => "INVALID_TICKET_SPEC",
            Self::InvalidTicket | Self::ProxyTicketPresented | Self::NotFromCredentials => "INVALID_TICKET",
            Self::InvalidService => "INVALID_SERVICE",
            Self::UnauthorizedService => "UNAUTHORIZED_SERVICE",
            Self::UnauthorizedServiceProxy => "UNAUTHORIZED_SERVICE_PROXY",
            Self::InvalidProxyCallback => "INVALID_PROXY_CALLBACK",
            Self::InternalError => "INTERNAL_ERROR",
        }
    }

    /// A sentence for whoever reads the client's log.
    pub fn text(self) -> &'static str {
        match self {
            Self::InvalidRequest => "The parameters service and ticket are both required, once each.",
            Self::UnsupportedFormat => "The parameter format must be XML or JSON.",
            Self::InvalidTicketSpec => "The value of ticket is not a service or proxy ticket.",
            Self::InvalidTicket => "The ticket is not recognized.",
            Self::ProxyTicketPresented => {
                "A proxy ticket was passed where only service tickets are accepted."
            }
            Self::NotFromCredentials => "The ticket was not issued from credentials, which renew requires.",
            Self::InvalidService => "The ticket was issued for another service.",
            Self::UnauthorizedService => "The service is not authorized to validate this ticket.",
            Self::UnauthorizedServiceProxy => "The service is not authorized to act as a proxy.",
            Self::InvalidProxyCallback => "The proxy callback URL cannot be used.",
            Self::InternalError => "The server could not answer. Please try again.",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ST: &str = "ST-aaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
    const PT: &str = "PT-aaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

    fn read(query: &str, endpoint: Endpoint) -> Result<ValidationRequest, Unanswerable> {
        ValidationRequest::read(&Params::of_query(query.as_bytes()), endpoint)
    }

    fn failure(query: &str) -> Option<ValidationFailure> {
        read(query, Endpoint::P3ServiceValidate)
            .err()
            .map(|refused| refused.failure)
    }

    #[test]
    fn missing_blank_and_unreadable_parameters_are_invalid_requests() {
        // CAS-5, CAS-9, CAS-148
        for query in [
            String::new(),
            "service=https://h/".into(),
            format!("ticket={ST}"),
            format!("service=&ticket={ST}"),
            format!("service=+%20&ticket={ST}"),
            "service=https://h/&ticket=%20".into(),
            format!("Service=https://h/&ticket={ST}"),
            format!("service=%zz&ticket={ST}"),
            format!("service=https://h/%00&ticket={ST}"),
            format!("service=https://h/%ff%fe&ticket={ST}"),
            "service=https://h/&ticket=%".into(),
            format!("service=https://h/&ticket={ST}&pgtUrl=%00"),
        ] {
            assert_eq!(
                failure(&query),
                Some(ValidationFailure::InvalidRequest),
                "{query}"
            );
        }
    }

    #[test]
    fn a_parameter_smuggled_in_twice_is_refused() {
        // CAS-301, T-24, T-25
        for extra in [
            format!("ticket={ST}"),
            "ticket=".into(),
            "service=https://h/".into(),
            "service=https://evil.com/".into(),
            "pgtUrl=https://a/&pgtUrl=https://b/".into(),
        ] {
            let query = format!("service=https://h/&ticket={ST}&{extra}");
            assert_eq!(
                failure(&query),
                Some(ValidationFailure::InvalidRequest),
                "{extra}"
            );
        }
        let in_body = Params::of_query_and_form(
            format!("service=https://h/&ticket={ST}").as_bytes(),
            b"service=https://evil.com/",
        );
        assert!(ValidationRequest::read(&in_body, Endpoint::ServiceValidate).is_err());
        let smuggled = format!("service=https%3A%2F%2Fh%2F%26pgtUrl%3Dhttps%3A%2F%2Fevil.com&ticket={ST}");
        let request = read(&smuggled, Endpoint::ServiceValidate).expect("one service");
        assert!(request.pgt_url.is_none());
        assert!(
            request
                .service
                .is_ok_and(|service| service.path() == "/&pgtUrl=https://evil.com")
        );
    }

    #[test]
    fn what_does_not_look_like_a_ticket_is_told_by_its_own_code() {
        // CAS-149, CAS-301
        for ticket in [
            "ST-1",
            "TGT-1",
            "LT-1",
            "ST-%26pgtUrl=x",
            "ST-%23",
            "ST-%25",
            "ST-%3Da",
            "ST-<a>",
        ] {
            let query = format!("service=https://h/&ticket={ticket}");
            assert_eq!(
                failure(&query),
                Some(ValidationFailure::InvalidTicketSpec),
                "{ticket}"
            );
        }
        for (ticket, kind) in [(ST, TicketKind::Service), (PT, TicketKind::Proxy)] {
            let query = format!("service=https://h/&ticket={ticket}&renew=true&unknown=%zz");
            let request = read(&query, Endpoint::ServiceValidate).expect("a ticket");
            assert!(request.ticket.kind() == kind && request.renew);
        }
    }

    #[test]
    fn a_service_that_is_no_url_still_lets_the_ticket_be_spent() {
        // CAS-152, CAS-95
        let query = format!("service=https://app.example.org@evil.com/&ticket={ST}");
        let request = read(&query, Endpoint::ServiceValidate).expect("well-formed");
        assert_eq!(request.service.err(), Some(ServiceUrlFlaw::HoldsUserinfo));
    }

    #[test]
    fn the_format_is_xml_unless_asked_and_unknown_ones_are_refused_in_xml() {
        // CAS-144
        let asked = |format: &str| {
            let query = format!("service=https://h/&ticket={ST}&format={format}");
            read(&query, Endpoint::ServiceValidate).map(|request| request.format)
        };
        for (name, format) in [
            ("", Format::Xml),
            ("xml", Format::Xml),
            ("JSON", Format::Json),
            ("json", Format::Json),
        ] {
            assert_eq!(asked(name), Ok(format), "{name}");
        }
        let refused = Unanswerable {
            failure: ValidationFailure::UnsupportedFormat,
            format: Format::Xml,
        };
        assert_eq!(asked("yaml"), Err(refused));
        assert_eq!(refused.failure.code(), "INVALID_REQUEST");
        let missing = read("format=JSON", Endpoint::ServiceValidate).err();
        assert_eq!(missing.map(|refused| refused.format), Some(Format::Json));
    }

    #[test]
    fn version_one_reads_neither_pgt_url_nor_format() {
        // CAS-131
        let query = format!("service=https://h/&ticket={ST}&pgtUrl=https://p/&format=yaml");
        let request = read(&query, Endpoint::Validate).expect("answered");
        assert!(request.pgt_url.is_none());
        let query = query.replace("&format=yaml", "");
        let request = read(&query, Endpoint::ServiceValidate).expect("answered");
        assert_eq!(request.pgt_url.as_deref(), Some("https://p/"));
    }

    #[test]
    fn every_failure_has_a_code_of_the_protocol_and_a_text() {
        // CAS-108, CAS-136, CAS-160
        for failure in ValidationFailure::ALL {
            assert!(!failure.text().is_empty() && failure.text().is_ascii());
            assert!(
                failure
                    .code()
                    .bytes()
                    .all(|byte| byte.is_ascii_uppercase() || byte == b'_')
            );
        }
    }
}
