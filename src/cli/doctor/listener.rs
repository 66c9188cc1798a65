//! The certificate that this server shows, as a browser will take it: dates, names, chain, key. Read from its
//! files; nothing is connected to.

use std::time::Duration;

use crate::base::clock::{Clock, Timestamp};
use crate::cli::findings::{Finding, codes};
use crate::config::Settings;
use crate::tls::{self, OwnCertificate};

/// A certificate that ends sooner than this is worth a word, and than this an alarm (reliability §6).
const SOON: Duration = Duration::from_secs(30 * DAY);
const DAY: u64 = 24 * 3600;

const ABOUT: &str = "own certificate";

pub fn look(settings: &Settings, clock: &dyn Clock) -> Vec<Finding> {
    let Some(files) = &settings.tls else {
        let secure = settings.public_url.scheme() == "https";
        let fact = match secure {
            true => format!(
                "none: {} is spoken to in clear by a proxy in front, which has it",
                settings.listen
            ),
            false => "none: the public address is http".to_owned(),
        };
        return vec![
            match secure && !settings.listen.ip().is_loopback() && settings.trusted_proxies.is_empty() {
                true => Finding::of(
                    &codes::TLS_OWN_NONE,
                    ABOUT,
                    format!(
                        "none, and {} can be reached from elsewhere in clear, with no proxy that is trusted",
                        settings.listen
                    ),
                    "[server.tls] certificate and key; or listen = \"127.0.0.1:…\" behind a proxy of trusted_proxies",
                ),
                false => Finding::of(&codes::TLS_OWN, ABOUT, fact, ""),
            },
        ];
    };
    let host = settings.public_url.host_str().unwrap_or_default();
    match tls::own_certificate(files, host, clock) {
        Ok(own) => judged(&own, host, clock.now()),
        Err(error) => vec![Finding::of(
            &codes::TLS_OWN_UNUSABLE,
            ABOUT,
            error.to_string(),
            "put a valid certificate with its key there: the server does not start, and a reload keeps the old one",
        )],
    }
}

fn judged(own: &OwnCertificate, host: &str, now: Timestamp) -> Vec<Finding> {
    let left = own.until.since(now);
    let until = own.until.to_rfc3339();
    let day = until.split('T').next().unwrap_or_default();
    let days = left.as_secs() / DAY;
    let fact = format!(
        "until {day}, {days} days, {} certificates in the file, key {}",
        own.count, own.key
    );
    let mut findings = vec![match left < SOON {
        true => Finding::of(
            &codes::TLS_OWN_SOON,
            ABOUT,
            fact,
            "renew it now, then reload (SIGHUP): no connection is cut",
        ),
        false => Finding::of(&codes::TLS_OWN, ABOUT, fact, ""),
    }];
    if !own.named {
        let fact = format!("it is not for {host}, the host of public_url");
        let mend = "a certificate whose subjectAltName has this name, and those of the institutions";
        findings.push(Finding::of(&codes::TLS_OWN_NAME, ABOUT, fact, mend));
    }
    if !own.chained {
        let fact =
            "what is in the file does not lead to an authority of this machine: programs may refuse it";
        let mend = "the server's certificate first, then every intermediate one; an authority of your own must be known to each application";
        findings.push(Finding::of(&codes::TLS_OWN_CHAIN, ABOUT, fact, mend));
    }
    findings
}
