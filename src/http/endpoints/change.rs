//! `/login/change`: the password that the sign-in wants to be another one (S5-10). With its service kept,
//! the sign-in goes on as soon as it is.

use http::StatusCode;

use super::login::{self, Desk, Outcome, go, sit_down};
use super::login_form::{new_login_ticket, own_pairs, presession, retry_later, service_name};
use super::password_words::{problem_of, rules_of, status_of};
use super::recover::{bad_request, desk, once};
use crate::flows::login::{Change, Changed, WhyNot, change, changing_person};
use crate::flows::outage::may_write;
use crate::flows::recovery::{Changing, Flow, Stage, new_id};
use crate::http::answer::{Answer, login_page};
use crate::http::device::Device;
use crate::http::visit::{Visit, with_query};
use crate::messages::Browser;
use crate::pages::views::new_password::{NewPassword, PasswordProblem, Why};

/// Sends the browser to the form, with the right to use it.
pub(super) fn send(desk: &Desk<'_>, changing: Changing) -> Answer {
    let visit = desk.visit;
    let id = new_id(&visit.app.ports);
    let mut answer = go(visit, true, &url(desk, &id));
    keep(desk, &mut answer, &id, changing);
    answer
}

fn keep(desk: &Desk<'_>, answer: &mut Answer, id: &str, changing: Changing) {
    let visit = desk.visit;
    let flow = Flow {
        realm: desk.institution.realm.clone(),
        institution: desk.institution.id.clone(),
        service: None,
        since: visit.app.ports.clock.now(),
        stage: Stage::Changing(changing),
    };
    self::desk::keep(visit, answer, id, &flow);
}

fn url(desk: &Desk<'_>, id: &str) -> String {
    let mut pairs = own_pairs(desk);
    pairs.push(("flow", id.to_owned()));
    with_query(&desk.visit.endpoint("login/change"), &pairs)
}

/// What the browser holds, of this institution's realm.
fn held(desk: &Desk<'_>) -> Option<(String, Changing)> {
    let flow = self::desk::flow_of(desk.visit)?;
    let id = desk.visit.params.first("flow").ok().flatten()?;
    match flow.stage {
        _ if flow.realm != desk.institution.realm => None,
        Stage::Changing(changing) => Some((id.to_owned(), changing)),
        Stage::Ending(told) => Some((id.to_owned(), told.changing?)),
        _ => None,
    }
}

/// `GET /login/change`.
pub async fn show(visit: Visit) -> Answer {
    login::finish(&visit, show_inner(&visit).await).await
}

async fn show_inner(visit: &Visit) -> Outcome {
    let (desk, dead) = match sit_down(visit).await? {
        Ok(seated) => seated,
        Err(answer) => return Ok((*answer, Vec::new())),
    };
    let Some((id, changing)) = held(&desk) else {
        return Ok((over(&desk), dead));
    };
    let person = changing_person(&visit.catalogue, desk.institution, &changing.person).await?;
    let writable = may_write(&visit.catalogue, &desk.institution.realm)?;
    let answer = match person {
        Some(person) if writable => form(&desk, &id, &changing, &person.login, None, StatusCode::OK),
        Some(person) => {
            let (problem, status) = (PasswordProblem::Closed, StatusCode::SERVICE_UNAVAILABLE);
            let mut answer = form(&desk, &id, &changing, &person.login, Some(problem), status);
            retry_later(visit, &mut answer);
            answer
        }
        None => over(&desk),
    };
    Ok((answer, dead))
}

/// To the sign-in form, which knows what the account wants now.
fn over(desk: &Desk<'_>) -> Answer {
    go(desk.visit, true, &super::login_form::own_login_url(desk))
}

