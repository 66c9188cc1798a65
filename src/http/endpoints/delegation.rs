//! Signing in by another server's word: `/login/with/<upstream>` goes there, `/login/from/<realm>/<upstream>`
//! is where browsers come back and where that server says that a session is over, and `…/account`
//! takes the choice among accounts.

use std::time::Duration;

use http::StatusCode;
use url::Url;

use super::arrived::arrived_answer;
use super::delegation_pages as pages;
use super::deliver;
use super::login::{self, Desk, Outcome};
use crate::base::names::{RealmId, UpstreamId};
use crate::flows::delegation::{
    Begin, Begun, Callback, Channel, Errand, Failure, Finished, FragmentName, Link, Step, begin, choose,
    ended, finish, peek,
};
use crate::flows::login::{Arrived, BrowserSession, known};
use crate::http::answer::{Answer, incident, text, trouble};
use crate::http::later::retry_after;
use crate::http::visit::Visit;
use crate::pages::views::trouble::TroubleKind;
use crate::realms::{Institution, Position, ResolvedBy};

/// Automatic departures of one browser within their window; the next one waits for a click.
const DEPARTURES: u8 = 3;

/// `GET /login/with/<upstream>`: the person has chosen the button.
pub async fn depart(visit: Visit, upstream: Option<String>) -> Answer {
    let outcome = match upstream.as_deref().and_then(UpstreamId::new) {
        None => Ok((not_here(&visit), Vec::new())),
        Some(upstream) => depart_inner(&visit, &upstream).await,
    };
    login::finish(&visit, outcome).await
}

async fn depart_inner(visit: &Visit, upstream: &UpstreamId) -> Outcome {
    let (desk, dead) = match login::sit_down(visit).await? {
        Ok(seated) => seated,
        Err(answer) => return Ok((*answer, Vec::new())),
    };
    Ok((go(&desk, upstream, false).await?, dead))
}

/// Where an institution has one way in only, and it is another server, the browser goes there by
/// itself: but not again and again, and never after a failure, which nobody could read then.
pub(super) async fn by_itself(desk: &Desk<'_>, gateway: bool) -> Option<Answer> {
    let visit = desk.visit;
    if gateway && (!desk.request.gateway || desk.session.is_some()) {
        return None;
    }
    let realm = visit.catalogue.realms.get(&desk.institution.realm)?;
    let mut offered = realm.delegations_of(&desk.institution.id);
    let only = offered.next().filter(|one| one.position == Position::Only)?;
    let departures = visit.cookies().departures();
    if offered.next().is_some() || departures >= DEPARTURES {
        return None;
    }
    let mut answer = match go(desk, &only.upstream, gateway).await {
        Ok(answer) => answer,
        Err(error) => incident(visit, &error, None),
    };
    visit.scope().set_departures(answer.headers_mut(), departures + 1);
    Some(answer)
}

async fn go(
    desk: &Desk<'_>,
    upstream: &UpstreamId,
    gateway: bool,
) -> Result<Answer, crate::flows::FlowError> {
    let visit = desk.visit;
    let errand = Errand {
        institution: desk.institution.id.clone(),
        service: desk.request.service.clone(),
        // Who is signed in there would come straight back: somebody else must be asked there, too.
        renew: desk.request.renew || desk.switching,
        gateway,
        method: desk.request.method,
        artifact: desk.request.artifact,
        warn: desk.request.warn,
        fragment: fragment(visit).filter(|_| desk.request.service.is_some()),
    };
    let link = Link {
        realm: desk.institution.realm.clone(),
        upstream: upstream.clone(),
    };
    let wish = Begin {
        institution: desk.institution,
        upstream,
        errand: &errand,
        back: &back(visit, &link),
        address: visit.client,
    };
    Ok(match begin(&visit.app.ports, &visit.catalogue, &wish).await? {
        Begun::Away { url, id, state } => {
            let mut answer = login::go(visit, false, &url);
            visit
                .scope()
                .set_flow(answer.headers_mut(), &visit.cookies(), &id, &state);
            answer
        }
        Begun::Unknown(unknown) => login::refuse_service(visit, &desk.request, unknown),
        Begun::NotOffered => not_here(visit),
        Begun::TooLong => trouble(visit, StatusCode::URI_TOO_LONG, TroubleKind::NotAllowed, None),
        Begun::Crowded(wait) => crowded(visit, wait),
        Begun::Silent => {
            let errand = Some(errand);
            let step = Step::Silent;
            pages::failed(visit, &link, &Failure { step, errand })
        }
    })
}

