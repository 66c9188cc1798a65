//! Mailed links: one confirms an address, one takes a change back.

use super::{OWN, adds, confirmation, house, signed_in, types, undo_link, with_own};
use crate::house::recovery::form_to;

#[tokio::test]
async fn a_link_confirms_with_a_button_and_the_session_or_the_code_and_never_by_itself() {
    // SEC-35, SEC-29
    let house = house().await;
    let mut browser = signed_in(&house).await;
    adds(&mut browser, "mail", OWN).await;
    let (_, code, link) = confirmation(house.letters.take());
    let link = link.unwrap();
    // A scanner follows it and presses its button, with whatever is in the form.
    let mut scanner = house.browser();
    for _ in 0..3 {
        let page = scanner.get(&link).await;
        assert_eq!(page.status, 200);
        assert_eq!(scanner.submit(&page.form()).await.status, 422);
    }
    let mut phone = house.browser();
    let form = phone.get(&link).await.form();
    assert_eq!(phone.submit(&form.with("code", "nothing")).await.status, 422);
    let form = phone.get(&link).await.form();
    let done = phone.submit(&form.with("code", &code)).await;
    assert_eq!(done.text_of("h1"), "Adresse confirmée");
    assert_eq!(phone.get(&link).await.text_of("h1"), "Confirmer cette adresse");
    let form = phone.get(&link).await.form();
    assert_eq!(
        phone.submit(&form.with("code", &code)).await.status,
        410,
        "nothing waits"
    );
    // With the session the button is enough.
    adds(&mut browser, "mail", "deux@messagerie.example").await;
    let letters = house.letters.take();
    let asks = |letter: &&crate::house::recovery::Kept| letter.to == "deux@messagerie.example";
    let (_, _, link) = confirmation(letters.iter().filter(asks).cloned().collect());
    let link = link.unwrap();
    let form = browser.get(&link).await.form();
    assert_eq!(form.value("code"), None);
    assert_eq!(browser.submit(&form).await.text_of("h1"), "Adresse confirmée");
}

#[tokio::test]
async fn a_proof_is_of_the_exact_address_of_the_exact_account() {
    // SEC-15, S3-05
    let house = house().await;
    let mut browser = signed_in(&house).await;
    adds(&mut browser, "mail", OWN).await;
    let (_, code, link) = confirmation(house.letters.take());
    let link = link.unwrap();
    // The address is edited meanwhile: removed, and another one added.
    let page = browser.get("/cas/account").await;
    let mut all = page.addresses().into_iter();
    let remove = all.find(|address| address.contains("/account/remove")).unwrap();
    let form = browser.get(&remove).await.form();
    browser.submit(&form).await;
    adds(&mut browser, "mail", "autre@messagerie.example").await;
    let (_, second, _) = confirmation(house.letters.take());
    if code != second {
        assert_eq!(
            types(&mut browser, &code).await.status,
            401,
            "the code of another address"
        );
    }
    let form = browser.get(&link).await.form();
    assert_eq!(
        browser.submit(&form).await.status,
        410,
        "the link of an address that is gone"
    );
    // Somebody else's session is no proof either.
    adds(&mut browser, "mail", OWN).await;
    let (_, _, link) = confirmation(house.letters.take());
    let mut amine = house.browser();
    amine.sign_in("/cas/login", crate::house::AMINE).await;
    let form = amine.get(&link.unwrap()).await.form();
    assert_eq!(form.value("code"), Some(""), "the code is wanted");
    assert_eq!(amine.submit(&form).await.status, 422);
}

#[tokio::test]
async fn a_token_of_one_kind_opens_no_door_of_another() {
    // SEC-15
    let house = house().await;
    let mut browser = signed_in(&house).await;
    with_own(&house, &mut browser, OWN).await;
    adds(&mut browser, "mail", "deux@messagerie.example").await;
    let (_, code, link) = confirmation(house.letters.take());
    let confirm = link.unwrap();
    types(&mut browser, &code).await;
    let undo = undo_link(&house.letters.take());
    let [confirm, undo] = [&confirm, &undo].map(|link| link.rsplit('/').next().unwrap().to_owned());
    for (door, token) in [("u", &confirm), ("c", &undo), ("r", &confirm), ("r", &undo)] {
        let reply = house.browser().get(&format!("/cas/{door}/{token}")).await;
        assert!(
            matches!(reply.status.as_u16(), 404 | 410),
            "{door} {}",
            reply.status
        );
    }
    for token in [&confirm, &undo] {
        let mut browser = house.browser();
        browser.get("/cas/account").await;
        let revoked = browser
            .submit(&form_to(&format!("/cas/x/{token}"), &[("sure", "true")]))
            .await;
        assert_ne!(revoked.status, 303);
    }
    assert_eq!(
        house.browser().get(&format!("/cas/u/{undo}")).await.status,
        200,
        "and is unharmed"
    );
}

#[tokio::test]
async fn a_change_is_taken_back_by_the_old_address_for_three_days_and_its_sessions_end() {
    // S4-05, SEC-54
    let house = house().await;
    let mut browser = signed_in(&house).await;
    with_own(&house, &mut browser, OWN).await;
    adds(&mut browser, "mail", "pirate@ailleurs.example").await;
    let (_, code, _) = confirmation(house.letters.take());
    types(&mut browser, &code).await;
    let told = house.letters.take();
    assert!(told.iter().all(|letter| letter.to != "pirate@ailleurs.example"));
    let link = undo_link(&told);
    let mut owner = house.browser();
    let page = owner.get(&link).await;
    assert_eq!(page.text_of("h1"), "Annuler ce changement ?");
    assert!(!page.body.contains("pirate@"), "masked");
    assert!(
        !browser.get("/cas/login").await.has_form(),
        "a GET changes nothing"
    );
    let done = owner.submit(&page.form().with("sure", "true")).await;
    assert_eq!(done.text_of("h1"), "Le changement est annulé");
    assert!(browser.get("/cas/login").await.has_form(), "signed out");
    let mut browser = signed_in(&house).await;
    let page = browser.get("/cas/account").await;
    assert!(page.body.contains(OWN) && !page.body.contains("pirate@"));
    assert_eq!(owner.get(&link).await.status, 410, "once");
    adds(&mut browser, "mail", "trois@messagerie.example").await;
    let (_, code, _) = confirmation(house.letters.take());
    types(&mut browser, &code).await;
    let late = undo_link(&house.letters.take());
    house.clock.advance(std::time::Duration::from_secs(72 * 3600 + 1));
    assert_eq!(owner.get(&late).await.status, 410);
}
