//! Real servers as children of the test process, and what the tests share to talk to them.
#![allow(
    dead_code,
    reason = "a server offers its whole control; no single suite needs all of it"
)]

pub mod apache;
pub mod application;
pub mod browser;
pub mod built;
#[path = "../../contract/certificates.rs"]
pub mod certificates;
pub mod chaos;
pub mod child;
pub mod chromium;
pub mod cluster;
pub mod ds389;
pub mod front;
pub mod meeting;
pub mod nodejs;
pub mod php;
pub mod points;
pub mod ports;
pub mod python;
pub mod redis;
#[path = "../../contract/reply.rs"]
pub mod reply;
pub mod rollback;
pub mod run;
pub mod samba;
pub mod sentinel;
pub mod served;
pub mod slapd;
pub mod trio;
pub mod tunnel;
pub mod unit;
pub mod upstream;
pub mod wait;
