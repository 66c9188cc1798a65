//! The picker in a real browser: what its script makes of it, by keyboard alone, without it, and for
//! those who listen. The rules behind it are proven in process.

mod accessible;

use std::fmt::Write as _;

use fantoccini::key::Key;

use crate::figure;
use crate::support::application::Application;
use crate::support::chromium::{Chromium, Options as Window};
use crate::support::served::{Options, Served, service};
use crate::support::slapd::{self, Slapd};
use crate::support::wait;

const PERSON: (&str, &str) = ("camille.dupont", "camille-corbeau-7");

/// Part of an address that never reaches a server and that applications live by.
const FRAGMENT: &str = "#/cours/12?onglet=notes";

/// Names that people have given to schools (S2-09), and one that somebody made to do harm.
const NAMES: [&str; 21] = [
    "Collège « L'Orme »",
    "Lycée \"Le Grand\"",
    "École St. Jean",
    "Lycée n° 2 (Nord)",
    "3ᵉ Collège de l’Île",
    "Öresunds gymnasium",
    "Πρότυπο Γυμνάσιο",
    "Гимназия 1567",
    "مدرسة النور",
    "東京日本人学校",
    "Wellant (NL)",
    "Campus 21 - Pré-production",
    "O’Connor & Fils",
    "L'Aigle-d'Or",
    "A.B.C. Formation",
    "École 42",
    "Collège C++",
    "100% Apprentis",
    "Lycée <b>Gras</b>",
    "Ker-Huel / Skol",
    "<img src=x onerror=alert(1)>\u{202e}esrevni",
];

struct Town {
    served: Served,
    application: Application,
    _slapd: Slapd,
}

impl Town {
    fn open() -> Town {
        let slapd = Slapd::start(&slapd::Options::default());
        let application = Application::plain();
        let services = [("application", service(&application.url(), ""))];
        let institutions = institutions();
        let options = Options {
            services: &services,
            institutions: &institutions,
            ..Options::on(&slapd, "embedded:tickets")
        };
        Town {
            served: Served::start(&options),
            application,
            _slapd: slapd,
        }
    }

    /// `path` on the way to the application.
    fn at(&self, path: &str, parameters: &[(&str, &str)]) -> String {
        let service = format!("{}/start", self.application.url());
        let mut pairs = vec![("service", service.as_str())];
        pairs.extend_from_slice(parameters);
        self.served.address(path, &pairs)
    }
}

/// Beside the campus: the odd names, two namesakes, and enough others that no list shows them all.
fn institutions() -> String {
    let mut all = String::new();
    let mut add = |id: &str, name: &str, postcode: &str, town: &str| {
        let name = serde_json::to_string(name).unwrap();
        let _ = write!(
            all,
            "[[institution]]\nid = \"{id}\"\nrealm = \"campus\"\nname = {name}\npostcode = \"{postcode}\"\n\
             town = \"{town}\"\nlatitude = 48.5\nlongitude = 2.6\n"
        );
    };
    for (number, name) in NAMES.iter().enumerate() {
        add(&format!("odd-{number}"), name, "77720", "Drôle-de-Nom");
    }
    add("publique-1", "École primaire publique", "77000", "Autelles");
    add("publique-2", "École primaire publique", "29000", "Mirefleurs");
    for number in 0..14 {
        add(
            &format!("melun-{number}"),
            &format!("Collège numéro {number}"),
            "77000",
            "Melun",
        );
    }
    all
}

fn key(key: Key) -> String {
    char::from(key).to_string()
}

impl Chromium {
    /// Types into the search and waits until the suggestions are those for it.
    async fn look_for(&self, text: &str) {
        self.type_into("#q", text).await;
        wait::until_async("suggestions", || async {
            self.count().await.gt(&0).then_some(())
        })
        .await;
    }

    async fn count(&self) -> u64 {
        let script = "return document.querySelectorAll('.popup:not([hidden]) [role=option]').length";
        self.ask(script).await.as_u64().unwrap()
    }

    /// The text of the active option, empty when there is none.
    async fn active(&self) -> String {
        let script = "const id = document.getElementById('q').getAttribute('aria-activedescendant');\
                      return id ? document.getElementById(id).textContent : ''";
        self.ask(script).await.as_str().unwrap().to_owned()
    }

