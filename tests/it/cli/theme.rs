//! `mereau theme`, and themes of a running server: what an operator is told, and what people see.

use std::fs;

use super::process::{Server, change, demo_folder, mereau, repository, text};
use super::web::Browser;

#[test]
fn the_themes_of_the_repository_are_good() {
    let shipped = repository().join("themes/rosa-bonheur");
    for arguments in [
        vec!["theme", "check", shipped.to_str().unwrap()],
        vec![
            "theme",
            "check",
            "--config",
            demo_folder().path().join("server.toml").to_str().unwrap(),
        ],
    ] {
        let said = mereau(&arguments, "");
        assert!(said.status.success(), "{}", text(&said.stderr));
    }
}

#[test]
fn a_wrong_theme_is_told_with_file_line_and_mend() {
    let folder = demo_folder();
    let theme = folder.path().join("themes/rosa-bonheur");
    change(&theme.join("theme.toml"), "#8a2347", "#f2a0b8");
    fs::create_dir_all(theme.join("pages")).unwrap();
    fs::write(
        theme.join("pages/signed_out.html"),
        "<h1>\n<p onclick=\"x()\">{{ page.gone }}</p>\n",
    )
    .unwrap();
    let said = mereau(&["theme", "check", theme.to_str().unwrap()], "");
    assert!(!said.status.success());
    let told = text(&said.stderr);
    for expected in [
        "theme.toml:7: colours.accent #f2a0b8 has a contrast of",
        "   mend: accent = \"#",
        "pages/signed_out.html:2: a handler inside a page is never run",
        "pages/signed_out.html:2: the page “signed_out” in",
    ] {
        assert!(told.contains(expected), "{expected} not in\n{told}");
    }
    let config = folder.path().join("server.toml");
    let said = mereau(&["check", "--config", config.to_str().unwrap()], "");
    assert!(!said.status.success() && text(&said.stderr).contains("rosa-bonheur cannot be used"));
}

#[test]
fn a_language_nobody_has_written_is_told() {
    let folder = demo_folder();
    let realm = folder.path().join("realms/haut-marais.toml");
    change(&realm, "\"ar\"]", "\"br\"]");
    let config = folder.path().join("server.toml").display().to_string();
    let said = mereau(&["check", "--config", &config], "");
    assert!(!said.status.success());
    let told = text(&said.stderr);
    assert!(
        told.contains("realm haut-marais: languages: its theme has no whole texts/br.ftl"),
        "{told}"
    );
}

#[test]
fn every_page_is_rendered_to_files_that_need_no_server() {
    let into = tempfile::TempDir::new().unwrap();
    let theme = repository().join("themes/rosa-bonheur");
    let folder = into.path().to_str().unwrap();
    let said = mereau(
        &["theme", "render", "--into", folder, theme.to_str().unwrap()],
        "",
    );
    assert!(said.status.success(), "{}", text(&said.stderr));
    let index = fs::read_to_string(into.path().join("index.html")).unwrap();
    let page = fs::read_to_string(into.path().join("ar/login-plain.html")).unwrap();
    assert!(index.contains("href=\"ar/login-plain.html\""));
    assert!(page.contains("dir=\"rtl\"") && page.contains("اسم المستخدم في الثانوية"));
    let style = page.split("href=\"..").nth(1).unwrap().split('"').next().unwrap();
    assert!(
        into.path().join(style.trim_start_matches('/')).is_file(),
        "{style}"
    );
}

#[test]
fn each_institution_wears_its_theme_and_a_reload_changes_it_whole_or_not_at_all() {
    // F-24
    let folder = demo_folder();
    let (server, port) = Server::serve(&folder.path().join("server.toml"));
    let lycee = || Browser::default().get(port, "/cas/t/rosa-bonheur/login").body;
    assert!(lycee().contains("Identifiant du lycée"));
    let university = Browser::default().get(port, "/cas/t/valmore/login").body;
    assert!(!university.contains("Identifiant du lycée"));

    let texts = folder.path().join("themes/rosa-bonheur/texts/fr.ftl");
    change(&texts, "Identifiant du lycée", "Nom au lycée");
    server.signal("HUP");
    server.err.until_said("config_reloaded");
    assert!(lycee().contains("Nom au lycée"));

    fs::write(&texts, "= broken\n").unwrap();
    let institutions = folder.path().join("institutions.toml");
    change(&institutions, "Lycée Rosa-Bonheur", "Lycée Rosa");
    server.signal("HUP");
    server.err.until_said("config_reload_failed");
    let log = server.err.so_far();
    assert!(log.contains("texts/fr.ftl: line 1"), "{log}");
    let after = lycee();
    assert!(after.contains("Nom au lycée") && after.contains("Lycée Rosa-Bonheur"));
}

