//! `/r/<token>`: a mailed link. Opening it moves the right into the browser's flow and changes nothing
//! (SEC-29, SEC-30). `/x/<token>`: the link that calls a request off, by a button.

use http::StatusCode;

use super::desk::{keep, sent_by_us};
use super::{Outcome, back, bad_request, finish, is_sure, too_many};
use crate::base::names::{AccountId, RealmId};
use crate::flows::FlowError;
use crate::flows::recovery::{Dead, Flow, Found, Opened, new_id, open, revoke_by_letter, see_letter};
use crate::http::answer::{Answer, page};
use crate::http::endpoints::login::go;
use crate::http::visit::{Visit, with_query};
use crate::pages::views::reset_link::{self as views, DeadLink, Revoke, Revoked};
use crate::realms::Institution;
use crate::tickets::Death;

/// `GET /r/<token>`.
pub async fn show(visit: Visit, token: Option<String>) -> Answer {
    let outcome = show_inner(&visit, token.as_deref().unwrap_or_default()).await;
    finish(&visit, outcome)
}

async fn show_inner(visit: &Visit, token: &str) -> Outcome {
    let here = here(visit);
    let ports = &visit.app.ports;
    Ok(match open(ports, token, here.as_ref(), visit.client).await? {
        Opened::TooMany => too_many(visit),
        Opened::Dead(why) => dead(visit, None, why),
        Opened::Back(flow, to) => back::arrive(visit, flow, &to),
        Opened::Flow(flow) => {
            let id = new_id(ports);
            let mut answer = go(visit, true, &new_url(visit, &flow, &id));
            keep(visit, &mut answer, &id, &flow);
            answer
        }
    })
}

/// The realm that this address is of: by its host, else by its path. What is of another realm is nothing
/// here (SEC-17); `None`: an address of every realm.
pub fn here(visit: &Visit) -> Option<RealmId> {
    let institutions = &visit.catalogue.institutions;
    let by_host = visit.host().and_then(|host| institutions.at_host(host));
    let by_path = || institutions.named(visit.path_tenant.as_deref()?);
    by_host
        .or_else(by_path)
        .map(|institution| institution.realm.clone())
}

/// The form's address: no secret in it. The institution is, for browsers that keep no cookies.
pub(super) fn new_url(visit: &Visit, flow: &Flow, id: &str) -> String {
    let mut pairs = vec![("flow", id.to_owned())];
    if visit.catalogue.institutions.only().is_none() && visit.path_tenant.is_none() {
        pairs.push(("tenant", flow.institution.to_string()));
    }
    with_query(&visit.endpoint("recover/new"), &pairs)
}

/// Why a link opens nothing, and where to ask for a new one.
pub fn dead(visit: &Visit, flow: Option<&Flow>, why: Dead) -> Answer {
    let at = |death: Death| match death {
        Death::Spent { at } => views::Dead::Used { at },
        Death::Expired { at } => views::Dead::Expired { at },
        Death::Replaced { at } => views::Dead::Replaced { at },
        Death::Revoked { at } => views::Dead::Revoked { at },
    };
    let shown = match why {
        Dead::Unknown => views::Dead::Unknown,
        Dead::Died(death) => at(death),
        Dead::Busy => views::Dead::Busy,
        Dead::Changed => views::Dead::Changed,
        Dead::WornOut => views::Dead::WornOut,
        Dead::Closed => views::Dead::Closed,
    };
    let status = match why {
        Dead::Unknown => StatusCode::NOT_FOUND,
        Dead::Busy => StatusCode::CONFLICT,
        _ => StatusCode::GONE,
    };
    dead_page(visit, flow, shown, status)
}

/// What the browser held of a flow is gone.
pub fn lost(visit: &Visit) -> Answer {
    dead_page(visit, None, views::Dead::Lost, StatusCode::GONE)
}

fn dead_page(visit: &Visit, flow: Option<&Flow>, why: views::Dead, status: StatusCode) -> Answer {
    let pairs = kept(visit, flow);
    let offered = !matches!(why, views::Dead::Closed | views::Dead::Busy);
    let url = |name: &str| with_query(&visit.endpoint(name), &pairs);
    let content = DeadLink {
        why,
        again: offered.then(|| url("recover")),
        code: offered.then(|| url("recover/code")),
        sign_in: url("login"),
    };
    page(visit, status, &content, &visit.frame(place(visit, flow)))
}

