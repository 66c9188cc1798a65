//! Pages as a whole: every one renders, says what it must and nothing it must not.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::views::every_sample;
use super::views::login::{Login, LoginProblem};
use super::views::services::UnknownService;
use super::*;

fn pages() -> Pages {
    Pages::new(&[]).unwrap()
}

fn full_frame(pages: &Pages, tag: &str) -> Frame {
    let language = Locale::new(tag).unwrap();
    Frame::samples(&language, pages.languages()).remove(0).1
}

fn sample<P: Page>(state: &str) -> P {
    let found = P::samples().into_iter().find(|(name, _)| *name == state);
    found.unwrap().1
}

/// Every sample of every page in every language, with what it is called.
fn each_rendering(mut look: impl FnMut(&str, &str)) {
    let pages = pages();
    for language in pages.languages() {
        for (_, frame) in Frame::samples(language, pages.languages()) {
            for sample in every_sample() {
                let name = format!("{} {} {}", sample.page, sample.state, language.as_str());
                let html = pages.engines.render(sample.page, sample.context, &frame).unwrap();
                look(&name, &html);
            }
        }
    }
}

#[test]
fn all_languages_share_the_compiled_templates() {
    let pages = pages();
    let engines = pages.engines.by_language.values();
    let places: BTreeSet<*const u8> = engines
        .map(|engine| engine.get_template("pages/login.html").unwrap().source().as_ptr())
        .collect();
    assert!(pages.languages().len() > 1);
    assert_eq!(places.len(), 1);
}

/// The tags of a page as written, `<a href="…">`; quotes may hold `>`.
fn tags(html: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut rest = html;
    while let Some(start) = rest.find('<') {
        let mut quoted = false;
        let end = rest[start..].find(|c| {
            quoted ^= c == '"';
            c == '>' && !quoted
        });
        let end = start + end.expect("a tag that does not end");
        found.push(&rest[start..=end]);
        rest = &rest[end..];
    }
    found
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    let value = tag.split_once(&format!(" {name}=\""))?.1.split_once('"')?.0;
    Some(unescaped(value))
}

/// What a browser reads from our escaping.
fn unescaped(text: &str) -> String {
    text.replace("&quot;", "\"")
        .replace("&#39;", "'")
        .replace("&#13;", "\r")
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&amp;", "&")
}

/// The value of the input `name`, as a browser would send it back.
fn input(html: &str, name: &str) -> Option<String> {
    let tag = tags(html)
        .into_iter()
        .find(|tag| attribute(tag, "name").as_deref() == Some(name))?;
    Some(attribute(tag, "value").unwrap_or_default())
}

/// A theme of its own folder, removed at the end of the test.
struct Folder(PathBuf);

impl Folder {
    fn with(name: &str, files: &[(&str, &str)]) -> Folder {
        let folder = std::env::temp_dir().join(format!("mereau-theme-{}-{name}", std::process::id()));
        for (path, text) in files {
            let file = folder.join(path);
            std::fs::create_dir_all(file.parent().unwrap()).unwrap();
            std::fs::write(file, text).unwrap();
        }
        Folder(folder)
    }

    fn pages(&self) -> Result<Pages, PageError> {
        Pages::new(std::slice::from_ref(&self.0))
    }

