//! The ticket store's contract on a single Redis, behind Sentinel, and on a Cluster.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use async_trait::async_trait;
use mereau::base::clock::{Clock, SystemClock, Timestamp, millis};
use mereau::base::entropy::OsEntropy;
use mereau::base::keys::KeyRing;
use mereau::protocol::ticket_id::TicketKind;
use mereau::tickets::limits::VISITS_WITHIN;
use mereau::tickets::redis::{RedisOptions, RedisSettings, RedisStore};
use mereau::tickets::{
    Budgets, Challenges, Farewells, Granted, Marks, Nodes, ProxyTickets, Requests, ResetTickets,
    SESSION_FORM, Taken, Throttle, TicketStore, UpstreamSessions,
};

use crate::support::cluster::Cluster;
use crate::support::redis::{Redis, cli};
use crate::support::sentinel::{SERVICE, Sentinel};
use crate::tickets::{
    self, Place, budgets, challenges, epochs, farewells, indexed, mints, model, nodes, proxy, queue, reset,
    throttle, upstream, visits,
};
use proptest::prelude::{ProptestConfig, proptest};

/// A store of its own on a server that tests share: no two have the same epoch.
pub struct OnRedis {
    pub store: Arc<RedisStore>,
    pub keys: KeyRing,
    pub epoch: u32,
    /// The servers that hold keys.
    pub ports: Vec<u16>,
}

impl OnRedis {
    /// Patient with an answer, since the contract is not about how soon it comes on a loaded machine; not with a
    /// Redis that is away.
    pub fn at(url: &str, ports: Vec<u16>) -> OnRedis {
        let options = RedisOptions {
            read_deadline: Duration::from_secs(30),
            write_deadline: Duration::from_secs(30),
            patience: Duration::ZERO,
            ..RedisOptions::at(url)
        };
        OnRedis::strictly(options, ports)
    }

    /// With the deadlines that `options` say.
    pub fn strictly(mut options: RedisOptions, ports: Vec<u16>) -> OnRedis {
        static EPOCH: AtomicU32 = AtomicU32::new(1);
        options.epoch = EPOCH.fetch_add(1, Ordering::Relaxed);
        let keys = KeyRing::ephemeral(&OsEntropy);
        OnRedis {
            epoch: options.epoch,
            store: Arc::new(store(options, &keys)),
            keys,
            ports,
        }
    }

    /// Another node on the same keys, as patient as the first.
    pub fn again_patiently(&self, url: &str) -> OnRedis {
        let options = RedisOptions {
            read_deadline: Duration::from_secs(30),
            write_deadline: Duration::from_secs(30),
            patience: Duration::ZERO,
            ..RedisOptions::at(url)
        };
        OnRedis {
            store: Arc::new(self.again(options)),
            keys: self.keys.clone(),
            epoch: self.epoch,
            ports: self.ports.clone(),
        }
    }

    /// Has it write sessions as among nodes that read this form.
    fn among(self, session_form: u8) -> OnRedis {
        self.store.all_read(session_form);
        self
    }

    /// Brings everything nearer to its expiry by milliseconds, or away from it.
    fn shift(&self, span: &str) {
        let head = format!("{}v1:", self.epoch);
        for port in &self.ports {
            assert_eq!(cli(*port, &["eval", PASS, "0", &head, span]), "passed");
        }
    }

    /// Another node on the same keys.
    pub fn again(&self, options: RedisOptions) -> RedisStore {
        let epoch = self.epoch;
        store(RedisOptions { epoch, ..options }, &self.keys)
    }
}

fn store(options: RedisOptions, keys: &KeyRing) -> RedisStore {
    let settings = RedisSettings::new(options).expect("good settings");
    RedisStore::new(settings, keys.clone()).expect("a store")
}