/// `GET /login/from/<realm>/<upstream>`: a browser comes back; or brings the word that a session is
/// over, which needs none of its cookies, since only who knows its ticket can say so.
pub async fn arrive(visit: Visit, link: Option<Link>) -> Answer {
    let names = ["logoutRequest", "SAMLRequest"];
    if names.iter().any(|name| visit.params.first(name) != Ok(None)) {
        return heard(visit, link, Channel::Front).await;
    }
    come_back(visit, link, None).await
}

/// `POST …/account`: the person chose one of the accounts.
pub async fn take(visit: Visit, link: Option<Link>) -> Answer {
    if !login::same_site(&visit) {
        tracing::warn!(reason = "FOREIGN_FORM", "a form from another site was refused");
        return trouble(&visit, StatusCode::BAD_REQUEST, TroubleKind::BadRequest, None);
    }
    let number = visit.params.first("account").ok().flatten();
    let number = number
        .and_then(|number| number.parse().ok())
        .unwrap_or(usize::MAX);
    come_back(visit, link, Some(number)).await
}

async fn come_back(mut visit: Visit, link: Option<Link>, number: Option<usize>) -> Answer {
    let link = link.filter(|link| pages::name_of(&visit, link, None).is_some());
    let errand = match &link {
        Some(link) => errand_of(&visit, link).await,
        None => None,
    };
    let pairs = errand.map(|errand| errand.request().repeated());
    visit.stand_at_login(&pairs.unwrap_or_default());
    let Some(link) = link else {
        return not_here(&visit);
    };
    let outcome = decide(&visit, &link, number).await;
    let mut answer = login::finish(&visit, outcome).await;
    if let Ok(Some(flow)) = visit.params.first("flow") {
        visit
            .scope()
            .clear_flow(answer.headers_mut(), &visit.cookies(), flow);
    }
    answer
}

async fn errand_of(visit: &Visit, link: &Link) -> Option<Errand> {
    let flow = visit.params.first("flow").ok().flatten()?;
    let state = visit.cookies().flow(flow);
    peek(&visit.app.ports, link, flow, state).await
}

async fn decide(visit: &Visit, link: &Link, number: Option<usize>) -> Outcome {
    let realm = std::slice::from_ref(&link.realm);
    let sessions = visit.sessions(Some(realm)).await?;
    let flow = visit.params.first("flow").ok().flatten().unwrap_or_default();
    let state = visit.cookies().flow(flow);
    let callback = Callback {
        link,
        flow,
        state,
        params: &visit.params,
        back: &back(visit, link),
        sessions: &sessions.live,
    };
    let (ports, catalogue) = (&visit.app.ports, &visit.catalogue);
    let finished = match number {
        None => finish(ports, catalogue, &callback).await?,
        Some(number) => choose(ports, catalogue, &callback, number).await?,
    };
    let answer = answered(visit, link, finished, number.is_some());
    Ok((answer, sessions.dead))
}

fn answered(visit: &Visit, link: &Link, finished: Finished<'_>, after_post: bool) -> Answer {
    match finished {
        Finished::Failed(failure) => {
            let mut answer = pages::failed(visit, link, &failure);
            visit.scope().set_departures(answer.headers_mut(), DEPARTURES);
            answer
        }
        Finished::Bare(url) => login::go(visit, after_post, &url),
        Finished::Unknown { errand, unknown } => login::refuse_service(visit, &errand.request(), unknown),
        Finished::Choose {
            errand,
            id,
            state,
            accounts,
        } => {
            let mut answer = pages::choose(visit, link, &errand, (&id, accounts));
            visit
                .scope()
                .set_flow(answer.headers_mut(), &visit.cookies(), &id, &state);
            answer
        }
        Finished::Closed {
            errand,
            closed,
            login,
        } => match desk(visit, &errand, None) {
            Some(desk) => login::closed_account(&desk, &closed, &login),
            None => not_here(visit),
        },
        Finished::SignedIn { errand, signed_in } => {
            let session = BrowserSession::just_opened(&signed_in);
            match desk(visit, &errand, Some(session)) {
                Some(desk) => welcome(&desk, *signed_in, errand.fragment.as_ref(), after_post),
                None => not_here(visit),
            }
        }
    }
}

