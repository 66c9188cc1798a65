//! Signing in, entering one more application, signing out: what browsers and applications send.

use super::client::Reply;
use super::course::{Course, Judged, failed};
use super::form::{between, encoded, filled};
use super::record::{Stop, Verdict};

/// A service ticket and what it is for.
#[derive(Debug, Clone)]
pub struct Ticket {
    pub id: String,
    pub service: String,
}

/// What tells of a page that asks for more than a password.
const CHALLENGE: &str = "name=\"captcha\"";

/// What nobody has as a password.
const WRONG: &str = "not-this-one";

/// Page, form, validation. Who is to mistype his password does so first.
pub async fn sign_in(course: &mut Course, service: &str, mistypes: bool) -> Judged<()> {
    if mistypes {
        mistype(course, service, WRONG).await?;
    }
    let ticket = ticket_for(course, service).await?;
    let validated = validate(course, &ticket).await;
    course.ended("validation", validated)
}

/// Page and form with a wrong password; an error unless the server says that it is wrong.
pub async fn mistype(course: &mut Course, service: &str, password: &str) -> Judged<()> {
    let page = page(course, service).await;
    let page = course.ended("page", page)?;
    let refused = submit(course, &page, password).await;
    let refused = match refused {
        Ok(_) => Err(failed("a wrong password was taken")),
        Err(stop) => Err(stop),
    };
    match course.ended::<()>("wrong password", refused) {
        Err(Stop(Verdict::Refused, _)) => Ok(()),
        other => other,
    }
}

/// Page and form with the right one: a ticket for the service.
pub async fn ticket_for(course: &mut Course, service: &str) -> Judged<Ticket> {
    let page = page(course, service).await;
    let page = course.ended("page", page)?;
    let password = course.person.password.clone();
    let reply = submit(course, &page, &password).await;
    let ticket = reply.and_then(|reply| ticket_of(&reply, service));
    course.ended("form", ticket)
}

async fn page(course: &mut Course, service: &str) -> Judged<Reply> {
    let mut target = format!("{}/login?service={}", course.site.context, encoded(service));
    if let Some(tenant) = &course.population.tenant {
        target.push_str(&format!("&tenant={}", encoded(tenant)));
    }
    let page = course.ask(&target, None).await?;
    if page.status != 200 {
        return Err(failed(format!("the page: {}", page.status)));
    }
    Ok(page)
}

/// Sends the page's form with a password; `Refused` where the server says that it is wrong.
async fn submit(course: &mut Course, page: &Reply, password: &str) -> Judged<Reply> {
    if page.text().contains(CHALLENGE) {
        return Err(Stop(Verdict::Challenged, "a challenge".to_owned()));
    }
    let login = course.person.login.clone();
    let (action, form) = filled(page.text(), &[("username", &login), ("password", password)])?;
    let reply = course.ask(&action, Some(form)).await?;
    match reply.status.as_u16() {
        401 => Err(Stop(Verdict::Refused, "wrong password".to_owned())),
        200 if reply.text().contains(CHALLENGE) => Err(Stop(Verdict::Challenged, "a challenge".to_owned())),
        _ => Ok(reply),
    }
}

/// One more application by the open session, and the validation.
pub async fn re_enter(course: &mut Course, service: &str) -> Judged<()> {
    let ticket = enter(course, service).await;
    let ticket = course.ended("entry", ticket)?;
    let validated = validate(course, &ticket).await;
    course.ended("validation", validated)
}

pub async fn enter(course: &mut Course, service: &str) -> Judged<Ticket> {
    let target = format!("{}/login?service={}", course.site.context, encoded(service));
    let reply = course.ask(&target, None).await?;
    ticket_of(&reply, service)
}

pub fn ticket_of(reply: &Reply, service: &str) -> Judged<Ticket> {
    let location = reply.location()?;
    let (_, id) = location
        .split_once("ticket=")
        .ok_or_else(|| failed(format!("a redirect without ticket: {location}")))?;
    Ok(Ticket {
        id: id.to_owned(),
        service: service.to_owned(),
    })
}

/// The application asks whose ticket it is; the answer must name the person.
pub async fn validate(course: &mut Course, ticket: &Ticket) -> Judged<()> {
    let target = format!(
        "{}/p3/serviceValidate?service={}&ticket={}",
        course.site.context,
        encoded(&ticket.service),
        ticket.id
    );
    let reply = course.call(&target).await?;
    match names(&reply, &course.person.login) {
        true => {
            course.record.keep_ticket(ticket);
            Ok(())
        }
        false => Err(not_validated(&reply)),
    }
}

/// Whether an answer names this person, with or without his realm.
pub fn names(reply: &Reply, login: &str) -> bool {
    let named = between(reply.text(), "<cas:user>", "</cas:user>");
    named.is_some_and(|user| user.split('@').next() == Some(login))
}

/// The server could not tell, which an application hears as INTERNAL_ERROR; or it said no.
pub fn not_validated(reply: &Reply) -> Stop {
    let why = format!("not validated: {}", reply.text());
    match reply.text().contains("INTERNAL_ERROR") {
        true => Stop(Verdict::Busy, why),
        false => failed(why),
    }
}

/// The session ends, by the form of the page that asks whether it should.
pub async fn sign_out(course: &mut Course) -> Judged<()> {
    let result = ask_out(course).await;
    course.ended("sign-out", result)
}

async fn ask_out(course: &mut Course) -> Judged<()> {
    let target = format!("{}/logout", course.site.context);
    let page = course.ask(&target, None).await?;
    let form = sign_out_form(page.text());
    let answer = match (page.status.as_u16(), form) {
        (200, Some((action, form))) => course.ask(&action, Some(form)).await?,
        _ => page,
    };
    match answer.status.as_u16() {
        200 | 302 | 303 => Ok(()),
        other => Err(failed(format!("the sign-out: {other}"))),
    }
}

/// The question whether to sign out, answered.
fn sign_out_form(page: &str) -> Option<(String, String)> {
    let (_, own) = page.split_once("<main")?;
    let form = between(own, "<form method=\"post\"", "</form>")?;
    let csrf = between(form, "name=\"csrf\" value=\"", "\"")?;
    let action = between(form, "action=\"", "\"")?.replace("&amp;", "&");
    Some((action, format!("csrf={}", encoded(csrf))))
}
