//! What the server and Redis hold: the server idle and with a million sessions that it has nothing to do
//! with, and Redis for each session that went to five services.

use super::costs::sign_ins;
use super::filling::{self, PACE, SERVICES};
use super::process::memory;
use super::report::{Figure, Target};
use super::stand::Stand;
use super::{Found, Size};
use crate::support::redis::Redis;

/// Keys by what stands after the head of their name (`src/tickets/redis/keys.rs`).
const KINDS: [(&str, &str); 5] = [
    ("records of accounts", "1v1:a:"),
    ("sessions and their visits", "1v1:t:"),
    ("indexes of accounts", "1v1:u:"),
    ("epochs of accounts", "1v1:e:"),
    ("devices of accounts", "1v1:g:"),
];

/// Sessions that are not counted.
const WARM: usize = 100;

pub async fn measure(size: Size) -> anyhow::Result<Found> {
    let (sessions, turns) = if size.quick {
        (2_000, 100)
    } else {
        (1_000_000, 1_000)
    };
    let sessions = size.sessions.unwrap_or(sessions).max(1);
    let stand = Stand::start(100, 1);
    stand.address().open().await?.get("/cas/login", "").await?;
    let idle = resident(&stand);
    let key = stand.nodes[0].folder().join("ring.key");
    // Scripts and connections are there once, however many sessions follow.
    filling::fill(&stand.redis, &key, 0..WARM).await?;
    let before = used(&stand.redis);
    filling::fill(&stand.redis, &key, WARM..WARM + sessions).await?;
    filling::settled(&stand.redis).await;
    let each = (used(&stand.redis) - before) / sessions as f64;
    let full = resident(&stand);
    let kinds = KINDS.map(|(name, head)| (name, sampled(&stand.redis, &format!("{head}*"))));
    // What is the account's goes, so that what is the session's is left.
    let without = |head: &str| {
        let with = used(&stand.redis);
        filling::forget(&stand.redis, head);
        (with - used(&stand.redis)) / (WARM + sessions) as f64
    };
    let [record, epoch, devices] = [KINDS[0].1, KINDS[3].1, KINDS[4].1].map(without);
    sign_ins(&stand, turns).await?;
    let used_then = resident(&stand);
    let parts = kinds.map(|(name, bytes)| format!("{name} {bytes:.0}")).join(", ");
    Ok(Found {
        figures: vec![
            Figure::new("resident, idle", "MiB", idle).reaching(Target::AtMost(30.0)),
            Figure::new("resident, the sessions in Redis", "MiB", full).reaching(Target::AtMost(30.0)),
            Figure::new("resident, then signing in", "MiB", used_then),
            Figure::new(
                "Redis for a session with five services",
                "B",
                each - record - epoch - devices,
            )
            .reaching(Target::AtMost(1_000.0)),
            Figure::new("  its account’s record", "B", record),
            Figure::new("  its account’s epoch and known devices", "B", epoch + devices),
        ],
        notes: vec![format!(
            "{sessions} sessions of as many people, each with {SERVICES} services it visited, written by the \
             store’s own scripts, {PACE} a second at most; used_memory of Redis after a minute, when spent tickets \
             are forgotten, by sessions, and what it fell by without the keys of accounts. The session has its visits, its place \
             in the index of its account, and the tables of all keys; in all it was {each:.0}. MEMORY USAGE of \
             some of each kind: {parts}"
        )],
        ..Found::default()
    })
}

fn resident(stand: &Stand) -> f64 {
    memory(stand.id()).0 as f64 / 1024.0
}

fn used(redis: &Redis) -> f64 {
    let info = redis.cli(&["info", "memory"]);
    let line = info.lines().find_map(|line| line.strip_prefix("used_memory:"));
    line.and_then(|bytes| bytes.trim().parse().ok()).unwrap_or(0.0)
}

/// What a key of this kind takes, on average over some of them; of a session, with everything under it.
fn sampled(redis: &Redis, pattern: &str) -> f64 {
    const SCRIPT: &str = "
        local cursor, keys, bytes, heads = '0', 0, 0, 0
        repeat
            local found = redis.call('SCAN', cursor, 'MATCH', ARGV[1], 'COUNT', 10000)
            cursor = found[1]
            for _, key in ipairs(found[2]) do
                bytes = bytes + redis.call('MEMORY', 'USAGE', key)
                keys = keys + 1
                if not key:match(':[a-z]$') then heads = heads + 1 end
            end
        until cursor == '0' or heads > 3000
        return tostring(bytes / math.max(heads, 1))";
    redis.cli(&["eval", SCRIPT, "0", pattern]).parse().unwrap_or(0.0)
}
