//! What programs are answered, as Apereo's REST protocol has it. Everything is text/plain or JSON but the
//! little page of a new session, in which nothing stands that was sent.

use http::header::{ACCEPT, HeaderValue, LOCATION, WWW_AUTHENTICATE};
use http::{HeaderName, StatusCode};
use serde_json::json;

use crate::base::clock::millis;
use crate::directory::Standing;
use crate::flows::FlowError;
use crate::flows::login::Refusal;
use crate::flows::rest::{Refused, WINDOW};
use crate::http::answer::{Answer, log_incident, text};
use crate::http::later;
use crate::http::visit::Visit;
use crate::protocol::ticket_id::TicketId;

pub(super) fn plain(status: StatusCode, body: &str) -> Answer {
    text(status, "text/plain;charset=UTF-8", body.to_owned())
}

pub(super) fn json(status: StatusCode, body: &serde_json::Value) -> Answer {
    text(status, "application/json;charset=UTF-8", body.to_string())
}

/// The JSON list of exception names (CAS-228).
fn exception(status: StatusCode, name: &str) -> Answer {
    json(status, &json!({ "authentication_exceptions": [name] }))
}

/// The same whatever was wrong: name, key or network.
pub(super) fn stranger() -> Answer {
    let mut answer = exception(StatusCode::UNAUTHORIZED, "UnauthorizedClientException");
    set(
        &mut answer,
        WWW_AUTHENTICATE,
        HeaderValue::from_static("Basic realm=\"rest\", charset=\"UTF-8\""),
    );
    answer
}

pub(super) fn closed() -> Answer {
    exception(StatusCode::FORBIDDEN, "UnauthorizedServiceException")
}

pub(super) fn unknown() -> Answer {
    plain(StatusCode::NOT_FOUND, "no such ticket-granting ticket")
}

/// CAS-227: clients take the id from `Location`; the page is for people who try it by hand.
pub(super) fn created(visit: &Visit, tgt: &TicketId) -> Answer {
    let place = visit.own_origin();
    let path = visit.endpoint(&format!("v1/tickets/{}", tgt.expose()));
    let url = place.join(&path).map(String::from).unwrap_or(path);
    let mut answer = match wants_text(visit) {
        true => plain(StatusCode::CREATED, tgt.expose()),
        false => text(StatusCode::CREATED, "text/html;charset=UTF-8", page(&url)),
    };
    if let Ok(mut place) = HeaderValue::from_str(&url) {
        place.set_sensitive(true);
        set(&mut answer, LOCATION, place);
    }
    answer
}

/// Whether the bare id is asked for, and no page.
fn wants_text(visit: &Visit) -> bool {
    let lines = visit.headers.get_all(ACCEPT).iter();
    let lines = lines.filter_map(|line| line.to_str().ok());
    let kinds = lines.flat_map(|line| line.split(','));
    let kinds: Vec<&str> = kinds
        .filter_map(|kind| kind.split(';').next())
        .map(str::trim)
        .collect();
    kinds.contains(&"text/plain") && !kinds.contains(&"text/html")
}

/// `url` is ours: origin, path and the symbols of a ticket.
fn page(url: &str) -> String {
    let url = escaped(url);
    format!(
        "<!DOCTYPE html><html lang=\"en\"><head><title>201 Created</title></head><body><h1>TGT Created</h1>\
         <form action=\"{url}\" method=\"POST\">Service:<input type=\"text\" name=\"service\" value=\"\"><br>\
         <input type=\"submit\" value=\"Submit\"></form></body></html>"
    )
}

/// For what was sent and is told back (CAS-234): plain text that would be harmless in a page, too.
pub(super) fn escaped(text: &str) -> String {
    let printed = text.chars().map(|symbol| match symbol.is_control() {
        true => char::REPLACEMENT_CHARACTER,
        false => symbol,
    });
    crate::pages::escaped(&printed.collect::<String>()).into_owned()
}

/// The store or the directory could not tell.
pub(super) fn down(visit: &Visit, error: &FlowError) -> Answer {
    log_incident(error);
    let mut answer = busy(visit);
    let seconds = later::after(visit.app.ports.entropy.as_ref(), error);
    later::retry_after(&mut answer, seconds);
    answer
}

/// There is no room for it now.
pub fn busy(visit: &Visit) -> Answer {
    let body = format!("not available now ({})", visit.request_id);
    plain(StatusCode::SERVICE_UNAVAILABLE, &body)
}

pub(super) fn refused(visit: &Visit, refused: &Refused) -> Answer {
    match refused {
        Refused::Credentials(refusal) => not_signed_in(visit, refusal),
        Refused::OverBudget => slower(StatusCode::TOO_MANY_REQUESTS, WINDOW.as_secs()),
        Refused::NoSession => unknown(),
        Refused::Service => closed(),
        Refused::CredentialsWanted => exception(StatusCode::UNAUTHORIZED, "UnauthorizedSsoServiceException"),
        Refused::Looping => slower(
            StatusCode::TOO_MANY_REQUESTS,
            crate::tickets::limits::LOOP_WINDOW.as_secs(),
        ),
    }
}

fn slower(status: StatusCode, seconds: u64) -> Answer {
    let mut answer = plain(status, "too many requests");
    later::retry_after(&mut answer, seconds);
    answer
}

fn not_signed_in(visit: &Visit, refusal: &Refusal) -> Answer {
    let name = match refusal {
        Refusal::NoUsername | Refusal::NoPassword | Refusal::FormUsed => {
            return plain(
                StatusCode::BAD_REQUEST,
                "no credentials: send username and password",
            );
        }
        Refusal::Throttled(wait) => {
            let status = StatusCode::from_u16(visit.app.settings.status_throttled);
            let seconds = millis(*wait).div_ceil(1000).max(1);
            return slower(status.unwrap_or(StatusCode::TOO_MANY_REQUESTS), seconds);
        }
        // A program is never asked for one.
        Refusal::Wrong { .. } | Refusal::Provisional(_) | Refusal::NotHuman(_) => "FailedLoginException",
        Refusal::MustChange(_) => "AccountPasswordMustChangeException",
        Refusal::Closed(closed) => match closed.standing {
            Standing::Expired => "CredentialExpiredException",
            Standing::MustChange => "AccountPasswordMustChangeException",
            Standing::Locked => "AccountLockedException",
            Standing::Announced => "InvalidLoginTimeException",
            _ => "AccountDisabledException",
        },
    };
    exception(StatusCode::UNAUTHORIZED, name)
}

fn set(answer: &mut Answer, name: HeaderName, value: HeaderValue) {
    answer.headers_mut().insert(name, value);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_told_back_is_harmless_anywhere() {
        // CAS-234, CAS-305
        let hostile = "TGT-<script>alert('1')</script>\"&\r\n\u{0}";
        let told = escaped(hostile);
        assert_eq!(
            told,
            "TGT-&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;&quot;&amp;\u{fffd}\u{fffd}\u{fffd}"
        );
    }
}
