//! Where a message can be sent: one e-mail address or one telephone number, as the directory has it
//! and fit for an envelope. Nothing typed by a person becomes one of these.

use std::net::{IpAddr, Ipv6Addr};

use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;

/// Longest address of a mailbox (RFC 5321 §4.5.3.1.3, less the angle brackets).
const LONGEST_ADDRESS: usize = 254;

/// Longest part before the @ (RFC 5321 §4.5.3.1.1).
const LONGEST_LOCAL_PART: usize = 64;

/// Exactly one mailbox: no list, no name, no comment, nothing that could end a line (SEC-40).
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct EmailAddress {
    /// As it was read.
    read: String,
    /// With an ASCII domain, for the envelope.
    envelope: String,
}

/// Why a stored text is no address to write to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AddressFlaw {
    Empty,
    TooLong,
    /// Blanks, commas, angle brackets, quotes, control characters: it could be two.
    MoreThanOne,
    /// No @, or two.
    NoMailbox,
    /// The part before the @ is not ASCII, or not written as mail servers do.
    LocalPart,
    /// The part after the @ is not the name of a host.
    Domain,
}

impl EmailAddress {
    /// The address, when `stored` is exactly one (SEC-40). A domain in other letters becomes its
    /// A-label form; an address before the @ must be ASCII, since few servers take others.
    pub fn stored(stored: &str) -> Result<EmailAddress, AddressFlaw> {
        if stored.is_empty() {
            return Err(AddressFlaw::Empty);
        }
        if stored.chars().any(is_separator) {
            return Err(AddressFlaw::MoreThanOne);
        }
        let (local, domain) = stored.split_once('@').ok_or(AddressFlaw::NoMailbox)?;
        if domain.contains('@') {
            return Err(AddressFlaw::NoMailbox);
        }
        if !is_local_part(local) {
            return Err(AddressFlaw::LocalPart);
        }
        let domain = ascii_domain(domain).ok_or(AddressFlaw::Domain)?;
        let envelope = format!("{local}@{domain}");
        if envelope.len() > LONGEST_ADDRESS || stored.len() > LONGEST_ADDRESS {
            return Err(AddressFlaw::TooLong);
        }
        Ok(EmailAddress {
            read: stored.to_owned(),
            envelope,
        })
    }

    /// As the directory has it.
    pub fn as_stored(&self) -> &str {
        &self.read
    }

    /// As mail servers are given it: ASCII.
    pub fn envelope(&self) -> &str {
        &self.envelope
    }

    pub fn local_part(&self) -> &str {
        self.envelope.split_once('@').map_or("", |(local, _)| local)
    }

    /// In small ASCII letters.
    pub fn domain(&self) -> &str {
        self.envelope.split_once('@').map_or("", |(_, domain)| domain)
    }

    /// Whether a person typed this very address: equal in small ASCII letters and NFC, and nothing
    /// looser (SEC-41). Blanks around what was typed do not count.
    pub fn is_typed_as(&self, typed: &str) -> bool {
        comparable(&self.read) == comparable(typed.trim_matches([' ', '\t']))
    }

    /// `m•••@h•••.fr`: always the same number of dots (SEC-42). Only for who has proved to be the
    /// person.
    pub fn masked(&self) -> String {
        let domain = self.domain();
        let (host, end) = domain.rsplit_once('.').unwrap_or((domain, ""));
        let first = |text: &str| text.chars().next().map(String::from).unwrap_or_default();
        let end = if end.is_empty() {
            String::new()
        } else {
            format!(".{end}")
        };
        format!("{}•••@{}•••{end}", first(self.local_part()), first(host))
    }
}

/// Whether two texts are the same but for the case of ASCII letters and the composition of others
/// (SEC-41).
pub fn is_same_text(one: &str, other: &str) -> bool {
    comparable(one) == comparable(other)
}

