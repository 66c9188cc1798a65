//! What is typed as a name or a password, down to the binds that a directory server hears.

use std::sync::Arc;

use http::Method;
use mereau::base::names::RealmId;
use mereau::directory::Directory;
use mereau::flows::Catalogue;

use crate::directory_faults::on;
use crate::fake_ldap::{Asked, FakeLdap, SERVICE_DN, Step, result, sound};
use crate::house::{APP, House, campus, login_path, registry, usual_services};

/// The campus on a directory over LDAP.
async fn on_ldap(server: &FakeLdap) -> House {
    let house = campus().await;
    let now = house.app.catalogue();
    let directory: Arc<dyn Directory> = Arc::new(on(&[server]));
    house.app.replace_catalogue(Catalogue {
        realms: now.realms.clone(),
        directories: [(RealmId::new("campus").unwrap(), directory)].into(),
        policies: now.policies.clone(),
        recovery: now.recovery.clone(),
        remember: now.remember.clone(),
        callbacks: now.callbacks.clone(),
        institutions: now.institutions.clone(),
        services: registry(&usual_services()),
        upstreams: now.upstreams.clone(),
    });
    house
}

/// A server that takes a bind without a password for a success, as many do (RFC 4513 §5.1.2).
async fn credulous() -> FakeLdap {
    FakeLdap::start(|request| match &request.asked {
        Asked::Bind { dn, password } if dn != SERVICE_DN && password.trim_matches([' ', '\0']).is_empty() => {
            vec![Step::Send(result(request.id, 0x61, 0, b""))]
        }
        _ => sound(request),
    })
    .await
}

/// As they stand in a form: empty, blank in every way, NUL, no text, too long as typed or once composed.
fn none_at_all() -> Vec<String> {
    let mut all: Vec<String> = [
        "",
        "+",
        "%20",
        "%20%20%20",
        "%00",
        "%20%00%20",
        "%00%00",
        "right%00",
        "%00right",
        "%C2%A0",
        "%E2%80%AF%E3%80%80",
        "+%E2%80%83%C2%A0+",
        "%FF",
        "%FF%FE",
        "right%80",
        "%C0%80",
        "%ED%A0%80",
        "%F4%90%80%80",
        "&password=",
    ]
    .map(str::to_owned)
    .into();
    all.push("x".repeat(513));
    all.push("%C3%A9".repeat(257));
    // U+0958 is three bytes, and six once it is composed (NFC excludes it).
    all.push("%E0%A5%98".repeat(170));
    all.push("x".repeat(60_000));
    all
}

#[tokio::test]
async fn a_password_that_is_none_never_becomes_a_bind_without_one() {
    // T-50
    let server = credulous().await;
    let house = on_ldap(&server).await;
    for typed in none_at_all() {
        let mut browser = house.browser();
        let form = browser.get(&login_path(APP)).await.form();
        let form = form.with("username", "anne").without("password");
        let body = format!("{}&password={typed}", form.encoded());
        let reply = browser.send(Method::POST, &form.action, Some(body)).await;
        let shown = &typed[..typed.len().min(40)];
        assert!(
            matches!(reply.status.as_u16(), 400 | 401 | 413),
            "{shown}: {}",
            reply.status
        );
        assert_eq!(browser.tgc("campus"), None, "{shown}");
    }
    // No field of that name at all.
    let mut browser = house.browser();
    let form = browser.get("/cas/login").await.form();
    let reply = browser
        .submit(&form.with("username", "anne").without("password"))
        .await;
    assert_eq!(reply.status, 401);
    assert_eq!(server.binds().len(), 0, "{:?}", server.binds());
    // It hears binds, and would have taken an empty one.
    let reply = house.browser().sign_in(&login_path(APP), ("anne", "right")).await;
    assert_eq!(reply.status, 303);
    assert_eq!(server.binds().len(), 1);
}

#[tokio::test]
async fn a_password_of_the_longest_kind_arrives_whole_and_once() {
    // T-50
    let server = FakeLdap::start(sound).await;
    let house = on_ldap(&server).await;
    let longest = "é".repeat(256);
    let reply = house.browser().sign_in("/cas/login", ("anne", &longest)).await;
    assert_eq!(reply.status, 401);
    let binds = server.binds();
    assert_eq!(binds.len(), 1);
    assert!(matches!(&binds[0].asked, Asked::Bind { password, .. } if *password == longest));
}
