//! One person in fifteen lines, from the realm that is meant to the sessions that are open (experience §5.4).
//! It reads; only a password that is given is tried, and that counts where the directory counts.

mod account;
mod age;
mod attempts;
mod found;
mod lock;
mod near;
mod reached;
mod recovery;
mod replicas;
mod report;
mod service;
mod source;
mod stored;
mod tried;

use std::path::PathBuf;
use std::sync::Arc;

use self::found::Meant;
use self::lock::Seen;
pub use self::report::{Line, Told, Topic, Verdict};
use self::source::Source;
use self::stored::{Counter, Kept, down};
use crate::base::clock::Clock;
use crate::base::entropy::OsEntropy;
use crate::base::keys::KeyRing;
use crate::base::names::{AccountId, RealmId, Username};
use crate::base::secret::Password;
use crate::cli::operated::host_name;
use crate::config::{RealmSettings, Settings};
use crate::directory::Person;
use crate::directory::evidence::Evidence;
use crate::directory::ldap::OnEach;
use crate::flows::account::Happened;
use crate::flows::recovery::RecoverySettings;
use crate::passwords::policy::PolicySettings;
use crate::realms::{Institution, Institutions, Realm};
use crate::services::Registry;

/// Who is asked about.
pub struct Question<'a> {
    pub typed: &'a str,
    pub login: &'a Username,
    /// The realm that is meant; without it all are asked.
    pub realm: Option<RealmId>,
    /// How it was found that this realm is meant.
    pub how: String,
    /// Under which institution they would sign in, when it was said.
    pub institution: Option<Institution>,
    pub service: Option<&'a str>,
    pub password: Option<&'a Password>,
}

/// What all realms share.
struct Bench {
    kept: Result<Kept, (String, &'static str)>,
    keys: KeyRing,
    services: Registry,
    institutions: Institutions,
    audit: Option<PathBuf>,
    node: String,
    sms: bool,
    clock: Arc<dyn Clock>,
}

/// A realm as it is asked.
struct Case {
    realm: Realm,
    recovery: Option<RecoverySettings>,
    rules: PolicySettings,
    source: Result<Source, String>,
}

/// A configuration of which one person after the other can be asked about.
pub struct Desk {
    bench: Bench,
    cases: Vec<Case>,
}

impl Desk {
    /// Opens files and the ticket store, and connects to no directory. Must be called within the async
    /// runtime.
    pub async fn open(settings: Settings, clock: &Arc<dyn Clock>) -> Desk {
        let keys = settings.keys.clone();
        let bench = Bench {
            keys: keys.clone().unwrap_or_else(|| KeyRing::ephemeral(&OsEntropy)),
            kept: Kept::open(settings.tickets, keys, settings.throttle, clock),
            services: settings.services,
            institutions: settings.institutions,
            audit: settings.audit,
            node: host_name().unwrap_or_else(|| "this node".to_owned()),
            sms: settings.letters.sms.is_some(),
            clock: clock.clone(),
        };
        let mut cases = Vec::new();
        for realm in settings.realms {
            cases.push(case(realm, clock).await);
        }
        Desk { bench, cases }
    }

    /// The report of each realm that knows the login; when none does, of all that are asked.
    pub async fn explain(&self, question: &Question<'_>) -> Vec<Told> {
        let mut told = Vec::new();
        for case in &self.cases {
            if question
                .realm
                .as_ref()
                .is_none_or(|wanted| *wanted == case.realm.id)
            {
                told.push(self.bench.realm(case, question).await);
            }
        }
        only_known(told)
    }
}

async fn case(settings: RealmSettings, clock: &Arc<dyn Clock>) -> Case {
    Case {
        source: Source::open(settings.directory, clock).await,
        realm: settings.realm,
        recovery: settings.recovery,
        rules: settings.password.policy,
    }
}

/// Where somebody is known in one realm, the others are of no matter but for their names.
fn only_known(told: Vec<Told>) -> Vec<Told> {
    let strange = |told: &Told| told.verdict.reason.as_deref() == Some("LOGIN_UNKNOWN");
    if told.iter().all(strange) {
        return told;
    }
    let others: Vec<String> = told
        .iter()
        .filter(|told| strange(told))
        .map(|told| told.realm.clone())
        .collect();
    let mut known: Vec<Told> = told.into_iter().filter(|told| !strange(told)).collect();
    if !others.is_empty() {
        let fact = format!("nobody of this login in {}", others.join(", "));
        for told in &mut known {
            told.lines
                .insert(1, Topic::Tenant.ok("other realms", fact.clone()));
        }
    }
    known
}

impl Bench {
    async fn realm(&self, case: &Case, question: &Question<'_>) -> Told {
        let about = format!("realm {}", case.realm.id);
        let mut lines = vec![Topic::Tenant.ok(&about, question.how.clone())];
        let source = match &case.source {
            Ok(source) => source,
            Err(problem) => {
                lines.push(Topic::Directory.fail(
                    "DIR_DOWN",
                    &about,
                    problem.clone(),
                    "mend [directory], or the file",
                ));
                return Told::new(case.realm.id.as_str(), None, lines);
            }
        };
        let probes = source.probes(question.login).await;
        lines.extend(reached::lines(source, &probes, self.clock.as_ref()));
        let asked = found::Asked {
            about: &about,
            source,
            typed: question.typed,
            login: question.login,
            recovery: case.recovery.as_ref(),
        };
        let (meant, found) = found::lines(&asked, &probes).await;
        lines.extend(found);
        let login = match &meant {
            Meant::One(person) => {
                lines.extend(self.person(case, source, question, person).await);
                Some(person.login.clone())
            }
            Meant::None => {
                lines.extend(self.stranger(case, source, &about, question).await);
                None
            }
        };
        let tried = question.password.is_some();
        Told::new(case.realm.id.as_str(), login.map(|login| (login, tried)), lines)
    }

