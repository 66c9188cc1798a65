//! The little BER (X.690 with the limits of RFC 4511 §5.1) that is read by hand: message
//! boundaries, and whether a message is built as ldap3 takes for granted. It never recurses deeper
//! than it allows and copies nothing.

/// Longest message that is let in, in bytes (reliability F-15).
pub const LONGEST_MESSAGE: usize = 4 * 1024 * 1024;
/// Deepest nesting that is let in.
pub const DEEPEST: usize = 64;
/// Most elements of one message, however nested: ldap3 takes a hundred bytes for one that came as two.
const MOST_ELEMENTS: usize = 100_000;

pub const INTEGER: u8 = 0x02;
pub const OCTET_STRING: u8 = 0x04;
pub const ENUMERATED: u8 = 0x0a;
pub const SEQUENCE: u8 = 0x30;
const SET: u8 = 0x31;
const CONTROLS: u8 = 0xa0;
/// Where AD puts the name of a notice of disconnection, outside its place.
const MISPLACED_NAME: u8 = 0x8a;
const CONSTRUCTED: u8 = 0x20;

/// How a server's bytes are not LDAP within our bounds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Violation {
    #[error("it does not start a message")]
    NotAMessage,
    #[error("a message announces {0} bytes, more than {LONGEST_MESSAGE}")]
    TooLong(u64),
    #[error("a message is nested deeper than {DEEPEST}")]
    TooDeep,
    #[error("a message has more than {MOST_ELEMENTS} elements")]
    TooMany,
    #[error("a message is malformed")]
    Malformed,
}

/// One element: tag, contents, and what follows it.
pub type Element<'a> = (u8, &'a [u8], &'a [u8]);

/// The length of the message that `bytes` start with, header included; `None` while the header is
/// not whole.
pub fn message_length(bytes: &[u8]) -> Result<Option<usize>, Violation> {
    match bytes.first() {
        None => return Ok(None),
        Some(&SEQUENCE) => {}
        Some(_) => return Err(Violation::NotAMessage),
    }
    let Some((header, length)) = length_at(bytes)? else {
        return Ok(None);
    };
    let total = length.saturating_add(header as u64);
    if total > LONGEST_MESSAGE as u64 {
        return Err(Violation::TooLong(total));
    }
    Ok(usize::try_from(total).ok())
}

/// Header length and content length of the element at the start of `bytes`.
fn length_at(bytes: &[u8]) -> Result<Option<(usize, u64)>, Violation> {
    let first = match bytes.get(1) {
        None => return Ok(None),
        Some(first) => *first,
    };
    if first < 0x80 {
        return Ok(Some((2, u64::from(first))));
    }
    let count = usize::from(first & 0x7f);
    // 0x80 is the indefinite form, which LDAP forbids.
    if !(1..=8).contains(&count) {
        return Err(Violation::Malformed);
    }
    let Some(octets) = bytes.get(2..2 + count) else {
        return Ok(None);
    };
    let length = octets
        .iter()
        .fold(0u64, |sum, octet| sum << 8 | u64::from(*octet));
    Ok(Some((2 + count, length)))
}

/// The first element of `bytes`, which must hold all of it.
pub fn element(bytes: &[u8]) -> Result<Element<'_>, Violation> {
    let tag = *bytes.first().ok_or(Violation::Malformed)?;
    if tag & 0x1f == 0x1f {
        // LDAP has no tag numbers above 30.
        return Err(Violation::Malformed);
    }
    let (header, length) = length_at(bytes)?.ok_or(Violation::Malformed)?;
    let length = usize::try_from(length).map_err(|_| Violation::Malformed)?;
    let rest = bytes.get(header..).unwrap_or_default();
    let (contents, rest) = rest.split_at_checked(length).ok_or(Violation::Malformed)?;
    Ok((tag, contents, rest))
}

/// The contents of the first element, which must have `tag`, and what follows.
pub fn expect(bytes: &[u8], tag: u8) -> Result<(&[u8], &[u8]), Violation> {
    let (found, contents, rest) = element(bytes)?;
    if found == tag {
        Ok((contents, rest))
    } else {
        Err(Violation::Malformed)
    }
}

/// A whole message: within the depth and the number of elements, consistent lengths, and of the
/// shape its operation has.
pub fn check_message(message: &[u8]) -> Result<(), Violation> {
    let (contents, _) = expect(message, SEQUENCE)?;
    check_nesting(contents, 1, &mut 0)?;
    let (id, rest) = expect(contents, INTEGER)?;
    if !(1..=4).contains(&id.len()) {
        return Err(Violation::Malformed);
    }
    let (operation, body, rest) = element(rest)?;
    check_operation(operation, body)?;
    match rest.first() {
        None => Ok(()),
        Some(&MISPLACED_NAME) => Ok(()),
        Some(_) => check_controls(rest),
    }
}

