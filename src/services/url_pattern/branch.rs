//! From the shape of a URL to what is looked up and matched: a rule for the host where one says it
//! all, machines for the rest.

use regex_automata::nfa::thompson::pikevm::PikeVM;
use regex_automata::nfa::thompson::{Compiler, Config, NFA, WhichCaptures};
use regex_automata::util::look::LookMatcher;
use regex_syntax::hir::{Hir, HirKind, Look, Repetition};

use super::reading::{Part, Port, Shape};
use super::symbols::{holds, only_letter};
use super::{Branch, Doubt, UrlPatternFlaw};
use crate::protocol::service_url::normal_host;
use crate::services::url_rule::{HostRule, PortRule};

/// Bytes of memory that one machine may take.
const LARGEST: usize = 256 << 10;

/// One, or two where a host and those under it are meant, or none where it can match no URL.
pub fn of(shape: Shape, doubts: &mut Vec<Doubt>) -> Result<Vec<Branch>, UrlPatternFlaw> {
    let Some(port) = port(shape.port) else {
        doubts.push(Doubt::NeverMatches);
        return Ok(Vec::new());
    };
    let (start, rest_machine) = rest(&shape)?;
    let hosts = hosts(&shape.host, doubts)?;
    let branches = hosts.into_iter().map(|(host, host_machine)| Branch {
        scheme: shape.scheme,
        host,
        host_machine,
        port,
        start: start.clone(),
        rest_machine: rest_machine.clone(),
    });
    Ok(branches.collect())
}

/// Without those that another one matches for: `(/.*)?` has two, of which the wider is enough.
pub fn without_needless(mut branches: Vec<Branch>) -> Vec<Branch> {
    let mut kept: Vec<Branch> = Vec::new();
    // The widest first.
    branches.sort_by_key(|branch| {
        let machines = branch.rest_machine.is_some() || branch.host_machine.is_some();
        (machines, branch.port != PortRule::Any, branch.scheme.is_some())
    });
    for branch in branches {
        if let Some(wider) = kept.iter_mut().find(|wider| wider.covers_but_scheme(&branch)) {
            if wider.scheme.is_none() || wider.scheme == branch.scheme {
                continue;
            }
            // The other of the two schemes, with nothing else to tell them apart.
            if branch.rest_machine.is_none() && branch.port == wider.port {
                wider.scheme = None;
                continue;
            }
        }
        kept.push(branch);
    }
    kept
}

impl Branch {
    fn covers_but_scheme(&self, narrower: &Branch) -> bool {
        self.rest_machine.is_none()
            && self.host_machine.is_none()
            && self.host == narrower.host
            && narrower.host_machine.is_none()
            && (self.port == PortRule::Any || self.port == narrower.port)
    }
}

fn port(port: Port) -> Option<PortRule> {
    match port {
        Port::None => Some(PortRule::SchemesOwn),
        Port::Any => Some(PortRule::Any),
        Port::Number(number) => {
            let number = u16::try_from(number).ok().filter(|number| *number != 0);
            number.map(PortRule::Exactly)
        }
    }
}

/// The start of path and query by which it is looked up, and the machine for both.
fn rest(shape: &Shape) -> Result<(String, Option<PikeVM>), UrlPatternFlaw> {
    let root = Hir::literal([b'/']);
    let mut parts = Vec::new();
    if shape.open_end {
        let anything = Hir::dot(regex_syntax::hir::Dot::AnyByte);
        parts.push(Hir::repetition(Repetition {
            min: 0,
            max: None,
            greedy: true,
            sub: Box::new(anything),
        }));
    } else if !starts_with_slash(&shape.rest) {
        // Without a path it is the root page, whose path is written in normal form.
        parts.push(root);
    }
    parts.extend(shape.rest.iter().cloned());
    let whole = Hir::concat(parts);
    if is_everything(&whole) {
        return Ok((String::new(), None));
    }
    let start = start(&whole);
    Ok((start, Some(machine(whole)?)))
}

