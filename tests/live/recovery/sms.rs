//! A code by text message, from the form to the new password: through an HTTP gateway, typed beside the
//! identifier, for ten minutes.

use super::secrets::telephone;
use super::{NEW, Plan, Town, USUAL};
use crate::support::application::{Answer, Application};
use crate::support::browser::{Browser, Page};
use crate::support::wait;

const LOGIN: &str = "sms.seul";
const OLD: &str = "sms-seul-mot-1";
const NUMBER: &str = "+33 6 99 00 01 01";

/// The code in what a gateway was sent: eight digits in two groups.
pub fn code_in(body: &str) -> Option<String> {
    let text = text_of(body)?;
    let words: Vec<&str> = text.split_whitespace().collect();
    let is_half = |word: &str| word.len() == 4 && word.bytes().all(|byte| byte.is_ascii_digit());
    let halves = words
        .windows(2)
        .find(|pair| pair.iter().all(|word| is_half(word)))?;
    Some(halves.concat())
}

/// The text of `to=…&text=…`.
fn text_of(body: &str) -> Option<String> {
    let mut pairs = url::form_urlencoded::parse(body.as_bytes());
    let (_, text) = pairs.find(|(name, _)| name == "text")?;
    Some(text.into_owned())
}

struct Gateway(Application);

impl Gateway {
    fn open() -> Gateway {
        Gateway(Application::start(|_| Answer::Page(String::new())))
    }

    async fn town(&self) -> Town {
        let sms = format!(
            "[sms]\nurl = \"{}/send?to={{digits}}\"\nbody = \"to={{to}}&text={{text}}&from={{sender}}\"\n",
            self.0.url()
        );
        Town::with(Plan {
            entries: &telephone(LOGIN, NUMBER, OLD),
            mail: &sms,
            realm: "[[recovery.addresses]]\nattribute = \"mobile\"\ntrust = \"validated\"\nkind = \"sms\"\n",
            ..USUAL
        })
        .await
    }

    /// The body of the message with this number, counted from 1.
    async fn message(&self, number: usize) -> (String, String) {
        wait::until_async("a text message", || async {
            let asked = self.0.asked();
            let one = asked.get(number - 1)?;
            Some((one.target.clone(), one.body.clone()))
        })
        .await
    }
}

async fn types(town: &Town, browser: &mut Browser, identifier: &str, code: &str) -> Page {
    let page = browser.open(&town.at("/recover/code")).await;
    let form = page
        .reply
        .form()
        .with("identifier", identifier)
        .with("code", code);
    let answer = browser.submit(&page, &form).await;
    browser.follow(answer).await
}

#[tokio::test]
async fn a_code_by_text_message_leads_with_its_identifier_to_a_new_password() {
    // SX-02, T-86
    let gateway = Gateway::open();
    let town = gateway.town().await;
    town.asks(&mut Browser::new(None), LOGIN).await;
    let (target, body) = gateway.message(1).await;
    assert_eq!(target, "/send?to=33699000101");
    let text = text_of(&body).expect("a text");
    assert!(body.starts_with("to=%2B33699000101&"), "{body}");
    assert!(text.chars().count() <= 160, "{text}");
    assert!(text.contains("10 min"), "{text}");
    assert!(!text.contains("/r/"), "no link: {text}");
    assert!(!text.contains(LOGIN), "nor its identifier: {text}");
    let code = code_in(&body).expect("eight digits");
    assert!(
        text.contains(&format!("@localhost #{code}")),
        "browsers may fill it in: {text}"
    );

    // Ten minutes, in the store itself.
    let keys = town.redis.cli(&["--scan", "--pattern", "*r:*"]);
    let lives: Vec<i64> = keys
        .lines()
        .filter_map(|key| town.redis.cli(&["pttl", key]).parse().ok())
        .filter(|left| (1..=600_000).contains(left))
        .collect();
    assert!(!lives.is_empty(), "{keys}");

    let mut browser = Browser::new(None);
    // Another person's identifier beside it, or none.
    for identifier in ["camille.dupont", "nobody.at.all", ""] {
        let page = types(&town, &mut browser, identifier, &code).await;
        assert!(!page.reply.has_form_for_new(), "{identifier}");
    }
    let page = types(
        &town,
        &mut browser,
        LOGIN,
        &format!("{} {}", &code[..4], &code[4..]),
    )
    .await;
    assert!(page.reply.has_form_for_new(), "{}", page.reply.body);
    let form = page.reply.form().with("new", NEW);
    let answer = browser.submit(&page, &form).await;
    browser.follow(answer).await;
    assert!(town.binds(LOGIN, NEW) && !town.binds(LOGIN, OLD));
    let again = types(&town, &mut Browser::new(None), LOGIN, &code).await;
    assert_eq!(again.reply.status, 401, "it was used");
    assert!(town.sink.received().is_empty(), "no mail");
}

#[tokio::test]
async fn after_five_wrong_codes_the_right_one_of_a_text_message_opens_nothing() {
    // SEC-62, T-86
    let gateway = Gateway::open();
    let town = gateway.town().await;
    town.asks(&mut Browser::new(None), LOGIN).await;
    let (_, body) = gateway.message(1).await;
    let code = code_in(&body).expect("eight digits");
    let wrong = if code == "11112222" {
        "33334444"
    } else {
        "11112222"
    };
    let mut browser = Browser::new(None);
    for _ in 0..5 {
        assert_eq!(types(&town, &mut browser, LOGIN, wrong).await.reply.status, 401);
    }
    let late = types(&town, &mut browser, LOGIN, &code).await;
    assert_eq!(late.reply.status, 401, "right, and too late");
    assert!(town.binds(LOGIN, OLD));
}
