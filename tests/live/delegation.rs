//! Signing in by the word of django-cas-server, which nobody here wrote: with the browser of the tests
//! and with Chromium, from a button, from a pop-up and where it is the only way in, and out again.

use std::path::PathBuf;

use crate::support::application::{Answer, Application};
use crate::support::browser::{Browser, Page};
use crate::support::certificates::Authority;
use crate::support::chromium::{Chromium, Options as Window};
use crate::support::python::client;
use crate::support::redis::Redis;
use crate::support::served::{Options, Served, service};
use crate::support::slapd::{self, Slapd};
use crate::support::upstream::{STRANGER, Upstream};
use crate::support::wait;

struct Campus {
    served: Served,
    upstream: Upstream,
    application: Application,
    browser: Browser,
    trust: PathBuf,
    _redis: Redis,
    _slapd: Slapd,
}

impl Campus {
    /// The campus has a form and a button; the annexe has only the other server.
    fn open(application: Application) -> Campus {
        let authority = Authority::new();
        let upstream = Upstream::start(&authority);
        let slapd = Slapd::start(&slapd::Options::default());
        let redis = Redis::start(&[]);
        let tickets = redis.url();
        let attributes = "attributes = [\"displayName\", \"ENTPersonProfils\"]";
        let realm = ["campus", "annexe"]
            .map(|place| delegation(&upstream.url(), place))
            .concat();
        let options = Options {
            authority: Some(&authority),
            services: &[("application", service(&application.url(), attributes))],
            institutions: "[[institution]]\nid = \"annexe\"\nrealm = \"campus\"\nname = \"Annexe\"\n",
            realm: &realm,
            ..Options::on(&slapd, &tickets)
        };
        let served = Served::start(&options);
        Campus {
            trust: served.folder().join("ca.pem"),
            browser: Browser::new(Some(&authority)),
            served,
            upstream,
            application,
            _redis: redis,
            _slapd: slapd,
        }
    }

    fn service(&self) -> String {
        format!("{}/cours?id=7&page=é", self.application.url())
    }

    fn login(&self, place: &str) -> String {
        let service = self.service();
        self.served
            .address(&format!("/t/{place}/login"), &[("service", &service)])
    }

    /// What python-cas learns with the ticket of the page's address.
    fn who(&self, page: &Page) -> serde_json::Value {
        let ticket = page.url.query_pairs().find(|(name, _)| name == "ticket");
        let ticket = ticket
            .unwrap_or_else(|| panic!("no ticket in {}: {}", page.url, page.reply.body))
            .1;
        client(
            &self.trust,
            &["verify", "3", self.served.url(), &self.service(), &ticket],
            "",
        )
    }

    /// Opens the page's link that holds `part`.
    async fn click(&mut self, page: &Page, part: &str) -> Page {
        let link = page.reply.addresses().into_iter().find(|url| url.contains(part));
        let link = link.unwrap_or_else(|| panic!("no {part} in {}", page.reply.body));
        self.browser.open(page.url.join(&link).unwrap().as_str()).await
    }

    fn is_there(&self, page: &Page) -> bool {
        page.url.as_str().starts_with(&self.upstream.url()) && page.reply.has_form()
    }
}

fn delegation(url: &str, place: &str) -> String {
    let position = if place == "annexe" { "only" } else { "after" };
    format!(
        "[[delegation]]\nid = \"{place}\"\nname = \"SSO CAS\"\nurl = \"{url}\"\nca_file = \"../ca.pem\"\n\
         position = \"{position}\"\ninstitutions = [\"{place}\"]\n\
         join = [{{ theirs = \"courriel\", ours = \"mail\" }}]\n\
         attributes = {{ profil = \"ENTPersonProfils\" }}\n"
    )
}

#[tokio::test]
async fn the_button_signs_in_at_the_other_server_and_comes_straight_back_the_next_time() {
    // S2-03, S2-04
    let mut campus = Campus::open(Application::plain());
    let page = campus.browser.open(&campus.login("campus")).await;
    let there = campus.click(&page, "/login/with/campus").await;
    assert!(campus.is_there(&there), "{} {}", there.url, there.reply.body);
    let back = campus.browser.sign_in(&there, STRANGER.0, STRANGER.1).await;
    assert!(
        back.url.as_str().starts_with(&campus.application.url()),
        "{} {}",
        back.url,
        back.reply.body
    );
    let person = campus.who(&back);
    assert_eq!(person["user"], "camille.dupont");
    assert_eq!(person["attributes"]["displayName"], "Camille Dupont");
    let profiles = serde_json::json!(["National_ELV", "é & co"]);
    assert_eq!(person["attributes"]["ENTPersonProfils"], profiles);

    let bye = campus.browser.open(&campus.served.address("/logout", &[])).await;
    assert!(bye.reply.body.contains("SSO CAS"), "{}", bye.reply.body);
    let page = campus.browser.open(&campus.login("campus")).await;
    assert!(page.reply.has_form(), "signed out here");
    let back = campus.click(&page, "/login/with/campus").await;
    assert_eq!(
        campus.who(&back)["user"],
        "camille.dupont",
        "still signed in there: {}",
        back.url
    );
}

