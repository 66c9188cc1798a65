//! A real browser goes the way of people: with and without scripts, in both languages, on a telephone
//! and on a desk, and axe-core finds nothing to say against any page.

use crate::client;
use crate::support::application::{Answer, Application};
use crate::support::certificates::Authority;
use crate::support::chromium::{Chromium, Options as Window};
use crate::support::redis::Redis;
use crate::support::served::{Options, Served, service};
use crate::support::slapd::{self, Slapd};
use crate::support::wait;

const PERSON: (&str, &str) = ("camille.dupont", "camille-corbeau-7");

struct Campus {
    served: Served,
    _redis: Redis,
    _slapd: Slapd,
}

impl Campus {
    fn open(authority: Option<&Authority>, services: &[(&str, String)]) -> Campus {
        let slapd = Slapd::start(&slapd::Options::default());
        let redis = Redis::start(&[]);
        let tickets = redis.url();
        // A second institution, so that there is a list to choose from.
        let institutions = "[[institution]]\nid = \"annexe\"\nrealm = \"campus\"\nname = \"Annexe\"\n";
        let options = Options {
            authority,
            services,
            institutions,
            ..Options::on(&slapd, &tickets)
        };
        Campus {
            served: Served::start(&options),
            _redis: redis,
            _slapd: slapd,
        }
    }

    fn login(&self, service: &str) -> String {
        self.served.address("/t/campus/login", &[("service", service)])
    }
}

async fn signs_in_and_out(scripts: bool) {
    let authority = Authority::new();
    let application = Application::plain();
    let campus = Campus::open(
        Some(&authority),
        &[("application", service(&application.url(), ""))],
    );
    let window = Chromium::start(Window {
        scripts,
        ..Window::default()
    })
    .await;
    let start = format!("{}/start", application.url());

    window.client.goto(&campus.login(&start)).await.unwrap();
    // The button that shows the password is the script's: a page without scripts hides it.
    assert_eq!(window.sees(".reveal").await, scripts);
    window.sign_in(PERSON.0, "something else").await;
    window.found("#problem").await;
    window.sign_in(PERSON.0, PERSON.1).await;
    window.arrive(&format!("{start}?ticket=ST-")).await;

    window.client.goto(&campus.login(&start)).await.unwrap();
    window.arrive(&format!("{start}?ticket=ST-")).await;

    window
        .client
        .goto(&campus.served.address("/logout", &[]))
        .await
        .unwrap();
    window.client.goto(&campus.login(&start)).await.unwrap();
    assert!(
        window.url().await.starts_with(campus.served.url()),
        "still signed in"
    );
    window.close().await;
}

#[tokio::test]
async fn chromium_signs_in_and_out_through_our_pages() {
    // CAS-31, CAS-78, CAS-184
    signs_in_and_out(true).await;
}

#[tokio::test]
async fn everything_works_without_scripts() {
    signs_in_and_out(false).await;
}

#[tokio::test]
async fn an_application_may_redirect_on_to_a_second_origin_after_the_sign_in() {
    // CAS-82, T-36
    let second = Application::plain();
    let landing = format!("{}/landing", second.url());
    let onward = landing.clone();
    let first = Application::start(move |_| Answer::Redirect(onward.clone()));
    let campus = Campus::open(None, &[("first", service(&first.url(), ""))]);
    let window = Chromium::start(Window::default()).await;
    window.client.goto(&campus.login(&first.url())).await.unwrap();
    window.sign_in(PERSON.0, PERSON.1).await;
    window.arrive(&landing).await;
    window.close().await;
}

