//! The account record: which of a person's attributes leave the directory for the ticket store.

use data_encoding::BASE64;

use crate::base::clock::Timestamp;
use crate::directory::{AttributeValue, Person};
use crate::services::Registry;
use crate::tickets::AccountRecord;

/// The record of a person: login, name, and the attributes that some registered service may get
/// or is decided by; nothing else is copied out of the directory.
pub fn record(services: &Registry, person: &Person, now: Timestamp) -> AccountRecord {
    let wanted = services.wanted_attributes();
    let kept = person
        .attributes
        .iter()
        .filter(|(name, _)| wanted.contains(&name.to_ascii_lowercase()));
    let attributes = kept
        .map(|(name, values)| (name.to_owned(), values.iter().map(as_text).collect()))
        .collect();
    AccountRecord {
        login: person.login.clone(),
        display_name: person.display_name().to_owned(),
        attributes,
        read_at: now,
    }
}

/// Text as it is, bytes in base64 without line breaks (CAS-243).
fn as_text(value: &AttributeValue) -> String {
    match value {
        AttributeValue::Text(text) => text.clone(),
        AttributeValue::Bytes(bytes) => BASE64.encode(bytes),
    }
}
