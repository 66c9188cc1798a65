//! `mereau recovery send`: on the stores of a server that is stopped, and beside one that runs.

use std::path::Path;

use super::process::{Server, change, demo_folder, mereau, text};

fn send(config: &Path, more: &[&str]) -> (String, String, Option<i32>) {
    let config = config.display().to_string();
    let told = mereau(&[&["recovery", "send", "--config", &config], more].concat(), "");
    (text(&told.stdout), text(&told.stderr), told.status.code())
}

#[test]
fn an_agent_prints_a_code_that_is_audited_with_its_reason_and_opens_no_password_to_them() {
    // S4-14, SEC-89, T-84
    let folder = demo_folder();
    let config = folder.path().join("server.toml");
    change(&config, "[log]", "[audit]\nfile = \"audit.jsonl\"\n\n[log]");
    let who = ["camille.durand", "--institution", "valmore"];
    let asked = [
        "--print-code",
        "--agent",
        "guichet-3",
        "--reason",
        "carte vue au guichet",
    ];
    let (out, err, code) = send(&config, &[&who[..], &asked[..]].concat());
    assert_eq!(code, Some(0), "{err}");
    assert!(out.contains("Code for camille.durand: "), "{out}");
    assert!(
        out.contains("until 20") && out.contains("1 address on record told"),
        "{out}"
    );
    assert!(!out.contains("http"), "no link is shown: {out}");
    let audit = std::fs::read_to_string(folder.path().join("audit.jsonl")).unwrap();
    let line = audit
        .lines()
        .find(|line| line.contains("sent-by-agent"))
        .expect("audited");
    for part in ["guichet-3", "carte vue au guichet", "\"done\""] {
        assert!(line.contains(part), "{line}");
    }
    let printed = out.split("camille.durand: ").nth(1).unwrap();
    assert!(
        !audit.contains(printed.split('\n').next().unwrap()),
        "the code is nowhere else"
    );
    let verified = mereau(
        &["audit", "verify", "--config", &config.display().to_string()],
        "",
    );
    assert!(verified.status.success(), "{}", text(&verified.stdout));
    let to = [
        "--to",
        "camille.nouvelle@messagerie.example",
        "--reason",
        "perte de l’adresse",
    ];
    let (out, err, code) = send(&config, &[&who[..], &to[..]].concat());
    assert_eq!(code, Some(0), "{err}");
    assert!(out.contains("is on its way"), "{out}");
}

#[allow(clippy::too_many_lines, reason = "one table of mistakes and mends")]
#[test]
fn what_cannot_be_sent_is_said_with_what_to_do() {
    // S4-11, T-84
    let folder = demo_folder();
    let config = folder.path().join("server.toml");
    let wrong: [(&[&str], i32, &str); 6] = [
        (
            &["camille.durand", "--print-code", "--institution", "valmore"],
            2,
            "--reason",
        ),
        (
            &["camille.durand", "--reason", "x", "--institution", "valmore"],
            2,
            "--print-code",
        ),
        (
            &[
                "nobody.here",
                "--print-code",
                "--reason",
                "x",
                "--institution",
                "valmore",
            ],
            1,
            "nobody has",
        ),
        (
            &["camille.durand", "--print-code", "--reason", "x"],
            1,
            "--institution",
        ),
        (
            &[
                "camille.durand",
                "--to",
                "a@b.example,c@d.example",
                "--reason",
                "x",
            ],
            1,
            "exactly one",
        ),
        (
            &[
                "camille.durand",
                "--print-code",
                "--reason",
                " ",
                "--institution",
                "valmore",
            ],
            1,
            "--reason",
        ),
    ];
    for (arguments, expected, said) in wrong {
        let (out, err, code) = send(&config, arguments);
        assert_eq!(code, Some(expected), "{arguments:?} {out} {err}");
        assert!(err.contains(said), "{arguments:?} {err}");
    }
    let (mut server, _) = Server::serve(&config);
    let usual = [
        "camille.durand",
        "--print-code",
        "--reason",
        "x",
        "--institution",
        "valmore",
    ];
    let (_, err, code) = send(&config, &usual);
    assert_eq!(code, Some(1), "{err}");
    assert!(err.contains("stop the server"), "{err}");
    server.signal("TERM");
    assert_eq!(server.wait().code(), Some(0));
}

#[test]
fn an_operator_opens_only_what_was_closed_and_says_why() {
    // SEC-58
    let folder = demo_folder();
    let config = folder.path().join("server.toml").display().to_string();
    let unlock = |more: &[&str]| {
        let told = mereau(&[&["recovery", "unlock", "--config", &config], more].concat(), "");
        (text(&told.stderr), told.status.code())
    };
    let who = ["camille.durand", "--institution", "valmore"];
    let (err, code) = unlock(&who);
    assert!(code != Some(0) && err.contains("--reason"), "{err}");
    let (err, code) = unlock(&[&who[..], &["--reason", "carte vue"]].concat());
    assert_eq!(code, Some(1), "{err}");
    assert!(err.contains("camille.durand was not closed here"), "{err}");
    let (err, code) = unlock(&["nobody.at.all", "--institution", "valmore", "--reason", "x"]);
    assert_eq!(code, Some(1), "{err}");
    assert!(err.contains("exactly one entry"), "{err}");
}
