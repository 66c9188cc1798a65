//! How far a run is, for somebody who looks on: one line on a terminal, nothing anywhere else.

use std::io::{IsTerminal, Write, stderr};
use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinHandle;

use super::record::{Record, Verdict};

const WIDTH: usize = 30;

pub struct Progress(Option<JoinHandle<()>>);

impl Progress {
    pub fn begin(record: Arc<Record>, lasts: Duration) -> Progress {
        let shown = stderr().is_terminal();
        Progress(shown.then(|| tokio::spawn(show(record, lasts))))
    }

    pub fn end(self) {
        if let Some(task) = self.0 {
            task.abort();
            let _ = writeln!(stderr());
        }
    }
}

async fn show(record: Arc<Record>, lasts: Duration) {
    let mut beat = tokio::time::interval(Duration::from_millis(250));
    loop {
        beat.tick().await;
        let share = record.began.elapsed().as_secs_f64() / lasts.as_secs_f64();
        let line = line(&record, share.min(1.0));
        let _ = write!(stderr(), "\r{line}\x1b[K");
        let _ = stderr().flush();
    }
}

fn line(record: &Record, share: f64) -> String {
    let full = (share * WIDTH as f64) as usize;
    let bar = format!("{}{}", "█".repeat(full), "░".repeat(WIDTH - full));
    let (begun, done, busy, failed) = record.with(|seen| {
        let count = |wanted: Verdict| {
            let windows = seen.windows.iter();
            let counts = windows.filter_map(|window| window.verdicts.get(&wanted));
            counts.sum::<u64>()
        };
        let failed = count(Verdict::Failed);
        (seen.begun, count(Verdict::Done), count(Verdict::Busy), failed)
    });
    format!(
        "{bar} {:>3.0} %  {begun} journeys, {done} steps done, {busy} told to come back, {failed} failed",
        share * 100.0
    )
}
