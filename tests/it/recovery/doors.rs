//! Every door of a right, on an address of another realm: nothing is there, and nothing is touched.

use mereau::base::names::{InstitutionId, RealmId};
use mereau::base::texts::Texts;
use mereau::realms::Institution;

use super::{NEW, choose, open};
use crate::house::recovery::{Kept, form_to, usual_recovery};
use crate::house::{AMINE, Browser, CAMILLE, House, Plan, Reply, build};

/// Two realms with a host each, and the host of both.
async fn two_realms() -> House {
    let one = |id: &str| {
        let realm = RealmId::new(id).unwrap();
        let mut one = Institution::new(InstitutionId::new(id).unwrap(), realm, Texts::same(id));
        one.hosts = [format!("sso.{id}.example").into()].into();
        one
    };
    build(Plan {
        institutions: Some(vec![one("campus"), one("lycee")]),
        recovery: Some(usual_recovery()),
        ..Plan::default()
    })
    .await
}

/// A link as a path: it leads to its institution's own host, and works on the one of all, too.
fn path_of(link: &str) -> String {
    let path = link.strip_prefix("https://sso.campus.example");
    path.unwrap_or_else(|| panic!("{link}")).to_owned()
}

/// A letter for somebody of the campus.
async fn letter(house: &House, identifier: &str) -> Kept {
    let mut browser = house.browser();
    let form = browser.get("/cas/t/campus/recover").await.form();
    browser.submit(&form.with("identifier", identifier)).await;
    house.work().await;
    house.letters.take().remove(0)
}

/// As the same browser would ask another address, had its cookies gone along.
fn elsewhere<'a>(browser: &mut Browser<'a>, host: bool, path: &str) -> String {
    match host {
        true => {
            browser.host = "sso.lycee.example".to_owned();
            path.to_owned()
        }
        false => path.replacen("/cas/", "/cas/t/lycee/", 1),
    }
}

fn back(browser: &mut Browser<'_>) {
    browser.host = "sso.example.org".to_owned();
}

fn is_nothing(reply: &Reply, door: &str) {
    // Without cookies the other realm's page asks for a code of its own.
    let asks = reply.status == 200 && reply.text_of("h1") == "Saisir le code reçu";
    assert!(
        asks || [302, 303, 401, 404, 410].contains(&reply.status.as_u16()),
        "{door}: {} {}",
        reply.status,
        reply.body
    );
    assert!(
        !reply.body.contains("Camille") && !reply.has_form_for_new(),
        "{door}"
    );
    let to = reply.headers.get("location").map(|to| to.to_str().unwrap());
    assert!(!to.is_some_and(|to| to.contains("recover/new")), "{door}");
}