#[test]
fn the_applications_theme_goes_before_the_institutions_the_realms_and_the_servers() {
    let folder = demo_folder();
    let path = |name: &str| folder.path().join(name);
    for theme in ["of-server", "of-realm", "of-institution", "of-service"] {
        let texts = path(&format!("themes/{theme}/texts"));
        fs::create_dir_all(&texts).unwrap();
        fs::write(texts.join("fr.ftl"), format!("username = Nom {theme}\n")).unwrap();
    }
    let server_file = path("server.toml");
    change(
        &server_file,
        "themes = \"themes\"",
        "themes = \"themes\"\ntheme = \"of-server\"",
    );
    change(
        &path("realms/haut-marais.toml"),
        "scope =",
        "theme = \"of-realm\"\nscope =",
    );
    change(
        &path("institutions.toml"),
        "id = \"jean-zay\"",
        "id = \"jean-zay\"\ntheme = \"of-institution\"",
    );
    let service = "name = \"Notes\"\nurls = [\"https://notes.example/**\"]\ntheme = \"of-service\"\n";
    fs::write(path("services/notes.toml"), service).unwrap();
    let (_server, port) = Server::serve(&server_file);
    let login = |address: &str| Browser::default().get(port, &format!("/cas/t/{address}")).body;
    for (address, theme) in [
        ("valmore/login", "of-server"),
        ("aime-cesaire/login", "of-realm"),
        ("jean-zay/login", "of-institution"),
        (
            "jean-zay/login?service=https%3A%2F%2Fnotes.example%2F",
            "of-service",
        ),
        (
            "rosa-bonheur/login?service=https%3A%2F%2Fnotes.example%2F",
            "of-service",
        ),
    ] {
        let page = login(address);
        assert!(page.contains(&format!("Nom {theme}")), "{address}: {page}");
    }
}

#[test]
fn a_theme_that_is_broken_at_the_start_gives_way_to_its_parent() {
    let folder = demo_folder();
    fs::write(
        folder.path().join("themes/rosa-bonheur/theme.toml"),
        "colours = 1\n",
    )
    .unwrap();
    let (server, port) = Server::serve(&folder.path().join("server.toml"));
    server.err.until_said("theme_broken");
    let page = Browser::default().get(port, "/cas/t/rosa-bonheur/login");
    assert_eq!(page.status, 200);
    assert!(page.body.contains("Lycée Rosa-Bonheur") && !page.body.contains("Identifiant du lycée"));
    let config = folder.path().join("server.toml").display().to_string();
    let doctor = mereau(&["doctor", "--config", &config], "");
    let said = text(&doctor.stdout);
    assert!(said.contains("WARN  theme rosa-bonheur: "), "{said}");
}

#[test]
fn a_draft_language_is_for_realms_that_list_it_and_announcements_are_shown_in_their_time() {
    let folder = demo_folder();
    let banner =
        "[banner]\ntext = { fr = \"Travaux\", ar = \"أعمال صيانة\" }\nuntil = \"2999-12-31 18:00\"\n";
    let realm = folder.path().join("realms/haut-marais.toml");
    let text = fs::read_to_string(&realm).unwrap();
    let zone = "time_zone = \"America/Martinique\"";
    fs::write(&realm, format!("{zone}\n{text}\n{banner}")).unwrap();
    let realm = folder.path().join("realms/valmore.toml");
    let text = fs::read_to_string(&realm).unwrap();
    fs::write(&realm, format!("{text}\n{}", banner.replace("2999", "1999"))).unwrap();
    let (_server, port) = Server::serve(&folder.path().join("server.toml"));
    let page = |address: &str| Browser::default().get(port, address).body;

    let arabic = page("/cas/t/jean-zay/login?lang=ar");
    assert!(arabic.contains("<html lang=\"ar\" dir=\"rtl\">") && arabic.contains("أعمال صيانة"));
    assert!(arabic.contains("31 ديسمبر 2999") && arabic.contains("18:00 (بتوقيت مارتينيك)"));
    assert!(arabic.contains("lang=\"fr\" hreflang=\"fr\">Français</a>"));
    let other = page("/cas/t/valmore/login?lang=ar");
    assert!(other.contains("<html lang=\"fr\" dir=\"ltr\">") && !other.contains("العربية"));
    assert!(!other.contains("Travaux"), "its time is over");

    let statement = page("/cas/t/valmore/accessibility");
    assert!(
        statement.contains("Défenseur des droits") && statement.contains("assistance@univ-valmore.example")
    );
    assert!(other.contains("href=\"/cas/t/valmore/accessibility\">Accessibilité\u{202f}: non conforme</a>"));
    assert_eq!(Browser::default().get(port, "/cas/accessibility").status, 404);
}
