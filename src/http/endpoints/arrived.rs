//! What a browser gets once the flow of `/login` has decided: the way on, a page about the session, or
//! why the application stays shut. Nothing here decides.

use http::StatusCode;

use super::deliver;
use super::login::{self, Desk};
use super::login_form::{self, Form};
use crate::flows::login::{Arrived, FormReason, KnownService};
use crate::http::answer::{Answer, login_page, page, trouble};
use crate::pages::views::login::LoginProblem;
use crate::pages::views::services::{AccessDenied, DeniedReason};
use crate::pages::views::session::SignedIn;
use crate::pages::views::trouble::TroubleKind;

pub(super) fn arrived_answer(desk: &Desk<'_>, arrived: Arrived<'_>, after_post: bool) -> Answer {
    let visit = desk.visit;
    match arrived {
        Arrived::Ticket { service, id } => deliver::ticket(desk, &service, &id, after_post),
        Arrived::Redirect(to) => login::go(visit, after_post, &to),
        Arrived::Form(FormReason::AccountClosed) => login_form::answer(
            desk,
            StatusCode::OK,
            Form::blank(Some(LoginProblem::SessionEnded)),
        ),
        Arrived::Form(_) => login_form::answer(desk, StatusCode::OK, Form::blank(None)),
        Arrived::SignedIn => signed_in(desk),
        Arrived::Warn(service) => login_form::warning(desk, &service),
        Arrived::Unknown(unknown) => login::refuse_service(visit, &desk.request, unknown),
        Arrived::Denied {
            elsewhere: Some(url), ..
        } => login::go(visit, after_post, &url),
        Arrived::Denied {
            service,
            elsewhere: None,
        } => denied(desk, &service),
        Arrived::Looping(service) => looping(desk, &service),
    }
}

fn signed_in(desk: &Desk<'_>) -> Answer {
    let visit = desk.visit;
    let Some(session) = &desk.session else {
        return login_form::answer(desk, StatusCode::OK, Form::blank(None));
    };
    if super::account::is_next(visit) {
        return login::go(visit, false, &login_form::account_url(desk));
    }
    let session = &session.view.session;
    let content = SignedIn {
        username: session.login.clone(),
        display_name: Some(session.display_name.clone()),
        services: Vec::new(),
        sign_out: visit.endpoint("logout"),
        csrf: None,
        switch: Some(login_form::switch_url(desk)),
        account: Some(login_form::account_url(desk)),
    };
    page(
        visit,
        StatusCode::OK,
        &content,
        &visit.frame(Some(desk.institution)),
    )
}

fn denied(desk: &Desk<'_>, service: &KnownService<'_>) -> Answer {
    let frame = desk.visit.frame(Some(desk.institution));
    let content = AccessDenied {
        service_name: login_form::service_name(service, &frame.language),
        username: desk
            .session
            .as_ref()
            .map(|session| session.view.session.login.clone()),
        reason: DeniedReason::NotYours,
        message: None,
        switch: Some(login_form::switch_url(desk)),
        back: Some(desk.visit.endpoint("login")),
    };
    login_page(desk.visit, StatusCode::FORBIDDEN, &content, &frame)
}

/// F-06: the application sends the browser back as fast as we send it there.
fn looping(desk: &Desk<'_>, service: &KnownService<'_>) -> Answer {
    tracing::warn!(service = %service.service.id, reason = "SERVICE_LOOPS", "an application keeps asking for tickets");
    let name = login_form::service_name(service, &desk.visit.locale(None));
    let kind = TroubleKind::Looping { service: name };
    trouble(desk.visit, StatusCode::TOO_MANY_REQUESTS, kind, None)
}
