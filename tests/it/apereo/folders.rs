//! Whole folders: imported by the command, read by the server as they are, five thousand files of
//! them.

use std::fs;
use std::path::Path;
use std::process::Output;

use mereau::services::Registry;

use super::people::{answer, known_realm};
use super::{fixtures, import, now, registry};
use crate::cli::process::{Server, demo_folder, mereau, mode, text};
use crate::config::files::{Folder, REALM};

/// A good configuration without a service of its own.
fn configuration() -> Folder {
    let folder = Folder::good();
    folder.remove("services/moodle.toml");
    let read = known_realm().attributes;
    folder.write(
        "realms/univ.toml",
        format!("{REALM}\n[people]\nattributes = {read:?}\n"),
    );
    folder
}

fn import_into(folder: &Folder, from: &Path, more: &[&str]) -> Output {
    let config = folder.path("server.toml");
    let mut arguments = vec!["services", "import", from.to_str().unwrap()];
    arguments.extend(["--config", config.to_str().unwrap()]);
    arguments.extend(more);
    mereau(&arguments, "")
}

/// Every question of the oracle, as two registries answer it.
fn assert_alike(one: &Registry, other: &Registry) {
    let oracle = fs::read_to_string(fixtures().join("oracle.tsv")).unwrap();
    for line in oracle.lines() {
        let cells: Vec<&str> = line.split('\t').collect();
        let of = |registry: &Registry| answer(registry, cells[1], cells[2], now());
        assert_eq!(of(one), of(other), "{line}");
    }
}

#[test]
fn what_is_written_is_read_again_as_what_it_was() {
    // CAS-254
    let folder = configuration();
    let report = folder.path("report.txt");
    let corpus = fixtures().join("corpus");
    let told = import_into(&folder, &corpus, &["--report", report.to_str().unwrap()]);
    // Something was left out, which the exit code says.
    assert_eq!(told.status.code(), Some(1), "{}", text(&told.stderr));
    assert!(
        text(&told.stdout).starts_with("200 files in "),
        "{}",
        text(&told.stdout)
    );
    let report = fs::read_to_string(report).unwrap();
    for heading in [
        "files that cannot be read (1):",
        "imported closed (",
        "by field: ",
        "cassee-2023.json:3: ",
    ] {
        assert!(report.contains(heading), "{heading}\n{report}");
    }
    let written = folder.loaded().settings.services;
    let imported = import(&corpus);
    assert_eq!(written.all().len(), imported.services.len());
    assert_alike(&written, &registry(&imported));
    let salt = folder.path("services/anonyme-2024.salt");
    assert_eq!(mode(&salt), 0o600);
    assert!(
        !fs::read_to_string(folder.path("services/anonyme-2024.toml"))
            .unwrap()
            .contains("guerande")
    );
}

