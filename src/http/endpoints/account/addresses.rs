//! `/account/address` adds, `/account/confirm` takes a code, `/account/resend` sends another one,
//! `/account/remove` removes. Adding and removing want a fresh proof.

use http::StatusCode;

use super::super::recover::{bad_request, once};
use super::home::{addresses, again};
use super::{Outcome, Seat, finish, sit_down, status_of};
use crate::flows::account::{Adding, Confirmed, Removed, add, confirm_here, may_add, remove, send_again};
use crate::flows::recovery::Kind;
use crate::http::answer::Answer;
use crate::http::endpoints::login::go;
use crate::http::visit::Visit;
use crate::pages::views::my_account::{AccountProblem, NewAddress, RemoveAddress, Said};

fn kind(visit: &Visit) -> (Kind, &'static str) {
    match visit.params.first("kind").ok().flatten() {
        Some("mobile") => (Kind::Sms, "mobile"),
        _ => (Kind::Mail, "mail"),
    }
}

pub async fn show(visit: Visit) -> Answer {
    let outcome = match sit_down(&visit).await {
        Ok(Ok(seat)) => Ok(opened(&seat).unwrap_or_else(|| form(&seat, "", None))),
        Ok(Err(answer)) => Ok(*answer),
        Err(error) => Err(error),
    };
    finish(&visit, outcome)
}

/// Where the form is not for now.
fn opened(seat: &Seat<'_>) -> Option<Answer> {
    let visit = seat.visit;
    let (kind, word) = kind(visit);
    if !may_add(&visit.app.ports, &visit.catalogue, seat.owner().account(), kind) {
        return Some(go(visit, true, &seat.home()));
    }
    let then = [("then", "address"), ("kind", word)];
    (!seat.is_fresh()).then(|| seat.prove_first(&then))
}

fn form(seat: &Seat<'_>, typed: &str, problem: Option<AccountProblem>) -> Answer {
    let (kind, word) = kind(seat.visit);
    let status = problem.map_or(StatusCode::OK, status_of);
    seat.page(status, |proof| NewAddress {
        mobile: kind == Kind::Sms,
        typed: typed.to_owned(),
        action: seat.url("address", &[("kind", word)]),
        proof,
        cancel: seat.home(),
        problem,
    })
}

pub async fn submit(visit: Visit) -> Answer {
    let outcome = submit_inner(&visit).await;
    finish(&visit, outcome)
}

async fn submit_inner(visit: &Visit) -> Outcome {
    let Some([typed]) = once(visit, ["typed"]) else {
        return Ok(bad_request(visit));
    };
    let seat = match sit_down(visit).await? {
        Ok(seat) => seat,
        Err(answer) => return Ok(*answer),
    };
    if let Err(problem) = seat.form() {
        return Ok(form(&seat, typed, Some(problem)));
    }
    if let Some(answer) = opened(&seat) {
        return Ok(answer);
    }
    let (kind, _) = kind(visit);
    let added = add(&visit.app.ports, &visit.catalogue, &seat.owner(), kind, typed).await?;
    Ok(match problem_of(added, kind) {
        None => seat.done(Said::AddressAdded),
        Some(problem) => form(&seat, typed, Some(problem)),
    })
}

fn problem_of(added: Adding, kind: Kind) -> Option<AccountProblem> {
    Some(match (added, kind) {
        (Adding::Sent, _) => return None,
        (Adding::TooMany, _) => AccountProblem::TooManySent,
        (Adding::Empty, Kind::Mail) => AccountProblem::MailEmpty,
        (Adding::Empty, Kind::Sms) => AccountProblem::MobileEmpty,
        (Adding::Unfit, Kind::Mail) => AccountProblem::MailUnfit,
        (Adding::Unfit, Kind::Sms) => AccountProblem::MobileUnfit,
        (Adding::Known, _) => AccountProblem::Known,
        (Adding::Full, _) => AccountProblem::Full,
        (Adding::NotAllowed, _) => AccountProblem::NotAllowed,
        (Adding::Silent, _) => AccountProblem::DirectoryDown,
    })
}

/// `POST /account/resend`.
pub async fn resend(visit: Visit) -> Answer {
    let outcome = resend_inner(&visit).await;
    finish(&visit, outcome)
}

