//! Examples of ours in the book are good: whole files, sections of a realm or of the server, and the
//! files of the repository that the book repeats for those who have only the book.

use std::fs;
use std::path::Path;

use tempfile::TempDir;

use crate::book::{self, Block};

const SERVER: &str = "[server]\nlisten = \"127.0.0.1:8080\"\npublic_url = \"http://localhost:8080/cas\"\n";
const TICKETS: &str = "[tickets]\nurl = \"memory:\"\n";
const REALM: &str = "name = \"Université de Valmoré\"\nscope = \"univ.example\"\n";
const DIRECTORY: &str = "[directory]\nkind = \"ldap\"\nurls = [\"ldaps://ldap.univ.example\"]\nbase_dns = [\"dc=univ,dc=example\"]\n";
const WRITE: &str = "[directory.write]\nurls = [\"ldaps://ldap.univ.example\"]\nmethod = \"exop\"\nguard = \"generation\"\n\
    bind_dn = \"cn=w,dc=univ,dc=example\"\nbind_password_env = \"PASSWORD\"\n";
const SENDER: &str = "[recovery.sender]\naddress = \"ne-pas-repondre@univ.example\"\n";

fn put(folder: &TempDir, name: &str, text: &str) {
    let path = folder.path().join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

/// A section that the example does not have itself.
fn unless(text: &str, heading: &str, section: &str) -> String {
    if text.lines().any(|line| line.trim() == heading) {
        String::new()
    } else {
        section.to_owned()
    }
}

/// Whole settings around one example.
fn around(block: &Block) -> Option<TempDir> {
    let folder = TempDir::new().unwrap();
    let text = &block.text;
    let (mut server, mut realm) = (format!("{SERVER}{TICKETS}"), format!("{REALM}{DIRECTORY}"));
    if block.is("service") {
        put(&folder, "services/example.toml", text);
    } else if block.is("server") {
        let first = unless(text, "[server]", SERVER);
        server = format!("{first}{}{text}", unless(text, "[tickets]", TICKETS));
        if text.contains("[mail]") {
            realm = format!("{REALM}{DIRECTORY}{WRITE}{SENDER}");
        }
    } else if block.is("realm") {
        let first = text
            .lines()
            .find(|line| !line.starts_with('#') && !line.trim().is_empty());
        let body = match first {
            Some(line) if line.starts_with('[') => format!("{REALM}{text}"),
            _ => text.clone(),
        };
        let mut more = unless(text, "[directory]", DIRECTORY);
        if text.contains("[recovery") {
            more += &unless(text, "[directory.write]", WRITE);
            more += &unless(text, "[recovery.sender]", SENDER);
        }
        realm = format!("{body}\n{more}");
    } else if block.is("institutions") {
        put(&folder, "institutions.toml", text);
    } else {
        return None;
    }
    put(&folder, "server.toml", &server);
    put(&folder, "realms/univ.toml", &realm);
    Some(folder)
}

#[test]
fn every_example_of_settings_is_read_without_a_problem() {
    let mut seen = 0;
    for chapter in book::chapters() {
        for block in chapter.blocks().iter().filter(|block| block.language() == "toml") {
            let place = format!("docs/{}:{}", chapter.name, block.line);
            // Printed by the program, whose own tests look at it.
            if chapter.name == "styles.md" {
                continue;
            }
            let Some(folder) = around(block) else {
                let known = ["file", "append"].iter().any(|key| block.value(key).is_some());
                assert!(
                    known || block.is("theme") || block.is("style"),
                    "{place}: an example of what? service, server, realm, institutions, file=, append="
                );
                continue;
            };
            seen += 1;
            // Files that it names are the reader's.
            let missing = [" does not exist", "No such file or directory"];
            let any = |_: &str| Some("a-long-enough-word".to_owned());
            if let Err(problems) = mereau::config::load(&folder.path().join("server.toml"), &any) {
                let told: Vec<String> = problems.iter().map(ToString::to_string).collect();
                let told: Vec<&String> = told
                    .iter()
                    .filter(|one| !missing.iter().any(|why| one.contains(why)))
                    .collect();
                assert!(told.is_empty(), "{place}: {told:#?}");
            }
        }
    }
    assert!(seen > 10, "only {seen} examples");
}

#[test]
fn files_that_the_book_repeats_are_those_of_the_repository() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut seen = Vec::new();
    for chapter in book::chapters() {
        for block in chapter.blocks() {
            let Some(path) = block.value("same") else {
                continue;
            };
            let theirs = fs::read_to_string(root.join(path)).unwrap();
            assert_eq!(block.text, theirs, "docs/{}:{}", chapter.name, block.line);
            seen.push(path.to_owned());
        }
    }
    for wanted in [
        "conf/schema/openldap.ldif",
        "conf/schema/99mereau.ldif",
        "conf/schema/ad-1-attributes.ldf",
        "conf/schema/ad-2-class.ldf",
        "conf/schema/ad-3-user.ldf",
        "conf/proxies/nginx.conf",
        "conf/proxies/apache.conf",
        "conf/redis-user.conf",
    ] {
        assert!(
            seen.iter().any(|path| path == wanted),
            "{wanted} is not in the book"
        );
    }
}

#[test]
fn whoever_reads_the_book_sees_the_name_of_each_file_before_it() {
    for chapter in book::chapters() {
        for block in chapter.blocks() {
            let named = block.value("file").or_else(|| block.value("append"));
            if let Some(path) = named {
                assert!(
                    block.before.contains(&format!("`{path}`")),
                    "docs/{}:{}: the line before does not say `{path}`",
                    chapter.name,
                    block.line
                );
            }
        }
    }
}
