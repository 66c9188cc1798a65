//! The plain list of institutions; each links to its sign-in page with the service kept.

use http::StatusCode;

use crate::http::answer::{Answer, page};
use crate::http::visit::{Visit, with_query};
use crate::pages::views::institutions::{InstitutionEntry, Institutions};
use crate::protocol::login_request::LoginRequest;
use crate::services::Service;

/// The list as a page of its own.
pub async fn show(visit: Visit) -> Answer {
    let request = LoginRequest::read(&visit.params).unwrap_or_default();
    let service = request
        .service
        .as_ref()
        .and_then(|url| visit.catalogue.services.find(url));
    let service = service.filter(|service| service.enabled);
    list(&visit, &request, service, false)
}

/// The list, of institutions whose realm may use `service` when one is asked for.
pub fn list(visit: &Visit, request: &LoginRequest, service: Option<&Service>, unknown_asked: bool) -> Answer {
    let language = visit.locale(None);
    let all = visit.catalogue.institutions.all().iter();
    let open = all.filter(|one| one.is_listed() && service.is_none_or(|service| service.open_to(&one.realm)));
    let entries = open.map(|one| InstitutionEntry {
        name: one.name.get(&language).unwrap_or(one.id.as_str()).to_owned(),
        town: one.town.as_deref().map(str::to_owned),
        uai: one.uai.first().map(ToString::to_string),
        url: login_url(visit, request, one.id.as_str()),
    });
    let service_name = service
        .and_then(|service| service.name.get(&language))
        .map(str::to_owned);
    let content = Institutions::new(service_name, unknown_asked, entries.collect());
    page(visit, StatusCode::OK, &content, &visit.frame(None))
}

fn login_url(visit: &Visit, request: &LoginRequest, tenant: &str) -> String {
    let mut pairs = request.repeated();
    pairs.retain(|(name, _)| *name != "tenant");
    if request.gateway {
        pairs.push(("gateway", "true".to_owned()));
    }
    pairs.push(("tenant", tenant.to_owned()));
    if let Ok(Some(lang)) = visit.params.first("lang") {
        pairs.push(("lang", lang.to_owned()));
    }
    with_query(&format!("{}/login", visit.app.settings.base), &pairs)
}
