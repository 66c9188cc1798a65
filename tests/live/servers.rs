//! That the servers the other suites rely on really are what they seem: each state of their control
//! is seen from outside.

use crate::support::certificates::Authority;
use crate::support::cluster::Cluster;
use crate::support::redis::Redis;
use crate::support::sentinel::Sentinel;
use crate::support::slapd::{BASE, Options, PEOPLE, Slapd};
use crate::support::wait;
use std::process::Command;

fn bind(url: &str, dn: &str, password: &str) -> (bool, String) {
    let mut command = Command::new("ldapwhoami");
    command.args(["-x", "-e", "ppolicy", "-H", url, "-D", dn, "-w", password]);
    let output = command.output().unwrap();
    (output.status.success(), String::from_utf8(output.stderr).unwrap())
}

#[test]
fn slapd_accepts_every_form_of_password_of_the_fixture() {
    let slapd = Slapd::start(&Options::default());
    for (entry, password) in [
        ("uid=camille.dupont", "camille-corbeau-7"),
        ("uid=amine.benali", "amine-tulipe-8"),
        ("uid=elise.lefevre", "Élise-été-9 €"),
        ("uid=noe.martin", "noe-girafe-10"),
        ("cn=Le Goff\\2C Yann", "yann-marée-11"),
    ] {
        let dn = format!("{entry},{PEOPLE}");
        assert!(bind(&slapd.url(), &dn, password).0, "{entry}");
        assert!(!bind(&slapd.url(), &dn, "something else").0, "{entry}");
    }
}

#[test]
fn slapd_locks_an_account_after_the_failures_it_was_told_and_says_so() {
    let slapd = Slapd::start(&Options {
        max_failure: 2,
        ..Options::default()
    });
    let dn = format!("uid=camille.dupont,{PEOPLE}");
    for _ in 0..2 {
        bind(&slapd.url(), &dn, "wrong");
    }
    let (accepted, notice) = bind(&slapd.url(), &dn, "camille-corbeau-7");
    assert!(!accepted && notice.contains("locked"), "{notice}");
    assert!(slapd.entry(&dn).contains("pwdAccountLockedTime"));
}

#[test]
fn slapd_keeps_changes_over_a_crash_and_comes_back_on_its_port() {
    let mut slapd = Slapd::start(&Options::default());
    let dn = format!("uid=hugo.moreau,{PEOPLE}");
    slapd.modify(&format!(
        "dn: {dn}\nchangetype: modify\nreplace: pwdReset\npwdReset: TRUE\n"
    ));
    let url = slapd.url();
    slapd.kill();
    assert!(!bind(&url, BASE, "x").1.contains("Invalid credentials"));
    slapd.restart();
    assert_eq!(slapd.url(), url);
    assert!(slapd.entry(&dn).contains("pwdReset: TRUE"));
}

#[test]
fn slapd_serves_tls_with_the_authority_of_the_test() {
    let authority = Authority::new();
    let slapd = Slapd::start(&Options {
        authority: Some(&authority),
        ..Options::default()
    });
    let whoami = |url: &str, start_tls: &[&str]| {
        let mut command = Command::new("ldapwhoami");
        command.env("LDAPTLS_CACERT", slapd.authority_file());
        command.args(["-x", "-H", url]).args(start_tls);
        command.status().unwrap().success()
    };
    // OpenLDAP's tools put the machine's own name in the place of `localhost`.
    assert!(whoami(&slapd.ldaps_url().replace("localhost", "127.0.0.1"), &[]));
    assert!(whoami(&slapd.url(), &["-ZZ"]));
}

#[test]
fn a_frozen_redis_takes_connections_and_answers_when_thawed() {
    let redis = Redis::start(&["--appendonly", "yes"]);
    assert_eq!(redis.cli(&["set", "a", "1"]), "OK");
    redis.stop();
    assert!(std::net::TcpStream::connect(("127.0.0.1", redis.port())).is_ok());
    redis.cont();
    assert_eq!(redis.cli(&["get", "a"]), "1");
}

#[test]
fn a_killed_redis_comes_back_with_what_its_options_keep() {
    let mut redis = Redis::start(&["--appendonly", "yes", "--appendfsync", "always"]);
    assert_eq!(redis.cli(&["set", "a", "1"]), "OK");
    redis.restart();
    assert_eq!(redis.cli(&["get", "a"]), "1");
}

#[test]
fn redis_serves_tls_with_the_authority_of_the_test() {
    let redis = Redis::start_with_tls(&Authority::new(), &[]);
    let mut command = Command::new("redis-cli");
    command
        .args(["-u", &redis.tls_url(), "--cacert"])
        .arg(redis.authority_file())
        .arg("ping");
    assert_eq!(command.output().unwrap().stdout, b"PONG\n");
}

#[test]
fn the_sentinel_names_the_replica_when_the_primary_is_killed() {
    let mut sentinel = Sentinel::start();
    assert_eq!(sentinel.primary_port(), Some(sentinel.primary.port()));
    sentinel.primary.kill();
    let replica = sentinel.replica.port();
    wait::until("the failover", || {
        (sentinel.primary_port() == Some(replica)).then_some(())
    });
}

#[test]
fn a_cluster_sends_each_key_to_its_node() {
    let cluster = Cluster::start();
    let answers: Vec<String> = cluster
        .nodes
        .iter()
        .map(|node| node.cli(&["set", "a", "1"]))
        .collect();
    assert_eq!(
        answers.iter().filter(|answer| *answer == "OK").count(),
        1,
        "{answers:?}"
    );
    assert_eq!(
        answers.iter().filter(|answer| answer.contains("MOVED")).count(),
        2,
        "{answers:?}"
    );
}
