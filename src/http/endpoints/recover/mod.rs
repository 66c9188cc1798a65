//! Getting back in: `/recover` and `/recover/username` ask for a message, `/recover/sent` waits for it,
//! `/recover/again` asks once more. What a link or a code then opens is in [`link`] and [`code`].

pub mod code;
pub(super) mod desk;
pub mod help;
pub mod link;
pub mod new;
pub mod not_me;
mod pages;

use http::StatusCode;

use self::desk::{Desk, form_proof, sit_down};
use super::captcha;
use super::login::{self, go};
use crate::base::clock::Timestamp;
use crate::flows::FlowError;
use crate::flows::login_ticket;
use crate::flows::recovery::{Asked, Asking, Flow, Sent, Stage, Start, Wants, ask, new_id};
use crate::guard::captcha::Given;
use crate::http::answer::{Answer, incident, trouble};
use crate::http::visit::Visit;
use crate::messages::Browser;
use crate::pages::views::recover::RecoverProblem;
use crate::pages::views::trouble::TroubleKind;

/// Between two messages of one request (SX-03).
pub(super) const APART: u64 = 120;

/// How often one request may be asked again.
const AGAIN: u8 = 5;

pub(super) type Outcome = Result<Answer, FlowError>;

pub(super) fn finish(visit: &Visit, outcome: Outcome) -> Answer {
    let mut answer = match outcome {
        Ok(answer) => answer,
        Err(error) => incident(visit, &error, None),
    };
    super::login_form::keep_language(visit, &mut answer);
    answer
}

/// `GET /recover` and `/recover/username`.
pub async fn show(visit: Visit, wants: Wants) -> Answer {
    let outcome = show_inner(&visit, wants).await;
    finish(&visit, outcome)
}

async fn show_inner(visit: &Visit, wants: Wants) -> Outcome {
    let desk = match sit_down(visit).await? {
        Ok(desk) => desk,
        Err(answer) => return Ok(*answer),
    };
    let typed = match desk.flow().map(|flow| flow.stage) {
        Some(Stage::Start(start)) => start.identifier,
        Some(Stage::Sent(sent)) => sent.identifier,
        _ => String::new(),
    };
    let form = pages::Form {
        wants,
        identifier: &typed,
        email: "",
        problem: None,
    };
    pages::form(&desk, StatusCode::OK, form).await
}

/// `POST /recover/start`: from the sign-in page, with what was typed there (S1-03). The password that
/// comes along is not looked at.
pub async fn start(visit: Visit) -> Answer {
    let outcome = start_inner(&visit).await;
    finish(&visit, outcome)
}

async fn start_inner(visit: &Visit) -> Outcome {
    let desk = match sit_down(visit).await? {
        Ok(desk) => desk,
        Err(answer) => return Ok(*answer),
    };
    let to = match visit.params.switch("username_lost") {
        true => "recover/username",
        false => "recover",
    };
    let typed = visit.params.first("username").ok().flatten().unwrap_or_default();
    if !login::same_site(visit) || typed.is_empty() || typed.len() > 256 {
        return Ok(go(visit, true, &desk.url(to, None)));
    }
    let stage = Stage::Start(Start {
        identifier: typed.to_owned(),
    });
    let id = new_id(&visit.app.ports);
    let mut answer = go(visit, true, &desk.url(to, Some(&id)));
    desk.keep(&mut answer, &id, &desk.begin(stage));
    Ok(answer)
}

/// `POST /recover` and `/recover/username`.
pub async fn submit(visit: Visit, wants: Wants) -> Answer {
    let outcome = submit_inner(&visit, wants).await;
    finish(&visit, outcome)
}

async fn submit_inner(visit: &Visit, wants: Wants) -> Outcome {
    let Some([identifier, email]) = once(visit, ["identifier", "email"]) else {
        return Ok(bad_request(visit));
    };
    let desk = match sit_down(visit).await? {
        Ok(desk) => desk,
        Err(answer) => return Ok(*answer),
    };
    let again = |problem| pages::Form {
        wants,
        identifier,
        email,
        problem: Some(problem),
    };
    if let Err(problem) = form_proof(visit) {
        return pages::form(&desk, StatusCode::BAD_REQUEST, again(problem)).await;
    }
    if captcha::another(visit) {
        let form = pages::Form {
            wants,
            identifier,
            email,
            problem: None,
        };
        return pages::form(&desk, StatusCode::OK, form).await;
    }
    let given = captcha::given(visit);
    let asked = ask_for(&desk, wants, identifier, email, Some(given)).await?;
    let problem = match asked {
        Asked::Queued => {
            let sent = Sent {
                username: wants == Wants::Username,
                identifier: identifier.to_owned(),
                email: email.to_owned(),
                at: visit.app.ports.clock.now(),
                early: false,
                again: 0,
            };
            let id = new_id(&visit.app.ports);
            let mut answer = go(visit, true, &desk.url("recover/sent", Some(&id)));
            desk.keep(&mut answer, &id, &desk.begin(Stage::Sent(sent)));
            return Ok(answer);
        }
        Asked::TooMany => return Ok(too_many(visit)),
        Asked::NotOffered => return Ok(pages::not_offered(&desk)),
        Asked::Empty { identifier, email } => RecoverProblem::Empty { identifier, email },
        Asked::Unfit => RecoverProblem::Unfit,
        Asked::NotHuman => RecoverProblem::NotHuman,
    };
    pages::form(&desk, StatusCode::BAD_REQUEST, again(problem)).await
}

