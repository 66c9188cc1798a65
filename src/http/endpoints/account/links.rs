//! `/c/<token>` confirms an address, `/u/<token>` takes a change back: opening either changes nothing,
//! pressing its button does (SEC-35).

use http::StatusCode;

use super::super::recover::desk::form_proof;
use super::super::recover::{is_sure, once, too_many};
use super::addresses::unconfirmed;
use super::{Outcome, WORD, filled, finish, status_of, tenant};
use crate::flows::account::{Asked, Confirmed, Undone, Waiting, confirm_by_link, see_undo, undo, waiting};
use crate::flows::login::BrowserSession;
use crate::flows::recovery::Found;
use crate::http::answer::Answer;
use crate::http::visit::{Visit, with_query};
use crate::pages::views::my_account::AccountProblem;
use crate::pages::views::my_links::{ConfirmLink, LinkState, UndoLink};
use crate::realms::Institution;

/// `GET /c/<token>`.
pub async fn show_confirm(visit: Visit, token: Option<String>) -> Answer {
    let outcome = confirming(&visit, &token.unwrap_or_default()).await;
    finish(&visit, outcome)
}

async fn confirming(visit: &Visit, token: &str) -> Outcome {
    let found = match waiting(&visit.app.ports, &visit.catalogue, token, visit.client).await? {
        Found::Yes(found) => found,
        Found::Dead => return Ok(confirm_page(visit, None, LinkState::Dead, None, false)),
        Found::TooMany => return Ok(too_many(visit)),
    };
    let session = session_of(visit, &found).await?;
    let shown = Some((&found, token));
    Ok(confirm_page(
        visit,
        shown,
        LinkState::Ask,
        None,
        session.is_none(),
    ))
}

/// This browser's session of the very account.
async fn session_of(
    visit: &Visit,
    found: &Waiting,
) -> Result<Option<BrowserSession>, crate::flows::FlowError> {
    let realm = [found.account.realm.clone()];
    let live = visit.sessions(Some(&realm)).await?.live;
    let is_it = |held: &BrowserSession| held.view.session.account == found.account;
    Ok(live.into_iter().find(is_it))
}

fn place<'a>(visit: &'a Visit, id: Option<&str>) -> Option<&'a Institution> {
    let institutions = &visit.catalogue.institutions;
    id.and_then(|id| institutions.named(id))
        .or_else(|| institutions.only())
}

fn confirm_page(
    visit: &Visit,
    found: Option<(&Waiting, &str)>,
    state: LinkState,
    problem: Option<AccountProblem>,
    code: bool,
) -> Answer {
    let institution = place(visit, found.map(|(found, _)| found.institution.as_str()));
    let status = match (problem, state) {
        (Some(problem), _) => status_of(problem),
        (None, LinkState::Dead) => StatusCode::GONE,
        (None, _) => StatusCode::OK,
    };
    let pairs: Vec<_> = tenant(visit, institution).into_iter().collect();
    filled(visit, institution, status, |proof| ConfirmLink {
        state,
        mask: found.map(|(found, _)| found.mask.clone()).unwrap_or_default(),
        action: visit.endpoint(&format!(
            "c/{}",
            found.map(|(_, token)| token).unwrap_or_default()
        )),
        proof,
        code,
        problem,
        account: with_query(&visit.endpoint(WORD), &pairs),
    })
}

/// `POST /c/<token>`.
pub async fn confirm(visit: Visit, token: Option<String>) -> Answer {
    let outcome = confirm_inner(&visit, &token.unwrap_or_default()).await;
    finish(&visit, outcome)
}

