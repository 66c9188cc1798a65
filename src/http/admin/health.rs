//! `/livez` and `/readyz`: for what starts and stops nodes, and for what sends requests to them. Neither asks
//! anybody: readiness is looked at beside, however often it is asked for.

use axum::body::Body;
use http::{Response, StatusCode};
use serde_json::json;

use super::Told;
use crate::http::answer::text;

const PLAIN: &str = "text/plain; charset=utf-8";

/// That it answers is all: a directory or a store that is down is not mended by a restart.
pub(super) fn alive() -> Response<Body> {
    text(StatusCode::OK, PLAIN, "alive\n".to_owned())
}

/// Whether people should be sent here; the reasons are told to who shows the token.
pub(super) fn ready(told: &Told, with_reasons: bool) -> Response<Body> {
    let state = told.readiness.state();
    let status = match state.ready {
        true => StatusCode::OK,
        false => StatusCode::SERVICE_UNAVAILABLE,
    };
    if !with_reasons {
        let word = if state.ready { "ready\n" } else { "not ready\n" };
        return text(status, PLAIN, word.to_owned());
    }
    let reasons = json!({
        "ready": state.ready,
        "stopping": state.stopping,
        "store": state.store,
        "store_silent_seconds": state.store_silent.map(|silent| silent.as_secs()),
        "directories": { "up": state.directories_up, "of": state.directories },
    });
    text(status, "application/json", format!("{reasons}\n"))
}
