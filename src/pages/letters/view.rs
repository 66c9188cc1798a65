//! What the templates of letters are given: the notice, with names that cannot be taken for links.

use fluent_bundle::FluentArgs;
use minijinja::{Value, context};

use crate::base::clock::Timestamp;
use crate::base::names::Locale;
use crate::messages::{AccountBlock, Aside, Asked, Browser, How, Link, LoginLine, Notice};
use crate::pages::error::PageError;
use crate::pages::texts::Texts;

/// The text that this module says itself, for the check of unused texts.
pub const DEVICE: &str = "mail-device";

const LONGEST_NAME: usize = 64;
const LONGEST_SCHOOL: usize = 120;
const HOUR: u64 = 3_600_000;
const MINUTE: u64 = 60_000;

/// `notice` as `letter` of a template.
#[allow(clippy::too_many_lines, reason = "one arm for each letter")]
pub fn of(texts: &Texts, language: &Locale, notice: &Notice) -> Result<Value, PageError> {
    let device = |browser: Option<Browser>| device(texts, language, browser);
    Ok(match notice {
        Notice::ResetLinks {
            accounts,
            besides,
            until,
            asked,
            revoke,
        } => context! {
            name => only_name(accounts),
            accounts => accounts.iter().map(block).collect::<Vec<_>>(),
            besides => besides.iter().map(aside).collect::<Vec<_>>(),
            until => span(*until, asked.at),
            asked => self::asked(asked, device(asked.browser)?),
            revoke => revoke.expose(),
        },
        Notice::SharedLink {
            link,
            besides,
            until,
            asked,
            revoke,
        } => context! {
            name => (),
            link => link.expose(),
            besides => besides.iter().map(aside).collect::<Vec<_>>(),
            until => span(*until, asked.at),
            asked => self::asked(asked, device(asked.browser)?),
            revoke => revoke.expose(),
        },
        Notice::Provisional {
            account,
            until,
            asked,
            revoke,
        } => context! {
            name => only_name(std::slice::from_ref(account)),
            accounts => vec![block(account)],
            until => span(*until, asked.at),
            asked => self::asked(asked, device(asked.browser)?),
            revoke => revoke.expose(),
        },
        Notice::Identifiers {
            accounts,
            until,
            asked,
        } => context! {
            name => (),
            accounts => accounts.iter().map(line).collect::<Vec<_>>(),
            until => until.map(|until| span(until, asked.at)),
            asked => self::asked(asked, device(asked.browser)?),
        },
        Notice::NotActivated { login, activation } => nameless(context! {
            aside => aside(&Aside::NotActivated { login: login.clone(), activation: activation.clone() }),
        }),
        Notice::Federated { login, where_to } => nameless(context! {
            aside => aside(&Aside::Federated { login: login.clone(), where_to: where_to.clone() }),
        }),
        Notice::RefusedByPolicy { login } => nameless(context! {
            aside => aside(&Aside::RefusedByPolicy { login: login.clone() }),
        }),
        Notice::PasswordChanged {
            login,
            when,
            how,
            browser,
            network_prefix,
            asked,
            not_me,
        } => nameless(context! {
            login => shown_login(login),
            when => millis(*when),
            how => how_word(*how),
            device => device(*browser)?,
            network => network_prefix.as_ref().map(|prefix| prefix.as_str()),
            asked_from => asked.as_ref().map(|asked| asked.network.as_str()),
            asked_at => asked.as_ref().map(|asked| millis(asked.at)),
            not_me => not_me.as_ref().map(|link| link.expose()),
        }),
        Notice::Unlocked { login } => nameless(context! { login => shown_login(login) }),
        Notice::AddressAdded {
            login,
            mask,
            when,
            undo,
        }
        | Notice::AddressRemoved {
            login,
            mask,
            when,
            undo,
        }
        | Notice::AddressChanged {
            login,
            mask,
            when,
            undo,
        } => nameless(context! {
            login => shown_login(login),
            mask => mask,
            when => millis(*when),
            undo => undo.as_ref().map(|link| link.expose()),
        }),
        Notice::ConfirmAddress {
            login,
            code,
            link,
            until,
        } => nameless(context! {
            login => shown_login(login),
            code => code.expose(),
            link => link.as_ref().map(|link| link.expose()),
            until => context! { at => millis(*until) },
        }),
        Notice::SentByAgent {
            login,
            mask,
            when,
            revoke,
        } => nameless(context! {
            login => shown_login(login),
            mask => mask,
            when => millis(*when),
            revoke => revoke.as_ref().map(|link| link.expose()),
        }),
        Notice::Disowned { login, when } => nameless(context! {
            login => shown_login(login),
            when => millis(*when),
        }),
        // Text messages only; a mail of it has no template.
        Notice::ResetCode { .. } => nameless(context! {}),
    })
}