fn starts_with_slash(parts: &[Hir]) -> bool {
    let mut parts = parts.iter();
    let first = parts.find(|part| !matches!(part.kind(), HirKind::Empty));
    first.is_some_and(|part| first_letter(part) == Some(b'/'))
}

fn first_letter(hir: &Hir) -> Option<u8> {
    match hir.kind() {
        HirKind::Literal(literal) => literal.0.first().copied(),
        HirKind::Concat(parts) => parts.first().and_then(first_letter),
        HirKind::Capture(capture) => first_letter(&capture.sub),
        HirKind::Repetition(repetition) if repetition.min > 0 => first_letter(&repetition.sub),
        HirKind::Alternation(ways) => {
            let mut letters = ways.iter().map(first_letter);
            let first = letters.next()??;
            letters.all(|letter| letter == Some(first)).then_some(first)
        }
        // A `?` right after the host comes after the `/` of the root page.
        HirKind::Class(class) => holds(class, b'/').then_some(b'/'),
        _ => None,
    }
}

/// `/.*`, or `.*` alone.
fn is_everything(hir: &Hir) -> bool {
    match flat(hir).as_slice() {
        [only] => is_any_text(only),
        [first, last] => {
            matches!(first.kind(), HirKind::Literal(literal) if *literal.0 == *b"/") && is_any_text(last)
        }
        _ => false,
    }
}

fn is_any_text(hir: &Hir) -> bool {
    match hir.kind() {
        HirKind::Repetition(repetition) if repetition.min == 0 && repetition.max.is_none() => {
            match repetition.sub.kind() {
                HirKind::Class(class) => (b' '..=b'~').all(|byte| holds(class, byte)),
                _ => false,
            }
        }
        HirKind::Capture(capture) => is_any_text(&capture.sub),
        _ => false,
    }
}

fn flat(hir: &Hir) -> Vec<&Hir> {
    match hir.kind() {
        HirKind::Concat(parts) => parts.iter().flat_map(flat).collect(),
        HirKind::Capture(capture) => flat(&capture.sub),
        HirKind::Look(Look::End) | HirKind::Empty => Vec::new(),
        _ => vec![hir],
    }
}

/// How every match begins: whole segments of the path, or all of it where nothing follows.
fn start(whole: &Hir) -> String {
    let mut text = Vec::new();
    let mut ended = true;
    for part in flat(whole) {
        match letters(part) {
            Some(letters) => text.extend(letters),
            None => {
                ended = is_query(part);
                break;
            }
        }
    }
    let text = String::from_utf8(text).unwrap_or_default();
    let (path, ended) = match text.split_once('?') {
        Some((path, _)) => (path, true),
        None => (text.as_str(), ended),
    };
    if ended {
        return path.to_owned();
    }
    path.rsplit_once('/')
        .map(|(start, _)| start.to_owned())
        .unwrap_or_default()
}

/// Whether the path is over before it: `(\?.*)?`.
fn is_query(hir: &Hir) -> bool {
    match hir.kind() {
        HirKind::Repetition(repetition) => first_letter(&repetition.sub) == Some(b'?'),
        _ => false,
    }
}

/// Of a literal, or of a class of one letter's two cases, in lower case.
fn letters(part: &Hir) -> Option<Vec<u8>> {
    match part.kind() {
        HirKind::Literal(literal) => Some(literal.0.to_ascii_lowercase()),
        HirKind::Class(class) => only_letter(class).map(|letter| vec![letter]),
        _ => None,
    }
}

type Host = (HostRule, Option<PikeVM>);

