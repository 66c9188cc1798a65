//! A Redis primary with one replica, watched by one Sentinel.

use std::fs;
use std::time::Duration;

use super::child::{Server, folder};
use super::redis::{Redis, answers, cli};
use super::{ports, wait};

/// The name the Sentinel knows the primary by.
pub const SERVICE: &str = "mereau";

pub struct Sentinel {
    pub primary: Redis,
    pub replica: Redis,
    port: u16,
    _sentinel: Server,
}

impl Sentinel {
    /// Starts the three and waits until the Sentinel has seen the replica in step.
    pub fn start() -> Sentinel {
        Sentinel::start_with(&[], Duration::from_secs(5))
    }

    /// The same with more `options` for both servers, and a Sentinel that leaves a replica which
    /// strays alone for `patience`, and tries a failed failover again after twice that.
    pub fn start_with(options: &[&str], patience: Duration) -> Sentinel {
        let primary = Redis::start(options);
        let port = primary.port().to_string();
        let replica = Redis::start(&[&["--replicaof", "127.0.0.1", &port], options].concat());
        let (sentinel, port) = watch(primary.port(), 1, Duration::from_millis(500), patience);
        let sentinel = Sentinel {
            primary,
            replica,
            port,
            _sentinel: sentinel,
        };
        wait::until("the replica to be in step", || {
            let seen = cli(sentinel.port, &["sentinel", "replicas", SERVICE]);
            let linked = sentinel
                .replica
                .cli(&["info", "replication"])
                .contains("master_link_status:up");
            (linked && seen.contains(&sentinel.replica.port().to_string())).then_some(())
        });
        sentinel
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    /// `redis-sentinel://127.0.0.1:port/mereau`
    pub fn url(&self) -> String {
        format!("redis-sentinel://127.0.0.1:{}/{SERVICE}", self.port)
    }

    /// Makes the Sentinel forget the old primary and name the replica: it does not turn the old one into
    /// a replica when it comes back.
    pub fn forget_primary(&self) {
        assert_eq!(cli(self.port, &["sentinel", "remove", SERVICE]), "OK");
        let port = self.replica.port().to_string();
        let monitored = cli(
            self.port,
            &["sentinel", "monitor", SERVICE, "127.0.0.1", &port, "1"],
        );
        assert_eq!(monitored, "OK");
    }

    /// The port of the server that the Sentinel names as the primary now.
    pub fn primary_port(&self) -> Option<u16> {
        let answer = cli(self.port, &["sentinel", "get-master-addr-by-name", SERVICE]);
        answer.lines().nth(1)?.parse().ok()
    }
}

/// A Sentinel that asks for `quorum` voices.
pub fn watch(primary: u16, quorum: u32, down_after: Duration, failover: Duration) -> (Server, u16) {
    let folder = folder("sentinel");
    for _ in 0..10 {
        let port = ports::free();
        let conf = folder.join("sentinel.conf");
        let text = format!(
            "port {port}\nbind 127.0.0.1\ndir {}\nsentinel monitor {SERVICE} 127.0.0.1 {primary} {quorum}\n\
             sentinel down-after-milliseconds {SERVICE} {}\nsentinel failover-timeout {SERVICE} {}\n",
            folder.display(),
            down_after.as_millis(),
            failover.as_millis()
        );
        fs::write(&conf, text).expect("sentinel.conf");
        let arguments = [conf.display().to_string(), "--sentinel".to_owned()];
        let mut server = Server::start("redis-server", &arguments, &folder.join("log"));
        let ready = wait::until("the Sentinel", || match server.has_ended() {
            Some(_) => Some(false),
            None => answers(port).then_some(true),
        });
        if ready {
            return (server, port);
        }
    }
    panic!("the Sentinel does not start, see {}", folder.display());
}
