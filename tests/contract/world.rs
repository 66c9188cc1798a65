//! What the cases of the ticket store's contract stand on: a store in some place, the passing of
//! time there, and sessions and tickets to fill it with.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use mereau::base::clock::Timestamp;
use mereau::base::entropy::{Entropy, OsEntropy};
use mereau::base::keys::KeyRing;
use mereau::base::names::{AccountId, InstitutionId, PersonKey, RealmId, ServiceId};
use mereau::protocol::ticket_id::{Bucket, TicketId, TicketKind};
use mereau::tickets::{
    AccountRecord, Budgets, Challenges, Ended, Farewells, Granted, Marks, NewTicket, Nodes, ProxyTickets,
    Requests, ResetTickets, ServiceTicket, Session, SessionView, Taken, Throttle, TicketIdentity,
    TicketStore, UpstreamSessions,
};

/// A store under test and the passing of time in it.
#[async_trait]
pub trait Place: Send + Sync {
    fn tickets(&self) -> Arc<dyn TicketStore>;
    fn throttle(&self) -> Arc<dyn Throttle>;
    fn proxies(&self) -> Arc<dyn ProxyTickets>;
    fn upstreams(&self) -> Arc<dyn UpstreamSessions>;
    fn resets(&self) -> Arc<dyn ResetTickets>;
    fn requests(&self) -> Arc<dyn Requests>;
    fn farewells(&self) -> Arc<dyn Farewells>;
    fn budgets(&self) -> Arc<dyn Budgets>;
    fn marks(&self) -> Arc<dyn Marks>;
    fn nodes(&self) -> Arc<dyn Nodes>;
    fn challenges(&self) -> Arc<dyn Challenges>;
    fn keys(&self) -> KeyRing;
    fn now(&self) -> Timestamp;

    /// Brings everything in the store nearer to its expiry by `span`.
    async fn pass(&self, span: Duration);

    /// Sets the store's clock back by `span`.
    async fn back(&self, span: Duration);

    /// Keys in the store; `None` where nobody counts them.
    async fn held(&self) -> Option<usize> {
        None
    }

    /// Lets a moment pass between two looks at a condition, for the clock of the store too.
    async fn moment(&self);
}

pub const HOUR: Duration = Duration::from_secs(3600);
pub const SECOND: Duration = Duration::from_secs(1);

/// A store with what a test needs to fill it.
pub struct World {
    pub place: Box<dyn Place>,
    pub keys: KeyRing,
}

impl World {
    pub fn on(place: impl Place + 'static) -> World {
        let keys = place.keys();
        World {
            place: Box::new(place),
            keys,
        }
    }

    pub fn tickets(&self) -> Arc<dyn TicketStore> {
        self.place.tickets()
    }

    pub fn mint(&self, kind: TicketKind, account: &AccountId) -> TicketId {
        TicketId::mint(kind, Bucket::of(&self.keys, account), &self.keys, &OsEntropy)
    }

    pub fn tgt(&self, account: &AccountId) -> TicketId {
        self.mint(TicketKind::TicketGranting, account)
    }

    /// Two hours idle, eight in all.
    pub fn session(&self, account: &AccountId) -> Session {
        Session {
            account: account.clone(),
            institution: InstitutionId::new("lycee-fourier").unwrap(),
            login: format!("{}.dupont", account.person.0),
            display_name: "Zoé Dupont".to_owned(),
            signed_in_at: self.place.now(),
            idle: 2 * HOUR,
            hard_expiry: self.place.now().plus(8 * HOUR),
            remembered: false,
            warn: false,
            opened: Default::default(),
        }
    }

    pub async fn open(&self, account: &AccountId) -> TicketId {
        let session = self.session(account);
        self.open_as(session).await
    }

    pub async fn open_as(&self, session: Session) -> TicketId {
        let tgt = self.tgt(&session.account);
        let record = record(&session.account.person.0);
        self.tickets().open(&tgt, session, &record, None).await.unwrap();
        tgt
    }

    pub async fn grant(&self, tgt: &TicketId, account: &AccountId, url: &str) -> TicketId {
        let id = self.mint(TicketKind::Service, account);
        assert_eq!(self.try_grant(tgt, &id, url).await, Granted::Ticket);
        id
    }

    pub async fn try_grant(&self, tgt: &TicketId, id: &TicketId, url: &str) -> Granted {
        let ticket = ticket(url);
        self.tickets().grant(tgt, waiting(id, &ticket)).await.unwrap()
    }

    pub async fn take(&self, id: &TicketId, url: &str) -> Taken {
        self.take_as(id, url, &attempt()).await
    }

    pub async fn take_as(&self, id: &TicketId, url: &str, attempt: &[u8; 16]) -> Taken {
        self.tickets().take(id, &identity(url), attempt).await.unwrap()
    }

    pub async fn view(&self, tgt: &TicketId) -> Option<SessionView> {
        self.tickets().session(tgt).await.unwrap()
    }

    pub async fn end(&self, tgt: &TicketId) -> Option<Ended> {
        self.tickets().end(tgt).await.unwrap()
    }

    pub async fn pass(&self, span: Duration) {
        self.place.pass(span).await;
    }
}

pub const APP: &str = "https://notes.univ-exemple.fr/cas?next=%2F";
pub const OTHER: &str = "https://mail.univ-exemple.fr/";

pub fn account(realm: &str, person: &str) -> AccountId {
    AccountId {
        realm: RealmId::new(realm).unwrap(),
        person: PersonKey(person.to_owned()),
    }
}

pub fn anne() -> AccountId {
    account("univ", "7c1e1f60-anne")
}

pub fn attempt() -> [u8; 16] {
    OsEntropy.bytes()
}

pub fn identity(url: &str) -> TicketIdentity {
    let digest = ring::digest::digest(&ring::digest::SHA256, url.as_bytes());
    TicketIdentity(digest.as_ref()[..16].try_into().unwrap())
}

pub fn ticket(url: &str) -> ServiceTicket {
    ServiceTicket {
        identity: identity(url),
        service: ServiceId::new("notes").unwrap(),
        url: url.to_owned(),
        issued_at: Timestamp(1_795_000_000_123),
        from_new_login: true,
    }
}

pub fn record(login: &str) -> AccountRecord {
    AccountRecord {
        login: login.to_owned(),
        display_name: "Zoé Dupont".to_owned(),
        attributes: vec![
            ("mail".to_owned(), vec!["zoe@univ-exemple.fr".to_owned()]),
            ("memberOf".to_owned(), vec!["a".to_owned(), "b".to_owned()]),
        ],
        read_at: Timestamp(1_795_000_000_000),
    }
}

/// A ticket that waits 30 s.
pub fn waiting<'a>(id: &'a TicketId, ticket: &'a ServiceTicket) -> NewTicket<'a> {
    let ttl = 30 * SECOND;
    NewTicket { id, ticket, ttl }
}

pub fn is_whole(taken: &Taken) -> bool {
    matches!(taken, Taken::Whole(_))
}
