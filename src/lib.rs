//! Méreau: sign people in once, on the directory their institution already has, and give every
//! application a CAS ticket that says who came.
//!
//! This page is the map of the house and its dependency rule; `tests/it/map.rs` reads the table
//! below and the paths of every file, and fails when they disagree. `tests` in a module are held to
//! the same rule; no file under src, tests or examples has more than 500 lines.
//!
//! *http asks a flow, a flow asks ports, adapters answer, pages show the outcome; only
//! `cli/assemble` knows the names of the adapters (`directory::ldap`, `directory::ldif`,
//! `tickets::redis`, `tickets::embedded`, `upstreams::cas`,
//! `audit::file`).* `config` fills in their settings, and names only those.
//!
//! | module | may use | outside crates at home here |
//! |---|---|---|
//! | base | – | getrandom, unicode_normalization, ring |
//! | confine | base | landlock, seccompiler, libc |
//! | protocol | base | quick_xml, ring, flate2 |
//! | tls | base | tokio_rustls, rustls_pki_types, rustls_native_certs, ring |
//! | passwords | base | argon2, sha_crypt, ring, zeroize, zxcvbn, flate2 |
//! | audit | base, confine | ring |
//! | metrics | base | – |
//! | directory | base, confine, tls, passwords, metrics | ldap3, lber, tokio_rustls |
//! | realms | base | quick_xml, ipnet |
//! | tickets | base, confine, protocol, tls, metrics | redis, redb, postcard, ring, tokio_rustls |
//! | guard | base, realms, tickets | ring, captcha_font, image, unicode_normalization |
//! | outgoing | base, confine, tls | hyper, hyper_util, tokio_rustls, rustls_pki_types, ipnet |
//! | upstreams | base, protocol, tls, outgoing | – |
//! | messages | base, confine, tls, tickets, outgoing | lettre, tokio_rustls, ring, tempfile |
//! | services | base, protocol, directory | regex, regex_automata, regex_syntax, ring, saphyr_parser |
//! | flows | base, protocol, passwords, audit, metrics, directory, realms, tickets, guard, outgoing, upstreams, messages, services | ipnet |
//! | jobs | base, protocol, passwords, audit, metrics, directory, realms, tickets, guard, outgoing, upstreams, messages, services, flows | – |
//! | pages | base, protocol, passwords, audit, tickets, realms, messages, flows | minijinja, fluent_bundle, flate2, unic_langid, intl_memoizer, postcard, toml |
//! | app | base, protocol, tls, passwords, audit, metrics, directory, realms, tickets, guard, outgoing, upstreams, messages, services, flows, jobs, pages | – |
//! | http | base, confine, protocol, tls, passwords, audit, metrics, directory, realms, tickets, guard, outgoing, upstreams, messages, services, flows, jobs, pages, app | axum, hyper, hyper_util, tower, tokio_rustls, ipnet, memchr |
//! | config | base, protocol, tls, passwords, audit, metrics, directory, realms, tickets, guard, outgoing, upstreams, messages, services, flows, jobs, pages, http | toml, ipnet |
//! | cli | * | clap, clap_complete, clap_mangen, anyhow, rpassword, tempfile, tracing_subscriber, listenfd, flate2 |
//!
//! `metrics` knows nothing but numbers; directories and stores raise their own there, since nobody above them
//! sees a single bind or a single call.
//!
//! Free everywhere: std, serde, serde_json, thiserror, tracing, tokio, tokio_util, async_trait,
//! bytes, http (the types), url, percent_encoding, futures_util, subtle, jiff, http_body_util,
//! data_encoding, zeroize.
//!
//! Free in tests: tempfile.
#![forbid(unsafe_code)]
// Its panic quotes the text, which may be a password (SEC-90).
#![cfg_attr(not(test), warn(clippy::string_slice))]

pub mod app;
pub mod audit;
pub mod base;
pub mod cli;
pub mod config;
pub mod confine;
pub mod directory;
pub mod flows;
pub mod guard;
pub mod http;
pub mod jobs;
pub mod messages;
pub mod metrics;
pub mod outgoing;
pub mod pages;
pub mod passwords;
pub mod protocol;
pub mod realms;
pub mod services;
pub mod tickets;
pub mod tls;
pub mod upstreams;

pub use cli::assemble::{Assembled, assemble};
