//! `/login`: `show` for a GET, `submit` for the form, `proceed` for the page that warns before an
//! application opens.

use http::StatusCode;

use super::arrived::{arrived_answer, signed_in};
pub(in crate::http) use super::desk::Desk;
use super::login_form::{self, Form};
pub(super) use super::unknown::refuse_service;
use super::{captcha, delegation, discover, login_check, trusted, unknown};
use crate::audit::Actor;
use crate::base::names::RealmId;
use crate::directory::DirectoryError;
use crate::flows::login::{
    Arrival, Arrived, BrowserSession, ClosedAccount, Credentials, FormReason, Proof, Refusal, Submitted,
    Unproved, arrive, confirm_warning, known, submit as try_to_sign_in,
};
use crate::flows::login_ticket::{self, LoginTicket, LoginTicketFlaw};
use crate::flows::logout::end_session;
use crate::flows::{Catalogue, FlowError};
use crate::http::answer::{Answer, incident, login_page, page, redirect, trouble};
use crate::http::cookies::MOST_REALMS;
use crate::http::device::Device;
use crate::http::institution::{Whose, log_choice};
use crate::http::visit::{BrowserSessions, Visit, with_query};
use crate::pages::views::accounts::{Account, Accounts};
use crate::pages::views::captcha::Outcome as Checked;
use crate::pages::views::login::LoginProblem;
use crate::pages::views::trouble::{Trouble, TroubleKind};
use crate::protocol::login_request::{LoginFlaw, LoginRequest};
use crate::realms::{Institution, Resolution};
use crate::services::Service;

/// The parameter by which a browser that is signed in gets the form all the same.
pub(super) const SWITCH: &str = "switch";

/// `GET /login`.
pub async fn show(visit: Visit) -> Answer {
    finish(&visit, show_inner(&visit, false).await).await
}

/// `POST /login/proceed`: the person read the warning and goes on.
pub async fn proceed(visit: Visit) -> Answer {
    let warned = login_ticket_of(&visit).is_ok();
    finish(&visit, show_inner(&visit, warned).await).await
}

/// An answer and the cookies of sessions that are dead, to be cleared.
pub(super) type Outcome = Result<(Answer, Vec<RealmId>), FlowError>;

pub(super) async fn finish(visit: &Visit, outcome: Outcome) -> Answer {
    match outcome {
        Ok((mut answer, dead)) => {
            dead.iter()
                .for_each(|realm| visit.scope().clear_session(answer.headers_mut(), realm));
            login_form::keep_language(visit, &mut answer);
            answer
        }
        Err(error) => incident(visit, &error, Some(visit.login_with_same_query())),
    }
}

async fn show_inner(visit: &Visit, warned: bool) -> Outcome {
    let (mut desk, mut dead) = match sit_down(visit).await? {
        Ok(seated) => seated,
        Err(answer) => return Ok((*answer, Vec::new())),
    };
    desk.check = login_check::on_opening(&desk).await?;
    if warned && let (Ok(Some(_)), Some(session)) = (visit.params.first("stop_warning"), &desk.session) {
        visit.app.ports.store.set_warn(&session.tgt, false).await?;
    }
    if !warned && let Some(answer) = trusted::by_itself(&desk).await? {
        return Ok((answer, dead));
    }
    if !desk.switching
        && let Some(answer) = delegation::by_itself(&desk, true).await
    {
        return Ok((answer, dead));
    }
    let arrival = Arrival {
        institution: desk.institution,
        service: desk.request.service.as_ref(),
        renew: desk.request.renew,
        gateway: desk.request.gateway,
        session: desk.person(),
    };
    let ports = &visit.app.ports;
    let arrived = if warned {
        confirm_warning(ports, &visit.catalogue, &arrival).await?
    } else {
        arrive(ports, &visit.catalogue, &arrival).await?
    };
    if matches!(arrived, Arrived::Form(FormReason::SignIn)) && desk.person().is_some() {
        // It was there a moment ago (F-05).
        desk.session = None;
        dead.push(desk.institution.realm.clone());
    }
    match arrived {
        Arrived::Form(FormReason::AccountClosed) => dead.push(desk.institution.realm.clone()),
        Arrived::Form(_) if !desk.switching => {
            if let Some(answer) = delegation::by_itself(&desk, false).await {
                return Ok((answer, dead));
            }
        }
        _ => {}
    }
    if !warned && belongs_in_url(&desk, &arrived) {
        let kept = visit.same_page_at(desk.institution);
        return Ok((go(visit, false, &kept), dead));
    }
    if matches!(arrived, Arrived::SignedIn) {
        let ends = super::ending::shown(&desk).await;
        return Ok((signed_in(&desk, ends), dead));
    }
    Ok((arrived_answer(&desk, arrived, warned), dead))
}

