//! Getting back in, on the served binary with slapd that hashes by argon2 under a password policy, Redis,
//! and a mail server that is read: what browsers, mailboxes, scanners and logs see of it.

mod addresses;
mod browsers;
mod cohorts;
mod elsewhere;
mod forced;
mod full_disk;
mod journey;
mod killed;
mod mail_hostile;
mod monitored;
mod person;
mod post;
mod proxies;
mod returned;
mod secrets;
mod sms;
mod upgrade;

use std::sync::Arc;

use mail_parser::MessageParser;
use mereau::base::clock::SystemClock;
use mereau::base::entropy::OsEntropy;
use mereau::base::key_file;
use mereau::base::keys::KeyRing;
use mereau::guard::captcha::Captcha;
use mereau::tickets::embedded::EmbeddedStore;
use scraper::{Html, Selector};

use crate::mail_sink::{Protection, Received, Sink};
use crate::support::application::Application;
use crate::support::browser::{Browser, Page};
use crate::support::redis::Redis;
use crate::support::served::{Options, Served, service};
use crate::support::slapd::{self, Slapd, WRITER_DN};
use crate::support::wait;

const CAMILLE: (&str, &str) = ("camille.dupont", "camille-corbeau-7");
/// A good new password.
const NEW: &str = "quatre chevaux dans la brume";
const OTHER: &str = "trois canards sous un pommier";

/// Four children and a parent behind one mailbox.
const SHARED: &str = "famille.moreau@maison.example";

/// What a test adds to the town.
#[derive(Clone, Copy)]
struct Plan<'a> {
    /// The filter of the log.
    log: &'a str,
    /// Where tickets are kept, when not in the town's own Redis.
    tickets: Option<&'a str>,
    guard: &'a str,
    /// More entries of the directory.
    entries: &'a str,
    /// The lines of `[audit]`.
    audit: &'a str,
    /// What the server is started by.
    by: &'a [&'a str],
    /// More lines of `[mail]`, then whole sections.
    mail: &'a str,
    /// More lines of `[recovery]`.
    recovery: &'a str,
    /// More whole sections of the realm: addresses.
    realm: &'a str,
    /// The port of a proxy in front.
    front: Option<u16>,
    /// The realm's whole file instead.
    own: Option<fn(&Slapd) -> String>,
}

const USUAL: Plan<'static> = Plan {
    log: "info",
    tickets: None,
    guard: "generation",
    entries: "",
    audit: "file = \"audit.jsonl\"",
    by: &[],
    mail: "",
    recovery: "",
    realm: "",
    front: None,
    own: None,
};

/// Everything that a recovery goes through.
struct Town {
    served: Served,
    application: Application,
    sink: Sink,
    redis: Redis,
    slapd: Slapd,
    captcha: Captcha,
    _folder: tempfile::TempDir,
}

impl Town {
    async fn open() -> Town {
        Town::with(USUAL).await
    }

    async fn with(plan: Plan<'_>) -> Town {
        let folder = tempfile::tempdir().unwrap();
        let sink = Sink::start(Protection::StartTls, folder.path()).await;
        let slapd = Slapd::start(&slapd::Options {
            settings: "password-hash {ARGON2}",
            entries: &format!("{}{}", family(), plan.entries),
            ..slapd::Options::default()
        });
        // A dump whose texts can be searched.
        let redis = Redis::start(&["--rdbcompression", "no"]);
        let tickets = plan.tickets.map_or_else(|| redis.url(), str::to_owned);
        let application = Application::plain();
        let services = [("application", service(&application.url(), ""))];
        let mail = format!(
            "[audit]\n{}\n[mail]\nurl = \"smtp://localhost:{}\"\nca_file = \"{}\"\n{}",
            plan.audit,
            sink.port,
            folder.path().join("ca.pem").display(),
            plan.mail
        );
        let served = Served::start(&Options {
            services: &services,
            institutions: &institutions(),
            realm: &plan.own.map_or_else(|| realm(&slapd, plan), |own| own(&slapd)),
            sections: &mail,
            log: plan.log,
            by: plan.by,
            front: plan.front,
            ..Options::on(&slapd, &tickets)
        });
        let captcha = captcha(&served);
        Town {
            served,
            application,
            sink,
            redis,
            slapd,
            captcha,
            _folder: folder,
        }
    }

    /// Where the application sends people to sign in.
    fn start(&self) -> String {
        format!("{}/start", self.application.url())
    }

    /// A page of the college, on the way to the application.
    fn at(&self, path: &str) -> String {
        self.served
            .address(path, &[("service", &self.start()), ("tenant", "mirefleurs")])
    }

    /// The symbols of the picture that a page shows.
    fn symbols(&self, challenge: &str) -> String {
        self.captcha.reveal(challenge).expect("a challenge in time").0
    }

    /// Sends the form that asks; the page behind it.
    async fn asks(&self, browser: &mut Browser, identifier: &str) -> Page {
        let page = browser.open(&self.at("/recover")).await;
        let form = page.reply.form();
        let symbols = self.symbols(form.value("captcha").expect("a challenge"));
        let form = form
            .without("captcha-other")
            .with("identifier", identifier)
            .with("captcha-answer", &symbols);
        let answer = browser.submit(&page, &form).await;
        assert_eq!(answer.reply.status, 303, "{}", answer.reply.body);
        browser.follow(answer).await
    }

    /// The mails that have come, once there are `count`.
    async fn mails(&self, count: usize) -> Vec<Mail> {
        let waiting = tokio::time::timeout(wait::PATIENCE, self.sink.wait_for(count));
        let received = waiting.await.expect("a mail in time");
        received.iter().map(Mail::read).collect()
    }