fn hosts(parts: &[Part], doubts: &mut Vec<Doubt>) -> Result<Vec<Host>, UrlPatternFlaw> {
    let tail_at = parts.iter().rposition(|part| matches!(part, Part::Other(_)));
    let tail = parts.get(tail_at.map_or(0, |at| at + 1)..).unwrap_or_default();
    let letters = tail.iter().filter_map(|part| match part {
        Part::Letter(letter) => Some(*letter),
        Part::Other(_) => None,
    });
    let tail = String::from_utf8(letters.collect()).unwrap_or_default();
    let Some(at) = tail_at else {
        return Ok(match normal_host(&tail) {
            Ok(host) => vec![(HostRule::Exactly(host), None)],
            Err(_) => {
                doubts.push(Doubt::NeverMatches);
                Vec::new()
            }
        });
    };
    let wide = match parts {
        [Part::Other(only), ..] if at == 0 => is_any_label(only),
        _ => None,
    };
    match (wide, tail.strip_prefix('.')) {
        (Some(_), None) if tail.is_empty() => Ok(vec![(HostRule::Any, None)]),
        (Some(Labels::Many), Some(suffix)) => Ok(vec![(HostRule::LabelsBefore(suffix.to_owned()), None)]),
        (Some(Labels::One), Some(suffix)) => Ok(vec![(HostRule::OneLabelBefore(suffix.to_owned()), None)]),
        (Some(labels), None) if can_be_bought(&tail) => {
            doubts.push(Doubt::LooseHost);
            let mut rules = vec![(HostRule::Exactly(tail.clone()), None)];
            if labels == Labels::Many {
                rules.push((HostRule::LabelsBefore(tail), None));
            }
            Ok(rules)
        }
        _ => {
            if !tail.is_empty() && !tail.starts_with('.') && wide.is_some() {
                doubts.push(Doubt::LooseHost);
            }
            let rule = match tail.split_once('.') {
                Some((_, suffix)) if !suffix.is_empty() => HostRule::LabelsBefore(suffix.to_owned()),
                _ => HostRule::Any,
            };
            let whole = parts.iter().map(|part| match part {
                Part::Letter(letter) => Hir::literal([*letter]),
                Part::Other(other) => other.clone(),
            });
            Ok(vec![(rule, Some(machine(Hir::concat(whole.collect()))?))])
        }
    }
}

/// Second levels below which anybody can have a name, as in `.ac.uk` or `.asso.fr`.
const SECOND_LEVELS: [&str; 16] = [
    "ac", "asso", "co", "com", "edu", "go", "gouv", "gov", "ltd", "ne", "net", "nom", "or", "org", "prd",
    "tm",
];

/// Whether more letters before `tail` make a name that a stranger can register: `evil` before
/// `univ.fr`, or before `univ.ac.uk`.
fn can_be_bought(tail: &str) -> bool {
    let mut above = tail.split('.').skip(1);
    match (above.next(), above.next(), above.next()) {
        (Some(_), None, _) => true,
        (Some(second), Some(_), None) => SECOND_LEVELS.contains(&second),
        _ => false,
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Labels {
    One,
    Many,
}

/// Whether any label, or any labels, can stand for it.
fn is_any_label(hir: &Hir) -> Option<Labels> {
    let HirKind::Repetition(repetition) = hir.kind() else {
        return None;
    };
    let HirKind::Class(class) = repetition.sub.kind() else {
        return None;
    };
    let all = (b'a'..=b'z').chain(b'0'..=b'9').chain([b'-']);
    if repetition.max.is_some() || repetition.min > 1 || !all.into_iter().all(|byte| holds(class, byte)) {
        return None;
    }
    Some(if holds(class, b'.') {
        Labels::Many
    } else {
        Labels::One
    })
}

/// Matches whole texts only, in either case.
fn machine(hir: Hir) -> Result<PikeVM, UrlPatternFlaw> {
    let whole = Hir::concat(vec![Hir::look(Look::Start), hir, Hir::look(Look::End)]);
    let config = Config::new()
        .utf8(false)
        .nfa_size_limit(Some(LARGEST))
        .which_captures(WhichCaptures::None)
        .look_matcher(LookMatcher::new());
    let nfa: NFA = Compiler::new()
        .configure(config)
        .build_from_hir(&whole)
        .map_err(|_| UrlPatternFlaw::TooLarge)?;
    PikeVM::new_from_nfa(nfa).map_err(|_| UrlPatternFlaw::TooLarge)
}