    fn problems(&self) -> String {
        let problems = self.pages().unwrap().check();
        problems.iter().map(|problem| format!("{problem}\n")).collect()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

#[test]
fn the_default_theme_has_no_problem() {
    let problems = pages().check();
    let said: Vec<String> = problems.iter().map(ToString::to_string).collect();
    assert!(said.is_empty(), "{}", said.join("\n"));
}

#[test]
fn the_login_form_holds_what_the_protocol_asks() {
    // CAS-15, CAS-17, CAS-18
    let pages = pages();
    let frame = full_frame(&pages, "fr");
    let page = Login {
        renew: true,
        method: Some("POST".to_owned()),
        tenant: Some("univ-valmont".to_owned()),
        service: Some("https://x.example/?a=1&b=\"2\"&c='<é>'%20+".to_owned()),
        ..Login::new("/cas/login", "LT-1-abc")
    };
    let html = pages.render(&page, &frame).unwrap();
    let form = tags(&html)
        .into_iter()
        .find(|tag| tag.starts_with("<form"))
        .unwrap();
    assert_eq!(attribute(form, "method").as_deref(), Some("post"));
    assert_eq!(attribute(form, "action").as_deref(), Some("/cas/login"));
    assert_eq!(input(&html, "username").as_deref(), Some(""));
    assert_eq!(input(&html, "password").as_deref(), Some(""));
    assert_eq!(input(&html, "lt").as_deref(), Some("LT-1-abc"));
    assert_eq!(input(&html, "service"), page.service);
    assert_eq!(input(&html, "renew").as_deref(), Some("true"));
    assert_eq!(input(&html, "method"), page.method);
    assert_eq!(input(&html, "tenant"), page.tenant);
    assert_eq!(input(&html, "execution").as_deref(), Some("e1s1"));
    assert_eq!(input(&html, "_eventId").as_deref(), Some("submit"));
    let bare = pages.render(&Login::new("/login", "LT-2"), &frame).unwrap();
    for absent in ["service", "renew", "method", "tenant", "warn", "rememberMe"] {
        assert_eq!(input(&bare, absent), None, "{absent}");
    }
}

#[test]
fn remember_me_is_offered_only_where_allowed_and_never_ticked() {
    // CAS-19
    let pages = pages();
    let html = pages
        .render(&sample::<Login>("links"), &full_frame(&pages, "fr"))
        .unwrap();
    let find = |name: &str| {
        let wanted = format!("name=\"{name}\"");
        tags(&html).into_iter().find(|tag| tag.contains(&wanted)).unwrap()
    };
    assert!(!find("rememberMe").contains("checked"));
    assert!(
        find("warn").contains(" checked"),
        "the sample asks for a ticked box"
    );
}

#[test]
fn a_refused_sign_in_keeps_the_login_and_never_the_password() {
    // CAS-67
    let pages = pages();
    for (state, page) in Login::samples()
        .into_iter()
        .filter(|(_, page)| page.problem.is_some())
    {
        let html = pages.render(&page, &full_frame(&pages, "fr")).unwrap();
        assert_eq!(input(&html, "username"), Some(page.username.clone()), "{state}");
        assert_eq!(input(&html, "password").as_deref(), Some(""), "{state}");
        assert_eq!(input(&html, "service"), page.service, "{state}");
        assert!(html.contains("<title>Erreur\u{202f}: "), "{state}");
        assert!(html.contains("role=\"alert\" tabindex=\"-1\""), "{state}");
        assert!(!html.contains(" autofocus"), "{state}");
    }
}

#[test]
fn focus_goes_to_the_first_thing_left_to_type() {
    let pages = pages();
    let frame = full_frame(&pages, "fr");
    let focused = |page: &Login| {
        let html = pages.render(page, &frame).unwrap();
        let tag = tags(&html).into_iter().find(|tag| tag.contains(" autofocus"));
        tag.and_then(|tag| attribute(tag, "id"))
    };
    let mut page = Login::new("/login", "LT-1");
    assert_eq!(focused(&page).as_deref(), Some("username"));
    page.username = "camille".to_owned();
    assert_eq!(focused(&page).as_deref(), Some("password"));
    assert_eq!(focused(&sample("confirm")).as_deref(), Some("password"));
    page.problem = Some(LoginProblem::PageTooOld);
    assert_eq!(focused(&page), None);
}

#[test]
fn the_page_of_an_unknown_service_links_to_nothing_of_it() {
    // CAS-62
    let pages = pages();
    for (state, page) in UnknownService::samples() {
        let html = pages.render(&page, &full_frame(&pages, "fr")).unwrap();
        assert!(!html.contains("http-equiv"), "{state}");
        for tag in tags(&html) {
            let shows = tag.contains("pirate") || tag.contains("javascript:");
            assert!(!shows, "{state}: {tag}");
        }
        assert!(
            unescaped(&html).contains(&page.service),
            "{state}: shown to the administrator as text"
        );
    }
}

#[test]
fn hostile_values_stay_text_on_every_page() {
    // CAS-17, CAS-62
    each_rendering(|name, html| {
        assert!(!html.contains("<script>"), "{name}");
        for tag in tags(html) {
            for place in ["href", "action", "src"] {
                let target = attribute(tag, place).unwrap_or_default();
                assert!(
                    !target.to_ascii_lowercase().contains("javascript:"),
                    "{name}: {tag}"
                );
            }
        }
    });
}

#[test]
fn every_page_obeys_a_policy_without_inline_style_or_script() {
    // CAS-29
    each_rendering(|name, html| {
        for tag in tags(html) {
            let names: String = tag.split('"').step_by(2).collect();
            let inline = names.contains(" style=") || names.contains(" on") || tag.starts_with("<style");
            assert!(!inline, "{name}: {tag}");
            if tag.starts_with("<script") {
                assert!(attribute(tag, "src").is_some(), "{name}: {tag}");
            }
            let loads = ["<script", "<link", "<img"]
                .iter()
                .any(|start| tag.starts_with(start));
            let target = attribute(tag, "src").or_else(|| attribute(tag, "href"));
            let own = target.is_some_and(|target| {
                let from_us = target.starts_with('/') && !target.starts_with("//");
                let ours = ["/assets/", "/captcha/"].iter().any(|part| target.contains(part));
                (from_us && ours) || target == super::frame::SAMPLE_LOGO
            });
            assert!(!loads || own, "{name}: {tag}");
        }
    });
}

#[test]
fn every_page_is_built_for_those_who_listen_to_it() {
    each_rendering(|name, html| {
        let tags = tags(html);
        let count = |start: &str| tags.iter().filter(|tag| tag.starts_with(start)).count();
        assert_eq!(count("<h1"), 1, "{name}");
        assert_eq!(count("<main"), 1, "{name}");
        assert!(count("<title") == 1 && !html.contains("<title> –"), "{name}");
        assert!(html.starts_with("<!doctype html>"), "{name}");
        assert!(
            tags[1].contains(" lang=\"") && tags[1].contains(" dir=\""),
            "{name}"
        );
        let ids: Vec<String> = tags.iter().filter_map(|tag| attribute(tag, "id")).collect();
        let known: BTreeSet<&str> = ids.iter().map(String::as_str).collect();
        assert_eq!(ids.len(), known.len(), "{name}: an id twice");
        for tag in &tags {
            for pointer in ["for", "aria-describedby", "aria-labelledby", "aria-controls"] {
                for id in attribute(tag, pointer).unwrap_or_default().split_whitespace() {
                    assert!(known.contains(id), "{name}: {tag} points at nothing");
                }
            }
            let typed = tag.starts_with("<input") && !tag.contains("type=\"hidden\"");
            if typed {
                let label = format!("<label for=\"{}\">", attribute(tag, "id").unwrap());
                assert!(html.contains(&label), "{name}: {tag} has no label");
            }
        }
    });
}

#[test]
fn every_page_carries_its_support_code_and_whom_to_ask() {
    each_rendering(|name, html| {
        assert!(html.contains("K7QD-2M9X"), "{name}");
        assert!(html.contains("id=\"help\""), "{name}");
    });
}

#[test]
fn the_pages_of_french_and_english_differ_in_words_not_in_fields() {
    let pages = pages();
    let shape = |tag: &str| {
        let html = pages
            .render(&sample::<Login>("wrong"), &full_frame(&pages, tag))
            .unwrap();
        let names: Vec<_> = tags(&html)
            .iter()
            .filter_map(|tag| attribute(tag, "name"))
            .collect();
        (html, names)
    };
    let (french, french_fields) = shape("fr");
    let (english, english_fields) = shape("en");
    assert_eq!(french_fields, english_fields);
    assert!(french.contains("lang=\"fr\"") && french.contains("Se connecter"));
    assert!(english.contains("<html lang=\"en\"") && english.contains("Sign in"));
}

#[test]
fn addresses_in_templates_always_pass_through_the_filter() {
    // CAS-62
    let files = ThemeFiles::read(&[]).unwrap();
    for path in files.under("").filter(|path| path.ends_with(".html")) {
        let text = files.topmost(path).unwrap().text().unwrap();
        for place in ["href=\"{{", "action=\"{{", "src=\"{{"] {
            for found in text.split(place).skip(1) {
                let expression = found.split("}}").next().unwrap();
                let safe = ["|safe_url", "|mail_url", "|phone_url", "asset_url("];
                assert!(
                    safe.iter().any(|filter| expression.contains(filter)),
                    "{path}: {expression}"
                );
            }
        }
        assert!(!text.contains("|safe ") && !text.contains("|safe}"), "{path}");
    }
}

#[test]
fn a_theme_replaces_texts_by_key_pages_by_file_and_colours_by_value() {
    let folder = Folder::with(
        "layers",
        &[
            (
                "theme.toml",
                "name = \"Valmont\"\n[colours]\naccent = \"#7a1f3d\"\n",
            ),
            ("texts/fr.ftl", "sign-in = Entrer\n"),
            (
                "pages/signed_out.html",
                "<!doctype html><p>{{ t('sign-in') }} {{ frame.place }}</p>",
            ),
            (".hidden/fr.ftl", "x"),
        ],
    );
    let pages = folder.pages().unwrap();
    let frame = full_frame(&pages, "fr");
    let login = pages.render(&sample::<Login>("plain"), &frame).unwrap();
    assert!(login.contains(">Entrer<") && login.contains("Mot de passe"));
    let out = pages
        .render(&sample::<views::session::SignedOut>("plain"), &frame)
        .unwrap();
    assert!(out.ends_with("<p>Entrer Université de Valmont-sur-Brenne</p>"));
    let (_, style) = pages
        .assets
        .iter()
        .find(|(name, _)| *name == "mereau.css")
        .unwrap();
    let css = String::from_utf8_lossy(&style.bytes).into_owned();
    assert!(css.contains("--accent:#7a1f3d") && css.contains("--token:#b5673a"));
    let built_in = super::tests::pages();
    let plain = built_in.assets.iter().find(|(name, _)| *name == "mereau.css");
    assert_ne!(plain.unwrap().1.hash, style.hash, "other bytes, other address");
}

#[test]
fn the_check_finds_what_is_missing_unused_different_broken_pale_and_hostile() {
    let folder = Folder::with(
        "faulty",
        &[
            ("theme.toml", "# ours\n[colours]\naccent = \"#cccccc\"\n"),
            (
                "texts/fr.ftl",
                "never-said = Jamais\nsign-in =\n    { $n ->\n        [one] x\n        [many] z\n       *[other] y\n    }\n",
            ),
            ("texts/en.ftl", "login-for = To use it\nonly-english = x\n"),
            ("texts/br.ftl", "sign-in = Kevreañ\n"),
            ("pages/sign_out.html", "<h1>\n{{ page.nothing }}"),
            ("pages/warning.html", "<p style=\"color: red\">"),
        ],
    );
    let problems = folder.problems();
    for expected in [
        "texts/br.ftl: ",
        "texts are missing, so the language is left out\n   mend: ",
        "texts/fr.ftl:1: “never-said” is used by no page",
        "texts/fr.ftl:1: “never-said” has no text in “en”; French is shown",
        "texts/fr.ftl:2: “sign-in” has the cases many, one, other\n   mend: “fr” has one, other",
        "texts/en.ftl:1: “login-for” uses nothing, French uses $service\n   mend: the names that French uses",
        "texts/en.ftl:2: “only-english” is unknown: French has no such text",
        "pages/sign_out.html:2: the page “sign_out” in fr does not render: ",
        "pages/warning.html:1: a style inside a page is never applied",
        "theme.toml:3: colours.accent #cccccc has a contrast of 1.4 with",
    ] {
        assert!(problems.contains(expected), "{expected} not in\n{problems}");
    }
}

#[test]
fn a_theme_that_cannot_be_read_says_which_file_and_why() {
    for (name, path, text, expected) in [
        ("toml", "theme.toml", "colour = 1", "unknown field `colour`"),
        (
            "hex",
            "theme.toml",
            "[colours]\naccent = \"red\"",
            "is not a colour",
        ),
        ("ftl", "texts/fr.ftl", "= nothing", "texts/fr.ftl"),
        (
            "lang",
            "texts/francais.ftl",
            "a = b",
            "not named after a language",
        ),
        ("html", "pages/login.html", "{% if %}", "pages/login.html"),
        ("asset", "assets/run.exe", "MZ", "of no kind we serve"),
    ] {
        let folder = Folder::with(name, &[(path, text)]);
        let error = folder.pages().err().expect(name).to_string();
        assert!(error.contains(expected), "{name}: {error}");
    }
}

#[test]
fn when_a_theme_fails_there_is_still_a_page_with_the_code() {
    let html = last_resort("K7QD-<b>");
    assert!(html.contains("Code d’assistance\u{202f}: K7QD-&lt;b&gt;") && html.contains("lang=\"en\""));
}

/// Writes the gallery where `MEREAU_RENDER_INTO` says, to look at; else into a folder of its own.
#[test]
fn the_gallery_holds_every_page_in_every_language() {
    let folder = Folder::with("gallery", &[("x", "")]);
    let chosen = std::env::var_os("MEREAU_RENDER_INTO").map(PathBuf::from);
    let into: &Path = chosen.as_deref().unwrap_or(&folder.0);
    let pages = pages();
    let written = pages.gallery(into, &mut |_, _| ()).unwrap();
    let samples = every_sample().len() + super::letters::count();
    assert_eq!(written, samples * pages.languages().len());
    assert!(into.join("fr/mails/reset_links-one.html").is_file());
    assert!(into.join("fr/login-plain.html").is_file());
    assert!(into.join("index.html").is_file());
}
