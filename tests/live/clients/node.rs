//! http-cas-client of npm: versions 2 and 3, renew, gateway, proxy, single logout. What its description
//! calls version 1 reads the answer of /validate as XML, so that it works with no server: left out.

use serde_json::{Value, json};

use super::{Campus, PERSON, told};
use crate::support::nodejs::NodeJs;
use crate::support::tunnel::Tunnel;

const ATTRIBUTES: &str = "attributes = [\"displayName\", \"eduPersonAffiliation\"]";

fn url(port: u16) -> String {
    format!("http://localhost:{port}")
}

fn start(campus: &Campus, port: u16, version: u8, client: Value) -> NodeJs {
    let options = json!({
        "cas": version,
        "casServerUrlPrefix": campus.served.url(),
        "serverName": url(port),
        "client": client,
    });
    NodeJs::start(port, &options, &campus.served.folder().join("ca.pem"))
}

#[tokio::test]
async fn http_cas_client_learns_who_came_in_versions_2_and_3() {
    // CAS-134, CAS-135, CAS-236
    let ports = [NodeJs::port(), NodeJs::port()];
    let [two, three] = ports.map(url);
    let campus = Campus::open(&[(&two, ATTRIBUTES), (&three, ATTRIBUTES)]);
    let [two, three] = [
        start(&campus, ports[0], 2, json!({})),
        start(&campus, ports[1], 3, json!({})),
    ];
    let mut browser = campus.browser();
    let page = campus
        .sign_in(&mut browser, &format!("{}/cours?id=7", two.url()))
        .await;
    assert_eq!(told(&page), json!({ "user": PERSON.0 }), "{}", two.output());
    let person = told(&browser.open(&format!("{}/", three.url())).await);
    assert_eq!(person["user"], PERSON.0, "{}", three.output());
    assert_eq!(person["attributes"]["displayName"], "Élise Lefèvre");
    let affiliations = &person["attributes"]["eduPersonAffiliation"];
    assert_eq!(*affiliations, json!(["teacher", "member"]));
}

#[tokio::test]
async fn http_cas_client_asks_for_the_password_again_or_for_nothing_at_all() {
    // CAS-20, CAS-21, CAS-159
    let ports = [NodeJs::port(), NodeJs::port()];
    let [again, open] = ports.map(url);
    let campus = Campus::open(&[(&again, ""), (&open, "")]);
    let [again, open] = [
        start(&campus, ports[0], 3, json!({ "renew": true })),
        start(&campus, ports[1], 3, json!({ "gateway": true })),
    ];
    let mut browser = campus.browser();
    let stranger = browser.open(&format!("{}/", open.url())).await;
    assert_eq!(stranger.reply.status, 403, "its own answer: {}", open.output());
    assert!(stranger.url.as_str().starts_with(&open.url()));
    let mut known = campus.browser();
    let page = known.open(&campus.served.address("/login", &[])).await;
    known.sign_in(&page, PERSON.0, PERSON.1).await;
    let page = known.open(&format!("{}/", open.url())).await;
    assert_eq!(told(&page)["user"], PERSON.0, "{}", open.output());
    let page = campus.sign_in(&mut known, &format!("{}/", again.url())).await;
    assert_eq!(told(&page)["user"], PERSON.0, "{}", again.output());
}

#[tokio::test]
async fn http_cas_client_asks_another_application_and_both_end_with_the_session() {
    // CAS-110, CAS-146, CAS-164, CAS-172, CAS-176, CAS-190, CAS-193, CAS-194
    let ports = [NodeJs::port(), NodeJs::port()];
    let [portal_url, target_url] = ports.map(url);
    let authority = crate::support::certificates::Authority::new();
    let front = Tunnel::to(&authority, ports[0]).await;
    let callback = format!("{}/callback", front.url());
    let may_proxy = format!("proxy_callbacks = [\"{callback}\"]");
    let campus = Campus::trusting(authority, &[(&portal_url, &may_proxy), (&target_url, ATTRIBUTES)]);
    let proxy = json!({ "proxy": { "callbackUrl": callback, "receptorUrl": "/callback" } });
    let portal = start(&campus, ports[0], 3, proxy);
    let target = start(&campus, ports[1], 3, json!({ "proxy": { "acceptAny": true } }));
    let mut browser = campus.browser();
    let start = format!("{portal_url}/");
    let page = campus.sign_in(&mut browser, &start).await;
    assert_eq!(told(&page)["user"], PERSON.0, "{}", portal.output());
    let page = browser.open(&format!("{portal_url}/ask?of={target_url}/")).await;
    let words = || format!("{} {}", portal.output(), target.output());
    let told = told(&page);
    assert_eq!(told["user"], PERSON.0, "{told} {}", words());
    assert_eq!(told["attributes"]["displayName"], "Élise Lefèvre");
    campus.sign_out(&mut browser).await;
    campus.is_out(&mut browser, &start).await;
    crate::support::wait::until("the target's own session to end", || {
        target.output().contains("has been invalidated").then_some(())
    });
}
