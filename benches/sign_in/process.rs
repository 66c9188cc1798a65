//! What a process costs, as the kernel counts it.

use std::fs;
use std::time::Duration;

/// The kernel counts CPU time in hundredths of a second for whoever asks.
const TICK: Duration = Duration::from_millis(10);

/// User and system time of all threads of a process so far.
pub fn cpu(id: u32) -> Duration {
    let stat = fs::read_to_string(format!("/proc/{id}/stat")).unwrap_or_default();
    // The name of the program stands in parentheses and may hold anything; utime and stime are the
    // 12th and 13th field behind it.
    let fields = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
    let ticks = fields.split_whitespace().skip(11).take(2);
    let ticks: u32 = ticks.filter_map(|field| field.parse::<u32>().ok()).sum();
    TICK * ticks
}

/// Resident memory in KiB: now, and the most it has been.
pub fn memory(id: u32) -> (u64, u64) {
    let status = fs::read_to_string(format!("/proc/{id}/status")).unwrap_or_default();
    let field = |name: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(name))?;
        line.split_whitespace().next()?.parse().ok()
    };
    (field("VmRSS:").unwrap_or(0), field("VmHWM:").unwrap_or(0))
}

/// CPU time spent by several processes between two looks.
pub struct Meter<const N: usize> {
    processes: [u32; N],
    began: [Duration; N],
}

impl<const N: usize> Meter<N> {
    pub fn start(processes: [u32; N]) -> Meter<N> {
        Meter {
            processes,
            began: processes.map(cpu),
        }
    }

    /// Microseconds of each process for one of `turns`.
    pub fn per_turn(&self, turns: usize) -> [f64; N] {
        let mut spent = [0.0; N];
        for (spent, (id, began)) in spent.iter_mut().zip(self.processes.iter().zip(self.began)) {
            *spent = (cpu(*id).saturating_sub(began)).as_secs_f64() * 1e6 / turns.max(1) as f64;
        }
        spent
    }
}