/// A page whose institution came out of a cookie or an address that was typed would be another one
/// when it is opened again.
fn belongs_in_url(desk: &Desk<'_>, arrived: &Arrived<'_>) -> bool {
    let is_page = match arrived {
        Arrived::Form(reason) => !matches!(reason, FormReason::AccountClosed),
        Arrived::SignedIn | Arrived::Warn(_) => true,
        _ => false,
    };
    let several = desk.visit.catalogue.institutions.only().is_none();
    is_page && several && desk.chosen_by.is_silent()
}

/// Reads the request and finds its institution, session and service; an `Err` is the answer when
/// that already decides (unknown service, a list to choose from, a gateway that finds nobody).
pub(super) async fn sit_down(
    visit: &Visit,
) -> Result<Result<(Desk<'_>, Vec<RealmId>), Box<Answer>>, FlowError> {
    let request = match read_request(visit) {
        Ok(request) => request,
        Err(answer) => return Ok(Err(answer)),
    };
    let catalogue: &Catalogue = &visit.catalogue;
    let service = match request
        .service
        .as_ref()
        .map(|url| known(&catalogue.services, url, visit.now()))
        .transpose()
    {
        Ok(service) => service,
        Err(unknown) => return Ok(Err(Box::new(refuse_service(visit, &request, unknown)))),
    };
    let realms = service.as_ref().map(|service| service.service.realms.as_slice());
    let sessions = visit.sessions(realms.filter(|realms| !realms.is_empty())).await?;
    let registered = service.as_ref().map(|service| service.service);
    let Whose { resolution, rival } = visit.resolve(&request, registered, &sessions);
    let instead = |answer: Answer| Ok(Err(Box::new(answer)));
    match resolution {
        Resolution::Institution(closed, _) if !closed.is_usable() => {
            instead(closed_institution(visit, closed))
        }
        Resolution::Institution(institution, chosen_by) => {
            log_choice(&catalogue.institutions, institution, chosen_by);
            let BrowserSessions { live, dead } = sessions;
            let session = live
                .into_iter()
                .find(|held| held.view.session.account.realm == institution.realm);
            Ok(Ok((
                Desk {
                    visit,
                    switching: visit.params.switch(SWITCH) && !request.gateway,
                    request,
                    institution,
                    chosen_by,
                    rival,
                    service,
                    session,
                    check: None,
                },
                dead,
            )))
        }
        // A gateway never shows a page, also when two sessions could answer.
        Resolution::Choose { .. } | Resolution::Accounts if request.gateway => {
            let bare = service
                .map(|service| service.destination().without_ticket())
                .unwrap_or_default();
            instead(go(visit, false, &bare))
        }
        Resolution::Accounts => instead(accounts(visit, &request, registered, &sessions.live)),
        Resolution::Choose { unknown } => instead(discover::list(visit, &request, registered, unknown)),
    }
}