fn check_nesting(mut contents: &[u8], depth: usize, count: &mut usize) -> Result<(), Violation> {
    while !contents.is_empty() {
        *count += 1;
        if *count > MOST_ELEMENTS {
            return Err(Violation::TooMany);
        }
        let (tag, inner, rest) = element(contents)?;
        if tag & CONSTRUCTED != 0 {
            if depth >= DEEPEST {
                return Err(Violation::TooDeep);
            }
            check_nesting(inner, depth + 1, count)?;
        }
        contents = rest;
    }
    Ok(())
}

/// Operations a server may send (RFC 4511 §4): entry, reference and intermediate answers have
/// their own shape, all others are an LDAPResult.
fn check_operation(operation: u8, body: &[u8]) -> Result<(), Violation> {
    match operation {
        0x61 | 0x65 | 0x67 | 0x69 | 0x6b | 0x6d | 0x6f | 0x78 => {
            let (code, rest) = expect(body, ENUMERATED)?;
            let (_, rest) = expect(rest, OCTET_STRING)?;
            expect(rest, OCTET_STRING)?;
            if (1..=4).contains(&code.len()) {
                Ok(())
            } else {
                Err(Violation::Malformed)
            }
        }
        0x64 => {
            let (_, rest) = expect(body, OCTET_STRING)?;
            let (mut attributes, _) = expect(rest, SEQUENCE)?;
            while !attributes.is_empty() {
                let (attribute, rest) = expect(attributes, SEQUENCE)?;
                let (_, values) = expect(attribute, OCTET_STRING)?;
                expect(values, SET)?;
                attributes = rest;
            }
            Ok(())
        }
        0x73 | 0x79 => Ok(()),
        _ => Err(Violation::Malformed),
    }
}

/// `Controls ::= SEQUENCE OF SEQUENCE { OCTET STRING, BOOLEAN?, OCTET STRING? }`.
fn check_controls(bytes: &[u8]) -> Result<(), Violation> {
    let (mut controls, rest) = expect(bytes, CONTROLS)?;
    while !controls.is_empty() {
        let (control, after) = expect(controls, SEQUENCE)?;
        let (kind, mut value) = expect(control, OCTET_STRING)?;
        if !kind.is_ascii() {
            return Err(Violation::Malformed);
        }
        if value.first() == Some(&0x01) {
            let (critical, after) = expect(value, 0x01)?;
            if critical.len() != 1 {
                return Err(Violation::Malformed);
            }
            value = after;
        }
        if !value.is_empty() && !expect(value, OCTET_STRING)?.1.is_empty() {
            return Err(Violation::Malformed);
        }
        controls = after;
    }
    if rest.is_empty() {
        Ok(())
    } else {
        Err(Violation::Malformed)
    }
}

