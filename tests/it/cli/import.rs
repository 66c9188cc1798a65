//! `mereau institutions import`.

use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::process::{Server, change, copy, mereau, repository, text};
use super::web::Browser;
use crate::invent::schools::France;
use crate::invent::{ministry, services};

const HEADINGS: &str = "numero_uai;appellation_officielle;denomination_principale;patronyme_uai;secteur;\
    adresse;code_postal;localite_acheminement;libelle_commune;latitude;longitude;nature_uai;\
    libelle_nature;etat_etablissement;code_departement;academie\n";

const GOOD: &str = "0990001A;\"Collège \"\"Les Tilleuls\"\"; annexe\";COLLEGE;LES TILLEULS;Public;1 rue X;\
    75005;PARIS;Paris;48,85;2.35;340;COLLEGE;1;075;Paris\n\
    0990002B;Lycée de l’Étang;LYCEE;DE L'ETANG;Public;;29200;BREST;Brest;;;302;LYCEE;2;029;Rennes\n";

const BAD: &str = "nothing;École;;;;;;;;;;;;;;\n\"0990003C;never closed\n";

/// The shipped configuration, which has one realm.
fn folder() -> TempDir {
    let folder = TempDir::new().unwrap();
    copy(&repository().join("conf"), folder.path());
    folder
}

fn import(folder: &Path, content: &[u8], more: &[&str]) -> std::process::Output {
    let file = folder.join("open-data.csv");
    fs::write(&file, content).unwrap();
    let config = config(folder);
    let mut arguments = vec!["institutions", "import", file.to_str().unwrap()];
    arguments.extend(["--config", config.to_str().unwrap()]);
    arguments.extend(more);
    mereau(&arguments, "")
}

fn config(folder: &Path) -> PathBuf {
    folder.join("server.toml")
}

#[test]
fn the_ministrys_file_becomes_institutions_that_the_server_accepts() {
    let folder = folder();
    let told = import(folder.path(), format!("{HEADINGS}{GOOD}").as_bytes(), &[]);
    assert!(told.status.success(), "{}", text(&told.stderr));
    assert!(text(&told.stdout).starts_with("2 institutions in "));
    let checked = mereau(
        &["check", "--config", config(folder.path()).to_str().unwrap()],
        "",
    );
    assert_eq!(
        text(&checked.stdout),
        "good: 1 realm, 2 institutions, 1 service\n"
    );
    let written = fs::read_to_string(folder.path().join("institutions.csv")).unwrap();
    assert!(
        written.contains("\"Collège \"\"Les Tilleuls\"\"; annexe\""),
        "{written}"
    );
}

#[test]
fn what_the_generator_makes_is_imported_whole_and_served() {
    const COUNT: usize = 2_500;
    let folder = folder();
    let france = France::invent(11, COUNT);
    let mut open_data = Vec::new();
    ministry::write(&france, &mut open_data, |_| {}).unwrap();
    let told = import(folder.path(), &open_data, &[]);
    assert!(told.status.success(), "{}", text(&told.stderr));
    assert_eq!(text(&told.stderr), "");
    let said = text(&told.stdout);
    assert!(said.starts_with(&format!("{COUNT} institutions in ")), "{said}");

    // The applications of the generator are registered for the realms that its people are in.
    fs::remove_file(folder.path().join("services/example.toml")).unwrap();
    let realm = fs::read_to_string(folder.path().join("realms/example.toml")).unwrap();
    for name in services::REALMS {
        let realm = realm.replace("univ-valmore", name);
        fs::write(folder.path().join(format!("realms/{name}.toml")), realm).unwrap();
    }
    for (name, service) in services::files(40) {
        fs::write(folder.path().join(format!("services/{name}.toml")), service).unwrap();
    }
    let path = config(folder.path());
    let checked = mereau(&["check", "--config", path.to_str().unwrap()], "");
    // A realm that has no institution has one of its own.
    let all = COUNT + services::REALMS.len();
    assert_eq!(
        text(&checked.stdout),
        format!("good: 3 realms, {all} institutions, 40 services\n"),
        "{}",
        text(&checked.stderr)
    );

    change(&path, "127.0.0.1:8080", "127.0.0.1:0");
    let (_server, port) = Server::serve(&path);
    let tenants = Browser::default().get(port, "/cas/tenants?q=");
    assert_eq!(tenants.status, 200);
    for school in france.schools.iter().step_by(COUNT / 20) {
        let found = Browser::default().get(port, &format!("/cas/tenants?q={}", school.uai));
        assert!(found.body.contains("\"total\":1,"), "{}", found.body);
        let id = school.uai.to_string().to_lowercase();
        assert!(found.body.contains(&format!("\"{id}\"")), "{}", found.body);
        let page = Browser::default().get(port, &format!("/cas/t/{id}/login"));
        assert_eq!(page.status, 200);
        let escaped = school.name.replace('\'', "&#39;");
        assert!(
            page.body.contains(&escaped) || page.body.contains(&school.name),
            "{}",
            page.body
        );
    }
}

