//! OpenLDAP.

use std::process::Command;

use super::{Realm, Told};
use crate::directory_replica::pair;
use crate::support::certificates::Authority;
use crate::support::ports;
use crate::support::run::succeed;
use crate::support::slapd::{
    BASE, Options, PEOPLE, SERVICE_DN, SERVICE_PASSWORD, Slapd, WRITER_DN, WRITER_PASSWORD,
};

fn realm(slapd: &Slapd) -> Realm {
    let url = slapd.url();
    Realm {
        urls: vec![url.clone()],
        ca_file: None,
        base: PEOPLE.to_owned(),
        reader: (SERVICE_DN.to_owned(), SERVICE_PASSWORD.to_owned()),
        write_url: url,
        method: "exop",
        writer: (WRITER_DN.to_owned(), WRITER_PASSWORD.to_owned()),
        logins: &["uid", "mail"],
        subject: "entryUUID",
    }
}

fn started(database: &str) -> Slapd {
    Slapd::start(&Options {
        database,
        ..Options::default()
    })
}

fn uid(login: &str) -> String {
    format!("uid={login},{PEOPLE}")
}

#[test]
#[allow(clippy::too_many_lines, reason = "one fault after the other")]
fn a_healthy_slapd_shows_none_of_the_ten_and_each_planted_in_it_is_named() {
    let slapd = started("");
    let sound = realm(&slapd);
    let healthy = sound.look();
    healthy.is_healthy();
    for line in [
        "at least 8 characters",
        "the last 2 passwords refused",
        "locked after 5 failures",
        "a password is checked in",
    ] {
        assert!(healthy.0.contains(line), "{line}: {}", healthy.0);
    }
    // Wrong base.
    let wrong = |base: &str| {
        Realm {
            base: base.to_owned(),
            ..sound.clone()
        }
        .look()
    };
    wrong("ou=peolpe,dc=campus,dc=example").names("DIR_BASE_MISSING", &["ou=peolpe", PEOPLE]);
    wrong("ou=people,dc=campus,dc=exemple").names("DIR_BASE_MISSING", &["dc=exemple", PEOPLE]);
    // Closed port.
    let closed = format!("ldap://127.0.0.1:{}", ports::free());
    let elsewhere = Realm {
        urls: vec![closed.clone()],
        ..sound.clone()
    };
    elsewhere
        .look()
        .names("DIR_PORT_CLOSED", &[&closed, "start the directory"]);
    // Ambiguous login: a second person with somebody's address.
    let mail = |address: &str| {
        let dn = uid("amine.benali");
        slapd.modify(&format!(
            "dn: {dn}\nchangetype: modify\nreplace: mail\nmail: {address}\n"
        ));
    };
    mail("camille.dupont@campus.example");
    sound.look().names(
        "DIR_LOGIN_AMBIGUOUS",
        &[
            "camille.dupont@campus.example",
            "uid=amine.benali",
            "uid=camille.dupont",
        ],
    );
    mail("amine.benali@campus.example");
    sound.look().is_healthy();
    // Locked service account, told by the server.
    lock(&slapd);
    sound
        .look()
        .names("DIR_ACCOUNT_LOCKED", &[SERVICE_DN, "unlock it"]);
    slapd.modify(&format!(
        "dn: {SERVICE_DN}\nchangetype: modify\ndelete: pwdAccountLockedTime\n"
    ));
    // Stored in clear.
    let store = |value: &str| {
        let dn = uid("amine.benali");
        slapd.modify(&format!(
            "dn: {dn}\nchangetype: modify\nreplace: userPassword\nuserPassword: {value}\n"
        ));
    };
    store("amine-en-clair-1");
    let told = sound.look();
    told.names(
        "DIR_CLEAR_STORED",
        &["uid=amine.benali", "ppolicy_hash_cleartext"],
    );
    assert!(!told.0.contains("amine-en-clair-1"), "{}", told.0);
}

fn lock(slapd: &Slapd) {
    slapd.modify(&format!(
        "dn: {SERVICE_DN}\nchangetype: modify\nreplace: pwdAccountLockedTime\npwdAccountLockedTime: 000001010000Z\n"
    ));
}

#[test]
fn a_lock_that_the_server_does_not_tell_is_seen_with_the_writing_account() {
    let slapd = Slapd::start(&Options {
        says_locked: false,
        ..Options::default()
    });
    lock(&slapd);
    realm(&slapd).look().names(
        "DIR_ACCOUNT_LOCKED",
        &[SERVICE_DN, "pwdAccountLockedTime: 000001010000Z"],
    );
}

