//! `--try-password`: what each server says to it. Each counts it as a try.

use super::report::{Line, Topic};
use super::source::Source;
use crate::base::secret::Password;
use crate::directory::{BindRefusal, Bound, DirectoryError, PasswordNotice, Person};

pub async fn lines(about: &str, source: &Source, person: &Person, password: &Password) -> Vec<Line> {
    let prepared = password.prepared();
    let tried = source.try_on_each(&person.entry.0, &prepared).await;
    if tried.is_empty() {
        let bound = source.directory().bind(person, &prepared).await;
        return vec![told(about, "", &bound)];
    }
    let accepted = tried
        .iter()
        .any(|one| matches!(one.bound, Ok(Bound::Accepted(_))));
    let lines = tried.iter().map(|one| {
        let code = one
            .code
            .map(|code| format!(" (LDAP result {code}{})", name(code)));
        let data = one
            .data
            .as_ref()
            .map(|data| format!(", AD data {data}{}", meant(data)));
        let text = match one.text.is_empty() {
            true => String::new(),
            false => format!(", “{}”", one.text),
        };
        let evidence = code.unwrap_or_default() + &data.unwrap_or_default() + &text;
        let line = told(&one.url, &evidence, &one.bound);
        // One server that cannot be asked does not make the password wrong.
        match (&one.bound, accepted) {
            (Err(error), true) => Topic::Password
                .warn(
                    &tried_on(&one.url),
                    format!("{error}{evidence}"),
                    "mereau doctor tells more",
                )
                .because("DIR_DOWN"),
            _ => line,
        }
    });
    lines.collect()
}

fn tried_on(about: &str) -> String {
    format!("{about}, tried")
}

fn told(about: &str, evidence: &str, bound: &Result<Bound, DirectoryError>) -> Line {
    let about = tried_on(about);
    let fail = |reason: &str, fact: &str, advice: &str| {
        Topic::Password.fail(reason, &about, format!("{fact}{evidence}"), advice)
    };
    match bound {
        Ok(Bound::Accepted(None)) => Topic::Password.ok(&about, format!("the password is right{evidence}")),
        Ok(Bound::Accepted(Some(notice))) => match notice {
            PasswordNotice::MustChange => fail(
                "PWD_MUST_CHANGE",
                "the password is right, but must be changed first",
                "they sign in with it and choose another",
            ),
            PasswordNotice::ExpiresInSeconds(left) => {
                let fact = format!(
                    "the password is right and expires in {} days{evidence}",
                    left / 86_400
                );
                Topic::Password.warn(&about, fact, "a new one before that day")
            }
            PasswordNotice::GraceLoginsLeft(left) => {
                let fact =
                    format!("the password is right but too old; {left} more sign-ins are granted{evidence}");
                Topic::Password.warn(&about, fact, "a new one now")
            }
        },
        Ok(Bound::WrongPassword) => fail(
            "PWD_WRONG",
            "the password is wrong, or the entry has none",
            "this try counts in the directory's own lock",
        ),
        Ok(Bound::Refused(BindRefusal::Locked)) => fail(
            "LOCK_DIRECTORY",
            "the directory has locked the account",
            "see line 7",
        ),
        Ok(Bound::Refused(BindRefusal::Expired)) => fail(
            "PWD_EXPIRED",
            "the password is right and too old",
            "they sign in with it and choose another",
        ),
        Ok(Bound::Refused(BindRefusal::MustChange)) => fail(
            "PWD_MUST_CHANGE",
            "the password is right and must be changed first",
            "they sign in with it and choose another",
        ),
        Ok(Bound::Refused(BindRefusal::Disabled)) => fail(
            "DISABLED",
            "the directory has disabled the account, or it is outside its dates or hours",
            "mend it in the directory",
        ),
        Err(error) => fail("DIR_DOWN", &error.to_string(), "mereau doctor tells more"),
    }
}

/// Of RFC 4511, those that a bind comes to.
fn name(code: u32) -> &'static str {
    match code {
        0 => " success",
        19 => " constraintViolation",
        32 => " noSuchObject",
        48 => " inappropriateAuthentication",
        49 => " invalidCredentials",
        50 => " insufficientAccessRights",
        53 => " unwillingToPerform",
        _ => "",
    }
}

/// What AD means by its data codes.
fn meant(data: &str) -> &'static str {
    match data {
        "525" => " (nobody of this name)",
        "52e" => " (wrong password)",
        "530" => " (not at this hour)",
        "531" => " (not from this machine)",
        "532" => " (password too old)",
        "533" => " (disabled)",
        "701" => " (account past its end)",
        "773" => " (must change the password)",
        "775" => " (locked)",
        _ => "",
    }
}
