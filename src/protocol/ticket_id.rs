//! Ticket ids: how they are drawn, how they are told apart, and the account bucket they carry.
//!
//! CAS 3.0.3 §3.7 allows only `A-Z a-z 0-9 -`; clients must accept 32 characters for ST and PT and
//! 64 for PGT and PGTIOU (CAS-100 to CAS-104).

use std::sync::OnceLock;

use data_encoding::HEXLOWER;
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::base::entropy::{Entropy, random_symbols};
use crate::base::keys::{KeyRing, Purpose};
use crate::base::names::AccountId;

const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// Bytes of a service ticket that is packed: 21 symbols of 62 fit into 16, the other 8 into 6.
pub const PACKED: usize = 22;

const SYMBOLS: u128 = 62;
const PACKED_FIRST: usize = 21;
const PACKED_LAST: usize = 8;

/// Number of account buckets: every pair of symbols of the 62 that a ticket may hold.
///
/// The design speaks of 12 bits; the alphabet that mod_auth_cas and the specification leave us
/// has 62² = 3,844 pairs, so a bucket is the HMAC modulo that.
pub const BUCKETS: u16 = 62 * 62;

/// The keyed, coarse name of an account that groups all its keys into one slot of a Redis Cluster.
/// Too coarse to identify anybody, and masked inside tickets so that it links none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
pub struct Bucket(u16);

impl Bucket {
    /// Any one, where there are no slots to tell apart.
    pub const FIRST: Bucket = Bucket(0);

    pub fn of(keys: &KeyRing, account: &AccountId) -> Bucket {
        let name = keys.pseudonym(
            Purpose::Bucket,
            &[
                b"account",
                account.realm.as_str().as_bytes(),
                account.person.0.as_bytes(),
            ],
        );
        Bucket(u16_of(&name) % BUCKETS)
    }

    pub fn number(self) -> u16 {
        self.0
    }

    /// The bucket with this number; `None` beyond the last.
    pub fn numbered(number: u16) -> Option<Bucket> {
        (number < BUCKETS).then_some(Bucket(number))
    }

    /// Two symbols that carry the bucket at the end of a ticket, masked by a keyed function of its
    /// random part.
    pub fn tail(self, keys: &KeyRing, random: &str) -> [char; 2] {
        let masked = (self.0 + mask(keys, random)) % BUCKETS;
        [masked / 62, masked % 62].map(symbol)
    }

    /// The bucket that [`Bucket::tail`] put there.
    pub fn of_tail(keys: &KeyRing, random: &str, tail: &str) -> Bucket {
        let masked = tail.bytes().take(2).fold(0, |sum, byte| sum * 62 + rank(byte));
        Bucket((masked + BUCKETS - mask(keys, random)) % BUCKETS)
    }
}

/// The kinds of ticket, each with its prefix and total length in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TicketKind {
    Service,
    Proxy,
    TicketGranting,
    ProxyGranting,
    ProxyGrantingIou,
}

impl TicketKind {
    pub fn prefix(self) -> &'static str {
        match self {
            TicketKind::Service => "ST-",
            TicketKind::Proxy => "PT-",
            TicketKind::TicketGranting => "TGT-",
            TicketKind::ProxyGranting => "PGT-",
            TicketKind::ProxyGrantingIou => "PGTIOU-",
        }
    }

    pub fn length(self) -> usize {
        match self {
            TicketKind::Service | TicketKind::Proxy => 32,
            _ => 64,
        }
    }
}

/// A ticket as its holder presents it: a secret until it is spent. It has no `Debug`.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct TicketId {
    #[zeroize(skip)]
    kind: TicketKind,
    text: String,
    /// From when it is first known: an entry asks for that of its session twice more, and each answer is an HMAC.
    #[zeroize(skip)]
    bucket: OnceLock<Bucket>,
}

impl PartialEq for TicketId {
    fn eq(&self, other: &TicketId) -> bool {
        (self.kind, &self.text) == (other.kind, &other.text)
    }
}

impl Eq for TicketId {}

impl TicketId {
    /// A new ticket of `kind` for an account of `bucket`: prefix, random symbols, and two symbols
    /// with the bucket, masked by a keyed function of the random part so that two tickets of one
    /// account share nothing that can be seen.
    pub fn mint(kind: TicketKind, bucket: Bucket, keys: &KeyRing, entropy: &dyn Entropy) -> TicketId {
        let random = random_symbols(entropy, ALPHABET, kind.length() - kind.prefix().len() - 2);
        let mut text = format!("{}{random}", kind.prefix());
        text.extend(bucket.tail(keys, &random));
        TicketId {
            kind,
            text,
            bucket: OnceLock::from(bucket),
        }
    }

