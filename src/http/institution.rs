//! Which institution a visit is about: the hints it brings, the choice with its reason, and the
//! address that keeps it. What a hint is worth is decided in `realms`.

use super::endpoints::login::Desk;
use super::visit::{BrowserSessions, Visit, encoded, with_query};
use crate::base::names::InstitutionId;
use crate::protocol::login_request::LoginRequest;
use crate::realms::{Hints, Institution, Institutions, Resolution, ResolvedBy};
use crate::services::Service;

/// The answer, and the institution that the address names beside it.
pub struct Whose<'a> {
    pub resolution: Resolution<'a>,
    pub rival: Option<&'a Institution>,
}

impl Visit {
    /// Which institution this request is about.
    pub fn resolve<'a>(
        &'a self,
        request: &LoginRequest,
        service: Option<&Service>,
        sessions: &BrowserSessions,
    ) -> Whose<'a> {
        let held: Vec<InstitutionId> = sessions
            .live
            .iter()
            .map(|session| session.view.session.institution.clone())
            .collect();
        let in_service = request.service.as_ref().zip(service);
        let in_service = in_service.and_then(|(url, service)| service.institution_named_by(url));
        let typed = self.params.hint("q");
        let recent = self.recent();
        let hints = Hints {
            host: self.host(),
            path: self.path_tenant.as_deref(),
            parameter: self.named_institution(request),
            service_names: in_service.as_deref(),
            service_realms: service
                .map(|service| service.realms.as_slice())
                .filter(|realms| !realms.is_empty()),
            sessions: &held,
            remembered: recent.always(),
            mail_domain: typed
                .and_then(|typed| typed.rsplit_once('@'))
                .map(|(_, domain)| domain),
        };
        let institutions = &self.catalogue.institutions;
        let resolution = institutions.resolve(&hints);
        let rival = match &resolution {
            Resolution::Institution(found, by) => institutions.rival(found, *by, &hints),
            _ => None,
        };
        Whose { resolution, rival }
    }

    /// `?tenant=`, or a parameter that this server takes for it.
    fn named_institution<'a>(&'a self, request: &'a LoginRequest) -> Option<&'a str> {
        let others = self.app.settings.institution_parameters.iter();
        let mut others = others.filter_map(|name| self.params.hint(name));
        request.tenant.as_deref().or_else(|| others.next())
    }

    /// This very address with its institution in it, so that reload, back, a bookmark and a second
    /// tab keep it; everything else stays as it was written, byte by byte.
    pub fn same_page_at(&self, institution: &Institution) -> String {
        let path = self.endpoint("login");
        let tenant = format!("tenant={}", encoded(institution.id.as_str()));
        match self.query() {
            "" => format!("{path}?{tenant}"),
            query => format!("{path}?{query}&{tenant}"),
        }
    }
}

/// Tells why an institution was chosen (experience §2.3). One that is alone is no choice.
pub fn log_choice(all: &Institutions, institution: &Institution, by: ResolvedBy) {
    if all.only().is_none() {
        tracing::info!(event = "institution_chosen", institution = %institution.id, by = ?by, "an institution was chosen");
    }
}

/// The sign-in page of `other`, for the same service: on its own host when it has one.
pub(super) fn sign_in_at(desk: &Desk<'_>, other: &Institution) -> String {
    let settings = &desk.visit.app.settings;
    let mut pairs = desk.request.repeated();
    pairs.retain(|(name, _)| *name != "tenant");
    pairs.push(("tenant", other.id.to_string()));
    let host = other.hosts.iter().find(|host| !host.starts_with('*'));
    let mut url = settings.public_url.clone();
    if let Some(host) = host {
        // A host that does not fit leaves the public one, where `tenant` decides.
        let _ = url.set_host(Some(host));
    }
    let origin = url.origin().ascii_serialization();
    with_query(&format!("{origin}{}/login", settings.base), &pairs)
}
