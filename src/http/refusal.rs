//! The themed page of a request that no handler answered: refused by the layers, or a panic of ours.

use std::sync::Arc;

use axum::body::Body;
use http::{Request, StatusCode};

use super::answer::{Answer, text, trouble};
use super::layers::{Refusal, RefusalPage};
use super::visit::Visit;
use crate::app::App;
use crate::pages::views::trouble::TroubleKind;

/// Draws refusals in the language and frame the request would have had.
pub fn refusal_page(app: Arc<App>) -> RefusalPage {
    Arc::new(move |refusal| draw(&app, refusal))
}

fn draw(app: &Arc<App>, refusal: &Refusal) -> Answer {
    let mut request = Request::builder().uri(refusal.uri.clone());
    for (name, value) in [
        ("host", &refusal.host),
        ("accept-language", &refusal.accept_language),
    ] {
        if let Some(value) = value {
            request = request.header(name, value.clone());
        }
    }
    let Ok(request) = request.extension(refusal.request_id).body(Body::empty()) else {
        return text(
            refusal.status,
            "text/plain;charset=UTF-8",
            format!("{}\n{}\n", refusal.status, refusal.request_id),
        );
    };
    let visit = Visit::begin(Arc::clone(app), request.into_parts().0, None, b"");
    trouble(&visit, refusal.status, kind_of(refusal.status), None)
}

fn kind_of(status: StatusCode) -> TroubleKind {
    match status {
        StatusCode::NOT_FOUND => TroubleKind::NotFound,
        StatusCode::BAD_REQUEST => TroubleKind::BadRequest,
        status if status.is_server_error() => TroubleKind::Incident,
        _ => TroubleKind::NotAllowed,
    }
}