    /// Reads `text` as a ticket of `kind`; `None` unless prefix, length and alphabet fit.
    pub fn parse(kind: TicketKind, text: &str) -> Option<TicketId> {
        let body = text.strip_prefix(kind.prefix())?;
        let fits = text.len() == kind.length() && body.bytes().all(|byte| byte.is_ascii_alphanumeric());
        fits.then(|| TicketId {
            kind,
            text: text.to_owned(),
            bucket: OnceLock::new(),
        })
    }

    pub fn kind(&self) -> TicketKind {
        self.kind
    }

    /// The ticket in clear, for the one who may have it: a redirect, a cookie, a response.
    pub fn expose(&self) -> &str {
        &self.text
    }

    /// `keys`: those of this server, of which the one that names things never changes.
    pub fn bucket(&self, keys: &KeyRing) -> Bucket {
        *self.bucket.get_or_init(|| {
            let body = self.text.strip_prefix(self.kind.prefix()).unwrap_or_default();
            let (random, tail) = body
                .split_at_checked(body.len().saturating_sub(2))
                .unwrap_or_default();
            Bucket::of_tail(keys, random, tail)
        })
    }

    /// A service ticket without its prefix, in as few bytes as its symbols may take; nothing of another kind.
    pub fn packed(&self) -> Option<[u8; PACKED]> {
        let body = self.text.strip_prefix(TicketKind::Service.prefix())?;
        let (first, last) = body.split_at_checked(PACKED_FIRST)?;
        let number = |symbols: &str| {
            let ranks = symbols.bytes().map(|byte| u128::from(rank(byte)));
            ranks.fold(0, |number, rank| number * SYMBOLS + rank)
        };
        let mut packed = [0; PACKED];
        let bytes = number(first).to_be_bytes().into_iter();
        let bytes = bytes.chain(number(last).to_be_bytes().into_iter().skip(16 - (PACKED - 16)));
        packed.iter_mut().zip(bytes).for_each(|(to, from)| *to = from);
        Some(packed)
    }

    /// The text of the service ticket that [`TicketId::packed`] made these bytes of.
    pub fn unpacked(packed: &[u8; PACKED]) -> String {
        let (first, last) = packed.split_at(16);
        let number = |bytes: &[u8]| {
            bytes
                .iter()
                .fold(0, |number, byte| (number << 8) | u128::from(*byte))
        };
        let mut symbols = Vec::with_capacity(TicketKind::Service.length());
        for (mut number, count) in [(number(last), PACKED_LAST), (number(first), PACKED_FIRST)] {
            for _ in 0..count {
                symbols.push(symbol(u16::try_from(number % SYMBOLS).unwrap_or_default()));
                number /= SYMBOLS;
            }
        }
        let body: String = symbols.into_iter().rev().collect();
        format!("{}{body}", TicketKind::Service.prefix())
    }

    /// A name for logs: prefix and the first 8 hexadecimal digits of the SHA-256. It finds the
    /// lines of one ticket and opens nothing.
    pub fn log_name(&self) -> String {
        let digest = ring::digest::digest(&ring::digest::SHA256, self.text.as_bytes());
        let first = digest.as_ref().get(..4).unwrap_or_default();
        let hex = HEXLOWER.encode(first);
        format!("{}{hex}", self.kind.prefix())
    }
}

fn mask(keys: &KeyRing, random: &str) -> u16 {
    u16_of(&keys.pseudonym(Purpose::Bucket, &[b"mask", random.as_bytes()])) % BUCKETS
}

/// 32 bits of the name folded to 16, so that the modulo favours no bucket noticeably.
fn u16_of(name: &[u8; 32]) -> u16 {
    let [a, b, c, d, ..] = *name;
    let wide = u32::from_be_bytes([a, b, c, d]) % u32::from(BUCKETS);
    u16::try_from(wide).unwrap_or_default()
}

fn symbol(rank: u16) -> char {
    ALPHABET
        .get(usize::from(rank))
        .map_or('0', |byte| char::from(*byte))
}

