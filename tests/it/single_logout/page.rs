//! What the person sees of it.

use super::{Application, Does, SECOND, deliver, registered, visitor};
use crate::house::{encoded, house_of};

#[tokio::test]
async fn the_page_comes_at_once_and_says_later_who_has_been_told() {
    // CAS-190, CAS-198, CAS-185
    let well = Application::that([Does::Answer(200)]).await;
    let refusing = Application::that([Does::Answer(403)]).await;
    let slow = Application::that([Does::Answer(500), Does::Answer(200)]).await;
    let house = house_of(vec![
        registered("un", &well),
        registered("deux", &refusing),
        registered("trois", &slow),
    ])
    .await;
    let urls = [well.url(), well.url(), refusing.url(), slow.url()];
    let visited: Vec<&str> = urls.iter().map(String::as_str).collect();
    let mut browser = visitor(&house, &visited).await;
    let page = browser.get("/cas/logout").await;
    let list = page.text_of("#farewell ul");
    assert_eq!(
        list,
        "Carnet un fermeture en cours… Carnet deux fermeture en cours… Carnet trois fermeture en cours…"
    );
    let again = "/cas/logout/told";
    assert!(
        page.addresses().iter().any(|address| address == again),
        "{}",
        page.body
    );
    assert!(!page.body.contains("127.0.0.1"), "no address of an application");
    deliver(&house).await;
    let page = browser.get(again).await;
    assert_eq!(
        page.text_of("#farewell ul"),
        "Carnet un session fermée Carnet deux peut-être encore ouverte Carnet trois fermeture en cours…"
    );
    assert!(
        page.text_of("#farewell")
            .contains("déconnectez-vous-en vous-même")
    );
    house.clock.advance(SECOND);
    deliver(&house).await;
    let page = browser.get(&format!("{again}?lang=en")).await;
    assert_eq!(
        page.text_of("#farewell ul"),
        "Notebook un signed out Notebook deux perhaps still signed in Notebook trois signed out"
    );
    assert!(
        !page.addresses().iter().any(|address| address == again),
        "nothing is still to come"
    );
    let page = browser.get("/cas/logout").await;
    assert_eq!(
        page.text_of("#farewell ul"),
        "Carnet un session fermée Carnet deux peut-être encore ouverte Carnet trois session fermée",
        "a page that is loaded again says the same"
    );
}

#[tokio::test]
async fn looking_again_ends_nothing() {
    // CAS-190, T-37
    let application = Application::that([Does::Answer(200)]).await;
    let house = house_of(vec![registered("notes", &application)]).await;
    let mut browser = visitor(&house, &[&application.url()]).await;
    browser.get("/cas/logout").await;
    let page = browser.get("/cas/logout/told").await;
    assert!(page.text_of("#farewell ul").contains("Carnet notes"));
    browser.sign_in("/cas/login", crate::house::CAMILLE).await;
    let page = browser.get("/cas/logout/told").await;
    assert!(
        !page.body.contains("Carnet notes"),
        "whoever signs in next is told nothing"
    );
    assert!(browser.tgc("campus").is_some());
    assert!(browser.ticket_for(&application.url()).await.starts_with("ST-"));
}

#[tokio::test]
async fn only_the_browser_that_signed_out_sees_what_became_of_it() {
    // T-30, T-39
    let application = Application::that([Does::Answer(200)]).await;
    let house = house_of(vec![registered("notes", &application)]).await;
    let mut browser = visitor(&house, &[&application.url()]).await;
    browser.get("/cas/logout").await;
    let sealed = browser.cookies["__Host-goodbye"].clone();
    for forged in [
        "",
        "x",
        &sealed[1..],
        &format!("{sealed}A"),
        &sealed.replace(['a', 'b'], "c"),
    ] {
        let mut other = house.browser();
        other.cookies.insert("__Host-goodbye".into(), forged.to_owned());
        let page = other.get("/cas/logout/told").await;
        assert_eq!(
            (page.status.as_u16(), page.text_of("#farewell")),
            (200, String::new()),
            "{forged}"
        );
    }
    assert_eq!(
        house.browser().get("/cas/logout/told").await.text_of("#farewell"),
        ""
    );
    house.clock.advance(1801 * SECOND);
    assert_eq!(
        browser.get("/cas/logout/told").await.text_of("#farewell"),
        "",
        "forgotten"
    );
}

#[tokio::test]
async fn who_comes_next_at_the_same_browser_sees_nothing_of_it() {
    // T-90, CAS-185
    let application = Application::that([Does::Answer(200)]).await;
    let house = house_of(vec![registered("notes", &application)]).await;
    let mut browser = visitor(&house, &[&application.url()]).await;
    browser.get("/cas/logout").await;
    browser.sign_in("/cas/login", crate::house::AMINE).await;
    assert_eq!(browser.get("/cas/logout").await.text_of("#farewell"), "");
    assert_eq!(browser.get("/cas/logout/told").await.text_of("#farewell"), "");
}

#[tokio::test]
async fn a_redirect_after_the_logout_waits_for_nobody_either() {
    // CAS-186, CAS-190
    let application = Application::that([Does::Hang]).await;
    let house = house_of(vec![registered("notes", &application)]).await;
    let mut browser = visitor(&house, &[&application.url()]).await;
    let path = format!("/cas/logout?service={}", encoded(&application.url()));
    assert_eq!(browser.get(&path).await.location(), application.url());
    assert!(
        browser
            .get("/cas/logout/told")
            .await
            .text_of("#farewell ul")
            .contains("en cours"),
        "who asks is told all the same"
    );
}