/// Small letters first: NFC would turn the Kelvin sign into a K.
fn comparable(text: &str) -> String {
    text.to_ascii_lowercase().nfc().collect()
}

/// What could part one address from another, or a name from an address, or a line from the next.
fn is_separator(c: char) -> bool {
    c.is_whitespace()
        || c.is_control()
        || matches!(c, ',' | ';' | '<' | '>' | '(' | ')' | '"' | '\\' | ':')
        || matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}' | '\u{feff}')
}

/// A dot-atom (RFC 5321 §4.1.2) without `%` and `!`, which old relays take for routes.
fn is_local_part(text: &str) -> bool {
    let atom = |c: char| c.is_ascii_alphanumeric() || "#$&'*+-/=?^_`{|}~.".contains(c);
    let framed = !text.starts_with('.') && !text.ends_with('.') && !text.contains("..");
    !text.is_empty() && text.len() <= LONGEST_LOCAL_PART && framed && text.chars().all(atom)
}

/// A domain in small ASCII letters: at least two labels, and no address of a network.
fn ascii_domain(text: &str) -> Option<String> {
    let plain = |c: char| !c.is_ascii() || c.is_ascii_alphanumeric() || matches!(c, '-' | '.');
    if !text.chars().all(plain) || text.ends_with('.') {
        return None;
    }
    let url::Host::Domain(domain) = url::Host::parse(text).ok()? else {
        return None;
    };
    let label = |label: &str| {
        let clean = label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
        clean && (1..=63).contains(&label.len()) && !label.starts_with('-') && !label.ends_with('-')
    };
    (domain.contains('.') && domain.split('.').all(label)).then_some(domain)
}

/// Exactly one telephone number in the international form, `+33612345678`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct PhoneNumber(String);

/// The text is not one telephone number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PhoneFlaw;

impl PhoneNumber {
    /// The number, when `stored` is exactly one. `country` (`33`) stands for the leading 0 of a
    /// national number. Blanks, points, hyphens and `(0)` are dropped; anything else is a flaw.
    pub fn stored(stored: &str, country: &str) -> Result<PhoneNumber, PhoneFlaw> {
        let filler = |c: char| matches!(c, ' ' | '\u{a0}' | '\u{202f}' | '.' | '-' | '/');
        let bare: String = stored
            .replace("(0)", "")
            .chars()
            .filter(|c| !filler(*c))
            .collect();
        let digits = if let Some(digits) = bare.strip_prefix('+').or_else(|| bare.strip_prefix("00")) {
            digits.to_owned()
        } else {
            format!("{country}{}", bare.strip_prefix('0').ok_or(PhoneFlaw)?)
        };
        let fits = (8..=15).contains(&digits.len()) && digits.chars().all(|c| c.is_ascii_digit());
        (fits && !digits.starts_with('0'))
            .then(|| PhoneNumber(format!("+{digits}")))
            .ok_or(PhoneFlaw)
    }

    /// With a leading plus.
    pub fn international(&self) -> &str {
        &self.0
    }

    /// The ways in which directories write this number: `+33612345678`, `0612345678`, `06 12 34 56 78`…
    /// For a search; what is found is read and compared again.
    pub fn usual_spellings(&self, country: &str) -> Vec<String> {
        let digits = self.0.trim_start_matches('+');
        let mut all = vec![self.0.clone(), format!("00{digits}"), digits.to_owned()];
        let Some(national) = digits.strip_prefix(country) else {
            return all;
        };
        let zero = format!("0{national}");
        let pairs: Vec<String> = zero
            .as_bytes()
            .chunks(2)
            .map(|pair| String::from_utf8_lossy(pair).into_owned())
            .collect();
        all.extend([" ", ".", "-"].map(|between| pairs.join(between)));
        let spaced = pairs.join(" ");
        all.push(format!("+{country} {}", spaced.trim_start_matches('0')));
        all.push(zero);
        all
    }