    async fn value(&self) -> String {
        let value = self.ask("return document.getElementById('q').value").await;
        value.as_str().unwrap().to_owned()
    }

    /// The institution in the address of the sign-in page, once it is there.
    async fn tenant(&self) -> String {
        wait::until_async("the sign-in page", || async {
            let url = url::Url::parse(&self.url().await).unwrap();
            let tenant = url.query_pairs().find(|(name, _)| name == "tenant");
            tenant
                .filter(|_| url.path().ends_with("/login"))
                .map(|(_, id)| id.into_owned())
        })
        .await
    }
}

#[tokio::test]
async fn by_keyboard_alone_one_comes_from_the_picker_to_the_application_and_its_fragment() {
    // S2-08
    let town = Town::open();
    let window = Chromium::start(Window::default()).await;
    window
        .client
        .goto(&format!("{}{FRAGMENT}", town.at("/login", &[])))
        .await
        .unwrap();
    // The field has the focus from the start.
    window.press("campus essai").await;
    wait::until_async("a suggestion", || async {
        (window.count().await > 0).then_some(())
    })
    .await;
    window.press(&key(Key::Down)).await;
    assert!(window.active().await.starts_with("Campus d’essai"));
    window.press(&key(Key::Enter)).await;
    assert_eq!(window.tenant().await, "campus");
    window.press(PERSON.0).await;
    window.press(&key(Key::Tab)).await;
    window.press(&format!("{}{}", PERSON.1, key(Key::Enter))).await;
    let start = format!("{}/start?ticket=ST-", town.application.url());
    window.arrive(&start).await;
    assert!(window.url().await.ends_with(FRAGMENT), "{}", window.url().await);
    window.close().await;
}

#[tokio::test]
async fn a_fragment_also_survives_a_page_of_results_and_a_remembered_choice() {
    let town = Town::open();
    let window = Chromium::start(Window::default()).await;
    let start = format!("{}{FRAGMENT}", town.at("/discover", &[]));
    window.client.goto(&start).await.unwrap();
    window.click("#remember").await;
    window.look_for("campus essai").await;
    window.press(&key(Key::Down)).await;
    window.press(&key(Key::Enter)).await;
    assert_eq!(window.tenant().await, "campus");
    assert!(window.url().await.ends_with(FRAGMENT), "{}", window.url().await);

    // From elsewhere first: an address that differs in its fragment alone loads nothing.
    window.client.goto(&town.application.url()).await.unwrap();
    window.client.goto(&start).await.unwrap();
    assert_eq!(window.text(".recent a > bdi").await, "Campus d’essai");
    window.look_for("melun").await;
    window.press(&key(Key::Enter)).await;
    window.found("#results").await;
    assert!(window.url().await.ends_with(FRAGMENT), "{}", window.url().await);
    window.click("#results .choices a").await;
    assert!(window.tenant().await.starts_with("melun-"));
    assert!(window.url().await.ends_with(FRAGMENT), "{}", window.url().await);
    window.click(".change a").await;
    window.found("#q").await;
    assert!(window.url().await.ends_with(FRAGMENT), "{}", window.url().await);
    window.click("form[action*='/forget'] button").await;
    wait::until_async("to be forgotten", || async {
        let left = window
            .ask("return document.querySelectorAll('.recent').length")
            .await;
        (left == 0).then_some(())
    })
    .await;
    window.close().await;
}

