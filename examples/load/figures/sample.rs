//! Looks at a process from outside while it works: memory, open files, threads.

use std::fs;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use serde::Serialize;
use tokio::task::JoinHandle;

use super::process::memory;

#[derive(Debug, Clone, Copy, Serialize)]
pub struct Sample {
    /// Seconds after the first look.
    pub at: f64,
    pub resident_mib: f64,
    pub files: usize,
    pub threads: usize,
}

impl Sample {
    pub fn of(id: u32, at: f64) -> Sample {
        let entries = |name: &str| fs::read_dir(format!("/proc/{id}/{name}")).map_or(0, Iterator::count);
        Sample {
            at,
            resident_mib: memory(id).0 as f64 / 1024.0,
            files: entries("fd"),
            threads: entries("task"),
        }
    }
}

/// Samples every so often until it is ended.
pub struct Sampling {
    samples: Arc<Mutex<Vec<Sample>>>,
    task: JoinHandle<()>,
}

impl Sampling {
    pub fn begin(id: u32, every: Duration) -> Sampling {
        let samples = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&samples);
        let began = Instant::now();
        let task = tokio::spawn(async move {
            let mut beat = tokio::time::interval(every);
            loop {
                beat.tick().await;
                let sample = Sample::of(id, began.elapsed().as_secs_f64());
                kept.lock().unwrap_or_else(PoisonError::into_inner).push(sample);
            }
        });
        Sampling { samples, task }
    }

    pub fn end(self) -> Vec<Sample> {
        self.task.abort();
        std::mem::take(&mut *self.samples.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
