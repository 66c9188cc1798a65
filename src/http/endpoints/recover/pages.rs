//! The pages of asking, filled in.

use http::StatusCode;

use super::desk::Desk;
use super::{back, due};
use crate::base::clock::millis;
use crate::flows::FlowError;
use crate::flows::recovery::{AskFor, Back, SMS_LIFETIME, Sent, Stranger, Wants, only_people, writes};
use crate::http::answer::{Answer, page};
use crate::http::endpoints::captcha;
use crate::http::endpoints::login_form::{new_login_ticket, presession};
use crate::http::visit::Visit;
use crate::pages::views::captcha::Outcome;
use crate::pages::views::recover::{
    Ask, CodeForm, CodeProblem, Recover, RecoverCode, RecoverProblem, RecoverSent, Resend, Wants as Wanted,
    Writer,
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
        Some(RecoverProblem::CheckGone) => Outcome::Gone,
        _ => Outcome::None,
    };
    let hint = visit
        .realm_of(Some(desk.institution))
        .and_then(|realm| realm.username_hint.get(&frame.language));
    let back = back::of(visit);
    let by_mail = back::finding(desk, "recover/username", &back);
    let (ask, action, other) = match form.wants {
        Wants::Password => (asked(desk.settings.ask), desk.url("recover", None), by_mail),
        Wants::Username => (Ask::Email, by_mail, desk.url("recover", None)),
    };
    let email_first = matches!(ask, Ask::Email | Ask::Both) && form.email.is_empty();
    let came_along = email_first && form.identifier.contains('@');
    let content = Recover {
        action,
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
        other,
        code: desk.url("recover/code", None),
        sms: form.wants == Wants::Password && sms(desk),
        who: desk
            .settings
            .who
            .as_ref()
            .map(|_| back::finding(desk, "recover/who", &back)),
    };
    let mut answer = page(visit, status, &content, &frame);
    if is_new {
        visit.scope().set_presession(answer.headers_mut(), &browser);
    }
    Ok(answer)
}

/// Whether a code can be sent by text message here, whoever asks (SEC-04).
pub fn sms(desk: &Desk<'_>) -> bool {
    desk.settings.has_phones() && desk.visit.app.ports.recovery.sms.is_some()
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
    let (writer, subject) = match sent.by_sms {
        true => (None, None),
        false => to_look_for(desk, sent),
    };
    let content = RecoverSent {
        wants: if sent.username {
            Wanted::Username
        } else {
            Wanted::Password
        },
        who: sent.who.is_some(),
        sms: sent.by_sms,
        back: sent.username.then(|| back::address(desk, &sent.back)),
        forgot: (!sent.username).then(|| back::finding(desk, "recover/username", &Back::Code)),
        until: sent.at.plus(desk.settings.lifetime),
        sms_minutes: (sent.by_sms || sms(desk)).then(|| SMS_LIFETIME.as_secs() / 60),
        sender: writer,
        subject,
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

/// What the letter shows in a list of messages, in the language that it was asked for in.
fn to_look_for(desk: &Desk<'_>, sent: &Sent) -> (Option<Writer>, Option<String>) {
    let visit = desk.visit;
    let page = || visit.locale(Some(desk.institution));
    let locale = sent.locale.clone().unwrap_or_else(page);
    let written = writes(&visit.app.ports, &visit.catalogue, desk.institution, &locale);
    let Some((from, locale)) = written else {
        return (None, None);
    };
    let sort = match sent.username {
        true => "identifiers",
        false => "reset_links",
    };
    let subject = visit.themes.subject(&from, &locale, sort);
    let writer = Writer {
        address: from.address.as_stored().to_owned(),
        name: from.name,
    };
    (Some(writer), subject)
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
        forgot: back::finding(desk, "recover/username", &Back::Code),
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
