//! Every chapter is in the list of chapters, and every link leads somewhere.

use std::collections::BTreeSet;
use std::fs;

use crate::book;

/// Where the readable source of the project is; links out of the book go there.
fn is_outside(target: &str) -> bool {
    target.starts_with("https://") || target.starts_with("http://")
}

#[test]
fn every_chapter_is_in_the_summary_and_every_line_of_it_is_a_chapter() {
    let summary = book::chapter("SUMMARY.md");
    let listed: Vec<String> = summary.links().into_iter().map(|(_, target)| target).collect();
    let once: BTreeSet<&String> = listed.iter().collect();
    assert_eq!(once.len(), listed.len(), "a chapter is listed twice");
    let chapters: BTreeSet<String> = book::chapters().into_iter().map(|chapter| chapter.name).collect();
    let wanted: BTreeSet<String> = listed.into_iter().chain(["SUMMARY.md".to_owned()]).collect();
    assert_eq!(wanted, chapters);
}

#[test]
fn every_link_and_anchor_inside_the_book_leads_somewhere() {
    let mut broken = Vec::new();
    for chapter in book::chapters() {
        for (line, target) in chapter.links() {
            if is_outside(&target) || target.starts_with("mailto:") {
                continue;
            }
            let (file, anchor) = target.split_once('#').unwrap_or((&target, ""));
            let name = if file.is_empty() { &chapter.name } else { file };
            let place = format!("docs/{}:{line}: {target}", chapter.name);
            if !book::root().join(name).exists() {
                broken.push(place);
            } else if !anchor.is_empty() && !book::chapter(name).anchors().iter().any(|one| one == anchor) {
                broken.push(format!("{place}: no such heading"));
            } else if name.contains("..") {
                broken.push(format!("{place}: whoever has only the book cannot follow it"));
            }
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn pictures_are_small_and_each_is_shown() {
    let folder = book::root().join("pictures");
    let shown: BTreeSet<String> = book::chapters()
        .iter()
        .flat_map(book::Chapter::links)
        .filter_map(|(_, target)| target.strip_prefix("pictures/").map(str::to_owned))
        .collect();
    let readme = fs::read_to_string(book::root().join("../README.md")).unwrap();
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let name = entry.file_name().to_string_lossy().into_owned();
        if !name.ends_with(".png") {
            continue;
        }
        let in_readme = readme.contains(&format!("docs/pictures/{name}"));
        assert!(in_readme || shown.contains(&name), "{name} is shown nowhere");
        assert!(
            in_readme || entry.metadata().unwrap().len() <= 100_000,
            "{name} is too large"
        );
    }
}

#[test]
fn only_what_the_book_builder_reads_tells_it_where_the_chapters_are() {
    let text = fs::read_to_string(book::root().join("../book.toml")).unwrap();
    let settings: toml::Table = toml::from_str(&text).unwrap();
    assert_eq!(settings["book"]["src"].as_str(), Some("docs"));
    assert_eq!(settings["build"]["build-dir"].as_str(), Some("target/book"));
}
