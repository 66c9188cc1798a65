//! `/account/prove`: the password once more, then on to the change that wanted it.

use http::StatusCode;

use super::super::recover::{bad_request, once};
use super::{Outcome, Seat, data, finish, sit_down, status_of};
use crate::base::clock::{Timestamp, millis};
use crate::flows::FlowError;
use crate::flows::account::{Proof, Proved, prove};
use crate::http::answer::Answer;
use crate::http::endpoints::login::go;
use crate::http::later::retry_after;
use crate::http::visit::Visit;
use crate::pages::views::my_account::{AccountProblem, GiveProof};

/// Where it goes on: one of our own pages, by a word and what it is about.
fn then(visit: &Visit) -> Vec<(&'static str, &str)> {
    let mut pairs = Vec::new();
    for name in ["then", "kind", "address"] {
        let value = visit.params.first(name).ok().flatten();
        pairs.extend(value.map(|value| (name, value)));
    }
    pairs
}

fn destination(seat: &Seat<'_>) -> String {
    let pairs = then(seat.visit);
    let page = match pairs.iter().find(|(name, _)| *name == "then") {
        Some((_, "address")) => "address",
        Some((_, "remove")) => "remove",
        Some((_, data::WORD)) => data::WORD,
        _ => "",
    };
    let rest: Vec<(&'static str, &str)> = pairs.into_iter().filter(|(name, _)| *name != "then").collect();
    seat.url(page, &rest)
}

pub async fn show(visit: Visit) -> Answer {
    let outcome = match sit_down(&visit).await {
        Ok(Ok(seat)) => Ok(form(&seat, None, None)),
        Ok(Err(answer)) => Ok(*answer),
        Err(error) => Err(error),
    };
    finish(&visit, outcome)
}

fn form(seat: &Seat<'_>, problem: Option<AccountProblem>, until: Option<Timestamp>) -> Answer {
    let status = problem.map_or(StatusCode::OK, status_of);
    seat.page(status, |proof| GiveProof {
        login: seat.login().to_owned(),
        action: seat.url("prove", &then(seat.visit)),
        proof,
        cancel: seat.home(),
        problem,
        until,
    })
}

pub async fn submit(visit: Visit) -> Answer {
    let outcome = submit_inner(&visit).await;
    finish(&visit, outcome)
}

async fn submit_inner(visit: &Visit) -> Outcome {
    let Some([password]) = once(visit, ["password"]) else {
        return Ok(bad_request(visit));
    };
    let seat = match sit_down(visit).await? {
        Ok(seat) => seat,
        Err(answer) => return Ok(*answer),
    };
    if let Err(problem) = seat.form() {
        return Ok(form(&seat, Some(problem), None));
    }
    let ports = &visit.app.ports;
    let owner = seat.owner();
    let problem = match prove(ports, &visit.catalogue, &owner, password).await {
        Ok(Proved::Yes(..)) => {
            let mut answer = go(visit, true, &destination(&seat));
            let sealed = Proof::seal(ports, &owner);
            let realm = &owner.account().realm;
            visit.scope().set_proof(answer.headers_mut(), realm, &sealed);
            return Ok(answer);
        }
        Ok(Proved::Throttled(wait)) => {
            let until = ports.clock.now().plus(wait);
            let mut answer = form(&seat, Some(AccountProblem::Throttled), Some(until));
            retry_after(&mut answer, millis(wait).div_ceil(1000).max(1));
            return Ok(answer);
        }
        Ok(Proved::Empty) => AccountProblem::PasswordEmpty,
        Ok(Proved::Wrong(_) | Proved::Gone) => AccountProblem::PasswordWrong,
        Err(error @ FlowError::Directory { .. }) => {
            crate::http::answer::log_incident(&error);
            AccountProblem::DirectoryDown
        }
        Err(error) => return Err(error),
    };
    Ok(form(&seat, Some(problem), None))
}
