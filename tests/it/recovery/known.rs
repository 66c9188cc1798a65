//! What is known of a person, and of the place, is in no new password, wherever it is chosen.

use mereau::base::names::{InstitutionId, RealmId};
use mereau::base::texts::Texts;
use mereau::realms::Institution;

use super::{NEW, choose, entry, link_for, open};
use crate::house::recovery::usual_recovery;
use crate::house::{APP, Browser, House, Plan, Reply, build, login_path};

const PASSWORD: &str = "camille-corbeau-7";

/// Of Bastelica, with two people whose entries tell much; one of them must change the password.
async fn told() -> House {
    let about = "givenName: Apolline\nschacDateOfBirth: 20100512\nsupannAliasLogin: e2104567\n\
                 supannMailPerso: papillonbleu@messagerie.example\n";
    let mut school = Institution::new(
        InstitutionId::new("campus").unwrap(),
        RealmId::new("campus").unwrap(),
        Texts::same("Collège Melchior"),
    );
    school.town = Some("Bastelica".into());
    build(Plan {
        institutions: Some(vec![school]),
        recovery: Some(usual_recovery()),
        more_people: entry(1, "a.ferrandi", "a.ferrandi@campus.example", about)
            + "\n"
            + &entry(
                2,
                "must.ferrandi",
                "m.ferrandi@campus.example",
                &format!("{about}pwdReset: TRUE"),
            ),
        ..Plan::default()
    })
    .await
}

const WEAK: [(&str, &str); 10] = [
    ("girafe-12052010-bleue", "date de naissance"),
    ("girafe 12/5/10 bleue 120510", "date de naissance"),
    ("tabouret-apolline-53", "apolline"),
    ("gravier e2104567 rideau", "e2104567"),
    ("papillonbleu-cuivre-94", "papillonbleu"),
    ("ferrandi-tabouret-94", "ferrandi"),
    ("melchior-tabouret-94", "melchior"),
    ("bastelica-tabouret-94", "bastelica"),
    ("mon ent de granit 57", "« ent »"),
    ("tonneau violet 2026", "« 2026 »"),
];

fn told_why(reply: &Reply, typed: &str, part: &str) {
    assert_eq!(reply.status, 422, "{typed}");
    let said = reply.text_of(".problem").replace(['\u{a0}', '\u{202f}'], " ");
    assert!(said.to_lowercase().contains(part), "{typed}: {said}");
}

#[tokio::test]
async fn nothing_that_is_known_of_a_person_passes_behind_a_link() {
    // SEC-72
    let house = told().await;
    let link = link_for(&house, "a.ferrandi").await;
    let mut browser = house.browser();
    let mut page = open(&mut browser, &link).await;
    for (typed, part) in WEAK {
        page = choose(&mut browser, &page, typed).await;
        told_why(&page, typed, part);
    }
    assert_eq!(choose(&mut browser, &page, NEW).await.status, 303);
}

#[tokio::test]
async fn nothing_that_is_known_of_a_person_passes_within_the_sign_in() {
    // SEC-72
    let house = told().await;
    let mut browser = house.browser();
    let reply = browser.sign_in("/cas/login", ("must.ferrandi", PASSWORD)).await;
    let mut page = browser.get(reply.location()).await;
    for (typed, part) in WEAK {
        page = browser.submit(&page.form().with("new", typed)).await;
        told_why(&page, typed, part);
    }
}

#[tokio::test]
async fn nothing_that_is_known_of_a_person_passes_on_the_account_page_nor_goes_to_applications() {
    // SEC-72
    let house = told().await;
    let mut browser: Browser<'_> = house.browser();
    let reply = browser.sign_in(&login_path(APP), ("a.ferrandi", PASSWORD)).await;
    let seen = house.validate(APP, &reply.ticket()).await;
    assert!(seen.contains("a.ferrandi"), "{seen}");
    for secret in ["20100512", "messagerie.example", "e2104567", "Apolline"] {
        assert!(!seen.contains(secret), "{secret} is nobody's business: {seen}");
    }
    for (typed, part) in WEAK {
        let page = browser.get("/cas/account/password").await;
        let form = page.form().with("current", PASSWORD).with("new", typed);
        told_why(&browser.submit(&form).await, typed, part);
    }
}

#[tokio::test]
async fn every_script_of_the_world_is_let_in_and_so_are_password_programs() {
    // SEC-72
    let house = told().await;
    let link = link_for(&house, "a.ferrandi").await;
    let mut browser = house.browser();
    let page = open(&mut browser, &link).await;
    assert!(
        page.text_of("#rules").contains("Au moins 12 caractères"),
        "{}",
        page.body
    );
    for wanted in [
        "autocomplete=\"new-password\"",
        "autocomplete=\"username\"",
        "aria-controls=\"new\" data-reveal=",
    ] {
        assert!(page.body.contains(wanted), "{wanted}");
    }
    for unwanted in ["maxlength", "onpaste", "pattern=", "minlength"] {
        assert!(!page.body.contains(unwanted), "{unwanted}");
    }
    let scripts = page.body.split("<script defer src=\"").skip(1);
    let scripts: Vec<&str> = scripts.filter_map(|rest| rest.split('"').next()).collect();
    assert!(!scripts.is_empty());
    for path in scripts {
        let text = house.get_text(path).await;
        assert!(!text.contains("paste"), "{path} hinders pasting");
    }
    let page = choose(&mut browser, &page, "обезьяна").await;
    told_why(&page, "обезьяна", "12");
    let chosen = "обезьяна ест жёлтый барабан 🐙";
    assert_eq!(choose(&mut browser, &page, chosen).await.status, 303);
    assert!(super::signs_in(&house, "a.ferrandi", chosen).await);
}
