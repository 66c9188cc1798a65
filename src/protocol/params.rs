//! Parameters of a query string and of a form body, decoded on bytes so that every malformed one
//! is a value and not a failure of the request. What a parameter means is not known here.

use zeroize::Zeroizing;

/// The parameters of one request, query before body. It has no `Debug`: a password may be among
/// them.
///
/// Names are case-sensitive (CAS-3), unknown ones harm nobody (CAS-4), an empty value is the same
/// as none (CAS-5).
#[derive(Clone, Default)]
pub struct Params {
    pairs: Vec<Pair>,
}

#[derive(Clone)]
struct Pair {
    name: String,
    value: Result<Zeroizing<String>, Flaw>,
}

/// What is wrong with a parameter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Flaw {
    #[error("a % is not followed by two hexadecimal digits")]
    LonePercent,
    #[error("it is not UTF-8")]
    NotUtf8,
    #[error("it holds a NUL")]
    HoldsNul,
    #[error("it is given twice")]
    Repeated,
}

/// A parameter that was given and cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("parameter {name}: {flaw}")]
pub struct ParamFlaw {
    pub name: &'static str,
    pub flaw: Flaw,
}

impl Params {
    /// Reads a query string without its `?`, as the request line carries it.
    pub fn of_query(query: &[u8]) -> Params {
        Params {
            pairs: pairs(query).collect(),
        }
    }

    /// Reads a query string and an `application/x-www-form-urlencoded` body.
    pub fn of_query_and_form(query: &[u8], form: &[u8]) -> Params {
        Params {
            pairs: pairs(query).chain(pairs(form)).collect(),
        }
    }

    /// The first value of `name` that is not empty (CAS-7).
    pub fn first(&self, name: &'static str) -> Result<Option<&str>, ParamFlaw> {
        match self.values(name).next() {
            None => Ok(None),
            Some(value) => value.map(Some).map_err(|flaw| ParamFlaw { name, flaw }),
        }
    }

    /// The first value of `name` that can be read, for names that are only known when running.
    pub fn hint(&self, name: &str) -> Option<&str> {
        self.values(name).find_map(Result::ok)
    }

    /// The value of `name`, refused when two different ones arrive (CAS-7).
    pub fn agreed(&self, name: &'static str) -> Result<Option<&str>, ParamFlaw> {
        let first = self.first(name)?;
        let same = self
            .values(name)
            .all(|value| value == Ok(first.unwrap_or_default()));
        if same {
            Ok(first)
        } else {
            let flaw = Flaw::Repeated;
            Err(ParamFlaw { name, flaw })
        }
    }

    /// The value of `name`, refused when it arrives twice, even the same or empty: what somebody
    /// smuggled in beside the client's own parameter (CAS-301, T-24).
    pub fn only(&self, name: &'static str) -> Result<Option<&str>, ParamFlaw> {
        if self.pairs.iter().filter(|pair| pair.name == name).count() > 1 {
            let flaw = Flaw::Repeated;
            return Err(ParamFlaw { name, flaw });
        }
        self.first(name)
    }

    /// Whether a switch is on: any value but none, `false` and `0` (CAS-20), even one that cannot be
    /// read: `renew` must not be lost by a malformed value.
    pub fn switch(&self, name: &'static str) -> bool {
        match self.first(name) {
            Ok(None) => false,
            Ok(Some(value)) => !value.eq_ignore_ascii_case("false") && value != "0",
            Err(_) => true,
        }
    }

    /// Names that arrive more than once, for the log (CAS-7).
    pub fn repeated_names(&self) -> Vec<&str> {
        let mut names: Vec<&str> = self.pairs.iter().map(|pair| pair.name.as_str()).collect();
        names.sort_unstable();
        let mut repeated: Vec<&str> = names
            .windows(2)
            .filter_map(|two| match two {
                [one, other] if one == other => Some(*one),
                _ => None,
            })
            .collect();
        repeated.dedup();
        repeated
    }

    fn values<'a>(&'a self, name: &str) -> impl Iterator<Item = Result<&'a str, Flaw>> {
        let named = self.pairs.iter().filter(move |pair| pair.name == name);
        named
            .map(|pair| {
                pair.value
                    .as_ref()
                    .map(|text| text.as_str())
                    .map_err(|flaw| *flaw)
            })
            .filter(|value| *value != Ok(""))
    }
}

fn pairs(encoded: &[u8]) -> impl Iterator<Item = Pair> {
    let parts = encoded
        .split(|byte| *byte == b'&')
        .filter(|part| !part.is_empty());
    parts.filter_map(|part| {
        let at = part.iter().position(|byte| *byte == b'=').unwrap_or(part.len());
        let (name, rest) = part.split_at_checked(at)?;
        let value = rest.split_first().map_or(&[][..], |(_, value)| value);
        // A name that cannot be read is nobody's name.
        let name = std::mem::take(&mut *decode(name).ok()?);
        let value = match name.as_str() {
            "service" | "TARGET" => decode_address(value),
            _ => decode(value),
        };
        Some(Pair { name, value })
    })
}

