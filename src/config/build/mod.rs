//! From what is written to what the program runs with: the checks that need more than one key.

pub(super) mod admin;
mod apereo;
mod callbacks;
mod delegations;
mod directory;
mod directory_write;
mod institutions;
mod keys;
mod limits;
mod logos;
mod mail;
mod outgoing;
mod pages;
mod password;
mod realms;
mod recovery;
mod remember;
mod rest;
pub(super) mod server;
mod services;
mod sheet;
mod tickets;
mod trusted_header;

use std::thread::ScopedJoinHandle;

use super::files::Written;
use super::problem::Problems;
use super::schemas;
use super::secrets::Environment;
use super::sections::ServerFile;
use super::settings::{LogSettings, RealmSettings, Settings, TicketsSettings};
use crate::realms::Institutions;
use crate::services::Registry;

/// The settings; `None` after adding at least one problem.
pub fn settings(
    written: &Written,
    environment: Environment<'_>,
    problems: &mut Problems,
) -> Option<Settings> {
    let realms = realms::build(&written.realms, environment, problems);
    let (institutions, services) = listed(written, realms.as_deref(), environment, problems);
    let callback_roots = callbacks::roots(written, problems);
    let file = written.server.as_ref()?;
    let public_url = server::public_url(&file.server, problems);
    check(file, problems);
    let tls = server::tls(&file.server, problems);
    let mut limits = limits::server(&file.server.limits, problems);
    limits.announced_by = server::announced_by(&file.server, problems);
    limits.proxies = file.server.trusted_proxies.value.clone();
    let throttle = limits::throttle(&file.throttle, problems);
    let outgoing = outgoing::build(&file.outgoing, problems);
    let pages = pages::build(&file.pages, problems);
    pages::check_choices(written, &pages, problems);
    let status_throttled = server::status_throttled(&file.compat, problems);
    let admin = admin::build(&file.admin, environment, problems);
    let known = rest::Known {
        realms: realms.as_deref(),
        services: services.as_ref(),
    };
    let rest = rest::build(&file.rest, known, environment, problems);
    let keys = keys::ring(&file.keys, problems);
    let tickets = tickets::build(&file.tickets, environment, problems);
    let host = host_of(public_url.as_ref());
    let letters = mail::build((&file.mail, &file.sms), host, environment, problems);
    if let Some(None) = &keys {
        check_without_keys(file, tickets.as_ref(), problems);
    }
    Some(Settings {
        node: file.server.node.value.clone(),
        edition: written.edition.clone(),
        listen: file.server.listen.value,
        public_url: public_url?,
        trusted_proxies: file.server.trusted_proxies.value.clone(),
        confine: file.server.confine.value,
        tls: tls?,
        limits,
        body: limits::body(&file.server.limits),
        keys: keys?,
        key_files: keys::files(&file.keys),
        tickets: tickets?,
        log: log(file),
        audit: file.audit.file.value.as_ref().map(|path| path.0.clone()),
        unrecorded_sign_ins: file.audit.unrecorded_sign_ins.value,
        throttle,
        outgoing,
        callbacks_per_host: outgoing::callbacks(&file.outgoing),
        logout: outgoing::logout(&file.outgoing),
        admin: admin?,
        letters: letters?,
        pages,
        status_throttled,
        institution_parameters: file.institutions.parameters.value.clone(),
        rest: rest?,
        realms: realms?,
        institutions: institutions?,
        services: services?,
        callback_roots,
    })
}

fn log(file: &ServerFile) -> LogSettings {
    LogSettings {
        level: file.log.level.value.clone(),
        format: file.log.format.value,
    }
}

/// The two that there are thousands of, beside each other; their problems are told one after the other.
fn listed(
    written: &Written,
    realms: Option<&[RealmSettings]>,
    environment: Environment<'_>,
    problems: &mut Problems,
) -> (Option<Institutions>, Option<Registry>) {
    let (mut of_institutions, mut of_services) = (Problems::default(), Problems::default());
    let (institutions, services) = std::thread::scope(|scope| {
        let institutions = scope.spawn(|| institutions::build(written, realms, &mut of_institutions));
        let services = services::build(written, realms, environment, &mut of_services);
        (outcome(institutions), services)
    });
    problems.append(of_institutions);
    if let Some(institutions) = &institutions {
        delegations::check_institutions(written, institutions, problems);
    }
    problems.append(of_services);
    (institutions, services)
}

/// What a thread found; its panic goes on here.
pub(super) fn outcome<T>(thread: ScopedJoinHandle<'_, T>) -> T {
    thread
        .join()
        .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}

/// What is used as it is written.
fn check(file: &ServerFile, problems: &mut Problems) {
    schemas::check(&file.schema, problems);
    server::check_listen(&file.server, problems);
    server::check_proxies(&file.server, problems);
    server::check_level(&file.log.level, problems);
    institutions::check_parameters(&file.institutions.parameters, problems);
}

/// What a server without keys cannot have.
fn check_without_keys(file: &ServerFile, tickets: Option<&TicketsSettings>, problems: &mut Problems) {
    keys::check_audit(&file.audit, problems);
    if let Some(tickets) = tickets {
        keys::check_needed(file, tickets, problems);
    }
}

/// The name in the addresses of letters.
fn host_of(public_url: Option<&url::Url>) -> &str {
    public_url.and_then(|url| url.host_str()).unwrap_or("localhost")
}
