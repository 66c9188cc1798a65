//! A Redis primary with one replica, watched by one Sentinel.

use std::fs;

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
        let primary = Redis::start(&[]);
        let port = primary.port().to_string();
        let replica = Redis::start(&["--replicaof", "127.0.0.1", &port]);
        let (sentinel, port) = watch(&primary);
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

    /// The port of the server that the Sentinel names as the primary now.
    pub fn primary_port(&self) -> Option<u16> {
        let answer = cli(self.port, &["sentinel", "get-master-addr-by-name", SERVICE]);
        answer.lines().nth(1)?.parse().ok()
    }
}

fn watch(primary: &Redis) -> (Server, u16) {
    let folder = folder("sentinel");
    for _ in 0..10 {
        let port = ports::free();
        let conf = folder.join("sentinel.conf");
        let text = format!(
            "port {port}\nbind 127.0.0.1\ndir {}\nsentinel monitor {SERVICE} 127.0.0.1 {} 1\n\
             sentinel down-after-milliseconds {SERVICE} 500\nsentinel failover-timeout {SERVICE} 5000\n",
            folder.display(),
            primary.port()
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
