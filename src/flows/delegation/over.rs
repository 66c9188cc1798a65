//! The end of a session that two servers know of: the other one tells us, or our sign-out goes on to
//! it.

use url::Url;

use super::Link;
use crate::audit::Actor;
use crate::flows::login::SignedIn;
use crate::flows::logout::{SignedOut, end_session};
use crate::flows::{Catalogue, FlowError, Ports};
use crate::protocol::params::Params;
use crate::protocol::ticket_id::{TicketId, TicketKind};
use crate::realms::OnLogout;
use crate::tickets::{Session, UpstreamTicket};

const CONTEXT: &[u8] = b"session of an upstream ticket";

/// Remembers which session the other server's began. What is kept is sealed: the store alone cannot
/// end or use a session with it (CAS-114).
pub(super) async fn remember(
    ports: &Ports,
    link: &Link,
    session: &str,
    signed_in: &SignedIn<'_>,
) -> Result<(), FlowError> {
    let ticket = UpstreamTicket::of(&link.realm, &link.upstream, session);
    let sealed = ports
        .keys
        .seal(ports.entropy.as_ref(), CONTEXT, signed_in.tgt.expose().as_bytes());
    let ttl = signed_in.session.hard_expiry.since(ports.clock.now());
    ports
        .upstream_sessions
        .keep_upstream(&ticket, &sealed, ttl)
        .await?;
    Ok(())
}

/// How a message came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Channel {
    /// From the server itself, by POST.
    Back,
    /// Through a browser, by GET: for servers that cannot reach us.
    Front,
}

/// The other server says that a session is over: ours ends with it and its applications are told.
/// Knowing the ticket is the right to say so, since only that server and we ever saw it. `None` when
/// this is no such message.
pub async fn ended(
    ports: &Ports,
    catalogue: &Catalogue,
    link: &Link,
    (channel, message): (Channel, &Params),
) -> Result<Option<SignedOut>, FlowError> {
    let upstream = catalogue.upstream(&link.realm, &link.upstream);
    let session = upstream.and_then(|upstream| match channel {
        Channel::Back => upstream.ended(message),
        Channel::Front => upstream.ended_by_browser(message),
    });
    let Some(session) = session else {
        return Ok(None);
    };
    let ticket = UpstreamTicket::of(&link.realm, &link.upstream, &session);
    let kept = ports.upstream_sessions.take_upstream(&ticket).await?;
    let opened = kept.and_then(|sealed| ports.keys.open(CONTEXT, &sealed));
    let tgt = opened.and_then(|plain| {
        let text = String::from_utf8(plain).ok()?;
        TicketId::parse(TicketKind::TicketGranting, &text)
    });
    match tgt {
        None => Ok(Some(SignedOut::default())),
        Some(tgt) => {
            tracing::info!(realm = %link.realm, upstream = %link.upstream, "another server ended a session");
            Ok(Some(end_session(ports, catalogue, &tgt, Actor::Server).await?))
        }
    }
}

/// What a sign-out here owes the other server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignOut {
    pub link: Link,
    pub how: OnLogout,
    /// Where the browser goes for it.
    pub url: String,
}

/// Where the browser ends the session that `session` came from, to return to `back`. `None` when it
/// came from nowhere, or nothing is to be done.
pub fn sign_out(catalogue: &Catalogue, session: &Session, back: &Url) -> Option<SignOut> {
    let came_from = session.came_from()?;
    let link = Link {
        realm: session.account.realm.clone(),
        upstream: came_from.upstream.clone(),
    };
    let realm = catalogue.realms.get(&link.realm)?;
    let delegations = realm.delegations.iter();
    let how = delegations
        .filter(|one| one.upstream == link.upstream)
        .map(|one| one.on_logout)
        .next()?;
    if how == OnLogout::Nothing {
        return None;
    }
    let url = catalogue.upstream(&link.realm, &link.upstream)?.sign_out(back)?;
    Some(SignOut {
        link,
        how,
        url: url.into(),
    })
}
