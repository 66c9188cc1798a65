//! What a Redis server says about itself, and what of it endangers sessions: looked at by `doctor`,
//! at the start, and every minute.

use std::collections::HashMap;
use std::time::Duration;

use redis::{Cmd, RedisError, Value};
use tokio::time::timeout;

use super::codes;
use super::line::Connection;
use super::settings::{Place, RedisSettings, Strictness};
use super::store::RedisStore;
use crate::base::clock::{Clock, Timestamp, millis};
use crate::base::findings::Code;
use crate::tickets::{CounterKey, StoreError, Throttle};

/// The oldest Redis whose scripts may read the time and write.
const OLDEST: (u32, u32) = (6, 2);

/// The spread between our clock and the server's that is worth a word (F-25).
const SKEW: Duration = Duration::from_secs(2);

/// The longest silence of a replica that still counts as present, in seconds (F-03).
const LAG: u64 = 2;

/// One server that holds keys. What the access list hides is `None`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RedisFacts {
    /// Its address in a Cluster, empty otherwise.
    pub node: String,
    pub version: String,
    /// `master` or `slave`, in Redis's words.
    pub role: String,
    pub replicas: u64,
    /// Bytes; 0 for no bound.
    pub maxmemory: u64,
    pub maxmemory_policy: String,
    pub appendonly: bool,
    pub appendfsync: Option<String>,
    pub min_replicas_to_write: Option<u64>,
    pub min_replicas_max_lag: Option<u64>,
    /// Whether our user may do what no ticket store needs: `ACL WHOAMI`, which conf/redis-user.conf leaves out,
    /// is a sign that nothing is withheld.
    pub unlimited: bool,
    /// How far its clock is from ours, in milliseconds.
    pub clock_skew: u64,
}

/// Something the operator should know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    pub code: Code,
    /// Never [`Strictness::Ignore`].
    pub strictness: Strictness,
    /// What is wrong, what it leads to, and what to write.
    pub text: String,
}

impl RedisStore {
    /// Asks each server that holds keys, and runs a script to see that it may.
    pub async fn facts(&self, clock: &dyn Clock) -> Result<Vec<RedisFacts>, StoreError> {
        self.network(&CounterKey([0; 16])).await?;
        let info = self.each(redis::cmd("INFO")).await?;
        let times = self.each(redis::cmd("TIME")).await?;
        let now = clock.now();
        let fsync = self.configured("appendfsync").await?;
        let replicas = self.configured("min-replicas-to-write").await?;
        let lag = self.configured("min-replicas-max-lag").await?;
        let unlimited = self.is_unlimited().await?;
        let numbers = |found: &HashMap<String, String>, node: &str| found.get(node)?.parse().ok();
        Ok(info
            .into_iter()
            .map(|(node, text)| {
                let time = times.iter().find(|(other, _)| *other == node);
                let told = Told::of(&text);
                RedisFacts {
                    version: told.word("redis_version"),
                    role: told.word("role"),
                    replicas: told.number("connected_slaves"),
                    maxmemory: told.number("maxmemory"),
                    maxmemory_policy: told.word("maxmemory_policy"),
                    appendonly: told.number("aof_enabled") == 1,
                    appendfsync: fsync.get(&node).cloned(),
                    min_replicas_to_write: numbers(&replicas, &node),
                    min_replicas_max_lag: numbers(&lag, &node),
                    unlimited,
                    clock_skew: time.and_then(|(_, time)| skew(time, now)).unwrap_or_default(),
                    node,
                }
            })
            .collect())
    }

    /// What is wrong with the servers under these settings.
    pub fn findings(&self, facts: &[RedisFacts]) -> Vec<Finding> {
        let mut findings: Vec<Finding> = facts
            .iter()
            .flat_map(|server| server.findings(&self.settings))
            .collect();
        findings.extend(unprotected(&self.settings));
        findings.extend(self.behind());
        findings
    }

    /// A restore of Redis would take this server back to where it should never be again (F-07).
    fn behind(&self) -> Option<Finding> {
        let now = self.epoch();
        self.is_behind().then(|| Finding {
            code: codes::REDIS_EPOCH_BEHIND,
            strictness: Strictness::Warn,
            text: format!(
                "Redis is at epoch {now} and this server is configured with {}: after a restore of Redis it would \
                 take old tickets for good; copy the file of the epoch from the node where it was raised, or write \
                 “epoch = {now}”",
                self.settings.options.epoch
            ),
        })
    }

