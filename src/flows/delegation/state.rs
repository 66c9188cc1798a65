//! What the browser carries between going and coming back, sealed: typed, bound to the flow's id, good
//! once and for ten minutes (design §9). The id stands in the address it comes back to as well.

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
use crate::tickets::CameFrom;

/// How long a person may take at the other server.
pub const LIFETIME: Duration = Duration::from_secs(600);

/// Characters of a flow's id: 119 bits.
pub const FLOW_ID_LENGTH: usize = 20;

/// Characters of a sealed state at most: what a header block can carry beside all else.
pub const LONGEST_STATE: usize = 12_000;

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
                ResponseMethod::Redirect => 0,
                ResponseMethod::Post => 1,
                ResponseMethod::Header => 2,
            },
            warn: errand.warn,
            fragment: errand.fragment.as_ref().map(|name| name.as_str().to_owned()),
            begun,
            stage,
        }
    }

    /// `None` when it is longer than any browser would carry.
    pub fn seal(&self, ports: &Ports, id: String) -> Option<Sealed> {
        let plain = serde_json::to_vec(self).ok()?;
        let sealed = ports
            .keys
            .seal(ports.entropy.as_ref(), context(&id).as_bytes(), &plain);
        let value = BASE64URL_NOPAD.encode(&sealed);
        (value.len() <= LONGEST_STATE).then_some(Sealed { id, value })
    }

    /// The state of the flow `id`; `None` for anything that was not sealed for it.
    pub fn open(ports: &Ports, id: &str, value: &str) -> Option<State> {
        let sealed = BASE64URL_NOPAD.decode(value.as_bytes()).ok()?;
        let plain = ports.keys.open(context(id).as_bytes(), &sealed)?;
        serde_json::from_slice(&plain).ok()
    }

    pub fn is_of(&self, link: &Link) -> bool {
        self.realm == link.realm && self.upstream == link.upstream
    }

    pub fn is_late(&self, now: Timestamp) -> bool {
        now.since(self.begun) > LIFETIME
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
                1 => ResponseMethod::Post,
                2 => ResponseMethod::Header,
                _ => ResponseMethod::Redirect,
            },
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
