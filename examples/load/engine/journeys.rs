//! Signing in, entering one more application, signing out: what browsers and applications send.

use super::client::Reply;
use super::course::{Course, Judged, failed};
use super::form::{encoded, filled};
use super::record::{Stop, Verdict};

/// A service ticket and what it is for.
pub struct Ticket {
    pub id: String,
    pub service: String,
}

/// What tells of a page that asks for more than a password.
const CHALLENGE: &str = "name=\"captcha\"";

/// Page, form, validation. Who is to mistype his password does so first.
pub async fn sign_in(course: &mut Course, service: &str, mistypes: bool) -> Judged<()> {
    let page = page(course, service).await;
    let mut page = course.ended("page", page)?;
    if mistypes {
        let refused = submit(course, &page, "not-this-one").await;
        let refused = match refused {
            Err(Stop(Verdict::Refused, _)) => course.ended::<()>("wrong password", refused.map(drop)),
            Ok(_) => course.ended("wrong password", Err(failed("a wrong password was taken"))),
            Err(stop) => course.ended("wrong password", Err(stop)),
        };
        match refused {
            Err(Stop(Verdict::Refused, _)) => {}
            other => return other,
        }
        let again = self::page(course, service).await;
        page = course.ended("page", again)?;
    }
    let password = course.person.password.clone();
    let reply = submit(course, &page, &password).await;
    let ticket = reply.and_then(|reply| ticket_of(&reply, service));
    let ticket = course.ended("form", ticket)?;
    let validated = validate(course, &ticket).await;
    course.ended("validation", validated)
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
    let user = format!("<cas:user>{}</cas:user>", course.person.login);
    match reply.text().contains(&user) {
        true => Ok(()),
        false => Err(failed(format!("not validated: {}", reply.text()))),
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
    match page.status.as_u16() {
        200 | 302 | 303 => Ok(()),
        other => Err(failed(format!("the sign-out: {other}"))),
    }
}
