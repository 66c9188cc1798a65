//! `[audit] file` of a server that serves, and `audit verify` on what it wrote.

use std::path::Path;

use super::demo::PASSWORD;
use super::process::{Server, change, demo_folder, mereau, mode, text};
use super::web::Browser;

/// What `audit verify` prints, and its exit code.
fn verify(config: &Path, more: &[&str]) -> (String, Option<i32>) {
    let config = config.display().to_string();
    let told = mereau(&[&["audit", "verify", "--config", &config], more].concat(), "");
    (text(&told.stdout) + &text(&told.stderr), told.status.code())
}

#[test]
fn a_served_sign_in_is_in_the_chain_and_a_touched_line_is_named() {
    // SEC-89, T-93
    let folder = demo_folder();
    let config = folder.path().join("server.toml");
    change(&config, "[log]", "[audit]\nfile = \"audit.jsonl\"\n\n[log]");
    let (mut server, port) = Server::serve(&config);
    let mut browser = Browser::default();
    let page = browser.get(port, "/cas/t/valmore/login");
    browser.sign_in(port, &page, "camille.durand", "canary-7Hq2-wrong");
    let file = folder.path().join("audit.jsonl");
    let moved = folder.path().join("audit.1");
    std::fs::rename(&file, &moved).unwrap();
    server.signal("HUP");
    server.err.until_said("chain-continued");
    let page = browser.get(port, "/cas/t/valmore/login");
    browser.sign_in(port, &page, "camille.durand", PASSWORD);
    server.signal("TERM");
    assert_eq!(server.wait().code(), Some(0));
    assert_eq!(mode(&file), 0o600);
    let both = [moved.display().to_string(), file.display().to_string()];
    let both = [both[0].as_str(), both[1].as_str()];
    let (said, code) = verify(&config, &both);
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("good: 4 lines"), "{said}");
    let (_, rest) = said.split_once("ends with line 3, ").expect("an end");
    let head = &rest[..64];
    assert_eq!(verify(&config, &["--head", head]).1, Some(0));
    assert_eq!(verify(&config, &["--head", &"0".repeat(64)]).1, Some(1));
    let written = std::fs::read_to_string(&moved).unwrap();
    assert!(
        written.contains("sign-in-refused") && !written.contains("canary"),
        "{written}"
    );
    change(&moved, "sign-in-refused", "signed-in");
    let (said, code) = verify(&config, &both);
    assert_eq!(code, Some(1), "{said}");
    assert!(
        said.contains("audit.1:2: BROKEN") && said.contains("1 place"),
        "{said}"
    );
}

#[test]
fn an_audit_that_cannot_be_written_or_proved_stops_the_start() {
    // SEC-89
    let folder = demo_folder();
    let config = folder.path().join("server.toml");
    change(&config, "[log]", "[audit]\nfile = \"demo.key\"\n\n[log]");
    let shown = config.display().to_string();
    let told = mereau(&["serve", "--config", &shown], "");
    assert_eq!(told.status.code(), Some(1));
    assert!(
        text(&told.stderr).contains("it is another file"),
        "{}",
        text(&told.stderr)
    );
    change(&config, "files = [\"demo.key\"]", "files = []");
    let told = mereau(&["check", "--config", &shown], "");
    assert!(
        text(&told.stderr).contains("audit.file: this file's chain needs a key"),
        "{}",
        text(&told.stderr)
    );
}
