//! A Redis primary with two replicas, watched by three Sentinels, as an institution would run them.

use std::time::Duration;

use super::child::Server;
use super::redis::{Redis, cli};
use super::sentinel::{SERVICE, watch};
use super::wait;

/// What reliability §4.5 wants of servers that hold tickets.
const DURABLE: [&str; 8] = [
    "--appendonly",
    "yes",
    "--appendfsync",
    "everysec",
    "--min-replicas-to-write",
    "1",
    "--min-replicas-max-lag",
    "2",
];

pub struct Trio {
    pub servers: Vec<Redis>,
    sentinels: Vec<(Server, u16)>,
}

impl Trio {
    /// Starts the six and waits until all know each other.
    pub fn start() -> Trio {
        let primary = Redis::start(&DURABLE);
        let port = primary.port().to_string();
        let mut servers = vec![primary];
        for _ in 0..2 {
            servers.push(Redis::start(
                &[&DURABLE[..], &["--replicaof", "127.0.0.1", &port]].concat(),
            ));
        }
        let (down_after, failover) = (Duration::from_secs(2), Duration::from_secs(6));
        let sentinel = |_| watch(servers[0].port(), 2, down_after, failover);
        let sentinels = (0..3).map(sentinel).collect();
        let trio = Trio { servers, sentinels };
        wait::until("all to know each other", || {
            let info = trio.servers[0].cli(&["info", "replication"]);
            let follow = info.matches("state=online").count() == 2;
            let see = trio.sentinels.iter().all(|(_, port)| {
                let told = cli(*port, &["sentinel", "master", SERVICE]);
                let number = |name: &str| {
                    let mut lines = told.lines().skip_while(|line| *line != name);
                    lines.nth(1).map(str::to_owned).unwrap_or_default()
                };
                number("num-slaves") == "2" && number("num-other-sentinels") == "2"
            });
            (follow && see).then_some(())
        });
        trio
    }

    /// `redis-sentinel://…` with all three.
    pub fn url(&self) -> String {
        let all = self.sentinels.iter().map(|(_, port)| format!("127.0.0.1:{port}"));
        format!("redis-sentinel://{}/{SERVICE}", all.collect::<Vec<_>>().join(","))
    }

    /// The server that the first Sentinel names.
    pub fn primary(&mut self) -> &mut Redis {
        let (_, sentinel) = &self.sentinels[0];
        let named = cli(*sentinel, &["sentinel", "get-master-addr-by-name", SERVICE]);
        let port = named.lines().nth(1).and_then(|text| text.parse().ok());
        let found = self.servers.iter_mut().find(|server| Some(server.port()) == port);
        found.expect("one of ours")
    }
}
