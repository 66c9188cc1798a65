//! Signing in by the word of a proxy in front of us (CAS-30), before any form is shown. It happens by
//! itself where nothing speaks against it, by a click otherwise: behind a sign-out, behind a refusal, and
//! where a service wants this very sign-in.

use http::StatusCode;

use super::arrived::arrived_answer;
use super::login::{self, Desk};
use super::login_form::{self, Form};
use crate::flows::FlowError;
use crate::flows::login::{Arrived, BrowserSession, SignedIn, Trusted, Vouched, vouch};
use crate::http::answer::Answer;
use crate::http::visit::{Visit, with_query};
use crate::pages::views::delegation::Way;
use crate::pages::views::login::LoginProblem;
use crate::realms::{TrustedHeader, Word};

/// The parameter of the click.
const BY: &str = "by";
const HEADER: &str = "header";

/// The answer when the proxy's word decides; `None` leaves it to everything else.
pub(super) async fn by_itself(desk: &Desk<'_>) -> Result<Option<Answer>, FlowError> {
    let Some(trusted) = trusted(desk) else {
        return Ok(None);
    };
    let clicked = is_click(desk.visit) && !desk.request.gateway;
    if !(clicked || may_happen(desk)) {
        return Ok(None);
    }
    let name = match trusted.read(desk.visit.peer, &desk.visit.headers) {
        Word::Nothing => return Ok(None),
        Word::Hostile(reason) => {
            tracing::warn!(realm = %desk.institution.realm, reason, "a proxy that is believed names nobody");
            return Ok(refused(desk));
        }
        Word::Person(name) => name,
    };
    let vouched = Vouched {
        institution: desk.institution,
        service: desk.request.service.as_ref(),
        name,
        warn: desk.request.warn,
        session: desk.session.as_ref(),
    };
    let (ports, catalogue) = (&desk.visit.app.ports, &desk.visit.catalogue);
    Ok(match vouch(ports, catalogue, &vouched).await? {
        Trusted::SignedIn(signed_in) => Some(welcome(desk, *signed_in)),
        _ if desk.request.gateway => None,
        Trusted::Unknown(unknown) => Some(login::refuse_service(desk.visit, &desk.request, unknown)),
        Trusted::Nobody => refused(desk),
        Trusted::Throttled(wait) => Some(login_form::throttled(desk, wait, "")),
        Trusted::Closed { closed, login } => Some(stay(desk, login::closed_account(desk, &closed, &login))),
    })
}

/// The button of our own form was pressed. A page of another site that leads here is no click: it would
/// renew a sign-in that nobody was asked about.
fn is_click(visit: &Visit) -> bool {
    let from_here = visit
        .header("sec-fetch-site")
        .is_none_or(|site| site == "same-origin");
    from_here && visit.params.first(BY) == Ok(Some(HEADER))
}

/// The button on the form, where a believed proxy names somebody.
pub(super) fn way(desk: &Desk<'_>) -> Option<Way> {
    let trusted = trusted(desk)?;
    let Word::Person(_) = trusted.read(desk.visit.peer, &desk.visit.headers) else {
        return None;
    };
    let language = desk.visit.locale(Some(desk.institution));
    let mut pairs = desk.request.repeated();
    pairs.push((BY, HEADER.to_owned()));
    Some(Way {
        name: trusted.name.get(&language).unwrap_or_default().to_owned(),
        url: with_query(&desk.visit.endpoint("login"), &pairs),
    })
}

fn trusted<'a>(desk: &Desk<'a>) -> Option<&'a TrustedHeader> {
    let realm = desk.visit.catalogue.realms.get(&desk.institution.realm)?;
    realm.trusted_header.as_ref()
}

/// Whether the proxy's word opens a session without being asked to: nobody is signed in, nobody just
/// signed out or was refused, and single sign-on is what the service wants.
fn may_happen(desk: &Desk<'_>) -> bool {
    let by_sso = desk
        .service
        .as_ref()
        .is_none_or(|known| known.service.sso_enabled);
    let nobody = desk.session.is_none() && !desk.switching;
    nobody && by_sso && !desk.request.renew && !desk.visit.cookies().stays()
}

/// The form, which says why. A gateway shows none.
fn refused(desk: &Desk<'_>) -> Option<Answer> {
    if desk.request.gateway {
        return None;
    }
    let form = Form::blank(Some(LoginProblem::Vouched));
    Some(stay(desk, login_form::answer(desk, StatusCode::OK, form)))
}

/// The next page is the form, not the same again.
fn stay(desk: &Desk<'_>, mut answer: Answer) -> Answer {
    desk.visit.scope().set_stay(answer.headers_mut());
    answer
}

fn welcome(desk: &Desk<'_>, signed_in: SignedIn<'_>) -> Answer {
    let visit = desk.visit;
    let seated = desk.with(BrowserSession::just_opened(&signed_in));
    let mut answer = match signed_in.goes {
        Arrived::SignedIn => login::go(visit, false, &login_form::signed_in_url(desk)),
        other => arrived_answer(&seated, other, false),
    };
    let scope = visit.scope();
    let realm = &desk.institution.realm;
    scope.set_session(answer.headers_mut(), realm, &signed_in.tgt, &signed_in.session);
    forget_sign_out(visit, &mut answer);
    answer
}

/// Somebody has signed in: from now on it may happen by itself again, and the sign-out of whoever was
/// here before is nobody's to look at.
pub(super) fn forget_sign_out(visit: &Visit, answer: &mut Answer) {
    if visit.cookies().goodbye().is_some() {
        visit.scope().clear_goodbye(answer.headers_mut());
    }
    if visit.cookies().stays() {
        visit.scope().clear_stay(answer.headers_mut());
    }
}
