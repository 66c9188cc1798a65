//! `[password]` of a realm: what is usual, what is not recommended, what is refused.

use mereau::passwords::policy::{Class, PolicySettings, Strength};

use super::files::Folder;

/// A good folder whose realm has these lines in `[password]`.
fn with(lines: &str) -> Folder {
    let folder = Folder::good();
    folder.change(
        "realms/univ.toml",
        "[contact]",
        &format!("[password]\n{lines}\n[contact]"),
    );
    folder
}

#[test]
fn twelve_characters_a_good_strength_and_nothing_else_are_usual() {
    // SEC-72
    let loaded = Folder::good().loaded();
    let password = &loaded.settings.realms[0].password;
    assert_eq!(password.policy, PolicySettings::default());
    assert_eq!((password.policy.least, password.policy.most), (12, 128));
    assert!(password.policy.classes.is_empty() && password.policy.max_age_days.is_none());
    assert_eq!(password.breached_file, None);
}

#[test]
fn composition_and_expiry_are_possible_and_flagged() {
    // SEC-72
    let folder = with(
        "least = 8\nstrength = 2\nrequire = [\"upper\", \"digit\"]\nconfirm = true\nwords = [\"estran\"]\nmax_age_days = 90",
    );
    let loaded = folder.loaded();
    let policy = &loaded.settings.realms[0].password.policy;
    assert_eq!(policy.classes, [Class::Upper, Class::Digit]);
    assert_eq!(policy.max_age_days, Some(90));
    assert_eq!(
        (policy.least, policy.strength, policy.confirm),
        (8, Strength::Fair, true)
    );
    let flagged = loaded.warnings.iter();
    let flagged = flagged.filter(|warning| warning.wrong.starts_with("not recommended (non recommandé)"));
    let flagged: Vec<&str> = flagged.map(|warning| warning.key.as_str()).collect();
    assert_eq!(flagged, ["password.require", "password.max_age_days"]);
}

#[test]
fn fewer_than_eight_characters_are_refused_and_so_is_what_cannot_be() {
    // SEC-72, SEC-75
    for (lines, key, wrong) in [
        (
            "least = 7",
            "password.least",
            "no password here is shorter than 8",
        ),
        (
            "least = 80\nmost = 70",
            "password.least",
            "no password could be this long",
        ),
        ("most = 129", "password.most", "at most 128 characters"),
        ("strength = 5", "password.strength", "this is not a strength"),
        ("max_age_days = 0", "password.max_age_days", "lives no day"),
        (
            "require = [\"vowel\"]",
            "password.require",
            "this word is not known here",
        ),
    ] {
        let problems = with(lines).problems();
        assert!(
            problems.contains(key) && problems.contains(wrong),
            "{lines}: {problems}"
        );
    }
}

#[test]
fn what_is_known_of_people_is_read_wherever_their_passwords_are_written() {
    // SEC-72
    use mereau::config::DirectorySettings;
    let wanted = |folder: &Folder| {
        let loaded = folder.loaded();
        match &loaded.settings.realms[0].directory {
            DirectorySettings::Ldap(settings) => {
                (settings.mapping.wanted(), settings.mapping.attributes.clone())
            }
            DirectorySettings::Ldif { mapping, .. } => (mapping.wanted(), mapping.attributes.clone()),
        }
    };
    let folder = Folder::good();
    let (read_only, _) = wanted(&folder);
    assert!(
        !read_only.contains(&"schacDateOfBirth".to_owned()),
        "nothing is judged there"
    );
    folder.write("people.ldif", "");
    folder.change("realms/univ.toml", "kind = \"ldap\"\nurls = [\"ldaps://ldap.univ-valmore.example\"]\nbase_dns = [\"ou=people,dc=univ-valmore,dc=example\"]", "kind = \"ldif\"\nfile = \"../people.ldif\"\nwritable = true");
    let (read, for_services) = wanted(&folder);
    for name in [
        "supannAliasLogin",
        "givenName",
        "supannMailPerso",
        "schacDateOfBirth",
        "ENTPersonDateNaissance",
    ] {
        assert!(read.contains(&name.to_owned()), "{name} in {read:?}");
    }
    assert!(!for_services.contains(&"schacDateOfBirth".to_owned()));
}
