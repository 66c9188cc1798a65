//! What `/logout` is asked. A logout always happens; a bad service only means that nobody is sent
//! anywhere.

use super::login_request::LoginFlaw;
use super::params::Params;
use super::service_url::ServiceUrl;

/// The parameters of `/logout`. `url`, which CAS 2 had, is not read (CAS-187).
#[derive(Debug, Clone, Default)]
pub struct LogoutRequest {
    /// Where to go afterwards, if it is registered (CAS-186).
    pub service: Option<ServiceUrl>,
    /// Why the service that was given is not in `service`, for the log.
    pub flaw: Option<LoginFlaw>,
    pub tenant: Option<String>,
}

impl LogoutRequest {
    pub fn read(params: &Params) -> LogoutRequest {
        let service = params
            .agreed("service")
            .map_err(LoginFlaw::from)
            .and_then(|given| Ok(given.map(ServiceUrl::parse).transpose()?));
        let tenant = params.first("tenant").ok().flatten().map(str::to_owned);
        match service {
            Ok(service) => LogoutRequest {
                service,
                flaw: None,
                tenant,
            },
            Err(flaw) => LogoutRequest {
                service: None,
                flaw: Some(flaw),
                tenant,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_parameter_can_prevent_a_logout_and_url_is_not_read() {
        // CAS-187, CAS-312
        for query in [
            "",
            "url=https://evil.com/",
            "service=",
            "service=javascript:alert(1)",
            "service=%zz",
            "service=https://a/&service=https://b/",
        ] {
            let request = LogoutRequest::read(&Params::of_query(query.as_bytes()));
            assert!(request.service.is_none(), "{query}");
        }
        let request = LogoutRequest::read(&Params::of_query(b"service=https://h/bye&tenant=x"));
        assert_eq!(
            request.service.as_ref().map(ServiceUrl::as_str),
            Some("https://h/bye")
        );
        assert!(request.flaw.is_none());
        assert_eq!(request.tenant.as_deref(), Some("x"));
    }
}
