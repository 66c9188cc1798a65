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
        // 128 bits by Horner's rule from the low end: no symbol is favoured noticeably.
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
