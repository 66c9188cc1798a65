//! The page that begins recovery shows the ways that the realm has, and no other; and a password that is
//! forgotten on the way to another one leads there.

use mereau::flows::recovery::{Kind, RecoveryAddress, Trust, WhoSettings};
use mereau::messages::Notice;

use super::{asks, entry, recovering, with_settings};
use crate::house::recovery::{form_to, usual_recovery};
use crate::house::{APP, CAMILLE, House, encoded, login_path};

fn phones() -> RecoveryAddress {
    RecoveryAddress {
        attribute: "mobile".to_owned(),
        trust: Trust::Validated,
        kind: Kind::Sms,
    }
}

async fn every_way() -> House {
    let mut settings = usual_recovery();
    settings.addresses.push(phones());
    settings.who = Some(WhoSettings {
        names: vec!["sn".to_owned()],
        births: vec!["schacDateOfBirth".to_owned()],
        numbers: vec!["supannEtuId".to_owned()],
    });
    let people = [
        entry(
            1,
            "lea.mercier",
            "famille@exemple.example",
            "mobile: 06 12 34 56 78\n",
        ),
        entry(
            2,
            "tom.mercier",
            "famille@exemple.example",
            "mobile: 06 12 34 56 78\n",
        ),
    ];
    with_settings(settings, &people.join("\n")).await
}

#[tokio::test]
async fn the_first_page_offers_exactly_what_the_realm_has() {
    // S3-06
    let few = recovering().await;
    let page = few.browser().get("/cas/recover").await;
    let ways = |page: &crate::house::Reply| {
        let all = page.addresses();
        let has = |way: &str| all.iter().any(|address| address.split('?').next() == Some(way));
        [
            page.body.contains("class=\"main\""),
            page.body.contains("name=\"by\" value=\"sms\""),
            has("/cas/recover/code"),
            has("/cas/recover/username"),
            has("/cas/recover/who"),
        ]
    };
    assert_eq!(ways(&page), [true, false, true, true, false]);
    let all = every_way().await;
    let page = all.browser().get("/cas/recover").await;
    assert_eq!(ways(&page), [true, true, true, true, true]);
    assert!(!page.body.to_lowercase().contains("question"));
}

#[tokio::test]
async fn a_code_by_text_message_goes_to_the_telephone_and_opens_the_same_page() {
    // S3-06, SX-02
    let house = every_way().await;
    let mut browser = house.browser();
    let form = browser.get("/cas/recover").await.form();
    let form = form.with("identifier", "lea.mercier").with("by", "sms");
    let sent = browser.submit(&form).await;
    let waiting = browser.get(sent.location()).await;
    assert!(waiting.text_of(".lede").contains("SMS"), "{}", waiting.body);
    house.work().await;
    let letters = house.letters.take();
    assert_eq!(letters.len(), 1);
    assert_eq!(letters[0].to, "+33612345678");
    let Notice::ResetCode { code, .. } = &letters[0].notice else {
        panic!("another message")
    };
    let form = waiting.form().with("code", code.expose());
    let reply = browser.submit(&form).await;
    assert_eq!(reply.status, 303, "{}", reply.body);
    let page = browser.get(reply.location()).await;
    assert!(page.text_of(".account").contains("lea.mercier"));
}

#[tokio::test]
async fn by_text_message_a_mailbox_of_two_is_nobody_and_looks_the_same() {
    // SEC-46, SEC-01
    let house = every_way().await;
    let mut seen = Vec::new();
    for typed in ["famille@exemple.example", "nobodyy@exemple.example"] {
        let mut browser = house.browser();
        let form = browser.get("/cas/recover").await.form();
        let sent = browser
            .submit(&form.with("identifier", typed).with("by", "sms"))
            .await;
        let page = browser.get(sent.location()).await;
        seen.push(super::cohorts::masked(&page.body.replace(typed, "*")));
        house.work().await;
        assert!(house.letters.take().is_empty());
    }
    assert_eq!(seen[0], seen[1]);
}

#[tokio::test]
async fn a_text_message_is_not_sent_where_the_realm_has_none() {
    // S3-06
    let house = recovering().await;
    let mut browser = house.browser();
    let form = browser.get("/cas/recover").await.form();
    browser
        .submit(&form.with("identifier", CAMILLE.0).with("by", "sms"))
        .await;
    house.work().await;
    assert_eq!(
        house.letters.take()[0].to,
        "camille.dupont@campus.example",
        "by mail, then"
    );
}

#[tokio::test]
async fn a_forced_change_leads_to_recovery_with_the_identifier_and_the_service() {
    // S5-03, SX-01
    let house = recovering().await;
    let mut browser = house.browser();
    let reply = browser
        .sign_in(&login_path(APP), ("omar.diallo", "omar-saphir-18"))
        .await;
    let page = browser.get(reply.location()).await;
    let start = format!("/cas/recover/start?service={}", encoded(APP));
    assert!(page.addresses().contains(&start), "{:?}", page.addresses());
    assert!(page.body.contains("J’ai oublié mon mot de passe"));
    let start = form_to(&start, &[("username", "omar.diallo")]);
    let reply = browser.submit(&start).await;
    assert!(!reply.location().contains("omar"), "{}", reply.location());
    assert!(reply.location().contains(&encoded(APP)));
    let page = browser.get(reply.location()).await;
    assert_eq!(page.form().value("identifier"), Some("omar.diallo"));
}

#[tokio::test]
async fn the_account_page_leads_to_recovery_with_the_identifier() {
    // S5-03
    let house = recovering().await;
    let mut browser = house.browser();
    browser.sign_in("/cas/login", CAMILLE).await;
    let page = browser.get("/cas/account/password").await;
    assert!(page.addresses().contains(&"/cas/recover/start".to_owned()));
    assert!(page.body.contains("J’ai oublié mon mot de passe"));
    let reply = browser
        .submit(&form_to("/cas/recover/start", &[("username", CAMILLE.0)]))
        .await;
    let page = browser.get(reply.location()).await;
    assert_eq!(page.form().value("identifier"), Some(CAMILLE.0));
    let sent = asks(&mut browser, CAMILLE.0).await;
    assert_eq!(sent.status, 303, "who is signed in may ask, too");
}

#[tokio::test]
async fn no_way_to_recovery_takes_a_password_along() {
    // S1-03, S5-03, SEC-11
    let house = recovering().await;
    let mut browser = house.browser();
    let wrong = browser.sign_in("/cas/login", (CAMILLE.0, "not it at all")).await;
    let reply = browser
        .sign_in("/cas/login", ("omar.diallo", "omar-saphir-18"))
        .await;
    let changing = browser.get(reply.location()).await;
    for page in [&house.browser().get("/cas/login").await, &wrong, &changing] {
        let parsed = page.body.split("<form").skip(1);
        let mut ways = parsed.filter(|form| {
            let opening = form.split('>').next().unwrap_or_default();
            opening.contains("/recover/start")
        });
        let form = ways.next().expect("a way to recovery");
        let form = form.split("</form>").next().unwrap();
        assert!(!form.contains("type=\"password\""), "{form}");
        assert!(
            !page.body.contains("formaction"),
            "no button borrows the sign-in form"
        );
    }
    // What was typed before is taken along without scripts, too.
    assert!(
        wrong
            .body
            .contains(&format!("name=\"username\" value=\"{}\" data-typed", CAMILLE.0))
    );
}

#[tokio::test]
async fn a_realm_without_recovery_offers_none_where_a_password_is_changed() {
    // S5-03
    let house = crate::house::campus().await;
    let page = house.browser().get("/cas/login").await;
    assert!(!page.body.contains("recover/start"));
}
