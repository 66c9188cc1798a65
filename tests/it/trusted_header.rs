//! A proxy in front of the server says in a header who sits at the browser: who is let in by that, who is
//! not, and what comes instead.

use http::HeaderName;
use mereau::audit::{Event, Outcome};
use mereau::base::secret::Secret;
use mereau::base::texts::Texts;
use mereau::realms::{Means, Realm, TrustedHeader};
use mereau::services::ServiceSettings;

use crate::house::{APP, Browser, CAMILLE, House, Plan, Reply, build, campus, encoded, login_path, service};
use crate::saml::{ask, asking};

const PROXY: [u8; 4] = [192, 0, 2, 80];
const HEADER: &str = "x-remote-user";

fn trusts(realm: &mut Realm) {
    realm.trusted_header = Some(TrustedHeader {
        header: HeaderName::from_static(HEADER),
        proxies: vec!["192.0.2.80/32".parse().unwrap()],
        secret: None,
        suffix: None,
        name: Texts::same("votre session Windows"),
        means: Means::Kerberos,
    });
}

/// One institution whose realm believes the proxy.
async fn trusting() -> House {
    let plan = Plan {
        one_institution: true,
        adjust: trusts,
        ..Plan::default()
    };
    build(plan).await
}

/// A browser behind the proxy, which names `person`.
fn behind<'a>(house: &'a House, person: &str) -> Browser<'a> {
    let mut browser = house.browser();
    browser.address = PROXY.into();
    browser.headers = vec![(HEADER, person.to_owned())];
    browser
}

fn is_signed_in(browser: &Browser<'_>) -> bool {
    browser.cookies.keys().any(|name| name.contains("TGC-"))
}

/// The button's address on the form.
fn button(page: &Reply) -> String {
    let mut all = page.addresses().into_iter();
    let found = all.find(|address| address.contains("by=header"));
    found.unwrap_or_else(|| panic!("{}", page.body))
}

#[tokio::test]
async fn whom_a_believed_proxy_names_comes_in_without_a_form() {
    // CAS-30
    let house = trusting().await;
    // By another name that the directory knows them by.
    let mut browser = behind(&house, "CDupont");
    let first = browser.get(&login_path(APP)).await.ticket();
    let answer = house.validate(APP, &first).await;
    assert!(answer.contains("<cas:user>camille.dupont</cas:user>"), "{answer}");
    assert!(answer.contains("<cas:isFromNewLogin>true</cas:isFromNewLogin>"));
    let records = house.audit.take();
    let [record] = records.as_slice() else {
        panic!("{records:?}")
    };
    assert_eq!((record.event, record.method), (Event::SignedIn, Some("header")));
    let again = browser.ticket_for(APP).await;
    let answer = house.validate(APP, &again).await;
    assert!(
        answer.contains("<cas:isFromNewLogin>false</cas:isFromNewLogin>"),
        "by the session: {answer}"
    );
    let mut at_home = behind(&house, CAMILLE.0);
    let page = at_home.get("/cas/login").await;
    let page = at_home.get(page.location()).await;
    assert!(
        !page.has_form() && page.body.contains("Camille Dupont"),
        "{}",
        page.body
    );
}

#[tokio::test]
async fn nobody_else_can_say_who_sits_at_the_browser() {
    // CAS-30
    let house = trusting().await;
    let elsewhere: [&[u8; 4]; 2] = [&[192, 0, 2, 81], &[127, 0, 0, 1]];
    for address in elsewhere {
        let mut browser = behind(&house, CAMILLE.0);
        browser.address = (*address).into();
        // Neither by a name for the proxy that is believed.
        browser.headers.push(("x-forwarded-for", "192.0.2.80".to_owned()));
        let page = browser.get(&login_path(APP)).await;
        assert!(page.has_form() && !is_signed_in(&browser));
        assert!(!page.body.contains("by=header"));
        let page = browser.get(&format!("{}&by=header", login_path(APP))).await;
        assert!(page.has_form() && !is_signed_in(&browser));
    }
    // A listed forwarder that is no such proxy passes on what a client sent.
    *house.proxies.lock().unwrap() = vec!["192.0.2.90/32"];
    let mut browser = behind(&house, CAMILLE.0);
    browser.address = [192, 0, 2, 90].into();
    browser.headers.push(("x-forwarded-for", "192.0.2.80".to_owned()));
    assert!(browser.get(&login_path(APP)).await.has_form());
    assert!(!is_signed_in(&browser));
    // Off by default.
    let house = campus().await;
    let mut browser = behind(&house, CAMILLE.0);
    browser.get(&format!("{}&tenant=campus", login_path(APP))).await;
    assert!(!is_signed_in(&browser));
}

