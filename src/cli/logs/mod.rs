//! The log: human on a terminal, JSON lines otherwise, on the standard error, through a thread of its
//! own.
//!
//! Other people's crates are heard down to INFO only, whatever level is asked for: below that, some
//! print what they send and receive, and a directory is sent passwords (SEC-11).

mod human;
mod json;
mod writer;

use std::cell::RefCell;
use std::fmt::Write;
use std::io::IsTerminal;
use std::sync::{Arc, OnceLock};

use anyhow::Context;
use tracing::field::Field;
use tracing::level_filters::LevelFilter;
use tracing::span::{Attributes, Id, Record};
use tracing::subscriber::Interest;
use tracing::{Event, Level, Metadata, Subscriber};
use tracing_subscriber::filter::Targets;

use self::writer::Writer;
use crate::base::clock::{Clock, SystemClock};
use crate::config::{LogFormat, LogSettings};

static WRITER: OnceLock<Arc<Writer>> = OnceLock::new();

/// Starts the log of this process; `RUST_LOG` wins over the configured level.
pub fn start(settings: &LogSettings) -> anyhow::Result<()> {
    let level = super::environment("RUST_LOG").filter(|text| !text.trim().is_empty());
    let level = level.as_deref().unwrap_or(&settings.level);
    let wanted: Targets = level
        .parse()
        .with_context(|| format!("“{level}” is not a filter of logs"))?;
    let terminal = std::io::stderr().is_terminal();
    let form = match settings.format {
        LogFormat::Auto if !terminal => Form::Json,
        LogFormat::Json => Form::Json,
        LogFormat::Human | LogFormat::Auto => Form::Human { colours: terminal },
    };
    let writer = Writer::start(std::io::stderr(), form.lost()).context("the log cannot be started")?;
    let out = WRITER.get_or_init(|| writer);
    let log = Log {
        wanted,
        form,
        out: Arc::clone(out),
    };
    tracing::subscriber::set_global_default(log).context("the log cannot be started")
}

/// Waits until what was logged is written, for the end of the process.
pub fn finish() {
    if let Some(writer) = WRITER.get() {
        writer.finish();
    }
}

#[derive(Debug, Clone, Copy)]
enum Form {
    Human { colours: bool },
    Json,
}

impl Form {
    /// What says that lines were lost.
    fn lost(self) -> fn(u64) -> String {
        match self {
            Form::Human { .. } => human::lost,
            Form::Json => json::lost,
        }
    }
}

/// What a line says when `count` before it were lost.
fn lost(count: u64) -> String {
    format!("{count} lines of the log were lost: they came faster than they could be written")
}

/// All events as lines. A line names its request by itself, so spans are not kept: a registry of them
/// costs each request more than its line.
struct Log {
    wanted: Targets,
    form: Form,
    out: Arc<Writer>,
}

impl Log {
    fn hears(&self, about: &Metadata<'_>) -> bool {
        let loud = is_ours(about.target()) || *about.level() <= LevelFilter::INFO;
        loud && about.is_event() && self.wanted.would_enable(about.target(), about.level())
    }
}

impl Subscriber for Log {
    fn register_callsite(&self, about: &'static Metadata<'static>) -> Interest {
        if self.hears(about) {
            Interest::always()
        } else {
            Interest::never()
        }
    }

    fn enabled(&self, about: &Metadata<'_>) -> bool {
        self.hears(about)
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        self.wanted
            .iter()
            .map(|(_, level)| level)
            .chain(self.wanted.default_level())
            .max()
    }

