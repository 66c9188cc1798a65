//! When a state rule fires: LDAP filters and comparisons of dates, joined by `and`. It reads the
//! entry and the clock, nothing else.
//!
//! ```text
//! (supannRessourceEtat={COMPTE}A:SupannSursis*) and supann-end(supannRessourceEtatDate) < today
//! days(shadowLastChange) + days(shadowMax) < today
//! time(pwdChangedTime) + 90d < now
//! ```

use std::collections::BTreeSet;
use std::fmt;

use super::dates::{Format, midnight};
use crate::base::clock::Timestamp;
use crate::directory::filter::Filter;
use crate::directory::person::Attributes;

/// What is wrong with a condition, and at which character (from 1).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("at character {position}: {problem}")]
pub struct ConditionFlaw {
    pub position: usize,
    pub problem: String,
}

/// All terms must hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Condition {
    text: String,
    terms: Vec<Term>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Term {
    Filter(Filter),
    Comparison { left: Moment, sign: Sign, right: Moment },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sign {
    Before,
    NotAfter,
    After,
    NotBefore,
}

/// A point in time with spans added.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Moment {
    base: Base,
    added: Vec<Span>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Base {
    Now,
    Today,
    Attribute(Format, String),
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Span {
    /// Seconds, negative when subtracted.
    Fixed(i64),
    Attribute {
        sign: i64,
        format: Format,
        name: String,
    },
}

/// A condition that holds, with the date that decided it when one did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Held {
    pub since: Option<Timestamp>,
}

/// Byte offset and problem.
type Flaw = (usize, String);

impl Condition {
    pub fn parse(text: &str) -> Result<Condition, ConditionFlaw> {
        let mut terms = Vec::new();
        for (offset, part) in split_terms(text) {
            let term = parse_term(part).map_err(|(at, problem)| ConditionFlaw {
                position: text.get(..offset + at).unwrap_or(text).chars().count() + 1,
                problem,
            })?;
            terms.push(term);
        }
        let text = text.trim().to_owned();
        Ok(Condition { text, terms })
    }

    /// Whether the entry fulfils every term at `now`. A date that an entry does not have fulfils
    /// none.
    pub fn holds(&self, entry: &Attributes, now: Timestamp) -> Option<Held> {
        let mut since = None;
        for term in &self.terms {
            match term {
                Term::Filter(filter) => filter.matches(entry).then_some(())?,
                Term::Comparison { left, sign, right } => {
                    since = Some(compare(left, *sign, right, &At { entry, now })?);
                }
            }
        }
        let since = since.and_then(|seconds| u64::try_from(seconds).ok());
        Some(Held {
            since: since.map(|seconds| Timestamp(seconds.saturating_mul(1000))),
        })
    }

    /// The attributes it looks at, in lower case.
    pub fn attributes(&self) -> BTreeSet<String> {
        let mut names = BTreeSet::new();
        for term in &self.terms {
            match term {
                Term::Filter(filter) => names.extend(filter.attributes()),
                Term::Comparison { left, right, .. } => {
                    names.extend(left.attributes());
                    names.extend(right.attributes());
                }
            }
        }
        names
    }
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// What a comparison is evaluated on.
struct At<'a> {
    entry: &'a Attributes,
    now: Timestamp,
}

impl Moment {
    /// Every point it can mean: one per value of its attribute; none when something is missing.
    fn points(&self, at: &At) -> Vec<i64> {
        let now = i64::try_from(at.now.0 / 1000).unwrap_or(i64::MAX);
        let bases = match &self.base {
            Base::Now => vec![now],
            Base::Today => vec![midnight(now)],
            Base::Attribute(format, name) => format.times(at.entry, name),
        };
        let spans: Option<i64> = self.added.iter().map(|span| span.seconds(at)).sum();
        let moved = |base: i64| spans.and_then(|spans| base.checked_add(spans));
        bases.into_iter().filter_map(moved).collect()
    }

    fn attributes(&self) -> Vec<String> {
        let base = match &self.base {
            Base::Attribute(_, name) => Some(name),
            _ => None,
        };
        let spans = self.added.iter().filter_map(|span| match span {
            Span::Attribute { name, .. } => Some(name),
            Span::Fixed(_) => None,
        });
        base.into_iter()
            .chain(spans)
            .map(|name| name.to_ascii_lowercase())
            .collect()
    }
}

impl Span {
    fn seconds(&self, at: &At) -> Option<i64> {
        match self {
            Span::Fixed(seconds) => Some(*seconds),
            Span::Attribute { sign, format, name } => {
                format.times(at.entry, name).first().map(|seconds| seconds * sign)
            }
        }
    }
}

/// The point on the attribute's side of the first pair that compares so.
fn compare(left: &Moment, sign: Sign, right: &Moment, at: &At) -> Option<i64> {
    let rights = right.points(at);
    for l in left.points(at) {
        for r in &rights {
            let holds = match sign {
                Sign::Before => l < *r,
                Sign::NotAfter => l <= *r,
                Sign::After => l > *r,
                Sign::NotBefore => l >= *r,
            };
            if holds {
                let left_decides = matches!(left.base, Base::Attribute(..));
                return Some(if left_decides { l } else { *r });
            }
        }
    }
    None
}

/// The parts between ` and ` outside parentheses, each with its byte offset.
fn split_terms(text: &str) -> Vec<(usize, &str)> {
    let (mut parts, mut start, mut depth) = (Vec::new(), 0, 0_usize);
    for (at, c) in text.char_indices() {
        match c {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            ' ' if depth == 0 && text.get(at..).is_some_and(|rest| rest.starts_with(" and ")) => {
                parts.push((start, text.get(start..at).unwrap_or_default()));
                start = at + " and ".len();
            }
            _ => {}
        }
    }
    parts.push((start.min(text.len()), text.get(start..).unwrap_or_default()));
    parts
}

fn parse_term(text: &str) -> Result<Term, Flaw> {
    let blanks = text.len() - text.trim_start().len();
    let trimmed = text.trim();
    if trimmed.is_empty() {
        return Err((
            blanks,
            "an LDAP filter or a comparison of dates is missing".to_owned(),
        ));
    }
    if trimmed.starts_with('(') {
        let filter = Filter::parse(trimmed).map_err(|flaw| {
            let before: usize = trimmed.chars().take(flaw.position - 1).map(char::len_utf8).sum();
            (blanks + before, flaw.problem.to_owned())
        })?;
        if !filter.is_evaluable() {
            let rules = "of the matching rules only the bit rules 1.2.840.113556.1.4.803 and .804 work here";
            return Err((blanks, rules.to_owned()));
        }
        return Ok(Term::Filter(filter));
    }
    let signs = [
        ("<=", Sign::NotAfter),
        (">=", Sign::NotBefore),
        ("<", Sign::Before),
        (">", Sign::After),
    ];
    let found = signs
        .iter()
        .find_map(|(sign, meaning)| text.find(sign).map(|at| (at, *sign, *meaning)));
    let Some((at, written, sign)) = found else {
        let wanted = "write an LDAP filter in parentheses or compare two dates with <, <=, > or >=";
        return Err((blanks, wanted.to_owned()));
    };
    let right = text.get(at + written.len()..).unwrap_or_default();
    let left = parse_moment(text.get(..at).unwrap_or_default())?;
    let right = parse_moment(right).map_err(|(inner, problem)| (at + written.len() + inner, problem))?;
    Ok(Term::Comparison { left, sign, right })
}

/// `base [+ span] [- span]…`. A sign stands between blanks, since names may hold `-`.
fn parse_moment(text: &str) -> Result<Moment, Flaw> {
    let blanks = text.len() - text.trim_start().len();
    let mut words = text.split_whitespace();
    let base = parse_base(words.next().unwrap_or_default()).map_err(|problem| (blanks, problem))?;
    let mut added = Vec::new();
    while let Some(word) = words.next() {
        let sign = match word {
            "+" => 1,
            "-" => -1,
            _ => return Err((blanks, format!("“{word}”: spans are added with “ + ” or “ - ”"))),
        };
        let span = parse_span(words.next().unwrap_or_default(), sign);
        added.push(span.map_err(|problem| (blanks, problem))?);
    }
    Ok(Moment { base, added })
}

fn parse_base(word: &str) -> Result<Base, String> {
    match word {
        "now" => Ok(Base::Now),
        "today" => Ok(Base::Today),
        _ => match parse_call(word) {
            Some((format, name)) => Ok(Base::Attribute(format, name)),
            None => Err(format!(
                "“{word}” is no date: write now, today or time(…), days(…), seconds(…), filetime(…), date(…), \
                 supann-start(…), supann-end(…) around the name of an attribute"
            )),
        },
    }
}

fn parse_call(word: &str) -> Option<(Format, String)> {
    let (function, rest) = word.split_once('(')?;
    let name = rest.strip_suffix(')')?;
    let (_, format) = Format::NAMES.iter().find(|(known, _)| *known == function)?;
    crate::directory::filter::is_attribute_name(name).then(|| (*format, name.to_owned()))
}

fn parse_span(word: &str, sign: i64) -> Result<Span, String> {
    if let Some((format @ (Format::Days | Format::Seconds), name)) = parse_call(word) {
        return Ok(Span::Attribute { sign, format, name });
    }
    let unit = match word.chars().last() {
        Some('s') => 1,
        Some('m') => 60,
        Some('h') => 3_600,
        Some('d') => 86_400,
        _ => 0,
    };
    let count = word.get(..word.len().saturating_sub(1)).unwrap_or_default();
    match count.parse::<u32>() {
        Ok(count) if unit > 0 => Ok(Span::Fixed(sign * unit * i64::from(count))),
        _ => Err(format!(
            "“{word}” is no span: write 90d, 12h, 30m, 10s, or days(…), seconds(…) around an attribute"
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::directory::person::AttributeValue;

    const NOON: Timestamp = Timestamp(1_782_820_800_000); // 2026-06-30T12:00:00Z, day 20634

    fn entry(pairs: &[(&str, &str)]) -> Attributes {
        let mut entry = Attributes::default();
        for (name, value) in pairs {
            entry.add(name, [AttributeValue::Text((*value).to_owned())]);
        }
        entry
    }

    fn holds(condition: &str, pairs: &[(&str, &str)]) -> bool {
        Condition::parse(condition)
            .unwrap()
            .holds(&entry(pairs), NOON)
            .is_some()
    }

    #[test]
    fn dates_are_compared_with_the_clock() {
        for (condition, value, expected) in [
            ("days(d) < today", "20633", true),
            ("days(d) < today", "20634", false),
            ("days(d) < today", "-1", false),
            ("time(d) <= now", "20260630120000Z", true),
            ("time(d) < now", "20260630120000Z", false),
            ("now >= time(d) + 90d", "20260401120000Z", true),
            ("now >= time(d) + 90d", "20260402120000Z", false),
            ("time(d) > now - 12h", "20260630000001Z", true),
            ("supann-end(d) < today", "{COMPTE}A:SupannSursis::20260629", true),
            ("supann-end(d) < today", "{COMPTE}A:SupannSursis::20260630", false),
            ("(d=*) and days(d) < today", "1", true),
            ("(d=1 and 2) and days(d) < today", "1", false),
        ] {
            assert_eq!(holds(condition, &[("d", value)]), expected, "{condition} {value}");
        }
        assert!(!holds("days(d) < today", &[]));
    }

    #[test]
    fn a_span_may_be_an_attribute_and_without_it_nothing_ends() {
        let condition = "days(shadowLastChange) + days(shadowMax) < today";
        assert!(holds(
            condition,
            &[("shadowLastChange", "20000"), ("shadowMax", "90")]
        ));
        assert!(!holds(
            condition,
            &[("shadowLastChange", "20000"), ("shadowMax", "99999")]
        ));
        assert!(!holds(condition, &[("shadowLastChange", "20000")]));
        let held = Condition::parse(condition).unwrap();
        let entry = entry(&[("shadowLastChange", "20000"), ("shadowMax", "90")]);
        assert_eq!(
            held.holds(&entry, NOON).and_then(|held| held.since),
            Some(Timestamp(20_090 * 86_400_000))
        );
        assert_eq!(
            Vec::from_iter(held.attributes()),
            ["shadowlastchange", "shadowmax"]
        );
    }

    #[test]
    fn what_is_wrong_in_a_condition_is_said_with_its_place() {
        for (text, expected) in [
            (
                "",
                "at character 1: an LDAP filter or a comparison of dates is missing",
            ),
            (
                "(a=b) and (c",
                "at character 13: after the attribute comes =, >=, <=, ~= or :rule:=",
            ),
            (
                "(a=b) and soon",
                "at character 11: write an LDAP filter in parentheses or compare two dates",
            ),
            ("time(x) < tomorrow", "at character 11: “tomorrow” is no date"),
            ("now > time(x) + 3y", "at character 7: “3y” is no span"),
            ("now > time(x) 3d", "at character 7: “3d”: spans are added with"),
            (
                "(é:1.2.3:=a)",
                "at character 2: the name of an attribute is missing",
            ),
            (
                "(a:1.2.3:=a)",
                "at character 1: of the matching rules only the bit rules",
            ),
        ] {
            let flaw = Condition::parse(text).unwrap_err().to_string();
            assert!(flaw.starts_with(expected), "{text}: {flaw}");
        }
    }
}
