//! Every page in every state, as a real browser shows it: axe-core finds nothing to say, nothing is
//! wider than a telephone, nothing is refused by the policy that the server sends. The pages are those
//! of `mereau theme render`, sent with the server's own headers; what journeys reach is looked at in
//! `chromium.rs`. With MEREAU_SCREENSHOTS=/a/folder the pages are kept there as pictures.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use crate::support::application::{Answer, Application};
use crate::support::chromium::{Chromium, Options as Window};

/// What the server sends with a page; a unit test of the server holds it to this text.
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; \
    font-src 'self'; media-src 'self'; connect-src 'self'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'";

/// The pages of a theme, rendered by the binary and served from a host of their own.
struct Gallery {
    application: Application,
    /// `fr/login-plain.html` …
    pages: Vec<String>,
    _folder: tempfile::TempDir,
}

impl Gallery {
    fn open(theme: Option<&str>) -> Gallery {
        let folder = tempfile::tempdir().unwrap();
        let mut render = Command::new(env!("CARGO_BIN_EXE_mereau"));
        render
            .args(["theme", "render", "--pseudo-language", "--into"])
            .arg(folder.path());
        render.arg(match theme {
            Some(name) => repository().join("themes").join(name),
            None => repository().join("themes/default"),
        });
        let said = render.output().unwrap();
        assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));
        let files = Arc::new(read(folder.path()));
        // Letters are no pages: mail programs show them, with no policy and only the styles inside.
        let pages = files
            .keys()
            .filter(|name| name.contains(".html") && name.contains('/') && !name.contains("/mails/"));
        let pages = pages.cloned().collect();
        let application = Application::start(move |asked| {
            let name = asked.target.trim_start_matches('/').split('?').next().unwrap();
            let kind = match name.rsplit('.').next() {
                Some("css") => "text/css",
                Some("js") => "text/javascript",
                Some("svg") => "image/svg+xml",
                _ => "text/html; charset=utf-8",
            };
            match files.get(name) {
                Some(bytes) => Answer::File {
                    bytes: bytes.clone(),
                    kind,
                    policy: POLICY,
                },
                None => Answer::Page(String::new()),
            }
        });
        Gallery {
            application,
            pages,
            _folder: folder,
        }
    }

    fn url(&self, page: &str) -> String {
        format!("{}/{page}", self.application.url())
    }
}

fn repository() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// All files below a folder, by their paths there.
fn read(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    let mut left = vec![folder.to_owned()];
    while let Some(next) = left.pop() {
        for entry in std::fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                left.push(path);
            } else {
                let name = path.strip_prefix(folder).unwrap().display().to_string();
                files.insert(name, std::fs::read(&path).unwrap());
            }
        }
    }
    files
}

/// What a window is set to.
#[derive(Clone, Copy)]
struct Setting {
    name: &'static str,
    width: u32,
    scripts: bool,
    /// Media features, as `("prefers-color-scheme", "dark")`.
    media: Option<(&'static str, &'static str)>,
    /// The distances people set who read with difficulty (WCAG 1.4.12).
    spaced: bool,
}

const fn setting(name: &'static str, width: u32, scripts: bool) -> Setting {
    Setting {
        name,
        width,
        scripts,
        media: None,
        spaced: false,
    }
}

/// Looks at `pages` in one window; what is wrong comes back as lines.
async fn look(gallery: &Gallery, setting: Setting, pages: &[&String]) -> Vec<String> {
    let window = Chromium::start(Window {
        language: "fr",
        width: setting.width,
        ..Window::default()
    })
    .await;
    if let Some((feature, value)) = setting.media {
        window.prefer(feature, value).await;
    }
    let mut found = Vec::new();
    for page in pages {
        window.allow_scripts(setting.scripts).await;
        window.client.goto(&gallery.url(page)).await.unwrap();
        // The page has run its scripts or not; axe-core needs them on.
        window.allow_scripts(true).await;
        if setting.spaced {
            window.space_text().await;
        }
        window
            .keep_picture(&format!("{}-{}", setting.name, page.replace('/', "-")))
            .await;
        let mut wrong = window.violations().await;
        if window.overflows().await {
            wrong.push("wider than the window".to_owned());
        }
        wrong.extend(window.cut_off().await);
        wrong.extend(window.complaints().await);
        found.extend(
            wrong
                .into_iter()
                .map(|line| format!("{} {page}: {line}", setting.name)),
        );
    }
    window.close().await;
    found
}