/// Brings the expiry of every key of an epoch nearer, and the times that scripts compare with the
/// server's; refuses to find a key that never expires.
const PASS: &str = "
    local span = tonumber(ARGV[2])
    local function earlier(name)
        local kind, type = name:sub(#ARGV[1] + 1, #ARGV[1] + 1), redis.call('TYPE', name).ok
        if kind == 'r' and type == 'hash' then
            for _, field in ipairs({ 'i', 'x', 'u' }) do
                local time = redis.call('HGET', name, field)
                if time then redis.call('HSET', name, field, time - span) end
            end
        elseif kind == 'r' then
            local at = struct.unpack('>I8', redis.call('GET', name), 3)
            redis.call('SETRANGE', name, 2, struct.pack('>I8', at - span))
        elseif type == 'zset' and (kind == 'i' or kind == 'q' or kind == 'j' or kind == 'u') then
            for _, member in ipairs(redis.call('ZRANGE', name, 0, -1)) do
                redis.call('ZINCRBY', name, -span, member)
            end
        elseif kind == 'b' then
            local value = redis.call('GET', name)
            for at = 14, #value, 20 do
                local ends = struct.unpack('>I8', value, at)
                redis.call('SETRANGE', name, at - 1, struct.pack('>I8', ends - span))
            end
        end
    end
    for _, name in ipairs(redis.call('KEYS', ARGV[1] .. '*')) do
        local left = redis.call('PTTL', name)
        if left == -1 then
            return 'never expires: ' .. name
        elseif left <= span then
            redis.call('DEL', name)
        else
            earlier(name)
            redis.call('PEXPIRE', name, left - span)
        end
    end
    return 'passed'";

const HELD: &str = "return #redis.call('KEYS', ARGV[1] .. '*')";

#[async_trait]
impl Place for OnRedis {
    fn tickets(&self) -> Arc<dyn TicketStore> {
        self.store.clone()
    }

    fn throttle(&self) -> Arc<dyn Throttle> {
        self.store.clone()
    }

    fn proxies(&self) -> Arc<dyn ProxyTickets> {
        self.store.clone()
    }

    fn upstreams(&self) -> Arc<dyn UpstreamSessions> {
        self.store.clone()
    }

    fn resets(&self) -> Arc<dyn ResetTickets> {
        self.store.clone()
    }

    fn requests(&self) -> Arc<dyn Requests> {
        self.store.clone()
    }

    fn farewells(&self) -> Arc<dyn Farewells> {
        self.store.clone()
    }

    fn budgets(&self) -> Arc<dyn Budgets> {
        self.store.clone()
    }

    fn marks(&self) -> Arc<dyn Marks> {
        self.store.clone()
    }

    fn nodes(&self) -> Arc<dyn Nodes> {
        self.store.clone()
    }

    fn challenges(&self) -> Arc<dyn Challenges> {
        self.store.clone()
    }

    fn keys(&self) -> KeyRing {
        self.keys.clone()
    }

    fn now(&self) -> Timestamp {
        SystemClock.now()
    }

    async fn pass(&self, span: Duration) {
        self.shift(&millis(span).to_string());
    }

    async fn back(&self, span: Duration) {
        self.shift(&format!("-{}", millis(span)));
    }

    async fn held(&self) -> Option<usize> {
        let head = format!("{}v1:", self.epoch);
        let counts = self
            .ports
            .iter()
            .map(|port| cli(*port, &["eval", HELD, "0", &head]));
        Some(counts.map(|count| count.trim().parse::<usize>().unwrap()).sum())
    }

    async fn moment(&self) {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

mod single {
    use super::*;

    fn place() -> OnRedis {
        static SERVER: LazyLock<Redis> = LazyLock::new(|| Redis::start(&[]));
        OnRedis::at(&SERVER.url(), vec![SERVER.port()]).among(SESSION_FORM)
    }

    crate::contract!(place());

    const SESSIONS: &str = "return #redis.call('KEYS', ARGV[1] .. 't:*')";

    /// Keys of sessions and what lies beside them.
    fn kept(place: &OnRedis) -> String {
        let head = format!("{}v1:", place.epoch);
        cli(place.ports[0], &["eval", SESSIONS, "0", &head])
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_session_has_its_visits_within_and_an_older_node_adds_to_them() {
        // F-32, CAS-113
        let redis = Redis::start(&[]);
        let place = OnRedis::at(&redis.url(), vec![redis.port()]).among(SESSION_FORM);
        let older = tickets::World::on(place.again_patiently(&redis.url()));
        let other = place.again_patiently(&redis.url());
        let here = tickets::World::on(place);
        let anne = tickets::anne();

        let before = older.open(&anne).await;
        let mut beside = Vec::new();
        for number in 0..60 {
            let url = format!("https://before.example/{number}");
            beside.push(visits::visits(&here, &before, "before", &url).await);
        }
        assert_eq!(
            kept(&other),
            "2",
            "what an older node opened has its visits beside it"
        );
        assert_eq!(here.end(&before).await.unwrap().visits, beside);

        let tgt = here.open(&anne).await;
        let mut within = Vec::new();
        for number in 0..VISITS_WITHIN {
            let url = format!("https://notes.example/{number}");
            within.push(visits::visits(&here, &tgt, "notes", &url).await);
        }
        assert_eq!(kept(&other), "1", "of this version has them within");
        // An older node knows of the list alone.
        older.tickets().inherit(&tgt, &beside).await.unwrap();
        assert_eq!(kept(&other), "2");
        for number in 8..60 {
            let url = format!("https://notes.example/{number}");
            within.push(visits::visits(&here, &tgt, "notes", &url).await);
        }
        let last: Vec<_> = [&beside[20..], &within[..]].concat();
        let seen = older.tickets().connections(&anne).await.unwrap().listed;
        assert_eq!(seen[0].visits, last);
        assert_eq!(here.end(&tgt).await.unwrap().visits, last);
        assert_eq!(kept(&other), "0");
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_session_that_ended_on_one_node_is_over_on_both() {
        // CAS-333, CAS-113
        let redis = Redis::start(&[]);
        let place = OnRedis::at(&redis.url(), vec![]);
        let elsewhere = place.again_patiently(&redis.url());
        let (here, there) = (tickets::World::on(place), tickets::World::on(elsewhere));
        let anne = tickets::anne();
        let tgt = here.open(&anne).await;
        let waiting = there.grant(&tgt, &anne, tickets::APP).await;
        assert!(there.view(&tgt).await.is_some());
        assert!(there.end(&tgt).await.is_some());
        for node in [&here, &there] {
            assert!(node.view(&tgt).await.is_none());
            let fresh = node.mint(TicketKind::Service, &anne);
            assert_eq!(
                node.try_grant(&tgt, &fresh, tickets::APP).await,
                Granted::NoSession
            );
            assert!(matches!(node.take(&waiting, tickets::APP).await, Taken::Unknown));
        }
    }

    #[test]
    fn random_sequences_agree_with_the_simplest_store() {
        // CAS-105, CAS-113, F-06
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let config = ProptestConfig {
            cases: 200,
            failure_persistence: None,
            ..ProptestConfig::default()
        };
        proptest!(config, |(ops in model::sequences(false))| {
            runtime.block_on(async { model::compare(&tickets::World::on(place()), &ops).await });
        });
    }
}

/// Under the access list that operators are given.
mod listed {
    use super::*;
    use mereau::base::secret::Secret;

    fn place() -> OnRedis {
        const LIST: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/conf/redis-user.conf");
        static SERVER: LazyLock<Redis> = LazyLock::new(|| Redis::start(&["--include", LIST]));
        let options = RedisOptions {
            username: Some("mereau".to_owned()),
            password: Some(Secret::new("change-this-password".to_owned())),
            read_deadline: Duration::from_secs(30),
            write_deadline: Duration::from_secs(30),
            ..RedisOptions::at(&SERVER.url())
        };
        OnRedis::strictly(options, vec![SERVER.port()])
    }

    crate::contract!(place());

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn the_access_list_lets_doctor_look_and_nobody_browse() {
        // SEC-27
        let place = place();
        let facts = place.store.facts(&SystemClock).await.unwrap();
        assert_eq!(facts[0].maxmemory_policy, "noeviction");
        assert!(facts[0].appendfsync.is_some(), "settings are readable");
        assert!(!facts[0].unlimited, "it may do what it has to and no more");
        let user = [
            "--user",
            "mereau",
            "--pass",
            "change-this-password",
            "--no-auth-warning",
        ];
        for refused in [
            &["keys", "*"][..],
            &["flushall"],
            &["scan", "0"],
            &["config", "set", "maxmemory", "1"],
            &["get", "somebody:else"],
            &["acl", "list"],
        ] {
            let said = cli(place.ports[0], &[&user[..], refused].concat());
            assert!(said.contains("NOPERM"), "{refused:?}: {said}");
        }
    }
}

mod sentinel {
    use super::*;

    fn place() -> OnRedis {
        static SERVERS: LazyLock<Sentinel> = LazyLock::new(Sentinel::start);
        let url = format!("redis-sentinel://127.0.0.1:{}/{SERVICE}", SERVERS.port());
        OnRedis::at(&url, vec![SERVERS.primary.port()])
    }

    crate::contract!(place());
}

mod cluster {
    use super::*;

    fn place() -> OnRedis {
        static SERVERS: LazyLock<Cluster> = LazyLock::new(Cluster::start);
        let url = format!("redis-cluster://{}", SERVERS.addresses().join(","));
        OnRedis::at(&url, SERVERS.nodes.iter().map(Redis::port).collect()).among(SESSION_FORM)
    }

    crate::contract!(place());
}
