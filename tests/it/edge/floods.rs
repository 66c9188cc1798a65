//! Floods of HTTP/2 frames that ask for nothing, each until the server has had enough; what h2 itself ends
//! and what is counted here (`http::server`, `frames`). The served binary has the same in tests/live.

use super::client::Client;
use super::floods_of::{FLOODS, Flood, flooded};
use super::server::{PATIENCE, patient};
use super::tls::start_secured;

/// Frames after which a flood must be over: far more than the allowance, far fewer than a flood of a second.
const MOST: usize = 40_000;

/// Whether the server ends a connection with this flood before it has been sent `MOST` frames.
async fn ends(flood: &Flood) -> bool {
    let secured = start_secured(patient()).await;
    let stream = secured.connect("h2").await.unwrap();
    let frames = flooded(stream, flood, MOST, PATIENCE).await;
    let mut other = Client::on(secured.connect("http/1.1").await.unwrap());
    other.send("GET /get HTTP/1.1\r\nHost: localhost\r\n\r\n").await;
    assert_eq!(other.answer().await.status, 200, "{}", flood.name);
    frames.is_some()
}

#[tokio::test]
async fn every_flood_of_frames_ends_its_own_connection_and_no_other() {
    // T-09, T-10
    for flood in FLOODS {
        assert!(ends(flood).await, "{} goes on for {MOST} frames", flood.name);
    }
}
