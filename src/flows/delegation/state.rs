//! What the browser carries between going and coming back, sealed: typed, bound to the flow's id, good
//! once and for ten minutes (design §9). The id stands in the address it comes back to as well. What
//! is too long for a cookie waits, sealed all the same, in the ticket store; the browser carries the
//! right to it.

use std::net::IpAddr;
use std::time::Duration;

use data_encoding::BASE64URL_NOPAD;
use serde::{Deserialize, Serialize};

use super::{Errand, FragmentName, Link};
use crate::base::clock::Timestamp;
use crate::base::entropy::random_symbols;
use crate::base::keys::Purpose;
use crate::base::names::{InstitutionId, PersonKey, RealmId, UpstreamId};
use crate::flows::Ports;
use crate::protocol::login_request::ResponseMethod;
use crate::protocol::service_url::ServiceUrl;
use crate::tickets::{CameFrom, FlowKey, LONGEST_STATE, StoreError};

/// How long a person may take at the other server.
pub const LIFETIME: Duration = Duration::from_secs(600);

/// Characters of a flow's id: 119 bits.
pub const FLOW_ID_LENGTH: usize = 20;

/// Characters of a cookie at most: browsers take 4096 bytes with name and attributes, and proxies
/// hardly more than twice that of all cookies together.
pub const LONGEST_CARRIED: usize = 3_600;

/// What the cookie holds when the state is in the store. No sealed state is as short.
const KEPT: &str = "kept";

const CONTEXT: &str = "delegation ";

/// A state that is opened.
#[derive(Serialize, Deserialize)]
pub(super) struct State {
    realm: RealmId,
    upstream: UpstreamId,
    institution: InstitutionId,
    service: Option<String>,
    renew: bool,
    gateway: bool,
    method: u8,
    #[serde(default)]
    artifact: bool,
    warn: bool,
    #[serde(default)]
    fragment: Option<String>,
    begun: Timestamp,
    pub stage: Stage,
}

/// How far the flow is.
#[derive(Serialize, Deserialize)]
pub(super) enum Stage {
    /// At the other server, with what its adapter wants to see again, in base64.
    Away(String),
    /// The other server has said who came; several accounts are theirs.
    Choosing(Choosing),
}

#[derive(Serialize, Deserialize)]
pub(super) struct Choosing {
    pub people: Vec<PersonKey>,
    pub came_from: CameFrom,
    pub presented: bool,
    pub session: Option<String>,
}

/// A state that is closed again: the flow's id and what the cookie holds.
pub(super) struct Sealed {
    pub id: String,
    pub value: String,
}

/// What came of sealing.
pub(super) enum Sealing {
    Done(Sealed),
    /// Longer than anybody keeps.
    TooLong,
    /// The network of its browser has had its share of the store; when it may have more.
    Crowded(Duration),
}

impl State {
    pub fn new(link: &Link, errand: &Errand, begun: Timestamp, stage: Stage) -> State {
        State {
            realm: link.realm.clone(),
            upstream: link.upstream.clone(),
            institution: errand.institution.clone(),
            service: errand.service.as_ref().map(|url| url.as_str().to_owned()),
            renew: errand.renew,
            gateway: errand.gateway,
            method: match errand.method {
                None => 0,
                Some(ResponseMethod::Post) => 1,
                Some(ResponseMethod::Header) => 2,
                Some(ResponseMethod::Redirect) => 3,
            },
            artifact: errand.artifact,
            warn: errand.warn,
            fragment: errand.fragment.as_ref().map(|name| name.as_str().to_owned()),
            begun,
            stage,
        }
    }

    /// Seals it for the flow `id`. A stranger's state (`from` is their address) that needs room in the
    /// store is paced: nobody else's sign-in shall suffer for it.
    pub async fn seal(&self, ports: &Ports, id: String, from: Option<IpAddr>) -> Result<Sealing, StoreError> {
        let Ok(plain) = serde_json::to_vec(self) else {
            return Ok(Sealing::TooLong);
        };
        let sealed = ports
            .keys
            .seal(ports.entropy.as_ref(), context(&id).as_bytes(), &plain);
        let value = BASE64URL_NOPAD.encode(&sealed);
        if value.len() <= LONGEST_CARRIED {
            return Ok(Sealing::Done(Sealed { id, value }));
        }
        if sealed.len() > LONGEST_STATE {
            return Ok(Sealing::TooLong);
        }
        if let Some(Err(wait)) = from.map(|from| ports.long_states.take(from, ports.clock.now())) {
            return Ok(Sealing::Crowded(wait));
        }
        let flow = FlowKey::of(&id);
        ports
            .upstream_sessions
            .keep_state(&flow, &sealed, LIFETIME)
            .await?;
        let value = KEPT.to_owned();
        Ok(Sealing::Done(Sealed { id, value }))
    }

    /// The state of the flow `id`; `None` for anything that was not sealed for it.
    pub async fn open(ports: &Ports, id: &str, value: &str) -> Result<Option<State>, StoreError> {
        let sealed = if value == KEPT {
            ports.upstream_sessions.state(&FlowKey::of(id)).await?
        } else {
            BASE64URL_NOPAD.decode(value.as_bytes()).ok()
        };
        let plain = sealed.and_then(|sealed| ports.keys.open(context(id).as_bytes(), &sealed));
        Ok(plain.and_then(|plain| serde_json::from_slice(&plain).ok()))
    }

    pub fn is_of(&self, link: &Link) -> bool {
        self.realm == link.realm && self.upstream == link.upstream
    }

    pub fn is_late(&self, now: Timestamp) -> bool {
        now.is_past(self.begun, LIFETIME)
    }

    /// `None` when the service cannot be one any more.
    pub fn errand(&self) -> Option<Errand> {
        let service = self.service.as_deref().map(ServiceUrl::parse).transpose().ok()?;
        Some(Errand {
            institution: self.institution.clone(),
            service,
            renew: self.renew,
            gateway: self.gateway,
            method: match self.method {
                1 => Some(ResponseMethod::Post),
                2 => Some(ResponseMethod::Header),
                3 => Some(ResponseMethod::Redirect),
                _ => None,
            },
            artifact: self.artifact,
            warn: self.warn,
            fragment: self.fragment.as_deref().and_then(FragmentName::new),
        })
    }
}

pub(super) fn new_id(ports: &Ports) -> String {
    let alphabet = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    random_symbols(ports.entropy.as_ref(), alphabet, FLOW_ID_LENGTH)
}

/// The mark that the store spends with a flow, so that it comes back once.
pub(super) fn mark_of(ports: &Ports, id: &str) -> [u8; 16] {
    let whole = ports.keys.pseudonym(Purpose::Form, &[context(id).as_bytes()]);
    let mut mark = [0; 16];
    mark.iter_mut().zip(whole).for_each(|(to, from)| *to = from);
    mark
}

fn context(id: &str) -> String {
    format!("{CONTEXT}{id}")
}