/// Every link that the letter of a notice must show.
pub fn links(notice: &Notice) -> Vec<&str> {
    match notice {
        Notice::ResetLinks { accounts, revoke, .. } => {
            let own = accounts.iter().map(|account| account.link.expose());
            // Without a link there is nothing to call off.
            own.chain((!accounts.is_empty()).then(|| revoke.expose()))
                .collect()
        }
        Notice::SharedLink { link, revoke, .. } => vec![link.expose(), revoke.expose()],
        Notice::Provisional { account, revoke, .. } => vec![account.link.expose(), revoke.expose()],
        Notice::Identifiers { accounts, .. } => {
            let ways = accounts.iter().filter_map(|line| line.way.as_ref());
            let backs = accounts.iter().filter_map(|line| line.back.as_ref());
            ways.map(|way| &way.link).chain(backs).map(Link::expose).collect()
        }
        Notice::NotActivated { activation, .. } => activation.iter().map(String::as_str).collect(),
        Notice::PasswordChanged { not_me: link, .. }
        | Notice::AddressAdded { undo: link, .. }
        | Notice::AddressRemoved { undo: link, .. }
        | Notice::AddressChanged { undo: link, .. }
        | Notice::ConfirmAddress { link, .. }
        | Notice::SentByAgent { revoke: link, .. } => link.iter().map(|link| link.expose()).collect(),
        Notice::Federated { .. }
        | Notice::RefusedByPolicy { .. }
        | Notice::Unlocked { .. }
        | Notice::Disowned { .. }
        | Notice::ResetCode { .. } => Vec::new(),
    }
}

fn nameless(rest: Value) -> Value {
    context! { name => (), ..rest }
}

fn block(account: &AccountBlock) -> Value {
    context! {
        title => title(&account.display_name, &account.login, account.school.as_deref()),
        login => shown_login(&account.login),
        link => account.link.expose(),
        code => account.code.expose(),
    }
}

fn line(line: &LoginLine) -> Value {
    context! {
        title => title(&line.display_name, &line.login, line.school.as_deref()),
        login => shown_login(&line.login),
        link => line.way.as_ref().map(|way| way.link.expose()),
        code => line.way.as_ref().map(|way| way.code.expose()),
        back => line.back.as_ref().map(Link::expose),
    }
}

fn aside(aside: &Aside) -> Value {
    match aside {
        Aside::NotActivated { login, activation } => context! {
            kind => "not-activated",
            login => shown_login(login),
            activation => activation,
            where_to => Vec::<Value>::new(),
        },
        Aside::Federated { login, where_to } => context! {
            kind => "federated",
            login => shown_login(login),
            activation => (),
            where_to => where_to
                .iter()
                .map(|(name, url)| context! { name, url => (!url.is_empty()).then_some(url) })
                .collect::<Vec<_>>(),
        },
        Aside::RefusedByPolicy { login } => context! {
            kind => "refused",
            login => shown_login(login),
            activation => (),
            where_to => Vec::<Value>::new(),
        },
    }
}

fn asked(asked: &Asked, device: Option<String>) -> Value {
    context! { at => millis(asked.at), device, by_agent => asked.by_agent }
}

/// How long something lasts from when it was asked for, in whole hours or minutes, and until when.
fn span(until: Timestamp, from: Timestamp) -> Value {
    // Minutes go by between the asking and the writing: what counts is the nearest.
    let lasts = until.0.saturating_sub(from.0).saturating_add(MINUTE / 2);
    let hours = (lasts >= 2 * HOUR - MINUTE).then(|| lasts.saturating_add(HOUR / 2) / HOUR);
    context! { at => millis(until), hours, minutes => (lasts / MINUTE).max(1) }
}

