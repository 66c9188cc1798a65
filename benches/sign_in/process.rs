//! What a process costs, as the kernel counts it, and where it runs.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::ensure;

use crate::support::child::Server;

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

/// Where a process runs.
#[derive(Clone, Copy)]
pub enum Place {
    /// Wherever the kernel puts it.
    Anywhere,
    /// On the first core, which [`apart`] has cleared of the rest.
    FirstCore,
}

impl Place {
    pub fn start(self, program: &str, arguments: &[String], log: &Path) -> Server {
        let Place::FirstCore = self else {
            return Server::start(program, arguments, log);
        };
        let pinned = ["-c", "0", program].map(str::to_owned);
        let arguments = [pinned.as_slice(), arguments].concat();
        Server::start("taskset", &arguments, log)
    }
}

/// The cores of this machine, whichever of them this process may use.
#[allow(dead_code, reason = "only the load kit asks")]
pub fn cores() -> usize {
    let known = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    known
        .lines()
        .filter(|line| line.starts_with("processor"))
        .count()
        .max(1)
}

/// Moves processes, with all their threads, to the second core: what they leave in its caches no
/// longer costs the one that is measured on the first.
pub fn apart(processes: &[u32]) -> anyhow::Result<()> {
    pin(processes, "1")
}

/// Moves processes, with all their threads, to some cores: `1`, `0-3`.
pub fn pin(processes: &[u32], cores: &str) -> anyhow::Result<()> {
    for id in processes {
        let id = id.to_string();
        let moved = Command::new("taskset")
            .args(["-a", "-p", "-c", cores, &id])
            .output()?;
        let complaint = String::from_utf8_lossy(&moved.stderr);
        ensure!(moved.status.success(), "taskset: {}", complaint.trim());
    }
    Ok(())
}
