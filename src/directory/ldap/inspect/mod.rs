//! Looks at all servers of a realm for `mereau doctor`, side by side, and changes nothing there: one Modify, to
//! see whether a primary refers writes, asks for what every server refuses. What is found is told in findings,
//! whose codes are in `codes`; person by person is `doctor person`'s work.

mod base;
mod bench;
pub mod codes;
mod cost;
mod dn;
mod eyes;
mod lag;
mod people;
mod policy;
pub mod reach;
mod root;
mod stored;

use std::sync::Arc;
use std::time::Instant;

use futures_util::future::{join, join_all};

use super::LdapDirectory;
use super::fault::Fault;
use super::server::Server;
use super::writer::{WRITING, WriteProbe};
use crate::base::clock::{Timestamp, millis};
use crate::base::findings::{Finding, Level, merged};
use crate::base::names::Username;
use crate::directory::{Directory, Found};
use lag::Side;
use people::Sample;
use policy::Policy;
use reach::{Reached, broken, reach};

/// What one server came to.
struct Looked {
    findings: Vec<Finding>,
    reached: Option<Reached>,
    sample: Sample,
    policies: Vec<Policy>,
}

impl LdapDirectory {
    /// Everything that can be seen of the realm's servers with the accounts it has. `about` names the realm;
    /// `known` tells attributes where recovery looks for addresses.
    pub async fn inspect(&self, about: &str, known: &[String]) -> Vec<Finding> {
        let now = self.clock.now();
        let reading = join_all(self.servers.all.iter().map(|server| self.look(server, now)));
        let (mut looked, writing) = join(reading, self.probe_writing()).await;
        let mut findings = Vec::new();
        for one in &mut looked {
            self.explain_refusal(&writing, &mut one.findings).await;
            self.explain_absence(&writing, &mut one.findings).await;
            findings.append(&mut one.findings);
        }
        // Where nobody was seen, a line tells why already.
        if looked.iter().any(|one| !one.sample.people.is_empty()) {
            findings.push(self.search_right(about).await);
        }
        for probe in &writing {
            findings.extend(probe.lines.iter().cloned());
            findings.extend(probe.told(known));
            let (seen, theirs) = self.as_writer(probe, &looked).await;
            findings.extend(seen);
            out_of_sight(&mut findings, theirs);
        }
        findings.extend(self.lag(&looked, &writing, now).await);
        // A step that is well is told of each side: somebody looks for its line.
        merged(findings, |one| {
            one.level != Level::Ok || !one.about.ends_with(WRITING)
        })
    }

    async fn look(&self, server: &Arc<Server>, now: Timestamp) -> Looked {
        let mut looked = Looked {
            findings: Vec::new(),
            reached: None,
            sample: Sample::default(),
            policies: Vec::new(),
        };
        let Some(reached) = reach(server, &self.settings, now, &mut looked.findings).await else {
            return looked;
        };
        if let Err(fault) = self.look_inside(&reached, &mut looked).await {
            let limit = self.settings.limits.operation;
            looked.findings.push(broken(&reached.eyes.url, fault, limit));
            return looked;
        }
        looked.reached = Some(reached);
        looked
    }

    async fn look_inside(&self, reached: &Reached, looked: &mut Looked) -> Result<(), Fault> {
        let (eyes, root, settings) = (&reached.eyes, &reached.root, &self.settings);
        let (bases, whole) = base::look(eyes, root, settings).await?;
        looked.findings.extend(bases);
        if whole {
            let sample = Sample::take(eyes, settings).await?;
            looked
                .findings
                .extend(people::look(eyes, root.product, settings, &sample).await?);
            let (findings, policies) = policy::look(eyes, root, settings, &sample).await?;
            looked.findings.extend(findings);
            looked
                .findings
                .extend(stored::look(eyes, root, settings, &sample, &policies).await?);
            (looked.sample, looked.policies) = (sample, policies);
        }
        if let Some(account) = &settings.account {
            looked.findings.push(cost::look(eyes, account).await?);
        }
        Ok(())
    }

    /// Some servers do not say that an account is locked; who may read its entry sees it.
    async fn explain_refusal(&self, writing: &[WriteProbe], findings: &mut [Finding]) {
        let Some(account) = &self.settings.account else {
            return;
        };
        for finding in findings
            .iter_mut()
            .filter(|finding| finding.code == codes::DIR_ACCOUNT_REFUSED.name)
        {
            for reached in writing.iter().filter_map(|probe| probe.reached.as_ref()) {
                if let Ok(Some(evidence)) = stored::lock_of(&reached.eyes, &account.dn).await {
                    let fact = format!("the service account {} is locked ({evidence})", account.dn);
                    let mend =
                        "unlock it in the directory, and exempt it from the lock by a policy of its own";
                    *finding = Finding::of(&codes::DIR_ACCOUNT_LOCKED, &finding.about, fact, mend);
                    return;
                }
            }
        }
    }

