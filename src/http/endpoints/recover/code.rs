//! `/recover/code`: a code out of a message, typed beside its identifier (SX-02).

use http::StatusCode;

use super::desk::{Desk, form_proof, keep, sent_by_us, sit_down};
use super::{Outcome, back, bad_request, finish, new, once, pages, too_many};
use crate::flows::recovery::{CodeRefusal, CodeTyped, enter_code, new_id};
use crate::http::answer::Answer;
use crate::http::endpoints::login::go;
use crate::http::visit::Visit;
use crate::pages::views::recover::{CodeProblem, RecoverProblem};

/// `GET /recover/code`.
pub async fn show(visit: Visit) -> Answer {
    let outcome = match sit_down(&visit).await {
        Ok(Ok(desk)) => {
            let brought = back::brought(&visit).unwrap_or_default();
            Ok(pages::code(&desk, StatusCode::OK, &brought, None, false))
        }
        Ok(Err(answer)) => Ok(*answer),
        Err(error) => Err(error),
    };
    finish(&visit, outcome)
}

/// `POST /recover/code`.
pub async fn submit(visit: Visit) -> Answer {
    let outcome = submit_inner(&visit).await;
    finish(&visit, outcome)
}

async fn submit_inner(visit: &Visit) -> Outcome {
    let Some([identifier, code]) = once(visit, ["identifier", "code"]) else {
        return Ok(bad_request(visit));
    };
    let desk = match sit_down(visit).await? {
        Ok(desk) => desk,
        Err(answer) => return Ok(*answer),
    };
    let again = |status, problem| pages::code(&desk, status, identifier, Some(problem), false);
    let cookies = match form_proof(visit) {
        Ok(()) => true,
        // The code is a secret that no other site knows: it proves the form where cookies do not.
        Err(RecoverProblem::CookiesBlocked) if sent_by_us(visit) => false,
        Err(_) => return Ok(again(StatusCode::BAD_REQUEST, CodeProblem::PageTooOld)),
    };
    let typed = CodeTyped {
        institution: desk.institution,
        identifier,
        code,
        address: visit.client,
    };
    let ports = &visit.app.ports;
    match enter_code(ports, &visit.catalogue, &typed).await? {
        Ok(flow) if cookies => {
            let id = new_id(ports);
            let mut answer = go(visit, true, &new_url(&desk, &id));
            keep(visit, &mut answer, &id, &flow);
            Ok(answer)
        }
        Ok(flow) => new::without_cookies(visit, &flow).await,
        Err(CodeRefusal::Empty) => Ok(again(StatusCode::BAD_REQUEST, CodeProblem::Empty)),
        Err(CodeRefusal::Wrong) => Ok(again(StatusCode::UNAUTHORIZED, CodeProblem::Wrong)),
        Err(CodeRefusal::TooMany) => {
            let mut answer = too_many(visit);
            *answer.status_mut() = StatusCode::TOO_MANY_REQUESTS;
            Ok(answer)
        }
    }
}

fn new_url(desk: &Desk<'_>, id: &str) -> String {
    desk.url("recover/new", Some(id))
}
