//! What the served binary tells of itself after people have signed in, chosen a new password and signed out:
//! every number that alerts and dashboard name.

use super::{CAMILLE, NEW, Plan, Town, USUAL};
use crate::monitoring::{admin, asked, names_of_alerts, names_of_dashboard, promtool, value};
use crate::support::browser::Browser;
use crate::support::certificates::Authority;
use crate::support::ports;
use crate::support::served::{Options, Served};
use crate::support::wait;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[allow(clippy::too_many_lines, reason = "one story, step by step")]
async fn every_number_that_alerts_and_dashboard_name_is_told_by_a_server_that_was_used() {
    // CAS-306, T-79
    let (port, other) = (ports::free(), ports::free());
    let town = Town::with(Plan {
        mail: &admin(port),
        ..USUAL
    })
    .await;
    let mut browser = Browser::new(None);
    let sign_in = |password: &'static str| {
        let mut browser = Browser::new(None);
        let url = town.at("/login");
        async move {
            let page = browser.open(&url).await;
            browser.sign_in(&page, CAMILLE.0, password).await;
            browser
        }
    };
    sign_in("faux mot de passe").await;
    sign_in(CAMILLE.1).await;
    town.asks(&mut browser, CAMILLE.0).await;
    let link = town.mails(1).await.remove(0).link();
    let page = browser.open(&link).await;
    let answer = browser.submit(&page, &page.reply.form().with("new", NEW)).await;
    browser.follow(answer).await;
    let mut back = sign_in(NEW).await;
    back.open(&town.served.address("/logout", &[])).await;

    // One that does TLS itself: only such a server has a certificate.
    let authority = Authority::new();
    let (tickets, sections) = (town.redis.url(), admin(other));
    let _secured = Served::beside(
        &town.served,
        &Options {
            authority: Some(&authority),
            sections: &sections,
            ..Options::on(&town.slapd, &tickets)
        },
    );
    let page = wait::until_async("everything to be told", || async {
        let page = asked(port, "/metrics").await.1 + &asked(other, "/metrics").await.1;
        let late = [
            "reset_spent_total 1",
            "nodes 2",
            "audit_chain_broken ",
            "clock_skew ",
            "cert_expiry{",
        ];
        late.iter()
            .all(|late| page.contains(&format!("\n{late}")))
            .then_some(page)
    })
    .await;
    let named = &names_of_alerts() | &names_of_dashboard();
    let told = |name: &String| page.contains(&format!("# TYPE {name} "));
    let missing: Vec<&String> = named.iter().filter(|name| !told(name)).collect();
    assert!(missing.is_empty(), "{missing:?}");
    for (sample, wanted) in [
        ("login_total{tenant=\"campus\",result=\"signed_in\"}", 2.0),
        ("login_total{tenant=\"campus\",result=\"PWD_WRONG\"}", 1.0),
        ("reset_issued_total{channel=\"mail\"}", 1.0),
        ("reset_claimed_total", 1.0),
        ("reset_conflict_total{how=\"moved\"}", 0.0),
        ("directory_up{tenant=\"campus\"}", 1.0),
        ("directory_writable_up{tenant=\"campus\"}", 1.0),
        ("store_up", 1.0),
        ("audit_chain_broken", 0.0),
        ("audit_lost_total", 0.0),
        ("ready", 1.0),
        ("throttle_captcha_total{result=\"passed\"}", 1.0),
    ] {
        assert_eq!(value(&page, sample), Some(wanted), "{sample}\n{page}");
    }
    let server = town.slapd.url();
    let binds = value(&page, &format!("bind_seconds_count{{server=\"{server}\"}}"));
    assert!(binds >= Some(3.0), "{page}");
    assert!(
        value(&page, "store_seconds_count{op=\"open\"}") >= Some(1.0),
        "{page}"
    );
    assert!(value(&page, "login_seconds_count") >= Some(3.0));
    let until = value(&page, "cert_expiry{of=\"server\"}");
    assert!(until > value(&page, "process_start_time_seconds"), "{until:?}");
    let family = "ldap_pool_size{server=\"";
    assert!(page.contains(family) && page.contains("kind=\"write\""), "{page}");

    let own = asked(port, "/metrics").await.1;
    assert_eq!(promtool(&["check", "metrics"], Some(&own)), Ok(()));
    for secret in [CAMILLE.0, CAMILLE.1, NEW, super::token(&link), "ST-", "TGT-"] {
        assert!(!own.contains(secret), "{secret}");
    }
}
