//! What the Redis store is told: where the servers are and how strict to be with them. Built by one
//! checked constructor, which collects every problem.

use std::path::PathBuf;
use std::time::Duration;

use crate::base::secret::Secret;

/// What an operator wrote, unchecked.
#[derive(Clone)]
pub struct RedisOptions {
    /// `redis://host:port/db`, `rediss://…` with TLS, `redis+unix:///path/to/socket`,
    /// `redis-sentinel://host1,host2/primary`, `redis-cluster://host1,host2`; the last two with
    /// `rediss-` for TLS.
    pub url: String,
    /// The user of Redis's access lists, if not `default`.
    pub username: Option<String>,
    pub password: Option<Secret>,
    /// The password of the Sentinels themselves.
    pub sentinel_password: Option<Secret>,
    /// PEM certificates of the authorities that may sign the servers' certificates; the machine's
    /// own when absent.
    pub authorities: Option<Vec<u8>>,
    /// Part of every key: raise it after a restore, and every old ticket is dead (F-07).
    pub epoch: u32,
    /// A file that holds it, too; the higher one counts. Where a new epoch is written.
    pub epoch_file: Option<PathBuf>,
    pub read_deadline: Duration,
    pub write_deadline: Duration,
    /// How long an operation is asked again, where that does no harm, while Redis is away (F-01).
    pub patience: Duration,
    /// Operations sent and not answered at any time; four times as many wait within their deadline, and
    /// further ones are told so at once.
    pub in_flight: usize,
    /// How to take a server that may evict keys (F-09).
    pub eviction: Strictness,
    /// How to take a server that forgets acknowledged writes when it restarts (F-07).
    pub persistence: Strictness,
    /// How to take a primary that keeps writing without its replicas (F-03).
    pub replication: Strictness,
    /// How to take traffic that others can read, and a user who may do everything.
    pub exposure: Strictness,
}

impl RedisOptions {
    /// The defaults of design §9 and reliability §2 for a server at `url`.
    pub fn at(url: &str) -> RedisOptions {
        RedisOptions {
            url: url.to_owned(),
            username: None,
            password: None,
            sentinel_password: None,
            authorities: None,
            epoch: 1,
            epoch_file: None,
            read_deadline: Duration::from_millis(500),
            write_deadline: Duration::from_secs(1),
            patience: Duration::from_secs(3),
            in_flight: 256,
            eviction: Strictness::Refuse,
            persistence: Strictness::Warn,
            replication: Strictness::Warn,
            exposure: Strictness::Warn,
        }
    }
}

/// What a finding about the server comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Strictness {
    Ignore,
    Warn,
    /// The server must not start on it.
    Refuse,
}

/// Settings that passed the check.
#[derive(Clone)]
pub struct RedisSettings {
    pub(super) place: Place,
    pub(super) tls: bool,
    pub(super) database: i64,
    pub(super) options: RedisOptions,
}

/// Where the store lives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Place {
    Single(Node),
    Socket(PathBuf),
    Sentinel { sentinels: Vec<Node>, primary: String },
    Cluster(Vec<Node>),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Node {
    pub host: String,
    pub port: u16,
}

/// What is wrong with the options, in words for the operator.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RedisProblem {
    #[error(
        "“{0}” is no address of Redis: write redis://host:6379, rediss://host:6379, \
         redis+unix:///path, redis-sentinel://host1,host2/primary or redis-cluster://host1,host2"
    )]
    UnknownUrl(String),
    #[error("the address holds a user or a password: write them under username and password_file")]
    CredentialsInUrl,
    #[error("“{0}” is no host, or host:port")]
    BadNode(String),
    #[error("“{0}” is no database number")]
    BadDatabase(String),
    #[error("a Sentinel address names the primary it watches: redis-sentinel://host1,host2/primary")]
    NoPrimary,
    #[error("a Redis Cluster has only database 0: take “/{0}” off the address")]
    DatabaseInCluster(String),
    #[error("this build knows no Redis Cluster: build it with the feature redis-cluster")]
    NoCluster,
    #[error("ca_file is of no use without TLS: write rediss:// (or rediss-sentinel://, rediss-cluster://)")]
    AuthoritiesWithoutTls,
    #[error("the deadlines of Redis lie between 10 ms and 60 s")]
    BadDeadline,
    #[error("at least 1 and at most 65536 operations may be in flight")]
    BadInFlight,
}

