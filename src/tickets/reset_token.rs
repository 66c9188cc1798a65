//! What a person is sent to choose a new password with: the token of a link and the code beside it.
//! Both are made from the number of their request, so that a redelivered request yields the same
//! ones and nobody needs to keep them (design §4).

use data_encoding::{BASE64URL_NOPAD, HEXLOWER};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use super::Channel;
use super::digest::Digest;
use crate::base::keys::{KeyRing, Purpose};
use crate::base::names::AccountId;
use crate::protocol::ticket_id::Bucket;

/// Symbols of 256 bits in base64url.
const RANDOM: usize = 43;

/// Characters of a token: 256 bits, and two symbols that carry the account's bucket (design §9).
pub const TOKEN_LENGTH: usize = RANDOM + 2;

/// Characters of a code.
pub const CODE_LENGTH: usize = 8;

/// Letters and digits that nobody takes for one another, in capitals: 28 of them, so that eight
/// hold 38 bits (recovery §3.1).
const UNAMBIGUOUS: &[u8; 28] = b"23456789ACDEFGHJKLMNPQRTVWXY";

const DIGITS: &[u8; 10] = b"0123456789";

/// What mail software glues to the end of a link (SEC-36).
const PUNCTUATION: &[&str] = &[
    ".", ",", ";", ":", "!", "?", ">", ")", "]", "\"", "'", "’", "»", " ", "\u{a0}", "\u{202f}", "%20",
    "%3E", "%3e", "%29",
];

/// The right to choose a new password, as its holder shows it: the text of a link, or the name of a
/// ticket whose code was right. The text is a secret; the name opens nothing by itself, since nobody
/// can type it. No `Debug`.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct ResetToken {
    form: Form,
}

#[derive(Clone, Zeroize, ZeroizeOnDrop)]
enum Form {
    Link(String),
    Named {
        #[zeroize(skip)]
        bucket: Bucket,
        #[zeroize(skip)]
        digest: Digest,
    },
}

impl ResetToken {
    /// HMAC(K_mint, nonce ‖ account) and the masked bucket of the account: the same for the same
    /// request and account, however often it is delivered. `nonce` comes from the operating system's
    /// generator, once for each request (SEC-09).
    pub fn mint(keys: &KeyRing, nonce: &[u8; 32], account: &AccountId) -> ResetToken {
        let drawn = Zeroizing::new(derived(keys, b"link", nonce, account));
        let mut text = String::with_capacity(TOKEN_LENGTH);
        BASE64URL_NOPAD.encode_append(&*drawn, &mut text);
        let tail = Bucket::of(keys, account).tail(keys, &text);
        text.extend(tail);
        ResetToken {
            form: Form::Link(text),
        }
    }

    /// Reads the last part of a link. One run of the punctuation that mail software glues to a link
    /// is taken off; any other change makes it no token (SEC-36). A token ends in a letter or digit,
    /// so nothing of it is lost.
    pub fn parse(text: &str) -> Option<ResetToken> {
        let mut text = text;
        while let Some(shorter) = PUNCTUATION.iter().find_map(|mark| text.strip_suffix(mark)) {
            text = shorter;
        }
        let (random, tail) = text.split_at_checked(RANDOM)?;
        let fits = tail.len() == 2 && tail.bytes().all(|byte| byte.is_ascii_alphanumeric());
        // A last symbol with bits to spare would give one token several texts: refused too.
        BASE64URL_NOPAD.decode(random.as_bytes()).ok().filter(|_| fits)?;
        Some(ResetToken {
            form: Form::Link(text.to_owned()),
        })
    }

    /// The token in clear, for the link; `None` when only its name is known.
    pub fn text(&self) -> Option<&str> {
        match &self.form {
            Form::Link(text) => Some(text),
            Form::Named { .. } => None,
        }
    }

    /// The same right by its name alone. A flow keeps this between pages, sealed: what it holds
    /// is no link.
    pub fn named(&self, keys: &KeyRing) -> ResetToken {
        ResetToken::of_name(self.bucket(keys), self.digest())
    }