    /// What an account may not see looks as if it were not there; who sees it knows better.
    async fn explain_absence(&self, writing: &[WriteProbe], findings: &mut [Finding]) {
        for finding in findings
            .iter_mut()
            .filter(|finding| finding.code == codes::DIR_BASE_MISSING.name)
        {
            for reached in writing.iter().filter_map(|probe| probe.reached.as_ref()) {
                for base in self
                    .settings
                    .bases
                    .iter()
                    .filter(|base| finding.fact.contains(&base.dn))
                {
                    if let Ok(Some(_)) = reached.eyes.entry(&base.dn, &["objectClass"]).await {
                        let fact = format!(
                            "the branch {} exists, and the service account may not see it",
                            base.dn
                        );
                        let mend = "let bind_dn read and search this branch and what lies below it";
                        *finding = Finding::of(&codes::DIR_RIGHTS, &finding.about, fact, mend);
                        break;
                    }
                }
            }
        }
    }

    /// What the writing account sees, and what the searching one does not; and how many people it sees.
    async fn as_writer(&self, probe: &WriteProbe, looked: &[Looked]) -> (Vec<Finding>, usize) {
        let Some(reached) = &probe.reached else {
            return (Vec::new(), 0);
        };
        let (eyes, root) = (&reached.eyes, &reached.root);
        let sampled = async {
            let sample = Sample::take(eyes, &self.settings).await?;
            let (_, policies) = policy::look(eyes, root, &self.settings, &sample).await?;
            let findings = stored::look(eyes, root, &self.settings, &sample, &policies).await?;
            Ok::<_, Fault>((findings, sample))
        };
        match sampled.await {
            Ok((mut findings, theirs)) => {
                for one in looked.iter().filter(|one| !one.sample.people.is_empty()) {
                    let url = one
                        .reached
                        .as_ref()
                        .map_or("", |reached| reached.eyes.url.as_str());
                    findings.extend(people::hidden(url, &self.settings, &one.sample, &theirs));
                }
                (findings, theirs.people.len())
            }
            Err(fault) => (vec![broken(&eyes.url, fault, self.settings.limits.operation)], 0),
        }
    }

    async fn lag(&self, looked: &[Looked], writing: &[WriteProbe], now: Timestamp) -> Vec<Finding> {
        let is_primary = |url: &str| writing.iter().any(|probe| probe.server.url == url);
        let read = looked.iter().filter_map(|one| one.reached.as_ref());
        let mut sides: Vec<Side<'_>> = read
            .map(|reached| Side {
                reached,
                primary: is_primary(&reached.eyes.url),
            })
            .collect();
        let has = |sides: &[Side<'_>], url: &str| sides.iter().any(|side| side.reached.eyes.url == url);
        // With the searching account, so that both show the same.
        let mut more = Vec::new();
        let primaries = self.writer.iter().flat_map(|writer| &writer.servers.all);
        for server in primaries.filter(|server| !has(&sides, &server.url.to_string())) {
            more.extend(reach(server, &self.settings, now, &mut Vec::new()).await);
        }
        sides.extend(more.iter().map(|reached| Side {
            reached,
            primary: true,
        }));
        let Some(sample) = looked
            .iter()
            .map(|one| &one.sample)
            .find(|sample| !sample.people.is_empty())
        else {
            return Vec::new();
        };
        lag::compare(&sides, sample, &self.settings, now).await
    }

    /// Whether the account may search where people are: it asks for a login nobody has.
    async fn search_right(&self, about: &str) -> Finding {
        let Ok(nobody) = Username::typed("mereau-doctor-nobody") else {
            return Finding::fail(about, "no login to ask for", "");
        };
        let asked = Instant::now();
        match self.find(&nobody).await {
            Ok(Found::Nobody) => {
                let fact = format!("people can be searched ({} ms)", millis(asked.elapsed()));
                Finding::of(&codes::DIR_SEARCH, about, fact, "")
            }
            Ok(_) => Finding::of(
                &codes::DIR_SEARCH_ODD,
                about,
                "a login that nobody should have is found",
                "look at login_attributes and user_filter",
            ),
            Err(error) => Finding::of(
                &codes::DIR_SEARCH_FAILS,
                about,
                error.to_string(),
                "check base_dns and the rights of bind_dn; an index on each login attribute helps",
            ),
        }
    }
}

/// Who sees nobody where another account sees people may not look there.
fn out_of_sight(findings: &mut [Finding], theirs: usize) {
    for finding in findings
        .iter_mut()
        .filter(|finding| theirs > 0 && finding.code == codes::DIR_NOBODY.name)
    {
        let fact = format!("{}, where the writing account sees {theirs} people", finding.fact);
        let mend = "let bind_dn read and search what lies below it";
        *finding = Finding::of(&codes::DIR_RIGHTS, &finding.about, fact, mend);
    }
}
