//! Proxying: a portal that validated a ticket gets a proxy-granting ticket (PGT) by callback, and
//! with it asks for tickets to other services in the person's name.

use http::StatusCode;
use url::Url;

use super::fresh::refresh_account;
use super::{Catalogue, FlowError, Ports, Target};
use crate::base::clock::Timestamp;
use crate::base::names::RealmId;
use crate::outgoing::Outgoing;
use crate::protocol::proxy_request::ProxyFailure;
use crate::protocol::service_url::ServiceUrl;
use crate::protocol::ticket_id::{Bucket, TicketId, TicketKind};
use crate::protocol::validation_request::ValidationFailure;
use crate::services::{Access, Registry, Service};
use crate::tickets::limits::PROXIES_CHAINED;
use crate::tickets::{AccountRecord, NewTicket, ProxyGrant, ProxySession, ServiceTicket, TakenTicket};

/// Delivers a new PGT to `callback` by one GET and keeps it when that answered 200; answers its
/// PGTIOU. A failure stores nothing, and the validation that asked fails with it (CAS-165, CAS-168).
pub async fn deliver(
    ports: &Ports,
    catalogue: &Catalogue,
    service: &Service,
    taken: &TakenTicket,
    callback: &str,
) -> Result<Result<TicketId, ValidationFailure>, FlowError> {
    if service.proxy_callbacks.is_empty() || taken.proxies.len() >= PROXIES_CHAINED {
        return Ok(Err(ValidationFailure::UnauthorizedServiceProxy));
    }
    let Some(url) = registered(service, callback) else {
        tracing::warn!(service = %service.id, reason = "PROXY_CALLBACK_NOT_REGISTERED", "validation refused");
        return Ok(Err(ValidationFailure::InvalidProxyCallback));
    };
    let bucket = Bucket::of(&ports.keys, &taken.session.account);
    let [pgt, iou] = [TicketKind::ProxyGranting, TicketKind::ProxyGrantingIou]
        .map(|kind| TicketId::mint(kind, bucket, &ports.keys, ports.entropy.as_ref()));
    let own = catalogue.callbacks.get(&service.id);
    let client = own.map_or(&ports.callbacks, AsRef::as_ref);
    if !is_accepted(client, service, &with_tickets(url, &pgt, &iou)).await {
        return Ok(Err(ValidationFailure::InvalidProxyCallback));
    }
    let passed = taken.proxies.iter().cloned();
    let grant = ProxyGrant {
        service: service.id.clone(),
        chain: std::iter::once(callback.to_owned()).chain(passed).collect(),
    };
    let longest = service.granting_ticket_lifetime;
    let kept = ports.proxies.keep_pgt(&pgt, &taken.of, &grant, longest).await?;
    // The person may have signed out while the callback ran.
    Ok(kept.then_some(iou).ok_or(ValidationFailure::InvalidTicket))
}

/// The callback as the client that calls reads it, which must be the registered host.
fn registered(service: &Service, callback: &str) -> Option<Url> {
    let known = ServiceUrl::parse(callback).ok()?;
    let url = Url::parse(callback).ok()?;
    (service.takes_callback(&known) && url.host_str() == Some(known.host())).then_some(url)
}

/// Both tickets after whatever the query held (CAS-164).
fn with_tickets(mut url: Url, pgt: &TicketId, iou: &TicketId) -> Url {
    url.set_fragment(None);
    url.query_pairs_mut()
        .append_pair("pgtIou", iou.expose())
        .append_pair("pgtId", pgt.expose());
    url
}

/// Calls once. Only 200 counts; a redirect is not followed, so nothing is ever sent to another host
/// or in clear (CAS-165, CAS-166).
async fn is_accepted(client: &Outgoing, service: &Service, url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    match client.get(url).await {
        Ok(StatusCode::OK) => return true,
        Ok(status) => {
            tracing::warn!(service = %service.id, host, status = status.as_u16(), reason = "PROXY_CALLBACK_STATUS", "validation refused");
        }
        Err(error) => {
            let cause = std::error::Error::source(&error).map(ToString::to_string);
            tracing::warn!(service = %service.id, %error, cause, reason = "PROXY_CALLBACK_FAILED", "validation refused");
        }
    }
    false
}

