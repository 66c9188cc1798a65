//! `mereau keys`: listed without a secret, rotated in two steps under a server that runs.

use std::path::Path;

use super::demo::PASSWORD;
use super::process::{Server, change, demo_folder, mereau, mode, text};
use super::web::Browser;

fn keys(config: &Path, words: &[&str]) -> (String, String, Option<i32>) {
    let config = config.display().to_string();
    let told = mereau(&[&["keys"], words, &["--config", &config]].concat(), "");
    (text(&told.stdout), text(&told.stderr), told.status.code())
}

const WHY: [&str; 2] = ["--reason", "tous les trois mois"];

#[test]
#[allow(clippy::too_many_lines, reason = "one story, step by step")]
fn a_rotation_is_made_in_two_steps_and_loses_nobody() {
    // T-95
    let folder = demo_folder();
    let config = folder.path().join("server.toml");
    let path = |name: &str| folder.path().join(name);
    change(&config, "[log]", "[audit]\nfile = \"audit.jsonl\"\n\n[log]");
    let (mut server, port) = Server::serve(&config);
    let mut reloads = 0;
    let mut reload = || {
        server.signal("HUP");
        reloads += 1;
        server.err.until("a reload", |log| {
            (log.matches("config_reloaded").count() == reloads).then_some(())
        });
    };
    let mut signed_in = Browser::default();
    let page = signed_in.get(port, "/cas/t/valmore/login");
    let reply = signed_in.sign_in(port, &page, "camille.durand", PASSWORD);
    let is_in = |browser: &mut Browser| {
        !browser
            .get(port, "/cas/t/valmore/login")
            .body
            .contains("type=\"password\"")
    };
    assert!(is_in(&mut signed_in), "{}", reply.body);
    // A page that was opened before, to be sent after.
    let mut waiting = Browser::default();
    let opened = waiting.get(port, "/cas/t/valmore/login");

    let secret = std::fs::read_to_string(path("demo.key")).unwrap();
    let (out, err, code) = keys(&config, &["list"]);
    assert_eq!(code, Some(0), "{err}");
    assert!(
        out.contains("seals, names  0 days old") && out.lines().count() == 1,
        "{out}"
    );
    assert!(!out.contains(secret.trim()));

    let (out, err, code) = keys(&config, &[&["rotate"], &WHY[..]].concat());
    assert_eq!(code, Some(0), "{err}");
    assert!(
        out.contains("files = [\"demo.key\", \"1.key\"]") && out.contains("names = \"demo.key\""),
        "{out}"
    );
    assert_eq!(mode(&path("1.key")), 0o600);
    reload();
    assert!(is_in(&mut signed_in));
    let (_, err, code) = keys(&config, &[&["rotate"], &WHY[..]].concat());
    assert_eq!(code, Some(1));
    assert!(err.contains("--activate"), "{err}");
    let (out, _, _) = keys(&config, &["list"]);
    assert!(out.contains("knows, for when it will seal"), "{out}");

    let (out, err, code) = keys(&config, &[&["rotate", "--activate"], &WHY[..]].concat());
    assert_eq!(code, Some(0), "{err}");
    assert!(out.contains("files = [\"1.key\", \"demo.key\"]"), "{out}");
    reload();
    assert!(is_in(&mut signed_in), "the session of before goes on");
    let reply = waiting.sign_in(port, &opened, "camille.durand", PASSWORD);
    assert!(is_in(&mut waiting), "the page of before is good: {}", reply.body);
    let (_, err, code) = keys(&config, &[&["rotate", "--activate"], &WHY[..]].concat());
    assert_eq!(code, Some(1));
    assert!(err.contains("no key waits"), "{err}");

    for step in [&["rotate"][..], &["rotate", "--activate"]] {
        let (_, err, code) = keys(&config, &[step, &WHY].concat());
        assert_eq!(code, Some(0), "{err}");
        reload();
    }
    let text = std::fs::read_to_string(&config).unwrap();
    assert!(
        text.contains("files = [\"2.key\", \"1.key\"]\nnames = \"demo.key\"\n"),
        "{text}"
    );
    assert!(
        is_in(&mut signed_in) && is_in(&mut waiting),
        "sessions hang on the key of names"
    );

    let audit = std::fs::read_to_string(path("audit.jsonl")).unwrap();
    let rotated: Vec<&str> = audit
        .lines()
        .filter(|line| line.contains("keys-rotated"))
        .collect();
    assert_eq!(rotated.len(), 4);
    assert!(rotated.iter().all(|line| line.contains("tous les trois mois")));
    assert!(!audit.contains(secret.trim()));

    change(&config, "names = \"demo.key\"", "names = \"1.key\"");
    server.signal("HUP");
    server.err.until_said("another key of names");
    assert!(is_in(&mut signed_in), "the old ring stays");
    server.signal("TERM");
    assert_eq!(server.wait().code(), Some(0));
}