    /// `•• •• •• •• 89`: the last two digits. Only for who has proved to be the person.
    pub fn masked(&self) -> String {
        let last = self.0.len().saturating_sub(2);
        format!("•• •• •• •• {}", self.0.get(last..).unwrap_or_default())
    }
}

/// What is counted as one network: an IPv4 address, or the /64 that one household or school has in IPv6
/// (SEC-61).
pub fn network_key(address: IpAddr) -> [u8; 8] {
    match address.to_canonical() {
        IpAddr::V4(v4) => {
            let [a, b, c, d] = v4.octets();
            [0, 0, 0, 4, a, b, c, d]
        }
        IpAddr::V6(v6) => {
            let [a, b, c, d, ..] = v6.segments();
            let [[a, e], [b, f], [c, g], [d, h]] = [a, b, c, d].map(u16::to_be_bytes);
            [a, e, b, f, c, g, d, h]
        }
    }
}

/// The part of a network address that is told to people: `203.0.113.0/24`, `2001:db8:12::/48`
/// (SEC-58).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NetworkPrefix(String);

impl NetworkPrefix {
    pub fn of(address: IpAddr) -> NetworkPrefix {
        NetworkPrefix(match address.to_canonical() {
            IpAddr::V4(address) => {
                let [a, b, c, _] = address.octets();
                format!("{a}.{b}.{c}.0/24")
            }
            IpAddr::V6(address) => {
                let kept = u128::from(address) & !(u128::MAX >> 48);
                format!("{}/48", Ipv6Addr::from(kept))
            }
        })
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stored(text: &str) -> Result<EmailAddress, AddressFlaw> {
        EmailAddress::stored(text)
    }

    #[test]
    fn exactly_one_mailbox_is_an_address_and_nothing_else() {
        // SEC-40
        for good in ["a@univ.example", "Anne.O'Neil+cas@mail.univ.example", "0@x.co"] {
            assert_eq!(stored(good).unwrap().envelope(), good);
        }
        for (bad, flaw) in [
            ("", AddressFlaw::Empty),
            ("a@univ.example,b@evil.example", AddressFlaw::MoreThanOne),
            ("a@univ.example b@evil.example", AddressFlaw::MoreThanOne),
            ("a@univ.example;b@evil.example", AddressFlaw::MoreThanOne),
            ("Anne <a@univ.example>", AddressFlaw::MoreThanOne),
            ("<a@univ.example>", AddressFlaw::MoreThanOne),
            (" a@univ.example", AddressFlaw::MoreThanOne),
            ("a@univ.example\n", AddressFlaw::MoreThanOne),
            ("a@univ.example\r\nBcc: b@evil.example", AddressFlaw::MoreThanOne),
            ("a\0@univ.example", AddressFlaw::MoreThanOne),
            ("a\u{2028}@univ.example", AddressFlaw::MoreThanOne),
            ("a@univ.example\u{200b}", AddressFlaw::MoreThanOne),
            ("\"a b\"@univ.example", AddressFlaw::MoreThanOne),
            ("a(x)@univ.example", AddressFlaw::MoreThanOne),
            ("@evil.example:a@univ.example", AddressFlaw::MoreThanOne),
            ("a", AddressFlaw::NoMailbox),
            ("a@b@univ.example", AddressFlaw::NoMailbox),
            ("é@univ.example", AddressFlaw::LocalPart),
            ("a%evil.example@univ.example", AddressFlaw::LocalPart),
            ("a..b@univ.example", AddressFlaw::LocalPart),
            ("@univ.example", AddressFlaw::LocalPart),
            ("a@univ", AddressFlaw::Domain),
            ("a@univ.example.", AddressFlaw::Domain),
            ("a@127.0.0.1", AddressFlaw::Domain),
            ("a@[127.0.0.1]", AddressFlaw::Domain),
            ("a@-univ.example", AddressFlaw::Domain),
            ("a@univ%0a.example", AddressFlaw::Domain),
        ] {
            assert_eq!(stored(bad).err(), Some(flaw), "{bad:?}");
        }
        assert!(stored(&format!("{}@univ.example", "a".repeat(65))).is_err());
    }

    #[test]
    fn a_domain_in_other_letters_is_written_to_by_its_a_label() {
        // SEC-40
        let address = stored("anne@Université.example").unwrap();
        assert_eq!(address.envelope(), "anne@xn--universit-j4a.example");
        assert_eq!(address.as_stored(), "anne@Université.example");
    }

    #[test]
    fn a_typed_address_is_the_stored_one_letter_by_letter() {
        // SEC-41
        let address = stored("Mike.Kiss+cas@github.example").unwrap();
        assert!(address.is_typed_as("mike.kiss+CAS@GitHub.example"));
        assert!(address.is_typed_as(" mike.kiss+cas@github.example "));
        for other in [
            "m\u{131}ke.kiss+cas@github.example",
            "mike.ki\u{df}+cas@github.example",
            "mike.\u{212a}iss+cas@github.example",
            "mike.ki\u{17f}s+cas@github.example",
            "ｍike.kiss+cas@github.example",
            "mike.kiss@github.example",
            "mikekiss+cas@github.example",
            "mike.kiss+cas@github.example.",
            "mike.kiss+cas@g\u{131}thub.example",
            "M\u{130}ke.kiss+cas@github.example",
        ] {
            assert!(!address.is_typed_as(other), "{other}");
        }
        let composed = stored("anne@universit\u{e9}.example").unwrap();
        assert!(composed.is_typed_as("anne@universite\u{301}.example"));
    }

    #[test]
    fn a_mask_tells_two_letters_and_the_end_of_the_domain() {
        // SEC-42
        assert_eq!(stored("marie.curie@hopital.fr").unwrap().masked(), "m•••@h•••.fr");
        assert_eq!(stored("m@h.fr").unwrap().masked(), "m•••@h•••.fr");
        assert_eq!(stored("m@mail.hopital.fr").unwrap().masked(), "m•••@m•••.fr");
        let phone = PhoneNumber::stored("06 12 34 56 89", "33").unwrap();
        assert_eq!(phone.masked(), "•• •• •• •• 89");
    }

    #[test]
    fn one_number_in_many_spellings_is_one_number() {
        // SEC-40
        for spelling in [
            "06 12 34 56 78",
            "06.12.34.56.78",
            "+33 6 12 34 56 78",
            "0033612345678",
            "+33 (0)6 12 34 56 78",
        ] {
            let number = PhoneNumber::stored(spelling, "33").unwrap();
            assert_eq!(number.international(), "+33612345678", "{spelling}");
        }
        let number = PhoneNumber::stored("06 12 34 56 78", "33").unwrap();
        let spellings = number.usual_spellings("33");
        for spelling in [
            "+33612345678",
            "0033612345678",
            "0612345678",
            "06 12 34 56 78",
            "+33 6 12 34 56 78",
        ] {
            assert!(
                spellings.contains(&spelling.to_owned()),
                "{spelling} in {spellings:?}"
            );
        }
        for bad in [
            "",
            "6",
            "0612345678,0712345678",
            "06 12 34\n56 78",
            "+0612345678",
            "anne",
            "+33612345678x",
        ] {
            assert!(PhoneNumber::stored(bad, "33").is_err(), "{bad:?}");
        }
    }

    #[test]
    fn a_network_is_told_by_its_prefix() {
        // SEC-58
        let prefix = |text: &str| NetworkPrefix::of(text.parse().unwrap()).as_str().to_owned();
        assert_eq!(prefix("203.0.113.77"), "203.0.113.0/24");
        assert_eq!(prefix("::ffff:203.0.113.77"), "203.0.113.0/24");
        assert_eq!(prefix("2001:db8:12:34::1"), "2001:db8:12::/48");
    }
}
