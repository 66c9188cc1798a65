//! `POST /account/end`: another session of the person ends, or all others.

use super::super::recover::{bad_request, once};
use super::home::again;
use super::{Outcome, finish, sit_down};
use crate::audit::Actor;
use crate::flows::logout::{end_all_sessions, end_named_session};
use crate::http::answer::Answer;
use crate::http::visit::Visit;
use crate::pages::views::my_account::{AccountProblem, Said};
use crate::tickets::SessionRef;

pub async fn end(visit: Visit) -> Answer {
    let outcome = end_inner(&visit).await;
    finish(&visit, outcome)
}

async fn end_inner(visit: &Visit) -> Outcome {
    let Some([wanted]) = once(visit, ["session"]) else {
        return Ok(bad_request(visit));
    };
    let seat = match sit_down(visit).await? {
        Ok(seat) => seat,
        Err(answer) => return Ok(*answer),
    };
    if let Err(problem) = seat.form() {
        return again(&seat, problem).await;
    }
    let ports = &visit.app.ports;
    let owner = seat.owner();
    let account = owner.account();
    let own = SessionRef::of(&owner.session.tgt);
    // Of those that are this account's, and no other.
    let held = ports.store.connections(account).await?;
    if wanted == "others" && held.perhaps_more {
        // Whom nobody can list ends with all of them, and this one with them, too.
        end_all_sessions(ports, &visit.catalogue, account, Actor::Person).await?;
        return Ok(seat.done(Said::SessionsEnded));
    }
    let mut meant = held.listed;
    meant.retain(|held| held.of != own && (wanted == "others" || SessionRef::read(wanted) == Some(held.of)));
    if meant.is_empty() && wanted != "others" {
        return again(&seat, AccountProblem::Gone).await;
    }
    for held in &meant {
        end_named_session(ports, &visit.catalogue, account, &held.of).await?;
    }
    Ok(seat.done(match wanted {
        "others" => Said::SessionsEnded,
        _ => Said::SessionEnded,
    }))
}
