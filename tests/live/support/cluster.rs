//! A Redis Cluster of three primaries, with or without a replica each.

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
            meet(node, &nodes[0]);
        }
        for node in &nodes {
            wait::until("the cluster to agree", || {
                let info = node.cli(&["cluster", "info"]);
                (info.contains("cluster_state:ok") && info.contains("cluster_known_nodes:3")).then_some(())
            });
        }
        Cluster { nodes }
    }

    /// The same with a replica for each primary, behind the three.
    pub fn start_with_replicas() -> Cluster {
        let mut cluster = Cluster::start();
        let replicas: Vec<Redis> = (0..3).map(|_| node()).collect();
        for (replica, primary) in replicas.iter().zip(&cluster.nodes) {
            meet(replica, primary);
            let id = primary.cli(&["cluster", "myid"]);
            wait::until("the replica to know its primary", || {
                (replica.cli(&["cluster", "replicate", &id]) == "OK").then_some(())
            });
        }
        cluster.nodes.extend(replicas);
        for node in &cluster.nodes {
            wait::until("the cluster to agree", || {
                let (info, all) = (node.cli(&["cluster", "info"]), node.cli(&["cluster", "nodes"]));
                let known = info.contains("cluster_state:ok") && info.contains("cluster_known_nodes:6");
                let follow = all.lines().filter(|line| line.contains("slave")).count() == 3;
                (known && follow).then_some(())
            });
        }
        for replica in &cluster.nodes[3..] {
            wait::until("the replica to be in step", || {
                let info = replica.cli(&["info", "replication"]);
                info.contains("master_link_status:up").then_some(())
            });
        }
        cluster
    }

    /// `127.0.0.1:port` of each node.
    pub fn addresses(&self) -> Vec<String> {
        self.nodes
            .iter()
            .map(|node| format!("127.0.0.1:{}", node.port()))
            .collect()
    }
}

fn meet(node: &Redis, other: &Redis) {
    let bus = other.cli(&["config", "get", "cluster-port"]);
    let bus = bus.lines().nth(1).expect("the bus port").to_owned();
    let met = node.cli(&["cluster", "meet", "127.0.0.1", &other.port().to_string(), &bus]);
    assert_eq!(met, "OK");
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
