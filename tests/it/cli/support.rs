//! Whom to ask: on the pages and in the letters of a server that runs, before and after a change of its
//! files.

use std::path::Path;

use super::process::{Server, change, demo_folder};
use super::web::{Browser, form};

/// Asks for a link; the page that says to look, and the letter.
fn asks(server: &Server, port: u16, folder: &Path, who: &str) -> (String, String) {
    let mut browser = Browser::default();
    let page = browser.get(port, "/cas/t/rosa-bonheur/recover");
    let (action, mut fields) = form(&page.body);
    fields.push(("identifier".into(), who.into()));
    let sent = browser.post(port, &action, &fields);
    assert_eq!(sent.status, 303, "{}", sent.body);
    let waits = browser.get(port, &sent.location.unwrap());
    let before = server.err.so_far().matches("a letter is away").count();
    let seen = |folder: &Path| -> Option<String> {
        let files = std::fs::read_dir(folder).ok()?.flatten();
        let letters = files.filter_map(|file| std::fs::read_to_string(file.path()).ok());
        letters
            .into_iter()
            .find(|letter| letter.contains(&format!("To: {who}@")))
    };
    let letter = seen(folder).unwrap_or_else(|| {
        server.err.until("a letter", |log| {
            (log.matches("a letter is away").count() > before).then_some(())?;
            seen(folder)
        })
    });
    (page.body + &waits.body, letter)
}

#[test]
fn a_changed_contact_is_on_pages_and_in_letters_without_a_restart() {
    // S1-23, F-24
    let folder = demo_folder();
    let (config, realm) = (
        folder.path().join("server.toml"),
        folder.path().join("realms/rosa-bonheur.toml"),
    );
    let letters = folder.path().join("letters");
    change(
        &config,
        "[pages]",
        &format!("[mail]\nurl = \"folder:{}\"\n\n[pages]", letters.display()),
    );
    change(&realm, "[contact]", "[captcha]\nmode = \"off\"\n\n[contact]");
    change(
        &realm,
        "mail = \"secretariat@lycee-rosa-bonheur.example\"",
        "mail = \"avant@lycee.example\"\nurl = \"https://avant.lycee.example/\"",
    );
    let (mut server, port) = Server::serve(&config);
    let (page, letter) = asks(&server, port, &letters, "nina.faure");
    for said in [&page, &letter] {
        assert!(
            said.contains("avant@lycee.example") && said.contains("https://avant.lycee.example/"),
            "{said}"
        );
    }
    change(&realm, "avant", "apres");
    server.signal("HUP");
    server.err.until_said("config_reloaded");
    let (page, letter) = asks(&server, port, &letters, "marc.faure");
    for said in [&page, &letter] {
        assert!(
            said.contains("apres@lycee.example") && said.contains("https://apres.lycee.example/"),
            "{said}"
        );
        assert!(!said.contains("avant"), "{said}");
    }
    server.signal("TERM");
    assert_eq!(server.wait().code(), Some(0));
}
