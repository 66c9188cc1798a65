//! `/proxy`: a portal trades its proxy-granting ticket for a ticket to another service. Always 200
//! with a document of the protocol (CAS-13).

use http::StatusCode;

use super::validate::unknown_ticket;
use crate::flows::proxy::{Wish, grant};
use crate::flows::{FlowError, Target};
use crate::http::answer::{Answer, log_incident, text};
use crate::http::visit::Visit;
use crate::protocol::proxy_request::{self, ProxyFailure, ProxyRequest};
use crate::protocol::ticket_id::TicketId;

/// Answers one request for a proxy ticket.
pub async fn answer(visit: Visit) -> Answer {
    let outcome = match decide(&visit).await {
        Ok(outcome) => outcome,
        Err(error) => {
            log_incident(&error);
            Err(ProxyFailure::InternalError)
        }
    };
    if let Err(failure) = outcome {
        tracing::info!(code = failure.code(), "proxy ticket refused");
    }
    written(&visit, outcome.as_ref().map_err(|failure| *failure))
}

/// There was no room to look.
pub fn busy(visit: &Visit) -> Answer {
    written(visit, Err(ProxyFailure::InternalError))
}

fn written(visit: &Visit, outcome: Result<&TicketId, ProxyFailure>) -> Answer {
    let body = proxy_request::write(outcome, visit.request_id.as_str());
    text(StatusCode::OK, "application/xml;charset=UTF-8", body)
}

async fn decide(visit: &Visit) -> Result<Result<TicketId, ProxyFailure>, FlowError> {
    let (request, realm) = match (ProxyRequest::read(&visit.params), visit.path_realm()) {
        (Ok(request), Ok(realm)) => (request, realm),
        (Err(failure), _) => return Ok(Err(failure)),
        (_, Err(_)) => return Ok(Err(ProxyFailure::InvalidRequest)),
    };
    let Some(pgt) = &request.pgt else {
        return Ok(Err(ProxyFailure::InvalidTicket));
    };
    let wish = Wish {
        pgt,
        target: match &request.target {
            Ok(url) => Target::Url(url),
            Err(name) => Target::Name(name),
        },
        realm: realm.as_ref(),
    };
    let outcome = grant(&visit.app.ports, &visit.catalogue, &wish).await?;
    if let Err(ProxyFailure::InvalidTicket) = outcome {
        unknown_ticket(visit).await;
    }
    Ok(outcome)
}
