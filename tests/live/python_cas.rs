//! python-cas, which nobody here wrote, has tickets of our server checked in all three versions of
//! the protocol.

use std::path::PathBuf;

use serde_json::json;

use crate::support::application::Application;
use crate::support::browser::Browser;
use crate::support::certificates::Authority;
use crate::support::python::client;
use crate::support::redis::Redis;
use crate::support::served::{Options, Served, service};
use crate::support::slapd::{self, Slapd};
use crate::support::wait;

struct Campus {
    served: Served,
    application: Application,
    browser: Browser,
    trust: PathBuf,
    _redis: Redis,
    _slapd: Slapd,
}

impl Campus {
    fn open() -> Campus {
        let authority = Authority::new();
        let slapd = Slapd::start(&slapd::Options::default());
        let redis = Redis::start(&[]);
        let application = Application::plain();
        let attributes = "attributes = [\"displayName\", \"mail\", \"eduPersonAffiliation\"]";
        let tickets = redis.url();
        let options = Options {
            authority: Some(&authority),
            services: &[
                ("application", service(&application.url(), attributes)),
                ("secure", service("https://secure.example", attributes)),
            ],
            ..Options::on(&slapd, &tickets)
        };
        let served = Served::start(&options);
        let trust = served.folder().join("ca.pem");
        let browser = Browser::new(Some(&authority));
        Campus {
            served,
            application,
            browser,
            trust,
            _redis: redis,
            _slapd: slapd,
        }
    }

    fn service(&self) -> String {
        format!("{}/cours?id=7&page=é", self.application.url())
    }

    fn python(&self, arguments: &[&str]) -> serde_json::Value {
        client(&self.trust, arguments, "")
    }

    /// Goes where python-cas sends people and signs in when asked; the ticket it comes back with.
    async fn ticket(&mut self, version: &str) -> String {
        let login = self.python(&["login", version, self.served.url(), &self.service()]);
        let page = self.browser.open(login.as_str().unwrap()).await;
        let page = if page.reply.has_form() {
            self.browser
                .sign_in(&page, "camille.dupont", "camille-corbeau-7")
                .await
        } else {
            page
        };
        let ticket = page.url.query_pairs().find(|(name, _)| name == "ticket");
        ticket
            .unwrap_or_else(|| panic!("no ticket in {}", page.url))
            .1
            .into_owned()
    }

    fn verify(&self, version: &str, ticket: &str) -> serde_json::Value {
        self.python(&["verify", version, self.served.url(), &self.service(), ticket])
    }
}

#[tokio::test]
async fn python_cas_learns_who_came_in_all_three_versions() {
    // CAS-125, CAS-130, CAS-134
    let mut campus = Campus::open();
    for version in ["1", "2", "3"] {
        let ticket = campus.ticket(version).await;
        let person = campus.verify(version, &ticket);
        assert_eq!(person["user"], "camille.dupont", "version {version}");
        if version == "3" {
            assert_eq!(person["attributes"]["displayName"], "Camille Dupont");
            assert_eq!(
                person["attributes"]["eduPersonAffiliation"],
                json!(["student", "member"])
            );
        }
    }
}

#[tokio::test]
async fn python_cas_learns_who_came_by_saml_and_attributes_where_there_is_tls() {
    // CAS-209, CAS-215, CAS-219, CAS-221, CAS-224, CAS-225
    const SAML: &str = "CAS_2_SAML_1_0";
    let mut campus = Campus::open();
    let plain = campus.ticket(SAML).await;
    let person = campus.verify(SAML, &plain);
    assert_eq!(person["user"], "camille.dupont");
    assert_eq!(person["attributes"]["displayName"], json!(null), "{person}");
    assert_eq!(campus.verify(SAML, &plain)["user"], json!(null), "spent");
    let secure = "https://secure.example/cours?id=7";
    let login = campus.python(&["login", SAML, campus.served.url(), secure]);
    let sent = campus.browser.get(login.as_str().unwrap()).await;
    let ticket = sent.reply.ticket();
    let verified = campus.python(&["verify", SAML, campus.served.url(), secure, &ticket]);
    assert_eq!(verified["user"], "camille.dupont");
    assert_eq!(verified["attributes"]["displayName"], "Camille Dupont");
    let affiliations = &verified["attributes"]["eduPersonAffiliation"];
    assert_eq!(affiliations, &json!(["student", "member"]));
}

#[tokio::test]
async fn python_cas_is_refused_a_ticket_that_was_spent() {
    // CAS-100
    let mut campus = Campus::open();
    for version in ["1", "2", "3"] {
        let ticket = campus.ticket(version).await;
        assert_eq!(campus.verify(version, &ticket)["user"], "camille.dupont");
        assert_eq!(
            campus.verify(version, &ticket)["user"],
            json!(null),
            "version {version}"
        );
    }
}

#[tokio::test]
async fn python_cas_reads_which_session_a_logout_message_ends() {
    // CAS-184, CAS-194
    let mut campus = Campus::open();
    let ticket = campus.ticket("3").await;
    assert_eq!(campus.verify("3", &ticket)["user"], "camille.dupont");
    let logout = campus.python(&["logout", "3", campus.served.url(), &campus.application.url()]);
    campus.browser.open(logout.as_str().unwrap()).await;
    let message = wait::until("the logout message", || {
        campus
            .application
            .asked()
            .into_iter()
            .find(|asked| asked.method == http::Method::POST)
    });
    let mut fields = url::form_urlencoded::parse(message.body.as_bytes());
    let (_, request) = fields.find(|(name, _)| name == "logoutRequest").unwrap();
    assert_eq!(client(&campus.trust, &["slo"], &request), json!([ticket]));
}