fn welcome(
    desk: &Desk<'_>,
    signed_in: crate::flows::login::SignedIn<'_>,
    fragment: Option<&FragmentName>,
    after_post: bool,
) -> Answer {
    let visit = desk.visit;
    let mut answer = match signed_in.goes {
        Arrived::SignedIn => login::go(visit, after_post, &pages::signed_in_url(desk)),
        Arrived::Ticket { service, id }
            if let Some(name) = fragment
                && let Some(url) = deliver::redirection(desk, &service, &id) =>
        {
            pages::onward(desk, &url, name)
        }
        other => arrived_answer(desk, other, after_post),
    };
    visit.scope().set_session(
        answer.headers_mut(),
        &desk.institution.realm,
        &signed_in.tgt,
        &signed_in.session,
    );
    super::trusted::forget_sign_out(visit, &mut answer);
    answer
}

/// The name under which the browser keeps its fragment, when the page's script could.
fn fragment(visit: &Visit) -> Option<FragmentName> {
    FragmentName::new(visit.params.first("fragment").ok().flatten()?)
}

/// The desk that the errand left.
fn desk<'a>(visit: &'a Visit, errand: &Errand, session: Option<BrowserSession>) -> Option<Desk<'a>> {
    let institution: &Institution = visit.catalogue.institutions.named(errand.institution.as_str())?;
    let services = &visit.catalogue.services;
    let service = errand
        .service
        .as_ref()
        .and_then(|url| known(services, url, visit.now()).ok());
    Some(Desk {
        visit,
        request: errand.request(),
        institution,
        service,
        session,
        chosen_by: ResolvedBy::Parameter,
        rival: None,
        switching: false,
        check: None,
    })
}

/// `POST /login/from/<realm>/<upstream>`: the other server says that a session is over. It learns
/// nothing from the answer.
pub async fn hear(visit: Visit, link: Option<Link>) -> Answer {
    heard(visit, link, Channel::Back).await
}

async fn heard(visit: Visit, link: Option<Link>, channel: Channel) -> Answer {
    let Some(link) = link else {
        return not_here(&visit);
    };
    let message = (channel, &visit.params);
    match ended(&visit.app.ports, &visit.catalogue, &link, message).await {
        Ok(Some(_)) => text(StatusCode::OK, "text/plain;charset=UTF-8", String::new()),
        Ok(None) => {
            let bad = "400\n".to_owned();
            text(StatusCode::BAD_REQUEST, "text/plain;charset=UTF-8", bad)
        }
        Err(error) => incident(&visit, &error, None),
    }
}

/// Names out of the path.
pub fn link(realm: Option<&str>, upstream: Option<&str>) -> Option<Link> {
    Some(Link {
        realm: RealmId::new(realm?)?,
        upstream: UpstreamId::new(upstream?)?,
    })
}

/// Our address for coming back, on the host that the browser uses: the cookie of the flow is there.
fn back(visit: &Visit, link: &Link) -> Url {
    let mut url = visit.own_origin();
    let base = &visit.app.settings.base;
    url.set_path(&format!("{base}/login/from/{}/{}", link.realm, link.upstream));
    url
}

fn crowded(visit: &Visit, wait: Duration) -> Answer {
    let seconds = wait.as_secs() + 1;
    let kind = TroubleKind::TooMany {
        wait_seconds: seconds,
        until: visit.app.ports.clock.now().plus(wait),
    };
    let mut answer = trouble(visit, StatusCode::TOO_MANY_REQUESTS, kind, None);
    retry_after(&mut answer, seconds);
    answer
}

fn not_here(visit: &Visit) -> Answer {
    trouble(visit, StatusCode::NOT_FOUND, TroubleKind::NotFound, None)
}
