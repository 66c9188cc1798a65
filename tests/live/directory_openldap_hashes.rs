//! How a real slapd hashes what it is given, what a look at it tells, and entries with odd names.

use mereau::base::entropy::OsEntropy;
use mereau::directory::ldap::LdapDirectory;
use mereau::directory::{Bound, Directory, Found, Wrote};
use mereau::passwords::hashes;

use crate::directory::login;
use crate::directory_openldap_writes::{
    ARGON2, account, bind, change, directory, dn, entry, of_one, reset, value,
};
use crate::directory_writes::FIRST;
use crate::support::slapd::{Options, PEOPLE, SERVICE_DN, SERVICE_PASSWORD, Slapd};

async fn told(directory: &LdapDirectory) -> (String, String) {
    let probe = directory.probe_writing().await.remove(0);
    assert_eq!(probe.server.problem, None);
    let warnings: Vec<String> = probe
        .warnings
        .into_iter()
        .map(|warning| format!("{} → {}", warning.fact, warning.advice))
        .collect();
    let facts: Vec<String> = probe.facts.into_iter().map(|fact| fact.fact).collect();
    (facts.join("\n"), warnings.join("\n"))
}

#[tokio::test]
async fn the_look_tells_the_costs_that_the_server_really_uses() {
    // SEC-85
    for (arguments, stored, weak) in [
        ("", "ARGON2 argon2i v=19 m=4096,t=3,p=1", true),
        ("m=19456 t=2 p=1", "ARGON2 argon2i v=19 m=19456,t=2,p=1", false),
    ] {
        let slapd = Slapd::start(&Options {
            entries: &entry("w", ""),
            settings: ARGON2,
            argon2: arguments,
            ..Options::default()
        });
        let directory = directory(of_one(&slapd));
        assert_eq!(
            reset(&directory, "w", "Cout-Sesame-90").await.unwrap(),
            Wrote::Done
        );
        let (facts, warnings) = told(&directory).await;
        assert!(facts.contains(&format!("newest password as {stored}")), "{facts}");
        assert_eq!(warnings.contains("m=19456 t=2 p=1"), weak, "{warnings}");
    }
}

#[tokio::test]
async fn a_hash_made_elsewhere_with_argon2id_is_taken_by_the_server() {
    // SEC-85
    let stored = hashes::argon2id("Ailleurs-Sesame-91".as_bytes(), &OsEntropy).unwrap();
    assert!(stored.contains("$argon2id$v=19$m=19456,t=2,p=1$"));
    let slapd = Slapd::start(&Options {
        entries: &entry("w", "").replace(FIRST, &stored),
        ..Options::default()
    });
    let directory = directory(of_one(&slapd));
    assert_eq!(
        bind(&directory, "w", "Ailleurs-Sesame-91").await,
        Bound::Accepted(None)
    );
    assert_eq!(
        bind(&directory, "w", "Ailleurs-Sesame-92").await,
        Bound::WrongPassword
    );
}

#[tokio::test]
async fn rights_are_tried_without_changing_anything() {
    // SEC-76
    let slapd = Slapd::start(&Options {
        entries: &entry("w", ""),
        settings: ARGON2,
        ..Options::default()
    });
    let mut settings = of_one(&slapd);
    settings.mapping.own = ["mereauRecoveryMail", "mereauRecoveryMobile", "mail"]
        .map(str::to_owned)
        .into();
    let sound = directory(settings.clone());
    reset(&sound, "w", "Droits-Sesame-93").await.unwrap();
    let before = slapd.entry(&dn("w"));
    let (facts, _) = told(&sound).await;
    assert!(
        facts.contains("may write mereauGeneration, mereauRecoveryMail, mereauRecoveryMobile"),
        "{facts}"
    );
    settings.mapping.own.push("supannMailPersoo".to_owned());
    let poor = change(settings, |write| {
        write.account = account(SERVICE_DN, SERVICE_PASSWORD)
    });
    let (facts, warnings) = told(&poor).await;
    assert!(!facts.contains("may write"), "{facts}");
    for expected in [
        "may not write mereauGeneration, mereauRecoveryMail, mereauRecoveryMobile",
        "it may not write them either",
    ] {
        assert!(warnings.contains(expected), "{expected}: {warnings}");
    }
    let unknown = poor.probe_writing().await.remove(0).unknown;
    assert_eq!(unknown, ["supannMailPersoo"]);
    assert_eq!(slapd.entry(&dn("w")), before, "nothing was written");
}

#[tokio::test]
async fn people_whose_entries_have_odd_names_are_found_bound_and_written() {
    // SEC-45
    // RFC 4514: the name as the directory writes it, and the login in it.
    let odd = [
        ("o\\,neil", "o,neil"),
        ("jean\\+x", "jean+x"),
        ("\\#dupont", "#dupont"),
        ("a\\=b\\;c", "a=b;c"),
        ("\\22quoted\\22", "\"quoted\""),
        ("back\\5Cslash", "back\\slash"),
        ("star*(x)", "star*(x)"),
        ("élise\\<x\\>", "élise<x>"),
    ];
    let entries: Vec<String> = odd
        .iter()
        .map(|(name, uid)| {
            let base64 = |text: &str| data_encoding::BASE64.encode(text.as_bytes());
            format!(
                "dn:: {}\nobjectClass: inetOrgPerson\nuid:: {}\ncn: X\nsn: X\nuserPassword: {FIRST}\n",
                base64(&format!("uid={name},{PEOPLE}")),
                base64(uid)
            )
        })
        .collect();
    let slapd = Slapd::start(&Options {
        entries: &entries.join("\n"),
        settings: ARGON2,
        ..Options::default()
    });
    let directory = directory(of_one(&slapd));
    for (name, uid) in odd {
        let found = directory.find(&login(uid)).await.unwrap();
        let Found::One(person) = found else {
            panic!("{uid}: {found:?}")
        };
        assert_eq!(person.login, uid);
        assert_eq!(
            bind(&directory, uid, FIRST).await,
            Bound::Accepted(None),
            "{name}"
        );
        assert_eq!(
            reset(&directory, uid, "Nom-Sesame-94").await.unwrap(),
            Wrote::Done,
            "{name}"
        );
        assert_eq!(
            bind(&directory, uid, "Nom-Sesame-94").await,
            Bound::Accepted(None)
        );
        let entry = slapd.entry(&person.entry.0);
        assert!(value(&entry, "mereauGeneration").is_some(), "{entry}");
    }
}