    /// Whether any server that holds keys has a replica; `None` when nobody says.
    pub(super) async fn replicated(&self) -> Option<bool> {
        let mut command = redis::cmd("INFO");
        command.arg("replication");
        let info = self.each(command).await.ok()?;
        let replicas = info
            .iter()
            .map(|(_, text)| Told::of(text).number("connected_slaves"));
        Some(replicas.sum::<u64>() > 0)
    }

    /// Whether the access list lets us do more than a ticket store has to.
    async fn is_unlimited(&self) -> Result<bool, StoreError> {
        let mut command = redis::cmd("ACL");
        command.arg("WHOAMI");
        match self.each(command).await {
            Ok(_) => Ok(true),
            Err(StoreError::Answered { .. }) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// A parameter of each server; empty where the access list hides it.
    pub(super) async fn configured(&self, name: &str) -> Result<HashMap<String, String>, StoreError> {
        let mut command = redis::cmd("CONFIG");
        command.arg("GET").arg(name);
        let answers = match self.each(command).await {
            Ok(answers) => answers,
            Err(StoreError::Answered { .. }) => return Ok(HashMap::new()),
            Err(error) => return Err(error),
        };
        let values = answers.into_iter().filter_map(|(node, answer)| {
            let mut pairs: HashMap<String, String> = redis::from_redis_value(answer).ok()?;
            Some((node, pairs.remove(name)?))
        });
        Ok(values.collect())
    }

    /// Sends a command to every server that holds keys; answers come with the node's address.
    pub(super) async fn each(&self, command: Cmd) -> Result<Vec<(String, Value)>, StoreError> {
        let deadline = self.settings.options.write_deadline;
        let asked = async {
            let (connection, _) = self.line.connection().await?;
            everywhere(connection, command)
                .await
                .map_err(|error| StoreError::Answered {
                    operation: "facts",
                    text: error.to_string(),
                })
        };
        timeout(deadline, asked).await.unwrap_or_else(|_| {
            Err(StoreError::TimedOut {
                operation: "facts",
                milliseconds: millis(deadline),
            })
        })
    }
}

async fn everywhere(connection: Connection, command: Cmd) -> Result<Vec<(String, Value)>, RedisError> {
    match connection {
        Connection::Server(connection) => {
            let answer = connection.ask(&command).await?;
            Ok(vec![(String::new(), answer.extract_error()?)])
        }
        #[cfg(feature = "redis-cluster")]
        Connection::Cluster(mut connection) => {
            use redis::cluster_routing::{MultipleNodeRoutingInfo, RoutingInfo};
            let all = RoutingInfo::MultiNode((MultipleNodeRoutingInfo::AllMasters, None));
            match connection.route_command(command, all).await?.extract_error()? {
                Value::Map(pairs) => pairs
                    .into_iter()
                    .map(|(node, answer)| Ok((redis::from_redis_value(node)?, answer)))
                    .collect(),
                answer => Ok(vec![(String::new(), answer)]),
            }
        }
    }
}

impl RedisFacts {
    pub fn findings(&self, settings: &RedisSettings) -> Vec<Finding> {
        let options = &settings.options;
        let found = [
            (codes::REDIS_TOO_OLD, Strictness::Refuse, self.too_old()),
            (codes::REDIS_REPLICA, Strictness::Refuse, self.no_primary()),
            (codes::REDIS_EVICTS, options.eviction, self.evicts()),
            (codes::REDIS_FORGETS, options.persistence, self.forgets()),
            (
                codes::REDIS_WRITES_ALONE,
                options.replication,
                self.writes_alone(),
            ),
            (codes::REDIS_USER_WIDE, options.exposure, self.may_everything()),
            (codes::REDIS_CLOCK, Strictness::Warn, self.skewed()),
        ];
        told_of(&self.node, found).collect()
    }

    fn too_old(&self) -> Option<String> {
        let mut parts = self.version.split('.').map(|part| part.parse().unwrap_or(0));
        let version = (parts.next().unwrap_or(0), parts.next().unwrap_or(0));
        (version < OLDEST).then(|| {
            let (major, minor) = OLDEST;
            format!(
                "is of version “{}”: the scripts need {major}.{minor} or newer",
                self.version
            )
        })
    }

    fn no_primary(&self) -> Option<String> {
        (self.role != "master")
            .then(|| "is a replica and takes no sessions: give the primary's address".to_owned())
    }

    fn evicts(&self) -> Option<String> {
        (self.maxmemory_policy != "noeviction").then(|| {
            format!(
                "has maxmemory-policy {}: when its memory is full it throws sessions away and lets spent \
                 tickets come back; write “maxmemory-policy noeviction”",
                self.maxmemory_policy
            )
        })
    }

    fn forgets(&self) -> Option<String> {
        if !self.appendonly {
            let text = "keeps no append-only file: after a restart sessions are lost and spent tickets come \
                        back; write “appendonly yes” and “appendfsync everysec”";
            return Some(text.to_owned());
        }
        (self.appendfsync.as_deref() == Some("no")).then(|| {
            "flushes its append-only file only when the system likes; write “appendfsync everysec”".to_owned()
        })
    }

    fn writes_alone(&self) -> Option<String> {
        let alone = self.min_replicas_to_write == Some(0);
        let patient = self.min_replicas_max_lag.is_some_and(|lag| lag > LAG || lag == 0);
        (self.replicas > 0 && (alone || patient)).then(|| {
            format!(
                "goes on alone when it is cut off from its replicas, so a ticket may be spent twice; write \
                 “min-replicas-to-write 1” and “min-replicas-max-lag {LAG}”"
            )
        })
    }

    fn may_everything(&self) -> Option<String> {
        self.unlimited.then(|| {
            "lets this server's user do everything, list and erase what is not ours too; include \
             conf/redis-user.conf and name its user (tickets.username)"
                .to_owned()
        })
    }

    fn skewed(&self) -> Option<String> {
        (u128::from(self.clock_skew) > SKEW.as_millis()).then(|| {
            format!(
                "has a clock {:.1} s away from this machine's: let both follow NTP",
                Duration::from_millis(self.clock_skew).as_secs_f64()
            )
        })
    }
}

/// What is wrong with a server, as findings that name it; what the operator ignores is none.
pub(super) fn told_of(
    node: &str,
    found: impl IntoIterator<Item = (Code, Strictness, Option<String>)>,
) -> impl Iterator<Item = Finding> {
    let named = match node {
        "" => "Redis ".to_owned(),
        node => format!("Redis at {node} "),
    };
    let heeded = found
        .into_iter()
        .filter(|(_, strictness, _)| *strictness != Strictness::Ignore);
    heeded.filter_map(move |(code, strictness, text)| {
        let text = format!("{named}{}", text?);
        Some(Finding {
            code,
            strictness,
            text,
        })
    })
}

/// Traffic that others could read.
fn unprotected(settings: &RedisSettings) -> Option<Finding> {
    let nodes = match &settings.place {
        _ if settings.tls => return None,
        Place::Socket(_) => return None,
        Place::Single(node) => std::slice::from_ref(node),
        Place::Sentinel { sentinels, .. } => sentinels,
        Place::Cluster(nodes) => nodes,
    };
    let is_here = |host: &str| host == "localhost" || host == "::1" || host.starts_with("127.");
    let far = nodes.iter().find(|node| !is_here(&node.host))?;
    let strictness = settings.options.exposure;
    (strictness != Strictness::Ignore).then(|| Finding {
        code: codes::REDIS_IN_CLEAR,
        strictness,
        text: format!(
            "Redis at {} is spoken to without TLS: whoever sees that network reads names and attributes; \
             write rediss://, unless the network is yours alone",
            far.host
        ),
    })
}

/// Lines `name:value` of INFO.
pub(super) struct Told(HashMap<String, String>);

impl Told {
    pub(super) fn of(answer: &Value) -> Told {
        let text: String = redis::from_redis_value_ref(answer).unwrap_or_default();
        let pairs = text.lines().filter_map(|line| line.split_once(':'));
        Told(
            pairs
                .map(|(name, value)| (name.to_owned(), value.trim().to_owned()))
                .collect(),
        )
    }

    pub(super) fn word(&self, name: &str) -> String {
        self.0.get(name).cloned().unwrap_or_default()
    }

    pub(super) fn number(&self, name: &str) -> u64 {
        self.0
            .get(name)
            .and_then(|value| value.parse().ok())
            .unwrap_or_default()
    }
}

fn skew(answer: &Value, now: Timestamp) -> Option<u64> {
    let (seconds, micros): (u64, u64) = redis::from_redis_value_ref(answer).ok()?;
    Some((seconds * 1000 + micros / 1000).abs_diff(now.0))
}

#[cfg(test)]
mod tests {
    use super::super::settings::RedisOptions;
    use super::*;

    fn good() -> RedisFacts {
        RedisFacts {
            node: String::new(),
            version: "7.0.15".to_owned(),
            role: "master".to_owned(),
            replicas: 1,
            maxmemory: 0,
            maxmemory_policy: "noeviction".to_owned(),
            appendonly: true,
            appendfsync: Some("everysec".to_owned()),
            min_replicas_to_write: Some(1),
            min_replicas_max_lag: Some(2),
            unlimited: false,
            clock_skew: 1999,
        }
    }

    fn found(facts: &RedisFacts) -> Vec<(Strictness, String)> {
        let settings = RedisSettings::new(RedisOptions::at("redis://127.0.0.1")).expect("good");
        let findings = facts.findings(&settings);
        findings
            .into_iter()
            .map(|finding| (finding.strictness, finding.text))
            .collect()
    }

    #[test]
    fn each_danger_is_found_and_a_sound_server_gives_none() {
        // F-03, F-07, F-09, F-25, SEC-27
        assert_eq!(found(&good()), []);
        type Danger = (fn(&mut RedisFacts), Strictness, &'static str);
        let dangers: [Danger; 9] = [
            (
                |f| f.version = "6.0.16".to_owned(),
                Strictness::Refuse,
                "6.2 or newer",
            ),
            (|f| f.role = "slave".to_owned(), Strictness::Refuse, "replica"),
            (
                |f| f.maxmemory_policy = "allkeys-lru".to_owned(),
                Strictness::Refuse,
                "allkeys-lru",
            ),
            (|f| f.appendonly = false, Strictness::Warn, "appendonly yes"),
            (
                |f| f.appendfsync = Some("no".to_owned()),
                Strictness::Warn,
                "appendfsync everysec",
            ),
            (
                |f| f.min_replicas_to_write = Some(0),
                Strictness::Warn,
                "min-replicas-to-write 1",
            ),
            (
                |f| f.min_replicas_max_lag = Some(10),
                Strictness::Warn,
                "min-replicas-max-lag 2",
            ),
            (|f| f.unlimited = true, Strictness::Warn, "redis-user.conf"),
            (|f| f.clock_skew = 2001, Strictness::Warn, "NTP"),
        ];
        for (spoil, strictness, word) in dangers {
            let mut facts = good();
            spoil(&mut facts);
            let found = found(&facts);
            assert_eq!(found.len(), 1, "{word}: {found:?}");
            assert_eq!(found[0].0, strictness, "{word}");
            assert!(found[0].1.contains(word), "{word}: {}", found[0].1);
        }
    }

    #[test]
    fn plain_traffic_to_another_machine_is_told() {
        // SEC-27
        let settings = |url| RedisSettings::new(RedisOptions::at(url)).expect("good");
        assert!(unprotected(&settings("redis://cache.univ.fr")).is_some());
        assert!(unprotected(&settings("redis-cluster://127.0.0.1,cache.univ.fr")).is_some());
        assert_eq!(unprotected(&settings("rediss://cache.univ.fr")), None);
        assert_eq!(unprotected(&settings("redis+unix:///run/redis.sock")), None);
        for (exposure, expected) in [
            (Strictness::Refuse, Some(Strictness::Refuse)),
            (Strictness::Warn, Some(Strictness::Warn)),
            (Strictness::Ignore, None),
        ] {
            let options = RedisOptions {
                exposure,
                ..RedisOptions::at("redis://cache.univ.fr")
            };
            let told = unprotected(&RedisSettings::new(options).expect("good"));
            assert_eq!(told.map(|finding| finding.strictness), expected);
        }
        assert_eq!(unprotected(&settings("redis://[::1]")), None);
    }
}
