//! `/logout`: ends the sessions of this browser and says so, or goes on to a registered service
//! (CAS-184 to CAS-189). `/logout/told` ends nothing: it says which applications have been told since.

use http::StatusCode;
use url::Url;

use super::delegation_pages::name_of;
use super::farewell::{Farewell, MOST_FRAMES, name_in};
use crate::audit::Actor;
use crate::base::names::RealmId;
use crate::flows::FlowError;
use crate::flows::delegation::{SignOut, sign_out};
use crate::flows::login::{KnownService, known};
use crate::flows::logout::{BrowserNotice, end_session};
use crate::http::answer::{Answer, incident, page, redirect};
use crate::http::layers::Frames;
use crate::http::visit::Visit;
use crate::pages::views::session::{ApplicationTold, ServiceLink, SignedOut};
use crate::protocol::logout_request::LogoutRequest;
use crate::realms::OnLogout;
use crate::tickets::FarewellId;

/// Ends the session of the named institution's realm, or every session of this browser.
pub async fn end(visit: Visit, by_post: bool) -> Answer {
    let request = LogoutRequest::read(&visit.params);
    let wanted = wanted_realm(&visit, &request);
    match end_sessions(&visit, wanted.as_ref(), &back(&visit, &request)).await {
        Err(error) => incident(&visit, &error, None),
        Ok(ended) => {
            let service = request
                .service
                .as_ref()
                .and_then(|url| known(&visit.catalogue.services, url, visit.now()).ok());
            let farewell = match ended.any {
                true => Farewell::begun(&visit, &ended.farewells),
                false => Farewell::of(&visit),
            };
            let mut answer = match forwarded(&ended, by_post) {
                Some(answer) => answer,
                None => goodbye(&visit, service, &ended, &farewell, by_post).await,
            };
            clear_cookies(&visit, wanted.as_ref(), &mut answer);
            if ended.any {
                farewell.keep(&visit, answer.headers_mut());
            }
            answer
        }
    }
}

/// Says again what has ended, and how far the news of it has come.
pub async fn told(visit: Visit) -> Answer {
    let farewell = Farewell::of(&visit);
    goodbye(&visit, None, &AllEnded::default(), &farewell, false).await
}

fn wanted_realm(visit: &Visit, request: &LogoutRequest) -> Option<RealmId> {
    let name = visit.path_tenant.as_deref().or(request.tenant.as_deref())?;
    visit
        .catalogue
        .institutions
        .named(name)
        .map(|institution| institution.realm.clone())
}

/// What has ended, and what other servers are owed.
#[derive(Default)]
struct AllEnded {
    /// A session was there.
    any: bool,
    farewells: Vec<FarewellId>,
    by_browser: Vec<BrowserNotice>,
    elsewhere: Vec<SignOut>,
}

/// This very sign-out again, for a browser that comes back from another server's: nothing is left to
/// end then, so it goes on from here.
fn back(visit: &Visit, request: &LogoutRequest) -> Url {
    let mut url = visit.own_origin();
    url.set_path(&visit.endpoint("logout"));
    let service = request.service.as_ref().map(|url| ("service", url.as_str()));
    let tenant = request.tenant.as_deref().map(|tenant| ("tenant", tenant));
    let pairs: Vec<_> = service.into_iter().chain(tenant).collect();
    if !pairs.is_empty() {
        url.query_pairs_mut().extend_pairs(pairs);
    }
    url
}

/// The browser's way over the first other server that wants it. What the browser is to tell comes first:
/// then that server is a link on the page.
fn forwarded(ended: &AllEnded, by_post: bool) -> Option<Answer> {
    if !ended.by_browser.is_empty() {
        return None;
    }
    let mut elsewhere = ended.elsewhere.iter();
    let first = elsewhere.find(|out| out.how == OnLogout::Forward)?;
    redirect(by_post, &first.url)
}

async fn end_sessions(visit: &Visit, wanted: Option<&RealmId>, back: &Url) -> Result<AllEnded, FlowError> {
    let (held, _) = visit.cookies().sessions();
    let mut all = AllEnded::default();
    for (realm, tgt) in held {
        if wanted.is_none_or(|wanted| *wanted == realm) {
            let ended = end_session(&visit.app.ports, &visit.catalogue, &tgt, Actor::Person).await?;
            all.any |= ended.ended;
            all.farewells.extend(ended.farewells);
            all.by_browser.extend(ended.by_browser);
            let sessions = ended.delegated.iter();
            let owed = sessions.filter_map(|session| sign_out(&visit.catalogue, session, back));
            all.elsewhere.extend(owed);
        }
    }
    Ok(all)
}

fn clear_cookies(visit: &Visit, wanted: Option<&RealmId>, answer: &mut Answer) {
    let (held, broken) = visit.cookies().sessions();
    let realms = held.into_iter().map(|(realm, _)| realm).chain(broken);
    for realm in realms.filter(|realm| wanted.is_none_or(|wanted| wanted == realm)) {
        visit.scope().clear_session(answer.headers_mut(), &realm);
    }
    let mut all = visit.catalogue.realms.values();
    if all.any(|realm| realm.trusted_header.is_some()) {
        visit.scope().set_stay(answer.headers_mut());
    }
}

/// The page, or the redirect to `service`; with something left for the browser to tell, the page with a
/// link there.
async fn goodbye(
    visit: &Visit,
    service: Option<KnownService<'_>>,
    ended: &AllEnded,
    farewell: &Farewell,
    by_post: bool,
) -> Answer {
    if ended.by_browser.is_empty()
        && let Some(service) = &service
        && let Some(answer) = redirect(by_post, &service.url.without_ticket())
    {
        return answer;
    }
    let institution = visit
        .path_tenant
        .as_deref()
        .and_then(|name| visit.catalogue.institutions.named(name));
    let language = visit.locale(institution);
    let (applications, underway) = farewell.applications(visit, &ended.by_browser, &language).await;
    let frames: Vec<&BrowserNotice> = ended.by_browser.iter().take(MOST_FRAMES).collect();
    let content = SignedOut {
        one_stays: applications.iter().any(|one| one.told == ApplicationTold::No),
        applications,
        look_again: underway.then(|| visit.endpoint("logout/told")),
        frames: frames.iter().map(|notice| notice.url.clone()).collect(),
        continue_to: service.map(|known| ServiceLink {
            name: name_in(&known.service.name, &language, &known.service.id),
            url: known.url.without_ticket(),
        }),
        elsewhere: ended
            .elsewhere
            .iter()
            .filter_map(|out| link(visit, out))
            .collect(),
        sign_in: visit.endpoint("login"),
    };
    let mut answer = page(visit, StatusCode::OK, &content, &visit.frame(institution));
    if !frames.is_empty() {
        let origins = frames.iter().filter_map(|notice| origin(&notice.url));
        answer.extensions_mut().insert(Frames(origins.collect()));
    }
    answer
}

fn origin(url: &str) -> Option<String> {
    Some(Url::parse(url).ok()?.origin().ascii_serialization())
}

fn link(visit: &Visit, out: &SignOut) -> Option<ServiceLink> {
    Some(ServiceLink {
        name: name_of(visit, &out.link, None)?,
        url: out.url.clone(),
    })
}