/// `application/x-www-form-urlencoded` to text: `+` is a space (CAS-10), raw UTF-8 is let through
/// (CAS-8), everything else that is not well formed is a flaw (CAS-9).
fn decode(encoded: &[u8]) -> Result<Zeroizing<String>, Flaw> {
    let text = String::from_utf8(std::mem::take(&mut *unescape(encoded)?));
    text.map(Zeroizing::new).map_err(|flawed| {
        drop(Zeroizing::new(flawed.into_bytes()));
        Flaw::NotUtf8
    })
}

/// The same for the address of a service. Old applications write theirs in Latin-1, and mod_auth_cas
/// takes the escapes out of its paths (CAS-8): in an address, bytes that are no UTF-8 and spaces mean what
/// their escapes mean. A byte-order mark of UTF-16 belongs into no address.
fn decode_address(encoded: &[u8]) -> Result<Zeroizing<String>, Flaw> {
    let bytes = unescape(encoded)?;
    if bytes.iter().all(|byte| *byte == b' ') {
        return decode(encoded);
    }
    let mut text = Zeroizing::new(String::with_capacity(bytes.len()));
    for chunk in bytes.utf8_chunks() {
        text.push_str(&chunk.valid().replace(' ', "%20"));
        for byte in chunk.invalid() {
            text.push_str(percent_encoding::percent_encode_byte(*byte));
        }
    }
    let marks = [[0xff, 0xfe], [0xfe, 0xff]];
    match bytes.windows(2).any(|two| marks.iter().any(|mark| two == mark)) {
        true => Err(Flaw::NotUtf8),
        false => Ok(text),
    }
}

fn unescape(encoded: &[u8]) -> Result<Zeroizing<Vec<u8>>, Flaw> {
    // There is room for all, so that no copy of a secret is left behind by growing.
    let mut bytes = Zeroizing::new(Vec::with_capacity(encoded.len()));
    let mut rest = encoded;
    while let Some(at) = rest.iter().position(|byte| matches!(byte, b'+' | b'%')) {
        let (run, after) = rest.split_at_checked(at).unwrap_or_default();
        bytes.extend_from_slice(run);
        let Some((sign, after)) = after.split_first() else {
            break;
        };
        let (value, after) = match sign {
            b'+' => (b' ', after),
            _ => escaped(after).ok_or(Flaw::LonePercent)?,
        };
        bytes.push(value);
        rest = after;
    }
    bytes.extend_from_slice(rest);
    if bytes.contains(&0) {
        return Err(Flaw::HoldsNul);
    }
    Ok(bytes)
}

/// The byte that two hexadecimal digits after a `%` mean, and what follows them.
pub(super) fn escaped(after_percent: &[u8]) -> Option<(u8, &[u8])> {
    match after_percent {
        [high, low, rest @ ..] => Some((hex_digit(*high)? * 16 + hex_digit(*low)?, rest)),
        _ => None,
    }
}