impl RedisSettings {
    pub fn new(options: RedisOptions) -> Result<RedisSettings, Vec<RedisProblem>> {
        let mut problems = Vec::new();
        let parsed = parse(&options.url, &mut problems);
        check_bounds(&options, &mut problems);
        match parsed {
            Some(Parsed { place, tls, database }) => {
                if options.authorities.is_some() && !tls {
                    problems.push(RedisProblem::AuthoritiesWithoutTls);
                }
                let settings = RedisSettings {
                    place,
                    tls,
                    database,
                    options,
                };
                if problems.is_empty() {
                    Ok(settings)
                } else {
                    Err(problems)
                }
            }
            None => Err(problems),
        }
    }

    /// The TCP ports that connections go to; `None` where servers are named by others, Sentinels or the
    /// cluster, while they run.
    pub fn ports(&self) -> Option<Vec<u16>> {
        match &self.place {
            Place::Single(node) => Some(vec![node.port]),
            Place::Socket(_) => Some(Vec::new()),
            Place::Sentinel { .. } | Place::Cluster(_) => None,
        }
    }

    /// What the store is, for a line of a log or of `doctor`: no secret in it.
    pub fn describe(&self) -> String {
        let tls = if self.tls { " over TLS" } else { "" };
        match &self.place {
            Place::Single(node) => format!("Redis at {}:{}{tls}", node.host, node.port),
            Place::Socket(path) => format!("Redis at {}", path.display()),
            Place::Sentinel { sentinels, primary } => {
                format!("Redis primary “{primary}” of {}{tls}", listed(sentinels))
            }
            Place::Cluster(nodes) => format!("Redis Cluster at {}{tls}", listed(nodes)),
        }
    }
}

struct Parsed {
    place: Place,
    tls: bool,
    database: i64,
}

fn listed(nodes: &[Node]) -> String {
    let names: Vec<String> = nodes
        .iter()
        .map(|node| format!("{}:{}", node.host, node.port))
        .collect();
    names.join(", ")
}

fn check_bounds(options: &RedisOptions, problems: &mut Vec<RedisProblem>) {
    let bounds = Duration::from_millis(10)..=Duration::from_secs(60);
    if !bounds.contains(&options.read_deadline) || !bounds.contains(&options.write_deadline) {
        problems.push(RedisProblem::BadDeadline);
    }
    if !(1..=65536).contains(&options.in_flight) {
        problems.push(RedisProblem::BadInFlight);
    }
}

fn parse(url: &str, problems: &mut Vec<RedisProblem>) -> Option<Parsed> {
    // Never repeat what may hold a password.
    if url.contains('@') {
        problems.push(RedisProblem::CredentialsInUrl);
        return None;
    }
    let parsed = match url.split_once("://") {
        Some(("redis+unix", path)) if path.starts_with('/') => {
            return Some(Parsed {
                place: Place::Socket(path.into()),
                tls: false,
                database: 0,
            });
        }
        Some((scheme, rest)) => {
            let (hosts, path) = rest.split_once('/').unwrap_or((rest, ""));
            match scheme {
                "redis" => single(hosts, path, false),
                "rediss" => single(hosts, path, true),
                "redis-sentinel" => sentinel(hosts, path, false),
                "rediss-sentinel" => sentinel(hosts, path, true),
                "redis-cluster" => cluster(hosts, path, false),
                "rediss-cluster" => cluster(hosts, path, true),
                _ => Err(RedisProblem::UnknownUrl(url.to_owned())),
            }
        }
        None => Err(RedisProblem::UnknownUrl(url.to_owned())),
    };
    parsed.map_err(|problem| problems.push(problem)).ok()
}

fn single(hosts: &str, path: &str, tls: bool) -> Result<Parsed, RedisProblem> {
    Ok(Parsed {
        place: Place::Single(node(hosts, 6379)?),
        tls,
        database: database(path)?,
    })
}

fn sentinel(hosts: &str, path: &str, tls: bool) -> Result<Parsed, RedisProblem> {
    let (primary, number) = path.split_once('/').unwrap_or((path, ""));
    if primary.is_empty() {
        return Err(RedisProblem::NoPrimary);
    }
    Ok(Parsed {
        place: Place::Sentinel {
            sentinels: nodes(hosts, 26379)?,
            primary: primary.to_owned(),
        },
        tls,
        database: database(number)?,
    })
}