fn millis(at: Timestamp) -> i64 {
    i64::try_from(at.0).unwrap_or(i64::MAX)
}

/// « Chrome sur Android », as far as it is known.
fn device(texts: &Texts, language: &Locale, browser: Option<Browser>) -> Result<Option<String>, PageError> {
    let Some(Browser { family, system }) = browser else {
        return Ok(None);
    };
    Ok(match (family.name(), system.name()) {
        (Some(browser), Some(system)) => {
            let args = FluentArgs::from_iter([("browser", browser), ("system", system)]);
            let said = texts.say(language, DEVICE, &args);
            Some(said.map_err(|error| PageError::Theme {
                file: "texts/".to_owned(),
                problem: error.to_string(),
            })?)
        }
        (one, other) => one.or(other).map(str::to_owned),
    })
}

fn how_word(how: How) -> &'static str {
    match how {
        How::Mail => "mail",
        How::Sms => "sms",
        How::Agent => "agent",
        How::Account => "account",
        How::Forced => "forced",
    }
}

/// The name in the greeting, where one person is meant.
fn only_name(accounts: &[AccountBlock]) -> Option<String> {
    match accounts {
        [one] => Some(shown_name(&one.display_name, &one.login)),
        _ => None,
    }
}

/// « Camille Dupont – Collège Rosa-Parks ».
fn title(name: &str, login: &str, school: Option<&str>) -> String {
    let name = shown_name(name, login);
    match school.and_then(shown_school) {
        Some(school) => format!("{name} – {school}"),
        None => name,
    }
}

/// The name, unless it could be taken for a link or a message of its own: then the login (SEC-43).
pub fn shown_name(name: &str, login: &str) -> String {
    let name = name.trim();
    let fits = !name.is_empty() && name.chars().count() <= LONGEST_NAME;
    if fits && !could_be_a_link(name) && !name.chars().any(breaks_lines) {
        name.to_owned()
    } else {
        shown_login(login)
    }
}

/// The name of a school comes from the configuration or the directory: left out rather than doubtful.
fn shown_school(school: &str) -> Option<String> {
    let doubtful = school.contains("://") || school.to_lowercase().contains("www.");
    let fits = !school.trim().is_empty() && school.chars().count() <= LONGEST_SCHOOL;
    (fits && !doubtful && !school.chars().any(breaks_lines)).then(|| school.trim().to_owned())
}

/// A login is told as it is, for it must be typed; only what ends lines goes.
fn shown_login(login: &str) -> String {
    login.chars().filter(|c| !breaks_lines(*c)).take(128).collect()
}

/// A scheme, `www.`, or something like a host name: mail programs make links of all of them.
fn could_be_a_link(name: &str) -> bool {
    let lower = name.to_lowercase();
    let like_a_host = |word: &str| {
        let (before, after) = word.split_once('.').unwrap_or((word, ""));
        let ends = before.chars().next_back().is_some_and(char::is_alphanumeric);
        ends && after.chars().take_while(|c| c.is_alphanumeric()).count() >= 2
    };
    lower.contains("://")
        || lower.contains("www.")
        || lower.contains('@')
        || lower.contains('%')
        || lower.split_whitespace().any(like_a_host)
}

fn breaks_lines(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_could_be_a_link_is_replaced_by_the_login() {
        // SEC-43
        for good in ["Camille Dupont", "J.-P. O’Neil", "M. Li", "مريم"] {
            assert_eq!(shown_name(good, "login"), good);
        }
        for bad in [
            "Cliquez http://evil.example",
            "www.evil.example",
            "WWW.evil",
            "evil.example/x",
            "gagnez@evil.example",
            "Anne\r\nBcc: x",
            "Anne\u{2028}x",
            "Anne%0aBcc",
            "Anne\0",
            "\u{202e}gpj.exe",
            "",
            &"x".repeat(65),
        ] {
            assert_eq!(shown_name(bad, "login"), "login", "{bad:?}");
        }
        assert_eq!(title("Anne", "a", Some("Lycée\nX")), "Anne");
        assert_eq!(title("Anne", "a", Some("Lycée X")), "Anne – Lycée X");
    }
}