async fn resend_inner(visit: &Visit) -> Outcome {
    let Some([id]) = once(visit, ["address"]) else {
        return Ok(bad_request(visit));
    };
    let seat = match sit_down(visit).await? {
        Ok(seat) => seat,
        Err(answer) => return Ok(*answer),
    };
    if let Err(problem) = seat.form() {
        return again(&seat, problem).await;
    }
    let sent = send_again(&visit.app.ports, &visit.catalogue, &seat.owner(), id).await?;
    match sent.map(|sent| problem_of(sent, Kind::Mail)) {
        Some(None) => Ok(seat.done(Said::Resent)),
        Some(Some(problem)) => again(&seat, problem).await,
        None => again(&seat, AccountProblem::Gone).await,
    }
}

/// `POST /account/confirm`.
pub async fn confirm(visit: Visit) -> Answer {
    let outcome = confirm_inner(&visit).await;
    finish(&visit, outcome)
}

async fn confirm_inner(visit: &Visit) -> Outcome {
    let Some([id, code]) = once(visit, ["address", "code"]) else {
        return Ok(bad_request(visit));
    };
    let seat = match sit_down(visit).await? {
        Ok(seat) => seat,
        Err(answer) => return Ok(*answer),
    };
    if let Err(problem) = seat.form() {
        return again(&seat, problem).await;
    }
    let confirmed = confirm_here(&visit.app.ports, &visit.catalogue, &seat.owner(), id, code).await?;
    match unconfirmed(confirmed) {
        None => Ok(seat.done(Said::AddressConfirmed)),
        Some(problem) => again(&seat, problem).await,
    }
}

pub(super) fn unconfirmed(confirmed: Confirmed) -> Option<AccountProblem> {
    Some(match confirmed {
        Confirmed::Yes => return None,
        Confirmed::Empty => AccountProblem::CodeEmpty,
        Confirmed::Wrong => AccountProblem::CodeWrong,
        Confirmed::TooMany => AccountProblem::CodeWornOut,
        Confirmed::Dead => AccountProblem::CodeDead,
        Confirmed::NotAllowed => AccountProblem::NotAllowed,
        Confirmed::Silent => AccountProblem::DirectoryDown,
    })
}

/// `GET /account/remove`: shall it be?
pub async fn ask_to_remove(visit: Visit) -> Answer {
    let outcome = ask_inner(&visit).await;
    finish(&visit, outcome)
}

async fn ask_inner(visit: &Visit) -> Outcome {
    let seat = match sit_down(visit).await? {
        Ok(seat) => seat,
        Err(answer) => return Ok(*answer),
    };
    removing(&seat, None).await
}

async fn removing(seat: &Seat<'_>, problem: Option<AccountProblem>) -> Outcome {
    let id = seat
        .visit
        .params
        .first("address")
        .ok()
        .flatten()
        .unwrap_or_default();
    if !seat.is_fresh() {
        return Ok(seat.prove_first(&[("then", "remove"), ("address", id)]));
    }
    let all = addresses(seat).await?;
    let Some(address) = all.into_iter().find(|address| address.id == id) else {
        return again(seat, AccountProblem::Gone).await;
    };
    let status = problem.map_or(StatusCode::OK, status_of);
    Ok(seat.page(status, |proof| RemoveAddress {
        value: address.value,
        action: seat.url("remove", &[("address", id)]),
        proof,
        cancel: seat.home(),
        problem,
    }))
}

/// `POST /account/remove`.
pub async fn submit_removal(visit: Visit) -> Answer {
    let outcome = removal_inner(&visit).await;
    finish(&visit, outcome)
}

async fn removal_inner(visit: &Visit) -> Outcome {
    let seat = match sit_down(visit).await? {
        Ok(seat) => seat,
        Err(answer) => return Ok(*answer),
    };
    if let Err(problem) = seat.form() {
        return removing(&seat, Some(problem)).await;
    }
    if !seat.is_fresh() {
        return removing(&seat, None).await;
    }
    let id = visit.params.first("address").ok().flatten().unwrap_or_default();
    let problem = match remove(&visit.app.ports, &visit.catalogue, &seat.owner(), id).await? {
        Removed::Yes => return Ok(seat.done(Said::AddressRemoved)),
        Removed::Gone => return again(&seat, AccountProblem::Gone).await,
        Removed::Kept => AccountProblem::LastOne,
        Removed::NotAllowed => AccountProblem::NotAllowed,
        Removed::Silent => AccountProblem::DirectoryDown,
    };
    removing(&seat, Some(problem)).await
}