#[tokio::test]
async fn a_sign_out_reaches_the_other_server_from_both_sides() {
    // S2-03, CAS-190
    let mut campus = Campus::open(Application::plain());
    let there = campus.browser.open(&campus.login("annexe")).await;
    assert!(
        campus.is_there(&there),
        "the only way in needs no click: {}",
        there.reply.body
    );
    let back = campus.browser.sign_in(&there, STRANGER.0, STRANGER.1).await;
    assert_eq!(campus.who(&back)["user"], "camille.dupont");

    let out = format!("{}/logout", campus.upstream.url());
    campus.browser.open(&out).await;
    let message = wait::until("the application's logout message", || {
        let mut asked = campus.application.asked().into_iter();
        asked.rfind(|asked| asked.method == http::Method::POST)
    });
    assert!(message.body.starts_with("logoutRequest="));
    let there = campus.browser.open(&campus.login("annexe")).await;
    assert!(campus.is_there(&there), "both sessions are over: {}", there.url);

    campus.browser.sign_in(&there, STRANGER.0, STRANGER.1).await;
    let bye = campus.browser.open(&campus.served.address("/logout", &[])).await;
    let end = campus.click(&bye, &out).await;
    assert!(
        end.url.as_str().starts_with(campus.served.url()),
        "and back: {}",
        end.url
    );
    let there = campus.browser.open(&campus.login("annexe")).await;
    assert!(
        campus.is_there(&there),
        "both sessions are over again: {}",
        there.url
    );
}

#[tokio::test]
async fn a_ticket_that_the_other_server_did_not_give_is_refused_by_it_and_its_end_is_told() {
    // S2-03
    let mut campus = Campus::open(Application::plain());
    let button = campus
        .served
        .address("/t/campus/login/with/campus", &[("service", &campus.service())]);
    let back_to = |page: Page| {
        let there = url::Url::parse(page.reply.location()).unwrap();
        let service = there
            .query_pairs()
            .find(|(name, _)| name == "service")
            .unwrap()
            .1
            .into_owned();
        format!("{service}&ticket=ST-invented")
    };
    let page = campus.browser.get(&button).await;
    let refused = campus.browser.open(&back_to(page)).await;
    assert_eq!(refused.reply.status, 403);
    assert!(
        refused.reply.body.contains("DELEGATION_REFUSED"),
        "{}",
        refused.reply.body
    );
    let page = campus.browser.get(&button).await;
    campus.upstream.kill();
    let silent = campus.browser.open(&back_to(page)).await;
    assert_eq!(silent.reply.status, 502);
    assert!(
        silent.reply.body.contains("DELEGATION_NO_ANSWER"),
        "{}",
        silent.reply.body
    );
}

#[tokio::test]
async fn a_fragment_waits_in_the_browser_and_no_server_sees_it() {
    // S2-03
    let campus = Campus::open(Application::plain());
    let window = Chromium::start(Window::default()).await;
    let fragment = "#/cours/12?onglet=notes";
    for round in 0..2 {
        window.client.goto("about:blank").await.unwrap();
        let start = format!("{}{fragment}", campus.login("campus"));
        window.client.goto(&start).await.unwrap();
        window.click("a[href*='/login/with/campus']").await;
        if round == 0 {
            // The form of the other server posts to an address without a fragment.
            window.arrive(&campus.upstream.url()).await;
            assert!(!window.url().await.contains('#'), "{}", window.url().await);
            window.type_into("input[name=username]", STRANGER.0).await;
            let password = format!("{}{}", STRANGER.1, char::from(fantoccini::key::Key::Enter));
            window.type_into("input[name=password]", &password).await;
        }
        window.arrive(&campus.application.url()).await;
        let url = window.url().await;
        assert!(
            url.contains("ticket=ST-") && url.ends_with(fragment),
            "{round}: {url}"
        );
        let out = campus.served.address("/logout", &[]);
        window.client.goto(&out).await.unwrap();
        let left = window.ask("return sessionStorage.length").await;
        assert_eq!(left, 0, "it is kept for one way");
    }
    let seen = format!(
        "{:?}",
        campus
            .application
            .asked()
            .iter()
            .map(|asked| &asked.target)
            .collect::<Vec<_>>()
    );
    assert!(!seen.contains("onglet") && !campus.served.output().contains("onglet"));
    window.close().await;
}

#[tokio::test]
async fn chromium_signs_in_from_a_pop_up_that_keeps_its_opener() {
    // S2-03
    let page = "<!DOCTYPE html><html lang=en><title>app</title><h1>app</h1><script>\
                const done = new URLSearchParams(location.search).get('ticket');\
                if (done && window.opener) { window.opener.document.title = 'told ' + done.slice(0, 3); window.close(); }\
                </script></html>";
    let campus = Campus::open(Application::start(move |_| Answer::Page(page.to_owned())));
    let window = Chromium::start(Window::default()).await;
    window.client.goto(&campus.application.url()).await.unwrap();
    let first = window.client.window().await.unwrap();
    let login = serde_json::json!(campus.login("campus"));
    let open = "window.open(arguments[0], 'sign-in', 'popup,width=500,height=700')";
    window.client.execute(open, vec![login]).await.unwrap();
    let popup = wait::until_async("the pop-up", || async {
        let all = window.client.windows().await.unwrap();
        all.into_iter().find(|one| *one != first)
    })
    .await;
    window.client.switch_to_window(popup).await.unwrap();
    window.found("a[href*='/login/with/campus']").await;
    assert_eq!(window.violations().await, Vec::<String>::new());
    window.click("a[href*='/login/with/campus']").await;
    window.arrive(&campus.upstream.url()).await;
    window.type_into("input[name=username]", STRANGER.0).await;
    let password = format!("{}{}", STRANGER.1, char::from(fantoccini::key::Key::Enter));
    window.type_into("input[name=password]", &password).await;
    wait::until_async("the pop-up is closed by its application", || async {
        (window.client.windows().await.unwrap().len() == 1).then_some(())
    })
    .await;
    window.client.switch_to_window(first).await.unwrap();
    assert_eq!(window.client.title().await.unwrap(), "told ST-");
    window.close().await;
}
