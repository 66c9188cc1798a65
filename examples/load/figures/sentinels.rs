//! Redis as operators are told to run it: a primary and two replicas, watched by three Sentinels that agree
//! by two after two seconds, and a primary that stops writing without its replicas.

use std::fs;

use crate::support::child::{Server, folder};
use crate::support::redis::{Redis, answers, cli};
use crate::support::{ports, wait};

const NAME: &str = "mereau";

pub struct Sentinels {
    servers: Vec<Redis>,
    ports: Vec<u16>,
    _watchers: Vec<Server>,
}

impl Sentinels {
    pub fn start() -> Sentinels {
        let options = [
            "--appendonly",
            "yes",
            "--appendfsync",
            "everysec",
            "--min-replicas-to-write",
            "1",
            "--min-replicas-max-lag",
            "2",
            "--repl-diskless-sync-delay",
            "0",
        ];
        let primary = Redis::start(&options);
        let port = primary.port().to_string();
        let replica = || Redis::start(&[&["--replicaof", "127.0.0.1", &port][..], &options].concat());
        let servers = vec![replica(), replica(), primary];
        let (mut ports, mut watchers) = (Vec::new(), Vec::new());
        for _ in 0..3 {
            let (watcher, port) = watch(&servers[2]);
            watchers.push(watcher);
            ports.push(port);
        }
        let sentinels = Sentinels {
            servers,
            ports,
            _watchers: watchers,
        };
        sentinels.ready();
        sentinels
    }

    /// Waits until every Sentinel knows the others and both replicas.
    fn ready(&self) {
        for port in &self.ports {
            wait::until("the Sentinels to agree", || {
                let said = cli(*port, &["sentinel", "master", NAME]);
                let value = |name: &str| {
                    let mut lines = said.lines().skip_while(|line| *line != name);
                    lines.nth(1).map(str::to_owned)
                };
                let known = value("num-slaves").as_deref() == Some("2");
                (known && value("num-other-sentinels").as_deref() == Some("2")).then_some(())
            });
        }
        for replica in &self.servers[..2] {
            wait::until("the replicas to be in step", || {
                let linked = replica.cli(&["info", "replication"]);
                linked.contains("master_link_status:up").then_some(())
            });
        }
    }

    /// `redis-sentinel://…/mereau`
    pub fn url(&self) -> String {
        let hosts = self.ports.iter().map(|port| format!("127.0.0.1:{port}"));
        format!("redis-sentinel://{}/{NAME}", hosts.collect::<Vec<_>>().join(","))
    }

    /// The primary of the beginning dies.
    pub fn kill_primary(&mut self) {
        self.servers.pop();
    }
}

fn watch(primary: &Redis) -> (Server, u16) {
    let folder = folder("sentinel");
    for _ in 0..10 {
        let port = ports::free();
        let conf = folder.join("sentinel.conf");
        let text = format!(
            "port {port}\nbind 127.0.0.1\ndir {}\nsentinel monitor {NAME} 127.0.0.1 {} 2\n\
             sentinel down-after-milliseconds {NAME} 2000\nsentinel failover-timeout {NAME} 10000\n",
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
