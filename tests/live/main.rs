//! Tests against real servers and foreign clients: each one starts what it needs on free loopback
//! ports, in folders of its own, and never skips. `tests/run live` installs what is missing.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on fails"
)]

mod attacks_browser;
mod attacks_people;
#[path = "../contract/book.rs"]
mod book;
mod breach;
mod chromium;
mod chromium_delivery;
#[path = "../../examples/client.rs"]
mod client;
mod clients;
mod config_schema;
mod delegation;
#[path = "../contract/directory.rs"]
mod directory;
mod directory_389ds;
mod directory_hook;
mod directory_hostile;
mod directory_ldap;
mod directory_openldap_hashes;
mod directory_openldap_locks;
mod directory_openldap_writes;
mod directory_replica;
mod directory_samba;
mod directory_served;
#[path = "../contract/directory_writes.rs"]
mod directory_writes;
mod docs;
mod doctor;
mod doctor_faults;
mod doctor_person;
mod edge_announced;
mod edge_attacks;
mod edge_confined;
mod edge_noise;
mod edge_slow;
mod edge_smuggling;
mod edge_tls;
mod end_to_end;
#[path = "../it/fake_ldap.rs"]
#[allow(dead_code, reason = "few of its misbehaviours are wanted here")]
mod fake_ldap;
#[path = "../contract/figure.rs"]
mod figure;
#[path = "../contract/floods.rs"]
mod floods_of;
#[path = "../it/fuzz/bodies/mod.rs"]
#[allow(dead_code, reason = "one reader of answers is wanted here")]
mod fuzz_bodies;
mod generated;
#[path = "../../examples/generate/invent/mod.rs"]
#[allow(dead_code, reason = "each test uses its part of the generator")]
mod invent;
mod limits_crowd;
mod load;
#[path = "../../examples/load/engine/mod.rs"]
#[allow(dead_code, reason = "the kit's figures and its command line use the rest")]
mod load_engine;
mod locked_out;
#[path = "../contract/mail_sink.rs"]
mod mail_sink;
mod monitoring;
mod node;
mod package;
mod pages;
mod parsers;
mod php_cas;
mod php_cas_proxy;
mod picker;
mod process_clock;
mod process_health;
mod process_limits;
mod process_names;
mod process_panics;
mod python_cas;
mod realms;
mod recovery;
mod recovery_ends;
mod recovery_fence;
mod redis_access;
mod redis_faults;
mod redis_silence;
mod reload_certificates;
mod reset_redis;
mod rest;
mod servers;
mod service;
mod service_roll;
mod single_logout;
mod store_down;
mod store_failover;
mod store_hostile;
mod store_raced;
mod store_split;
mod store_waits;
mod support;
mod support_bundle;
#[path = "../contract/tickets.rs"]
mod tickets;
mod tickets_killed;
mod tickets_raced;
mod tickets_redis;

use support::certificates;
