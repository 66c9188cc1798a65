//! No secret in any log line, at any level.

use super::demo::{Demo, PASSWORD};
use super::web::{Browser, form, local};

#[test]
fn nothing_secret_is_logged_even_when_everything_is() {
    // SEC-11, T-79, CAS-311
    let demo = Demo::start(&[("RUST_LOG", "trace")]);
    let mut browser = Browser::default();
    let mut secrets = vec![PASSWORD.to_owned(), "canary-7Hq2-wrong".to_owned()];
    let page = demo.come_in(&mut browser, "valmore");
    secrets.extend(form(&page.body).1.into_iter().map(|(_, value)| value));
    secrets.extend(browser.values().map(str::to_owned));
    let again = browser.sign_in(demo.cas, &page, "camille.durand", "canary-7Hq2-wrong");
    assert_eq!(again.status, 401);
    secrets.extend(form(&again.body).1.into_iter().map(|(_, value)| value));
    let signed_in = browser.sign_in(demo.cas, &again, "camille.durand", PASSWORD);
    let back = local(&signed_in.location.expect("a ticket"));
    secrets.push(back.split_once("ticket=").expect("a ticket").1.to_owned());
    browser.get(demo.application, &back);
    assert_eq!(browser.get(demo.application, "/private").status, 200);
    secrets.extend(browser.values().map(str::to_owned));
    browser.get(demo.cas, "/cas/logout");
    // A ticket where it does not belong, and one that nobody issued.
    browser.get(
        demo.cas,
        "/cas/serviceValidate?service=http://localhost/&ticket=ST-canary-7Hq2-ticket",
    );
    secrets.push("canary-7Hq2-ticket".to_owned());
    while browser.get(demo.application, "/private").status == 200 {
        std::thread::yield_now();
    }
    let log = demo.server.err.clone();
    let out = demo.server.out.so_far();
    demo.stop();
    log.until_said("\"stopped\"");
    let log = log.so_far();
    assert!(
        log.contains("/cas/serviceValidate"),
        "the log was not heard: {log}"
    );
    secrets.retain(|secret| secret.len() >= 8);
    assert!(secrets.len() >= 8, "{secrets:?}");
    for secret in &secrets {
        assert!(!log.contains(secret.as_str()), "{secret} is in the log:\n{log}");
        let announced = secret == PASSWORD;
        assert!(
            announced || !out.contains(secret.as_str()),
            "{secret} was printed"
        );
    }
}
