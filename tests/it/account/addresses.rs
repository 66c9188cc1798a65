//! Addresses of one's own: added, verified by a code, removed.

use super::{OWN, adds, confirmation, house, signed_in, types, undo_link, with_own};
use crate::house::CAMILLE;
use crate::recovery::letters_for;

#[tokio::test]
async fn a_new_address_gets_no_link_before_its_code_was_typed_and_the_old_one_hears_of_it() {
    // S2-01, S3-05, S4-05, SEC-21, SEC-59, T-82
    let house = house().await;
    let mut browser = signed_in(&house).await;
    let added = adds(&mut browser, "mail", OWN).await;
    assert_eq!(added.location(), "/cas/account?said=address%2Dadded");
    let (to, code, _) = confirmation(house.letters.take());
    assert_eq!(to, OWN);
    assert_eq!(code.len(), 6);
    let page = browser.get("/cas/account").await;
    assert!(page.body.contains("À vérifier"));
    // Not yet: links go where they went.
    let letters = letters_for(&house, CAMILLE.0).await;
    assert_eq!(letters[0].to, "camille.dupont@campus.example");
    let open = super::path_of(&letters[0].links()[0].1);
    assert_eq!(
        types(&mut browser, &code).await.location(),
        "/cas/account?said=address%2Dconfirmed"
    );
    let told = house.letters.take();
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].to, "camille.dupont@campus.example");
    undo_link(&told);
    assert_eq!(
        house.browser().get(&open).await.status,
        410,
        "links on their way are dead"
    );
    house.clock.advance(std::time::Duration::from_secs(300));
    assert_eq!(letters_for(&house, CAMILLE.0).await[0].to, OWN);
}

#[tokio::test]
async fn codes_are_tried_five_times_and_a_later_message_replaces_an_earlier_one() {
    // SEC-61, SEC-62, T-86
    let house = house().await;
    let mut browser = signed_in(&house).await;
    adds(&mut browser, "mail", OWN).await;
    let (_, code, _) = confirmation(house.letters.take());
    let other = if code == "000000" { "000001" } else { "000000" };
    for _ in 0..5 {
        assert_eq!(types(&mut browser, other).await.status, 401);
    }
    assert_eq!(
        types(&mut browser, &code).await.status,
        429,
        "right, and too late"
    );
    let again = adds(&mut browser, "mail", OWN).await;
    assert_eq!(again.status, 303);
    let (_, second, _) = confirmation(house.letters.take());
    if second != code {
        assert_eq!(
            types(&mut browser, &code).await.status,
            401,
            "of the message before"
        );
    }
    assert_eq!(types(&mut browser, &second).await.status, 303);
}

#[tokio::test]
async fn what_is_not_exactly_one_address_is_refused_and_kept_in_the_form() {
    // SEC-40, SEC-61
    let house = house().await;
    let mut browser = signed_in(&house).await;
    for bad in [
        "",
        "camille",
        "a@b.example,c@d.example",
        "a@b.example\r\nBcc: c@d.example",
    ] {
        let refused = adds(&mut browser, "mail", bad).await;
        assert_eq!(refused.status, 422, "{bad:?}");
    }
    assert_eq!(
        adds(&mut browser, "mail", "camille").await.form().value("typed"),
        Some("camille")
    );
    assert_eq!(adds(&mut browser, "mobile", "12").await.status, 422);
    assert!(house.letters.take().is_empty());
    for number in 0..5 {
        let typed = format!("camille{number}@messagerie.example");
        assert_eq!(adds(&mut browser, "mail", &typed).await.status, 303);
    }
    assert_eq!(
        adds(&mut browser, "mail", "six@messagerie.example").await.status,
        422
    );
    assert_eq!(house.letters.take().len(), 5);
    assert_eq!(
        adds(&mut browser, "mail", "camille0@messagerie.example")
            .await
            .status,
        429
    );
}

#[tokio::test]
async fn a_mobile_is_verified_by_a_text_message() {
    // S3-05
    let house = house().await;
    let mut browser = signed_in(&house).await;
    assert_eq!(adds(&mut browser, "mobile", "06 12 34 56 78").await.status, 303);
    let (to, code, link) = confirmation(house.letters.take());
    assert_eq!((to.as_str(), link), ("+33612345678", None));
    assert_eq!(types(&mut browser, &code).await.status, 303);
    let page = browser.get("/cas/account").await;
    assert!(page.body.contains("+33612345678") && !page.body.contains("À vérifier"));
}

#[tokio::test]
async fn an_address_is_removed_but_never_the_last_verified_one() {
    // S4-05
    let house = house().await;
    let mut browser = signed_in(&house).await;
    with_own(&house, &mut browser, OWN).await;
    let page = browser.get("/cas/account").await;
    let removals = |page: &crate::house::Reply| -> Vec<String> {
        let all = page.addresses().into_iter();
        all.filter(|address| address.contains("/account/remove"))
            .collect()
    };
    assert!(removals(&page).is_empty(), "the last one");
    with_own(&house, &mut browser, "camille.bis@messagerie.example").await;
    let page = browser.get("/cas/account").await;
    let all = removals(&page);
    assert_eq!(all.len(), 2);
    assert!(!all[0].contains("messagerie"), "no address in an address");
    let form = browser.get(&all[0]).await.form();
    assert_eq!(
        browser.submit(&form).await.location(),
        "/cas/account?said=address%2Dremoved"
    );
    let told: Vec<String> = house.letters.take().into_iter().map(|letter| letter.to).collect();
    assert!(told.contains(&OWN.to_owned()), "who is gone is told, too");
    assert!(removals(&browser.get("/cas/account").await).is_empty());
    let other = browser.get(&all[1]).await.form();
    assert_eq!(browser.submit(&other).await.status, 422, "the last one now");
}
