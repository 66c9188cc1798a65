//! `mereau sessions`, `people` and `tickets`: on the stores of a server that is stopped, and beside one that
//! runs. On Redis and real directories: tests/live/breach.

use std::path::Path;

use super::process::{Server, change, demo_folder, mereau, text};

fn run(words: &[&str], config: &Path, more: &[&str]) -> (String, String, Option<i32>) {
    let config = config.display().to_string();
    let told = mereau(&[words, &["--config", &config], more].concat(), "");
    (text(&told.stdout), text(&told.stderr), told.status.code())
}

const WHY: [&str; 2] = ["--reason", "dossier 114"];

#[test]
#[allow(clippy::too_many_lines, reason = "one story, step by step")]
fn what_an_operator_types_wrong_is_said_before_anything_is_done() {
    let folder = demo_folder();
    let config = folder.path().join("server.toml");
    let end = &["sessions", "end"][..];
    let must = &["people", "must-change"][..];
    let wrong: [(&[&str], &[&str], i32, &str); 11] = [
        (end, &["--person", "camille.durand"], 2, "--reason"),
        (end, &["--reason", "x"], 2, "--person"),
        (end, &["--filter", "(uid=x)", "--reason", "x"], 2, "--realm"),
        (
            end,
            &["--person", "camille.durand", "--reason", " "],
            1,
            "--reason",
        ),
        (
            end,
            &["--person", "nobody.here", "--reason", "x"],
            1,
            "nobody has the login",
        ),
        (end, &["--realm", "nowhere", "--reason", "x"], 1, "there are: "),
        (
            end,
            &["--realm", "valmore", "--filter", "(uid=", "--reason", "x"],
            1,
            "is no LDAP filter",
        ),
        (must, &["--realm", "valmore", "--reason", "x"], 2, "--filter"),
        (
            must,
            &["--realm", "valmore", "--logins", "/none", "--reason", "x"],
            1,
            "cannot be read",
        ),
        (
            must,
            &[
                "--realm",
                "valmore",
                "--filter",
                "(uid=*)",
                "--except-changed-since",
                "hier",
                "--reason",
                "x",
            ],
            1,
            "is no day",
        ),
        (&["tickets", "epoch-bump"], &[], 2, "--reason"),
    ];
    for (words, arguments, expected, said) in wrong {
        let (out, err, code) = run(words, &config, arguments);
        assert_eq!(code, Some(expected), "{arguments:?} {out} {err}");
        assert!(err.contains(said), "{arguments:?} {err}");
    }
    let (mut server, _) = Server::serve(&config);
    let (_, err, code) = run(end, &config, &["--person", "camille.durand", "--reason", "x"]);
    assert_eq!(code, Some(1), "{err}");
    assert!(err.contains("[admin] address"), "{err}");
    server.signal("TERM");
    assert_eq!(server.wait().code(), Some(0));
}

