//! `proxy_callback_ca` of a service.

use super::files::Folder;
use crate::certificates::Authority;

fn with(lines: &str) -> Folder {
    let folder = Folder::good();
    let text = format!("{}{lines}\n", super::files::SERVICE);
    folder.write("services/moodle.toml", text);
    folder
}

const PROXIES: &str = "proxy_callbacks = [\"https://moodle.univ-valmore.example/pgt\"]\n";

#[test]
fn its_path_begins_at_the_definition() {
    // CAS-162
    let folder = with(&format!("{PROXIES}proxy_callback_ca = \"../tls/portail.pem\""));
    folder.write("tls/portail.pem", Authority::new().pem());
    let loaded = folder.loaded();
    let named: Vec<(&str, String)> = loaded
        .settings
        .callback_roots
        .iter()
        .map(|(id, path)| (id.as_str(), folder.local(&path.display().to_string())))
        .collect();
    assert_eq!(named, [("moodle", "services/../tls/portail.pem".to_owned())]);
    let mut warnings = loaded.warnings.iter();
    assert!(!warnings.any(|warning| warning.key.contains("proxy_callback")));
}

#[test]
fn a_file_that_is_none_is_told_with_file_and_line() {
    // CAS-162
    let line = format!("{PROXIES}proxy_callback_ca = \"portail.pem\"");
    let absent = with(&line).problems();
    assert!(absent.contains("services/moodle.toml:5:"), "{absent}");
    assert!(
        absent.contains("this file is of no use") && absent.contains("PEM"),
        "{absent}"
    );
    let folder = with(&line);
    folder.write("services/portail.pem", "no certificate\n");
    let empty = folder.problems();
    assert!(empty.contains("holds no certificate"), "{empty}");
    let idle = with("proxy_callback_ca = \"../tls/portail.pem\"");
    idle.write("tls/portail.pem", Authority::new().pem());
    let loaded = idle.loaded();
    assert!(
        loaded
            .warnings
            .iter()
            .any(|warning| warning.wrong.contains("it may not proxy"))
    );
}
