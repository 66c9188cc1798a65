//! The pages of asking, filled in.

use http::StatusCode;

use super::desk::Desk;
use super::due;
use crate::base::clock::millis;
use crate::flows::FlowError;
use crate::flows::recovery::{AskFor, Sent, Stranger, Wants, only_people};
use crate::http::answer::{Answer, page};
use crate::http::endpoints::captcha;
use crate::http::endpoints::login_form::{new_login_ticket, presession};
use crate::http::visit::Visit;
use crate::pages::views::captcha::Outcome;
use crate::pages::views::recover::{
    Ask, CodeForm, CodeProblem, Recover, RecoverCode, RecoverProblem, RecoverSent, Resend, Wants as Wanted,
};
use crate::pages::views::reset_link::{Dead, DeadLink};
use crate::realms::Institution;

/// What the form shows beside what the request asks.
pub struct Form<'a> {
    pub wants: Wants,
    pub identifier: &'a str,
    pub email: &'a str,
    pub problem: Option<RecoverProblem>,
}

/// The form with a fresh challenge and, for a new browser, its pre-session.
pub async fn form(desk: &Desk<'_>, status: StatusCode, form: Form<'_>) -> Result<Answer, FlowError> {
    let visit = desk.visit;
    let (browser, is_new) = presession(visit);
    let ports = &visit.app.ports;
    let realm = &desk.institution.realm;
    let frame = visit.frame(Some(desk.institution));
    let stranger = Stranger {
        realm: visit.catalogue.realm(realm)?,
        browser: &browser,
        address: visit.client,
        locale: &frame.language,
        only_people: only_people(ports, realm, desk.settings, visit.client).await?,
    };
    let challenge = ports.recovery.humans.fresh(&ports.captcha, &stranger).await?;
    let outcome = match form.problem {
        Some(RecoverProblem::NotHuman) => Outcome::Wrong,
        _ => Outcome::None,
    };
    let hint = visit
        .realm_of(Some(desk.institution))
        .and_then(|realm| realm.username_hint.get(&frame.language));
    let (ask, own, other) = match form.wants {
        Wants::Password => (asked(desk.settings.ask), "recover", "recover/username"),
        Wants::Username => (Ask::Email, "recover/username", "recover"),
    };
    let email_first = matches!(ask, Ask::Email | Ask::Both) && form.email.is_empty();
    let came_along = email_first && form.identifier.contains('@');
    let content = Recover {
        action: desk.url(own, None),
        proof: new_login_ticket(visit, &browser),
        wants: wanted(form.wants),
        ask,
        identifier: form.identifier.to_owned(),
        email: if came_along { form.identifier } else { form.email }.to_owned(),
        identifier_hint: hint.filter(|_| ask != Ask::Email).map(str::to_owned),
        service_name: desk.service_name(),
        check: challenge.map(|challenge| captcha::shown(visit, challenge, outcome)),
        problem: form.problem,
        cancel: desk.sign_in(),
        other: desk.url(other, None),
        code: desk.url("recover/code", None),
    };
    let mut answer = page(visit, status, &content, &frame);
    if is_new {
        visit.scope().set_presession(answer.headers_mut(), &browser);
    }
    Ok(answer)
}

fn asked(ask: AskFor) -> Ask {
    match ask {
        AskFor::IdentifierOrEmail => Ask::IdentifierOrEmail,
        AskFor::Identifier => Ask::Identifier,
        AskFor::Email => Ask::Email,
        AskFor::Both => Ask::Both,
    }
}

fn wanted(wants: Wants) -> Wanted {
    match wants {
        Wants::Password => Wanted::Password,
        Wants::Username => Wanted::Username,
    }
}

/// “Look at your messages”: the same for whoever was asked for.
pub fn sent(desk: &Desk<'_>, sent: &Sent) -> Answer {
    let visit = desk.visit;
    let (browser, is_new) = presession(visit);
    let proof = new_login_ticket(visit, &browser);
    let now = visit.app.ports.clock.now();
    let from = due(sent);
    let wait = std::time::Duration::from_millis(from.0.saturating_sub(now.0));
    let flow = desk.flow_id().unwrap_or_default();
    let content = RecoverSent {
        wants: if sent.username {
            Wanted::Username
        } else {
            Wanted::Password
        },
        until: sent.at.plus(desk.settings.lifetime),
        sender: Some(desk.settings.sender.address.as_stored().to_owned()),
        subject: None,
        code: (!sent.username).then(|| CodeForm {
            action: desk.url("recover/code", None),
            proof: proof.clone(),
            identifier: identifier_of(sent).to_owned(),
            ask: asked(desk.settings.ask),
            problem: None,
        }),
        resend: Resend {
            action: desk.url("recover/again", None),
            proof,
            flow: flow.to_owned(),
            from,
            wait_seconds: millis(wait).div_ceil(1000),
            early: sent.early,
        },
        sign_in: desk.sign_in(),
        no_access: format!("{}#access", desk.url("help", None)),
    };
    let frame = visit.frame(Some(desk.institution));
    let mut answer = page(visit, StatusCode::OK, &content, &frame);
    if is_new {
        visit.scope().set_presession(answer.headers_mut(), &browser);
    }
    answer
}

fn identifier_of(sent: &Sent) -> &str {
    match sent.identifier.as_str() {
        "" => &sent.email,
        identifier => identifier,
    }
}

/// Where a code is typed.
pub fn code(
    desk: &Desk<'_>,
    status: StatusCode,
    typed: &str,
    problem: Option<CodeProblem>,
    without_cookies: bool,
) -> Answer {
    let visit = desk.visit;
    let (browser, is_new) = presession(visit);
    let content = RecoverCode {
        form: CodeForm {
            action: desk.url("recover/code", None),
            proof: new_login_ticket(visit, &browser),
            identifier: typed.to_owned(),
            ask: asked(desk.settings.ask),
            problem,
        },
        without_cookies,
        again: desk.url("recover", None),
        sign_in: desk.sign_in(),
    };
    let frame = visit.frame(Some(desk.institution));
    let mut answer = page(visit, status, &content, &frame);
    if is_new {
        visit.scope().set_presession(answer.headers_mut(), &browser);
    }
    answer
}

pub fn not_offered(desk: &Desk<'_>) -> Answer {
    not_offered_at(desk.visit, desk.institution)
}

/// Whom to ask instead stands on the page.
pub fn not_offered_at(visit: &Visit, institution: &Institution) -> Answer {
    let content = DeadLink {
        why: Dead::NotOffered,
        again: None,
        code: None,
        sign_in: visit.endpoint("login"),
    };
    page(
        visit,
        StatusCode::NOT_FOUND,
        &content,
        &visit.frame(Some(institution)),
    )
}
