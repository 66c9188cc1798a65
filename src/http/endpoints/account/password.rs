//! `/account/password`: the old password and the new one.

use http::StatusCode;

use super::super::login_form::retry_later;
use super::super::password_words::{problem_of, rules_of, status_of};
use super::super::recover::{bad_request, once};
use super::{Outcome, Seat, finish, sit_down};
use crate::base::clock::{Timestamp, millis};
use crate::flows::account::{Change, Changed, WhyNot, change};
use crate::flows::outage::may_write;
use crate::http::answer::Answer;
use crate::http::endpoints::login::go;
use crate::http::later::retry_after;
use crate::http::visit::Visit;
use crate::pages::views::my_account::{MyPassword, Said};
use crate::pages::views::new_password::PasswordProblem;

pub async fn show(visit: Visit) -> Answer {
    let outcome = match sit_down(&visit).await {
        Ok(Ok(seat)) if !writable(&seat) => Ok(go(&visit, false, &seat.home())),
        Ok(Ok(seat)) => first(&seat),
        Ok(Err(answer)) => Ok(*answer),
        Err(error) => Err(error),
    };
    finish(&visit, outcome)
}

/// The form, or why it cannot be used now.
fn first(seat: &Seat<'_>) -> Outcome {
    if may_write(&seat.visit.catalogue, &seat.institution.realm)? {
        return Ok(form(seat, StatusCode::OK, None, None));
    }
    let problem = Some(PasswordProblem::Closed);
    let mut answer = form(seat, StatusCode::SERVICE_UNAVAILABLE, problem, None);
    retry_later(seat.visit, &mut answer);
    Ok(answer)
}

fn writable(seat: &Seat<'_>) -> bool {
    let directory = seat.visit.catalogue.directory(&seat.institution.realm);
    directory.is_ok_and(|directory| directory.writable())
}

fn form(
    seat: &Seat<'_>,
    status: StatusCode,
    problem: Option<PasswordProblem>,
    throttled: Option<Timestamp>,
) -> Answer {
    let policy = seat.visit.catalogue.policy(&seat.institution.realm).ok();
    seat.page(status, |proof| MyPassword {
        login: seat.login().to_owned(),
        lost: seat.lost(),
        action: seat.url("password", &[]),
        proof,
        cancel: seat.home(),
        rules: policy.map(|policy| rules_of(policy)).unwrap_or_default(),
        confirm: policy.is_some_and(|policy| policy.settings.confirm),
        keep: seat.visit.params.switch("keep"),
        long_end: seat
            .visit
            .catalogue
            .remember
            .contains_key(&seat.institution.realm),
        problem,
        throttled,
    })
}

pub async fn submit(visit: Visit) -> Answer {
    let outcome = submit_inner(&visit).await;
    finish(&visit, outcome)
}

async fn submit_inner(visit: &Visit) -> Outcome {
    let Some([current, new, confirm]) = once(visit, ["current", "new", "confirm"]) else {
        return Ok(bad_request(visit));
    };
    let seat = match sit_down(visit).await? {
        Ok(seat) => seat,
        Err(answer) => return Ok(*answer),
    };
    if seat.form().is_err() {
        let problem = Some(PasswordProblem::PageTooOld);
        return Ok(form(&seat, StatusCode::BAD_REQUEST, problem, None));
    }
    let wish = Change {
        current,
        new,
        again: Some(confirm),
        keep: visit.params.switch("keep"),
    };
    let owner = seat.owner();
    let ports = &visit.app.ports;
    let realm = &owner.account().realm;
    Ok(match change(ports, &visit.catalogue, &owner, &wish).await? {
        Changed::Saved(Some(opened)) => {
            let mut answer = seat.done(Said::PasswordSaved);
            visit
                .scope()
                .set_session(answer.headers_mut(), realm, &opened.tgt, &opened.session);
            seat.remember_device(&mut answer, opened.devices);
            answer
        }
        Changed::Saved(None) => {
            let mut answer = seat.done(Said::PasswordSaved);
            visit.scope().clear_session(answer.headers_mut(), realm);
            answer
        }
        Changed::Refused(why) => refused(&seat, &why),
    })
}

fn refused(seat: &Seat<'_>, why: &WhyNot) -> Answer {
    let now = seat.visit.app.ports.clock.now();
    let (status, problem) = match why {
        WhyNot::New(why) => (status_of(why), problem_of(why, now)),
        WhyNot::CurrentEmpty => (StatusCode::UNPROCESSABLE_ENTITY, PasswordProblem::CurrentEmpty),
        WhyNot::CurrentWrong | WhyNot::Gone => (StatusCode::UNAUTHORIZED, PasswordProblem::CurrentWrong),
        WhyNot::Throttled(wait) => {
            let until = Some(now.plus(*wait));
            let mut answer = form(seat, StatusCode::TOO_MANY_REQUESTS, None, until);
            retry_after(&mut answer, millis(*wait).div_ceil(1000).max(1));
            return answer;
        }
    };
    form(seat, status, Some(problem), None)
}
