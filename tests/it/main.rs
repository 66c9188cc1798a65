//! The whole application in process: no services, no sockets but loopback ones of the edge and
//! of a directory server that misbehaves on demand.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on fails"
)]

mod acceptor;
mod audit;
mod captcha;
#[path = "../contract/certificates.rs"]
mod certificates;
mod cli;
mod config;
mod delegation;
#[path = "../contract/directory.rs"]
mod directory;
mod directory_answers;
mod directory_faults;
mod directory_ldif;
mod edge;
mod embed;
mod fake_ldap;
mod generator;
mod house;
mod institutions;
#[path = "../../examples/generate/invent/mod.rs"]
#[allow(dead_code, reason = "each test uses its part of the generator")]
mod invent;
mod licences;
mod logout;
mod map;
mod matrix;
mod picker;
mod proxy;
mod proxy_callback;
mod proxy_refusals;
mod relevance;
#[path = "../contract/reply.rs"]
mod reply;
mod rust_paths;
mod throttle;
#[path = "../contract/tickets.rs"]
mod tickets;
mod tickets_disk;
mod tickets_memory;
mod validation;
mod validation_refusals;
mod weight;
mod welcome;
