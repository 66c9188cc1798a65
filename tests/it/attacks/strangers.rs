//! What a stranger sees of an account whose password he does not know: nothing, at the sign-in and on both
//! forgot pages, byte for byte.

use http::header::{LOCATION, SET_COOKIE};

use crate::house::{Browser, House, Reply};
use crate::recovery::{masked, people, with_people};

/// The header that is drawn for each answer: its length is compared, of all others the value.
const DRAWN: &str = "x-request-id";

/// Status, headers in their order, cookies, length and text; only what is drawn is left out.
fn seen(reply: &Reply) -> String {
    let header = |(name, value): (&http::HeaderName, &http::HeaderValue)| {
        let value = value.to_str().unwrap();
        if name == SET_COOKIE {
            let (pair, attributes) = value.split_once(';').unwrap();
            let (cookie, held) = pair.split_once('=').unwrap();
            // Flow cookies have the flow in their name.
            return format!("{name}: {} {} {attributes}", cookie.len(), held.len());
        }
        match name.as_str() == DRAWN {
            true => format!("{name}: {}", value.len()),
            false if name == LOCATION => format!("{name}: {}", masked(value)),
            false => format!("{name}: {value}"),
        }
    };
    let headers: Vec<String> = reply.headers.iter().map(header).collect();
    format!(
        "{}\n{}\n{}\n\n{}",
        reply.status,
        headers.join("\n"),
        reply.body.len(),
        masked(&reply.body)
    )
}

/// From a network of its own, so that what one kind uses up is not the next one's.
fn stranger(house: &House, number: usize) -> Browser<'_> {
    let mut browser = house.browser();
    browser.address = std::net::IpAddr::from([198, 51, u8::try_from(number).unwrap(), 9]);
    browser
}

/// Every kind of account sees what the first one saw, step by step.
async fn all_alike(house: &House, what: &str, steps: impl AsyncFn(&mut Browser<'_>, &str) -> Vec<Reply>) {
    let (_, names) = people();
    assert_eq!(names.len(), 12);
    let mut first: Option<Vec<String>> = None;
    for (number, (kind, name)) in names.iter().enumerate() {
        let mut browser = stranger(house, number);
        let replies = steps(&mut browser, name).await;
        let shown: Vec<String> = replies.iter().map(seen).collect();
        let first = first.get_or_insert_with(|| shown.clone());
        assert_eq!(first.len(), shown.len(), "{what}: {kind}");
        for (step, (one, other)) in first.iter().zip(&shown).enumerate() {
            assert_eq!(one, other, "{what}: {kind} differs at step {step}");
        }
    }
}

#[tokio::test]
async fn a_wrong_password_looks_the_same_whatever_account_it_was_for() {
    // T-53
    let (ldif, _) = people();
    let house = with_people(&ldif).await;
    all_alike(&house, "sign-in", async |browser, name| {
        let mut replies = vec![browser.get("/cas/login").await];
        // Until a pause is due, and into it.
        for _ in 0..8 {
            let form = replies.last().unwrap().form();
            let form = form.with("username", name).with("password", "not-the-password");
            replies.push(browser.submit(&form).await);
        }
        let statuses: Vec<u16> = replies.iter().map(|reply| reply.status.as_u16()).collect();
        assert_eq!(statuses, [200, 401, 401, 401, 401, 401, 401, 429, 429]);
        replies
    })
    .await;
}

#[tokio::test]
async fn both_forgot_pages_look_the_same_whatever_account_was_meant() {
    // T-53
    let (ldif, _) = people();
    for (path, field, at) in [
        ("/cas/recover", "identifier", ""),
        ("/cas/recover", "identifier", "@campus.example"),
        ("/cas/recover/username", "email", "@campus.example"),
    ] {
        let house = with_people(&ldif).await;
        all_alike(&house, path, async |browser, name| {
            let page = browser.get(path).await;
            let form = page.form().with(field, &format!("{name}{at}"));
            let posted = browser.submit(&form.without("captcha-other")).await;
            assert_eq!(posted.status, 303);
            let waiting = browser.get(posted.location()).await;
            assert_eq!(waiting.status, 200);
            // Worked on meanwhile, or refused: who comes back later sees no difference either.
            house.work().await;
            let later = browser.get(posted.location()).await;
            vec![page, posted, waiting, later]
        })
        .await;
    }
}
