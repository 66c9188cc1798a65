//! The portal of a school network, as GIP-RECIA's own load test has it (reliability §1.1): one ticket with
//! a call-back, then three applications behind it in the person's name, and out.

use super::course::{Course, Judged, failed};
use super::form::{between, encoded};
use super::journeys::{self, Ticket, names, not_validated, ticket_for};

/// Applications that the portal asks for one person.
const ASKED: usize = 3;

/// Of these applications, the first is the portal.
pub async fn visit(course: &mut Course, services: &[String]) -> Judged<()> {
    let (portal, behind) = services.split_first().ok_or_else(|| failed("no application"))?;
    let behind = if behind.is_empty() { services } else { behind };
    let ticket = ticket_for(course, portal).await?;
    let granted = granted(course, &ticket).await;
    let pgt = course.ended("validation with call-back", granted)?;
    for service in behind.iter().cycle().take(ASKED) {
        let asked = proxy(course, &pgt, service).await;
        let ticket = course.ended("proxy", asked)?;
        let validated = validate(course, &ticket).await;
        course.ended("proxy validation", validated)?;
    }
    journeys::sign_out(course).await
}

/// Validates the portal's ticket and takes the proxy-granting ticket that was called back meanwhile.
async fn granted(course: &Course, ticket: &Ticket) -> Judged<String> {
    let callback = course.aids.callback.clone();
    let callback = callback.ok_or_else(|| failed("a portal needs a call-back"))?;
    let target = format!(
        "{}/p3/serviceValidate?service={}&ticket={}&pgtUrl={}",
        course.site.context,
        encoded(&ticket.service),
        ticket.id,
        encoded(&callback.url)
    );
    let reply = course.call(&target).await?;
    let text = reply.text();
    let iou = between(text, "<cas:proxyGrantingTicket>", "</cas:proxyGrantingTicket>");
    let iou = iou.ok_or_else(|| not_validated(&reply))?;
    let pgt = callback.take(iou.trim());
    pgt.ok_or_else(|| failed("a proxy-granting ticket that was not called back"))
}

async fn proxy(course: &Course, pgt: &str, service: &str) -> Judged<Ticket> {
    let target = format!(
        "{}/proxy?targetService={}&pgt={pgt}",
        course.site.context,
        encoded(service)
    );
    let reply = course.call(&target).await?;
    let text = reply.text();
    let id = between(text, "<cas:proxyTicket>", "</cas:proxyTicket>");
    let id = id.ok_or_else(|| not_validated(&reply))?;
    Ok(Ticket {
        id: id.trim().to_owned(),
        service: service.to_owned(),
    })
}

async fn validate(course: &Course, ticket: &Ticket) -> Judged<()> {
    let target = format!(
        "{}/p3/proxyValidate?service={}&ticket={}",
        course.site.context,
        encoded(&ticket.service),
        ticket.id
    );
    let reply = course.call(&target).await?;
    match names(&reply, &course.person.login) && reply.text().contains("<cas:proxy>") {
        true => Ok(()),
        false => Err(not_validated(&reply)),
    }
}
