//! The served binary while its Redis is away, empty or full: what people and applications see.

use std::collections::BTreeSet;

use futures_util::future::join_all;
use http::{Method, StatusCode};

use crate::monitoring::{admin, asked};
use crate::support::application::Application;
use crate::support::browser::{Browser, Page};
use crate::support::ports;
use crate::support::redis::Redis;
use crate::support::reply::Reply;
use crate::support::served::{Options, Served, service};
use crate::support::slapd::{self, Slapd};
use crate::support::wait;

const LOGIN: &str = "camille.dupont";
const PASSWORD: &str = "camille-corbeau-7";

struct Campus {
    served: Served,
    /// The port of its admin address.
    watched: u16,
    application: Application,
    redis: Redis,
    _slapd: Slapd,
}

impl Campus {
    fn open() -> Campus {
        let redis = Redis::start(&["--appendonly", "yes", "--appendfsync", "everysec"]);
        let slapd = Slapd::start(&slapd::Options::default());
        let application = Application::plain();
        let services = [("application", service(&application.url(), ""))];
        let watched = ports::free();
        let served = Served::start(&Options {
            services: &services,
            sections: &admin(watched),
            ..Options::on(&slapd, &redis.url())
        });
        Campus {
            served,
            watched,
            application,
            redis,
            _slapd: slapd,
        }
    }

    fn app(&self) -> String {
        format!("{}/app", self.application.url())
    }

    fn login(&self) -> String {
        self.served.address("/login", &[("service", &self.app())])
    }

    /// A browser that is in.
    async fn signed_in(&self) -> Browser {
        let mut browser = Browser::new(None);
        let page = browser.open(&self.login()).await;
        let page = browser.sign_in(&page, LOGIN, PASSWORD).await;
        assert!(page.url.as_str().starts_with(&self.app()), "{}", page.reply.body);
        browser
    }

    async fn posts(&self, browser: &mut Browser, page: &Page) -> Page {
        let form = page.reply.form();
        let form = form.with("username", LOGIN).with("password", PASSWORD);
        browser.submit(page, &form).await
    }

    async fn validate(&self, ticket: &str) -> Reply {
        let asked = [("service", self.app()), ("ticket", ticket.to_owned())];
        let asked = asked.each_ref().map(|(name, value)| (*name, value.as_str()));
        let url = self.served.address("/p3/serviceValidate", &asked);
        Browser::new(None).get(&url).await.reply
    }

    /// The messages by which an application hears that a session is over.
    fn farewells(&self) -> usize {
        let asked = self.application.asked();
        asked.iter().filter(|asked| asked.method == Method::POST).count()
    }
}

/// A page that says so, without a cause, and a moment to come back; that moment.
fn unavailable(reply: &Reply) -> u64 {
    assert_eq!(reply.status, StatusCode::SERVICE_UNAVAILABLE, "{}", reply.body);
    assert!(
        reply.body.contains(reply.header("x-request-id")),
        "{}",
        reply.body
    );
    for told in ["Redis", "redis", "panick", "store", "src/", "127.0.0.1"] {
        assert!(!reply.text_of("body").contains(told), "{told} in {}", reply.body);
    }
    assert!(
        !reply.headers.contains_key("set-cookie"),
        "whoever is in stays in: {:?}",
        reply.headers
    );
    let seconds = reply.header("retry-after").parse().expect("seconds");
    assert!((2..=5).contains(&seconds), "{seconds}");
    seconds
}

