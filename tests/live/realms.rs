//! Two populations on two real slapd behind one server: the same login is two people, whatever they
//! share (CAS-341, T-90).

use http::StatusCode;

use crate::support::application::Application;
use crate::support::browser::{Browser, Page};
use crate::support::served::{Options, Served, service};
use crate::support::slapd::{self, Slapd};

const LOGIN: &str = "camille.dupont";
const CAMPUS_PASSWORD: &str = "camille-corbeau-7";
const LYCEE_PASSWORD: &str = "camille-mesange-4";

/// The other Camille: same login, other password, other address.
const OTHER_CAMILLE: &str = "dn: uid=camille.dupont,ou=people,dc=campus,dc=example\n\
    changetype: modify\n\
    replace: userPassword\n\
    userPassword: camille-mesange-4\n\
    -\n\
    replace: mail\n\
    mail: camille@lycee.example\n";

/// The policy overlay takes a password that somebody else wrote for provisional.
const HERS: &str = "dn: uid=camille.dupont,ou=people,dc=campus,dc=example\n\
    changetype: modify\n\
    delete: pwdReset\n";

struct Two {
    served: Served,
    application: Application,
    _directories: [Slapd; 2],
}

impl Two {
    fn open() -> Two {
        let campus = Slapd::start(&slapd::Options::default());
        let lycee = Slapd::start(&slapd::Options::default());
        lycee.modify(OTHER_CAMILLE);
        lycee.modify(HERS);
        let application = Application::plain();
        let attributes = "user = \"scoped\"\nattributes = [\"mail\", \"mereauRealm\", \"mereauMembership\"]";
        let services = [("application", service(&application.url(), attributes))];
        let served = Served::start(&Options {
            services: &services,
            second: Some(&lycee),
            institutions: "[[institution]]\nid = \"lycee\"\nrealm = \"lycee\"\nname = \"Lycée d’essai\"\n",
            ..Options::on(&campus, "memory:")
        });
        Two {
            served,
            application,
            _directories: [campus, lycee],
        }
    }

    fn service(&self) -> String {
        format!("{}/app", self.application.url())
    }

    /// Tries to sign in to the application; no redirect is followed.
    async fn sign_in(&self, browser: &mut Browser, tenant: &str, password: &str) -> Page {
        let service = self.service();
        let login = self
            .served
            .address("/login", &[("service", &service), ("tenant", tenant)]);
        let page = browser.get(&login).await;
        let form = page.reply.form();
        let filled = form.with("username", LOGIN).with("password", password);
        browser.submit(&page, &filled).await
    }

    async fn validate(&self, endpoint: &str, ticket: &str) -> String {
        let service = self.service();
        let url = self
            .served
            .address(endpoint, &[("service", &service), ("ticket", ticket)]);
        Browser::new(None).get(&url).await.reply.body
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_login_on_two_directories_is_two_people_in_one_browser() {
    // CAS-341, T-90
    let two = Two::open();
    let mut browser = Browser::new(None);
    let crossed = two.sign_in(&mut browser, "lycee", CAMPUS_PASSWORD).await;
    assert_eq!(
        crossed.reply.status,
        StatusCode::UNAUTHORIZED,
        "the other's password"
    );
    let campus = two.sign_in(&mut browser, "campus", CAMPUS_PASSWORD).await;
    let lycee = two.sign_in(&mut browser, "lycee", LYCEE_PASSWORD).await;
    for (page, realm, mail) in [
        (&campus, "campus", "camille.dupont@campus.example"),
        (&lycee, "lycee", "camille@lycee.example"),
    ] {
        let answer = two.validate("/p3/serviceValidate", &page.reply.ticket()).await;
        for part in [
            format!("<cas:user>camille.dupont@{realm}.example</cas:user>"),
            format!("<cas:mail>{mail}</cas:mail>"),
            format!("<cas:mereauRealm>{realm}</cas:mereauRealm>"),
            format!("<cas:mereauMembership>{realm}</cas:mereauMembership>"),
        ] {
            assert!(answer.contains(&part), "{part} is not in {answer}");
        }
    }
    // Both sessions live on side by side: each realm's address has its own.
    for tenant in ["campus", "lycee"] {
        let service = two.service();
        let path = format!("/t/{tenant}/login");
        let again = browser
            .get(&two.served.address(&path, &[("service", &service)]))
            .await;
        let answer = two.validate("/serviceValidate", &again.reply.ticket()).await;
        assert!(
            answer.contains(&format!("camille.dupont@{tenant}.example")),
            "{answer}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ticket_of_one_realm_is_refused_and_burnt_at_the_others_address() {
    // CAS-341, T-90, T-22
    let two = Two::open();
    let page = two
        .sign_in(&mut Browser::new(None), "campus", CAMPUS_PASSWORD)
        .await;
    let ticket = page.reply.ticket();
    let refused = two.validate("/t/lycee/serviceValidate", &ticket).await;
    assert!(refused.contains("code=\"INVALID_TICKET\""), "{refused}");
    for endpoint in ["/t/campus/serviceValidate", "/serviceValidate"] {
        let burnt = two.validate(endpoint, &ticket).await;
        assert!(burnt.contains("code=\"INVALID_TICKET\""), "{burnt}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn failures_in_one_realm_slow_nobody_in_the_other() {
    // CAS-341, T-90
    let two = Two::open();
    let mut slowed = false;
    for _ in 0..10 {
        let page = two
            .sign_in(&mut Browser::new(None), "campus", "not-this-one")
            .await;
        slowed |= page.reply.status == StatusCode::TOO_MANY_REQUESTS;
    }
    assert!(slowed, "the campus's Camille is slowed down");
    let still = two
        .sign_in(&mut Browser::new(None), "campus", CAMPUS_PASSWORD)
        .await;
    assert_eq!(still.reply.status, StatusCode::TOO_MANY_REQUESTS);
    let lycee = two
        .sign_in(&mut Browser::new(None), "lycee", LYCEE_PASSWORD)
        .await;
    assert_eq!(lycee.reply.status, StatusCode::SEE_OTHER, "{}", lycee.reply.body);
}
