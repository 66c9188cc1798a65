//! From a regular expression to shapes of URLs: scheme, host, port and the rest, one shape for each
//! alternative before the path. What could run over from the host into the rest is held to the host.

use regex_syntax::ParserBuilder;
use regex_syntax::hir::{Hir, HirKind, Look, Repetition};

use super::symbols::{any_of_hosts, either_case, few_letters, is_wide, starts_rest, within_hosts};
use super::{Doubt, UrlPatternFlaw};
use crate::protocol::service_url::Scheme;
use crate::services::pattern::why;

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
        UrlPatternFlaw::NoPattern(why(&text))
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
        shape.host.push(Part::Other(any_of_hosts()));
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
            shape.host = vec![Part::Other(any_of_hosts())];
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
                shape.host.push(Part::Other(any_of_hosts()));
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
