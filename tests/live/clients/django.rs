//! django-cas-ng in a Django project of its own: every version it speaks, proxy by its callback, single
//! logout where it listens (versions 3 and SAML).

use std::path::Path;

use serde_json::{Value, json};

use super::{Campus, PERSON, told};
use crate::support::child::{Server, folder};
use crate::support::{ports, python};

const ATTRIBUTES: &str = "attributes = [\"displayName\", \"eduPersonAffiliation\"]";

/// A project that is served.
struct Django {
    port: u16,
    server: Server,
}

impl Django {
    fn start(campus: &Campus, port: u16, version: &str) -> Django {
        let folder = folder("django");
        let files = campus.authority.issue_into(&folder, &["localhost"]);
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/live/python/django_client.py");
        let arguments = [
            format!("REQUESTS_CA_BUNDLE={}", files.authority.display()),
            python::environment().join("bin/python").display().to_string(),
            script.display().to_string(),
            folder.display().to_string(),
            port.to_string(),
            files.certificate.display().to_string(),
            files.key.display().to_string(),
            campus.served.url().to_owned(),
            version.to_owned(),
        ];
        let server = Server::listening(port, "env", &arguments, &folder.join("log"));
        Django { port, server }
    }

    fn url(&self) -> String {
        url(self.port)
    }
}

fn url(port: u16) -> String {
    format!("https://localhost:{port}")
}

/// Signs in by each version in turn, as one person with one session; what each learns.
async fn learnt(versions: &[&str], more: &str) -> Vec<Value> {
    let ports: Vec<u16> = versions.iter().map(|_| ports::free()).collect();
    let urls: Vec<String> = ports.iter().map(|port| url(*port)).collect();
    let lines: Vec<String> = urls
        .iter()
        .map(|url| format!("{more}\nproxy_callbacks = [\"{url}/accounts/callback\"]"))
        .collect();
    let services: Vec<(&str, &str)> = urls
        .iter()
        .zip(&lines)
        .map(|(url, lines)| (url.as_str(), lines.as_str()))
        .collect();
    let campus = Campus::open(&services);
    let mut browser = campus.browser();
    let mut learnt = Vec::new();
    for (version, port) in versions.iter().zip(ports) {
        let django = Django::start(&campus, port, version);
        let start = format!("{}/", django.url());
        let page = match learnt.is_empty() {
            true => campus.sign_in(&mut browser, &start).await,
            false => browser.open(&start).await,
        };
        assert_eq!(
            page.url.as_str(),
            start,
            "version {version}: {}",
            django.server.output()
        );
        learnt.push(told(&page));
    }
    learnt
}

#[tokio::test]
async fn django_cas_ng_learns_who_came_in_every_version() {
    // CAS-125, CAS-134, CAS-135, CAS-208, CAS-221
    let learnt = learnt(&["1", "2", "3", "CAS_2_SAML_1_0"], ATTRIBUTES).await;
    let users = learnt.iter().map(|told| told["user"].as_str());
    assert!(users.clone().all(|user| user == Some(PERSON.0)), "{learnt:?}");
    for (of, known) in learnt.iter().zip([false, false, true, true]) {
        let attributes = &of["attributes"];
        if known {
            assert_eq!(attributes["displayName"], "Élise Lefèvre", "{of}");
            assert_eq!(attributes["eduPersonAffiliation"], json!(["teacher", "member"]));
        } else {
            assert_eq!(*attributes, json!(null));
        }
    }
}

#[tokio::test]
async fn a_django_portal_asks_another_application_and_all_end_with_the_session() {
    // CAS-110, CAS-162, CAS-164, CAS-176, CAS-190, CAS-193
    let [portal, target] = [ports::free(), ports::free()];
    let callback = format!("proxy_callbacks = [\"{}/accounts/callback\"]", url(portal));
    let lines = format!("{callback}\n{ATTRIBUTES}");
    let target_url = format!("http://localhost:{target}");
    let campus = Campus::open(&[(&url(portal), &lines), (&target_url, ATTRIBUTES)]);
    let django = Django::start(&campus, portal, "3");
    let options = json!({
        "casServerUrlPrefix": campus.served.url(),
        "serverName": target_url,
        "client": { "proxy": { "acceptAny": true } },
    });
    let trusted = campus.served.folder().join("ca.pem");
    let node = crate::support::nodejs::NodeJs::start(target, &options, &trusted);
    let mut browser = campus.browser();
    let start = format!("{}/", django.url());
    let page = campus.sign_in(&mut browser, &start).await;
    assert_eq!(told(&page)["user"], PERSON.0, "{}", django.server.output());
    let asked = browser
        .open(&format!("{}/ask?of={target_url}/", django.url()))
        .await;
    let answer = &asked.reply.body;
    let words = || format!("{answer} {} {}", django.server.output(), node.output());
    assert!(answer.contains("elise.lefevre"), "{}", words());
    assert!(answer.contains("Élise Lefèvre"), "{}", words());
    campus.sign_out(&mut browser).await;
    campus.is_out(&mut browser, &start).await;
}

#[tokio::test]
async fn django_cas_ng_of_saml_ends_its_session_when_it_is_told() {
    // CAS-190, CAS-194
    let port = ports::free();
    let campus = Campus::open(&[(&url(port), "")]);
    let django = Django::start(&campus, port, "CAS_2_SAML_1_0");
    let mut browser = campus.browser();
    let start = format!("{}/", django.url());
    campus.sign_in(&mut browser, &start).await;
    assert_eq!(told(&browser.open(&start).await)["user"], PERSON.0);
    campus.sign_out(&mut browser).await;
    campus.is_out(&mut browser, &start).await;
}
