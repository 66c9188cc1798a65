//! A server process that cannot outlive the tests: killed when dropped, and by the kernel when the
//! test process ends in any way.

use std::fs::{self, File};
use std::io;
use std::net::TcpStream;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Sender, channel};
use std::sync::{LazyLock, Mutex};
use std::thread;

use super::{built, wait};

/// A running server.
pub struct Server {
    child: Child,
    log: PathBuf,
}

impl Server {
    /// The same as [`Server::start`], as soon as it listens on `port` of this machine.
    pub fn listening(port: u16, program: &str, arguments: &[String], log: &Path) -> Server {
        Server::there(program, arguments, log, || {
            TcpStream::connect(("localhost", port)).ok()
        })
    }

    /// The same as [`Server::start`], as soon as it is there.
    pub fn there<T>(
        program: &str,
        arguments: &[String],
        log: &Path,
        mut is_there: impl FnMut() -> Option<T>,
    ) -> Server {
        let mut server = Server::start(program, arguments, log);
        wait::until(program, || {
            let ended = server.has_ended().is_some();
            assert!(!ended, "{program} has ended: {}", server.output());
            is_there()
        });
        server
    }

    /// Starts `program` with `arguments`; what it prints goes to `log`.
    pub fn start(program: &str, arguments: &[String], log: &Path) -> Server {
        Server::start_with(program, arguments, log, None)
    }

    /// The same with a socket as its standard input.
    pub fn start_with(program: &str, arguments: &[String], log: &Path, input: Option<OwnedFd>) -> Server {
        let output = File::options()
            .create(true)
            .append(true)
            .open(log)
            .expect("the log file");
        let mut command = Command::new("setpriv");
        command
            .args(["--pdeathsig", "KILL", "--", program])
            .args(arguments)
            .env(
                "PATH",
                format!("{}:/usr/sbin:/sbin", std::env::var("PATH").unwrap_or_default()),
            )
            .stdin(input.map_or(Stdio::null(), Stdio::from))
            .stdout(output.try_clone().expect("the log file twice"))
            .stderr(output);
        let child = spawn(command).unwrap_or_else(|error| panic!("{program} does not start: {error}"));
        Server {
            child,
            log: log.to_owned(),
        }
    }

    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Whether the process has ended by itself.
    pub fn has_ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().expect("the state of a child")
    }

    /// Waits for the process to end.
    pub fn wait(&mut self) -> ExitStatus {
        self.child.wait().expect("the end of a child")
    }

    /// SIGKILL, and gone when this returns.
    pub fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// Sends a signal by its name: `STOP`, `CONT`, `TERM`, `HUP`.
    pub fn signal(&self, name: &str) {
        let line = format!("kill -{name} {}", self.child.id());
        let status = Command::new("sh").args(["-c", &line]).status().expect("sh");
        assert!(status.success(), "{line}");
    }

    /// Everything the server printed.
    pub fn output(&self) -> String {
        String::from_utf8_lossy(&fs::read(&self.log).unwrap_or_default()).into_owned()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
    }
}

/// A folder for one server, under `target/tmp`. Folders of ended runs are removed when a run makes
/// its first.
pub fn folder(name: &str) -> PathBuf {
    static FIRST: LazyLock<PathBuf> = LazyLock::new(|| {
        let all = built::scratch().join("live");
        sweep(&all);
        all.join(std::process::id().to_string())
    });
    static COUNT: Mutex<u32> = Mutex::new(0);
    let mut count = COUNT.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    *count += 1;
    let folder = FIRST.join(format!("{name}-{count}"));
    fs::create_dir_all(&folder).expect("a folder for the server");
    folder
}

fn sweep(all: &Path) {
    for entry in fs::read_dir(all).into_iter().flatten().flatten() {
        let alive = Path::new("/proc").join(entry.file_name()).exists();
        if !alive {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

type Order = (Command, Sender<io::Result<Child>>);

/// Spawns from a thread that lives as long as the process: the kernel sends the death signal when
/// the *thread* that spawned ends, and the thread of a test ends long before a shared server should.
fn spawn(command: Command) -> io::Result<Child> {
    static SPAWNER: LazyLock<Mutex<Sender<Order>>> = LazyLock::new(|| {
        let (orders, queue) = channel::<Order>();
        thread::spawn(move || {
            for (mut command, answer) in queue {
                let _ = answer.send(command.spawn());
            }
        });
        Mutex::new(orders)
    });
    let (answer, child) = channel();
    let spawner = SPAWNER.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    spawner.send((command, answer)).map_err(io::Error::other)?;
    child.recv().map_err(io::Error::other)?
}
