//! What browsers and applications ask of `/login`, as models ask it: the real flows, and answers that a
//! model can keep.

use std::net::IpAddr;

use mereau::audit::Actor;
use mereau::flows::login::{
    Arrival, Arrived, BrowserSession, Credentials, Refusal, SignedIn, Submitted, arrive, submit,
};
use mereau::flows::login_ticket::LoginTicket;
use mereau::flows::logout::{end_all_sessions, end_session};
use mereau::flows::validation::{Question, validate};
use mereau::flows::{FlowError, Target};
use mereau::guard::KnownDevice;
use mereau::protocol::{ServiceUrl, TicketId};
use mereau::tickets::DeviceEpoch;

use super::world::{PEOPLE, World};

/// What is typed, and where.
#[derive(Clone, Copy)]
pub struct Typed<'a> {
    pub who: usize,
    pub password: &'a str,
    pub service: Option<&'a str>,
    pub address: IpAddr,
    pub device: Option<KnownDevice<'a>>,
    pub node: usize,
}

/// What a sign-in comes to.
pub enum Came {
    In {
        browser: Box<BrowserSession>,
        ticket: Option<TicketId>,
        devices: DeviceEpoch,
    },
    Wrong,
    Throttled,
    /// Nobody is signed in, for another reason.
    Otherwise(String),
}

fn url(text: &str) -> ServiceUrl {
    ServiceUrl::parse(text).unwrap()
}

fn ticket(arrived: &Arrived<'_>) -> Option<TicketId> {
    match arrived {
        Arrived::Ticket { id, .. } => Some(id.clone()),
        _ => None,
    }
}

impl World {
    pub async fn sign_in(&self, typed: &Typed<'_>) -> Result<Came, FlowError> {
        let ports = &self.nodes[typed.node];
        let service = typed.service.map(url);
        let credentials = Credentials {
            institution: self.institution(),
            service: service.as_ref(),
            login_ticket: LoginTicket {
                mark: ports.attempts.next(),
            },
            username: PEOPLE[typed.who].0,
            password: typed.password,
            warn: false,
            remember: false,
            renew: false,
            address: typed.address,
            device: typed.device,
            proof: None,
            session: None,
        };
        Ok(match submit(ports, &self.catalogue, &credentials).await? {
            Submitted::SignedIn(signed_in) => came_in(&signed_in),
            Submitted::Refused(Refusal::Wrong { .. }) => Came::Wrong,
            Submitted::Refused(Refusal::Throttled(_)) => Came::Throttled,
            Submitted::Refused(other) => Came::Otherwise(format!("{other:?}")),
            Submitted::Unknown(other) => Came::Otherwise(format!("{other:?}")),
        })
    }

    /// A single sign-on entry: a ticket, or not.
    pub async fn enter(
        &self,
        node: usize,
        session: &BrowserSession,
        service: &str,
    ) -> Result<Option<TicketId>, FlowError> {
        let service = url(service);
        let arrival = Arrival {
            institution: self.institution(),
            service: Some(&service),
            renew: false,
            gateway: false,
            session: Some(session),
        };
        let arrived = arrive(&self.nodes[node], &self.catalogue, &arrival).await?;
        Ok(ticket(&arrived))
    }

    /// Whether an application lets somebody in.
    pub async fn validate(&self, node: usize, ticket: &TicketId, service: &str) -> Result<bool, FlowError> {
        let service = url(service);
        let question = Question {
            ticket,
            service: Target::Url(&service),
            renew: false,
            callback: None,
            proxies_welcome: false,
            realm: None,
        };
        let known = validate(&self.nodes[node], &self.catalogue, &question).await?;
        Ok(known.is_ok())
    }

    pub async fn sign_out(&self, node: usize, tgt: &TicketId) -> Result<(), FlowError> {
        let ended = end_session(&self.nodes[node], &self.catalogue, tgt, Actor::Person).await;
        ended.map(drop)
    }

    pub async fn sign_out_everywhere(&self, node: usize, who: usize) -> Result<(), FlowError> {
        let account = self.account(who);
        let ended = end_all_sessions(&self.nodes[node], &self.catalogue, &account, Actor::Person).await;
        ended.map(drop)
    }
}

fn came_in(signed_in: &SignedIn<'_>) -> Came {
    Came::In {
        browser: Box::new(BrowserSession::just_opened(signed_in)),
        ticket: ticket(&signed_in.goes),
        devices: signed_in.devices,
    }
}
