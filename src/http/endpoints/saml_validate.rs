//! `/samlValidate`: the validation of SAML 1.1 clients (CAS-209 to CAS-226), always 200 with an envelope.

use http::StatusCode;

use super::validate::{asked, success};
use crate::flows::Target;
use crate::flows::validation::{Known, Question};
use crate::http::answer::{Answer, text};
use crate::http::visit::Visit;
use crate::protocol::response::Outcome;
use crate::protocol::saml::{Envelope, KnownBy, SamlRequest, write};
use crate::protocol::service_url::{Scheme, ServiceUrl};
use crate::protocol::validation_request::{ValidationFailure, Version};
use crate::realms::Means;
use crate::tickets::{Opened, Session};

/// Answers one request, whose body the layers have read whole (T-08).
pub async fn answer(visit: Visit, body: &[u8]) -> Answer {
    let request = match SamlRequest::read(&visit.params, body) {
        Ok(request) => request,
        Err(failure) => return refused(&visit, None, failure),
    };
    let Ok(realm) = visit.path_realm() else {
        return refused(&visit, Some(&request), ValidationFailure::InvalidRequest);
    };
    let catalogue = std::sync::Arc::clone(&visit.catalogue);
    let question = Question {
        ticket: &request.ticket,
        service: match &request.target {
            Ok(url) => Target::Url(url),
            Err(_) => Target::Name(visit.params.only("TARGET").ok().flatten().unwrap_or_default()),
        },
        renew: request.renew,
        callback: None,
        proxies_welcome: false,
        realm: realm.as_ref(),
    };
    match asked(&visit, &catalogue, &question).await {
        Ok(known) => welcome(&visit, &request, known),
        Err(failure) => refused(&visit, Some(&request), failure),
    }
}

/// There was no room to look.
pub fn busy(visit: &Visit) -> Answer {
    refused(visit, None, ValidationFailure::InternalError)
}

fn welcome(visit: &Visit, request: &SamlRequest, mut known: Known<'_>) -> Answer {
    let over_tls = request
        .target
        .as_ref()
        .is_ok_and(|url| url.scheme() == Scheme::Https);
    if !over_tls {
        // CAS-225: the name alone.
        known.attributes.clear();
    }
    let by = known_by(visit, &known.session);
    let outcome = Outcome::Success(Box::new(success(known, Version::V3)));
    written(visit, Some(request), &outcome, by)
}

fn known_by(visit: &Visit, session: &Session) -> KnownBy {
    if session.by_password() {
        return KnownBy::Password;
    }
    let realm = visit.catalogue.realms.get(&session.account.realm);
    let trusted = realm.and_then(|realm| realm.trusted_header.as_ref());
    match trusted.filter(|_| session.opened == Opened::ByHeader) {
        Some(trusted) if trusted.means == Means::Kerberos => KnownBy::Kerberos,
        Some(trusted) if trusted.means == Means::Certificate => KnownBy::Certificate,
        _ => KnownBy::Unspecified,
    }
}

fn refused(visit: &Visit, request: Option<&SamlRequest>, failure: ValidationFailure) -> Answer {
    tracing::info!(code = failure.code(), "validation refused");
    visit.app.ports.metrics.validations.add(&[failure.code()]);
    let outcome = Outcome::Failure {
        failure,
        reference: visit.request_id.to_string(),
    };
    written(visit, request, &outcome, KnownBy::Unspecified)
}

fn written(visit: &Visit, request: Option<&SamlRequest>, outcome: &Outcome, known_by: KnownBy) -> Answer {
    let mut chance = [0; 32];
    visit.app.ports.entropy.fill(&mut chance);
    let target = request.and_then(|request| request.target.as_ref().ok());
    let issuer = visit.app.settings.public_url.as_str();
    let envelope = Envelope {
        chance,
        now: visit.app.ports.clock.now(),
        issuer: issuer.trim_end_matches('/'),
        target: target.map(ServiceUrl::as_str).unwrap_or_default(),
        in_response_to: request.and_then(|request| request.id.as_deref()),
        known_by,
    };
    text(
        StatusCode::OK,
        "text/xml;charset=UTF-8",
        write(outcome, &envelope),
    )
}