    pub(super) fn of_name(bucket: Bucket, digest: Digest) -> ResetToken {
        ResetToken {
            form: Form::Named { bucket, digest },
        }
    }

    /// The name in 18 bytes, for what a flow seals.
    pub fn name(&self, keys: &KeyRing) -> [u8; 18] {
        let mut name = [0; 18];
        let bucket = self.bucket(keys).number().to_be_bytes();
        let bytes = bucket.into_iter().chain(self.digest().0);
        name.iter_mut().zip(bytes).for_each(|(to, from)| *to = from);
        name
    }

    /// The right of that name. Whoever calls this has opened a seal of ours: never from what a person
    /// typed or clicked.
    pub fn from_name(name: &[u8]) -> Option<ResetToken> {
        let (bucket, digest) = name.split_at_checked(2)?;
        let bucket = Bucket::numbered(u16::from_be_bytes(bucket.try_into().ok()?))?;
        Some(ResetToken::of_name(bucket, Digest(digest.try_into().ok()?)))
    }

    /// Eight hexadecimal digits of its SHA-256: finds the lines of one token in a log, and opens
    /// nothing (SEC-11, SEC-33).
    pub fn log_name(&self) -> String {
        let digest = self.digest();
        HEXLOWER.encode(digest.0.get(..4).unwrap_or_default())
    }

    /// What a log shows instead of the last part of any mailed link: the name of the token that stands
    /// there, else eight digits of the same kind for whatever does.
    pub fn log_name_of(text: &str) -> String {
        let form = Form::Link(text.to_owned());
        ResetToken::parse(text).unwrap_or(ResetToken { form }).log_name()
    }

    /// The slot of the account that it belongs to.
    pub(super) fn bucket(&self, keys: &KeyRing) -> Bucket {
        match &self.form {
            Form::Named { bucket, .. } => *bucket,
            Form::Link(text) => {
                let (random, tail) = text.split_at_checked(RANDOM).unwrap_or_default();
                Bucket::of_tail(keys, random, tail)
            }
        }
    }

    /// Its name in the store: the store never sees more (SEC-10, SEC-12).
    pub(super) fn digest(&self) -> Digest {
        match &self.form {
            Form::Named { digest, .. } => *digest,
            Form::Link(text) => Digest::of_text(text),
        }
    }
}

/// What a person types instead of following the link, together with their login (SX-02): eight
/// symbols in a mail, eight digits in a text message (design §9). No `Debug`.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct ResetCode {
    text: String,
}

impl ResetCode {
    /// The code beside the token of the same request and account.
    pub fn mint(keys: &KeyRing, nonce: &[u8; 32], account: &AccountId, channel: Channel) -> ResetCode {
        let drawn = Zeroizing::new(derived(keys, b"code", nonce, account));
        let alphabet: &[u8] = match channel {
            Channel::Sms => DIGITS,
            Channel::Mail | Channel::Agent => UNAMBIGUOUS,
        };
        // 128 bits for at most 39: no symbol is favoured noticeably.
        let (high, _) = drawn.split_at(16);
        let mut number = high.iter().fold(0u128, |sum, byte| sum << 8 | u128::from(*byte));
        let base = alphabet.len() as u128;
        let symbols = std::iter::repeat_with(|| {
            let rank = usize::try_from(number % base).unwrap_or_default();
            number /= base;
            alphabet.get(rank).map_or('2', |byte| char::from(*byte))
        });
        ResetCode {
            text: symbols.take(CODE_LENGTH).collect(),
        }
    }

    /// Reads a typed code: case, spaces, hyphens and dots do not matter, and signs that look like one
    /// of the alphabet count as it. `None` for what no code looks like.
    pub fn parse(typed: &str) -> Option<ResetCode> {
        let signs = typed
            .chars()
            .filter(|c| !c.is_whitespace() && !"-–.·_".contains(*c));
        let text: String = signs.take(CODE_LENGTH + 1).collect::<String>().to_uppercase();
        let mut code = ResetCode { text };
        if code.text.len() == CODE_LENGTH && code.text.bytes().all(|byte| byte.is_ascii_digit()) {
            return Some(code);
        }
        let lettered = code.text.chars().map(meant).collect();
        code.text.zeroize();
        code.text = lettered;
        let fits =
            code.text.len() == CODE_LENGTH && code.text.bytes().all(|byte| UNAMBIGUOUS.contains(&byte));
        fits.then_some(code)
    }

