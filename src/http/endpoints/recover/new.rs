//! `/recover/new`: the new password, by the right that the flow holds; `/recover/done` says that it is
//! saved, `/recover/revoke` that nobody asked for it. Where several share the mailbox, see [`among`].

use http::StatusCode;

use super::desk::{flow_of, form_proof, keep, opened, sent_by_us, sit_down};
use super::link::{dead, kept, lost, place, revoked};
use super::{Outcome, among, back, bad_request, finish, is_sure, once, pages};
use crate::base::clock::Timestamp;
use crate::flows::FlowError;
use crate::flows::login::known;
use crate::flows::outage::may_write;
use crate::flows::recovery::{
    Choice, Chosen, Dead, Done, Flow, Holding, Refusal, Stage, Via, choose, new_id, revoke as end_links, see,
};
use crate::http::answer::{Answer, page};
use crate::http::endpoints::login::{self, go};
use crate::http::endpoints::login_form::{new_login_ticket, presession, retry_later, service_name};
use crate::http::endpoints::password_words::{problem_of, rules_of, status_of};
use crate::http::visit::{Visit, with_query};
use crate::messages::Browser;
use crate::pages::views::new_password::{NewPassword, PasswordProblem, PasswordSaved, Why};
use crate::protocol::service_url::ServiceUrl;

/// A flow that may choose a password, and how this request holds it.
pub(super) struct Hand {
    pub id: String,
    pub flow: Flow,
    pub holding: Holding,
    /// In the form, where the browser keeps no cookies (SEC-31).
    pub in_form: bool,
}

/// `GET /recover/new`.
pub async fn show(visit: Visit) -> Answer {
    let outcome = show_inner(&visit).await;
    finish(&visit, outcome)
}

async fn show_inner(visit: &Visit) -> Outcome {
    if let Some(hand) = among::hand(visit) {
        return among::form(visit, &hand, None, StatusCode::OK).await;
    }
    let Some(hand) = hand(visit) else {
        return without_flow(visit).await;
    };
    form(visit, &hand, None, StatusCode::OK).await
}

/// Either the flow is over, or the browser refused to keep it: then the code still helps.
async fn without_flow(visit: &Visit) -> Outcome {
    match (visit.cookies().presession(), sit_down(visit).await?) {
        (None, Ok(desk)) => Ok(pages::code(&desk, StatusCode::OK, "", None, true)),
        _ => Ok(lost(visit)),
    }
}

/// The flow of this request, its id, and whether the form rather than the browser keeps it.
pub(super) fn held(visit: &Visit) -> Option<(String, Flow, bool)> {
    let id = visit.params.first("flow").ok().flatten()?.to_owned();
    let held = visit.params.first("held").ok().flatten();
    let (flow, in_form) = match (flow_of(visit), held) {
        (Some(flow), _) => (flow, false),
        (None, Some(held)) => (opened(visit, &id, held)?, true),
        (None, None) => return None,
    };
    Some((id, flow, in_form))
}

fn hand(visit: &Visit) -> Option<Hand> {
    let (id, flow, in_form) = held(visit)?;
    let Stage::Holding(holding) = flow.stage.clone() else {
        return None;
    };
    Some(Hand {
        id,
        flow,
        holding,
        in_form,
    })
}

/// From the sign-in form, where a code was typed as the password (S4-06).
pub fn send(desk: &login::Desk<'_>, holding: Holding) -> Answer {
    let visit = desk.visit;
    let flow = Flow {
        realm: desk.institution.realm.clone(),
        institution: desk.institution.id.clone(),
        service: desk.request.service.as_ref().map(|url| url.as_str().to_owned()),
        since: visit.app.ports.clock.now(),
        stage: Stage::Holding(holding.clone()),
    };
    let hand = Hand {
        id: new_id(&visit.app.ports),
        flow,
        holding,
        in_form: false,
    };
    let url = with_query(
        &visit.endpoint("recover/new"),
        &pairs(visit, &hand.id, &hand.flow),
    );
    let mut answer = go(visit, true, &url);
    keep(visit, &mut answer, &hand.id, &hand.flow);
    answer
}

/// The page at once, its flow in the form: what a redirect would need a cookie for.
pub async fn without_cookies(visit: &Visit, flow: &Flow) -> Outcome {
    let Stage::Holding(holding) = flow.stage.clone() else {
        return Ok(lost(visit));
    };
    let hand = Hand {
        id: new_id(&visit.app.ports),
        flow: flow.clone(),
        holding,
        in_form: true,
    };
    form(visit, &hand, None, StatusCode::OK).await
}