fn form(
    desk: &Desk<'_>,
    id: &str,
    changing: &Changing,
    login: &str,
    problem: Option<PasswordProblem>,
    status: StatusCode,
) -> Answer {
    let visit = desk.visit;
    let (browser, is_new) = presession(visit);
    let policy = visit.catalogue.policy(&desk.institution.realm).ok();
    let frame = visit.frame(Some(desk.institution));
    let content = NewPassword {
        action: url(desk, id),
        proof: new_login_ticket(visit, &browser),
        flow: id.to_owned(),
        held: None,
        login: login.to_owned(),
        whose: None,
        forgot: None,
        lost: super::login_form::lost_url(desk),
        sent_to: None,
        why: match changing {
            Changing { ending: true, .. } => Why::Ending,
            Changing { expired: true, .. } => Why::Expired,
            _ => Why::MustChange,
        },
        service_name: desk
            .service
            .as_ref()
            .map(|service| service_name(service, &frame.language)),
        rules: policy.map(|policy| rules_of(policy)).unwrap_or_default(),
        confirm: policy.is_some_and(|policy| policy.settings.confirm),
        current: changing.current,
        until: None,
        problem,
        not_mine: None,
    };
    let mut answer = login_page(visit, status, &content, &frame);
    if is_new {
        visit.scope().set_presession(answer.headers_mut(), &browser);
    }
    answer
}

/// `POST /login/change`.
pub async fn submit(visit: Visit) -> Answer {
    login::finish(&visit, submit_inner(&visit).await).await
}

async fn submit_inner(visit: &Visit) -> Outcome {
    let Some([new, confirm, current]) = once(visit, ["new", "confirm", "current"]) else {
        return Ok((bad_request(visit), Vec::new()));
    };
    let (desk, dead) = match sit_down(visit).await? {
        Ok(seated) => seated,
        Err(answer) => return Ok((*answer, Vec::new())),
    };
    let Some((id, changing)) = held(&desk) else {
        return Ok((over(&desk), dead));
    };
    if login::login_ticket_of(visit).is_err() {
        let person = changing_person(&visit.catalogue, desk.institution, &changing.person).await?;
        let login = person.map(|person| person.login).unwrap_or_default();
        let problem = Some(PasswordProblem::PageTooOld);
        return Ok((
            form(&desk, &id, &changing, &login, problem, StatusCode::BAD_REQUEST),
            dead,
        ));
    }
    let locale = visit.locale(Some(desk.institution));
    let wish = Change {
        institution: desk.institution,
        changing: &changing,
        new,
        again: Some(confirm),
        current,
        browser: visit.header("user-agent").map(Browser::of_user_agent),
        address: visit.client,
        locale: locale.as_str(),
        service: desk.request.service.as_ref(),
        session: desk.session.as_ref(),
    };
    let answer = match change(&visit.app.ports, &visit.catalogue, &wish).await? {
        Changed::SignedIn(signed_in) => {
            let cookie = visit.cookies().device().map(str::to_owned);
            let device = cookie.and_then(|cookie| Device::open(&visit.app.ports.keys, &cookie));
            let mut answer = login::welcome(&desk, *signed_in, device);
            visit
                .scope()
                .clear_flow(answer.headers_mut(), &visit.cookies(), &id);
            answer
        }
        Changed::Refused { login, changing, why } => refused(&desk, &id, changing, login, &why),
        Changed::Over => over(&desk),
        Changed::Unknown(unknown) => login::refuse_service(visit, &desk.request, unknown),
    };
    Ok((answer, dead))
}

fn refused(desk: &Desk<'_>, id: &str, changing: Changing, login: Option<String>, why: &WhyNot) -> Answer {
    let now = desk.visit.app.ports.clock.now();
    let (problem, status) = match why {
        WhyNot::New(why) => (problem_of(why, now), status_of(why)),
        WhyNot::CurrentEmpty => (PasswordProblem::CurrentEmpty, StatusCode::UNPROCESSABLE_ENTITY),
        WhyNot::CurrentWrong => (PasswordProblem::CurrentWrong, StatusCode::UNAUTHORIZED),
        WhyNot::CurrentWanted => (PasswordProblem::CurrentEmpty, StatusCode::UNPROCESSABLE_ENTITY),
    };
    let Some(login) = login else {
        return crate::http::answer::unavailable(desk.visit, None);
    };
    let mut answer = form(desk, id, &changing, &login, Some(problem), status);
    if status == StatusCode::SERVICE_UNAVAILABLE {
        retry_later(desk.visit, &mut answer);
    }
    keep(desk, &mut answer, id, changing);
    answer
}
