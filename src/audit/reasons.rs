//! Why something was refused or does not work, as codes that never change: they stand in the log, in the
//! audit, in `mereau doctor person`, and people read them out on the telephone. The one list of them, with
//! what each means and what to do. Not the texts that pages show.

use std::fmt::Write as _;

/// One code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reason {
    pub code: &'static str,
    /// What it means, as a sentence without its full stop.
    pub means: &'static str,
    /// What to do; empty where nothing is to be done.
    pub advice: &'static str,
}

/// Codes of one subject.
pub struct Subject {
    pub name: &'static str,
    pub reasons: &'static [Reason],
}

macro_rules! reasons {
    ($($name:literal { $($code:literal: $means:literal, $advice:literal;)+ })+) => {
        /// Every code, by subject.
        pub const REASONS: &[Subject] = &[$(Subject {
            name: $name,
            reasons: &[$(Reason { code: $code, means: $means, advice: $advice }),+],
        }),+];
    };
}

reasons! {
    "Signing in" {
        "LOGIN_UNKNOWN": "no entry of the realm has this login", "look for a blank, an accent, another realm; login_attributes, base_dns, user_filter";
        "LOGIN_AMBIGUOUS": "several entries have this login, and none is let in", "give each a login of its own, or shorten login_attributes";
        "PWD_WRONG": "the password is not the entry's", "a new one by “forgotten password”, or mereau recovery send";
        "PWD_NONE": "the entry has no password", "a first one by activation, or mereau recovery send";
        "PWD_EXPIRED": "the password is too old", "a new one; the sign-in offers it where the directory can be written";
        "PWD_MUST_CHANGE": "the password must be changed first", "a new one; the sign-in offers it where the directory can be written";
        "STATE_CLOSED": "the password was right, and the state of the account lets nobody in", "mereau doctor person tells by which rule";
        "STATE_ANNOUNCED": "the account opens later", "wait, or change the entry or the rule under [states]";
        "STATE_INACTIVE": "the account is closed", "change the entry, or the rule under [states]";
        "STATE_SUSPENDED": "staff have suspended the account", "lift it in the directory, or change the rule under [states]";
        "STATE_LOCKED": "failed tries have locked the account", "wait, or lift it in the directory";
        "STATE_MUST_CHANGE": "the password must be changed first", "a new one";
        "STATE_EXPIRED": "the password is too old", "a new one";
        "STATE_NOT_ACTIVATED": "the account was never activated", "its activation";
        "LOCK_DIRECTORY": "the directory has locked the account after failed tries", "find what still tries the old password; then wait, or lift it in the directory";
        "LOCK_OURS": "too many wrong passwords: this server makes the next try wait", "wait; nothing is to be lifted";
        "NAME_OR_NETWORK": "too many wrong passwords for this name, or from this network on many names", "wait; look for who tries";
        "ACCOUNT": "too many of one account: tries of a password, or letters", "wait; look for who tries";
        "DISABLED": "the directory has disabled the account, or it is outside its dates or hours", "mend it in the directory";
        "DISOWNED": "its person said that a new password was somebody else's, and closed the account", "make sure who they are; then mereau recovery unlock";
        "DIR_DOWN": "the directory did not answer, so nobody could tell", "mereau doctor; the network, the server, the service account";
        "DIR_REFUSED": "the directory answered with an error", "mereau doctor; the rights of the service account";
        "STORE_DOWN": "the ticket store did not answer", "mereau doctor; Redis, its password, the network";
        "REPLICA_DIFFERS": "servers of the directory tell different things of the entry", "look at replication; until then it depends on who is asked";
        "NEVER_REMEMBERED": "the person may not be kept signed in for long", "";
        "FOREIGN_FORM": "a form came from another site", "";
        "NO_INSTITUTION": "no institution could be chosen", "the link, or the institutions that the service is open to";
        "HEADER_STRANGER": "somebody who is not the proxy sent its header", "proxies of [trusted_header], or who asks there";
        "HEADER_SECRET": "the proxy's header came without the right secret", "the secret of both; or who asks there";
        "HEADER_TWICE": "the proxy's header came twice, as a forged one would", "the proxy must take away what comes from browsers";
        "HEADER_FOREIGN": "the proxy named somebody of another realm", "the proxy; [trusted_header] of the realm";
        "HEADER_UNREADABLE": "what the proxy said of a person cannot be read", "the proxy; [trusted_header] of the realm";
        "REST_OVER_BUDGET": "a program asks for more passwords or tickets than it may", "its requests_a_minute, or the program";
        "REST_STRANGER": "a program showed no key that may use the REST protocol", "its key, or [[rest.clients]]";
    }
    "Applications and tickets" {
        "SVC_UNKNOWN": "no registered service has this address", "mereau services test URL; a rule under “urls” of a file in services/";
        "SVC_CLOSED": "the service is disabled, or outside its dates", "its enabled, opens, closes";
        "SVC_NOT_OPEN": "the service opens later", "its “opens”";
        "SVC_FORBIDDEN": "the service is not for this person", "the entry, or realms, profiles, required_attributes, rejected_attributes of the service";
        "SVC_ACCESS": "the service is not for this person, found when the ticket was validated", "as SVC_FORBIDDEN";
        "SVC_LACKS": "an attribute that the service lists is not in the entry", "the entry, or [people] attributes of the realm";
        "SERVICE_LOOPS": "an application sends the browser back again and again", "the application does not keep its session: its cookies, its clock, its validation";
        "USER_NAME": "no user name can be made for this service", "the entry, or another rule under “user”";
        "TICKET_REUSED": "a ticket was shown twice", "the application validates twice, or somebody else had it";
        "TICKET_OTHER_SERVICE": "a ticket was issued for another service", "the application must name the same address twice";
        "UNKNOWN_TICKETS": "too many tickets that are none came from one address", "who asks there?";
        "PROXY_CALLBACK_NOT_REGISTERED": "a proxy named a callback that is not registered", "proxy_callbacks of the service";
        "PROXY_CALLBACK_STATUS": "the callback of a proxy did not answer with 200", "look at the proxy's own log";
        "PROXY_CALLBACK_FAILED": "the callback of a proxy could not be reached", "network, certificate, proxy_callback_ca";
    }
    "Getting back in" {
        "NOBODY": "nobody was meant by what was typed", "";
        "SEVERAL": "a code by text message was wanted, and several accounts are meant", "the identifier instead of the number";
        "NO_ADDRESS": "no address or number is on record that links may go to; of a logout message: the host's name has no address", "an address in the entry; [recovery] addresses";
        "NOT_ACTIVATED": "the account waits for its activation", "";
        "FEDERATED": "the password is kept elsewhere", "";
        "TEMPORARY": "temporary accounts are sent nothing", "";
        "POLICY": "the account is not recovered this way: closed, protected, or with a second factor", "the console; [recovery] protected, second_factor";
        "BUDGET": "the account was given as many links and codes as it may", "wait";
        "MAILBOX": "the mailbox got as many letters as it may", "wait";
        "MONTH": "the text messages of this month are spent", "[sms] a_month";
        "ELIGIBLE": "the account may be recovered", "";
        "CODE_WRONG": "a code is not right", "";
        "GUARD_MOVED": "the password was changed otherwise since the link was made", "a new link";
        "LAPSED": "a request or message died with its worker again and again", "the log of those minutes";
        "TOO_SHORT": "the directory finds the new password too short", "its policy, or [password] of the realm";
        "TOO_LONG": "a password too long for the directory; of a request: it waited too long", "its policy; or the log of those hours";
        "TOO_YOUNG": "the directory lets a password be changed only later", "its policy: pwdMinAge";
        "IN_HISTORY": "the directory remembers the new password from before", "another one";
        "QUALITY": "the directory finds the new password too weak", "its policy, or [password] of the realm";
        "NOT_ALLOWED": "the service account may not write the password", "mereau doctor; its rights";
        "WRONG_CURRENT": "the password so far was not right", "";
        "PASS_THROUGH": "the password is kept elsewhere ({SASL}) and cannot be written here", "where it is kept";
        "UNKNOWN": "it is not known how a write ended", "the link works again, and tells";
        "OTHER": "the directory refused for a reason of its own", "the directory's log";
    }
    "Other servers" {
        "DELEGATION_STATE": "an answer belongs to no question of this browser", "";
        "DELEGATION_LATE": "the person came back too late", "";
        "DELEGATION_REPLAY": "an answer came twice", "";
        "DELEGATION_CANCELLED": "the person gave up at the other server", "";
        "DELEGATION_WITHDRAWN": "the way was taken out of the configuration meanwhile", "";
        "DELEGATION_NO_ANSWER": "the other server did not answer", "network, certificate, that server";
        "DELEGATION_BAD_ANSWER": "the other server's answer cannot be read", "that server's log";
        "DELEGATION_REFUSED": "the other server did not know the ticket", "both clocks; the address that each has of the other";
        "DELEGATION_NO_KEY": "the other server's answer names nobody", "what it releases to this server";
        "DELEGATION_NO_ACCOUNT": "nobody of the realm is who the other server means", "the entry, or join of [[delegation]]";
        "DELEGATION_AMBIGUOUS": "too many are who the other server means", "join of [[delegation]]";
    }
    "Logout messages" {
        "REFUSED": "the application answered a logout message with an error", "its log";
        "UNABLE": "the application answered a logout message that it cannot now", "its log; it is tried again";
        "UNREACHABLE": "the application could not be reached", "network, its server";
        "BAD_URL": "the address of a logout message is none", "logout_url of the service";
        "FORBIDDEN_ADDRESS": "the address is inside and not listed", "[outgoing] allowed";
        "TLS": "the certificate of the application is not good", "its certificate; [outgoing] ca_file";
        "NOT_HTTP": "what answered does not speak HTTP", "logout_url of the service";
        "LATE": "the application did not answer in time", "its load; [outgoing] deadline";
        "TOO_OLD": "a logout message waited for a day and was given up", "mereau logout dead-letters";
        "RESTING": "the host failed so often that it is left alone for a while", "wait; mereau logout dead-letters";
    }
}

