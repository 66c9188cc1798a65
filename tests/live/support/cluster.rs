//! A Redis Cluster of three primaries without replicas.

use super::redis::Redis;
use super::{ports, wait};

pub struct Cluster {
    pub nodes: Vec<Redis>,
}

impl Cluster {
    /// Starts the nodes, gives each a third of the slots, and waits until all agree.
    pub fn start() -> Cluster {
        let nodes: Vec<Redis> = (0..3).map(|_| node()).collect();
        let ranges = [("0", "5460"), ("5461", "10922"), ("10923", "16383")];
        for (index, (node, (first, last))) in nodes.iter().zip(ranges).enumerate() {
            let epoch = (index + 1).to_string();
            assert_eq!(node.cli(&["cluster", "set-config-epoch", &epoch]), "OK");
            assert_eq!(node.cli(&["cluster", "addslotsrange", first, last]), "OK");
        }
        for node in &nodes[1..] {
            let bus = nodes[0].cli(&["config", "get", "cluster-port"]);
            let bus = bus.lines().nth(1).expect("the bus port").to_owned();
            let met = node.cli(&["cluster", "meet", "127.0.0.1", &nodes[0].port().to_string(), &bus]);
            assert_eq!(met, "OK");
        }
        for node in &nodes {
            wait::until("the cluster to agree", || {
                let info = node.cli(&["cluster", "info"]);
                (info.contains("cluster_state:ok") && info.contains("cluster_known_nodes:3")).then_some(())
            });
        }
        Cluster { nodes }
    }

    /// `127.0.0.1:port` of each node.
    pub fn addresses(&self) -> Vec<String> {
        self.nodes
            .iter()
            .map(|node| format!("127.0.0.1:{}", node.port()))
            .collect()
    }
}

fn node() -> Redis {
    // The default bus port is the port + 10000, which a free port may not leave room for.
    let bus = ports::free().to_string();
    Redis::start(&[
        "--cluster-enabled",
        "yes",
        "--cluster-port",
        &bus,
        "--cluster-node-timeout",
        "2000",
    ])
}
