//! What a serving process gives up once its configuration is read: files that the configuration does not
//! name, ports that it does not need, programs, and system calls that a server has no use for. The kernel
//! holds it to that (Landlock, seccomp); it takes nothing from what was opened before.
//!
//! What a plan holds is worked out where settings are known; nothing here reads a configuration.

mod calls;
mod files;

use std::collections::BTreeSet;
use std::fmt;
use std::io;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};

/// What a process still needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// Files, and folders with all that is below, which are only read.
    pub read: BTreeSet<PathBuf>,
    /// Folders in which it writes.
    pub write: BTreeSet<PathBuf>,
    /// TCP ports it listens on.
    pub listen: BTreeSet<u16>,
    /// TCP ports it connects to.
    pub connect: Ports,
    /// Why it must start programs, when it must. Whatever is held here holds for them too, so their files and
    /// ports are left to them, and with them the server's own.
    pub programs: Option<String>,
}

/// Ports of others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ports {
    Only(BTreeSet<u16>),
    /// They are not known beforehand, and why.
    Any(String),
}

/// Whether one thing is held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Grip {
    Held(String),
    /// What is configured needs it open; and why.
    Open(String),
    /// This kernel cannot, and why.
    Missing(String),
}

/// What became of a plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Confined {
    pub files: Grip,
    pub listen: Grip,
    pub connect: Grip,
    pub calls: Grip,
    pub programs: Grip,
}

/// The names of the parts, in the order of the bits of `HELD`.
const PARTS: [&str; 5] = ["files", "listen", "connect", "calls", "programs"];

static HELD: AtomicU8 = AtomicU8::new(0);
static REFUSED: AtomicU64 = AtomicU64::new(0);

/// Holds the calling thread, and every thread that it starts from here on, to `plan`: call it while there is
/// no other. Nothing takes it back. What the kernel does not know is left out and told.
pub fn confine(plan: &Plan) -> Confined {
    let files::Held {
        files,
        listen,
        connect,
    } = files::hold(plan);
    let calls = calls::hold(plan.programs.is_some());
    let programs = match (&plan.programs, &calls) {
        (Some(why), _) => Grip::Open(why.clone()),
        (None, Grip::Held(_)) => Grip::Held("none is started".to_owned()),
        (None, other) => other.clone(),
    };
    let confined = Confined {
        files,
        listen,
        connect,
        calls,
        programs,
    };
    for (bit, (_, grip)) in confined.parts().iter().enumerate() {
        HELD.fetch_or(u8::from(grip.is_held()) << bit, Ordering::Relaxed);
    }
    confined
}

/// Counts `error` when it is what a confined process gets for what it gave up. What the kernel refuses to
/// code that keeps its errors to itself is not known here.
pub fn note(error: &io::Error) {
    if error.kind() == io::ErrorKind::PermissionDenied && HELD.load(Ordering::Relaxed) != 0 {
        REFUSED.fetch_add(1, Ordering::Relaxed);
    }
}

/// What of this process is held, by the names of the parts.
pub fn held() -> impl Iterator<Item = (&'static str, bool)> {
    let held = HELD.load(Ordering::Relaxed);
    PARTS
        .into_iter()
        .enumerate()
        .map(move |(bit, name)| (name, held >> bit & 1 == 1))
}

/// The system calls that are refused to a process without programs to start, by name.
pub fn refused_calls() -> impl Iterator<Item = &'static str> {
    calls::refused(false).map(|(name, _)| name)
}

/// How often `note` counted.
pub fn refused() -> u64 {
    REFUSED.load(Ordering::Relaxed)
}

impl Plan {
    /// What `other` needs and this plan does not give, as a sentence for each. Files that are read tell of
    /// themselves: they cannot be opened.
    pub fn lacks(&self, other: &Plan) -> Vec<String> {
        if self.programs.is_some() {
            return Vec::new();
        }
        let mut lacking = Vec::new();
        if let Some(why) = &other.programs {
            lacking.push(format!("it may start no program ({why})"));
        }
        // One that was not there yet was given with the folder above.
        let beyond = |folder: &&PathBuf| !self.write.iter().any(|held| folder.starts_with(held));
        let folders = other.write.iter().filter(beyond);
        lacking.extend(folders.map(|folder| format!("it may write nothing in {}", folder.display())));
        match (&self.connect, &other.connect) {
            (Ports::Any(_), _) => {}
            (Ports::Only(_), Ports::Any(why)) => {
                lacking.push(format!("it may not connect to any port ({why})"))
            }
            (Ports::Only(mine), Ports::Only(needed)) => {
                let ports = needed.difference(mine);
                lacking.extend(ports.map(|port| format!("it may not connect to port {port}")));
            }
        }
        lacking
    }
}

impl Grip {
    pub fn is_held(&self) -> bool {
        matches!(self, Grip::Held(_))
    }
}

impl fmt::Display for Grip {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Grip::Held(what) => f.write_str(what),
            Grip::Open(why) => write!(f, "open: {why}"),
            Grip::Missing(why) => write!(f, "not held: {why}"),
        }
    }
}

