//! The whole application in process: no services, no sockets but the edge's own on loopback.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on fails"
)]

mod acceptor;
mod config;
mod edge;
mod house;
mod licences;
mod logout;
mod map;
mod matrix;
mod rust_paths;
mod throttle;
#[path = "../contract/tickets.rs"]
mod tickets;
mod tickets_disk;
mod tickets_memory;
mod validation;