/// 410: links to it are old; whom to ask stands on the page.
pub(super) fn closed_institution(visit: &Visit, institution: &Institution) -> Answer {
    let frame = visit.frame(Some(institution));
    let content = Trouble::new(TroubleKind::Closed {
        institution: frame.place.clone(),
    });
    page(visit, StatusCode::GONE, &content, &frame)
}

/// The sessions of this browser, to choose one.
fn accounts(
    visit: &Visit,
    request: &LoginRequest,
    service: Option<&Service>,
    sessions: &[BrowserSession],
) -> Answer {
    let language = visit.locale(None);
    let accounts = sessions.iter().map(|held| {
        let session = &held.view.session;
        let id = &session.institution;
        let institution = visit.catalogue.institutions.named(id.as_str());
        let name = institution.and_then(|institution| institution.name.get(&language));
        let mut pairs = request.repeated();
        pairs.retain(|(name, _)| *name != "tenant");
        pairs.push(("tenant", id.to_string()));
        Account {
            name: session.display_name.clone(),
            login: session.login.clone(),
            institution: name.unwrap_or(id.as_str()).to_owned(),
            url: with_query(&visit.endpoint("login"), &pairs),
        }
    });
    let service_name = service.and_then(|service| service.name.get(&language));
    let content = Accounts {
        service_name: service_name.map(str::to_owned),
        accounts: accounts.collect(),
        other: visit.change_url(),
    };
    page(visit, StatusCode::OK, &content, &visit.frame(None))
}

/// The request, or the page that says why it is none.
pub(super) fn read_request(visit: &Visit) -> Result<LoginRequest, Box<Answer>> {
    LoginRequest::read(&visit.params).map_err(|flaw| match flaw {
        LoginFlaw::Service(flaw) => {
            let names = ["service", "TARGET"].into_iter();
            let mut given = names.filter_map(|name| visit.params.first(name).ok().flatten());
            let shown = given.next().unwrap_or_default();
            let tried = Some(flaw.to_string());
            tracing::info!(reason = "SVC_UNKNOWN", tried, "a service was refused");
            Box::new(unknown::unknown_service(visit, None, shown, tried))
        }
        LoginFlaw::Parameter(flaw) => {
            tracing::info!(%flaw, "a request was refused");
            Box::new(trouble(
                visit,
                StatusCode::BAD_REQUEST,
                TroubleKind::BadRequest,
                None,
            ))
        }
    })
}

/// A redirect, or a page when the address cannot stand in a header.
pub(super) fn go(visit: &Visit, after_post: bool, to: &str) -> Answer {
    redirect(after_post, to)
        .unwrap_or_else(|| trouble(visit, StatusCode::BAD_REQUEST, TroubleKind::BadRequest, None))
}

/// `POST /login`.
pub async fn submit(visit: Visit) -> Answer {
    finish(&visit, submit_inner(&visit).await).await
}

async fn submit_inner(visit: &Visit) -> Outcome {
    let (mut desk, dead) = match sit_down(visit).await? {
        Ok(seated) => seated,
        Err(answer) => return Ok((*answer, Vec::new())),
    };
    let typed = |name| visit.params.first(name).ok().flatten().unwrap_or_default();
    let ticket = match login_ticket_of(visit) {
        Ok(ticket) => ticket,
        Err(problem) => {
            let form = Form {
                username: typed("username"),
                problem: Some(problem),
            };
            return Ok((login_form::answer(&desk, StatusCode::BAD_REQUEST, form), dead));
        }
    };
    if captcha::another(visit) {
        desk.check = login_check::fresh(&desk, Checked::None).await?;
        let form = Form {
            username: typed("username"),
            problem: None,
        };
        return Ok((login_form::answer(&desk, StatusCode::OK, form), dead));
    }
    let cookies = visit.cookies();
    let device = cookies
        .device()
        .and_then(|cookie| Device::open(&visit.app.ports.keys, cookie));
    let realm = &desk.institution.realm;
    let known_device = device
        .as_ref()
        .and_then(|device| device.known_to(&visit.app.ports.keys, realm, typed("username")));
    let locale = visit.locale(Some(desk.institution));
    let credentials = Credentials {
        institution: desk.institution,
        service: desk.request.service.as_ref(),
        login_ticket: ticket,
        username: typed("username"),
        password: typed("password"),
        warn: desk.request.warn,
        remember: visit.params.switch("rememberMe"),
        renew: desk.request.renew,
        address: visit.client,
        device: known_device,
        session: desk.session.as_ref(),
        proof: Some(Proof {
            presession: cookies.presession().unwrap_or_default(),
            locale: &locale,
            given: captcha::given(visit),
        }),
    };
    let tried = try_to_sign_in(&visit.app.ports, &visit.catalogue, &credentials).await;
    Ok((tried_answer(desk, tried, device).await?, dead))
}

