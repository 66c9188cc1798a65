//! Which institution a request is about, over the whole order of hints, and what its page says of the
//! choice (experience §4.2).

use mereau::base::names::{InstitutionId, RealmId};
use mereau::base::texts::Texts;
use mereau::base::uai::Uai;
use mereau::realms::{Institution, InstitutionState};
use mereau::services::ServiceSettings;

use crate::house::{CAMILLE, House, Plan, Reply, build, encoded, login_path, service};

const SHARED: &str = "https://shared.example.org/";

fn institution(id: &str, realm: &str) -> Institution {
    let name = Texts::same(&format!("Établissement {id}"));
    Institution::new(
        InstitutionId::new(id).unwrap(),
        RealmId::new(realm).unwrap(),
        name,
    )
}

/// The usual two realms with more institutions, and services that look for them.
async fn network() -> House {
    let mut campus = institution("campus", "campus");
    campus.hosts = ["sso.campus.example".into()].into();
    let mut rosa = institution("rosa", "lycee");
    rosa.uai = [Uai::new("0911028Y").unwrap()].into();
    rosa.mail_domains = ["rosa.example".into()].into();
    rosa.hosts = ["sso.rosa.example".into(), "*.rosa.example".into()].into();
    let mut hidden = institution("hidden", "lycee");
    hidden.state = InstitutionState::Hidden;
    let mut closed = institution("closed", "lycee");
    closed.state = InstitutionState::Closed;
    let from = ["parameter:UAI", "host"].map(str::to_owned);
    build(Plan {
        institutions: Some(vec![campus, rosa, institution("jean", "lycee"), hidden, closed]),
        services: vec![
            service("app"),
            ServiceSettings {
                realms: vec![],
                user: Some("scoped".to_owned()),
                ..service("shared")
            },
            ServiceSettings {
                realms: vec!["lycee".to_owned()],
                urls: vec!["https://*.notes.example.org/**".to_owned()],
                institution_from: from.into(),
                ..service("notes")
            },
        ],
        ..Plan::default()
    })
    .await
}

/// The name on top of a sign-in page, or the title of another page.
fn place(reply: &Reply) -> String {
    match reply.has_form() {
        true => reply.text_of(".place"),
        false => format!("{}: {}", reply.status.as_u16(), reply.text_of("h1")),
    }
}

async fn at(house: &House, path: &str) -> String {
    place(&house.browser().get(path).await)
}

async fn at_host(house: &House, host: &str, path: &str) -> Reply {
    let mut browser = house.browser();
    browser.host = host.to_owned();
    browser.get(path).await
}

#[tokio::test]
async fn each_hint_finds_its_institution_and_the_stronger_wins() {
    let house = network().await;
    let rosa = "Établissement rosa";
    for path in [
        "/cas/t/rosa/login",
        "/cas/t/0911028Y/login",
        "/cas/login?tenant=ROSA",
        "/cas/login?uai=0911028y",
        "/cas/login?selection=rosa",
        "/cas/t/rosa/login?selection=jean",
        "/cas/login?tenant=rosa&selection=jean",
    ] {
        assert_eq!(at(&house, path).await, rosa, "{path}");
    }
    let app = encoded("https://app.example.org/");
    assert_eq!(
        at(&house, &format!("/cas/login?service={app}")).await,
        "Établissement campus"
    );
    for notes in [
        "https://0911028y.notes.example.org/x",
        "https://www.notes.example.org/x?UAI=0911028Y",
        "https://www.notes.example.org/x?UAI=rosa",
    ] {
        assert_eq!(at(&house, &login_path(notes)).await, rosa, "{notes}");
    }
    let other = "https://0999999x.notes.example.org/";
    assert!(at(&house, &login_path(other)).await.starts_with("200: "));
    for host in ["sso.rosa.example", "SSO.Rosa.example:8443", "x.y.rosa.example"] {
        assert_eq!(place(&at_host(&house, host, "/cas/login").await), rosa, "{host}");
    }
}

