//! `GET /account/data`: what is held about a person here, as a file of theirs (experience §3.10). Nothing
//! that opens anything: no password, no ticket, no code. The password is asked once more, as a browser may
//! stand open.

use axum::body::Body;
use http::header::{CONTENT_DISPOSITION, CONTENT_TYPE, HeaderValue};
use serde_json::{Value, json};

use super::home::addresses;
use super::{Outcome, Seat, finish, sit_down};
use crate::directory::AttributeValue;
use crate::flows::FlowError;
use crate::flows::account::{entry, happened};
use crate::http::answer::Answer;
use crate::http::visit::Visit;
use crate::pages::views::my_account::Address;
use crate::tickets::SessionRef;

/// The word of this page where the password is asked first.
pub const WORD: &str = "data";

pub async fn show(visit: Visit) -> Answer {
    let outcome = show_inner(&visit).await;
    finish(&visit, outcome)
}

async fn show_inner(visit: &Visit) -> Outcome {
    let seat = match sit_down(visit).await? {
        Ok(seat) => seat,
        Err(answer) => return Ok(*answer),
    };
    if !seat.is_fresh() {
        return Ok(seat.prove_first(&[("then", WORD)]));
    }
    let held = held(&seat).await?;
    let text = serde_json::to_string_pretty(&held).unwrap_or_default();
    let mut answer = Answer::new(Body::from(text));
    let headers = answer.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    let name = HeaderValue::from_static("attachment; filename=\"mereau.json\"");
    headers.insert(CONTENT_DISPOSITION, name);
    Ok(answer)
}

async fn held(seat: &Seat<'_>) -> Result<Value, FlowError> {
    let visit = seat.visit;
    let (ports, catalogue) = (&visit.app.ports, &visit.catalogue);
    let owner = seat.owner();
    let account = owner.account();
    let session = &owner.session.view.session;
    let person = entry(catalogue, account).await?;
    let attributes = person.iter().flat_map(|person| person.attributes.iter());
    let attributes: serde_json::Map<String, Value> = attributes
        .map(|(name, values)| (name.to_owned(), values.iter().map(told).collect()))
        .collect();
    let own = SessionRef::of(&owner.session.tgt);
    let connections = ports.store.connections(account).await?;
    let connections = connections.listed.into_iter().map(|held| {
        let services = held.visits.iter().map(|visited| visited.service.as_str());
        json!({
            "this_one": held.of == own,
            "institution": held.view.session.institution.as_str(),
            "since": held.view.session.signed_in_at.to_rfc3339(),
            "last_used": held.view.last_used.to_rfc3339(),
            "kept_until": held.view.session.remembered.then(|| held.view.session.hard_expiry.to_rfc3339()),
            "program": held.view.session.program().map(ToString::to_string),
            "services": services.collect::<Vec<_>>(),
        })
    });
    let events = happened(ports, account).await?.into_iter().map(|event| {
        json!({
            "event": event.event.key().trim_start_matches("event-"),
            "at": event.at.to_rfc3339(),
            "refused": event.refused,
            "browser": event.browser.and_then(|browser| browser.family.name()),
            "system": event.browser.and_then(|browser| browser.system.name()),
            "network": event.network,
        })
    });
    Ok(json!({
        "login": session.login,
        "name": session.display_name,
        "institution": owner.institution.id.as_str(),
        "realm": account.realm.as_str(),
        "written": ports.clock.now().to_rfc3339(),
        "directory": attributes,
        "recovery": addresses(seat).await?.into_iter().map(address).collect::<Vec<_>>(),
        "connections": connections.collect::<Vec<_>>(),
        "events": events.collect::<Vec<_>>(),
    }))
}

fn told(value: &AttributeValue) -> Value {
    match value {
        AttributeValue::Text(text) => json!(text),
        AttributeValue::Bytes(bytes) => json!({ "base64": data_encoding::BASE64.encode(bytes) }),
    }
}

fn address(address: Address) -> Value {
    json!({
        "value": address.value,
        "kind": if address.mobile { "mobile" } else { "mail" },
        "state": address.state,
    })
}