impl Confined {
    /// Each part by its name.
    pub fn parts(&self) -> [(&'static str, &Grip); 5] {
        let [files, listen, connect, calls, programs] = PARTS;
        [
            (files, &self.files),
            (listen, &self.listen),
            (connect, &self.connect),
            (calls, &self.calls),
            (programs, &self.programs),
        ]
    }

    /// What this kernel lacks.
    pub fn missing(&self) -> Vec<String> {
        let parts = self.parts().into_iter();
        parts
            .filter(|(_, grip)| matches!(grip, Grip::Missing(_)))
            .map(|(name, grip)| format!("{name} {grip}"))
            .collect()
    }
}

/// For a test of what is not held here: the kernel must say that it cannot.
#[cfg(test)]
pub(crate) fn is_not_shown(missing: &str) {
    let cannot = ["has no Landlock", "is switched off", "knows no ports"];
    assert!(cannot.iter().any(|why| missing.contains(why)), "{missing}");
    // Past the harness, which keeps what a test that passes prints.
    let told = format!("SKIPPED: T-97 is not shown on this machine: {missing}\n");
    let _ = io::Write::write_all(&mut io::stderr(), told.as_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(ports: &[u16]) -> Plan {
        Plan {
            read: BTreeSet::new(),
            write: BTreeSet::from(["/var/lib/mereau".into()]),
            listen: BTreeSet::from([443]),
            connect: Ports::Only(ports.iter().copied().collect()),
            programs: None,
        }
    }

    #[test]
    fn what_a_new_configuration_needs_beyond_the_plan_is_named() {
        let held = plan(&[389, 443]);
        assert!(held.lacks(&plan(&[389])).is_empty());
        assert_eq!(
            held.lacks(&plan(&[389, 8443])),
            ["it may not connect to port 8443"]
        );
        let mut below = plan(&[]);
        below.write = BTreeSet::from(["/var/lib/mereau/tickets".into()]);
        assert!(held.lacks(&below).is_empty());
        let mut more = plan(&[]);
        more.write.insert("/srv/mail".into());
        more.connect = Ports::Any("a cluster".into());
        more.programs = Some("a hook".into());
        assert_eq!(
            held.lacks(&more),
            [
                "it may start no program (a hook)",
                "it may write nothing in /srv/mail",
                "it may not connect to any port (a cluster)",
            ]
        );
        assert!(more.lacks(&plan(&[1])).is_empty(), "what is open stays open");
    }

    /// In a thread of its own, which alone is held.
    fn held<T: Send + 'static>(plan: Plan, then: impl FnOnce(Confined) -> T + Send + 'static) -> T {
        std::thread::spawn(move || then(confine(&plan))).join().unwrap()
    }

    /// Whether everything is held.
    fn held_whole(confined: &Confined) -> bool {
        let missing = confined.missing();
        missing.iter().for_each(|part| is_not_shown(part));
        missing.is_empty()
    }

    #[test]
    fn a_program_a_file_elsewhere_and_a_port_that_is_not_listed_are_refused_and_counted() {
        // T-97
        let inside = tempfile::tempdir().unwrap();
        let outside = tempfile::tempdir().unwrap();
        let listed = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let other = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let [listed_at, other_at] = [&listed, &other].map(|one| one.local_addr().unwrap());
        let secret = outside.path().join("secret");
        std::fs::write(&secret, "x").unwrap();
        let mut needed = plan(&[listed_at.port()]);
        needed.write = BTreeSet::from([inside.path().to_owned()]);
        let (own, away) = (inside.path().join("own"), outside.path().join("away"));
        let before = refused();
        let (confined, tried) = held(needed, move |confined| {
            let connect = std::net::TcpStream::connect;
            let tried = [
                std::fs::write(&own, "y"),
                std::fs::remove_file(&own),
                connect(listed_at).map(drop),
                std::fs::write(&away, "y"),
                std::fs::read(&secret).map(drop),
                connect(other_at).map(drop),
                std::net::TcpListener::bind("127.0.0.1:0").map(drop),
                std::process::Command::new("/bin/true").spawn().map(drop),
            ];
            let kinds = tried.map(|tried| {
                tried.map_err(|error| {
                    note(&error);
                    error.kind()
                })
            });
            (confined, kinds)
        });
        if !held_whole(&confined) {
            return;
        }
        let no = Err(io::ErrorKind::PermissionDenied);
        assert_eq!(tried, [Ok(()), Ok(()), Ok(()), no, no, no, no, no]);
        assert!(refused() >= before + 5);
    }

    #[test]
    fn with_a_program_to_start_only_the_calls_are_held() {
        // T-97
        let mut needed = plan(&[]);
        needed.programs = Some("the hook of a realm".into());
        let (confined, started) = held(needed, |confined| {
            let ended = std::process::Command::new("/bin/true").status();
            (confined, ended.map(|status| status.success()).ok())
        });
        assert_eq!(started, Some(true));
        assert!(matches!(confined.files, Grip::Open(_)) && matches!(confined.programs, Grip::Open(_)));
    }
}
