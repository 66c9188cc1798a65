//! How many passwords a second a realm's servers check, measured by checking one and the same for a few seconds:
//! bounded, stopped by the first doubt, and never with a password that counts against anybody.

use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::future::join_all;

use super::super::LdapDirectory;
use super::super::answers::bound;
use super::super::fault::Fault;
use super::super::server::Server;
use super::super::settings::ServiceAccount;
use super::codes;
use super::eyes::Eyes;
use super::root::Root;
use crate::base::findings::Finding;
use crate::base::names::Username;
use crate::base::secret::{Password, Secret};
use crate::directory::{Bound, Directory, Found};

/// For one number of binds at once, and binds at most within it.
const ROUND: Duration = Duration::from_millis(1500);
const MOST: usize = 3000;

/// Binds at once, as far as bind_connections lets them.
const AT_ONCE: [usize; 3] = [1, 4, 12];

/// Slower than this for most of them, and more at once would only hurt.
const TOO_SLOW: Duration = Duration::from_secs(1);

/// What of the measured rate is safe: the rest is for searches, other clients of the directory, and peaks
/// within a second (reliability §3.4).
const SAFE: f64 = 0.6;

/// Whose password is checked.
struct Target {
    account: ServiceAccount,
    /// The answer that every bind must have.
    right: bool,
    named: String,
}

/// One round.
struct Round {
    at_once: usize,
    a_second: f64,
    /// In the order of their size.
    times: Vec<Duration>,
}

impl Round {
    fn quantile(&self, percent: usize) -> Duration {
        let at = self.times.len().saturating_sub(1) * percent / 100;
        self.times.get(at).copied().unwrap_or_default()
    }
}

impl LdapDirectory {
    /// Measures each server, one after the other. `person` is somebody's login and password, which are tried
    /// once before they are measured with; without it the decoy of the settings, or the service account.
    /// `tell` says how far it is.
    pub async fn bench(
        &self,
        about: &str,
        person: Option<(&Username, &Password)>,
        tell: &mut dyn FnMut(String),
    ) -> Vec<Finding> {
        let target = match self.target(person).await {
            Ok(target) => target,
            Err(why) => {
                let mend = "--login somebody whose password you know, or decoy_dn in [directory]";
                return vec![Finding::of(&codes::DIR_RATE_UNKNOWN, about, why, mend)];
            }
        };
        let (mut findings, mut safe) = (Vec::new(), Vec::new());
        for server in &self.servers.all {
            let url = server.url.to_string();
            match self.measure(server, &target, tell).await {
                Ok((finding, rate)) => {
                    findings.push(finding);
                    safe.push(rate);
                }
                Err(why) => {
                    let mend = "mend what the other lines tell of this server first";
                    findings.push(Finding::of(&codes::DIR_RATE_UNKNOWN, &url, why, mend));
                }
            }
        }
        findings.extend(in_sum(about, &safe));
        findings
    }

    async fn target(&self, person: Option<(&Username, &Password)>) -> Result<Target, String> {
        if let Some((login, password)) = person {
            let found = self.find(login).await.map_err(|error| error.to_string())?;
            let Found::One(person) = found else {
                return Err("there is no one person of that login".to_owned());
            };
            let password = password.prepared();
            return match self.bind(&person, &password).await {
                Ok(Bound::Accepted(_)) => Ok(Target {
                    named: format!("the password of {}", person.entry),
                    account: ServiceAccount {
                        dn: person.entry.0.clone(),
                        password: Secret::new(password.as_typed().to_owned()),
                    },
                    right: true,
                }),
                Ok(_) => {
                    Err("that password is not right: it was tried once and is not tried again".to_owned())
                }
                Err(error) => Err(error.to_string()),
            };
        }
        if let Some(dn) = &self.settings.decoy_dn {
            return Ok(Target {
                named: format!("a wrong password of the decoy {dn}"),
                account: ServiceAccount {
                    dn: dn.clone(),
                    password: Secret::new("mereau-bench-is-the-password-of-nobody".to_owned()),
                },
                right: false,
            });
        }
        let account = self.settings.account.clone();
        let account = account.ok_or("there is nobody to check a password of")?;
        Ok(Target {
            named: format!(
                "the password of bind_dn ({}): people’s cost more where they are hashed otherwise",
                account.dn
            ),
            account,
            right: true,
        })
    }

