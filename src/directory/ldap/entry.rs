//! From the BER of a search result entry (RFC 4511 §4.5.2) to attributes, options folded away. It
//! asserts nothing: an entry of another shape is an error, not a panic.

use lber::structure::{PL, StructureTag};

use crate::directory::evidence::StoredPasswords;
use crate::directory::mapping::{is_secret, without_options};
use crate::directory::person::{AttributeValue, Attributes, EntryName};

/// An entry as read.
#[derive(Debug)]
pub struct ReadEntry {
    pub name: EntryName,
    pub attributes: Attributes,
    /// What the values of userPassword are, where the reader may see them; never the values.
    pub passwords: StoredPasswords,
}

/// `None` when the element is not `SearchResultEntry ::= { LDAPDN, SEQUENCE OF { type, SET OF value } }`.
pub fn read_entry(tag: StructureTag) -> Option<ReadEntry> {
    let [name, list] = children(tag)?.try_into().ok()?;
    let mut attributes = Attributes::default();
    let mut passwords = StoredPasswords::default();
    for attribute in children(list)? {
        let [description, values] = children(attribute)?.try_into().ok()?;
        let description = String::from_utf8(octets(description)?).ok()?;
        let values: Option<Vec<Vec<u8>>> = children(values)?.into_iter().map(octets).collect();
        let base = without_options(&description).to_ascii_lowercase();
        if is_secret(&description) && !is_switch(&base, values.as_deref()) {
            match base.as_str() {
                "userpassword" => values?.iter().for_each(|stored| passwords.note(stored)),
                "pwdhistory" | "passwordhistory" => passwords.history += values?.len(),
                _ => {}
            }
            continue;
        }
        let values = values?.into_iter().map(AttributeValue::from_bytes);
        attributes.add(without_options(&description), values);
    }
    Some(ReadEntry {
        name: EntryName(String::from_utf8(octets(name)?).ok()?),
        attributes,
        passwords,
    })
}

/// 389-ds calls the switch of its policy like the history of a person.
fn is_switch(name: &str, values: Option<&[Vec<u8>]>) -> bool {
    let says = |value: &[u8]| value.eq_ignore_ascii_case(b"on") || value.eq_ignore_ascii_case(b"off");
    name == "passwordhistory" && matches!(values, Some([only]) if says(only))
}

fn children(tag: StructureTag) -> Option<Vec<StructureTag>> {
    match tag.payload {
        PL::C(children) => Some(children),
        PL::P(_) => None,
    }
}

fn octets(tag: StructureTag) -> Option<Vec<u8>> {
    match tag.payload {
        PL::P(octets) => Some(octets),
        PL::C(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(bytes: &[u8]) -> Option<ReadEntry> {
        read_entry(lber::parse::parse_tag(bytes).unwrap().1)
    }

    #[test]
    fn options_are_folded_binary_kept_and_passwords_dropped() {
        let entry = b"\x64\x43\x04\x03a=b\x30\x3c\
            \x30\x0a\x04\x02cn\x31\x04\x04\x02Al\
            \x30\x12\x04\x0acn;lang-fr\x31\x04\x04\x02Hl\
            \x30\x08\x04\x01g\x31\x03\x04\x01\xff\
            \x30\x10\x04\x0cuserPassword\x31\x00";
        let read = parsed(entry).unwrap();
        assert_eq!(read.name, EntryName("a=b".into()));
        assert_eq!(read.attributes.texts("CN").collect::<Vec<_>>(), ["Al", "Hl"]);
        assert_eq!(read.attributes.values("g"), [AttributeValue::Bytes(vec![0xff])]);
        assert!(read.attributes.values("userPassword").is_empty());
    }

    #[test]
    fn an_entry_of_another_shape_is_not_read() {
        // F-15
        for bytes in [
            b"\x64\x05\x04\x03a=b".as_slice(),
            b"\x64\x00",
            b"\x44\x00",
            b"\x64\x06\x30\x00\x04\x02xy",
        ] {
            assert!(parsed(bytes).is_none(), "{bytes:?}");
        }
    }
}
