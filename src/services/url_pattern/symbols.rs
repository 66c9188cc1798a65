//! What parts of a regular expression can match: letters of hosts, the end of a host, anything.

use regex_syntax::hir::{Class, ClassBytes, ClassBytesRange, Hir, HirKind, Repetition};

/// Letters and digits, without case, that a class stands for when they are few: `(a|b)` is one, too.
pub fn few_letters(class: &Class) -> Vec<u8> {
    let Some(bytes) = bytes_of(class) else {
        return Vec::new();
    };
    let all = bytes.iter().flat_map(|range| range.start()..=range.end());
    let mut letters: Vec<u8> = all.take(9).map(|byte| byte.to_ascii_lowercase()).collect();
    letters.sort_unstable();
    letters.dedup();
    let plain = letters.len() == 1 || letters.iter().all(u8::is_ascii_alphanumeric);
    if plain && letters.len() <= 4 {
        letters
    } else {
        Vec::new()
    }
}

/// The letter that a class of its two cases stands for, or of one.
pub fn only_letter(class: &Class) -> Option<u8> {
    let bytes = bytes_of(class)?;
    let mut all = bytes.iter().flat_map(|range| range.start()..=range.end());
    let (first, second, third) = (all.next()?, all.next(), all.next());
    match (second, third) {
        (None, _) => Some(first.to_ascii_lowercase()),
        (Some(second), None) if first.eq_ignore_ascii_case(&second) => Some(first.to_ascii_lowercase()),
        _ => None,
    }
}

/// Whether it can run over the end of a host.
pub fn is_wide(hir: &Hir) -> bool {
    match hir.kind() {
        HirKind::Class(class) => holds(class, b'/'),
        HirKind::Repetition(repetition) => is_wide(&repetition.sub),
        HirKind::Capture(capture) => is_wide(&capture.sub),
        HirKind::Concat(parts) | HirKind::Alternation(parts) => parts.iter().any(is_wide),
        HirKind::Literal(literal) => literal.0.contains(&b'/'),
        HirKind::Empty | HirKind::Look(_) => false,
    }
}

pub fn holds(class: &Class, byte: u8) -> bool {
    // What is more than bytes can be anything.
    bytes_of(class).is_none_or(|bytes| {
        let mut ranges = bytes.iter();
        ranges.any(|range| (range.start()..=range.end()).contains(&byte))
    })
}

/// Alternatives of letters become a class of characters on the way, even where bytes are matched.
fn bytes_of(class: &Class) -> Option<ClassBytes> {
    match class {
        Class::Bytes(bytes) => Some(bytes.clone()),
        Class::Unicode(characters) => characters.to_byte_class(),
    }
}

pub fn starts_rest(hir: &Hir) -> bool {
    match hir.kind() {
        HirKind::Literal(literal) => matches!(literal.0.first(), Some(b'/' | b'?')),
        HirKind::Capture(capture) => starts_rest(&capture.sub),
        HirKind::Concat(parts) => parts.first().is_some_and(starts_rest),
        HirKind::Alternation(ways) => ways.iter().all(starts_rest),
        HirKind::Repetition(repetition) => repetition.min > 0 && starts_rest(&repetition.sub),
        HirKind::Class(class) => bytes_of(class).is_some_and(|bytes| {
            let mut all = bytes.iter().flat_map(|range| range.start()..=range.end());
            holds(class, b'/') && all.all(|byte| matches!(byte, b'/' | b'?' | b'#'))
        }),
        _ => false,
    }
}

pub fn either_case(byte: u8) -> Hir {
    let cases = [byte.to_ascii_lowercase(), byte.to_ascii_uppercase()];
    let ranges = cases.map(|case| ClassBytesRange::new(case, case));
    Hir::class(Class::Bytes(ClassBytes::new(ranges)))
}

/// The same, but for what no host holds.
pub fn within_hosts(hir: &Hir) -> Hir {
    match hir.kind() {
        HirKind::Class(class) => match bytes_of(class) {
            Some(mut within) => {
                within.intersect(&letters_of_hosts());
                Hir::class(Class::Bytes(within))
            }
            None => Hir::fail(),
        },
        HirKind::Repetition(repetition) => Hir::repetition(Repetition {
            sub: Box::new(within_hosts(&repetition.sub)),
            ..repetition.clone()
        }),
        HirKind::Capture(capture) => within_hosts(&capture.sub),
        HirKind::Concat(parts) => Hir::concat(parts.iter().map(within_hosts).collect()),
        HirKind::Alternation(ways) => Hir::alternation(ways.iter().map(within_hosts).collect()),
        HirKind::Literal(literal) => {
            let hosts = Class::Bytes(letters_of_hosts());
            match literal.0.iter().all(|byte| holds(&hosts, *byte)) {
                true => hir.clone(),
                false => Hir::fail(),
            }
        }
        HirKind::Empty => Hir::empty(),
        HirKind::Look(_) => Hir::fail(),
    }
}

fn letters_of_hosts() -> ClassBytes {
    let ranges = [
        (b'a', b'z'),
        (b'A', b'Z'),
        (b'0', b'9'),
        (b'-', b'.'),
        (b'_', b'_'),
    ];
    ClassBytes::new(ranges.map(|(start, end)| ClassBytesRange::new(start, end)))
}

/// Any number of letters of hosts.
pub fn any_of_hosts() -> Hir {
    Hir::repetition(Repetition {
        min: 0,
        max: None,
        greedy: true,
        sub: Box::new(Hir::class(Class::Bytes(letters_of_hosts()))),
    })
}
