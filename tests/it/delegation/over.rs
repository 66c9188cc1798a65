//! The end of a session that two servers know of.

use mereau::realms::{Delegation, OnLogout};

use super::{APP, World, for_app, sso, through, world, yes};
use crate::house::{Browser, CAMILLE, encoded};
use http::Method;

const TICKET: &str = "ST-1-abc";

fn message(ticket: &str) -> String {
    format!(
        "<samlp:LogoutRequest xmlns:samlp=\"urn:oasis:names:tc:SAML:2.0:protocol\" ID=\"x\" Version=\"2.0\">\
         <saml:NameID xmlns:saml=\"urn:oasis:names:tc:SAML:2.0:assertion\">x</saml:NameID>\
         <samlp:SessionIndex>{ticket}</samlp:SessionIndex></samlp:LogoutRequest>"
    )
}

async fn tell(world: &World, path: &str, xml: &str) -> u16 {
    let body = format!("logoutRequest={}", encoded(xml));
    let mut server = world.house.browser();
    let reply = server.send(Method::POST, path, Some(body)).await;
    assert!(reply.body.len() < 8, "{}", reply.body);
    reply.status.as_u16()
}

async fn signed_in(world: &World) -> Browser<'_> {
    world.say(&yes("camille.dupont", ""));
    let mut browser = world.house.browser();
    let ticket = through(&mut browser, &for_app()).await.ticket();
    world.house.validate(APP, &ticket).await;
    browser
}

const HERE: &str = "/cas/login/from/campus/sso";

#[tokio::test]
async fn the_other_server_s_word_ends_the_session_and_tells_our_applications() {
    // S2-03, CAS-190, CAS-213
    let other = Delegation {
        upstream: mereau::base::names::UpstreamId::new("other").unwrap(),
        ..sso()
    };
    let world = world(vec![sso(), other]).await;
    let mut browser = signed_in(&world).await;
    let laughs = format!("<!DOCTYPE a [<!ENTITY a \"{TICKET}\">]>{}", message("&a;"));
    for (path, xml, status) in [
        (HERE, message("ST-other"), 200),
        ("/cas/login/from/campus/other", message(TICKET), 200),
        ("/cas/login/from/lycee/sso", message(TICKET), 400),
        ("/cas/login/from/nobody/sso", message(TICKET), 400),
        (HERE, laughs, 400),
        (HERE, message("TGT-1"), 400),
        (HERE, "x".to_owned(), 400),
    ] {
        assert_eq!(tell(&world, path, &xml).await, status, "{path} {xml}");
    }
    assert!(world.house.notices.take().is_empty());
    assert!(
        browser
            .get("/cas/login?tenant=campus")
            .await
            .body
            .contains("Camille Dupont")
    );
    let with_flow = format!("{HERE}?flow=whatever");
    assert_eq!(tell(&world, &with_flow, &message(TICKET)).await, 200);
    assert_eq!(world.house.notices.take().len(), 1, "the application is told");
    assert!(browser.get("/cas/login?tenant=campus").await.has_form());
    assert_eq!(
        tell(&world, HERE, &message(TICKET)).await,
        200,
        "again: nothing happens"
    );
    assert!(world.house.notices.take().is_empty());
}

fn wrapped(xml: &str) -> String {
    let mut writer = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
    std::io::Write::write_all(&mut writer, xml.as_bytes()).unwrap();
    encoded(&data_encoding::BASE64.encode(&writer.finish().unwrap()))
}

#[tokio::test]
async fn a_browser_brings_the_same_word_where_the_servers_cannot_talk() {
    // S2-03
    let world = world(vec![sso()]).await;
    for name in ["logoutRequest", "SAMLRequest"] {
        let mut browser = signed_in(&world).await;
        // Without cookies, as inside somebody else's page.
        let mut other = world.house.browser();
        let bring = |text: &str| format!("{HERE}?flow=x&{name}={text}&RelayState=y&callback=z");
        for (text, status) in [
            (wrapped(&message("ST-other")), 200),
            (wrapped(&message("TGT-1")), 400),
            (encoded(&message(TICKET)), 400),
            ("x".to_owned(), 400),
        ] {
            assert_eq!(other.get(&bring(&text)).await.status, status, "{text}");
        }
        assert_eq!(other.head(&bring(&wrapped(&message(TICKET)))).await.status, 200);
        assert!(world.house.notices.take().is_empty());
        let reply = other.get(&bring(&wrapped(&message(TICKET)))).await;
        assert_eq!((reply.status.as_u16(), reply.body.as_str()), (200, ""));
        assert_eq!(world.house.notices.take().len(), 1);
        assert!(browser.get("/cas/login?tenant=campus").await.has_form());
    }
}

#[tokio::test]
async fn a_sign_out_offers_the_other_server_s() {
    // S2-03, CAS-184
    let world = world(vec![sso()]).await;
    let mut browser = signed_in(&world).await;
    let page = browser.get("/cas/logout").await;
    assert!(
        page.body.contains("Se déconnecter aussi de SSO CAS"),
        "{}",
        page.body
    );
    let there = format!("https://localhost:{}/sso/logout?service=", world.upstream.port());
    assert!(
        page.addresses().iter().any(|url| url.starts_with(&there)),
        "{:?}",
        page.addresses()
    );
    assert_eq!(world.house.notices.take().len(), 1);
    let again = browser.get("/cas/logout").await;
    assert!(
        !again.body.contains("SSO CAS"),
        "there is nothing to end any more"
    );
    let mut other = world.house.browser();
    other.sign_in("/cas/login?tenant=campus", CAMILLE).await;
    assert!(
        !other.get("/cas/logout").await.body.contains("SSO CAS"),
        "signed in by password"
    );
}

#[tokio::test]
async fn a_sign_out_goes_on_to_the_other_server_and_comes_back_where_it_was_going() {
    // S2-03, CAS-186
    let forward = Delegation {
        on_logout: OnLogout::Forward,
        ..sso()
    };
    let world = world(vec![forward]).await;
    let mut browser = signed_in(&world).await;
    let bye = "https://app.example.org/bye?x=1";
    let reply = browser
        .get(&format!("/cas/logout?service={}", encoded(bye)))
        .await;
    assert_eq!(reply.status, 302);
    let there = url::Url::parse(reply.location()).unwrap();
    assert_eq!(there.path(), "/sso/logout");
    let back = there
        .query_pairs()
        .find(|(name, _)| name == "service")
        .unwrap()
        .1
        .into_owned();
    let back = url::Url::parse(&back).unwrap();
    assert_eq!(back.host_str(), Some("sso.example.org"));
    let path = format!("{}?{}", back.path(), back.query().unwrap());
    assert_eq!(browser.get(&path).await.location(), bye, "no second time round");
    let nothing = Delegation {
        on_logout: OnLogout::Nothing,
        ..sso()
    };
    world.trust(vec![nothing], std::time::Duration::from_secs(60));
    let mut browser = signed_in(&world).await;
    assert!(!browser.get("/cas/logout").await.body.contains("SSO CAS"));
}
