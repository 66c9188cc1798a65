//! Institutions from a spreadsheet. A file with many mistakes is told its first ones.

use std::ops::Range;
use std::sync::Arc;

use super::institutions::{Known, check_realm};
use crate::base::names::RealmId;
use crate::config::files::WrittenSheet;
use crate::config::problem::{Problem, Problems};
use crate::config::section::nearest;
use crate::config::source::{Place, Source};
use crate::realms::Institution;
use crate::realms::checks::{self, Flaw};
use crate::realms::sheet::SheetReader;

/// Problems of one kind that are told of one file.
pub const MOST_PROBLEMS: usize = 50;

/// Where each institution of the sheet is written.
#[derive(Default)]
pub struct Places {
    source: Option<Arc<Source>>,
    spans: Vec<Range<usize>>,
}

impl Places {
    pub fn place(&self, row: usize, key: &str) -> Option<Place> {
        Some(place(self.source.as_ref()?, self.spans.get(row)?, key))
    }
}

/// Adds the institutions of the sheet; `None` when one of them cannot be used.
pub fn build(
    written: &WrittenSheet,
    known: &Known<'_>,
    all: &mut Vec<Institution>,
    problems: &mut Problems,
) -> Option<Places> {
    let WrittenSheet { source, sheet } = written;
    let only_realm = match known.realms.as_slice() {
        [only] => RealmId::new(only),
        _ => None,
    };
    let mut reader = match SheetReader::new(sheet, &known.groups, only_realm) {
        Ok(reader) => reader,
        Err(unknown) => {
            unknown
                .iter()
                .for_each(|heading| refuse(heading, source, problems));
            return None;
        }
    };
    let mut told = Told::default();
    let mut spans = Vec::new();
    for row in sheet.rows() {
        let (span, read) = match row {
            Ok(row) => (row.span.clone(), reader.read(&row)),
            Err(bad) => (
                bad.span,
                Err(vec![Flaw::new("", bad.why, "a cell for each heading")]),
            ),
        };
        match read {
            Ok(institution) => {
                let at = |key| place(source, &span, key);
                if !known.realms.contains(&institution.realm.as_str()) && told.another() {
                    check_realm(&institution.realm, &at("realm"), known, problems);
                }
                told.warn(&institution, || at("uai"), problems);
                all.push(institution);
                spans.push(span);
            }
            Err(flaws) if told.another() => {
                for Flaw { key, wrong, mend } in flaws {
                    problems.add(&place(source, &span, key), wrong, mend);
                }
            }
            Err(_) => {}
        }
    }
    told.sum_up(source, problems);
    (told.wrong == 0).then(|| Places {
        source: Some(Arc::clone(source)),
        spans,
    })
}

fn place(source: &Arc<Source>, span: &Range<usize>, key: &str) -> Place {
    Place::start_of(source).under(key, span.clone())
}

fn refuse(heading: &str, source: &Arc<Source>, problems: &mut Problems) {
    let known = SheetReader::known_headings();
    let wrong = match nearest(heading, known) {
        Some(near) => format!("unknown heading; did you mean “{near}”?"),
        None => "unknown heading".to_owned(),
    };
    let end = source.text.find('\n').unwrap_or(source.text.len());
    let mend = format!(
        "of: {}; the ministry's file is made into these by “mereau institutions import”",
        known.join(", ")
    );
    problems.add(&place(source, &(0..end), heading), wrong, mend);
}

/// How much was found, told or not.
#[derive(Default)]
struct Told {
    wrong: usize,
    doubtful: usize,
}

impl Told {
    /// Counts a line with a problem; whether there is room to tell it.
    fn another(&mut self) -> bool {
        self.wrong += 1;
        self.wrong <= MOST_PROBLEMS
    }

    fn warn(&mut self, institution: &Institution, place: impl Fn() -> Place, problems: &mut Problems) {
        for Flaw { wrong, mend, .. } in checks::doubts(institution) {
            self.doubtful += 1;
            if self.doubtful <= MOST_PROBLEMS {
                problems.warn(&place(), wrong, mend);
            }
        }
    }

    fn sum_up(&self, source: &Source, problems: &mut Problems) {
        let rest = |number: usize| number.checked_sub(MOST_PROBLEMS).filter(|rest| *rest > 0);
        if let Some(rest) = rest(self.wrong) {
            let wrong = format!("{rest} more lines of this file have problems");
            problems.add_file(&source.path, wrong, "the lines above first");
        }
        if let Some(rest) = rest(self.doubtful) {
            let text = format!("{rest} more codes of this file have a doubtful key letter");
            problems.warnings.push(Problem::file(&source.path, text, ""));
        }
    }
}