/// The institution that the page is about.
pub fn place<'a>(visit: &'a Visit, flow: Option<&Flow>) -> Option<&'a Institution> {
    let institutions = &visit.catalogue.institutions;
    let by_flow = flow.and_then(|flow| institutions.named(flow.institution.as_str()));
    let by_host = || visit.host().and_then(|host| institutions.at_host(host));
    let by_path = || institutions.named(visit.path_tenant.as_deref()?);
    let by_name = || institutions.named(visit.params.hint("tenant")?);
    by_flow
        .or_else(by_host)
        .or_else(by_path)
        .or_else(by_name)
        .or_else(|| institutions.only())
}

/// What the way back repeats: service and institution.
pub fn kept(visit: &Visit, flow: Option<&Flow>) -> Vec<(&'static str, String)> {
    let mut pairs = Vec::new();
    pairs.extend(
        flow.and_then(|flow| flow.service.clone())
            .map(|service| ("service", service)),
    );
    let several = visit.catalogue.institutions.only().is_none();
    if several && visit.path_tenant.is_none() {
        let place = place(visit, flow);
        pairs.extend(place.map(|place| ("tenant", place.id.to_string())));
    }
    pairs
}

/// `GET /x/<token>`: a button with a box, since a link that is only followed changes nothing.
pub async fn show_revoke(visit: Visit, token: Option<String>) -> Answer {
    let outcome = show_revoke_inner(&visit, token.as_deref().unwrap_or_default()).await;
    finish(&visit, outcome)
}

async fn show_revoke_inner(visit: &Visit, token: &str) -> Outcome {
    Ok(match seen(visit, token).await? {
        Found::Yes(()) => revoke_page(visit, token, false),
        Found::Dead => dead(visit, None, Dead::Unknown),
        Found::TooMany => too_many(visit),
    })
}

/// Whether the letter's link is good here: one about accounts of another realm is not (SEC-17).
async fn seen(visit: &Visit, token: &str) -> Result<Found<()>, FlowError> {
    let found = see_letter(&visit.app.ports, token, visit.client).await?;
    let here = here(visit);
    let is_here = |account: &AccountId| here.as_ref().is_none_or(|realm| account.realm == *realm);
    Ok(found.map(|accounts| accounts.iter().all(is_here).then_some(())))
}

fn revoke_page(visit: &Visit, token: &str, unticked: bool) -> Answer {
    let content = Revoke {
        action: visit.endpoint(&format!("x/{}", clean(token))),
        unticked,
        sign_in: with_query(&visit.endpoint("login"), &kept(visit, None)),
    };
    let status = match unticked {
        true => StatusCode::UNPROCESSABLE_ENTITY,
        false => StatusCode::OK,
    };
    page(visit, status, &content, &visit.frame(place(visit, None)))
}

/// `POST /x/<token>`.
pub async fn revoke(visit: Visit, token: Option<String>) -> Answer {
    let outcome = revoke_inner(&visit, token.as_deref().unwrap_or_default()).await;
    finish(&visit, outcome)
}

async fn revoke_inner(visit: &Visit, token: &str) -> Outcome {
    if !sent_by_us(visit) {
        return Ok(bad_request(visit));
    }
    match seen(visit, token).await? {
        Found::Yes(()) if !is_sure(visit) => return Ok(revoke_page(visit, token, true)),
        Found::Yes(()) => {}
        Found::Dead => return Ok(dead(visit, None, Dead::Unknown)),
        Found::TooMany => return Ok(too_many(visit)),
    }
    Ok(
        match revoke_by_letter(&visit.app.ports, token, visit.client).await? {
            Found::Yes(()) => revoked(visit, None),
            Found::Dead => dead(visit, None, Dead::Unknown),
            Found::TooMany => too_many(visit),
        },
    )
}

pub fn revoked(visit: &Visit, flow: Option<&Flow>) -> Answer {
    let content = Revoked {
        sign_in: with_query(&visit.endpoint("login"), &kept(visit, flow)),
    };
    page(visit, StatusCode::OK, &content, &visit.frame(place(visit, flow)))
}

pub(super) fn clean(token: &str) -> String {
    token
        .chars()
        .filter(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'))
        .take(64)
        .collect()
}