fn cluster(hosts: &str, path: &str, tls: bool) -> Result<Parsed, RedisProblem> {
    if !matches!(path, "" | "0") {
        return Err(RedisProblem::DatabaseInCluster(path.to_owned()));
    }
    if !cfg!(feature = "redis-cluster") {
        return Err(RedisProblem::NoCluster);
    }
    Ok(Parsed {
        place: Place::Cluster(nodes(hosts, 6379)?),
        tls,
        database: 0,
    })
}

fn nodes(hosts: &str, port: u16) -> Result<Vec<Node>, RedisProblem> {
    hosts.split(',').map(|host| node(host.trim(), port)).collect()
}

/// `host`, `host:port`, `[::1]` or `[::1]:port`.
fn node(text: &str, default_port: u16) -> Result<Node, RedisProblem> {
    let bad = || RedisProblem::BadNode(text.to_owned());
    let (host, port) = match text.strip_prefix('[') {
        Some(rest) => {
            let (host, after) = rest.split_once(']').ok_or_else(bad)?;
            (host, after.strip_prefix(':'))
        }
        None => match text.split_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (text, None),
        },
    };
    let strange = |c: char| !(c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | ':'));
    if host.is_empty() || host.contains(strange) {
        return Err(bad());
    }
    let port = port.map_or(Ok(default_port), |port| port.parse().map_err(|_| bad()))?;
    Ok(Node {
        host: host.to_owned(),
        port,
    })
}

fn database(path: &str) -> Result<i64, RedisProblem> {
    match path {
        "" => Ok(0),
        number => match number.parse::<u16>() {
            Ok(number) => Ok(number.into()),
            Err(_) => Err(RedisProblem::BadDatabase(number.to_owned())),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(url: &str) -> Result<RedisSettings, Vec<RedisProblem>> {
        RedisSettings::new(RedisOptions::at(url))
    }

    fn described(url: &str) -> String {
        at(url).map_or_else(|problems| problems[0].to_string(), |good| good.describe())
    }

    #[test]
    fn every_kind_of_address_is_understood() {
        assert_eq!(described("redis://localhost"), "Redis at localhost:6379");
        assert_eq!(
            described("rediss://cache.univ.fr:6380/2"),
            "Redis at cache.univ.fr:6380 over TLS"
        );
        assert_eq!(described("redis://[::1]:7000"), "Redis at ::1:7000");
        assert_eq!(
            described("redis+unix:///run/redis/redis.sock"),
            "Redis at /run/redis/redis.sock"
        );
        assert_eq!(
            described("redis-sentinel://a, b:26380/mereau/1"),
            "Redis primary “mereau” of a:26379, b:26380"
        );
        assert_eq!(at("redis://h/3").map(|good| good.database).ok(), Some(3));
    }

    #[test]
    fn a_bad_address_is_refused_with_what_to_write() {
        for (url, word) in [
            ("http://localhost", "redis://host:6379"),
            ("localhost:6379", "redis://host:6379"),
            ("redis://", "is no host"),
            ("redis://a b", "is no host"),
            ("redis://host:99999", "is no host"),
            ("redis://host/zero", "database number"),
            ("redis-sentinel://a,b", "names the primary"),
            ("redis-cluster://a,b/3", "only database 0"),
        ] {
            assert!(described(url).contains(word), "{url}: {}", described(url));
        }
    }

    #[test]
    fn a_password_in_the_address_is_refused_and_not_repeated() {
        // SEC-11
        let said = described("redis://:hunter2@localhost");
        assert!(
            said.contains("password_file") && !said.contains("hunter2"),
            "{said}"
        );
    }

    #[test]
    fn every_problem_is_told_at_once() {
        let options = RedisOptions {
            in_flight: 0,
            read_deadline: Duration::ZERO,
            authorities: Some(Vec::new()),
            ..RedisOptions::at("redis://h")
        };
        let problems = RedisSettings::new(options).err().unwrap_or_default();
        assert_eq!(
            problems,
            [
                RedisProblem::BadDeadline,
                RedisProblem::BadInFlight,
                RedisProblem::AuthoritiesWithoutTls
            ]
        );
    }
}
