//! What a request to the pages of recovery is about, once read: its institution, its service, the flow
//! that its browser holds.

use std::time::Duration;

use super::super::login::{self, closed_institution, go, login_ticket_of, read_request, refuse_service};
use super::link::here;
use super::pages;
use crate::flows::FlowError;
use crate::flows::login::{KnownService, known};
use crate::flows::recovery::{Flow, RecoverySettings, Stage};
use crate::http::answer::Answer;
use crate::http::institution::Whose;
use crate::http::visit::{BrowserSessions, Visit, with_query};
use crate::pages::views::login::LoginProblem;
use crate::pages::views::recover::RecoverProblem;
use crate::protocol::login_request::LoginRequest;
use crate::realms::{Institution, Resolution};

pub struct Desk<'a> {
    pub visit: &'a Visit,
    pub institution: &'a Institution,
    pub settings: &'a RecoverySettings,
    pub request: LoginRequest,
    pub service: Option<KnownService<'a>>,
}

/// Reads the request; an `Err` is the answer when that already decides: the picker first (S2-06).
pub async fn sit_down(visit: &Visit) -> Result<Result<Desk<'_>, Box<Answer>>, FlowError> {
    let request = match read_request(visit) {
        Ok(request) => request,
        Err(answer) => return Ok(Err(answer)),
    };
    let catalogue = &visit.catalogue;
    let service = request
        .service
        .as_ref()
        .map(|url| known(&catalogue.services, url, visit.now()));
    let service = match service.transpose() {
        Ok(service) => service,
        Err(unknown) => return Ok(Err(Box::new(refuse_service(visit, &request, unknown)))),
    };
    let registered = service.as_ref().map(|service| service.service);
    let Whose { resolution, .. } = visit.resolve(&request, registered, &BrowserSessions::default());
    let institution = match resolution {
        Resolution::Institution(closed, _) if !closed.is_usable() => {
            return Ok(Err(Box::new(closed_institution(visit, closed))));
        }
        Resolution::Institution(institution, _) => institution,
        Resolution::Accounts | Resolution::Choose { .. } => {
            return Ok(Err(Box::new(go(visit, true, &picker(visit, &request)))));
        }
    };
    let Some(settings) = catalogue.recovery_of(&institution.realm) else {
        return Ok(Err(Box::new(pages::not_offered_at(visit, institution))));
    };
    Ok(Ok(Desk {
        visit,
        institution,
        settings,
        request,
        service,
    }))
}

fn picker(visit: &Visit, request: &LoginRequest) -> String {
    let mut pairs = request.repeated();
    pairs.retain(|(name, _)| *name != "tenant");
    pairs.push(("to", "recover".to_owned()));
    with_query(&format!("{}/discover", visit.app.settings.base), &pairs)
}

impl Desk<'_> {
    /// One of our addresses, with everything of this request and the flow.
    pub fn url(&self, name: &str, flow: Option<&str>) -> String {
        let mut pairs = self.pairs();
        pairs.extend(flow.map(|flow| ("flow", flow.to_owned())));
        with_query(&self.visit.endpoint(name), &pairs)
    }

    /// Back to the sign-in, to the service (SX-01).
    pub fn sign_in(&self) -> String {
        with_query(&self.visit.endpoint("login"), &self.pairs())
    }

    /// What every link repeats: the service, and the institution where the address does not say it.
    fn pairs(&self) -> Vec<(&'static str, String)> {
        let mut pairs = self.request.repeated();
        pairs.retain(|(name, _)| *name != "tenant");
        let several = self.visit.catalogue.institutions.only().is_none();
        if several && self.visit.path_tenant.is_none() {
            pairs.push(("tenant", self.institution.id.to_string()));
        }
        pairs
    }

    pub fn service_text(&self) -> Option<&str> {
        self.request.service.as_ref().map(|url| url.as_str())
    }

    pub fn service_name(&self) -> Option<String> {
        let language = self.visit.locale(Some(self.institution));
        let service = self.service.as_ref()?;
        Some(super::super::login_form::service_name(service, &language))
    }

    pub fn flow_id(&self) -> Option<&str> {
        self.visit.params.first("flow").ok().flatten()
    }

    /// The flow of this request, when the browser holds it and it is of this realm.
    pub fn flow(&self) -> Option<Flow> {
        flow_of(self.visit).filter(|flow| flow.realm == self.institution.realm)
    }

    pub fn begin(&self, stage: Stage) -> Flow {
        Flow {
            realm: self.institution.realm.clone(),
            institution: self.institution.id.clone(),
            service: self.service_text().map(str::to_owned),
            since: self.visit.app.ports.clock.now(),
            stage,
        }
    }

    pub fn keep(&self, answer: &mut Answer, id: &str, flow: &Flow) {
        keep(self.visit, answer, id, flow);
    }
}

/// The flow that the address names and the browser holds.
pub fn flow_of(visit: &Visit) -> Option<Flow> {
    let id = visit.params.first("flow").ok().flatten()?;
    opened(visit, id, visit.cookies().flow(id)?)
}

/// A sealed flow, if it is of a realm that this address is of (SEC-17).
pub fn opened(visit: &Visit, id: &str, sealed: &str) -> Option<Flow> {
    let flow = Flow::open(&visit.app.ports, id, sealed)?;
    here(visit)
        .is_none_or(|realm| realm == flow.realm)
        .then_some(flow)
}

pub fn keep(visit: &Visit, answer: &mut Answer, id: &str, flow: &Flow) {
    let age: Duration = flow.stage.lifetime();
    if let Some(sealed) = flow.seal(&visit.app.ports, id) {
        let held = visit.cookies();
        visit
            .scope()
            .set_flow_for(answer.headers_mut(), &held, id, &sealed, age);
    }
}

/// The form's proof that it is ours, or what to tell about its absence (SEC-88).
pub fn form_proof(visit: &Visit) -> Result<(), RecoverProblem> {
    match login_ticket_of(visit) {
        Ok(_) => Ok(()),
        Err(LoginProblem::CookiesBlocked) => Err(RecoverProblem::CookiesBlocked),
        Err(_) => Err(RecoverProblem::PageTooOld),
    }
}

/// A form that proves itself by a secret it holds: only a page of ours may have sent it.
pub fn sent_by_us(visit: &Visit) -> bool {
    login::same_site(visit)
}
