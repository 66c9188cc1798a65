//! The validation endpoints: always 200 with a document of the protocol (CAS-13, CAS-156).

use std::time::Duration;

use http::StatusCode;

use crate::flows::validation::{Known, Question, validate};
use crate::flows::{Catalogue, Target};
use crate::http::answer::{Answer, log_incident, text};
use crate::http::visit::Visit;
use crate::protocol::response::{self, Outcome, ReleasedAttribute, Technical, ValidationSuccess, Wire};
use crate::protocol::validation_request::{
    Endpoint, Format, Unanswerable, ValidationFailure, ValidationRequest, Version,
};

/// Answers one validation.
pub async fn answer(visit: Visit, endpoint: Endpoint) -> Answer {
    let request = match ValidationRequest::read(&visit.params, endpoint) {
        Ok(request) => request,
        Err(Unanswerable { failure, format }) => return refused(&visit, endpoint, format, failure),
    };
    let Ok(realm) = visit.path_realm() else {
        let failure = ValidationFailure::InvalidRequest;
        return refused(&visit, endpoint, request.format, failure);
    };
    let catalogue = std::sync::Arc::clone(&visit.catalogue);
    let question = Question {
        ticket: &request.ticket,
        service: match &request.service {
            Ok(url) => Target::Url(url),
            Err(_) => Target::Name(visit.params.only("service").ok().flatten().unwrap_or_default()),
        },
        renew: request.renew,
        callback: request.pgt_url.as_deref(),
        proxies_welcome: endpoint.accepts_proxy_tickets(),
        realm: realm.as_ref(),
    };
    match asked(&visit, &catalogue, &question).await {
        Ok(known) => welcome(endpoint, request.format, known),
        Err(failure) => refused(&visit, endpoint, request.format, failure),
    }
}

/// There was no room to look.
pub fn busy(visit: &Visit, endpoint: Endpoint) -> Answer {
    let format = match ValidationRequest::read(&visit.params, endpoint) {
        Ok(request) => request.format,
        Err(Unanswerable { format, .. }) => format,
    };
    refused(visit, endpoint, format, ValidationFailure::InternalError)
}

/// How long the answer about an unknown ticket waits where there were too many of them.
const PUT_OFF: Duration = Duration::from_millis(500);

/// Asks who came. Where too many tickets of the client's network were none lately, the next such answer
/// waits (CAS-335). A good ticket never does: strangers can make an application show any tickets.
pub(super) async fn asked<'a>(
    visit: &Visit,
    catalogue: &'a Catalogue,
    question: &Question<'_>,
) -> Result<Known<'a>, ValidationFailure> {
    let answer = validate(&visit.app.ports, catalogue, question).await;
    let answer = answer.unwrap_or_else(|error| {
        log_incident(&error);
        Err(ValidationFailure::InternalError)
    });
    match &answer {
        Ok(_) => visit.app.ports.metrics.validations.add(&["success"]),
        Err(ValidationFailure::InvalidTicket) => unknown_ticket(visit).await,
        Err(_) => {}
    }
    answer
}

/// Counts a ticket that is none, and waits when there are too many.
pub(super) async fn unknown_ticket(visit: &Visit) {
    if visit.app.unknown_tickets.take(visit.client, visit.now()).is_err() {
        tracing::warn!(reason = "UNKNOWN_TICKETS", client = %visit.client, "an unknown ticket is answered late");
        tokio::time::sleep(PUT_OFF).await;
    }
}

fn welcome(endpoint: Endpoint, format: Format, known: Known<'_>) -> Answer {
    let success = success(known, endpoint.version());
    written(Outcome::Success(Box::new(success)), Wire::of(endpoint, format))
}

/// What the service learns by this version of the protocol.
pub(super) fn success(known: Known<'_>, version: Version) -> ValidationSuccess {
    let service = known.service;
    let with_attributes = service.sends_attributes(version);
    let attributes = if with_attributes {
        known.attributes
    } else {
        Vec::new()
    };
    ValidationSuccess {
        user: known.user,
        attributes: attributes
            .into_iter()
            .map(|(name, values)| ReleasedAttribute {
                nested: service.nests(&name),
                name,
                values,
            })
            .collect(),
        technical: with_attributes.then_some(Technical {
            authenticated_at: known.session.signed_in_at,
            // The cookie was not what let the person in just now (CAS-204).
            remembered: known.session.remembered && !known.from_new_login,
            from_new_login: known.from_new_login,
        }),
        proxy_granting_ticket: known.granting,
        proxies: known.proxies,
        shape: service.shape,
    }
}

fn refused(visit: &Visit, endpoint: Endpoint, format: Format, failure: ValidationFailure) -> Answer {
    tracing::info!(code = failure.code(), "validation refused");
    visit.app.ports.metrics.validations.add(&[failure.code()]);
    let outcome = Outcome::Failure {
        failure,
        reference: visit.request_id.to_string(),
    };
    written(outcome, Wire::of(endpoint, format))
}

fn written(outcome: Outcome, wire: Wire) -> Answer {
    let response::Answer { content_type, body } = outcome.write(wire);
    text(StatusCode::OK, content_type, body)
}
