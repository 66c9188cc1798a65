//! The forms of what this version keeps in Redis, for a comparison with another.

use super::keys::LAYOUT;
use super::records::{VERSION, VERSION_CHAINED};
use super::scripts::all;
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

/// The scripts by name and SHA-1.
pub fn scripts() -> Vec<(&'static str, String)> {
    all()
        .map(|script| (script.name, script.hash().to_owned()))
        .collect()
}
