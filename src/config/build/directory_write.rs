//! `[directory.write]`: from what is written to what the directory's writer uses.

use crate::base::secret::Secret;
use crate::config::problem::Problems;
use crate::config::secrets::{self, Environment};
use crate::config::sections::{GuardWord, MethodWord, WriteSection};
use crate::config::source::At;
use crate::config::values::FilePath;
use crate::directory::ldap::{ServiceAccount, WriteGuard, WriteMethod, WriteSettings};
use crate::directory::{Filter, GENERATION, HookSettings};

/// Why there is no default.
const NO_GUARD: &str = "nothing says what keeps a reset link that came back (a ticket store that failed over) from \
                        setting a second password";

pub fn build(
    section: &WriteSection,
    environment: Environment<'_>,
    problems: &mut Problems,
) -> Option<WriteSettings> {
    let writer = Account {
        dn: Some(&section.bind_dn),
        file: &section.bind_password_file,
        variable: &section.bind_password_env,
    };
    let manage_dn = section.manage_dn.value.is_some().then_some(());
    let manager = Account {
        dn: None,
        file: &section.manage_password_file,
        variable: &section.manage_password_env,
    };
    let account = writer
        .password(environment, problems)
        .map(|password| ServiceAccount {
            dn: section.bind_dn.value.clone(),
            password,
        });
    let manager = manage_dn.map(|()| manager.password(environment, problems));
    let pass_through = pass_through(section, problems);
    let guard = guard(section, problems);
    let manager = match (manager, &section.manage_dn.value) {
        (None, _) | (_, None) => None,
        (Some(password), Some(dn)) => Some(ServiceAccount {
            dn: dn.clone(),
            password: password?,
        }),
    };
    let mut settings = WriteSettings::new(&[], method(section.method.value), account?);
    settings.urls = section.urls.value.clone();
    settings.guard = guard?;
    settings.manager = manager;
    if let Some(attribute) = &section.changed_attribute.value {
        settings.changed_attribute = attribute.clone();
    }
    if let Some(class) = &section.auxiliary_class.value {
        settings.class = Some(class.clone()).filter(|class| !class.trim().is_empty());
    }
    settings.pass_through = pass_through?;
    settings.clear_must_change = section.after_reset_clear_must_change.value;
    settings.ignore_min_age = section.reset_ignores_min_age.value;
    settings.ad_history = section.ad_history.value;
    settings.server_hashes = section.server_hashes.value;
    settings.pin = section.pin_after_write.value;
    settings.limit = section.op_timeout.value;
    settings.hook = section.hook.value.clone().map(|command| HookSettings {
        command,
        limit: section.hook_timeout.value,
        witness: None,
    });
    Some(settings)
}

struct Account<'a> {
    dn: Option<&'a At<String>>,
    file: &'a At<Option<FilePath>>,
    variable: &'a At<Option<String>>,
}

impl Account<'_> {
    fn password(&self, environment: Environment<'_>, problems: &mut Problems) -> Option<Secret> {
        let read: Option<Secret> = secrets::read(self.file, self.variable, environment, problems)?;
        if read.is_none() {
            let place = self.dn.map_or(&self.file.place, |dn| &dn.place);
            problems.add(
                place,
                "this account has no password, and nobody writes anonymously",
                "the file or the environment variable of its password beside it",
            );
        }
        read
    }
}

fn method(word: MethodWord) -> WriteMethod {
    match word {
        MethodWord::Exop => WriteMethod::Exop,
        MethodWord::Ad => WriteMethod::Ad,
        MethodWord::Ds389 => WriteMethod::Ds389,
        MethodWord::Modify => WriteMethod::Modify,
    }
}

fn guard(section: &WriteSection, problems: &mut Problems) -> Option<WriteGuard> {
    let attribute = section.guard_attribute.value.clone();
    Some(match section.guard.value {
        Some(GuardWord::Generation) => {
            WriteGuard::Generation(attribute.unwrap_or_else(|| GENERATION.to_owned()))
        }
        Some(GuardWord::Assertion) => WriteGuard::Assertion(attribute),
        Some(GuardWord::ReadCompare) => WriteGuard::ReadCompare,
        Some(GuardWord::None) => WriteGuard::None,
        None => {
            problems.add(
                &section.guard.place,
                NO_GUARD,
                "guard = \"generation\" with the schema of conf/schema; or \"read-compare\" or \"none\" if you accept \
                 that two may pass",
            );
            return None;
        }
    })
}

fn pass_through(section: &WriteSection, problems: &mut Problems) -> Option<Option<Filter>> {
    let text = section.pass_through.value.trim();
    if text.is_empty() {
        return Some(None);
    }
    match Filter::parse(text) {
        Ok(filter) => Some(Some(filter)),
        Err(flaw) => {
            problems.add(
                &section.pass_through.place,
                format!("this is not a filter: {flaw}"),
                "a filter, as \"(krbPrincipalName=*)\"",
            );
            None
        }
    }
}
