//! The whole way in one language: every page and every letter of getting back in and of one's own account,
//! walked once in French and once in English; and on every one of them whom to ask.

use std::collections::BTreeSet;
use std::sync::atomic::Ordering;

use mereau::base::names::Locale;
use mereau::base::texts::Texts;
use mereau::directory::PasswordRefusal;
use mereau::flows::recovery::{Kind, RecoveryAddress, Trust};
use mereau::messages::Content;
use mereau::passwords::policy::PolicySettings;
use scraper::Html;

use super::{NEW, entry, path_of};
use crate::account::{OWN, STALE, confirmation, undo_link};
use crate::house::recovery::{Kept, form_to, mailbox, usual_recovery};
use crate::house::{AMINE, Browser, CAMILLE, Fate, House, Plan, Reply, build};

const ASK: &str = "bureau-12@campus.example";
const FAQ: &str = "https://aide.campus.example/questions";

/// A text of the theme: whole, and the pieces between what is filled in.
struct Said {
    whole: BTreeSet<String>,
    pieces: BTreeSet<String>,
}

impl Said {
    fn of(language: &str) -> Said {
        let file = format!(
            "{}/themes/default/texts/{language}.ftl",
            env!("CARGO_MANIFEST_DIR")
        );
        let text = std::fs::read_to_string(file).unwrap();
        let mut said = Said {
            whole: BTreeSet::new(),
            pieces: BTreeSet::new(),
        };
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            let start = |c: char| c.is_ascii_alphabetic();
            let value = match line.split_once(" = ") {
                Some(("language-name", _)) => continue,
                Some((key, value)) if key.starts_with(start) => value,
                // A variant, or what follows it.
                _ => line.split_once("] ").map_or(line, |(_, value)| value),
            };
            let pieces: Vec<String> = value.split(['{', '}']).step_by(2).map(flat).collect();
            if let [whole] = pieces.as_slice() {
                said.whole.insert(whole.clone());
            }
            let long = |piece: &String| piece.chars().count() >= 9 && piece.contains(' ');
            said.pieces.extend(pieces.into_iter().filter(long));
        }
        said
    }
}

fn flat(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What people read or hear of a page: its texts, and those in attributes.
fn seen(html: &str) -> Vec<String> {
    let page = Html::parse_document(html);
    let mut seen = Vec::new();
    for node in page.tree.nodes() {
        if let Some(text) = node.value().as_text() {
            seen.push(flat(text));
        }
        if let Some(element) = node.value().as_element() {
            let names = [
                "alt",
                "aria-label",
                "title",
                "data-wait",
                "data-done",
                "data-caps",
                "data-reveal",
            ];
            seen.extend(names.iter().filter_map(|name| element.attr(name)).map(flat));
        }
    }
    seen
}

/// Texts of the other language in `seen`, which are none of its own.
fn foreign<'a>(seen: &[String], own: &Said, other: &'a Said) -> Vec<&'a String> {
    let all = seen.join(" ");
    let mine = |piece: &String| {
        own.pieces
            .iter()
            .chain(&own.whole)
            .any(|own| own.contains(piece.as_str()))
    };
    let pieces = other.pieces.iter().filter(|piece| all.contains(piece.as_str()));
    let whole = other.whole.iter().filter(|whole| seen.contains(whole));
    let whole = whole.filter(|text| text.chars().any(char::is_alphabetic));
    pieces.chain(whole).filter(|text| !mine(text)).collect()
}

async fn house() -> House {
    let mut settings = usual_recovery();
    let number = |attribute: &str, trust| RecoveryAddress {
        kind: Kind::Sms,
        ..mailbox(attribute, trust)
    };
    settings.addresses = vec![
        mailbox("mereauRecoveryMail", Trust::Validated),
        mailbox("mail", Trust::Institution),
        mailbox("mereauRecoveryMailPending", Trust::Unvalidated),
        number("mereauRecoveryMobile", Trust::Validated),
        number("mereauRecoveryMobilePending", Trust::Unvalidated),
    ];
    let people = [
        entry(
            1,
            "ailleurs",
            "ailleurs@campus.example",
            "employeeType: federated",
        ),
        entry(2, "admin", "admin@campus.example", "employeeType: admin"),
        entry(
            3,
            "ancien",
            "ancien@campus.example",
            "pwdChangedTime: 20260830110640Z",
        ),
        entry(
            4,
            "ferme",
            "ferme@campus.example",
            "pwdAccountLockedTime: 20261118110000Z",
        ),
    ];
    build(Plan {
        one_institution: true,
        recovery: Some(settings),
        more_people: format!("\n{}", people.join("\n")),
        adjust: |realm| {
            realm.contact.name = Texts::same("Bureau 12");
            realm.contact.mail = Some(ASK.to_owned());
            realm.contact.url = Some(FAQ.to_owned());
        },
        passwords: PolicySettings {
            max_age_days: Some(90),
            confirm: true,
            ..PolicySettings::default()
        },
        ..Plan::default()
    })
    .await
}

