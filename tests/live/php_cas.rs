//! phpCAS, which nobody here wrote, signs people in by our server: versions 1.0, 2.0, 3.0 and SAML, single
//! sign-on, gateway, renew, logout.

use serde_json::Value;

use crate::support::browser::{Browser, Page};
use crate::support::certificates::Authority;
use crate::support::php::Php;
use crate::support::redis::Redis;
use crate::support::served::{Options, Served, service};
use crate::support::slapd::{self, Slapd};
use crate::support::tunnel::Tunnel;
use crate::support::wait;

/// Two applications on one server: `first` speaks 3.0, `second` 2.0 or something else.
struct Campus {
    authority: Authority,
    served: Served,
    first: Php,
    second: Php,
    _redis: Redis,
    _slapd: Slapd,
}

impl Campus {
    fn open() -> Campus {
        Campus::speaking("2.0")
    }

    fn speaking(second: &str) -> Campus {
        let attributes = "attributes = [\"displayName\", \"eduPersonAffiliation\"]";
        Campus::registered(second, [attributes; 2])
    }

    /// The same with these lines in the registrations of the two.
    fn registered(second: &str, lines: [&str; 2]) -> Campus {
        let authority = Authority::new();
        let slapd = Slapd::start(&slapd::Options::default());
        let redis = Redis::start(&[]);
        let ports = [Php::port(), Php::port()];
        let registered = |at: usize| service(&format!("http://localhost:{}", ports[at]), lines[at]);
        let [one, two] = [0, 1].map(registered);
        let tickets = redis.url();
        let options = Options {
            authority: Some(&authority),
            services: &[("one", one), ("two", two)],
            ..Options::on(&slapd, &tickets)
        };
        let served = Served::start(&options);
        let first = Php::start("3.0", ports[0], &served);
        let second = Php::start(second, ports[1], &served);
        Campus {
            authority,
            served,
            first,
            second,
            _redis: redis,
            _slapd: slapd,
        }
    }

    fn browser(&self) -> Browser {
        Browser::new(Some(&self.authority))
    }

    async fn sign_in(&self, browser: &mut Browser, php: &Php) -> Page {
        let page = browser.open(&format!("{}/", php.url())).await;
        assert!(
            page.url.as_str().starts_with(self.served.url()),
            "{} {}",
            page.url,
            php.output()
        );
        browser.sign_in(&page, "elise.lefevre", "Élise-été-9 €").await
    }
}

fn learnt(page: &Page) -> Value {
    serde_json::from_str(&page.reply.body).unwrap_or_else(|_| panic!("{}: {}", page.url, page.reply.body))
}

#[tokio::test]
async fn php_cas_learns_the_name_and_the_attributes_of_who_signs_in() {
    // CAS-135, CAS-136, CAS-138
    let campus = Campus::open();
    let mut browser = campus.browser();
    let page = campus.sign_in(&mut browser, &campus.first).await;
    let person = learnt(&page);
    assert_eq!(person["user"], "elise.lefevre");
    assert_eq!(person["attributes"]["displayName"], "Élise Lefèvre");
    assert_eq!(
        person["attributes"]["eduPersonAffiliation"],
        serde_json::json!(["teacher", "member"])
    );
}

#[tokio::test]
async fn php_cas_of_version_2_lets_in_who_signed_in_elsewhere_and_learns_the_name_alone() {
    // CAS-134
    let campus = Campus::open();
    let mut browser = campus.browser();
    campus.sign_in(&mut browser, &campus.first).await;
    let page = browser.open(&format!("{}/", campus.second.url())).await;
    let person = learnt(&page);
    assert_eq!(person["user"], "elise.lefevre");
    assert_eq!(person["attributes"], serde_json::json!({}));
}

#[tokio::test]
async fn php_cas_reads_the_attributes_of_a_style_and_flat_ones() {
    // CAS-134, CAS-236
    let flat = "attributes_in = \"flat\"\nattributes_in_v2 = true\n\
        attributes = [\"displayName\", \"eduPersonAffiliation\"]";
    let campus = Campus::registered("2.0", ["style = \"moodle\"", flat]);
    let mut browser = campus.browser();
    let moodle = learnt(&campus.sign_in(&mut browser, &campus.first).await);
    assert_eq!(moodle["user"], "elise.lefevre");
    let known = ["givenName", "sn", "mail"].map(|name| moodle["attributes"][name].as_str());
    assert_eq!(
        known,
        [
            Some("Élise"),
            Some("Lefèvre"),
            Some("elise.lefevre@campus.example")
        ]
    );
    let flat = learnt(&browser.open(&format!("{}/", campus.second.url())).await);
    assert_eq!(
        (&flat["user"], &flat["attributes"]["displayName"]),
        (&"elise.lefevre".into(), &"Élise Lefèvre".into())
    );
    let affiliations = &flat["attributes"]["eduPersonAffiliation"];
    assert_eq!(affiliations, &serde_json::json!(["teacher", "member"]));
}

