//! Where this configuration departs from OWASP ASVS 5.0, level 2, each with the setting that does it: nothing
//! is wrong with a site that means to (reliability §5.1).

use std::time::Duration;

use crate::cli::findings::{Finding, codes};
use crate::config::{RealmSettings, Settings};
use crate::flows::recovery::{Kind, RecoverySettings};

/// 6.5.5: out-of-band requests live this long.
const OUT_OF_BAND: Duration = Duration::from_secs(600);

pub fn look(settings: &Settings) -> Vec<Finding> {
    settings.realms.iter().flat_map(of_realm).collect()
}

fn of_realm(realm: &RealmSettings) -> Vec<Finding> {
    let about = format!("realm {}", realm.realm.id);
    let mut findings = Vec::new();
    let mut tell =
        |fact: String, advice: &str| findings.push(Finding::of(&codes::ASVS, &about, fact, advice));
    let policy = &realm.password.policy;
    if !policy.classes.is_empty() {
        tell(
            "ASVS 6.2.5 wants no rules of composition, and [password] require has some".to_owned(),
            "require = [] and a greater strength, unless the directory insists",
        );
    }
    if let Some(days) = policy.max_age_days {
        tell(
            format!("ASVS 6.2.10 wants no change for its own sake, and passwords end after {days} days"),
            "leave [password] max_age_days out, unless a rule of your own asks for it",
        );
    }
    if realm.password.breached_file.is_none() {
        tell(
            "ASVS 6.2.12 wants leaked passwords refused, and [password] breached_file is not set".to_owned(),
            "[password] breached_file = a list of leaked passwords",
        );
    }
    if let Some(recovery) = &realm.recovery {
        of_recovery(recovery, &mut tell);
    }
    findings
}

fn of_recovery(recovery: &RecoverySettings, tell: &mut impl FnMut(String, &str)) {
    if recovery.lifetime > OUT_OF_BAND {
        tell(
            format!(
                "ASVS 6.5.5 lets a link live 10 minutes, and here it lives {} h: it has 256 random bits, works once, and dies with the first change",
                recovery.lifetime.as_secs() / 3600
            ),
            "[recovery] lifetime = \"15 min\", where people read their mail at once",
        );
    }
    if recovery.addresses.iter().any(|one| one.kind == Kind::Sms) {
        tell(
            "ASVS 6.6.1 holds text messages to be weak, and [recovery] addresses has mobile numbers"
                .to_owned(),
            "no address with kind = \"sms\" where everybody has a mailbox of their own",
        );
    }
}
