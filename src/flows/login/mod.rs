//! Signing in: what `/login` comes to, as requestor (a GET: [`arrive`]) and as acceptor of
//! credentials (a POST: [`submit`]), or by a proxy's word ([`vouch`]). The decision matrix is CAS-31 to CAS-61.

mod arrive;
mod authenticate;
mod change;
mod closed;
mod door;
mod ending;
mod open;
mod remember;
mod submit;
mod trusted;

pub use arrive::{Arrival, Arrived, BrowserSession, FormReason, arrive, confirm_warning};
pub(crate) use arrive::{access, enter_anew};
pub(crate) use authenticate::{By, Presented, try_password};
pub use authenticate::{Proof, Unproved, challenge};
pub use change::{Change, Changed, WhyNot, change, changing_person};
pub use closed::ClosedAccount;
pub(crate) use closed::closed_by;
pub use ending::{Age, age};
pub(crate) use open::{Opening, open_session};
pub(crate) use remember::Remember;
pub use remember::RememberMe;
pub use submit::{Credentials, Refusal, SignedIn, Submitted, submit};
pub use trusted::{Trusted, Vouched, vouch};

use crate::base::clock::Timestamp;
use crate::base::names::RealmId;
use crate::protocol::service_url::ServiceUrl;
use crate::services::{Registry, Service};

/// A service URL with the registration that admits it.
#[derive(Clone)]
pub struct KnownService<'a> {
    pub url: ServiceUrl,
    pub service: &'a Service,
}

impl KnownService<'_> {
    /// Where the browser is sent: the URL that asked, unless the registration names another place;
    /// the ticket is bound to the URL that asked all the same (CAS-83).
    pub fn destination(&self) -> &ServiceUrl {
        self.service.redirect_url.as_ref().unwrap_or(&self.url)
    }
}

/// Why a named service gets no ticket; every such answer is a page without a link (CAS-62).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnknownService {
    /// The text is not a URL we send anybody to.
    Malformed,
    Unregistered,
    Disabled,
    /// Open from that moment on (CAS-60).
    NotYet(Timestamp),
    /// Not open any more.
    Over,
    /// Registered, but not for this realm (CAS-60).
    OtherRealm,
}

/// The registration behind a service URL, whatever the realm.
pub fn known<'a>(
    services: &'a Registry,
    url: &ServiceUrl,
    now: Timestamp,
) -> Result<KnownService<'a>, UnknownService> {
    match services.find(url) {
        None => Err(UnknownService::Unregistered),
        Some(service) if !service.enabled => Err(UnknownService::Disabled),
        Some(service) if !service.is_open(now) => Err(match service.window.opens {
            Some(opens) if now < opens => UnknownService::NotYet(opens),
            _ => UnknownService::Over,
        }),
        Some(service) => Ok(KnownService {
            url: url.clone(),
            service,
        }),
    }
}

/// Whether people of `realm` may use the service at all.
pub(crate) fn open_to(known: &KnownService<'_>, realm: &RealmId) -> Result<(), UnknownService> {
    if known.service.open_to(realm) {
        Ok(())
    } else {
        Err(UnknownService::OtherRealm)
    }
}
