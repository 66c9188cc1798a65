//! The answer to an application that gets nobody: not registered, closed, or not open yet. No such page
//! leads anywhere (CAS-62); what was missing by how much stands in the log alone.

use http::StatusCode;

use super::login_form::service_name;
use crate::base::clock::Timestamp;
use crate::flows::login::{self, KnownService};
use crate::http::answer::{Answer, page};
use crate::http::visit::Visit;
use crate::pages::views::services::{AccessDenied, DeniedReason, UnknownService};
use crate::protocol::login_request::LoginRequest;
use crate::protocol::service_url::ServiceUrl;

pub(super) fn refuse_service(
    visit: &Visit,
    request: &LoginRequest,
    unknown: login::UnknownService,
) -> Answer {
    let url = request.service.as_ref();
    let services = &visit.catalogue.services;
    if let (login::UnknownService::NotYet(opens), Some(url)) = (unknown, url)
        && let Some(service) = services.find(url)
    {
        let url = url.clone();
        return not_yet(visit, &KnownService { url, service }, opens);
    }
    let nearest = url.filter(|_| unknown == login::UnknownService::Unregistered);
    let nearest = nearest.and_then(|url| services.nearest(url));
    let host = url.map(|url| url.host_for_people());
    let tried = match unknown {
        login::UnknownService::Malformed => "the address is not one that can be served",
        login::UnknownService::Unregistered => "no registered service has this address",
        login::UnknownService::Disabled => "the registration is disabled",
        login::UnknownService::NotYet(_) => "the registration is not open yet",
        login::UnknownService::Over => "the registration is not open any more",
        login::UnknownService::OtherRealm => "the registration is not open to this realm",
    };
    let address = url.map(ServiceUrl::told);
    let nearest = nearest.map(|miss| miss.to_string());
    tracing::info!(
        reason = "SVC_UNKNOWN",
        address,
        tried,
        nearest,
        "a service was refused"
    );
    let shown = url.map(|url| url.as_str()).unwrap_or_default();
    unknown_service(visit, host, shown, Some(tried.to_owned()))
}

/// CAS-62: the refused address is text, never a link.
pub(super) fn unknown_service(
    visit: &Visit,
    host: Option<String>,
    shown: &str,
    tried: Option<String>,
) -> Answer {
    let realm = visit.path_tenant.clone().unwrap_or_default();
    let content = UnknownService {
        host,
        service: shown.to_owned(),
        realm,
        tried,
    };
    page(visit, StatusCode::FORBIDDEN, &content, &visit.frame(None))
}

/// The registration opens later, which is no secret: everybody is told, and goes nowhere (CAS-60).
fn not_yet(visit: &Visit, service: &KnownService<'_>, opens: Timestamp) -> Answer {
    tracing::info!(service = %service.service.id, reason = "SVC_NOT_OPEN", opens = opens.to_rfc3339(), "a service was refused");
    let frame = visit.frame(None);
    let content = AccessDenied {
        service_name: service_name(service, &frame.language),
        username: None,
        reason: DeniedReason::OpensAt { opens },
        message: None,
        switch: None,
        back: None,
    };
    page(visit, StatusCode::FORBIDDEN, &content, &frame)
}
