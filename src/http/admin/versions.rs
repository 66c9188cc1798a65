//! `/versions`: what this node serves and what the others say that they serve, side by side.

use axum::body::Body;
use http::{Response, StatusCode};
use serde_json::json;

use super::Told;
use crate::http::answer::text;
use crate::jobs::presence::{Node, differences};

pub(super) async fn page(told: &Told) -> Response<Body> {
    let Some(presence) = &told.presence else {
        return super::plain(StatusCode::NOT_FOUND);
    };
    let asked = tokio::time::timeout(super::PATIENCE, presence.all()).await;
    let store = matches!(asked, Ok(Ok(_)));
    let nodes: Vec<Node> = match asked {
        Ok(Ok(nodes)) => nodes,
        // Of itself it always knows.
        _ => vec![presence.own()],
    };
    let differ: Vec<&str> = differences(&nodes)
        .iter()
        .filter_map(|(what, differ)| differ.then_some(*what))
        .collect();
    let page = json!({
        "node": presence.own(),
        "store": store,
        "nodes": nodes,
        "differ": differ,
    });
    let page = serde_json::to_string_pretty(&page).unwrap_or_default();
    text(StatusCode::OK, "application/json", page + "\n")
}
