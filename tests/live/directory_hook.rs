//! The program of a site that is told of new passwords: what it reads, and that its failure hurts
//! nobody.

use std::sync::Arc;
use std::time::Duration;

use mereau::directory::{Bound, HookSettings, Wrote};

use crate::directory_openldap_writes::{ARGON2, bind, change, entry, of_one, reset};
use crate::support::slapd::{Options, Slapd};

#[tokio::test]
async fn the_program_after_a_password_reads_it_on_its_input_and_its_failure_hurts_nobody() {
    // SEC-84
    let slapd = Slapd::start(&Options {
        entries: &entry("w", ""),
        settings: ARGON2,
        ..Options::default()
    });
    let folder = tempfile::tempdir().unwrap();
    let told = folder.path().join("told");
    let script = format!(
        "cat > {0}; tr '\\0' ' ' < /proc/$$/cmdline > {0}.argv; env > {0}.env",
        told.display()
    );
    let hook = |command: &[&str], limit: u64| HookSettings {
        command: command.iter().map(|word| (*word).to_owned()).collect(),
        limit: Duration::from_millis(limit),
        witness: None,
    };
    let writing = change(of_one(&slapd), |write| {
        write.hook = Some(hook(&["sh", "-c", &script], 60_000))
    });
    assert_eq!(
        reset(&writing, "w", "Crochet-Sesame-71").await.unwrap(),
        Wrote::Done
    );
    let read: serde_json::Value = serde_json::from_slice(&std::fs::read(&told).unwrap()).unwrap();
    assert_eq!(read["password"], "Crochet-Sesame-71");
    assert_eq!((&read["login"], &read["manner"]), (&"w".into(), &"reset".into()));
    for shown in ["argv", "env"] {
        let shown = std::fs::read_to_string(told.with_extension(shown)).unwrap();
        assert!(!shown.contains("Crochet-Sesame-71"), "{shown}");
        // Nor what our own environment holds: there may be the passwords of service accounts.
        assert!(!shown.contains("CARGO"), "{shown}");
    }
    let failures = Arc::new(std::sync::Mutex::new(Vec::new()));
    for (number, command) in [vec!["/nonexistent"], vec!["false"], vec!["sleep", "600"]]
        .into_iter()
        .enumerate()
    {
        let noted = failures.clone();
        let failing = change(of_one(&slapd), |write| {
            write.hook = Some(HookSettings {
                witness: Some(Arc::new(move |_, why| noted.lock().unwrap().push(why.to_owned()))),
                ..hook(&command, 300)
            });
        });
        let new = format!("Crochet-Sesame-8{number}");
        assert_eq!(
            reset(&failing, "w", &new).await.unwrap(),
            Wrote::Done,
            "{command:?}"
        );
        assert_eq!(bind(&failing, "w", &new).await, Bound::Accepted(None));
    }
    let failures = failures.lock().unwrap();
    assert_eq!(failures.len(), 3, "{failures:?}");
    assert!(failures[2].contains("300 ms"), "{failures:?}");
}