#[tokio::test]
async fn an_unknown_hint_shows_the_list_with_a_notice() {
    let house = network().await;
    for path in [
        "/cas/login?tenant=nobody",
        "/cas/t/nobody/login",
        "/cas/login?uai=0751717J",
        "/cas/login?tenant=%3Cscript%3E",
    ] {
        let reply = house.browser().get(path).await;
        assert!(!reply.has_form(), "{path}");
        assert!(
            reply.body.contains("établissement inconnu"),
            "{path}: {}",
            reply.body
        );
    }
}

#[tokio::test]
async fn a_hidden_institution_is_reached_by_its_link_and_a_closed_one_says_so() {
    let house = network().await;
    assert_eq!(at(&house, "/cas/t/hidden/login").await, "Établissement hidden");
    let list = house.get_text("/cas/login").await;
    assert!(!list.contains("Établissement hidden") && !list.contains("Établissement closed"));
    for path in ["/cas/t/closed/login", "/cas/login?tenant=closed"] {
        let reply = house.browser().get(path).await;
        assert_eq!(reply.status, 410, "{path}");
        assert!(!reply.has_form() && reply.body.contains("Établissement closed"));
    }
    let form = house.browser().get("/cas/t/hidden/login").await.form();
    let mut sneaky = form.with("username", CAMILLE.0).with("password", CAMILLE.1);
    sneaky.action = "/cas/login?tenant=closed".to_owned();
    assert_eq!(house.browser().submit(&sneaky).await.status, 410);
}

#[tokio::test]
async fn the_host_wins_and_the_page_links_to_the_other_institution() {
    let house = network().await;
    let path = format!("/cas/login?tenant=campus&service={}", encoded(SHARED));
    let reply = at_host(&house, "sso.rosa.example", &path).await;
    assert_eq!(place(&reply), "Établissement rosa");
    assert!(
        reply.text_of(".notice").contains("Établissement campus"),
        "{}",
        reply.body
    );
    let other = format!(
        "https://sso.campus.example/cas/login?service={}&tenant=campus",
        encoded(SHARED)
    );
    assert!(reply.addresses().contains(&other), "{:?}", reply.addresses());
    let same = at_host(&house, "sso.rosa.example", "/cas/login?tenant=rosa").await;
    assert_eq!(same.text_of(".notice"), "");
    let path = at(&house, "/cas/t/rosa/login?tenant=rosa").await;
    assert_eq!(path, "Établissement rosa");
}

#[tokio::test]
async fn what_a_session_chose_goes_into_the_url_and_the_service_stays_byte_for_byte() {
    let house = network().await;
    let mut browser = house.browser();
    browser.sign_in("/cas/login?tenant=rosa", CAMILLE).await;
    // As a client wrote it: nothing of it may be written anew.
    let query = "service=https://shared.example.org/a%2fb?x=%7e%26y=1&renew=true";
    let reply = browser.get(&format!("/cas/login?{query}")).await;
    assert_eq!(reply.status, 302);
    assert_eq!(reply.location(), format!("/cas/login?{query}&tenant=rosa"));
    let page = browser.get(reply.location()).await;
    assert_eq!(place(&page), "Établissement rosa");
    assert_eq!(
        page.form().value("service"),
        Some("https://shared.example.org/a/b?x=~&y=1"),
        "as the parameter says"
    );
    // Straight through, without a stop at our own address.
    let through = browser.get(&login_path(SHARED)).await;
    assert!(through.location().starts_with(SHARED), "{}", through.location());
    // A session that may not use the service chooses nothing.
    let app = browser.get(&login_path("https://app.example.org/")).await;
    assert_eq!(place(&app), "Établissement campus");
}

