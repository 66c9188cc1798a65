//! Names of keys in Redis. Everything of one account carries its bucket as a cluster tag, so that
//! each transition touches one slot; counters and marks are tagged by themselves.

use data_encoding::BASE64URL_NOPAD;

use crate::protocol::ticket_id::Bucket;
use crate::tickets::digest::{DIGEST_TEXT, Digest};

/// The part all keys begin with: the operator's epoch of the store and the version of the layout.
/// A new type under an old name would break servers of two versions side by side, so a change of
/// type takes a new letter.
#[derive(Debug, Clone)]
pub(super) struct Head(String);

impl Head {
    pub fn of(epoch: u32) -> Head {
        Head(format!("{epoch}v1:"))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub fn tagged(&self, bucket: Bucket) -> Tagged<'_> {
        Tagged {
            head: &self.0,
            tag: format!("{{{}}}:", bucket.number()),
        }
    }

    /// `m:{…}`, a one-time mark.
    pub fn mark(&self, mark: &[u8; 16]) -> String {
        self.own("m:{", mark, "}")
    }

    /// `o:{…}`, a ticket of another server.
    pub fn upstream(&self, ticket: &[u8; 16]) -> String {
        self.own("o:{", ticket, "}")
    }

    /// `c:{…}`, a challenge nobody has answered.
    pub fn challenge(&self, challenge: &[u8; 16]) -> String {
        self.own("c:{", challenge, "}")
    }

    /// `f:{…}`, a throttle counter.
    pub fn counter(&self, key: &[u8; 16]) -> String {
        self.own("f:{", key, "}")
    }

    /// `n:{…}`, the counts of a network.
    pub fn network(&self, key: &[u8; 16]) -> String {
        self.own("n:{", key, "}")
    }

    /// `n:{…}:d`, the distinct names that failed there.
    pub fn network_names(&self, key: &[u8; 16]) -> String {
        self.own("n:{", key, "}:d")
    }

    fn own(&self, kind: &str, id: &[u8; 16], end: &str) -> String {
        format!("{}{kind}{}{end}", self.0, BASE64URL_NOPAD.encode(id))
    }
}

/// Key names of one bucket.
pub(super) struct Tagged<'a> {
    head: &'a str,
    tag: String,
}

impl Tagged<'_> {
    pub fn tag(&self) -> &str {
        &self.tag
    }

    pub fn session(&self, id: Digest) -> Vec<u8> {
        self.name("t:", id, "")
    }

    pub fn visits(&self, id: Digest) -> Vec<u8> {
        self.name("t:", id, ":s")
    }

    pub fn proxied_visits(&self, id: Digest) -> Vec<u8> {
        self.name("t:", id, ":v")
    }

    pub fn pgts(&self, id: Digest) -> Vec<u8> {
        self.name("t:", id, ":g")
    }

    pub fn ticket(&self, id: Digest) -> Vec<u8> {
        self.name("s:", id, "")
    }

    pub fn tombstone(&self, id: Digest) -> Vec<u8> {
        self.name("s:", id, ":x")
    }

    pub fn pgt(&self, id: Digest) -> Vec<u8> {
        self.name("p:", id, "")
    }

    pub fn index(&self, account: Digest) -> Vec<u8> {
        self.name("u:", account, "")
    }

    pub fn epoch(&self, account: Digest) -> Vec<u8> {
        self.name("e:", account, "")
    }

    pub fn record(&self, account: Digest) -> Vec<u8> {
        self.name("a:", account, "")
    }

    pub fn rounds(&self, id: Digest) -> Vec<u8> {
        self.name("l:", id, "")
    }

    fn name(&self, kind: &str, id: Digest, end: &str) -> Vec<u8> {
        let length = self.head.len() + self.tag.len() + DIGEST_TEXT + 4;
        let mut name = Vec::with_capacity(length);
        name.extend_from_slice(self.head.as_bytes());
        name.extend_from_slice(kind.as_bytes());
        name.extend_from_slice(self.tag.as_bytes());
        name.extend_from_slice(&id.text());
        name.extend_from_slice(end.as_bytes());
        name
    }
}
