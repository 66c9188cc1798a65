//! The two dates of an X.509 certificate and whom it is of and by, read straight from its DER (RFC 5280
//! §4.1). It checks nothing: chains and names are rustls' work.

use jiff::civil::DateTime;

use crate::base::clock::Timestamp;

/// From when until when a certificate says it is valid, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Validity {
    pub from: Timestamp,
    pub until: Timestamp,
}

const SEQUENCE: u8 = 0x30;
const VERSION: u8 = 0xa0;
const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;

/// Who signed a certificate and whose it is, as bytes that are equal where the names are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Parties<'a> {
    pub issuer: &'a [u8],
    pub subject: &'a [u8],
}

/// `None` when the bytes are no certificate or its dates are not written as RFC 5280 demands.
pub(super) fn of(certificate: &[u8]) -> Option<Validity> {
    let (_, after) = issuer(certificate)?;
    let (dates, _) = element(after, SEQUENCE)?;
    let (from, rest) = date(dates)?;
    let (until, _) = date(rest)?;
    Some(Validity { from, until })
}

/// `None` when the bytes are no certificate.
pub(super) fn parties(certificate: &[u8]) -> Option<Parties<'_>> {
    let (issuer, after) = issuer(certificate)?;
    let (_, after) = element(after, SEQUENCE)?;
    let (subject, _) = element(after, SEQUENCE)?;
    Some(Parties { issuer, subject })
}

/// The issuer, and what follows it: dates, subject, key.
fn issuer(certificate: &[u8]) -> Option<(&[u8], &[u8])> {
    let (outer, _) = element(certificate, SEQUENCE)?;
    let (mut signed, _) = element(outer, SEQUENCE)?;
    if signed.first() == Some(&VERSION) {
        signed = any_element(signed)?.2;
    }
    // Serial number, signature algorithm.
    for _ in 0..2 {
        signed = any_element(signed)?.2;
    }
    element(signed, SEQUENCE)
}

fn date(bytes: &[u8]) -> Option<(Timestamp, &[u8])> {
    let (tag, text, rest) = any_element(bytes)?;
    let text = std::str::from_utf8(text).ok()?;
    let written = match tag {
        GENERALIZED_TIME => text.to_owned(),
        // Two digits of year: 50 to 99 are of the twentieth century.
        UTC_TIME if text.get(..2)? < "50" => format!("20{text}"),
        UTC_TIME => format!("19{text}"),
        _ => return None,
    };
    let instant = DateTime::strptime("%Y%m%d%H%M%SZ", &written)
        .ok()?
        .to_zoned(jiff::tz::TimeZone::UTC)
        .ok()?;
    let millis = instant.timestamp().as_millisecond().max(0);
    Some((Timestamp(u64::try_from(millis).ok()?), rest))
}

/// The contents of the first element if it has `tag`, and what follows it.
fn element(bytes: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let (found, contents, rest) = any_element(bytes)?;
    (found == tag).then_some((contents, rest))
}

/// Tag, contents and rest of the first DER element.
fn any_element(bytes: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (&tag, rest) = bytes.split_first()?;
    let (&first, mut rest) = rest.split_first()?;
    let mut length = usize::from(first);
    if first >= 0x80 {
        let count = usize::from(first & 0x7f);
        if !(1..=4).contains(&count) {
            return None;
        }
        let (digits, after) = rest.split_at_checked(count)?;
        length = digits
            .iter()
            .fold(0, |length, digit| length << 8 | usize::from(*digit));
        rest = after;
    }
    let (contents, rest) = rest.split_at_checked(length)?;
    Some((tag, contents, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_of_both_kinds_are_read() {
        let mut wanted = rcgen::CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
        wanted.not_before = rcgen::date_time_ymd(1999, 12, 31);
        wanted.not_after = rcgen::date_time_ymd(2063, 4, 5);
        let key = rcgen::KeyPair::generate().unwrap();
        let made = wanted.self_signed(&key).unwrap();
        let validity = of(made.der()).unwrap();
        assert_eq!(validity.from.to_rfc3339(), "1999-12-31T00:00:00Z");
        assert_eq!(validity.until.to_rfc3339(), "2063-04-05T00:00:00Z");
    }

    #[test]
    fn no_prefix_of_a_certificate_is_read_as_one_nor_panics() {
        let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
        let der = made.cert.der().to_vec();
        assert!(of(&der).is_some());
        for length in 0..der.len() {
            assert_eq!(of(&der[..length]), None);
        }
    }
}
