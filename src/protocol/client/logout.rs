//! The message by which another CAS server tells us that a session is over: what we send to
//! applications, read from the other end.

use super::tree::{Unreadable, read};

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

#[cfg(test)]
mod tests {
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
}
