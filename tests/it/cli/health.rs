//! `health` against servers of this machine that live, that live behind TLS, and that do not.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use tempfile::TempDir;

use super::process::{Server, change, demo_folder, mereau, text};
use crate::certificates::Authority;

/// What `health` says of the configuration of a folder: its exit code, and the one line.
fn health(folder: &TempDir, more: &[&str]) -> (Option<i32>, String) {
    let config = folder.path().join("server.toml").display().to_string();
    let mut arguments = vec!["health", "--config", &config];
    arguments.extend(more);
    let output = mereau(&arguments, "");
    let said = text(&output.stdout) + &text(&output.stderr);
    assert_eq!(said.lines().count(), 1, "{said}");
    (output.status.code(), said)
}

/// A server of the demonstration, and its configuration with the port that it got.
fn served(folder: &TempDir) -> (Server, u16) {
    let config = folder.path().join("server.toml");
    let (server, port) = Server::serve(&config);
    change(&config, "127.0.0.1:0", &format!("127.0.0.1:{port}"));
    (server, port)
}

fn private(path: &Path, content: &str) {
    fs::write(path, content).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
}

#[test]
fn a_server_without_an_admin_address_is_asked_for_its_sign_in_page() {
    let folder = demo_folder();
    // As behind a proxy: people know another name than this machine's.
    let config = folder.path().join("server.toml");
    change(
        &config,
        "http://localhost:8080/cas",
        "https://cas.example.org/cas",
    );
    let (mut server, port) = served(&folder);
    let (code, said) = health(&folder, &[]);
    assert_eq!(code, Some(0), "{said}");
    assert_eq!(said, "healthy: http://cas.example.org/cas/login answers 200\n");
    let (code, said) = health(&folder, &["--ready"]);
    assert_eq!(code, Some(1));
    assert!(said.contains("write [admin] listen"), "{said}");
    server.signal("TERM");
    assert_eq!(server.wait().code(), Some(0));
    let (code, said) = health(&folder, &[]);
    assert_eq!(code, Some(1));
    assert!(
        said.starts_with("unhealthy: ") && said.contains("refused"),
        "{said}"
    );
    let url = format!("http://127.0.0.1:{port}/");
    assert_eq!(health(&folder, &["--url", &url]).0, Some(1));
}

#[test]
fn a_server_that_does_tls_is_known_by_its_own_certificate() {
    let folder = demo_folder();
    let (chain, key) = Authority::new().issue(&["cas.example.org"]);
    private(&folder.path().join("chain.pem"), &chain);
    private(&folder.path().join("key.pem"), &key);
    let config = folder.path().join("server.toml");
    change(
        &config,
        "[keys]",
        "[server.tls]\ncertificate = \"chain.pem\"\nkey = \"key.pem\"\n\n[keys]",
    );
    change(
        &config,
        "http://localhost:8080/cas",
        "https://cas.example.org/cas",
    );
    let (_server, _) = served(&folder);
    let (code, said) = health(&folder, &[]);
    assert_eq!(code, Some(0), "{said}");
    assert_eq!(said, "healthy: https://cas.example.org/cas/login answers 200\n");
    // Another server at this address is not taken for ours.
    let (other, _) = Authority::new().issue(&["cas.example.org"]);
    private(&folder.path().join("chain.pem"), &other);
    let (code, said) = health(&folder, &[]);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("unhealthy: ") && said.contains("TLS"), "{said}");
}

#[test]
fn a_server_that_wants_every_connection_announced_is_told_that_this_machine_speaks_for_itself() {
    // T-16
    for proxies in ["127.0.0.1", "192.0.2.9"] {
        let folder = demo_folder();
        let config = folder.path().join("server.toml");
        let demanded = format!("[server]\nproxy_protocol = true\ntrusted_proxies = [\"{proxies}\"]\n");
        change(&config, "[server]\n", &demanded);
        let (_server, port) = served(&folder);
        let (code, said) = health(&folder, &[]);
        assert_eq!(code, Some(0), "{proxies}: {said}");
        // Whoever asks without a word of its own gets none.
        let url = format!("http://127.0.0.1:{port}/cas/login");
        assert_eq!(health(&folder, &["--url", &url]).0, Some(1));
    }
}

#[test]
fn a_realm_that_somebody_is_just_writing_makes_no_server_look_dead() {
    let folder = demo_folder();
    let (_server, _) = served(&folder);
    let half = folder.path().join("realms/new.toml");
    fs::write(half, "name = \"Half wri").unwrap();
    let (code, said) = health(&folder, &[]);
    assert_eq!(code, Some(0), "{said}");
}

/// An admin address that answers `answer` once, if it is asked for `path` and is told no token.
fn stands_in(path: &'static str, answer: &'static str) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut head = String::new();
        let mut lines = BufReader::new(stream.try_clone().unwrap());
        while !head.ends_with("\r\n\r\n") && lines.read_line(&mut head).is_ok_and(|read| read > 0) {}
        let right = head.starts_with(&format!("GET {path} HTTP/1.1\r\n"))
            && !head.to_lowercase().contains("authorization");
        let answer = if right { answer } else { "400 Bad Request\r\n\r\n" };
        write!(stream, "HTTP/1.1 {answer}").unwrap();
    });
    port
}

#[test]
fn an_admin_address_is_asked_without_its_token_since_another_may_listen_there() {
    const TOKEN: &str = "0123456789abcdef-by-chance";
    let ask = |path, answer, more: &[&str]| {
        let folder = demo_folder();
        let port = stands_in(path, answer);
        private(&folder.path().join("admin.token"), &format!("{TOKEN}\n"));
        change(
            &folder.path().join("server.toml"),
            "[keys]",
            &format!("[admin]\nlisten = \"0.0.0.0:{port}\"\ntoken_file = \"admin.token\"\n\n[keys]"),
        );
        let (code, said) = health(&folder, more);
        assert!(!said.contains(TOKEN), "{said}");
        (code, said.replace(&port.to_string(), "PORT"))
    };
    let alive = ask("/livez", "200 OK\r\nContent-Length: 3\r\n\r\nok\n", &[]);
    let said = "healthy: http://127.0.0.1:PORT/livez answers 200\n";
    assert_eq!(alive, (Some(0), said.to_owned()));
    let unready = "503 Service Unavailable\r\nContent-Length: 17\r\n\r\nstore: no answer\n";
    let said = "unhealthy: http://127.0.0.1:PORT/readyz answers 503: store: no answer\n";
    assert_eq!(ask("/readyz", unready, &["--ready"]), (Some(1), said.to_owned()));
}
