//! TLS of the served binary as foreign tools see it: versions, ciphers, names, and how long browsers are told
//! to insist on it.

use std::collections::BTreeMap;
use std::fs;
use std::process::Command;

use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::edge_attacks::secured;
use crate::support::certificates::Authority;
use crate::support::child::folder;
use crate::support::run::run;
use crate::support::served::{Options, Served};
use crate::support::slapd::{self, Slapd};

fn served(authority: &Authority) -> Served {
    let slapd = Slapd::start(&slapd::Options::default());
    Served::start(&Options {
        authority: Some(authority),
        ..Options::on(&slapd, "memory:")
    })
}

/// What testssl.sh finds, by the names of its checks.
fn findings(served: &Served) -> BTreeMap<String, String> {
    let file = folder("testssl").join("found.json");
    let url = format!("{}/login", served.url());
    let mut command = Command::new("testssl");
    command
        .args([
            "--quiet",
            "--warnings",
            "off",
            "--color",
            "0",
            "--ip",
            "one",
            "--openssl-timeout",
            "10",
        ])
        .args(["--protocols", "--std", "--headers", "--jsonfile"])
        .arg(&file)
        .arg(url);
    let said = run(&mut command, "");
    let text = fs::read_to_string(&file).unwrap_or_default();
    let found: Vec<Value> = serde_json::from_str(&text)
        .unwrap_or_else(|error| panic!("{error}: {text} {}", String::from_utf8_lossy(&said.stdout)));
    let word = |one: &Value, key: &str| one[key].as_str().unwrap_or_default().to_owned();
    found
        .iter()
        .map(|one| (word(one, "id"), word(one, "finding")))
        .collect()
}

/// What `openssl s_client` says of a connection with these options.
fn openssl(served: &Served, options: &[&str]) -> String {
    let at = format!("127.0.0.1:{}", served.port());
    let mut command = Command::new("openssl");
    command.args(["s_client", "-connect", &at]).args(options);
    let output = run(&mut command, "");
    String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned()
}

#[test]
fn testssl_finds_two_versions_no_weak_cipher_and_a_year_of_insistence() {
    // T-11
    let authority = Authority::new();
    let served = served(&authority);
    let found = findings(&served);
    let of = |id: &str| found.get(id).map_or("", String::as_str);
    for old in ["SSLv2", "SSLv3", "TLS1", "TLS1_1"] {
        assert!(of(old).starts_with("not offered"), "{old}: {found:?}");
    }
    for new in ["TLS1_2", "TLS1_3"] {
        assert!(of(new).starts_with("offered"), "{new}: {found:?}");
    }
    let kinds = found.iter().filter(|(id, _)| id.starts_with("cipherlist_"));
    let offered: Vec<&String> = kinds
        .filter(|(_, finding)| finding.starts_with("offered"))
        .map(|(id, _)| id)
        .collect();
    // NULL, anonymous, export, LOW, 3DES and CBC are lists of their own.
    assert_eq!(offered, ["cipherlist_STRONG"], "{found:?}");
    let days: u64 = of("HSTS_time").split(' ').next().unwrap().parse().expect("days");
    assert!(days >= 365, "{found:?}");
    // The key exchange of RSA is none that a list of testssl tells apart from others.
    for weak in [
        "kRSA",
        "AES128-SHA256",
        "ECDHE-ECDSA-AES128-SHA256",
        "ECDHE-ECDSA-AES128-SHA",
    ] {
        let said = openssl(&served, &["-tls1_2", "-cipher", &format!("{weak}:@SECLEVEL=0")]);
        assert!(said.contains("handshake failure"), "{weak}: {said}");
    }
    let said = openssl(&served, &["-tls1_2", "-cipher", "ECDHE-ECDSA-AES128-GCM-SHA256"]);
    assert!(said.contains("Cipher is ECDHE-ECDSA-AES128-GCM-SHA256"), "{said}");
}

/// The certificate that is shown, in PEM.
fn certificate(said: &str) -> &str {
    let begin = said
        .find("-----BEGIN CERTIFICATE-----")
        .unwrap_or_else(|| panic!("{said}"));
    let end = said
        .find("-----END CERTIFICATE-----")
        .unwrap_or_else(|| panic!("{said}"));
    &said[begin..end]
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_name_a_client_names_in_tls_or_in_http_it_is_the_same_server() {
    // T-12
    let authority = Authority::new();
    let served = served(&authority);
    let shown = [
        "-servername localhost",
        "-servername LOCALHOST",
        "-servername evil.example",
        "-noservername",
    ]
    .map(|options| openssl(&served, &options.split(' ').collect::<Vec<_>>()));
    for other in &shown[1..] {
        assert_eq!(certificate(other), certificate(&shown[0]));
    }
    // One connection, several hosts: no answer is of another host, and none names it.
    let mut stream = secured(&served, "http/1.1").await;
    for host in ["localhost", "evil.example", "localhost:1", "127.0.0.1"] {
        let request = format!("HEAD /cas/login HTTP/1.1\r\nHost: {host}\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        while !answer.ends_with(b"\r\n\r\n") {
            answer.push(stream.read_u8().await.unwrap());
        }
        let answer = String::from_utf8(answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 200"), "{host}: {answer}");
        assert!(!answer.contains("evil"), "{answer}");
    }
    let request = "GET /cas/login HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n";
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut page = String::new();
    stream.read_to_string(&mut page).await.unwrap();
    assert!(page.contains("</html>") && !page.contains("evil"), "{page}");
}