#[allow(clippy::too_many_lines, reason = "one outage, and all that is seen of it")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_its_store_pages_stand_and_what_needs_it_is_told_when_to_come_back() {
    // F-01
    let mut campus = Campus::open();
    let mut known = campus.signed_in().await;
    let unspent = known.get(&campus.login()).await.reply.ticket();
    campus.redis.kill();

    let mut stranger = Browser::new(None);
    let form = stranger.open(&campus.login()).await;
    assert_eq!(form.reply.status, 200);
    assert!(form.reply.has_form());
    let here = format!("{}/assets/", url::Url::parse(campus.served.url()).unwrap().path());
    let assets: Vec<String> = form.reply.addresses();
    let assets: Vec<&String> = assets
        .iter()
        .filter(|address| address.starts_with(&here))
        .collect();
    assert!(!assets.is_empty(), "{}", form.reply.body);
    for address in assets {
        let address = form.url.join(address).unwrap();
        let got = stranger.get(address.as_str()).await.reply.status;
        assert_eq!(got, 200, "{address}");
    }

    // All at once: each waits as long as the others.
    let login = campus.login();
    let known_ones = (0..16).map(|_| {
        let (mut browser, login) = (known.clone(), login.clone());
        async move { unavailable(&browser.get(&login).await.reply) }
    });
    let (seconds, posted, left, validated) = tokio::join!(
        join_all(known_ones),
        async { campus.posts(&mut stranger, &form).await.reply },
        async {
            known
                .clone()
                .get(&campus.served.address("/logout", &[]))
                .await
                .reply
        },
        campus.validate(&unspent),
    );
    let seconds: BTreeSet<u64> = seconds.into_iter().collect();
    assert!(
        seconds.len() > 1,
        "they do not all come back at once: {seconds:?}"
    );
    unavailable(&posted);
    assert_eq!(
        left.status, 503,
        "a session that may live on is not said to be over"
    );
    assert_eq!(validated.status, 200);
    assert!(validated.body.contains("INTERNAL_ERROR"), "{}", validated.body);
    // Who restarts servers must not restart this one.
    let (status, said) = asked(campus.watched, "/livez").await;
    assert_eq!(status, 200, "{said}");

    campus.redis.restart();
    let page = wait::until_async("the session of before", || async {
        let page = known.clone().get(&login).await;
        (page.reply.status == 302).then_some(page)
    })
    .await;
    let answer = campus.validate(&page.reply.ticket()).await.body;
    assert!(answer.contains("<cas:user>camille.dupont</cas:user>"), "{answer}");
    campus.signed_in().await;
    let log = campus.served.output();
    assert!(
        !log.contains("panicked") && !log.contains("stack backtrace"),
        "{log}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_session_that_vanished_is_the_sign_in_page_and_nobody_is_signed_out_of_anything() {
    // F-05
    let campus = Campus::open();
    let browser = campus.signed_in().await;
    // Known to the application by name: it would hear of an end.
    let spent = browser.clone().get(&campus.login()).await.reply.ticket();
    assert!(campus.validate(&spent).await.body.contains("camille.dupont"));
    assert_eq!(campus.redis.cli(&["flushall"]), "OK");

    for (path, gateway) in [("/login", false), ("/account", false), ("/login", true)] {
        let mut browser = browser.clone();
        let held = browser.secrets().len();
        let app = campus.app();
        let mut asked = vec![("service", app.as_str())];
        asked.extend(gateway.then_some(("gateway", "true")));
        let first = browser.get(&campus.served.address(path, &asked)).await;
        let cleared = first.reply.headers.get_all("set-cookie").iter().any(|line| {
            let line = line.to_str().unwrap();
            line.starts_with("TGC-") && line.to_ascii_lowercase().contains("max-age=0")
        });
        let page = browser.follow(first).await;
        assert_eq!(page.reply.status, 200, "{path}: {}", page.reply.body);
        if gateway {
            assert_eq!(page.url.as_str(), campus.app(), "the gateway found nobody");
        } else {
            assert!(page.reply.has_form(), "{path}: {}", page.reply.body);
            assert!(
                browser.secrets().len() <= held && (cleared || path != "/login"),
                "{path}: the cookie of the session is cleared"
            );
        }
    }
    let mut browser = browser.clone();
    let out = browser.open(&campus.served.address("/logout", &[])).await;
    assert_eq!(out.reply.status, 200);
    let page = browser.open(&campus.login()).await;
    let page = browser.sign_in(&page, LOGIN, PASSWORD).await;
    assert!(
        page.url.as_str().starts_with(&campus.app()),
        "{}",
        page.reply.body
    );
    assert_eq!(campus.farewells(), 0, "the application's own session goes on");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_store_lets_nobody_in_and_everybody_who_is_in_go_on_and_out() {
    // F-08
    let campus = Campus::open();
    let mut known = campus.signed_in().await;
    let unspent = known.get(&campus.login()).await.reply.ticket();
    let mut stranger = Browser::new(None);
    let form = stranger.open(&campus.login()).await;
    assert_eq!(campus.redis.cli(&["config", "set", "maxmemory", "1mb"]), "OK");

    let refused = campus.posts(&mut stranger, &form).await.reply;
    assert_eq!(refused.status, 503, "no new login: {}", refused.body);
    let refused = known.get(&campus.login()).await.reply;
    assert_eq!(refused.status, 503, "no new ticket: {}", refused.body);
    assert!(!refused.header("retry-after").is_empty());
    assert_eq!(stranger.get(&campus.login()).await.reply.status, 200);
    let answer = campus.validate(&unspent).await;
    assert!(
        answer.body.contains("<cas:user>camille.dupont</cas:user>"),
        "{}",
        answer.body
    );
    let again = campus.validate(&unspent).await;
    assert!(
        again.body.contains("INVALID_TICKET"),
        "spent all the same: {}",
        again.body
    );
    let kept = known.clone();
    let out = known.open(&campus.served.address("/logout", &[])).await;
    assert_eq!(out.reply.status, 200, "{}", out.reply.body);
    wait::until("the application to hear of it", || {
        (campus.farewells() > 0).then_some(())
    });

    assert_eq!(campus.redis.cli(&["config", "set", "maxmemory", "0"]), "OK");
    let page = kept.clone().get(&campus.login()).await;
    assert!(page.reply.has_form(), "the session is over: {}", page.reply.body);
    campus.signed_in().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_frozen_store_costs_time_and_no_ticket_is_called_bad() {
    // F-10
    let campus = Campus::open();
    let mut known = campus.signed_in().await;
    let unspent = known.get(&campus.login()).await.reply.ticket();
    campus.redis.stop();
    let (validated, entered, form) = tokio::join!(
        campus.validate(&unspent),
        async { known.clone().get(&campus.login()).await.reply },
        async { Browser::new(None).get(&campus.login()).await.reply },
    );
    assert_eq!(validated.status, 200);
    assert!(validated.body.contains("INTERNAL_ERROR"), "{}", validated.body);
    unavailable(&entered);
    assert_eq!(form.status, 200);
    campus.redis.cont();
    wait::until_async("a ticket", || async {
        let page = known.clone().get(&campus.login()).await;
        (page.reply.status == 302).then_some(())
    })
    .await;
}
