//! The chapters about applications, as far as the applications are here: the registration and the
//! settings of the book, as they stand there, in the real module or library, with a person who signs in.

use std::fs;

use crate::book::{self, Block};
use crate::support::apache::{Apache, Site};
use crate::support::browser::{Browser, Page};
use crate::support::certificates::Authority;
use crate::support::child::{Server, folder};
use crate::support::ports;
use crate::support::redis::Redis;
use crate::support::served::{Options, Served};
use crate::support::slapd::{self, Slapd};

const PERSON: (&str, &str) = ("elise.lefevre", "Élise-été-9 €");

/// The one block of a chapter with this word.
fn block(chapter: &str, language: &str, word: &str) -> Block {
    let blocks = book::chapter(chapter).blocks();
    let mut found = blocks
        .into_iter()
        .filter(|block| block.language() == language && block.is(word));
    let block = found
        .next()
        .unwrap_or_else(|| panic!("docs/{chapter}: no {language},{word}"));
    assert!(found.next().is_none(), "docs/{chapter}: two of {language},{word}");
    block
}

struct Campus {
    authority: Authority,
    served: Served,
    _redis: Redis,
    _slapd: Slapd,
}

impl Campus {
    /// With the registration of a chapter; `own` is what the book calls the application's URL.
    fn with(chapter: &str, own: (&str, &str)) -> Campus {
        let (slapd, redis) = (Slapd::start(&slapd::Options::default()), Redis::start(&[]));
        let registration = block(chapter, "toml", "service").text.replace(own.0, own.1);
        let authority = Authority::new();
        let served = Served::start(&Options {
            authority: Some(&authority),
            services: &[("app", registration)],
            sections: "ca_file = \"ca.pem\"\n",
            ..Options::on(&slapd, &redis.url())
        });
        Campus {
            authority,
            served,
            _redis: redis,
            _slapd: slapd,
        }
    }

    async fn sign_in(&self, url: &str) -> (Browser, Page) {
        let mut browser = Browser::new(Some(&self.authority));
        let page = browser.open(url).await;
        assert!(page.url.as_str().starts_with(self.served.url()), "{}", page.url);
        let page = browser.sign_in(&page, PERSON.0, PERSON.1).await;
        (browser, page)
    }
}

#[tokio::test]
async fn the_site_of_the_chapter_about_apache_lets_people_in() {
    let port = ports::free();
    let own = format!("https://localhost:{port}");
    let campus = Campus::with("apache.md", ("https://app.univ.example", &own));
    let site = block("apache.md", "apache", "site").text;
    let text = site
        .replace("<VirtualHost *:443>", &format!("<VirtualHost *:{port}>"))
        .replace("https://cas.univ.example/cas", campus.served.url())
        .replace("ServerName app.univ.example", "ServerName localhost")
        .replace(
            "/etc/letsencrypt/live/app.univ.example/fullchain.pem",
            "@/server.pem",
        )
        .replace(
            "/etc/letsencrypt/live/app.univ.example/privkey.pem",
            "@/server.key",
        )
        .replace("/etc/ssl/certs/ca-certificates.crt", "@/ca.pem")
        .replace("/var/cache/apache2/mod_auth_cas/", "@/kept/");
    let text = text.replace("</VirtualHost>", "ScriptAlias /page @/who.pl\n</VirtualHost>");
    let apache = Apache::start(&Site {
        ports: &[port],
        modules: &["auth_cas"],
        text: &text,
        programs: &["apache/who.pl"],
        authority: &campus.authority,
    });
    let (_, page) = campus.sign_in(&format!("{own}/page")).await;
    assert_eq!(page.reply.status, 200, "{}", apache.output());
    let told: serde_json::Value = serde_json::from_str(&page.reply.body).expect(&page.reply.body);
    assert_eq!(told["user"], PERSON.0);
    assert_eq!(told["told"]["displayname"], "Élise Lefèvre");
}

#[tokio::test]
async fn the_page_of_the_chapter_about_phpcas_lets_people_in() {
    let port = ports::free();
    let own = format!("http://localhost:{port}");
    let campus = Campus::with("phpcas.md", ("https://app.univ.example", &own));
    let here = campus.served.port();
    let page = block("phpcas.md", "php", "page").text;
    let authority = campus.served.folder().join("ca.pem").display().to_string();
    let page = page
        .replace("'cas.univ.example', 443", &format!("'localhost', {here}"))
        .replace("https://app.univ.example", &own)
        .replace("192.0.2.10", "127.0.0.1")
        .replace("/etc/ssl/certs/ca-certificates.crt", &authority);
    let at = folder("book-php");
    fs::write(at.join("index.php"), page).unwrap();
    let arguments = [
        "-d".to_owned(),
        format!("session.save_path={}", at.display()),
        "-S".to_owned(),
        format!("localhost:{port}"),
        at.join("index.php").display().to_string(),
    ];
    let php = Server::listening(port, "php", &arguments, &at.join("log"));
    let (mut browser, page) = campus.sign_in(&format!("{own}/")).await;
    assert!(
        page.reply.body.contains(PERSON.0),
        "{} {}",
        page.reply.body,
        php.output()
    );
    assert!(page.reply.body.contains("Élise Lefèvre"), "{}", page.reply.body);
    browser.open(&campus.served.address("/logout", &[])).await;
    for _ in 0..1000 {
        let page = browser.open(&format!("{own}/")).await;
        if page.url.as_str().starts_with(campus.served.url()) {
            return;
        }
        crate::support::wait::pause_async().await;
    }
    panic!(
        "the application was not told that the session is over: {}",
        campus.served.output()
    );
}
