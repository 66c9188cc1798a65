//! What goes well: the button, the way there and back, the accounts that are found.

use mereau::base::names::{InstitutionId, UpstreamId};
use mereau::base::texts::Texts;
use mereau::realms::{Delegation, ForWhom, Position, Taken};

use super::{APP, Trip, World, for_app, join, sso, through, with, world, yes};
use crate::house::{CAMILLE, encoded, login_path};

#[tokio::test]
async fn the_button_stands_below_the_form_and_keeps_the_service() {
    // S2-03
    let world = world(vec![sso()]).await;
    let mut browser = world.house.browser();
    let path = format!(
        "{}&tenant=campus",
        login_path("https://app.example.org/a?b=c%20d&e=%26")
    );
    let page = browser.get(&path).await;
    let order = [
        "id=\"username\"",
        "id=\"password\"",
        "type=\"submit\"",
        ">OU<",
        "Connexion avec SSO CAS",
    ];
    let places: Vec<usize> = order
        .iter()
        .map(|part| page.body.find(part).expect(part))
        .collect();
    assert!(places.is_sorted(), "{places:?}");
    let button = page
        .addresses()
        .into_iter()
        .find(|url| url.contains("/login/with/sso"))
        .unwrap();
    assert!(
        page.header("cross-origin-opener-policy").is_empty(),
        "a pop-up keeps its opener"
    );
    world.say(&yes("camille.dupont", ""));
    let reply = through(&mut browser, &button).await;
    let to = reply.location();
    assert!(
        to.starts_with("https://app.example.org/a?b=c%20d&e=%26&ticket=ST-"),
        "{to}"
    );
    assert!(reply.header("cross-origin-opener-policy").is_empty());
}

#[tokio::test]
async fn the_other_server_is_asked_once_for_exactly_the_address_it_was_given() {
    // S2-03, S2-04
    let world = world(vec![sso()]).await;
    let mut browser = world.house.browser();
    let trip = Trip::of(&browser.get(&for_app()).await);
    assert_eq!(
        trip.back.origin().ascii_serialization(),
        "https://sso.example.org"
    );
    assert_eq!(trip.back.path(), "/cas/login/from/campus/sso");
    world.say(&yes("camille.dupont", "<cas:profil>ignored</cas:profil>"));
    let reply = browser.get(&trip.path("&ticket=ST-1-abc")).await;
    let seen = world.upstream.seen();
    let line = format!(
        "GET /sso/p3/serviceValidate?service={}&ticket=ST-1-abc HTTP/1.1",
        url::form_urlencoded::byte_serialize(trip.back.as_str().as_bytes()).collect::<String>()
    );
    assert_eq!(seen.len(), 1);
    assert!(seen[0].starts_with(&line), "{} {line}", seen[0]);
    let answer = world.house.validate(APP, &reply.ticket()).await;
    assert!(answer.contains("<cas:user>camille.dupont</cas:user>"), "{answer}");
    assert!(answer.contains("<cas:displayName>Camille Dupont</cas:displayName>"));
    assert!(!answer.contains("ignored"), "only what is taken");
    assert!(
        browser.cookies.keys().all(|name| !name.contains("flow")),
        "the flow is over"
    );
    let again = browser.get(&login_path("https://other.example.org/")).await;
    assert!(
        again.location().contains("ticket=ST-"),
        "an ordinary session: {:?}",
        browser.cookies
    );
}

#[tokio::test]
async fn attributes_that_are_taken_stand_beside_the_directory_s() {
    // S2-03
    let take = |theirs: &str, ours: &str| Taken {
        theirs: theirs.to_owned(),
        ours: ours.to_owned(),
    };
    let world = world(vec![Delegation {
        taken: vec![
            take("profil", "supannEtablissement"),
            take("courriel", "mail"),
            take("nom", "displayName"),
        ],
        joins: vec![join("courriel", "mail")],
        ..sso()
    }])
    .await;
    world.say(&yes(
        "4711",
        "<cas:courriel>theo.simon@campus.example</cas:courriel><cas:courriel>x@y</cas:courriel>\
         <cas:nom>Nobody</cas:nom>",
    ));
    let mut browser = world.house.browser();
    let ticket = through(&mut browser, &for_app()).await.ticket();
    let answer = world.house.validate(APP, &ticket).await;
    assert!(answer.contains("<cas:user>theo.simon</cas:user>"), "{answer}");
    assert!(answer.contains("<cas:mail>theo.simon@campus.example</cas:mail>"));
    assert!(
        !answer.contains("x@y") && !answer.contains("Nobody"),
        "the directory's word stands: {answer}"
    );
    world.say(&yes(
        "1",
        "<cas:courriel>camille.dupont@campus.example</cas:courriel>",
    ));
    let ticket = through(
        &mut browser,
        &with(&format!("&service={}", encoded("https://staff.example.org/"))),
    )
    .await;
    assert_eq!(ticket.status, 403, "not staff in either's word");
}

