//! Who writes letters: of a realm, of an institution.

use mereau::base::names::Locale;

use super::files::Folder;

const REALM: &str = "[recovery]\naddresses = [{ attribute = \"supannMailPerso\", trust = \"validated\" }]\n\
    [recovery.sender]\naddress = \"ne-pas-repondre@univ.example\"\n";

/// A good folder whose realm writes letters, with more about who does; and an institution that has `own`.
fn with(sender: &str, own: &str) -> Folder {
    let folder = Folder::good();
    folder.change(
        "realms/univ.toml",
        "[contact]",
        &format!("{REALM}{sender}\n[contact]"),
    );
    let mut institutions = std::fs::read_to_string(folder.path("institutions.toml")).unwrap();
    institutions.push_str(&format!(
        "\n[[institution]]\nid = \"iut\"\nrealm = \"univ\"\nname = \"IUT\"\n{own}\n"
    ));
    folder.write("institutions.toml", institutions);
    folder
}

#[test]
fn a_realm_and_an_institution_say_line_by_line_who_writes() {
    // S3-13
    let folder = with(
        "name = { fr = \"Support informatique {institution}\" }\nsubject = { fr = \"Réinitialisation de son mot de passe\", en = \"Password reset\" }",
        "[institution.sender]\naddress = \"iut@univ.example\"\nsignature = \"L’IUT\"\n[institution.contact]\nmail = \"aide@iut.example\"",
    );
    let loaded = folder.loaded();
    let realm = &loaded.settings.realms[0];
    let head = &realm.recovery.as_ref().unwrap().sender.letterhead;
    let in_english = |texts: &Option<mereau::base::texts::Texts>| {
        let texts = texts.as_ref()?;
        texts.get(&Locale::new("en").unwrap()).map(str::to_owned)
    };
    assert_eq!(in_english(&head.subject).as_deref(), Some("Password reset"));
    let institutions = &loaded.settings.institutions;
    let iut = institutions.named("iut").unwrap();
    let both = iut.letterhead().unwrap().or(head);
    assert_eq!(both.address.as_ref().unwrap().as_stored(), "iut@univ.example");
    assert_eq!(
        in_english(&both.name).as_deref(),
        Some("Support informatique {institution}")
    );
    assert_eq!(in_english(&both.signature).as_deref(), Some("L’IUT"));
    assert_eq!(
        iut.contact(&realm.realm).mail.as_deref(),
        Some("aide@iut.example"),
        "a contact needs no name"
    );
}

#[test]
fn a_line_that_could_end_a_header_is_refused() {
    // SEC-39
    for sender in [
        "name = { fr = \"Support\\r\\nBcc: espion@evil.example\" }",
        "subject = { fr = \"Bonjour\\u2028\" }",
        "brand = { fr = \" \" }",
        "signature = { fr = \"deux\\nlignes\" }",
    ] {
        let told = with(sender, "").problems();
        assert!(
            told.contains("this text is empty, or more than one line"),
            "{sender}: {told}"
        );
    }
    let told = with("", "[institution.sender]\naddress = \"a@b.example, c@d.example\"").problems();
    assert!(told.contains("this is not an e-mail address"), "{told}");
}
