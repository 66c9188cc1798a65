//! A session's latest visits of its own within its value: how they are found there and read back. take.lua writes
//! them, and moves them into a list beside it when they are many. Those by proxy tickets,
//! those too long for it, and those of sessions that were opened while not every server was known to read them,
//! lie in lists from the beginning.
//!
//! Behind a session's postcard: the visits, how many they are (1 byte), where they begin (3), and 0xFF, which
//! ends no postcard of a session: it ends with a small number or with UTF-8. A visit: its length (1 byte, or 2
//! with the highest bit set), the packed ticket (22), a byte, the length of the service's name (1), that name
//! unless it is part of the URL, and the URL to the end. The highest bit of the byte stands for the URL's
//! "https://", which is left out; the others say where in what is left the name stands, from 1 on, or 0.

use crate::base::names::ServiceId;
use crate::protocol::ticket_id::{PACKED, TicketId};
use crate::tickets::Visit;

const FOOT: usize = 5;
const ENDS: u8 = 0xFF;
const SECURE: u8 = 0x80;

/// What stands behind a session that begins without visits; nothing for one that is too long to say where.
pub(super) fn empty_foot(session: usize) -> Option<[u8; FOOT]> {
    let [0, a, b, c] = u32::try_from(session).ok()?.to_be_bytes() else {
        return None;
    };
    Some([0, a, b, c, ENDS])
}

/// The visits within a session's value, oldest first; what cannot be read is left out.
pub(super) fn within(session: &[u8]) -> Vec<Visit> {
    let Some(mut rest) = region(session) else {
        return Vec::new();
    };
    let mut visits = Vec::new();
    while let Some((item, others)) = first(rest) {
        visits.extend(read(item));
        rest = others;
    }
    visits
}

fn region(session: &[u8]) -> Option<&[u8]> {
    let (before, foot) = session.split_at_checked(session.len().checked_sub(FOOT)?)?;
    match *foot {
        [_, a, b, c, ENDS] => before.get(usize::try_from(u32::from_be_bytes([0, a, b, c])).ok()?..),
        _ => None,
    }
}

/// The first of the visits, and the others.
fn first(region: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = match *region {
        [high, low, ref rest @ ..] if high >= SECURE => {
            (usize::from(u16::from_be_bytes([high - SECURE, low])), rest)
        }
        [length, ref rest @ ..] => (usize::from(length), rest),
        [] => return None,
    };
    rest.split_at_checked(length)
}

/// A visit without its length.
pub(super) fn read(item: &[u8]) -> Option<Visit> {
    let (ticket, about) = item.split_first_chunk::<PACKED>()?;
    let [place, length, ref rest @ ..] = *about else {
        return None;
    };
    let (length, at) = (usize::from(length), usize::from(place & !SECURE));
    let (service, rest) = match at.checked_sub(1) {
        Some(from) => (rest.get(from..from + length)?, rest),
        None => rest.split_at_checked(length)?,
    };
    let rest = str::from_utf8(rest).ok()?;
    let url = match place & SECURE {
        0 => rest.to_owned(),
        _ => format!("https://{rest}"),
    };
    Some(Visit {
        ticket: TicketId::unpacked(ticket),
        service: ServiceId::new(str::from_utf8(service).ok()?)?,
        url,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const TICKET: &[u8; PACKED] = b"0000000000000000000000";

    fn visit(service: &str, url: &str) -> Visit {
        Visit {
            ticket: TicketId::unpacked(TICKET),
            service: ServiceId::new(service).expect("a slug"),
            url: url.to_owned(),
        }
    }

    fn item(about: &[u8]) -> Vec<u8> {
        let length = u16::try_from(PACKED + about.len()).expect("short");
        let length = match u8::try_from(length) {
            Ok(length) if length < SECURE => vec![length],
            _ => (length | 0x8000).to_be_bytes().to_vec(),
        };
        [&length[..], TICKET, about].concat()
    }

    fn session(items: &[Vec<u8>]) -> Vec<u8> {
        let before = b"\x01 head and postcard\0";
        let mut foot = empty_foot(before.len()).expect("short");
        foot[0] = u8::try_from(items.len()).expect("few");
        [&before[..], &items.concat(), &foot].concat()
    }

    #[test]
    fn the_layout_of_visits_within_a_session_does_not_change() {
        // F-32, CAS-194
        let long = format!("notes.example/{}", "a".repeat(400));
        let items = [
            item(b"\x81\x05notes.example/\xC3\xA9"),
            item(b"\x80\x02mynotes.example/"),
            item(b"\x0C\x04http://the.wiki/"),
            item(&[b"\x81\x05", long.as_bytes()].concat()),
        ];
        let whole = session(&items);
        let read = [
            visit("notes", "https://notes.example/é"),
            visit("my", "https://notes.example/"),
            visit("wiki", "http://the.wiki/"),
            visit("notes", &format!("https://{long}")),
        ];
        assert_eq!(within(&whole), read);
        assert_eq!(within(&session(&[])), []);
    }

    #[test]
    fn a_session_without_them_or_cut_short_has_none() {
        // F-32
        let whole = session(&[item(b"\x81\x05notes.example/")]);
        for end in 0..whole.len() {
            assert_eq!(within(&whole[..end]), [], "cut at {end}");
        }
        for place in [
            b"\x8F\x05notes.example/".as_slice(),
            b"\x80\x7Fnotes",
            b"\x81",
            b"\x81\x05\xFF",
        ] {
            assert_eq!(within(&session(&[item(place)])), []);
        }
        let mut far = session(&[]);
        let last = far.len() - 2;
        far[last] = 0xFF;
        assert_eq!(within(&far), []);
        assert_eq!(empty_foot(1 << 24), None);
    }
}