/// The value of one hexadecimal digit, either case.
fn hex_digit(byte: u8) -> Option<u8> {
    match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'A'..=b'F' => Some(byte - b'A' + 10),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn first(query: &str, name: &'static str) -> Result<Option<String>, Flaw> {
        let params = Params::of_query(query.as_bytes());
        let value = params.first(name).map(|value| value.map(str::to_owned));
        value.map_err(|flaw| flaw.flaw)
    }

    #[test]
    fn names_are_case_sensitive_and_empty_is_absent() {
        // CAS-3, CAS-4, CAS-5
        assert_eq!(first("Service=x&SERVICE=y", "service"), Ok(None));
        for empty in ["service=", "service", "", "&&", "=x", "service=&service="] {
            assert_eq!(first(empty, "service"), Ok(None), "{empty}");
        }
        assert_eq!(
            first("execution=%zz&utm_source=%ff&%=1&service=x", "service"),
            Ok(Some("x".into()))
        );
    }

    #[test]
    fn plus_percent_and_raw_bytes_decode_as_clients_send_them() {
        // CAS-8, CAS-10
        let cases: [(&[u8], &str); 6] = [
            (b"a+b", "a b"),
            (b"a%2Bb", "a+b"),
            (b"https%3a%2f%2Fh", "https://h"),
            ("caf\u{e9}".as_bytes(), "café"),
            (b"caf%c3%A9", "café"),
            (b"a=b[]{}|\\^`", "a=b[]{}|\\^`"),
        ];
        for (encoded, plain) in cases {
            let params = Params::of_query(&[b"targetService=", encoded].concat());
            assert_eq!(params.first("targetService"), Ok(Some(plain)));
        }
    }

    #[test]
    fn malformed_values_are_flaws_of_their_parameter_alone() {
        // CAS-9
        for (value, flaw) in [
            ("%zz", Flaw::LonePercent),
            ("100%", Flaw::LonePercent),
            ("%4", Flaw::LonePercent),
            ("%+1", Flaw::LonePercent),
            ("%00", Flaw::HoldsNul),
            ("a%00b", Flaw::HoldsNul),
            ("%ff%fe", Flaw::NotUtf8),
            ("%ed%a0%80", Flaw::NotUtf8),
            ("%c0%80", Flaw::NotUtf8),
        ] {
            let query = format!("ticket={value}&renew=true");
            assert_eq!(first(&query, "ticket"), Err(flaw), "{value}");
            assert_eq!(first(&query, "renew"), Ok(Some("true".into())));
        }
        let raw_latin = Params::of_query(b"ticket=caf\xe9");
        assert!(raw_latin.first("ticket").is_err());
    }

    #[test]
    fn the_address_of_a_service_keeps_spaces_and_bytes_of_latin_1_as_their_escapes() {
        // CAS-8, CAS-9
        let cases: [(&[u8], Result<&str, Flaw>); 8] = [
            (b"caf\xe9", Ok("caf%E9")),
            (b"caf%e9+au%20lait", Ok("caf%E9%20au%20lait")),
            (b"caf%25e9", Ok("caf%e9")),
            (b"\xc3\xa9-\xe9-\xc3", Ok("é-%E9-%C3")),
            (b"+%20", Ok("  ")),
            (b"%ff%fe", Err(Flaw::NotUtf8)),
            (b"caf%E9%00", Err(Flaw::HoldsNul)),
            (b"caf%E9%", Err(Flaw::LonePercent)),
        ];
        for (encoded, plain) in cases {
            for name in ["service", "TARGET"] {
                let query = [name.as_bytes(), b"=", encoded].concat();
                let params = Params::of_query(&query);
                let read = params.first(name).map(Option::unwrap);
                assert_eq!(read.map_err(|flaw| flaw.flaw), plain, "{encoded:?}");
            }
        }
    }

    #[test]
    fn the_first_value_wins_and_different_ones_are_told() {
        // CAS-7, T-24
        let params = Params::of_query_and_form(b"service=a&x=1&y=2&service=", b"x=3&service=a&y=2");
        assert_eq!(params.first("x"), Ok(Some("1")));
        assert_eq!(params.agreed("service"), Ok(Some("a")));
        assert_eq!(params.repeated_names(), ["service", "x", "y"]);
        let twice = ParamFlaw {
            name: "x",
            flaw: Flaw::Repeated,
        };
        assert_eq!(params.agreed("x"), Err(twice));
        assert_eq!(params.only("x"), Err(twice));
        assert!(params.only("y").is_err());
        assert!(params.only("service").is_err());
        let second_unreadable = Params::of_query(b"service=a&service=%zz");
        assert!(second_unreadable.agreed("service").is_err());
    }

    #[test]
    fn eight_kilobytes_of_service_are_read_whole() {
        // CAS-11
        let long = format!("https://h/{}", "a".repeat(8192));
        assert_eq!(first(&format!("service={long}"), "service"), Ok(Some(long)));
    }

    #[test]
    fn a_switch_is_on_unless_absent_false_or_zero() {
        // CAS-20, CAS-5
        for (query, on) in [
            ("renew=true", true),
            ("renew=yes", true),
            ("renew=1", true),
            ("renew=%zz", true),
            ("renew=false", false),
            ("renew=FALSE", false),
            ("renew=0", false),
            ("renew=", false),
            ("renew", false),
            ("Renew=true", false),
        ] {
            assert_eq!(Params::of_query(query.as_bytes()).switch("renew"), on, "{query}");
        }
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_fall(query in prop::collection::vec(any::<u8>(), 0..300)) {
            // CAS-9
            let params = Params::of_query_and_form(&query, &query);
            let _ = (params.first("a"), params.agreed("a"), params.only("a"), params.repeated_names());
        }

        #[test]
        fn what_was_encoded_comes_back(text in "[^\0]{1,40}") {
            // CAS-10
            let encoded = percent_encoding::utf8_percent_encode(&text, percent_encoding::NON_ALPHANUMERIC);
            let params = Params::of_query(format!("v={encoded}").as_bytes());
            prop_assert_eq!(params.first("v"), Ok(Some(text.as_str())));
        }

        #[test]
        fn runs_decode_as_their_bytes_do(encoded in "([a-z]|é|\\+|%[0-9a-fA-F]{2}|%[0-9a-g]{0,1}){0,8}") {
            // CAS-8, CAS-9, CAS-10
            let spaced = encoded.replace('+', " ");
            let sound = spaced.split('%').skip(1).all(|part| {
                part.get(..2).is_some_and(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()))
            });
            let plain = percent_encoding::percent_decode_str(&spaced).decode_utf8();
            let expected = match plain {
                _ if !sound => Err(Flaw::LonePercent),
                Ok(text) if !text.contains('\0') => Ok(text.into_owned()),
                Ok(_) => Err(Flaw::HoldsNul),
                Err(_) if percent_encoding::percent_decode_str(&spaced).any(|byte| byte == 0) => Err(Flaw::HoldsNul),
                Err(_) => Err(Flaw::NotUtf8),
            };
            let decoded = decode(encoded.as_bytes()).map(|text| text.as_str().to_owned());
            prop_assert_eq!(decoded, expected);
        }
    }
}
