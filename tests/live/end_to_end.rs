//! The served binary on real slapd and Redis, through what happens to a server: killed, stopped, left
//! without its directory or its store; and what it writes about people meanwhile.

use http::StatusCode;

use crate::support::application::Application;
use crate::support::browser::{Browser, Page};
use crate::support::redis::Redis;
use crate::support::served::{Options, Served, service};
use crate::support::slapd::{self, SERVICE_PASSWORD, Slapd};
use crate::support::wait;

const LOGIN: &str = "camille.dupont";
const PASSWORD: &str = "camille-corbeau-7";

struct Campus {
    served: Served,
    application: Application,
    redis: Redis,
    slapd: Slapd,
}

impl Campus {
    fn open(log: &str) -> Campus {
        let redis = Redis::start(&["--appendonly", "yes"]);
        let tickets = redis.url();
        Campus::on(redis, &tickets, log)
    }

    fn on(redis: Redis, tickets: &str, log: &str) -> Campus {
        let slapd = Slapd::start(&slapd::Options::default());
        let application = Application::plain();
        let services = [(
            "application",
            service(&application.url(), "attributes = [\"mail\"]"),
        )];
        let options = Options {
            services: &services,
            log,
            ..Options::on(&slapd, tickets)
        };
        let served = Served::start(&options);
        Campus {
            served,
            application,
            redis,
            slapd,
        }
    }

    fn login(&self) -> String {
        self.served.address("/login", &[("service", &self.service())])
    }

    fn service(&self) -> String {
        format!("{}/app", self.application.url())
    }

    async fn sign_in(&self, browser: &mut Browser) -> Page {
        let page = browser.open(&self.login()).await;
        browser.sign_in(&page, LOGIN, PASSWORD).await
    }

    /// Waits until somebody who was not in gets in, after a server behind has come back.
    async fn signs_in_again(&self) {
        wait::until_async("sign-ins to work again", || async {
            let page = self.sign_in(&mut Browser::new(None)).await;
            page.url.as_str().starts_with(&self.service()).then_some(())
        })
        .await;
    }

    async fn validate(&self, ticket: &str) -> String {
        let parameters = [("service", self.service()), ("ticket", ticket.to_owned())];
        let parameters = parameters.each_ref().map(|(name, value)| (*name, value.as_str()));
        let url = self.served.address("/p3/serviceValidate", &parameters);
        Browser::new(None).get(&url).await.reply.body
    }
}

/// The ticket that an application was reached with.
fn ticket(page: &Page) -> String {
    let ticket = page.url.query_pairs().find(|(name, _)| name == "ticket");
    ticket
        .unwrap_or_else(|| panic!("no ticket in {}: {}", page.url, page.reply.body))
        .1
        .into_owned()
}

#[tokio::test]
async fn a_session_outlives_a_server_that_was_killed() {
    let mut campus = Campus::open("info");
    let mut browser = Browser::new(None);
    campus.sign_in(&mut browser).await;
    campus.served.restart();
    let page = browser.open(&campus.login()).await;
    assert!(
        campus
            .validate(&ticket(&page))
            .await
            .contains("<cas:user>camille.dupont</cas:user>")
    );
}

#[tokio::test]
async fn a_session_on_the_disk_of_a_single_node_outlives_it_too() {
    let mut campus = Campus::on(Redis::start(&[]), "embedded:tickets", "info");
    let mut browser = Browser::new(None);
    let unspent = ticket(&campus.sign_in(&mut browser).await);
    campus.served.restart();
    assert!(
        campus
            .validate(&unspent)
            .await
            .contains("<cas:user>camille.dupont</cas:user>")
    );
    campus.served.restart();
    assert!(campus.validate(&unspent).await.contains("INVALID_TICKET"));
    ticket(&browser.open(&campus.login()).await);
}

#[tokio::test]
async fn a_server_that_is_told_to_stop_ends_well() {
    let mut campus = Campus::open("info");
    campus.sign_in(&mut Browser::new(None)).await;
    let status = campus.served.terminate();
    assert!(status.success(), "{status}: {}", campus.served.output());
}

#[tokio::test]
async fn without_the_directory_nobody_is_told_that_a_password_is_wrong() {
    // F-12
    let mut campus = Campus::open("info");
    let mut known = Browser::new(None);
    campus.sign_in(&mut known).await;
    campus.slapd.kill();

    let mut browser = Browser::new(None);
    let page = browser.open(&campus.login()).await;
    let form = page
        .reply
        .form()
        .with("username", LOGIN)
        .with("password", PASSWORD);
    let refused = browser.submit(&page, &form).await.reply;
    assert_eq!(refused.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(refused.headers.contains_key("Retry-After"));

    // Who is in stays in: single sign-on and validation need no directory.
    let page = known.open(&campus.login()).await;
    assert!(
        campus
            .validate(&ticket(&page))
            .await
            .contains("authenticationSuccess")
    );

    campus.slapd.restart();
    campus.signs_in_again().await;
}

#[tokio::test]
async fn without_the_store_a_validation_fails_as_the_protocol_says_and_works_again_afterwards() {
    let mut campus = Campus::open("info");
    let unspent = ticket(&campus.sign_in(&mut Browser::new(None)).await);
    campus.redis.kill();
    let answer = campus.validate(&unspent).await;
    assert!(answer.contains("INTERNAL_ERROR"), "{answer}");
    campus.redis.restart();
    campus.signs_in_again().await;
}

#[tokio::test]
async fn the_log_of_a_real_server_holds_no_secret_however_talkative() {
    // SEC-11, T-79, CAS-311
    let campus = Campus::open("trace");
    let mut browser = Browser::new(None);
    let page = browser.open(&campus.login()).await;
    let page = browser.sign_in(&page, LOGIN, "canary-wrong-4711").await;
    let page = browser.sign_in(&page, LOGIN, PASSWORD).await;
    let first = ticket(&page);
    campus.validate(&first).await;
    let second = ticket(&browser.open(&campus.login()).await);
    let cookies = browser.secrets();
    assert!(
        cookies.iter().any(|value| value.len() > 30),
        "{} cookies",
        cookies.len()
    );
    browser.open(&campus.served.address("/logout", &[])).await;
    wait::until("the logout message", || {
        campus
            .application
            .asked()
            .into_iter()
            .find(|asked| asked.method == http::Method::POST)
    });

    let log = campus.served.output();
    let heard = ["DEBUG", "signed in", "/cas/p3/serviceValidate"];
    assert!(
        heard.iter().all(|word| log.contains(word)),
        "a silent server proves nothing: {log}"
    );
    let known = ["canary-wrong-4711", PASSWORD, SERVICE_PASSWORD, &first, &second].map(str::to_owned);
    for secret in known.iter().chain(&cookies) {
        let line = log.lines().find(|line| line.contains(secret.as_str()));
        assert!(
            line.is_none(),
            "{secret} stands in the log: {}",
            line.unwrap_or_default()
        );
    }
}
