//! Completions and manual pages in the programs that they are made for.

use std::fs;
use std::process::Command;

use tempfile::TempDir;

use super::said;
use crate::support::run::{run, succeed};

fn mereau(arguments: &[&str]) -> String {
    said(env!("CARGO_BIN_EXE_mereau"), arguments)
}

#[test]
fn every_manual_page_is_set_without_a_warning() {
    let folder = TempDir::new().unwrap();
    mereau(&["man", "--into", &folder.path().display().to_string()]);
    let mut pages: Vec<_> = fs::read_dir(folder.path())
        .unwrap()
        .map(|page| page.unwrap().path())
        .collect();
    pages.sort();
    assert!(pages.len() > 20, "{pages:?}");
    for page in &pages {
        // As lintian does it.
        let mut man = Command::new("man");
        man.args(["--warnings", "-E", "UTF-8", "-l", "-Tutf8", "-Z"])
            .arg(page);
        man.env("LC_ALL", "C.UTF-8")
            .env("MANROFFSEQ", "")
            .env("MANWIDTH", "80");
        let output = run(&mut man, "");
        let complaints = String::from_utf8(output.stderr).unwrap();
        assert!(
            output.status.success() && complaints.is_empty(),
            "{}: {complaints}",
            page.display()
        );
    }
    let mut lint = Command::new("mandoc");
    lint.args(["-T", "lint", "-W", "error"]).args(&pages);
    assert_eq!(succeed(&mut lint, ""), "");
}

/// What bash offers for the last of `words`.
fn offered(script: &str, words: &[&str]) -> Vec<String> {
    let last = words.len() - 1;
    let asked = format!(
        "{script}\n[ \"$(complete -p mereau | grep -o -- '-F [a-z_]*')\" = '-F _mereau' ] || exit 9\n\
         COMP_WORDS=({})\nCOMP_CWORD={last}\n_mereau mereau \"${{COMP_WORDS[{last}]}}\" \"${{COMP_WORDS[{last}-1]}}\"\n\
         printf '%s\\n' \"${{COMPREPLY[@]}}\"\n",
        words.join(" ")
    );
    let told = succeed(Command::new("bash").args(["--norc", "--noprofile", "-s"]), &asked);
    told.lines().map(str::to_owned).collect()
}

#[test]
fn bash_completes_commands_and_options() {
    let script = mereau(&["completions", "bash"]);
    assert_eq!(offered(&script, &["mereau", "compl"]), ["completions"]);
    assert_eq!(offered(&script, &["mereau", "keys", "n"]), ["new"]);
    assert_eq!(offered(&script, &["mereau", "health", "--re"]), ["--ready"]);
    let commands = offered(&script, &["mereau", "''"]);
    for command in ["serve", "check", "doctor", "health"] {
        assert!(
            commands.iter().any(|found| found == command),
            "{command}: {commands:?}"
        );
    }
    assert_eq!(offered(&script, &["mereau", "completions", "ba"]), ["bash"]);
}
