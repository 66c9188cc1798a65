//! The log's JSON lines: one flat object for each event, the fields of its request's span beside its
//! own. Written for the access line, which every request pays for: `tracing_subscriber`'s own JSON
//! takes more than twice the instructions, going through a serializer that checks each fragment anew.

use std::fmt::{self, Write};

use tracing::field::{Field, Visit};
use tracing::{Event, Subscriber};
use tracing_subscriber::field::RecordFields;
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::time::{FormatTime, SystemTime};
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields, FormattedFields};
use tracing_subscriber::registry::LookupSpan;

/// Events as lines, and the fields of spans as the fragments that go into them.
pub struct JsonLines;

impl<S: Subscriber + for<'a> LookupSpan<'a>> FormatEvent<S, JsonLines> for JsonLines {
    fn format_event(
        &self,
        context: &FmtContext<'_, S, JsonLines>,
        mut line: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        line.write_str("{\"timestamp\":\"")?;
        SystemTime.format_time(&mut line)?;
        let about = event.metadata();
        line.write_str("\",\"level\":\"")?;
        line.write_str(about.level().as_str())?;
        line.write_char('"')?;
        JsonLines.format_fields(line.by_ref(), event)?;
        line.write_str(",\"target\":")?;
        text(&mut line, about.target())?;
        for span in context.event_scope().into_iter().flatten() {
            let known = span.extensions();
            if let Some(fields) = known.get::<FormattedFields<JsonLines>>() {
                line.write_str(fields)?;
            }
        }
        line.write_str("}\n")
    }
}

impl<'w> FormatFields<'w> for JsonLines {
    /// Each field as `,"name":value`.
    fn format_fields<R: RecordFields>(&self, line: Writer<'w>, fields: R) -> fmt::Result {
        let mut fragments = Fragments {
            line,
            outcome: Ok(()),
        };
        fields.record(&mut fragments);
        fragments.outcome
    }
}

struct Fragments<'w> {
    line: Writer<'w>,
    outcome: fmt::Result,
}

impl Fragments<'_> {
    fn add(&mut self, field: &Field, value: impl FnOnce(&mut Writer<'_>) -> fmt::Result) {
        let line = &mut self.line;
        let mut write = || {
            line.write_str(",\"")?;
            // Names are Rust identifiers with dots: nothing to escape.
            let name = field.name().trim_start_matches("r#");
            line.write_str(name)?;
            // The line has fields of these names itself.
            let taken = matches!(name, "timestamp" | "level" | "target");
            line.write_str(if taken { "_\":" } else { "\":" })
        };
        self.outcome = self
            .outcome
            .and_then(|()| write())
            .and_then(|()| value(&mut self.line));
    }
}

impl Visit for Fragments<'_> {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.add(field, |line| text(line, value));
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.add(field, |line| write!(line, "{value}"));
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.add(field, |line| write!(line, "{value}"));
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.add(field, |line| write!(line, "{value}"));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.add(field, |line| {
            line.write_char('"')?;
            write!(Inside(line), "{value:?}")?;
            line.write_char('"')
        });
    }
}

/// A JSON string.
fn text(line: &mut Writer<'_>, value: &str) -> fmt::Result {
    line.write_char('"')?;
    Inside(line).write_str(value)?;
    line.write_char('"')
}

/// The inside of a JSON string, written piece by piece.
struct Inside<'a, 'w>(&'a mut Writer<'w>);

impl fmt::Write for Inside<'_, '_> {
    fn write_str(&mut self, piece: &str) -> fmt::Result {
        let plain = |byte: u8| (b' '..=b'~').contains(&byte) && byte != b'"' && byte != b'\\';
        if piece.bytes().all(plain) {
            return self.0.write_str(piece);
        }
        let quoted = serde_json::to_string(piece).map_err(|_| fmt::Error)?;
        self.0
            .write_str(quoted.get(1..quoted.len() - 1).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::sync::{Arc, Mutex};

    use serde_json::{Value, json};
    use tracing_subscriber::layer::SubscriberExt;

    use super::*;

    #[derive(Clone, Default)]
    struct Kept(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Kept {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    /// The lines that `work` logs, without their times.
    fn logged(work: impl FnOnce()) -> Vec<Value> {
        let kept = Kept::default();
        let writer = kept.clone();
        let layer = tracing_subscriber::fmt::layer()
            .fmt_fields(JsonLines)
            .event_format(JsonLines)
            .with_writer(move || writer.clone());
        let subscriber = tracing_subscriber::registry().with(layer);
        tracing::subscriber::with_default(subscriber, work);
        let text = String::from_utf8(kept.0.lock().unwrap().clone()).unwrap();
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
        let lines = logged(|| {
            let span = tracing::error_span!("request", request_id = "96N5-6YV6");
            let _inside = span.enter();
            tracing::info!(status = 200_u16, ok = true, delta = -3, target = "x", "answered");
        });
        let target = module_path!();
        assert_eq!(
            lines,
            [
                json!({"level": "INFO", "message": "answered", "status": 200, "ok": true, "delta": -3,
                "target_": "x", "target": target, "request_id": "96N5-6YV6"})
            ]
        );
    }

    #[test]
    fn hostile_text_stays_one_line_and_one_value() {
        // SEC-11
        let hostile = "a\"}\n{\"level\":\"ERROR\",\"x\\\u{1b}[31m\u{2028}é";
        let lines = logged(|| tracing::warn!(path = hostile, shown = %hostile, debugged = ?Some("b\n"), "m"));
        assert_eq!(lines.len(), 1);
        assert_eq!(lines[0]["path"], hostile);
        assert_eq!(lines[0]["shown"], hostile);
        assert_eq!(lines[0]["debugged"], "Some(\"b\\n\")");
    }
}
