//! What `/login` is asked, as credential requestor and acceptor. Credentials themselves are read
//! by the endpoint; whether the service is registered is the registry's affair.

use super::params::{Flaw, ParamFlaw, Params};
use super::service_url::{ServiceUrl, ServiceUrlFlaw, TicketParameter};

/// The parameters of `/login` other than credentials.
#[derive(Debug, Clone, Default)]
pub struct LoginRequest {
    pub service: Option<ServiceUrl>,
    /// Credentials must be given again, whatever session there is (CAS-20).
    pub renew: bool,
    /// No page is to be shown: back to the service with or without a ticket. Never set together
    /// with `renew` (CAS-23) nor without a service (CAS-22).
    pub gateway: bool,
    /// As the client asks; `None` leaves it to the service's registration.
    pub method: Option<ResponseMethod>,
    /// The service was named by `TARGET`, as SAML 1.1 clients do: its ticket travels as `SAMLart`
    /// (CAS-208).
    pub artifact: bool,
    /// The person asks to be told before each service (CAS-71).
    pub warn: bool,
    /// A hint at the institution; it grants nothing.
    pub tenant: Option<String>,
}

/// How the ticket travels to the service (CAS-25).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ResponseMethod {
    #[default]
    Redirect,
    Post,
    Header,
}

/// Why a login request cannot be served: an error page, never a redirect (CAS-9, CAS-97).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LoginFlaw {
    #[error(transparent)]
    Parameter(#[from] ParamFlaw),
    #[error("the service is no URL that can be served: {0}")]
    Service(#[from] ServiceUrlFlaw),
}

impl LoginRequest {
    pub fn read(params: &Params) -> Result<LoginRequest, LoginFlaw> {
        let (service, artifact) = read_service(params)?;
        let service = service.map(ServiceUrl::parse).transpose()?;
        let renew = params.switch("renew");
        Ok(LoginRequest {
            gateway: params.switch("gateway") && !renew && service.is_some(),
            service,
            renew,
            method: ResponseMethod::read(params),
            artifact,
            warn: params.switch("warn"),
            tenant: params.first("tenant").ok().flatten().map(str::to_owned),
        })
    }

    /// The parameters that a form or a link must repeat so that the next request asks the same
    /// (CAS-17, CAS-18): names and plain values, for the caller to escape. `warn` is the person's
    /// own field, and a page that is shown was not asked for by `gateway`.
    pub fn repeated(&self) -> Vec<(&'static str, String)> {
        let service = self.service.as_ref().map(|service| service.as_str().to_owned());
        let method = match self.method {
            None => None,
            Some(ResponseMethod::Redirect) => Some("GET".to_owned()),
            Some(ResponseMethod::Post) => Some("POST".to_owned()),
            Some(ResponseMethod::Header) => Some("HEADER".to_owned()),
        };
        let all = [
            (self.service_parameter(), service),
            ("renew", self.renew.then(|| "true".to_owned())),
            ("method", method),
            ("tenant", self.tenant.clone()),
        ];
        all.into_iter()
            .filter_map(|(name, value)| Some((name, value?)))
            .collect()
    }

    /// The parameter by which the service is named.
    pub fn service_parameter(&self) -> &'static str {
        if self.artifact { "TARGET" } else { "service" }
    }

    /// The parameter in which the ticket travels (CAS-208).
    pub fn ticket_parameter(&self) -> TicketParameter {
        if self.artifact {
            TicketParameter::SamlArt
        } else {
            TicketParameter::Ticket
        }
    }
}

/// The service, and whether `TARGET` names it. Both names together must agree; then the ticket
/// travels as CAS clients want it.
fn read_service(params: &Params) -> Result<(Option<&str>, bool), ParamFlaw> {
    let (service, target) = (params.agreed("service")?, params.agreed("TARGET")?);
    match (service, target) {
        (Some(service), Some(target)) if service != target => Err(ParamFlaw {
            name: "TARGET",
            flaw: Flaw::Repeated,
        }),
        (None, Some(target)) => Ok((Some(target), true)),
        (service, _) => Ok((service, false)),
    }
}