#[test]
fn an_attribute_and_a_branch_that_may_not_be_read_are_named() {
    let writer = format!("by dn.exact=\"{WRITER_DN}\" write");
    let attribute = started(&format!("access to attrs=mail {writer} by * none"));
    realm(&attribute)
        .look()
        .names("DIR_RIGHTS", &["mail", "let bind_dn read"]);
    let branch = started(&format!("access to dn.subtree=\"{PEOPLE}\" {writer} by * none"));
    realm(&branch)
        .look()
        .names("DIR_RIGHTS", &[PEOPLE, "may not see it"]);
    let all = started(&format!(
        "access to dn.subtree=\"{BASE}\" {writer} by anonymous auth by * none"
    ));
    realm(&all).look().names("DIR_RIGHTS", &["let bind_dn read"]);
}

#[test]
fn an_expired_certificate_is_named_with_its_day() {
    let authority = Authority::new();
    let mut slapd = Slapd::start(&Options {
        authority: Some(&authority),
        ..Options::default()
    });
    let secured = |slapd: &Slapd| Realm {
        urls: vec![slapd.ldaps_url()],
        write_url: slapd.ldaps_url(),
        ca_file: Some(slapd.authority_file().display().to_string()),
        ..realm(slapd)
    };
    let healthy = secured(&slapd).look();
    healthy.is_healthy();
    assert!(healthy.0.contains("TLSv1_3, host name checked"), "{}", healthy.0);
    let (certificate, key) = authority.issue_as(&["localhost", "127.0.0.1"], |wanted| {
        wanted.not_before = rcgen::date_time_ymd(2024, 1, 1);
        wanted.not_after = rcgen::date_time_ymd(2025, 2, 28);
    });
    std::fs::write(slapd.authority_file().with_file_name("server.pem"), certificate).unwrap();
    std::fs::write(slapd.authority_file().with_file_name("server.key"), key).unwrap();
    slapd.restart();
    secured(&slapd)
        .look()
        .names("DIR_CERT_EXPIRED", &["2025-02-28", "(writing)", "renew"]);
}

#[test]
fn a_history_that_is_full_is_named() {
    let slapd = started("");
    let mut old = "amine-benali-11".to_owned();
    // The hash of the fixture is of another password: begin with one that is known.
    let dn = uid("amine.benali");
    slapd.modify(&format!(
        "dn: {dn}\nchangetype: modify\nreplace: userPassword\nuserPassword: {old}\n"
    ));
    for new in ["Histoire-Une-21", "Histoire-Deux-22", "Histoire-Trois-23"] {
        let mut change = Command::new("ldappasswd");
        change.args(["-x", "-H", &slapd.url(), "-D", &dn, "-w", &old, "-s", new]);
        succeed(&mut change, "");
        old = new.to_owned();
    }
    let told = realm(&slapd).look();
    told.names("DIR_HISTORY_FULL", &["uid=amine.benali", "each of the last 2"]);
}

#[test]
fn a_branch_that_is_referred_elsewhere_is_named() {
    let slapd = Slapd::start(&Options {
        settings: "referral ldap://ldap.elsewhere.example",
        ..Options::default()
    });
    let sound = realm(&slapd);
    sound.look().is_healthy();
    let referred = Realm {
        base: "ou=people,dc=other,dc=example".to_owned(),
        ..sound
    };
    referred
        .look()
        .names("DIR_REFERRAL", &["ldap://ldap.elsewhere.example", "dc=other"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_replica_that_lags_and_one_that_is_to_be_written_are_named() {
    let pair = pair().await;
    let sound = Realm {
        urls: vec![pair.primary.url(), pair.replica.url()],
        ..realm(&pair.primary)
    };
    let look = |realm: Realm| async move { tokio::task::spawn_blocking(move || realm.look()).await.unwrap() };
    let healthy: Told = look(sound.clone()).await;
    // These people keep their first passwords in clear.
    let faults: Vec<&str> = healthy
        .faults()
        .into_iter()
        .filter(|code| *code != "DIR_CLEAR_STORED")
        .collect();
    assert_eq!(faults, [""; 0], "{}", healthy.0);
    assert!(healthy.0.contains("have the same of"), "{}", healthy.0);
    let referred = look(Realm {
        write_url: pair.replica.url(),
        ..sound.clone()
    })
    .await;
    assert!(
        referred.faults().contains(&"DIR_WRITE_REFERRED"),
        "{}",
        referred.0
    );
    assert!(referred.0.contains(&pair.primary.url()), "{}", referred.0);
    pair.link.hold();
    let dn = uid("amine.benali");
    pair.primary.modify(&format!(
        "dn: {dn}\nchangetype: modify\nreplace: mail\nmail: nouveau@campus.example\n"
    ));
    let lagging = look(sound).await;
    let lag: Vec<&str> = lagging
        .0
        .lines()
        .filter(|line| line.ends_with("[DIR_REPLICA_LAG]"))
        .collect();
    assert_eq!(lag.len(), 1, "{}", lagging.0);
    assert!(
        lag[0].contains(&pair.replica.url())
            && lag[0].contains("contextCSN")
            && lag[0].contains(" → look at the replica"),
        "{}",
        lag[0]
    );
    pair.link.release();
}
