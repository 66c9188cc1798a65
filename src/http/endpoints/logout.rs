//! `/logout`: ends the sessions of this browser and says so, or goes on to a registered service
//! (CAS-184 to CAS-189).

use http::StatusCode;

use crate::base::names::RealmId;
use crate::flows::FlowError;
use crate::flows::login::{KnownService, known};
use crate::flows::logout::end_session;
use crate::http::answer::{Answer, incident, page, redirect};
use crate::http::visit::Visit;
use crate::pages::views::session::SignedOut;
use crate::protocol::logout_request::LogoutRequest;

/// Ends the session of the named institution's realm, or every session of this browser.
pub async fn end(visit: Visit, by_post: bool) -> Answer {
    let request = LogoutRequest::read(&visit.params);
    let wanted = wanted_realm(&visit, &request);
    match end_sessions(&visit, wanted.as_ref()).await {
        Err(error) => incident(&visit, &error, None),
        Ok(told) => {
            let service = request
                .service
                .as_ref()
                .and_then(|url| known(&visit.catalogue.services, url).ok());
            let mut answer = goodbye(&visit, service, told, by_post);
            clear_cookies(&visit, wanted.as_ref(), &mut answer);
            answer
        }
    }
}

fn wanted_realm(visit: &Visit, request: &LogoutRequest) -> Option<RealmId> {
    let name = visit.path_tenant.as_deref().or(request.tenant.as_deref())?;
    visit
        .catalogue
        .institutions
        .named(name)
        .map(|institution| institution.realm.clone())
}

async fn end_sessions(visit: &Visit, wanted: Option<&RealmId>) -> Result<u64, FlowError> {
    let (held, _) = visit.cookies().sessions();
    let mut told = 0;
    for (realm, tgt) in held {
        if wanted.is_none_or(|wanted| *wanted == realm) {
            let ended = end_session(&visit.app.ports, &visit.catalogue, &tgt).await?;
            told += u64::try_from(ended.told).unwrap_or(u64::MAX);
        }
    }
    Ok(told)
}

fn clear_cookies(visit: &Visit, wanted: Option<&RealmId>, answer: &mut Answer) {
    let (held, broken) = visit.cookies().sessions();
    let realms = held.into_iter().map(|(realm, _)| realm).chain(broken);
    for realm in realms.filter(|realm| wanted.is_none_or(|wanted| wanted == realm)) {
        visit.scope().clear_session(answer.headers_mut(), &realm);
    }
}

fn goodbye(visit: &Visit, service: Option<KnownService<'_>>, told: u64, by_post: bool) -> Answer {
    if let Some(answer) = service.and_then(|service| redirect(by_post, &service.url.without_ticket())) {
        return answer;
    }
    let content = SignedOut {
        services_told: told,
        continue_to: None,
        sign_in: visit.endpoint("login"),
    };
    let institution = visit
        .path_tenant
        .as_deref()
        .and_then(|name| visit.catalogue.institutions.named(name));
    page(visit, StatusCode::OK, &content, &visit.frame(institution))
}