async fn form(visit: &Visit, hand: &Hand, problem: Option<PasswordProblem>, status: StatusCode) -> Outcome {
    match see(&visit.app.ports, &visit.catalogue, &hand.holding).await? {
        Ok(seen) => {
            let whose = Whose {
                login: seen.person.login,
                mask: seen.ticket.destination_mask,
                until: Some(seen.until),
            };
            let told = unless_closed(visit, &hand.flow, (problem, status))?;
            Ok(filled(visit, hand, whose, told))
        }
        Err(why) => Ok(dead(visit, Some(&hand.flow), why)),
    }
}

/// What the form says, and its status: while nothing can be written, that and nothing else (F-19).
pub(super) fn unless_closed(visit: &Visit, flow: &Flow, told: Told) -> Result<Told, FlowError> {
    Ok(match may_write(&visit.catalogue, &flow.realm)? {
        true => told,
        false => (Some(PasswordProblem::Closed), StatusCode::SERVICE_UNAVAILABLE),
    })
}

/// What is wrong, if anything, and the status that goes with it.
pub(super) type Told = (Option<PasswordProblem>, StatusCode);

/// What the form says of the account and of the right.
struct Whose {
    login: String,
    /// Empty where it is not told.
    mask: String,
    until: Option<Timestamp>,
}

fn filled(visit: &Visit, hand: &Hand, whose: Whose, told: Told) -> Answer {
    let held = (hand.id.as_str(), &hand.flow, hand.in_form);
    shown(visit, held, told, |blank| NewPassword {
        login: whose.login,
        sent_to: Some(whose.mask).filter(|mask| !mask.is_empty()),
        why: match hand.holding.via {
            Via::SignIn => Why::Provisional,
            Via::Link | Via::Code => Why::Forgotten,
        },
        until: whose.until,
        ..blank
    })
}

/// The page of the flow, of which `fill` says whose password it is.
pub(super) fn shown(
    visit: &Visit,
    (id, flow, in_form): (&str, &Flow, bool),
    (problem, status): Told,
    fill: impl FnOnce(NewPassword) -> NewPassword,
) -> Answer {
    let (browser, is_new) = presession(visit);
    let policy = visit.catalogue.policy(&flow.realm).ok();
    let pairs = pairs(visit, id, flow);
    let url = |name: &str| with_query(&visit.endpoint(name), &pairs);
    let content = fill(NewPassword {
        action: url("recover/new"),
        proof: new_login_ticket(visit, &browser),
        flow: id.to_owned(),
        held: in_form.then(|| flow.seal(&visit.app.ports, id)).flatten(),
        login: String::new(),
        whose: None,
        forgot: Some(back::finding_from(visit, flow, id)),
        lost: None,
        sent_to: None,
        why: Why::Forgotten,
        service_name: waiting(visit, flow),
        rules: policy.map(|policy| rules_of(policy)).unwrap_or_default(),
        confirm: policy.is_some_and(|policy| policy.settings.confirm),
        current: false,
        until: None,
        problem,
        not_mine: Some(url("recover/revoke")),
    });
    let mut answer = page(visit, status, &content, &visit.frame(place(visit, Some(flow))));
    if is_new && !in_form {
        visit.scope().set_presession(answer.headers_mut(), &browser);
    }
    if status == StatusCode::SERVICE_UNAVAILABLE {
        retry_later(visit, &mut answer);
    }
    answer
}

fn pairs(visit: &Visit, id: &str, flow: &Flow) -> Vec<(&'static str, String)> {
    let mut pairs = vec![("flow", id.to_owned())];
    let institution = kept(visit, Some(flow)).into_iter();
    pairs.extend(institution.filter(|(name, _)| *name == "tenant"));
    pairs
}

/// The application that waits at the end, by its name.
fn waiting(visit: &Visit, flow: &Flow) -> Option<String> {
    let url = ServiceUrl::parse(flow.service.as_deref()?).ok()?;
    let service = known(&visit.catalogue.services, &url, visit.now()).ok()?;
    Some(service_name(&service, &visit.locale(place(visit, Some(flow)))))
}

/// Whether the form is ours: by the browser's pre-session, or by the right it holds.
pub(super) fn proved(visit: &Visit, in_form: bool) -> bool {
    match in_form {
        true => sent_by_us(visit),
        false => form_proof(visit).is_ok(),
    }
}

/// `POST /recover/new`.
pub async fn submit(visit: Visit) -> Answer {
    let outcome = submit_inner(&visit).await;
    finish(&visit, outcome)
}