    /// Whether the directory itself takes the password, by a bind of its person.
    fn binds(&self, login: &str, password: &str) -> bool {
        let mut command = std::process::Command::new("ldapwhoami");
        let dn = format!("uid={login},{}", slapd::PEOPLE);
        command.args(["-x", "-H", &self.slapd.url(), "-D", &dn, "-w", password]);
        command.output().expect("ldapwhoami").status.success()
    }

    /// Who a ticket is for, by the server's word.
    async fn validate(&self, ticket: &str) -> String {
        let start = self.start();
        let url = self
            .served
            .address("/p3/serviceValidate", &[("service", &start), ("ticket", ticket)]);
        Browser::new(None).get(&url).await.reply.body
    }
}

/// What a mail says, read as a mail program reads it.
struct Mail {
    to: Vec<String>,
    over_tls: bool,
    from: String,
    subject: String,
    text: String,
    html: String,
}

impl Mail {
    fn read(received: &Received) -> Mail {
        let message = MessageParser::default().parse(&received.data).expect("a mail");
        let from = message.from().and_then(|list| list.first()).expect("a sender");
        Mail {
            to: received.to.clone(),
            over_tls: received.over_tls,
            from: from.address().expect("an address").to_owned(),
            subject: message.subject().expect("a subject").to_owned(),
            text: message.body_text(0).expect("a text").into_owned(),
            html: message.body_html(0).expect("HTML").into_owned(),
        }
    }

    /// The addresses below `door` that stand on a line of their own.
    fn addresses(&self, door: &str) -> Vec<String> {
        let lines = self.text.lines().map(str::trim);
        let found = lines.filter(|line| line.starts_with("http") && line.contains(door));
        found.map(str::to_owned).collect()
    }

    /// The code that may be typed instead of following a link, or that confirms an address.
    fn code(&self) -> Option<String> {
        let says = ["ce code", "Code de confirmation"];
        let (_, rest) = says.iter().find_map(|words| self.text.split_once(words))?;
        let code = rest.split_whitespace().find(|word| word.len() >= 6)?;
        Some(code.to_owned())
    }

    fn links(&self) -> Vec<String> {
        let links = self.addresses("/r/");
        let page = Html::parse_document(&self.html);
        let selector = Selector::parse("a[href*='/r/']").unwrap();
        let clickable: Vec<&str> = page
            .select(&selector)
            .filter_map(|link| link.attr("href"))
            .collect();
        assert_eq!(clickable, links, "text and HTML lead to the same places");
        links
    }

    fn link(&self) -> String {
        let links = self.links();
        assert_eq!(links.len(), 1, "{}", self.text);
        links.into_iter().next().unwrap()
    }
}

/// The secret of a mailed link.
fn token(link: &str) -> &str {
    link.rsplit('/').next().expect("a token")
}

/// Reads challenges as the server does, by its key.
fn captcha(served: &Served) -> Captcha {
    let key = std::fs::read(served.folder().join("ring.key")).expect("the key");
    let keys = KeyRing::new(key_file::parse(&key).expect("a key"), Vec::new());
    let clock = Arc::new(SystemClock);
    let store = Arc::new(EmbeddedStore::in_memory(clock.clone()));
    Captcha::new(store.clone(), store, keys, clock, Arc::new(OsEntropy))
}

/// The college and so many others that no list shows them all.
fn institutions() -> String {
    let one = |id: &str, name: &str, postcode: &str, town: &str| {
        format!(
            "[[institution]]\nid = \"{id}\"\nrealm = \"campus\"\nname = \"{name}\"\n\
             postcode = \"{postcode}\"\ntown = \"{town}\"\n"
        )
    };
    let others = (1..=14).map(|number| {
        one(
            &format!("melun-{number}"),
            &format!("Collège numéro {number}"),
            "77000",
            "Melun",
        )
    });
    let college = one("mirefleurs", "Collège des Mirefleurs", "29000", "Mirefleurs");
    others.chain([college]).collect()
}

fn realm(slapd: &Slapd, plan: Plan<'_>) -> String {
    realm_with(&slapd.url(), plan)
}

/// Of a directory at `url`.
fn realm_with(url: &str, plan: Plan<'_>) -> String {
    format!(
        "[directory.write]\nurls = [\"{}\"]\nmethod = \"exop\"\nguard = \"{}\"\n\
         bind_dn = \"{WRITER_DN}\"\nbind_password_file = \"../writer.password\"\n\
         [recovery]\n{}\n[recovery.sender]\naddress = \"ne-pas-repondre@campus.example\"\n\
         [[recovery.addresses]]\nattribute = \"mail\"\ntrust = \"validated\"\n{}",
        url, plan.guard, plan.recovery, plan.realm
    )
}

fn family() -> String {
    let child = |number: u32, login: &str, name: &str| {
        format!(
            "dn: uid={login},{}\nobjectClass: inetOrgPerson\nobjectClass: exampleSupannPerson\n\
             entryUUID: 5a1e7000-0000-4000-8000-0000000007{number:02}\nuid: {login}\ncn: {name} Moreau\n\
             sn: Moreau\ngivenName: {name}\ndisplayName: {name} Moreau\nmail: {SHARED}\n\
             supannRessourceEtat: {{COMPTE}}A:SupannActif\nuserPassword: {}\n\n",
            slapd::PEOPLE,
            CAMILLE.1
        )
    };
    [
        child(1, "jeanne.moreau2", "Jeanne"),
        child(2, "tom.moreau", "Tom"),
        child(3, "lou.moreau", "Lou"),
    ]
    .concat()
}
