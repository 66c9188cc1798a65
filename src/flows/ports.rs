//! The parts that flows stand on: ports that live as long as the server, and the catalogue that a
//! reload replaces whole.

use std::collections::HashMap;
use std::sync::Arc;

use async_trait::async_trait;

use super::FlowError;
use super::login::RememberMe;
use super::recovery::{RecoveryPorts, RecoverySettings};
use crate::audit::{Audit, Event, Record};
use crate::base::clock::Clock;
use crate::base::entropy::{Entropy, Serials};
use crate::base::keys::KeyRing;
use crate::base::names::{RealmId, ServiceId, UpstreamId};
use crate::directory::Directory;
use crate::guard::{Captcha, Pace, Rooms, SignInGuard};
use crate::metrics::Metrics;
use crate::outgoing::Outgoing;
use crate::passwords::heavy::HeavyWork;
use crate::passwords::policy::Policy;
use crate::realms::{Institutions, Realm};
use crate::services::Registry;
use crate::tickets::{FarewellId, Farewells, ProxyTickets, SpentLately, TicketStore, UpstreamSessions};
use crate::upstreams::Upstream;

/// What one server runs with.
pub struct Ports {
    pub store: Arc<dyn TicketStore>,
    pub proxies: Arc<dyn ProxyTickets>,
    pub upstream_sessions: Arc<dyn UpstreamSessions>,
    /// Tickets that this node has seen spent, should the store forget it.
    pub spent: SpentLately,
    /// What each network may have the store keep of sign-ins elsewhere that are too long for a cookie.
    pub long_states: Pace,
    pub guard: SignInGuard,
    /// What each realm may have under way of tried passwords.
    pub rooms: Rooms,
    /// Where passwords are estimated and codes are verified.
    pub heavy: HeavyWork,
    pub captcha: Captcha,
    pub notices: Arc<dyn LogoutNotices>,
    /// What became of them, for the page.
    pub farewells: Arc<dyn Farewells>,
    pub metrics: Arc<Metrics>,
    /// Where it is written down what happened to whose account.
    pub audit: Arc<dyn Audit>,
    /// What recovery stands on beside these.
    pub recovery: RecoveryPorts,
    /// Calls the callbacks of proxies; nobody else's failures count there.
    pub callbacks: Outgoing,
    pub clock: Arc<dyn Clock>,
    pub entropy: Arc<dyn Entropy>,
    /// Names the attempts to take a ticket.
    pub attempts: Serials,
    pub keys: KeyRing,
}

impl Ports {
    /// An event of now, in the request that is answered here; to be filled in and recorded.
    pub fn event(&self, event: Event) -> Record {
        Record::of(event, self.clock.now())
    }

    /// Lets nobody in whom the audit would not tell of, where that is wished.
    pub async fn may_let_in(&self) -> Result<(), FlowError> {
        match self.audit.lets_sign_in().await {
            true => Ok(()),
            false => Err(FlowError::Unrecorded),
        }
    }

    /// Lets nothing happen that the audit must tell of while it cannot: what concerns a password, and what
    /// agents and operators do. It waits for what was recorded before.
    pub async fn must_record(&self) -> Result<(), FlowError> {
        match self.audit.keeps().await {
            true => Ok(()),
            false => Err(FlowError::Unrecorded),
        }
    }
}

/// What is configured about people and applications; replaced as a whole by a reload.
pub struct Catalogue {
    pub realms: HashMap<RealmId, Realm>,
    pub directories: HashMap<RealmId, Arc<dyn Directory>>,
    /// What new passwords must be.
    pub policies: HashMap<RealmId, Arc<Policy>>,
    /// How people get back in; absent where nobody does by himself.
    pub recovery: HashMap<RealmId, RecoverySettings>,
    /// For how long people may be kept signed in on a device; absent where they may not.
    pub remember: HashMap<RealmId, RememberMe>,
    /// Call the callbacks of portals that name authorities of their own (CAS-162); [`Ports::callbacks`]
    /// calls all others.
    pub callbacks: HashMap<ServiceId, Arc<Outgoing>>,
    pub institutions: Institutions,
    pub services: Registry,
    /// Other servers by whose word people may come, each for the realm that trusts it.
    pub upstreams: HashMap<(RealmId, UpstreamId), Arc<dyn Upstream>>,
}

impl Catalogue {
    pub fn realm(&self, id: &RealmId) -> Result<&Realm, FlowError> {
        self.realms.get(id).ok_or_else(|| FlowError::NoRealm(id.clone()))
    }

    /// What new passwords of the realm must be.
    pub fn policy(&self, id: &RealmId) -> Result<&Arc<Policy>, FlowError> {
        self.policies
            .get(id)
            .ok_or_else(|| FlowError::NoRealm(id.clone()))
    }

    /// How people of the realm get back in by themselves; `None` where they do not, or where nothing can
    /// be written.
    pub fn recovery_of(&self, id: &RealmId) -> Option<&RecoverySettings> {
        let writable = self.directories.get(id)?.writable();
        let settings = self.recovery.get(id)?;
        (writable && settings.mailboxes().next().is_some()).then_some(settings)
    }

    pub fn upstream(&self, realm: &RealmId, upstream: &UpstreamId) -> Option<&Arc<dyn Upstream>> {
        self.upstreams.get(&(realm.clone(), upstream.clone()))
    }

    pub fn directory(&self, id: &RealmId) -> Result<&Arc<dyn Directory>, FlowError> {
        self.directories
            .get(id)
            .ok_or_else(|| FlowError::NoRealm(id.clone()))
    }
}

/// One back-channel logout message, ready to be posted (CAS-190 to CAS-196).
#[derive(Clone, PartialEq, Eq)]
pub struct LogoutNotice {
    pub service: ServiceId,
    pub url: String,
    /// `application/x-www-form-urlencoded`, starting with `logoutRequest=`.
    pub body: String,
}

/// The ledger of logout messages. What it has taken is delivered whatever becomes of this process;
/// delivering never holds up the person (CAS-190).
#[async_trait]
pub trait LogoutNotices: Send + Sync {
    /// Takes the messages of one ended session; answers under which name it is remembered what becomes of
    /// them. What cannot be kept is logged and counted: a sign-out does not fail for it.
    async fn post(&self, notices: Vec<LogoutNotice>) -> FarewellId;
}
