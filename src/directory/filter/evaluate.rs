//! Answering a filter from attributes already read. Values are compared as most directory strings
//! are (caseIgnoreMatch, RFC 4517 §4.2.11); what a server's schema knows better is not known here.

use super::{Filter, Pieces};
use crate::directory::person::{AttributeValue, Attributes};

const BIT_AND: &str = "1.2.840.113556.1.4.803";
const BIT_OR: &str = "1.2.840.113556.1.4.804";

impl Filter {
    /// Whether an entry with these attributes matches. A matching rule that is not known here
    /// makes its part neither true nor false, and a filter that hangs on it does not match.
    pub fn matches(&self, entry: &Attributes) -> bool {
        evaluate(self, entry) == Some(true)
    }

    /// Whether every part can be evaluated here, outside a directory.
    pub fn is_evaluable(&self) -> bool {
        match self {
            Filter::And(parts) | Filter::Or(parts) => parts.iter().all(Filter::is_evaluable),
            Filter::Not(part) => part.is_evaluable(),
            Filter::Extensible { rule, value, .. } => {
                [BIT_AND, BIT_OR].contains(&rule.as_str()) && integer(value).is_some()
            }
            _ => true,
        }
    }
}

/// A value as caseIgnoreMatch compares it: lower case, outer blanks gone, inner runs as one.
pub fn folded(value: &[u8]) -> Vec<u8> {
    match std::str::from_utf8(value) {
        Ok(text) => {
            let words: Vec<&str> = text.split_whitespace().collect();
            words.join(" ").to_lowercase().into_bytes()
        }
        Err(_) => value.to_vec(),
    }
}

fn evaluate(filter: &Filter, entry: &Attributes) -> Option<bool> {
    match filter {
        Filter::And(parts) => all(parts.iter().map(|part| evaluate(part, entry))),
        Filter::Or(parts) => {
            all(parts.iter().map(|part| evaluate(part, entry).map(|hit| !hit))).map(|hit| !hit)
        }
        Filter::Not(part) => evaluate(part, entry).map(|hit| !hit),
        Filter::Present(attribute) => Some(!entry.values(attribute).is_empty()),
        Filter::Equal(attribute, value) | Filter::Approx(attribute, value) => {
            let wanted = folded(value);
            Some(any(entry, attribute, |found| folded(found) == wanted))
        }
        Filter::AtLeast(attribute, value) => Some(any(entry, attribute, |found| order(found, value).is_ge())),
        Filter::AtMost(attribute, value) => Some(any(entry, attribute, |found| order(found, value).is_le())),
        Filter::Substrings(attribute, pieces) => {
            Some(any(entry, attribute, |found| has_pieces(&folded(found), pieces)))
        }
        Filter::Extensible {
            attribute,
            rule,
            value,
        } => bits(entry, attribute, rule, value),
    }
}

/// Conjunction of three-valued truths (RFC 4511 §4.5.1.7).
fn all(mut parts: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    let mut truth = Some(true);
    for part in parts.by_ref() {
        match part {
            Some(false) => return Some(false),
            None => truth = None,
            Some(true) => {}
        }
    }
    truth
}

fn any(entry: &Attributes, attribute: &str, fits: impl Fn(&[u8]) -> bool) -> bool {
    entry.values(attribute).iter().any(|value| {
        fits(match value {
            AttributeValue::Text(text) => text.as_bytes(),
            AttributeValue::Bytes(bytes) => bytes,
        })
    })
}

fn integer(value: &[u8]) -> Option<i64> {
    std::str::from_utf8(value).ok()?.trim().parse().ok()
}

/// Numbers by size, all else by folded text.
fn order(left: &[u8], right: &[u8]) -> std::cmp::Ordering {
    match (integer(left), integer(right)) {
        (Some(left), Some(right)) => left.cmp(&right),
        _ => folded(left).cmp(&folded(right)),
    }
}