/// What a portal asks of `/proxy`.
pub struct Wish<'a> {
    pub pgt: &'a TicketId,
    pub target: Target<'a>,
    /// Only people of this realm (a request under `/t/<institution>/`).
    pub realm: Option<&'a RealmId>,
}

/// Gives a proxy ticket for the target, good for one validation (CAS-175 to CAS-183). Nothing of
/// the PGT is used up.
pub async fn grant(
    ports: &Ports,
    catalogue: &Catalogue,
    wish: &Wish<'_>,
) -> Result<Result<TicketId, ProxyFailure>, FlowError> {
    let found = ports.proxies.pgt(wish.pgt).await?;
    let of_realm = |found: &ProxySession| {
        wish.realm
            .is_none_or(|realm| *realm == found.session.account.realm)
    };
    let Some(mut found) = found.filter(of_realm) else {
        return Ok(Err(ProxyFailure::InvalidTicket));
    };
    let kept = found.record.take();
    let Some(record) = refresh_account(ports, catalogue, &found.session.account, kept).await? else {
        return Ok(Err(ProxyFailure::InvalidTicket));
    };
    let record = record.beside(found.session.came_from());
    let now = ports.clock.now();
    let Some(service) = target(&catalogue.services, wish, (&found, &record), now) else {
        let wanted = wish.target.for_log(&catalogue.services);
        tracing::warn!(proxy = %found.grant.service, wanted, "proxy ticket refused");
        return Ok(Err(ProxyFailure::UnauthorizedService));
    };
    let account = &found.session.account;
    let id = TicketId::mint(
        TicketKind::Proxy,
        Bucket::of(&ports.keys, account),
        &ports.keys,
        ports.entropy.as_ref(),
    );
    let ticket = ServiceTicket {
        identity: wish.target.identity(Some(service)),
        service: service.id.clone(),
        url: wish.target.text().to_owned(),
        issued_at: now,
        from_new_login: false,
    };
    let told = !service.logout_targets(&ticket.url).is_empty();
    let usual = catalogue.realm(&account.realm)?.lifetimes.service_ticket;
    let new = NewTicket {
        id: &id,
        ticket: &ticket,
        ttl: service.proxy_lifetime().unwrap_or(usual),
    };
    let granted = ports.proxies.grant_proxy(wish.pgt, new, told).await?;
    Ok(granted.then_some(id).ok_or(ProxyFailure::InvalidTicket))
}

/// The service that the ticket is for, when it and every proxy on the way are open to the person. One
/// that wants credentials each time takes nobody's word for them.
fn target<'a>(
    services: &'a Registry,
    wish: &Wish<'_>,
    (found, record): (&ProxySession, &AccountRecord),
    now: Timestamp,
) -> Option<&'a Service> {
    let realm = &found.session.account.realm;
    let open = |service: &Service| service.access(realm, &record.attributes, now) == Access::Granted;
    let service = wish.target.service(services).filter(|service| open(service))?;
    // How long the session has not been used is not known here, and a portal's question is a use.
    let enough = service.takes_session(found.session.signed_in_at, now, now);
    (enough && may_proxy(services, &found.grant, open)).then_some(service)
}

/// Whether every proxy of the chain may still proxy: a reload that withdraws the right reaches the
/// PGTs that are out. The latest proxy is known by its registration. Of those before it only the
/// callback URLs are known, so any open service that may have PGTs delivered there stands for them.
fn may_proxy(services: &Registry, grant: &ProxyGrant, open: impl Fn(&Service) -> bool) -> bool {
    let takes = |service: &Service, url: &ServiceUrl| service.takes_callback(url) && open(service);
    let mut links = grant
        .chain
        .iter()
        .map(|callback| ServiceUrl::parse(callback).ok());
    let latest = links.next().flatten().zip(services.by_id(&grant.service));
    latest.is_some_and(|(url, service)| takes(service, &url))
        && links.all(|url| url.is_some_and(|url| services.all().iter().any(|service| takes(service, &url))))
}