/// Door by door, with a right that is good on its own address.
#[tokio::test]
#[allow(clippy::too_many_lines, reason = "one right, door by door")]
async fn what_is_of_one_realm_opens_nothing_on_an_address_of_another_and_is_not_touched() {
    // SEC-17, T-77
    for host in [true, false] {
        let house = two_realms().await;
        let letter = letter(&house, CAMILLE.0).await;
        let (_, link, code) = letter.links()[0].clone();
        let mereau::messages::Notice::ResetLinks { revoke, .. } = &letter.notice else {
            panic!("another letter")
        };
        let (link, revoke) = (path_of(&link), path_of(revoke.expose()));

        // The link.
        let mut browser = house.browser();
        let there = elsewhere(&mut browser, host, &link);
        let reply = browser.get(&there).await;
        is_nothing(&reply, "link");
        assert_eq!(reply.text_of("h1"), "Lien inconnu");
        back(&mut browser);

        // The code, on the form of the other realm and on one that was made for the right one.
        let there = elsewhere(&mut browser, host, "/cas/recover/code");
        let form = browser.get(&there).await.form();
        let typed = form.with("identifier", CAMILLE.0).with("code", &code);
        is_nothing(&browser.submit(&typed).await, "code");
        let named = typed.with("tenant", "campus");
        is_nothing(&browser.submit(&named).await, "code, with the other’s name");
        back(&mut browser);

        // The flow in a cookie: its page, its form, and the refusal.
        let mut holder = house.browser();
        let page = open(&mut holder, &link).await;
        assert_eq!(page.status, 200);
        let form = page.form().with("new", NEW);
        let there = elsewhere(&mut holder, host, &form.action);
        is_nothing(&holder.get(&there).await, "page");
        let mut moved = form.clone();
        moved.action = there;
        is_nothing(&holder.submit(&moved).await, "form");
        let lt = form.value("lt").unwrap();
        let flow = form.value("flow").unwrap();
        let refusal = format!("/cas/recover/revoke?flow={flow}");
        let there = elsewhere(&mut holder, host, &refusal);
        let refused = holder
            .submit(&form_to(&there, &[("lt", lt), ("flow", flow), ("sure", "true")]))
            .await;
        is_nothing(&refused, "refusal");

        // The flow in the form, where no cookies are kept.
        let mut bare = house.browser();
        let form = bare.get("/cas/t/campus/recover/code").await.form();
        bare.cookies.clear();
        let page = bare
            .submit(&form.with("identifier", CAMILLE.0).with("code", &code))
            .await;
        assert_eq!(page.status, 200, "{}", page.body);
        bare.cookies.clear();
        let held = page.form().with("new", NEW);
        assert!(held.value("held").is_some_and(|held| !held.is_empty()));
        let mut moved = held.clone();
        moved.action = match host {
            true => {
                bare.host = "sso.lycee.example".to_owned();
                held.action.replacen("/t/campus/", "/", 1)
            }
            false => held.action.replacen("/t/campus/", "/t/lycee/", 1),
        };
        is_nothing(&bare.submit(&moved).await, "held in the form");

        // The letter's own refusal.
        let mut reader = house.browser();
        let there = elsewhere(&mut reader, host, &revoke);
        let page = reader.get(&there).await;
        assert_eq!(
            page.text_of("h1"),
            "Lien inconnu",
            "page of the refusal by letter"
        );
        let reply = reader.submit(&form_to(&there, &[("sure", "true")])).await;
        assert_eq!(reply.text_of("h1"), "Lien inconnu", "refusal by letter");

        // Nothing of it touched the right.
        assert_eq!(house.campus.writes.load(std::sync::atomic::Ordering::SeqCst), 0);
        back(&mut holder);
        let page = open(&mut holder, &link).await;
        let saved = choose(&mut holder, &page, NEW).await;
        assert_eq!(saved.status, 303);
        let done = saved.location().to_owned();
        let there = elsewhere(&mut holder, host, &done);
        is_nothing(&holder.get(&there).await, "done");
        back(&mut holder);
        assert_eq!(
            holder.get(&done).await.text_of("h1"),
            "Votre nouveau mot de passe est enregistré"
        );
    }
}

#[tokio::test]
async fn a_letters_refusal_works_on_its_own_realms_address() {
    // SEC-17, SEC-29
    let house = two_realms().await;
    let letter = letter(&house, AMINE.0).await;
    let mereau::messages::Notice::ResetLinks { revoke, .. } = &letter.notice else {
        panic!("another letter")
    };
    let mut reader = house.browser();
    let page = reader.get(&path_of(revoke.expose())).await;
    let reply = reader.submit(&page.form().with("sure", "true")).await;
    assert_eq!(reply.text_of("h1"), "La demande est annulée");
}

#[tokio::test]
async fn the_link_of_a_notice_closes_no_account_from_another_realms_address() {
    // SEC-17, SEC-58
    for host in [true, false] {
        let house = two_realms().await;
        let letter = letter(&house, CAMILLE.0).await;
        let mut browser = house.browser();
        let form = open(&mut browser, &path_of(&letter.links()[0].1)).await;
        assert_eq!(choose(&mut browser, &form, NEW).await.status, 303);
        let notices = house.letters.take();
        let link = notices.iter().find_map(|letter| match &letter.notice {
            mereau::messages::Notice::PasswordChanged { not_me, .. } => not_me.clone(),
            _ => None,
        });
        let link = path_of(link.expect("a link").expose());
        let mut owner = house.browser();
        let page = owner.get(&link).await;
        assert_eq!(page.status, 200, "{}", page.body);
        let there = elsewhere(&mut owner, host, &link);
        assert_eq!(owner.get(&there).await.status, 410);
        let mut form = page.form().with("sure", "true");
        form.action = there;
        assert_eq!(owner.submit(&form).await.status, 410);
        back(&mut owner);
        let reply = owner.submit(&page.form().with("sure", "true")).await;
        assert_eq!(reply.status, 200, "nothing was touched: {}", reply.body);
    }
}
