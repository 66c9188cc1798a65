//! What packages make of the command line: completions and manual pages.

use std::collections::BTreeSet;
use std::fs;

use tempfile::TempDir;

use super::process::{mereau, text};

#[test]
fn every_command_has_a_manual_page_and_two_runs_write_the_same() {
    let (first, second) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    for folder in [&first, &second] {
        let into = folder.path().join("man").display().to_string();
        let made = mereau(&["man", "--into", &into], "");
        assert!(made.status.success(), "{}", text(&made.stderr));
    }
    let pages = |folder: &TempDir| -> BTreeSet<(String, String)> {
        let files = fs::read_dir(folder.path().join("man")).unwrap();
        let read = files.map(|file| file.unwrap()).map(|file| {
            let name = file.file_name().into_string().unwrap();
            (name, fs::read_to_string(file.path()).unwrap())
        });
        read.collect()
    };
    let pages_of_first = pages(&first);
    assert_eq!(pages_of_first, pages(&second));
    let names: BTreeSet<&str> = pages_of_first.iter().map(|(name, _)| name.as_str()).collect();
    for name in [
        "mereau.1",
        "mereau-serve.1",
        "mereau-doctor-person.1",
        "mereau-health.1",
    ] {
        assert!(names.contains(name), "{name} is not among {names:?}");
    }
    for (name, page) in &pages_of_first {
        for section in ["NAME", "SYNOPSIS", "DESCRIPTION", "EXIT STATUS", "SEE ALSO"] {
            let heading = format!(".SH \"{section}\"");
            let plain = format!(".SH {section}\n");
            assert!(
                page.contains(&heading) || page.contains(&plain),
                "{name} lacks {section}"
            );
        }
    }
}

#[test]
fn the_completions_of_each_shell_know_every_command() {
    let help = text(&mereau(&["--help"], "").stdout);
    let listed = help.split_once("Commands:\n").unwrap().1;
    let commands: Vec<&str> = listed
        .lines()
        .take_while(|line| !line.is_empty())
        .filter_map(|line| line.split_whitespace().next())
        .collect();
    assert!(
        commands.contains(&"completions") && commands.len() > 10,
        "{commands:?}"
    );
    for shell in ["bash", "zsh", "fish"] {
        let made = mereau(&["completions", shell], "");
        assert!(made.status.success());
        let script = text(&made.stdout);
        for command in &commands {
            assert!(script.contains(command), "{shell} does not know {command}");
        }
    }
    assert_eq!(mereau(&["completions", "cmd"], "").status.code(), Some(2));
}