    async fn measure(
        &self,
        server: &Arc<Server>,
        target: &Target,
        tell: &mut dyn FnMut(String),
    ) -> Result<(Finding, f64), String> {
        let url = server.url.to_string();
        let search = self
            .search_time(server)
            .await
            .map_err(|fault| told(fault, &url))?;
        let most = self.settings.limits.bind_connections.max(1);
        let mut rounds: Vec<Round> = Vec::new();
        for at_once in AT_ONCE.into_iter().map(|wanted| wanted.min(most)) {
            if rounds
                .last()
                .is_some_and(|last| last.at_once == at_once || last.quantile(50) > TOO_SLOW)
            {
                break;
            }
            tell(format!("{url}: {at_once} at once"));
            rounds.push(self.round(server, target, at_once).await?);
        }
        let best = rounds
            .iter()
            .max_by(|one, other| one.a_second.total_cmp(&other.a_second));
        let (Some(best), Some(alone)) = (best, rounds.first()) else {
            return Err("nothing was measured".to_owned());
        };
        let safe = (best.a_second * SAFE).floor();
        let cost = alone.quantile(50).saturating_sub(search);
        let ms = |time: Duration| time.as_secs_f64() * 1000.0;
        let fact = format!(
            "checks {:.0} passwords a second, {} at once ({:.1} ms each, 95 of 100 within {:.1} ms), and the hash costs about {:.1} ms: \
             {safe:.0} sign-ins a second are safe; measured with {}",
            best.a_second,
            best.at_once,
            ms(best.quantile(50)),
            ms(best.quantile(95)),
            ms(cost),
            target.named,
        );
        Ok((Finding::of(&codes::DIR_RATE, &url, fact, ""), safe))
    }

    async fn open_eyes(&self, server: &Arc<Server>) -> Result<Eyes, Fault> {
        Ok(Eyes {
            url: server.url.to_string(),
            connection: Arc::new(server.open().await?),
            limit: self.settings.limits.operation,
        })
    }

    async fn search_time(&self, server: &Arc<Server>) -> Result<Duration, Fault> {
        let eyes = self.open_eyes(server).await?;
        let mut least = Duration::MAX;
        for _ in 0..5 {
            let asked = Instant::now();
            Root::read(&eyes).await?;
            least = least.min(asked.elapsed());
        }
        Ok(least)
    }

    async fn round(&self, server: &Arc<Server>, target: &Target, at_once: usize) -> Result<Round, String> {
        let url = server.url.to_string();
        let opened = join_all((0..at_once).map(|_| self.open_eyes(server))).await;
        let opened: Result<Vec<Eyes>, Fault> = opened.into_iter().collect();
        let opened = opened.map_err(|fault| told(fault, &url))?;
        let begun = Instant::now();
        let each = join_all(
            opened
                .iter()
                .map(|eyes| binds(eyes, target, begun, MOST / at_once)),
        )
        .await;
        let spent = begun.elapsed().as_secs_f64().max(0.001);
        let mut times = Vec::new();
        for outcome in each {
            times.extend(outcome?);
        }
        times.sort();
        Ok(Round {
            at_once,
            a_second: f64::from(u32::try_from(times.len()).unwrap_or(u32::MAX)) / spent,
            times,
        })
    }
}

/// One bind after the other, until the round ends or an answer is not the expected one.
async fn binds(eyes: &Eyes, target: &Target, begun: Instant, most: usize) -> Result<Vec<Duration>, String> {
    let mut times = Vec::new();
    while begun.elapsed() < ROUND && times.len() < most {
        let asked = Instant::now();
        let answer = eyes
            .bind(&target.account)
            .await
            .map_err(|fault| told(fault, &eyes.url))?;
        match (bound(&answer), target.right) {
            (Ok(Bound::Accepted(_)), true) | (Ok(Bound::WrongPassword), false) => times.push(asked.elapsed()),
            (Ok(Bound::Refused(why)), _) => {
                return Err(format!(
                    "stopped: {} is refused as {why:?}; a decoy must not be subject to a lock",
                    target.account.dn
                ));
            }
            (Ok(_), _) => {
                return Err(format!(
                    "stopped: {} is answered otherwise than before",
                    target.account.dn
                ));
            }
            (Err(fault), _) => return Err(told(fault, &eyes.url)),
        }
    }
    Ok(times)
}

fn told(fault: Fault, url: &str) -> String {
    fault.into_error("bind", 0, url).to_string()
}

fn in_sum(about: &str, safe: &[f64]) -> Option<Finding> {
    let sum: f64 = safe.iter().sum();
    if sum < 1.0 {
        return None;
    }
    let most = safe.iter().fold(0.0_f64, |most, rate| most.max(*rate));
    let without = match safe.len() {
        1 => String::new(),
        _ => format!(", {:.0} when the fastest server is gone", sum - most),
    };
    let minutes = |people: f64| (people / sum / 60.0).ceil();
    let fact = format!(
        "{sum:.0} sign-ins a second are safe over all servers{without}: 10,000 people take {:.0} min, 100,000 {:.0} min; servers on one machine share it",
        minutes(10_000.0),
        minutes(100_000.0),
    );
    Some(Finding::of(&codes::DIR_RATE_SUM, about, fact, ""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sum_tells_what_is_left_without_the_fastest_server() {
        let told = in_sum("realm a", &[100.0, 60.0])
            .map(|finding| finding.fact)
            .unwrap_or_default();
        assert!(
            told.starts_with("160 sign-ins") && told.contains("60 when the fastest"),
            "{told}"
        );
        assert!(
            told.contains("10,000 people take 2 min, 100,000 11 min"),
            "{told}"
        );
        assert_eq!(in_sum("realm a", &[]), None);
    }
}