#[tokio::test]
async fn every_page_is_fit_for_everybody_in_every_language_at_every_width() {
    let gallery = Gallery::open(None);
    assert!(gallery.pages.len() > 200, "{}", gallery.pages.len());
    let settings = [
        setting("320", 320, true),
        setting("1280-no-scripts", 1280, false),
        setting("1280", 1280, true),
        setting("320-no-scripts", 320, false),
    ];
    // Pairwise: every page meets every language, both widths, and scripts on and off; so does every
    // language. The turn of a page in its language decides.
    let mut turns: [Vec<&String>; 4] = Default::default();
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    for page in gallery.pages.iter().filter(|page| !page.starts_with("qaa/")) {
        let (_, name) = page.split_once('/').unwrap();
        let names = seen.len();
        let first = *seen.entry(name).or_insert(names);
        let language = ["ar/", "en/", "fr/"]
            .iter()
            .position(|tag| page.starts_with(tag))
            .unwrap();
        turns[(first + language) % 4].push(page);
    }
    assert_pairwise(&settings, &turns);
    let mut found = Vec::new();
    for (setting, pages) in settings.into_iter().zip(&turns) {
        found.extend(look(&gallery, setting, pages).await);
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

/// Every two of: the state of a page, its language, a width, scripts on or off, meet somewhere.
fn assert_pairwise(settings: &[Setting], turns: &[Vec<&String>]) {
    let mut met: BTreeMap<&str, [std::collections::BTreeSet<String>; 3]> = BTreeMap::new();
    for (setting, pages) in settings.iter().zip(turns) {
        for page in pages {
            let (language, state) = page.split_once('/').unwrap();
            let (width, scripts) = (setting.width.to_string(), setting.scripts.to_string());
            for (one, others) in [
                (state, [language.to_owned(), width.clone(), scripts.clone()]),
                (language, [String::new(), width.clone(), scripts.clone()]),
            ] {
                let met = met.entry(one).or_default();
                for (met, other) in met.iter_mut().zip(others) {
                    met.insert(other);
                }
            }
        }
    }
    for (one, [languages, widths, scripts]) in &met {
        let wanted = if one.ends_with(".html") { 3 } else { 1 };
        assert_eq!(
            (languages.len(), widths.len(), scripts.len()),
            (wanted, 2, 2),
            "{one}"
        );
    }
    for page in [
        "login-way-only",
        "choose_account-plain",
        "delegation_failed-silent",
        "onward-plain",
    ] {
        assert!(met.contains_key(format!("{page}.html").as_str()), "{page}");
    }
    let both: std::collections::BTreeSet<(u32, bool)> =
        settings.iter().map(|one| (one.width, one.scripts)).collect();
    assert_eq!(both.len(), 4, "each width with and without scripts");
}

#[tokio::test]
async fn pages_stay_readable_in_the_dark_with_forced_colours_with_spaced_text_and_with_long_words() {
    let gallery = Gallery::open(None);
    let base = setting("", 320, true);
    let one_of_each = |tag: &str| {
        let mut pages: Vec<&String> = gallery
            .pages
            .iter()
            .filter(|page| page.starts_with(tag))
            .collect();
        pages.dedup_by_key(|page| page.split('-').next().unwrap().to_owned());
        pages
    };
    let logins = |tag: &str| {
        let all = gallery.pages.iter().filter(|page| page.starts_with(tag));
        all.filter(|page| page.contains("/login-"))
            .step_by(4)
            .collect::<Vec<_>>()
    };
    let dark = Some(("prefers-color-scheme", "dark"));
    let rounds = [
        (
            Setting {
                name: "dark",
                media: dark,
                width: 1280,
                ..base
            },
            "fr/",
        ),
        (
            Setting {
                name: "forced",
                media: Some(("forced-colors", "active")),
                ..base
            },
            "ar/",
        ),
        (
            Setting {
                name: "spaced",
                spaced: true,
                ..base
            },
            "fr/",
        ),
        (Setting { name: "long", ..base }, "qaa/"),
    ];
    let mut found = Vec::new();
    for (setting, tag) in rounds {
        let pages: Vec<&String> = one_of_each(tag).into_iter().chain(logins(tag)).collect();
        found.extend(look(&gallery, setting, &pages).await);
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[tokio::test]
async fn the_example_theme_is_fit_for_everybody_by_day_and_night() {
    let gallery = Gallery::open(Some("rosa-bonheur"));
    let pages: Vec<&String> = gallery
        .pages
        .iter()
        .filter(|page| page.starts_with("fr/login-"))
        .collect();
    let day = setting("rosa-bonheur", 1280, true);
    let night = Setting {
        name: "rosa-bonheur-dark",
        media: Some(("prefers-color-scheme", "dark")),
        ..day
    };
    let mut found = look(&gallery, day, &pages).await;
    found.extend(look(&gallery, night, &pages).await);
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[tokio::test]
async fn what_the_browser_complains_of_is_heard() {
    let page = "<!doctype html><html lang=fr><title>x</title><p style='color:red'>x<script>x</script>";
    let application = Application::start(move |_| Answer::File {
        bytes: page.as_bytes().to_vec(),
        kind: "text/html",
        policy: POLICY,
    });
    let window = Chromium::start(Window::default()).await;
    window.client.goto(&application.url()).await.unwrap();
    let complaints = window.complaints().await.join("\n");
    assert!(
        complaints.contains("style-src") && complaints.contains("script-src"),
        "{complaints}"
    );
    window.close().await;
}