#[tokio::test]
async fn what_names_nobody_is_told_and_the_form_is_there_for_whoever_it_is() {
    // CAS-30
    let house = trusting().await;
    for (names, reason) in [
        (&["nobody.here"][..], Some("LOGIN_UNKNOWN")),
        (&["adurand"], Some("LOGIN_AMBIGUOUS")),
        (&["*"], Some("LOGIN_UNKNOWN")),
        (&["camille.dupont", "amine.benali"], None),
        (&["camille.dupont,amine.benali"], None),
        (&["camille dupont"], None),
    ] {
        let mut browser = behind(&house, names[0]);
        let more = names.iter().skip(1).map(|name| (HEADER, (*name).to_owned()));
        browser.headers.extend(more);
        let page = browser.get(&login_path(APP)).await;
        assert!(page.has_form() && !is_signed_in(&browser), "{names:?}");
        let told = page.text_of("#problem");
        assert!(told.contains("votre poste"), "{names:?}: {told}");
        let records = house.audit.take();
        let reasons = records.iter().map(|record| match record.outcome {
            Outcome::Refused(reason) => (record.event, record.method, reason),
            _ => panic!("{record:?}"),
        });
        let expected = reason.map(|reason| (Event::SignInRefused, Some("header"), reason));
        assert_eq!(reasons.collect::<Vec<_>>(), Vec::from_iter(expected), "{names:?}");
        // The other means, at once.
        let answer = browser.sign_in(&login_path(APP), CAMILLE).await;
        assert!(answer.ticket().starts_with("ST-"));
        house.audit.take();
    }
    for nobody in ["", "(null)"] {
        let page = behind(&house, nobody).get(&login_path(APP)).await;
        assert!(page.has_form() && page.text_of("#problem").is_empty());
    }
}

#[tokio::test]
async fn a_closed_account_stays_closed_and_the_next_page_is_the_form() {
    // CAS-30
    let house = trusting().await;
    let mut browser = behind(&house, "sami.kone");
    let page = browser.get(&login_path(APP)).await;
    assert_eq!(page.status, 403, "{}", page.body);
    assert!(!is_signed_in(&browser));
    let records = house.audit.take();
    assert!(
        matches!(records[0].outcome, Outcome::Refused("STATE_CLOSED")),
        "{records:?}"
    );
    assert!(browser.get(&login_path(APP)).await.has_form(), "another means");
    let gateway = format!("{}&gateway=true", login_path(APP));
    assert_eq!(behind(&house, "sami.kone").get(&gateway).await.location(), APP);
}

#[tokio::test]
async fn a_gateway_takes_the_word_and_shows_nothing_without_it() {
    // CAS-21, CAS-30
    let house = trusting().await;
    let gateway = format!("{}&gateway=true", login_path(APP));
    let reply = behind(&house, CAMILLE.0).get(&gateway).await;
    assert!(reply.ticket().starts_with("ST-"));
    for nobody in ["nobody.here", "a, b", "(null)"] {
        assert_eq!(behind(&house, nobody).get(&gateway).await.location(), APP);
    }
}

#[tokio::test]
async fn renew_waits_for_a_click_and_then_takes_the_proxy_s_word_as_given_now() {
    // CAS-20, CAS-30, CAS-159
    let house = trusting().await;
    let renew = format!("{}&renew=true", login_path(APP));
    for signed_in in [false, true] {
        let mut browser = behind(&house, CAMILLE.0);
        if signed_in {
            browser.ticket_for(APP).await;
        }
        let page = browser.get(&renew).await;
        assert!(page.has_form(), "{}", page.body);
        let ticket = browser.get(&button(&page)).await.ticket();
        let checked = format!(
            "/cas/p3/serviceValidate?renew=true&service={}&ticket={ticket}",
            encoded(APP)
        );
        let answer = house.get_text(&checked).await;
        assert!(answer.contains("<cas:user>camille.dupont</cas:user>"), "{answer}");
    }
}