    /// The code in clear: for the letter, and for hashing and verifying (argon2id, SEC-10).
    pub fn expose(&self) -> &str {
        &self.text
    }
}

/// The sign of the alphabet that a sign outside it looks like.
fn meant(sign: char) -> char {
    match sign {
        'B' => '8',
        'Z' => '2',
        'S' => '5',
        'I' | '1' => 'L',
        'U' => 'V',
        'O' | '0' => 'Q',
        other => other,
    }
}

fn derived(keys: &KeyRing, what: &[u8], nonce: &[u8; 32], account: &AccountId) -> [u8; 32] {
    let (realm, person) = (account.realm.as_str().as_bytes(), account.person.0.as_bytes());
    keys.pseudonym(Purpose::Mint, &[what, nonce, realm, person])
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::base::entropy::{Entropy, OsEntropy, SeededEntropy};
    use crate::base::names::{PersonKey, RealmId};
    use crate::protocol::ticket_id::{TicketId, TicketKind};
    use crate::tickets::PendingToken;

    fn account(realm: &str, person: &str) -> AccountId {
        AccountId {
            realm: RealmId::new(realm).expect("a slug"),
            person: PersonKey(person.to_owned()),
        }
    }

    fn text(token: &ResetToken) -> &str {
        token.text().expect("a link")
    }

    #[test]
    fn a_request_makes_one_link_for_each_account_and_always_the_same() {
        // SEC-16, T-77
        let keys = KeyRing::ephemeral(&SeededEntropy::new(1));
        let (nonce, other) = ([7; 32], [8; 32]);
        let annes = ResetToken::mint(&keys, &nonce, &account("univ", "anne"));
        let again = ResetToken::mint(&keys, &nonce, &account("univ", "anne"));
        assert_eq!(text(&annes), text(&again));
        assert_eq!(text(&annes).len(), TOKEN_LENGTH);
        let strangers = KeyRing::ephemeral(&SeededEntropy::new(2));
        for different in [
            ResetToken::mint(&keys, &other, &account("univ", "anne")),
            ResetToken::mint(&keys, &nonce, &account("univ", "bob")),
            ResetToken::mint(&keys, &nonce, &account("ent", "anne")),
            ResetToken::mint(&strangers, &nonce, &account("univ", "anne")),
        ] {
            assert_ne!(text(&annes)[..RANDOM], text(&different)[..RANDOM]);
        }
    }

    #[test]
    fn a_token_leads_to_its_account_s_slot_and_its_name_does_too() {
        // SEC-12, SEC-33
        let keys = KeyRing::ephemeral(&OsEntropy);
        let anne = account("univ", "anne");
        let mut tails = HashSet::new();
        for _ in 0..300 {
            let token = ResetToken::mint(&keys, &OsEntropy.bytes(), &anne);
            assert_eq!(token.bucket(&keys), Bucket::of(&keys, &anne));
            let named = ResetToken::from_name(&token.name(&keys)).expect("a name");
            assert_eq!(named.bucket(&keys), token.bucket(&keys));
            assert_eq!(named.digest(), token.digest());
            assert_eq!(named.log_name(), token.log_name());
            assert_eq!(token.log_name().len(), 8);
            assert!(named.text().is_none() && token.named(&keys).text().is_none());
            tails.insert(text(&token)[RANDOM..].to_owned());
        }
        assert!(
            tails.len() > 250,
            "the masked bucket repeats: {} of 300",
            tails.len()
        );
        assert!(ResetToken::from_name(&[0xff; 18]).is_none(), "no such bucket");
        assert!(ResetToken::from_name(&[0; 17]).is_none());
    }

    #[test]
    fn a_million_tokens_are_all_different_and_their_bits_are_even() {
        // SEC-09
        let keys = KeyRing::ephemeral(&OsEntropy);
        let anne = account("univ", "anne");
        let mut seen = Vec::with_capacity(1_000_000);
        let mut counts = vec![[0u32; 256]; 32];
        for n in 0..1_000_000u32 {
            let mut nonce = [0; 32];
            // Counted nonces: whatever evenness there is comes from the key.
            nonce[..4].copy_from_slice(&n.to_be_bytes());
            let drawn = derived(&keys, b"link", &nonce, &anne);
            for (at, byte) in drawn.iter().enumerate() {
                counts[at][usize::from(*byte)] += 1;
            }
            seen.push(u128::from_be_bytes(drawn[..16].try_into().expect("16 bytes")));
        }
        seen.sort_unstable();
        assert!(seen.windows(2).all(|pair| pair[0] != pair[1]), "a token repeats");
        let expected = 1_000_000.0 / 256.0;
        for (at, counts) in counts.iter().enumerate() {
            let square = |count: &u32| (f64::from(*count) - expected).powi(2) / expected;
            let chi: f64 = counts.iter().map(square).sum();
            // 255 degrees of freedom: 400 is passed by chance once in a hundred million.
            assert!(chi < 400.0, "byte {at} is uneven: chi² = {chi}");
        }
    }

    #[test]
    fn what_mail_software_glues_to_a_link_is_taken_off_and_nothing_else_is_forgiven() {
        // SEC-34, SEC-36
        let keys = KeyRing::ephemeral(&OsEntropy);
        for _ in 0..200 {
            let token = ResetToken::mint(&keys, &OsEntropy.bytes(), &account("univ", "anne"));
            let text = text(&token);
            assert!(
                text.bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
            );
            for glued in ["", ".", ">", ")", "%20", " ", ">.", "\u{a0}»", "’", "),", "%3E"] {
                let read = ResetToken::parse(&format!("{text}{glued}")).expect("the same link");
                assert_eq!(read.digest(), token.digest(), "{glued}");
            }
            let mut last = text.as_bytes()[RANDOM - 1];
            last = if last == b'B' { b'C' } else { b'B' };
            let spare = format!("{}{}{}", &text[..RANDOM - 1], char::from(last), &text[RANDOM..]);
            for bad in [
                &text[1..],
                &text[..TOKEN_LENGTH - 1],
                &format!("{text}a"),
                &format!(".{text}"),
                &format!("{text}.a"),
                &format!("{}%2D{}", &text[..10], &text[11..]),
                &format!("{}é{}", &text[..10], &text[12..]),
                &spare,
                "",
                "%20",
                "é",
            ] {
                assert!(ResetToken::parse(bad).is_none(), "{bad}");
            }
            let flipped = match text.to_uppercase() {
                upper if upper == text => text.to_lowercase(),
                upper => upper,
            };
            let other = ResetToken::parse(&flipped);
            assert!(other.is_none_or(|other| other.digest() != token.digest()));
        }
    }

    #[test]
    fn the_name_of_a_token_is_no_token() {
        // SEC-10
        let keys = KeyRing::ephemeral(&OsEntropy);
        let token = ResetToken::mint(&keys, &OsEntropy.bytes(), &account("univ", "anne"));
        let name = token.digest().text();
        let name = std::str::from_utf8(&name).expect("ASCII");
        assert!(ResetToken::parse(name).is_none());
        let whole = ring::digest::digest(&ring::digest::SHA256, text(&token).as_bytes());
        assert!(ResetToken::parse(&BASE64URL_NOPAD.encode(whole.as_ref())).is_none());
        assert!(ResetToken::parse(&HEXLOWER.encode(whole.as_ref())).is_none());
    }

    #[test]
    fn the_text_of_one_kind_of_ticket_is_none_of_another() {
        // SEC-15
        let keys = KeyRing::ephemeral(&OsEntropy);
        let anne = account("univ", "anne");
        let kinds = [
            TicketKind::Service,
            TicketKind::Proxy,
            TicketKind::TicketGranting,
            TicketKind::ProxyGranting,
            TicketKind::ProxyGrantingIou,
        ];
        let bucket = Bucket::of(&keys, &anne);
        let mint = |kind| {
            TicketId::mint(kind, bucket, &keys, &OsEntropy)
                .expose()
                .to_owned()
        };
        let nonce = OsEntropy.bytes();
        let mut texts: Vec<String> = kinds.into_iter().map(mint).collect();
        texts.push(text(&ResetToken::mint(&keys, &nonce, &anne)).to_owned());
        texts.push(PendingToken::draw(&OsEntropy).expose().to_owned());
        texts.push(
            ResetCode::mint(&keys, &nonce, &anne, Channel::Mail)
                .expose()
                .to_owned(),
        );
        for (at, text) in texts.iter().enumerate() {
            let mut read: Vec<bool> = kinds
                .into_iter()
                .map(|kind| TicketId::parse(kind, text).is_some())
                .collect();
            read.push(ResetToken::parse(text).is_some());
            read.push(PendingToken::parse(text).is_some());
            read.push(ResetCode::parse(text).is_some());
            let expected: Vec<bool> = (0..texts.len()).map(|other| other == at).collect();
            assert_eq!(read, expected, "{at}");
        }
    }

    #[test]
    fn a_code_is_typed_as_people_type() {
        // SX-02
        let keys = KeyRing::ephemeral(&SeededEntropy::new(3));
        let (nonce, anne) = ([9; 32], account("univ", "anne"));
        let code = ResetCode::mint(&keys, &nonce, &anne, Channel::Mail);
        let again = ResetCode::mint(&keys, &nonce, &anne, Channel::Mail);
        assert_eq!(code.expose(), again.expose());
        assert_eq!(code.expose().len(), CODE_LENGTH);
        let typed = |text: &str| ResetCode::parse(text).map(|code| code.expose().to_owned());
        let (left, right) = code.expose().split_at(4);
        for text in [
            code.expose().to_lowercase(),
            format!(" {left} {right}\n"),
            format!("{left}-{right}"),
            format!("{left}\u{a0}·\u{202f}{right}."),
        ] {
            assert_eq!(typed(&text).as_deref(), Some(code.expose()), "{text}");
        }
        assert_eq!(typed("bzsi1uo0").as_deref(), Some("825LLVQQ"), "look-alikes");
        assert_eq!(typed("0123 4567").as_deref(), Some("01234567"), "digits stay");
        for bad in ["", "ABCDEFG", "ABCDEFGHJ", "ABCDEFG!", "éééééééé", "ABCDEFG\0"] {
            assert_eq!(typed(bad), None, "{bad}");
        }
    }

    #[test]
    fn codes_hold_the_bits_they_promise() {
        // SX-02, SEC-09
        let keys = KeyRing::ephemeral(&OsEntropy);
        let anne = account("univ", "anne");
        for (channel, alphabet) in [(Channel::Mail, &UNAMBIGUOUS[..]), (Channel::Sms, &DIGITS[..])] {
            let mut counts = [[0u32; 256]; CODE_LENGTH];
            let drawn = 20_000;
            for _ in 0..drawn {
                let code = ResetCode::mint(&keys, &OsEntropy.bytes(), &anne, channel);
                assert!(ResetCode::parse(code.expose()).is_some_and(|read| read.expose() == code.expose()));
                for (at, byte) in code.expose().bytes().enumerate() {
                    assert!(alphabet.contains(&byte));
                    counts[at][usize::from(byte)] += 1;
                }
            }
            let expected = f64::from(drawn) / f64::from(u32::try_from(alphabet.len()).expect("few"));
            for counts in counts {
                let square =
                    |sign: &u8| (f64::from(counts[usize::from(*sign)]) - expected).powi(2) / expected;
                let chi: f64 = alphabet.iter().map(square).sum();
                // 27 degrees of freedom: 90 is passed by chance once in a hundred million.
                assert!(chi < 90.0, "{channel:?}: chi² = {chi}");
            }
        }
        let nonce = OsEntropy.bytes();
        let digits = ResetCode::mint(&keys, &nonce, &anne, Channel::Sms);
        let token = ResetToken::mint(&keys, &nonce, &anne);
        assert!(!text(&token).contains(digits.expose()));
    }
}