impl ResponseMethod {
    fn read(params: &Params) -> Option<ResponseMethod> {
        let method = match params.first("method") {
            Ok(None) => return None,
            Ok(Some(method)) => method,
            Err(_) => "",
        };
        Some(match method.to_ascii_uppercase().as_str() {
            "POST" => ResponseMethod::Post,
            "HEADER" => ResponseMethod::Header,
            _ => ResponseMethod::Redirect,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::params::Flaw;

    fn read(query: &str) -> Result<LoginRequest, LoginFlaw> {
        LoginRequest::read(&Params::of_query(query.as_bytes()))
    }

    fn sound(query: &str) -> LoginRequest {
        read(query).expect("a sound request")
    }

    #[test]
    fn renew_beats_gateway_and_gateway_needs_a_service() {
        // CAS-20, CAS-22, CAS-23
        for (query, renew, gateway) in [
            ("", false, false),
            ("gateway=true", false, false),
            ("gateway=true&service=https://h/", false, true),
            ("gateway=true&renew=true&service=https://h/", true, false),
            ("gateway=true&renew=false&service=https://h/", false, true),
            ("renew=yes", true, false),
            ("gateway=&service=https://h/", false, false),
        ] {
            let request = sound(query);
            assert_eq!((request.renew, request.gateway), (renew, gateway), "{query}");
        }
    }

    #[test]
    fn the_method_is_read_without_case_and_an_unknown_one_redirects() {
        // CAS-25
        for (query, method) in [
            ("", None),
            ("method=", None),
            ("method=GET", Some(ResponseMethod::Redirect)),
            ("method=post", Some(ResponseMethod::Post)),
            ("method=Header", Some(ResponseMethod::Header)),
            ("method=PUT", Some(ResponseMethod::Redirect)),
            ("method=%zz", Some(ResponseMethod::Redirect)),
        ] {
            assert_eq!(sound(query).method, method, "{query}");
        }
    }

    #[test]
    fn a_bad_service_is_a_flaw_and_other_bad_parameters_are_not() {
        // CAS-3, CAS-4, CAS-5, CAS-7, CAS-9
        assert!(
            sound("Service=javascript:x&locale=%zz&utm_x=1&service=")
                .service
                .is_none()
        );
        assert!(sound("tenant=%ff").tenant.is_none());
        for query in [
            "service=%zz",
            "service=%00",
            "service=%ff",
            "service=https://h%25",
            "service=//h",
        ] {
            assert!(read(query).is_err(), "{query}");
        }
        let twice = Params::of_query_and_form(b"service=https://a/", b"service=https://b/");
        let flaw = LoginRequest::read(&twice).expect_err("two services");
        assert_eq!(
            flaw,
            LoginFlaw::Parameter(ParamFlaw {
                name: "service",
                flaw: Flaw::Repeated
            })
        );
        let same = Params::of_query_and_form(b"service=https://a/", b"service=https://a/&warn=on");
        assert!(LoginRequest::read(&same).is_ok_and(|request| request.warn));
    }

    #[test]
    fn a_form_repeats_what_was_asked_byte_for_byte() {
        // CAS-17, CAS-18
        let query = "service=https://h/a%3Fb%3D2%26a%3D%2525%23x&renew=1&method=post&tenant=x&gateway=true";
        assert_eq!(
            sound(query).repeated(),
            [
                ("service", "https://h/a?b=2&a=%25#x".to_owned()),
                ("renew", "true".to_owned()),
                ("method", "POST".to_owned()),
                ("tenant", "x".to_owned()),
            ]
        );
        assert!(sound("").repeated().is_empty());
    }

    #[test]
    fn target_names_a_service_whose_ticket_is_an_artifact() {
        // CAS-208
        let request = sound("TARGET=https://h/a&method=get");
        assert_eq!(request.ticket_parameter(), TicketParameter::SamlArt);
        assert_eq!(
            request.repeated(),
            [("TARGET", "https://h/a".to_owned()), ("method", "GET".to_owned())]
        );
        for query in [
            "service=https://h/a",
            "service=https://h/a&TARGET=https://h/a",
            "target=https://h/a",
        ] {
            assert_eq!(
                sound(query).ticket_parameter(),
                TicketParameter::Ticket,
                "{query}"
            );
        }
        assert!(sound("target=https://h/a").service.is_none(), "CAS-3");
        for query in [
            "service=https://h/a&TARGET=https://h/b",
            "TARGET=https://h/a&TARGET=https://h/b",
            "TARGET=javascript:x",
        ] {
            assert!(read(query).is_err(), "{query}");
        }
    }
}
