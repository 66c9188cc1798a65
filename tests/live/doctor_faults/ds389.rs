//! 389 Directory Server.

use std::path::Path;

use super::Realm;
use crate::directory_writes::FIRST;
use crate::support::certificates::Authority;
use crate::support::chaos::Chaos;
use crate::support::ds389::{Ds389, PEOPLE, REPLICATION_MANAGER, WRITER_DN, WRITER_PASSWORD};
use crate::support::ports;

const READER_DN: &str = "cn=reader,ou=services,dc=campus,dc=example";
const READER_PASSWORD: &str = "Lecteur-Sesame-1";

/// What the searching account may, beside what the set-up gives the writing one: docs name the same.
const READER: &str = "dn: cn=reader,ou=services,dc=campus,dc=example
changetype: add
objectClass: organizationalRole
objectClass: simpleSecurityObject
cn: reader
userPassword: Lecteur-Sesame-1
";

const RIGHTS: &str = "dn: ou=people,dc=campus,dc=example
changetype: modify
add: aci
aci: (targetattr != \"userPassword || passwordHistory\")(version 3.0; acl \"reader reads\"; allow (read, search, compare) userdn = \"ldap:///cn=reader,ou=services,dc=campus,dc=example\";)
";

const CONFIG_RIGHTS: &str = "dn: cn=config
changetype: modify
add: aci
aci: (targetattr = \"passwordCheckSyntax || passwordMinLength || passwordHistory || passwordInHistory || passwordLockout || passwordMaxFailure || passwordLockoutDuration || passwordUnlock || passwordExp || passwordMaxAge || passwordMinAge || passwordMustChange || passwordTrackUpdateTime || objectClass\")(version 3.0; acl \"policy is read\"; allow (read, search, compare) userdn = \"ldap:///cn=reader,ou=services,dc=campus,dc=example || ldap:///cn=writer,ou=services,dc=campus,dc=example\";)
";

fn dn(login: &str) -> String {
    format!("uid={login},{PEOPLE}")
}

fn entry(login: &str) -> String {
    format!(
        "dn: {}\nchangetype: add\nobjectClass: inetOrgPerson\nuid: {login}\ncn: Personne\nsn: W\nmail: {login}@campus.example\n\
         userPassword: {FIRST}\n",
        dn(login)
    )
}

fn realm(server: &Ds389) -> Realm {
    Realm {
        urls: vec![server.url()],
        ca_file: None,
        base: PEOPLE.to_owned(),
        reader: (READER_DN.to_owned(), READER_PASSWORD.to_owned()),
        write_url: server.url(),
        method: "389ds",
        writer: (WRITER_DN.to_owned(), WRITER_PASSWORD.to_owned()),
        logins: &["uid", "mail"],
        subject: "nsUniqueId",
    }
}

fn replace(server: &Ds389, dn: &str, attribute: &str, value: &str) {
    server.modify(&format!(
        "dn: {dn}\nchangetype: modify\nreplace: {attribute}\n{attribute}: {value}\n"
    ));
}

/// One server serves all: each fault is taken out again, the ones that cannot be come last.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_healthy_389_shows_none_of_the_ten_and_each_planted_in_it_is_named() {
    let people = ["d.one", "d.two", "d.three"].map(entry).join("\n");
    let (of_supplier, of_consumer) = (
        format!("{people}\n{READER}\n{RIGHTS}\n{CONFIG_RIGHTS}"),
        format!("{REPLICATION_MANAGER}\n{CONFIG_RIGHTS}"),
    );
    let (supplier, consumer) =
        tokio::task::spawn_blocking(move || (Ds389::start(&of_supplier), Ds389::start(&of_consumer)))
            .await
            .unwrap();
    let link = Chaos::to(consumer.port()).await;
    tokio::task::block_in_place(|| {
        in_one(&supplier);
        in_two(&supplier, &consumer, &link);
    });
}

#[test]
fn an_expired_certificate_of_389_is_named_with_its_day() {
    let people = ["d.one", "d.two", "d.three"].map(entry).join("\n");
    let mut server = Ds389::secured(&format!("{people}\n{READER}\n{RIGHTS}\n{CONFIG_RIGHTS}"));
    let secured = |server: &Ds389, ca_file: &Path| Realm {
        urls: vec![server.ldaps_url()],
        write_url: server.ldaps_url(),
        ca_file: Some(ca_file.display().to_string()),
        ..realm(server)
    };
    let healthy = secured(&server, &server.config().join("ca.crt")).look();
    healthy.is_healthy();
    assert!(healthy.0.contains("host name checked"), "{}", healthy.0);
    let authority = Authority::new();
    let (certificate, key) = authority.issue_as(&["localhost", "127.0.0.1"], |wanted| {
        wanted.not_before = rcgen::date_time_ymd(2024, 1, 1);
        wanted.not_after = rcgen::date_time_ymd(2025, 2, 28);
    });
    server.show_certificate(&certificate, &key);
    let ca_file = server.config().join("ours.pem");
    std::fs::write(&ca_file, authority.pem()).unwrap();
    secured(&server, &ca_file)
        .look()
        .names("DIR_CERT_EXPIRED", &["2025-02-28", "(writing)", "renew"]);
}

fn in_two(supplier: &Ds389, consumer: &Ds389, link: &Chaos) {
    supplier.replicate_to(consumer, link.port(), &dn("d.one"));
    let two = Realm {
        urls: vec![supplier.url(), consumer.url()],
        ..realm(supplier)
    };
    let both = two.look();
    both.is_healthy();
    assert!(both.0.contains("have the same of"), "{}", both.0);
    let written = Realm {
        write_url: consumer.url(),
        ..two.clone()
    };
    written.look().names("DIR_WRITE_REFERRED", &["replica"]);
    link.hold();
    replace(supplier, &dn("d.one"), "mail", "nouveau@campus.example");
    two.look().names(
        "DIR_REPLICA_LAG",
        &[&consumer.url(), "uid=d.one", "mail", "repl-agmt status"],
    );
    link.release();
}

#[allow(clippy::too_many_lines, reason = "one fault after the other")]
fn in_one(server: &Ds389) {
    let sound = realm(server);
    let healthy = sound.look();
    healthy.is_healthy();
    for line in [
        "server 389 Project",
        "the last 3 passwords refused",
        "locked after 5 failures",
    ] {
        assert!(healthy.0.contains(line), "{line}: {}", healthy.0);
    }
    let wrong = Realm {
        base: "ou=poeple,dc=campus,dc=example".to_owned(),
        ..sound.clone()
    };
    wrong.look().names("DIR_BASE_MISSING", &["ou=poeple", PEOPLE]);
    let closed = format!("ldap://127.0.0.1:{}", ports::free());
    let elsewhere = Realm {
        urls: vec![closed.clone()],
        ..sound.clone()
    };
    elsewhere.look().names("DIR_PORT_CLOSED", &[&closed]);

    replace(server, &dn("d.two"), "mail", "d.one@campus.example");
    sound.look().names(
        "DIR_LOGIN_AMBIGUOUS",
        &["d.one@campus.example", "uid=d.one", "uid=d.two"],
    );
    replace(server, &dn("d.two"), "mail", "d.two@campus.example");

    replace(server, "cn=config", "passwordStorageScheme", "CLEAR");
    replace(server, &dn("d.two"), "userPassword", "Sesame-Clair-31");
    let told = sound.look();
    told.names("DIR_CLEAR_STORED", &["uid=d.two", "passwordStorageScheme"]);
    assert!(!told.0.contains("Sesame-Clair-31"), "{}", told.0);
    replace(server, "cn=config", "passwordStorageScheme", "PBKDF2-SHA512");
    replace(server, &dn("d.two"), "userPassword", "Sesame-Haché-32");
    sound.look().is_healthy();

    for new in [
        "Histoire-Une-21",
        "Histoire-Deux-22",
        "Histoire-Trois-23",
        "Histoire-Quatre-24",
    ] {
        replace(server, &dn("d.three"), "userPassword", new);
    }
    sound
        .look()
        .names("DIR_HISTORY_FULL", &["uid=d.three", "each of the last 3"]);
    server.modify(&format!("dn: {}\nchangetype: delete\n", dn("d.three")));

    let tree = "cn=dc\\3Dcampus\\2Cdc\\3Dexample,cn=mapping tree,cn=config";
    replace(server, tree, "nsslapd-referral", "ldap://ldap.elsewhere.example/");
    let state = |state: &str| replace(server, tree, "nsslapd-state", state);
    state("referral");
    sound
        .look()
        .names("DIR_REFERRAL", &["ldap://ldap.elsewhere.example"]);
    state("referral on update");
    sound.look().names(
        "DIR_WRITE_REFERRED",
        &["ldap://ldap.elsewhere.example", "replica"],
    );
    state("backend");
    sound.look().is_healthy();

    let aci = "(targetattr != \"userPassword || passwordHistory\")(version 3.0; acl \"reader reads\"; allow (read, search, compare) userdn = \"ldap:///cn=reader,ou=services,dc=campus,dc=example\";)";
    let change = |how: &str| {
        server.modify(&format!(
            "dn: {PEOPLE}\nchangetype: modify\n{how}: aci\naci: {aci}\n"
        ))
    };
    change("delete");
    sound.look().names("DIR_RIGHTS", &["let bind_dn read"]);
    change("add");
    sound.look().is_healthy();

    replace(server, READER_DN, "nsAccountLock", "TRUE");
    sound
        .look()
        .names("DIR_ACCOUNT_LOCKED", &[READER_DN, "inactivated"]);
    server.modify(&format!(
        "dn: {READER_DN}\nchangetype: modify\ndelete: nsAccountLock\n"
    ));
}
