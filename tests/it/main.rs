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
mod account;
mod admin;
mod apereo;
mod attacks;
mod audit;
#[path = "../contract/book.rs"]
mod book;
mod breach;
mod captcha;
mod cas_faults;
#[path = "../contract/certificates.rs"]
mod certificates;
mod cli;
mod config;
mod delegation;
mod deliveries;
#[path = "../contract/directory.rs"]
mod directory;
mod directory_answers;
mod directory_faults;
mod directory_inspect;
mod directory_ldif;
#[path = "../contract/directory_writes.rs"]
mod directory_writes;
mod directory_writes_faults;
mod directory_writes_ldif;
mod docs;
mod edge;
mod embed;
mod explained;
mod fake_ldap;
#[path = "../contract/figure.rs"]
mod figure;
mod fuzz;
mod generator;
mod house;
mod identities;
mod institutions;
#[path = "../../examples/generate/invent/mod.rs"]
#[allow(dead_code, reason = "each test uses its part of the generator")]
mod invent;
mod licences;
mod limits;
mod logout;
#[path = "../contract/mail_sink.rs"]
mod mail_sink;
mod map;
mod matrix;
mod messages;
mod model;
mod panics;
mod picker;
#[path = "../contract/post.rs"]
mod post;
mod proxy;
mod proxy_callback;
mod proxy_refusals;
mod reason_codes;
mod recovery;
mod registrations;
mod relevance;
mod remember;
#[path = "../contract/reply.rs"]
mod reply;
mod rest;
mod rust_paths;
mod saml;
mod secrets;
mod single_logout;
mod styles;
mod switching;
mod throttle;
#[path = "../contract/tickets.rs"]
mod tickets;
mod tickets_disk;
mod tickets_memory;
mod trusted_header;
mod validation;
mod validation_refusals;
mod warning;
mod weight;
mod welcome;
mod zones;