/// What is known of a code; what follows a `:` in it, as in `STATE_INACTIVE:rule=3`, is its own.
pub fn reason(code: &str) -> Option<&'static Reason> {
    let code = code.split(':').next().unwrap_or(code);
    let mut all = REASONS.iter().flat_map(|subject| subject.reasons);
    all.find(|reason| reason.code == code)
}

const HEAD: &str = "# Reason codes

Why something was refused, in the log (`reason`), in the audit (`reason`), in `mereau doctor person` and
`mereau trace`. The codes do not change; further ones may come. What follows a colon tells more:
`STATE_INACTIVE:rule=3` is the third rule under `[states]`. `mereau audit reasons` prints this page.
";

/// The page about all of them, in Markdown.
pub fn sheet() -> String {
    let mut page = HEAD.to_owned();
    for subject in REASONS {
        let _ = write!(
            page,
            "\n## {}\n\n| code | what it means | what to do |\n|---|---|---|\n",
            subject.name
        );
        for reason in subject.reasons {
            let advice = match reason.advice {
                "" => "–",
                advice => advice,
            };
            let _ = writeln!(page, "| `{}` | {} | {advice} |", reason.code, reason.means);
        }
    }
    page
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_in_the_documents_is_what_the_list_says() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/reason-codes.md");
        if std::env::var("INSTA_UPDATE").is_ok_and(|wanted| wanted == "always") {
            std::fs::write(path, sheet()).expect("the page is written");
        }
        let kept = std::fs::read_to_string(path).unwrap_or_default();
        assert!(
            kept == sheet(),
            "write docs/reason-codes.md anew: INSTA_UPDATE=always"
        );
    }

    #[test]
    fn every_code_stands_once_and_is_found_with_what_follows_it() {
        let all: Vec<&str> = REASONS
            .iter()
            .flat_map(|subject| subject.reasons)
            .map(|one| one.code)
            .collect();
        let once: std::collections::BTreeSet<&str> = all.iter().copied().collect();
        assert_eq!(once.len(), all.len());
        assert_eq!(
            reason("STATE_INACTIVE:rule=3").map(|one| one.code),
            Some("STATE_INACTIVE")
        );
        assert_eq!(reason("NO_SUCH_CODE"), None);
    }
}
