//! Looking for secrets in what a server leaves behind: as they are, in parts, in base64, in hexadecimal,
//! percent-encoded.

use std::collections::{BTreeMap, HashMap};

use data_encoding::{BASE64_NOPAD, BASE64URL_NOPAD, HEXLOWER, HEXUPPER};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

/// How a needle begins: no secret is shorter.
const HEAD: usize = 6;

/// A part of a long secret that nothing else holds by chance.
const PART: usize = 12;

/// Secrets of that length are also searched in parts.
const LONG: usize = 30;

/// Values, and what each is.
#[derive(Default)]
pub struct Secrets(BTreeMap<String, &'static str>);

impl Secrets {
    pub fn add(&mut self, what: &'static str, value: &str) {
        assert!(value.len() >= HEAD, "{what} {value} is too short to be searched");
        self.0.entry(value.to_owned()).or_insert(what);
    }

    pub fn of(&self, what: &str) -> Vec<&str> {
        let all = self.0.iter().filter(|(_, kind)| **kind == what);
        all.map(|(value, _)| value.as_str()).collect()
    }

    pub fn needles(&self, wanted: impl Fn(&str) -> bool) -> Needles {
        let mut needles = Needles::default();
        for (value, what) in self.0.iter().filter(|(_, what)| wanted(what)) {
            for form in forms(value) {
                needles.add(form, format!("{what} {value}"));
            }
        }
        needles
    }
}

/// What is searched for, by its beginning.
#[derive(Default)]
pub struct Needles(HashMap<[u8; HEAD], Vec<(Vec<u8>, String)>>);

impl Needles {
    fn add(&mut self, needle: Vec<u8>, what: String) {
        if let Some(head) = needle.first_chunk::<HEAD>() {
            self.0.entry(*head).or_default().push((needle, what));
        }
    }

    /// What of it is in `place`, each with its surroundings.
    pub fn in_(&self, place: &[u8]) -> Vec<String> {
        let mut found = Vec::new();
        for (at, head) in place.windows(HEAD).enumerate() {
            for (needle, what) in self.0.get(head).into_iter().flatten() {
                if place[at..].starts_with(needle) {
                    let around = &place[at.saturating_sub(80)..place.len().min(at + needle.len() + 40)];
                    let around = String::from_utf8_lossy(around).into_owned();
                    found.push(format!("{what}: …{around}…"));
                }
            }
        }
        found
    }
}

/// Everything that a secret may look like.
fn forms(value: &str) -> Vec<Vec<u8>> {
    let bytes = value.as_bytes();
    let percent = utf8_percent_encode(value, NON_ALPHANUMERIC).to_string();
    let mut forms = vec![
        bytes.to_vec(),
        percent.to_lowercase().into_bytes(),
        percent.into_bytes(),
        value.replace(' ', "+").into_bytes(),
        HEXLOWER.encode(bytes).into_bytes(),
        HEXUPPER.encode(bytes).into_bytes(),
    ];
    for before in 0..3 {
        let shifted = [&[0; 2][..before], bytes].concat();
        for alphabet in [BASE64_NOPAD, BASE64URL_NOPAD] {
            let text = alphabet.encode(&shifted);
            // The first and the last sign may hold bits of their neighbours.
            let whole = shifted.len() * 8 / 6;
            forms.push(text.as_bytes()[(before * 8).div_ceil(6)..whole].to_vec());
        }
    }
    if value.len() >= LONG {
        forms.extend(bytes.windows(PART).map(<[u8]>::to_vec));
    }
    forms.sort();
    forms.dedup();
    forms
}

#[test]
fn a_secret_is_found_in_every_dress() {
    let mut secrets = Secrets::default();
    secrets.add("password", "quatre chevaux");
    secrets.add("link", "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHI");
    let needles = secrets.needles(|_| true);
    let base64 = BASE64_NOPAD.encode(b"\"x\":\"quatre chevaux\"");
    for dress in [
        "a=quatre chevaux",
        "a=quatre%20chevaux&",
        "a=quatre+chevaux&",
        &base64,
        &HEXLOWER.encode(b"-quatre chevaux-"),
        "…jklmnopqrstuv…",
    ] {
        assert!(!needles.in_(dress.as_bytes()).is_empty(), "{dress}");
    }
    assert!(needles.in_(b"quatre chevau, and nothing else").is_empty());
}
