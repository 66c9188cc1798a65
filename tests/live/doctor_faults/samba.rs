//! Active Directory, as Samba speaks it.

use super::Realm;
use crate::directory_writes::FIRST;
use crate::support::ports;
use crate::support::samba::{PEOPLE, Samba, WRITER_DN, WRITER_PASSWORD, dn};
use mereau::base::clock::{Clock, SystemClock};

const READER: &str = "d.reader";
const READER_PASSWORD: &str = "Lecteur-Sesame-1";

fn realm(samba: &Samba) -> Realm {
    Realm {
        urls: vec![samba.url()],
        ca_file: Some(samba.authority_file().display().to_string()),
        base: PEOPLE.to_owned(),
        reader: (dn(READER), READER_PASSWORD.to_owned()),
        write_url: samba.url(),
        method: "ad",
        writer: (WRITER_DN.to_owned(), WRITER_PASSWORD.to_owned()),
        logins: &["sAMAccountName", "mail"],
        subject: "objectGUID",
    }
}

/// One domain serves all: each fault is taken out again, the ones that cannot be come last.
#[test]
#[allow(clippy::too_many_lines, reason = "one fault after the other")]
fn a_healthy_domain_shows_none_of_the_ten_and_each_planted_in_it_is_named() {
    let mut samba = Samba::start(&[
        (READER, READER_PASSWORD, ""),
        ("d.one", FIRST, "mail: d.one@campus.example\n"),
        ("d.two", FIRST, "mail: d.two@campus.example\n"),
    ]);
    let sound = realm(&samba);
    let healthy = sound.look();
    healthy.is_healthy();
    for line in [
        "server Samba Team",
        "the last 3 passwords refused",
        "locked after 5 failures for 30 min",
    ] {
        assert!(healthy.0.contains(line), "{line}: {}", healthy.0);
    }
    let wrong = Realm {
        base: "OU=poeple,DC=campus,DC=example".to_owned(),
        ..sound.clone()
    };
    wrong.look().names("DIR_BASE_MISSING", &["OU=poeple", PEOPLE]);
    let closed = format!("{}:{}", samba.url(), ports::free());
    let elsewhere = Realm {
        urls: vec![closed.clone()],
        ..sound.clone()
    };
    elsewhere.look().names("DIR_PORT_CLOSED", &[&closed]);
    let mail = |address: &str| {
        samba.modify(&format!(
            "dn: {}\nchangetype: modify\nreplace: mail\nmail: {address}\n",
            dn("d.two")
        ));
    };
    mail("d.one@campus.example");
    sound.look().names(
        "DIR_LOGIN_AMBIGUOUS",
        &["d.one@campus.example", "CN=d.one", "CN=d.two"],
    );
    mail("d.two@campus.example");

    let properties = |bits: u32| {
        samba.modify(&format!(
            "dn: DC=campus,DC=example\nchangetype: modify\nreplace: pwdProperties\npwdProperties: {bits}\n"
        ));
    };
    properties(17);
    let told = sound.look();
    assert!(told.0.contains("reversible encryption"), "{}", told.0);
    told.names("DIR_CLEAR_STORED", &["pwdProperties", "reversible encryption"]);
    properties(1);
    sound.look().is_healthy();

    let before = samba.deny_reading(&dn(READER), PEOPLE);
    sound
        .look()
        .names("DIR_RIGHTS", &["let bind_dn read", "the writing account sees"]);
    samba.restore_access(PEOPLE, &before);
    sound.look().is_healthy();

    // Two controllers of which one does not hear of changes any more.
    let other = samba.copy();
    let two = Realm {
        urls: vec![samba.url(), other.url()],
        ca_file: Some(samba.authority_file().display().to_string()),
        ..sound.clone()
    };
    let both = two.look();
    both.is_healthy();
    assert!(both.0.contains("have the same of"), "{}", both.0);
    mail("d.nouveau@campus.example");
    two.look()
        .names("DIR_REPLICA_LAG", &[&other.url(), "CN=d.two", "mail", "showrepl"]);
    drop(other);

    let now = format!("{}", 116_444_736_000_000_000u64 + unix_seconds() * 10_000_000);
    samba.modify(&format!(
        "dn: {}\nchangetype: modify\nreplace: lockoutTime\nlockoutTime: {now}\n",
        dn(READER)
    ));
    sound
        .look()
        .names("DIR_ACCOUNT_LOCKED", &["CN=d.reader", "data 775"]);

    samba.restart_with_certificate_until(2025, 2, 28);
    let told = sound.look();
    assert!(
        !told.faults().is_empty() && told.faults().iter().all(|code| *code == "DIR_CERT_EXPIRED"),
        "{}",
        told.0
    );
    assert!(told.0.contains("2025-02-28"), "{}", told.0);
}

fn unix_seconds() -> u64 {
    SystemClock.now().0 / 1000
}