#[test]
fn sessions_end_with_who_did_it_and_why_in_the_audit_and_a_dry_run_ends_none() {
    // SEC-89
    let folder = demo_folder();
    let config = folder.path().join("server.toml");
    let audit = folder.path().join("audit.jsonl");
    change(&config, "[log]", "[audit]\nfile = \"audit.jsonl\"\n\n[log]");
    let end = &["sessions", "end"][..];
    let person = ["--person", "camille.durand", "--realm", "valmore"];
    let (out, err, code) = run(end, &config, &[&person[..], &WHY, &["--dry-run"]].concat());
    assert_eq!(code, Some(0), "{err}");
    assert!(out.contains("0 sessions would end"), "{out}");
    let realm = ["--realm", "valmore"];
    let (out, _, code) = run(end, &config, &[&realm[..], &WHY, &["--dry-run"]].concat());
    assert_eq!(code, Some(0));
    assert!(
        out.contains("people found in realm valmore: 0 sessions would end"),
        "{out}"
    );
    let lines = || std::fs::read_to_string(&audit).unwrap_or_default();
    assert!(!lines().contains("sessions-ended"));
    let (out, _, code) = run(
        end,
        &config,
        &[&person[..], &WHY, &["--agent", "astreinte"]].concat(),
    );
    assert_eq!(code, Some(0));
    assert!(
        out.contains("0 sessions ended") && out.contains("still opens new"),
        "{out}"
    );
    let (out, _, code) = run(
        end,
        &config,
        &[&realm[..], &WHY, &["--tell-applications"]].concat(),
    );
    assert_eq!(code, Some(0));
    assert!(
        out.contains("every session has ended") && !out.contains("No application"),
        "{out}"
    );
    let (out, _, code) = run(end, &config, &[&realm[..], &WHY].concat());
    assert_eq!(code, Some(0));
    assert!(out.contains("No application was told"), "{out}");
    let ended = lines();
    let ended: Vec<&str> = ended
        .lines()
        .filter(|line| line.contains("sessions-ended"))
        .collect();
    assert_eq!(ended.len(), 3);
    assert!(
        ended
            .iter()
            .all(|line| line.contains("dossier 114") && line.contains("\"agent\""))
    );
    assert!(ended[0].contains("astreinte"));
    let list = ["--person", "camille.durand", "--realm", "valmore"];
    let (out, err, code) = run(&["sessions", "list"], &config, &list);
    assert_eq!(code, Some(0), "{err}");
    assert!(
        out.contains("camille.durand (valmore, ") && out.contains("0 sessions"),
        "{out}"
    );
}

#[test]
fn the_embedded_store_is_emptied_by_a_new_epoch() {
    // F-07
    let folder = demo_folder();
    let config = folder.path().join("server.toml");
    let (out, err, code) = run(&["tickets", "epoch-bump"], &config, &WHY);
    assert_eq!(code, Some(0), "{err}");
    assert!(out.contains("is empty"), "{out}");
    assert!(!folder.path().join("tickets/tickets.redb").exists());
}

/// The demonstration's realm whose people can be written.
fn writable() -> tempfile::TempDir {
    let folder = demo_folder();
    let realm = folder.path().join("realms/valmore.toml");
    let text = std::fs::read_to_string(&realm).unwrap();
    assert!(text.contains("writable = true"), "{text}");
    folder
}

#[test]
fn people_are_marked_by_a_list_which_leads_back() {
    let folder = writable();
    let config = folder.path().join("server.toml");
    let path = |name: &str| folder.path().join(name).display().to_string();
    std::fs::write(path("logins.csv"), "login;nom\ncamille.durand;Durand\n").unwrap();
    let must = &["people", "must-change"][..];
    let (logins, list) = (path("logins.csv"), path("list.csv"));
    let whom = ["--realm", "valmore", "--logins", &logins, "--list", &list];
    let (out, err, code) = run(must, &config, &[&whom[..], &WHY, &["--dry-run"]].concat());
    assert_eq!(code, Some(0), "{err}");
    assert!(out.contains("would have to change: camille.durand"), "{out}");
    assert!(!Path::new(&list).exists());
    let (out, err, code) = run(must, &config, &[&whom[..], &WHY].concat());
    assert_eq!(code, Some(0), "{err}");
    assert!(
        out.contains("1 of 1 person must choose another password"),
        "{out}"
    );
    let report = std::fs::read_to_string(path("list.report.csv")).unwrap();
    assert!(
        report.contains("camille.durand") && report.contains("marked"),
        "{report}"
    );
    let (out, _, code) = run(must, &config, &[&whom[..], &WHY].concat());
    assert_eq!(code, Some(0));
    assert!(out.contains("left out: 1, since must change already"), "{out}");
    let undo = ["--realm", "valmore", "--undo", &list];
    let (out, err, code) = run(must, &config, &[&undo[..], &WHY].concat());
    assert_eq!(code, Some(0), "{err}");
    assert!(out.contains("1 of 1 need not"), "{out}");
    std::fs::write(path("logins.csv"), "camille.durand\nnobody.here\n").unwrap();
    let (_, err, code) = run(must, &config, &[&whom[..], &WHY, &["--dry-run"]].concat());
    assert_eq!(code, Some(1));
    assert!(
        err.contains("nobody has the login nobody.here") && err.contains("Nothing was changed"),
        "{err}"
    );
}
