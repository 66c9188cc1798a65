//! Getting back in: `/recover` and `/recover/username` ask for a message, `/recover/sent` waits for it,
//! `/recover/again` asks once more; `/recover/who` is in [`who`]. What a link or a code then opens is in [`link`] and [`code`].

pub mod among;
pub(super) mod back;
pub mod code;
pub(super) mod desk;
pub mod help;
pub mod link;
pub mod new;
pub mod not_me;
mod pages;
pub mod who;

use http::StatusCode;

use self::desk::{Desk, form_proof, sit_down};
use super::captcha;
use super::login::{self, go};
use crate::base::clock::Timestamp;
use crate::flows::FlowError;
use crate::flows::login_ticket;
use crate::flows::outage::may_ask;
use crate::flows::recovery::{Asked, Asking, Back, Flow, Sent, Stage, Start, Wants, Who, ask, new_id};
use crate::guard::captcha::Given;
use crate::http::answer::{Answer, incident, trouble, unavailable};
use crate::http::later::retry_after;
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
    match may_ask(&visit.catalogue, &desk.institution.realm, wants)? {
        true => pages::form(&desk, StatusCode::OK, form).await,
        false => out_of_order(&desk, form).await,
    }
}

/// The form while the directory is down: the same for everybody, and said before anything is typed (SEC-08).
async fn out_of_order(desk: &Desk<'_>, form: pages::Form<'_>) -> Outcome {
    let form = pages::Form {
        problem: Some(RecoverProblem::Unavailable),
        ..form
    };
    let mut answer = pages::form(desk, StatusCode::SERVICE_UNAVAILABLE, form).await?;
    super::login_form::retry_later(desk.visit, &mut answer);
    Ok(answer)
}

/// `POST /recover/start`: from the sign-in page, with the identifier that was typed there (S1-03), and from
/// a page that wants the password in force (S5-03).
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
    if !may_ask(&visit.catalogue, &desk.institution.realm, wants)? {
        return out_of_order(&desk, again(RecoverProblem::Unavailable)).await;
    }
    let wish = Wish {
        wants,
        identifier,
        email,
        who: None,
        back: &back::of(visit),
        by_sms: visit.params.first("by").ok().flatten() == Some("sms"),
    };
    let problem = match take(&desk, &wish).await? {
        Ok(answer) => return Ok(answer),
        Err(Asked::Empty { identifier, email }) => RecoverProblem::Empty { identifier, email },
        Err(Asked::NotHuman) => RecoverProblem::NotHuman,
        Err(Asked::CheckGone) => RecoverProblem::CheckGone,
        Err(_) => RecoverProblem::Unfit,
    };
    pages::form(&desk, StatusCode::BAD_REQUEST, again(problem)).await
}

/// What a form of this kind asks for.
struct Wish<'a> {
    wants: Wants,
    identifier: &'a str,
    email: &'a str,
    who: Option<&'a Who>,
    back: &'a Back,
    by_sms: bool,
}

/// Takes a form that proved to be ours; `Err` when it must be shown again.
async fn take(desk: &Desk<'_>, wish: &Wish<'_>) -> Result<Result<Answer, Asked>, FlowError> {
    let visit = desk.visit;
    match ask_for(desk, wish, Some(captcha::given(visit))).await? {
        Asked::Queued => {}
        Asked::TooMany => return Ok(Ok(too_many(visit))),
        Asked::NotOffered => return Ok(Ok(pages::not_offered(desk))),
        again => return Ok(Err(again)),
    }
    let sent = Sent {
        username: wish.wants == Wants::Username,
        who: wish.who.cloned(),
        back: wish.back.clone(),
        by_sms: wish.by_sms && pages::sms(desk),
        identifier: wish.identifier.to_owned(),
        email: wish.email.to_owned(),
        at: visit.app.ports.clock.now(),
        early: false,
        again: 0,
        locale: Some(visit.locale(Some(desk.institution))),
    };
    let id = new_id(&visit.app.ports);
    let mut answer = go(visit, true, &desk.url("recover/sent", Some(&id)));
    desk.keep(&mut answer, &id, &desk.begin(Stage::Sent(sent)));
    Ok(Ok(answer))
}

async fn ask_for(desk: &Desk<'_>, wish: &Wish<'_>, human: Option<Given<'_>>) -> Result<Asked, FlowError> {
    let visit = desk.visit;
    let asking = Asking {
        institution: desk.institution,
        wants: wish.wants,
        identifier: wish.identifier,
        email: wish.email,
        who: wish.who,
        back: wish.back,
        by_sms: wish.by_sms,
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
    let wants = if sent.username {
        Wants::Username
    } else {
        Wants::Password
    };
    if !may_ask(&visit.catalogue, &desk.institution.realm, wants)? {
        return Ok(unavailable(visit, Some(desk.url("recover/sent", Some(id)))));
    }
    sent.early = now < due(&sent);
    if !sent.early && sent.again < AGAIN && once_only(visit, id, &sent).await? {
        let wish = Wish {
            wants,
            identifier: &sent.identifier,
            email: &sent.email,
            who: sent.who.as_ref(),
            back: &sent.back,
            by_sms: sent.by_sms,
        };
        if ask_for(&desk, &wish, None).await? == Asked::TooMany {
            return Ok(too_many(visit));
        }
        sent.at = now;
        sent.again += 1;
        sent.locale = Some(visit.locale(Some(desk.institution)));
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
    retry_after(&mut answer, wait.as_secs());
    answer
}
