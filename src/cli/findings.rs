//! The findings of `doctor`, and the one list of their codes, from which docs/findings.md is made.

use std::fmt::Write as _;

pub use crate::base::findings::{Code, Finding, Level};

/// The codes of what is not told by an adapter.
pub mod codes {
    use crate::base::findings::codes;

    codes! {
        Fail DIR_SETTINGS: "The settings of a directory cannot be used";
        Ok DIR_FILE: "A realm’s people are in a file, and it can be read";
        Fail DIR_FILE_BROKEN: "A realm’s file of people cannot be read";
        Ok STORE: "Where tickets are kept, and what kind of server it is";
        Warn STORE_IN_MEMORY: "Tickets are kept in memory: everybody signs in again after a restart";
        Fail STORE_SETTINGS: "The settings of the ticket store cannot be used";
        Fail STORE_UNREACHABLE: "The ticket store does not answer";
        Warn CONFIG_DOUBTFUL: "The configuration is good, and one line of it is worth a word";
        Fail LOOK_GIVEN_UP: "A part could not be looked at within a minute";
        Ok FILES: "How many files hold secrets; others may read none of them";
        Warn FILES_REPLACEABLE: "Others may put files of theirs in the place of secrets or of the configuration";
        Warn FILES_READABLE: "Others may look into a folder that holds sessions";
        Ok KEYS: "The ids of the keys: every node must show the same";
        Warn KEYS_NONE: "No key is configured: the server forgets its own at its end";
        Warn KEYS_OLD: "The active key is older than 90 days";
        Ok TLS_OWN: "The server’s own certificate, or why it has none";
        Warn TLS_OWN_SOON: "The server’s own certificate ends within 30 days";
        Fail TLS_OWN_UNUSABLE: "The server’s own certificate cannot be served, and why";
        Fail TLS_OWN_NAME: "The server’s own certificate is not for the host of public_url";
        Warn TLS_OWN_CHAIN: "The server’s own certificate leads to no authority of this machine";
        Warn TLS_OWN_NONE: "The server can be reached in clear from elsewhere, with no proxy that is trusted";
        Ok CONFINED: "What the kernel will hold the running server to";
        Warn CONFINED_OFF: "The kernel is to hold the running server to nothing";
        Warn CONFINED_PARTLY: "What the kernel cannot hold the running server to";
        Fail CONFINED_NOT: "The kernel cannot do what [server] confine = \"require\" demands";
        Ok ASVS: "A setting departs from OWASP ASVS 5.0, which a site may mean to";
        Ok MAIL: "The mail relay greets, with TLS and password as configured, and takes commands";
        Fail MAIL_UNREACHABLE: "The mail relay does not let a letter begin";
        Fail MAIL_SETTINGS: "The settings of mail cannot be used";
        Warn MAIL_NONE: "People can ask for letters, and none leaves";
        Warn MAIL_IN_FOLDER: "Letters are files in a folder: nobody gets one";
        Fail MAIL_NO_FOLDER: "The folder for letters is none";
        Ok SMS: "The gateway for text messages can be reached";
        Fail SMS_UNREACHABLE: "The gateway for text messages cannot be reached";
        Warn SMS_NONE: "Recovery knows mobile numbers, and no text message leaves";
        Ok RECOVERY_ADDRESSES: "Where links go";
        Fail RECOVERY_NO_ADDRESSES: "No link goes anywhere: nobody vouches for a mailbox";
        Ok RECOVERY_SENDER: "Who letters come from";
        Ok RECOVERY_GUARD: "One link sets one password, and the directory sees to it";
        Fail RECOVERY_READ_ONLY: "Recovery is configured, and nothing can be written to the directory";
        Warn THEME_BROKEN: "A theme that somebody chose cannot be shown; another is";
        Fail THEMES_UNUSABLE: "The built-in theme cannot be used";
        Ok LOGOUT_ADDRESS: "Logout messages leave from an address of the public host";
        Warn LOGOUT_ADDRESS_OTHER: "Logout messages leave from another address than the public host’s: phpCAS does not believe them";
    }
}

/// Every list of codes with what it is about.
fn lists() -> impl Iterator<Item = (&'static str, &'static [Code])> {
    let here = [("The server itself", codes::ALL)];
    here.into_iter().chain(super::assemble::inspect::CODES)
}

/// docs/findings.md.
pub fn sheet() -> String {
    let mut sheet = "# Findings of `mereau doctor`\n\n\
        Each line of `mereau doctor` is one finding: level, what was looked at, what was found with its evidence, and after\n\
        the arrow what to do; a line that is not OK ends in its code. `--json` has the code of every line. A code never gets\n\
        another meaning. The configuration may raise or lower the level of what is found about Redis ([tickets] in\n\
        conf/reference.toml). This page is made by `mereau doctor codes`.\n"
        .to_owned();
    for (about, list) in lists() {
        let _ = write!(
            sheet,
            "\n## {about}\n\n| code | level | meaning |\n|---|---|---|\n"
        );
        for code in list {
            let level = match code.level {
                Level::Ok => "OK",
                Level::Warn => "WARN",
                Level::Fail => "FAIL",
            };
            let _ = writeln!(sheet, "| `{}` | {level} | {} |", code.name, code.means);
        }
    }
    sheet
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn the_page_of_codes_is_current() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/findings.md");
        if std::env::var_os("INSTA_UPDATE").is_some_and(|wish| wish == "always") {
            std::fs::write(path, sheet()).unwrap();
        }
        let kept = std::fs::read_to_string(path).unwrap_or_default();
        assert!(
            kept == sheet(),
            "write docs/findings.md anew: INSTA_UPDATE=always"
        );
    }

    #[test]
    fn no_code_has_two_meanings_and_each_is_a_word_in_capitals() {
        let mut seen = BTreeSet::new();
        for code in lists().flat_map(|(_, list)| list) {
            assert!(seen.insert(code.name), "{} stands twice", code.name);
            let word = code
                .name
                .chars()
                .all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_');
            assert!(
                word && !code.means.ends_with('.'),
                "{}: {}",
                code.name,
                code.means
            );
        }
    }
}
