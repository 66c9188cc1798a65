//! The log's JSON lines: one flat object for each event, with the code of its request. Written for
//! the access line, which every request pays for.

use std::fmt::{self, Write};

use tracing::Event;
use tracing::field::{Field, Visit};

use crate::http::layers::RequestId;

/// Appends the line. Writing into a text cannot fail.
pub(super) fn write(line: &mut String, event: &Event<'_>) {
    let about = event.metadata();
    line.push_str("{\"timestamp\":\"");
    super::stamp(line);
    line.push_str("\",\"level\":\"");
    line.push_str(about.level().as_str());
    line.push('"');
    event.record(&mut Fragments { line });
    line.push_str(",\"target\":");
    text(line, about.target());
    if let Some(code) = RequestId::current() {
        line.push_str(",\"request_id\":\"");
        line.push_str(code.as_str());
        line.push('"');
    }
    line.push_str("}\n");
}

/// The line that says how many were lost.
pub(super) fn lost(count: u64) -> String {
    let (time, words) = (super::now(), super::lost(count));
    format!("{{\"timestamp\":\"{time:.3}\",\"level\":\"ERROR\",\"message\":\"{words}\",\"lost\":{count}}}\n")
}

/// Each field as `,"name":value`.
struct Fragments<'a> {
    line: &'a mut String,
}

impl Fragments<'_> {
    fn name(&mut self, field: &Field) -> &mut String {
        // Names are Rust identifiers with dots: nothing to escape.
        let name = super::plain(field);
        self.line.push_str(",\"");
        self.line.push_str(name);
        // The line has fields of these names itself.
        let taken = matches!(name, "timestamp" | "level" | "target" | "request_id");
        self.line.push_str(if taken { "_\":" } else { "\":" });
        self.line
    }
}

impl Visit for Fragments<'_> {
    fn record_str(&mut self, field: &Field, value: &str) {
        text(self.name(field), value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        let _ = write!(self.name(field), "{value}");
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        let _ = write!(self.name(field), "{value}");
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        let _ = write!(self.name(field), "{value}");
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        let line = self.name(field);
        line.push('"');
        let _ = write!(Inside(line), "{value:?}");
        line.push('"');
    }
}

/// A JSON string.
fn text(line: &mut String, value: &str) {
    line.push('"');
    let _ = Inside(line).write_str(value);
    line.push('"');
}

/// The inside of a JSON string, written piece by piece.
struct Inside<'a>(&'a mut String);

impl fmt::Write for Inside<'_> {
    fn write_str(&mut self, piece: &str) -> fmt::Result {
        let plain = |byte: u8| (b' '..=b'~').contains(&byte) && byte != b'"' && byte != b'\\';
        if piece.bytes().all(plain) {
            self.0.push_str(piece);
            return Ok(());
        }
        let quoted = serde_json::to_string(piece).map_err(|_| fmt::Error)?;
        self.0
            .push_str(quoted.get(1..quoted.len() - 1).unwrap_or_default());
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::Form;
    use super::super::tests::logged;
    use crate::base::entropy::SeededEntropy;
    use crate::http::layers::{RequestId, RequestIds};

    /// The lines that `work` logs, without their times.
    fn lines(work: impl FnOnce()) -> Vec<Value> {
        let text = logged(Form::Json, "info", work);
        let lines = text.lines().map(|line| {
            let mut line: Value = serde_json::from_str(line).unwrap();
            let time = line.as_object_mut().unwrap().remove("timestamp").unwrap();
            assert!(
                time.as_str().unwrap().parse::<jiff::Timestamp>().is_ok(),
                "{time}"
            );
            line
        });
        lines.collect()
    }

    #[test]
    fn a_line_is_one_flat_object_with_the_requests_code_in_it() {
        let id = RequestIds::new(&SeededEntropy::new(1)).next();
        let lines = lines(|| {
            RequestId::during(id, || {
                tracing::info!(status = 200_u16, ok = true, delta = -3, target = "x", "answered");
            });
            tracing::info!("alone");
        });
        let target = module_path!();
        assert_eq!(
            lines,
            [
                json!({"level": "INFO", "message": "answered", "status": 200, "ok": true, "delta": -3,
                "target_": "x", "target": target, "request_id": id.as_str()}),
                json!({"level": "INFO", "message": "alone", "target": target}),
            ]
        );
    }

    #[test]
    fn hostile_text_stays_one_line_and_one_value() {
        // SEC-11, T-92
        let hostile = "a\"}\n{\"level\":\"ERROR\",\"x\\\u{1b}[31m\u{2028}é";
        let lines = lines(|| tracing::warn!(path = hostile, shown = %hostile, debugged = ?Some("b\n"), "m"));
        assert_eq!(lines.len(), 1);
        assert_eq!(lines[0]["path"], hostile);
        assert_eq!(lines[0]["shown"], hostile);
        assert_eq!(lines[0]["debugged"], "Some(\"b\\n\")");
    }
}