#[test]
fn nothing_is_written_over_without_being_told_to() {
    let folder = configuration();
    let corpus = fixtures().join("corpus");
    import_into(&folder, &corpus, &[]);
    let file = folder.path("services/ent-1001.toml");
    fs::write(&file, "mine").unwrap();
    fs::remove_file(folder.path("services/glpi-1003.toml")).unwrap();
    let refused = import_into(&folder, &corpus, &[]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(
        text(&refused.stderr).contains("--force"),
        "{}",
        text(&refused.stderr)
    );
    assert_eq!(fs::read_to_string(&file).unwrap(), "mine");
    assert!(!folder.path("services/glpi-1003.toml").exists());
    import_into(&folder, &corpus, &["--force"]);
    assert!(
        fs::read_to_string(&file)
            .unwrap()
            .contains("http(s)://ent.univ-x.fr/**")
    );
    let empty = tempfile::TempDir::new().unwrap();
    let told = import_into(&folder, empty.path(), &["--force"]);
    assert!(
        text(&told.stderr).contains("there is no definition"),
        "{}",
        text(&told.stderr)
    );
}

#[test]
fn the_server_reads_such_a_folder_as_it_is() {
    // CAS-249
    let folder = configuration();
    fs::create_dir(folder.path("apereo")).unwrap();
    for entry in fs::read_dir(fixtures().join("corpus")).unwrap() {
        let path = entry.unwrap().path();
        if !path.ends_with("cassee-2023.json") {
            fs::copy(&path, folder.path("apereo").join(path.file_name().unwrap())).unwrap();
        }
    }
    folder.change(
        "server.toml",
        "[keys]",
        "[services]\napereo = \"apereo\"\n\n[keys]",
    );
    let loaded = folder.loaded();
    let read = &loaded.settings.services;
    let imported = import(&folder.path("apereo"));
    assert_alike(read, &registry(&imported));
    let warnings: Vec<String> = loaded
        .warnings
        .iter()
        .map(|warning| folder.local(&warning.to_string()))
        .collect();
    for told in [
        "apereo/groovyacces-2001.json:1:1: accessStrategy: this service is closed: ",
        "apereo/oidc-2018.json:1:1: @class: left out: a definition for OpenID Connect",
        "apereo/charte-2047.json:1:1: champInconnu: not carried: ",
    ] {
        assert!(
            warnings.iter().any(|warning| warning.starts_with(told)),
            "{told}\n{}",
            warnings.join("\n")
        );
    }
    assert!(!warnings.iter().any(|warning| warning.contains("guerande")));
    let checked = mereau(
        &["check", "--config", folder.path("server.toml").to_str().unwrap()],
        "",
    );
    assert!(
        text(&checked.stderr).contains("champInconnu"),
        "{}",
        text(&checked.stderr)
    );
}

#[test]
fn a_file_that_cannot_be_read_is_a_problem_with_its_line() {
    // CAS-256
    let folder = configuration();
    folder.write(
        "apereo/x-1.json",
        "{\n  \"@class\": \"org.apereo.cas.services.CasRegisteredService\",\n  \"serviceId\": \"a\\.b\"\n}\n",
    );
    folder.change(
        "server.toml",
        "[keys]",
        "[services]\napereo = \"apereo\"\n\n[keys]",
    );
    let problems = folder.problems();
    assert!(
        problems.starts_with("apereo/x-1.json:3:3: “\\.” means nothing in a text"),
        "{problems}"
    );
    folder.change("server.toml", "\"apereo\"", "\"nowhere\"");
    let problems = folder.problems();
    assert!(
        problems.contains("server.toml:6:10: services.apereo: "),
        "{problems}"
    );
}

#[test]
fn a_reload_with_a_broken_definition_keeps_what_was() {
    // CAS-256, F-24
    let folder = demo_folder();
    let apereo = folder.path().join("apereo");
    fs::create_dir(&apereo).unwrap();
    let definition = |host: &str| {
        format!(
            "{{\"@class\": \"org.apereo.cas.services.CasRegisteredService\", \"serviceId\": \"^https://{host}\\\\.univ-x\\\\.fr/.*\", \"name\": \"x\", \"id\": 1}}"
        )
    };
    let file = apereo.join("x-1.json");
    fs::write(&file, definition("avant")).unwrap();
    let config = folder.path().join("server.toml");
    let server_file = fs::read_to_string(&config).unwrap();
    fs::write(
        &config,
        format!("{server_file}\n[services]\napereo = \"apereo\"\n"),
    )
    .unwrap();
    let (mut server, port) = Server::serve(&config);
    let known = |host: &str| {
        let page = crate::cli::web::Browser::default()
            .get(port, &format!("/cas/login?service=https://{host}.univ-x.fr/"));
        page.status == 200
    };
    assert!(known("avant") && !known("apres"));
    fs::write(&file, "{ \"@class\": ").unwrap();
    server.signal("HUP");
    server.err.until_said("config_reload_failed");
    assert!(
        server.err.so_far().contains("x-1.json:1"),
        "{}",
        server.err.so_far()
    );
    assert!(known("avant") && !known("apres"), "the old registry stays");
    fs::write(&file, definition("apres")).unwrap();
    server.signal("HUP");
    server.err.until_said("config_reloaded");
    assert!(known("apres") && !known("avant"));
    server.signal("TERM");
    server.wait();
}

#[test]
fn five_thousand_definitions_are_imported() {
    // How long that takes (CAS-255) is measured elsewhere: see Figures in README.md.
    let from = tempfile::TempDir::new().unwrap();
    let corpus = fixtures().join("corpus");
    let files = fs::read_dir(&corpus).unwrap().map(|entry| entry.unwrap().path());
    let models = files.filter_map(|path| {
        let (_, number) = path.file_stem()?.to_str()?.rsplit_once('-')?;
        // Those that are put together of shapes, which have their hosts for themselves.
        let usual = number.starts_with('1');
        usual.then(|| {
            (
                path.extension().unwrap().to_owned(),
                number.to_owned(),
                fs::read_to_string(&path).unwrap(),
            )
        })
    });
    let mut models: Vec<_> = models.collect();
    models.sort();
    for n in 0..5000 {
        let (ending, number, model) = &models[n % models.len()];
        let text = model
            .replace("univ-x", &format!("univ-{n}"))
            .replace("UNIV-X", &format!("UNIV-{n}"))
            .replace(number, &format!("{}", 100_000 + n));
        let name = format!("s-{n}.{}", ending.display());
        fs::write(from.path().join(name), text).unwrap();
    }
    let imported = import(from.path());
    assert_eq!(imported.files, 5000);
    assert_eq!(imported.services.len(), 5000);
    assert_eq!(registry(&imported).all().len(), imported.services.len());
}
