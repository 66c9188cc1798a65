//! Somebody else signs in where somebody is signed in, without finding the way out first.

use crate::house::{AMINE, APP, CAMILLE, campus, encoded, house, login_path};

/// What a page's « Changer de compte » leads to.
fn switch(page: &crate::house::Reply) -> String {
    assert!(page.body.contains("Changer de compte"), "{}", page.body);
    let mut links = page.addresses().into_iter();
    links.find(|url| url.contains("switch=true")).expect("a link")
}

fn field(page: &crate::house::Reply, name: &str) -> String {
    let mut fields = page.form().fields.into_iter();
    let found = fields.find(|(field, _)| field == name);
    found.expect("a field").1
}

#[tokio::test]
async fn another_person_signs_in_from_the_page_of_the_first_whose_session_ends_then() {
    // CAS-75
    let house = campus().await;
    let mut browser = house.browser();
    let path = login_path(APP);
    let ticket = browser.sign_in(&path, CAMILLE).await.ticket();
    house.validate(APP, &ticket).await;
    let first = browser.tgc("campus").unwrap().clone();
    let page = browser.get("/cas/login").await;
    let form_page = browser.get(&switch(&page)).await;
    assert!(
        form_page.has_form() && !form_page.body.contains("camille.dupont"),
        "{}",
        form_page.body
    );
    assert_eq!(browser.tgc("campus"), Some(&first), "nothing has ended yet");
    assert!(
        browser.get(&path).await.location().contains("ticket=ST-"),
        "who only looked is still in"
    );
    assert!(house.notices.take().is_empty());

    let wrong = browser
        .submit(&form_page.form().with("username", AMINE.0).with("password", "no"))
        .await;
    assert_eq!(wrong.status, 401);
    assert!(
        !wrong.body.contains("camille.dupont"),
        "still the other person's form: {}",
        wrong.body
    );
    assert_eq!(browser.tgc("campus"), Some(&first));
    let right = wrong.form().with("username", AMINE.0).with("password", AMINE.1);
    let reply = browser.submit(&right).await;
    assert_eq!((reply.status.as_u16(), reply.location()), (303, "/cas/login"));
    assert_ne!(browser.tgc("campus"), Some(&first));
    assert_eq!(
        house.notices.take().len(),
        1,
        "the first person's application is told"
    );
    let page = browser.get("/cas/login").await;
    assert!(page.body.contains("Amine"), "{}", page.body);
    let mut before = house.browser();
    before.cookies.insert("__Secure-TGC-campus".to_owned(), first);
    assert!(before.get(&path).await.has_form(), "the old session is over");
}

#[tokio::test]
async fn the_same_person_who_signs_in_again_keeps_their_applications() {
    // CAS-76
    let house = campus().await;
    let mut browser = house.browser();
    let ticket = browser.sign_in(&login_path(APP), CAMILLE).await.ticket();
    house.validate(APP, &ticket).await;
    let page = browser.get("/cas/login").await;
    browser.sign_in(&switch(&page), CAMILLE).await;
    assert!(house.notices.take().is_empty());
    browser.get("/cas/logout").await;
    assert_eq!(
        house.notices.take().len(),
        1,
        "the visit went on under the new session"
    );
}

#[tokio::test]
async fn who_may_not_use_an_application_lets_somebody_in_who_may() {
    // CAS-55, CAS-75
    let house = house().await;
    let mut browser = house.browser();
    browser.sign_in("/cas/login?tenant=campus", CAMILLE).await;
    let staff = "https://staff.example.org/a?b=c%20d";
    let refused = browser.get(&login_path(staff)).await;
    assert_eq!(refused.status, 403);
    assert!(refused.body.contains("camille.dupont"));
    let to = switch(&refused);
    assert!(
        to.contains(&encoded(staff)) && to.contains("tenant=campus"),
        "{to}"
    );
    let reply = browser.sign_in(&to, AMINE).await;
    assert!(
        reply.location().starts_with(&format!("{staff}&ticket=ST-")),
        "{}",
        reply.location()
    );

    let back = browser.sign_in(&to, CAMILLE).await;
    assert_eq!(back.status, 403);
    assert!(
        back.body.contains("camille.dupont") && !back.body.contains("amine.benali"),
        "the page is about who has just signed in: {}",
        back.body
    );
}

#[tokio::test]
async fn a_gateway_and_a_foreign_service_are_as_without_it() {
    // CAS-37, CAS-62
    let house = campus().await;
    let mut browser = house.browser();
    browser.sign_in("/cas/login", CAMILLE).await;
    let asked = format!("{}&gateway=true&switch=true", login_path(APP));
    assert!(
        browser.get(&asked).await.location().contains("ticket=ST-"),
        "no page is shown"
    );
    let evil = format!("{}&switch=true", login_path("https://evil.example/"));
    assert_eq!(browser.get(&evil).await.status, 403);
}

#[tokio::test]
async fn who_is_asked_to_confirm_and_is_somebody_else_keeps_the_service() {
    // CAS-46
    let house = campus().await;
    let mut browser = house.browser();
    browser.sign_in("/cas/login", CAMILLE).await;
    let confirm = browser.get(&format!("{}&renew=true", login_path(APP))).await;
    assert!(confirm.body.contains("camille.dupont") && confirm.body.contains("Ce n’est pas moi"));
    let mut links = confirm.addresses().into_iter();
    let not_me = links.find(|url| url.contains("switch=true")).unwrap();
    let reply = browser.sign_in(&not_me, AMINE).await;
    assert!(reply.location().starts_with(APP), "{}", reply.location());
    let said = house.validate(APP, &reply.ticket()).await;
    assert!(said.contains("<cas:user>amine.benali</cas:user>"), "{said}");
}

#[tokio::test]
async fn who_gets_a_page_that_was_made_for_others_finds_nothing_of_theirs_on_it() {
    // CAS-17, SEC-08
    let house = campus().await;
    let mut pages = Vec::new();
    for (person, wrong) in [("anna", "1"), ("bo'b", "2"), ("<chi>", "3"), ("dora", "4")] {
        let service = format!("{APP}of/{}", encoded(person));
        let mut browser = house.browser();
        let form = browser.get(&login_path(&service)).await;
        let typed = form.form().with("username", person).with("password", wrong);
        let refused = browser.submit(&typed).await;
        for page in [&form, &refused] {
            assert_eq!(field(page, "service"), service);
            assert!(
                page.addresses()
                    .iter()
                    .any(|url| url.contains(&encoded(&service))),
                "{}",
                page.body
            );
            pages.push((person, field(page, "lt"), page.body.clone()));
        }
        assert_eq!(field(&refused, "username"), person);
        let right = refused
            .form()
            .with("username", CAMILLE.0)
            .with("password", CAMILLE.1);
        let ticket = browser.submit(&right).await.ticket();
        let answer = house.validate(&service, &ticket).await;
        assert!(answer.contains("camille.dupont"), "{answer}");
    }
    for (number, (_, ticket, _)) in pages.iter().enumerate() {
        let with = pages.iter().filter(|(_, _, body)| body.contains(ticket.as_str()));
        assert_eq!(with.count(), 1, "{number}");
    }
    for (name, _, body) in &pages {
        let others = ["anna", "dora"].into_iter().filter(|other| other != name);
        assert!(
            others.into_iter().all(|other| !body.contains(other)),
            "{name}: {body}"
        );
    }
}