#[tokio::test]
async fn several_sessions_are_asked_about_and_never_guessed() {
    // CAS-341, T-90
    let house = network().await;
    let mut browser = house.browser();
    for tenant in ["campus", "rosa"] {
        browser
            .sign_in(&format!("/cas/login?tenant={tenant}"), CAMILLE)
            .await;
    }
    let page = browser.get(&login_path(SHARED)).await;
    assert_eq!(place(&page), "200: Avec quel compte ?");
    let links = page.addresses();
    let link = |tenant| format!("/cas/login?service={}&tenant={tenant}", encoded(SHARED));
    assert!(
        links.contains(&link("campus")) && links.contains(&link("rosa")),
        "{links:?}"
    );
    for (tenant, user) in [
        ("campus", "camille.dupont@campus.example"),
        ("rosa", "camille.dupont@lycee.example"),
    ] {
        let ticket = browser.get(&link(tenant)).await.ticket();
        let answer = house.validate(SHARED, &ticket).await;
        assert!(
            answer.contains(&format!("<cas:user>{user}</cas:user>")),
            "{answer}"
        );
    }
    // A gateway shows no page; a service of one realm has no choice to offer.
    let gateway = browser.get(&format!("{}&gateway=true", login_path(SHARED))).await;
    assert_eq!(gateway.location(), SHARED);
    let app = "https://app.example.org/";
    assert!(browser.get(&login_path(app)).await.location().starts_with(app));
}

#[tokio::test]
async fn an_address_that_was_typed_finds_its_institution_and_a_wrong_one_is_pointed_out() {
    let house = network().await;
    let reply = house.browser().get("/cas/login?q=anne%40Rosa.example").await;
    assert_eq!(reply.location(), "/cas/login?q=anne%40Rosa.example&tenant=rosa");
    let login = "/cas/login?tenant=campus";
    let refused = house
        .browser()
        .sign_in(login, ("anne@rosa.example", "not-hers"))
        .await;
    assert_eq!(refused.status, 401);
    assert!(refused.text_of(".notice").contains("Établissement rosa"));
    let unknown = house
        .browser()
        .sign_in(login, ("anne@elsewhere.example", "not-hers"))
        .await;
    assert_eq!(unknown.text_of(".notice"), "");
}

#[tokio::test]
async fn a_hostile_name_stays_text() {
    let mut hostile = institution("hostile", "campus");
    let name = format!(
        "<script>alert(1)</script>\u{202e}\"' {}",
        "très long ".repeat(1000)
    );
    hostile.name = Texts::same(&name);
    let house = build(Plan {
        institutions: Some(vec![hostile, institution("lycee", "lycee")]),
        ..Plan::default()
    })
    .await;
    for path in ["/cas/login", "/cas/t/hostile/login", "/cas/discover?q=alert"] {
        let reply = house.browser().get(path).await;
        assert_eq!(reply.status, 200, "{path}");
        assert!(!reply.body.contains("<script>alert"), "{path}");
        assert!(reply.body.contains("&lt;script&gt;alert(1)"), "{path}");
    }
    assert!(house.browser().get("/cas/t/hostile/login").await.has_form());
}

#[tokio::test]
async fn a_sixth_realm_ends_the_session_that_was_used_longest_ago() {
    let names: Vec<String> = (1..=6).map(|n| format!("realm-{n}")).collect();
    let house = build(Plan {
        institutions: Some(names.iter().map(|name| institution(name, name)).collect()),
        more_realms: names.clone(),
        services: vec![ServiceSettings {
            realms: vec![],
            user: Some("scoped".to_owned()),
            ..service("shared")
        }],
        ..Plan::default()
    })
    .await;
    let mut browser = house.browser();
    for name in &names[..5] {
        let reply = browser.sign_in(&format!("/cas/t/{name}/login"), CAMILLE).await;
        assert!(browser.tgc(name).is_some(), "{}", reply.body);
        house.clock.advance(std::time::Duration::from_secs(60));
    }
    // The oldest is used again: it is not the one to go.
    let path = format!("/cas/t/realm-1/login?service={}", encoded(SHARED));
    browser.get(&path).await.ticket();
    house.clock.advance(std::time::Duration::from_secs(60));
    let ended = browser.tgc("realm-2").unwrap().clone();
    browser.sign_in("/cas/t/realm-6/login", CAMILLE).await;
    let held = |name: &&String| browser.tgc(name).is_some();
    let left: Vec<&String> = names.iter().filter(held).collect();
    assert_eq!(left, ["realm-1", "realm-3", "realm-4", "realm-5", "realm-6"]);
    let mut thief = house.browser();
    thief.cookies.insert("__Secure-TGC-realm-2".to_owned(), ended);
    assert!(thief.get("/cas/t/realm-2/login").await.has_form(), "it is over");
}
