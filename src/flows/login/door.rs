//! The door of a directory: who would be turned away there hears it first.

use crate::base::names::RealmId;
use crate::directory::{DirectoryError, Room};
use crate::flows::{Catalogue, FlowError, Ports};

/// An error where the realm's directory has no room for another try: told before the form is used up, since a
/// refusal must cost little.
pub fn comes_in_time(ports: &Ports, catalogue: &Catalogue, realm: &RealmId) -> Result<(), FlowError> {
    let directory = catalogue.directory(realm)?;
    // Who is inside and does not ask the directory yet is about to.
    if directory.room(ports.rooms.inside(realm)) != Room::None {
        return Ok(());
    }
    let turned_away = turned_away(ports, realm);
    ports.metrics.logins.add(&[realm.as_str(), "unavailable"]);
    Err(turned_away)
}

/// Counted, and told as the directory itself would tell it.
pub fn turned_away(ports: &Ports, realm: &RealmId) -> FlowError {
    ports.rooms.turn_away(realm);
    FlowError::Directory {
        realm: realm.clone(),
        source: DirectoryError::Crowded,
    }
}
