//! A line of the log for a person at a terminal: time, level, what happened, the fields, the code of
//! the request.

use std::fmt::{self, Write};

use tracing::field::{Field, Visit};
use tracing::{Event, Level};

use crate::http::layers::RequestId;

/// Appends the line. Writing into a text cannot fail.
pub(super) fn write(line: &mut String, event: &Event<'_>, colours: bool) {
    let about = event.metadata();
    let (on, off) = if colours {
        (colour(*about.level()), "\x1b[0m")
    } else {
        ("", "")
    };
    super::stamp(line);
    let _ = write!(line, " {on}{:>5}{off} ", about.level().as_str());
    let mut words = Words { line, message: true };
    event.record(&mut words);
    words.message = false;
    event.record(&mut words);
    if let Some(code) = RequestId::current() {
        let _ = write!(line, " {code}");
    }
    let _ = writeln!(line, " ({})", about.target());
}

/// The line that says how many were lost.
pub(super) fn lost(count: u64) -> String {
    format!("{:.3} ERROR {}\n", super::now(), super::lost(count))
}

fn colour(level: Level) -> &'static str {
    match level {
        Level::ERROR => "\x1b[31m",
        Level::WARN => "\x1b[33m",
        Level::INFO => "\x1b[32m",
        _ => "\x1b[2m",
    }
}

/// The message, or everything else.
struct Words<'a> {
    line: &'a mut String,
    message: bool,
}

impl Words<'_> {
    fn add(&mut self, field: &Field, value: fmt::Arguments<'_>) {
        if (field.name() == "message") != self.message {
            return;
        }
        if !self.message {
            let name = super::plain(field);
            let _ = write!(self.line, " {name}=");
        }
        // What a stranger sent must not move the cursor or begin another line (T-92).
        let _ = write!(Tame(self.line), "{value}");
    }
}

impl Visit for Words<'_> {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.add(field, format_args!("{value}"));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.add(field, format_args!("{value:?}"));
    }
}

/// Text with its control characters written out.
struct Tame<'a>(&'a mut String);

impl fmt::Write for Tame<'_> {
    fn write_str(&mut self, piece: &str) -> fmt::Result {
        for symbol in piece.chars() {
            if symbol.is_control() || matches!(symbol, '\u{202a}'..='\u{202e}' | '\u{2028}' | '\u{2029}') {
                write!(self.0, "{}", symbol.escape_unicode())?;
            } else {
                self.0.push(symbol);
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::Form;
    use super::super::tests::logged;

    #[test]
    fn a_line_is_time_level_message_fields_and_module() {
        let text = logged(Form::Human { colours: false }, "info", || {
            tracing::warn!(target: "mereau::jobs", tries = 3, r#type = "x", "a letter waits");
        });
        let (time, rest) = text.split_once(' ').unwrap();
        assert!(time.parse::<jiff::Timestamp>().is_ok(), "{time}");
        assert_eq!(rest, " WARN a letter waits tries=3 type=x (mereau::jobs)\n");
    }

    #[test]
    fn hostile_text_stays_on_its_line() {
        // T-92, SEC-11
        let text = logged(Form::Human { colours: false }, "info", || {
            tracing::info!(path = "a\n2026 ERROR forged\u{1b}[2J\u{202e}", "m");
        });
        assert_eq!(text.lines().count(), 1, "{text}");
        assert!(!text.contains(['\u{1b}', '\u{202e}']), "{text}");
    }
}
