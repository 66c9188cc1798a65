//! What the Sentinels say about the primary they watch, for `doctor`: how many they are, when they act, and
//! whether anybody may take over. Asked one by one, each within a deadline of its own.

use std::collections::HashMap;
use std::time::Duration;

use futures_util::future::join_all;
use redis::{AsyncConnectionConfig, RedisError};
use tokio::time::timeout;

use super::codes;
use super::dial::Dialer;
use super::facts::Finding;
use super::settings::{Node, Place, Strictness};
use super::store::RedisStore;

/// For one Sentinel, whatever it takes.
const PATIENCE: Duration = Duration::from_secs(2);

/// So many must be there for two to agree when one is gone.
const LEAST: usize = 3;

/// When a primary counts as gone (reliability §4.5), in milliseconds.
const DOWN_AFTER: std::ops::RangeInclusive<u64> = 2_000..=5_000;

/// What one of them knows.
struct Told {
    /// Of the others.
    sentinels: usize,
    quorum: usize,
    down_after: u64,
    /// Of each replica.
    priorities: Vec<u64>,
}

impl RedisStore {
    /// Nothing when no Sentinels are configured.
    pub async fn sentinel_findings(&self) -> Vec<Finding> {
        let Place::Sentinel { sentinels, primary } = &self.settings.place else {
            return Vec::new();
        };
        let asked = join_all(sentinels.iter().map(|node| self.ask_sentinel(node, primary))).await;
        let mut texts = Vec::new();
        let mut told = Vec::new();
        for (node, answer) in sentinels.iter().zip(asked) {
            match answer {
                Ok(answer) => told.push(answer),
                Err(why) => texts.push((
                    codes::REDIS_SENTINELS,
                    format!(
                        "Sentinel at {}:{} does not answer ({why}); start it, or mend tickets.url",
                        node.host, node.port
                    ),
                )),
            }
        }
        texts.extend(judged(primary, &told));
        let finding = |(code, text)| Finding {
            code,
            strictness: Strictness::Warn,
            text,
        };
        texts.into_iter().map(finding).collect()
    }

    async fn ask_sentinel(&self, node: &Node, primary: &str) -> Result<Told, String> {
        let asked = timeout(PATIENCE, self.sentinel(node, primary)).await;
        match asked {
            Ok(Ok(told)) => Ok(told),
            Ok(Err(error)) => Err(error.to_string()),
            Err(_) => Err("no answer in time".to_owned()),
        }
    }

    async fn sentinel(&self, node: &Node, primary: &str) -> Result<Told, RedisError> {
        let dialer = Dialer::new(&self.settings)?;
        let mut spoken = dialer.sentinel(node, AsyncConnectionConfig::new()).await?;
        let ask = |what: &str| {
            let mut command = redis::cmd("SENTINEL");
            command.arg(what).arg(primary);
            command
        };
        let own: HashMap<String, String> = ask("MASTER").query_async(&mut spoken).await?;
        let replicas: Vec<HashMap<String, String>> = ask("REPLICAS").query_async(&mut spoken).await?;
        let number =
            |of: &HashMap<String, String>, name: &str| of.get(name).and_then(|text| text.parse::<u64>().ok());
        let small = |number: Option<u64>| usize::try_from(number.unwrap_or_default()).unwrap_or_default();
        Ok(Told {
            sentinels: small(number(&own, "num-other-sentinels")),
            quorum: small(number(&own, "quorum")),
            down_after: number(&own, "down-after-milliseconds").unwrap_or_default(),
            priorities: replicas
                .iter()
                .filter_map(|one| number(one, "slave-priority"))
                .collect(),
        })
    }
}

fn judged(primary: &str, told: &[Told]) -> Vec<(crate::base::findings::Code, String)> {
    let mut texts = Vec::new();
    let Some(first) = told.first() else {
        return texts;
    };
    let count = told.iter().map(|one| one.sentinels + 1).max().unwrap_or_default();
    if count < LEAST {
        let text = format!(
            "“{primary}” is watched by {count} Sentinels: when one is gone nobody can name another primary; run {LEAST}, on machines of their own"
        );
        texts.push((codes::REDIS_SENTINELS, text));
    } else if first.quorum * 2 <= count.saturating_sub(1) || first.quorum > count / 2 + 1 {
        let text = format!(
            "“{primary}” counts as gone when {} of {count} Sentinels say so; write the quorum {} (sentinel monitor)",
            first.quorum,
            count / 2 + 1
        );
        texts.push((codes::REDIS_SENTINELS, text));
    }
    if !DOWN_AFTER.contains(&first.down_after) {
        let text = format!(
            "“{primary}” counts as gone after {} ms of silence; write down-after-milliseconds 2000 to 5000: sooner, a pause is taken for the end, later, people wait",
            first.down_after
        );
        texts.push((codes::REDIS_SENTINELS, text));
    }
    if first.priorities.iter().all(|priority| *priority == 0) {
        let text = format!(
            "“{primary}” has no replica that may take over ({} known); add one, with a replica-priority above 0",
            first.priorities.len()
        );
        texts.push((codes::REDIS_NEVER_PROMOTED, text));
    }
    texts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn too_few_sentinels_ones_that_act_late_and_replicas_that_may_not_are_told() {
        let found = |sentinels, quorum, down_after, priorities: &[u64]| -> Vec<&'static str> {
            let told = Told {
                sentinels,
                quorum,
                down_after,
                priorities: priorities.to_vec(),
            };
            judged("mereau", &[told])
                .into_iter()
                .map(|(code, _)| code.name)
                .collect()
        };
        assert_eq!(found(2, 2, 2_000, &[0, 100]), [""; 0]);
        assert_eq!(found(1, 2, 5_000, &[100]), ["REDIS_SENTINELS"]);
        assert_eq!(
            found(2, 1, 5_000, &[100]),
            ["REDIS_SENTINELS"],
            "one alone decides"
        );
        assert_eq!(found(2, 2, 30_000, &[100]), ["REDIS_SENTINELS"]);
        assert_eq!(found(2, 2, 5_000, &[0]), ["REDIS_NEVER_PROMOTED"]);
        assert!(judged("mereau", &[]).is_empty());
    }
}
