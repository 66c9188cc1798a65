//! The book is true: every command of its chapters is run as it stands there, in its order, by the
//! built binary on real servers, and what it shows is compared with what came.

mod apps;
mod built;
mod ds389;
mod openldap;
mod pictures;
mod samba;
mod snippets;
mod walk;

use std::collections::BTreeSet;

use crate::book;

/// The chapters that a test of this folder walks through.
const WALKED: [&str; 14] = [
    "active-directory.md",
    "afternoon.md",
    "apereo.md",
    "backup.md",
    "breach.md",
    "commands.md",
    "ds389.md",
    "institutions.md",
    "openldap.md",
    "operations.md",
    "quick-start.md",
    "recovery.md",
    "rest.md",
    "themes.md",
];

#[test]
fn every_chapter_with_commands_is_walked_through() {
    let with_commands: BTreeSet<String> = book::chapters()
        .iter()
        .filter(|chapter| {
            let blocks = chapter.blocks();
            blocks
                .iter()
                .any(|block| block.is_commands() && !block.is("elsewhere"))
        })
        .map(|chapter| chapter.name.clone())
        .collect();
    let walked: BTreeSet<String> = WALKED.iter().map(|name| (*name).to_owned()).collect();
    assert_eq!(with_commands, walked);
}