#[tokio::test]
async fn a_service_without_single_sign_on_waits_for_a_click_too() {
    // CAS-30
    let alone = ServiceSettings {
        sso_enabled: false,
        ..service("app")
    };
    let house = build(Plan {
        one_institution: true,
        services: vec![alone],
        adjust: trusts,
        ..Plan::default()
    })
    .await;
    let mut browser = behind(&house, CAMILLE.0);
    let page = browser.get(&login_path(APP)).await;
    assert!(page.has_form() && !is_signed_in(&browser));
    assert!(browser.get(&button(&page)).await.ticket().starts_with("ST-"));
}

#[tokio::test]
async fn who_signs_out_stays_out_until_they_click() {
    // CAS-30, CAS-184
    let house = trusting().await;
    let mut browser = behind(&house, CAMILLE.0);
    browser.ticket_for(APP).await;
    browser.get("/cas/logout").await;
    for _ in 0..2 {
        let page = browser.get(&login_path(APP)).await;
        assert!(page.has_form() && !is_signed_in(&browser));
    }
    let gateway = format!("{}&gateway=true", login_path(APP));
    assert_eq!(browser.get(&gateway).await.location(), APP);
    let clicked = format!("{gateway}&by=header");
    assert_eq!(browser.get(&clicked).await.location(), APP, "no page, no click");
    let page = browser.get(&login_path(APP)).await;
    assert!(browser.get(&button(&page)).await.ticket().starts_with("ST-"));
    // From then on as before.
    browser.cookies.retain(|name, _| !name.contains("TGC-"));
    assert!(browser.get(&login_path(APP)).await.ticket().starts_with("ST-"));
}

#[tokio::test]
async fn a_password_ends_the_waiting_as_well_and_somebody_else_may_switch() {
    // CAS-30
    let house = trusting().await;
    let mut browser = behind(&house, CAMILLE.0);
    browser.ticket_for(APP).await;
    let page = browser.get("/cas/login?switch=true").await;
    assert!(page.has_form(), "{}", page.body);
    browser.get("/cas/logout").await;
    browser.sign_in(&login_path(APP), crate::house::AMINE).await;
    browser.cookies.retain(|name, _| !name.contains("TGC-"));
    let ticket = browser.get(&login_path(APP)).await.ticket();
    let answer = house.validate(APP, &ticket).await;
    assert!(answer.contains("camille.dupont"), "{answer}");
}

#[tokio::test]
async fn saml_says_by_what_the_proxy_knows_people() {
    // CAS-222
    let house = trusting().await;
    let path = format!("/cas/login?TARGET={}", encoded(APP));
    let landed = behind(&house, CAMILLE.0).get(&path).await;
    let landed = url::Url::parse(landed.location()).unwrap();
    let (_, artifact) = landed.query_pairs().next().unwrap();
    let answer = ask(&house, APP, &asking(&artifact)).await;
    assert!(
        answer.contains("AuthenticationMethod=\"urn:ietf:rfc:1510\""),
        "{answer}"
    );
}

#[tokio::test]
async fn strangers_whom_a_proxy_names_again_and_again_are_slowed_down_and_nobody_else_is() {
    // CAS-30
    let house = trusting().await;
    let clicked = format!("{}&by=header", login_path(APP));
    let mut statuses = Vec::new();
    for _ in 0..8 {
        statuses.push(behind(&house, "nobody.here").get(&clicked).await.status.as_u16());
    }
    assert_eq!((statuses[0], statuses[7]), (200, 429), "{statuses:?}");
    let mut guessed = house.browser();
    for _ in 0..8 {
        guessed.sign_in(&login_path(APP), (CAMILLE.0, "wrong")).await;
    }
    let reply = behind(&house, CAMILLE.0).get(&login_path(APP)).await;
    assert!(
        reply.ticket().starts_with("ST-"),
        "whose password is guessed comes in"
    );
}

#[tokio::test]
async fn beside_its_secret_alone_the_header_counts() {
    // CAS-30
    fn secretly(realm: &mut Realm) {
        trusts(realm);
        if let Some(trusted) = &mut realm.trusted_header {
            let secret = Secret::new("vieux-marronnier-42".to_owned());
            trusted.secret = Some((HeaderName::from_static("x-proxy-secret"), secret));
        }
    }
    let house = build(Plan {
        one_institution: true,
        adjust: secretly,
        ..Plan::default()
    })
    .await;
    let mut browser = behind(&house, CAMILLE.0);
    assert!(browser.get(&login_path(APP)).await.has_form());
    browser
        .headers
        .push(("x-proxy-secret", "vieux-marronnier-42".to_owned()));
    assert!(browser.get(&login_path(APP)).await.ticket().starts_with("ST-"));
}
