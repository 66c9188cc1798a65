//! One person as a realm's directory sees them, step by step, for `doctor person`.

use std::sync::Arc;

use crate::base::clock::Clock;
use crate::base::names::Username;
use crate::base::secret::Password;
use crate::cli::findings::Finding;
use crate::config::{DirectorySettings, RealmSettings};
use crate::directory::{
    AccountState, BindRefusal, Bound, Directory, DirectoryError, Found, PasswordNotice, Person,
};

/// Looks `login` up in a realm and, when given a password, tries it on the entry: that counts as a
/// try in the directory, too.
pub async fn person(
    realm: RealmSettings,
    login: &Username,
    password: Option<&Password>,
    clock: &Arc<dyn Clock>,
) -> Vec<Finding> {
    let about = format!("realm {}", realm.realm.id);
    let mut findings = Vec::new();
    let directory: Arc<dyn Directory> = match realm.directory {
        DirectorySettings::Ldap(settings) => match super::ldap(*settings, clock) {
            Ok(directory) => {
                for server in directory.probe(Some(login)).await {
                    for attribute in server.logins {
                        let several = if attribute.found > 1 { " or more" } else { "" };
                        let fact = format!("{} finds {}{several}", attribute.attribute, attribute.found);
                        findings.push(Finding::ok(&server.url, fact));
                    }
                    if let Some(problem) = server.problem {
                        findings.push(Finding::fail(&server.url, problem, "mereau doctor tells more"));
                    }
                }
                Arc::new(directory)
            }
            Err(error) => return vec![Finding::fail(&about, format!("{error:#}"), "mend [directory]")],
        },
        file => match super::directory(file, clock).await {
            Ok(directory) => directory,
            Err(error) => return vec![Finding::fail(&about, format!("{error:#}"), "mend the file")],
        },
    };
    match directory.find(login).await {
        Ok(Found::One(person)) => {
            findings.extend(entry(&about, &person));
            if let Some(password) = password {
                let bound = directory.bind(&person, &password.prepared()).await;
                findings.push(tried(&about, bound));
            }
        }
        Ok(Found::Nobody) => findings.push(Finding::fail(
            &about,
            "LOGIN_UNKNOWN: no entry has this login",
            "look for a blank, an accent, another realm; check login_attributes, base_dns and user_filter",
        )),
        Ok(Found::Ambiguous(entries)) => {
            let names: Vec<String> = entries.iter().map(ToString::to_string).collect();
            findings.push(Finding::fail(
                &about,
                format!(
                    "LOGIN_AMBIGUOUS: several entries have this login: {}",
                    names.join("; ")
                ),
                "give each its own; until then both are refused",
            ));
        }
        Err(error) => findings.push(Finding::fail(
            &about,
            format!("DIR_DOWN: {error}"),
            "mereau doctor tells more",
        )),
    }
    findings
}

fn entry(about: &str, person: &Person) -> Vec<Finding> {
    let names: Vec<&str> = person.attributes.iter().map(|(name, _)| name).collect();
    vec![
        Finding::ok(about, format!("entry {}", person.entry)),
        Finding::ok(
            about,
            format!("canonical login {}, key {}", person.login, person.key.0),
        ),
        Finding::ok(about, format!("attributes read: {}", names.join(", "))),
        state(about, &person.state),
    ]
}

fn state(about: &str, state: &AccountState) -> Finding {
    let rule = match &state.rule {
        Some(rule) => format!("by rule {rule}"),
        None => "no rule speaks of it".to_owned(),
    };
    let since = state
        .since
        .map(|since| format!(", date {}", since.to_rfc3339()))
        .unwrap_or_default();
    let standing = format!("{:?}", state.standing).to_uppercase();
    let fact = format!("STATE_{standing}: {rule}{since}");
    if state.may_sign_in {
        Finding::ok(about, fact)
    } else {
        Finding::fail(
            about,
            format!("{fact}; may not sign in"),
            "change the entry, or the rule under [states]",
        )
    }
}

fn tried(about: &str, bound: Result<Bound, DirectoryError>) -> Finding {
    match bound {
        Ok(Bound::Accepted(notice)) => {
            let fact = "the password is right";
            match notice {
                None => Finding::ok(about, fact),
                Some(PasswordNotice::MustChange) => Finding::fail(
                    about,
                    format!("{fact}, but must be changed first"),
                    "choose a new one",
                ),
                Some(PasswordNotice::ExpiresInSeconds(left)) => {
                    let days = left / (24 * 3600);
                    Finding::warn(
                        about,
                        format!("{fact} and expires in {days} days"),
                        "choose a new one",
                    )
                }
                Some(PasswordNotice::GraceLoginsLeft(left)) => Finding::warn(
                    about,
                    format!("{fact} but too old; {left} more sign-ins are granted"),
                    "choose a new one",
                ),
            }
        }
        Ok(Bound::WrongPassword) => Finding::fail(
            about,
            "PWD_WRONG: the password is wrong, or the entry has none",
            "this try counts in the directory's own lock",
        ),
        Ok(Bound::Refused(why)) => {
            let (code, what) = match why {
                BindRefusal::Locked => ("LOCK_DIRECTORY", "the directory has locked the account"),
                BindRefusal::Expired => ("PWD_EXPIRED", "the password is right and too old"),
                BindRefusal::MustChange => (
                    "PWD_MUST_CHANGE",
                    "the password is right and must be changed first",
                ),
                BindRefusal::Disabled => ("DISABLED", "the directory has disabled the account"),
            };
            Finding::fail(about, format!("{code}: {what}"), "mend it in the directory")
        }
        Err(error) => Finding::fail(about, format!("DIR_DOWN: {error}"), "mereau doctor tells more"),
    }
}
