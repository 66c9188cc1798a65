//! What of a Redis server endangers nothing today and may tomorrow: memory that runs out, holes in its Lua,
//! a door without a lock. What endangers sessions at once is in `facts`.

use super::codes;
use super::facts::{Finding, Told, told_of};
use super::settings::{RedisOptions, Strictness};
use super::store::RedisStore;
use crate::base::findings::Code;
use crate::tickets::StoreError;

/// The first versions without the holes of CVE-2025-49844, -46817, -46818 and -46819, by line; whatever is
/// older has them, or no fix for them any more.
const MENDED: [(u32, u32, u32); 5] = [(6, 2, 20), (7, 2, 11), (7, 4, 6), (8, 0, 4), (8, 2, 2)];

/// The same of Valkey.
const MENDED_VALKEY: [(u32, u32, u32); 3] = [(7, 2, 11), (8, 0, 6), (8, 1, 4)];

/// Above this share of the memory it may use, in percent, there is too little left.
const NEARLY_FULL: u64 = 80;

/// What a server tells beside what is looked at every minute.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct More {
    /// Its version when it has holes in its Lua.
    holes: Option<String>,
    /// Percent of the memory it may use, and of what.
    nearly_full: Option<(u64, &'static str)>,
    /// Anybody who reaches it is let in.
    unprotected: bool,
    /// Neither snapshots nor an append-only file, and replicas that copy what it has.
    empties_replicas: bool,
    /// What it could not write.
    failed: Option<&'static str>,
}

impl RedisStore {
    /// For `doctor`: what is worth a word beside [`RedisStore::findings`].
    pub async fn more_findings(&self) -> Result<Vec<Finding>, StoreError> {
        let protected = self.configured("protected-mode").await?;
        let save = self.configured("save").await?;
        let mut findings = Vec::new();
        for (node, text) in self.each(redis::cmd("INFO")).await? {
            let parameter = |known: &std::collections::HashMap<String, String>| known.get(&node).cloned();
            let more = More::of(
                &Told::of(&text),
                parameter(&protected).as_deref(),
                parameter(&save).as_deref(),
            );
            findings.extend(told_of(&node, more.findings(&self.settings.options)));
        }
        Ok(findings)
    }
}

impl More {
    fn of(told: &Told, protected_mode: Option<&str>, save: Option<&str>) -> More {
        More {
            holes: holes(told),
            nearly_full: nearly_full(told),
            unprotected: protected_mode == Some("no"),
            empties_replicas: told.number("connected_slaves") > 0
                && told.number("aof_enabled") == 0
                && save == Some(""),
            failed: failed(told),
        }
    }

    /// Each kind with what is wrong, if it is.
    fn findings(&self, options: &RedisOptions) -> [(Code, Strictness, Option<String>); 5] {
        let version = self.holes.as_ref().map(|version| {
            format!(
                "is of version {version}, whose Lua has known holes (CVE-2025-49844 and others); update it: 6.2.20, 7.2.11, \
                 7.4.6, 8.0.4, 8.2.2 or newer, or your distribution's mended package of this version"
            )
        });
        let memory = self.nearly_full.map(|(percent, what)| {
            format!("uses {percent} % of {what}: when it is full, sign-ins are refused; more memory, or a higher maxmemory")
        });
        // We came in without a password: so does everybody.
        let open = self.unprotected && options.password.is_none();
        let open = open.then(|| {
            "lets in whoever reaches it (protected-mode no, and no password); write “requirepass”, or include \
             conf/redis-user.conf and switch the default user off"
                .to_owned()
        });
        let empties = self.empties_replicas.then(|| {
            "keeps nothing on disk and has replicas: started again by itself it is empty, and empties them; write \
             “appendonly yes”, or let nothing restart it (systemd: Restart=no)"
                .to_owned()
        });
        let failed = self
            .failed
            .map(|what| format!("could not write {what}; look at its log and the room on its disk"));
        [
            (codes::REDIS_VULNERABLE, Strictness::Warn, version),
            (codes::REDIS_MEMORY, Strictness::Warn, memory),
            (codes::REDIS_UNPROTECTED, options.exposure, open),
            (codes::REDIS_RESTARTS_EMPTY, options.persistence, empties),
            (codes::REDIS_REWRITE_FAILED, Strictness::Warn, failed),
        ]
    }
}

