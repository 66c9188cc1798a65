//! `/samlValidate` end to end: who came, as an assertion; every refusal; the way of a ticket that is an
//! artifact.

use http::Method;
use mereau::services::ServiceSettings;

use crate::house::{APP, CAMILLE, House, Plan, build, campus, encoded, login_path, service};

const PROTOCOL: &str = "urn:oasis:names:tc:SAML:1.0:protocol";

pub fn asking(artifact: &str) -> String {
    format!(
        "<SOAP-ENV:Envelope xmlns:SOAP-ENV=\"http://schemas.xmlsoap.org/soap/envelope/\"><SOAP-ENV:Body>\
         <samlp:Request xmlns:samlp=\"{PROTOCOL}\" RequestID=\"_r1\"><samlp:AssertionArtifact>{artifact}\
         </samlp:AssertionArtifact></samlp:Request></SOAP-ENV:Body></SOAP-ENV:Envelope>"
    )
}

pub async fn ask(house: &House, target: &str, body: &str) -> String {
    let path = format!("/cas/samlValidate?TARGET={}", encoded(target));
    let reply = house
        .browser()
        .send(Method::POST, &path, Some(body.to_owned()))
        .await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    assert_eq!(reply.header("content-type"), "text/xml;charset=UTF-8");
    reply.body
}

fn target_path(service: &str) -> String {
    format!("/cas/login?TARGET={}", encoded(service))
}

#[tokio::test]
async fn an_artifact_is_answered_by_an_assertion() {
    // CAS-208, CAS-209, CAS-215, CAS-216, CAS-217, CAS-218, CAS-219, CAS-220, CAS-221, CAS-222
    let house = campus().await;
    let reply = house.browser().sign_in(&target_path(APP), CAMILLE).await;
    let landed = url::Url::parse(reply.location()).unwrap();
    let [(name, artifact)] = &landed.query_pairs().collect::<Vec<_>>()[..] else {
        panic!("{landed}")
    };
    assert_eq!(name, "SAMLart");
    let answer = ask(&house, APP, &asking(artifact)).await;
    for once in [
        "<SOAP-ENV:Envelope xmlns:SOAP-ENV=\"http://schemas.xmlsoap.org/soap/envelope/\"><SOAP-ENV:Header></SOAP-ENV:Header><SOAP-ENV:Body><Response ",
        " Recipient=\"https://app.example.org/\" InResponseTo=\"_r1\"",
        "<Status><StatusCode Value=\"samlp:Success\"></StatusCode></Status><Assertion ",
        " NotBefore=\"2026-11-18T11:05:40Z\" NotOnOrAfter=\"2026-11-18T11:07:40Z\"",
        "<Audience>https://app.example.org/</Audience>",
        "<Attribute AttributeName=\"mail\" AttributeNamespace=\"http://www.ja-sig.org/products/cas/\"><AttributeValue>camille.dupont@campus.example</AttributeValue></Attribute>",
        "<AttributeValue>student</AttributeValue><AttributeValue>member</AttributeValue>",
        "<AuthenticationStatement AuthenticationInstant=\"2026-11-18T11:06:40Z\" AuthenticationMethod=\"urn:oasis:names:tc:SAML:1.0:am:password\">",
    ] {
        assert_eq!(answer.matches(once).count(), 1, "{once} in {answer}");
    }
    let subject = "<Subject><NameIdentifier>camille.dupont</NameIdentifier><SubjectConfirmation>\
        <ConfirmationMethod>urn:oasis:names:tc:SAML:1.0:cm:artifact</ConfirmationMethod></SubjectConfirmation></Subject>";
    assert_eq!(answer.matches(subject).count(), 2, "{answer}");
    assert!(!answer.contains("telephoneNumber") && !answer.contains("longTerm"));
    let again = ask(&house, APP, &asking(artifact)).await;
    assert!(again.contains("samlp:RequestDenied"), "CAS-225: spent {again}");
}

#[tokio::test]
async fn without_attributes_the_name_is_told_all_the_same() {
    // CAS-219
    let bare = ServiceSettings {
        attributes: vec![],
        ..service("app")
    };
    let house = build(Plan {
        services: vec![bare],
        ..Plan::default()
    })
    .await;
    let ticket = house.browser().sign_in(&login_path(APP), CAMILLE).await.ticket();
    let answer = ask(&house, APP, &asking(&ticket)).await;
    assert_eq!(answer.matches("<NameIdentifier>camille.dupont<").count(), 1);
    assert!(!answer.contains("AttributeStatement"), "{answer}");
}