async fn confirm_inner(visit: &Visit, token: &str) -> Outcome {
    let (ports, catalogue) = (&visit.app.ports, &visit.catalogue);
    let found = match waiting(ports, catalogue, token, visit.client).await? {
        Found::Yes(found) => found,
        Found::Dead => return Ok(confirm_page(visit, None, LinkState::Dead, None, false)),
        Found::TooMany => return Ok(too_many(visit)),
    };
    let session = session_of(visit, &found).await?;
    let shown = Some((&found, token));
    let again = |problem| confirm_page(visit, shown, LinkState::Ask, Some(problem), session.is_none());
    if form_proof(visit).is_err() {
        return Ok(again(AccountProblem::PageTooOld));
    }
    let Some([code]) = once(visit, ["code"]) else {
        return Ok(again(AccountProblem::CodeEmpty));
    };
    let asked = match &session {
        Some(session) => Asked::Session(session),
        None => Asked::Code(code),
    };
    let confirmed = confirm_by_link(ports, catalogue, token, &asked).await?;
    Ok(match (confirmed, unconfirmed(confirmed)) {
        (Confirmed::Dead, _) => confirm_page(visit, shown, LinkState::Dead, None, false),
        (_, Some(problem)) => again(problem),
        (_, None) => confirm_page(visit, shown, LinkState::Done, None, false),
    })
}

/// `GET /u/<token>`.
pub async fn show_undo(visit: Visit, token: Option<String>) -> Answer {
    let token = token.unwrap_or_default();
    let seen = see_undo(&visit.app.ports, &visit.catalogue, &token, visit.client).await;
    let outcome = seen.map(|seen| match seen {
        Found::Yes(undone) => undo_page(&visit, Some((&undone, &token)), LinkState::Ask, None),
        Found::Dead => undo_page(&visit, None, LinkState::Dead, None),
        Found::TooMany => too_many(&visit),
    });
    finish(&visit, outcome)
}

fn undo_page(
    visit: &Visit,
    found: Option<(&Undone, &str)>,
    state: LinkState,
    problem: Option<AccountProblem>,
) -> Answer {
    let institution = place(visit, found.map(|(found, _)| found.institution.as_str()));
    let status = match (problem, state) {
        (Some(problem), _) => status_of(problem),
        (None, LinkState::Dead) => StatusCode::GONE,
        (None, _) => StatusCode::OK,
    };
    let recovers = institution.and_then(|place| visit.catalogue.recovery_of(&place.realm));
    let pairs: Vec<_> = tenant(visit, institution).into_iter().collect();
    let url = |name: &str| with_query(&visit.endpoint(name), &pairs);
    filled(visit, institution, status, |proof| UndoLink {
        state,
        mask: found.map(|(found, _)| found.mask.clone()).unwrap_or_default(),
        added: found.is_some_and(|(found, _)| found.added),
        action: visit.endpoint(&format!(
            "u/{}",
            found.map(|(_, token)| token).unwrap_or_default()
        )),
        proof,
        problem,
        recover: recovers.map(|_| url("recover")),
        sign_in: url("login"),
    })
}

/// `POST /u/<token>`.
pub async fn submit_undo(visit: Visit, token: Option<String>) -> Answer {
    let outcome = undo_inner(&visit, &token.unwrap_or_default()).await;
    finish(&visit, outcome)
}

async fn undo_inner(visit: &Visit, token: &str) -> Outcome {
    let (ports, catalogue) = (&visit.app.ports, &visit.catalogue);
    let seen = match see_undo(ports, catalogue, token, visit.client).await? {
        Found::Yes(seen) => seen,
        Found::Dead => return Ok(undo_page(visit, None, LinkState::Dead, None)),
        Found::TooMany => return Ok(too_many(visit)),
    };
    let problem = match (form_proof(visit), is_sure(visit)) {
        (Err(_), _) => Some(AccountProblem::PageTooOld),
        (Ok(_), false) => Some(AccountProblem::Unticked),
        (Ok(_), true) => None,
    };
    if problem.is_some() {
        return Ok(undo_page(visit, Some((&seen, token)), LinkState::Ask, problem));
    }
    Ok(match undo(ports, catalogue, token).await? {
        Some(undone) => undo_page(visit, Some((&undone, token)), LinkState::Done, None),
        None => undo_page(visit, None, LinkState::Dead, None),
    })
}
