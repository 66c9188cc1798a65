//! Names of store keys: digests of tickets and accounts. Nobody gets from one back to a ticket that
//! opens something (CAS-114).

use data_encoding::BASE64URL_NOPAD;
use ring::digest::{Context, SHA256};
use serde::{Deserialize, Serialize};

use super::TicketIdentity;
use crate::base::names::{AccountId, RealmId, UpstreamId};
use crate::protocol::ticket_id::TicketId;

/// The first 16 bytes of a SHA-256: 128 bits, so that nobody finds a second ticket for a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) struct Digest(pub [u8; 16]);

/// Characters of a digest in base64url.
pub(super) const DIGEST_TEXT: usize = 22;

impl Digest {
    pub fn of_ticket(ticket: &TicketId) -> Digest {
        Digest::of(&[ticket.expose().as_bytes()])
    }

    pub fn of_account(account: &AccountId) -> Digest {
        // A realm's name holds no NUL, so the two parts cannot run into each other.
        let realm = account.realm.as_str().as_bytes();
        Digest::of(&[realm, b"\0", account.person.0.as_bytes()])
    }

    /// Of a secret text that somebody holds.
    pub fn of_text(text: &str) -> Digest {
        Digest::of(&[text.as_bytes()])
    }

    /// Of bytes that are as good as unique: a sealed entry.
    pub fn of_bytes(bytes: &[u8]) -> Digest {
        Digest::of(&[bytes])
    }

    /// The name of the counter that finds loops of a session and a service (F-06).
    pub fn of_loop(session: Digest, identity: &TicketIdentity) -> Digest {
        Digest::of(&[&session.0, &identity.0])
    }

    pub fn of_upstream(realm: &RealmId, upstream: &UpstreamId, ticket: &str) -> Digest {
        let (realm, upstream) = (realm.as_str().as_bytes(), upstream.as_str().as_bytes());
        Digest::of(&[realm, b"\0", upstream, b"\0", ticket.as_bytes()])
    }

    /// A sign-in elsewhere that is under way, by the id that its browser carries.
    pub fn of_flow(id: &str) -> Digest {
        Digest::of(&[b"flow\0", id.as_bytes()])
    }

    pub fn of_challenge(realm: &RealmId, flow: &[u8], challenge: &[u8]) -> Digest {
        // Its length keeps the flow apart from what follows it.
        let length = (flow.len() as u64).to_be_bytes();
        Digest::of(&[realm.as_str().as_bytes(), b"\0", &length, flow, challenge])
    }

    fn of(parts: &[&[u8]]) -> Digest {
        let mut context = Context::new(&SHA256);
        for part in parts {
            context.update(part);
        }
        let whole = context.finish();
        let mut first = [0; 16];
        for (to, from) in first.iter_mut().zip(whole.as_ref()) {
            *to = *from;
        }
        Digest(first)
    }

    /// The digest that [`Digest::text`] wrote.
    pub fn read(text: &[u8]) -> Option<Digest> {
        let mut digest = Digest([0; 16]);
        let fits = text.len() == DIGEST_TEXT;
        let read = fits && BASE64URL_NOPAD.decode_mut(text, &mut digest.0).is_ok();
        read.then_some(digest)
    }

    /// Base64url without padding.
    pub fn text(&self) -> [u8; DIGEST_TEXT] {
        let mut text = [0; DIGEST_TEXT];
        BASE64URL_NOPAD.encode_mut(&self.0, &mut text);
        text
    }
}