fn bits(entry: &Attributes, attribute: &str, rule: &str, value: &[u8]) -> Option<bool> {
    let mask = integer(value)?;
    let fits = |found: i64| match rule {
        BIT_AND => Some(found & mask == mask),
        BIT_OR => Some(found & mask != 0),
        _ => None,
    };
    fits(0)?;
    Some(any(entry, attribute, |found| {
        integer(found).and_then(fits) == Some(true)
    }))
}

fn has_pieces(value: &[u8], pieces: &Pieces) -> bool {
    let Some(mut rest) = value.strip_prefix(folded_piece(&pieces.initial).as_slice()) else {
        return false;
    };
    for piece in &pieces.middle {
        match after(rest, &folded_piece(piece)) {
            Some(after) => rest = after,
            None => return false,
        }
    }
    rest.ends_with(&folded_piece(&pieces.end))
}

/// A piece keeps its outer blanks: they belong to the value around it.
fn folded_piece(piece: &[u8]) -> Vec<u8> {
    match std::str::from_utf8(piece) {
        Ok(text) => text.to_lowercase().into_bytes(),
        Err(_) => piece.to_vec(),
    }
}

fn after<'a>(value: &'a [u8], piece: &[u8]) -> Option<&'a [u8]> {
    if piece.is_empty() {
        return Some(value);
    }
    let at = value.windows(piece.len()).position(|window| window == piece)?;
    value.get(at + piece.len()..)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry() -> Attributes {
        let mut entry = Attributes::default();
        let pairs = [
            ("uid", "Camille.Dupont"),
            ("cn", "Camille  Dupont"),
            ("supannRessourceEtat", "{COMPTE}A:SupannActif"),
            ("supannRessourceEtat", "{MAIL}I:SupannInactif"),
            ("userAccountControl", "514"),
            ("shadowExpire", "-1"),
            ("loginShell", "/bin/bash"),
        ];
        for (name, value) in pairs {
            entry.add(name, [AttributeValue::Text(value.to_owned())]);
        }
        entry
    }

    #[test]
    fn filters_answer_as_a_directory_would() {
        for (text, expected) in [
            ("(UID=camille.dupont)", true),
            ("(cn= camille dupont )", true),
            ("(uid=camille)", false),
            ("(uid=cam*)", true),
            ("(uid=*DUP*t)", true),
            ("(uid=*dupont*dupont)", false),
            ("(uid=camille.dupont*t)", false),
            ("(nothing=*)", false),
            ("(!(nothing=*))", true),
            ("(supannRessourceEtat={COMPTE}I*)", false),
            ("(supannRessourceEtat={MAIL}i*)", true),
            ("(userAccountControl:1.2.840.113556.1.4.803:=2)", true),
            ("(userAccountControl:1.2.840.113556.1.4.803:=3)", false),
            ("(userAccountControl:1.2.840.113556.1.4.804:=3)", true),
            ("(shadowExpire<=0)", true),
            ("(shadowExpire>=0)", false),
            ("(userAccountControl>=99)", true),
            ("(&(uid=*)(cn=*)(!(loginShell=*nologin)))", true),
            ("(|(uid=x)(cn=y))", false),
        ] {
            assert_eq!(Filter::parse(text).unwrap().matches(&entry()), expected, "{text}");
        }
    }

    #[test]
    fn an_unknown_rule_is_neither_true_nor_false() {
        for text in ["(uid:1.2.3:=a)", "(!(uid:1.2.3:=a))", "(&(uid=*)(uid:1.2.3:=a))"] {
            let filter = Filter::parse(text).unwrap();
            assert!(!filter.matches(&entry()), "{text}");
            assert!(!filter.is_evaluable(), "{text}");
        }
        assert!(
            Filter::parse("(|(uid=*)(uid:1.2.3:=a))")
                .unwrap()
                .matches(&entry())
        );
    }
}