fn rank(byte: u8) -> u16 {
    let found = ALPHABET.iter().position(|known| *known == byte);
    found.and_then(|at| u16::try_from(at).ok()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::base::entropy::{OsEntropy, SeededEntropy};
    use crate::base::names::{PersonKey, RealmId};

    fn account(person: &str) -> AccountId {
        let realm = RealmId::new("univ").expect("a slug");
        AccountId {
            realm,
            person: PersonKey(person.into()),
        }
    }

    const KINDS: [TicketKind; 5] = [
        TicketKind::Service,
        TicketKind::Proxy,
        TicketKind::TicketGranting,
        TicketKind::ProxyGranting,
        TicketKind::ProxyGrantingIou,
    ];

    #[test]
    fn tickets_have_the_prefix_length_and_alphabet_clients_accept() {
        // CAS-100, CAS-101, CAS-102
        let keys = KeyRing::ephemeral(&OsEntropy);
        for kind in KINDS {
            let ticket = TicketId::mint(kind, Bucket(17), &keys, &OsEntropy);
            assert!(ticket.expose().starts_with(kind.prefix()));
            assert_eq!(
                ticket.expose().len(),
                if kind.prefix().len() == 3 { 32 } else { 64 }
            );
            assert!(
                ticket
                    .expose()
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || b == b'-')
            );
            assert!(TicketId::parse(kind, ticket.expose()).is_some());
        }
    }

    #[test]
    fn the_bucket_comes_back_and_shows_nothing() {
        // CAS-103, CAS-326
        let keys = KeyRing::ephemeral(&SeededEntropy::new(7));
        let entropy = SeededEntropy::new(8);
        let bucket = Bucket::of(&keys, &account("anne"));
        let tails: HashSet<String> = (0..300)
            .map(|_| {
                let ticket = TicketId::mint(TicketKind::Service, bucket, &keys, &entropy);
                let read = TicketId::parse(TicketKind::Service, ticket.expose()).unwrap();
                assert_eq!([ticket.bucket(&keys), read.bucket(&keys)], [bucket; 2]);
                ticket.expose()[30..].to_owned()
            })
            .collect();
        assert!(
            tails.len() > 250,
            "the masked bucket repeats: {} of 300",
            tails.len()
        );
    }

    #[test]
    fn a_packed_service_ticket_comes_back() {
        // CAS-194
        let keys = KeyRing::ephemeral(&OsEntropy);
        let edges = ["0", "z"].map(|symbol| format!("ST-{}", symbol.repeat(29)));
        let edges = edges.map(|text| TicketId::parse(TicketKind::Service, &text).expect("a ticket"));
        let drawn = (0..1000).map(|_| TicketId::mint(TicketKind::Service, Bucket(3843), &keys, &OsEntropy));
        for ticket in drawn.chain(edges) {
            let packed = ticket.packed().expect("a service ticket");
            assert_eq!(TicketId::unpacked(&packed), ticket.expose());
        }
        let other = TicketId::mint(TicketKind::Proxy, Bucket(0), &keys, &OsEntropy);
        assert_eq!(other.packed(), None);
        assert_eq!(
            TicketId::unpacked(&[0xFF; PACKED]).len(),
            32,
            "whatever the bytes are"
        );
    }

    #[test]
    fn a_hundred_thousand_tickets_are_all_different_and_their_bits_are_even() {
        // CAS-104
        let keys = KeyRing::ephemeral(&OsEntropy);
        let mut seen = HashSet::new();
        let mut counts = [0u32; 128];
        for _ in 0..100_000 {
            let text = random_symbols(&OsEntropy, ALPHABET, 27);
            text.bytes().for_each(|byte| counts[usize::from(byte)] += 1);
            assert!(seen.insert(text));
        }
        let expected = 100_000.0 * 27.0 / 62.0;
        let square = |count: u32| (f64::from(count) - expected).powi(2) / expected;
        let chi: f64 = ALPHABET
            .iter()
            .map(|byte| square(counts[usize::from(*byte)]))
            .sum();
        // 61 degrees of freedom: 135 is passed by chance once in ten million.
        assert!(chi < 135.0, "symbols are uneven: chi² = {chi}");
        let ticket = TicketId::mint(TicketKind::Service, Bucket(0), &keys, &OsEntropy);
        assert!(!seen.contains(&ticket.expose()[3..30]));
    }

    #[test]
    fn an_iou_tells_nothing_about_its_proxy_granting_ticket() {
        // CAS-111
        let keys = KeyRing::ephemeral(&OsEntropy);
        let bucket = Bucket::of(&keys, &account("anne"));
        let body = |kind: TicketKind| {
            let ticket = TicketId::mint(kind, bucket, &keys, &OsEntropy);
            ticket.expose()[kind.prefix().len()..].to_owned()
        };
        for _ in 0..1000 {
            let (granting, iou) = (
                body(TicketKind::ProxyGranting),
                body(TicketKind::ProxyGrantingIou),
            );
            let windows: HashSet<&str> = (0..granting.len() - 5).map(|at| &granting[at..at + 6]).collect();
            assert!(
                (0..iou.len() - 5).all(|at| !windows.contains(&iou[at..at + 6])),
                "{granting} {iou}"
            );
        }
    }

    #[test]
    fn other_text_is_no_ticket() {
        // CAS-149
        let long = format!("ST-{}", "a".repeat(30));
        for bad in [
            "",
            "ST-",
            "ST-1",
            "st-aaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
            "ST-aaaaaaaaaaaaaaaaaaaaaaaaaaaa/",
            &long,
        ] {
            assert!(TicketId::parse(TicketKind::Service, bad).is_none(), "{bad}");
        }
    }
}