/// Everything that was seen on the way.
struct Walk<'a> {
    house: &'a House,
    language: &'static str,
    pages: Vec<(&'static str, String)>,
    letters: Vec<Kept>,
    /// Networks may not ask for ever.
    networks: u8,
}

impl<'a> Walk<'a> {
    fn browser(&mut self) -> Browser<'a> {
        self.networks += 1;
        let mut browser = self.house.browser();
        browser.address = std::net::IpAddr::from([198, 51, 100, self.networks]);
        browser
            .cookies
            .insert("lang".to_owned(), self.language.to_owned());
        browser
    }

    fn saw(&mut self, name: &'static str, reply: Reply) -> Reply {
        assert!(
            !reply.status.is_redirection(),
            "{name} leads on to {}",
            reply.location()
        );
        assert_ne!(reply.status, 500, "{name}");
        self.pages.push((name, reply.body.clone()));
        reply
    }

    async fn post(&mut self) -> Vec<Kept> {
        self.house.work().await;
        let letters = self.house.letters.take();
        self.letters.extend(letters.iter().cloned());
        letters
    }

    #[allow(clippy::too_many_lines, reason = "one page after the other")]
    async fn asking(&mut self) {
        let mut browser = self.browser();
        let form = browser.get("/cas/recover").await;
        let form = self.saw("recover", form).form();
        for (name, typed) in [("empty", ""), ("unfit", "a\u{1}b")] {
            let reply = browser.submit(&form.clone().with("identifier", typed)).await;
            self.saw(name, reply);
        }
        let reply = browser.submit(&form.clone().with("lt", "LT-1")).await;
        self.saw("too old", reply);
        let mut shut = self.browser();
        let reply = shut.submit(&form.clone().with("identifier", CAMILLE.0)).await;
        self.saw("no cookies", reply);
        self.house.humans.asked.store(true, Ordering::SeqCst);
        let check = browser.get("/cas/recover").await.form().without("captcha-other");
        let wrong = check
            .with("identifier", CAMILLE.0)
            .with("captcha-answer", "machine");
        for name in ["wrong answer", "late answer"] {
            let reply = browser.submit(&wrong).await;
            self.saw(name, reply);
        }
        self.house.humans.asked.store(false, Ordering::SeqCst);
        let sent = browser.submit(&form.with("identifier", "personne")).await;
        let sent = browser.get(sent.location()).await;
        let page = self.saw("sent", sent);
        let resend = form_to(
            "/cas/recover/again",
            &[
                ("lt", page.form().value("lt").unwrap()),
                ("flow", &page.location_flow()),
            ],
        );
        let early = browser.submit(&resend).await;
        let early = early.location().split('#').next().unwrap().to_owned();
        let reply = browser.get(&early).await;
        self.saw("sent early", reply);
        let form = browser.get("/cas/recover/username").await;
        let form = self.saw("username", form).form();
        let reply = browser.submit(&form.clone().with("email", "")).await;
        self.saw("username empty", reply);
        let sent = browser
            .submit(&form.with("email", "amine.benali@campus.example"))
            .await;
        let reply = browser.get(sent.location()).await;
        self.saw("username sent", reply);
        let form = browser.get("/cas/recover/code").await;
        let form = self.saw("code", form).form();
        for (name, code) in [("code empty", ""), ("code wrong", "WRNG-2345")] {
            let reply = browser
                .submit(&form.clone().with("identifier", CAMILLE.0).with("code", code))
                .await;
            self.saw(name, reply);
        }
        let reply = browser.get("/cas/help").await;
        self.saw("help", reply);
        let reply = browser.get("/cas/login").await;
        self.saw("sign-in", reply);
        for who in ["ailleurs", "admin"] {
            self.asks(who).await;
        }
        self.post().await;
    }

    async fn asks(&mut self, who: &str) {
        let mut browser = self.browser();
        let form = browser.get("/cas/recover").await.form();
        assert_eq!(browser.submit(&form.with("identifier", who)).await.status, 303);
    }

    /// The path of the link that `who` is sent.
    async fn link(&mut self, who: &str) -> String {
        self.asks(who).await;
        let letters = self.post().await;
        path_of(&letters[0].links()[0].1)
    }

    #[allow(clippy::too_many_lines, reason = "one page after the other")]
    async fn choosing(&mut self) {
        let mut browser = self.browser();
        let reply = browser.get("/cas/r/invented").await;
        self.saw("link unknown", reply);
        let link = self.link(CAMILLE.0).await;
        let to = browser.get(&link).await.location().to_owned();
        let page = browser.get(&to).await;
        let form = self.saw("new password", page).form();
        for (name, new) in [("empty", ""), ("weak", "camille2024"), ("common", "azerty")] {
            let reply = browser
                .submit(&form.clone().with("new", new).with("confirm", "other"))
                .await;
            self.saw(name, reply);
        }
        let good = form.with("new", NEW).with("confirm", NEW);
        for why in [
            PasswordRefusal::TooShort,
            PasswordRefusal::TooYoung { wait: None },
            PasswordRefusal::InHistory,
            PasswordRefusal::Quality,
            PasswordRefusal::NotAllowed,
        ] {
            *self.house.campus.fate.lock().unwrap() = Fate::Refused(why);
            let reply = browser.submit(&good).await;
            self.saw("refused", reply);
        }
        *self.house.campus.fate.lock().unwrap() = Fate::Applied;
        let other = self.link("ferme").await;
        let mut second = self.browser();
        let to = second.get(&other).await.location().to_owned();
        let page = second.get(&to).await;
        let form = page.form();
        let not_mine = form_to(
            "/cas/recover/revoke",
            &[("lt", form.value("lt").unwrap()), ("flow", &page.location_flow())],
        );
        let saved = browser.submit(&good).await;
        let done = browser.get(saved.location()).await;
        self.saw("saved", done);
        self.post().await;
        let reply = browser.get(&link).await;
        self.saw("link used", reply);
        let reply = browser.get("/cas/recover/new?flow=AAAAAAAAAAAAAAAAAAAAAA").await;
        self.saw("lost", reply);
        let reply = second.submit(&not_mine).await;
        self.saw("revoke unticked", reply);
        let reply = second.submit(&not_mine.with("sure", "true")).await;
        self.saw("revoked", reply);
        let reply = second.get(&other).await;
        self.saw("link revoked", reply);
        let mut third = self.browser();
        let reply = third.get("/cas/x/invented").await;
        self.saw("revoke", reply);
        // A lock from failures goes with a new password, and its person hears of that, too.
        self.house.clock.advance(std::time::Duration::from_secs(130));
        let unlock = self.link("ferme").await;
        let to = third.get(&unlock).await.location().to_owned();
        let form = third.get(&to).await.form();
        assert_eq!(
            third
                .submit(&form.with("new", NEW).with("confirm", NEW))
                .await
                .status,
            303
        );
        self.post().await;
    }

    async fn signing_in(&mut self) {
        let mut browser = self.browser();
        let reply = browser
            .sign_in("/cas/login", ("omar.diallo", "omar-saphir-18"))
            .await;
        let reply = browser.get(reply.location()).await;
        self.saw("must change", reply);
        let mut browser = self.browser();
        let reply = browser
            .sign_in("/cas/login", ("ancien", "camille-corbeau-7"))
            .await;
        let page = browser.get(reply.location()).await;
        let page = self.saw("ending", page);
        let change = page
            .addresses()
            .into_iter()
            .find(|to| to.contains("/login/change"));
        let reply = browser.get(&change.unwrap()).await;
        self.saw("change ahead", reply);
        let reply = browser.get("/cas/login").await;
        self.saw("signed in", reply);
    }

    async fn own_account(&mut self) {
        let mut browser = self.browser();
        browser.sign_in("/cas/login", AMINE).await;
        let reply = browser.get("/cas/account").await;
        self.saw("account", reply);
        for kind in ["mail", "mobile"] {
            let page = browser.get(&format!("/cas/account/address?kind={kind}")).await;
            let form = self.saw("address", page).form();
            let reply = browser.submit(&form.with("typed", "x")).await;
            self.saw("address unfit", reply);
        }
        let form = browser.get("/cas/account/address?kind=mail").await.form();
        browser.submit(&form.with("typed", OWN)).await;
        let letters = self.post().await;
        let (_, code, link) = confirmation(letters);
        let mut elsewhere = self.browser();
        let reply = elsewhere.get(&link.unwrap()).await;
        self.saw("confirm", reply);
        let page = browser.get("/cas/account?said=address-added").await;
        let form = self.saw("address waits", page).form();
        let reply = browser.submit(&form.clone().with("code", "000000")).await;
        self.saw("code wrong", reply);
        assert_eq!(browser.submit(&form.with("code", &code)).await.status, 303);
        let undo = undo_link(&self.post().await);
        let page = elsewhere.get(&undo).await;
        let form = self.saw("undo", page).form();
        let reply = browser.get("/cas/account?said=address-confirmed").await;
        self.saw("address verified", reply);
        let reply = elsewhere.submit(&form).await;
        self.saw("undo unticked", reply);
        let reply = elsewhere.submit(&form.with("sure", "true")).await;
        self.saw("undone", reply);
        let reply = elsewhere.get(&undo).await;
        self.saw("undo over", reply);
        let mut browser = self.browser();
        browser.sign_in("/cas/login", AMINE).await;
        let page = browser.get("/cas/account/password").await;
        let form = self.saw("own password", page).form();
        for (name, current, new) in [
            ("current", "", NEW),
            ("wrong", "not this one", NEW),
            ("weak", AMINE.1, "x"),
        ] {
            let reply = browser
                .submit(&form.clone().with("current", current).with("new", new))
                .await;
            self.saw(name, reply);
        }
        self.house.clock.advance(STALE);
        let away = browser.get("/cas/account/address?kind=mail").await;
        let reply = browser.get(away.location()).await;
        self.saw("proof", reply);
        self.post().await;
    }
}

