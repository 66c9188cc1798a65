//! Addresses of one's own on a real slapd with our schema: added, verified, removed, taken back; what the
//! entry holds at each step, as the directory's root sees it.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use super::{CAMILLE, Mail, Plan, Town, USUAL};
use crate::support::browser::{Browser, Page};
use crate::support::slapd::{self, Slapd, WRITER_DN};
use crate::support::wait;

const OWN: &str = "camille@messagerie.example";
const SECOND: &str = "camille.bis@messagerie.example";

/// The institution's mailbox, and ours beside it.
fn realm(slapd: &Slapd) -> String {
    let address = |attribute: &str, trust: &str, kind: &str| {
        format!(
            "[[recovery.addresses]]\nattribute = \"{attribute}\"\ntrust = \"{trust}\"\nkind = \"{kind}\"\n"
        )
    };
    format!(
        "[directory.write]\nurls = [\"{}\"]\nmethod = \"exop\"\nguard = \"generation\"\n\
         bind_dn = \"{WRITER_DN}\"\nbind_password_file = \"../writer.password\"\n\
         [recovery.sender]\naddress = \"ne-pas-repondre@campus.example\"\n{}{}{}{}{}",
        slapd.url(),
        address("mereauRecoveryMail", "validated", "mail"),
        address("mail", "institution", "mail"),
        address("mereauRecoveryMailPending", "unvalidated", "mail"),
        address("mereauRecoveryMobile", "validated", "sms"),
        address("mereauRecoveryMobilePending", "unvalidated", "sms"),
    )
}

/// What the entry holds under a name, in no order.
fn held(town: &Town, name: &str) -> Vec<String> {
    let entry = town.slapd.entry(&format!("uid={},{}", CAMILLE.0, slapd::PEOPLE));
    let mut values: Vec<String> = entry
        .lines()
        .filter_map(|line| line.strip_prefix(name)?.strip_prefix(": ").map(str::to_owned))
        .collect();
    values.sort();
    values
}

/// A gateway that takes one message; what it was sent.
async fn gateway(listener: &TcpListener) -> String {
    let (mut stream, _) = listener.accept().await.unwrap();
    let mut read = Vec::new();
    let mut part = [0; 4096];
    loop {
        let count = stream.read(&mut part).await.unwrap();
        read.extend_from_slice(&part[..count]);
        let text = String::from_utf8_lossy(&read);
        let whole = text.split_once("\r\n\r\n").is_some_and(|(head, body)| {
            let length = head.lines().find_map(|line| {
                line.to_ascii_lowercase()
                    .strip_prefix("content-length: ")?
                    .parse()
                    .ok()
            });
            body.len() >= length.unwrap_or(0usize)
        });
        if whole || count == 0 {
            break;
        }
    }
    stream
        .write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        .await
        .unwrap();
    String::from_utf8(read).unwrap()
}

/// The first six digits that stand alone.
fn code_of(text: &str) -> String {
    let mut words = text.split(|c: char| !c.is_ascii_digit());
    words.find(|word| word.len() == 6).expect(text).to_owned()
}

async fn adds(town: &Town, browser: &mut Browser, kind: &str, typed: &str) -> Page {
    let to = town.served.address("/account/address", &[("kind", kind)]);
    let page = browser.open(&to).await;
    let form = page.reply.form().with("typed", typed);
    let answer = browser.submit(&page, &form).await;
    assert_eq!(answer.reply.status, 303, "{}", answer.reply.body);
    browser.follow(answer).await
}

async fn types(browser: &mut Browser, home: &Page, code: &str) -> Page {
    let form = home.reply.form().with("code", code);
    let answer = browser.submit(home, &form).await;
    assert_eq!(answer.reply.status, 303, "{}", answer.reply.body);
    browser.follow(answer).await
}

/// The page that removes the last of the addresses that can be.
async fn removal(town: &Town, browser: &mut Browser) -> Page {
    let home = browser.open(&town.served.address("/account", &[])).await;
    let mut all = home.reply.addresses().into_iter();
    let last = all.rfind(|address| address.contains("/account/remove"));
    let to = home.url.join(&last.expect("a removal")).unwrap();
    browser.open(to.as_ref()).await
}

/// The letters that have come since the last look, once there are so many.
async fn news(town: &Town, count: usize) -> Vec<Mail> {
    let all = town.mails(count).await;
    town.sink.take();
    all
}

fn to<'a>(mails: &'a [Mail], address: &str) -> &'a Mail {
    let found = mails.iter().find(|mail| mail.to == [address]);
    found.unwrap_or_else(|| panic!("no letter to {address}"))
}

