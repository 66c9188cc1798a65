//! Style sheets, scripts and pictures of the theme, named by their content so that browsers may keep
//! them for good.

use std::sync::Arc;

use axum::extract::{Path, State};
use http::HeaderMap;
use http::header::{ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, HeaderValue, VARY};
use http::{Response, StatusCode};

use crate::app::App;
use crate::http::answer::{Answer, text};

pub async fn show(
    State(app): State<Arc<App>>,
    Path((hash, name)): Path<(String, String)>,
    headers: HeaderMap,
) -> Answer {
    let themes = app.themes();
    let Some(asset) = themes.asset(&hash, &name) else {
        return text(
            StatusCode::NOT_FOUND,
            "text/plain;charset=UTF-8",
            "404\n".to_owned(),
        );
    };
    let short = asset.gzip.as_ref().filter(|_| takes_gzip(&headers));
    let bytes = short.unwrap_or(&asset.bytes);
    let mut answer = Response::new(axum::body::Body::from(bytes.clone()));
    if short.is_some() {
        let gzip = HeaderValue::from_static("gzip");
        answer.headers_mut().insert(CONTENT_ENCODING, gzip);
    }
    if asset.gzip.is_some() {
        let vary = HeaderValue::from_static("accept-encoding");
        answer.headers_mut().insert(VARY, vary);
    }
    if let Ok(content_type) = HeaderValue::from_str(asset.content_type) {
        answer.headers_mut().insert(CONTENT_TYPE, content_type);
    }
    let forever = HeaderValue::from_static("public, max-age=31536000, immutable");
    answer.headers_mut().insert(CACHE_CONTROL, forever);
    answer
}

/// Whether the browser named gzip and did not refuse it (RFC 9110 §12.5.3).
fn takes_gzip(headers: &HeaderMap) -> bool {
    let accepted = headers.get(ACCEPT_ENCODING).and_then(|value| value.to_str().ok());
    accepted.unwrap_or_default().split(',').any(|coding| {
        let (name, quality) = coding.split_once(';').unwrap_or((coding, ""));
        let refused = quality.trim().trim_start_matches("q=").parse() == Ok(0.0);
        name.trim().eq_ignore_ascii_case("gzip") && !refused
    })
}
