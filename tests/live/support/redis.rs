//! Debian's redis-server as a child process of the test.

use std::fs;
use std::io::{Read, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use super::certificates::{Authority, Certificate};
use super::child::{Server, folder};
use super::{ports, wait};

/// A running Redis.
pub struct Redis {
    server: Option<Server>,
    folder: PathBuf,
    port: u16,
    tls_port: Option<u16>,
    certificate: Option<Certificate>,
    options: Vec<String>,
}

impl Redis {
    /// Starts a server with more `options` on its command line (`--appendonly`, `yes`…) and waits
    /// until it answers. It never evicts and keeps nothing on disk unless they say so.
    pub fn start(options: &[&str]) -> Redis {
        Redis::start_in(folder("redis"), None, options)
    }

    /// The same, serving TLS on a second port.
    pub fn start_with_tls(authority: &Authority, options: &[&str]) -> Redis {
        let folder = folder("redis");
        let certificate = authority.issue_into(&folder, &["localhost", "127.0.0.1"]);
        Redis::start_in(folder, Some(certificate), options)
    }

    fn start_in(folder: PathBuf, certificate: Option<Certificate>, options: &[&str]) -> Redis {
        let options = options.iter().map(|option| (*option).to_owned()).collect();
        let mut redis = Redis {
            server: None,
            folder,
            port: 0,
            tls_port: None,
            certificate,
            options,
        };
        for _ in 0..10 {
            redis.port = ports::free();
            redis.tls_port = redis.certificate.is_some().then(ports::free);
            if redis.launch() {
                return redis;
            }
        }
        panic!("redis-server does not start: {}", redis.log());
    }

    /// The process id.
    pub fn id(&self) -> u32 {
        self.server.as_ref().expect("a running Redis").id()
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    /// `redis://127.0.0.1:port`
    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// `rediss://localhost:port`
    pub fn tls_url(&self) -> String {
        format!("rediss://localhost:{}", self.tls_port.expect("a server with TLS"))
    }

    /// The file of the authority that signed the server's certificate.
    pub fn authority_file(&self) -> &Path {
        &self.certificate.as_ref().expect("a server with TLS").authority
    }

    /// Ends the server at once, as a crash would.
    pub fn kill(&mut self) {
        self.server = None;
    }

    /// Starts it again on the same port, with what its options made it keep on disk.
    pub fn restart(&mut self) {
        self.kill();
        wait::until("redis-server on its old port", || self.launch().then_some(()));
    }

    /// What the server holds now, as its snapshot file.
    pub fn snapshot(&self) -> Vec<u8> {
        assert_eq!(self.cli(&["save"]), "OK");
        fs::read(self.folder.join("dump.rdb")).expect("the snapshot")
    }

    /// Crashes the server and starts it again on an earlier snapshot: everything since is forgotten.
    /// For one without append-only file.
    pub fn restore(&mut self, snapshot: &[u8]) {
        self.kill();
        fs::write(self.folder.join("dump.rdb"), snapshot).expect("the snapshot");
        self.restart();
    }

    /// Freezes the server: connections are still taken, nothing is answered.
    pub fn stop(&self) {
        self.server.as_ref().expect("a running Redis").signal("STOP");
    }

    /// Thaws it.
    pub fn cont(&self) {
        self.server.as_ref().expect("a running Redis").signal("CONT");
    }

    /// Runs `redis-cli` on this server and returns what it prints.
    pub fn cli(&self, arguments: &[&str]) -> String {
        cli(self.port, arguments)
    }

    /// What the server printed.
    pub fn log(&self) -> String {
        fs::read_to_string(self.folder.join("log")).unwrap_or_default()
    }

    /// Whether the server came up; it does not when somebody else took its port.
    fn launch(&mut self) -> bool {
        let folder = self.folder.display().to_string();
        let port = self.port.to_string();
        let mut arguments: Vec<String> = [
            "--port",
            &port,
            "--bind",
            "127.0.0.1",
            "--dir",
            &folder,
            "--save",
            "",
            "--maxmemory-policy",
        ]
        .map(str::to_owned)
        .to_vec();
        arguments.push("noeviction".to_owned());
        arguments.extend(self.tls_arguments());
        arguments.extend(self.options.iter().cloned());
        let mut server = Server::start("redis-server", &arguments, &self.folder.join("log"));
        let ready = wait::until("redis-server", || match server.has_ended() {
            Some(_) => Some(false),
            None => answers(self.port).then_some(true),
        });
        self.server = ready.then_some(server);
        ready
    }

    fn tls_arguments(&self) -> Vec<String> {
        let (Some(port), Some(files)) = (self.tls_port, &self.certificate) else {
            return Vec::new();
        };
        let pairs = [
            ("--tls-port", port.to_string()),
            ("--tls-cert-file", files.certificate.display().to_string()),
            ("--tls-key-file", files.key.display().to_string()),
            ("--tls-ca-cert-file", files.authority.display().to_string()),
            ("--tls-auth-clients", "no".to_owned()),
        ];
        pairs
            .into_iter()
            .flat_map(|(name, value)| [name.to_owned(), value])
            .collect()
    }
}

/// Runs `redis-cli` on a port and returns what it prints, without the last line feed.
pub fn cli(port: u16, arguments: &[&str]) -> String {
    let mut command = Command::new("redis-cli");
    let output = command
        .args(["-p", &port.to_string()])
        .args(arguments)
        .output()
        .expect("redis-cli");
    String::from_utf8_lossy(&output.stdout).trim_end().to_owned()
}

/// Whether a server on `port` answers a PING (or asks for a password) and has loaded its data.
pub fn answers(port: u16) -> bool {
    let ping = || -> std::io::Result<bool> {
        let mut stream = TcpStream::connect(("127.0.0.1", port))?;
        stream.set_read_timeout(Some(Duration::from_secs(5)))?;
        stream.write_all(b"PING\r\n")?;
        let mut answer = [0; 7];
        stream.read_exact(&mut answer)?;
        Ok(&answer == b"+PONG\r\n" || &answer == b"-NOAUTH")
    };
    ping().unwrap_or(false)
}