    fn event(&self, event: &Event<'_>) {
        thread_local! {
            static LINE: RefCell<String> = const { RefCell::new(String::new()) };
        }
        LINE.with(|line| {
            // Something shown by this line logs itself: it has to do without.
            let Ok(mut line) = line.try_borrow_mut() else {
                return;
            };
            line.clear();
            match self.form {
                Form::Human { colours } => human::write(&mut line, event, colours),
                Form::Json => json::write(&mut line, event),
            }
            self.out
                .add(line.as_bytes(), *event.metadata().level() == Level::ERROR);
        });
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

/// When a line is written, in milliseconds.
fn now() -> jiff::Timestamp {
    let now = i64::try_from(SystemClock.now().0).unwrap_or(i64::MAX);
    jiff::Timestamp::from_millisecond(now).unwrap_or(jiff::Timestamp::MAX)
}

/// Appends that moment. All but the milliseconds is kept from line to line: a thread that logs thousands of
/// lines a second writes the same second thousands of times.
fn stamp(line: &mut String) {
    thread_local! {
        static SECOND: RefCell<(i64, String)> = const { RefCell::new((i64::MIN, String::new())) };
    }
    let now = now();
    let (second, millis) = (now.as_second(), now.subsec_millisecond());
    SECOND.with_borrow_mut(|(kept, text)| {
        if *kept != second {
            *kept = second;
            text.clear();
            let _ = write!(text, "{now:.0}");
            text.truncate(text.len().saturating_sub(1));
        }
        let _ = write!(line, "{text}.{millis:03}Z");
    });
}

/// The name of a field, without the sign of a raw identifier.
fn plain(field: &Field) -> &'static str {
    let name = field.name();
    name.strip_prefix("r#").unwrap_or(name)
}

fn is_ours(target: &str) -> bool {
    target == "mereau" || target.starts_with("mereau::")
}

#[cfg(test)]
mod tests {
    use std::io::{self, Write};
    use std::sync::Mutex;

    use super::*;

    #[derive(Clone, Default)]
    struct Kept(Arc<Mutex<Vec<u8>>>);

    impl Write for Kept {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    /// What `work` logs under the filter `wanted`.
    pub fn logged(form: Form, wanted: &str, work: impl FnOnce()) -> String {
        let kept = Kept::default();
        let out = Writer::start(kept.clone(), form.lost()).unwrap();
        let log = Log {
            wanted: wanted.parse().unwrap(),
            form,
            out: Arc::clone(&out),
        };
        tracing::subscriber::with_default(log, work);
        out.finish();
        let bytes = kept.0.lock().unwrap().clone();
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn a_line_has_the_milliseconds_of_its_own_moment() {
        let read = |line: &str| line.parse::<jiff::Timestamp>().unwrap();
        for _ in 0..3 {
            let before = now();
            let mut line = String::new();
            stamp(&mut line);
            assert_eq!(line.len(), "2026-11-27T22:31:52.250Z".len(), "{line}");
            assert!((before..=now()).contains(&read(&line)), "{line}");
        }
    }

    #[test]
    fn other_peoples_crates_are_heard_down_to_info_only() {
        // SEC-11
        let text = logged(Form::Json, "trace", || {
            tracing::trace!(target: "mereau::flows", "ours");
            tracing::debug!(target: "ldap3", "what is sent");
            tracing::debug!(target: "mereauish", "not ours");
            tracing::info!(target: "ldap3", "theirs");
        });
        let said: Vec<bool> = ["ours\"", "what is sent", "not ours", "theirs"]
            .map(|part| text.contains(part))
            .into();
        assert_eq!(said, [true, false, false, true], "{text}");
    }

    #[test]
    fn a_filter_names_modules_and_levels() {
        let text = logged(Form::Json, "warn,mereau::access=off,mereau::jobs=debug", || {
            tracing::error!(target: "mereau::access", "unheard");
            tracing::info!(target: "mereau::flows", "too low");
            tracing::debug!(target: "mereau::jobs", "asked for");
            tracing::warn!(target: "mereau::flows", "loud");
        });
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines.len(), 2, "{text}");
        assert!(
            lines[0].contains("asked for") && lines[1].contains("loud"),
            "{text}"
        );
    }
}
