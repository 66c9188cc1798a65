//! From a regular expression to shapes of URLs: scheme, host, port and the rest, one shape for each
//! alternative before the path. What could run over from the host into the rest is held to the host.

use regex_syntax::ParserBuilder;
use regex_syntax::hir::{Class, ClassBytes, ClassBytesRange, Hir, HirKind, Look, Repetition};

use super::{Doubt, UrlPatternFlaw};
use crate::protocol::service_url::Scheme;

/// Alternatives that a pattern may have before its path.
const MOST: usize = 256;

/// One alternative, taken apart.
#[derive(Debug, Clone, Default)]
pub struct Shape {
    /// `None`: both.
    pub scheme: Option<Scheme>,
    pub host: Vec<Part>,
    pub port: Port,
    /// From the first `/` or `?` on; empty: the root page alone.
    pub rest: Vec<Hir>,
    /// Whatever comes after the host.
    pub open_end: bool,
    stage: Stage,
    /// Of the scheme, or of a host before which a wildcard stands.
    text: String,
    /// Something unknown stands before `text`.
    unknown_before: bool,
    /// A wildcard of which the next symbol tells whether it is the host's.
    pending: Option<Hir>,
}

/// Of a host.
#[derive(Debug, Clone)]
pub enum Part {
    Letter(u8),
    /// Matches nothing but what hosts are made of.
    Other(Hir),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Port {
    #[default]
    None,
    Number(u32),
    Any,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Stage {
    #[default]
    Scheme,
    /// After the colon: slashes still to come.
    Slashes(u8),
    Host,
    Port,
    Rest,
    /// After `$`.
    Ended,
}

type Read<T> = Result<T, UrlPatternFlaw>;

pub fn shapes(written: &str) -> Read<(Vec<Shape>, Vec<Doubt>)> {
    let hir = parse(written)?;
    let mut reading = Reading::default();
    let mut all = Vec::new();
    for shape in reading.feed(vec![Shape::default()], &hir)? {
        all.extend(reading.finish(shape)?);
    }
    Ok((all, reading.doubts))
}

fn parse(written: &str) -> Read<Hir> {
    let mut parser = ParserBuilder::new()
        .unicode(false)
        .utf8(false)
        .case_insensitive(true)
        .dot_matches_new_line(true)
        .nest_limit(60)
        .build();
    parser.parse(&quoted_escaped(written)).map_err(|error| {
        let text = error.to_string();
        if text.contains("look-around") || text.contains("backreference") {
            return UrlPatternFlaw::LooksAround;
        }
        // The last line of several, which point at the place, says why.
        let last = text.lines().last().unwrap_or_default();
        UrlPatternFlaw::NoPattern(last.trim_start_matches("error: ").to_owned())
    })
}

/// Java's `\Q…\E` as escaped symbols.
fn quoted_escaped(written: &str) -> String {
    let mut rest = written;
    let mut out = String::new();
    while let Some((before, after)) = rest.split_once("\\Q") {
        let (quoted, after) = after.split_once("\\E").unwrap_or((after, ""));
        out.push_str(before);
        out.push_str(&regex_syntax::escape(quoted));
        rest = after;
    }
    out + rest
}

#[derive(Default)]
struct Reading {
    doubts: Vec<Doubt>,
}

impl Reading {
    fn feed(&mut self, shapes: Vec<Shape>, hir: &Hir) -> Read<Vec<Shape>> {
        if shapes.len() > MOST {
            return Err(UrlPatternFlaw::TooManyBranches);
        }
        let (in_rest, before): (Vec<Shape>, Vec<Shape>) =
            shapes.into_iter().partition(|shape| shape.stage == Stage::Rest);
        let mut fed: Vec<Shape> = in_rest.into_iter().map(|shape| shape.and(hir)).collect();
        if before.is_empty() {
            return Ok(fed);
        }
        let more = match hir.kind() {
            HirKind::Empty => before,
            HirKind::Concat(parts) => {
                let mut shapes = before;
                for part in parts {
                    shapes = self.feed(shapes, part)?;
                }
                shapes
            }
            HirKind::Alternation(ways) => {
                let mut shapes = Vec::new();
                for way in ways {
                    shapes.extend(self.feed(before.clone(), way)?);
                }
                shapes
            }
            HirKind::Capture(capture) => self.feed(before, &capture.sub)?,
            HirKind::Repetition(repetition) => self.repeated(before, repetition, hir)?,
            HirKind::Look(look) => before
                .into_iter()
                .map(|shape| shape.looks(*look))
                .collect::<Read<Vec<Shape>>>()?,
            HirKind::Literal(literal) => {
                let mut shapes = before;
                for byte in &literal.0 {
                    shapes = self.letter(shapes, *byte)?;
                }
                shapes
            }
            HirKind::Class(class) => match few_letters(class).as_slice() {
                [] => self.any_of(before, hir)?,
                letters => {
                    let mut shapes = Vec::new();
                    for letter in letters {
                        shapes.extend(self.letter(before.clone(), *letter)?);
                    }
                    shapes
                }
            },
        };
        fed.extend(more);
        Ok(fed)
    }

    fn repeated(&mut self, shapes: Vec<Shape>, repetition: &Repetition, hir: &Hir) -> Read<Vec<Shape>> {
        let simple = matches!(repetition.sub.kind(), HirKind::Class(_));
        if repetition.max == Some(1) && !(simple && is_wide(&repetition.sub)) {
            let mut both = shapes.clone();
            both.extend(self.feed(shapes, &repetition.sub)?);
            return Ok(both);
        }
        if simple || !starts_rest(&repetition.sub) {
            return self.any_of(shapes, hir);
        }
        let mut all = if repetition.min == 0 {
            shapes.clone()
        } else {
            Vec::new()
        };
        for shape in shapes {
            all.push(self.ended_host(shape)?.and(hir));
        }
        Ok(all)
    }

    /// A part of unknown length or letters.
    fn any_of(&mut self, shapes: Vec<Shape>, hir: &Hir) -> Read<Vec<Shape>> {
        let mut fed = Vec::new();
        for mut shape in shapes {
            match shape.stage {
                Stage::Scheme if shape.text.is_empty() => shape.unknown_before = true,
                Stage::Scheme if shape.unknown_before => {
                    shape = self.scheme_was_host(shape);
                    shape.pending = Some(hir.clone());
                }
                Stage::Scheme | Stage::Slashes(_) => return Err(UrlPatternFlaw::NoShape),
                Stage::Host if starts_rest(hir) => shape = self.ended_host(shape)?.and(hir),
                Stage::Host if is_wide(hir) => {
                    shape = self.settled(shape, None);
                    shape.pending = Some(hir.clone());
                }
                Stage::Host => {
                    shape = self.settled(shape, None);
                    shape.host.push(Part::Other(within_hosts(hir)));
                }
                Stage::Port if is_wide(hir) => {
                    shape.port = Port::Any;
                    shape.stage = Stage::Rest;
                    shape.open_end = true;
                }
                Stage::Port => shape.port = Port::Any,
                Stage::Rest => shape = shape.and(hir),
                Stage::Ended => {}
            }
            fed.push(shape);
        }
        Ok(fed)
    }

    fn letter(&mut self, shapes: Vec<Shape>, byte: u8) -> Read<Vec<Shape>> {
        let mut fed = Vec::new();
        for shape in shapes {
            fed.extend(self.one_letter(shape, byte)?);
        }
        Ok(fed)
    }

    fn one_letter(&mut self, mut shape: Shape, byte: u8) -> Read<Option<Shape>> {
        match shape.stage {
            Stage::Scheme if byte == b':' => {
                let known = ["https", "http"]
                    .into_iter()
                    .find(|known| match shape.unknown_before {
                        true => shape.text.ends_with(known),
                        false => shape.text == *known,
                    });
                match known {
                    Some("https") => shape.scheme = Some(Scheme::Https),
                    Some(_) => shape.scheme = Some(Scheme::Http),
                    None if shape.unknown_before => self.doubts.push(Doubt::NoScheme),
                    None => {
                        self.doubts.push(Doubt::NeverMatches);
                        return Ok(None);
                    }
                }
                shape.text.clear();
                shape.stage = Stage::Slashes(2);
            }
            Stage::Scheme if byte.is_ascii_alphanumeric() => shape.text.push(char::from(byte)),
            Stage::Scheme if shape.unknown_before => {
                let shape = self.scheme_was_host(shape);
                return self.one_letter(shape, byte);
            }
            Stage::Scheme => {
                self.doubts.push(Doubt::NeverMatches);
                return Ok(None);
            }
            Stage::Slashes(left) if byte == b'/' => {
                shape.stage = if left > 1 {
                    Stage::Slashes(left - 1)
                } else {
                    Stage::Host
                };
            }
            Stage::Slashes(_) => return Err(UrlPatternFlaw::NoShape),
            Stage::Host => return self.letter_of_host(shape, byte).map(Some),
            Stage::Port if byte.is_ascii_digit() => {
                let digit = u32::from(byte - b'0');
                shape.port = match shape.port {
                    Port::Number(number) => Port::Number(number.saturating_mul(10).saturating_add(digit)),
                    _ => Port::Number(digit),
                };
            }
            Stage::Port if matches!(byte, b'/' | b'?') => shape = shape.with(byte),
            Stage::Port => return Err(UrlPatternFlaw::NoShape),
            Stage::Rest => shape = shape.with(byte),
            Stage::Ended => return Ok(None),
        }
        Ok(Some(shape))
    }

    fn letter_of_host(&mut self, shape: Shape, byte: u8) -> Read<Shape> {
        let mut shape = self.settled(shape, Some(byte));
        if shape.stage == Stage::Rest {
            return Ok(shape.with(byte));
        }
        match byte {
            b'/' | b'?' => shape = shape.with(byte),
            b':' => shape.stage = Stage::Port,
            b'-' | b'.' | b'_' => shape.host.push(Part::Letter(byte)),
            _ if byte.is_ascii_alphanumeric() || !byte.is_ascii() => shape.host.push(Part::Letter(byte)),
            _ => return Err(UrlPatternFlaw::NoShape),
        }
        Ok(shape)
    }

    /// What was taken for a scheme is the end of a host after a wildcard.
    fn scheme_was_host(&mut self, mut shape: Shape) -> Shape {
        self.doubts.push(Doubt::NoScheme);
        shape.stage = Stage::Host;
        shape.host.push(Part::Other(many(letters_of_hosts())));
        let text = std::mem::take(&mut shape.text);
        shape.host.extend(text.bytes().map(Part::Letter));
        shape
    }

    /// With a pending wildcard given to the host, or to what comes after it, by what follows.
    fn settled(&mut self, mut shape: Shape, next: Option<u8>) -> Shape {
        let Some(wildcard) = shape.pending.take() else {
            return shape;
        };
        let alone = matches!(wildcard.kind(), HirKind::Class(_));
        let has_dot = shape.host.iter().any(|part| matches!(part, Part::Letter(b'.')));
        let starts_host = shape.host.is_empty();
        let goes_on = match next {
            None => true,
            Some(b'/' | b'?' | b':') => starts_host,
            Some(b'.') => true,
            Some(_) => alone || starts_host || !has_dot,
        };
        if !goes_on {
            return self.opened(shape);
        }
        let between = match shape.host.last() {
            Some(Part::Letter(before)) => before.is_ascii_alphanumeric(),
            Some(Part::Other(_)) => true,
            None => false,
        } && next.is_some_and(|next| next.is_ascii_alphanumeric());
        if alone && between {
            self.doubts.push(Doubt::BareDot);
            shape.host.push(Part::Letter(b'.'));
        } else {
            shape.host.push(Part::Other(within_hosts(&wildcard)));
        }
        shape
    }

    /// The host is over, and a wildcard runs on.
    fn opened(&mut self, mut shape: Shape) -> Shape {
        self.doubts.push(Doubt::OpenEnd);
        shape.port = Port::Any;
        shape.stage = Stage::Rest;
        shape.open_end = true;
        shape
    }

    fn ended_host(&mut self, shape: Shape) -> Read<Shape> {
        let mut shape = match shape.stage {
            Stage::Host | Stage::Port => self.settled(shape, Some(b'/')),
            Stage::Rest => shape,
            _ => return Err(UrlPatternFlaw::NoShape),
        };
        shape.stage = Stage::Rest;
        Ok(shape)
    }

    /// At the end of the pattern; nothing when it can match no URL.
    fn finish(&mut self, mut shape: Shape) -> Read<Option<Shape>> {
        if shape.stage == Stage::Scheme {
            if !shape.unknown_before {
                self.doubts.push(Doubt::NeverMatches);
                return Ok(None);
            }
            self.doubts.push(Doubt::NoScheme);
            let ending = std::mem::take(&mut shape.text);
            shape.host = vec![Part::Other(many(letters_of_hosts()))];
            shape.port = Port::Any;
            shape.open_end = true;
            if !ending.is_empty() {
                shape.rest = ending.bytes().map(either_case).collect();
            }
            return Ok(Some(shape));
        }
        if matches!(shape.stage, Stage::Slashes(_)) {
            return Err(UrlPatternFlaw::NoShape);
        }
        if shape.pending.is_some() {
            if shape.host.is_empty() {
                shape.host.push(Part::Other(many(letters_of_hosts())));
            }
            shape.pending = None;
            shape = self.opened(shape);
        }
        Ok((!shape.host.is_empty()).then_some(shape))
    }
}

impl Shape {
    fn and(mut self, hir: &Hir) -> Shape {
        self.rest.push(hir.clone());
        self
    }

    fn with(mut self, byte: u8) -> Shape {
        self.stage = Stage::Rest;
        self.and(&either_case(byte))
    }

    fn looks(mut self, look: Look) -> Read<Shape> {
        match look {
            Look::Start if self.stage == Stage::Scheme => {
                self.unknown_before = false;
                self.text.clear();
            }
            Look::End => {
                self.stage = if self.pending.is_some() {
                    self.stage
                } else {
                    Stage::Ended
                }
            }
            _ => return Err(UrlPatternFlaw::NoShape),
        }
        Ok(self)
    }
}

/// Letters and digits, without case, that a class stands for when they are few: `(a|b)` is one, too.
fn few_letters(class: &Class) -> Vec<u8> {
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
fn is_wide(hir: &Hir) -> bool {
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

fn starts_rest(hir: &Hir) -> bool {
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

fn either_case(byte: u8) -> Hir {
    let cases = [byte.to_ascii_lowercase(), byte.to_ascii_uppercase()];
    let ranges = cases.map(|case| ClassBytesRange::new(case, case));
    Hir::class(Class::Bytes(ClassBytes::new(ranges)))
}

/// The same, but for what no host holds.
fn within_hosts(hir: &Hir) -> Hir {
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

fn many(class: ClassBytes) -> Hir {
    Hir::repetition(Repetition {
        min: 0,
        max: None,
        greedy: true,
        sub: Box::new(Hir::class(Class::Bytes(class))),
    })
}
