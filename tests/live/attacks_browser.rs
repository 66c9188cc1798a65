//! Attacks by way of a real Chromium: what it makes of hostile addresses, which of its requests carry the session,
//! and what `gateway`, `renew` and `method` come to in it.

use std::net::Ipv4Addr;

use mereau::protocol::service_url::ServiceUrl;
use serde_json::json;

use crate::support::application::{Answer, Application};
use crate::support::browser::Browser;
use crate::support::chromium::{Chromium, Options as Window};
use crate::support::redis::Redis;
use crate::support::served::{Options, Served, service};
use crate::support::slapd::{self, Slapd};
use crate::support::wait;

const PERSON: (&str, &str) = ("camille.dupont", "camille-corbeau-7");
const CORPUS: &str = include_str!("../fixtures/hostile_service_urls.txt");

/// The texts of the corpus; `\u{…}` in it stands for a character.
fn corpus() -> Vec<String> {
    let lines = CORPUS.lines().filter(|line| !line.starts_with('#'));
    let texts = lines.filter_map(|line| line.split_once(' ').map(|(_, text)| text));
    texts.map(unescaped).collect()
}

fn unescaped(text: &str) -> String {
    let mut parts = text.split("\\u{");
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (number, rest) = part.split_once('}').expect("a number");
        let number = u32::from_str_radix(number, 16).expect("hexadecimal");
        out.push(char::from_u32(number).expect("a character"));
        out.push_str(rest);
    }
    out
}

#[tokio::test]
async fn a_browser_goes_where_every_hostile_address_was_found_to_lead() {
    // T-20, CAS-97
    let texts = corpus();
    assert!(texts.len() >= 300, "{}", texts.len());
    let window = Chromium::start(Window::default()).await;
    let script = "return arguments[0].map(text => { try { const url = new URL(text); \
         return [url.protocol, url.hostname, url.port, url.username + url.password]; } catch { return null; } })";
    let seen = window
        .client
        .execute(script, vec![json!(texts)])
        .await
        .expect("a list");
    let seen = seen.as_array().cloned().unwrap_or_default();
    assert_eq!(seen.len(), texts.len());
    let mut accepted = 0;
    for (text, seen) in texts.iter().zip(&seen) {
        let Ok(service) = ServiceUrl::parse(text) else {
            continue;
        };
        accepted += 1;
        let port = match service.port() {
            port if port == service.scheme().default_port() => String::new(),
            port => port.to_string(),
        };
        let scheme = if service.scheme().default_port() == 443 {
            "https:"
        } else {
            "http:"
        };
        assert_eq!(*seen, json!([scheme, service.host(), port, ""]), "{text:?}");
    }
    assert!(accepted >= 60, "{accepted}");
    window.close().await;
}

struct Campus {
    served: Served,
    application: Application,
    _redis: Redis,
    _slapd: Slapd,
}

impl Campus {
    fn open() -> Campus {
        let application = Application::plain();
        let slapd = Slapd::start(&slapd::Options::default());
        let redis = Redis::start(&[]);
        let tickets = redis.url();
        let served = Served::start(&Options {
            services: &[("application", service(&application.url(), ""))],
            ..Options::on(&slapd, &tickets)
        });
        Campus {
            served,
            application,
            _redis: redis,
            _slapd: slapd,
        }
    }

    fn start(&self) -> String {
        format!("{}/start", self.application.url())
    }

    fn login(&self, more: &[(&str, &str)]) -> String {
        self.login_to(&self.start(), more)
    }

    fn login_to(&self, start: &str, more: &[(&str, &str)]) -> String {
        self.served
            .address("/login", &[&[("service", start)], more].concat())
    }

    /// Tickets that reached the application, by whatever way.
    fn tickets(&self) -> usize {
        let asked = self.application.asked().into_iter();
        asked
            .filter(|asked| asked.target.contains("ticket=") || asked.body.contains("ticket="))
            .count()
    }
}

/// Signs in on the form, and waits until another page has come.
async fn signs_in(window: &Chromium, campus: &Campus) {
    let login = campus.served.address("/login", &[]);
    window.client.goto(&login).await.unwrap();
    let form = window.text("h1").await;
    window.sign_in(PERSON.0, PERSON.1).await;
    wait::until_async("the session", || async {
        (window.text("h1").await != form).then_some(())
    })
    .await;
}

/// A page of another site (127.0.0.1 is one to localhost), with a link, a frame, a picture, a request by script and a
/// form that posts, all to the sign-in; and a frame with what may stand in one. Its title says when all have ended.
fn foreign(login: &str, framable: &str) -> String {
    let login = login.replace('&', "&amp;");
    format!(
        "<!DOCTYPE html><title>elsewhere</title><a id=link href=\"{login}\">go</a>\
         <iframe src=\"{login}\"></iframe><iframe src=\"{framable}\"></iframe><img src=\"{login}\">\
         <script>const loaded = new Promise(done => addEventListener('load', done));\
         const asked = fetch(document.getElementById('link').href, {{credentials: 'include', mode: 'no-cors'}});\
         Promise.allSettled([loaded, asked]).then(() => document.title = 'asked');</script>\
         <form id=form method=post action=\"{login}\"><input name=username value=camille.dupont>\
         <input name=password value=camille-corbeau-7><button>post</button></form>"
    )
}

