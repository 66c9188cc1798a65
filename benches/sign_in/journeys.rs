//! What browsers and applications do: a sign-in by password, an entry by an open session, a
//! validation. Each step checks that it got what it came for.

use std::sync::Arc;

use anyhow::{Context, ensure};

use super::client::{Address, Connection, Reply};
use super::form::{encoded, filled};
use super::load::Worker;
use super::people::Person;

/// The address under which the application of this benchmark is registered.
pub const APPLICATION: &str = "https://application.example/";

/// Connections to one server: new ones for every journey, or kept from one to the next.
pub struct Door {
    address: Address,
    keep: bool,
    browser: Option<Connection>,
    application: Option<Connection>,
}

impl Door {
    pub fn new(address: Address, keep: bool) -> Door {
        Door {
            address,
            keep,
            browser: None,
            application: None,
        }
    }

    pub async fn browser(&mut self) -> anyhow::Result<&mut Connection> {
        open(&self.address, &mut self.browser).await
    }

    pub async fn application(&mut self) -> anyhow::Result<&mut Connection> {
        open(&self.address, &mut self.application).await
    }

    fn leave(&mut self) {
        if !self.keep {
            (self.browser, self.application) = (None, None);
        }
    }
}

async fn open<'a>(address: &Address, held: &'a mut Option<Connection>) -> anyhow::Result<&'a mut Connection> {
    if held.is_none() {
        *held = Some(address.open().await?);
    }
    held.as_mut().context("a connection just opened")
}

/// An open session: the cookie that holds it and whose it is.
#[derive(Clone)]
pub struct OpenSession {
    pub cookie: String,
    pub login: String,
}

/// A service ticket on its way to its validation.
pub struct Ticket {
    pub id: String,
    pub service: String,
    pub login: String,
}

/// Page, form, validation (reliability §3.2).
pub async fn sign_in(door: &mut Door, person: &Person, service: &str) -> anyhow::Result<OpenSession> {
    let browser = door.browser().await?;
    let page = browser
        .get(&format!("/cas/login?service={}", encoded(service)), "")
        .await?;
    ensure!(page.status == 200, "the page: {}", page.status);
    let cookies = page.cookies().collect::<Vec<_>>().join("; ");
    let (action, form) = filled(
        page.text(),
        &[("username", &person.login), ("password", &person.password)],
    )?;
    let reply = browser.post(&action, &cookies, form).await?;
    let ticket = ticket_of(&reply, service, &person.login)?;
    let session = reply
        .cookies()
        .find(|cookie| cookie.contains("TGC-"))
        .context("no session cookie")?;
    let session = OpenSession {
        cookie: session.to_owned(),
        login: person.login.clone(),
    };
    validate(door.application().await?, &ticket).await?;
    door.leave();
    Ok(session)
}

/// A ticket for one more application of somebody who is signed in.
pub async fn enter(
    browser: &mut Connection,
    session: &OpenSession,
    service: &str,
) -> anyhow::Result<(Ticket, Reply)> {
    let target = format!("/cas/login?service={}", encoded(service));
    let reply = browser.get(&target, &session.cookie).await?;
    Ok((ticket_of(&reply, service, &session.login)?, reply))
}

pub async fn validate(application: &mut Connection, ticket: &Ticket) -> anyhow::Result<Reply> {
    let target = format!(
        "/cas/p3/serviceValidate?service={}&ticket={}",
        encoded(&ticket.service),
        ticket.id
    );
    let reply = application.get(&target, "").await?;
    let user = format!("<cas:user>{}</cas:user>", ticket.login);
    ensure!(
        reply.text().contains(&user),
        "a validation refused: {}",
        reply.text()
    );
    Ok(reply)
}

fn ticket_of(reply: &Reply, service: &str, login: &str) -> anyhow::Result<Ticket> {
    let id = reply
        .location()?
        .split_once("ticket=")
        .context("a redirect without ticket")?
        .1;
    Ok(Ticket {
        id: id.to_owned(),
        service: service.to_owned(),
        login: login.to_owned(),
    })
}

/// Signs one person after the other in.
pub struct SignIns {
    pub door: Door,
    pub people: Arc<[Person]>,
    pub sessions: Vec<OpenSession>,
}

impl Worker for SignIns {
    async fn turn(&mut self, turn: usize) -> anyhow::Result<()> {
        let person = &self.people[turn % self.people.len()];
        let session = sign_in(&mut self.door, person, APPLICATION).await?;
        self.sessions.push(session);
        Ok(())
    }
}

/// Enters by open sessions. Every turn has an address of its own, since a session that asks for one
/// application too often is stopped.
pub struct Entries {
    pub door: Door,
    pub sessions: Arc<[OpenSession]>,
    /// Validate each ticket at once, or keep it for later.
    pub validates: bool,
    pub tickets: Vec<Ticket>,
    /// What tells the addresses of this run from those of others.
    pub mark: String,
}

impl Worker for Entries {
    async fn turn(&mut self, turn: usize) -> anyhow::Result<()> {
        let session = &self.sessions[turn % self.sessions.len()];
        let service = format!("{APPLICATION}{}/{turn}", self.mark);
        let (ticket, _) = enter(self.door.browser().await?, session, &service).await?;
        if self.validates {
            validate(self.door.application().await?, &ticket).await?;
        } else {
            self.tickets.push(ticket);
        }
        self.door.leave();
        Ok(())
    }
}

/// Validates tickets that were fetched before.
pub struct Validations {
    pub door: Door,
    pub tickets: Arc<[Ticket]>,
}

impl Worker for Validations {
    async fn turn(&mut self, turn: usize) -> anyhow::Result<()> {
        let ticket = self.tickets.get(turn).context("no ticket left")?;
        validate(self.door.application().await?, ticket).await?;
        self.door.leave();
        Ok(())
    }
}
