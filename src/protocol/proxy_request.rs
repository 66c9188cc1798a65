//! What `/proxy` is asked and what it answers (CAS 3.0.3 §2.7). Whether the proxy-granting ticket
//! lives is the store's affair.

use super::params::Params;
use super::response::{Tag, response};
use super::service_url::ServiceUrl;
use super::ticket_id::{TicketId, TicketKind};

/// A request with both of its parameters.
pub struct ProxyRequest {
    /// `None` for a text that is no proxy-granting ticket by its looks: nobody ever got it.
    pub pgt: Option<TicketId>,
    /// The service that the proxy ticket is for; a text that is no service URL as it is (CAS-99).
    pub target: Result<ServiceUrl, String>,
}

/// Why no proxy ticket is given. Each has its protocol code and a fixed English text, which never
/// holds anything the client sent (CAS-142).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ProxyFailure {
    /// `pgt` or `targetService` missing, blank, unreadable or given twice.
    InvalidRequest,
    /// Unknown, or its session has ended.
    InvalidTicket,
    /// The target is not registered or closed to the person, or the proxy's own right is gone.
    UnauthorizedService,
    InternalError,
}

impl ProxyRequest {
    pub fn read(params: &Params) -> Result<ProxyRequest, ProxyFailure> {
        let given = |name| match params.only(name) {
            Ok(Some(value)) if !value.trim().is_empty() => Ok(value),
            _ => Err(ProxyFailure::InvalidRequest),
        };
        let (pgt, target) = (given("pgt")?, given("targetService")?);
        Ok(ProxyRequest {
            pgt: TicketId::parse(TicketKind::ProxyGranting, pgt),
            target: ServiceUrl::parse(target).map_err(|_| target.to_owned()),
        })
    }
}

impl ProxyFailure {
    /// The code clients branch on (CAS 3.0.3 §2.7.3; `INVALID_TICKET` as Apereo answers).
    pub fn code(self) -> &'static str {
        match self {
            ProxyFailure::InvalidRequest => "INVALID_REQUEST",
            ProxyFailure::InvalidTicket => "INVALID_TICKET",
            ProxyFailure::UnauthorizedService => "UNAUTHORIZED_SERVICE",
            ProxyFailure::InternalError => "INTERNAL_ERROR",
        }
    }

    /// A sentence for whoever reads the client's log.
    pub fn text(self) -> &'static str {
        match self {
            ProxyFailure::InvalidRequest => {
                "The parameters pgt and targetService are both required, once each."
            }
            ProxyFailure::InvalidTicket => "The proxy-granting ticket is not known.",
            ProxyFailure::UnauthorizedService => "No proxy ticket is given for this service.",
            ProxyFailure::InternalError => "The server could not answer. Please try again.",
        }
    }
}

/// `proxySuccess` or `proxyFailure`, never the elements of a validation (CAS-176, CAS-177).
/// `reference` finds the server's log line.
pub fn write(outcome: Result<&TicketId, ProxyFailure>, reference: &str) -> String {
    response(|response| match outcome {
        Ok(ticket) => response.element(&Tag::known("cas:proxySuccess"), &[], |success| {
            success.leaf(&Tag::known("cas:proxyTicket"), ticket.expose());
        }),
        Err(failure) => {
            let text = format!("{} (reference {reference})", failure.text());
            let tag = Tag::known("cas:proxyFailure");
            response.element(&tag, &[("code", failure.code())], |root| root.text(&text));
        }
    })
}

#[cfg(test)]
mod tests {
    use super::super::response::reading::read;
    use super::*;

    #[test]
    fn both_parameters_are_needed_once_each() {
        // CAS-99, CAS-175, CAS-301
        let pgt = format!("PGT-{}", "a".repeat(60));
        let asked = |query: &str| ProxyRequest::read(&Params::of_query(query.as_bytes()));
        let target = "targetService=https%3A%2F%2Fh%2F";
        for query in [
            String::new(),
            format!("pgt={pgt}"),
            target.to_owned(),
            format!("pgt=&{target}"),
            format!("pgt=+&{target}"),
            format!("PGT={pgt}&{target}"),
            format!("pgt={pgt}&{target}&{target}"),
            format!("pgt={pgt}&pgt={pgt}&{target}"),
            format!("pgt={pgt}&targetService=%ff"),
        ] {
            let refused = asked(&query).err();
            assert_eq!(refused, Some(ProxyFailure::InvalidRequest), "{query}");
        }
        let good = asked(&format!("pgt={pgt}&{target}")).expect("well-formed");
        assert!(good.pgt.is_some_and(|known| known.expose() == pgt) && good.target.is_ok());
        for other in ["PGT-1", "TGT-1", "PGTIOU-1", "<x>"] {
            let strange = asked(&format!("pgt={other}&{target}")).expect("well-formed");
            assert!(strange.pgt.is_none(), "{other}");
        }
        let named = asked(&format!("pgt={pgt}&targetService=imap%3A%2F%2Fmail")).expect("well-formed");
        assert_eq!(named.target.err().as_deref(), Some("imap://mail"));
    }

    #[test]
    fn the_answer_is_the_protocol_s_own_document() {
        // CAS-176, CAS-177
        let ticket = TicketId::parse(TicketKind::Proxy, &format!("PT-{}", "b".repeat(29))).expect("a ticket");
        let success = read(&write(Ok(&ticket), "r"));
        assert_eq!(success.name, "cas:serviceResponse");
        assert_eq!(success.namespace, "http://www.yale.edu/tp/cas");
        assert_eq!(success.names(), ["cas:proxySuccess"]);
        let told = success.children[0].child("cas:proxyTicket").expect("the ticket");
        assert_eq!(told.text, ticket.expose());
        for failure in [
            ProxyFailure::InvalidRequest,
            ProxyFailure::InvalidTicket,
            ProxyFailure::UnauthorizedService,
            ProxyFailure::InternalError,
        ] {
            let refused = read(&write(Err(failure), "r1"));
            assert_eq!(refused.names(), ["cas:proxyFailure"]);
            let failed = &refused.children[0];
            assert_eq!(
                failed.attributes,
                [("code".to_owned(), failure.code().to_owned())]
            );
            assert_eq!(failed.text, format!("{} (reference r1)", failure.text()));
        }
    }
}
