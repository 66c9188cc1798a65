//! A server beside the one that runs: the same realms, directories, services and keys, with sessions
//! and tickets of its own that nobody else sees. What it does is written nowhere.

use anyhow::{Context, bail};
use http::{Method, Request};
use http_body_util::Full;

use super::{Assembled, assemble};
use crate::config::{Settings, TicketsSettings};
use crate::directory::Person;
use crate::flows::login::{Arrived, KnownService, Opening, Remember, SignedIn, open_session};
use crate::http::within;
use crate::protocol::ticket_id::TicketId;
use crate::realms::Institution;
use crate::tickets::Opened;

/// The server; nothing of the running one's store, audit, letters or port is touched.
pub async fn rehearse(mut settings: Settings) -> anyhow::Result<Assembled> {
    settings.tickets = TicketsSettings::Memory;
    settings.audit = None;
    settings.tls = None;
    settings.letters.way = None;
    settings.letters.sms = None;
    assemble(settings, false).await
}

/// Signs `person` in without a password, on their way to `service`.
pub async fn sign_in<'a>(
    server: &Assembled,
    catalogue: &'a crate::flows::Catalogue,
    institution: &Institution,
    person: &Person,
    service: KnownService<'a>,
) -> anyhow::Result<SignedIn<'a>> {
    let opening = Opening {
        institution,
        session: None,
        warn: false,
        opened: Opened::ByPassword,
        remember: Remember::No,
        presented: true,
    };
    let opened = open_session(&server.app.ports, catalogue, &opening, person, Some(service)).await;
    opened.context("no session could be opened")
}

/// The ticket that a sign-in came to, when it came to one.
pub fn ticket_of(signed_in: &SignedIn<'_>) -> Option<TicketId> {
    match &signed_in.goes {
        Arrived::Ticket { id, .. } => Some(id.clone()),
        _ => None,
    }
}

/// Asks an endpoint of the server as an application would.
pub async fn ask(server: &Assembled, path: &str, body: Option<String>) -> anyhow::Result<String> {
    let method = if body.is_some() { Method::POST } else { Method::GET };
    let request = Request::builder()
        .method(method)
        .uri(format!("{}{path}", server.app.settings.base))
        .header(http::header::HOST, host(server))
        .header(http::header::CONTENT_TYPE, "text/xml;charset=UTF-8")
        .body(Full::from(body.unwrap_or_default()))?;
    let answer = within::ask(&server.service, request).await;
    let (parts, body) = answer.context("the server does not answer itself")?.into_parts();
    if !parts.status.is_success() {
        bail!("the server answers {}", parts.status);
    }
    Ok(String::from_utf8_lossy(&body).into_owned())
}

fn host(server: &Assembled) -> String {
    let url = &server.app.settings.public_url;
    let host = url.host_str().unwrap_or("localhost");
    match url.port() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    }
}