#[test]
fn signs_and_separators_of_other_offices_are_read_alike() {
    let commas =
        "\u{feff}numero_uai,appellation_officielle,libelle_commune\r\n0990001A,Collège,\"Brest, centre\"\r\n";
    let latin = b"numero_uai;appellation_officielle;libelle_commune\n0990001A;Coll\xe8ge;Brest, centre\n";
    let written = [commas.as_bytes(), latin].map(|content| {
        let folder = folder();
        let told = import(folder.path(), content, &["--into", "-", "--realm", "ent"]);
        assert!(told.status.success(), "{}", text(&told.stderr));
        text(&told.stdout)
    });
    assert_eq!(written[0], written[1]);
    assert!(written[0].contains("0990001a;ent;Collège;"), "{}", written[0]);
}

#[test]
fn an_unreadable_line_is_told_by_its_number_and_skipped_only_on_request() {
    let folder = folder();
    let content = format!("{HEADINGS}{BAD}{GOOD}");
    let told = import(folder.path(), content.as_bytes(), &[]);
    assert_eq!(told.status.code(), Some(1));
    let error = text(&told.stderr);
    for part in [
        "open-data.csv:2: numero_uai: “nothing” is not a UAI code",
        "open-data.csv:3: a quote is opened and not closed",
        "2 lines cannot be read",
        "nothing was written",
    ] {
        assert!(error.contains(part), "{part} is not in {error}");
    }
    assert!(!folder.path().join("institutions.csv").exists());

    let told = import(folder.path(), content.as_bytes(), &["--skip-unreadable"]);
    assert!(told.status.success());
    assert!(text(&told.stderr).contains("2 lines cannot be read"));
    assert!(text(&told.stdout).ends_with(", 2 lines left out\n"));
}

#[test]
fn a_file_that_is_there_is_replaced_only_on_request() {
    let folder = folder();
    let into = folder.path().join("institutions.csv");
    fs::write(&into, "mine").unwrap();
    let content = format!("{HEADINGS}{GOOD}");
    let told = import(folder.path(), content.as_bytes(), &[]);
    assert_eq!(told.status.code(), Some(1));
    assert!(text(&told.stderr).contains("--replace"));
    assert_eq!(fs::read_to_string(&into).unwrap(), "mine");
    let told = import(folder.path(), content.as_bytes(), &["--replace"]);
    assert!(told.status.success());
    assert_eq!(fs::read_to_string(&into).unwrap().lines().count(), 3);
}

#[test]
fn a_file_of_something_else_says_which_column_it_lacks() {
    let folder = folder();
    for (content, part) in [
        ("nom;ville\nA;B\n", "numero_uai: there is no column of this name"),
        ("", "the first line has no headings"),
    ] {
        let told = import(folder.path(), content.as_bytes(), &[]);
        assert_eq!(told.status.code(), Some(1));
        assert!(text(&told.stderr).contains(part), "{}", text(&told.stderr));
    }
    let told = import(folder.path(), b"", &["--realm", "A B"]);
    assert!(text(&told.stderr).contains("is not the name of a realm"));
}