#[tokio::test]
async fn a_site_without_tls_learns_the_name_alone() {
    // CAS-225
    let open = ServiceSettings {
        urls: vec!["http://app.example.org/**".to_owned()],
        ..service("app")
    };
    let house = build(Plan {
        services: vec![open],
        ..Plan::default()
    })
    .await;
    let url = "http://app.example.org/";
    let ticket = house.browser().sign_in(&login_path(url), CAMILLE).await.ticket();
    let answer = ask(&house, url, &asking(&ticket)).await;
    assert!(
        answer.contains(":Success") && answer.contains("<NameIdentifier>camille.dupont<"),
        "{answer}"
    );
    assert!(!answer.contains("AttributeName"), "{answer}");
}

#[tokio::test]
async fn no_refusal_names_anybody() {
    // CAS-213, CAS-214, CAS-224, CAS-225
    let house = campus().await;
    let mut browser = house.browser();
    let fresh = browser.sign_in(&login_path(APP), CAMILLE).await.ticket();
    let elsewhere = ask(&house, "https://other.example.org/", &asking(&fresh)).await;
    assert!(elsewhere.contains("samlp:RequestDenied"), "{elsewhere}");
    let by_session = browser.ticket_for(APP).await;
    let renewed = format!("/cas/samlValidate?renew=true&TARGET={}", encoded(APP));
    let reply = house
        .browser()
        .send(Method::POST, &renewed, Some(asking(&by_session)))
        .await;
    assert!(reply.body.contains("samlp:RequestDenied"), "{}", reply.body);
    let doctype = format!("<!DOCTYPE l [<!ENTITY a \"b\">]>{}", asking("&a;"));
    let proxy = format!("PT-{}", "a".repeat(29));
    for (body, status) in [
        (asking(&format!("ST-{}", "a".repeat(29))), "samlp:RequestDenied"),
        (asking(&proxy), "samlp:RequestDenied"),
        (asking("nonsense"), "samlp:RequestDenied"),
        (doctype, "samlp:Requester"),
        ("{}".to_owned(), "samlp:Requester"),
        (String::new(), "samlp:Requester"),
    ] {
        let answer = ask(&house, APP, &body).await;
        assert!(
            answer.contains(&format!("<StatusCode Value=\"{status}\">")),
            "{body}: {answer}"
        );
        assert!(answer.contains("<StatusMessage>"), "{answer}");
        for named in ["NameIdentifier", "Assertion ", "camille"] {
            assert!(!answer.contains(named), "{named} in {answer}");
        }
    }
    let reply = house
        .browser()
        .send(Method::POST, "/cas/samlValidate", Some(asking(&fresh)))
        .await;
    assert!(
        reply.status == 200 && reply.body.contains("samlp:Requester"),
        "{}",
        reply.body
    );
}

#[tokio::test]
async fn it_is_asked_by_post_alone() {
    // CAS-209
    let house = campus().await;
    for method in [Method::GET, Method::HEAD, Method::PUT] {
        let path = format!("/cas/samlValidate?TARGET={}", encoded(APP));
        let reply = house.browser().send(method.clone(), &path, None).await;
        assert_eq!(reply.status, 405, "{method}");
    }
}

#[tokio::test]
async fn a_service_named_by_target_stays_one_through_the_form_and_the_session() {
    // CAS-208
    let house = campus().await;
    let mut browser = house.browser();
    let page = browser.get(&target_path(APP)).await;
    assert!(
        page.form()
            .fields
            .contains(&("TARGET".to_owned(), APP.to_owned())),
        "{}",
        page.body
    );
    let signed_in = browser.sign_in(&target_path(APP), CAMILLE).await;
    assert!(
        signed_in
            .location()
            .starts_with("https://app.example.org/?SAMLart=ST-")
    );
    let by_session = browser.get(&target_path(APP)).await;
    assert!(
        by_session
            .location()
            .starts_with("https://app.example.org/?SAMLart=ST-")
    );
    let refused = browser.get(&target_path("https://evil.example/")).await;
    assert_eq!(refused.status, 403, "no door but the registry's");
}
