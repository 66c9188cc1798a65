//! Clients of CAS that nobody here wrote, in the places they are made for, each signing people in by the
//! served binary in every way it knows.

mod apache;
mod django;
mod node;
mod perl;
mod proxied;

use serde_json::Value;

use crate::support::browser::{Browser, Page};
use crate::support::certificates::Authority;
use crate::support::redis::Redis;
use crate::support::served::{Options, Served, service};
use crate::support::slapd::{self, Slapd};
use crate::support::wait;

const PERSON: (&str, &str) = ("elise.lefevre", "Élise-été-9 €");

/// The served binary with its people, applications registered by URL.
struct Campus {
    authority: Authority,
    served: Served,
    redis: Redis,
    _slapd: Slapd,
}

impl Campus {
    /// Over TLS, as most clients want it.
    fn open(services: &[(&str, &str)]) -> Campus {
        Campus::over(true, services)
    }

    /// In clear or over TLS.
    fn over(tls: bool, services: &[(&str, &str)]) -> Campus {
        Campus::of(Authority::new(), tls, services)
    }

    /// Over TLS, with certificates of an authority that others have, too.
    fn trusting(authority: Authority, services: &[(&str, &str)]) -> Campus {
        Campus::of(authority, true, services)
    }

    /// Each service is a URL under which everything belongs to it, and more lines of its file.
    fn of(authority: Authority, tls: bool, services: &[(&str, &str)]) -> Campus {
        let slapd = Slapd::start(&slapd::Options::default());
        let redis = Redis::start(&[]);
        let tickets = redis.url();
        let named: Vec<(String, String)> = services
            .iter()
            .enumerate()
            .map(|(number, (url, more))| (format!("app-{number}"), service(url, more)))
            .collect();
        let named: Vec<(&str, String)> = named
            .iter()
            .map(|(name, text)| (name.as_str(), text.clone()))
            .collect();
        let served = Served::start(&Options {
            authority: tls.then_some(&authority),
            services: &named,
            sections: if tls { "ca_file = \"ca.pem\"\n" } else { "" },
            ..Options::on(&slapd, &tickets)
        });
        Campus {
            authority,
            served,
            redis,
            _slapd: slapd,
        }
    }

    fn browser(&self) -> Browser {
        Browser::new(Some(&self.authority))
    }

    /// Opens `url`, is sent to our form, signs in there and is sent back.
    async fn sign_in(&self, browser: &mut Browser, url: &str) -> Page {
        let page = browser.open(url).await;
        assert!(
            page.reply.has_form() && page.url.as_str().starts_with(self.served.url()),
            "{} {}",
            page.url,
            page.reply.body
        );
        browser.sign_in(&page, PERSON.0, PERSON.1).await
    }

    /// Signs out at our own page.
    async fn sign_out(&self, browser: &mut Browser) {
        browser.open(&self.served.address("/logout", &[])).await;
    }

    /// Waits until `url` sends to our form again: the application has heard that its session is over.
    async fn is_out(&self, browser: &mut Browser, url: &str) {
        for _ in 0..1000 {
            let page = browser.open(url).await;
            if page.url.as_str().starts_with(self.served.url()) {
                assert!(page.reply.has_form(), "{}", page.reply.body);
                return;
            }
            wait::pause_async().await;
        }
        panic!("still in at {url}: {}", self.served.output());
    }

    /// The paths that were asked, in order.
    fn paths(&self) -> Vec<String> {
        let output = self.served.output();
        let lines = output.lines().filter(|line| line.contains("\"mereau::access\""));
        lines
            .filter_map(|line| {
                let line: Value = serde_json::from_str(line).ok()?;
                let path = line.get("path").or_else(|| line.get("fields")?.get("path"))?;
                path.as_str().map(str::to_owned)
            })
            .collect()
    }
}

/// What an application says in JSON.
fn told(page: &Page) -> Value {
    serde_json::from_str(&page.reply.body).unwrap_or_else(|_| panic!("{}: {}", page.url, page.reply.body))
}
