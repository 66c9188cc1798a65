//! The forms of what this version keeps in Redis, for a comparison with another.

use super::keys::LAYOUT;
use super::records::{self, VERSION, VERSION_CHAINED};
use super::scripts::all;
use super::visits;
use crate::tickets::formats::Format;

/// Every kind of value whose form has a number.
pub fn formats() -> Vec<Format> {
    let mut formats = vec![
        Format::only("redis: names of keys", LAYOUT),
        Format::new(
            "redis: service and proxy tickets",
            &[VERSION, VERSION_CHAINED],
            &[VERSION, VERSION_CHAINED],
        ),
    ];
    let plain = [
        "sessions",
        "proxy-granting tickets",
        "records of accounts",
        "reset tickets",
        "visits",
        // Of form 2, and those that moved from there into a list. Written once every server is known to read it;
        // to an older one the visits are absent.
        "visits within sessions",
        "challenges",
        "marks",
        "sessions of other servers",
    ];
    formats.extend(plain.map(|name| Format::only(&format!("redis: {name}"), VERSION)));
    formats
}

/// As what a value that lies in Redis can be read here, for those who try values that no script wrote: nothing
/// where it is of a version we do not know (F-32).
pub fn readable_as(value: &[u8]) -> Vec<&'static str> {
    let session = records::read_session(value).is_some();
    let readable = [
        ("session", session),
        (
            "visits within a session",
            session && !visits::within(value).is_empty(),
        ),
        ("ticket", records::read_ticket(value).is_some()),
        ("proxy-granting ticket", records::read_pgt(value).is_some()),
        ("record", records::read_record(value).is_some()),
        ("reset ticket", records::read_reset(value).is_some()),
        ("visit", records::read_visit(value).is_some()),
    ];
    let readable = readable.into_iter().filter(|(_, is)| *is);
    readable.map(|(name, _)| name).collect()
}

/// The scripts by name and SHA-1.
pub fn scripts() -> Vec<(&'static str, String)> {
    all()
        .map(|script| (script.name, script.hash().to_owned()))
        .collect()
}
