//! A host that a request makes up stands in no letter, no page and no redirect.

use http::Method;

use crate::house::{APP, Browser, CAMILLE, House, Reply, login_path};
use crate::recovery::{link_for, open, recovering};
use crate::reply::Form;

const EVIL: &str = "evil.example";

/// Every way to claim another host; the first is the request line itself.
const CLAIMS: [(&str, &str); 14] = [
    ("absolute", "https://evil.example"),
    ("absolute", "http://evil.example:8443"),
    ("absolute", "https://sso.example.org@evil.example"),
    ("host", EVIL),
    ("host", "evil.example:443"),
    ("host", "sso.example.org.evil.example"),
    ("x-forwarded-host", EVIL),
    ("x-forwarded-server", EVIL),
    ("x-host", EVIL),
    ("x-original-host", EVIL),
    ("x-forwarded-proto", "http"),
    ("x-rewrite-url", "https://evil.example/cas/recover"),
    ("forwarded", "for=192.0.2.1;host=evil.example;proto=http"),
    ("origin", "https://evil.example"),
];

/// A request with a claim.
async fn claimed(
    browser: &mut Browser<'_>,
    claim: (&'static str, &str),
    method: Method,
    path: &str,
    form: Option<String>,
) -> Reply {
    let (kind, value) = claim;
    match kind {
        "absolute" => browser.send(method, &format!("{value}{path}"), form).await,
        "host" => {
            browser.host = value.to_owned();
            let reply = browser.send(method, path, form).await;
            browser.host = "sso.example.org".to_owned();
            reply
        }
        _ => {
            browser.headers = vec![(kind, value.to_owned())];
            let reply = browser.send(method, path, form).await;
            browser.headers.clear();
            reply
        }
    }
}

async fn submitted(browser: &mut Browser<'_>, claim: (&'static str, &str), form: &Form) -> Reply {
    claimed(browser, claim, Method::POST, &form.action, Some(form.encoded())).await
}

fn is_clean(reply: &Reply, claim: (&str, &str)) {
    assert!(!reply.body.contains(EVIL), "{claim:?}: {}", reply.body);
    for (name, value) in &reply.headers {
        assert!(!value.to_str().unwrap().contains(EVIL), "{claim:?}: {name}");
    }
    for address in reply.addresses() {
        assert!(!address.starts_with("http://"), "{claim:?}: {address}");
    }
}

async fn letters_are_ours(house: &House, claim: (&str, &str)) -> usize {
    house.work().await;
    let letters = house.letters.take();
    for letter in &letters {
        let (subject, text) = letter.text();
        assert!(
            !subject.contains(EVIL) && !text.contains(EVIL),
            "{claim:?}: {text}"
        );
        for (_, link, _) in letter.links() {
            assert!(
                link.starts_with("https://sso.example.org/cas/r/"),
                "{claim:?}: {link}"
            );
        }
        assert!(!text.contains("http://"), "{claim:?}: {text}");
    }
    letters.len()
}

#[tokio::test]
async fn no_claim_of_another_host_reaches_a_letter_a_page_or_a_redirect() {
    // T-78
    let mut written = 0;
    for claim in CLAIMS {
        let house = recovering().await;
        let mut browser = house.browser();
        for (path, field, typed) in [
            ("/cas/recover", "identifier", CAMILLE.0),
            ("/cas/recover/username", "email", "amine.benali@campus.example"),
        ] {
            is_clean(
                &claimed(&mut browser, claim, Method::GET, path, None).await,
                claim,
            );
            let form = browser
                .get(path)
                .await
                .form()
                .with(field, typed)
                .without("captcha-other");
            let sent = submitted(&mut browser, claim, &form).await;
            is_clean(&sent, claim);
            written += letters_are_ours(&house, claim).await;
        }
        for path in [
            login_path(APP),
            "/cas/logout".to_owned(),
            "/cas/help".to_owned(),
            "/cas/nowhere".to_owned(),
        ] {
            is_clean(
                &claimed(&mut browser, claim, Method::GET, &path, None).await,
                claim,
            );
        }
    }
    assert!(written >= 10, "{written} letters were written at all");
}

#[tokio::test]
async fn the_pages_of_a_link_lead_nowhere_but_here_whatever_is_claimed() {
    // T-78
    let mut written = 0;
    for claim in CLAIMS {
        let house = recovering().await;
        let link = link_for(&house, CAMILLE.0).await;
        let mut browser = house.browser();
        let reply = claimed(&mut browser, claim, Method::GET, &link, None).await;
        is_clean(&reply, claim);
        if reply.status == 303 {
            assert!(
                reply.location().starts_with("/cas/recover/new?flow="),
                "{claim:?}"
            );
        }
        let mut browser = house.browser();
        let page = open(&mut browser, &link).await;
        let form = page.form().with("new", crate::recovery::NEW);
        let sent = submitted(&mut browser, claim, &form).await;
        is_clean(&sent, claim);
        // The notice that a password was chosen has links, too.
        let letters = letters_are_ours(&house, claim).await;
        assert_eq!(letters > 0, sent.status == 303, "{claim:?}: {}", sent.status);
        written += letters;
    }
    assert!(written >= 8, "{written} letters were written at all");
}
