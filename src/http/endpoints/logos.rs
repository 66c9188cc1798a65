//! `/logos/<name>`: the picture of an institution. Its bytes were looked through when they were read;
//! should one hold more than it seems, the answer's policy keeps it from doing anything.

use std::sync::Arc;

use axum::extract::{Path, State};
use http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderValue};
use http::{Response, StatusCode};

use crate::app::App;
use crate::http::answer::{Answer, text};
use crate::http::layers::Picture;

pub async fn show(State(app): State<Arc<App>>, Path(name): Path<String>) -> Answer {
    let catalogue = app.catalogue();
    let Some(logo) = catalogue.institutions.logo(&name) else {
        let gone = "404\n".to_owned();
        return text(StatusCode::NOT_FOUND, "text/plain;charset=UTF-8", gone);
    };
    let mut answer = Response::new(axum::body::Body::from(logo.bytes().to_vec()));
    answer.extensions_mut().insert(Picture);
    let headers = answer.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(logo.content_type()));
    let forever = HeaderValue::from_static("public, max-age=31536000, immutable");
    headers.insert(CACHE_CONTROL, forever);
    answer
}
