//! axe-core on every state of the picker, its lists and the public page.

use fantoccini::key::Key;

use super::{Town, key};
use crate::support::chromium::{Chromium, Options as Window};
use crate::support::wait;

#[tokio::test]
async fn axe_finds_nothing_on_the_picker_in_any_state() {
    // S2-08
    let town = Town::open();
    let mut found = Vec::new();
    for (language, width) in [("fr", 320), ("en", 1280)] {
        let window = Chromium::start(Window {
            language,
            width,
            ..Window::default()
        })
        .await;
        states(&window, &town, &mut found).await;
        window.close().await;
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

async fn states(window: &Chromium, town: &Town, found: &mut Vec<String>) {
    window.client.goto(&town.at("/login", &[])).await.unwrap();
    look(window, "empty", found).await;
    window.look_for("melun").await;
    window.press(&key(Key::Down)).await;
    look(window, "open with an active option", found).await;
    window.press(&key(Key::Escape)).await;
    window.type_into("#q", "zzzzzz").await;
    let status = || async { (window.text("#q-status").await.len() > 20).then_some(()) };
    wait::until_async("nothing", status).await;
    look(window, "no suggestion", found).await;
    window
        .client
        .goto(&town.at("/discover", &[("tenant", "nobody")]))
        .await
        .unwrap();
    look(window, "unknown", found).await;
    window.click("#remember").await;
    window.look_for("campus").await;
    window.press(&key(Key::Down)).await;
    window.press(&key(Key::Enter)).await;
    window.tenant().await;
    window.client.goto(&town.at("/discover", &[])).await.unwrap();
    window.found(".recent").await;
    look(window, "remembered", found).await;
    pages(window, town, found).await;
}

async fn pages(window: &Chromium, town: &Town, found: &mut Vec<String>) {
    for (path, parameters) in [
        ("/discover", &[("q", "melun")][..]),
        ("/discover", &[("q", "melun"), ("remember", "true")]),
        ("/discover", &[("q", "zzzzzz")]),
        ("/discover", &[("lat", "48.5"), ("lon", "2.6")]),
        ("/discover/departments", &[]),
        ("/discover/departments", &[("department", "77")]),
        (
            "/discover/departments",
            &[("department", "77"), ("town", "melun")],
        ),
        ("/welcome", &[]),
        ("/welcome", &[("q", "melun")]),
        ("/t/melun-1/welcome", &[]),
    ] {
        window.client.goto(&town.at(path, parameters)).await.unwrap();
        look(window, &format!("{path} {parameters:?}"), found).await;
    }
}

async fn look(window: &Chromium, name: &str, found: &mut Vec<String>) {
    let violations = window.violations().await;
    found.extend(
        violations
            .into_iter()
            .map(|violation| format!("{name}: {violation}")),
    );
    if window.overflows().await {
        found.push(format!("{name}: wider than the window"));
    }
}
