//! `/recover/who`: « Qui suis-je », where the realm says what finds an identifier (S3-09). Its answer is the
//! waiting page, for whoever it fits and for nobody (SEC-07).

use http::StatusCode;

use super::desk::{Desk, form_proof, sit_down};
use super::{Outcome, Wish, back, bad_request, finish, once, pages, take};
use crate::flows::FlowError;
use crate::flows::outage::may_ask;
use crate::flows::recovery::{Asked, Stranger, Wants, Who, WhoTyped, only_people};
use crate::http::answer::{Answer, page, unavailable};
use crate::http::endpoints::captcha;
use crate::http::endpoints::login::go;
use crate::http::endpoints::login_form::{new_login_ticket, presession};
use crate::http::visit::Visit;
use crate::pages::views::captcha::Outcome as Checked;
use crate::pages::views::recover::RecoverProblem;
use crate::pages::views::who::{RecoverWho, Typed, WhoProblem};

/// `GET /recover/who`.
pub async fn show(visit: Visit) -> Answer {
    let outcome = show_inner(&visit).await;
    finish(&visit, outcome)
}

async fn show_inner(visit: &Visit) -> Outcome {
    let desk = match sit_down(visit).await? {
        Ok(desk) => desk,
        Err(answer) => return Ok(*answer),
    };
    if desk.settings.who.is_none() {
        return Ok(go(
            visit,
            false,
            &back::finding(&desk, "recover/username", &back::of(visit)),
        ));
    }
    if !may_ask(&visit.catalogue, &desk.institution.realm, Wants::Username)? {
        return Ok(unavailable(visit, None));
    }
    form(&desk, StatusCode::OK, &WhoTyped::default(), None).await
}

/// `POST /recover/who`.
pub async fn submit(visit: Visit) -> Answer {
    let outcome = submit_inner(&visit).await;
    finish(&visit, outcome)
}

async fn submit_inner(visit: &Visit) -> Outcome {
    let Some([name, day, month, year, number]) = once(visit, ["name", "day", "month", "year", "number"])
    else {
        return Ok(bad_request(visit));
    };
    let desk = match sit_down(visit).await? {
        Ok(desk) => desk,
        Err(answer) => return Ok(*answer),
    };
    let typed = WhoTyped {
        name,
        day,
        month,
        year,
        number,
    };
    if let Err(problem) = form_proof(visit) {
        let problem = match problem {
            RecoverProblem::CookiesBlocked => WhoProblem::CookiesBlocked,
            _ => WhoProblem::PageTooOld,
        };
        return form(&desk, StatusCode::BAD_REQUEST, &typed, Some(problem)).await;
    }
    if !may_ask(&visit.catalogue, &desk.institution.realm, Wants::Username)? {
        return Ok(unavailable(visit, None));
    }
    if captcha::another(visit) {
        return form(&desk, StatusCode::OK, &typed, None).await;
    }
    let who = match Who::typed(&typed) {
        Ok(who) => who,
        Err(missing) => {
            let problem = WhoProblem::Empty {
                name: missing.name,
                born: missing.born,
                number: missing.number,
            };
            return form(&desk, StatusCode::BAD_REQUEST, &typed, Some(problem)).await;
        }
    };
    let wish = Wish {
        wants: Wants::Username,
        identifier: "",
        email: "",
        who: Some(&who),
        back: &back::of(visit),
        by_sms: false,
    };
    let problem = match take(&desk, &wish).await? {
        Ok(answer) => return Ok(answer),
        Err(Asked::CheckGone) => WhoProblem::CheckGone,
        Err(Asked::NotHuman) => WhoProblem::NotHuman,
        Err(_) => return Ok(pages::not_offered(&desk)),
    };
    form(&desk, StatusCode::BAD_REQUEST, &typed, Some(problem)).await
}

/// The form with a fresh challenge and, for a new browser, its pre-session.
async fn form(
    desk: &Desk<'_>,
    status: StatusCode,
    typed: &WhoTyped<'_>,
    problem: Option<WhoProblem>,
) -> Result<Answer, FlowError> {
    let visit = desk.visit;
    let (browser, is_new) = presession(visit);
    let ports = &visit.app.ports;
    let frame = visit.frame(Some(desk.institution));
    let stranger = Stranger {
        realm: visit.catalogue.realm(&desk.institution.realm)?,
        browser: &browser,
        address: visit.client,
        locale: &frame.language,
        only_people: only_people(ports, &desk.institution.realm, desk.settings, visit.client).await?,
    };
    let challenge = ports.recovery.humans.fresh(&ports.captcha, &stranger).await?;
    let outcome = match problem {
        Some(WhoProblem::NotHuman) => Checked::Wrong,
        Some(WhoProblem::CheckGone) => Checked::Gone,
        _ => Checked::None,
    };
    let back = back::of(visit);
    let content = RecoverWho {
        action: back::finding(desk, "recover/who", &back),
        proof: new_login_ticket(visit, &browser),
        typed: Typed {
            name: typed.name.to_owned(),
            day: typed.day.to_owned(),
            month: typed.month.to_owned(),
            year: typed.year.to_owned(),
            number: typed.number.to_owned(),
        },
        check: challenge.map(|challenge| captcha::shown(visit, challenge, outcome)),
        problem,
        cancel: desk.sign_in(),
        by_mail: back::finding(desk, "recover/username", &back),
    };
    let mut answer = page(visit, status, &content, &frame);
    if is_new {
        visit.scope().set_presession(answer.headers_mut(), &browser);
    }
    Ok(answer)
}
