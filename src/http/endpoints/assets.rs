//! Style sheets, scripts and pictures of the theme, named by their content so that browsers may keep
//! them for good.

use std::sync::Arc;

use axum::extract::{Path, State};
use http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderValue};
use http::{Response, StatusCode};

use crate::app::App;
use crate::http::answer::{Answer, text};

pub async fn show(State(app): State<Arc<App>>, Path((hash, name)): Path<(String, String)>) -> Answer {
    let themes = app.themes();
    let Some(asset) = themes.asset(&hash, &name) else {
        return text(
            StatusCode::NOT_FOUND,
            "text/plain;charset=UTF-8",
            "404\n".to_owned(),
        );
    };
    let mut answer = Response::new(axum::body::Body::from(asset.bytes.clone()));
    if let Ok(content_type) = HeaderValue::from_str(asset.content_type) {
        answer.headers_mut().insert(CONTENT_TYPE, content_type);
    }
    let forever = HeaderValue::from_static("public, max-age=31536000, immutable");
    answer.headers_mut().insert(CACHE_CONTROL, forever);
    answer
}