async fn submit_inner(visit: &Visit) -> Outcome {
    let Some([new, confirm]) = once(visit, ["new", "confirm"]) else {
        return Ok(bad_request(visit));
    };
    if let Some(hand) = among::hand(visit) {
        return among::submit(visit, hand, (new, confirm)).await;
    }
    let Some(hand) = hand(visit) else {
        return without_flow(visit).await;
    };
    if !proved(visit, hand.in_form) {
        let problem = Some(PasswordProblem::PageTooOld);
        return form(visit, &hand, problem, StatusCode::BAD_REQUEST).await;
    }
    let choice = Choice {
        holding: &hand.holding,
        new,
        again: Some(confirm),
        browser: visit.header("user-agent").map(Browser::of_user_agent),
        address: visit.client,
    };
    match choose(&visit.app.ports, &visit.catalogue, &choice).await? {
        Chosen::Saved { person, ended } => {
            let done = Done {
                login: person.login,
                ended: ended.sessions,
                told: ended.told,
            };
            Ok(saved(visit, &hand, done))
        }
        Chosen::Dead(why) => Ok(dead(visit, Some(&hand.flow), why)),
        Chosen::Refused { person, until, why } => Ok(refused(visit, &hand, person, until, &why)),
    }
}

fn refused(
    visit: &Visit,
    hand: &Hand,
    person: Option<Box<crate::directory::Person>>,
    until: Option<Timestamp>,
    why: &Refusal,
) -> Answer {
    let login = person.map(|person| person.login);
    let Some(login) = login else {
        // Nobody can be asked whose page this is: the sentence, without the form.
        return match why {
            Refusal::Busy { .. } => dead(visit, Some(&hand.flow), Dead::Busy),
            _ => crate::http::answer::unavailable(visit, None),
        };
    };
    let status = status_of(why);
    let problem = Some(problem_of(why, visit.app.ports.clock.now()));
    let whose = Whose {
        login,
        mask: String::new(),
        until,
    };
    filled(visit, hand, whose, (problem, status))
}

pub(super) fn saved(visit: &Visit, hand: &Hand, done: Done) -> Answer {
    let flow = hand
        .flow
        .at(visit.app.ports.clock.now(), Stage::Done(done.clone()));
    let mut answer = match hand.in_form {
        true => saved_page(visit, None, &flow, &done),
        false => {
            let url = with_query(
                &visit.endpoint("recover/done"),
                &pairs(visit, &hand.id, &hand.flow),
            );
            let mut answer = go(visit, true, &url);
            keep(visit, &mut answer, &hand.id, &flow);
            answer
        }
    };
    // The session of this browser ended with the others (SEC-57).
    visit.scope().clear_session(answer.headers_mut(), &flow.realm);
    answer
}

/// `id` names the flow where the browser keeps it: the sign-in form then knows who comes.
fn saved_page(visit: &Visit, id: Option<&str>, flow: &Flow, done: &Done) -> Answer {
    let mut pairs = kept(visit, Some(flow));
    pairs.extend(id.map(|id| ("flow", id.to_owned())));
    let content = PasswordSaved {
        login: done.login.clone(),
        ended: done.ended,
        told: done.told,
        service_name: waiting(visit, flow),
        sign_in: with_query(&visit.endpoint("login"), &pairs),
    };
    page(
        visit,
        StatusCode::OK,
        &content,
        &visit.frame(place(visit, Some(flow))),
    )
}

/// `GET /recover/done`.
pub async fn done(visit: Visit) -> Answer {
    match flow_of(&visit) {
        Some(flow) => match &flow.stage {
            Stage::Done(done) => saved_page(&visit, visit.params.hint("flow"), &flow, done),
            _ => go(&visit, false, &visit.endpoint("login")),
        },
        None => go(&visit, false, &visit.endpoint("login")),
    }
}

/// `POST /recover/revoke`: “I did not ask for this.”
pub async fn revoke(visit: Visit) -> Answer {
    let outcome = revoke_inner(&visit).await;
    finish(&visit, outcome)
}

async fn revoke_inner(visit: &Visit) -> Outcome {
    if let Some(hand) = among::hand(visit) {
        return among::revoke(visit, &hand).await;
    }
    let Some(hand) = hand(visit) else {
        return Ok(lost(visit));
    };
    if !proved(visit, hand.in_form) {
        let problem = Some(PasswordProblem::PageTooOld);
        return form(visit, &hand, problem, StatusCode::BAD_REQUEST).await;
    }
    if !is_sure(visit) {
        let problem = Some(PasswordProblem::Unticked);
        return form(visit, &hand, problem, StatusCode::UNPROCESSABLE_ENTITY).await;
    }
    if !end_links(&visit.app.ports, &hand.holding).await? {
        return form(visit, &hand, None, StatusCode::OK).await;
    }
    let mut answer = revoked(visit, Some(&hand.flow));
    let scope = visit.scope();
    scope.clear_flow(answer.headers_mut(), &visit.cookies(), &hand.id);
    Ok(answer)
}