/// A non-negative INTEGER's or ENUMERATED's contents.
pub fn number(contents: &[u8]) -> Option<u32> {
    let fits = (1..=5).contains(&contents.len());
    let value = contents
        .iter()
        .fold(0u64, |sum, octet| sum << 8 | u64::from(*octet));
    u32::try_from(value).ok().filter(|_| fits)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const BIND_DONE: &[u8] = b"\x30\x0c\x02\x01\x01\x61\x07\x0a\x01\x00\x04\x00\x04\x00";

    #[test]
    fn usual_messages_pass_and_their_ends_are_found() {
        // F-15
        assert_eq!(message_length(BIND_DONE), Ok(Some(BIND_DONE.len())));
        assert_eq!(message_length(&BIND_DONE[..1]), Ok(None));
        assert_eq!(check_message(BIND_DONE), Ok(()));
        let with_ad_length =
            b"\x30\x84\x00\x00\x00\x10\x02\x01\x01\x61\x84\x00\x00\x00\x07\x0a\x01\x00\x04\x00\x04\x00";
        assert_eq!(message_length(with_ad_length), Ok(Some(with_ad_length.len())));
        let mut padded = with_ad_length.to_vec();
        padded[5] = 0x10;
        assert_eq!(check_message(&padded), Ok(()));
        let entry = b"\x30\x1a\x02\x01\x02\x64\x15\x04\x03a=b\x30\x0e\x30\x0c\x04\x03uid\x31\x05\x04\x03abc";
        assert_eq!(check_message(entry), Ok(()));
        let control = b"\x30\x15\x02\x01\x01\x61\x07\x0a\x01\x00\x04\x00\x04\x00\xa0\x07\x30\x05\x04\x031.2";
        assert_eq!(check_message(control), Ok(()));
    }

    #[test]
    fn what_would_hurt_the_client_is_refused() {
        // F-15
        assert_eq!(message_length(b"HTTP/1.1"), Err(Violation::NotAMessage));
        assert_eq!(
            message_length(b"\x30\x84\x59\x68\x2f\x00"),
            Err(Violation::TooLong(1_500_000_006))
        );
        assert_eq!(
            message_length(b"\x30\x88\xff\xff\xff\xff\xff\xff\xff\xff"),
            Err(Violation::TooLong(u64::MAX))
        );
        assert_eq!(message_length(b"\x30\x80"), Err(Violation::Malformed));
        for (name, message) in [
            ("empty sequence", b"\x30\x00".as_slice()),
            ("only an id", b"\x30\x03\x02\x01\x01"),
            (
                "id of nine bytes",
                b"\x30\x0d\x02\x09\x01\x01\x01\x01\x01\x01\x01\x01\x01\x65\x00",
            ),
            ("unknown operation", b"\x30\x05\x02\x01\x01\x7d\x00"),
            ("request from a server", b"\x30\x05\x02\x01\x01\x60\x00"),
            (
                "bind answer cut short",
                b"\x30\x08\x02\x01\x01\x61\x03\x0a\x01\x00",
            ),
            (
                "inner length beyond the outer",
                b"\x30\x0c\x02\x01\x01\x61\x09\x0a\x01\x00\x04\x00\x04\x00",
            ),
            (
                "control without a name",
                b"\x30\x10\x02\x01\x01\x61\x07\x0a\x01\x00\x04\x00\x04\x00\xa0\x02\x30\x00",
            ),
        ] {
            assert_eq!(check_message(message), Err(Violation::Malformed), "{name}");
        }
    }

    #[test]
    fn nesting_ends_at_the_bound() {
        // F-15
        let nested = |depth: usize| {
            let mut inner = Vec::new();
            for _ in 0..depth {
                let length = u32::try_from(inner.len()).unwrap().to_be_bytes();
                inner = [&[SEQUENCE, 0x84], length.as_slice(), &inner].concat();
            }
            inner
        };
        assert_eq!(check_message(&nested(10_000)), Err(Violation::TooDeep));
        assert_eq!(check_message(&nested(DEEPEST + 1)), Err(Violation::TooDeep));
        assert_eq!(check_message(&nested(DEEPEST)), Err(Violation::Malformed));
    }

    #[test]
    fn elements_are_counted_through_the_whole_message() {
        // F-15
        let wrapped = |tag: u8, contents: &[u8]| {
            let length = u32::try_from(contents.len()).unwrap().to_be_bytes();
            [&[tag, 0x84], length.as_slice(), contents].concat()
        };
        // Ten more: the id, the entry, its name, its attributes, and three for each of the two.
        let entry = |values: usize| {
            let half = |count: usize| {
                let values = wrapped(SET, &[OCTET_STRING, 0].repeat(count));
                wrapped(SEQUENCE, &[b"\x04\x01a", values.as_slice()].concat())
            };
            let attributes = wrapped(SEQUENCE, &[half(values / 2), half(values.div_ceil(2))].concat());
            let body = wrapped(0x64, &[b"\x04\x03a=b", attributes.as_slice()].concat());
            wrapped(SEQUENCE, &[b"\x02\x01\x02", body.as_slice()].concat())
        };
        assert_eq!(check_message(&entry(MOST_ELEMENTS - 10)), Ok(()));
        assert_eq!(check_message(&entry(MOST_ELEMENTS - 9)), Err(Violation::TooMany));
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn no_bytes_make_the_check_fall_and_what_passes_ldap3_reads(
            noise in proptest::collection::vec(any::<(usize, u8)>(), 0..4)
        ) {
            // F-15
            let mut message = b"\x30\x15\x02\x01\x01\x61\x07\x0a\x01\x00\x04\x00\x04\x00\xa0\x07\x30\x05\x04\x031.2".to_vec();
            for (at, byte) in noise {
                let at = at % message.len();
                message[at] = byte;
            }
            if let Ok(Some(length)) = message_length(&message)
                && let Some(whole) = message.get(..length)
                && check_message(whole).is_ok()
            {
                prop_assert!(lber::parse::parse_tag(whole).is_ok());
            }
        }
    }
}