/// What comes of a try.
async fn tried_answer(
    mut desk: Desk<'_>,
    tried: Result<Submitted<'_>, FlowError>,
    device: Option<Device>,
) -> Result<Answer, FlowError> {
    let visit = desk.visit;
    let username = visit.params.first("username").ok().flatten().unwrap_or_default();
    Ok(match tried {
        Ok(Submitted::SignedIn(signed_in)) => {
            let mut answer = welcome(&desk, *signed_in, device);
            make_room(visit, &desk.institution.realm, &mut answer).await?;
            answer
        }
        Ok(Submitted::Refused(refusal)) => {
            desk.check = login_check::after(&desk, &refusal).await?;
            refused(&desk, refusal, username)
        }
        Ok(Submitted::Unknown(unknown)) => refuse_service(visit, &desk.request, unknown),
        // The pool counts them: a line of the log for each would be one more crowd.
        Err(FlowError::Directory {
            source: DirectoryError::Crowded,
            ..
        }) => login_form::crowded(&desk, username),
        Err(error @ FlowError::Directory { .. }) => {
            crate::http::answer::log_incident(&error);
            let form = Form {
                username,
                problem: Some(LoginProblem::DirectoryDown),
            };
            let mut answer = login_form::answer(&desk, StatusCode::SERVICE_UNAVAILABLE, form);
            login_form::retry_later(visit, &mut answer);
            answer
        }
        Err(error) => return Err(error),
    })
}

pub(super) fn welcome(
    desk: &Desk<'_>,
    signed_in: crate::flows::login::SignedIn<'_>,
    device: Option<Device>,
) -> Answer {
    let visit = desk.visit;
    let ports = &visit.app.ports;
    let now_seated = desk.with(BrowserSession::just_opened(&signed_in));
    let mut answer = match signed_in.goes {
        Arrived::SignedIn => go(visit, true, &login_form::signed_in_url(desk)),
        other => arrived_answer(&now_seated, other, true),
    };
    let (realm, tgt, session) = (&desk.institution.realm, &signed_in.tgt, &signed_in.session);
    visit
        .scope()
        .set_session(answer.headers_mut(), realm, tgt, session);
    let mut device = device.unwrap_or_else(|| Device::new(ports.entropy.as_ref()));
    let typed = visit.params.first("username").ok().flatten();
    let typed = typed.unwrap_or(&session.login);
    device.remember(&ports.keys, realm, typed, signed_in.devices);
    let sealed = device.seal(&ports.keys, ports.entropy.as_ref());
    visit.scope().set_device(answer.headers_mut(), &sealed);
    trusted::forget_sign_out(visit, &mut answer);
    answer
}

