//! The message by which another CAS server tells us that a session is over: what we send to
//! applications, read from the other end; and the wrapping in which a browser brings it (CAS-201).

use std::io::Read;

use data_encoding::BASE64;
use flate2::read::ZlibDecoder;

use crate::protocol::tree::{Unreadable, read};

const PROTOCOL: &str = "urn:oasis:names:tc:SAML:2.0:protocol";

/// The ticket that the ended session began with: the message's only SessionIndex.
pub fn session_index(message: &str) -> Result<String, Unreadable> {
    let root = read(message.trim_start().as_bytes())?;
    if root.name != "LogoutRequest" || root.namespace != PROTOCOL {
        return Err(Unreadable::Unexpected);
    }
    let index = root.only("SessionIndex").ok_or(Unreadable::Unexpected)?;
    let ticket = index.text.trim();
    if ticket.is_empty() || !index.children.is_empty() {
        return Err(Unreadable::Unexpected);
    }
    Ok(ticket.to_owned())
}

/// Bytes of a message that a browser brings, unwrapped: ten times what any server sends.
const LONGEST: u64 = 16 * 1024;

/// The message inside `wrapped`, base64 of a zlib stream as front-channel logout has it.
pub fn unwrapped(wrapped: &str) -> Result<String, Unreadable> {
    // A + that nobody escaped has become a space.
    let packed = BASE64.decode(wrapped.trim().replace(' ', "+").as_bytes());
    let packed = packed.map_err(|_| Unreadable::Encoding)?;
    let mut message = String::new();
    let mut reader = ZlibDecoder::new(packed.as_slice()).take(LONGEST + 1);
    reader
        .read_to_string(&mut message)
        .map_err(|_| Unreadable::Encoding)?;
    if message.len() as u64 > LONGEST {
        return Err(Unreadable::TooLarge);
    }
    Ok(message)
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;
    use crate::base::clock::Timestamp;
    use crate::base::entropy::SeededEntropy;
    use crate::protocol::single_logout::LogoutMessage;
    use crate::protocol::ticket_id::{TicketId, TicketKind};

    #[test]
    fn our_own_message_is_understood_and_others_are_refused() {
        // S2-03
        let text = "ST-aaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
        let ticket = TicketId::parse(TicketKind::Service, text).expect("a ticket");
        let xml = LogoutMessage::new(ticket, "a", Timestamp(0), &SeededEntropy::new(1)).xml();
        assert_eq!(session_index(&xml).as_deref(), Ok(text));
        let twice = xml.replace(
            "</samlp:LogoutRequest>",
            "<samlp:SessionIndex>x</samlp:SessionIndex></samlp:LogoutRequest>",
        );
        for other in [
            twice,
            xml.replace(PROTOCOL, "urn:x"),
            xml.replace(text, " "),
            format!("<!DOCTYPE x [<!ENTITY a \"b\">]>{xml}"),
            String::new(),
        ] {
            assert!(session_index(&other).is_err(), "{other}");
        }
    }

    fn wrapped(message: &[u8]) -> String {
        let mut writer = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
        writer.write_all(message).expect("a stream");
        BASE64.encode(&writer.finish().expect("a stream"))
    }

    #[test]
    fn a_wrapped_message_is_unwrapped_and_never_unfolds_beyond_its_bound() {
        // S2-03
        assert_eq!(unwrapped(&wrapped(b"<a/>")).as_deref(), Ok("<a/>"));
        let spaced = wrapped(&(0..=255).map(|n| n % 128).collect::<Vec<u8>>()).replace('+', " ");
        assert!(unwrapped(&spaced).is_ok());
        let bomb = vec![b' '; 50 << 20];
        assert_eq!(unwrapped(&wrapped(&bomb)), Err(Unreadable::TooLarge));
        for other in ["", "<a/>", "eJw", "AAAA", &wrapped(&[0xff])] {
            assert_eq!(unwrapped(other), Err(Unreadable::Encoding), "{other}");
        }
    }
}
