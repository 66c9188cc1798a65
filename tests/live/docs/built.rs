//! The book as mdBook makes it: every chapter is a page, and links to headings find them there.

use std::fs;
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

use crate::book;
use crate::support::run::succeed;

#[test]
fn mdbook_makes_a_page_of_every_chapter_with_the_headings_that_links_name() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let made = TempDir::new().unwrap();
    let mut build = Command::new(root.join("target/tools/bin/mdbook"));
    build.arg("build").arg(root).arg("--dest-dir").arg(made.path());
    succeed(&mut build, "");
    let page = |name: &str| {
        let name = if name == "README.md" { "index.md" } else { name };
        let path = made.path().join(Path::new(name).with_extension("html"));
        fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    };
    for chapter in book::chapters() {
        if chapter.name == "SUMMARY.md" {
            continue;
        }
        page(&chapter.name);
        for (line, target) in chapter.links() {
            let Some((file, anchor)) = target.split_once('#') else {
                continue;
            };
            if target.starts_with("http") {
                continue;
            }
            let file = if file.is_empty() { &chapter.name } else { file };
            assert!(
                page(file).contains(&format!("id=\"{anchor}\"")),
                "docs/{}:{line}: {target}",
                chapter.name
            );
        }
    }
}