async fn walk<'a>(house: &'a House, language: &'static str) -> Walk<'a> {
    let mut walk = Walk {
        house,
        language,
        pages: Vec::new(),
        letters: Vec::new(),
        networks: 0,
    };
    walk.asking().await;
    walk.choosing().await;
    walk.signing_in().await;
    walk.own_account().await;
    walk
}

#[tokio::test]
async fn the_whole_way_is_in_one_language() {
    // S2-11
    let (french, english) = (Said::of("fr"), Said::of("en"));
    assert!(french.pieces.len() > 400 && english.pieces.len() > 400);
    for (language, own, other) in [("fr", &french, &english), ("en", &english, &french)] {
        let house = house().await;
        let walk = walk(&house, language).await;
        assert!(walk.pages.len() > 45, "{} pages", walk.pages.len());
        for (name, page) in &walk.pages {
            assert!(page.contains(&format!("<html lang=\"{language}\"")), "{name}");
            let found = foreign(&seen(page), own, other);
            assert!(found.is_empty(), "“{name}” in {language} says {found:?}");
            // What is looked for would be found: the page is full of its own language.
            assert!(foreign(&seen(page), other, own).len() > 3, "{name}");
        }
        let sorts: BTreeSet<&str> = walk.letters.iter().map(|letter| letter.notice.name()).collect();
        assert!(sorts.len() >= 8, "{sorts:?}");
        for letter in &walk.letters {
            let composed = letter.words();
            assert_eq!(composed.locale, Locale::new(language).unwrap());
            let (words, html) = match composed.content {
                Content::Mail { subject, text, html } => (format!("{subject} {text}"), html),
                Content::Sms { text } => (text, String::new()),
            };
            let mut all = seen(&html);
            all.push(flat(&words));
            let found = foreign(&all, own, other);
            assert!(
                found.is_empty(),
                "{} in {language} says {found:?}",
                letter.notice.name()
            );
        }
    }
}

#[tokio::test]
async fn every_page_and_letter_says_whom_to_ask() {
    // S1-23
    let house = house().await;
    let walk = walk(&house, "fr").await;
    for (name, page) in &walk.pages {
        assert!(
            page.contains(&format!("mailto:{ASK}")),
            "“{name}” names no address: {page}"
        );
        assert!(page.contains(FAQ), "“{name}” has no link to the questions");
    }
    for letter in &walk.letters {
        let (_, text) = letter.text();
        let name = letter.notice.name();
        assert!(
            text.contains(ASK) && text.contains(&format!("\n{FAQ}\n")),
            "{name}: {text}"
        );
    }
}