#[tokio::test]
async fn what_only_the_other_server_knows_opens_services_too_and_lasts_with_the_session() {
    // S2-03
    let taken = vec![Taken {
        theirs: "role".to_owned(),
        ours: "eduPersonAffiliation".to_owned(),
    }];
    let world = world(vec![Delegation { taken, ..sso() }]).await;
    world.say(&yes("theo.simon", "<cas:role>staff</cas:role>"));
    let staff = "https://staff.example.org/";
    let mut browser = world.house.browser();
    let first = through(&mut browser, &with(&format!("&service={}", encoded(staff))))
        .await
        .ticket();
    assert!(
        world
            .house
            .validate(staff, &first)
            .await
            .contains("<cas:eduPersonAffiliation>staff<")
    );
    world.house.clock.advance(std::time::Duration::from_secs(600));
    let later = browser.ticket_for(staff).await;
    assert!(
        world
            .house
            .validate(staff, &later)
            .await
            .contains("<cas:eduPersonAffiliation>staff<")
    );
}

#[tokio::test]
async fn the_first_join_that_finds_someone_decides_whatever_is_repeated() {
    // S2-03
    let joins = vec![
        join("numero", "telephoneNumber"),
        join("courriel", "mail"),
        join("user", "uid"),
    ];
    let world = world(vec![Delegation { joins, ..sso() }]).await;
    let amine = "<cas:courriel>amine.benali@campus.example</cas:courriel>";
    for (answer, login) in [
        (yes("camille.dupont", &format!("{amine}{amine}")), "amine.benali"),
        (
            yes(
                "camille.dupont",
                "<cas:courriel>*</cas:courriel><cas:courriel>x)(uid=*</cas:courriel>",
            ),
            "camille.dupont",
        ),
        (
            yes(
                "noe.martin",
                &format!("<cas:numero>+33 1 99 00 00 01</cas:numero>{amine}"),
            ),
            "camille.dupont",
        ),
    ] {
        world.say(&answer);
        let ticket = through(&mut world.house.browser(), &for_app()).await.ticket();
        let said = world.house.validate(APP, &ticket).await;
        assert!(said.contains(&format!("<cas:user>{login}</cas:user>")), "{said}");
    }
}

async fn at_the_choice(world: &World) -> (crate::house::Browser<'_>, crate::house::Reply) {
    world.say(&yes("adurand", ""));
    let mut browser = world.house.browser();
    let page = through(&mut browser, &for_app()).await;
    assert_eq!(page.status, 200, "{}", page.body);
    (browser, page)
}

#[tokio::test]
async fn of_several_accounts_the_person_chooses_one_and_once() {
    // S2-03
    let world = world(vec![Delegation {
        joins: vec![join("user", "supannAliasLogin")],
        ..sso()
    }])
    .await;
    let (mut browser, page) = at_the_choice(&world).await;
    for part in [
        "Anne Durand",
        "anne.durand",
        "Anna Durand",
        "Service app",
        "Quel compte",
    ] {
        assert!(page.body.contains(part), "{part}");
    }
    assert!(browser.tgc("campus").is_none());
    let form = page.form().with("account", "1");
    let (stranger_cookies, mut stranger) = (browser.cookies.clone(), world.house.browser());
    let refused = stranger.submit(&form).await;
    assert_eq!(refused.status, 400, "another browser: {}", refused.body);
    let reply = browser.submit(&form).await;
    assert_eq!(reply.status, 303);
    let answer = world.house.validate(APP, &reply.ticket()).await;
    assert!(answer.contains("<cas:user>anna.durand</cas:user>"), "{answer}");
    stranger.cookies = stranger_cookies;
    assert_eq!(
        stranger.submit(&form.with("account", "0")).await.status,
        400,
        "the choice is spent"
    );
    let (mut browser, page) = at_the_choice(&world).await;
    assert_eq!(
        browser.submit(&page.form().with("account", "7")).await.status,
        403
    );
    assert!(browser.tgc("campus").is_none());
}

