//! Registrations of Apereo CAS: what a corpus of definitions comes to, beside what Apereo answers.

mod corpus;
mod definitions;
mod folders;
mod people;

use std::path::{Path, PathBuf};

use jiff::Timestamp;
use mereau::services::Registry;
use mereau::services::apereo::{Imported, Surroundings, read};

use self::people::known_realm;

/// Noon in UTC, an hour past noon in Paris.
const NOW: &str = "2026-11-27T12:00:00Z";

fn now() -> Timestamp {
    NOW.parse().unwrap()
}

fn surroundings() -> Surroundings {
    Surroundings {
        zone: jiff::tz::TimeZone::get("Europe/Paris").unwrap(),
        now: now(),
    }
}

fn import(folder: &Path) -> Imported {
    read(folder, &surroundings(), &mut |_, _| {}).unwrap()
}

/// Everything that was imported, as the server has it.
fn registry(imported: &Imported) -> Registry {
    let services = imported.services.iter().map(|service| {
        let checked = service.settings.check(&[known_realm()]);
        checked.unwrap_or_else(|problems| panic!("{}: {problems:?}", service.file.display()))
    });
    Registry::new(services.collect()).unwrap_or_else(|problems| panic!("{problems:?}"))
}

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/apereo")
}
