//! The chain of a file's lines: each carries a MAC over itself and the MAC before it, so that a line
//! that is changed, taken out, put in or moved shows. What no chain shows is what was cut off its end:
//! for that its last MAC must be known from elsewhere.

use data_encoding::HEXLOWER_PERMISSIVE;
use serde::{Deserialize, Serialize};

use crate::base::keys::KeyRing;

/// HMAC-SHA-256.
pub type Mac = [u8; 32];

/// Before the first line of a chain.
pub const NOTHING: Mac = [0; 32];

const BEFORE_MAC: &str = ",\"mac\":\"";

/// What the chain itself needs of a line.
#[derive(Deserialize, Serialize)]
pub struct Place {
    /// The number of the line in its chain, from 0.
    pub n: u64,
    /// A name drawn when the chain began.
    pub chain: String,
    /// The root key of the ring that its MAC is made with.
    pub key: u8,
}

/// Ends `object`, a JSON object without its last brace, as the line that follows `before`.
pub fn linked(keys: &KeyRing, key: u8, before: &Mac, object: &str) -> Option<(String, Mac)> {
    let mac = keys.chain_mac(key, &[before, object.as_bytes()])?;
    let hex = encoded(&mac);
    Some((format!("{object}{BEFORE_MAC}{hex}\"}}\n"), mac))
}

/// A line taken apart.
pub struct Line<'a> {
    /// What the MAC is over.
    object: &'a str,
    pub mac: Mac,
    pub place: Place,
    /// What the line tells about the chain, when it is no event.
    pub mark: Mark,
}

/// Lines that the chain writes about itself.
#[derive(Deserialize, Default)]
pub struct Mark {
    #[serde(default)]
    pub event: String,
    /// The last MAC of the file before.
    #[serde(default)]
    pub after: Option<String>,
    /// Bytes of a line that was not written to its end.
    #[serde(default)]
    pub torn: Option<u64>,
}

pub const STARTED: &str = "chain-started";
pub const RESUMED: &str = "chain-resumed";
pub const CONTINUED: &str = "chain-continued";
pub const LOST: &str = "records-lost";

impl<'a> Line<'a> {
    pub fn read(line: &'a [u8]) -> Option<Line<'a>> {
        let text = std::str::from_utf8(line).ok()?.trim_end_matches('\n');
        let (object, rest) = text.rsplit_once(BEFORE_MAC)?;
        let mac = decoded(rest.strip_suffix("\"}")?)?;
        Some(Line {
            object,
            mac,
            place: serde_json::from_str(text).ok()?,
            mark: serde_json::from_str(text).ok()?,
        })
    }

    /// Whether it follows a line with the MAC `before`; false, too, when its key is not in the ring.
    pub fn follows(&self, keys: &KeyRing, before: &Mac) -> bool {
        let own = keys.chain_mac(self.place.key, &[before, self.object.as_bytes()]);
        own.is_some_and(|own| own == self.mac)
    }
}

pub fn encoded(mac: &Mac) -> String {
    HEXLOWER_PERMISSIVE.encode(mac)
}

pub fn decoded(hex: &str) -> Option<Mac> {
    let bytes = HEXLOWER_PERMISSIVE.decode(hex.as_bytes()).ok()?;
    bytes.try_into().ok()
}