#[tokio::test]
async fn buttons_stand_where_and_for_whom_the_realm_says() {
    // S2-03
    let named = |id: &str, name: &str, audience, position| Delegation {
        upstream: UpstreamId::new(id).unwrap(),
        name: Texts::same(name),
        audience,
        position,
        ..sso()
    };
    let world = world(vec![
        named("a", "Personnel-A", ForWhom::Staff, Position::First),
        named("b", "Famille-B", ForWhom::Families, Position::First),
        Delegation {
            institutions: vec![InstitutionId::new("elsewhere").unwrap()],
            ..named("c", "Ailleurs-C", ForWhom::Everybody, Position::First)
        },
        named("d", "Tous-D", ForWhom::Everybody, Position::After),
    ])
    .await;
    let page = world.house.browser().get("/cas/login?tenant=campus").await;
    let order = [
        "Élèves et parents",
        "Connexion avec Famille-B",
        "Personnels",
        "Connexion avec Personnel-A",
        ">OU<",
        "id=\"username\"",
        "Connexion avec Tous-D",
    ];
    let places: Vec<usize> = order
        .iter()
        .map(|part| page.body.find(part).expect(part))
        .collect();
    assert!(places.is_sorted(), "{places:?}");
    assert!(!page.body.contains("Ailleurs-C"));
    let mut browser = world.house.browser();
    assert_eq!(browser.get("/cas/login/with/c?tenant=campus").await.status, 404);
    assert_eq!(browser.get("/cas/login/with/a?tenant=lycee").await.status, 404);
    assert_eq!(browser.get("/cas/login/with/%2e?tenant=campus").await.status, 404);
}

#[tokio::test]
async fn the_session_of_the_same_person_goes_on_and_somebody_else_s_ends() {
    // CAS-75, CAS-76, S2-04
    let world = world(vec![sso()]).await;
    let mut browser = world.house.browser();
    let first = browser
        .sign_in(&format!("{}&tenant=campus", login_path(APP)), CAMILLE)
        .await
        .ticket();
    world.house.validate(APP, &first).await;
    world.say(&yes("camille.dupont", ""));
    through(&mut browser, &with("")).await;
    assert!(world.house.notices.take().is_empty());
    world.say(&yes("amine.benali", ""));
    let reply = through(&mut browser, &with("")).await;
    assert_eq!(reply.location(), "/cas/login?tenant=campus");
    assert!(
        browser
            .get("/cas/login?tenant=campus")
            .await
            .body
            .contains("Amine Benali")
    );
    assert_eq!(
        world.house.notices.take().len(),
        1,
        "the application hears that Camille is gone"
    );
}

#[tokio::test]
async fn a_browser_that_kept_a_fragment_is_led_on_by_a_page_of_ours() {
    // S2-03
    let world = world(vec![sso()]).await;
    world.say(&yes("camille.dupont", ""));
    let named = format!("{}&fragment=k1a2", for_app());
    let mut browser = world.house.browser();
    let page = through(&mut browser, &named).await;
    assert_eq!(page.status, 200);
    assert!(page.body.contains("data-fragment=\"k1a2\"") && page.body.contains("Service app"));
    assert!(
        page.header("cross-origin-opener-policy").is_empty(),
        "also in a pop-up"
    );
    assert_eq!(page.header("cache-control"), "no-store");
    let to = page
        .addresses()
        .into_iter()
        .find(|url| url.contains("ticket=ST-"))
        .unwrap();
    assert!(to.starts_with(APP));
    let ticket = to.rsplit_once("ticket=").unwrap().1;
    assert!(world.house.validate(APP, ticket).await.contains("camille.dupont"));
    for odd in ["", "a-b", "<b>", "aaaaaaaaaaaaaaaaaaaaaaaaa"] {
        let path = format!("{}&fragment={}", for_app(), encoded(odd));
        let reply = through(&mut world.house.browser(), &path).await;
        assert!(
            reply.location().starts_with(APP),
            "{odd} is no name of a page of ours"
        );
    }
    world.say(&crate::delegation::no("INVALID_TICKET"));
    let failed = through(&mut world.house.browser(), &named).await;
    assert!(
        failed.body.contains("data-fragment=\"k1a2\""),
        "another try gets it back"
    );
}

#[tokio::test]
async fn who_wants_another_account_is_asked_for_it_there_too() {
    // S2-03, CAS-75
    let world = world(vec![Delegation {
        position: Position::Only,
        ..sso()
    }])
    .await;
    world.say(&yes("camille.dupont", ""));
    let mut browser = world.house.browser();
    let path = format!("{}&tenant=campus", login_path(APP));
    let trip = Trip::of(&browser.get(&path).await);
    assert!(!trip.there.query().unwrap().contains("renew"));
    browser.get(&trip.path("&ticket=ST-1-abc")).await.ticket();
    let page = browser.get(&format!("{path}&switch=true")).await;
    assert_eq!(page.status, 200, "it waits for a click");
    let button = page
        .addresses()
        .into_iter()
        .find(|url| url.contains("/login/with/sso"))
        .unwrap();
    let trip = Trip::of(&browser.get(&button).await);
    assert!(
        trip.there.query().unwrap().ends_with("&renew=true"),
        "{}",
        trip.there
    );
    world.say(&yes("amine.benali", ""));
    let reply = browser.get(&trip.path("&ticket=ST-2-abc")).await;
    let said = world.house.validate(APP, &reply.ticket()).await;
    assert!(said.contains("<cas:user>amine.benali</cas:user>"), "{said}");
}
