//! Names of keys in Redis. Everything of one account carries its bucket as a cluster tag, so that
//! each transition touches one slot; counters and marks are tagged by themselves.

use std::sync::Arc;

use data_encoding::BASE64URL_NOPAD;

use crate::base::names::RealmId;
use crate::protocol::ticket_id::Bucket;
use crate::tickets::digest::{DIGEST_TEXT, Digest};

/// The version of the layout.
pub(super) const LAYOUT: u8 = 1;

/// The part all keys begin with: the operator's epoch of the store and the version of the layout.
/// A new type under an old name would break servers of two versions side by side, so a change of
/// type takes a new letter.
#[derive(Debug, Clone)]
pub(super) struct Head {
    pub epoch: u32,
    text: Arc<str>,
}

/// Where servers tell each other the highest epoch they know: outside of any, within the layout's version.
pub(super) const EPOCH: &str = "v1:epoch";

impl Head {
    pub fn of(epoch: u32) -> Head {
        Head {
            epoch,
            text: format!("{epoch}v{LAYOUT}:").into(),
        }
    }

    pub fn tagged(&self, bucket: Bucket) -> Tagged {
        Tagged {
            head: self.text.clone(),
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

    /// `w:{…}`, the state of a sign-in elsewhere.
    pub fn flow(&self, flow: &[u8; 16]) -> String {
        self.own("w:{", flow, "}")
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

    /// `b:{…}`, a budget.
    pub fn budget(&self, key: &[u8; 16]) -> String {
        self.own("b:{", key, "}")
    }

    /// `d:{…}`, a change of an account's data that waits for its confirmation, and its tombstone.
    pub fn confirmation(&self, token: &[u8; 16]) -> [String; 2] {
        [self.own("d:{", token, "}"), self.own("d:{", token, "}:x")]
    }

    /// `z:{…}`, a change that may be undone, and its tombstone.
    pub fn undo(&self, token: &[u8; 16]) -> [String; 2] {
        [self.own("z:{", token, "}"), self.own("z:{", token, "}:x")]
    }

    /// `y:{…}`, links of a letter that may be ended, and its tombstone.
    pub fn revocation(&self, token: &[u8; 16]) -> [String; 2] {
        [self.own("y:{", token, "}"), self.own("y:{", token, "}:x")]
    }

    /// `v:{…}`, a way to a page of recovery, and its tombstone.
    pub fn way(&self, token: &[u8; 16]) -> [String; 2] {
        [self.own("v:{", token, "}"), self.own("v:{", token, "}:x")]
    }

    /// `h:{…}`, an account that may be closed by a letter, and its tombstone.
    pub fn disowning(&self, token: &[u8; 16]) -> [String; 2] {
        [self.own("h:{", token, "}"), self.own("h:{", token, "}:x")]
    }

    /// `l:{…}`, addresses that an account had until lately.
    pub fn former(&self, token: &[u8; 16]) -> [String; 2] {
        [self.own("l:{", token, "}"), self.own("l:{", token, "}:x")]
    }

    /// `k:{…}`, what became of the logout messages of one sign-out.
    pub fn farewell(&self, of: &[u8; 16]) -> String {
        self.own("k:{", of, "}")
    }

    /// `j:{…}`, the order of a queue by time due, and `j:{…}:d`, its entries. `shard` keeps parts of a
    /// queue on different nodes of a Cluster.
    pub fn queue(&self, lane: &str, shard: usize) -> [String; 2] {
        let order = format!("{}j:{{{lane}{shard}}}", self.text);
        let entries = format!("{order}:d");
        [order, entries]
    }

    /// `node:{nodes}`, the names of those who are there.
    pub fn nodes(&self) -> String {
        format!("{}node:{{nodes}}", self.text)
    }

    /// `node:{nodes}:…`, what one of them says.
    pub fn node(&self, name: &str) -> String {
        format!("{}node:{{nodes}}:{name}", self.text)
    }

    fn own(&self, kind: &str, id: &[u8; 16], end: &str) -> String {
        format!("{}{kind}{}{end}", self.text, BASE64URL_NOPAD.encode(id))
    }
}

/// Key names of one bucket.
pub(super) struct Tagged {
    head: Arc<str>,
    tag: String,
}

impl Tagged {
    /// What its keys begin with: one call must not mix two epochs.
    pub fn head(&self) -> &str {
        &self.head
    }

    /// The name of the time since all sessions of a realm were last ended, as this bucket knows it.
    pub fn realm(&self, realm: &RealmId) -> Vec<u8> {
        [
            self.head.as_bytes(),
            b"R:",
            self.tag.as_bytes(),
            realm.as_str().as_bytes(),
        ]
        .concat()
    }

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

    pub fn reset(&self, id: Digest) -> Vec<u8> {
        self.name("r:", id, "")
    }

    pub fn reset_tombstone(&self, id: Digest) -> Vec<u8> {
        self.name("r:", id, ":x")
    }

    /// Live reset tickets of an account.
    pub fn resets(&self, account: Digest) -> Vec<u8> {
        self.name("i:", account, "")
    }

    /// When an account was minted reset tickets.
    pub fn mints(&self, account: Digest) -> Vec<u8> {
        self.name("q:", account, "")
    }

    /// The latest attempt at the codes of an account.
    pub fn code_attempt(&self, account: Digest) -> Vec<u8> {
        self.name("k:", account, "")
    }

    /// The account's password was just written.
    pub fn pin(&self, account: Digest) -> Vec<u8> {
        self.name("w:", account, "")
    }

    /// What the known devices of an account carry.
    pub fn devices(&self, account: Digest) -> Vec<u8> {
        self.name("g:", account, "")
    }

    /// The account is closed here.
    pub fn closed(&self, account: Digest) -> Vec<u8> {
        self.name("x:", account, "")
    }

    pub fn events(&self, account: Digest) -> Vec<u8> {
        self.name("v:", account, "")
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