/// Distributions mend holes without another number, so this is only worth a word.
fn holes(told: &Told) -> Option<String> {
    let valkey = told.word("valkey_version");
    let (text, mended): (String, &[_]) = match valkey.is_empty() {
        true => (told.word("redis_version"), &MENDED),
        false => (valkey, &MENDED_VALKEY),
    };
    let mut numbers = text.split('.').map(|part| part.parse::<u32>().ok());
    let version = (numbers.next()??, numbers.next()??, numbers.next()??);
    let newest = mended.last()?;
    let line = mended
        .iter()
        .find(|(major, minor, _)| (*major, *minor) == (version.0, version.1));
    let good = match line {
        Some(first) => version >= *first,
        None => version > *newest,
    };
    (!good).then_some(text)
}

fn nearly_full(told: &Told) -> Option<(u64, &'static str)> {
    let used = told.number("used_memory");
    let most = told.number("maxmemory");
    let (of, what) = match most {
        0 => (
            told.number("total_system_memory"),
            "the memory of its machine (maxmemory is not set)",
        ),
        most => (most, "its maxmemory"),
    };
    let percent = used.saturating_mul(100).checked_div(of)?;
    (percent >= NEARLY_FULL).then_some((percent, what))
}

fn failed(told: &Told) -> Option<&'static str> {
    let says_err = |name: &str| told.word(name) == "err";
    if says_err("aof_last_write_status") || says_err("aof_last_bgrewrite_status") {
        return Some("its append-only file");
    }
    says_err("rdb_last_bgsave_status").then_some("its snapshot")
}

#[cfg(test)]
mod tests {
    use redis::Value;

    use super::*;

    fn told(lines: &str) -> Told {
        Told::of(&Value::BulkString(lines.replace('\n', "\r\n").into_bytes()))
    }

    fn found(lines: &str, protected_mode: &str) -> Vec<&'static str> {
        let more = More::of(&told(lines), Some(protected_mode), Some(""));
        let options = RedisOptions::at("redis://127.0.0.1");
        let found = more
            .findings(&options)
            .into_iter()
            .filter(|(_, _, text)| text.is_some());
        found.map(|(code, _, _)| code.name).collect()
    }

    #[test]
    fn versions_with_holes_are_told_by_their_line() {
        // T-99
        for (version, bad) in [
            ("redis_version:7.0.15", true),
            ("redis_version:6.2.19", true),
            ("redis_version:6.2.20", false),
            ("redis_version:7.2.10", true),
            ("redis_version:8.2.2", false),
            ("redis_version:8.4.0", false),
            ("redis_version:7.2.4\nvalkey_version:8.1.4", false),
            ("redis_version:7.2.4\nvalkey_version:8.0.5", true),
            ("redis_version:nonsense", false),
        ] {
            assert_eq!(
                found(version, "yes").contains(&"REDIS_VULNERABLE"),
                bad,
                "{version}"
            );
        }
    }

    #[test]
    fn a_server_that_is_nearly_full_open_or_cannot_write_is_told() {
        let sound = "redis_version:8.2.2\nused_memory:10\nmaxmemory:0\ntotal_system_memory:100\naof_last_write_status:ok";
        assert_eq!(found(sound, "yes"), [""; 0]);
        assert_eq!(found(sound, "no"), ["REDIS_UNPROTECTED"]);
        let alone = format!("{sound}\nconnected_slaves:1\naof_enabled:0");
        assert_eq!(found(&alone, "yes"), ["REDIS_RESTARTS_EMPTY"]);
        assert_eq!(
            found(&alone.replace("aof_enabled:0", "aof_enabled:1"), "yes"),
            [""; 0]
        );
        let full = sound.replace("used_memory:10", "used_memory:81");
        assert_eq!(found(&full, "yes"), ["REDIS_MEMORY"]);
        assert_eq!(
            found(&full.replace("maxmemory:0", "maxmemory:90"), "yes"),
            ["REDIS_MEMORY"]
        );
        let failed = sound.replace("aof_last_write_status:ok", "aof_last_write_status:err");
        assert_eq!(found(&failed, "yes"), ["REDIS_REWRITE_FAILED"]);
    }
}
