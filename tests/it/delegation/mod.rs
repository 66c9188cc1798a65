//! Signing in by another server's word, with a server that answers what a test tells it to: what a real
//! one would hardly do.

mod faults;
mod forced;
mod journeys;
mod over;

use mereau::base::names::{RealmId, UpstreamId};
use mereau::base::texts::Texts;
use mereau::flows::Catalogue;
use mereau::outgoing::{Outgoing, OutgoingSettings};
use mereau::realms::{Delegation, ForWhom, Join, OnLogout, Position};
use mereau::tls::Roots;
use mereau::upstreams::Upstream;
use mereau::upstreams::cas::{CasSettings, CasUpstream, CasVersion};
use std::sync::Arc;
use std::time::Duration;
use url::Url;

use crate::house::{Browser, Callbacks, House, Plan, Reply, build, encoded, usual_services};

/// A house whose campus trusts a server, and that server.
pub struct World {
    pub house: House,
    pub upstream: Callbacks,
}

/// « SSO CAS », below the form, for everybody; joined by login.
pub fn sso() -> Delegation {
    Delegation {
        upstream: UpstreamId::new("sso").unwrap(),
        name: Texts::same("SSO CAS"),
        audience: ForWhom::Everybody,
        position: Position::After,
        institutions: vec![],
        joins: vec![join("user", "uid")],
        taken: vec![],
        on_logout: OnLogout::Offer,
    }
}

pub fn join(theirs: &str, ours: &str) -> Join {
    Join {
        theirs: theirs.to_owned(),
        ours: ours.to_owned(),
    }
}

pub async fn world(delegations: Vec<Delegation>) -> World {
    let house = build(Plan {
        outgoing: patient(Duration::from_secs(60)),
        ..Plan::default()
    })
    .await;
    let upstream = Callbacks::start(house.authority.issue(&["localhost"])).await;
    let world = World { house, upstream };
    world.trust(delegations, Duration::from_secs(60));
    world
}

fn patient(deadline: Duration) -> OutgoingSettings {
    OutgoingSettings {
        deadline,
        // Whether a server rests is the client's own test.
        failures: u32::MAX,
        ..OutgoingSettings::default()
    }
}

pub const APP: &str = crate::house::APP;

impl World {
    /// Reloads the campus with these delegations, all to the one server there is.
    pub fn trust(&self, delegations: Vec<Delegation>, deadline: Duration) {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("ca.pem");
        std::fs::write(&file, self.house.authority.pem()).unwrap();
        let like = Outgoing::new(patient(deadline)).unwrap();
        let settings = CasSettings {
            url: Url::parse(&format!("https://localhost:{}/sso", self.upstream.port())).unwrap(),
            version: CasVersion::Three,
            roots: Roots::File(file),
        };
        let upstream: Arc<dyn Upstream> = Arc::new(CasUpstream::new(settings, &like).unwrap());
        let old = self.house.app.catalogue();
        let campus = RealmId::new("campus").unwrap();
        let mut realms = old.realms.clone();
        let named = delegations
            .iter()
            .map(|one| ((campus.clone(), one.upstream.clone()), upstream.clone()));
        let upstreams = named.collect();
        realms.get_mut(&campus).unwrap().delegations = delegations;
        self.house.app.replace_catalogue(Catalogue {
            realms,
            directories: old.directories.clone(),
            policies: old.policies.clone(),
            recovery: Default::default(),
            remember: old.remember.clone(),
            callbacks: old.callbacks.clone(),
            institutions: old.institutions.clone(),
            services: crate::house::registry(&usual_services()),
            upstreams,
        });
    }

    /// What the server answers from now on, as XML with status 200.
    pub fn say(&self, xml: &str) {
        self.say_whole(&format!(
            "HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{xml}",
            xml.len()
        ));
    }

    pub fn say_whole(&self, answer: &str) {
        self.upstream
            .answer_with(Box::leak(answer.to_owned().into_boxed_str()));
    }
}

/// An answer about `user` with these elements behind.
pub fn yes(user: &str, attributes: &str) -> String {
    format!(
        "<cas:serviceResponse xmlns:cas=\"http://www.yale.edu/tp/cas\"><cas:authenticationSuccess>\
         <cas:user>{user}</cas:user><cas:attributes>{attributes}</cas:attributes>\
         </cas:authenticationSuccess></cas:serviceResponse>"
    )
}

pub fn no(code: &str) -> String {
    format!(
        "<cas:serviceResponse xmlns:cas=\"http://www.yale.edu/tp/cas\">\
         <cas:authenticationFailure code=\"{code}\">no</cas:authenticationFailure></cas:serviceResponse>"
    )
}

/// `/login/with/sso` on the campus, with more parameters.
pub fn with(more: &str) -> String {
    format!("/cas/login/with/sso?tenant=campus{more}")
}

pub fn for_app() -> String {
    with(&format!("&service={}", encoded(APP)))
}

/// Where a browser is sent: the other server's sign-in, and from there back.
pub struct Trip {
    pub there: Url,
    /// As the other server was given it.
    pub back: Url,
}

impl Trip {
    pub fn of(reply: &Reply) -> Trip {
        assert_eq!(reply.status, 302, "{}", reply.body);
        let there = Url::parse(reply.location()).unwrap();
        assert_eq!(there.path(), "/sso/login");
        let pairs: Vec<_> = there.query_pairs().collect();
        let service = pairs.iter().filter(|(name, _)| name == "service");
        let back: Vec<_> = service.map(|(_, value)| Url::parse(value).unwrap()).collect();
        assert_eq!(back.len(), 1);
        Trip {
            back: back[0].clone(),
            there,
        }
    }

    /// The path to come back to, with `more` in the query.
    pub fn path(&self, more: &str) -> String {
        format!("{}?{}{more}", self.back.path(), self.back.query().unwrap())
    }

    pub fn flow(&self) -> String {
        self.back
            .query()
            .unwrap()
            .strip_prefix("flow=")
            .unwrap()
            .to_owned()
    }
}

/// Goes there and comes back with a ticket.
pub async fn through(browser: &mut Browser<'_>, path: &str) -> Reply {
    let trip = Trip::of(&browser.get(path).await);
    browser.get(&trip.path("&ticket=ST-1-abc")).await
}