/// A browser holds the sessions of a few realms; one more ends the one that was used longest ago.
async fn make_room(visit: &Visit, realm: &RealmId, answer: &mut Answer) -> Result<(), FlowError> {
    let (held, _) = visit.cookies().sessions();
    let others = held.iter().filter(|(of, _)| of != realm);
    if others.count() < MOST_REALMS {
        return Ok(());
    }
    let BrowserSessions { live, dead } = visit.sessions(None).await?;
    let scope = visit.scope();
    dead.iter()
        .for_each(|dead| scope.clear_session(answer.headers_mut(), dead));
    let others = live
        .iter()
        .filter(|held| held.view.session.account.realm != *realm);
    if let Some(oldest) = others.clone().min_by_key(|held| held.view.last_used)
        && others.count() >= MOST_REALMS
    {
        end_session(&visit.app.ports, &visit.catalogue, &oldest.tgt, Actor::Server).await?;
        scope.clear_session(answer.headers_mut(), &oldest.view.session.account.realm);
    }
    Ok(())
}

fn refused(desk: &Desk<'_>, refusal: Refusal, typed: &str) -> Answer {
    let form = |problem| Form {
        username: typed,
        problem: Some(problem),
    };
    match refusal {
        Refusal::NoUsername | Refusal::NoPassword => {
            let password = desk.visit.params.first("password").ok().flatten().is_none();
            let username = refusal == Refusal::NoUsername;
            let problem = LoginProblem::Empty {
                username,
                password: password || !username,
            };
            login_form::answer(desk, StatusCode::UNAUTHORIZED, form(problem))
        }
        Refusal::FormUsed => {
            login_form::answer(desk, StatusCode::BAD_REQUEST, form(LoginProblem::PageTooOld))
        }
        Refusal::Wrong { tries_left } => {
            let problem = login_form::wrong(tries_left);
            login_form::answer(desk, StatusCode::UNAUTHORIZED, form(problem))
        }
        Refusal::Throttled(wait) => login_form::throttled(desk, wait, typed),
        Refusal::NotHuman(why) => {
            let problem = match why {
                Unproved::NotAsked => LoginProblem::Check,
                Unproved::Wrong => LoginProblem::NotHuman,
                Unproved::Gone => LoginProblem::CheckGone,
            };
            login_form::answer(desk, StatusCode::UNAUTHORIZED, form(problem))
        }
        Refusal::Closed(closed) => closed_account(desk, &closed, typed),
        Refusal::MustChange(changing) => super::change::send(desk, *changing),
        Refusal::Provisional(holding) => super::recover::new::send(desk, *holding),
    }
}

pub(super) fn closed_account(desk: &Desk<'_>, closed: &ClosedAccount, typed: &str) -> Answer {
    let frame = desk.visit.frame(Some(desk.institution));
    let content = login_form::closed_page(desk, closed, typed, &frame.language);
    login_page(desk.visit, StatusCode::FORBIDDEN, &content, &frame)
}

/// The form's login ticket, or what to tell the person about its absence (CAS-69, T-31).
pub(super) fn login_ticket_of(visit: &Visit) -> Result<LoginTicket, LoginProblem> {
    if !same_site(visit) {
        tracing::warn!(reason = "FOREIGN_FORM", "a form from another site was refused");
        return Err(LoginProblem::PageTooOld);
    }
    let cookies = visit.cookies();
    let browser = cookies.presession().ok_or(LoginProblem::CookiesBlocked)?;
    let text = visit.params.first("lt").ok().flatten().unwrap_or_default();
    let ports = &visit.app.ports;
    login_ticket::read(&ports.keys, ports.clock.now(), browser, text).map_err(|flaw| match flaw {
        LoginTicketFlaw::Foreign | LoginTicketFlaw::Expired => LoginProblem::PageTooOld,
    })
}

/// Browsers say where a form comes from; scripts do not, and prove themselves by the login ticket.
pub(super) fn same_site(visit: &Visit) -> bool {
    let sent_by = visit.header("sec-fetch-site").unwrap_or("same-origin");
    if !matches!(sent_by, "same-origin" | "none") {
        return false;
    }
    match visit.header("origin") {
        // `Referrer-Policy: no-referrer` makes browsers send “null” with our own forms.
        None | Some("null") => true,
        Some(origin) => visit.is_own_origin(origin),
    }
}
