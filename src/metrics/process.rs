//! What the operating system counts of this process, by the names that all clients of Prometheus give it.
//! Where it does not tell, nothing is written.

use std::fs;

use super::family as of;
use super::text::Exposition;
use crate::base::clock::Timestamp;

/// Ticks in which Linux tells CPU time, the same on every machine we are built for (USER_HZ, proc(5)).
const TICKS: f64 = 100.0;

/// Writes memory, CPU time, descriptors, and when it `started`.
pub(super) fn write(page: &mut Exposition, started: Timestamp) {
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    if let Some(seconds) = cpu_seconds(&stat) {
        page.gauge(&of::CPU, &[], seconds);
    }
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    for (family, name, factor) in [
        (&of::RESIDENT, "VmRSS:", 1024.0),
        (&of::VIRTUAL, "VmSize:", 1024.0),
        (&of::THREADS, "Threads:", 1.0),
    ] {
        if let Some(value) = field(&status, name) {
            page.gauge(family, &[], value * factor);
        }
    }
    if let Ok(open) = fs::read_dir("/proc/self/fd") {
        // The one by which they are read is none of them.
        let open = u32::try_from(open.count().saturating_sub(1)).unwrap_or(u32::MAX);
        page.gauge(&of::OPEN_FDS, &[], f64::from(open));
    }
    let limits = fs::read_to_string("/proc/self/limits").unwrap_or_default();
    if let Some(most) = field(&limits, "Max open files") {
        page.gauge(&of::MAX_FDS, &[], most);
    }
    page.gauge(&of::START_TIME, &[], started.seconds());
}

/// The first number behind `name` at the start of a line.
fn field(text: &str, name: &str) -> Option<f64> {
    let line = text.lines().find_map(|line| line.strip_prefix(name))?;
    line.split_whitespace().next()?.parse().ok()
}

/// Fields 14 and 15, user and system time; the name in field 2 may have spaces and brackets.
fn cpu_seconds(stat: &str) -> Option<f64> {
    let (_, behind) = stat.rsplit_once(')')?;
    let mut fields = behind.split_whitespace().skip(11);
    let user: f64 = fields.next()?.parse().ok()?;
    let system: f64 = fields.next()?.parse().ok()?;
    Some((user + system) / TICKS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cpu_time_is_found_behind_any_name() {
        let stat = "7 (a) b (c) S 1 7 7 0 -1 4194304 100 0 0 0 150 50 0 0 20 0 4 0 100 1 1";
        assert_eq!(cpu_seconds(stat), Some(2.0));
        assert_eq!(cpu_seconds("7 (a"), None);
        assert_eq!(field("Name:\tx\nVmRSS:\t  12 kB\n", "VmRSS:"), Some(12.0));
        assert_eq!(
            field(
                "Max open files            1024   4096   files\n",
                "Max open files"
            ),
            Some(1024.0)
        );
    }

    #[test]
    fn this_process_is_told() {
        let mut page = Exposition::default();
        write(&mut page, Timestamp(1500));
        let text = page.text();
        assert!(text.ends_with("process_start_time_seconds 1.5\n"));
        #[cfg(target_os = "linux")]
        for name in [
            "resident_memory_bytes",
            "cpu_seconds_total",
            "open_fds",
            "max_fds",
            "threads",
        ] {
            assert!(text.contains(&format!("\nprocess_{name} ")), "{name}");
        }
    }
}
