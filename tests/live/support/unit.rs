//! What systemd is to a service, played by the test: it opens the sockets, starts the server on them and
//! hears how it is. Not the units themselves.

use std::net::TcpListener;
use std::os::fd::OwnedFd;
use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::{SocketAddr, UnixDatagram};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use super::child::Server;
use super::wait::PATIENCE;

/// Turns the socket that is the standard input into the first that is passed.
const PASS: &str = "exec 3<&0 </dev/null; LISTEN_PID=$$ exec \"$@\"";

/// One service and its public socket.
pub struct Unit {
    socket: TcpListener,
    heard: UnixDatagram,
    notify: String,
    folder: PathBuf,
    environment: Vec<String>,
}

impl Unit {
    /// A unit with a socket on a free port of this machine; `folder` gets the log.
    pub fn new(folder: &Path) -> Unit {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("mereau-test-{}-{count}", std::process::id());
        let address = SocketAddr::from_abstract_name(&name).expect("a name");
        let heard = UnixDatagram::bind_addr(&address).expect("a socket to hear with");
        heard.set_read_timeout(Some(PATIENCE)).expect("its patience");
        Unit {
            socket: TcpListener::bind(("127.0.0.1", 0)).expect("a free loopback port"),
            heard,
            notify: format!("@{name}"),
            folder: folder.to_owned(),
            environment: vec!["LISTEN_FDNAMES=public".to_owned()],
        }
    }

    /// One more word of the service's environment; the later of two wins.
    pub fn with(mut self, word: String) -> Unit {
        self.environment.push(word);
        self
    }

    pub fn in_folder(self, folder: &Path) -> Unit {
        Unit {
            folder: folder.to_owned(),
            ..self
        }
    }

    pub fn port(&self) -> u16 {
        self.socket.local_addr().expect("its address").port()
    }

    /// `program serve` with the configuration, on the unit's socket.
    pub fn start(&self, program: &str, config: &Path) -> Server {
        let notify = format!("NOTIFY_SOCKET={}", self.notify);
        let mut arguments: Vec<String> = ["-c", PASS, "sh", "env", &notify, "LISTEN_FDS=1"]
            .map(str::to_owned)
            .to_vec();
        arguments.extend(self.environment.iter().cloned());
        let config = config.display().to_string();
        arguments.extend([program, "serve", "--config", &config].map(str::to_owned));
        let socket = OwnedFd::from(self.socket.try_clone().expect("the socket once more"));
        Server::start_with("sh", &arguments, &self.folder.join("log"), Some(socket))
    }

    /// The same, as soon as it says that it is ready.
    pub fn start_ready(&self, program: &str, config: &Path) -> Server {
        let server = self.start(program, config);
        self.hear("READY=1");
        server
    }

    /// Waits until the service says `word`, and what it said with it.
    pub fn hear(&self, word: &str) -> String {
        loop {
            let said = self.next();
            if said.lines().any(|line| line == word) {
                return said;
            }
        }
    }

    /// What the service says next.
    pub fn next(&self) -> String {
        let mut said = [0; 4096];
        let length = self.heard.recv(&mut said).unwrap_or_else(|error| {
            let log = std::fs::read_to_string(self.folder.join("log")).unwrap_or_default();
            panic!("the service says nothing: {error}; {log}")
        });
        String::from_utf8_lossy(&said[..length]).into_owned()
    }
}
