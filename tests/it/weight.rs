//! What a telephone has to fetch to show the sign-in page: little, and from us alone.

use axum::body::Body;
use http::Request;
use http::header::{ACCEPT_ENCODING, CONTENT_ENCODING, HOST};
use http_body_util::BodyExt;
use scraper::{Html, Selector};

use crate::house::{House, encoded, house};

/// In bytes, as sent (experience §1.3).
const MOST: usize = 15_000;

/// The body as sent to a browser that takes `encoding`.
async fn sent(house: &House, path: &str, encoding: &str) -> (Option<String>, Vec<u8>) {
    let request = Request::get(path)
        .header(HOST, "sso.example.org")
        .header(ACCEPT_ENCODING, encoding)
        .body(Body::empty())
        .unwrap();
    let answer = house.send(request, [192, 0, 2, 9].into()).await;
    assert_eq!(answer.status(), 200, "{path}");
    let coding = answer.headers().get(CONTENT_ENCODING);
    let coding = coding.map(|value| value.to_str().unwrap().to_owned());
    let body = answer.into_body().collect().await.unwrap().to_bytes();
    (coding, body.to_vec())
}

#[tokio::test]
async fn the_sign_in_page_weighs_less_than_15_kilobytes_and_comes_from_one_place() {
    // CAS-29
    let house = house().await;
    for language in ["fr", "en"] {
        let service = encoded("https://app.example.org/start");
        let path = format!("/cas/t/campus/login?lang={language}&service={service}");
        let (_, page) = sent(&house, &path, "gzip").await;
        let html = String::from_utf8(page.clone()).unwrap();
        let document = Html::parse_document(&html);
        let loads = Selector::parse("link[href], script, img, iframe, object, embed, video, audio").unwrap();
        let mut total = page.len();
        for element in document.select(&loads) {
            let value = element.value();
            let address = value.attr("src").or_else(|| value.attr("href"));
            let address = address.unwrap_or_else(|| panic!("{} is inline", element.html()));
            assert!(address.starts_with("/cas/assets/"), "{address}");
            total += sent(&house, address, "br, gzip;q=0.8").await.1.len();
        }
        assert!(
            document
                .select(&Selector::parse("style, [style]").unwrap())
                .next()
                .is_none()
        );
        assert!(total <= MOST, "{total} bytes");
    }
}

#[tokio::test]
async fn who_takes_no_gzip_gets_none() {
    let house = house().await;
    let (_, page) = sent(&house, "/cas/t/campus/login", "").await;
    let html = String::from_utf8(page).unwrap();
    let style = html
        .split("href=\"")
        .find(|part| part.contains("mereau.css"))
        .unwrap();
    let style = style.split('"').next().unwrap();
    let (coding, plain) = sent(&house, style, "gzip;q=0, identity").await;
    assert_eq!(coding, None);
    assert!(String::from_utf8(plain.clone()).unwrap().contains("--accent"));
    let (coding, short) = sent(&house, style, "gzip").await;
    assert_eq!(coding.as_deref(), Some("gzip"));
    assert!(short.len() < plain.len() / 2 && short.starts_with(&[0x1f, 0x8b]));
}