async fn ask_for(
    desk: &Desk<'_>,
    wants: Wants,
    identifier: &str,
    email: &str,
    human: Option<Given<'_>>,
) -> Result<Asked, FlowError> {
    let visit = desk.visit;
    let asking = Asking {
        institution: desk.institution,
        wants,
        identifier,
        email,
        locale: &visit.locale(Some(desk.institution)),
        service: desk.service_text(),
        address: visit.client,
        browser: visit.header("user-agent").map(Browser::of_user_agent),
        presession: visit.cookies().presession().unwrap_or_default(),
        human,
    };
    ask(&visit.app.ports, &visit.catalogue, &asking).await
}

/// `GET /recover/sent`.
pub async fn sent(visit: Visit) -> Answer {
    let outcome = sent_inner(&visit).await;
    finish(&visit, outcome)
}

async fn sent_inner(visit: &Visit) -> Outcome {
    let desk = match sit_down(visit).await? {
        Ok(desk) => desk,
        Err(answer) => return Ok(*answer),
    };
    match desk.flow().map(|flow| flow.stage) {
        Some(Stage::Sent(sent)) => Ok(pages::sent(&desk, &sent)),
        _ => Ok(go(visit, false, &desk.url("recover", None))),
    }
}

/// `POST /recover/again` (SX-03).
pub async fn again(visit: Visit) -> Answer {
    let outcome = again_inner(&visit).await;
    finish(&visit, outcome)
}

async fn again_inner(visit: &Visit) -> Outcome {
    let desk = match sit_down(visit).await? {
        Ok(desk) => desk,
        Err(answer) => return Ok(*answer),
    };
    let flow = desk.flow();
    let (Ok(_), Some((id, flow))) = (form_proof(visit), desk.flow_id().zip(flow)) else {
        return Ok(go(visit, true, &desk.url("recover", None)));
    };
    let Stage::Sent(mut sent) = flow.stage.clone() else {
        return Ok(go(visit, true, &desk.url("recover", None)));
    };
    let now = visit.app.ports.clock.now();
    sent.early = now < due(&sent);
    if !sent.early && sent.again < AGAIN && once_only(visit, id, &sent).await? {
        let wants = if sent.username {
            Wants::Username
        } else {
            Wants::Password
        };
        if ask_for(&desk, wants, &sent.identifier, &sent.email, None).await? == Asked::TooMany {
            return Ok(too_many(visit));
        }
        sent.at = now;
        sent.again += 1;
    }
    let mut answer = go(
        visit,
        true,
        &format!("{}#again", desk.url("recover/sent", Some(id))),
    );
    let further = Flow {
        stage: Stage::Sent(sent),
        ..flow
    };
    desk.keep(&mut answer, id, &further);
    Ok(answer)
}

/// When the message may be asked for again.
pub(super) fn due(sent: &Sent) -> Timestamp {
    sent.at.plus(std::time::Duration::from_secs(APART))
}

/// A cookie that is brought back as it was before asks nothing a second time.
async fn once_only(visit: &Visit, id: &str, sent: &Sent) -> Result<bool, FlowError> {
    let ports = &visit.app.ports;
    let mark = login_ticket::mark_of(&ports.keys, &[b"again", id.as_bytes(), &sent.at.0.to_be_bytes()]);
    let life = std::time::Duration::from_secs(86_400);
    Ok(ports.store.spend_mark(&mark, life).await?)
}

/// Fields that arrive once and not as lists (SEC-40); absent ones are empty.
pub(super) fn once<'a, const N: usize>(visit: &'a Visit, names: [&'static str; N]) -> Option<[&'a str; N]> {
    let mut values = [""; N];
    for (value, name) in values.iter_mut().zip(names) {
        if visit.params.hint(&format!("{name}[]")).is_some() {
            return None;
        }
        *value = visit.params.only(name).ok()?.unwrap_or_default();
    }
    Some(values)
}

/// Whether the box beside a mailed page’s only button was ticked: a program that presses buttons leaves it
/// empty (SEC-35).
pub(super) fn is_sure(visit: &Visit) -> bool {
    visit.params.only("sure").is_ok_and(|box_| box_ == Some("true"))
}

pub(super) fn bad_request(visit: &Visit) -> Answer {
    trouble(visit, StatusCode::BAD_REQUEST, TroubleKind::BadRequest, None)
}

/// 429: this network has asked too often, whoever it asked for.
pub(super) fn too_many(visit: &Visit) -> Answer {
    let wait = std::time::Duration::from_secs(3600);
    let kind = TroubleKind::TooMany {
        wait_seconds: wait.as_secs(),
        until: visit.app.ports.clock.now().plus(wait),
    };
    let mut answer = trouble(visit, StatusCode::TOO_MANY_REQUESTS, kind, None);
    super::login_form::retry_after(&mut answer, wait.as_secs());
    answer
}