#[tokio::test]
async fn the_sample_application_shows_who_came_until_cas_says_they_left() {
    // CAS-135, CAS-193
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let own_url = format!("http://localhost:{}", listener.local_addr().unwrap().port());
    let attributes = "attributes = [\"displayName\", \"mail\"]";
    let campus = Campus::open(None, &[("sample", service(&own_url, attributes))]);
    let cas_url = format!("{}/t/campus", campus.served.url());
    let settings = client::Settings {
        own_url: own_url.clone(),
        cas_url,
    };
    let application = tokio::spawn(client::serve(listener, settings, std::future::pending()));

    let window = Chromium::start(Window::default()).await;
    window.client.goto(&format!("{own_url}/private")).await.unwrap();
    window.sign_in(PERSON.0, PERSON.1).await;
    window.arrive(&own_url).await;
    assert_eq!(window.text("h1").await, "Bonjour Camille Dupont");
    assert!(
        window
            .text("main")
            .await
            .contains("camille.dupont@campus.example")
    );
    assert_eq!(window.violations().await, Vec::<String>::new());

    window
        .client
        .goto(&campus.served.address("/logout", &[]))
        .await
        .unwrap();
    wait::until_async("the end of the session at the application", || async {
        window.client.goto(&format!("{own_url}/private")).await.unwrap();
        window.url().await.starts_with(campus.served.url()).then_some(())
    })
    .await;
    window.close().await;
    application.abort();
}

#[tokio::test]
async fn axe_speaks_up_when_a_page_is_wrong() {
    let wrong = "<html><head></head><body><img src=x><input><p style='color:#eee'>pale</p></body></html>";
    let application = Application::start(move |_| Answer::Page(wrong.to_owned()));
    let window = Chromium::start(Window::default()).await;
    window.client.goto(&application.url()).await.unwrap();
    let violations = window.violations().await.join("\n");
    for rule in [
        "image-alt",
        "label",
        "html-has-lang",
        "document-title",
        "color-contrast",
    ] {
        assert!(violations.contains(rule), "{rule} is not among {violations}");
    }
    window.close().await;
}

#[tokio::test]
async fn axe_finds_nothing_on_any_page_in_any_language_at_any_width() {
    let application = Application::plain();
    let closed = service("http://closed.localhost", "enabled = false");
    let services = [
        ("application", service(&application.url(), "")),
        ("closed", closed),
    ];
    let campus = Campus::open(None, &services);
    let mut found = Vec::new();
    for language in ["fr", "en"] {
        for width in [320, 1280] {
            let window = Chromium::start(Window {
                language,
                width,
                ..Window::default()
            })
            .await;
            tour(&window, &campus, &application, &mut found).await;
            window.close().await;
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

/// Every page that people meet, in an order in which they can.
async fn tour(window: &Chromium, campus: &Campus, application: &Application, found: &mut Vec<String>) {
    let served = &campus.served;
    let service = application.url();
    let visits = [
        (
            "the list of institutions",
            served.address("/login", &[("service", &service)]),
        ),
        ("an unknown service", campus.login("https://unknown.example/")),
        (
            "a service that is closed",
            campus.login("http://closed.localhost/"),
        ),
        ("nothing there", served.address("/nothing", &[])),
        ("sign in", campus.login(&service)),
    ];
    for (name, url) in visits {
        window.client.goto(&url).await.unwrap();
        look(window, name, found).await;
    }
    for (name, login, password) in [
        ("empty fields", "", ""),
        ("a wrong password", "camille.dupont", "something else"),
        ("an account that is closed", "ines.petit", "ines-rivage-14"),
        ("a password to change", "omar.diallo", "omar-saphir-18"),
    ] {
        window.client.goto(&campus.login(&service)).await.unwrap();
        window.sign_in(login, password).await;
        window.found("h1").await;
        look(window, name, found).await;
    }
    window
        .client
        .goto(&served.address("/t/campus/login", &[]))
        .await
        .unwrap();
    window.click("input[name=warn]").await;
    window.sign_in(PERSON.0, PERSON.1).await;
    window.found("h1").await;
    look(window, "signed in", found).await;
    window.client.goto(&campus.login(&service)).await.unwrap();
    look(window, "the warning", found).await;
    window.client.goto(&served.address("/logout", &[])).await.unwrap();
    look(window, "signed out", found).await;
}

async fn look(window: &Chromium, name: &str, found: &mut Vec<String>) {
    let heading = window.text("h1").await;
    let place = format!("{name} ({heading})");
    let violations = window.violations().await;
    found.extend(
        violations
            .into_iter()
            .map(|violation| format!("{place}: {violation}")),
    );
    if window.overflows().await {
        found.push(format!("{place}: wider than the window"));
    }
}