#[tokio::test]
async fn php_cas_of_saml_learns_the_name() {
    // CAS-208, CAS-212, CAS-215, CAS-225
    let campus = Campus::speaking("S1");
    let mut browser = campus.browser();
    let page = campus.sign_in(&mut browser, &campus.second).await;
    assert_eq!(
        learnt(&page)["user"],
        "elise.lefevre",
        "{}",
        campus.second.output()
    );
    assert_eq!(learnt(&page)["attributes"], serde_json::json!({}), "no TLS");
}

#[tokio::test]
async fn php_cas_of_version_1_learns_the_name() {
    // CAS-125
    let campus = Campus::speaking("1.0");
    let mut browser = campus.browser();
    let page = campus.sign_in(&mut browser, &campus.second).await;
    let person = learnt(&page);
    assert_eq!(person["user"], "elise.lefevre", "{}", campus.second.output());
    assert_eq!(person["attributes"], serde_json::json!({}));
}

#[tokio::test]
async fn php_cas_of_saml_learns_the_attributes_where_there_is_tls() {
    // CAS-209, CAS-219, CAS-221, CAS-225
    let authority = Authority::new();
    let slapd = Slapd::start(&slapd::Options::default());
    let redis = Redis::start(&[]);
    let port = Php::port();
    let front = Tunnel::to(&authority, port).await;
    let attributes = "attributes = [\"displayName\", \"eduPersonAffiliation\"]";
    let tickets = redis.url();
    let served = Served::start(&Options {
        authority: Some(&authority),
        services: &[("secure", service(&front.url(), attributes))],
        ..Options::on(&slapd, &tickets)
    });
    let php = Php::start_with("S1", port, &served, &["CAS_BEHIND_TLS=yes".to_owned()]);
    let mut browser = Browser::new(Some(&authority));
    let page = browser.open(&format!("{}/", front.url())).await;
    let page = browser.sign_in(&page, "elise.lefevre", "Élise-été-9 €").await;
    let person = learnt(&page);
    assert_eq!(person["user"], "elise.lefevre", "{}", php.output());
    assert_eq!(person["attributes"]["displayName"], "Élise Lefèvre");
    let affiliations = &person["attributes"]["eduPersonAffiliation"];
    assert_eq!(*affiliations, serde_json::json!(["teacher", "member"]));
}

#[tokio::test]
async fn php_cas_lets_strangers_in_or_asks_for_the_password_again() {
    // CAS-20, CAS-21, CAS-159
    let campus = Campus::open();
    let mut browser = campus.browser();
    let gateway = format!("{}/gateway", campus.first.url());
    let stranger = browser.open(&gateway).await;
    assert_eq!(learnt(&stranger)["user"], Value::Null);
    campus.sign_in(&mut browser, &campus.second).await;
    let renewed = browser.open(&format!("{}/renew", campus.first.url())).await;
    assert!(renewed.reply.has_form(), "{}", renewed.url);
    let page = browser.sign_in(&renewed, "elise.lefevre", "Élise-été-9 €").await;
    assert_eq!(learnt(&page)["user"], "elise.lefevre");
    assert_eq!(learnt(&browser.open(&gateway).await)["user"], "elise.lefevre");
}

#[tokio::test]
async fn a_logout_started_by_one_php_application_ends_the_session_of_the_other() {
    // CAS-184, CAS-193
    for second in ["2.0", "S1"] {
        ends_the_other(&Campus::speaking(second)).await;
    }
}

async fn ends_the_other(campus: &Campus) {
    let mut browser = campus.browser();
    campus.sign_in(&mut browser, &campus.first).await;
    browser.open(&format!("{}/", campus.second.url())).await;
    browser.open(&format!("{}/logout", campus.second.url())).await;
    let first = format!("{}/", campus.first.url());
    let mut attempts = 0;
    let page = loop {
        let page = browser.open(&first).await;
        attempts += 1;
        if !page.url.as_str().starts_with(&first) || attempts > 500 {
            break page;
        }
        wait::pause_async().await;
    };
    assert!(
        page.reply.has_form(),
        "still in after {attempts} looks: {}",
        page.url
    );
}
