//! `mereau doctor person`: who is asked about, and how the answer is printed.

use std::path::Path;
use std::sync::Arc;

use anyhow::bail;
use serde::Serialize;

use super::arguments::PersonArguments;
use super::assemble::person::{Desk, Question, Told};
use super::print::Screen;
use super::{Outcome, check, doctor, recovery, serve};
use crate::base::clock::{Clock, SystemClock};
use crate::base::names::RealmId;
use crate::base::uai::Uai;
use crate::config::Settings;
use crate::realms::Institution;

/// The whole answer; its fields are stable.
#[derive(Serialize)]
struct Answer<'a> {
    asked: &'a str,
    can_sign_in: bool,
    realms: &'a [Told],
}

/// Why a person can or cannot sign in.
pub fn person(arguments: &PersonArguments, path: &Path, screen: &mut Screen) -> anyhow::Result<Outcome> {
    let Some(loaded) = check::load(path, screen) else {
        return Ok(Outcome::Bad);
    };
    let settings = loaded.settings;
    let login = recovery::login_of(&arguments.login)?;
    let meant = meant(arguments, &settings)?;
    let password = match arguments.try_password {
        true => Some(doctor::ask_password()?),
        false => None,
    };
    let question = Question {
        typed: &arguments.login,
        login: &login,
        realm: meant.realm,
        how: meant.how,
        institution: meant.institution,
        service: arguments.service.as_deref(),
        password: password.as_ref(),
    };
    let told = serve::runtime()?.block_on(async {
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        Desk::open(settings, &clock).await.explain(&question).await
    });
    let can_sign_in = told.iter().any(|told| told.verdict.can_sign_in);
    if arguments.json {
        let answer = Answer {
            asked: login.as_str(),
            can_sign_in,
            realms: &told,
        };
        screen.print(&serde_json::to_string_pretty(&answer)?);
    } else {
        let each: Vec<String> = told.iter().map(ToString::to_string).collect();
        screen.print(&each.join("\n\n"));
    }
    Ok(if can_sign_in { Outcome::Good } else { Outcome::Bad })
}

/// The realm that is asked, and how it was found.
struct Meant {
    realm: Option<RealmId>,
    institution: Option<Institution>,
    how: String,
}

fn meant(arguments: &PersonArguments, settings: &Settings) -> anyhow::Result<Meant> {
    let known: Vec<&RealmId> = settings.realms.iter().map(|realm| &realm.realm.id).collect();
    if let Some(name) = &arguments.realm {
        return match known.iter().find(|id| id.as_str() == name) {
            Some(found) => Ok(of_realm((*found).clone(), "named by --realm".to_owned())),
            None => {
                let names: Vec<&str> = known.iter().map(|id| id.as_str()).collect();
                bail!("there is no realm {name}; there are: {}", names.join(", "))
            }
        };
    }
    if let Some(name) = &arguments.tenant {
        return of_tenant(name, settings);
    }
    if let [only] = known.as_slice() {
        return Ok(of_realm((*only).clone(), "the only one there is".to_owned()));
    }
    if let Some((_, domain)) = arguments.login.trim().rsplit_once('@')
        && let Some(one) = settings.institutions.only_with_mail_domain(domain)
    {
        let how = format!(
            "institution {} has addresses at {domain}; --realm asks another one",
            one.id
        );
        return Ok(of_institution(one.clone(), how));
    }
    Ok(Meant {
        realm: None,
        institution: None,
        how: "none was named, so all are asked (--realm, --tenant)".to_owned(),
    })
}

/// By id, alias or code, as links name institutions.
fn of_tenant(name: &str, settings: &Settings) -> anyhow::Result<Meant> {
    if let Some(one) = settings.institutions.named(name) {
        let by = match Uai::new(name) {
            Some(code) if one.uai.contains(&code) => "UAI code",
            _ if one.id.as_str() == name => "id",
            _ => "alias",
        };
        let how = format!("institution {}, named by its {by} in --tenant", one.id);
        return Ok(of_institution(one.clone(), how));
    }
    let of_code: Vec<&Institution> = Uai::new(name)
        .map(|code| settings.institutions.with_uai(code).collect())
        .unwrap_or_default();
    match of_code.as_slice() {
        [one] => Ok(of_institution(
            (*one).clone(),
            format!("institution {}, named by its UAI code in --tenant", one.id),
        )),
        [] => bail!("there is no institution {name}"),
        several => {
            let ids: Vec<&str> = several.iter().map(|one| one.id.as_str()).collect();
            bail!("several institutions have the code {name}: {}", ids.join(", "))
        }
    }
}

fn of_realm(realm: RealmId, how: String) -> Meant {
    Meant {
        realm: Some(realm),
        institution: None,
        how,
    }
}

fn of_institution(institution: Institution, how: String) -> Meant {
    Meant {
        realm: Some(institution.realm.clone()),
        institution: Some(institution),
        how,
    }
}
