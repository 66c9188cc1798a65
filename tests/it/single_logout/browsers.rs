//! Applications that the browser itself tells.

use mereau::audit::Actor;
use mereau::flows::logout::end_session;
use mereau::protocol::client::{session_index, unwrapped};
use mereau::protocol::ticket_id::{TicketId, TicketKind};
use mereau::services::ServiceSettings;

use super::{deliver, visit, visitor};
use crate::house::{Reply, encoded, house_of, service};

const FRAMED: &str = "https://framed.example.org/a?b=c";

fn by_browser() -> ServiceSettings {
    ServiceSettings {
        logout_by: Some("browser".to_owned()),
        ..service("framed")
    }
}

fn frames(page: &Reply) -> Vec<String> {
    let mut found = page.addresses();
    found.retain(|address| address.contains("logoutRequest="));
    found
}

#[tokio::test]
async fn the_page_brings_the_message_to_who_wants_it_by_the_browser_and_loads_nothing_else() {
    // CAS-192, CAS-201
    let house = house_of(vec![by_browser(), service("other")]).await;
    let mut browser = visitor(&house, &[]).await;
    let ticket = visit(&house, &mut browser, FRAMED).await;
    let page = browser.get("/cas/logout").await;
    let found = frames(&page);
    let [frame] = &found[..] else { panic!("{found:?}") };
    let url = url::Url::parse(frame).unwrap();
    assert_eq!(url.host_str(), Some("framed.example.org"));
    let value = |name: &str| url.query_pairs().find(|(known, _)| known == name);
    assert_eq!(value("b").unwrap().1, "c");
    assert_eq!(
        value("RelayState"),
        None,
        "a Java client would come back to /logout"
    );
    let message = unwrapped(&value("logoutRequest").unwrap().1).unwrap();
    assert_eq!(session_index(&message).unwrap(), ticket);
    assert!(message.contains("<saml:NameID>camille.dupont</saml:NameID>"));
    let policy = page.header("content-security-policy");
    assert!(
        policy.ends_with("; frame-src https://framed.example.org"),
        "{policy}"
    );
    assert!(policy.contains("frame-ancestors 'none'") && policy.contains("form-action 'self'"));
    assert_eq!(page.header("referrer-policy"), "no-referrer");
    assert_eq!(
        page.text_of("#farewell li"),
        "Service framed fermeture demandée par votre navigateur"
    );
    assert_eq!(deliver(&house).await, 0, "the server does not tell it as well");
    for path in ["/cas/logout/told", "/cas/logout"] {
        let again = browser.get(path).await;
        assert_eq!(frames(&again), Vec::<String>::new(), "once");
        assert!(!again.header("content-security-policy").contains("frame-src"));
    }
}

#[tokio::test]
async fn a_redirect_after_such_a_logout_becomes_a_link() {
    // CAS-192, CAS-186
    let house = house_of(vec![by_browser(), service("other")]).await;
    let mut browser = visitor(&house, &[FRAMED]).await;
    let bye = "https://other.example.org/bye";
    let page = browser
        .get(&format!("/cas/logout?service={}", encoded(bye)))
        .await;
    assert_eq!(page.status, 200);
    assert_eq!(frames(&page).len(), 1);
    assert!(page.addresses().iter().any(|address| address == bye));
    assert_eq!(page.text_of(".actions a.main"), "Continuer vers Service other");
    let mut none = visitor(&house, &[]).await;
    let reply = none.get(&format!("/cas/logout?service={}", encoded(bye))).await;
    assert_eq!(reply.location(), bye, "nothing to tell: no page");
}

#[tokio::test]
async fn without_a_browser_nobody_brings_it() {
    // CAS-192, CAS-200
    let house = house_of(vec![by_browser()]).await;
    let browser = visitor(&house, &[FRAMED]).await;
    let tgt = TicketId::parse(TicketKind::TicketGranting, browser.tgc("campus").unwrap()).unwrap();
    let catalogue = house.app.catalogue();
    let out = end_session(&house.app.ports, &catalogue, &tgt, Actor::Server)
        .await
        .unwrap();
    assert_eq!((out.told, out.by_browser.len()), (0, 1));
    assert_eq!(deliver(&house).await, 0);
}
