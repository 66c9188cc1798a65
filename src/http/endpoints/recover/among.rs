//! `/recover/new` behind the one link of a shared mailbox: beside the new password, whose it is (S2-16).

use http::StatusCode;

use super::link::{dead, place, revoked};
use super::new::{Hand as One, held, pairs_of, proved, saved, waiting};
use super::{Outcome, back, too_many};
use crate::base::clock::Timestamp;
use crate::flows::recovery::{
    Among, Choice, Chosen, Dead, Done, Flow, Refusal, Stage, Whose, choose, revoke_among, see_among, whose,
};
use crate::flows::{FlowError, tell_silent};
use crate::http::answer::{Answer, page};
use crate::http::endpoints::login_form::{new_login_ticket, presession, retry_after};
use crate::http::endpoints::password_words::{problem_of, rules_of, status_of};
use crate::http::visit::{Visit, with_query};
use crate::messages::Browser;
use crate::pages::views::new_password::{NewPassword, PasswordProblem, Why};

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
        Ok(until) => Ok(filled(visit, hand, until, problem, status)),
        Err(why) => Ok(dead(visit, Some(&hand.flow), why)),
    }
}

fn filled(
    visit: &Visit,
    hand: &Hand,
    until: Timestamp,
    problem: Option<PasswordProblem>,
    status: StatusCode,
) -> Answer {
    let (browser, is_new) = presession(visit);
    let flow = &hand.flow;
    let policy = visit.catalogue.policy(&flow.realm).ok();
    let pairs = pairs_of(visit, &hand.id, flow);
    let url = |name: &str| with_query(&visit.endpoint(name), &pairs);
    let typed = visit.params.first("username").ok().flatten();
    let content = NewPassword {
        action: url("recover/new"),
        proof: new_login_ticket(visit, &browser),
        flow: hand.id.clone(),
        held: hand
            .in_form
            .then(|| flow.seal(&visit.app.ports, &hand.id))
            .flatten(),
        login: String::new(),
        whose: Some(typed.unwrap_or(&hand.among.username).to_owned()),
        forgot: Some(back::finding_from(visit, flow, &hand.id)),
        lost: None,
        sent_to: None,
        why: Why::Forgotten,
        service_name: waiting(visit, flow),
        rules: policy.map(|policy| rules_of(policy)).unwrap_or_default(),
        confirm: policy.is_some_and(|policy| policy.settings.confirm),
        current: false,
        until: Some(until),
        problem,
        not_mine: Some(url("recover/revoke")),
    };
    let mut answer = page(visit, status, &content, &visit.frame(place(visit, Some(flow))));
    if is_new && !hand.in_form {
        visit.scope().set_presession(answer.headers_mut(), &browser);
    }
    answer
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
    let mut answer = form(visit, hand, Some(problem), status).await?;
    if status == StatusCode::SERVICE_UNAVAILABLE {
        retry_after(&mut answer, 30);
    }
    Ok(answer)
}

/// “I did not ask for this”, for every account that the link opens.
pub async fn revoke(visit: &Visit, hand: &Hand) -> Outcome {
    if !proved(visit, hand.in_form) {
        let problem = Some(PasswordProblem::PageTooOld);
        return form(visit, hand, problem, StatusCode::BAD_REQUEST).await;
    }
    if !revoke_among(&visit.app.ports, &hand.among).await? {
        return form(visit, hand, None, StatusCode::OK).await;
    }
    let mut answer = revoked(visit, Some(&hand.flow));
    let scope = visit.scope();
    scope.clear_flow(answer.headers_mut(), &visit.cookies(), &hand.id);
    Ok(answer)
}