#[tokio::test]
async fn the_keys_do_what_a_combobox_does() {
    // S2-08
    let town = Town::open();
    let window = Chromium::start(Window::default()).await;
    window.client.goto(&town.at("/discover", &[])).await.unwrap();
    window.look_for("melun").await;
    let all = window.count().await;
    assert_eq!(all, 10);
    assert!(
        window
            .text("#q-status")
            .await
            .contains("les 10 premiers affichés")
    );
    assert_eq!(window.active().await, "");
    window.press(&key(Key::Up)).await;
    let last = window.active().await;
    window.press(&key(Key::Down)).await;
    let first = window.active().await;
    assert!(!first.is_empty() && first != last, "{first} {last}");
    window.press(&key(Key::Up)).await;
    assert_eq!(window.active().await, last, "it wraps both ways");
    for back in [Key::Left, Key::Right, Key::Home, Key::End] {
        window.press(&key(Key::Down)).await;
        assert_ne!(window.active().await, "");
        window.press(&key(back)).await;
        assert_eq!(window.active().await, "", "back to the text");
    }
    window.press(&key(Key::Escape)).await;
    assert_eq!(
        (window.count().await, window.value().await.as_str()),
        (0, "melun"),
        "first it closes"
    );
    let alt_down = format!("{}{}{}", key(Key::Alt), key(Key::Down), key(Key::Null));
    window.press(&alt_down).await;
    assert_eq!((window.count().await, window.active().await.as_str()), (10, ""));
    window.press(&key(Key::Escape)).await;
    window.press(&key(Key::Escape)).await;
    assert_eq!(window.value().await, "", "then it clears");
    window.look_for("melun").await;
    window.press(&key(Key::Down)).await;
    window.press(&key(Key::Tab)).await;
    assert_eq!(window.count().await, 0);
    assert!(
        window.url().await.contains("/discover?"),
        "leaving chooses nothing"
    );
    window.look_for("melun").await;
    window.press(&key(Key::Enter)).await;
    window.found("#results").await;
    assert!(window.url().await.contains("q=melun"));
    window.close().await;
}

#[tokio::test]
async fn without_scripts_a_search_and_browsing_lead_to_the_application() {
    // S2-08
    let town = Town::open();
    let window = Chromium::start(Window {
        scripts: false,
        ..Window::default()
    })
    .await;
    let enter = key(Key::Enter);
    window.client.goto(&town.at("/login", &[])).await.unwrap();
    window.type_into("#q", &format!("campus essai{enter}")).await;
    window
        .found("#results .choices a")
        .await
        .send_keys(&enter)
        .await
        .unwrap();
    window.sign_in(PERSON.0, PERSON.1).await;
    window
        .arrive(&format!("{}/start?ticket=ST-", town.application.url()))
        .await;
    window.client.goto(&town.at("/discover", &[])).await.unwrap();
    window
        .found("button[formaction]")
        .await
        .send_keys(&enter)
        .await
        .unwrap();
    for step in [".places a[href*='=77']", ".places a[href*=melun]", ".choices a"] {
        window.found(step).await.send_keys(&enter).await.unwrap();
    }
    wait::until_async("the application or the sign-in", || async {
        let url = window.url().await;
        (url.contains("tenant=melun") || url.contains("ticket=ST-")).then_some(())
    })
    .await;
    window.close().await;
}

#[tokio::test]
async fn every_odd_name_and_both_namesakes_can_be_chosen_and_stay_text() {
    // S2-09
    let town = Town::open();
    let window = Chromium::start(Window::default()).await;
    let mut chosen = std::collections::BTreeSet::new();
    for (number, name) in NAMES.iter().enumerate() {
        window.client.goto(&town.at("/discover", &[])).await.unwrap();
        // Nobody types such signs.
        let narrowed = name.replace(|c: char| !c.is_alphanumeric() && c != '.', " ");
        window.look_for(&format!("{narrowed} drole")).await;
        let script =
            "return [...document.querySelectorAll('[role=option] > bdi')].map(name => name.textContent)";
        wait::until_async(name, || async {
            let names = window.ask(script).await;
            let at = names.as_array()?.iter().position(|shown| shown == name)?;
            let option = format!("#q-option-{at}");
            window
                .client
                .find(fantoccini::Locator::Css(&option))
                .await
                .ok()?
                .click()
                .await
                .ok()
        })
        .await;
        let tenant = window.tenant().await;
        assert_eq!(tenant, format!("odd-{number}"), "{name}");
        chosen.insert(tenant);
    }
    for place in ["autelles", "mirefleurs"] {
        window.client.goto(&town.at("/discover", &[])).await.unwrap();
        window.look_for(&format!("ecole primaire publique {place}")).await;
        window.press(&key(Key::Down)).await;
        assert!(window.active().await.to_lowercase().contains(place));
        window.press(&key(Key::Enter)).await;
        chosen.insert(window.tenant().await);
    }
    assert_eq!(chosen.len(), NAMES.len() + 2);
    window
        .client
        .goto(&town.at("/discover", &[("q", "drole de nom")]))
        .await
        .unwrap();
    let images = window
        .ask("return document.querySelectorAll('main img, main script').length")
        .await;
    assert_eq!(images, 0, "no name became markup");
    window.close().await;
}