#[tokio::test]
async fn an_address_is_added_verified_told_of_removed_and_taken_back_on_slapd() {
    // S2-01, S3-05, S4-05, SEC-21, SEC-59, T-82
    let town = Town::with(Plan {
        own: Some(realm),
        ..USUAL
    })
    .await;
    let mut browser = Browser::new(None);
    let page = browser
        .open(&town.served.address("/login", &[("tenant", "mirefleurs")]))
        .await;
    browser.sign_in(&page, CAMILLE.0, CAMILLE.1).await;

    let home = adds(&town, &mut browser, "mail", OWN).await;
    assert_eq!(held(&town, "mereauRecoveryMailPending"), [OWN]);
    assert!(held(&town, "mereauRecoveryMail").is_empty());
    assert_eq!(
        held(&town, "objectClass")
            .iter()
            .filter(|class| *class == "mereauAccount")
            .count(),
        1
    );
    let letters = news(&town, 1).await;
    let code = code_of(&to(&letters, OWN).text);
    types(&mut browser, &home, &code).await;
    assert_eq!(held(&town, "mereauRecoveryMail"), [OWN]);
    assert!(held(&town, "mereauRecoveryMailPending").is_empty());
    // The one that was known before hears of it, with a way back.
    let told = news(&town, 1).await;
    assert_eq!(told[0].to, ["camille.dupont@campus.example"]);

    let home = adds(&town, &mut browser, "mail", SECOND).await;
    let letters = news(&town, 1).await;
    types(&mut browser, &home, &code_of(&to(&letters, SECOND).text)).await;
    assert_eq!(held(&town, "mereauRecoveryMail"), [SECOND, OWN]);
    let told = news(&town, 2).await;
    let undo = to(&told, OWN).addresses("/u/");
    assert_eq!(undo.len(), 1, "{}", to(&told, OWN).text);

    // Removed: everybody is told, and who is gone can take it back.
    let page = removal(&town, &mut browser).await;
    let answer = browser.submit(&page, &page.reply.form()).await;
    assert_eq!(answer.reply.status, 303);
    assert_eq!(held(&town, "mereauRecoveryMail").len(), 1);
    let gone = if held(&town, "mereauRecoveryMail") == [OWN] {
        SECOND
    } else {
        OWN
    };
    let told = news(&town, 3).await;
    let back = to(&told, gone).addresses("/u/");
    assert_eq!(back.len(), 1, "{}", to(&told, gone).text);
    let mut elsewhere = Browser::new(None);
    let page = elsewhere.open(&back[0]).await;
    assert_eq!(
        held(&town, "mereauRecoveryMail").len(),
        1,
        "a look changes nothing"
    );
    let form = page.reply.form().with("sure", "true");
    elsewhere.submit(&page, &form).await;
    assert_eq!(held(&town, "mereauRecoveryMail"), [SECOND, OWN]);
    assert!(town.binds(CAMILLE.0, CAMILLE.1));
}

#[tokio::test]
async fn a_mobile_is_added_by_a_text_message_and_removed_on_slapd() {
    // S3-05, S4-05
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let sms = format!("[sms]\nurl = \"http://127.0.0.1:{port}/send\"\n");
    let town = Town::with(Plan {
        own: Some(realm),
        mail: &sms,
        ..USUAL
    })
    .await;
    let mut browser = Browser::new(None);
    let page = browser
        .open(&town.served.address("/login", &[("tenant", "mirefleurs")]))
        .await;
    browser.sign_in(&page, CAMILLE.0, CAMILLE.1).await;
    let home = adds(&town, &mut browser, "mobile", "06 12 34 56 78").await;
    assert_eq!(held(&town, "mereauRecoveryMobilePending"), ["+33612345678"]);
    let sent = tokio::time::timeout(wait::PATIENCE, gateway(&listener))
        .await
        .expect("a message");
    let body = sent.split("\r\n\r\n").nth(1).unwrap();
    let fields: std::collections::BTreeMap<String, String> = url::form_urlencoded::parse(body.as_bytes())
        .into_owned()
        .collect();
    assert_eq!(fields["to"], "+33612345678");
    types(&mut browser, &home, &code_of(&fields["text"])).await;
    assert_eq!(held(&town, "mereauRecoveryMobile"), ["+33612345678"]);
    assert!(held(&town, "mereauRecoveryMobilePending").is_empty());
    let page = removal(&town, &mut browser).await;
    assert_eq!(browser.submit(&page, &page.reply.form()).await.reply.status, 303);
    assert!(held(&town, "mereauRecoveryMobile").is_empty());
}
