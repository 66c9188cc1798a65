//! Certificate, directory and services are read again while people sign in over TLS and applications show
//! what they brought: nobody notices.

use std::fs;

use super::line::{Line, Repeats, Way};
use super::{APPLICATION, Clients, page, sign_in};
use crate::monitoring::{admin, value};
use crate::service::BINARY;
use crate::support::certificates::Authority;
use crate::support::child::folder;
use crate::support::ports;
use crate::support::served::{Options, Served, service};
use crate::support::slapd::{self, Slapd};
use crate::support::unit::Unit;

const ROUNDS: usize = 6;

/// An address of the application that is registered after this reload, and after no other.
fn place(round: usize) -> String {
    format!("http://localhost:9/tour-{round}")
}

/// The service that everybody signs in to, as this round has it.
fn registered(round: usize) -> String {
    let urls = format!("/**\", \"{}/**\"]", place(round));
    service(APPLICATION, "").replace("/**\"]", &urls)
}

/// Binds at once that each round allows; the first is what holds without a line.
fn binds(round: usize) -> usize {
    12 - round
}

/// What is in the files after the change of this round.
fn change(served: &Served, authority: &Authority, realm: &str, round: usize) {
    let write = |name: &str, text: &str| fs::write(served.folder().join(name), text).expect(name);
    let (certificate, key) = authority.issue(&["localhost", "127.0.0.1"]);
    write("server.pem", &certificate);
    write("server.key", &key);
    write("services/essai.toml", &registered(round));
    let limit = format!("[directory]\nbind_connections = {}\n", binds(round));
    write("realms/campus.toml", &realm.replace("[directory]\n", &limit));
}

#[test]
fn no_sign_in_and_no_validation_fails_while_certificate_directory_and_services_are_reloaded() {
    // T-13, F-24
    let authority = Authority::new();
    let slapd = Slapd::start(&slapd::Options::default());
    let (unit, desk) = (Unit::new(&folder("unit")), ports::free());
    let (services, sections) = ([("essai", registered(0))], admin(desk));
    let options = Options {
        authority: Some(&authority),
        services: &services,
        sections: &sections,
        ..Options::on(&slapd, "memory:")
    };
    let served = Served::written(&options, unit.port());
    let unit = unit.in_folder(served.folder());
    let server = unit.start_ready(BINARY, &served.folder().join("server.toml"));
    let realm = fs::read_to_string(served.folder().join("realms/campus.toml")).expect("the realm");

    let way = Way::secured(unit.port(), &served.folder().join("ca.pem"));
    let own = Repeats::default();
    let in_force = |round: usize| {
        let metrics = page(&mut Line::to(desk, false, &own), "/metrics")
            .expect("the metrics")
            .body;
        let pool = format!("ldap_pool_size{{server=\"{}\",kind=\"bind\"}}", slapd.url());
        assert_eq!(
            value(&metrics, &pool),
            Some(binds(round) as f64),
            "{round}: {metrics}"
        );
        let mut lines = [Line::to(way.clone(), false, &own)];
        assert_eq!(sign_in(&mut lines, 0, &place(round)), Ok(()), "{round}");
        // What held before the reload holds no more.
        let other = format!("/cas/login?service={}", place((round + ROUNDS) % (ROUNDS + 1)));
        let refused = page(&mut lines[0], &other).map(|reply| reply.body);
        assert_eq!(refused, Err(format!("GET {other}: 403")), "{round}");
    };
    in_force(0);
    let ways = [way.clone()];
    let clients = Clients::of(&ways, "/cas/login", 2).with_people(&ways, 4);
    let mut shown = way.certificate();
    for round in 1..=ROUNDS {
        clients.load().goes_on(40, 12);
        change(&served, &authority, &realm, round);
        server.signal("HUP");
        unit.hear("RELOADING=1");
        let said = unit.hear("READY=1");
        assert!(said.contains("was read again"), "{said}");
        let before = std::mem::replace(&mut shown, way.certificate());
        assert_ne!(shown, before, "{round}: the new certificate is shown");
        in_force(round);
    }
    clients.load().goes_on(40, 12);
    let load = clients.end();
    let what = "certificate, directory and service reloaded 6 times under 2 clients and 4 people over TLS";
    load.tell("reload-people", what);
    assert_eq!(
        load.repeats.all_answered(),
        0,
        "nothing had to be asked for twice"
    );
}