#[tokio::test]
async fn what_stands_before_the_at_never_leaves_the_browser() {
    // SEC-11
    let town = Town::open();
    let window = Chromium::start(Window::default()).await;
    window.client.goto(&town.at("/discover", &[])).await.unwrap();
    // At once, as a password manager or a paste does.
    window
        .ask(
            "document.getElementById('q').focus(); \
             document.execCommand('insertText', false, 'camille.dupont@melun')",
        )
        .await;
    let asked = "return performance.getEntriesByType('resource').map(one => one.name)\
                 .filter(name => name.includes('/tenants'))";
    let sent = wait::until_async("a question", || async {
        let sent = window.ask(asked).await;
        (!sent.as_array()?.is_empty()).then_some(sent)
    })
    .await;
    assert!(!sent.to_string().contains("camille"), "{sent}");
    window.press(&key(Key::Enter)).await;
    wait::until_async("the results", || async {
        window.url().await.contains("q=").then_some(())
    })
    .await;
    assert!(!window.url().await.contains("camille"), "{}", window.url().await);
    window.close().await;
}

#[tokio::test]
async fn a_word_that_may_become_an_address_waits_for_its_at() {
    // SEC-11
    let town = Town::open();
    let window = Chromium::start(Window::default()).await;
    window.client.goto(&town.at("/discover", &[])).await.unwrap();
    // Each as somebody leaves it when they rest while typing; the last one is asked for at once.
    let script = "const done = arguments[arguments.length - 1]; const field = document.getElementById('q');\
                  field.focus(); const type = text => { field.value = text; \
                  field.dispatchEvent(new Event('input')); };\
                  const words = ['camille.d', 'camille_d', 'camille+ecole', ' 4c.m'];\
                  const next = () => { if (words.length) { type(words.shift()); setTimeout(next, 200); } else { \
                  type('m'); setTimeout(() => done(performance.getEntriesByType('resource')\
                  .map(one => one.name).filter(name => name.includes('/tenants'))), 300); } }; next();";
    let sent = window.client.execute_async(script, Vec::new()).await.unwrap();
    let sent = sent.as_array().unwrap();
    assert_eq!(sent.len(), 1, "{sent:?}");
    assert!(sent[0].as_str().unwrap().ends_with("q=m"), "{sent:?}");
    window.close().await;
}

#[tokio::test]
async fn the_browser_is_asked_where_it_is_on_a_click_and_tells_it_roughly() {
    let town = Town::open();
    let window = Chromium::start(Window::default()).await;
    window.client.goto(&town.at("/discover", &[])).await.unwrap();
    window.stand_at(48.512_345, 2.604_321).await;
    window.click("[data-near]").await;
    wait::until_async("the nearest", || async {
        window.url().await.contains("lat=").then_some(())
    })
    .await;
    let url = window.url().await;
    assert!(
        url.contains("lat=48.51&lon=2.60") && url.contains("service="),
        "{url}"
    );
    assert!(window.text("#results .choices").await.contains("km"));
    window.close().await;
}

#[tokio::test]
async fn the_first_letter_is_answered_at_once() {
    // S2-07
    let town = Town::open();
    let window = Chromium::start(Window::default()).await;
    let script = "const [letter, done] = arguments; const field = document.getElementById('q');\
                  field.focus(); const start = performance.now();\
                  new MutationObserver(() => { if (field.getAttribute('aria-expanded') === 'true') \
                  done(performance.now() - start); }).observe(field, { attributes: true });\
                  document.execCommand('insertText', false, letter)";
    let mut waited = Vec::new();
    // Each letter on a page of its own, that no answer is at hand already.
    for letter in ["c", "l", "g", "w", "k", "a", "m"] {
        window.client.goto(&town.at("/discover", &[])).await.unwrap();
        let took = window.client.execute_async(script, vec![letter.into()]).await;
        waited.push(took.unwrap().as_f64().unwrap());
        assert!(window.count().await > 0, "{letter}");
    }
    let first = waited[0];
    waited.sort_by(f64::total_cmp);
    figure::tell(
        "picker-first-suggestion",
        &format!(
            "picker in Chromium on loopback: first suggestion {first:.0} ms after the key; of {} letters median \
             {:.0} ms, longest {:.0} ms",
            waited.len(),
            waited[waited.len() / 2],
            waited[waited.len() - 1]
        ),
    );
    window.close().await;
}