    /// What can be said where no one entry is meant.
    async fn stranger(
        &self,
        case: &Case,
        source: &Source,
        about: &str,
        question: &Question<'_>,
    ) -> Vec<Line> {
        match &self.kept {
            Ok(kept) => {
                let counter = Counter {
                    realm: &case.realm.id,
                    login: question.login,
                    lock: source.directory().lock_after(),
                };
                kept.throttle(about, &counter, None).await
            }
            Err((problem, advice)) => vec![closed(Topic::Throttle, about, problem, advice)],
        }
    }

    async fn person(
        &self,
        case: &Case,
        source: &Source,
        question: &Question<'_>,
        person: &Person,
    ) -> Vec<Line> {
        let about = format!("realm {}", case.realm.id);
        let account = AccountId {
            realm: case.realm.id.clone(),
            person: person.key.clone(),
        };
        let each = source.on_each(&person.key).await;
        let happened = self.happened(&account).await;
        let mut lines = vec![account::state(&about, person)];
        lines.extend(
            self.entry(
                case,
                source,
                &about,
                (&each, happened.as_deref().unwrap_or_default()),
            )
            .await,
        );
        if let Some(password) = question.password {
            lines.extend(tried::lines(&about, source, person, password).await);
        }
        lines.extend(self.attempts(&about, &account, &happened));
        lines.extend(replicas::lines(&about, &each));
        lines.extend(recovery::lines(&about, person, case.recovery.as_ref(), self.sms));
        lines.extend(
            self.kept(case, source, &about, (person, &account, question))
                .await,
        );
        lines.extend(service::lines(
            &service::Going {
                about: &about,
                services: &self.services,
                realm: &case.realm,
                institution: question
                    .institution
                    .as_ref()
                    .or_else(|| self.institutions.of_realm(&case.realm.id).next()),
                account: &account,
                person,
                keys: &self.keys,
                read: &source.mapping.wanted(),
                now: self.clock.now(),
            },
            question.service,
        ));
        lines
    }

    /// Lines 6 to 8, from the entry as the first server that has it shows it.
    async fn entry(
        &self,
        case: &Case,
        source: &Source,
        about: &str,
        (each, happened): (&OnEach<Vec<Evidence>>, &[Happened]),
    ) -> Vec<Line> {
        let first = each.iter().find_map(|(_, found)| found.as_ref().ok()?.first());
        let Some(entry) = first else {
            let fact = "the entry cannot be read again, so nothing is known of password, lock and age";
            return vec![Topic::Password.warn(about, fact, "mereau doctor tells more")];
        };
        let policy = source.policy(entry).await;
        let found = match source.mapping.key_of(&entry.attributes) {
            Some(key) if source.holds_policies() => source.shows_password(&key).await,
            _ => false,
        };
        let seen = Seen {
            about,
            source,
            entry,
            policy: policy.as_ref(),
            happened,
            now: self.clock.now(),
        };
        let mut lines = vec![account::password(about, source, entry, found), lock::line(&seen)];
        lines.extend(age::lines(&seen, &case.rules, source.writable()));
        lines
    }

    /// What the store remembers of the account; an error says why it does not.
    async fn happened(&self, account: &AccountId) -> Result<Vec<Happened>, String> {
        match &self.kept {
            Ok(kept) => kept.happened(account).await.map_err(|error| error.to_string()),
            Err((problem, _)) => Err(problem.clone()),
        }
    }

    fn attempts(
        &self,
        about: &str,
        account: &AccountId,
        happened: &Result<Vec<Happened>, String>,
    ) -> Vec<Line> {
        let mut lines = Vec::new();
        let notes = self.audit.as_deref().and_then(|file| {
            let read = attempts::noted(file, account).inspect_err(|error| {
                let fact = format!("the audit's file {} cannot be read: {error}", file.display());
                lines.push(Topic::Attempts.warn(about, fact, "as the user that the server runs as"));
            });
            read.ok()
        });
        if let Err(error) = happened {
            lines.push(match &self.kept {
                Err((problem, advice)) => closed(Topic::Attempts, about, problem, advice),
                Ok(_) => down(Topic::Attempts, about, error),
            });
            if notes.is_none() {
                return lines;
            }
        }
        let remembered = happened.as_deref().unwrap_or_default();
        lines.extend(attempts::lines(about, remembered, notes.as_deref(), &self.node));
        lines
    }

    /// Lines 9, 13 and 15.
    async fn kept(
        &self,
        case: &Case,
        source: &Source,
        about: &str,
        (person, account, question): (&Person, &AccountId, &Question<'_>),
    ) -> Vec<Line> {
        let kept = match &self.kept {
            Ok(kept) => kept,
            Err((problem, advice)) => {
                let topics = [Topic::Throttle, Topic::Links, Topic::Sessions];
                return topics.map(|topic| closed(topic, about, problem, advice)).to_vec();
            }
        };
        let counter = Counter {
            realm: &case.realm.id,
            login: question.login,
            lock: source.directory().lock_after(),
        };
        // Names are counted as they are typed, whatever entry they lead to.
        let mut lines = kept.throttle(about, &counter, Some(account)).await;
        lines.extend(kept.links(about, account, person, case.recovery.as_ref()).await);
        lines.extend(kept.sessions(about, account).await);
        lines
    }
}

fn closed(topic: Topic, about: &str, problem: &str, advice: &str) -> Line {
    topic.warn(about, problem, advice).because("STORE_DOWN")
}
