//! Apache in front of the served binary with the sample of conf/proxies, in which only ports, paths and the
//! secret are others: people with a certificate come in without a form, and nobody by naming themselves.

use rcgen::{DnType, ExtendedKeyUsagePurpose};

use super::PERSON;
use crate::support::apache::{Apache, Site};
use crate::support::application::Application;
use crate::support::browser::{Browser, Page};
use crate::support::certificates::Authority;
use crate::support::ports;
use crate::support::redis::Redis;
use crate::support::served::{Options, PROXY_SECRET, Served, service};
use crate::support::slapd::{self, Slapd};

const REALM: &str = "[trusted_header]\nheader = \"X-Remote-User\"\nproxies = [\"127.0.0.1\"]\n\
    secret_file = \"../proxy.secret\"\nname = \"votre carte\"\nmeans = \"certificate\"\n";

struct Campus {
    authority: Authority,
    served: Served,
    application: Application,
    apache: Apache,
    _redis: Redis,
    _slapd: Slapd,
}

impl Campus {
    fn open() -> Campus {
        let authority = Authority::new();
        let slapd = Slapd::start(&slapd::Options::default());
        let redis = Redis::start(&[]);
        let application = Application::plain();
        let tickets = redis.url();
        let front = ports::free();
        let served = Served::start(&Options {
            front: Some(front),
            services: &[("application", service(&application.url(), ""))],
            realm: REALM,
            ..Options::on(&slapd, &tickets)
        });
        let apache = before(&served, front, &authority);
        Campus {
            authority,
            served,
            application,
            apache,
            _redis: redis,
            _slapd: slapd,
        }
    }

    /// A browser with a certificate for `login`.
    fn holding(&self, login: &str) -> Browser {
        let (certificate, key) = self.authority.issue_as(&[], |params| {
            params.distinguished_name.push(DnType::CommonName, login);
            params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        });
        Browser::holding(&self.authority, &certificate, &key)
    }

    fn login(&self) -> String {
        let url = self.application.url();
        self.served.address("/login", &[("service", &format!("{url}/"))])
    }

    async fn came_in(&self, page: &Page, as_whom: &str) {
        let at = page.url.as_str();
        assert!(
            at.starts_with(&self.application.url()),
            "{at} {}",
            self.apache.output()
        );
        let (_, ticket) = page.url.query_pairs().next().expect("a ticket");
        let asked = [
            ("service", format!("{}/", self.application.url())),
            ("ticket", ticket.into()),
        ];
        let asked: Vec<(&str, &str)> = asked
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        let checked = self.served.address("/p3/serviceValidate", &asked);
        let answer = Browser::new(Some(&self.authority)).get(&checked).await.reply.body;
        assert!(
            answer.contains(&format!("<cas:user>{as_whom}</cas:user>")),
            "{answer}"
        );
    }
}

fn before(served: &Served, front: u16, authority: &Authority) -> Apache {
    let sample = include_str!("../../../conf/proxies/apache.conf");
    let replaced = [
        ("*:443", format!("*:{front}")),
        ("ServerName cas.example.org", "ServerName localhost".to_owned()),
        (
            "/etc/letsencrypt/live/cas.example.org/fullchain.pem",
            "@/server.pem".to_owned(),
        ),
        (
            "/etc/letsencrypt/live/cas.example.org/privkey.pem",
            "@/server.key".to_owned(),
        ),
        ("/etc/ssl/people-ca.pem", "@/ca.pem".to_owned()),
        ("what openssl rand -hex 32 says", PROXY_SECRET.to_owned()),
        ("127.0.0.1:8080", format!("127.0.0.1:{}", served.port())),
    ];
    let text = replaced.iter().fold(sample.to_owned(), |text, (old, new)| {
        assert!(text.contains(old), "{old} is not in the sample");
        text.replace(old, new)
    });
    Apache::start(&Site {
        ports: &[front],
        modules: &["proxy", "proxy_http"],
        text: &text,
        programs: &[],
        authority,
    })
}

#[tokio::test]
async fn who_holds_a_certificate_comes_in_through_apache_without_a_form() {
    // CAS-30
    let campus = Campus::open();
    let mut browser = campus.holding(PERSON.0);
    let page = browser.open(&campus.login()).await;
    campus.came_in(&page, PERSON.0).await;
    // Signed out is signed out, until they click.
    browser.open(&campus.served.address("/logout", &[])).await;
    let page = browser.open(&campus.login()).await;
    assert!(page.reply.has_form(), "{}", page.url);
    let mut all = page.reply.addresses().into_iter();
    let button = all
        .find(|address| address.contains("by=header"))
        .expect("a button");
    let button = page.url.join(&button).unwrap();
    let page = browser.open(button.as_str()).await;
    campus.came_in(&page, PERSON.0).await;
}

#[tokio::test]
async fn who_holds_none_or_one_of_nobody_gets_the_form() {
    // CAS-30
    let campus = Campus::open();
    let mut stranger = campus.holding("somebody.else");
    let page = stranger.open(&campus.login()).await;
    assert!(
        page.reply.text_of("#problem").contains("votre poste"),
        "{}",
        page.reply.body
    );
    let page = stranger.sign_in(&page, PERSON.0, PERSON.1).await;
    campus.came_in(&page, PERSON.0).await;
    let mut browser = Browser::new(Some(&campus.authority));
    let page = browser.open(&campus.login()).await;
    assert!(page.reply.has_form() && page.reply.text_of("#problem").is_empty());
    let page = browser.sign_in(&page, PERSON.0, PERSON.1).await;
    campus.came_in(&page, PERSON.0).await;
}

#[tokio::test]
async fn nobody_comes_in_by_naming_themselves() {
    // CAS-30
    let campus = Campus::open();
    let name = ("X-Remote-User", PERSON.0);
    let secret = ("X-Proxy-Secret", PROXY_SECRET);
    // Through Apache, which forgets what it is told, whatever is known.
    let mut through = Browser::new(Some(&campus.authority));
    through.forged = vec![name, secret];
    let page = through.open(&campus.login()).await;
    assert!(page.reply.has_form(), "{}", page.url);
    // Past it, from the same address without the secret, or with it from another one.
    let direct = format!("http://localhost:{}/cas/login", campus.served.port());
    for (from, forged) in [
        (None, vec![name]),
        (None, vec![name, ("X-Proxy-Secret", "guessed-at-random")]),
        (Some([127, 0, 0, 2].into()), vec![name, secret]),
    ] {
        let mut past = Browser::new(None);
        (past.from, past.forged) = (from, forged);
        let page = past.open(&direct).await;
        assert!(page.reply.has_form(), "{}", page.reply.body);
        assert!(!page.reply.body.contains("by=header"));
    }
    let reasons = ["HEADER_SECRET", "HEADER_STRANGER"];
    let log = campus.served.output();
    assert!(reasons.iter().all(|reason| log.contains(reason)), "{log}");
}
