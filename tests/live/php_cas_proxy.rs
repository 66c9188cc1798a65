//! phpCAS as a portal: it gets its proxy-granting ticket from us by callback and asks another phpCAS
//! application in the person's name.

use serde_json::Value;

use crate::support::browser::Browser;
use crate::support::certificates::Authority;
use crate::support::child::folder;
use crate::support::php::Php;
use crate::support::redis::Redis;
use crate::support::served::{Options, Served, service};
use crate::support::slapd::{self, Slapd};
use crate::support::tunnel::Tunnel;
use crate::support::wait;

#[tokio::test]
async fn a_php_cas_portal_asks_another_application_in_the_person_s_name() {
    // CAS-110, CAS-146, CAS-164, CAS-169, CAS-172, CAS-176
    let authority = Authority::new();
    let slapd = Slapd::start(&slapd::Options::default());
    let redis = Redis::start(&[]);
    let [portal, target, inside] = [Php::port(), Php::port(), Php::port()];
    let front = Tunnel::to(&authority, inside).await;
    let callback = format!("{}/", front.url());
    let (portal_url, target_url) = (
        format!("http://localhost:{portal}"),
        format!("http://localhost:{target}"),
    );
    let tickets = redis.url();
    let may_proxy = format!("proxy_callbacks = [\"{callback}\"]");
    let served = Served::start(&Options {
        authority: Some(&authority),
        services: &[
            ("portal", service(&portal_url, &may_proxy)),
            ("target", service(&target_url, "attributes = [\"displayName\"]")),
        ],
        sections: "ca_file = \"ca.pem\"\n",
        ..Options::on(&slapd, &tickets)
    });
    // PHP serves one request at a time: the portal waits for its validation, which waits for the
    // callback, so a second page on the same tickets takes that.
    let kept = folder("pgt").display().to_string();
    let variables = vec![format!("CAS_CALLBACK={callback}"), format!("CAS_PGT={kept}")];
    let receiving = [variables.as_slice(), &["CAS_BEHIND_TLS=yes".to_owned()]].concat();
    let portal = Php::start_with("3.0", portal, &served, &variables);
    let _receiver = Php::start_with("3.0", inside, &served, &receiving);
    let chain = [format!("CAS_CHAIN={callback}")];
    let _target = Php::start_with("3.0", target, &served, &chain);

    let mut browser = Browser::new(Some(&authority));
    let page = browser.open(&format!("{}/", portal.url())).await;
    let page = browser.sign_in(&page, "elise.lefevre", "Élise-été-9 €").await;
    assert!(
        page.url.as_str().starts_with(&portal_url),
        "{} {}",
        page.url,
        served.output()
    );
    for _ in 0..3 {
        let ask = format!("{}/ask?of={target_url}/", portal.url());
        let page = browser.open(&ask).await;
        let told: Value = serde_json::from_str(&page.reply.body)
            .unwrap_or_else(|_| panic!("{} {} {}", page.reply.body, portal.output(), served.output()));
        assert_eq!(told["user"], "elise.lefevre");
        assert_eq!(told["attributes"]["displayName"], "Élise Lefèvre");
    }
    // The target keeps a session for the portal, which its first proxy ticket opened.
    wait::until("three proxy tickets of one PGT in the log", || {
        let paths = ["/cas/proxy", "/cas/p3/proxyValidate", "/cas/p3/serviceValidate"];
        let counts = paths.map(|path| served.output().matches(&format!("\"{path}\"")).count());
        (counts == [3, 1, 1]).then_some(())
    });
}
