//! `/recover/new` behind the one link of a shared mailbox: beside the new password, whose it is (S2-16).

use http::StatusCode;

use super::link::{dead, revoked};
use super::new::{Hand as One, Told, held, proved, saved, shown, unless_closed};
use super::{Outcome, is_sure, too_many};
use crate::base::clock::Timestamp;
use crate::flows::recovery::{
    Among, Choice, Chosen, Dead, Done, Flow, Refusal, Stage, Whose, choose, revoke_among, see_among, whose,
};
use crate::flows::{FlowError, tell_silent};
use crate::http::answer::Answer;
use crate::http::endpoints::password_words::{problem_of, status_of};
use crate::http::visit::Visit;
use crate::messages::Browser;
use crate::pages::views::new_password::{NewPassword, PasswordProblem};

/// A flow that holds the rights of several, and how this request holds it.
pub struct Hand {
    id: String,
    flow: Flow,
    among: Among,
    in_form: bool,
}

pub fn hand(visit: &Visit) -> Option<Hand> {
    let (id, flow, in_form) = held(visit)?;
    let Stage::Among(among) = flow.stage.clone() else {
        return None;
    };
    Some(Hand {
        id,
        flow,
        among,
        in_form,
    })
}

/// The form, with the username that was typed or came along.
pub async fn form(
    visit: &Visit,
    hand: &Hand,
    problem: Option<PasswordProblem>,
    status: StatusCode,
) -> Outcome {
    match see_among(&visit.app.ports, &hand.among).await? {
        Ok(until) => {
            let told = unless_closed(visit, &hand.flow, (problem, status))?;
            Ok(filled(visit, hand, until, told))
        }
        Err(why) => Ok(dead(visit, Some(&hand.flow), why)),
    }
}

fn filled(visit: &Visit, hand: &Hand, until: Timestamp, told: Told) -> Answer {
    let typed = visit.params.first("username").ok().flatten();
    let held = (hand.id.as_str(), &hand.flow, hand.in_form);
    shown(visit, held, told, |blank| NewPassword {
        whose: Some(typed.unwrap_or(&hand.among.username).to_owned()),
        until: Some(until),
        ..blank
    })
}

/// The POST: first whose, then the password.
pub async fn submit(visit: &Visit, hand: Hand, (new, confirm): (&str, &str)) -> Outcome {
    if !proved(visit, hand.in_form) {
        let problem = Some(PasswordProblem::PageTooOld);
        return form(visit, &hand, problem, StatusCode::BAD_REQUEST).await;
    }
    let (ports, catalogue) = (&visit.app.ports, &visit.catalogue);
    let typed = visit.params.first("username").ok().flatten().unwrap_or_default();
    let again = |problem, status| form(visit, &hand, Some(problem), status);
    let found = whose(
        ports,
        catalogue,
        (&hand.flow.realm, &hand.among),
        typed,
        visit.client,
    )
    .await;
    let holding = match found {
        Ok(Whose::One(holding)) => holding,
        Ok(Whose::Empty) => {
            return again(PasswordProblem::UsernameEmpty, StatusCode::UNPROCESSABLE_ENTITY).await;
        }
        Ok(Whose::Nobody) => return again(PasswordProblem::UsernameWrong, StatusCode::UNAUTHORIZED).await,
        Ok(Whose::TooMany) => return Ok(too_many(visit)),
        Err(FlowError::Directory { realm, source }) => {
            tell_silent(&realm, &source);
            return refused(visit, &hand, &Refusal::Silent).await;
        }
        Err(error) => return Err(error),
    };
    let choice = Choice {
        holding: &holding,
        new,
        again: Some(confirm),
        browser: visit.header("user-agent").map(Browser::of_user_agent),
        address: visit.client,
    };
    match choose(ports, catalogue, &choice).await? {
        Chosen::Saved { person, ended } => {
            let done = Done {
                login: person.login,
                ended: ended.sessions,
                told: ended.told,
            };
            let one = One {
                id: hand.id,
                flow: hand.flow,
                holding,
                in_form: hand.in_form,
            };
            Ok(saved(visit, &one, done))
        }
        Chosen::Dead(why) => Ok(dead(visit, Some(&hand.flow), why)),
        Chosen::Refused { why, .. } => refused(visit, &hand, &why).await,
    }
}

async fn refused(visit: &Visit, hand: &Hand, why: &Refusal) -> Outcome {
    if matches!(why, Refusal::Busy { .. }) && see_among(&visit.app.ports, &hand.among).await?.is_err() {
        return Ok(dead(visit, Some(&hand.flow), Dead::Busy));
    }
    let status = status_of(why);
    let problem = problem_of(why, visit.app.ports.clock.now());
    form(visit, hand, Some(problem), status).await
}

/// “I did not ask for this”, for every account that the link opens.
pub async fn revoke(visit: &Visit, hand: &Hand) -> Outcome {
    if !proved(visit, hand.in_form) {
        let problem = Some(PasswordProblem::PageTooOld);
        return form(visit, hand, problem, StatusCode::BAD_REQUEST).await;
    }
    if !is_sure(visit) {
        let problem = Some(PasswordProblem::Unticked);
        return form(visit, hand, problem, StatusCode::UNPROCESSABLE_ENTITY).await;
    }
    if !revoke_among(&visit.app.ports, &hand.among).await? {
        return form(visit, hand, None, StatusCode::OK).await;
    }
    let mut answer = revoked(visit, Some(&hand.flow));
    let scope = visit.scope();
    scope.clear_flow(answer.headers_mut(), &visit.cookies(), &hand.id);
    Ok(answer)
}
