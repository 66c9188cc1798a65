//! People under watch: every page they are shown is kept, and every secret that they see, type or carry.

use http::header::LOCATION;
use scraper::{Html, Selector};

use super::search::Secrets;
use crate::recovery::{Mail, Town, token};
use crate::support::browser::{Browser, Page};
use crate::support::reply::Form;
use crate::support::wait;

/// What people type into these is secret.
const TYPED: [&str; 7] = [
    "password",
    "new",
    "confirm",
    "current",
    "code",
    "captcha-answer",
    "again",
];

#[derive(Default)]
pub struct Watch {
    pub secrets: Secrets,
    /// The way to each page, its status and what it shows.
    pub pages: Vec<(String, u16, String)>,
    /// Letters that were looked at.
    read: usize,
}

impl Watch {
    pub async fn open(&mut self, browser: &mut Browser, url: &str) -> Page {
        let page = browser.get(url).await;
        self.follow(browser, page).await
    }

    pub async fn submit(&mut self, browser: &mut Browser, page: &Page, form: &Form) -> Page {
        for (name, value) in &form.fields {
            if TYPED.contains(&name.as_str()) && value.len() >= 6 {
                self.secrets.add("typed", value);
            }
        }
        let answer = browser.submit(page, form).await;
        self.follow(browser, answer).await
    }

    /// Where the server sends to, step by step, as long as it is the server's.
    async fn follow(&mut self, browser: &mut Browser, mut page: Page) -> Page {
        loop {
            self.note(browser, &page);
            if !page.reply.headers.contains_key(LOCATION) {
                return page;
            }
            let next = page.url.join(page.reply.location()).expect("a place to go");
            if let Some((_, ticket)) = next.query_pairs().find(|(name, _)| name == "ticket") {
                self.secrets.add("ticket", &ticket);
            }
            if next.port() != page.url.port() {
                return page;
            }
            page = browser.get(next.as_str()).await;
        }
    }

    fn note(&mut self, browser: &Browser, page: &Page) {
        // A preference of the language is no secret.
        for cookie in browser.secrets().iter().filter(|value| value.len() >= 16) {
            self.secrets.add("cookie", cookie);
        }
        let document = Html::parse_document(&page.reply.body);
        let hidden = Selector::parse("input[name=lt], input[name=captcha], input[name=held]").unwrap();
        for field in document.select(&hidden) {
            let value = field.attr("value").unwrap_or_default();
            if !value.is_empty() {
                self.secrets.add("form", value);
            }
        }
        let status = page.reply.status.as_u16();
        let way = page.url.path().to_owned();
        self.pages.push((way, status, page.reply.body.clone()));
    }

    /// The next mail to that address that holds `word`. All it hands over is secret.
    pub async fn mail(&mut self, town: &Town, to: &str, word: &str) -> Mail {
        wait::until_async("a mail", || async {
            let received = town.sink.received();
            for mail in received.iter().skip(self.read) {
                let mail = Mail::read(mail);
                if mail.to == [to] && mail.text.contains(word) {
                    return Some(mail);
                }
            }
            None
        })
        .await
    }

    /// Keeps what a mail hands over, and looks at later ones from now on.
    pub fn keep(&mut self, town: &Town, mail: &Mail) -> Option<String> {
        for door in ["/r/", "/c/", "/u/", "/x/"] {
            for link in mail.addresses(door) {
                self.secrets.add("link", token(&link));
            }
        }
        self.read = town.sink.received().len();
        let code = mail.code()?;
        self.secrets.add("code", &code);
        Some(code)
    }
}
