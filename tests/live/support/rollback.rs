//! A Redis that forgets what it acknowledged, at the moment a test chooses: by a failover to a replica
//! that was cut off, or by two primaries at a time. What was spent meanwhile is there again. (For a
//! restore, see [`super::redis::Redis::restore`].)

use std::time::Duration;

use super::redis::{Redis, answers};
use super::sentinel::Sentinel;
use super::wait;

/// Longer than a test takes between cutting a replica off and promoting it.
const HANDS_OFF: Duration = Duration::from_secs(20);

/// A primary, its replica and their Sentinel. What happens between [`Rollback::cut`] and
/// [`Rollback::fail_over`] is acknowledged and then forgotten.
pub struct Rollback {
    servers: Sentinel,
}

impl Rollback {
    pub fn start() -> Rollback {
        Rollback::start_with(&[])
    }

    /// With more options for both servers.
    pub fn start_with(options: &[&str]) -> Rollback {
        Rollback {
            servers: Sentinel::start_with(options, HANDS_OFF),
        }
    }

    /// The address by way of the Sentinel: always the server that is the primary by its word.
    pub fn url(&self) -> String {
        self.servers.url()
    }

    pub fn primary(&self) -> &Redis {
        &self.servers.primary
    }

    pub fn replica(&self) -> &Redis {
        &self.servers.replica
    }

    /// Waits until the replica has everything the primary has acknowledged.
    pub fn in_step(&self) {
        wait::until("the replica to be in step", || {
            let written = number(&self.servers.primary, "master_repl_offset");
            (number(&self.servers.replica, "master_repl_offset") >= written).then_some(())
        });
    }

    /// From now on the replica learns nothing; it had everything until now.
    pub fn cut(&self) {
        self.in_step();
        // A closed port: the replica keeps what it has and looks for its primary in vain.
        assert_eq!(self.servers.replica.cli(&["replicaof", "127.0.0.1", "1"]), "OK");
        wait::until("the replica to be cut off", || {
            (number(&self.servers.primary, "connected_slaves") == 0).then_some(())
        });
    }

    /// The primary dies, the replica is made the primary, and the Sentinel names it. By hand, as an
    /// operator would: when a Sentinel dares to take a replica that was cut off depends on its clock.
    pub fn fail_over(&mut self) {
        self.servers.primary.kill();
        assert_eq!(self.servers.replica.cli(&["replicaof", "no", "one"]), "OK");
        self.servers.forget_primary();
        self.promoted();
    }

    /// The primary freezes, the Sentinel makes the replica the primary and forgets the old one, which
    /// wakes up and knows nothing of it. Answers the old one's own address: two primaries at a time.
    pub fn split(&self) -> String {
        self.freeze();
        self.wake();
        self.servers.primary.url()
    }

    /// The first half of a [`Rollback::split`]: the old primary still sleeps.
    pub fn freeze(&self) {
        self.in_step();
        self.servers.primary.stop();
        self.promoted();
        self.servers.forget_primary();
    }

    /// The old primary wakes up.
    pub fn wake(&self) {
        self.servers.primary.cont();
    }

    /// Waits until the old primary of a [`Rollback::split`] has seen that it has no replica any more.
    pub fn alone(&self) {
        wait::until("the old primary to know it is alone", || {
            let primary = &self.servers.primary;
            let known = answers(primary.port()) && number(primary, "connected_slaves") == 0;
            known.then_some(())
        });
    }

    fn promoted(&self) {
        let replica = &self.servers.replica;
        wait::until("the replica to take over", || {
            let named = self.servers.primary_port() == Some(replica.port());
            (named && replica.cli(&["role"]).starts_with("master")).then_some(())
        });
    }
}

/// A number of `INFO replication`; 0 where it is missing.
fn number(redis: &Redis, name: &str) -> u64 {
    let info = redis.cli(&["info", "replication"]);
    let line = info
        .lines()
        .find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
    line.and_then(|text| text.trim().parse().ok()).unwrap_or(0)
}