#[tokio::test]
async fn another_site_may_link_to_the_session_and_neither_frame_fetch_nor_post_to_it() {
    // T-31, T-33
    let campus = Campus::open();
    let login = campus.login(&[]);
    // The same page from somebody who lets it be framed.
    let copied = Browser::new(None).open(&login).await.reply.body;
    let copy = Application::start(move |_| Answer::Page(copied.clone()));
    let page = foreign(&login, &copy.url());
    let elsewhere = Application::start(move |_| Answer::Page(page.clone()));
    let elsewhere = elsewhere_url(&elsewhere);
    let window = Chromium::start(Window::default()).await;
    signs_in(&window, &campus).await;
    assert_eq!(campus.tickets(), 0);
    // Frame, picture and script get no ticket: their requests carry no session.
    window.client.goto(&elsewhere).await.unwrap();
    wait::until_async("the end of all loads", || async {
        (window.client.title().await.ok()? == "asked").then_some(())
    })
    .await;
    assert_eq!(campus.tickets(), 0);
    let refused = "chrome-error://chromewebdata/".to_owned();
    assert_eq!(framed(&window, 0).await, (refused, 0));
    assert_eq!(framed(&window, 1).await, (format!("{}/", copy.url()), 1));
    let complaints = window.complaints().await;
    let origin = campus.served.url().replace("/cas", "/");
    let ours = format!(
        "'{origin}' violates the following Content Security Policy directive: \"frame-ancestors 'none'\""
    );
    let of_frames: Vec<&String> = complaints
        .iter()
        .filter(|line| line.contains("frame-ancestors"))
        .collect();
    assert!(
        matches!(of_frames[..], [line] if line.contains(&ours)),
        "{complaints:?}"
    );
    // The link does.
    window.click("#link").await;
    window.arrive(&format!("{}?ticket=ST-", campus.start())).await;
    assert_eq!(campus.tickets(), 1);
    // A form of that site signs nobody in, not even with the right password.
    let window_two = Chromium::start(Window::default()).await;
    window_two.client.goto(&elsewhere).await.unwrap();
    window_two.click("#form button").await;
    window_two.arrive(campus.served.url()).await;
    assert!(window_two.sees("#problem").await);
    window_two.client.goto(&campus.login(&[])).await.unwrap();
    assert!(window_two.sees("input[name=password]").await, "no session");
    assert_eq!(campus.tickets(), 1);
    window_two.close().await;
    window.close().await;
}

/// Where a frame of the page has come to, and how many passwords are asked for in it.
async fn framed(window: &Chromium, number: u16) -> (String, u64) {
    window.client.enter_frame(number).await.unwrap();
    let place = window.ask("return location.href").await;
    let fields = window
        .ask("return document.querySelectorAll('input[name=password]').length")
        .await;
    window.client.enter_parent_frame().await.unwrap();
    let place = place.as_str().unwrap_or_default().to_owned();
    (place, fields.as_u64().expect("a number"))
}

fn elsewhere_url(application: &Application) -> String {
    let host = Ipv4Addr::LOCALHOST.to_string();
    application.url().replace("localhost", &host)
}

#[tokio::test]
async fn gateway_renew_and_method_do_in_chromium_what_they_say() {
    // T-34
    let campus = Campus::open();
    let window = Chromium::start(Window::default()).await;
    let (mut tickets, mut cases) = (0, 0);
    for signed_in in [false, true] {
        if signed_in {
            signs_in(&window, &campus).await;
        }
        for method in [None, Some("GET"), Some("POST")] {
            for (gateway, renew) in [(false, false), (true, false), (false, true), (true, true)] {
                let mut more = Vec::new();
                more.extend(method.map(|method| ("method", method)));
                more.extend(gateway.then_some(("gateway", "true")));
                more.extend(renew.then_some(("renew", "true")));
                let what = format!("{more:?}, signed in: {signed_in}");
                // Each has an address of its own: a sixth ticket for one within ten seconds would be a loop.
                cases += 1;
                let start = format!("{}?case={cases}", campus.start());
                window.client.goto(&campus.login_to(&start, &more)).await.unwrap();
                // `renew` wins over `gateway`.
                if renew || !(signed_in || gateway) {
                    window.found("input[name=password]").await;
                    assert!(window.url().await.starts_with(campus.served.url()), "{what}");
                } else {
                    window.arrive(&start).await;
                    tickets += usize::from(signed_in);
                }
                wait::until(&what, || (campus.tickets() == tickets).then_some(()));
            }
        }
    }
    let asked = campus.application.asked();
    let posted = asked
        .iter()
        .filter(|asked| asked.body.starts_with("ticket="))
        .count();
    assert_eq!((tickets, posted), (6, 2));
    window.close().await;
}
